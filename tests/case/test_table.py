"""CSV files as they come: encodings, quotes, ragged rows, ranges."""

import pytest

from planner.case.rows import MarketRow, SiteRow
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
        (b"provider,name\na\n", 2, "1 cells"),
        (b"provider,name\na,A,B\n", 2, "double quotes"),
        (b"provider,name\n,\n", 2, "empty"),
        (b"provider,name,name\na,A,B\n", 1, "2 times"),
        (b"provider,name,\na,A,\n", 1, "no name"),
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
