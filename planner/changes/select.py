"""Which rows a place means: by key, or by the values of their columns and of the rows they name."""

import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from fnmatch import translate
from functools import lru_cache
from typing import Any

from planner.case.case import key_text
from planner.case.check.keys import REFERENCES
from planner.case.messages import listed, nearest, shorten
from planner.case.parse import CellError, Column, columns_of
from planner.case.renamed import current_column
from planner.case.row import Row
from planner.case.write import cell_text
from planner.changes.draft import Draft
from planner.changes.grammar import Place
from planner.changes.refusals import ChangeError, no_column, no_row
from planner.changes.values import cell_value

TARGETS = {(table, column): target for table, column, target in REFERENCES}
Match = Callable[[Any], bool]


def select(draft: Draft, place: Place) -> list[Hashable]:
    """Return the keys of the rows a place means, in the order of the table.

    Raises
    ------
    ChangeError
        If the table, a key or a column does not exist, or no row fits.
    """
    table = draft.rows(place.table)
    keys = list(table) if place.keys is None else _by_key(table, place)
    for path, values in place.where:
        steps = _steps(draft, place.table, path)
        cells = {key: _cell(draft, table[key], steps) for key in keys}
        column = column_named(*steps[-1])
        matches = [_matcher(value, column) for value in values]
        kept = [key for key in keys if any(match(cells[key]) for match in matches)]
        if not kept:
            raise _nothing(place.table, path, values, column, cells.values())
        keys = kept
    if not keys:
        raise ChangeError(f"table {place.table} has no row")
    return keys


def _by_key(table: Mapping[Hashable, Row], place: Place) -> list[Hashable]:
    known = _by_text(tuple(table))
    found: dict[Hashable, None] = {}
    for wanted in place.keys or ():
        if wanted in known:
            found[known[wanted]] = None
            continue
        pattern = _pattern(wanted)
        fitting = [] if pattern is None else [key for text, key in known.items() if pattern.fullmatch(text)]
        if not fitting:
            raise no_row(place.table, wanted, known)
        found |= dict.fromkeys(fitting)
    return list(found)


@lru_cache(maxsize=64)
def _by_text(keys: tuple[Hashable, ...]) -> Mapping[str, Hashable]:
    """Return keys by their text: changes come in hundreds, and few of them add or drop a row."""
    return {key_text(key): key for key in keys}


def _pattern(text: str) -> re.Pattern[str] | None:
    """Return the pattern of a text with wildcards (``*`` and ``?`` only); None where it has none."""
    if "*" not in text and "?" not in text:
        return None
    return re.compile(translate(text.replace("[", "[[]")))


def column_named(table: str, name: str) -> Column:
    """Return a column of a table, its key included.

    Raises
    ------
    ChangeError
        If the table has no such column.
    """
    columns = columns_of(table)
    if name not in columns:
        raise no_column(table, name, columns)
    return columns[name]


def _steps(draft: Draft, table: str, path: str) -> list[tuple[str, str]]:
    """Return the tables and columns that a path goes through: ``site.power_region`` of offers."""
    steps: list[tuple[str, str]] = []
    *references, last = path.split(".")
    for name in references:
        column_named(table, name)
        if (table, name) not in TARGETS:
            links = [column for other, column in TARGETS if other == table]
            raise ChangeError(
                f"{shorten(path)}: column {name} of table {table} names no row of another table ({listed(links)} do)"
            )
        steps.append((table, name))
        table = TARGETS[table, name]
    return [*steps, (table, column_named(table, current_column(table, last, draft.source)).name)]


def _cell(draft: Draft, row: Row, steps: Sequence[tuple[str, str]]) -> Any:
    """Return the value at the end of a path from a row; None where the row names nothing."""
    (_, first), *others = steps
    value: Any = getattr(row, first)
    for place, name in others:
        named = draft.rows(place).get(value)
        value = None if named is None else getattr(named, name)
    return value


def _matcher(text: str, column: Column) -> Match:
    """Return whether a cell, or a member of its list, is what a text says: a value, a pattern, or a range."""
    if not text:
        return lambda cell: cell is None
    ordered = column.numeric or column.kind == "date"
    if ordered and ".." in text:
        return _range(text, column)
    pattern = _pattern(text)
    wanted = _parsed(text, column) if ordered or column.kind == "yes/no" else None

    def match(cell: Any) -> bool:
        members = cell if isinstance(cell, tuple) else () if cell is None else (cell,)
        return any(
            cell_text(member) == text
            or (wanted is not None and bool(member == wanted))
            or (pattern is not None and pattern.fullmatch(cell_text(member)) is not None)
            for member in members
        )

    return match


def _parsed(text: str, column: Column) -> Any:
    try:
        return column.parse(text)
    except CellError:
        return None


def _range(text: str, column: Column) -> Match:
    ends = [end.strip() for end in text.split("..", 1)]
    low, high = (cell_value(column, end) if end else None for end in ends)
    return lambda cell: cell is not None and (low is None or cell >= low) and (high is None or cell <= high)


def _nothing(table: str, path: str, values: Iterable[str], column: Column, cells: Iterable[Any]) -> ChangeError:
    """No row fits: what the column holds, and the nearest of it."""
    wanted = list(values)
    members = [member for cell in cells for member in (cell if isinstance(cell, tuple) else (cell,))]
    known = sorted({cell_text(member) for member in members})
    ordered = column.numeric or column.kind == "date"
    hint = nearest(wanted[0], known) if wanted else ""
    if any(".." in value for value in wanted):
        hint = "" if ordered else f" (a range from..to needs numbers or dates; {column.name} holds {column.kind})"
    shown = listed([shorten(value) or "(empty)" for value in wanted])
    return ChangeError(
        f"no row of table {table} that is meant has {shorten(path)} {shown}{hint} (there are: {listed(known)})"
    )
