"""What is known of a future on a day, and which futures that does not distinguish (docs/uncertainty.md).

Figures hold from a day on: those of a year from its first day, those of a row with a date from that date, all others
from the start of the horizon. On a day, what holds by then is known; of a later time nothing is.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from planner.case.case import CaseData, key_text, simple_key
from planner.case.messages import nearest
from planner.case.row import Row
from planner.case.rows import DRAWN_TABLES, TABLES
from planner.errors import OptionError
from planner.text import count

BEGINS = {
    "sites": "earliest_date", "energisation": "date", "power_options": "earliest_date", "chips": "first_date",
    "chip_supply": "year", "offers": "first_start", "contracts": "start_date", "demand": "year", "budget": "year",
    "financing": "first_date", "programme_steps": "date",
}  # fmt: skip
"""The column of each table that says from when on a row holds; rows of other tables hold from the start."""
MODEL = "model"
LEARNT = (MODEL, *(name for name in TABLES if name not in DRAWN_TABLES))
"""What can distinguish futures: the model file and the tables that plans depend on."""
MOST_NAMED = 3
"""Figures that are named of those that distinguish a group; the others are counted."""

Known = Mapping[tuple[str, str, str], Any]
"""Figures by table, row and column."""


def figures_known(case: CaseData, day: date, tables: Collection[str] = LEARNT) -> Known:
    """Return the figures of a future that are known on a day.

    Parameters
    ----------
    case : CaseData
        Of the future.
    day : date
    tables : collection of str
        Of ``LEARNT``: what else there is is not looked at.

    Examples
    --------
    >>> from planner import Case
    >>> sorted({key[1] for key in figures_known(Case.read("three_sites"), date(2026, 12, 31), ["demand"])})
    ['research,training,2026', 'users,inference,2026']
    """
    start, found = case.model.horizon.start, dict[tuple[str, str, str], Any]()
    for table in tables:
        if table == MODEL:
            if start <= day:
                sections = case.model.model_dump(mode="json", exclude={"tables", "name", "title", "description"})
                found.update({(MODEL, "", key): value for key, value in sections.items()})
            continue
        for row in case.tables[table]:
            begin = getattr(row, BEGINS[table]) if table in BEGINS else None
            begin = date(begin, 1, 1) if isinstance(begin, int) else begin or start
            if begin <= day:
                key = key_text(simple_key(row))
                found.update({(table, key, name): value for name, value in _figures(row, day).items()})
    return found


def _figures(row: Row, day: date) -> dict[str, Any]:
    """The columns of a row that holds; a date that is yet to come is as none at all."""
    values = {name: getattr(row, name) for name in type(row).model_fields if name not in Row.model_fields}
    yet = {name for name, value in values.items() if value is None or (isinstance(value, date) and value > day)}
    return {name: value for name, value in values.items() if name not in yet}


def indistinct(known: Sequence[Known]) -> list[tuple[int, ...]]:
    """Return the places of futures of which the same is known, in groups, in the order of the first of each.

    Examples
    --------
    >>> indistinct([{("demand", "m", "compute"): 1.0}, {}, {("demand", "m", "compute"): 1.0}])
    [(0, 2), (1,)]
    """
    groups: list[list[int]] = []
    for place, one in enumerate(known):
        same = next((group for group in groups if known[group[0]] == one), None)
        if same is None:
            groups.append([place])
        else:
            same.append(place)
    return [tuple(group) for group in groups]


def distinction(mine: Known, others: Sequence[Known]) -> str:
    """Return in words what distinguishes a group from the others; empty where there are none.

    Examples
    --------
    >>> distinction({("offers", "a", "max_blocks"): 3}, [{("offers", "a", "max_blocks"): 5}])
    'offers[a].max_blocks=3'
    >>> distinction({}, [{("energisation", "a,2027-01-01", "date"): date(2027, 1, 1)}])
    'energisation[a,2027-01-01] not by then'
    """
    rows = [{key[:2] for key in one} for one in (mine, *others)]
    words: dict[str, None] = {}
    for key in dict.fromkeys(key for one in (mine, *others) for key in one):
        if all(key in one and key in mine and one[key] == mine[key] for one in others):
            continue
        place = f"{key[0]}[{key[1]}]" if key[1] else key[0]
        if key[:2] not in rows[0]:
            words[f"{place} not by then"] = None
        elif any(key[:2] not in row for row in rows):
            words[f"{place}{_begun(key, mine)}"] = None
        elif key in mine:
            words[f"{place}.{key[2]}={mine[key]}"] = None
        else:
            words[f"{place}.{key[2]} not by then"] = None
    named = list(words)
    more = f" and {count(len(named) - MOST_NAMED, 'more figure')}" if len(named) > MOST_NAMED else ""
    return "; ".join(named[:MOST_NAMED]) + more


def _begun(key: tuple[str, str, str], mine: Known) -> str:
    """Since when a row holds, where its key does not say so."""
    column = BEGINS.get(key[0], "")
    value = mine.get((*key[:2], column))
    return " there" if value is None or str(value) in key[1] else f".{column}={value}"


def learnt_tables(names: Collection[str] | None, then: Collection[date]) -> tuple[str, ...]:
    """Return the tables whose figures distinguish futures, all of them where none is named.

    Raises
    ------
    OptionError
        For every name that is none, and where there are no later decision dates.
    """
    if names is not None and not then:
        raise OptionError("learn: what distinguishes futures matters on later decision dates, and none is given")
    wrong = [name for name in names or () if name not in LEARNT]
    if wrong:
        said = ", ".join(f"{name!r}{nearest(name, LEARNT)}" for name in wrong)
        raise OptionError(f"learn {said}: no table that distinguishes futures; there are {', '.join(LEARNT)}")
    return LEARNT if names is None else tuple(dict.fromkeys(names))
