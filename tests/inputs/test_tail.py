"""A tail on the calendar: what the program, the check and the audit each make of it is the same."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.audit.calendar import Calendar as AuditCalendar
from planner.case import calendar as months
from planner.case.model import Horizon, Tail
from planner.inputs.calendar import make_calendar
from planner.inputs.periods import Periods
from tests.reference.when import When

LENGTHS = st.lists(st.integers(1, 40), min_size=1, max_size=4).map(tuple)


@given(st.integers(1, 12), LENGTHS, LENGTHS)
def test_every_calendar_reads_a_tail_alike(month: int, lengths: tuple[int, ...], tail: tuple[int, ...]) -> None:
    """Law: boundaries, amounts by year and the years of rules agree; the years after the last have its figures."""
    horizon = Horizon(start=date(2026, month, 1), period_months=lengths, tail=Tail(period_months=tail))
    ours, audits, when = make_calendar(horizon), AuditCalendar.of(horizon), When(horizon)
    years = months.years_touched(horizon)
    per_year = {year: float(3 * n + 1) for n, year in enumerate(years)}
    assert ours.count == audits.periods == len(lengths) + len(tail)
    assert ours.reported == audits.reported == len(lengths)
    assert ours.start_years == pytest.approx(audits.tau)
    assert months.boundaries_in_years(horizon) == pytest.approx(audits.tau)
    assert months.period_starts(horizon) == ours.start_dates[:-1]
    assert ours.last_year == audits.last_year == years[-1]
    for t in range(ours.count):
        amount = ours.amount(t, {**per_year, years[-1] + 1: 999.0})
        assert amount == pytest.approx(audits.amount(per_year, t, "test"))
        assert amount == pytest.approx(when.amount(t, per_year))
        assert ours.holds(t, years[-1]) == when.holds(t, years[-1]) == (audits.rule_year(t) >= years[-1])
        if t >= len(lengths) and ours.start_dates[t].year > years[-1]:
            assert ours.level(t, per_year) == pytest.approx(per_year[years[-1]])
    assert Periods(ours).yearly == audits.yearly


def test_a_tail_of_whole_years_leaves_the_names_of_years() -> None:
    """Law: years stay years in tables, so that plans with and without a tail can be compared."""
    horizon = Horizon(start=date(2026, 1, 1), periods=2, period_months=12, tail=Tail(period_months=(24, 36)))
    periods = Periods.of(horizon)
    assert periods.cells == (2026, 2027, 2028, 2030, 2033)
    assert [periods.label(cell) for cell in periods.cells] == ["2026", "2027", "2028-2029", "2030-2032", "2033"]
    assert [periods.is_reported(cell) for cell in periods.cells[:-1]] == [True, True, False, False]
    assert Periods.of(horizon.model_copy(update={"tail": Tail(period_months=(6,))})).cells[0] == "2026-01-01"
