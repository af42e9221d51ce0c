"""What a shift would move: sites and chips of which something lies after the start of the horizon."""

from collections.abc import Iterator
from datetime import date

from planner.case.case import CaseData
from planner.case.row import Row
from planner.case.rows import OfferRow
from planner.changes.shift import DATES, LEVELS, WITH

FIRST_DATE = {"contracts": "start_date", "energisation": "date"}
"""The date that decides whether a row moves at all."""


def movable(case: CaseData, table: str) -> frozenset[str]:
    """Return the keys of a table (``sites``, ``chips``) that a shift moves, itself or what moves with it.

    Examples
    --------
    >>> from planner.case.read import read_case
    >>> moving = movable(read_case("stargate"), "sites")
    >>> "abilene" in moving, "goodyear" in moving
    (True, False)
    """
    start = case.model.horizon.start
    found = {str(row.key[0]) for row in case.rows(table) if _ahead(table, row, start)}
    for other, path in WITH[table]:
        found |= {owner for row, owner in _owned(case, other, path) if _ahead(other, row, start)}
    return frozenset(found)


def _ahead(table: str, row: Row, start: date) -> bool:
    """Say whether a row moves: a date of it is still to come, or its level is above 0."""
    if table in LEVELS:
        return bool(getattr(row, LEVELS[table][0]) > 0.0)
    names = (FIRST_DATE[table],) if table in FIRST_DATE else DATES[table]
    return any(day is not None and day > start for day in (getattr(row, name) for name in names))


def _owned(case: CaseData, table: str, path: str) -> Iterator[tuple[Row, str]]:
    """Yield the rows of a table, each with the site or chip that it belongs to."""
    offers = case.by_key(OfferRow)
    for row in case.rows(table):
        yield row, offers[row.offer].site if path == "offer.site" else getattr(row, path)  # type: ignore[attr-defined]
