"""The periods of a synthetic case: the same as those of the planner's calendar, in whole months."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.case.model import Horizon
from planner.inputs.calendar import make_calendar
from planner.synthetic.timeline import Timeline

TIMELINES = st.builds(
    lambda year, month, periods, months: Timeline(date(year, month, 1), periods, months),
    st.integers(2000, 2090),
    st.integers(1, 12),
    st.integers(1, 12),
    st.integers(1, 36),
)


@given(TIMELINES)
def test_periods_are_those_of_the_calendar(timeline: Timeline) -> None:
    """Law: starts, middles, lengths and days agree with the calendar that the program is built on."""
    calendar = make_calendar(
        Horizon(start=timeline.start, periods=timeline.periods, period_months=timeline.period_months)
    )
    for t in range(timeline.periods):
        assert timeline.start_years(t) == pytest.approx(calendar.start_years[t])
        assert timeline.mid_years(t) == pytest.approx(calendar.middle_years(t))
        assert timeline.day(t * timeline.period_months) == calendar.start_dates[t]
    assert timeline.end_years == pytest.approx(calendar.end_years)
    assert timeline.day(timeline.periods * timeline.period_months) == calendar.start_dates[-1]


@given(TIMELINES)
def test_every_month_lies_in_one_year(timeline: Timeline) -> None:
    """Law: what a period shares with the years of the horizon adds up to its length, and only those years touch it."""
    years = timeline.years()
    for t in range(timeline.periods):
        assert sum(timeline.overlap_years(t, year) for year in years) == pytest.approx(timeline.length_years)
    assert all(timeline.periods_of(year) for year in years)
    assert timeline.periods_of(years[0] - 1) == timeline.periods_of(years[-1] + 1) == []


@given(TIMELINES, st.integers(-500, 500))
def test_a_step_splits_the_horizon(timeline: Timeline, month: int) -> None:
    """Law: the shares after a month, times the length, add up to the time of the horizon that lies after it."""
    after = sum(timeline.share_after(t, month) for t in range(timeline.periods)) * timeline.length_years
    whole = timeline.periods * timeline.period_months
    assert after == pytest.approx((whole - min(max(month, 0), whole)) / 12)


@given(TIMELINES, st.floats(-5.0, 50.0))
def test_the_first_boundary_is_the_first(timeline: Timeline, years: float) -> None:
    """Law: the boundary found is not before the time, and the one before it is; the end stands for all later ones."""
    found = timeline.first_boundary_from(years)
    assert found == timeline.periods or timeline.start_years(found) >= years - 1e-9
    assert found == 0 or timeline.start_years(found - 1) < years - 1e-9


@pytest.mark.parametrize(("months", "day"), [(0, date(2026, 7, 1)), (-7, date(2025, 12, 1)), (18, date(2028, 1, 1))])
def test_days_before_and_after_the_start(months: int, day: date) -> None:
    """Months count over the turn of the year in both directions."""
    assert Timeline(date(2026, 7, 1), 1, 12).day(months) == day
