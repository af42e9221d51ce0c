"""What is known of a future on a day, and which futures that does not distinguish (docs/uncertainty.md).

Figures hold from a day on: those of a year from its first day, those of a row with a date from that date, all others
from the start of the horizon. On a day, what holds by then is known; of a later time nothing is.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
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
"""Figures that are named of those that distinguish a group, unless it takes more; the others are counted."""
LEAST_DIGITS, MOST_DIGITS = 4, 16
"""Digits in which numbers are written at least; from so many on they are written as the machine has them."""

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
                found.update({(MODEL, "", key): value for key, value in _flat(sections)})
            continue
        for row in case.tables[table]:
            begin = getattr(row, BEGINS[table]) if table in BEGINS else None
            begin = date(begin, 1, 1) if isinstance(begin, int) else begin or start
            if begin <= day:
                key = key_text(simple_key(row))
                found.update({(table, key, name): value for name, value in _figures(row, day).items()})
    return found


def _flat(sections: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, Any]]:
    """The keys of a model file with what they hold, as changes name them."""
    for key, value in sections.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{within}{key}.")
        else:
            yield f"{within}{key}", value


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

    The figures that are named first are enough to distinguish it from every other group, as they are written: numbers
    are rounded to four digits, or to as many more as keep apart what the groups have. Of others, ``MOST_NAMED`` at most
    are named in all.

    Examples
    --------
    >>> distinction({("offers", "a", "max_blocks"): 3}, [{("offers", "a", "max_blocks"): 5}])
    'offers[a].max_blocks=3'
    >>> distinction({}, [{("energisation", "a,2027-01-01", "date"): date(2027, 1, 1)}])
    'energisation[a,2027-01-01] not by then'
    >>> distinction({("demand", "m", "compute"): 0.1 + 0.2}, [{("demand", "m", "compute"): 0.30001}])
    'demand[m].compute=0.3'
    """
    said = _said(mine, others)
    enough, left = dict[str, None](), set(range(len(others)))
    while left:
        words = max(said, key=lambda one: len(said[one] & left))  # of equally many the first
        enough[words] = None
        left -= said[words]
    named = [*enough, *(words for words in said if words not in enough)]
    most = max(MOST_NAMED, len(enough))
    more = f" and {count(len(named) - most, 'more figure')}" if len(named) > most else ""
    return "; ".join(named[:most]) + more


def _said(mine: Known, others: Sequence[Known]) -> dict[str, set[int]]:
    """Return what is true of a group and not of all others, in words, with the places of those of which it is not."""
    rows = [{key[:2] for key in one} for one in others]
    own, found = {key[:2] for key in mine}, dict[str, set[int]]()
    for key in dict.fromkeys(key for one in (mine, *others) for key in one):
        if all(key in one and key in mine and one[key] == mine[key] for one in others):
            continue
        place = f"{key[0]}[{key[1]}]" if key[1] else key[0]
        there = {i for i, row in enumerate(rows) if key[:2] in row}
        if key[:2] not in own:
            found[f"{place} not by then"] = there
            continue
        if len(there) < len(others):
            words, begin = _begun(key, mine)
            same = {i for i in there if begin is None or others[i].get(begin) == mine[begin]}
            found[f"{place}{words}"] = set(range(len(others))) - same
        if key not in mine:
            absent = "not given" if key[0] == MODEL else "not by then"
            found[f"{place}.{key[2]} {absent}"] = {i for i in there if key in others[i]}
            continue
        apart = {i for i in there if others[i].get(key) != mine[key]}
        if apart:
            values = [one[key] for one in (mine, *others) if key in one]
            found.setdefault(f"{place}.{key[2]}={_written(mine[key], values)}", apart)
    return found


def _written(value: Any, values: Sequence[Any]) -> str:
    """Return a figure in as few digits, four at least, as keep apart all that a case may have in its place."""
    numbers = [one for one in values if isinstance(one, int | float) and not isinstance(one, bool)]
    if not isinstance(value, float) or len(numbers) < len(values):
        return str(value)
    every = len(set(numbers))
    digits = next((n for n in range(LEAST_DIGITS, MOST_DIGITS) if len({_rounded(x, n) for x in numbers}) == every), 0)
    return _rounded(value, digits or MOST_DIGITS)


def _rounded(value: float, digits: int) -> str:
    """Return a number in so many digits, without an exponent as long as it is of usual size."""
    return str(value) if digits == MOST_DIGITS else f"{float(f'{value:.{digits}g}'):.15g}"


def _begun(key: tuple[str, str, str], mine: Known) -> tuple[str, tuple[str, str, str] | None]:
    """Since when a row holds, where its key does not say so, and the figure that says it."""
    begin = (*key[:2], BEGINS.get(key[0], ""))
    value = mine.get(begin)
    return (" there", None) if value is None or str(value) in key[1] else (f".{begin[2]}={value}", begin)


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
