"""Reading the tables of a plan: every bad row or cell is a failed check with a message, never a traceback."""

import difflib
import math
import re
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from planner.audit.facts import Facts
from planner.audit.report import Checks
from planner.case.fields import OWN
from planner.plan.columns import COLUMNS
from planner.plan.earlier import ADDED_TABLES, ASKED_TABLES, NEW_TABLES

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
HUGE = 1e40
"""No number of a plan is larger, whatever its unit."""


class CellError(Exception):
    """A cell that cannot be read; caught by `Reader.parse`."""


PLAIN = frozenset({str, int})
"""Types whose values are equal only where their texts are."""
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ T]00:00:00(?:\.0+)?)?")
"""A date, as data frames write it too: with midnight after it."""


def is_empty(value: object) -> bool:
    """Whether a cell holds nothing: no value, an empty text, or not a number (as data frames write it)."""
    if type(value) is str:  # nearly all cells
        return not value.strip()
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    return isinstance(value, str) and not value.strip()


def to_number(value: object, most: float = HUGE) -> float:
    """Read a finite number of at most the given size from a number or its text; `CellError` where it is none."""
    if type(value) is float and -most <= value <= most and math.isfinite(value):  # nearly all cells
        return value
    if isinstance(value, bool) or value is None:
        raise CellError(f"{value!r} is not a number")
    if isinstance(value, str) and not (value.isascii() and "_" not in value):
        raise CellError(f"{value!r} is not a number")  # Python would read it; a spreadsheet or pandas would not
    try:
        # A number of numpy is neither int nor float, but its text is a number.
        number = float(value) if isinstance(value, (str, int, float)) else float(str(value))
    except (ValueError, OverflowError):
        raise CellError(f"{value!r} is not a number") from None
    if not math.isfinite(number) or abs(number) > most:
        raise CellError(f"{value!r} is not a finite number of sane size")
    return number


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a plan table."""

    table: str
    number: int
    """Its place in the table, the first row being 1."""
    cells: Mapping[str, object]
    facts: Facts

    def _cell(self, column: str) -> object:
        if column not in self.cells:
            raise CellError(f"column {column} is missing")
        return self.cells[column]

    def text(self, column: str) -> str:
        """Text of a cell."""
        value = self._cell(column)
        if type(value) is str:  # nearly all cells
            text = value.strip()
            if text:
                return text
        if is_empty(value):
            raise CellError(f"column {column} is empty")
        return str(value).strip()

    def number_of(self, column: str, most: float = HUGE) -> float:
        """Read the number of a cell, of sane size unless more is admitted."""
        cell = self._cell(column)
        try:
            return to_number(cell, most)
        except CellError as error:
            raise CellError(f"column {column}: {error}") from None

    def optional_number(self, column: str) -> float | None:
        """Read the number of a cell that may be empty."""
        return None if is_empty(self._cell(column)) else self.number_of(column)

    def size(self, column: str, tolerance: float = 0.0) -> float:
        """Read a number of a cell that is not negative."""
        number = self.number_of(column)
        if number < -tolerance:
            raise CellError(f"column {column}: {number:.10g} is negative")
        return number

    def known(self, column: str, allowed: Collection[str]) -> str:
        """Read a key that is one of ``allowed``."""
        text = self.text(column)
        if text not in allowed:
            near = difflib.get_close_matches(text, list(allowed), n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise CellError(f"column {column}: {text!r} is not known{hint}")
        return text

    def text_or_empty(self, column: str) -> str:
        """Text of a cell that may be empty."""
        return "" if is_empty(self._cell(column)) else self.text(column)

    def known_or_empty(self, column: str, allowed: Collection[str]) -> str:
        """Read a key that is one of ``allowed``, or nothing."""
        return "" if is_empty(self._cell(column)) else self.known(column, allowed)

    def period(self, column: str = "period") -> int:
        """Read the index of a period."""
        text = self.text(column)
        if text.endswith(".0"):
            # A label such as 2028 that went through a column of floating-point numbers.
            text = text[:-2]
        return self.facts.calendar.index[self._labelled(column, text)]

    def boundary(self, column: str) -> int:
        """Read the index of a period, or of the end of the horizon (``end`` in plans of version 0.1)."""
        cal = self.facts.calendar
        end = cal.boundary(cal.periods)
        ends = {"end", end.isoformat(), *([str(end.year)] if cal.yearly else [])}
        return cal.periods if self.text(column).removesuffix(".0") in ends else self.period(column)

    def _labelled(self, column: str, text: str) -> str:
        if text not in self.facts.calendar.index:
            labels = self.facts.calendar.labels
            raise CellError(f"column {column}: {text!r} is not a period ({labels[0]} to {labels[-1]})")
        return text

    def day(self, column: str) -> date:
        """Read a date."""
        text = self.text(column)
        found = _DAY.fullmatch(text)
        try:
            if found is None:
                raise ValueError
            return date(*(int(part) for part in found.groups()))
        except ValueError:
            raise CellError(f"column {column}: {text!r} is not a date (YYYY-MM-DD)") from None


class Repeated(Generic[T]):
    """What some cells of a row mean, read once for each combination of them: in long tables the same ones come again.

    Parameters
    ----------
    columns : sequence of str
        The columns that ``read`` looks at, and no others.
    read : callable
        Reads a row, and raises `CellError` on a bad cell.
    """

    def __init__(self, columns: Sequence[str], read: Callable[[Line], T]) -> None:
        self.columns, self._read = tuple(columns), read
        self._known: dict[tuple[object, ...], T] = {}

    def of(self, line: Line) -> T:
        """Read a row."""
        cells = tuple(map(line.cells.get, self.columns))
        if not PLAIN.issuperset(map(type, cells)):
            return self._read(line)  # such as 1.0, which is equal to 1 but another text
        if cells not in self._known:
            self._known[cells] = self._read(line)
        return self._known[cells]


class Reader:
    """Reads the tables of a plan against its case."""

    def __init__(
        self,
        facts: Facts,
        tables: Mapping[str, Sequence[Mapping[str, object]]],
        checks: Checks,
        *,
        earlier: bool = False,
        by_lease: bool = True,
        without: Collection[str] = (),
    ) -> None:
        self.facts = facts
        self.by_lease = by_lease
        """Whether leases say which chip they have."""
        self.checks = checks
        self._rows: dict[str, list[tuple[int, Mapping[str, object]]]] = {}
        for name in tables:
            if name not in COLUMNS:
                checks.fault("tables", "known tables", f"table {name} is not a table of a plan")
        for name in COLUMNS:
            if name not in without and not (earlier and name in NEW_TABLES):
                self._rows[name] = self._open(name, tables)

    def _open(
        self, name: str, tables: Mapping[str, Sequence[Mapping[str, object]]]
    ) -> list[tuple[int, Mapping[str, object]]]:
        rows = tables.get(name, () if self._may_lack(name) else None)
        if name in ASKED_TABLES and rows in ((), []):
            return []
        self.checks.seen("tables", f"{name} can be read")
        if not isinstance(rows, Sequence) or isinstance(rows, str):
            self.checks.fault("tables", f"{name} can be read", f"table {name} is missing")
            return []
        kept, known = [], frozenset(COLUMNS[name])
        for place, cells in enumerate(rows, start=1):
            if type(cells) is not dict and not isinstance(cells, Mapping):
                self.checks.fault("tables", f"{name} can be read", f"{name}, row {place}: not a row of cells")
                continue
            if not known.issuperset(cells):
                unknown = [str(c) for c in cells if c not in known and not str(c).startswith(OWN)]
                if unknown:
                    message = f"{name}, row {place}: unknown column {', '.join(unknown)}"
                    self.checks.fault("tables", f"{name} can be read", message)
            kept.append((place, cells))
        return kept

    def _may_lack(self, name: str) -> bool:
        """Whether a plan may be without a table: one of rules that came later and that the case does not have."""
        needed = ADDED_TABLES.get(name)
        return needed is not None and not needed(self.facts.case)

    def has(self, table: str) -> bool:
        """Whether the format of the plan has a table."""
        return table in self._rows

    def lines(self, table: str) -> Sequence[Line]:
        """Give the rows of a table."""
        return [Line(table, number, cells, self.facts) for number, cells in self._rows[table]]

    def columns(self, table: str, names: Sequence[str]) -> list[list[object]] | None:
        """Give columns of a table, cell by cell; None where the table is empty or a row lacks one of them."""
        rows = self._rows[table]
        try:
            return [[cells[name] for _, cells in rows] for name in names] if rows else None
        except KeyError:
            return None

    def line(self, table: str, place: int) -> Line:
        """Give one row of a table, the first at place 0."""
        return Line(table, *self._rows[table][place], self.facts)

    def parse(self, table: str, read: Callable[[Line], tuple[K, T]]) -> dict[K, T]:
        """Read a table by key; bad and repeated rows are left out, each a failed check.

        ``read`` gives the key and the value of a row and raises `CellError` on a bad cell.
        """
        name = f"{table} can be read"
        found: dict[K, T] = {}
        for number, cells in self._rows[table]:
            line = Line(table, number, cells, self.facts)
            try:
                key, value = read(line)
            except CellError as error:
                self.checks.fault("tables", name, f"{table}, row {line.number}: {error}")
                continue
            if key in found:
                self.checks.fault("tables", name, f"{table}, row {line.number}: repeats an earlier row")
                continue
            found[key] = value
            self.checks.seen("tables", name)
        return found
