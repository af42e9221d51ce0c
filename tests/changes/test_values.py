"""Values as people write them: a cell reads the same from a text, a record and Python; the model reads TOML."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.case.parse import CellError, columns_of
from planner.case.rows import TABLES
from planner.case.write import cell_text
from planner.changes.grammar import split_change
from planner.changes.refusals import ChangeError
from planner.changes.values import cell_value, change_text, model_value, toml_value
from tests.case.helpers import CASE

COLUMNS = [(table, name) for table in TABLES for name in columns_of(table)]


@pytest.mark.parametrize(("table", "name"), COLUMNS)
def test_a_value_of_a_row_reads_as_itself(table, name):
    """Law: the value of a cell, given as it is or as its text, reads as this value."""
    column = columns_of(table)[name]
    for value in {getattr(row, name) for row in CASE.tables[table]} - {None}:
        assert cell_value(column, value) == value
        assert cell_value(column, cell_text(value)) == value


@given(
    st.sampled_from(COLUMNS),
    st.booleans() | st.integers() | st.floats(allow_nan=False) | st.dates() | st.sampled_from([10**70, 10**5000]),
)
def test_a_typed_value_is_refused_as_its_text_is(place, value):
    """Law: a number, a date or a truth value is admitted or refused in the words of its text; texts need quotes."""
    column = columns_of(place[0])[place[1]]
    try:
        expected = column.read(cell_text(value))
    except (CellError, ValueError) as error:
        expected = str(error)
    try:
        found = cell_value(column, value)
    except ChangeError as error:
        found = str(error)
    if column.kind in ("text", "list of texts"):
        assert found == "must be a text in quotes"
    elif value == 10**5000:
        assert found == "is too large a number"
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        (("offers", "chips"), ["merchant", 3], "text in quotes"),
        (("offers", "chips"), ["merchant", "merchant"], "more than once"),
        (("offers", "max_blocks"), {"a": 1}, "must be a whole number"),
        (("offers", "max_blocks"), [1, 2], "must be a whole number"),
        (("sites", "earliest_date"), True, "must be a date"),
        (("sites", "pue_peak"), None, "is empty and must be given"),
    ],
)
def test_values_that_no_cell_of_the_column_holds(column, value, words):
    """Law: lists, sections and emptiness are refused where the column does not admit them."""
    with pytest.raises(ChangeError, match=words):
        cell_value(columns_of(column[0])[column[1]], value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1), ("0.5", 0.5), ("true", True), ("[1, 2]", [1, 2]), ("{a = 1}", {"a": 1}), ("word", "word"),
        ('"1"', "1"), ('""', ""), ("2028-07-01", date(2028, 7, 1)), ("12:30:00", "12:30:00"),
        ("2028-07-01T00:00:00", "2028-07-01T00:00:00"), ("1\nother = 2", "1\nother = 2"),
        ("any text = here", "any text = here"), ("[" * 3000, "[" * 3000), ("9" * 5000, "9" * 5000),
    ],
)  # fmt: skip
def test_values_are_toml_or_text(text, value):
    """Law: a value is read as TOML, what is no TOML value is a text, and one value cannot bring in another key."""
    assert toml_value(text) == value


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**20), 10**20))
def test_a_number_written_in_a_change_is_the_number(value):
    """Law: a number written as a change is exactly this number for a cell and for the model."""
    place, text = split_change(change_text("a[b].c", value))
    assert place == "a[b].c"
    assert float(text) == toml_value(text) == float(value)


def test_values_of_the_model_are_plain():
    """Law: an empty text is "not given", but not within a list or a section; dates and times are written out."""
    assert model_value("") is None
    assert model_value(("", {"a": ("", date(2028, 7, 1), time(12, 30))})) == ["", {"a": ["", "2028-07-01", "12:30:00"]}]
