"""Runs of the solver within a run of the pipeline: with its time limit and callback; failures are noted, not raised."""

from collections.abc import Callable
from typing import Any

import numpy as np

from planner.errors import PlannerError
from planner.solve import settings
from planner.solve.arrays import INFINITY, Arrays, Ints
from planner.solve.begun import BegunRun
from planner.solve.highs import Engine, SolverEvent, SolverResult
from planner.solve.linear import Judge, solve_linear
from planner.solve.records import Stopped
from planner.solve.state import State


def make_engine(state: State, arrays: Arrays, *, spelled_out: bool = False) -> Engine:
    """Return a program inside the solver."""
    threads = max(1, state.options.threads // settings.SIDE_BY_SIDE)
    return Engine(arrays, threads=threads, seed=state.options.seed, spelled_out=spelled_out)


def without_held_back(state: State, arrays: Arrays) -> Arrays:
    """Return a program, which has the rows of ``state.mip``, without those held back."""
    return arrays if state.held_back is None else state.held_back.without(arrays)


def rows_given(state: State) -> Ints:
    """Return the rows of ``state.mip`` but those held back, as they stand in it."""
    given = np.ones(state.mip.arrays.row_count, dtype=bool)
    if state.held_back is not None:
        given[state.held_back.rows] = False
    return np.flatnonzero(given)


def run_engine(
    state: State,
    engine: Engine | BegunRun,
    *,
    relative_gap: float = 0.0,
    share_of_time: float = 1.0,
    callback: Callable[[SolverEvent], bool] | None = None,
    **options: object,
) -> SolverResult:
    """Run the solver for a share of the time left.

    Parameters
    ----------
    state : State
    engine : Engine or BegunRun
    relative_gap, share_of_time : float
    callback : callable or None
        Is called with the solver's events, and returns True to stop. None: stops at the time limit, or if the user
        asks.
    **options
        Options of the solver, by their own names.

    Returns
    -------
    SolverResult
        Failures have status ``failed``, and a note.

    Raises
    ------
    Stopped
        At the time limit, or if the user asks, unless there is a point.
    """
    left = state.seconds_left
    if left <= 0.0:
        raise Stopped
    allowed = left if share_of_time >= 1.0 else left * share_of_time if np.isfinite(left) else INFINITY
    called = (
        (lambda _event: state.report() or state.seconds_left <= 0.0 or state.ended_by_partner)
        if callback is None
        else callback
    )
    try:
        result = engine.run(gap=relative_gap, time_limit_s=allowed, callback=called, **options)
    except PlannerError as error:
        state.note(f"{state.stage}: {error}")
        result = SolverResult("failed", None, INFINITY, -INFINITY, 0.0)
    if result.status == "failed":
        state.note(f"{state.stage}: the solver gave up")
    state.solver_seconds += result.seconds
    if result.x is None and (state.out_of_time or state.ended_by_partner):
        raise Stopped
    return result


def prove_linear(
    state: State, arrays: Arrays, first: tuple[Engine, SolverResult] | None = None, judge: Judge | None = None
) -> SolverResult:
    """Solve a linear program to a verdict that is verified outside the solver; see `planner.solve.linear`."""

    def make(program: Arrays) -> Engine:
        return make_engine(state, program)

    def run(engine: Engine, options: dict[str, Any]) -> SolverResult:
        return run_engine(state, engine, **options)

    return solve_linear(arrays, make, run, first, judge)
