"""Boundaries of the periods in whole months: the check's calendar is that of the program (formulation, section 1)."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from planner.case import calendar as months
from planner.case.model import Horizon
from planner.inputs.calendar import make_calendar

HORIZONS = st.builds(
    lambda year, month, lengths: Horizon(
        start=date(year, month, 1), periods=len(lengths), period_months=tuple(lengths)
    ),
    st.integers(1950, 2100),
    st.integers(1, 12),
    st.lists(st.integers(1, 40), min_size=1, max_size=6),
)
DAYS = st.dates(date(1900, 1, 1), date(2190, 12, 31))


@given(st.integers(12, 12 * 9999))
def test_a_month_is_numbered_and_found_again(month: int) -> None:
    """Round trip: the first day of a month has the number of that month, and so has every other day of it."""
    first = months.month_start(month)
    assert first.day == 1
    assert months.month_number(first) == months.month_number(first.replace(day=28)) == month


@given(HORIZONS)
def test_boundaries_are_those_of_the_program(horizon: Horizon) -> None:
    """Law: starts in years and days, the end, and the years touched agree with the calendar that the program has."""
    program = make_calendar(horizon)
    assert months.boundaries_in_years(horizon) == pytest.approx(program.start_years)
    assert (*months.period_starts(horizon), months.end_date(horizon)) == program.start_dates
    assert sum(months.lengths_in_months(horizon)) == months.end_month(horizon) - months.month_number(horizon.start)
    one = dict.fromkeys(range(1900, 2200), 0.0)
    touched = [
        year for year in one if any(program.amount(t, {year: 1.0}) > 0.0 for t in range(program.count))
    ]  # fmt: skip
    assert list(months.years_touched(horizon)) == touched


@given(HORIZONS, DAYS)
def test_days_are_at_the_same_time(horizon: Horizon, day: date) -> None:
    """Law: a day is as many years after the start as the program says, to a billionth of a year."""
    assert months.years_after_start(horizon, day) == pytest.approx(
        make_calendar(horizon).after_start_years(day), abs=1e-9
    )


@given(DAYS, DAYS)
def test_later_days_are_later(a: date, b: date) -> None:
    """Law: the order of days is that of their times."""
    horizon = Horizon(start=date(2026, 1, 1), periods=1, period_months=12)
    assert (months.years_after_start(horizon, a) < months.years_after_start(horizon, b)) == (a < b)


@pytest.mark.parametrize(
    ("period", "start", "end", "years"),
    [
        ((0.0, 1.0), -5.0, 5.0, 1.0),
        ((0.0, 1.0), 0.25, 0.5, 0.25),
        ((0.0, 1.0), 0.75, 9.0, 0.25),
        ((0.0, 1.0), 1.0, 2.0, 0.0),
        ((0.0, 1.0), 0.5, 0.5 + 1e-10, 0.0),
        ((0.0, 1.0), 3.0, 2.0, 0.0),
        ((0.0, 1.0), 0.5, 0.5 + 1e-8, 1e-8),
    ],
)
def test_overlap_is_what_lies_between(period: tuple[float, float], start: float, end: float, years: float) -> None:
    """What touches, what is turned round, and what is rounding alone share nothing."""
    assert months.overlap_years(period, start, end) == pytest.approx(years, abs=1e-12)


def test_one_length_stands_for_every_period() -> None:
    """A single number and the list of it are the same horizon."""
    one = Horizon(start=date(2026, 4, 1), periods=3, period_months=6)
    many = one.model_copy(update={"period_months": (6, 6, 6)})
    assert months.lengths_in_months(one) == months.lengths_in_months(many) == (6, 6, 6)
    assert months.period_starts(one) == (date(2026, 4, 1), date(2026, 10, 1), date(2027, 4, 1))
    assert months.years_touched(one) == range(2026, 2028)


def test_a_list_of_lengths_says_how_many_periods_there_are() -> None:
    """Law: the number of periods may be left out beside a list, and is then its length."""
    start = {"start": "2026-01-01"}
    given = Horizon.model_validate({**start, "periods": 3, "period_months": (3, 3, 12)})
    assert Horizon.model_validate({**start, "period_months": (3, 3, 12)}) == given
    text = json.dumps({**start, "period_months": [3, 3, 12]})
    assert Horizon.model_validate_json(text, strict=True) == given
    with pytest.raises(ValidationError, match="Field required"):
        Horizon.model_validate({**start, "period_months": 12})
