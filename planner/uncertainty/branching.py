"""Branching over the orders: boxes of first stages, each with a bound and a candidate (docs/uncertainty.md).

The links of a program over scenarios are loose where it depends on other orders when an order is there. With fewer
orders to compete they are exact, so that boxes of them have better bounds, and a box of one has that of its plans.
"""

import heapq
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from planner.runs.executor import Executor
from planner.solve.arrays import INFINITY, Floats
from planner.status import Status
from planner.uncertainty.bounding import TwoStageProgram
from planner.uncertainty.clock import Clock
from planner.uncertainty.evaluation import Evaluation

NODES, NODES_COLUMNS = 200, 300_000
"""Nodes that are bounded at most, and the columns of all of their programs together."""
Bools = npt.NDArray[np.bool_]


def most_nodes(columns: int) -> int:
    """Return how many nodes are bounded at most, if all scenarios have so many columns together.

    Examples
    --------
    >>> most_nodes(900), most_nodes(15_000)
    (200, 20)
    """
    return min(NODES, NODES_COLUMNS // max(columns, 1))


@dataclass(frozen=True, slots=True)
class Box:
    """First stages between two sides.

    Attributes
    ----------
    lower, upper : array
        Of the orders.
    """

    lower: Floats
    upper: Floats

    @property
    def is_one(self) -> bool:
        """Whether it holds one first stage only."""
        return bool((self.lower == self.upper).all())

    def split(self, i: int, at: float) -> "list[Box]":
        """Return the parts in which an order is less than, equal to and more than a whole number within its sides.

        Examples
        --------
        >>> [(float(one.lower[0]), float(one.upper[0])) for one in Box(np.zeros(1), np.array([3.0])).split(0, 1.0)]
        [(1.0, 1.0), (0.0, 0.0), (2.0, 3.0)]
        """
        sides = [(at, at), (self.lower[i], at - 1.0), (at + 1.0, self.upper[i])]
        return [self._with(i, *one) for one in sides if one[0] <= one[1]]

    def _with(self, i: int, lower: float, upper: float) -> "Box":
        low, high = self.lower.copy(), self.upper.copy()
        low[i], high[i] = lower, upper
        return Box(low, high)


class Study(Protocol):
    """What the branching knows of the study of risk that it belongs to."""

    clock: Clock
    sure: Bools

    @property
    def done(self) -> bool:
        """Whether the gap is reached."""

    def raise_bound(self, bound: float, /) -> None:
        """Take a lower bound."""

    def program(self, alone: Evaluation, box: "Box", /) -> TwoStageProgram:
        """Return the program of a box; sets which orders are delivered whatever else is ordered (``sure``)."""

    def try_orders(self, executor: Executor, orders: Floats, /) -> Evaluation:
        """Try a first stage in every future."""


@dataclass(slots=True)
class Branching:
    """The branching of one study.

    Attributes
    ----------
    study : Study
    executor : Executor
        Solves the futures with a candidate.
    alone : Evaluation
        Each future by itself.
    whole : array of bool
        Which orders are whole numbers, the others are not branched on.
    queue : array
        Places of the orders in the order in which they are served.
    gap : float
        Relative gap to which the program of a node is solved.
    most : int
        Nodes that are bounded at most.
    nodes : int
        Bounded so far.
    """

    study: Study
    executor: Executor
    alone: Evaluation
    whole: Bools
    queue: Floats
    gap: float
    most: int = NODES
    nodes: int = 0
    _open: list[tuple[float, int, Box]] = field(default_factory=list)
    _ended: float = INFINITY
    _number: int = 0

    def run(self, root: Box, bound: float) -> None:
        """Bound the boxes within one, of which a bound is known, until the gap is reached or none is left."""
        self._add(root, bound)
        while self._open and self.nodes < self.most and not self.study.done:
            least, _, box = heapq.heappop(self._open)
            self.study.clock.report("branching over the orders", self.nodes, self.most)
            self._bound(box, least)
            self.nodes += 1
            proven = min([self._ended, *(one[0] for one in self._open[:1])])
            if (least := min(proven, self.study.clock.upper)) < INFINITY:  # else none has plans, nor is known to have
                self.study.raise_bound(least)

    def _add(self, box: Box, bound: float) -> None:
        self._number += 1
        heapq.heappush(self._open, (bound, self._number, box))

    def _end(self, bound: float) -> None:
        """Note a box that is not looked at again."""
        self._ended = min(self._ended, bound)

    def _bound(self, box: Box, least: float) -> None:
        """Bound a box; try its candidate, and split it there."""
        if box.is_one:
            self._end(max(least, self.study.try_orders(self.executor, box.lower).bound))
            return
        program = self.study.program(self.alone, box)
        sure = self.study.sure
        relaxed = program.relaxation()
        bound = max(least, relaxed.bound)
        if bound >= self.study.clock.upper:
            self._end(bound)
            return
        found = program.whole(lambda _progress: None, self.gap)
        bound = INFINITY if found.status is Status.INFEASIBLE else max(bound, found.bound)
        if bound >= self.study.clock.upper or found.orders is None:
            self._end(bound)
            return
        orders = found.orders[: len(box.lower)]
        orders = np.clip(np.where(self.whole, np.round(orders), orders), box.lower, box.upper)
        self.study.try_orders(self.executor, orders)
        place = self._place(box, sure)
        if place is None:
            self._end(bound)
            return
        for part in box.split(place, float(orders[place])):
            self._add(part, bound)

    def _place(self, box: Box, sure: Bools) -> int | None:
        """Return the order that a box is split by, of those that depend on others the first; None if there is none."""
        free = np.flatnonzero(self.whole & (box.upper > box.lower))
        return min((int(i) for i in free), key=lambda i: (bool(sure[i]), self.queue[i]), default=None)
