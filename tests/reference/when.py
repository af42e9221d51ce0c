"""Section 1 of docs/formulation.md, read anew: periods, dates, years, lives."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from planner.case.model import Horizon

SAME_YEARS = 1e-9


def _position(day: date) -> float:
    return (day.year * 12 + day.month - 1 + (day.day - 1) / monthrange(day.year, day.month)[1]) / 12


@dataclass(frozen=True)
class When:
    """The periods of a horizon; times are years after its start."""

    horizon: Horizon

    @property
    def lengths(self) -> list[int]:
        """Months of each period."""
        return [months for span in (self.horizon, self.horizon.tail) if span is not None for months in self._of(span)]

    @staticmethod
    def _of(span: Any) -> list[int]:
        months = span.period_months
        return [months] * span.periods if isinstance(months, int) else list(months)

    @property
    def periods(self) -> range:
        """The periods, those of the tail included."""
        return range(len(self.lengths))

    @property
    def reported(self) -> range:
        """The reported periods."""
        return range(self.horizon.periods)

    @property
    def end(self) -> float:
        """End of the horizon."""
        return self.tau(len(self.lengths))

    def tau(self, t: int) -> float:
        """Start of a period; the end of the horizon for the period after the last."""
        return sum(self.lengths[:t]) / 12

    def length(self, t: int) -> float:
        """Years of a period."""
        return self.lengths[t] / 12

    def mid(self, t: int) -> float:
        """Middle of a period."""
        return self.tau(t) + self.length(t) / 2

    def after(self, day: date) -> float:
        """A date."""
        return _position(day) - _position(self.horizon.start)

    def overlap(self, t: int, begin: float, end: float) -> float:
        """Years that a period shares with a span: an end as close to a boundary as the page says is on it."""
        first, last = (
            next((self.tau(b) for b in (t, t + 1) if abs(time - self.tau(b)) < SAME_YEARS), time)
            for time in (begin, end)
        )
        years = min(last, self.tau(t + 1)) - max(first, self.tau(t))
        return years if years >= SAME_YEARS else 0.0

    def share(self, t: int, begin: float, end: float) -> float:
        """Share of a period that lies in a span."""
        return self.overlap(t, begin, end) / self.length(t)

    def amount(self, t: int, per_year: Mapping[int, float]) -> float:
        """Amount per year, over a period."""
        first = self.after(date(self.horizon.start.year, 1, 1))
        last_month = self.horizon.start.year * 12 + self.horizon.start.month - 2 + sum(self._of(self.horizon))
        found = 0.0
        for year in range(self.horizon.start.year, self.horizon.start.year + int(self.end) + 2):
            begin = first + year - self.horizon.start.year
            found += per_year.get(min(year, last_month // 12), 0.0) * self.overlap(t, begin, begin + 1.0)
        return found

    def level(self, t: int, per_year: Mapping[int, float]) -> float:
        """Level of a year, over a period."""
        return self.amount(t, per_year) / self.length(t)

    def met(self, day: date, t: int) -> bool:
        """Whether a date that allows something is met."""
        return self.after(day) <= self.mid(t) + SAME_YEARS

    def begins_by(self, day: date, t: int) -> bool:
        """Whether the start of a period is not after a date."""
        return self.tau(t) <= self.after(day) + SAME_YEARS

    def past(self, t: int, years: float) -> bool:
        """Whether a boundary lies at or after a time."""
        return self.tau(t) >= years - SAME_YEARS

    def alive(self, u: int, t: int, life_years: float) -> bool:
        """Whether what enters service in ``u`` is alive in ``t``."""
        return u == t or (u < t and self.tau(t) < self.tau(u) + life_years - SAME_YEARS)

    def holds(self, t: int, first_year: int | None, last_year: int | None = None) -> bool:
        """Whether a rule with years holds in a period."""
        before = min(t, self.horizon.periods - 1)
        month = self.horizon.start.year * 12 + self.horizon.start.month - 1 + sum(self.lengths[:before])
        year = month // 12
        return (first_year is None or first_year <= year) and (last_year is None or year <= last_year)

    def window(self, t0: int, lead_years: float, shares: tuple[float, ...]) -> dict[int, float]:
        """Share of a capex that is paid in each period: over the lead before ``t0``, part by part."""
        if lead_years <= SAME_YEARS:
            return {t0: sum(shares)}
        part = lead_years / len(shares)
        begin = self.tau(t0) - lead_years
        paid: dict[int, float] = {}
        for number, share in enumerate(shares):
            for t in self.periods:
                years = self.overlap(t, begin + number * part, begin + (number + 1) * part)
                paid[t] = paid.get(t, 0.0) + share * years / part
        return paid
