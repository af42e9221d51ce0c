"""How a scenario takes over what is ordered in the first stage: rows by key, never by place (docs/uncertainty.md).

Where the orders are known, the rows hold what `Delivery` serves of them. Where they are not, an order that is surely
there in one period is linked to it; of any other the rows say only that no more starts than was ordered by then, and
no less than is there by then whatever was ordered: a relaxation, so that bounds hold. Where only those of an earlier
date are known, they are served first, and the rows hold both.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from planner.inputs import Inputs
from planner.program.columns import ADDED, BLOCKS, DECLINED, DEVELOPMENT_ON, LEASE_BLOCKS, ONSITE_BUILT
from planner.solve.arrays import INFINITY, Arrays, Floats
from planner.symbols import ColumnIndex
from planner.uncertainty.delivery import Delivery, Served, Wanted
from planner.uncertainty.first_stage import CHIPS, CONTRACT, DEVELOPMENT, ONSITE, PROGRAMME, FirstStageOrders, Order
from planner.uncertainty.leads import Leads
from planner.uncertainty.order_links import ROUNDING_GW, LinkRow, OrderLinks, Taken
from planner.uncertainty.scarce import TINY

Place = tuple[str, ...]
"""Offer and role, of chips bought also the chip."""


def links_of(
    stage: FirstStageOrders,
    inputs: Inputs,
    arrays: Arrays,
    orders: Floats | None = None,
    box: tuple[Floats, Floats] | None = None,
) -> OrderLinks:
    """Return how the program of a scenario takes over the orders.

    Parameters
    ----------
    stage : FirstStageOrders
    inputs : Inputs
        Of the scenario, over the same periods.
    arrays : Arrays
        Its program; with known orders also that of `planner.uncertainty.ordered.only_ordered`.
    orders : array or None
        What was ordered; None, and NaN of a single order: not known yet. What is known was decided by an earlier date
        than what is not.
    box : tuple of array, or None
        What is ordered at least and at most; None: from nothing to what the case offers.
    """
    return _Linking(stage, inputs, arrays, orders, box).links()


def wanted(stage: FirstStageOrders, orders: Floats | None, most: Floats | None = None) -> list[Wanted]:
    """Return the orders of blocks and chips in the order in which they are served; of unknown ones the most."""
    found = []
    most = stage.most if most is None else most
    for kind in (CONTRACT, CHIPS):
        for i, order in enumerate(stage.orders):
            if order.kind == kind:
                amount = float(most[i] if orders is None or np.isnan(orders[i]) else orders[i])
                place = order.what, order.role, order.chip, order.period
                found.append(Wanted(i, *place, amount, kind == CONTRACT, stage.wave(i)))
    return sorted(found, key=lambda one: (one.wave, one.period, not one.is_block))


def queue_of(stage: FirstStageOrders) -> Floats:
    """Return the place of each order in the order in which they are served; what is not delivered comes last."""
    places = np.full(len(stage.orders), float(len(stage.orders)))
    for place, one in enumerate(wanted(stage, None)):
        places[one.number] = place
    return places


def delivery_of(stage: FirstStageOrders, inputs: Inputs) -> Delivery:
    """Return how a scenario serves orders: contracts start where it has such after its lead time, chips are bought."""
    starts = {(one.offer, one.role, one.start) for found in inputs.choices.values() for one in found}
    leads = Leads.of(stage, inputs.case)
    bought = {key for key in inputs.installs if inputs.offers[key[0]].tenure != "cloud"}

    def can_start(order: Wanted, t: int) -> bool:
        if order.is_block:
            there = (order.offer, order.role, t) in starts
            return there and leads.contract_arrives(order.offer, order.period, t)
        return (order.offer, order.role, order.chip, t) in bought

    return Delivery(stage.inputs, inputs, can_start)


class _Linking:
    """The making of the links of one scenario."""

    def __init__(
        self,
        stage: FirstStageOrders,
        inputs: Inputs,
        arrays: Arrays,
        orders: Floats | None,
        box: tuple[Floats, Floats] | None,
    ) -> None:
        self.stage, self.inputs = stage, inputs
        self.known = np.full(len(stage.orders), np.nan) if orders is None else orders
        self.column = ColumnIndex(arrays.columns)
        self.rows: list[LinkRow] = []
        self.closed: list[int] = []
        self.taken: dict[int, Taken] = {}
        self.latest: dict[int, int] = {}
        self.starts: dict[tuple[str, str, int], list[int]] = {}
        for (o, role, start, _), j in self.column[BLOCKS].items():
            self.starts.setdefault((o, role, start), []).append(j)
        self.wanted, self.leads = wanted(stage, orders, None if box is None else box[1]), Leads.of(stage, inputs.case)
        self.delivery = delivery_of(stage, inputs)
        self.early: list[Served] = []
        self.until = -1
        if box is not None:
            self._decide(*box)

    def links(self) -> OrderLinks:
        served = self._take()
        self._contracts(served)
        self._chips(served)
        self._onsite()
        self._same(PROGRAMME, {(key, -1): j for key, j in self.column[DECLINED].items()})
        self._same(DEVELOPMENT, dict(self.column[DEVELOPMENT_ON].items()))
        every = range(len(self.stage.orders))
        return OrderLinks(tuple(self.rows), tuple(self.closed), tuple(self.taken.get(i, Taken(i, None)) for i in every))

    def _decide(self, lower: Floats, upper: Floats) -> None:
        """Take orders that a box leaves no choice as known: all that may be late here, or what is served first of them.

        Orders that nothing delays share nothing that is scarce with those, so that what comes of these is known.
        """
        late = self.delivery.late(self.wanted)
        decided = np.where(np.isnan(self.known) & (lower == upper), lower, self.known)
        queue = [one for one in self.wanted if one.number in late]
        free = next((n for n, one in enumerate(queue) if np.isnan(decided[one.number])), len(queue))
        if free == len(queue):
            self.known = self.known.copy()
            self.known[sorted(late)] = decided[sorted(late)]
            return
        first, until = queue[:free], queue[free].period
        served = self.delivery.served([replace(one, amount=float(decided[one.number])) for one in first])
        before = {one.number for one in first if one.is_block and self._is_open(one)}
        self.early = [one for one in served if one.number in before and one.period <= until]
        self.until = until

    def _orders(self, kind: str) -> list[tuple[int, Order]]:
        return [(i, order) for i, order in enumerate(self.stage.orders) if order.kind == kind]

    def _is_open(self, order: Wanted) -> bool:
        """Whether it is not known yet how much is ordered."""
        return bool(np.isnan(self.known[order.number]))

    def _take(self) -> list[Served]:
        """Find out what is there of each order; return the parts of those that are known."""
        served = self.delivery.served([one for one in self.wanted if not self._is_open(one)])
        sure: dict[int, int] = {}
        for order in self.wanted:
            number = order.number
            if self._is_open(order):
                period = self.delivery.surely(order, self.wanted, sure)
                there = self.delivery.earliest(order) if period is None else period
                self.taken[number] = Taken(number, there, period is not None)
                latest = self.delivery.latest(order, self.wanted) if period is None else period
                self.latest |= {} if latest is None else {number: latest}
            else:
                self.taken[number] = one = _taken(order, served)
                period = one.period if one.firm and len(one.parts) <= 1 else None
            if period is not None:
                sure[number] = period
        return served

    def _contracts(self, served: Sequence[Served]) -> None:
        chosen: dict[tuple[str, str, int, str], list[int]] = {}
        for (o, role, start, _, k), j in self.column[LEASE_BLOCKS].items():
            chosen.setdefault((o, role, start, k), []).append(j)
        blocks = [one for one in self.wanted if one.is_block]
        columns: dict[tuple[Place, int], list[int]] = {
            ((o, role), start): found for (o, role, start), found in self.starts.items()
        }
        self._starts(columns, _by(blocks, lambda one: one.place), served, lambda o, t: self.leads.is_signed(o[0], t))
        for (o, role, start, chip), found in chosen.items():
            of_chip = [one for one in blocks if (*one.place, one.chip) == (o, role, chip)]
            sure, there = self._sure(of_chip, start), _amount(served, of_chip, start)
            if sure or there > 0.0:
                self.rows.append(LinkRow(tuple(found), sure, there, INFINITY))

    def _chips(self, served: Sequence[Served]) -> None:
        chips = [one for one in self.wanted if not one.is_block]
        columns: dict[tuple[Place, int], list[int]] = {
            ((o, role, k), t): [j] for (o, role, k, t), j in self.column[ADDED].items()
        }
        orders = _by(chips, lambda one: (*one.place, one.chip))
        self._starts(columns, orders, served, lambda _, t: self.stage.is_past(t))

    def _starts(
        self,
        columns: Mapping[tuple[Place, int], list[int]],
        orders: Mapping[Place, list[Wanted]],
        served: Sequence[Served],
        closes: Callable[[Place, int], bool],
    ) -> None:
        """Link what starts in each period to the orders of the same kind."""
        by_place: dict[Place, list[int]] = {}
        for place, t in sorted(columns, key=lambda key: key[1]):
            by_place.setdefault(place, []).append(t)
        for place, periods in by_place.items():
            found = orders.get(place, [])
            closed = [t for t in periods if closes(place, t)]
            there = {t: _amount(served, found, t) for t in periods}
            free = [self.taken[one.number] for one in found if self._is_open(one)]
            if all(one.firm or one.period is None for one in free):
                for t in periods:
                    room = _room(found, there[t])
                    self._row(columns[place, t], self._sure(found, t), there[t], closes=t in closed, room=room)
            else:
                self._relaxed(columns, place, closed, there, found)

    def _relaxed(
        self,
        columns: Mapping[tuple[Place, int], list[int]],
        place: Place,
        closed: Sequence[int],
        there: Mapping[int, float],
        orders: Sequence[Wanted],
    ) -> None:
        """Where it depends on the orders when they are there: no more by any period than was ordered by then.

        And no less than what is there by then whatever else was ordered.
        """
        open_orders = [one for one in orders if self._is_open(one) and self.taken[one.number].period is not None]
        for t, amount in there.items():
            room = _room(orders, amount)
            self._row(columns[place, t], self._sure(orders, t), amount, closes=False, room=room)
            if t in closed:
                before = [u for u in closed if u <= t]
                until = tuple(j for u in before for j in columns[place, u])
                due = tuple(one.number for one in open_orders if one.period <= t)
                known = sum(there[u] for u in before)
                self.rows.append(LinkRow(until, due, -INFINITY, known + _room(orders, known)))
        self._early(columns, place, closed, there, orders)
        for last in sorted({self.latest[one.number] for one in open_orders if one.number in self.latest}):
            until = tuple(j for t in there if t <= last for j in columns[place, t])
            due = tuple(one.number for one in open_orders if self.latest.get(one.number, last + 1) <= last)
            known = sum(amount for t, amount in there.items() if t <= last)
            self.rows.append(LinkRow(until, due, known - _room(orders, known), INFINITY))

    def _early(
        self,
        columns: Mapping[tuple[Place, int], list[int]],
        place: Place,
        closed: Sequence[int],
        there: Mapping[int, float],
        orders: Sequence[Wanted],
    ) -> None:
        """What is there of orders that a box decides before one that it leaves open: no less, and before it no more."""
        late = [one for one in orders if not self.taken[one.number].firm]
        for t in (t for t in there if t <= self.until):
            amount = there[t] + _amount(self.early, late, t)
            upper = amount if t in closed and t < self.until else INFINITY
            self.rows.append(LinkRow(tuple(columns[place, t]), self._sure(orders, t), amount, upper))

    def _row(
        self, columns: Sequence[int], orders: tuple[int, ...], there: float = 0.0, *, closes: bool, room: float = 0.0
    ) -> None:
        """What starts is what was ordered and what is there, or at least that where more may be signed."""
        if orders or there > 0.0:
            upper = there + room if closes else INFINITY
            self.rows.append(LinkRow(tuple(columns), orders, there - room, upper))
        elif closes:
            self.closed += columns

    def _sure(self, orders: Iterable[Wanted], t: int) -> tuple[int, ...]:
        """Orders that are not known and surely there in a period."""
        mine = [(one.number, self.taken[one.number]) for one in orders if self._is_open(one)]
        return tuple(number for number, taken in mine if taken.firm and taken.period == t)

    def _onsite(self) -> None:
        columns = self.column[ONSITE_BUILT]
        given: dict[tuple[str, int], list[int]] = {}
        for i, order in self._orders(ONSITE):
            t = self._first(order.period, partial(self._has_power, columns, order))
            known = float(self.known[i])
            amount = 0.0 if t is None or np.isnan(known) else known
            self.taken[i] = Taken(i, t, amount=amount, parts=((t, amount),) if t is not None and amount > 0.0 else ())
            if t is not None:
                given.setdefault((order.what, t), []).append(i)
        for (g, t), j in columns.items():
            self._row([j], tuple(given.get((g, t), [])), closes=self.leads.is_bought(g, t))

    def _has_power(self, columns: Mapping[Any, int], order: Order, t: int) -> bool:
        """Whether on-site power of an order can enter service in a period."""
        return (order.what, t) in columns and self.leads.power_arrives(order.what, order.period, t)

    def _first(self, begin: int, there: Callable[[int], bool]) -> int | None:
        return next((t for t in self.inputs.periods if t >= begin and there(t)), None)

    def _same(self, kind: str, columns: Mapping[tuple[str, int], int]) -> None:
        """Decisions that are the same wherever the scenario has them."""
        for i, order in self._orders(kind):
            j = columns.get((order.what, order.period))
            self.taken[i] = Taken(i, None if j is None else order.period)
            if j is not None:
                self.rows.append(LinkRow((j,), (i,), 0.0, 0.0))


def _by(orders: Iterable[Wanted], place: Callable[[Wanted], Place]) -> dict[Place, list[Wanted]]:
    found: dict[Place, list[Wanted]] = {}
    for one in orders:
        found.setdefault(place(one), []).append(one)
    return found


def _taken(order: Wanted, served: Iterable[Served]) -> Taken:
    """What is there of a known order."""
    parts = tuple((one.period, one.amount) for one in served if one.number == order.number)
    amount = sum(part for _, part in parts)
    last = max((period for period, _ in parts), default=None if order.amount > TINY else order.period)
    return Taken(order.number, last, amount >= order.amount - ROUNDING_GW, amount, parts)


def _room(orders: Iterable[Wanted], amount: float) -> float:
    """Rounding of what is there of known orders: none of whole blocks."""
    return 0.0 if amount <= 0.0 or all(one.is_block for one in orders) else ROUNDING_GW


def _amount(served: Iterable[Served], orders: Sequence[Wanted], t: int) -> float:
    """What is there of some orders in a period."""
    numbers = {one.number for one in orders}
    return sum(one.amount for one in served if one.period == t and one.number in numbers)
