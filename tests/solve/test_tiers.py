"""Runs under what was found for the tiers before: a solver that denies a plan which is known is given more room."""

from collections.abc import Sequence

import numpy as np
import pytest

from planner.options import SolveOptions
from planner.solve.records import Answer
from planner.solve.relief import Tier
from planner.solve.tiers import SLACKS, Descent, Least, with_room
from planner.status import Status
from planner.symbols import Constraint
from tests.solve.tiny import arrays_of, mip_with

TIER = Tier("protection", np.array([0]), np.array([1.0]), 10.0, Constraint[None]("least_protection", dual="none"))
KNOWN = np.array([2.0])
NONE = mip_with(arrays_of([1.0], [[1.0]], [0.0], [10.0]))


def tried(statuses: Sequence[Status], amount: float = 2.0, seconds: float = 60.0) -> tuple[Answer, list[float]]:
    """Solve with a solver that ends as stated, one after the other; the answer, and the slack of each run."""
    slacks: list[float] = []

    def solve(slack: float, left: float, x: np.ndarray) -> Answer:
        assert left <= seconds
        assert (x == KNOWN).all()
        slacks.append(slack)
        return Answer.without_plan(NONE, statuses[len(slacks) - 1])

    return with_room(solve, [Least(TIER, amount, amount, 1e-6, 0.0)], seconds, KNOWN), slacks


@pytest.mark.parametrize("denial", [Status.INFEASIBLE, Status.NO_PLAN, Status.TIME_LIMIT])
def test_a_denied_plan_gives_more_room(denial: Status) -> None:
    """Law: a program with a known point is not infeasible; each further run may miss a little more, and says so."""
    answer, slacks = tried([denial, denial, Status.OPTIMAL])
    assert slacks == list(SLACKS[:3])
    assert answer.status is Status.OPTIMAL
    assert [note for note in answer.notes if "1e-07" in note]


def test_what_is_not_denied_is_solved_once() -> None:
    """Law: an answer counts, and so does an interruption; where nothing is missed, room would not help."""
    assert tried([Status.OPTIMAL])[1] == [SLACKS[0]]
    assert tried([Status.INTERRUPTED])[1] == [SLACKS[0]]
    assert tried([Status.INFEASIBLE], amount=0.0)[1] == [SLACKS[0]]
    assert tried([Status.TIME_LIMIT], seconds=0.0)[1] == [SLACKS[0]]


def test_the_plan_without_decisions_is_a_start_without_the_columns_of_cuts() -> None:
    """Law: a run begins with columns of its own program, also where the run before it has found redundancy cuts."""
    starts: list[np.ndarray | None] = []

    def solve(mip, _options, _callback, start):
        starts.append(start)
        found = np.array([2.0, 5.0]) if len(starts) == 1 else np.array([1.0])  # first with the column of a cut
        return Answer(Status.OPTIMAL, found, found[0], 0.0, mip, 0, 0, 0.0, {})

    descent = Descent(NONE, [TIER, TIER], SolveOptions(0.0), lambda: 60.0, lambda _progress: False, solve, True)
    answer, _found = descent.run()
    assert answer.x is not None
    assert starts[0] is None
    assert [len(start) for start in starts[1:] if start is not None] == [1] * (len(starts) - 1)
