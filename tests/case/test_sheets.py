"""Reading the cells of workbooks that may come from anybody."""

import datetime
import zipfile

import pytest

import planner.case.sheets as sheets
from planner.case.read import read_case
from planner.case.sheets import WorkbookError, cell_name, letter_of, read_sheets
from tests.case.workbooks import damaged, edited, problems, three_sites

SHEET, STRINGS, STYLES = "xl/worksheets/sheet3.xml", "xl/sharedStrings.xml", "xl/styles.xml"
END = b"</sheetData>"


def test_cells_are_named_as_spreadsheets_do():
    """Law: columns are letters, from A to XFD, rows are counted from 1."""
    assert [letter_of(column) for column in (0, 25, 26, 51, 701, 702, 16_383)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "ZZ",
        "AAA",
        "XFD",
    ]
    assert cell_name((7, 5)) == "F7"


def added(xml: bytes):
    """A row more at the end of a sheet."""
    return {SHEET: lambda content: content.replace(END, xml + END)}


DAMAGES = {
    "no list of sheets": ({"xl/workbook.xml": lambda _: None}, "damaged"),
    "no such sheet": ({SHEET: lambda _: None}, "damaged"),
    "no texts": ({STRINGS: lambda _: None}, "damaged"),
    "cut short": ({STRINGS: lambda content: content[:200]}, "damaged"),
    "definitions": (
        {SHEET: lambda content: content.replace(b"<worksheet", b'<!DOCTYPE a [<!ENTITY x "y">]><worksheet', 1)},
        "damaged",
    ),
    "rows out of order": (added(b'<row r="1"><c r="A1"><v>1</v></c></row>'), "damaged"),
    "a cell of another row": (added(b'<row r="90"><c r="A91"><v>1</v></c></row>'), "damaged"),
    "a text that is not there": (added(b'<row r="90"><c r="A90" t="s"><v>99999999</v></c></row>'), "damaged"),
    "far away": (added(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "reaches to cell XFD1048576"),
    "room for everything": (
        {STRINGS: lambda content: content.replace(b'uniqueCount="', b'uniqueCount="99999999999')},
        "damaged",
    ),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_workbook_is_refused_with_a_message(name, tmp_path):
    """Law: whatever is wrong with the file itself is one problem with the file's name, and ends nothing else."""
    changes, words = DAMAGES[name]
    (problem,) = problems(damaged(changes, tmp_path / "case.xlsx"))
    assert problem.file.endswith("case.xlsx")
    assert words in problem.message


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04", b"text", three_sites()[:5_000]])
def test_what_is_no_workbook_is_refused(raw):
    """Law: what is no archive, or half of one, is refused."""
    with pytest.raises(WorkbookError, match="damaged"):
        read_sheets(raw)


def test_a_protected_or_old_workbook_is_refused():
    """Law: a file with a password, and one of the old kind, is refused with what to do."""
    with pytest.raises(WorkbookError, match=r"save it as \.xlsx without a password"):
        read_sheets(b"\xd0\xcf\x11\xe0 and more")


def test_an_archive_that_unpacks_to_more_than_is_read_is_refused(tmp_path, monkeypatch):
    """Law: unpacking ends at the limit, not at the end of the archive."""
    monkeypatch.setattr(sheets, "MOST_UNPACKED_BYTES", 100_000)
    bomb = damaged({STRINGS: lambda content: content + b" " * 10_000_000}, tmp_path / "case.xlsx")
    assert bomb.stat().st_size < 200_000
    (problem,) = problems(bomb)
    assert "unpacks to more than 100,000 bytes" in problem.message


def test_an_archive_of_very_many_parts_is_refused(tmp_path, monkeypatch):
    """Law: the parts of an archive are counted before any is unpacked."""
    monkeypatch.setattr(sheets, "MOST_PARTS", 5)
    (problem,) = problems(damaged({}, tmp_path / "case.xlsx"))
    assert "at most 5 are read" in problem.message


def test_cells_without_a_value_do_not_count(tmp_path):
    """Law: a format at the far end of a sheet, and a stated size, make no sheet large."""
    file = damaged(added(b'<row r="1048576"><c r="XFD1048576" s="1"/></row>'), tmp_path / "case.xlsx")
    assert read_case(file) == read_case("three_sites")


def test_macros_and_pictures_are_never_unpacked(tmp_path):
    """Law: only parts with cells are read: a part that cannot be unpacked does no harm where it holds none."""
    file = damaged({}, tmp_path / "case.xlsx")
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\x00" * 100)
    raw = file.read_bytes().replace(b"\x00" * 100, b"\x01" * 100)
    file.write_bytes(raw)
    assert read_case(file) == read_case("three_sites")


@pytest.mark.slow
def test_other_programs_dates_are_read(tmp_path):
    """Law: dates counted from 1904, as some programs do, are the same dates."""
    file = edited(lambda book: setattr(book, "epoch", datetime.datetime(1904, 1, 1)), tmp_path / "case.xlsx")
    assert read_case(file) == read_case("three_sites")
