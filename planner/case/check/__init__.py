"""What must hold between the tables and the model of a case, and what is allowed but odd."""

from collections.abc import Callable

from planner.case.case import CaseData
from planner.errors import Problem

Check = Callable[[CaseData], list[Problem]]


def check_case(case: CaseData, without: frozenset[str] = frozenset()) -> list[Problem]:
    """Return every fault between the tables and the model of a case; none when the case is good.

    Parameters
    ----------
    without
        Tables that could not be read whole: checks that need them are left out.
    """
    return []


def warnings_of(case: CaseData) -> list[Problem]:
    """Return what is allowed but odd in a case that has no faults."""
    return []
