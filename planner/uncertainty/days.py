"""Dates and names of tables that were given in Python: what is none is refused by the name of its option."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from planner.case.messages import shorten
from planner.errors import OptionError


def decision_day(decide_by: Any, then: Any, learn: Any) -> date | None:
    """Return the decision date as it was given; refuse dates that are none, and tables that are no list of names.

    Raises
    ------
    OptionError
        With every option that is wrong.

    Examples
    --------
    >>> decision_day(date(2026, 12, 31), [], None)
    datetime.date(2026, 12, 31)
    >>> decision_day(None, date(2026, 12, 31), "demand")
    Traceback (most recent call last):
        ...
    planner.errors.OptionError: then: must be a list of dates; learn: must be a list of names, such as ['demand']
    """
    wrong = wrong_days(decide_by=decide_by)
    if not isinstance(then, Iterable) or isinstance(then, str):
        wrong.append("then: must be a list of dates")
    else:
        wrong += [one for day in then for one in wrong_days(then=day)]
    if isinstance(learn, str):
        wrong.append(f"learn: must be a list of names, such as [{learn!r}]")
    if wrong:
        raise OptionError("; ".join(wrong))
    found: date | None = decide_by
    return found


def wrong_days(**given: Any) -> list[str]:
    """Return what is wrong with options, by their names, that are a date or None.

    Examples
    --------
    >>> wrong_days(outages="2026-12-31", committed_until=None)
    ["outages: '2026-12-31' is no date; must be a datetime.date, such as date(2026, 12, 31)"]
    """
    said = "is no date; must be a datetime.date, such as date(2026, 12, 31)"
    return [
        f"{name}: {shorten(repr(day))} {said}"
        for name, day in given.items()
        if not (day is None or isinstance(day, date))
    ]
