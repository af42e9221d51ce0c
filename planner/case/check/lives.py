"""Lives and periods: where a period is so long that what is installed serves well beyond its life (formulation, 1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from planner.case.calendar import (
    MONTHS_PER_YEAR,
    SAME_YEARS,
    boundaries_in_years,
    month_number,
    month_start,
    years_after_start,
)
from planner.case.case import CaseData
from planner.case.check.place import at_row
from planner.case.check.years import horizon_is_sound
from planner.case.rows import ChipRow, OfferRow, PowerOptionRow
from planner.errors import Problem

MOST_YEARS_MORE = 0.5
"""A life may end so many years before the period that it lasts to, without a warning."""
LONG_PERIOD = 1.0 / 3.0
"""Share of a life beyond which a period is long: whatever ends within it is reported."""


@dataclass(frozen=True, slots=True)
class Longest:
    """The installation whose service is longest beyond its life: its start, its end, and the length of its last period.

    All in years; the times after the start of the horizon.
    """

    start: float
    end: float
    last_period: float

    def years_more(self, life_years: float) -> float:
        """How much longer than its life it serves."""
        return self.end - self.start - life_years


def lives_beyond(case: CaseData) -> Iterator[Problem]:
    """Warn of a chip or an on-site option that serves half a year more than its life, or a long period too much."""
    if not horizon_is_sound(case):
        return
    hosted = {chip for offer in case.rows(OfferRow) for chip in offer.chips}
    chips = [("chips", chip, chip.life_years, chip.first_date) for chip in case.rows(ChipRow) if chip.chip in hosted]
    power = case.rows(PowerOptionRow) if case.model.families.power is not None else ()
    options = [("power_options", option, option.life_years, option.earliest_date) for option in power]
    for table, row, life, first in (*chips, *options):
        found = longest_service(case, life, first)
        if found is None:
            continue
        more = found.years_more(life)
        if more > MOST_YEARS_MORE + SAME_YEARS or (more > SAME_YEARS and found.last_period > LONG_PERIOD * life):
            begin, end = (_month(case, years) for years in (found.start, found.end))
            message = (
                f"a life of {life:g} years is counted as {found.end - found.start:g}: what is installed in {begin} "
                f"serves until {end}, since a life that ends within a period lasts to the end of it, and this period "
                f"has {found.last_period * MONTHS_PER_YEAR:.0f} months; shorter periods (period_months of "
                "[horizon] or [horizon.tail]) count it more exactly"
            )
            yield at_row(case, table, row, "life_years", message, "a life is counted as longer than it is")


def longest_service(case: CaseData, life_years: float, first: date) -> Longest | None:
    """Return the installation that serves longest beyond its life and ends within the horizon; None if none does."""
    found: Longest | None = None
    periods = list(pairwise(boundaries_in_years(case.model.horizon)))
    met = years_after_start(case.model.horizon, first)
    for start, installed_end in periods:
        if met > (start + installed_end) / 2 + SAME_YEARS:
            continue
        begin, end = next(
            (p for p in periods if p[0] >= start and p[1] >= start + life_years - SAME_YEARS), (0.0, start + life_years)
        )
        one = Longest(start, end, end - begin)
        if begin >= start and (found is None or one.years_more(life_years) > found.years_more(life_years)):
            found = one
    return found


def _month(case: CaseData, years: float) -> str:
    """The month of a period boundary, such as 2029-01."""
    day = month_start(month_number(case.model.horizon.start) + round(years * MONTHS_PER_YEAR))
    return f"{day.year}-{day.month:02d}"
