"""A stage of the pipeline as a record, and the one loop that runs stages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from planner.solve.state import Fact, State
from planner.solve.sub_mip import UNLIMITED, Limits

Gain = Literal["relaxation", "bound", "incumbent", "penalties", "guide", "verdict"]
"""What a stage can give. Redundancy cuts, links and rows held back may be added to the program by every stage."""


def _always(_state: State) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the pipeline.

    Attributes
    ----------
    name : str
        As it is in progress lines and in ``solver_stages``; stages of one name are parts of one.
    work : callable
        Does it: takes the state, and the limits of each run of the solver.
    needs : set of Fact
        Without which it is left out.
    gives : set of Gain
        What of the state it may improve; it changes nothing else.
    limits : Limits
        What each of its runs of the solver may cost.
    useful : callable
        Whether what it is after is still of use, judged by the state before it.
    """

    name: str
    work: Callable[[State, Limits], None]
    needs: frozenset[Fact]
    gives: frozenset[Gain]
    limits: Limits = UNLIMITED
    useful: Callable[[State], bool] = _always


def is_due(stage: Stage, state: State) -> bool:
    """Whether a stage is run: until the gap is reached or the verdict is in, where it has what it needs and is useful.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> stage = Stage("x", lambda state, limits: None, frozenset({"guide"}), frozenset())
    >>> is_due(stage, SimpleNamespace(verdict=None, gap_reached=False, facts=lambda: {"relaxation"}))
    False
    """
    over = state.verdict is not None or state.gap_reached
    return not over and stage.needs <= state.facts() and stage.useful(state)


def run_stages(state: State, stages: Sequence[Stage]) -> None:
    """Run stages in their order, each where it is due."""
    for stage in stages:
        if is_due(stage, state):
            with state.at_work(stage.name):
                stage.work(state, stage.limits)
