"""The state of a run: what bound, gap, target, clock and callback mean, whatever stages do with them."""

import math
from dataclasses import replace

import numpy as np
import pytest

from planner.options import SolveOptions
from planner.solve import settings
from planner.solve import state as state_module
from planner.solve.arrays import INFINITY
from planner.solve.state import State
from planner.status import Status
from tests.solve.tiny import arrays_of, begin, mip_with, offers, three_sites


@pytest.fixture
def state() -> State:
    """A run at its beginning."""
    return begin(offers(0).mip, gap=0.01)


def test_at_the_beginning_nothing_is_known(state):
    """Law: no plan, no bound, no gap, no facts, nothing spent."""
    assert state.incumbent is None
    assert (state.objective, state.bound) == (INFINITY, -INFINITY)
    assert not state.gap_reached
    assert not state.gap_reached_but_for_rounding
    assert state.facts() == frozenset()
    assert state.objective_target == -INFINITY
    assert (state.cuts, state.rounds, state.solver_seconds, state.notes) == (0, 0, 0.0, [])


@pytest.mark.parametrize("seed", range(20))
def test_the_bound_never_falls_and_never_passes_the_objective(state, seed):
    """Law: after any bounds in any order the bound is the highest of them, but no higher than the plan's cost then."""
    rng = np.random.default_rng(seed)
    state.objective = float(rng.uniform(0.0, 5.0))
    before = state.bound
    for bound in [*rng.uniform(-10.0, 10.0, 8), -INFINITY]:
        state.raise_bound(float(bound))
        assert before <= state.bound <= state.objective
        assert state.bound >= min(float(bound), state.objective)
        before = state.bound


@pytest.mark.parametrize(("flows", "below", "reached"), [(5.0, 2e-9, True), (5.0, 2e-8, False), (0.0, 2e-9, False)])
def test_parts_that_cancel_are_rounded_as_themselves(flows, below, reached):
    """Law: a bound below a cost of zero counts as equal up to a billionth of what is paid and earned, not beyond."""
    arrays = arrays_of([1.0, -1.0], [[1.0, -1.0]], [0.0], [0.0], upper=9.0)
    state = begin(mip_with(arrays), gap=0.0)
    state.incumbent, state.objective, state.bound = np.full(2, flows / 2.0), 0.0, -below
    assert state.gap_reached is reached
    assert (state.answer(Status.TIME_LIMIT).status is Status.OPTIMAL) is reached


@pytest.mark.parametrize("gap", [0.0, 1e-4, 0.005, 0.3])
@pytest.mark.parametrize("bound", [-70.0, -0.5, 0.0, 1e-6, 3.0, 812.5])
def test_the_target_is_where_the_gap_is_reached(gap, bound):
    """Law: a plan that costs the target reaches the gap; one that costs a little more than rounding does not."""
    state = begin(offers(0).mip, gap=gap)
    state.incumbent = np.zeros(state.mip.arrays.column_count)
    state.bound = bound
    state.objective = target = state.objective_target
    assert state.gap_reached
    assert state.gap_reached_but_for_rounding
    state.objective = target + 1e-4 * max(1.0, abs(target))
    assert not state.gap_reached
    assert not state.gap_reached_but_for_rounding


def test_rounding_is_forgiven_in_one_of_the_two_gaps_only():
    """Law: a gap missed by a tenth of what rounding may leave is reached but for rounding, not quite reached."""
    state = begin(offers(0).mip)
    state.incumbent, state.objective = np.zeros(1), 100.0
    state.bound = 100.0 * (1.0 - settings.ROUNDING / 10.0)
    assert not state.gap_reached
    assert state.gap_reached_but_for_rounding


def test_without_a_plan_no_gap_is_reached(state):
    """Law: a bound alone proves nothing, however high."""
    state.bound = INFINITY
    assert not state.gap_reached


def test_facts_are_what_is_there(state):
    """Law: each fact follows from one field, and links from the program."""
    state.start = state.incumbent = np.zeros(1)
    assert state.facts() == {"start", "incumbent"}
    state.relaxation = state.guide = object()  # type: ignore[assignment]
    state.penalties = object()  # type: ignore[assignment]
    assert state.facts() == {"start", "incumbent", "relaxation", "guide", "penalties"}


def test_the_callback_hears_the_state_and_a_stop_is_kept():
    """Law: progress are those of the state; once the callback says stop, the run is interrupted for good."""
    heard, answers = [], iter([False, True, False, False])
    mip = offers(0).mip
    state = State.beginning(mip, SolveOptions(), lambda progress: bool(heard.append(progress)) or next(answers))
    state.stage, state.objective, state.bound = "kernel", 5.0, 4.0
    point = np.ones(3)
    assert not state.report(point)
    assert state.report()
    assert state.report()
    assert state.out_of_time
    assert [(progress.stage, progress.objective, progress.bound) for progress in heard] == [("kernel", 5.0, 4.0)] * 3
    assert heard[0].x is point
    assert heard[1].x is None
    assert heard[0].seconds <= heard[1].seconds


def test_the_clock_runs_from_the_beginning(monkeypatch):
    """Law: time left is the limit less the time since the beginning; without a limit it never ends."""
    now = [100.0]
    monkeypatch.setattr(state_module.time, "monotonic", lambda: now[0])
    mip = offers(0).mip
    limited = State.beginning(mip, SolveOptions(time_limit_s=30.0), lambda _progress: False)
    endless = begin(mip)
    limited.begun = endless.begun = now[0]
    now[0] = 120.0
    assert limited.seconds_left == pytest.approx(10.0)
    assert not limited.out_of_time
    now[0] = 130.0
    assert limited.out_of_time
    assert math.isinf(endless.seconds_left)


def test_a_note_is_kept_once(state):
    """Law: notes keep their order, none twice."""
    for text in ("a", "b", "a"):
        state.note(text)
    assert state.notes == ["a", "b"]
    assert state.answer(Status.TIME_LIMIT).notes == ("a", "b")


@pytest.mark.parametrize("status", [Status.TIME_LIMIT, Status.GAP_REACHED, Status.INTERRUPTED])
def test_a_plan_that_the_bound_proves_is_optimal(state, status):
    """Law: however a run ended, cost equal to the bound is optimal; else the answer has the status given."""
    state.incumbent, state.objective, state.bound = np.zeros(2), 7.0, 6.99
    assert state.answer(status).status == status
    state.bound = 7.0
    answer = state.answer(status)
    assert answer.status is Status.OPTIMAL
    assert (answer.x is state.incumbent, answer.objective, answer.bound) == (True, 7.0, 7.0)


def test_without_a_plan_an_answer_is_never_optimal(state):
    """Law: infinite cost and infinite bound are no proof."""
    state.bound = INFINITY
    assert state.answer(Status.TIME_LIMIT).status is Status.NO_PLAN
    assert state.answer(Status.INFEASIBLE).status is Status.INFEASIBLE
    assert state.cut_short().status is Status.NO_PLAN
    state.interrupted = True
    assert state.cut_short().status is Status.INTERRUPTED


def test_only_large_programs_begin_without_their_budget_rows(monkeypatch):
    """Law: the number of columns decides, and programs without a budget have nothing to hold back."""
    mip = three_sites()
    assert begin(mip).held_back is None
    monkeypatch.setattr(settings, "LARGE_COLUMNS", mip.arrays.column_count)
    assert begin(mip).held_back is not None
    monkeypatch.setattr(settings, "LARGE_COLUMNS", 0)
    assert begin(offers(0).mip).held_back is None


def test_the_seed_is_the_only_source_of_chance():
    """Law: equal seeds draw alike, other seeds do not."""
    mip = offers(0).mip

    def drawn(seed: int) -> list[int]:
        state = State.beginning(mip, SolveOptions(seed=seed), lambda _progress: False)
        return state.random.integers(0, 1000, 8).tolist()

    assert drawn(3) == drawn(3)
    assert drawn(3) != drawn(4)


@pytest.mark.parametrize(("gap", "integers", "tight"), [(0.001, 1, True), (0.001, 1000, False), (0.005, 1, False)])
def test_the_first_plan_for_a_tight_gap_is_sought_to_a_wider_one(gap, integers, tight, monkeypatch):
    """Law: without a plan a search for a tight gap stops at half a percent, all else at the gap asked for."""
    monkeypatch.setattr(settings, "SPELLED_OUT_INTEGERS", (integers, 4000))
    state = begin(offers(0).mip, gap=gap)
    state.bound = 100.0
    assert state.objective_target == 100.0 / (1.0 - gap)
    assert state.search_gap == (0.005 if tight else gap)
    assert state.search_target == 100.0 / (1.0 - state.search_gap)
    state.incumbent, state.objective = np.zeros(1), 101.0
    assert state.search_gap == gap


def test_a_close_plan_is_proven_at_once_for_a_tight_gap(monkeypatch):
    """Law: with a plan within half a percent, and not without one, or with a worse one, or where missing is priced."""
    monkeypatch.setattr(settings, "SPELLED_OUT_INTEGERS", (1, 4000))
    state = begin(offers(0).mip, gap=0.001)
    state.bound = 100.0
    assert not state.proves_at_once
    state.incumbent, state.objective = np.zeros(1), 100.4
    assert state.proves_at_once
    state.objective = 100.6
    assert not state.proves_at_once
    state.objective, state.mip = 100.4, replace(state.mip, elastic=True)
    assert not state.proves_at_once
