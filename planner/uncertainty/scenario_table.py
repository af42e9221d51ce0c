"""Scenarios as a table: one row for each scenario, one column for each figure that changes (docs/scenarios.md)."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from planner.case.encoding import decode
from planner.case.messages import listed, shorten
from planner.case.parse import CellError
from planner.changes.read import LARGEST_FILE_BYTES, faults
from planner.changes.schema import Change
from planner.errors import CaseError, Problem, ProblemList

NAME, PROBABILITY = "scenario", "probability"
OPERATIONS = ("scale", "shift")
"""Words before the place in the head of a column; without one, its cells are set."""
Row = tuple[str, float | None, tuple[Change, ...], int]
"""Name, probability, changes and line of a scenario."""
_CHANGE: TypeAdapter[Any] = TypeAdapter(Change)


def read_scenario_table(path: Path) -> list[Row]:
    """Read a table of scenarios.

    Raises
    ------
    CaseError
        With every fault of the table, each with its row and column.
    """
    label, found = str(path), ProblemList()
    header, records = _records(path, label)
    found.extend(_header_faults(header, label))
    rows: list[Row] = []
    for line, cells in records:
        if len(cells) != len(header):
            found.add(Problem(label, f"has {len(cells)} cells; the header has {len(header)}", line))
            continue
        given = dict(zip(header, (cell.strip() for cell in cells), strict=True))
        probability = _number(given.get(PROBABILITY, ""))
        if probability is None:
            message = "must be a number above 0 and at most 1"
            found.add(Problem(label, message, line, PROBABILITY, shorten(given.get(PROBABILITY, ""))))
        changes = []
        for head, cell in given.items():
            if head in (NAME, PROBABILITY) or not cell:
                continue
            change, problems = _change(head, cell, line, label)
            found.extend(problems)
            changes += change
        rows.append((given.get(NAME, ""), probability, tuple(changes), line))
    problems = found.combined()
    if problems:
        raise CaseError(label, problems)
    return rows


def _records(path: Path, label: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Return the header, and every row that is not blank with its line."""
    try:
        raw = path.read_bytes()[: LARGEST_FILE_BYTES + 1]
        if len(raw) > LARGEST_FILE_BYTES:
            raise CellError(f"the file has more than {LARGEST_FILE_BYTES:,} bytes")
        reader = csv.reader(io.StringIO(decode(raw), newline=""), strict=True)
        records = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except (CellError, csv.Error) as error:
        raise CaseError(label, [Problem(label, f"this is not a table (CSV): {error}")]) from None
    except OSError as error:
        raise CaseError(label, [Problem(label, f"cannot be read: {error.strerror or error}")]) from None
    if not records:
        raise CaseError(label, [Problem(label, "the file is empty; its first line must name the columns")])
    return [cell.strip() for cell in records[0][1]], records[1:]


def _header_faults(header: Sequence[str], label: str) -> Iterator[Problem]:
    missing = [name for name in (NAME, PROBABILITY) if name not in header]
    if missing:
        yield Problem(label, f"needs the columns {listed(missing)}", 1)
    for name, times in Counter(header).items():
        if times > 1:
            yield Problem(label, f"the column stands {times} times", 1, shorten(name))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _change(head: str, cell: str, line: int, label: str) -> tuple[list[Change], list[Problem]]:
    """Return the change that a cell makes, or why it makes none."""
    word, _, place = head.partition(" ")
    if word not in OPERATIONS:
        written: Any = f"{head}={cell}"
    elif word == "scale":
        written = {"op": word, "place": place.strip(), "factor": _number(cell)}
    else:
        months = _number(cell)
        whole = int(months) if months is not None and months.is_integer() else cell
        written = {"op": word, "place": place.strip(), "months": whole, "if_any": True}
    if word == "scale" and written["factor"] is None:
        return [], [Problem(label, "must be a factor, such as 1.1", line, shorten(head), shorten(cell))]
    try:
        return [_CHANGE.validate_python(written)], []
    except ValidationError as failure:
        problems = faults(failure, written, label)
    return [], [Problem(label, one.message, line, shorten(head), shorten(cell)) for one in problems]
