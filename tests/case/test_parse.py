"""From the text of a cell to its value: what reads back as it was written, and what is refused with what is meant."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.case.parse import (
    LONGEST_NUMBER,
    LONGEST_OWN_CELL,
    CellError,
    columns_of,
    header_problem,
    is_own_column,
    parse_bool,
    parse_date,
    parse_float,
    parse_int,
    parse_own,
    range_columns,
)
from planner.case.rows import TABLES

DAYS = st.dates(date(1900, 3, 1), date(9999, 12, 31))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_read_back_as_they_were_written(number: float) -> None:
    """Round trip: Python's text of any finite number is that number, and with a plus sign before it, too."""
    assert parse_float(repr(number)) == number
    assert parse_float(f"+{abs(number)!r}") == abs(number)


@given(st.integers(-(10**18) + 1, 10**18 - 1))
def test_whole_numbers_read_back(number: int) -> None:
    """Round trip, also as a spreadsheet writes them, with a point and zeros after it."""
    assert parse_int(str(number)) == parse_int(f"{number}.0") == number


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("1,5", "with a decimal point"), ("1 000", "without separators"), ("1_000", "without separators"),
        ("\u22125", "plain minus sign"), ("\u20135", "plain minus sign"), ("abc", "such as 12.5"),
        ("nan", "such as 12.5"),
        ("inf", "such as 12.5"), ("0x10", "such as 12.5"), ("1e", "such as 12.5"), (".", "such as 12.5"),
        ("", "such as"),
        ("1e99999", "such as 12.5"), ("\u0661", "such as 12.5"), ("9" * (LONGEST_NUMBER + 1), "of at most"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_told_with_what_is_right(text: str, hint: str) -> None:
    """Commas, separators, other minus signs, words and digits of other scripts are refused, each with its hint."""
    with pytest.raises(CellError, match="must be a number") as caught:
        parse_float(text)
    assert hint in str(caught.value)


@pytest.mark.parametrize("text", ["1.5", "2026.5", "1e3", "", "one", "1.00000000001", "9" * 19])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    """A fraction, however small, an exponent, and more digits than a figure has."""
    with pytest.raises(CellError, match="must be a whole number"):
        parse_int(text)


@given(DAYS)
def test_dates_read_back(day: date) -> None:
    """Round trip, with midnight after it or without."""
    text = day.isoformat()
    assert parse_date(text) == parse_date(f"{text} 00:00:00") == parse_date(f"{text}T00:00:00.000") == day


@given(DAYS.filter(lambda day: day.year < 2170))
def test_dates_in_other_forms_are_told_what_they_may_mean(day: date) -> None:
    """Law: written backwards, or as a spreadsheet's number of a day, the day meant is among those in the message."""
    for text in (f"{day.day}/{day.month}/{day.year}", f"{day.month}.{day.day}.{day.year}"):
        with pytest.raises(CellError) as caught:
            parse_date(text)
        assert str(day) in str(caught.value)
    number = (day - date(1899, 12, 30)) // timedelta(days=1)
    if number >= 10_000:
        with pytest.raises(CellError, match=f"number of a day it is {day}"):
            parse_date(str(number))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-02-30", "is no date of the calendar"), ("2026-13-01", "is no date of the calendar"),
        ("2026-01-01 12:00:00", "must be a date"), ("2026-1-1", "may mean 2026-01-01"), ("soon", "must be a date"),
    ],
)  # fmt: skip
def test_days_that_do_not_exist_and_times_are_refused(text: str, words: str) -> None:
    """A date is a day of the calendar, without a time."""
    with pytest.raises(CellError, match=words):
        parse_date(text)


@pytest.mark.parametrize("text", ["y", "1", "0", "on", "ja", "", "yes no"])
def test_only_yes_and_no_and_true_and_false_are_answers(text: str) -> None:
    """Nothing else is guessed."""
    with pytest.raises(CellError, match="must be yes or no"):
        parse_bool(text)


@pytest.mark.parametrize("table", TABLES)
def test_ranges_stand_beside_the_figures_of_a_table(table: str) -> None:
    """Law: every column of numbers but the key may have a low and a high end, and no other column may."""
    key = TABLES[table].KEY
    expected = {
        f"{name}_{end}": (name, end)
        for name, column in columns_of(table).items()
        if column.numeric and name not in key
        for end in ("low", "high")
    }
    assert range_columns(table) == expected
    for name in (*columns_of(table), *expected, "x_mine"):
        assert header_problem(table, name) is None
    for name in key:
        own = f"{name}_low" in columns_of(table)  # a column of its own, such as the earliest date of a step
        assert (header_problem(table, f"{name}_low") is None) == own


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "a column has no name"), ("x_", "letters, digits"), ("x_" + "a" * 63, "letters, digits"),
        ("x_a b", "letters, digits"), ("max_it_nw", "did you mean 'max_it_mw'"), ("SITE", "did you mean 'site'"),
    ],
)  # fmt: skip
def test_names_of_columns_that_are_none_are_told(name: str, words: str) -> None:
    """With the nearest one, or with the rule for columns of one's own."""
    assert words in (header_problem("sites", name) or "")


def test_cells_of_ones_own_are_texts_of_ordinary_length() -> None:
    """Spaces around them are gone; control characters and very long texts are refused."""
    assert parse_own("  river, north  ") == "river, north"
    assert len(parse_own("a" * LONGEST_OWN_CELL)) == LONGEST_OWN_CELL
    for text, words in (("a" * (LONGEST_OWN_CELL + 1), "10,001 characters"), ("a\x07", "control character")):
        with pytest.raises(CellError, match=words):
            parse_own(text)
    assert (is_own_column("x_a"), is_own_column("ax_"), is_own_column("X_a")) == (True, False, False)
