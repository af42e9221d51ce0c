"""Which rows a change means: by key, or by the values of their columns and of the rows they name."""

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from planner.case.case import key_text
from planner.case.check.keys import REFERENCES
from planner.case.messages import listed, nearest, shorten
from planner.case.parse import Column
from planner.case.rows import TABLES, Row
from planner.case.write import cell_text
from planner.changes.draft import ChangeError, Draft, cell_value, column_named
from planner.changes.schema import Range, Rows

TARGETS = {(table, column): target for table, column, target in REFERENCES}


def select(draft: Draft, rows: Rows) -> list[Hashable]:
    """Return the keys of the rows a change means, in the order of the table; all rows without key and filter.

    Raises
    ------
    ChangeError
        If the table, a key or a column does not exist, or no row fits.
    """
    table = draft.rows(rows.table)
    keys = _by_key(table, rows) if rows.key is not None else list(table)
    for path, condition in (rows.where or {}).items():
        cells = {key: _cell(draft, rows.table, table[key], path) for key in keys}
        column = _last_column(rows.table, path)
        kept = [key for key in keys if _fits(cells[key], condition, column)]
        if not kept:
            raise ChangeError(_nothing(rows.table, path, condition, cells.values()))
        keys = kept
    if not keys:
        raise ChangeError(f"table {rows.table} has no row")
    return keys


def _by_key(table: Mapping[Hashable, Row], rows: Rows) -> list[Hashable]:
    given = rows.key if isinstance(rows.key, tuple) else (rows.key,)
    wanted = [",".join(part.strip() for part in str(key).split(",")) for key in given]
    known = {key_text(key): key for key in table}
    for key in wanted:
        if key not in known:
            form = ",".join(TABLES[rows.table].KEY)
            hint = nearest(key, known)
            raise ChangeError(f"table {rows.table} has no row [{shorten(key)}]{hint} (rows are named by {form})")
    return [known[key] for key in dict.fromkeys(wanted)]


def _steps(table: str, path: str) -> list[tuple[str, str]]:
    """Return the tables and columns that a path goes through: ``site.power_region`` of offers."""
    steps = []
    *references, last = path.split(".")
    for name in references:
        column_named(table, name)
        if (table, name) not in TARGETS:
            links = [column for other, column in TARGETS if other == table]
            raise ChangeError(
                f"{path}: column {name} of table {table} names no row of another table ({listed(links)} do)"
            )
        steps.append((table, name))
        table = TARGETS[table, name]
    return [*steps, (table, column_named(table, last).name)]


def _last_column(table: str, path: str) -> Column:
    last, name = _steps(table, path)[-1]
    return column_named(last, name)


def _cell(draft: Draft, table: str, row: Row, path: str) -> Any:
    """Return the value at the end of a path from a row; None where the row names nothing."""
    (_, first), *others = _steps(table, path)
    value: Any = getattr(row, first)
    for place, name in others:
        named = draft.rows(place).get(value)
        value = None if named is None else getattr(named, name)
    return value


def _fits(cell: Any, condition: Any, column: Column) -> bool:
    if isinstance(condition, Range):
        return _within(cell, condition, column)
    wanted = condition if isinstance(condition, tuple) else (condition,)
    members = cell if isinstance(cell, tuple) else (cell,)
    return any(_same(member, value, column) for member in members for value in wanted)


def _same(member: Any, value: Any, column: Column) -> bool:
    """Whether a cell (or a member of its list) is a value, which may be written as in a table."""
    if value == "":
        return member is None
    return member is not None and (cell_text(member) == cell_text(value) or _equal_numbers(member, value, column))


def _equal_numbers(member: Any, value: Any, column: Column) -> bool:
    return column.numeric and isinstance(value, (int, float)) and not isinstance(value, bool) and bool(member == value)


def _within(cell: Any, condition: Range, column: Column) -> bool:
    if not (column.numeric or column.kind == "date"):
        raise ChangeError(f"from and to need a column of numbers or dates; {column.name} holds {column.kind}")
    low, high = (None if end is None else cell_value(column, end) for end in (condition.from_, condition.to))
    return cell is not None and (low is None or cell >= low) and (high is None or cell <= high)


def _nothing(table: str, path: str, condition: Any, cells: Iterable[Any]) -> str:
    """Say that no row fits, and what the column holds."""
    members = [member for cell in cells for member in (cell if isinstance(cell, tuple) else (cell,))]
    values = sorted({cell_text(member) for member in members})
    if isinstance(condition, Range):
        ends = (("from", condition.from_), ("to", condition.to))
        shown, hint = " ".join(f"{word} {end}" for word, end in ends if end is not None), ""
    else:
        wanted = [cell_text(value) for value in (condition if isinstance(condition, tuple) else (condition,))]
        shown, hint = listed([shorten(value) for value in wanted]), nearest(wanted[0], values) if wanted else ""
    return f"no row of table {table} that is meant has {path} {shown}{hint} (there are: {listed(values)})"
