"""Stage ``given start``: the plan of a similar case, its integer variables fixed and the others solved for."""

from planner.solve.points import offer
from planner.solve.stage import Stage
from planner.solve.state import State
from planner.solve.sub_mip import COMPLETION, Limits, complete


def _complete_start(state: State, limits: Limits) -> None:
    assert state.start is not None  # needed
    if not (state.mip.may_be_short and offer(state, state.start)):
        complete(state, state.start, limits)


GIVEN_START = Stage(
    "given start",
    _complete_start,
    needs=frozenset({"relaxation", "start"}),
    gives=frozenset({"incumbent"}),
    limits=COMPLETION,
)
