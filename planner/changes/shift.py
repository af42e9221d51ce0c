"""Moving in time: dates by months, and levels stated by calendar year.

What has happened by the start of the horizon does not move.
"""

import calendar
import math
from collections.abc import Hashable, Mapping, Sequence
from datetime import date
from typing import Any

from planner.case.case import key_text, simple_key
from planner.case.messages import listed
from planner.case.parse import columns_of
from planner.case.row import Row
from planner.changes.draft import Draft
from planner.changes.grammar import Place
from planner.changes.refusals import ChangeError
from planner.changes.schema import Shift
from planner.changes.select import select

DATES: Mapping[str, tuple[str, ...]] = {
    "sites": ("earliest_date",),
    "energisation": ("date", "date_low", "date_high"),
    "offers": ("first_start", "last_start"),
    "contracts": ("start_date", "end_date"),
    "chips": ("first_date",),
    "power_options": ("earliest_date",),
    "programme_steps": ("date",),
    "financing": ("first_date", "last_date"),
}
"""The dates of a row that move."""
WITH: Mapping[str, tuple[tuple[str, str], ...]] = {
    "sites": (("energisation", "site"), ("power_options", "site"), ("contracts", "offer.site")),
    "chips": (("chip_supply", "chip"),),
}
"""What moves with a row: table, and the path from there back to the row."""
LEVELS: Mapping[str, tuple[str, bool]] = {
    "chip_supply": ("it_mw", False),
    "demand": ("compute", True),
}
"""Tables by calendar year: the figure that moves, and whether it is held before the first year (else it is 0)."""


def shift(draft: Draft, change: Shift) -> None:
    """Move rows in time.

    Raises
    ------
    ChangeError
        If the table has no dates, or nothing lies after the start of the horizon.
    """
    if change.months is None:
        raise ChangeError("give months")
    keys = select(draft, change.place)
    moved = _shift_table(draft, change.table, keys, change.months, change.column)
    if change.column is None:
        for table, path in WITH.get(change.table, ()):
            if draft.has(table):
                moved += _shift_with(draft, table, path, [key_text(key) for key in keys], change.months)
    if not moved and change.months and not change.if_any:
        start = draft.case.model.horizon.start
        raise ChangeError(f"nothing moves: every date lies on or before the start of the horizon ({start})")


def _shift_with(draft: Draft, table: str, path: str, owners: Sequence[str], months: int) -> int:
    try:
        keys = select(draft, Place(table, where=((path, tuple(owners)),)))
    except ChangeError:  # nothing there belongs to them
        return 0
    return _shift_table(draft, table, keys, months, None)


def _shift_table(draft: Draft, table: str, keys: Sequence[Hashable], months: int, column: str | None) -> int:
    """Move rows of one table; return how many changed."""
    if table in LEVELS and column in (None, LEVELS[table][0]):
        return _shift_levels(draft, table, keys, months)
    dates = DATES.get(table, ()) if column is None else (column,)
    if not dates or any(name not in columns_of(table) or columns_of(table)[name].kind != "date" for name in dates):
        known = [*DATES, *LEVELS]
        what = f"{column} of table {table} is no date" if column else f"table {table} has nothing that moves"
        raise ChangeError(f"{what} (what moves is in: {listed(known)})")
    start = draft.case.model.horizon.start
    moved: dict[Hashable, Row] = {}
    for key in keys:
        row = draft.rows(table)[key]
        values = _moved_dates(table, row, dates, months, start)
        if values:
            moved[key] = row.model_copy(update=values)
    draft.replace_key(table, moved)
    return len(moved)


def _moved_dates(table: str, row: Row, dates: Sequence[str], months: int, start: date) -> dict[str, Any]:
    given = {name: getattr(row, name) for name in dates}
    if table == "contracts" and "start_date" in given and given["start_date"] <= start:
        return {}  # it runs already: neither end moves
    if table == "energisation" and "date" in given:
        # The range of a date moves with it, so that it still holds it.
        return {name: add_months(day, months) for name, day in given.items() if day is not None and row.date > start}  # type: ignore[attr-defined]
    return {name: add_months(day, months) for name, day in given.items() if day is not None and day > start}


def add_months(day: date, months: int) -> date:
    """Return the day so many months later; the last day of the month where there is no such day.

    Raises
    ------
    ChangeError
        If the calendar ends before.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1900 <= year <= 2200:
        raise ChangeError(f"{day} moved by {months} months leaves the years 1900 to 2200")
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _shift_levels(draft: Draft, table: str, keys: Sequence[Hashable], months: int) -> int:
    """Move levels by year: each year takes what stood so many months before, averaged over the year."""
    column, held = LEVELS[table]
    rows = draft.rows(table)
    by_owner: dict[tuple[object, ...], dict[int, float]] = {}
    for key in keys:
        values = by_owner.setdefault(_owner(rows[key]), {})
        values[rows[key].year] = getattr(rows[key], column)  # type: ignore[attr-defined]
    count = 0
    for key in keys:
        levels = by_owner[_owner(rows[key])]
        new = _level(levels, rows[key].year - months / 12, held=held)  # type: ignore[attr-defined]
        if new != getattr(rows[key], column):
            draft.change(table, key, {column: new})
            count += 1
    return count


def _owner(row: Row) -> tuple[object, ...]:
    key = simple_key(row)
    assert isinstance(key, tuple)  # the year is one of several columns
    return key[:-1]


def _level(levels: Mapping[int, float], begin: float, *, held: bool) -> float:
    """Return the average over the year from ``begin`` of levels that are constant over calendar years."""
    first = math.floor(begin + 1e-9)
    share = begin - first if begin - first > 1e-9 else 0.0
    before, after = _at(levels, first, held=held), _at(levels, first + 1, held=held)
    return round((1.0 - share) * before + share * after, 9)


def _at(levels: Mapping[int, float], year: int, *, held: bool) -> float:
    if year < min(levels):
        return levels[min(levels)] if held else 0.0
    return levels[min(year, max(levels))] if year not in levels else levels[year]
