"""Reading the tables of a plan: what a cell may hold, how periods are written, and how bad rows are reported."""

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.audit.cells import HUGE, CellError, Line, Reader, Repeated, is_empty, to_number
from planner.audit.facts import Facts
from planner.audit.report import Checks
from planner.plan.columns import COLUMNS
from planner.plan.earlier import NEW_TABLES
from tests.audit import yards
from tests.audit.forms import small

YEARS = Facts.of(yards.case())
QUARTERS = Facts.of(small(months=3))
FINITE = st.floats(-1e39, 1e39)


def line(facts: Facts = YEARS, **cells: object) -> Line:
    """Return a row with these cells."""
    return Line("table", 1, cells, facts)


def reader(**tables: object) -> tuple[Reader, Checks]:
    """Return a reader of tables of the yards, those not given empty, and its checks."""
    checks = Checks()
    return Reader(YEARS, {**{name: [] for name in COLUMNS}, **tables}, checks), checks  # type: ignore[arg-type]


@given(FINITE)
def test_a_number_is_read_from_itself_and_from_its_text(number):
    """Law: a figure in memory and the same figure in a file are read as the same number."""
    assert to_number(number) == number
    assert to_number(repr(number)) == number
    assert to_number(f"  {number!r} ") == number


@pytest.mark.parametrize(
    "cell", ["", "x", "1,5", None, True, False, [], {}, "nan", "inf", "-inf", 1e41, -1e41, "1e400"]
)
def test_what_is_no_finite_number_of_sane_size_is_refused(cell):
    """Law: words, booleans, containers, infinities and what is too large raise an error that shows the cell."""
    with pytest.raises(CellError, match="number"):
        to_number(cell)


def test_the_largest_size_is_the_callers():
    """Law: a caller may admit more or less than the usual size; the bound itself is admitted."""
    assert to_number(HUGE) == HUGE
    assert to_number(10.0, most=10.0) == 10.0
    assert to_number(1e300, most=math.inf) == 1e300
    with pytest.raises(CellError):
        to_number(10.1, most=10.0)


@pytest.mark.parametrize(("cell", "empty"), [("", True), ("  ", True), (None, True), (math.nan, True), (0, False),
                                             (0.0, False), ("0", False), (False, False), ("nan", False)])  # fmt: skip
def test_empty_cells(cell, empty):
    """Law: no value, blank text and a data frame's not-a-number are empty; zero and words are not."""
    assert is_empty(cell) is empty
    assert (line(a=cell).text_or_empty("a") == "") is empty
    assert (line(a=cell).known_or_empty("a", {str(cell)}) == "") is empty


def test_a_cell_is_read_by_its_kind():
    """Law: texts lose their blanks, sizes are not negative beyond a tolerance, optional numbers may be empty."""
    row = line(word=" a ", size=-1e-4, none="", day="2026-03-05T00:00:00", number="2.5")
    assert row.text("word") == "a"
    assert row.size("size", 1e-3) == -1e-4
    assert row.optional_number("none") is None
    assert row.optional_number("number") == row.number_of("number") == 2.5
    assert row.day("day") == date(2026, 3, 5)
    assert row.known("word", ("a", "b")) == "a"


@pytest.mark.parametrize(
    ("method", "cell", "words"),
    [
        ("text", "", "column a is empty"),
        ("number_of", "many", "column a: 'many' is not a number"),
        ("optional_number", "many", "column a: 'many' is not a number"),
        ("size", -2.0, "column a: -2 is negative"),
        ("day", "tomorrow", r"column a: 'tomorrow' is not a date \(YYYY-MM-DD\)"),
        ("day", "2026-02-30", "is not a date"),
        ("period", "2031", r"column a: '2031' is not a period \(2026 to 2027\)"),
        ("period", "end", "is not a period"),
        ("boundary", "2029", "is not a period"),
    ],
)
def test_a_bad_cell_is_named_with_its_column(method, cell, words):
    """Law: the message of a bad cell names its column, shows the cell and states what would be right."""
    with pytest.raises(CellError, match=words):
        getattr(line(a=cell), method)("a")
    with pytest.raises(CellError, match=r"^column b is missing$"):
        getattr(line(a=cell), method)("b")


def test_a_misspelt_key_is_told_the_nearest():
    """Law: an unknown key gets the nearest match where there is one, and none where there is not."""
    with pytest.raises(CellError, match="'primry' is not known; did you mean primary"):
        line(role="primry").known("role", ("primary", "backup"))
    with pytest.raises(CellError, match=r"'xyz' is not known$"):
        line(role="xyz").known("role", ("primary", "backup"))


@pytest.mark.parametrize("cell", [2027, 2027.0, "2027", "2027.0", " 2027 ", "2027-01-01", "2027-01"])
def test_a_year_is_read_however_it_was_written(cell):
    """Law: a period is found by its year as a number, as text, through a column of floats, or by its first day."""
    assert line(period=cell).period() == 1
    assert line(start=cell).boundary("start") == 1


@pytest.mark.parametrize("cell", [2028, "2028", "2028.0", "2028-01-01", "end"])
def test_the_end_of_the_horizon_is_a_boundary_and_no_period(cell):
    """Law: the end is written as if another period began there, or as version 0.1 did; as a period it is refused."""
    assert line(end=cell).boundary("end") == 2
    with pytest.raises(CellError):
        line(end=cell).period("end")


@pytest.mark.parametrize(("cell", "t"), [("2026Q1", 0), ("2026-01-01", 0), ("2026Q4", 3), ("2026-10-01", 3)])
def test_a_quarter_is_read_by_label_or_first_day(cell, t):
    """Law: a period that is no calendar year is found by its label and by the date on which it begins."""
    assert line(QUARTERS, period=cell).period() == t


def test_a_year_names_no_quarter_but_the_only_one():
    """Law: a name that several periods share names none of them."""
    with pytest.raises(CellError, match="'2026' is not a period"):
        line(QUARTERS, period="2026").period()
    assert line(QUARTERS, end="2027-01-01").boundary("end") == 4


def test_a_table_is_read_by_key_and_bad_rows_are_left_out():
    """Law: each row is read once; bad and repeated rows are failed checks that name table and row, the others stay."""
    rows = [{"site": "a", "market": "g"}, {"site": "z", "market": "g"}, {"site": "a", "market": "g"},
            {"site": "b", "market": "g"}, {"site": "b"}]  # fmt: skip
    found, checks = reader(reach=rows)
    read = found.parse("reach", lambda row: (row.known("site", YEARS.sites), row.text("market")))
    assert read == {"a": "g", "b": "g"}
    lines = checks.report(0.0).lines
    assert [text.split(": ", 1)[1] for text in lines] == [
        "reach, row 2: column site: 'z' is not known",
        "reach, row 3: repeats an earlier row",
        "reach, row 5: column market is missing",
    ]
    (check,) = [one for one in checks.report(0.0).checks if one.name == "reach can be read"]
    assert (check.passed, check.count) == (False, 1 + len(rows))


@pytest.mark.parametrize("rows", [None, "a, g", 7, {"a": 1}])
def test_a_table_that_is_no_list_of_rows_is_missing(rows):
    """Law: what is no sequence of rows is a missing table, and reads as empty."""
    found, checks = reader(reach=rows)
    assert found.lines("reach") == []
    assert any("table reach is missing" in text for text in checks.report(0.0).lines)


def test_rows_that_are_no_rows_and_unknown_columns_are_named():
    """Law: a row that is no mapping is left out, an unknown column fails, that of a family from outside does not."""
    found, checks = reader(reach=["a, g", {"site": "a", "market": "g", "colour": 1, "x_water": 2.0}])
    assert [row.number for row in found.lines("reach")] == [2]
    lines = checks.report(0.0).lines
    assert any("reach, row 1: not a row of cells" in text for text in lines)
    assert any("reach, row 2: unknown column colour" in text for text in lines)
    assert not any("x_water" in text for text in lines)


def test_unknown_tables_fail_and_new_tables_may_be_missing_from_earlier_plans():
    """Law: a table that no plan has is a fault; a plan of version 0.1 has none of the tables that came after it."""
    checks = Checks()
    tables = {name: [] for name in COLUMNS if name not in NEW_TABLES}
    Reader(YEARS, {**tables, "wishes": []}, checks, earlier=True)
    assert [text for text in checks.report(0.0).lines if "missing" in text] == []
    assert any("table wishes is not a table of a plan" in text for text in checks.report(0.0).lines)
    again = Checks()
    Reader(YEARS, tables, again)  # a case with every family, but without a refresh of chips
    assert {text.split("table ")[1] for text in again.report(0.0).lines} == {
        f"{name} is missing" for name in NEW_TABLES - {"refreshes"}
    }


@pytest.mark.parametrize(
    "cell", ["2026-01-01EVIL", "2026-01-01 and more", "2026-01-01 12:00:00", "20260101 ", "２０２６-01-01"]
)
def test_a_date_with_anything_after_it_is_refused(cell: str) -> None:
    """Law: a date is a day and nothing else; only the midnight that data frames write after it is left out."""
    with pytest.raises(CellError, match="is not a date"):
        line(day=cell).day("day")
    for written in ("2026-01-01", "2026-01-01 00:00:00", "2026-01-01T00:00:00"):
        assert line(day=written).day("day") == date(2026, 1, 1)


@pytest.mark.parametrize("cell", ["1_000", "-0.0_4", "４０", "٣"])
def test_a_number_is_written_as_every_reader_reads_it(cell: str) -> None:
    """Law: digits that Python reads and a spreadsheet does not are no number."""
    with pytest.raises(CellError, match="is not a number"):
        to_number(cell)


@pytest.mark.parametrize(("first", "then"), [(1, 1.0), (1, True), ("1", 1), ("1", None), ("1", ["1"]), ("a", "b")])
def test_what_was_read_counts_for_the_same_cells_only(first: object, then: object) -> None:
    """Law: reading cells that come again gives what reading each row gives, whatever Python takes for equal."""
    texts = Repeated(("market",), lambda one: repr(one.cells["market"]))
    cells = [first, then, first, then]
    assert [texts.of(line(market=cell)) for cell in cells] == [repr(cell) for cell in cells]


def test_a_bad_cell_stays_bad() -> None:
    """Law: a row that cannot be read is refused as often as it comes."""
    texts = Repeated(("market",), lambda one: one.text("market"))
    for _ in range(2):
        with pytest.raises(CellError, match="column market is empty"):
            texts.of(line(market=""))
