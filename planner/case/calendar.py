"""The boundaries of the periods as whole months, and the calendar years a horizon touches."""

from calendar import monthrange
from datetime import date
from itertools import accumulate

from planner.case.model import Horizon, Tail

MONTHS_PER_YEAR = 12
HOURS_PER_YEAR = 8760.0
"""A year as energy counts it: a facility MW over a year is 8760 MWh (formulation, section 5)."""
FIRST_YEAR = 1900
LAST_YEAR = 2200
SAME_YEARS = 1e-9
"""Times closer than this are the same (formulation, section 1)."""


def month_number(day: date) -> int:
    """Return the month of a date, counted from January of the year 0."""
    return day.year * MONTHS_PER_YEAR + day.month - 1


def month_start(month: int) -> date:
    """Return the first day of a month counted from January of the year 0."""
    return date(month // MONTHS_PER_YEAR, month % MONTHS_PER_YEAR + 1, 1)


def _lengths(span: Horizon | Tail) -> tuple[int, ...]:
    if isinstance(span.period_months, int):
        return (span.period_months,) * span.periods
    return span.period_months


def lengths_in_months(horizon: Horizon) -> tuple[int, ...]:
    """Return the length of every period in months, those of a tail last."""
    return _lengths(horizon) + (() if horizon.tail is None else _lengths(horizon.tail))


def lists_are_sound(horizon: Horizon) -> bool:
    """Whether a list of lengths has as many of them as there are periods."""
    spans: list[Horizon | Tail] = [horizon] if horizon.tail is None else [horizon, horizon.tail]
    return all(len(_lengths(span)) == span.periods for span in spans)


def end_month(horizon: Horizon) -> int:
    """Return the first month after the horizon and its tail, counted from January of the year 0."""
    return month_number(horizon.start) + sum(lengths_in_months(horizon))


def end_date(horizon: Horizon) -> date:
    """Return the first day after the horizon and its tail."""
    return month_start(end_month(horizon))


def years_touched(horizon: Horizon) -> range:
    """Return the calendar years of which at least one month lies in the reported horizon: those that need figures."""
    reported_end = month_number(horizon.start) + sum(_lengths(horizon))
    return range(horizon.start.year, (reported_end - 1) // MONTHS_PER_YEAR + 1)


def years_after_start(horizon: Horizon, day: date) -> float:
    """Return a date as years after the start of the horizon: whole months, plus the share of its month."""
    share = (day.day - 1) / monthrange(day.year, day.month)[1]
    return (month_number(day) - month_number(horizon.start) + share) / MONTHS_PER_YEAR


def boundaries_in_years(horizon: Horizon) -> tuple[float, ...]:
    """Return the start of every period and the end of the last, in years after the start of the horizon."""
    return tuple(months / MONTHS_PER_YEAR for months in accumulate(lengths_in_months(horizon), initial=0))


def overlap_years(period: tuple[float, float], start: float, end: float) -> float:
    """Return the years of a period that lie between two times; none where they are rounding alone."""
    years = min(period[1], end) - max(period[0], start)
    return years if years >= SAME_YEARS else 0.0


def period_starts(horizon: Horizon) -> tuple[date, ...]:
    """Return the first day of every period."""
    months = accumulate(lengths_in_months(horizon), initial=month_number(horizon.start))
    return tuple(month_start(month) for month in months)[:-1]
