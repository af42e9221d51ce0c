"""Branch and bound over the sites of an allocation, with bounds by Lagrangian relaxation: no program is solved but LPs.

A node has sites that must be open and sites that must not; its bound comes from a few more subgradient steps, beginning
with the prices of its parent, and decides further sites. Where all are decided, one linear program gives the cost.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from planner.solve.arrays import INFINITY, Floats
from planner.solve.site_bounds import Ascent, SiteBounds

Mask = npt.NDArray[np.bool_]

FIRST_STEPS, ROOT_STEPS, NODE_STEPS = 300, 400, 40
"""Subgradient steps before there is a plan, then at the root, and at each further node."""
FIRST_LENGTH, ROOT_LENGTH, NODE_LENGTH = 1.5, 1.0, 0.5
TRY_EVERY = 5
"""Nodes from one attempt at a plan to the next."""

Price = Callable[[Mask], tuple[float, float]]
"""Cost of the best plan that opens exactly these sites (inf if there is none), and a proven lower bound on it."""


@dataclass(order=True, slots=True)
class _Node:
    bound: float
    number: int
    must: Mask = field(compare=False)
    never: Mask = field(compare=False)
    ascent: Ascent = field(compare=False)


class SiteTree:
    """The search: finds plans and proves a bound.

    Parameters
    ----------
    bounds : SiteBounds
    price : callable
        See `Price`.
    gap : float
        Relative gap at which a node need not be searched.

    Attributes
    ----------
    cost : float
        Of the best plan.
    """

    def __init__(self, bounds: SiteBounds, price: Price, gap: float) -> None:
        self._bounds = bounds
        self._price = price
        self._gap = gap
        self._known: dict[bytes, tuple[float, float]] = {}
        self._done = INFINITY  # least bound of the nodes that are not searched further
        self._open: list[_Node] = []
        self._nodes = 0
        self.cost = INFINITY

    @property
    def bound(self) -> float:
        """Lower bound on the cost of every plan."""
        return min(self._done, self._open[0].bound if self._open else INFINITY)

    @property
    def finished(self) -> bool:
        """Whether no node is left."""
        return not self._open

    @property
    def _worth(self) -> float:
        """The bound from which a node need not be searched."""
        return self.cost - self._gap * abs(self.cost) if np.isfinite(self.cost) else INFINITY

    def begin(self, start: Mask | None = None) -> Ascent:
        """Bound the root, and look for plans near it; return the ascent with the best bound."""
        bounds = self._bounds
        none = np.zeros(len(bounds.allocation.opened), dtype=bool)
        if start is not None:
            self._try(start)
        first = bounds.ascend(bounds.first_prices(), none, none, self.cost, FIRST_STEPS, FIRST_LENGTH)
        self._try(self._enough(first.opened, first))
        self._try(self._likely(first))
        root = bounds.ascend(first.price, none, none, self.cost, ROOT_STEPS, ROOT_LENGTH)
        best = max(first, root, key=lambda ascent: ascent.bound)
        self._try(self._enough(root.opened, root))
        self._try(self._likely(root))
        self._put(best.bound, none, none, best)
        return best

    def begin_at(self, price: Floats, cost: float) -> None:
        """Bound the root, beginning with given prices, where a plan is known."""
        self.cost = cost
        none = np.zeros(len(self._bounds.allocation.opened), dtype=bool)
        root = self._bounds.ascend(price, none, none, cost, ROOT_STEPS, ROOT_LENGTH)
        self._put(root.bound, none, none, root)

    def learn(self, cost: float) -> None:
        """Take the cost of a plan that was found elsewhere."""
        self.cost = min(self.cost, cost)

    def step(self) -> None:
        """Search the node with the least bound: decide sites, and divide it in two."""
        node = heapq.heappop(self._open)
        if node.bound >= self._worth:
            self._done = min(self._done, node.bound)
            return
        must, never = self._bounds.decided(node.ascent, node.must, node.never, self.cost)
        free = np.flatnonzero(~(must | never))
        if self.cost < INFINITY and node.bound < self._worth and self._loses(must, never):
            return
        if not len(free):
            _, bound = self._try(must)
            self._done = min(self._done, max(bound, node.bound))
            return
        site = free[np.argmin(np.abs(node.ascent.often[free] - 0.5))]
        for side in (True, False):
            more_must, more_never = must.copy(), never.copy()
            (more_must if side else more_never)[site] = True
            self._branch(node, more_must, more_never)

    def _loses(self, must: Mask, never: Mask) -> bool:
        """Return whether too few or too many sites are left for any plan below the best; its cost is then a bound."""
        a = self._bounds.allocation
        lost = int((~never).sum()) < a.fewest or int(must.sum()) > a.most
        if lost:
            self._done = min(self._done, self.cost)
        return lost

    def _branch(self, parent: _Node, must: Mask, never: Mask) -> None:
        self._nodes += 1
        a = self._bounds.allocation
        if int((~never).sum()) < a.fewest or int(must.sum()) > a.most:
            # Whatever was decided is only decided for plans that cost less than the best.
            self._done = min(self._done, max(parent.bound, self.cost))
            return
        price, worth = parent.ascent.price, self._worth
        ascent = self._bounds.ascend(price, must, never, self.cost, NODE_STEPS, NODE_LENGTH, worth)
        if self._nodes % TRY_EVERY == 1 and ascent.bound < self.cost:
            self._try(self._likely(ascent))
        self._put(min(max(ascent.bound, parent.bound), max(self.cost, parent.bound)), must, never, ascent)

    def _put(self, bound: float, must: Mask, never: Mask, ascent: Ascent) -> None:
        if bound >= self._worth:
            self._done = min(self._done, bound)
        else:
            heapq.heappush(self._open, _Node(bound, self._nodes, must, never, ascent))

    def _try(self, opened: Mask) -> tuple[float, float]:
        key = opened.tobytes()
        if key not in self._known:
            self._known[key] = self._price(opened)
            self.cost = min(self.cost, self._known[key][0])
        return self._known[key]

    def _likely(self, ascent: Ascent) -> Mask:
        """Return the sites that were open most often on the way, as many as were on average."""
        a = self._bounds.allocation
        often: Floats = ascent.often
        count = int(np.clip(round(float(often.sum())), a.fewest, a.most))
        opened = np.zeros(len(often), dtype=bool)
        opened[np.argsort(-often, kind="stable")[:count]] = True
        return self._enough(opened, ascent)

    def _enough(self, opened: Mask, ascent: Ascent) -> Mask:
        """Return the sites with as many more as all demand needs, those open most often and then the cheapest first."""
        a = self._bounds.allocation
        rest = np.lexsort((ascent.value, -ascent.often))
        rest = rest[~opened[rest]]
        lacking = float(a.demand.sum()) - float(a.capacity[opened].sum())
        if lacking <= 0.0:
            return opened
        count = int(np.searchsorted(np.cumsum(a.capacity[rest]), lacking)) + 1
        enough = opened.copy()
        enough[rest[: max(0, min(count, a.most - int(opened.sum())))]] = True
        return enough
