"""How a run ended, and how a command ended: one vocabulary in Python, in JSON and in tables.

A **run** is one solve of one case (or of one variant of it): its `Status` says what came of it. A **command** (or a
study of many runs) ends in an `Ending` with one exit code, which follows from the statuses of its runs.
"""

from collections.abc import Iterable
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Status(StrEnum):
    """How a run ended.

    Examples
    --------
    >>> Status("optimal").within_gap, Status.INFEASIBLE.exit_code
    (True, 3)
    >>> f"{Status.TIME_LIMIT}", Status.TIME_LIMIT == "time_limit"
    ('time_limit', True)
    """

    OPTIMAL = "optimal"
    GAP_REACHED = "gap_reached"
    TIME_LIMIT = "time_limit"
    INTERRUPTED = "interrupted"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    NO_PLAN = "no_plan"
    INVALID_CASE = "invalid_case"
    AUDIT_FAILED = "audit_failed"
    FAILED = "failed"
    CRASHED = "crashed"

    def __repr__(self) -> str:
        """Return the word in quotes, as of any other text: rows and notebooks show what JSON has."""
        return repr(self.value)

    @classmethod
    def _missing_(cls, value: object) -> "Status | None":
        """Read the words that sweeps of version 0.1 wrote into their folders."""
        return _EARLIER.get(value) if isinstance(value, str) else None

    @property
    def meaning(self) -> str:
        """What it says, in a few words (`docs/cli.md` has the same)."""
        return MEANING[self]

    @property
    def within_gap(self) -> bool:
        """Whether there is a plan, and its cost is proven to be within the gap asked for."""
        return self in (Status.OPTIMAL, Status.GAP_REACHED)

    @property
    def has_plan(self) -> bool:
        """Whether a plan comes with it. A run that was interrupted has one only where one was found by then."""
        return self.within_gap or self in (Status.TIME_LIMIT, Status.INTERRUPTED)

    @property
    def cut_short(self) -> bool:
        """Whether a limit or a signal came before the answer was proven."""
        return self in (Status.TIME_LIMIT, Status.INTERRUPTED, Status.NO_PLAN)

    @property
    def is_fault(self) -> bool:
        """Whether it is not a result: the planner or the solver failed, or the plan cannot be trusted."""
        return self in (Status.UNBOUNDED, Status.AUDIT_FAILED, Status.FAILED, Status.CRASHED)

    @property
    def exit_code(self) -> int:
        """The exit code of a command whose only run ended so; an interrupted one is taken to have a plan."""
        return exit_code_of([(self, self.has_plan)])


MEANING: MappingProxyType[Status, str] = MappingProxyType(
    {
        Status.OPTIMAL: "a plan whose cost is proven to be the least",
        Status.GAP_REACHED: "a plan whose cost is proven to be within the requested gap",
        Status.TIME_LIMIT: "a plan, not proven to be within the gap: the time limit came first, or the solver stopped",
        Status.INTERRUPTED: "a signal came first; with the best plan found by then, if there is one",
        Status.INFEASIBLE: "proven: no plan meets all limits of the case",
        Status.UNBOUNDED: "the cost has no lower bound: a price in the case is a gain without limit",
        Status.NO_PLAN: "neither a plan nor a proof of infeasibility: the time limit came first, or the solver stopped",
        Status.INVALID_CASE: "the case, as changed, has errors",
        Status.AUDIT_FAILED: "the plan that was found fails its audit",
        Status.FAILED: "the planner or the solver failed",
        Status.CRASHED: "the process of the run ended abnormally, each time that it was tried",
    }
)
"""What each status says (`Status.meaning`)."""
_EARLIER = {"limit": Status.NO_PLAN, "invalid": Status.INVALID_CASE}


class Ending(StrEnum):
    """How a command ended: the word ``status`` of its JSON document. That of `solve` is the `Status` of its run."""

    OK = "ok"
    FAILED = "failed"
    INVALID_CASE = "invalid_case"
    INFEASIBLE = "infeasible"
    INCOMPLETE = "incomplete"
    NO_PLAN = "no_plan"
    INTERRUPTED = "interrupted"
    AUDIT_FAILED = "audit_failed"
    PASSED = "passed"
    INVALID_PLAN = "invalid_plan"
    USAGE_ERROR = "usage_error"
    ERROR = "error"
    INTERNAL_ERROR = "internal_error"

    def __repr__(self) -> str:
        """Return the word in quotes, as of any other text: rows and notebooks show what JSON has."""
        return repr(self.value)

    @classmethod
    def of_code(cls, code: int) -> "Ending":
        """Return the word that goes with the exit code of a command that solves many variants.

        Examples
        --------
        >>> Ending.of_code(4)
        'incomplete'
        """
        return _OF_CODE[code]


_OF_CODE = {
    0: Ending.OK,
    1: Ending.FAILED,
    2: Ending.INVALID_CASE,
    3: Ending.INFEASIBLE,
    4: Ending.INCOMPLETE,
    5: Ending.NO_PLAN,
}


def exit_code_of(results: Iterable[tuple[Any, bool]]) -> int:
    """Return the exit code of runs, each with its status and whether there is a plan.

    In this order: 1 when one failed or failed its audit; 4 when one was cut short, or 5 where none has a plan; 0 when
    there is a plan; 3 when all are proven infeasible, but for some that are invalid; 2 when all are invalid.

    Parameters
    ----------
    results : iterable of (Status or str, bool)

    Raises
    ------
    ValueError
        If a status is none.

    Examples
    --------
    >>> exit_code_of([("optimal", True), ("infeasible", False)])
    0
    >>> exit_code_of([("optimal", True), ("no_plan", False)]), exit_code_of([("no_plan", False), ("infeasible", False)])
    (4, 5)
    """
    found = [(Status(status), has_plan) for status, has_plan in results]
    has_plan = any(plan for _, plan in found)
    if any(status.is_fault for status, _ in found):
        return 1
    if any(status.cut_short for status, _ in found):
        return 4 if has_plan else 5
    if has_plan or not found:
        return 0
    return 2 if all(status is Status.INVALID_CASE for status, _ in found) else 3
