"""How plan tables write periods: years where every period is one, else first days; labels are understood everywhere."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.case.model import Horizon
from planner.inputs.periods import HORIZON_END, Periods

horizons = st.builds(
    lambda year, month, months: Horizon(start=date(year, month, 1), periods=len(months), period_months=tuple(months)),
    st.integers(2000, 2100),
    st.integers(1, 12),
    st.lists(st.integers(1, 36), min_size=1, max_size=8),
)


def periods(start: str, *months: int) -> Periods:
    """Return the periods of a horizon with so many months each."""
    return Periods.of(Horizon(start=date.fromisoformat(start), periods=len(months), period_months=months))


@pytest.mark.parametrize(
    ("found", "yearly", "cells"),
    [
        (periods("2028-01-01", 12, 12), True, (2028, 2029, 2030)),
        (periods("2028-02-01", 12), False, ("2028-02-01", "2029-02-01")),
        (periods("2028-01-01", 24), False, ("2028-01-01", "2030-01-01")),
        (periods("2028-01-01", 12, 3), False, ("2028-01-01", "2029-01-01", "2029-04-01")),
        (periods("2028-07-01", 6, 12), False, ("2028-07-01", "2029-01-01", "2030-01-01")),
    ],
)
def test_years_are_numbers_and_other_periods_dates(found: Periods, yearly: bool, cells: tuple[Any, ...]) -> None:
    """A single period that is not a calendar year makes dates of all; the end of the horizon is the last cell."""
    assert found.yearly is yearly
    assert found.cells == cells
    assert found.count == len(cells) - 1


@given(horizons)
def test_every_way_to_write_a_period_is_found_again(horizon: Horizon) -> None:
    """Round trip: cell, text of the cell and label name the same period; every cell names one period only."""
    found = Periods.of(horizon)
    assert len(set(found.cells)) == found.count + 1
    assert [found.index(cell) for cell in found.cells] == list(range(found.count + 1))
    assert [found.index(str(cell)) for cell in found.cells] == list(range(found.count + 1))
    for t, label in enumerate(found.calendar.labels):
        assert found.index(label) == t
        assert found.label(found.cells[t]) == label
        assert found.cell_of(label) == found.cells[t]
    assert found.years == tuple(day.year for day in found.calendar.start_dates)
    assert sum(found.length_years(cell) for cell in found.cells[:-1]) == pytest.approx(found.calendar.end_years)


def test_the_end_of_the_horizon_has_a_cell_a_word_and_a_label() -> None:
    """Plans of version 0.1 write a word for the end; its label is its year or date, for there is no period."""
    years, quarters = periods("2028-01-01", 12, 12), periods("2028-01-01", 3, 3)
    assert years.cell_of(HORIZON_END) == 2030
    assert years.label(HORIZON_END) == "2030"
    assert quarters.cell_of(HORIZON_END) == "2028-07-01"
    assert quarters.label("2028-07-01") == "2028-07-01"


@pytest.mark.parametrize("cell", [2028.0, "2028", 2028])
def test_years_read_from_a_csv_file_are_found_as_numbers_of_any_kind(cell: object) -> None:
    """What pandas makes of a column with an empty cell (2028.0) is still the year 2028."""
    assert periods("2028-01-01", 12, 12).index(cell) == 0


@pytest.mark.parametrize(
    "cell", [2027, 2028.5, "", None, "2028-01-01", "28", " 2028", float("nan"), float("inf"), True, (), "END", -1]
)
def test_what_is_no_period_is_refused(cell: object) -> None:
    """No stranger is taken for a period: `find` says None, the others raise with the cell they were given."""
    found = periods("2028-01-01", 12, 12)
    assert found.find(cell) is None
    for ask in (found.index, found.cell_of, found.label, found.length_years):
        with pytest.raises(KeyError):
            ask(cell)


def test_rows_for_people_have_labels_and_keep_the_rest() -> None:
    """Only the period changes, and the rows that were given stay as they are."""
    rows = [{"period": "2028-04-01", "it_mw": 5.0}, {"period": "2028-01-01", "it_mw": None}]
    shown = periods("2028-01-01", 3, 3).labelled(rows)
    assert shown == [{"period": "2028Q2", "it_mw": 5.0}, {"period": "2028Q1", "it_mw": None}]
    assert rows[0]["period"] == "2028-04-01"
