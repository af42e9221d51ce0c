"""A case while it is being changed: rows by key, the ranges beside their figures, and the model as data."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from planner.case.case import CaseData, key_text, simple_key
from planner.case.grades import without_columns
from planner.case.model import Forced
from planner.case.row import Row
from planner.case.rows import TABLES
from planner.changes.refusals import ChangeError, no_table, table_not_given

Pair = tuple[float, float]
ModelPath = tuple[str | int, ...]
"""A key of the model: keys of sections, and indexes of lists."""


@dataclass(frozen=True, slots=True)
class Ends:
    """The range beside a figure: what the case states, and the ends that were changed by name.

    What the case states holds as long as the figure lies in it, or in the range that the changed ends make of it; an
    end that was changed by name holds in any case.
    """

    stated: Pair | None = None
    given: Mapping[str, float | None] = field(default_factory=dict)
    """``low`` or ``high``, and its new value."""

    def of(self, figure: Any) -> tuple[float | None, float | None]:
        """Return low and high beside a figure; None: not given."""
        low, high = self.stated or (None, None)
        merged = (self.given.get("low", low), self.given.get("high", high))
        if _holds(self.stated or (None, None), figure) or _holds(merged, figure):
            return merged
        return self.given.get("low"), self.given.get("high")


def _holds(pair: tuple[float | None, float | None], figure: Any) -> bool:
    low, high = pair
    return figure is not None and low is not None and high is not None and bool(low <= figure <= high)


@dataclass(slots=True)
class Draft:
    """A case being changed; nothing of the case itself is touched."""

    case: CaseData
    source: str = "what-if"
    """Where the changes are written, for warnings."""
    model: dict[str, Any] = field(init=False)
    tables: dict[str, dict[Hashable, Row]] = field(default_factory=dict)
    ranges: dict[str, dict[Hashable, dict[str, Ends]]] = field(default_factory=dict)
    number: int = 0
    """Number of the change that is being made: later faults are reported at the change that caused them."""
    model_changes: list[tuple[ModelPath, int]] = field(default_factory=list)
    """Keys of the model that were changed, and by which change."""
    range_changes: dict[tuple[str, Hashable, str], int] = field(default_factory=dict)
    """Figures whose ranges were changed, and by which change."""

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
                raise no_table(table)
            if table not in self.case.present:
                raise table_not_given(table, self.case.present)
            self._open(table)
        return self.tables[table]

    def _open(self, table: str) -> None:
        self.tables[table] = dict(self.case.index(table))
        self.ranges[table] = {
            key: {column: Ends(pair) for column, pair in pairs.items()}
            for key, pairs in self.case.ranges.get(table, {}).items()
        }

    def start_table(self, table: str) -> dict[Hashable, Row]:
        """Return the rows of a table, which may be one that the case does not have yet."""
        if table in TABLES and table not in self.tables and table not in self.case.present:
            self._open(table)
        return self.rows(table)

    def has(self, table: str) -> bool:
        """Whether the case has a table."""
        return table in self.tables or table in self.case.present

    def change(self, table: str, key: Hashable, values: Mapping[str, Any]) -> None:
        """Give cells of a row new values; what becomes empty has no grade of its own any more."""
        row, new = self.rows(table)[key], dict(values)
        if row.grade is not None and "grade" not in new:
            new["grade"] = without_columns(row.grade, [column for column, value in new.items() if value is None])
        self.rows(table)[key] = row.model_copy(update=new)

    def ends(self, table: str, key: Hashable, column: str) -> tuple[float | None, float | None]:
        """Return the range beside a figure as it stands now, low and high; None: not given."""
        found = self.ranges[table].get(key, {}).get(column, Ends())
        return found.of(getattr(self.rows(table)[key], column))

    def change_end(self, table: str, key: Hashable, column: str, end: str, value: float | None) -> None:
        """Give the low or the high end of a range another value."""
        by_column = self.ranges[table].setdefault(key, {})
        old = by_column.get(column, Ends())
        by_column[column] = replace(old, given={**old.given, end: value})
        self.range_changes[table, key, column] = self.number

    def scale_ends(self, table: str, key: Hashable, column: str, factor: float) -> None:
        """Let the range beside a figure move with it."""
        old = self.ranges[table].get(key, {}).get(column)
        if old is not None:
            stated = None if old.stated is None else (old.stated[0] * factor, old.stated[1] * factor)
            given = {end: None if value is None else value * factor for end, value in old.given.items()}
            self.ranges[table][key][column] = Ends(stated, given)

    def replace_key(self, table: str, moved: Mapping[Hashable, Row]) -> None:
        """Put rows with other keys in the place of rows: ``moved`` gives the new row of each old key."""
        rows, ranges = self.rows(table), self.ranges[table]
        new_rows: dict[Hashable, Row] = {}
        new_ranges: dict[Hashable, dict[str, Ends]] = {}
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
        forced = self.model.setdefault("forced", [])
        forced.append(decision.model_dump(mode="json", exclude_none=True))
        self.model_changes.append((("forced", len(forced) - 1), self.number))

    def remove(self, table: str, keys: list[Hashable]) -> None:
        """Take rows out."""
        rows = self.rows(table)
        for key in keys:
            rows.pop(key, None)
            self.ranges[table].pop(key, None)
