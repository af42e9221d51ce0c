"""The LP relaxation, with cuts and links added until its optimum violates none."""

from dataclasses import dataclass, replace

import numpy as np

from planner.solve import settings
from planner.solve.arrays import Ints
from planner.solve.by_sites import is_solved_by_sites, relax_by_sites
from planner.solve.certificate import Box
from planner.solve.engine_runs import make_engine, prove_linear, rows_given, run_engine, without_held_back
from planner.solve.highs import Engine, SolverResult
from planner.solve.linear import Judge
from planner.solve.mip import LINK
from planner.solve.points import add_violated_links, separate, take_back
from planner.solve.state import State


@dataclass(slots=True)
class _Relaxation:
    """A relaxation inside the solver, and which row of the program each of its rows is."""

    engine: Engine
    rows: Ints
    box: Box | None = None
    """Of the columns there were in the last round."""


def relax(state: State) -> SolverResult:
    """Solve the LP relaxation, with cuts and links added in rounds; its bound, or its infeasibility, is proven.

    Duals are those of the rows of the program, in their order; links that do not bind are removed again.
    Without a verdict (``failed``) there may still be a point, with duals that prove a weak bound.
    """
    if is_solved_by_sites(state.mip):
        found = relax_by_sites(state)
        if found is not None:
            return found
    from_scratch = "ipm" if state.mip.arrays.column_count >= settings.INTERIOR_COLUMNS else "simplex"
    relaxation, method, given = _relaxation(state), from_scratch, state.mip.arrays.row_count
    linked = not len(state.mip.links.served)
    while True:
        result = _proven(state, relaxation, method)
        if result.x is None or result.status == "unbounded":
            return result
        state.raise_bound(result.bound)
        if not linked and _link_nearest(state, result):
            relaxation, linked = _relaxation(state), True
            continue
        method, linked = "simplex", True  # from the basis of the round before
        if not _add_violated(state, relaxation, result):
            return _without_slack_links(state, _in_order(state, relaxation, result), given)


def _relaxation(state: State) -> _Relaxation:
    arrays = state.mip.arrays
    return _Relaxation(make_engine(state, without_held_back(state, arrays.relaxed())), rows_given(state))


def _proven(state: State, relaxation: _Relaxation, method: str) -> SolverResult:
    """Solve the relaxation in the present engine; if its result cannot be proven, with other options."""
    arrays = state.mip.arrays
    all_in_order = len(relaxation.rows) == arrays.row_count and (np.diff(relaxation.rows) > 0).all()
    program = arrays if all_in_order else arrays.with_rows_taken(relaxation.rows)
    first = run_engine(state, relaxation.engine, solver=method)
    judge = Judge(program.relaxed(), relaxation.box)
    result = prove_linear(state, program, (relaxation.engine, first), judge)
    relaxation.box = judge.found
    if result.status != first.status:
        relaxation.engine = make_engine(state, program)  # the basis of the old one did not help
        state.note(f"relaxation: {first.status} was not proven, {result.status} is")
    return result


def _add_violated(state: State, relaxation: _Relaxation, result: SolverResult) -> bool:
    """Add the rows that the optimum violates to program and solver; return whether there are any."""
    assert result.x is not None  # the caller has a point
    before, held = state.mip.arrays.row_count, state.held_back
    more = take_back(state, result.x)
    taken = held.rows if held is not None and state.held_back is None else np.empty(0, dtype=np.int64)
    more += add_violated_links(state, result.x)
    new = separate(state, result.x)
    if more:
        relaxation.engine.add_rows(0, more)
    if new is not None:
        relaxation.engine.add_rows(*new)
    relaxation.rows = np.concatenate([relaxation.rows, taken, np.arange(before, state.mip.arrays.row_count)])
    return bool(more) or new is not None


def _link_nearest(state: State, result: SolverResult) -> bool:
    """Add the links that the first optimum violates, and likely next ones; return whether there are any."""
    assert result.x is not None  # the caller has a point
    assert result.column_dual is not None
    rows = state.mip.links.nearest(result.x, result.column_dual, settings.NEAREST_LINKS)
    if rows:
        state.mip = state.mip.with_rows(rows)
    return bool(rows)


def _in_order(state: State, relaxation: _Relaxation, result: SolverResult) -> SolverResult:
    """Return the result with a dual for each row of the program; 0 for rows held back."""
    assert result.row_dual is not None  # a relaxation solved to optimality has them
    dual = np.zeros(state.mip.arrays.row_count)
    dual[relaxation.rows] = result.row_dual
    return replace(result, row_dual=dual)


def _without_slack_links(state: State, result: SolverResult, given: int) -> SolverResult:
    """Remove the links that were added and do not bind: integrality implies them, and they slow later stages down."""
    assert result.x is not None  # the caller has both
    assert result.row_dual is not None
    arrays = state.mip.arrays
    links = np.array([row.constraint == LINK for row in arrays.rows], dtype=bool)
    links[:given] = False  # a family of the user's own may have rows of this name
    if not links.any():
        return result
    keep = ~links | (result.row_dual < -settings.NO_PRICE * float(np.abs(result.row_dual).max()))
    state.mip = state.mip.with_arrays(arrays.with_rows_kept(keep))
    return replace(result, row_dual=result.row_dual[keep])
