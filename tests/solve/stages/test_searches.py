"""The stages that look for plans: what each fixes, frees and hands to the solver, and when it stops."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from planner.options import SolveOptions
from planner.solve import settings
from planner.solve.arrays import INFINITY
from planner.solve.highs import SolverResult
from planner.solve.points import offer
from planner.solve.stages import guided_start, kernel, neighbourhood, sites, strategy
from planner.solve.state import State
from planner.solve.sub_mip import SubMip
from tests.solve.tiny import OFFERS, PERIODS, after, allocation, begin, mip_with, offers

INTEGERS = OFFERS + OFFERS * PERIODS
NOTHING = SolverResult("infeasible", None, INFINITY, INFINITY, 0.0)


def recorded(monkeypatch, module, answer=None) -> list[SubMip]:
    """The sub-MIPs that a stage makes; each is answered by nothing, or by what is given."""
    made: list[SubMip] = []

    def solve_sub_mip(state: State, sub: SubMip) -> SolverResult:
        made.append(sub)
        return NOTHING if answer is None else answer(state, sub)

    monkeypatch.setattr(module, "solve_sub_mip", solve_sub_mip)
    return made


def relaxed(seed: int, gap: float = 0.0) -> State:
    """A run whose relaxation is solved."""
    return after(offers(seed).mip, 1, gap)


def with_plan(seed: int, gap: float = 0.0) -> State:
    """A run with the plan that opens nothing, guided by the relaxation."""
    given = offers(seed)
    state = relaxed(seed, gap)
    state.guide = state.relaxation
    x = np.zeros(given.mip.arrays.column_count)
    x[INTEGERS:] = given.demand
    assert offer(state, x)
    return state


def free(sub: SubMip) -> np.ndarray:
    """Which integer variables a sub-MIP leaves free."""
    return sub.arrays.integer & (sub.arrays.lower < sub.arrays.upper)


# -- kernel -----------------------------------------------------------------------------------------------------------


def test_kernels_grow_until_one_has_a_plan(monkeypatch):
    """Law: each kernel leaves at least as much free as the one before; after a better plan there is no further one."""
    state = relaxed(0)
    made = recorded(monkeypatch, kernel)
    kernel.KERNEL.work(state, kernel.KERNEL.limits)
    assert len(made) == len(settings.KERNELS)
    rooms = [sub.arrays.upper - sub.arrays.lower for sub in made]
    assert all((wide >= narrow).all() for narrow, wide in pairwise(rooms))

    def better(state: State, _sub: SubMip) -> SolverResult:
        state.objective -= 1.0
        return NOTHING

    state.objective = 50.0
    made = recorded(monkeypatch, kernel, better)
    kernel.KERNEL.work(state, kernel.KERNEL.limits)
    assert len(made) == 1


def test_a_kernel_is_a_restriction(monkeypatch):
    """Law: limits are never wider than those of the program, and the relaxation's optimum is within reach of them."""
    for seed in range(5):
        state = relaxed(seed)
        arrays = state.mip.arrays
        made = recorded(monkeypatch, kernel)
        kernel.KERNEL.work(state, kernel.KERNEL.limits)
        for sub in made:
            assert (sub.arrays.lower >= arrays.lower).all()
            assert (sub.arrays.upper <= arrays.upper).all()
            x = state.relaxation.x
            assert (sub.arrays.lower <= np.ceil(x - 1e-9) + 1e-9).all()
            assert (sub.arrays.upper >= np.floor(x + 1e-9) - 1e-9).all()


def test_a_kernel_is_useful_without_a_plan_or_without_bounds_by_site():
    """Law: where sites are bounded one by one it is a second choice, for want of a plan."""
    state = relaxed(0)
    assert kernel.KERNEL.useful(state)
    state.penalties = object()  # type: ignore[assignment]
    assert kernel.KERNEL.useful(state)
    state.incumbent = np.zeros(1)
    assert not kernel.KERNEL.useful(state)
    state.penalties = None
    assert kernel.KERNEL.useful(state)


# -- strategy ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_a_strategy_has_whole_openings_and_a_bound_between_relaxation_and_optimum(seed):
    """Law: the guide's binaries are integer, the bound is no lower than that of the relaxation and still a bound."""
    given, state = offers(seed), relaxed(seed)
    before = state.bound
    strategy.STRATEGY.work(state, strategy.STRATEGY.limits)
    assert before <= state.bound <= given.optimum * (1.0 + 1e-9)
    assert state.incumbent is None
    if state.guide is not state.relaxation:
        openings = state.guide.x[:OFFERS]
        assert openings == pytest.approx(np.round(openings), abs=1e-6)


@pytest.mark.parametrize("which", ["no binaries", "only binaries"])
def test_a_strategy_that_says_nothing_new_is_not_solved(which, monkeypatch):
    """Law: without binaries it is the relaxation, with nothing else the full program: the relaxation is the guide."""
    state = relaxed(1)
    arrays = state.mip.arrays
    upper = np.full(arrays.column_count, 5.0 if which == "no binaries" else 1.0)
    state.mip = state.mip.with_arrays(arrays.with_bounds(arrays.lower, upper))
    made = recorded(monkeypatch, strategy)
    strategy.STRATEGY.work(state, strategy.STRATEGY.limits)
    assert made == []
    assert state.guide is state.relaxation


@pytest.mark.parametrize(("gap", "kept"), [(1e-4, True), (0.3, False)])
def test_a_poor_guide_is_worse_than_none(gap, kept, monkeypatch):
    """Law: a strategy that is not solved to a small gap, or has no point, is not followed."""
    state = relaxed(1)

    def answer(state: State, sub: SubMip) -> SolverResult:
        assert not sub.offers
        x = np.zeros(state.mip.arrays.column_count)
        return SolverResult("limit", x, 10.0, 10.0 * (1.0 - gap), 0.0)

    recorded(monkeypatch, strategy, answer)
    strategy.STRATEGY.work(state, strategy.STRATEGY.limits)
    assert (state.guide is not state.relaxation) == kept
    recorded(monkeypatch, strategy)
    strategy.STRATEGY.work(state, strategy.STRATEGY.limits)
    assert state.guide is state.relaxation


@pytest.mark.parametrize(("gap", "plan", "small", "useful"), [
    (0.0, True, True, False),
    (0.0, False, True, True),
    (0.01, True, True, True),
    (0.0, True, False, True),
])  # fmt: skip
def test_a_small_program_with_a_plan_goes_to_its_proof(gap, plan, small, useful, monkeypatch):
    """Law: only a plan, a small program and a small gap together make the search of no use."""
    monkeypatch.setattr(settings, "CAREFUL_COLUMNS", 3000 if small else 0)
    state = begin(offers(0).mip, gap)
    state.incumbent = np.zeros(1) if plan else None
    assert strategy.STRATEGY.useful(state) == useful


# -- guided start -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_period_by_period_gives_a_plan(seed):
    """Law: relax and fix ends in a plan that costs no less than the optimum, two periods decided at a time."""
    given, state = offers(seed), relaxed(seed)
    state.guide = state.relaxation
    guided_start.PERIOD_BY_PERIOD.work(state, guided_start.PERIOD_BY_PERIOD.limits)
    assert state.incumbent is not None
    assert given.optimum * (1.0 - 1e-6) <= state.objective
    assert state.mip.arrays.worst_violation(state.incumbent) <= settings.PLAN_TOLERANCE


def test_windows_move_on_and_what_is_decided_stays(monkeypatch):
    """Law: the first program has the first two periods integer; the next has them fixed and the others integer."""
    state = relaxed(2)
    state.guide = replace(state.relaxation, x=np.ones(state.mip.arrays.column_count))
    of_period = state.mip.period
    decided = np.where(of_period >= 0, 1.0, 0.0)

    def answer(_state: State, _sub: SubMip) -> SolverResult:
        return SolverResult("optimal", decided, 1.0, 1.0, 0.0)

    made = recorded(monkeypatch, guided_start, answer)
    guided_start.PERIOD_BY_PERIOD.work(state, guided_start.PERIOD_BY_PERIOD.limits)
    first, second = made[0], made[1]
    blocks = of_period >= 0
    assert (first.arrays.integer[blocks] == (of_period[blocks] < settings.WINDOW)).all()
    assert not first.offers
    early = blocks & (of_period < settings.WINDOW)
    assert (second.arrays.lower[early] == 1.0).all()
    assert (second.arrays.upper[early] == 1.0).all()
    assert second.arrays.integer[blocks].all()
    assert first.arrays.integer[:OFFERS].all()  # what belongs to no period is integer throughout


def test_a_window_that_cannot_be_completed_is_widened(monkeypatch):
    """Law: where the second window has no point, it is tried again with the first one free."""
    state = relaxed(2)
    state.guide = replace(state.relaxation, x=np.ones(state.mip.arrays.column_count))
    of_period, calls = state.mip.period, []

    def answer(state: State, sub: SubMip) -> SolverResult:
        calls.append(free(sub) & (of_period >= 0))
        point = np.zeros(state.mip.arrays.column_count)
        return NOTHING if len(calls) == 2 else SolverResult("optimal", point, 1.0, 1.0, 0.0)

    recorded(monkeypatch, guided_start, answer)
    guided_start.PERIOD_BY_PERIOD.work(state, guided_start.PERIOD_BY_PERIOD.limits)
    blocks = of_period >= 0
    assert set(of_period[calls[1]]) == {2}
    assert (calls[2] == blocks).all()


def test_without_any_plan_both_ways_are_tried(monkeypatch):
    """Law: first the offers that the guide uses, then all; each ends at the first window without a point."""
    state = relaxed(0)
    state.guide = replace(state.relaxation, x=np.zeros(state.mip.arrays.column_count))
    made = recorded(monkeypatch, guided_start)
    guided_start.PERIOD_BY_PERIOD.work(state, guided_start.PERIOD_BY_PERIOD.limits)
    narrow, wide = made
    assert (narrow.arrays.upper[state.mip.group >= 0] == 0.0).all()
    assert (wide.arrays.upper == state.mip.arrays.upper).all()


def test_a_program_of_one_period_is_not_taken_apart(monkeypatch):
    """Law: with one period, or none, relax and fix is the full program, and is left out."""
    given = offers(0)
    state = begin(mip_with(given.mip.arrays))
    state.guide = after(given.mip, 1).relaxation
    made = recorded(monkeypatch, guided_start)
    guided_start.PERIOD_BY_PERIOD.work(state, guided_start.PERIOD_BY_PERIOD.limits)
    assert made == []


def test_the_programs_around_the_guide(monkeypatch):
    """Law: the wider one contains the narrower one, both are restrictions, and only the first takes a MIP start."""
    state = relaxed(4)
    state.guide = state.relaxation
    made = recorded(monkeypatch, guided_start)
    for stage in (guided_start.AROUND_GUIDE, guided_start.WIDELY_AROUND_GUIDE):
        stage.work(state, stage.limits)
    narrow, wide = made
    assert (wide.arrays.lower <= narrow.arrays.lower).all()
    assert (wide.arrays.upper >= narrow.arrays.upper).all()
    assert (wide.arrays.upper <= state.mip.arrays.upper).all()
    assert (narrow.mip_start, wide.mip_start) == (True, False)
    assert not narrow.proves
    assert not wide.proves


# -- neighbourhood ----------------------------------------------------------------------------------------------------


def test_what_guide_and_plan_agree_on_is_fixed(monkeypatch):
    """Law: exactly the integers in which the two differ by half or more are free; all others are as in the plan."""
    state = with_plan(3)
    made = recorded(monkeypatch, neighbourhood)
    stage = neighbourhood.WHERE_GUIDE_DISAGREES
    stage.work(state, stage.limits)
    (sub,) = made  # nothing got better, so there is no second round
    arrays = state.mip.arrays
    differ = np.abs(state.incumbent - state.guide.x) >= 0.5
    fixed = arrays.integer & ~differ
    assert (sub.arrays.lower[fixed] == state.incumbent[fixed]).all()
    assert (sub.arrays.upper[fixed] == state.incumbent[fixed]).all()
    assert (sub.arrays.lower[~fixed] == arrays.lower[~fixed]).all()
    assert (sub.arrays.upper[~fixed] == arrays.upper[~fixed]).all()
    assert sub.mip_start
    assert not sub.proves


def test_rounds_go_on_while_they_close_enough_of_the_gap(monkeypatch):
    """Law: another round follows a gain of more than the worthwhile share of the gap, none follows a smaller one."""
    state = with_plan(3)
    state.bound = state.objective - 10.0
    gains = iter([1.0, 1.0, 1e-3])

    def answer(state: State, _sub: SubMip) -> SolverResult:
        state.objective -= next(gains)
        return NOTHING

    made = recorded(monkeypatch, neighbourhood, answer)
    stage = neighbourhood.WHERE_GUIDE_DISAGREES
    stage.work(state, stage.limits)
    assert len(made) == 3


def test_windows_of_periods_cover_every_period(monkeypatch):
    """Law: in a round, every block of an offer in use is free once at least, in windows of neighbouring periods."""
    state = with_plan(1)
    state.guide = replace(state.relaxation, x=np.ones(state.mip.arrays.column_count))
    made = recorded(monkeypatch, neighbourhood)
    stage = neighbourhood.BY_PERIOD_AND_OFFER
    stage.work(state, stage.limits)
    windows = made[: -(-PERIODS // settings.WINDOW)]
    covered = np.zeros(state.mip.arrays.column_count, dtype=bool)
    for sub in windows:
        periods = sorted(set(state.mip.period[free(sub) & (state.mip.period >= 0)]))
        assert periods == list(range(periods[0], periods[-1] + 1))
        covered |= free(sub)
    assert covered[state.mip.period >= 0].all()


def test_random_parts_are_those_of_the_seed(monkeypatch):
    """Law: equal seeds free equal parts; the parts grow from search to search; what is of no period is always free."""

    def parts(seed: int) -> list[tuple[int, ...]]:
        given = offers(5)
        state = with_plan(5)
        state.random = np.random.default_rng(seed)
        state.guide = replace(state.relaxation, x=np.ones(given.mip.arrays.column_count))
        with monkeypatch.context() as patch:
            made = recorded(patch, neighbourhood)
            stage = neighbourhood.BY_PERIOD_AND_OFFER
            stage.work(state, stage.limits)
        searches = made[-len(settings.GROUP_SHARES) :]
        assert all(free(sub)[:OFFERS].all() for sub in searches)
        return [tuple(sorted(set(state.mip.group[free(sub)]) - {-1})) for sub in searches]

    assert parts(0) == parts(0)
    assert any(parts(0) != parts(seed) for seed in range(1, 6))
    sizes = [len(part) for part in parts(0)]
    assert sizes == sorted(sizes)


@pytest.mark.parametrize("seed", range(4))
def test_a_search_around_a_poor_plan_finds_a_good_one(seed):
    """Law: from the plan that opens nothing, the searches come within a few percent of the optimum, or reach it."""
    given = offers(seed)
    state = with_plan(seed)
    poor = state.objective
    for stage in (neighbourhood.WHERE_GUIDE_DISAGREES, neighbourhood.BY_PERIOD_AND_OFFER):
        stage.work(state, stage.limits)
    assert state.objective < poor
    assert given.optimum * (1.0 - 1e-6) <= state.objective <= 1.05 * given.optimum


def test_a_gap_that_is_reached_ends_the_searches(monkeypatch):
    """Law: no search is begun once the gap is reached."""
    state = with_plan(0)
    state.bound = state.objective
    made = recorded(monkeypatch, neighbourhood)
    for stage in (neighbourhood.WHERE_GUIDE_DISAGREES, neighbourhood.BY_PERIOD_AND_OFFER):
        stage.work(state, stage.limits)
    assert made == []


# -- sites ------------------------------------------------------------------------------------------------------------


def penalised(seed: int) -> tuple[State, float]:
    """A site allocation whose sites are bounded, and its optimum."""
    mip, optimum = allocation(seed)
    state = after(mip, 1)
    sites.PENALTIES.work(state, sites.PENALTIES.limits)
    return state, optimum


def test_possible_sites_prove_up_to_the_plans_cost(monkeypatch):
    """Law: the program leaves out dearer plans, so its bound counts up to the cost of the plan and no further."""
    state, optimum = penalised(1)
    state.incumbent, state.objective = np.zeros(state.mip.arrays.column_count), 1.0001 * optimum
    state.penalties = replace(state.penalties, if_open=np.full_like(state.penalties.if_open, 2.0 * optimum))
    made = recorded(monkeypatch, sites)
    sites.POSSIBLE_SITES.work(state, sites.POSSIBLE_SITES.limits)
    (sub,) = made
    assert sub.bound_holds_to == state.objective
    opened = state.penalties.opened
    assert (sub.arrays.upper[opened] == state.mip.arrays.lower[opened]).all()


def test_possible_sites_are_left_alone_where_bounds_decide_little(monkeypatch):
    """Law: with too few sites decided the full program is as good, and is not anticipated."""
    state, optimum = penalised(1)
    state.incumbent, state.objective = np.zeros(state.mip.arrays.column_count), 1.0001 * optimum
    least = np.full_like(state.penalties.if_open, -INFINITY)
    state.penalties = replace(state.penalties, if_open=least, if_closed=least)
    made = recorded(monkeypatch, sites)
    sites.POSSIBLE_SITES.work(state, sites.POSSIBLE_SITES.limits)
    assert made == []


@pytest.mark.parametrize("seed", range(3))
def test_likely_sites_keep_those_that_the_relaxation_uses_most_cheaply(seed, monkeypatch):
    """Law: as many sites as the relaxation uses, and a quarter more, can open: those whose bounds are least."""
    state, _ = penalised(seed)
    made = recorded(monkeypatch, sites)
    sites.LIKELY_SITES.work(state, sites.LIKELY_SITES.limits)
    (sub,) = made
    used = int((state.relaxation.x[state.penalties.opened] > 1e-6).sum())
    can_open = sub.arrays.upper[state.penalties.opened] > 0.0
    assert can_open.sum() >= min(used, len(can_open))
    assert state.penalties.if_open[can_open].max() <= state.penalties.if_open[~can_open].min(initial=INFINITY)
    assert not sub.proves


def test_options_of_a_run_are_those_of_the_searches(monkeypatch):
    """Law: every search of a restriction asks for a gap no wider than half of what the user asked for."""
    given = offers(2)
    state = State.beginning(given.mip, SolveOptions(gap=0.02), lambda _news: False)
    state.relaxation = after(given.mip, 1).relaxation
    state.guide = state.relaxation
    state.incumbent, state.objective, state.bound = np.zeros(given.mip.arrays.column_count), 1e3, 1.0
    for module, stage in (
        (kernel, kernel.KERNEL),
        (guided_start, guided_start.AROUND_GUIDE),
        (guided_start, guided_start.WIDELY_AROUND_GUIDE),
        (neighbourhood, neighbourhood.WHERE_GUIDE_DISAGREES),
        (neighbourhood, neighbourhood.BY_PERIOD_AND_OFFER),
    ):
        made = recorded(monkeypatch, module)
        stage.work(state, stage.limits)
        assert made
        assert all(sub.relative_gap <= 0.01 and sub.limits == stage.limits for sub in made)
