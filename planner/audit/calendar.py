"""Time of the horizon (section 1): periods, overlaps, years, labels."""

import math
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise

from planner.case.model import Horizon, Tail
from planner.errors import AuditError

NEVER = 1e-9
"""Slack, in years, of comparisons of times: a third of a tenth of a second."""


@lru_cache(maxsize=4096)
def months_of(day: date) -> float:
    """Give a date as months after year 0, the day as the share of its month."""
    return day.year * 12 + day.month - 1 + (day.day - 1) / monthrange(day.year, day.month)[1]


def growing(price: float, growth_per_year: float, years: float) -> float:
    """Give a price, stated at the start of the horizon, as it is ``years`` later."""
    return price * float((1.0 + growth_per_year) ** years)


@dataclass(frozen=True)
class Calendar:
    """The periods of a horizon; times are years after its start."""

    start_month: float
    """Months of the start after year 0."""
    bounds_months: tuple[int, ...]
    """Months from the start to each boundary, the end of the horizon last."""
    reported: int
    """Number of periods before the tail."""

    @classmethod
    def of(cls, horizon: Horizon) -> "Calendar":
        """Lay out the periods of a horizon; `AuditError` unless there is one length per period."""
        lengths = cls._lengths("horizon", horizon)
        if horizon.tail is not None:
            lengths += cls._lengths("horizon.tail", horizon.tail)
        return cls(months_of(horizon.start), (0, *accumulate(lengths)), horizon.periods)

    @staticmethod
    def _lengths(name: str, span: Horizon | Tail) -> tuple[int, ...]:
        months = span.period_months
        lengths = (months,) * span.periods if isinstance(months, int) else tuple(months)
        if len(lengths) != span.periods:
            raise AuditError(f"{name}: {span.periods} periods but {len(lengths)} lengths in period_months")
        return lengths

    @cached_property
    def yearly(self) -> bool:
        """Whether every reported period is one calendar year, and a tail has no boundary within a year."""
        months = {(round(self.start_month) + bound) % 12 for bound in self.bounds_months}
        return months == {0} and all(length == 1.0 for length in self.length[: self.reported])

    @cached_property
    def last_year(self) -> int:
        """Last calendar year that a reported period touches."""
        return int(self.start_month + self.bounds_months[self.reported] - 1) // 12

    def rule_year(self, t: int) -> int:
        """Calendar year by which a rule holds or not in a period: in the tail, that of the last reported period."""
        return self.start_year(min(t, self.reported - 1))

    @property
    def periods(self) -> int:
        """Number of periods."""
        return len(self.bounds_months) - 1

    @cached_property
    def tau(self) -> tuple[float, ...]:
        """Years after the start at each boundary."""
        return tuple(months / 12 for months in self.bounds_months)

    @cached_property
    def length(self) -> tuple[float, ...]:
        """Years in each period."""
        return tuple((after - before) / 12 for before, after in pairwise(self.bounds_months))

    @cached_property
    def mid(self) -> tuple[float, ...]:
        """Years after the start at the middle of each period."""
        return tuple(self.tau[t] + self.length[t] / 2 for t in range(self.periods))

    @property
    def end(self) -> float:
        """Years after the start at the end of the horizon."""
        return self.tau[-1]

    def years(self, day: date) -> float:
        """Years after the start of a date."""
        return (months_of(day) - self.start_month) / 12

    def overlap(self, t: int, start: float, end: float) -> float:
        """Years that period ``t`` shares with the time from ``start`` to ``end``; times within `NEVER` are the same."""
        opens, closes = self.tau[t], self.tau[t + 1]
        if start >= opens + NEVER:
            opens = start
        if end <= closes - NEVER:
            closes = end
        shared = closes - opens
        return shared if shared >= NEVER else 0.0

    def met(self, day: date, t: int) -> bool:
        """Whether a date that allows something is met in period ``t``."""
        return self.years(day) <= self.mid[t] + NEVER

    def year_overlaps(self, t: int) -> list[tuple[int, float]]:
        """Calendar years that period ``t`` touches, each with the overlap in years."""
        first = int(self.start_month + self.bounds_months[t]) // 12
        last = int(self.start_month + self.bounds_months[t + 1] - 1) // 12
        found = []
        for year in range(first, last + 1):
            begin = (year * 12 - self.start_month) / 12
            found.append((year, self.overlap(t, begin, begin + 1)))
        return found

    def start_year(self, t: int) -> int:
        """Calendar year in which period ``t`` starts."""
        return int(self.start_month + self.bounds_months[t]) // 12

    def amount(self, per_year: Mapping[int, float], t: int, what: str) -> float:
        """Sum an amount per calendar year over period ``t``; `AuditError`, naming ``what``, where a year has no row."""
        total = 0.0
        for calendar_year, share in self.year_overlaps(t):
            year = min(calendar_year, self.last_year)
            if year not in per_year:
                raise AuditError(f"{what}: no row for {year}")
            total += per_year[year] * share
        return total

    def level(self, per_year: Mapping[int, float], t: int, what: str) -> float:
        """Average a level of years over period ``t``; parameters and errors as for `amount`."""
        return self.amount(per_year, t, what) / self.length[t]

    def boundary(self, index: int) -> date:
        """Date of a boundary; the horizon starts on the first of a month."""
        month = round(self.start_month) + self.bounds_months[index]
        return date(month // 12, month % 12 + 1, 1)

    def day(self, years: float) -> date:
        """Date on which a time in years after the start falls; nothing is later than the last date there is."""
        months = self.start_month + 12 * years
        if months >= 12 * 9999 + 12:
            return date.max
        whole = math.floor(months + NEVER)
        first = date(whole // 12, whole % 12 + 1, 1)
        return first + timedelta(days=math.floor((months - whole) * monthrange(first.year, first.month)[1] + NEVER))

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Label of each period, for messages."""
        return tuple(self._names(t)[0] for t in range(self.periods))

    @cached_property
    def index(self) -> dict[str, int]:
        """Period of every label that names one period and no other."""
        found: dict[str, int] = {}
        doubtful: set[str] = set()
        for rank in range(6):
            claims: dict[str, list[int]] = {}
            for t in range(self.periods):
                names = self._names(t)
                if rank < len(names):
                    claims.setdefault(names[rank], []).append(t)
            for name, owners in claims.items():
                if len(owners) > 1:
                    doubtful.add(name)
                elif name not in found and name not in doubtful:
                    found[name] = owners[0]
        return found

    def _names(self, t: int) -> list[str]:
        first, last = self.boundary(t), self.boundary(t + 1)
        final = last.year - 1 if last.month == 1 else last.year
        months = self.bounds_months[t + 1] - self.bounds_months[t]
        month, span = f"{first.year}-{first.month:02d}", f"{first.year}-{final}"
        closing = self.boundary(t + 1)
        last_month = f"{final}-{closing.month - 1 or 12:02d}"
        names = [month, span, str(first.year)]
        if months == 12 and first.month == 1:
            names.insert(0, str(first.year))
        elif months == 3 and first.month % 3 == 1:
            names.insert(0, f"{first.year}Q{first.month // 3 + 1}")
        elif months > 1 and first.month == 1 and months % 12 == 0:
            names.insert(0, span)
        elif months > 1:
            names.insert(0, f"{month}/{last_month}")
        if months == 6 and first.month in (1, 7):
            names.append(f"{first.year}H{first.month // 6 + 1}")
        return [*names, first.isoformat()]
