"""Columns of the user's own: found by their names, numbers where every cell is one, texts otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.plan.own import own_columns, read_own_cells


def test_own_columns_are_named_once_in_the_order_in_which_they_appear() -> None:
    """Columns of all rows count, also those that some rows lack; others never do."""
    rows = [{"site": 1, "x_b": 1}, {"x_a": 2, "x_b": 3, "max_x": 4, "X_c": 5}]
    assert own_columns(rows) == ["x_b", "x_a"]
    assert own_columns([]) == []


@pytest.mark.parametrize("odd", ["", "river", "nan", "inf", "-inf", "1,5", None, "1e999"])
def test_one_cell_that_is_no_finite_number_keeps_the_column_as_text(odd: str | None) -> None:
    """A column is numbers or texts as a whole: no cell is guessed, and no other column is touched."""
    rows = [{"x_w": "1.5", "x_n": "2", "it_mw": "3"}, {"x_w": odd, "x_n": "-4e2", "it_mw": "3"}]
    read_own_cells(rows)
    assert rows == [{"x_w": "1.5", "x_n": 2.0, "it_mw": "3"}, {"x_w": odd, "x_n": -400.0, "it_mw": "3"}]


def test_a_column_that_a_row_lacks_stays_as_it_is() -> None:
    """What is not there is no number, and is not made up."""
    rows = [{"x_w": "1.5"}, {}]
    read_own_cells(rows)
    assert rows == [{"x_w": "1.5"}, {}]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_read_back_as_they_were_written(numbers: list[float]) -> None:
    """Round trip: Python's shortest text of a number gives that number again."""
    rows = [{"x_w": repr(number)} for number in numbers]
    read_own_cells(rows)
    assert [row["x_w"] for row in rows] == numbers
