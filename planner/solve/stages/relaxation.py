"""Stage ``relaxation``: the LP relaxation, whose optimum is a bound and guides the search for plans."""

from planner.solve.highs import SolverResult
from planner.solve.points import offer
from planner.solve.relaxation import relax
from planner.solve.stage import Stage
from planner.solve.state import State
from planner.solve.sub_mip import Limits
from planner.status import Status


def no_plan_or_no_least_cost(state: State, relaxation: SolverResult) -> bool:
    """Take a proven verdict on the relaxation as the verdict on the program; return whether there is one."""
    if relaxation.status not in ("infeasible", "unbounded"):
        return False
    if relaxation.status == "unbounded":
        assert relaxation.x is not None  # the ray that proves it
        state.note(f"the cost falls without limit along: {state.mip.arrays.earners(relaxation.x)}")
    state.verdict = Status(relaxation.status)
    return True


def _relax(state: State, _limits: Limits) -> None:
    relaxation = relax(state)
    if no_plan_or_no_least_cost(state, relaxation) or relaxation.x is None:
        return
    state.relaxation = relaxation
    if not state.mip.arrays.integer.any():
        offer(state, relaxation.x)
        state.verdict = Status.OPTIMAL if state.gap_reached_but_for_rounding else Status.TIME_LIMIT


RELAXATION = Stage(
    "relaxation",
    _relax,
    needs=frozenset(),
    gives=frozenset({"relaxation", "sites", "bound", "incumbent", "verdict"}),
)
