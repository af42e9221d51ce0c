"""The first stage: what is signed by the decision date, and how each scenario takes it over (docs/uncertainty.md).

An order of the first stage is linked to a scenario by its key, never by its place. Where its power comes later in the
scenario it starts later; where its key is missing it starts in the first period that has it; where there is none, or
no power, it lapses. Each of these is recorded.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

import numpy as np
from scipy import sparse

from planner.inputs import Inputs
from planner.inputs.calendar import EPSILON_YEARS
from planner.inputs.contracts import MW_PER_GW
from planner.program.columns import ADDED, BLOCKS, DECLINED, DEVELOPMENT_ON, LEASE_BLOCKS, ONSITE_BUILT
from planner.solve.arrays import INFINITY, Arrays, Floats
from planner.symbols import ColumnIndex
from planner.uncertainty.delivery import Delivery

CONTRACT, ONSITE, CHIPS, PROGRAMME, DEVELOPMENT = "contract", "on-site power", "chips", "programme", "development"
WHOLE = frozenset({CONTRACT, PROGRAMME, DEVELOPMENT})
"""Kinds of orders that are whole numbers."""


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
    """

    day: date
    inputs: Inputs = field(repr=False)
    orders: tuple[Order, ...]

    @classmethod
    def of(cls, inputs: Inputs, day: date) -> "FirstStageOrders":
        """Return the orders of a case: contracts with start less lead on or before the day, and what goes with them."""
        made = cls(day, inputs, ())
        found = [*made._contracts(), *made._onsite(), *made._chips(), *made._programmes(), *made._developments()]
        return cls(day, inputs, tuple(found))

    @property
    def whole(self) -> Any:
        """Which orders are whole numbers."""
        return np.array([order.kind in WHOLE for order in self.orders], dtype=bool)

    @property
    def most(self) -> Floats:
        """Upper bounds."""
        return np.array([order.most for order in self.orders])

    def is_signed(self, o: str, start: int) -> bool:
        """Whether a contract of an offer that starts in a period is signed by the day."""
        return self._by_day(start, self.inputs.offers[o].lead_months if o in self.inputs.offers else 0.0)

    def is_bought(self, g: str, start: int) -> bool:
        """Whether on-site power that enters service in a period is ordered by the day."""
        option = self.inputs.power_options.get(g)
        return self._by_day(start, 0.0 if option is None else option.lead_months)

    def is_past(self, t: int) -> bool:
        """Whether a period begins before the day."""
        return bool(self.inputs.calendar.start_years[t] < self._years - EPSILON_YEARS)

    @property
    def _years(self) -> float:
        return self.inputs.calendar.after_start_years(self.day)

    def _by_day(self, start: int, lead_months: float) -> bool:
        signed = self.inputs.calendar.start_years[start] - lead_months / 12
        return bool(signed <= self._years + EPSILON_YEARS)

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

    def links(self, inputs: Inputs, arrays: Arrays) -> "OrderLinks":
        """Return how the program of a scenario takes over the orders.

        Parameters
        ----------
        inputs : Inputs
            Of the scenario, over the same periods.
        arrays : Arrays
            Its program.
        """
        return _Linking(self, inputs, arrays).links()


@dataclass(frozen=True, slots=True)
class Taken:
    """How a scenario takes over an order.

    Attributes
    ----------
    order : int
    period : int or None
        In which it is there; None: it lapses.
    firm : bool
        Whether all of it is: otherwise as much of it as the plan of the scenario takes, for part of what it needs
        never comes.
    """

    order: int
    period: int | None
    firm: bool = True


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A row ``lower <= sum of columns - sum of orders <= upper``."""

    columns: tuple[int, ...]
    orders: tuple[int, ...]
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class OrderLinks:
    """The rows that link a scenario to the orders, and the columns that nothing was ordered for.

    Attributes
    ----------
    rows : tuple of LinkRow
    closed : tuple of int
        Columns that stay zero: they start by the decision date, and no order is delivered then.
    taken : tuple of Taken
        One for each order.
    """

    rows: tuple[LinkRow, ...]
    closed: tuple[int, ...]
    taken: tuple[Taken, ...]

    def closing(self, arrays: Arrays) -> Arrays:
        """Return the program with the closed columns at zero."""
        upper = arrays.upper.copy()
        upper[list(self.closed)] = np.maximum(arrays.lower[list(self.closed)], 0.0)
        return arrays.with_bounds(arrays.lower, upper)

    def matrices(self, width: int, orders: int) -> tuple[sparse.csr_array, sparse.csr_array]:
        """Return the parts of the rows in the columns of the scenario, and in the orders."""
        own = _matrix([row.columns for row in self.rows], 1.0, width)
        return own, _matrix([row.orders for row in self.rows], -1.0, orders)

    @property
    def lower(self) -> Floats:
        """Lower sides of the rows."""
        return np.array([row.lower for row in self.rows])

    @property
    def upper(self) -> Floats:
        """Upper sides of the rows."""
        return np.array([row.upper for row in self.rows])


def _matrix(rows: list[tuple[int, ...]], value: float, width: int) -> sparse.csr_array:
    lengths = [len(row) for row in rows]
    place = np.repeat(np.arange(len(rows)), lengths)
    column = np.array([j for row in rows for j in row], dtype=np.int64)
    return sparse.csr_array((np.full(len(column), value), (place, column)), (len(rows), width))


def _chips_by_start(inputs: Inputs, o: str) -> dict[tuple[str, int], tuple[str, ...]]:
    """Chips that contracts of an offer under ``cloud`` can be signed with, by role and start."""
    found: dict[tuple[str, int], dict[str, None]] = {}
    for lease in inputs.leases.get(o, ()):
        found.setdefault((lease.role, lease.start), {})[lease.chip] = None
    return {key: tuple(chips) for key, chips in found.items()}


def _has(columns: Mapping[Any, int], key: tuple[str, ...], t: int) -> bool:
    """Whether there is a column of a key in a period."""
    return (*key, t) in columns


class _Linking:
    """The making of the links of one scenario."""

    def __init__(self, stage: FirstStageOrders, inputs: Inputs, arrays: Arrays) -> None:
        self.stage, self.inputs = stage, inputs
        self.delivery = Delivery(stage.inputs, inputs)
        self.column = ColumnIndex(arrays.columns)
        self.rows: list[LinkRow] = []
        self.closed: list[int] = []
        self.taken: dict[int, Taken] = {}

    def links(self) -> OrderLinks:
        self._contracts()
        self._onsite()
        self._chips()
        self._same(PROGRAMME, {(key, -1): j for key, j in self.column[DECLINED].items()})
        self._same(DEVELOPMENT, dict(self.column[DEVELOPMENT_ON].items()))
        every = range(len(self.stage.orders))
        return OrderLinks(tuple(self.rows), tuple(self.closed), tuple(self.taken.get(i, Taken(i, None)) for i in every))

    def _orders(self, kind: str) -> list[tuple[int, Order]]:
        return [(i, order) for i, order in enumerate(self.stage.orders) if order.kind == kind]

    def _contracts(self) -> None:
        starts: dict[tuple[str, str, int], list[int]] = {}
        for (o, role, start, _), j in self.column[BLOCKS].items():
            starts.setdefault((o, role, start), []).append(j)
        chosen: dict[tuple[str, str, int, str], list[int]] = {}
        for (o, role, start, _, k), j in self.column[LEASE_BLOCKS].items():
            chosen.setdefault((o, role, start, k), []).append(j)
        given: dict[tuple[str, str, int], list[Taken]] = {}
        for i, order in self._orders(CONTRACT):
            taken = self._take_contract(i, order, starts)
            if taken.period is not None:
                given.setdefault((order.what, order.role, taken.period), []).append(taken)
        for key, columns in starts.items():
            found = given.get(key, [])
            self._row(columns, found, closes=self.stage.is_signed(key[0], key[2]))
            by_chip: dict[str, list[int]] = {}
            for one in found:
                if one.firm and (*key, self.stage.orders[one.order].chip) in chosen:
                    by_chip.setdefault(self.stage.orders[one.order].chip, []).append(one.order)
            for chip, orders in by_chip.items():
                self.rows.append(LinkRow(tuple(chosen[(*key, chip)]), tuple(orders), 0.0, INFINITY))

    def _take_contract(self, i: int, order: Order, starts: Mapping[tuple[str, str, int], list[int]]) -> Taken:
        site = self.stage.inputs.offers[order.what].site

        def can_start(t: int) -> bool:
            return (order.what, order.role, t) in starts

        period, firm = self.delivery.period(site, order.period, can_start)
        if period is not None and order.chip and self.delivery.supply_is_cut(order.chip, order.period, period):
            firm = False
        self.taken[i] = Taken(i, period, firm)
        return self.taken[i]

    def _row(self, columns: list[int], given: list[Taken], *, closes: bool) -> None:
        """What starts is at least what was ordered firmly and, where nothing more can be, at most all that was."""
        every, firm = tuple(one.order for one in given), tuple(one.order for one in given if one.firm)
        if not every:
            if closes:
                self.closed += columns
        elif every == firm:
            self.rows.append(LinkRow(tuple(columns), every, 0.0, 0.0 if closes else INFINITY))
        else:
            if firm:
                self.rows.append(LinkRow(tuple(columns), firm, 0.0, INFINITY))
            if closes:
                self.rows.append(LinkRow(tuple(columns), every, -INFINITY, 0.0))

    def _onsite(self) -> None:
        columns = self.column[ONSITE_BUILT]
        given: dict[tuple[str, int], list[Taken]] = {}
        for i, order in self._orders(ONSITE):
            t = self._first(order.period, partial(_has, columns, (order.what,)))
            self.taken[i] = Taken(i, t)
            if t is not None:
                given.setdefault((order.what, t), []).append(self.taken[i])
        for (g, t), j in columns.items():
            self._row([j], given.get((g, t), []), closes=self.stage.is_bought(g, t))

    def _chips(self) -> None:
        columns = self.column[ADDED]
        given: dict[tuple[str, str, str, int], list[Taken]] = {}
        for i, order in self._orders(CHIPS):
            key = order.what, order.role, order.chip
            site = self.stage.inputs.offers[order.what].site
            period, firm = self.delivery.period(site, order.period, partial(_has, columns, key))
            if period is not None and self.delivery.supply_is_cut(order.chip, order.period, period):
                firm = False
            self.taken[i] = Taken(i, period, firm)
            if period is not None:
                given.setdefault((*key, period), []).append(self.taken[i])
        for (o, role, k, t), j in columns.items():
            self._row([j], given.get((o, role, k, t), []), closes=self.stage.is_past(t))

    def _first(self, begin: int, there: Callable[[int], bool]) -> int | None:
        return next((t for t in self.inputs.periods if t >= begin and there(t)), None)

    def _same(self, kind: str, columns: Mapping[tuple[str, int], int]) -> None:
        """Decisions that are the same wherever the scenario has them."""
        for i, order in self._orders(kind):
            j = columns.get((order.what, order.period))
            self.taken[i] = Taken(i, None if j is None else order.period)
            if j is not None:
                self.rows.append(LinkRow((j,), (i,), 0.0, 0.0))
