"""Redundancy cuts for a solver that separates while it runs: found for a point, as rows of the columns that it has.

A cut of the program has a column of its own for the compute that a group of demands could use. A running solver is
given no more columns, so here that column is replaced by the sum that it stands for.
"""

from dataclasses import dataclass, field

import numpy as np

from planner.redundancy.network import Cut
from planner.redundancy.separate import ALLOWED, Allowed
from planner.solve.arrays import Floats, Ints
from planner.solve.mip import MixedIntegerProgram


@dataclass(frozen=True, slots=True)
class LazyRow:
    """A cut as a row: ``sum(value x column[index]) >= lower``.

    Attributes
    ----------
    cut : Cut
    index : array of int
    value : array
    lower : float
    """

    cut: Cut
    index: Ints
    value: Floats
    lower: float


@dataclass(slots=True)
class LazyCuts:
    """The cuts that points violate, each given once.

    A cut that was given is not given again: what a point misses of a row that the solver has is the solver's tolerance,
    and points are checked once more outside (`planner.solve.points.offer`).

    Attributes
    ----------
    mip : MixedIntegerProgram
        The solver has its columns and its cuts.
    allowed : Allowed
        What may be missing of a cut.
    given : list of Cut
        In the order in which they were found.
    """

    mip: MixedIntegerProgram
    allowed: Allowed = ALLOWED
    given: list[Cut] = field(default_factory=list)
    _known: set[Cut] = field(init=False)

    def __post_init__(self) -> None:
        self._known = {cut for _, cut in self.mip.cuts()}

    def violated(self, x: Floats) -> list[LazyRow]:
        """Return the rows that a point violates and that were not given yet."""
        found = [cut for cut in self.mip.violated_cuts(x, self.allowed) if cut not in self._known]
        self._known.update(found)
        self.given.extend(found)
        return [self._row(cut) for cut in found]

    def columns(self) -> Ints:
        """Return the columns that cuts can have entries in."""
        if self.mip.network is None:
            return np.empty(0, dtype=np.int64)
        parts = [self.mip.installed.ravel()]
        if self.mip.soft is not None:
            parts += [self.mip.soft.unserved.ravel(), self.mip.soft.short.ravel()]
        every = np.unique(np.concatenate(parts))
        return every[every >= 0].astype(np.int64)

    def _row(self, cut: Cut) -> LazyRow:
        network, soft = self.mip.network, self.mip.soft
        assert network is not None  # only a network gives cuts
        per_gw = network.in_period(cut.period).coefficients(np.array(cut.weights))
        columns = self.mip.installed[cut.period]
        there = (columns >= 0) & (per_gw > 0.0) & ~network.lost_units(cut.rule, cut.lost)
        index, value = columns[there].astype(np.int64), per_gw[there]
        if soft is not None:
            more, weight = soft.entries(cut)
            index, value = np.concatenate([index, more]), np.concatenate([value, weight])
        return LazyRow(cut, index, value, cut.need_compute(network))
