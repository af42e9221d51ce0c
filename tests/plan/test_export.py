"""A plan for other programs: every figure of its tables, in their types, and never over anything of the user's."""

import csv
import io
import sys
from datetime import date, datetime

import pandas
import pytest
from openpyxl import load_workbook

from planner.api import Case, Plan
from planner.errors import OptionError, PlannerError
from planner.plan.columns import TABLES
from planner.plan.export import workbook_of
from planner.plan.plan import PlanData


@pytest.fixture(scope="module")
def plan() -> Plan:
    """The plan of three_sites, its case named as a stranger could."""
    found = Case.read("three_sites").solve(gap=0.0)
    model = found.case.model.model_copy(update={"title": "=cmd()", "compute_unit": "@\u200f<script>"})
    return Plan.of(PlanData(found.case.replace(model=model), found.summary, found.tables))


@pytest.fixture(scope="module")
def book(plan):
    """Its workbook, as another program reads it."""
    return load_workbook(io.BytesIO(workbook_of(plan)))


def test_every_cell_of_every_table_is_there_in_its_type(plan, book):
    """Law: each sheet is one table: its columns, its rows, each number to 16 digits, empty cells empty."""
    assert book.sheetnames == ["README", *TABLES, "columns"]
    for name, rows in plan.tables.items():
        header, *lines = book[name].iter_rows(values_only=True)
        assert list(header) == list(TABLES[name].columns)
        assert len(lines) == len(rows)
        for line, row in zip(lines, rows, strict=True):
            for column, found in zip(header, line, strict=True):
                stated = row[column]
                if stated == "":
                    assert found is None
                elif isinstance(found, datetime):
                    assert found == datetime.fromisoformat(str(stated))
                elif isinstance(stated, str):
                    assert found == stated
                else:
                    assert found == pytest.approx(stated, rel=1e-15, abs=0.0)


def test_a_sheet_is_the_source_of_a_pivot_table(plan, book):
    """Law: a sheet with rows is one table with one header, no merged cell, numbers formatted and dates as dates."""
    for name, rows in plan.tables.items():
        sheet = book[name]
        assert not sheet.merged_cells.ranges
        assert [table.ref.split(":")[0] for table in sheet.tables.values()] == (["A1"] if rows else [])
    spend = book["spend"]
    letters = {one.value: one.column_letter for one in spend[1]}
    assert spend[f"{letters['amount_busd']}2"].number_format == "#,##0.000"
    assert (book["calendar"]["A2"].value, book["calendar"]["A2"].number_format) == (2026, "General")
    assert book["calendar"]["D2"].number_format == "yyyy-mm-dd"
    assert book["calendar"]["D2"].value == datetime(2026, 1, 1)


def test_nothing_in_the_workbook_is_a_formula(book):
    """Law: texts that begin as formulas do are texts; every column is described with its unit."""
    kinds = {one.data_type for sheet in book for row in sheet.iter_rows() for one in row if one.value is not None}
    assert kinds <= {"s", "n", "d"}
    title = next(row[1] for row in book["README"].iter_rows() if row[0].value == "title")
    assert (title.value, title.data_type, title.quotePrefix) == ("=cmd()", "s", True)
    described = {(row[0], row[1]): row[3] for row in book["columns"].iter_rows(min_row=2, values_only=True)}
    assert set(described) == {(name, column) for name, table in TABLES.items() for column in table.columns}
    assert described["spend", "amount_busd"] == "$B nominal"


def test_sums_of_the_workbook_are_those_of_the_plan(plan, book):
    """Law: what a pivot table adds up is what the plan states."""
    header, *lines = book["objective"].iter_rows(values_only=True)
    total = sum(line[header.index("present_value_busd")] for line in lines)
    assert total == pytest.approx(plan.cost_busd, rel=1e-12)


def test_a_folder_of_csv_files_opens_as_the_tables_of_the_plan(plan, tmp_path):
    """Law: each CSV file is the table; a second export replaces the first, and nothing that is not an export."""
    where = plan.export(tmp_path / "tables", "csv")
    frame = pandas.read_csv(where / "spend.csv")
    assert frame.amount_busd.sum() == pytest.approx(plan.spend.amount_busd.sum(), rel=1e-12)
    with (where / "columns.csv").open(encoding="utf-8", newline="") as stream:
        assert len(list(csv.reader(stream))) == 1 + sum(len(table.columns) for table in TABLES.values())
    assert plan.export(tmp_path / "tables", "csv") == where
    (where / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(PlannerError, match=r"mine\.txt"):
        plan.export(tmp_path / "tables", "csv")


def test_a_workbook_is_replaced_only_when_that_is_asked_for(plan, tmp_path):
    """Law: a file of the name is left as it is, byte for byte, unless its replacement is asked for."""
    file = tmp_path / "plan.xlsx"
    file.write_bytes(b"my work")
    with pytest.raises(PlannerError, match="there is a file of this name"):
        plan.export(file)
    assert file.read_bytes() == b"my work"
    assert plan.export(file, replace=True) == file
    assert file.read_bytes() == workbook_of(plan)
    assert [path.name for path in tmp_path.iterdir()] == ["plan.xlsx"]


@pytest.mark.parametrize(("place", "kind"), [("tables", None), ("tables", "xlsx"), ("plan.xlsx", "csv"), ("t", "xls")])
def test_what_is_exported_must_be_said_and_agree(plan, place, kind, tmp_path):
    """Law: the kind is that of the name or the one that is given, and the two agree."""
    with pytest.raises(OptionError):
        plan.export(tmp_path / place, kind)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_library_is_named_with_its_extra(plan, tmp_path, monkeypatch):
    """Law: without the library of an extra the message says what to install, and nothing is written."""
    for module, place, kind, extra in (
        ("xlsxwriter", "plan.xlsx", None, "excel"),
        ("pyarrow", "tables", "parquet", "parquet"),
    ):
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(PlannerError, match=rf"pip install 'gigaplan\[{extra}\]'"):
            plan.export(tmp_path / place, kind)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_periods_that_are_dates_are_dates(tmp_path):
    """Law: with periods of a quarter the periods of the workbook are the days on which they begin."""
    case = Case.read("three_sites", ["model.horizon.period_months=3", "model.horizon.periods=4"])
    book = load_workbook(case.solve(gap=0.5).export(tmp_path / "plan.xlsx"))
    cells = [row[0] for row in book["calendar"].iter_rows(min_row=2, values_only=True)]
    assert book["calendar"]["A2"].number_format == "yyyy-mm-dd"
    assert [cell.date() for cell in cells] == [date(2026, month, 1) for month in (1, 4, 7, 10)]


@pytest.mark.slow
def test_parquet_files_are_the_tables(plan, tmp_path):
    """Law: a Parquet file holds its table with the types of the plan's DataFrames."""
    pytest.importorskip("pyarrow")
    where = plan.export(tmp_path / "tables", "parquet")
    frame = pandas.read_parquet(where / "spend.parquet")
    assert frame.amount_busd.sum() == pytest.approx(plan.spend.amount_busd.sum(), rel=1e-12)
    assert list(frame.columns) == list(plan.spend.columns)


def test_an_export_replaces_no_plan_and_a_plan_no_export(tmp_path, plan):
    """Law: only a folder of the same kind is replaced: not the plan that is exported, and no export by a plan."""
    kept, sent = plan.write(tmp_path / "kept"), tmp_path / "sent"
    with pytest.raises(PlannerError, match="holds a plan, which is not replaced"):
        plan.export(kept, "csv")
    assert Plan.read(kept) == Plan.read(kept)
    plan.export(sent, "csv")
    plan.export(sent, "csv")
    with pytest.raises(PlannerError, match="holds an exported plan, which is not replaced"):
        plan.write(sent)
