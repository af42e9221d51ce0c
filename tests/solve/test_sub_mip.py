"""Sub-MIPs: what of a run's points and bounds is used, and how the solver is called for it."""

from dataclasses import replace

import numpy as np
import pytest

from planner.options import SolveOptions
from planner.solve import settings, sub_mip
from planner.solve.arrays import INFINITY
from planner.solve.completion import solve_and_complete
from planner.solve.highs import Engine, SolverResult
from planner.solve.records import Stopped
from planner.solve.state import State
from planner.solve.sub_mip import COMPLETION, Limits, SubMip, complete, solve_sub_mip
from tests.length import thinned
from tests.solve.tiny import OFFERS, begin, offers, three_sites, without_cuts

GIVEN = offers(2)


@pytest.fixture
def state() -> State:
    """A run on offers over periods."""
    return begin(GIVEN.mip)


def sub(state: State, **more) -> SubMip:
    """The full program as a sub-MIP."""
    return SubMip(**{"arrays": state.mip.arrays, "relative_gap": 0.0, "limits": Limits(), **more})


def closed(state: State, offer: int):
    """The program with one offer closed."""
    upper = state.mip.arrays.upper.copy()
    upper[offer] = 0.0
    return state.mip.arrays.with_bounds(state.mip.arrays.lower, upper)


def test_a_restriction_gives_a_plan_and_no_bound(state):
    """Law: its optimum is a plan of the program; that it is the best of the restriction says nothing of others."""
    for offer in range(OFFERS):
        solve_sub_mip(state, sub(state, arrays=closed(state, offer)))
    assert state.bound == -INFINITY
    assert state.objective >= GIVEN.optimum * (1.0 - 1e-6)
    assert state.mip.arrays.worst_violation(state.incumbent) <= settings.PLAN_TOLERANCE


def test_the_full_program_gives_a_plan_and_a_bound(state):
    """Law: solved to the end, cost and bound are the optimum."""
    solve_sub_mip(state, sub(state, bound_holds_to=INFINITY))
    assert state.objective == pytest.approx(GIVEN.optimum)
    assert state.bound == pytest.approx(GIVEN.optimum)


@pytest.mark.parametrize("below", [0.2, 0.9])
def test_a_bound_counts_only_as_far_as_it_holds(state, below):
    """Law: where dearer plans are left out, the bound is raised no further than to the cost of what is left out."""
    cost = below * GIVEN.optimum
    solve_sub_mip(state, sub(state, bound_holds_to=cost, offers=False))
    assert state.bound == pytest.approx(cost)


def test_a_relaxed_program_gives_a_bound_and_no_plan(state):
    """Law: points of a program with fewer integers are no plans, however good; the bound holds."""
    heard = []
    state.callback = lambda progress: bool(heard.append(progress.x))
    arrays = replace(
        state.mip.arrays, integer=state.mip.arrays.integer & (np.arange(state.mip.arrays.column_count) < 1)
    )
    result = solve_sub_mip(state, sub(state, arrays=arrays, offers=False, bound_holds_to=INFINITY))
    assert state.incumbent is None
    assert all(point is None for point in heard)
    assert result.objective <= GIVEN.optimum + 1e-9
    assert state.bound <= GIVEN.optimum + 1e-9


@pytest.mark.parametrize("bound", [INFINITY, 1e9])
def test_a_claim_of_infeasibility_raises_no_bound(state, bound, monkeypatch):
    """Planted: the solver calls the full program infeasible, with a high bound: the bound stays where it was."""
    monkeypatch.setattr(Engine, "run", lambda _s, **_o: SolverResult("infeasible", None, INFINITY, bound, 0.0))
    state.bound = 1.5
    solve_sub_mip(state, sub(state, bound_holds_to=INFINITY))
    assert state.bound == 1.5


def called(monkeypatch) -> list[dict]:
    """Records the options of every run, and whether there was a MIP start."""
    calls: list[dict] = []
    honest, start = Engine.run, Engine.set_start

    def run(self, *, callback=None, **options):
        calls.append({**options, "start": getattr(self, "started", False)})
        return honest(self, callback=callback, **options) if callback else honest(self, **options)

    def set_start(self, x):
        self.started = True
        start(self, x)

    monkeypatch.setattr(Engine, "run", run)
    monkeypatch.setattr(Engine, "set_start", set_start)
    return calls


def test_limits_gap_and_options_reach_the_solver(state, monkeypatch):
    """Law: nodes, relative gap, target and the solver's own options are those of the sub-MIP."""
    calls = called(monkeypatch)
    state.bound = 0.5
    made = sub(state, relative_gap=0.07, limits=Limits(0.5, 3), solver_options={"mip_detect_symmetry": False})
    solve_sub_mip(state, made)
    (options,) = calls
    assert (options["gap"], options["mip_max_nodes"], options["mip_detect_symmetry"]) == (0.07, 3, False)
    assert options["objective_target"] == state.objective_target == 0.5
    assert options["time_limit_s"] == INFINITY
    assert "presolve" not in options


@pytest.mark.parametrize("careful", [True, False])
@pytest.mark.parametrize("proves", [True, False])
@pytest.mark.parametrize("asked", thinned([True, False], 3))
def test_bounds_of_small_programs_are_proven_without_presolve_and_start(state, monkeypatch, careful, proves, asked):
    """Law: presolve is off for a careful proof only; the incumbent is handed over if asked, or to a large proof."""
    monkeypatch.setattr(settings, "CAREFUL_COLUMNS", 3000 if careful else 0)
    solve_sub_mip(state, sub(state, arrays=closed(state, 0)))
    calls = called(monkeypatch)
    solve_sub_mip(state, sub(state, bound_holds_to=INFINITY if proves else -INFINITY, mip_start=asked))
    (options,) = calls
    assert (options.get("presolve") == "off") == (careful and proves)
    assert options["start"] == (asked or (proves and not careful))


def test_without_a_plan_there_is_no_start(state, monkeypatch):
    """Law: a MIP start that is asked for, but not there, is none."""
    calls = called(monkeypatch)
    solve_sub_mip(state, sub(state, mip_start=True))
    assert not calls[0]["start"]


def test_a_relaxed_program_has_no_start(state, monkeypatch):
    """Law: where points are no plans, a plan is no help: the incumbent is not handed over."""
    solve_sub_mip(state, sub(state, arrays=closed(state, 0)))
    calls = called(monkeypatch)
    solve_sub_mip(state, sub(state, arrays=state.mip.arrays.relaxed(), offers=False, mip_start=True))
    assert not calls[0]["start"]


def test_a_restriction_is_solved_again_with_the_cuts_it_lacks(monkeypatch):
    """Law: with redundancy rules, a restriction goes on until its answer survives every loss: then it is a plan."""
    calls = called(monkeypatch)
    state = begin(without_cuts(three_sites()))
    solve_sub_mip(state, sub(state, mip_start=True))
    assert len(calls) > 1
    assert state.rounds == len(calls) - 1
    assert state.objective == pytest.approx(4.05)


def test_a_restriction_that_is_completed_ends_with_a_plan(monkeypatch):
    """Law: its point is completed with its integers first; where that leaves the gap open it is solved again."""
    calls = called(monkeypatch)
    state = begin(without_cuts(three_sites()))
    solve_and_complete(state, sub(state))
    assert state.objective == pytest.approx(4.05)
    fewer, calls[:] = len(calls), []
    loose = begin(without_cuts(three_sites()), gap=0.9)
    loose.bound = 4.0  # any plan will do
    solve_and_complete(loose, sub(loose))
    assert loose.incumbent is not None
    assert loose.mip.arrays.worst_violation(loose.incumbent) <= settings.PLAN_TOLERANCE
    assert len(calls) <= fewer


def test_a_proof_is_not_repeated_by_itself(monkeypatch):
    """Law: the stage that proves decides what is done with an answer that lacks cuts; none are added here."""
    calls = called(monkeypatch)
    state = begin(without_cuts(three_sites()))
    solve_sub_mip(state, sub(state, bound_holds_to=INFINITY))
    assert len(calls) == 1
    assert state.incumbent is None
    assert state.bound <= 4.05 + 1e-6


def test_a_completed_point_keeps_its_integers():
    """Law: integers of the point are fixed, what is left is solved for at least cost, and the result is a plan."""
    state = begin(GIVEN.mip)
    x = np.zeros(GIVEN.mip.arrays.column_count)
    x[0] = 1.0
    complete(state, x)
    assert (state.incumbent[state.mip.arrays.integer] == x[state.mip.arrays.integer]).all()
    assert state.objective == pytest.approx(2.0 + GIVEN.open_cost[0] + 9.0 * GIVEN.demand.sum())
    assert state.bound == -INFINITY


def test_integers_out_of_range_are_brought_within_it(state):
    """Law: a given point of another case is clipped to the limits of this one."""
    x = np.full(GIVEN.mip.arrays.column_count, 99.0)
    complete(state, x)
    integer = state.mip.arrays.integer
    assert (state.incumbent[integer] == state.mip.arrays.upper[integer]).all()


@pytest.mark.parametrize("x", [None, np.zeros(999)])
def test_what_is_no_point_of_the_program_is_not_completed(state, x, monkeypatch):
    """Law: no point, or one that is longer than the program is wide, is left alone."""
    monkeypatch.setattr(sub_mip, "solve_sub_mip", lambda *_given: pytest.fail("solved"))
    complete(state, x)
    assert COMPLETION.nodes is None


@pytest.mark.parametrize("why", ["user", "time"])
def test_a_stop_ends_the_stage_and_keeps_the_plan(why):
    """Law: when the user or the clock ends a sub-MIP, the stage is stopped; a plan heard of before counts."""
    state = begin(GIVEN.mip)
    if why == "user":
        state.callback = lambda progress: progress.x is not None
    else:
        state.options = SolveOptions(gap=0.0, time_limit_s=60.0)
        state.callback = lambda progress: bool(setattr(state, "begun", -1e9)) if progress.x is not None else False
    with pytest.raises(Stopped):
        solve_sub_mip(state, sub(state))
    assert state.incumbent is not None
    assert state.mip.arrays.worst_violation(state.incumbent) <= settings.PLAN_TOLERANCE
