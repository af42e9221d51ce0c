"""The periods of a synthetic case in years after the start of the horizon."""

from dataclasses import dataclass
from datetime import date

from planner.case.calendar import MONTHS_PER_YEAR, month_number, month_start


@dataclass(frozen=True, slots=True)
class Timeline:
    """Equal periods from the first day of a month."""

    start: date
    periods: int
    period_months: int

    @property
    def length_years(self) -> float:
        """Length of a period, in years."""
        return self.period_months / MONTHS_PER_YEAR

    @property
    def end_years(self) -> float:
        """Length of the horizon, in years."""
        return self.periods * self.length_years

    def start_years(self, period: int) -> float:
        """Start of a period, in years after the start of the horizon."""
        return period * self.period_months / MONTHS_PER_YEAR

    def mid_years(self, period: int) -> float:
        """Middle of a period, in years after the start of the horizon."""
        return self.start_years(period) + self.length_years / 2

    def day(self, months_after: int) -> date:
        """First day of the month that lies so many months after the start of the horizon (negative: before it)."""
        return month_start(month_number(self.start) + months_after)

    def years(self) -> range:
        """Calendar years the horizon touches."""
        last_month = month_number(self.start) + self.periods * self.period_months - 1
        return range(self.start.year, last_month // MONTHS_PER_YEAR + 1)

    def overlap_years(self, period: int, year: int) -> float:
        """Years that a period and a calendar year share."""
        first = month_number(self.start) + period * self.period_months
        last = first + self.period_months
        months = min(last, (year + 1) * MONTHS_PER_YEAR) - max(first, year * MONTHS_PER_YEAR)
        return max(0, months) / MONTHS_PER_YEAR

    def periods_of(self, year: int) -> list[int]:
        """Periods that touch a calendar year."""
        return [period for period in range(self.periods) if self.overlap_years(period, year) > 0.0]

    def share_after(self, period: int, months_after: int) -> float:
        """Share of a period that lies after a month boundary, given in months after the start of the horizon."""
        first = period * self.period_months
        return min(1.0, max(0.0, (first + self.period_months - months_after) / self.period_months))

    def first_boundary_from(self, years: float) -> int:
        """First period boundary that is not before a time, at most the end of the horizon."""
        for boundary in range(self.periods):
            if self.start_years(boundary) >= years - 1e-9:
                return boundary
        return self.periods
