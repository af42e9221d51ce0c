"""The calendar of the audit (formulation, section 1), against a count of single months and days."""

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.audit.calendar import NEVER, Calendar, growing, months_of
from planner.case.model import Horizon
from planner.errors import AuditError

LENGTHS = st.lists(st.integers(1, 30), min_size=1, max_size=6)
STARTS = st.builds(lambda year, month: date(year, month, 1), st.integers(2020, 2035), st.integers(1, 12))
DAYS = st.dates(date(2015, 1, 1), date(2055, 12, 31))


def lay(start: date, lengths: list[int]) -> Calendar:
    """Return the calendar of periods of so many months."""
    return Calendar.of(Horizon(start=start, periods=len(lengths), period_months=tuple(lengths)))


def month_after(start: date, months: int) -> date:
    """Return the first day of a month, so many months after another."""
    number = start.year * 12 + start.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


@given(STARTS, LENGTHS)
def test_periods_follow_one_another(start, lengths):
    """Law: periods are as long as stated, without gaps, and their middles lie in the middle."""
    cal = lay(start, lengths)
    assert cal.periods == len(lengths)
    assert sum(cal.length) == pytest.approx(cal.end)
    for t, months in enumerate(lengths):
        assert cal.length[t] == pytest.approx(months / 12)
        assert cal.tau[t + 1] - cal.tau[t] == pytest.approx(cal.length[t])
        assert 2 * cal.mid[t] == pytest.approx(cal.tau[t] + cal.tau[t + 1])
        assert cal.boundary(t) == month_after(start, sum(lengths[:t]))
        assert cal.years(cal.boundary(t)) == pytest.approx(cal.tau[t], abs=1e-12)
        assert cal.start_year(t) == cal.boundary(t).year
    assert cal.boundary(cal.periods) == month_after(start, sum(lengths))


@given(DAYS)
def test_a_date_is_its_month_and_the_share_of_it(day):
    """Law: each day of a month is as long as another; the first of the next month follows the last day."""
    share = (day.day - 1) / monthrange(day.year, day.month)[1]
    assert months_of(day) == pytest.approx(day.year * 12 + day.month - 1 + share)
    after = months_of(day + timedelta(days=1)) - months_of(day)
    assert after == pytest.approx(1 / monthrange(day.year, day.month)[1])


@given(STARTS, LENGTHS, DAYS)
def test_a_time_falls_on_the_day_that_it_came_from(start, lengths, day):
    """Law: a date turned into years and back is the same date."""
    cal = lay(start, lengths)
    assert cal.day(cal.years(day)) == day


def test_nothing_is_later_than_the_last_date():
    """Law: a term of a hundred thousand years ends on the last date that there is."""
    assert lay(date(2026, 1, 1), [12]).day(1e5) == date.max


@given(STARTS, LENGTHS, st.floats(-3.0, 20.0), st.floats(0.0, 15.0))
def test_overlaps_add_up_to_the_span(start, lengths, begin, years):
    """Law: the overlaps of a span with all periods add up to its part within the horizon, and none is negative."""
    cal = lay(start, lengths)
    shared = [cal.overlap(t, begin, begin + years) for t in range(cal.periods)]
    assert all(0.0 <= part <= cal.length[t] + 1e-12 for t, part in enumerate(shared))
    inside = max(0.0, min(begin + years, cal.end) - max(begin, 0.0))
    assert sum(shared) == pytest.approx(inside, abs=cal.periods * 2.1 * NEVER)


@given(STARTS, LENGTHS, st.data())
def test_times_closer_than_rounding_are_the_same(start, lengths, data):
    """Law: a span that begins or ends within 1e-9 years of a boundary begins or ends at the boundary."""
    cal = lay(start, lengths)
    t = data.draw(st.integers(0, cal.periods - 1))
    for early, late in ((-0.9, 0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, -0.9)):
        assert cal.overlap(t, cal.tau[t] + early * NEVER, cal.tau[t + 1] + late * NEVER) == pytest.approx(
            cal.length[t], abs=1e-12
        )
        outside = cal.overlap(t, cal.tau[t] - 1.0, cal.tau[t] + early * NEVER)
        assert outside == 0.0


@given(STARTS, LENGTHS, st.data())
def test_amounts_of_years_are_counted_by_months(start, lengths, data):
    """Law: a period takes a twelfth of the amount of a year for each of its months, and the average as a level."""
    cal = lay(start, lengths)
    years = range(start.year, cal.boundary(cal.periods).year + 1)
    per_year = {year: data.draw(st.floats(-50.0, 50.0)) for year in years}
    for t, months in enumerate(lengths):
        first = sum(lengths[:t])
        counted = sum(per_year[month_after(start, first + number).year] / 12 for number in range(months))
        assert cal.amount(per_year, t, "x") == pytest.approx(counted, abs=1e-9)
        assert cal.level(per_year, t, "x") == pytest.approx(counted * 12 / months, abs=1e-9)


@given(STARTS, LENGTHS)
def test_a_missing_year_is_an_error_of_the_case(start, lengths):
    """Law: a year that a period touches without a row is an error that names the year, never a zero."""
    cal = lay(start, lengths)
    touched = {month_after(start, number).year for number in range(sum(lengths))}
    for missing in touched:
        rows = {year: 1.0 for year in touched if year != missing}
        t = next(t for t in range(cal.periods) if missing in {year for year, _ in cal.year_overlaps(t)})
        with pytest.raises(AuditError, match=f"supply: no row for {missing}"):
            cal.amount(rows, t, "supply")
    assert all(cal.amount(dict.fromkeys(touched, 1.0), t, "supply") > 0 for t in range(cal.periods))


@given(STARTS, LENGTHS, DAYS)
def test_an_earliest_date_snaps_to_the_nearest_boundary(start, lengths, day):
    """Law: a date that allows something is met in the periods whose middle it does not lie after."""
    cal = lay(start, lengths)
    met = [cal.met(day, t) for t in range(cal.periods)]
    assert met == [cal.years(day) <= cal.mid[t] + NEVER for t in range(cal.periods)]
    assert met == sorted(met), "once met, always met"


@settings(max_examples=60)
@given(STARTS, LENGTHS)
def test_every_period_is_found_by_its_label_and_its_first_day(start, lengths):
    """Law: labels differ, and each label and each first day names its own period."""
    cal = lay(start, lengths)
    assert len(set(cal.labels)) == cal.periods
    for t, label in enumerate(cal.labels):
        assert cal.index[label] == t
        assert cal.index[cal.boundary(t).isoformat()] == t


@pytest.mark.parametrize(
    ("start", "lengths", "yearly"),
    [
        (date(2026, 1, 1), [12, 12], True),
        (date(2026, 1, 1), [12, 24], False),
        (date(2026, 1, 1), [6, 6], False),
        (date(2026, 7, 1), [12, 12], False),
        (date(2026, 1, 1), [12], True),
    ],
)
def test_a_horizon_is_yearly_if_every_period_is_a_calendar_year(start, lengths, yearly):
    """Law: periods of twelve months from January, and nothing else, are calendar years."""
    assert lay(start, lengths).yearly is yearly


def test_lengths_that_do_not_match_the_periods_are_an_error():
    """Law: a list of lengths has one for each period."""
    horizon = Horizon.model_construct(start=date(2026, 1, 1), periods=3, period_months=(12, 12))
    with pytest.raises(AuditError, match="3 periods but 2 lengths"):
        Calendar.of(horizon)


@given(st.floats(0.1, 100.0), st.floats(-0.5, 0.5), st.floats(0.0, 20.0), st.floats(0.0, 20.0))
def test_growth_compounds(price, growth, first, then):
    """Law: growing for one time and then for another is growing for both; without growth a price stands still."""
    assert growing(growing(price, growth, first), growth, then) == pytest.approx(growing(price, growth, first + then))
    assert growing(price, 0.0, first) == price
    assert growing(price, growth, 1.0) == pytest.approx(price * (1 + growth))
