"""A stage of the pipeline as a record, and the loop that runs stages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from planner.solve.ahead import drop_ahead, run_ahead
from planner.solve.state import Fact, State
from planner.solve.sub_mip import UNLIMITED, Limits

Gain = Literal["relaxation", "sites", "bound", "incumbent", "penalties", "guide", "verdict"]
"""What a stage can improve. Every stage may also add redundancy cuts, links and rows held back to the program."""


def always(_state: State) -> bool:
    """Return that a stage is useful in every state."""
    return True


def is_loose(state: State) -> bool:
    """Return whether a stage is useful that raises the bound, or improves a plan, less than the full program does.

    For a tight gap the full program, with its sums written out, does both in less time once there is a plan.
    """
    return not state.proves_at_once


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the pipeline.

    Attributes
    ----------
    name : str
        In progress lines and in ``solver_stages``; several records may share a name.
    work : callable
        Improves the state; takes the limits of each of its runs of the solver.
    needs : set of Fact
        The stage is skipped unless the state has all of these.
    gives : set of Gain
        What of the state it may improve; it changes nothing else but the program, counters, clock and notes.
    limits : Limits
        Cost of each of its runs of the solver.
    useful : callable
        Whether the stage is still useful in a state; the stage is skipped if not.
    """

    name: str
    work: Callable[[State, Limits], None]
    needs: frozenset[Fact]
    gives: frozenset[Gain]
    limits: Limits = UNLIMITED
    useful: Callable[[State], bool] = always

    def run(self, state: State) -> None:
        """Do its work within its limits."""
        self.work(state, self.limits)


def is_due(stage: Stage, state: State) -> bool:
    """Return whether a stage is run: before the gap is reached or a verdict, with what it needs, and if it is useful.

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
    """Run stages in order, skipping those that are not due."""
    try:
        for stage in stages:
            if is_due(stage, state):
                with state.at_work(stage.name):
                    run_ahead(state, stage, stage.run)
    finally:
        drop_ahead(state)
