"""The money of a plan as the audit recomputes it (sections 1 and 11): payments, salvage, present value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from planner.audit import tolerance
from planner.audit.calendar import NEVER, Calendar
from planner.audit.facts import Facts
from planner.case.fields import OWN
from planner.case.magnitudes import typical_money

ITEMS = (
    "rent",
    "usage",
    "exit",
    "refresh",
    "capex",
    "chips",
    "opex",
    "energy",
    "onsite",
    "fuel",
    "opening",
    "fixed",
    "signing",
    "development",
    "serving",
    "carbon",
    "declining",
    "missing",
)


@dataclass(frozen=True, slots=True)
class Level:
    """What a payment belongs to (section 15): as much of it as can be named, the rest empty."""

    site: str = ""
    offer: str = ""
    contract: str = ""
    chip: str = ""
    power_option: str = ""
    market: str = ""
    programme: str = ""
    financing: str = ""


WHOLE_PLAN = Level()
Booked = tuple[int, str, str, str, Level]
"""Period (the number of periods: the end of the horizon), part of the cost, item, role and level of an amount."""


@dataclass
class Ledger:
    """Payments by period, role and item, and the salvage credited at the end."""

    facts: Facts
    paid: dict[tuple[int, str, str], float] = field(default_factory=dict)
    booked: dict[Booked, float] = field(default_factory=dict)
    """All money by level; income and salvage are negative."""
    salvage_busd: float = 0.0
    """Nominal value at the end of the horizon."""
    income_busd: float = 0.0
    """Nominal backup income of the horizon."""
    income_rounding_busd: float = 0.0
    """The part of it that rounding of the IT MW sold can hide."""
    stated_busd: dict[str, float] = field(default_factory=dict)
    """Sum of the absolute amounts of every item that is not recomputed but taken as the plan states it."""
    _turnover_busd: float | None = field(default=None, init=False, repr=False, compare=False)
    """`turnover_busd`, until the next payment is booked."""

    @property
    def calendar(self) -> Calendar:
        """The periods."""
        return self.facts.calendar

    def pay(self, t: int, role: str, item: str, amount_busd: float, level: Level = WHOLE_PLAN) -> None:
        """Book a nominal payment of period ``t``, borne by a role, at the level to which it belongs."""
        if amount_busd:
            key = (t, role, item)
            self.paid[key] = self.paid.get(key, 0.0) + amount_busd
            self._turnover_busd = None
            self.put((t, "spend", item, role, level), amount_busd)

    def pay_stated(self, t: int, role: str, item: str, amount_busd: float) -> None:
        """Book a payment that is not recomputed: the sums contain it, the tolerance does not grow with it."""
        self.stated_busd[item] = self.stated_busd.get(item, 0.0) + abs(amount_busd)
        self.pay(t, role, item, amount_busd)

    def put(self, booked: Booked, amount_busd: float) -> None:
        """Add an amount of any part of the cost to its level."""
        if amount_busd:
            self.booked[booked] = self.booked.get(booked, 0.0) + amount_busd

    def pay_financing(self, t: int, item: str, amount_busd: float, source: str) -> None:
        """Book an amount of the part ``financing`` of the cost."""
        if amount_busd:
            self.put((t, "financing", item, "", Level(financing=source)), amount_busd)

    def pay_ahead(
        self, end: float, years: float, amount_busd: float, role: str, item: str, at: int, level: Level
    ) -> None:
        """Book a payment spread evenly over the ``years`` before ``end``, at once in ``at`` when they are none."""
        if years <= NEVER:
            self.pay(at, role, item, amount_busd, level)
            return
        for t in self.facts.periods:
            share = self.calendar.overlap(t, end - years, end) / years
            self.pay(t, role, item, amount_busd * share, level)

    def credit(self, paid_busd: float, bought: float, life_years: float, role: str, level: Level) -> None:
        """Credit the share of a life, begun at ``bought``, that is left at the end of the horizon."""
        left = bought + life_years - self.calendar.end
        if self.facts.model.objective.salvage == "straight_line" and left > 0:
            self.salvage_busd += paid_busd * left / life_years
            self.put((self.calendar.periods, "salvage", "salvage", role, level), -paid_busd * left / life_years)

    def at_offer(self, offer: str, contract: str = "", chip: str = "") -> Level:
        """Give the level of a payment of an offer, or of a contract or a chip there."""
        return Level(self.facts.offers[offer].site, offer, contract, chip)

    def discount(self, years: float) -> float:
        """Value at the start of the horizon of a dollar paid after ``years``."""
        return float((1.0 + self.facts.model.objective.discount_rate_per_year) ** -years)

    def of_period(self, t: int) -> float:
        """Nominal spending of a period."""
        return sum(amount for (when, _, _), amount in self.paid.items() if when == t)

    def of_role(self, role: str) -> float:
        """Nominal spending of a role over the reported periods."""
        last = self.calendar.reported
        return sum(amount for (t, who, _), amount in self.paid.items() if who == role and t < last)

    @property
    def present_busd(self) -> float:
        """Present value of all spending."""
        return sum(amount * self.discount(self.calendar.mid[t]) for (t, _, _), amount in self.paid.items())

    @property
    def present_financing_busd(self) -> float:
        """Present value of what financing costs."""
        mid = self.calendar.mid
        booked = ((key, amount) for key, amount in self.booked.items() if key[1] == "financing")
        return sum(amount * self.discount(mid[key[0]]) for key, amount in booked)

    @property
    def _recomputed(self) -> dict[tuple[int, str, str], float]:
        """The payments that the audit recomputes: all but those of families of the user's own."""
        return {key: amount for key, amount in self.paid.items() if not key[2].startswith(OWN)}

    @property
    def present_salvage_busd(self) -> float:
        """Present value of the salvage."""
        return self.salvage_busd * self.discount(self.calendar.end)

    @property
    def turnover_busd(self) -> float:
        """Sum of all payments that are recomputed, whatever their sign: the scale of the tolerance on money.

        Spending that is only stated does not count: two invented rows that cancel would excuse any other amount.
        """
        if self._turnover_busd is None:
            self._turnover_busd = sum(abs(amount) for amount in self._recomputed.values())
        return self._turnover_busd

    def tolerance_busd(self, *amounts: float) -> float:
        """Tolerance of an amount that follows from all payments and from the amounts given, in billions of dollars.

        The amounts given must be recomputed, without spending that is only stated.

        A share of them all, or of a typical price where all of them are zero.
        """
        measured = tolerance.money(self.turnover_busd, *amounts) or self.nothing_busd
        return max(measured, tolerance.NO_MONEY * self._typical_busd)

    def cost_tolerance_busd(self, parts: Mapping[str, float]) -> float:
        """Tolerance of the parts of the cost and of their sum; of spending, what is recomputed alone counts."""
        mid = self.calendar.mid
        spend = sum(amount * self.discount(mid[t]) for (t, _, _), amount in self._recomputed.items())
        return self.tolerance_busd(*{**parts, "spend": spend}.values()) + self.income_rounding_busd

    def income_tolerance_busd(self, *amounts: float) -> float:
        """Tolerance of an amount of money that backup income is part of; parameters and result as above."""
        return self.tolerance_busd(self.income_busd, *amounts) + self.income_rounding_busd

    @cached_property
    def _typical_busd(self) -> float:
        return typical_money(self.facts.case) or 1.0

    @cached_property
    def nothing_busd(self) -> float:
        """Money that is none in a plan that pays nothing."""
        return tolerance.NOTHING_PAID * self._typical_busd
