"""A restriction whose point is made a plan by linear programs: its integer variables fixed, the others solved for."""

from dataclasses import replace

from planner.solve.arrays import Floats
from planner.solve.engine_runs import make_engine, run_engine, without_held_back
from planner.solve.points import add_violated_rows, offer, separate, take_back
from planner.solve.records import Stopped
from planner.solve.state import State
from planner.solve.sub_mip import SubMip, on_grown_program, solve_once, solve_sub_mip


def solve_and_complete(state: State, sub: SubMip) -> None:
    """Solve a restriction; if its point is no plan, fix its integer variables and solve for the others.

    Only where that leaves the gap open is the restriction solved again, as by `solve_sub_mip`, with all rows that were
    added.

    Raises
    ------
    Stopped
        At the time limit, or if the user asks.
    """
    x = solve_once(state, sub).x
    if state.out_of_time:
        raise Stopped
    if x is None or offer(state, x) or state.gap_reached or not add_violated_rows(state, x):
        return
    complete_by_linear_programs(state, x)
    if not state.gap_reached:
        solve_sub_mip(state, replace(sub, arrays=on_grown_program(state, sub.arrays), mip_start=True))


def complete_by_linear_programs(state: State, x: Floats) -> None:
    """Look for a plan with the integer variables of a point; rows that its optimum violates go into the same solver.

    Raises
    ------
    Stopped
        At the time limit, or if the user asks.
    """
    fixed = state.mip.arrays.with_integers_at(x).relaxed()
    engine = make_engine(state, without_held_back(state, fixed))
    while True:
        found = run_engine(state, engine, solver="simplex").x
        if state.out_of_time:
            raise Stopped
        if found is None or offer(state, found):
            return
        rows, cuts = take_back(state, found), separate(state, found)
        if rows:
            engine.add_rows(0, rows)
        if cuts is not None:
            engine.add_rows(*cuts)
        if not rows and cuts is None:
            return
