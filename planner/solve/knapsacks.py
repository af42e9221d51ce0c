"""The knapsacks of the sites of an allocation: what each serves at given prices, and verified bounds on what it adds.

A site serves what pays most until its capacity is used. Only the demands that pay most at some recent prices are
looked at; a verified bound looks at all of them.
"""

from dataclasses import dataclass

import numpy as np

from planner.solve.allocation import Allocation
from planner.solve.arrays import INFINITY, Floats, Ints

FIRST_WIDTH = 48
"""Demands of each site that are looked at in the beginning; twice as many whenever a site has room for more."""
_ROUNDING = 1e-12
"""Share of a capacity that rounding may leave."""


@dataclass(slots=True)
class Knapsacks:
    """The knapsacks of all sites.

    Attributes
    ----------
    ample : bool
        Whether no capacity binds (`planner.solve.allocation.Allocation.ample`): a site then serves all that pays.
    index, cost, demand : array (sites, links)
        The links of each site: demand served, cost per unit, amount. Sites with fewer links than others are filled up
        with links of infinite cost.
    """

    allocation: Allocation
    ample: bool
    index: Ints
    cost: Floats
    demand: Floats
    _width: int
    _chosen_at: Floats
    _outside: Floats
    _near_index: Ints
    _near_cost: Floats
    _near_demand: Floats

    @classmethod
    def of(cls, allocation: Allocation) -> "Knapsacks":
        """Return the knapsacks of an allocation."""
        there = np.isfinite(allocation.unit_cost)
        count = int(there.sum(axis=1).max(initial=0))
        if count == there.shape[1]:
            index = np.broadcast_to(np.arange(count), there.shape)
            cost = allocation.unit_cost
        else:
            index = np.argsort(~there, axis=1, kind="stable")[:, :count]
            cost = np.take_along_axis(allocation.unit_cost, index, axis=1)
        demand = allocation.demand[index]
        return cls(
            allocation, allocation.ample, index, cost, demand, min(FIRST_WIDTH, count), np.zeros(0), np.zeros(0), index,
            cost, demand,
        )  # fmt: skip

    def served(self, price: Floats, sites: Ints | None = None) -> tuple[Floats, Ints, Floats]:
        """Return what opening sites adds at these prices, and for each its demands and the amounts served.

        Parameters
        ----------
        price : array (demands,)
        sites : array of int or None
            The sites looked at; None: all.
        """
        of = slice(None) if sites is None else sites
        if self.ample:
            reduced = np.minimum(0.0, self.cost[of] - price[self.index[of]])
            amount = np.where(reduced < 0.0, self.demand[of], 0.0)
            return self.allocation.fixed_cost[of] + (reduced * amount).sum(axis=1), self.index[of], amount
        if not len(self._chosen_at):
            self._choose(price)
        capacity = self.allocation.capacity[of]
        while True:
            index, reduced, amount = self._filled(price, of)
            last = np.where(amount > 0.0, reduced, -INFINITY).max(axis=1)
            full = amount.sum(axis=1) >= capacity * (1.0 - _ROUNDING)
            rise = float((price - self._chosen_at).max(initial=0.0))
            if (self._outside[of] - rise >= np.where(full, last, 0.0)).all():
                break
            if rise <= 0.0:
                self._width = min(2 * self._width, self.cost.shape[1])
            self._choose(price)
        worth = np.where(amount > 0.0, reduced, 0.0)
        return self.allocation.fixed_cost[of] + (worth * amount).sum(axis=1), index, amount

    def _filled(self, price: Floats, of: Ints | slice) -> tuple[Ints, Floats, Floats]:
        """Return the demands looked at in the order of their reduced costs, these costs, and the amounts served."""
        index = self._near_index[of]
        reduced = self._near_cost[of] - price[index]
        order = np.argsort(reduced, axis=1, kind="stable")
        row = np.arange(len(order))[:, None]
        reduced = reduced[row, order]
        amount = np.where(reduced < 0.0, self._near_demand[of][row, order], 0.0)
        before = np.cumsum(amount, axis=1) - amount
        amount = np.maximum(0.0, np.minimum(self.allocation.capacity[of][:, None] - before, amount))
        return index[row, order], reduced, amount

    def verified(self, price: Floats) -> Floats:
        """Return lower bounds on what opening each site adds: by the dual of its knapsack, which any multiplier proves.

        Rounding is left to the caller.
        """
        multiplier = self.multipliers(price)
        worth = np.minimum(0.0, self.cost - price[self.index] + multiplier[:, None])
        saved = np.einsum("ij,ij->i", worth, self.demand)
        return np.asarray(self.allocation.fixed_cost - multiplier * self.allocation.capacity + saved)

    def multipliers(self, price: Floats) -> Floats:
        """Return the value of capacity of each site: what the last demand that it has room for pays."""
        if self.ample:
            return np.zeros(len(self.cost))
        _, index, amount = self.served(price)
        full = amount.sum(axis=1) >= self.allocation.capacity * (1.0 - _ROUNDING)
        last = amount.shape[1] - 1 - np.argmax(amount[:, ::-1] > 0.0, axis=1)
        site = np.arange(len(last))
        pays = price[index[site, last]] - self.allocation.unit_cost[site, index[site, last]]
        return np.where(full & (amount[site, last] > 0.0), np.maximum(0.0, pays), 0.0)

    def _choose(self, price: Floats) -> None:
        """Choose the demands that pay each site most."""
        self._chosen_at = price
        width = self._width
        if width >= self.cost.shape[1]:
            self._near_index, self._near_cost, self._near_demand = self.index, self.cost, self.demand
            self._outside = np.full(len(self.cost), INFINITY)
            return
        reduced = self.cost - price[self.index]
        near = np.argpartition(reduced, width, axis=1)
        self._outside = reduced[np.arange(len(reduced)), near[:, width]]
        near = near[:, :width]
        near = np.take_along_axis(near, np.argsort(np.take_along_axis(reduced, near, axis=1), axis=1), axis=1)
        self._near_index = np.take_along_axis(self.index, near, axis=1)
        self._near_cost = np.take_along_axis(self.cost, near, axis=1)
        self._near_demand = np.take_along_axis(self.demand, near, axis=1)
