"""Bounds on the cost of a site allocation by Lagrangian relaxation, improved by a subgradient method, and verified.

With a price for each demand instead of its balance, every site serves what pays at these prices: a continuous knapsack.
The sites with the least sum of fixed cost and knapsack are opened, at least and at most as many as allowed. Any prices
give a lower bound (Geoffrion 1974); the numbers of sites make it stronger than the LP relaxation.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.solve.allocation import Allocation
from planner.solve.arrays import INFINITY, Floats, Ints
from planner.solve.knapsacks import Knapsacks

Mask = npt.NDArray[np.bool_]

_EPSILON = float(np.finfo(np.float64).eps)
STALLED, SHORTER = 12, 0.6
"""Steps without a better bound after which the length of the steps is reduced, and to what share."""
SHORTEST = 1e-3
"""Length of a step, as a share of what would close the gap, at which the ascent ends."""
BETTER = 1e-6
"""Relative improvement of a bound that counts as one."""
CHECK_EVERY = 10
"""Steps from one look at the clock to the next."""
MOMENTUM = 0.6
"""Weight of the newest subgradient in the direction of a step; the others have the rest."""
MEMORY = 0.9
"""Weight of the past in the average of the sites that were open."""
ASSUMED_GAP, LEAST_STEP = 0.05, 1e-6
"""Relative distance of the optimum from the bound that is assumed while no plan is known, and what is added to it, as a
share of what serving everything from one site would cost: where the first prices are zero, as those of demands that
three sites serve at no cost are, there would be no step at all."""


@dataclass(frozen=True, slots=True)
class Ascent:
    """Where an ascent ended.

    Attributes
    ----------
    bound : float
        Verified lower bound on the cost of every plan that opens and closes what it had to.
    price : array (demands,)
    value : array (sites,)
        Verified lower bounds on what opening a site adds, at these prices.
    opened : array (sites,) of bool
        Sites that are opened at these prices.
    often : array (sites,)
        How often each site was opened on the way, as an average that forgets.
    """

    bound: float
    price: Floats
    value: Floats
    opened: Mask
    often: Floats


class SiteBounds:
    """The Lagrangian relaxation of a site allocation.

    Parameters
    ----------
    allocation : Allocation
    check : callable
        Is called every few steps; may raise to stop.
    """

    def __init__(self, allocation: Allocation, check: Callable[[], None] = lambda: None) -> None:
        self.allocation = allocation
        self._check = check
        self._knapsacks = Knapsacks.of(allocation)
        finite = np.where(np.isfinite(allocation.unit_cost), allocation.unit_cost, 0.0)
        self._size = np.abs(finite) @ allocation.demand + np.abs(allocation.fixed_cost)
        self._least_step = LEAST_STEP * float(self._size.sum()) / len(self._size)

    def first_prices(self) -> Floats:
        """Return prices to begin with: what the third cheapest site asks, and a share of its fixed cost.

        The share is that per unit of capacity of the last site that is needed if those of the least share come first.
        """
        a = self.allocation
        rank = min(2, len(a.opened) - 1)
        third = np.partition(a.unit_cost, rank, axis=0)[rank]
        least = np.min(a.unit_cost, axis=0)
        total = float(a.demand.sum())
        usable = np.maximum(np.minimum(a.capacity, total), 1e-9)
        order = np.argsort(a.fixed_cost / usable, kind="stable")
        last = min(int(np.searchsorted(np.cumsum(usable[order]), total)), len(order) - 1)
        share = float(a.fixed_cost[order[last]] / usable[order[last]])
        return np.asarray(np.where(np.isfinite(third), third, least) + share)

    def ascend(
        self,
        price: Floats,
        must: Mask,
        never: Mask,
        target: float,
        steps: int,
        length: float,
        enough: float = INFINITY,
    ) -> Ascent:
        """Improve prices by subgradient steps.

        Parameters
        ----------
        price : array (demands,)
        must, never : array (sites,) of bool
            Sites that are open, and sites that are closed.
        target : float
            Cost of the best plan, or infinity; the ascent ends above it.
        steps : int
        length : float
            Of the first steps, as a share of what would close the gap.
        enough : float
            Bound at which the ascent ends.
        """
        best, best_price, often, stalled = -INFINITY, price, None, 0
        direction: Floats | None = None
        possible, sought = np.flatnonzero(~never), enough + BETTER * abs(enough)
        for step in range(steps):
            if step % CHECK_EVERY == 0:
                self._check()
            bound, opened, gradient = self._evaluate(price, must, possible)
            often = opened.astype(np.float64) if often is None else MEMORY * often + (1.0 - MEMORY) * opened
            stalled = 0 if bound > best + BETTER * abs(best) or best == -INFINITY else stalled + 1
            if bound > best:
                best, best_price = bound, price
            if best > min(target, sought) or length < SHORTEST:
                break
            if stalled >= STALLED:
                length, stalled, price, direction = SHORTER * length, 0, best_price, None
                continue
            direction = gradient if direction is None else MOMENTUM * gradient + (1.0 - MOMENTUM) * direction
            norm = float(direction @ direction)
            if norm == 0.0:
                break
            aim = target if np.isfinite(target) else best + ASSUMED_GAP * abs(best) + self._least_step
            price = price + length * max(aim - bound, BETTER * abs(aim)) / norm * direction
        return self._ended(best_price, must, never, np.zeros(len(must)) if often is None else often)

    def of_opened(self, price: Floats, opened: Mask) -> float:
        """Return the bound that prices prove for plans that open exactly these sites."""
        return self._constant(price) + float(self.verified(price)[opened].sum()) - self._margin(price)

    def decided(self, ascent: Ascent, must: Mask, never: Mask, target: float) -> tuple[Mask, Mask]:
        """Return which sites every plan below a cost opens, and which none does, as these prices prove."""
        a, free = self.allocation, np.flatnonzero(~(must | never))
        rest = self._constant(ascent.price) + float(ascent.value[must].sum()) - self._margin(ascent.price)
        already = int(must.sum())
        value = ascent.value[free]
        with_it = rest + value + cheapest_others(value, a.fewest - already - 1, a.most - already - 1)
        without = rest + cheapest_others(value, a.fewest - already, a.most - already)
        new_must, new_never = must.copy(), never.copy()
        new_never[free[with_it > target]] = True
        new_must[free[(without > target) & (with_it <= target)]] = True
        return new_must, new_never

    def _ended(self, price: Floats, must: Mask, never: Mask, often: Floats) -> Ascent:
        value = self.verified(price)
        rest = np.flatnonzero(~(must | never))
        opened = self._choice(value, must, rest)
        free = np.sort(value[rest])
        already, a = int(must.sum()), self.allocation
        least = cheapest(free, a.fewest - already, a.most - already)
        bound = self._constant(price) + float(value[must].sum()) + least - self._margin(price)
        return Ascent(bound, price, value, opened, often)

    def verified(self, price: Floats) -> Floats:
        """Return lower bounds on what opening each site adds; rounding is in `_margin`."""
        return self._knapsacks.verified(price)

    def worth_of_capacity(self, price: Floats) -> Floats:
        """Return what one more unit of capacity of each site would save at these prices."""
        return self._knapsacks.multipliers(price)

    def _evaluate(self, price: Floats, must: Mask, possible: Ints) -> tuple[float, Mask, Floats]:
        """Return an estimate of the bound, the sites opened, and the demand that they leave: a subgradient."""
        a = self.allocation
        worth, demand, amount = self._knapsacks.served(price, possible)
        value = np.zeros(len(must))
        value[possible] = worth
        opened = self._choice(value, must, possible[~must[possible]])
        there = opened[possible]
        left = a.demand - np.bincount(demand[there].ravel(), amount[there].ravel(), len(a.demand))
        return self._constant(price) + float(value[opened].sum()), opened, left

    def _choice(self, value: Floats, must: Mask, free: Ints) -> Mask:
        """Return the cheapest sites to open, as many as allowed."""
        a = self.allocation
        order = free[np.argsort(value[free], kind="stable")]
        already = int(must.sum())
        count = int(np.clip((value[free] < 0.0).sum(), a.fewest - already, max(0, a.most - already)))
        opened = must.copy()
        opened[order[: max(0, count)]] = True
        return opened

    def _constant(self, price: Floats) -> float:
        return float(self.allocation.offset + price @ self.allocation.demand)

    def _margin(self, price: Floats) -> float:
        """Return a bound on the rounding errors of a bound: the number of terms times the sum of their sizes.

        What rounding in the data brings, as they were read from the rows, is added.
        """
        a = self.allocation
        terms = 8.0 * (len(a.demand) + len(a.opened))
        prices = float(np.abs(price) @ a.demand)
        reach = float(np.abs(price).max(initial=0.0)) * float(a.capacity.sum())
        size = abs(a.offset) + float(self._size.max(initial=0.0)) * len(a.opened) + prices * (len(a.opened) + 1) + reach
        return terms * _EPSILON * size + a.rounding


def cheapest(ordered: Floats, fewest: int, most: int) -> float:
    """Return the least sum of some of these values, at least and at most so many of them; inf if that cannot be.

    Examples
    --------
    >>> [cheapest(np.array([-3.0, -1.0, 2.0]), *counts) for counts in ((0, 3), (3, 3), (0, 1), (4, 4), (0, -1))]
    [-4.0, -2.0, -3.0, inf, inf]
    """
    if fewest > len(ordered) or most < 0:
        return INFINITY
    count = int(np.clip((ordered < 0.0).sum(), fewest, most)) if fewest <= most else -1
    return INFINITY if count < 0 else float(ordered[:count].sum())


def cheapest_others(value: Floats, fewest: int, most: int) -> Floats:
    """Return for each value the least sum of some of the others, at least and at most so many; inf if that cannot be.

    Examples
    --------
    >>> cheapest_others(np.array([2.0, -3.0, -1.0]), 1, 1).tolist()
    [-3.0, -1.0, -3.0]
    >>> cheapest_others(np.array([2.0, -3.0, -1.0]), 0, 2).tolist()
    [-4.0, -1.0, -3.0]
    """
    if fewest > min(most, len(value) - 1) or most < 0:
        return np.full(len(value), INFINITY)
    order = np.argsort(value, kind="stable")
    ordered, rank = value[order], np.empty(len(value), dtype=np.int64)
    rank[order] = np.arange(len(value))
    sums = np.concatenate([[0.0], np.cumsum(ordered)])
    below = int((ordered < 0.0).sum()) - (value < 0.0)
    count = np.clip(below, max(0, fewest), min(most, len(value) - 1))
    return np.asarray(np.where(rank >= count, sums[count], sums[np.minimum(count + 1, len(value))] - value))
