"""Branch and bound over the sites of an allocation whose capacities never bind, on what plans below a cost can use.

The bound of a node comes from the prices that its linear program gives (`planner.solve.site_reach`), by arithmetic;
with them it loses further sites and links. Few nodes are needed, and each is smaller than its parent.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from planner.solve import settings
from planner.solve.arrays import INFINITY, Arrays, Floats
from planner.solve.cost_step import CostStep
from planner.solve.highs import SolverResult
from planner.solve.site_reach import Reach
from planner.solve.site_tree import Price

Mask = npt.NDArray[np.bool_]

TRY_EVERY = 5
"""Nodes from one search for a plan to the next."""
NEARLY_ONE = 0.999
"""Share of a step of the cost from which a bound counts as less than a step below a plan."""
MISSING = 10.0
"""What a demand costs that is not served, times the largest cost of serving one, where a program has no solution."""
OPENED, CLOSED = 0.7, 1e-6
"""Shares of a site in a linear program from which it is opened for good in the search for a plan, and up to which it
counts as closed."""


@dataclass(order=True, slots=True)
class _Node:
    bound: float
    number: int
    reach: Reach = field(compare=False)
    price: Floats = field(compare=False)
    share: Floats = field(compare=False)  # to which the linear program opens each site


class ReachTree:
    """The search for plans that cost less than a target.

    Parameters
    ----------
    reach : Reach
        What such plans can use.
    relax : callable
        Solves a linear program; its answer is only used for prices and to choose sites.
    price : callable
        See `planner.solve.site_tree.Price`.
    improve : callable
        Returns a choice of sites that costs no more than the given one (`planner.solve.site_swaps`).
    step : CostStep
        Of which the costs of all plans are multiples: a better plan is better by at least that.
    target : float
    cost : float
        Of the best plan known.
    gap : float
        Relative gap at which a node need not be searched.
    """

    def __init__(
        self,
        reach: Reach,
        relax: Callable[[Arrays], SolverResult],
        price: Price,
        improve: Callable[[Mask], Mask],
        step: CostStep,
        target: float,
        cost: float,
        gap: float,
    ) -> None:
        self._reach = reach
        self._relax = relax
        self._price = price
        self._improve = improve
        self._step = step
        self._target = target
        self._gap = gap
        self._done = INFINITY  # least bound of the nodes that are not searched further
        self._open: list[_Node] = []
        self._nodes = 0
        self.cost = cost

    @property
    def bound(self) -> float:
        """Lower bound on the cost of every plan, with those above the target."""
        return self._step.raised(min(self._target, self._done, self._open[0].bound if self._open else INFINITY))

    @property
    def finished(self) -> bool:
        """Whether no node is left."""
        return not self._open

    def explore(self, price: Floats, *, dive: bool = True) -> Floats:
        """Look for a plan at the root, in steps or at once; return the prices that its linear program gives."""
        if self._reach.lost or not self._reach.free.any():
            return price
        price, share = self._relaxed(self._reach, price)
        if dive:
            self._dive(self._reach, share)
        else:
            self._round(share)
        return price

    def begin(self, price: Floats) -> None:
        """Bound the root, beginning with given prices, and look for a plan there."""
        self._visit(self._reach, price, -INFINITY)

    def step(self) -> None:
        """Divide the node with the least bound in two: one opens a site, the other does not."""
        node = heapq.heappop(self._open)
        if node.bound >= self._worth:
            self._done = min(self._done, node.bound)
            return
        free = np.flatnonzero(node.reach.free)
        site = int(free[np.argmin(np.abs(node.share[free] - 0.5))])
        one, none = np.zeros(len(node.share), dtype=bool), np.zeros(len(node.share), dtype=bool)
        one[site] = True
        for must, never in ((one, none), (none, one)):
            self._visit(node.reach.fixed(must, never), node.price, node.bound)

    @property
    def _worth(self) -> float:
        """The bound from which a node need not be searched."""
        if not np.isfinite(self.cost):
            return self._target
        near = self._gap * abs(self.cost) + settings.rounding(self.cost) / 2
        return min(self._target, self.cost - max(near, NEARLY_ONE * self._step.step))

    @property
    def _limit(self) -> float:
        """The cost above which plans are not sought: a better plan is at least a step below the best one."""
        return min(self._target, self.cost - NEARLY_ONE * self._step.step)

    def _visit(self, reach: Reach, price: Floats, least: float) -> None:
        """Bound a part of the plans, with at least the bound of the plans it is a part of, and look for one of them."""
        self._nodes += 1
        limit = self._limit
        reach = reach.narrowed(price, limit)
        share = np.where(reach.must, 1.0, 0.0)
        if not reach.lost and reach.free.any():
            price, share = self._relaxed(reach, price)
            least = max(least, min(limit, reach.bound(price)))
            if self._nodes % TRY_EVERY == 1:
                self._round(share)
            limit = self._limit
            reach = reach.narrowed(price, limit)
        if reach.lost:
            self._done = min(self._done, max(least, limit))
        elif not reach.free.any():
            cost, proven = self._price(reach.must)
            self.cost = min(self.cost, cost)
            self._done = min(self._done, max(least, proven))
        elif least >= self._worth:
            self._done = min(self._done, least)
        else:
            heapq.heappush(self._open, _Node(least, self._nodes, reach, price, share))

    def _relaxed(self, reach: Reach, price: Floats) -> tuple[Floats, Floats]:
        """Return the prices and the open shares of the linear program; the given prices where these prove more."""
        result = self._relax(reach.relaxation())
        if result.x is None or result.row_dual is None:  # perhaps no plan is left: prices that show it
            result = self._relax(reach.relaxation(MISSING * float(self._reach.cost.max(initial=0.0))))
        if result.x is None or result.row_dual is None:
            return price, np.where(reach.free, 0.5, np.where(reach.must, 1.0, 0.0))
        return max(price, reach.prices(result.row_dual), key=reach.bound), _shares(reach, result.x)

    def _dive(self, reach: Reach, share: Floats) -> None:
        """Look for a plan: open the sites that the linear program opens, at least one more each time it is solved."""
        while reach.free.any():
            free = np.where(reach.free, share, -INFINITY)
            opened = free >= OPENED
            opened[int(np.argmax(free))] = True
            opened[np.argsort(-free, kind="stable")[max(0, reach.allocation.most - int(reach.must.sum())) :]] = False
            reach = reach.fixed(opened, np.zeros(len(share), dtype=bool))
            if reach.lost:
                return
            if reach.free.any():
                result = self._relax(reach.relaxation())
                if result.x is None or result.objective >= self.cost:
                    return
                share = _shares(reach, result.x)
                if int(reach.must.sum()) >= reach.allocation.fewest and share[reach.free].max() <= CLOSED:
                    break
        self._try(reach.must)

    def _round(self, share: Floats) -> None:
        """Look for a plan: open the sites that the linear program opens most."""
        opened = np.zeros(len(share), dtype=bool)
        a = self._reach.allocation
        opened[np.argsort(-share, kind="stable")[: int(np.clip(round(share.sum()), a.fewest, a.most))]] = True
        self._try(opened)

    def _try(self, opened: Mask) -> None:
        cost, _ = self._price(self._improve(opened))
        self.cost = min(self.cost, cost)


def _shares(reach: Reach, x: Floats) -> Floats:
    """Return to which share a point of the linear program opens each site."""
    share = np.where(reach.must, 1.0, 0.0)
    share[reach.free] = x[: int(reach.free.sum())]
    return share
