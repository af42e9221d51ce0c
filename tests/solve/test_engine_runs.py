"""Runs of the solver within a run: its share of the time, its failures, and what it is not told."""

import math

import pytest

from planner.errors import PlannerError
from planner.options import SolveOptions
from planner.solve import settings
from planner.solve.arrays import INFINITY
from planner.solve.engine_runs import make_engine, prove_linear, run_engine, without_held_back
from planner.solve.highs import Engine, SolverResult
from planner.solve.records import Stopped
from planner.solve.state import State
from tests.solve.tiny import begin, offers, three_sites

MIP = offers(1).mip


def limited(seconds: float | None) -> State:
    """A run with a time limit, at its beginning."""
    return State.beginning(MIP, SolveOptions(time_limit_s=seconds), lambda _progress: False)


@pytest.mark.parametrize(("limit", "share", "least", "most"), [(100, 0.1, 9, 10), (100, 1.0, 90, 100)])
def test_a_run_has_its_share_of_the_time_left(limit, share, least, most, monkeypatch):
    """Law: the solver is given the share of what is left of the limit."""
    given = []
    result = SolverResult("limit", None, INFINITY, -INFINITY, 1.5)
    monkeypatch.setattr(Engine, "run", lambda _s, **options: given.append(options["time_limit_s"]) or result)
    state = limited(limit)
    assert run_engine(state, make_engine(state, MIP.arrays), share_of_time=share) is result
    assert least <= given[0] <= most
    assert state.solver_seconds == 1.5


@pytest.mark.parametrize("share", [0.1, 1.0])
def test_without_a_limit_a_share_is_no_limit(share, monkeypatch):
    """Law: a share of endless time is endless: no search is cut off at another place in another run."""
    given = []
    result = SolverResult("limit", None, INFINITY, -INFINITY, 0.0)
    monkeypatch.setattr(Engine, "run", lambda _s, **options: given.append(options["time_limit_s"]) or result)
    state = limited(None)
    run_engine(state, make_engine(state, MIP.arrays), share_of_time=share)
    assert math.isinf(given[0])


def test_a_run_whose_time_is_up_is_not_begun(monkeypatch):
    """Law: with no time left there is no run, but a stop."""
    monkeypatch.setattr(Engine, "run", lambda _s, **_o: pytest.fail("run"))
    state = limited(5.0)
    engine = make_engine(state, MIP.arrays)
    state.begun -= 10.0
    with pytest.raises(Stopped):
        run_engine(state, engine)


def test_a_failure_is_a_result_with_a_note(monkeypatch):
    """Law: what the solver raises, and its giving up, are noted under the stage; nothing is raised."""

    def fails(_self, **_options):
        raise PlannerError("out of thin air")

    monkeypatch.setattr(Engine, "run", fails)
    state = limited(None)
    state.stage = "kernel"
    result = run_engine(state, make_engine(state, MIP.arrays))
    assert (result.status, result.x, result.objective, result.bound) == ("failed", None, INFINITY, -INFINITY)
    assert state.notes == ["kernel: out of thin air", "kernel: the solver gave up"]


def test_a_linear_run_is_stopped_by_the_user():
    """Law: the callback of the run ends a linear program too, at once."""
    state = begin(three_sites())
    state.callback = lambda _progress: True
    engine = make_engine(state, state.mip.arrays.relaxed())
    try:
        run_engine(state, engine, solver="simplex")
    except Stopped:
        assert state.interrupted


def test_what_is_held_back_is_not_in_the_program_of_the_solver(monkeypatch):
    """Law: exactly the rows held back are left out, and none when none are."""
    monkeypatch.setattr(settings, "LARGE_COLUMNS", 0)
    state = begin(three_sites())
    arrays = state.mip.arrays
    less = without_held_back(state, arrays)
    assert arrays.row_count - less.row_count == len(state.held_back.rows)
    state.held_back = None
    assert without_held_back(state, arrays) is arrays


@pytest.mark.parametrize("seed", range(6))
def test_a_linear_program_is_proven_within_a_run(seed):
    """Law: the bound that is proven is the optimum of the relaxation, below that of the program."""
    instance = offers(seed)
    state = begin(instance.mip)
    result = prove_linear(state, instance.mip.arrays)
    assert result.status == "optimal"
    assert result.bound == pytest.approx(result.objective, rel=1e-6)
    assert result.bound <= instance.optimum + 1e-9
    assert state.solver_seconds > 0.0
