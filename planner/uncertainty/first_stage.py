"""The first stage: what is signed by the decision date (docs/uncertainty.md)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from planner.inputs import Inputs
from planner.inputs.calendar import EPSILON_YEARS
from planner.inputs.contracts import MW_PER_GW
from planner.solve.arrays import Floats

CONTRACT, ONSITE, CHIPS, PROGRAMME, DEVELOPMENT = "contract", "on-site power", "chips", "programme", "development"
WHOLE = frozenset({CONTRACT, PROGRAMME, DEVELOPMENT})
"""Kinds of orders that are whole numbers."""
Key = tuple[str, str, str, int, str]
"""Of an order: kind, what, role, period and chip."""


@dataclass(frozen=True, slots=True)
class Order:
    """Something that is decided in the first stage.

    Attributes
    ----------
    kind : str
        ``contract`` (blocks), ``on-site power`` (facility GW), ``chips`` (IT GW bought before the decision date),
        ``programme`` (1: declined) or ``development`` (1: of a custom chip, started by the period).
    what : str
        Key of the offer, on-site option, programme or chip.
    role : str
        Empty where there is none.
    period : int
        In which it starts, as the case has it; -1 where it has none.
    chip : str
        Of a contract under ``cloud``, and of chips; else empty.
    most : float
        Upper bound of it.
    """

    kind: str
    what: str
    role: str = ""
    period: int = -1
    chip: str = ""
    most: float = field(default=1.0, compare=False)

    @property
    def key(self) -> Key:
        """What it is known by: kind, what, role, period and chip."""
        return self.kind, self.what, self.role, self.period, self.chip


@dataclass(frozen=True, slots=True)
class FirstStageOrders:
    """The orders that can be given by the decision date in the case as it is, and when each thing is decided.

    Attributes
    ----------
    day : date
        The decision date.
    inputs : Inputs
        Of the case without any scenario.
    orders : tuple of Order
    earlier : tuple of date
        Decision dates before it, in their order.
    waves : tuple of int
        For each order how many of these had passed when it could first be given; what was ordered by an earlier date is
        served first.
    """

    day: date
    inputs: Inputs = field(repr=False)
    orders: tuple[Order, ...]
    earlier: tuple[date, ...] = ()
    waves: tuple[int, ...] = ()

    @classmethod
    def of(cls, inputs: Inputs, day: date, earlier: Sequence[date] = ()) -> "FirstStageOrders":
        """Return the orders of a case: contracts with start less lead on or before the day, and what goes with them."""
        made = cls(day, inputs, ())
        found = [*made._contracts(), *made._onsite(), *made._chips(), *made._programmes(), *made._developments()]
        before = [set(cls.of(inputs, one).orders) for one in earlier]
        waves = tuple(sum(1 for known in before if order not in known) for order in found)
        return cls(day, inputs, tuple(found), tuple(earlier), waves)

    def taking_over(self, before: "FirstStageOrders", orders: Floats) -> Floats:
        """Return what was ordered by an earlier date, in the places of these orders; NaN: not decided by then."""
        known = dict(zip(before.orders, orders, strict=True))
        return np.array([known.get(order, np.nan) for order in self.orders])

    def wave(self, i: int) -> int:
        """Return how many earlier dates had passed when an order could first be given."""
        return self.waves[i] if self.waves else 0

    @property
    def whole(self) -> Any:
        """Which orders are whole numbers."""
        return np.array([order.kind in WHOLE for order in self.orders], dtype=bool)

    @property
    def most(self) -> Floats:
        """Upper bounds."""
        return np.array([order.most for order in self.orders])

    def is_signed(self, o: str, start: int) -> bool:
        """Whether a contract of an offer that starts in a period is signed by the day, by the lead time of the case."""
        return self.is_by_day(start, self.inputs.offers[o].lead_months if o in self.inputs.offers else 0.0)

    def is_bought(self, g: str, start: int) -> bool:
        """Whether on-site power that enters service in a period is ordered by the day, by the lead time of the case."""
        option = self.inputs.power_options.get(g)
        return self.is_by_day(start, 0.0 if option is None else option.lead_months)

    def is_past(self, t: int) -> bool:
        """Whether a period begins before the day."""
        return bool(self.inputs.calendar.start_years[t] < self._years - EPSILON_YEARS)

    def is_by_day(self, start: int, lead_months: float) -> bool:
        """Whether what starts in a period after a lead time is signed by the day."""
        signed = self.inputs.calendar.start_years[start] - lead_months / 12
        return bool(signed <= self._years + EPSILON_YEARS)

    @property
    def _years(self) -> float:
        return self.inputs.calendar.after_start_years(self.day)

    def _contracts(self) -> Iterable[Order]:
        inputs = self.inputs
        for o, choices in inputs.choices.items():
            most = float(inputs.offers[o].max_blocks)
            chips = _chips_by_start(inputs, o)
            for role, start in sorted({(one.role, one.start) for one in choices}, key=lambda key: (key[1], key[0])):
                if self.is_signed(o, start):
                    for chip in chips.get((role, start), ("",)):
                        yield Order(CONTRACT, o, role, start, chip, most)

    def _onsite(self) -> Iterable[Order]:
        for g, t in self.inputs.onsite_builds:
            if self.is_bought(g, t):
                yield Order(ONSITE, g, "", t, "", self.inputs.power_options[g].max_facility_mw / MW_PER_GW)

    def _chips(self) -> Iterable[Order]:
        inputs = self.inputs
        for o, role, k, t in inputs.installs:
            if self.is_past(t) and inputs.offers[o].tenure != "cloud":
                yield Order(CHIPS, o, role, t, k, inputs.room_gw(k, t))

    def _programmes(self) -> Iterable[Order]:
        inputs = self.inputs
        for key, programme in inputs.programmes.items():
            due = programme.first_due
            if due is None or not programme.may_be_declined:
                continue
            sites = {s for by_site in programme.gw_per_it_gw.values() for s in by_site}
            if self.is_past(due) or any(self.is_signed(o, due) for s in sites for o in inputs.offers_at(s)):
                yield Order(PROGRAMME, key)

    def _developments(self) -> Iterable[Order]:
        inputs = self.inputs
        custom = sorted({k for _, _, k, _ in inputs.stocks if inputs.chips[k].development_cost_busd is not None})
        for k in custom:
            yield from (Order(DEVELOPMENT, k, "", t) for t in inputs.periods if self.is_past(t))


def _chips_by_start(inputs: Inputs, o: str) -> dict[tuple[str, int], tuple[str, ...]]:
    """Chips that contracts of an offer under ``cloud`` can be signed with, by role and start."""
    found: dict[tuple[str, int], dict[str, None]] = {}
    for lease in inputs.leases.get(o, ()):
        found.setdefault((lease.role, lease.start), {})[lease.chip] = None
    return {key: tuple(chips) for key, chips in found.items()}
