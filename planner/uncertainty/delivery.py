"""When what was ordered is there in a scenario: each block starts, and pays, when its power and its chips are there.

First ordered, first served: `Delivery.served` gives the blocks and chips of known orders (docs/uncertainty.md), and
`Delivery.surely` says of an order when all of it is there whatever else was ordered, for the programs in which the
orders are not known yet.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import floor, isfinite

from planner.inputs import Inputs
from planner.uncertainty.scarce import INFINITE, TINY, Scarce
from planner.uncertainty.use import Uses


@dataclass(frozen=True, slots=True)
class Wanted:
    """An order of blocks, or of chips for them.

    Attributes
    ----------
    number : int
        Place of the order in the first stage.
    offer, role : str
    chip : str
        Empty for blocks that bring no chips of their own.
    period : int
        In which it was ordered.
    amount : float
        Blocks, or IT GW of chips; where the orders are not known yet, the most.
    is_block : bool
    wave : int
        What has a lower one was decided by an earlier date, and is served before.
    """

    number: int
    offer: str
    role: str
    chip: str
    period: int
    amount: float
    is_block: bool
    wave: int = 0

    @property
    def place(self) -> tuple[str, str]:
        """Offer and role."""
        return self.offer, self.role


@dataclass(frozen=True, slots=True)
class Served:
    """A part of an order that is there in a period: blocks, or IT GW of chips."""

    number: int
    period: int
    amount: float


CanStart = Callable[[Wanted, int], bool]


class Delivery:
    """How a scenario serves orders of the case.

    Parameters
    ----------
    case, scenario : Inputs
        Over the same periods.
    can_start : callable
        Whether the scenario has contracts, or purchases of chips, of an order in a period.
    """

    def __init__(self, case: Inputs, scenario: Inputs, can_start: CanStart) -> None:
        self._case, self._scenario, self._can_start = case, scenario, can_start
        self._scarce = Scarce(case, scenario)
        self._terms = _shortest(scenario)
        self._late: set[int] | None = None

    def served(self, orders: Sequence[Wanted]) -> list[Served]:
        """Return what is there of known orders, in the order of periods."""
        uses, found = Uses(self._scarce), _Found(orders)
        for wave in sorted({one.wave for one in orders}):
            for t in self._scenario.periods:
                for order in found.due(t, wave):
                    self._serve(order, t, uses, found)
        return sorted(found.served, key=lambda one: one.period)

    def _serve(self, order: Wanted, t: int, uses: Uses, found: "_Found") -> None:
        if not self._can_start(order, t):
            amount = 0.0
        elif order.is_block:
            amount = self._blocks(order, t, uses, found.left[order.number])
        else:
            amount = self._chips(order, t, uses, found)
        found.serve(order, t, amount)
        if found.left[order.number] > TINY:
            uses.disturb(self._shared(order))

    def _blocks(self, order: Wanted, t: int, uses: Uses, left: float) -> float:
        """Whole blocks that start in a period: as many as their power, their offer and their chips allow."""
        periods = range(t, self._end(order, t) + 1)
        fits = min(left, *(_times(uses.room(key, periods), need) for key, need in self._needs(order)))
        chip = self._installed(order, t, uses)
        gw = self._scenario.block_gw(order.offer)
        if chip:
            fits = min(fits, _times(uses.chips(chip, t), gw))
        offer = self._scenario.offers[order.offer]
        least = max(offer.min_blocks or 1, offer.min_blocks_per_start or 1)
        if fits < left and fits < least:
            return 0.0
        for key, need in self._needs(order):
            uses.use(key, periods, fits * need)
        uses.take_chips(chip, t, fits * gw)
        return fits

    def _chips(self, order: Wanted, t: int, uses: Uses, found: "_Found") -> float:
        """IT GW of chips bought that are installed in a period: as many as there are, in the blocks that are there."""
        room = found.room_blocks(order) * self._case.block_gw(order.offer)
        amount = max(0.0, min(found.left[order.number], uses.chips(order.chip, t), room))
        uses.take_chips(order.chip, t, amount)
        return amount

    def _installed(self, order: Wanted, t: int, uses: Uses) -> str:
        """The chip that the provider installs: the one ordered where it is on the market, else another with supply."""
        if not order.chip:
            return ""
        leases = self._scenario.leases.get(order.offer, ())
        chips = [one.chip for one in leases if (one.role, one.start) == (order.role, t)]
        if order.chip in chips or not chips:
            return order.chip
        return max(chips, key=lambda chip: uses.chips(chip, t))

    def surely(self, order: Wanted, orders: Sequence[Wanted], known: Mapping[int, int]) -> int | None:
        """Return the period in which all of an order is there, whatever was ordered; None: that depends.

        Parameters
        ----------
        order, orders
            With the most that can be ordered; ``orders`` are all, in the order in which they are served.
        known : mapping of int to int
            Periods of the orders before it of which this was found.
        """
        if order.number not in self.late(orders):
            return order.period
        start = self.earliest(order)
        if start is None:
            return None
        if not order.is_block:
            return self._surely_chips(order, orders, known)
        last = max(order.period, start - 1)
        before = [one for one in orders if one.is_block and _is_before(one, order, last)]
        for key, _ in self._needs(order):
            rivals = [one for one in before if key in dict(self._needs(one))]
            for t in range(start, self._end(order, start) + 1):
                there = [one for one in rivals if one.number not in known or self._lasts(one, known[one.number], t)]
                if not self._covers(key, t, there):
                    return None
        return start if self._has_chips(order, start, orders, known) else None

    def latest(self, order: Wanted, orders: Sequence[Wanted]) -> int | None:
        """Return the first period by which all of an order of blocks is there, whatever was ordered; None: none is.

        Parameters
        ----------
        order, orders
            As of `surely`.
        """
        start = self.earliest(order) if order.is_block else None
        if start is None:
            return None
        for t in range(start, self._scenario.calendar.count):
            before = [one for one in orders if _is_before(one, order, max(order.period, t - 1))]
            if self._can_start(order, t) and self._fits(order, t, before) and self._chips_fit(order, t, before):
                return t
        return None

    def _fits(self, order: Wanted, t: int, before: Sequence[Wanted]) -> bool:
        """Whether an order has power and blocks of its offer in a period, all those before it being in force too."""
        for key, _ in self._needs(order):
            rivals = [one for one in before if one.is_block and key in dict(self._needs(one))]
            for u in range(t, self._end(order, t) + 1):
                if not self._covers(key, u, rivals):
                    return False
        return True

    def _chips_fit(self, order: Wanted, t: int, before: Sequence[Wanted]) -> bool:
        """Whether an order has its own chips in a period in which all those before it start too."""
        chip = order.chip
        if not chip or (chip in self._offered(order, t) and not self._scarce.has_supply(chip)):
            return True
        if chip not in self._offered(order, t):
            return False
        rivals = [one for one in before if chip == one.chip or (one.chip and chip in self._offered(one, t))]
        blocks: dict[str, float] = {}
        for one in rivals:
            if one.is_block:  # those that start together are in force together
                most = float(self._scenario.offers[one.offer].max_blocks) if one.offer in self._scenario.offers else 0.0
                blocks[one.offer] = min(most, blocks.get(one.offer, 0.0) + one.amount)
        gw = sum(n * self._scenario.block_gw(o) for o, n in blocks.items())
        gw += sum(one.amount for one in rivals if not one.is_block)
        return gw <= self._scarce.supply(chip, t) + TINY

    def _offered(self, order: Wanted, t: int) -> set[str]:
        """The chips that contracts of an order can start with in a period of the scenario."""
        leases = self._scenario.leases.get(order.offer, ())
        return {one.chip for one in leases if (one.role, one.start) == (order.role, t)}

    def late(self, orders: Sequence[Wanted]) -> set[int]:
        """Return the orders that something may delay: what they need is cut, or needed by an order that may come late.

        Parameters
        ----------
        orders
            With the most that can be ordered; of all calls the same. One of which nothing can be ordered delays none.
        """
        if self._late is None:
            self._late = self._may_come_late([one for one in orders if one.amount > TINY])
        return self._late

    def _may_come_late(self, orders: Sequence[Wanted]) -> set[int]:
        late = {one.number for one in orders if self._may_be_late(one)}
        while True:
            shared = {key for one in orders if one.number in late for key in self._shared(one) if self._is_limited(key)}
            places = {one.place for one in orders if one.is_block and one.number in late}
            more = {
                one.number
                for one in orders
                if one.number not in late
                and (not shared.isdisjoint(self._shared(one)) or (not one.is_block and one.place in places))
            }
            if not more:
                return late
            late |= more

    def _is_limited(self, key: tuple[str, str]) -> bool:
        return any(isfinite(self._scarce.limit(key, t)) for t in self._scenario.periods)

    def _may_be_late(self, order: Wanted) -> bool:
        """Whether something keeps an order from starting in full in its period, were all others on time."""
        t = order.period
        if not self._can_start(order, t):
            return True
        if order.is_block and self._installed(order, t, Uses(self._scarce)) != order.chip:
            return True
        keys = [(key, u) for key, _ in self._needs(order) for u in range(t, self._end(order, t) + 1)]
        return any(self._scarce.is_cut(key, u) for key, u in [*keys, (("chip", order.chip), t)])

    def earliest(self, order: Wanted) -> int | None:
        """Return the first period in which one block of an order could start were it the only one; None: never."""
        for t in range(order.period, self._scenario.calendar.count):
            if not self._can_start(order, t):
                continue
            uses = Uses(self._scarce)
            if not order.is_block:
                if uses.chips(order.chip, t) > TINY:
                    return t
            elif self._blocks(order, t, uses, order.amount) > 0.0:
                return t
        return None

    def _lasts(self, order: Wanted, start: int, t: int) -> bool:
        """Whether a contract that starts in one period takes room in another."""
        return start <= t <= self._end(order, start)

    def _covers(self, key: tuple[str, str], t: int, rivals: Iterable[Wanted]) -> bool:
        """Whether the most that can be ordered fits; with more of an offer in force than it has there is no plan."""
        most: dict[str, float] = {}
        for one in rivals:
            limit = float(self._scenario.offers[one.offer].max_blocks) if key[0] != "offer" else INFINITE
            most[one.offer] = min(limit, most.get(one.offer, 0.0) + one.amount)
        return sum(dict(self._needs_of(o))[key] * n for o, n in most.items()) <= self._scarce.limit(key, t) + TINY

    def _has_chips(self, order: Wanted, t: int, orders: Sequence[Wanted], known: Mapping[int, int]) -> bool:
        chip = self._installed(order, t, Uses(self._scarce))
        if not self._scarce.has_supply(chip):
            return True
        last = order.period if order.is_block else t  # chips come after all blocks of the period
        before = [one for one in orders if _is_before(one, order, last if one.is_block else order.period)]
        before = [one for one in before if known.get(one.number, t) == t]
        rivals = [one for one in before if chip in (one.chip, self._installed(one, t, Uses(self._scarce)))]
        gw = sum(one.amount * (self._case.block_gw(one.offer) if one.is_block else 1.0) for one in rivals)
        return gw <= self._scarce.supply(chip, t) + TINY

    def _surely_chips(self, order: Wanted, orders: Sequence[Wanted], known: Mapping[int, int]) -> int | None:
        """Chips bought are there when the blocks for them are, if these come together or on time."""
        blocks = [b for b in orders if b.is_block and b.place == order.place and b.period <= order.period]
        if any(one.number not in known for one in blocks):
            return None
        late = {known[one.number] for one in blocks} if any(known[b.number] > b.period for b in blocks) else set()
        if len(late) > 1 or (late and order.place in self._case.signed_gw):
            return None
        t = max([order.period, *late])
        t = next((u for u in range(t, self._scenario.calendar.count) if self._can_start(order, u)), -1)
        return t if t >= 0 and self._has_chips(order, t, orders, known) else None

    def _end(self, order: Wanted, t: int) -> int:
        """Last period of the shortest contract that starts in a period."""
        return self._terms.get((order.offer, order.role, t), self._scenario.calendar.count - 1)

    def _needs(self, order: Wanted) -> list[tuple[tuple[str, str], float]]:
        return self._needs_of(order.offer)

    def _needs_of(self, o: str) -> list[tuple[tuple[str, str], float]]:
        """What a block takes: IT GW and facility GW of its site, facility GW of its power region, and of its offer."""
        return self._scarce.needs(o) if o in self._scenario.offers else []

    def _shared(self, order: Wanted) -> list[tuple[str, str]]:
        return [*(key for key, _ in self._needs(order)), ("chip", order.chip)]


class _Found:
    """What is served so far."""

    def __init__(self, orders: Sequence[Wanted]) -> None:
        self._orders = sorted(orders, key=lambda one: (one.period, not one.is_block))
        self.left = {one.number: one.amount for one in orders}
        self.served: list[Served] = []
        self._of: dict[int, float] = {}

    def due(self, t: int, wave: int) -> list[Wanted]:
        """Orders of a wave of which something is not there yet; blocks before chips, since these need their room."""
        mine = [one for one in self._orders if one.wave == wave]
        found = [one for one in mine if one.period <= t and self.left[one.number] > TINY]
        return [one for one in found if one.is_block] + [one for one in found if not one.is_block]

    def serve(self, order: Wanted, t: int, amount: float) -> None:
        """Note what is there."""
        if amount > TINY:
            self.served.append(Served(order.number, t, amount))
            self.left[order.number] -= amount
            self._of[order.number] = self._of.get(order.number, 0.0) + amount

    def room_blocks(self, order: Wanted) -> float:
        """Blocks that have room for chips; without limit where all that were ordered by then are there."""
        blocks = [b for b in self._orders if b.is_block and b.place == order.place and b.period <= order.period]
        if all(self.left[one.number] <= TINY for one in blocks):
            return float("inf")
        return sum(self._of.get(one.number, 0.0) for one in blocks)


def _is_before(one: Wanted, order: Wanted, last: int) -> bool:
    """Whether one order may be served before another: it is of an earlier date, or of the same for a period by then."""
    return one.wave < order.wave or (one.wave == order.wave and one.period <= last)


def _times(room: float, need: float) -> float:
    """How often a need fits into what is left."""
    return float(floor(room / need)) if isfinite(room) and need > 0.0 else INFINITE


def _shortest(inputs: Inputs) -> dict[tuple[str, str, int], int]:
    """Last period of the shortest contract of an offer and role that starts in a period."""
    found: dict[tuple[str, str, int], int] = {}
    for o, choices in inputs.choices.items():
        for one in choices:
            key, end = (o, one.role, one.start), min(one.end, inputs.calendar.count) - 1
            found[key] = min(found.get(key, end), end)
    return found
