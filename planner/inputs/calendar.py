"""Periods, and how dates and calendar years map onto them (formulation, section 1)."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from planner.case.calendar import lengths_in_months
from planner.case.model import Horizon

EPSILON_YEARS = 1e-9
"""Less than a second: two times closer than this are the same time."""


def years_of(day: date) -> float:
    """Time of a date in years, by whole months and the share of its month.

    Examples
    --------
    >>> years_of(date(2026, 7, 1))
    2026.5
    """
    days = monthrange(day.year, day.month)[1]
    return day.year + (day.month - 1 + (day.day - 1) / days) / 12


@dataclass(frozen=True, slots=True)
class Calendar:
    """The planning periods of a case.

    Attributes
    ----------
    labels : tuple of str
        Name of each period: ``2028``, ``2028Q3``, ``2028-07`` or ``2028-01/2029-12``.
    start_years : tuple of float
        Start of each period in years after the start of the horizon, and the end of the horizon last.
    first_year : float
        The start of the horizon as a calendar time (2026.0 is the first of January 2026).
    start_dates : tuple of date
        First day of each period, and the day after the horizon last.
    reported : int
        Number of reported periods; those after them are the tail.
    """

    labels: tuple[str, ...]
    start_years: tuple[float, ...]
    first_year: float
    start_dates: tuple[date, ...]
    reported: int

    @property
    def last_year(self) -> int:
        """The last calendar year that the reported periods touch: later years have its figures."""
        end = self.start_dates[self.reported]
        return end.year - 1 if end.month == 1 else end.year

    @property
    def count(self) -> int:
        """Number of periods."""
        return len(self.labels)

    @property
    def end_years(self) -> float:
        """Length of the horizon in years."""
        return self.start_years[-1]

    def length_years(self, t: int) -> float:
        """Length of period ``t`` in years."""
        return self.start_years[t + 1] - self.start_years[t]

    def middle_years(self, t: int) -> float:
        """Middle of period ``t`` in years after the start of the horizon."""
        return (self.start_years[t] + self.start_years[t + 1]) / 2

    def after_start_years(self, day: date) -> float:
        """Time of a date in years after the start of the horizon (negative before it)."""
        return years_of(day) - self.first_year

    def met(self, day: date, t: int) -> bool:
        """Whether a date that allows something is met in period ``t``: it is not after the period's middle."""
        return self.after_start_years(day) <= self.middle_years(t) + EPSILON_YEARS

    def starts_by(self, day: date, t: int) -> bool:
        """Whether period ``t`` starts on or before a date."""
        return self.start_years[t] <= self.after_start_years(day) + EPSILON_YEARS

    def begun(self, day: date, t: int) -> bool:
        """Whether period ``t`` starts on a date or after it."""
        return self.start_years[t] >= self.after_start_years(day) - EPSILON_YEARS

    def lives(self, installed: int, t: int, life_years: float) -> bool:
        """Whether what enters service at the start of a period is alive in period ``t``: always in the first."""
        start = self.start_years
        return installed == t or (installed < t and start[t] < start[installed] + life_years - EPSILON_YEARS)

    def lives_throughout(self, installed: int, t: int, life_years: float) -> bool:
        """Whether what enters service at the start of a period is alive to the end of period ``t``."""
        start = self.start_years
        return installed <= t and start[t + 1] <= start[installed] + life_years + EPSILON_YEARS

    def overlap_years(self, t: int, begin_years: float, end_years: float) -> float:
        """Years that period ``t`` shares with a span given in years after the start of the horizon.

        Times closer than `EPSILON_YEARS` are the same: a year that begins where the period ends shares nothing with it,
        whatever the rounding of either.

        Examples
        --------
        >>> month = make_calendar(Horizon(start=date(2027, 12, 1), periods=1, period_months=1))
        >>> month.overlap_years(0, 1 / 12 - 1e-12, 1.0)
        0.0
        """
        begin, end = self.start_years[t], self.start_years[t + 1]
        begin = begin_years if begin_years - begin >= EPSILON_YEARS else begin
        end = end_years if end - end_years >= EPSILON_YEARS else end
        return end - begin if end - begin >= EPSILON_YEARS else 0.0

    def boundary_from(self, years: float) -> int:
        """Index of the first period boundary at or after a time; the end of the horizon if there is none before it."""
        for index, start in enumerate(self.start_years):
            if start >= years - EPSILON_YEARS:
                return index
        return self.count

    def date_of(self, years: float) -> date:
        """Day on which a time in years after the start of the horizon falls; the last day of the year 9999 at most.

        Examples
        --------
        >>> make_calendar(Horizon(start=date(2026, 1, 1), periods=1, period_months=12)).date_of(2.3)
        datetime.date(2028, 4, 19)
        """
        months = (self.first_year + years + EPSILON_YEARS) * 12
        year, month = divmod(int(min(months, 12.0 * 10_000)), 12)
        if year > date.max.year:
            return date.max
        days = monthrange(year, month + 1)[1]
        return date(year, month + 1, 1 + int((months - int(months)) * days))

    def amount(self, t: int, per_year: Mapping[int, float]) -> float:
        """Sum of a yearly amount over a period, by overlap with the calendar years; a tail has that of the last."""
        last = self.last_year
        return sum(
            value * self._overlap_with_calendar_year(t, year, endless=year == last)
            for year, value in per_year.items()
            if year <= last
        )

    def level(self, t: int, per_year: Mapping[int, float]) -> float:
        """Average of a yearly level over a period, by overlap with the calendar years."""
        return self.amount(t, per_year) / self.length_years(t)

    def years_of(self, t: int) -> list[tuple[int, float]]:
        """Calendar years that a period touches, each with its share of the time of the period.

        Examples
        --------
        >>> make_calendar(Horizon(start=date(2027, 10, 1), periods=1, period_months=12)).years_of(0)
        [(2027, 0.25), (2028, 0.75)]
        """
        first, last = (int(self.first_year + years + EPSILON_YEARS) for years in self.start_years[t : t + 2])
        overlaps = [(year, self._overlap_with_calendar_year(t, year)) for year in range(first, last + 1)]
        return [(year, years / self.length_years(t)) for year, years in overlaps if years]

    def _overlap_with_calendar_year(self, t: int, year: int, *, endless: bool = False) -> float:
        begin = year - self.first_year
        return self.overlap_years(t, begin, float("inf") if endless else begin + 1.0)

    def holds(self, t: int, first_year: int | None, last_year: int | None = None) -> bool:
        """Whether a rule with a first and last calendar year holds in a period; in a tail, as in the last reported."""
        year = self.start_dates[min(t, self.reported - 1)].year
        return (first_year is None or year >= first_year) and (last_year is None or year <= last_year)


def make_calendar(horizon: Horizon) -> Calendar:
    """Lay out the periods of a horizon.

    Parameters
    ----------
    horizon : Horizon
        Start, number and lengths (months) of the periods.

    Returns
    -------
    Calendar

    Examples
    --------
    >>> make_calendar(Horizon(start=date(2026, 1, 1), periods=2, period_months=(3, 12))).labels
    ('2026Q1', '2026-04/2027-03')
    """
    begin = horizon.start.year * 12 + horizon.start.month - 1
    bounds = [begin]
    for length in lengths_in_months(horizon):
        bounds.append(bounds[-1] + length)
    return Calendar(
        labels=tuple(_label(a, b) for a, b in pairwise(bounds)),
        start_years=tuple((bound - begin) / 12 for bound in bounds),
        first_year=begin / 12,
        start_dates=tuple(date(bound // 12, bound % 12 + 1, 1) for bound in bounds),
        reported=horizon.periods,
    )


def _label(begin: int, end: int) -> str:
    year, month = divmod(begin, 12)
    last_year, last_month = divmod(end - 1, 12)
    length = end - begin
    if length == 12 and month == 0:
        return f"{year}"
    if length == 3 and month % 3 == 0:
        return f"{year}Q{month // 3 + 1}"
    if length == 1:
        return f"{year}-{month + 1:02d}"
    if month == 0 and length % 12 == 0:
        return f"{year}-{last_year}"
    return f"{year}-{month + 1:02d}/{last_year}-{last_month + 1:02d}"
