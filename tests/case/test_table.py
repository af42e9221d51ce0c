"""CSV files as they come: encodings, quotes, ragged rows, ranges."""

import pytest

from planner.case.parse import CellError, columns_of
from planner.case.percent import unit_of
from planner.case.rows import TABLES, MarketRow, SiteRow
from planner.case.table import read_table
from planner.errors import Problem

HEADER = "provider,name\n"


def faults(text: str | bytes, table: str = "providers") -> list[Problem]:
    """Return what is wrong with a table."""
    return read_table(table, text if isinstance(text, bytes) else text.encode(), "x.csv").problems


@pytest.mark.parametrize(
    "text",
    [
        HEADER + "a,A\n",
        "\ufeff" + HEADER + "a,A",
        " provider , name \n a , A \n",
        "provider,name\r\na,A\r\n",
        "\nprovider,name\n\n\na,A\n\n",
        "name,provider\nA,a\n",
        '"provider","name"\n"a","A"\n',
        ",,\nprovider,name,\n , ,\na,A,\n,,\n",
        "provider,name,,,\na,A,,,\n\t,\n",
        "provider,name\na,A,,,\n",
        "sep=,\nprovider,name\na,A\n",
        "provider,name\ra,A\r",
    ],
)
def test_harmless_differences_of_layout(text: str) -> None:
    """Law: byte order marks, spaces around values, blank lines, line ends, quotes and column order do not matter."""
    read = read_table("providers", text.encode(), "x.csv")
    assert not read.problems
    assert [row.key for row in read.rows] == [("a",)]
    assert [getattr(row, "name") for row in read.rows] == ["A"]  # noqa: B009


@pytest.mark.parametrize(
    ("text", "row", "words"),
    [
        (b"", None, "empty"),
        (b"\xef\xbb\xbf", None, "empty"),
        (b"\n\n", None, "empty"),
        ("provider,name\na,É\n".encode("latin-1"), None, "line 2"),
        ("provider,name\na,A\n".encode("utf-16"), None, "UTF-16"),
        (b"provider,name\na,A\0\n", None, "NUL"),
        (b"provider,name\na\n", 2, "is empty"),
        (b"provider,name\na,A,B\n", 2, "double quotes"),
        (b"provider,name,name\na,A,B\n", 1, "2 times"),
        (b"provider,,name\na,,A\n", 1, "no name"),
        (b"provider,name,\na,A,x\n", 2, "3 cells"),
        (b"provider\tname\na\tA\n", 1, "not by a tab"),
        (b"sep=;\nprovider;name\n", 1, "not by ';'"),
        ("provider,name\na,A\n".encode("utf-16-le"), None, "UTF-16"),
        ("provider,name\na,A\n".encode("utf-16-be"), None, "UTF-16"),
        (b"PK\x03\x04rest", None, "workbook"),
        (b"\xd0\xcf\x11\xe0rest", None, "workbook"),
        (b"\x1f\x8brest", None, "compressed"),
        (b"provider,name," + b",".join(b"c%d" % i for i in range(1001)) + b"\n", 1, "1,003 columns"),
        (b'provider,name\na,"A\n', 2, "not CSV"),
        (b'provider,name\na,"A"B\n', 2, "not CSV"),
        (b"provider,name\na,A\nA,B\n", 3, "upper and lower case"),
        (b"provider,name\n" + b"a" * 200_000 + b",A\n", 2, "not CSV"),
        (b"provider,name\n" + b"a" * 1000 + b",A\n", 2, "at most 64"),
        (b"provider;name\na;A\n", 1, "separated by commas"),
    ],
)
def test_broken_files_are_explained(text: bytes, row: int | None, words: str) -> None:
    """Law: what is no proper table is refused with the line and the reason."""
    found = faults(text)
    assert found
    assert any(fault.row == row and words in str(fault) for fault in found), [str(fault) for fault in found]


def test_the_line_is_that_of_the_file() -> None:
    """Law: blank lines and cells of several lines do not shift the line a message names."""
    text = 'provider,name,notes\n\na,A,"two\nlines"\n\nb,,\n'
    (fault,) = faults(text)
    assert (fault.row, fault.column) == (6, "name")


SITE = (
    "site,name,available,country,power_region,pue_peak,pue_average,max_it_mw,earliest_date,max_it_mw_low,max_it_mw_high\n"
    "a,A,yes,US,r,1.2,1.1,{value},2026-01-01,{low},{high}\n"
)


def test_ranges_are_kept() -> None:
    """Law: X_low and X_high beside a figure X are read as its range; empty ones mean there is none."""
    read = read_table("sites", SITE.format(value=100, low=80, high=150).encode(), "x.csv")
    assert not read.problems
    assert read.ranges == {"a": {"max_it_mw": (80.0, 150.0)}}
    assert isinstance(read.rows[0], SiteRow)
    assert read_table("sites", SITE.format(value=100, low="", high="").encode(), "x.csv").ranges == {}


@pytest.mark.parametrize(
    ("value", "low", "high", "column"),
    [
        (100, 120, 150, "max_it_mw"),
        (100, 80, 90, "max_it_mw"),
        (100, 80, "", "max_it_mw"),
        (100, "", 120, "max_it_mw"),
        (100, "x", 120, "max_it_mw_low"),
        (100, -5, 120, "max_it_mw_low"),
        (100, 80, "inf", "max_it_mw_high"),
    ],
)
def test_ranges_are_checked(value: object, low: object, high: object, column: str) -> None:
    """Law: low <= X <= high, both given, within what the column allows."""
    (fault,) = faults(SITE.format(value=value, low=low, high=high), "sites")
    assert (fault.row, fault.column) == (2, column)


def test_half_a_range_in_the_header() -> None:
    """Law: a column X_low without X_high is refused in the header."""
    (fault,) = faults("provider,name,first_year_it_mw,first_year_it_mw_low\na,A,1,0\n")
    assert (fault.row, fault.column) == (1, "first_year_it_mw_low")


def test_keys_have_no_range() -> None:
    """Law: a year is a key, and keys have no range."""
    text = "market,workload,year,year_low,year_high,compute\nm,training,2026,2025,2027,1\n"
    assert {fault.column for fault in faults(text, "demand")} == {"year_low", "year_high"}


def test_lists_are_split() -> None:
    """Law: members of a list are separated by semicolons, spaces around them ignored; empty means not given."""
    text = "market,name,residency,single_source\na,A, US ; CA,no\nb,B,,yes\n"
    rows = read_table("markets", text.encode(), "x.csv").rows
    assert all(isinstance(row, MarketRow) for row in rows)
    assert [getattr(row, "residency") for row in rows] == [("US", "CA"), None]  # noqa: B009


def demand(year: str, compute: str = "1") -> list[Problem]:
    """Return what is wrong with a year or a figure of demand."""
    return faults(f"market,workload,year,compute\nm,training,{year},{compute}\n", "demand")


def test_whole_numbers_of_a_spreadsheet() -> None:
    """Law: 2026.0 is the year 2026, and its key is that of 2026; 2026.5 is no year."""
    text = "market,workload,year,compute\nm,training,2026.0,1\nm,training,2027.,1\nm,training,+2028,1\n"
    read = read_table("demand", text.encode(), "x.csv")
    assert read.problems == []
    assert list(read.lines) == [("m", "training", year) for year in (2026, 2027, 2028)]
    assert "appears twice" in faults(text + "m,training,2026,1\n", "demand")[0].message
    for year in ("2026.5", "2,026", "20 26", "2026.00000000001", "2.026e3", "1899", "2201", "9" * 4400):
        assert demand(year), year


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('"1,5"', "decimal point"),
        ('"1,000,000"', "separators"),
        ("1 000", "separators"),
        ("1_000", "separators"),
        ("12%", "a percentage is not allowed here; the column is in units of compute"),
        ("\u22125", "plain minus sign"),
        ("$5", "such as 12.5"),
    ],
)
def test_figures_of_a_spreadsheet_are_refused_with_what_is_right(text: str, words: str) -> None:
    """Law: decimal commas, separators of thousands, percent signs and typographic signs are told as what they are."""
    (fault,) = demand("2026", text)
    assert words in fault.message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-07-01 00:00:00", None),
        ("2026-07-01T00:00:00", None),
        ("2026-07-01 00:00:00.000", None),
        ("2026-07-01 12:00:00", "year-month-day"),
        ("01/07/2026", "may mean 2026-01-07 or 2026-07-01"),
        ("31.12.2026", "may mean 2026-12-31"),
        ("2026/7/1", "may mean 2026-07-01"),
        ("1/2/26", "year-month-day"),
        ("46204", "is 2026-07-01"),
        ("0000-01-01", "no date of the calendar"),
        ("2026-02-30", "no date of the calendar"),
        ("99/99/9999", "year-month-day"),
    ],
)
def test_dates_of_a_spreadsheet(text: str, words: str | None) -> None:
    """Law: midnight after a date is ignored; a date in another order is refused with what it may mean."""
    found = faults(f"site,date,facility_mw\na,{text},1\n", "energisation")
    assert [words is not None and words in fault.message for fault in found] == ([] if words is None else [True])


def test_columns_of_ones_own() -> None:
    """Law: columns that begin with x_ are kept as text by row and mean nothing; their names follow a rule."""
    text = "provider,x_owner,name,x_note\na, Ann ,A,\nb,,B,\n"
    read = read_table("providers", text.encode(), "x.csv")
    assert read.problems == []
    assert read.own == {"a": {"x_owner": "Ann"}}
    assert [row.key for row in read.rows] == [("a",), ("b",)]
    for name in ("x_", "x_a b", "x_" + "a" * 63, "x_\u00e9"):
        (fault,) = faults(f"provider,name,{name}\na,A,1\n")
        assert "column of your own" in fault.message
    assert "2 times" in faults("provider,name,x_a,x_a\na,A,1,2\n")[0].message
    assert "columns of your own begin with x_" in faults("provider,name,owner\na,A,1\n")[0].message
    assert "control character" in faults("provider,name,x_a\na,A,\x1b[2J\n")[0].message
    assert "at most" in faults("provider,name,x_a\na,A," + "y" * 20_000 + "\n")[0].message


@pytest.mark.parametrize(
    "sign",
    [
        "\x1b",
        "\x07",
        "\x08",
        "\x7f",
        "\x9b",
        "\u202e",
        "\u2066",
        "\u200b",
        "\ufeff",
        "\u2028",
        "\u00ad",
        "\r",
        "\n",
        "\t",
    ],
)
def test_control_characters_in_names(sign: str) -> None:
    """Law: names, sources and notes hold no character that a terminal obeys or hides; in notes lines may end."""
    (fault,) = faults(f'provider,name\na,"A{sign}B"\n')
    assert (fault.row, fault.column) == (2, "name")
    assert "control character" in fault.message
    assert not any(ord(sign) < 32 for sign in str(fault))
    assert faults('provider,name,notes\na,one line,"tab\t and\r\nmore"\n') == []


def test_every_name_of_a_table_is_one_line() -> None:
    """Law: in every table that has names, a line end in one is refused where it stands."""
    tables = [table for table, row in TABLES.items() if "name" in row.model_fields]
    assert len(tables) > 5
    for table in tables:
        read = read_table(table, b'name\n"two\nlines"\n', "x.csv")
        assert any("must be one line" in fault.message for fault in read.problems if fault.column == "name"), table


def test_faults_of_one_kind_are_one() -> None:
    """Law: many faults of one kind are one with their number and the first rows; few are told one by one."""
    few = faults("provider,name\n" + "".join(f"p{n},\n" for n in range(3)))
    assert [(fault.row, fault.count) for fault in few] == [(2, 1), (3, 1), (4, 1)]
    (fault,) = faults("provider,name\n" + "".join(f"p{n},\n" for n in range(564)))
    assert (fault.row, fault.column, fault.count) == (2, "name", 564)
    assert fault.places[:3] == ("row 2", "row 3", "row 4")
    assert "564 of this kind: rows 2, 3, 4" in str(fault)
    (fault,) = faults("provider,name\n" + "a,A\n" * 1001)
    assert fault.count == 1000
    assert "row 2 has it too" in fault.message
    assert len(faults("provider,name\n" + "".join(f"p{n}\n" for n in range(99)))) == 1


@pytest.mark.slow
def test_a_hundred_thousand_repeated_rows_stay_small() -> None:
    """Law: faults are counted, not kept: a huge table of repeated rows leaves one problem and no rows behind."""
    read = read_table("demand", b"market,workload,year,compute\n" + b"m,training,2026,1\n" * 100_000, "x.csv")
    assert len(read.rows) == 1
    (fault,) = read.problems
    assert fault.count == 99_999


def test_a_percentage_is_told_by_what_the_column_holds() -> None:
    """Law: a percent sign means a share in a column of shares or growth; in any other its unit is told."""
    for table in TABLES:
        for name, column in columns_of(table).items():
            if "number" not in column.kind:
                continue
            with pytest.raises(CellError) as caught:
                column.read("20 %")
            share, unit = "0.2 for 20 %" in str(caught.value), f"the column is in {unit_of(name)}" in str(caught.value)
            assert share != unit, (table, name)
            assert share == any(word in name for word in ("share", "growth", "milestones", "interest_rate")), (
                table,
                name,
            )


@pytest.mark.parametrize(
    ("text", "value"),
    [("TRUE", True), ("yes", True), ("Yes", True), ("NO", False), ("False", False), ("ja", None), ("1", None)],
)
def test_yes_and_no_in_any_letter_case(text: str, value: bool | None) -> None:
    """Law: yes, no, true and false are read in any letter case, as spreadsheets write them; nothing else is."""
    read = read_table("markets", f"market,name,single_source\na,A,{text}\n".encode(), "x.csv")
    assert [getattr(row, "single_source") for row in read.rows] == ([] if value is None else [value])  # noqa: B009
    assert [fault.message for fault in read.problems] == (["must be yes or no (or true or false)"] * (value is None))


def test_lists_with_commas_are_told_the_sign() -> None:
    """Law: members separated by commas are told to be separated by semicolons, with what is right."""
    (fault,) = faults('market,name,residency,single_source\na,A,"US, CA",no\n', "markets")
    assert fault.message == "separate the members of a list with ';', not with ',': US;CA"
    with pytest.raises(CellError, match="with ';', not with ',': primary;backup"):
        columns_of("offers")["roles"].read("primary,backup")
    with pytest.raises(CellError, match="with ';'"):
        columns_of("offers")["capex_milestones"].read("0.5,0.5")


def test_rows_may_end_early() -> None:
    """Law: the cells that a row lacks at its end are empty cells: right where they may be empty, told where not."""
    read = read_table("providers", b"provider,name,growth_per_year,notes\na,A\nb\n", "x.csv")
    assert [row.key for row in read.rows] == [("a",)]
    (fault,) = read.problems
    assert (fault.row, fault.column) == (3, "name")
    assert "is empty" in fault.message


def test_a_header_with_faults_does_not_hide_its_cells() -> None:
    """Law: under an unknown, missing, repeated or half-ranged column the bad cells of the others are told too."""
    for header in ("provider,name,first_year_it_mw,owner", "provider,nom,first_year_it_mw,notes"):
        found = faults(f"{header}\na,A,many,\nb,B,1,\n")
        assert (2, "first_year_it_mw") in {(fault.row, fault.column) for fault in found}
        assert 1 in {fault.row for fault in found}
    for header in ("provider,name,growth_per_year,name", "provider,name,growth_per_year,x_a,x_a"):
        assert {fault.row for fault in faults(f"{header}\na,A,many,A,A\n")} >= {1, 2}


def test_whole_numbers_are_told_by_a_whole_number() -> None:
    """Law: the example of a whole number is a whole number."""
    (fault,) = demand("soon")
    assert fault.message == "must be a whole number such as 12"
