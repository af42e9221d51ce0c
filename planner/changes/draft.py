"""A case while it is being changed: rows by key, ranges, and the model as data."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from planner.case.case import CaseData, key_text, simple_key
from planner.case.messages import listed, nearest, pydantic_message, unknown
from planner.case.model import Forced
from planner.case.parse import CellError, Column, columns_of
from planner.case.renamed import current_column
from planner.case.rows import TABLES, Row
from planner.case.write import cell_text

Pair = tuple[float, float]


class ChangeError(ValueError):
    """A change cannot be made; the text says why."""


@dataclass(slots=True)
class Draft:
    """A case being changed; nothing of the case itself is touched."""

    case: CaseData
    model: dict[str, Any] = field(init=False)
    tables: dict[str, dict[Hashable, Row]] = field(default_factory=dict)
    ranges: dict[str, dict[Hashable, dict[str, Pair]]] = field(default_factory=dict)
    model_changed: bool = False

    def __post_init__(self) -> None:
        self.model = self.case.model.model_dump(mode="json", exclude_none=True)

    def rows(self, table: str) -> dict[Hashable, Row]:
        """Return the rows of a table by key, free to be changed.

        Raises
        ------
        ChangeError
            If there is no such table, or the case does not have it.
        """
        if table not in self.tables:
            if table not in TABLES:
                raise ChangeError(unknown("table", table, TABLES))
            if table not in self.case.present:
                raise ChangeError(f"the case has no table {table}{nearest(table, self.case.present - {table})}")
            self._open(table)
        return self.tables[table]

    def _open(self, table: str) -> None:
        self.tables[table] = dict(self.case.index(table))
        self.ranges[table] = {key: dict(pairs) for key, pairs in self.case.ranges.get(table, {}).items()}

    def start_table(self, table: str) -> dict[Hashable, Row]:
        """Return the rows of a table, which may be one that the case does not have yet."""
        if table in TABLES and table not in self.tables and table not in self.case.present:
            self._open(table)
        return self.rows(table)

    def has(self, table: str) -> bool:
        """Whether the case has a table."""
        return table in self.tables or table in self.case.present

    def change(self, table: str, key: Hashable, values: Mapping[str, Any]) -> None:
        """Give cells of a row new values; a range that no longer holds its figure goes."""
        row = self.rows(table)[key].model_copy(update=dict(values))
        self.tables[table][key] = row
        pairs = self.ranges[table].get(key, {})
        for column in set(pairs) & set(values):
            figure = values[column]
            if figure is None or not pairs[column][0] <= figure <= pairs[column][1]:
                del pairs[column]

    def replace_key(self, table: str, moved: Mapping[Hashable, Row]) -> None:
        """Put rows with other keys in the place of rows: ``moved`` gives the new row of each old key."""
        rows, ranges = self.rows(table), self.ranges[table]
        new_rows: dict[Hashable, Row] = {}
        new_ranges: dict[Hashable, dict[str, Pair]] = {}
        for key, row in rows.items():
            changed = moved.get(key, row)
            place = simple_key(changed)
            if place in new_rows:
                raise ChangeError(f"two rows of {table} would have the key {key_text(place)}")
            new_rows[place] = changed
            if key in ranges:
                new_ranges[place] = ranges[key]
        self.tables[table], self.ranges[table] = new_rows, new_ranges

    def force(self, decision: Forced) -> None:
        """Force a decision on every plan of the case."""
        self.model.setdefault("forced", []).append(decision.model_dump(mode="json", exclude_none=True))
        self.model_changed = True

    def remove(self, table: str, keys: list[Hashable]) -> None:
        """Take rows out."""
        rows = self.rows(table)
        for key in keys:
            rows.pop(key, None)
            self.ranges[table].pop(key, None)


def column_named(table: str, name: str) -> Column:
    """Return a column of a table.

    Raises
    ------
    ChangeError
        If the table has no such column.
    """
    columns = columns_of(table)
    name = current_column(table, name, "what-if")
    if name not in columns:
        raise ChangeError(
            f"table {table} has no column {name!r}{nearest(name, columns)} (it has: {listed(columns, 40)})"
        )
    return columns[name]


def cell_value(column: Column, value: object) -> Any:
    """Return the value of a cell from what a what-if file or Python gives.

    Raises
    ------
    ChangeError
        If the column does not admit it.
    """
    try:
        if isinstance(value, str):
            return column.read(value)
        if isinstance(value, bool) and column.kind != "yes/no":
            raise ChangeError(f"must be a {column.kind}")
        if column.kind == "text" and isinstance(value, (int, float)):
            raise ChangeError("must be a text in quotes")
        return column.adapter.validate_python(value)
    except CellError as error:
        raise ChangeError(str(error)) from None
    except ValidationError as failure:
        messages = dict.fromkeys(pydantic_message(dict(error)) for error in failure.errors())
        raise ChangeError("; ".join(messages)) from None


def write_cell(draft: Draft, table: str, key: Hashable, column: Column, make: Callable[[Any], Any]) -> None:
    """Change one cell by a function of its value.

    Raises
    ------
    ChangeError
        If the column does not admit the new value.
    """
    old = getattr(draft.rows(table)[key], column.name)
    new = make(old)
    try:
        new = None if new is None and column.optional else cell_value(column, "" if new is None else new)
    except ChangeError as error:
        shown = "" if new is None else f" {cell_text(new)}"
        raise ChangeError(f"{table}[{key_text(key)}].{column.name}{shown}: {error}") from None
    draft.change(table, key, {column.name: new})
