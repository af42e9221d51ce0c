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
from planner.solve.arrays import INFINITY, Floats

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
ASSUMED_GAP = 0.05
"""Relative distance of the optimum from the bound that is assumed while no plan is known."""


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
        finite = np.where(np.isfinite(allocation.unit_cost), allocation.unit_cost, 0.0)
        self._size = np.abs(finite) @ allocation.demand + np.abs(allocation.fixed_cost)

    def first_prices(self) -> Floats:
        """Return prices to begin with: what the third cheapest site asks, and a share of its fixed cost."""
        a = self.allocation
        rank = min(2, len(a.opened) - 1)
        third = np.partition(a.unit_cost, rank, axis=0)[rank]
        least = np.min(a.unit_cost, axis=0)
        usable = np.maximum(np.minimum(a.capacity, a.demand.sum()), 1e-9)
        return np.asarray(np.where(np.isfinite(third), third, least) + float(np.median(a.fixed_cost / usable)))

    def ascend(self, price: Floats, must: Mask, never: Mask, target: float, steps: int, length: float) -> Ascent:
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
        """
        best, best_price, often, stalled = -INFINITY, price, None, 0
        direction: Floats | None = None
        for step in range(steps):
            if step % CHECK_EVERY == 0:
                self._check()
            bound, opened, gradient = self._evaluate(price, must, never)
            often = opened.astype(np.float64) if often is None else MEMORY * often + (1.0 - MEMORY) * opened
            stalled = 0 if bound > best + BETTER * abs(best) or best == -INFINITY else stalled + 1
            if bound > best:
                best, best_price = bound, price
            if best > target or length < SHORTEST:
                break
            if stalled >= STALLED:
                length, stalled, price, direction = SHORTER * length, 0, best_price, None
                continue
            direction = gradient if direction is None else MOMENTUM * gradient + (1.0 - MOMENTUM) * direction
            norm = float(direction @ direction)
            if norm == 0.0:
                break
            aim = target if np.isfinite(target) else best + ASSUMED_GAP * abs(best)
            price = price + length * max(aim - bound, BETTER * abs(aim)) / norm * direction
        return self._ended(best_price, must, never, np.zeros(len(must)) if often is None else often)

    def decided(self, ascent: Ascent, must: Mask, never: Mask, target: float) -> tuple[Mask, Mask]:
        """Return which sites every plan below a cost opens, and which none does, as these prices prove."""
        a, value = self.allocation, ascent.value
        free = np.flatnonzero(~(must | never))
        rest = self._constant(ascent.price) + float(value[must].sum())
        new_must, new_never = must.copy(), never.copy()
        already = int(must.sum())
        for site in free:
            others = np.sort(value[free[free != site]])
            margin = self._margin(ascent.price)
            if rest + value[site] + _cheapest(others, a.fewest - already - 1, a.most - already - 1) - margin > target:
                new_never[site] = True
            elif rest + _cheapest(others, a.fewest - already, a.most - already) - margin > target:
                new_must[site] = True
        return new_must, new_never

    def _ended(self, price: Floats, must: Mask, never: Mask, often: Floats) -> Ascent:
        value = self.verified(price)
        opened = self._choice(value, must, never)
        free = np.sort(value[~(must | never)])
        already, a = int(must.sum()), self.allocation
        least = _cheapest(free, a.fewest - already, a.most - already)
        bound = self._constant(price) + float(value[must].sum()) + least - self._margin(price)
        return Ascent(bound, price, value, opened, often)

    def verified(self, price: Floats) -> Floats:
        """Return lower bounds on what opening each site adds: by the dual of its knapsack, which any multiplier proves.

        Rounding is in `_margin`.
        """
        a = self.allocation
        reduced = a.unit_cost - price
        multiplier = self._multipliers(reduced)
        worth = np.minimum(0.0, reduced + multiplier[:, None])
        return np.asarray(a.fixed_cost - multiplier * a.capacity + worth @ a.demand)

    def _multipliers(self, reduced: Floats) -> Floats:
        """Return the value of capacity of each site: what the last demand that it has room for pays."""
        a = self.allocation
        row, column = np.nonzero(reduced < 0.0)
        pays = -reduced[row, column]
        order = np.lexsort((-pays, row))
        row, pays, amount = row[order], pays[order], a.demand[column[order]]
        before = _before(row, amount, len(a.opened))
        full = before + amount >= a.capacity[row]
        multiplier = np.zeros(len(a.opened))
        np.maximum.at(multiplier, row[full], pays[full])
        return multiplier

    def _evaluate(self, price: Floats, must: Mask, never: Mask) -> tuple[float, Mask, Floats]:
        """Return the Lagrangian bound, the sites opened, and the demand that they leave: a subgradient."""
        a = self.allocation
        reduced = a.unit_cost - price
        row, column = np.nonzero(reduced < 0.0)
        worth = reduced[row, column]
        order = np.lexsort((worth, row))
        row, column, worth = row[order], column[order], worth[order]
        amount = a.demand[column]
        amount = np.clip(a.capacity[row] - _before(row, amount, len(a.opened)), 0.0, amount)
        value = a.fixed_cost + np.bincount(row, worth * amount, len(a.opened))
        opened = self._choice(value, must, never)
        there = opened[row]
        left = a.demand - np.bincount(column[there], amount[there], len(a.demand))
        return self._constant(price) + float(value[opened].sum()), opened, left

    def _choice(self, value: Floats, must: Mask, never: Mask) -> Mask:
        """Return the cheapest sites to open, as many as allowed."""
        a = self.allocation
        free = np.flatnonzero(~(must | never))
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


def _before(row: npt.NDArray[np.int64], amount: Floats, rows: int) -> Floats:
    """Return the sum of the amounts that come before each in its row; rows are in order."""
    total = np.concatenate([[0.0], np.cumsum(amount)])
    first = np.searchsorted(row, np.arange(rows), side="left")
    return np.asarray(total[:-1] - total[first][row])


def _cheapest(ordered: Floats, fewest: int, most: int) -> float:
    """Return the least sum of some of these values, at least and at most so many of them; inf if that cannot be.

    Examples
    --------
    >>> [_cheapest(np.array([-3.0, -1.0, 2.0]), *counts) for counts in ((0, 3), (3, 3), (0, 1), (4, 4), (0, -1))]
    [-4.0, -2.0, -3.0, inf, inf]
    """
    if fewest > len(ordered) or most < 0:
        return INFINITY
    count = int(np.clip((ordered < 0.0).sum(), fewest, most)) if fewest <= most else -1
    return INFINITY if count < 0 else float(ordered[:count].sum())
