"""Periods, and how dates and calendar years map onto them (formulation, section 1)."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.api import Case
from planner.audit.calendar import Calendar as AuditCalendar
from planner.case.model import Horizon
from planner.inputs.calendar import Calendar, make_calendar, years_of
from tests.length import thinned


def calendar(start: str, *months: int) -> Calendar:
    """The calendar of a horizon with periods of so many months."""
    return make_calendar(Horizon(start=date.fromisoformat(start), periods=len(months), period_months=months))


@pytest.mark.parametrize(
    ("start", "months", "label"),
    [
        ("2026-01-01", 12, "2026"),
        ("2026-07-01", 3, "2026Q3"),
        ("2026-10-01", 3, "2026Q4"),
        ("2026-12-01", 1, "2026-12"),
        ("2026-01-01", 24, "2026-2027"),
        ("2026-01-01", 6, "2026-01/2026-06"),
        ("2026-07-01", 12, "2026-07/2027-06"),
        ("2026-02-01", 3, "2026-02/2026-04"),
    ],
)
def test_a_period_is_named_after_its_months(start, months, label):
    """Years, quarters, months and whole years have short names; any other period names its first and last month."""
    assert calendar(start, months).labels == (label,)


def test_one_length_stands_for_every_period():
    """A single number of months lays out as many periods of that length."""
    quarters = make_calendar(Horizon(start=date(2026, 10, 1), periods=3, period_months=3))
    assert quarters.labels == ("2026Q4", "2027Q1", "2027Q2")
    assert quarters.start_dates == (date(2026, 10, 1), date(2027, 1, 1), date(2027, 4, 1), date(2027, 7, 1))
    assert quarters.start_years == pytest.approx((0.0, 0.25, 0.5, 0.75))


def test_a_date_is_months_and_the_share_of_its_month():
    """The middle of a month of 30 days is half a month; the end of the horizon is as many years on as it is long."""
    assert years_of(date(2026, 4, 16)) == pytest.approx(2026 + 3.5 / 12)
    assert years_of(date(2024, 2, 29)) == pytest.approx(2024 + (1 + 28 / 29) / 12)


def test_amounts_and_levels_of_quarters():
    """A quarter takes a quarter of a year's amount, and the whole of its level."""
    quarters = calendar("2026-10-01", 3, 3)
    per_year = {2026: 8.0, 2027: 20.0}
    assert [quarters.amount(t, per_year) for t in range(2)] == pytest.approx([2.0, 5.0])
    assert [quarters.level(t, per_year) for t in range(2)] == pytest.approx([8.0, 20.0])


def test_amounts_and_levels_of_periods_over_several_years():
    """Eighteen months from July take half of the first year and all of the second, and their average by overlap."""
    long = calendar("2026-07-01", 18, 24)
    per_year = {2026: 8.0, 2027: 20.0, 2028: 30.0, 2029: 50.0}
    assert [long.amount(t, per_year) for t in range(2)] == pytest.approx([24.0, 80.0])
    assert [long.level(t, per_year) for t in range(2)] == pytest.approx([16.0, 40.0])


def test_overlap_of_a_span_with_periods():
    """A span is shared out among the periods it touches; what lies outside the horizon is not counted."""
    years = calendar("2026-01-01", 12, 24)
    assert [years.overlap_years(t, -1.0, 1.5) for t in range(2)] == pytest.approx([1.0, 0.5])
    assert [years.overlap_years(t, 2.5, 9.0) for t in range(2)] == pytest.approx([0.0, 0.5])
    assert years.overlap_years(0, 1.0, 0.5) == 0.0


ZERO_BUT_ONE = 1e12


@pytest.mark.parametrize("months", [1, 2, 3, 5, 6, 7, 11, 12, 13, 18, 24])
@pytest.mark.parametrize("first", thinned(range(1, 13), 6))
def test_a_period_shares_nothing_with_a_year_that_it_only_touches(first, months):
    """Two times closer than 1e-9 years are the same: in every start month, what rounding leaves over is no overlap.

    The figures of each year in turn are huge, those of all others zero; the program and the audit give a period
    nothing where whole months give it nothing, and what whole months give it elsewhere.
    """
    horizon = Horizon(start=date(2027, first, 1), periods=40, period_months=months)
    program, audit = make_calendar(horizon), AuditCalendar.of(horizon)
    begin = 2027 * 12 + first - 1
    for year in range(2026, 2032):
        per_year = {other: ZERO_BUT_ONE if other == year else 0.0 for other in range(2026, 2120)}
        for t in range(40):
            opens, closes = begin + t * months, begin + (t + 1) * months
            shared = max(0, min(closes, year * 12 + 12) - max(opens, year * 12))
            for found in (program.amount(t, per_year), audit.amount(per_year, t, "figures")):
                assert found == pytest.approx(ZERO_BUT_ONE * shared / 12, rel=1e-9), (year, t)
                assert bool(found) == bool(shared), (year, t)


@pytest.mark.parametrize("calendar_of", [make_calendar, AuditCalendar.of])
def test_ends_closer_than_a_billionth_of_a_year_to_a_boundary_are_on_it(calendar_of):
    """A span that ends a hair after a boundary does not reach into the next period, and one a hair short fills it."""
    laid_out = calendar_of(Horizon(start=date(2026, 1, 1), periods=3, period_months=12))
    overlap = laid_out.overlap if isinstance(laid_out, AuditCalendar) else laid_out.overlap_years
    for hair in (-9e-10, 9e-10):
        assert [overlap(t, 1.0 + hair, 2.0 - hair) for t in range(3)] == [0.0, 1.0, 0.0]
    assert [overlap(t, 1.4, 1.4 + 9e-10) for t in range(3)] == [0.0, 0.0, 0.0]
    assert overlap(1, 1.0 + 2e-9, 1.5) == pytest.approx(0.5 - 2e-9, abs=1e-13)


def test_dates_that_allow_something_snap_to_the_nearest_boundary():
    """A date is met when it is not after the middle of the period; a last start when the period starts by it."""
    year = calendar("2026-01-01", 12)
    assert year.met(date(2026, 7, 1), 0)
    assert not year.met(date(2026, 7, 2), 0)
    assert year.starts_by(date(2026, 1, 1), 0)
    assert not year.starts_by(date(2025, 12, 31), 0)


def test_a_term_ends_at_the_first_boundary_not_before_it():
    """Boundaries are found at or after a time, and the end of the horizon stands for all beyond it."""
    quarters = calendar("2026-01-01", 3, 3, 3, 3)
    assert [quarters.boundary_from(years) for years in (0.0, 0.25, 0.26, 1.0, 7.0)] == [0, 1, 2, 4, 4]


def test_rules_hold_by_the_year_a_period_starts_in():
    """First and last year of a rule look at the start of the period, also where it reaches into the next year."""
    halves = calendar("2026-07-01", 12, 12)
    assert [halves.holds(t, 2027) for t in range(2)] == [False, True]
    assert [halves.holds(t, None, 2026) for t in range(2)] == [True, False]


@settings(max_examples=50, deadline=None)
@given(
    start=st.dates(date(2000, 1, 1), date(2100, 1, 1)).map(lambda day: day.replace(day=1)),
    months=st.lists(st.integers(1, 40), min_size=1, max_size=8),
)
def test_no_time_is_lost_and_no_name_used_twice(start, months):
    """Amounts over all periods add up to those of the horizon, labels differ, and lengths add up."""
    laid_out = calendar(start.isoformat(), *months)
    every_year = dict.fromkeys(range(1999, 2150), 1.0)
    assert sum(laid_out.amount(t, every_year) for t in range(laid_out.count)) == pytest.approx(sum(months) / 12)
    assert all(laid_out.level(t, every_year) == pytest.approx(1.0) for t in range(laid_out.count))
    assert len(set(laid_out.labels)) == laid_out.count


@pytest.mark.parametrize("first", thinned(range(1, 13), 5))
def test_plans_pass_from_every_month_on(first):
    """A plan of the months left of a year without demand serves none of the demand of the next, and passes."""
    length = 13 - first
    changes = [f'model.horizon={{start = "2026-{first:02d}-01", periods = 1, period_months = {length}}}']
    changes += [f"demand[{key},2026].compute=0" for key in ("research,training", "users,inference")]
    plan = Case.read("three_sites", changes=changes).solve(gap=0.0, own_process=False)
    assert plan.summary["audit"]["passed"]
    assert [row["compute"] for row in plan.rows("demand")] == [0.0] * len(plan.rows("demand"))
