"""From the bytes of a CSV file to the rows of a table, with every fault of every row and column."""

import csv
import io
import re
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from planner.case.case import key_text, simple_key
from planner.case.messages import listed, shorten
from planner.case.parse import CellError, columns_of, header_problem, range_columns
from planner.case.rows import TABLES, Row
from planner.errors import Problem


@dataclass(slots=True)
class TableRead:
    """A table as read: its rows, the ranges stated beside figures, the line of each row, and what is wrong."""

    table: str
    file: str
    rows: list[Row] = field(default_factory=list)
    ranges: dict[Hashable, dict[str, tuple[float, float]]] = field(default_factory=dict)
    lines: dict[Hashable, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def report(self, message: str, row: int | None = None, column: str | None = None, value: str | None = None) -> None:
        """Note a fault."""
        shown = None if value is None else shorten(value)
        self.problems.append(Problem(file=self.file, message=message, row=row, column=column, value=shown))


def decode(raw: bytes) -> str:
    """Return the text of a file.

    Raises
    ------
    CellError
        If it is not UTF-8 text; the message says where.
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise CellError("the file is UTF-16; save it as UTF-8")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        found = raw[error.start]
        raise CellError(f"the file is not UTF-8 (byte 0x{found:02x} on line {line}); save it as UTF-8") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise CellError(f"the file holds a NUL character (line {line}); it is no text file")
    return text


def read_table(table: str, raw: bytes, file: str) -> TableRead:
    """Read one table; faults are collected, never raised."""
    read = TableRead(table, file)
    try:
        records = _records(decode(raw), read)
        header = next(records, None)
        if header is None:
            read.report("the file is empty; its first line must name the columns")
            return read
        names = [name.strip() for name in header[1]]
        if _header_is_good(read, header[0], names):
            for line, cells in records:
                _read_row(read, line, names, cells)
            _check_ranges_and_keys(read)
    except CellError as error:
        read.report(str(error))
    return read


def _records(text: str, read: TableRead) -> Iterator[tuple[int, list[str]]]:
    """Yield the line and the cells of every record that is not a blank line."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            read.report(f"this is not CSV: {error}", row=line)
            return
        if cells:
            yield line, cells


def _header_is_good(read: TableRead, line: int, names: Sequence[str]) -> bool:
    known = columns_of(read.table)
    count = len(read.problems)
    if len(names) == 1 and re.search(r"[;\t|]", names[0]):
        read.report("the cells of a table are separated by commas", row=line, column=shorten(names[0]))
        return False
    for name, times in Counter(names).items():
        message = header_problem(read.table, name)
        if message is not None:
            read.report(message, row=line, column=shorten(name) or None)
        elif times > 1:
            read.report(f"the column stands {times} times in the header", row=line, column=name)
    for name, column in known.items():
        if name not in names and not column.optional:
            read.report(f"the column is missing (table {read.table} needs it)", row=line, column=name)
    for name, (figure, end) in range_columns(read.table).items():
        other = f"{figure}_{'high' if end == 'low' else 'low'}"
        if name in names and not {other, figure} <= set(names):
            read.report(f"a range needs the columns {figure}, {figure}_low and {figure}_high", row=line, column=name)
    return len(read.problems) == count


def _read_row(read: TableRead, line: int, names: Sequence[str], cells: Sequence[str]) -> None:
    if len(cells) != len(names):
        hint = "; put text that holds commas in double quotes" if len(cells) > len(names) else ""
        read.report(f"the row has {len(cells)} cells, the header {len(names)}{hint}", row=line)
        return
    if not any(cell.strip() for cell in cells):
        read.report("the row is empty; take it out", row=line)
        return
    values = _read_cells(read, line, dict(zip(names, cells, strict=True)))
    if values is None:
        return
    ends = {name: values.pop(name, None) for name in range_columns(read.table)}
    row = TABLES[read.table].model_validate(values)
    key = simple_key(row)
    if key in read.lines:
        first = read.lines[key]
        read.report(f"the key stands twice: row {first} has it too", line, ", ".join(row.KEY), key_text(key))
        return
    read.lines[key] = line
    read.rows.append(row)
    pairs = row_ranges(read.table, values, ends)
    for column, message in pairs.faults.items():
        read.report(message, line, column, str(values[column]))
    if pairs.ranges:
        read.ranges[key] = pairs.ranges


def _read_cells(read: TableRead, line: int, cells: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the values of a row, or None when a cell is wrong."""
    columns = columns_of(read.table)
    companions = range_columns(read.table)
    values: dict[str, Any] = {}
    good = True
    for name, text in cells.items():
        column = columns[companions[name][0] if name in companions else name]
        try:
            values[name] = None if name in companions and not text.strip() else column.read(text)
        except CellError as error:
            read.report(str(error), line, name, text.strip())
            good = False
    return values if good else None


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


def _check_ranges_and_keys(read: TableRead) -> None:
    """Refuse keys that differ only by case: a reader would take them for one."""
    seen: dict[str, Hashable] = {}
    for key in read.lines:
        folded = key_text(key).lower()
        if folded in seen:
            message = f"the key differs from {key_text(seen[folded])!r} only by upper and lower case"
            read.report(message, read.lines[key], listed(TABLES[read.table].KEY), key_text(key))
        seen.setdefault(folded, key)
