"""Faults of a case in a workbook: each by sheet and cell, all at once."""

import datetime
from copy import deepcopy
from functools import cache

import pytest

from planner.case.read import read_case
from planner.case.sheets import Sheet, letter_of, read_sheets
from planner.case.workbook_read import read_sheet
from planner.changes.apply import apply_changes
from planner.cli.output import problem_record
from planner.errors import CaseError
from tests.case.workbooks import HEADER, cell, edited, opened, problems, three_sites, value_of


def error_value(one):
    """Let a cell show an error of the spreadsheet."""
    one.value, one.data_type = "#REF!", "e"


TABLE_FAULTS = {
    "text for a number": ("sites", "max_it_mw", "twelve", "must be a number such as 12.5"),
    "limit": ("sites", "max_it_mw", -1.0, "must be at least 0"),
    "infinite": ("sites", "max_it_mw", float("inf"), "must be a number"),
    "comma": ("sites", "max_it_mw", "1,5", "with a decimal point"),
    "date for a number": ("sites", "max_it_mw", datetime.date(2026, 1, 1), "must be a number"),
    "truth for a number": ("sites", "max_it_mw", True, "must be a number"),
    "time for a number": ("sites", "max_it_mw", datetime.time(12), "is a time, or a date before 1900"),
    "duration": ("sites", "max_it_mw", datetime.timedelta(hours=30), "is a time, or a date before 1900"),
    "half a block": ("offers", "max_blocks", 2.5, "must be a whole number"),
    "time of a day": ("sites", "earliest_date", datetime.datetime(2026, 1, 1, 12), "must be a date such as"),
    "number of a day": ("sites", "earliest_date", 46023.0, "as a spreadsheet's number of a day it is 2026-01-01"),
    "early date": ("sites", "earliest_date", datetime.date(1900, 1, 5), "is a date before 1900-03-01"),
    "date for a text": ("sites", "name", datetime.date(2026, 3, 4), "is a date; in this column write it as text"),
    "long number": ("sites", "name", 1234567890123456.0, "keeps 15 digits only; write it as text"),
    "choice": ("offers", "tenure", "rented", "must be one of: build, shell, cloud"),
    "list": ("offers", "roles", "primary,backup", "separate the members of a list with ';'"),
    "yes": ("sites", "available", "maybe", "must be yes or no"),
    "empty": ("sites", "pue_peak", "", "is empty and must be given"),
    "control": ("sites", "notes", "a\u202eb", "it holds the control character"),
}


@cache
def sheets():
    """The sheets of three_sites, by name."""
    return {sheet.name: sheet for sheet in read_sheets(three_sites())}


@pytest.mark.parametrize("name", TABLE_FAULTS)
def test_a_fault_of_a_cell_is_named_by_its_cell(name):
    """Law: a value that its column cannot hold is one fault, with its cell, its column and what would be right."""
    table, column, value, words = TABLE_FAULTS[name]
    rows = deepcopy(sheets()[table].rows)
    index = rows[HEADER - 1].index(column)
    rows[HEADER][index] = value
    (problem,) = read_sheet(table, Sheet(table, rows), f"my.xlsx, sheet {table}").problems
    place = f"{letter_of(index)}{HEADER + 1}"
    assert (problem.cell, problem.column) == (place, column)
    assert words in problem.message
    assert str(problem).startswith(f"my.xlsx, sheet {table}, cell {place}, column {column}")
    assert problem_record(problem)["cell"] == place


GOOD_VALUES = {
    "number as text": ("sites", "max_it_mw", "80.50", 80.5),
    "year with a point": ("demand", "year", 2026.0, 2026),
    "date as text": ("sites", "earliest_date", "1850-01-01", datetime.date(1850, 1, 1)),
    "midnight": ("sites", "earliest_date", datetime.datetime(2026, 1, 1), datetime.date(2026, 1, 1)),
    "truth": ("sites", "available", True, True),
    "number for a text": ("sites", "name", 12.0, "12"),
    "leading zeros": ("sites", "name", "007", "007"),
    "spaces": ("sites", "name", "  North ", "North"),
    "not given": ("sites", "latitude_deg", "", None),
}


@pytest.mark.parametrize("name", GOOD_VALUES)
def test_a_value_is_read_as_in_a_table(name):
    """Law: a cell means what the text that a CSV file has for its value means."""
    table, column, value, meant = GOOD_VALUES[name]
    rows = deepcopy(sheets()[table].rows)
    rows[HEADER][rows[HEADER - 1].index(column)] = value
    read = read_sheet(table, Sheet(table, rows), "my.xlsx")
    assert read.problems == []
    assert getattr(read.rows[0], column) == meant


def wrong_cells(book):
    """A formula without a result, an error, a text, an unknown key, a value in a column that must be empty."""
    cell(book["sites"], 3, "max_it_mw").value = "=6*7"
    error_value(cell(book["sites"], 4, "latitude_deg"))
    cell(book["sites"], 5, "max_it_mw").value = "twelve"
    cell(book["offers"], 3, "site").value = "nord"
    cell(book["offers"], 4, "capex_busd_per_gw_it").value = 5


def test_all_faults_are_reported_at_once(tmp_path):
    """Law: faults of cells, of references and between columns are reported together, each by sheet and cell."""
    found = problems(edited(wrong_cells, tmp_path / "my.xlsx"))
    assert [(one.file.rpartition("sheet ")[2], one.cell) for one in found] == [
        ("sites", "J3"),
        ("sites", "F4"),
        ("sites", "J5"),
        ("offers", "C3"),
        ("offers", "Y4"),
        ("offers", "Z4"),
    ]
    assert "holds a formula here without its result" in found[0].message
    assert "#REF!" in found[1].message
    assert "no row of table sites is called 'nord'; did you mean 'north'?" in found[3].message


def sheet_names(book):
    """Take out a sheet, add one that is no table, one of the user's own and a chart."""
    del book["markets"]
    book.create_sheet("offfers")
    book.create_sheet("x_calc")["A1"].value = "=1/0"
    book.create_chartsheet("picture")


def headers(book):
    """A column that no table has, one without a name, one that is missing, one twice, a value beyond them."""
    sheet = book["sites"]
    cell(sheet, HEADER, "pue_peak").value = "pue_peek"
    cell(sheet, HEADER, "fixed_opex_busd_per_year").value = None
    cell(sheet, HEADER, "notes").value = "source"
    sheet.cell(4, sheet.max_column + 2).value = "stray"


@pytest.mark.slow
def test_faults_of_sheets_and_headers_are_named(tmp_path):
    """Law: sheets and columns that are none of the case are refused with the nearest that is; ``x_`` is not."""
    found = problems(edited(sheet_names, tmp_path / "my.xlsx"))
    assert [(one.file.rpartition("my.xlsx")[2], one.message.split(" (")[0]) for one in found] == [
        (", sheet offfers", "no table of a case is called so; did you mean 'offers'?"),
        ("", "there is no sheet markets, which every case needs"),
    ]
    found = problems(edited(headers, tmp_path / "my.xlsx"))
    messages = {one.message.split(" (")[0]: one.cell for one in found}
    assert messages["table sites has no such column; did you mean 'pue_peak'?"] == "H2"
    assert messages["a column has no name"] == "M2"
    assert messages["the column is missing"] is None
    assert messages["the column appears 2 times in the header"] == "N2"
    assert messages["the cell is not empty, and its column has no name in the header"] == "S4"


@pytest.mark.slow
def test_rows_above_the_header_and_between_rows_may_be_there_or_not(tmp_path):
    """Law: the row of units may be gone, rows may be blank, columns in another order, and the case is the same."""

    def edit(book):
        sheet = book["sites"]
        sheet.delete_rows(1)
        sheet.insert_rows(1, 2)
        sheet.insert_rows(5)
        book.move_sheet("offers", -3)

    assert read_case(edited(edit, tmp_path / "my.xlsx")) == read_case("three_sites")


MODEL_FAULTS = {
    "horizon.periods": ("two", "must be a whole number"),
    "horizon.start": ("2026-13-01", "must be a date such as 2028-07-01"),
    "objective.discount_rate_per_year": (None, "is missing and must be given"),
    "objective.salvage": ("nope", "must be one of: none, straight_line"),
    "title": (True, "must be a text"),
    "families.redundancy": ("maybe", "must be yes (the section is there) or no"),
    "families.carbon.cap_mt_per_year": (3, "is given, but families.carbon is no"),
    "families.site_opening.open_at_most": (0.5, "must be a whole number"),
}
MORE_KEYS = (
    ("horizn.start", 1, "the model has no key horizn; did you mean 'horizon'?"),
    ("tables.sites", "x.csv", "the tables of a workbook are its sheets"),
    ("format", 1, "the key appears twice: cell B2 has it too"),
    ("families..k", 1, "must be the path of a key"),
    (None, 5, "the cell has a value, and its row no key"),
    ("name.x", 1, "the model has no key name.x"),
    ("families.redundancy.rules[0].critical_share.training", 1, "has a value of its own"),
)


@pytest.mark.slow
def test_every_fault_of_the_model_is_named_by_its_cell(tmp_path):
    """Law: the faults of the model sheet are reported at once, each at the cell of the value of its key."""
    expected = {}

    def edit(book):
        sheet = book["model"]
        value_of(sheet, "families.redundancy.rules[0].critical_share").value = 0.5
        for key, (value, words) in MODEL_FAULTS.items():
            one = value_of(sheet, key)
            one.value = value
            expected[one.coordinate] = words
        for number, (key, value, words) in enumerate(MORE_KEYS, start=sheet.max_row + 1):
            sheet.cell(number, 1).value, sheet.cell(number, 2).value = key, value
            expected[f"B{number}"] = words

    found = {problem.cell: problem for problem in problems(edited(edit, tmp_path / "my.xlsx"))}
    assert set(expected) <= set(found)
    for place, words in expected.items():
        assert words in found[place].message
        assert f"my.xlsx, sheet model, cell {place}" in str(found[place])


def test_a_workbook_of_another_kind_is_refused(tmp_path):
    """Law: files whose names say that they may hold macros, or are of another kind, are not even opened."""
    for ending in (".xlsm", ".xls", ".ods", ".xlsb"):
        (tmp_path / f"my{ending}").write_bytes(three_sites())
        (problem,) = problems(tmp_path / f"my{ending}")
        assert "save it as .xlsx (no macro is ever run)" in problem.message


def test_checks_and_changes_of_a_case_from_a_workbook_name_its_cells(tmp_path):
    """Law: what is found later, by a change of the case or between tables, still names sheet and cell."""
    file = tmp_path / "my.xlsx"
    file.write_bytes(three_sites())
    with pytest.raises(CaseError) as caught:
        apply_changes(read_case(file), ["sites[north].power_region=nowhere"])
    (problem,) = caught.value.problems
    assert problem.cell == "E3"
    assert problem.file.endswith("sheet sites")
    with pytest.raises(CaseError) as caught:
        apply_changes(read_case(file), ["model.horizon.periods=9"])
    assert any(
        (one.cell is not None and "sheet demand" in one.file) or "sheet" in one.file for one in caught.value.problems
    )


def test_the_sheets_of_the_workbook_are_those_of_the_case():
    """Law: another program finds the sheets of the case, the first of them to be read."""
    names = opened(three_sites()).sheetnames
    assert names[:2] == ["README", "model"]
    assert set(names[2:]) == read_case("three_sites").present
