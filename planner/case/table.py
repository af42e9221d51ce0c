"""From the bytes of a CSV file, or the cells of a sheet, to the rows of a table, with the fault of every cell."""

import csv
import io
import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from planner.case.case import key_text
from planner.case.encoding import decode
from planner.case.messages import listed, shorten
from planner.case.parse import CellError, columns_of, header_problem, is_own_column, parse_own, range_columns
from planner.case.renamed import current_column
from planner.case.row import Row
from planner.case.rows import TABLES
from planner.case.sheets import letter_of
from planner.errors import Problem, ProblemList

MOST_COLUMNS = 1_000
"""Columns of a header that are looked at."""
MODEL_VALUE = "value"
"""Column of a model sheet that holds the values of its keys."""
MOST_REMEMBERED = 50_000
"""Texts of a column whose values are remembered while a table is read."""


@dataclass(slots=True)
class TableRead:
    """A table as read: its rows, the ranges stated beside figures, the line of each row, and what is wrong."""

    table: str
    file: str
    rows: list[Row] = field(default_factory=list)
    ranges: dict[Hashable, dict[str, tuple[float, float]]] = field(default_factory=dict)
    lines: dict[Hashable, int] = field(default_factory=dict)
    own: dict[Hashable, dict[str, str]] = field(default_factory=dict)
    """The cells of the user's own columns, by row."""
    found: ProblemList = field(default_factory=ProblemList)
    """The faults, as they are found."""
    written: dict[str, str] = field(default_factory=dict)
    """What the file calls columns that it names by an earlier name."""
    letters: dict[str, str] | None = None
    """Of a table in a workbook: the letter of each column in its sheet."""
    keys_known: bool = False
    """Whether the keys of all rows are among ``lines``, also those of rows that have faults."""

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with the table, many faults of one kind as one."""
        return self.found.combined()

    def report(
        self,
        message: str,
        row: int | None = None,
        column: str | None = None,
        value: str | None = None,
        kind: str = "",
        cell: str | None = None,
    ) -> None:
        """Note a fault; in a workbook its cell is that of the row and the column where none is given."""
        shown = None if value is None else shorten(value)
        cell = cell or cell_of(self.letters or {}, row, column)
        column = self.written.get(column, column) if column is not None else None
        self.found.add(
            Problem(file=self.file, message=message, row=row, column=column, value=shown, kind=kind, cell=cell)
        )


def cell_of(letters: Mapping[str, str], row: int | None, column: str | None) -> str | None:
    """Return the cell of a row and a column (of several: the first) of a sheet; None where it is in no workbook.

    Examples
    --------
    >>> cell_of({"market": "A", "year": "C"}, 7, "year"), cell_of({"market": "A"}, 7, "market, year")
    ('C7', 'A7')
    """
    letter = None if column is None else letters.get(column, letters.get(column.split(",")[0]))
    return None if letter is None or row is None else f"{letter}{row}"


def read_table(table: str, raw: bytes, file: str) -> TableRead:
    """Read one table; faults are collected, never raised."""
    read = TableRead(table, file)
    try:
        records = _records(decode(raw), read)
        header = next(records, None)
        if header is not None and header[1][0].strip().lower() == "sep=":  # how a spreadsheet names the comma
            header = next(records, None)
        if header is None:
            read.report("the file is empty; its first line must name the columns")
            return read
        read_rows(read, header, records)
    except CellError as error:
        read.report(str(error))
    return read


def read_rows(
    read: TableRead,
    header: tuple[int, Sequence[str]],
    records: Iterable[tuple[int, list[str]]],
    faults: Mapping[tuple[int, int], str] | None = None,
) -> None:
    """Read the rows of a table under its header.

    Parameters
    ----------
    read : TableRead
        Takes the rows, and the faults.
    header : (int, sequence of str)
        The line of the header, and its names.
    records : iterable of (int, list of str)
        The line of each row, and the text of its cells.
    faults : mapping of (int, int) to str
        What is wrong with cells that have no text, by line and by column, counted from 0.
    """
    names = _current_names(read, _names(header[1]))
    if read.letters is not None:
        read.letters |= {name: letter_of(index) for index, name in reversed(list(enumerate(names)))}
    if _header_can_be_read(read, header[0], names):
        reader = _RowReader(read, names, {} if faults is None else faults)
        read.keys_known = reader.has_keys
        for line, cells in records:
            reader.read_row(line, cells)
        _check_keys_by_case(read)


def _records(text: str, read: TableRead) -> Iterator[tuple[int, list[str]]]:
    """Yield the line and the cells of every record that is not blank (no cell, or nothing but blanks and commas)."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            read.report(f"this is not CSV: {error}", row=line)
            read.keys_known = False
            return
        if any(cells) and any(map(str.strip, cells)):
            yield line, cells


def _names(cells: Sequence[str]) -> list[str]:
    """Return the names of the columns, without those that a spreadsheet adds empty at the end."""
    names = [name.strip() for name in cells]
    while names and not names[-1]:
        names.pop()
    return names


def _current_names(read: TableRead, names: Sequence[str]) -> list[str]:
    """Return the columns of a header by their names today; what the file calls them is kept for messages."""
    current = [current_column(read.table, name, read.file) for name in names]
    read.written = {today: name for today, name in zip(current, names, strict=True) if today != name}
    return current


def _header_can_be_read(read: TableRead, line: int, names: Sequence[str]) -> bool:
    """Note what is wrong with a header; False where the rows under it mean nothing."""
    known = columns_of(read.table)
    if read.letters is None and len(names) == 1 and (sign := re.search(r"[;\t|]", names[0])):
        what = "a tab" if sign[0] == "\t" else repr(sign[0])
        message = f"the cells of a table are separated by commas, not by {what}; numbers have a decimal point"
        read.report(message, row=line, column=shorten(names[0]))
        return False
    if len(names) > MOST_COLUMNS:
        read.report(f"the header has {len(names):,} columns; at most {MOST_COLUMNS:,} are read", row=line)
        return False
    for name, times in Counter(names).items():
        fault = header_problem(read.table, name)
        if fault is not None:
            read.report(fault, row=line, column=shorten(name) or None, cell=cell_of(read.letters or {}, line, name))
        elif times > 1:
            earlier = read.written.get(name)
            also = f" ({earlier} is the earlier name of {name})" if earlier is not None else ""
            read.report(f"the column appears {times} times in the header{also}", row=line, column=name)
    for name, column in known.items():
        if name not in names and not column.optional:
            read.report(f"the column is missing (table {read.table} needs it)", row=line, column=name)
    for name, (figure, end) in range_columns(read.table).items():
        other = f"{figure}_{'high' if end == 'low' else 'low'}"
        if name in names and not {other, figure} <= set(names):
            read.report(f"a range needs the columns {figure}, {figure}_low and {figure}_high", row=line, column=name)
    return True


class _RowReader:
    """Reads the rows of a table under its header; a text that a column held before is not read again.

    Under a header with faults the cells of the columns that are known are read all the same, for their own faults.
    """

    def __init__(self, read: TableRead, names: Sequence[str], faults: Mapping[tuple[int, int], str]) -> None:
        self._read = read
        self._faults = faults
        self._names = tuple(names)
        self._companions = range_columns(read.table)
        columns = columns_of(read.table)
        self._columns = {
            name: columns[self._companions[name][0] if name in self._companions else name]
            for name in names
            if name in columns or name in self._companions
        }
        self._own = [name for name in dict.fromkeys(names) if is_own_column(name)]
        self._ends = [name for name in dict.fromkeys(names) if name in self._companions]
        figures = [self._companions[name][0] for name in self._ends if self._companions[name][0] in names]
        self._ranged = {figure for figure in figures if {f"{figure}_low", f"{figure}_high"} <= set(names)}
        self._seen: dict[str, dict[str, Any]] = {name: {} for name in names}
        self._key = TABLES[read.table].KEY
        self._whole = not read.found or all(name in names for name, column in columns.items() if not column.optional)
        self.has_keys = all(names.count(name) == 1 for name in self._key)

    def read_row(self, line: int, cells: list[str]) -> None:
        """Read one row: its faults, or the row with its ranges and the cells of the user's own columns."""
        read, names = self._read, self._names
        if len(cells) > len(names):
            if any(map(str.strip, cells[len(names) :])):
                self._too_long(line, cells)
                read.keys_known = False
                return
            cells = cells[: len(names)]  # a spreadsheet's empty columns
        cells = [*cells, *[""] * (len(names) - len(cells))]  # a spreadsheet leaves out empty cells at the end
        good, values = self._values(line, cells)
        if any(name not in values for name in self._key):
            read.keys_known = False
            return
        parts = tuple(values[name] for name in self._key)
        key: Hashable = parts[0] if len(parts) == 1 else parts
        if key in read.lines:
            self._repeated(line, key)
            return
        read.lines[key] = line
        if good and self._whole:
            self._keep(line, key, values)

    def _too_long(self, line: int, cells: Sequence[str]) -> None:
        read, most = self._read, len(self._names)
        if read.letters is None:
            hint = "; put text that holds commas in double quotes"
            read.report(f"the row has {len(cells)} cells, the header {most}{hint}", row=line)
            return
        beyond = next(index for index in range(most, len(cells)) if cells[index].strip())
        message = "the cell is not empty, and its column has no name in the header"
        read.report(message, row=line, value=cells[beyond], cell=f"{letter_of(beyond)}{line}")

    def _repeated(self, line: int, key: Hashable) -> None:
        read, column = self._read, ", ".join(self._key)
        if not read.found.again(read.file, column, "repeated key"):
            message = f"the key appears twice: row {read.lines[key]} has it too"
            read.report(message, line, column, key_text(key), kind="repeated key")

    def _keep(self, line: int, key: Hashable, values: dict[str, Any]) -> None:
        read = self._read
        own = {name: text for name in self._own if (text := values.pop(name))}
        if own:
            read.own[key] = own
        ends: dict[str, float | None] = {name: values.pop(name) for name in self._ends}
        read.rows.append(TABLES[read.table].model_validate(values))
        ends = {name: end for name, end in ends.items() if self._companions[name][0] in self._ranged}
        if not ends:
            return
        pairs = row_ranges(read.table, values, ends)
        for column, message in pairs.faults.items():
            read.report(message, line, column, str(values[column]))
        if pairs.ranges:
            read.ranges[key] = pairs.ranges

    def _values(self, line: int, cells: Sequence[str]) -> tuple[bool, dict[str, Any]]:
        """Return whether all cells of a row are good, and the values of those that are."""
        values: dict[str, Any] = {}
        good = True
        for index, (name, text) in enumerate(zip(self._names, cells, strict=True)):
            if (line, index) in self._faults:
                self._read.report(self._faults[line, index], line, name, text.strip() or None)
                good = False
                continue
            seen = self._seen[name]
            if text in seen:
                values[name] = seen[text]
                continue
            if name not in self._columns and not is_own_column(name):
                continue  # the header has it as a fault
            try:
                values[name] = value = self._value(name, text)
            except CellError as error:
                self._read.report(str(error), line, name, text.strip())
                good = False
                continue
            if len(seen) < MOST_REMEMBERED and len(text) <= 40:
                seen[text] = value
        return good, values

    def _value(self, name: str, text: str) -> Any:
        """Return the value of one cell."""
        if name not in self._columns:
            return parse_own(text)
        if name in self._companions and not text.strip():
            return None
        return self._columns[name].read(text)


@dataclass(frozen=True, slots=True)
class RowRanges:
    """The ranges of a row, and what is wrong with them by column."""

    ranges: dict[str, tuple[float, float]]
    faults: dict[str, str]


def row_ranges(table: str, values: Mapping[str, Any], ends: Mapping[str, float | None]) -> RowRanges:
    """Return the ranges a row states, each ``low <= figure <= high``."""
    found = RowRanges({}, {})
    for column in sorted({column for column, _ in range_columns(table).values()}):
        low, high, value = ends.get(f"{column}_low"), ends.get(f"{column}_high"), values.get(column)
        if low is None and high is None:
            continue
        if low is None or high is None or value is None:
            found.faults[column] = f"{column}, {column}_low and {column}_high must be given together"
        elif not low <= value <= high:
            found.faults[column] = f"must lie between {column}_low ({low:g}) and {column}_high ({high:g})"
        else:
            found.ranges[column] = (low, high)
    return found


def _check_keys_by_case(read: TableRead) -> None:
    """Refuse keys that differ only by case: a reader would take them for one."""
    seen: dict[str, Hashable] = {}
    for key in read.lines:
        first = seen.setdefault(key_text(key).lower(), key)
        if first != key:
            message = f"the key differs from {key_text(first)!r} (row {read.lines[first]}) only by upper and lower case"
            read.report(message, read.lines[key], listed(TABLES[read.table].KEY), key_text(key))
