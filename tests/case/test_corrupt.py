"""Each column of each table, corrupted in turn: the message names file, row and column."""

import csv
import io
from pathlib import Path

import pytest

from planner.case.parse import CellError, Column, columns_of
from planner.case.read import read_case
from planner.case.row import Row
from planner.case.rows import TABLES
from planner.case.table import read_table
from planner.errors import CaseError
from tests.case.helpers import FILES, problems_of, spoilt
from tests.length import some, thinned

LINE = 2
COLUMNS = [(table, column) for table in TABLES for column in columns_of(table)]
NUMBERS = [
    "abc",
    "nan",
    "NaN",
    "inf",
    "-inf",
    "1e400",
    "1_000",
    "1,5",
    "1 000",
    "0x10",
    "--1",
    "1e",
    "٣",
    "12%",
    "9" * 5000,
]
DATES = [
    "2026-13-01",
    "2026-02-30",
    "01/02/2026",
    "2026",
    "20260101",
    "2026-1-1",
    "0000-01-01",
    "soon",
    "2026-01-01T00:00",
]
SPOILS = {
    "number": NUMBERS,
    "whole number": [*NUMBERS, "1.5", "1.01", "1e3"],
    "date": DATES,
    "yes/no": ["truth", "1", "0", "y", "maybe"],
    "list of texts": [";", "a;", ";a", "a;;b", "a;a"],
    "list of numbers": ["0.5;", "0.5;x", "0.5;nan", "0.5,0.5"],
}


def cells(table: str) -> list[dict[str, str]]:
    """Return the rows of the good table, every column present."""
    rows = list(csv.DictReader(io.StringIO(FILES[f"{table}.csv"])))
    return [{column: row.get(column, "") for column in columns_of(table)} for row in rows]


def text_of(table: str, rows: list[dict[str, str]]) -> str:
    """Return rows as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns_of(table)))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def with_cell(table: str, column: str, value: str) -> str:
    """Return the good table with one cell of its first row replaced."""
    rows = cells(table)
    rows[0][column] = value
    return text_of(table, rows)


def bad_values(column: Column) -> list[str]:
    """Return values no cell of the column may hold."""
    values = list(SPOILS.get(column.kind, []))
    if not column.optional:
        values += ["", "   "]
    if column.choices:
        values += ["unknown", column.choices[0].upper() + "x"]
    if column.numeric:
        values += ["-1e30", "1e30"]
    if column.kind == "text" and not column.choices and refuses(column, "a b"):
        values += ["a b", "-a", "é", "x" * 65]
    return values


def refuses(column: Column, text: str) -> bool:
    """Tell whether a column takes no such text: it holds keys."""
    try:
        column.read(text)
    except CellError:
        return True
    return False


SPOILT = [(table, name) for table, name in COLUMNS if bad_values(columns_of(table)[name])]


@pytest.mark.parametrize(("table", "name"), thinned(SPOILT, 4, unpack=True))
def test_every_bad_cell_is_named(table: str, name: str) -> None:
    """Law: a bad cell is one problem that names file, row, column and the value."""
    column = columns_of(table)[name]
    for value in bad_values(column):
        read = read_table(table, with_cell(table, name, value).encode(), f"{table}.csv")
        here = [fault for fault in read.problems if fault.row == LINE]
        assert here, (value, read.problems)
        assert all(fault.column == name and fault.file == f"{table}.csv" for fault in here), here
        assert len(here) == 1
        assert (here[0].value or "")[:20] == value.strip()[:20]
        assert here[0].message


def test_every_kind_of_column_is_spoilt() -> None:
    """Law: no kind of column is left out above (text without choices holds any text)."""
    kinds = {columns_of(table)[name].kind for table, name in COLUMNS}
    assert kinds - {"text"} == set(SPOILS)
    free = {name for table, name in COLUMNS if (table, name) not in SPOILT}
    assert free == {"source", "notes"}


@pytest.mark.parametrize(("table", "name"), some(SPOILT, 8))
def test_a_bad_cell_refuses_the_case(tmp_path: Path, table: str, name: str) -> None:
    """Law: reading the whole case reports the cell too, and other tables raise no noise about it."""
    bad = bad_values(columns_of(table)[name])
    folder = spoilt(tmp_path, {f"{table}.csv": with_cell(table, name, bad[0])})
    for fault in problems_of(folder):
        assert (Path(fault.file).name, fault.row, fault.column) == (f"{table}.csv", LINE, name), str(fault)


@pytest.mark.slow
@pytest.mark.parametrize(("table", "name"), SPOILT)
def test_every_bad_cell_refuses_the_case(tmp_path: Path, table: str, name: str) -> None:
    """Law: the same of every column."""
    test_a_bad_cell_refuses_the_case(tmp_path, table, name)


@pytest.mark.parametrize("table", list(TABLES))
def test_a_missing_column_is_named(table: str) -> None:
    """Law: a column that must be there is reported by name; one that may be absent is not."""
    for name, column in columns_of(table).items():
        rows = [{key: value for key, value in row.items() if key != name} for row in cells(table)]
        text = io.StringIO()
        writer = csv.DictWriter(text, [key for key in columns_of(table) if key != name])
        writer.writeheader()
        writer.writerows(rows)
        read = read_table(table, text.getvalue().encode(), "x.csv")
        assert [fault.column for fault in read.problems] == ([] if column.optional else [name])


@pytest.mark.parametrize("table", list(TABLES))
def test_an_unknown_column_is_refused(table: str) -> None:
    """Law: a column the table does not have is an error with the nearest name, whatever it holds."""
    name = next(iter(columns_of(table)))
    text = FILES[f"{table}.csv"].replace(name, f"{name}x", 1)
    read = read_table(table, text.encode(), "x.csv")
    unknown = [fault for fault in read.problems if fault.column == f"{name}x"]
    assert len(unknown) == 1
    assert f"did you mean '{name}'" in unknown[0].message


def test_all_faults_come_at_once() -> None:
    """Law: every bad cell of every row is reported, not only the first."""
    rows = cells("sites")
    for row in rows:
        row |= {"pue_peak": "x", "available": "maybe"}
    read = read_table("sites", text_of("sites", rows).encode(), "sites.csv")
    assert {(fault.row, fault.column) for fault in read.problems} == {
        (line, column) for line in (2, 3, 4) for column in ("pue_peak", "available")
    }


def test_a_repeated_key_names_both_rows() -> None:
    """Law: two rows with one key are an error that names both."""
    rows = cells("energisation")
    read = read_table("energisation", text_of("energisation", [*rows, rows[0]]).encode(), "x.csv")
    (fault,) = read.problems
    assert fault.row == len(rows) + 2
    assert "row 2" in fault.message


def test_every_column_of_the_records_is_covered() -> None:
    """Law: the columns tried above are all the fields of all records."""
    for table, row_type in TABLES.items():
        assert set(columns_of(table)) == set(row_type.model_fields)
        assert set(Row.model_fields) <= set(columns_of(table))


OPTIONAL = [(table, name) for table, name in COLUMNS if columns_of(table)[name].optional]


@pytest.mark.parametrize(("table", "name"), OPTIONAL)
@pytest.mark.slow
def test_an_optional_column_may_be_left_out(tmp_path: Path, table: str, name: str) -> None:
    """Law: a column left out equals one with empty cells, and is refused only where its meaning says it is required."""
    rows = cells(table)
    for row in rows:
        row[name] = ""
    absent = csv.DictWriter(text := io.StringIO(), [other for other in columns_of(table) if other != name])
    absent.writeheader()
    absent.writerows({other: value for other, value in row.items() if other != name} for row in rows)
    outcomes = []
    for number, content in enumerate((text_of(table, rows), text.getvalue())):
        folder = spoilt(tmp_path / str(number), {f"{table}.csv": content})
        try:
            outcomes.append([read_case(folder).hash])
        except CaseError as error:
            outcomes.append([f"{Path(fault.file).name}, {fault.column}: {fault.message}" for fault in error.problems])
    assert outcomes[0] == outcomes[1]
    meaning = (TABLES[table].model_fields[name].description or "").lower()
    if "required" not in meaning and (table, name) not in WORKLOADS:
        assert len(outcomes[0][0]) == 64, outcomes[0]


WORKLOADS = {("chips", "training_compute_per_it_mw"), ("chips", "inference_compute_per_it_mw")}
"""Without them the demand of the case has no chip that serves it, which is another fault."""
