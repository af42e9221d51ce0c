r"""The largest regret over the futures as what is minimised (docs/uncertainty.md).

.. math:: \min R, \qquad C_s(x_s) - R \le C^*_s \;\text{for all } s, \qquad R \ge 0

:math:`C^*_s`, the least that a future costs by itself, is known to lie between a bound and the cost of a plan.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse

from planner.solve.arrays import INFINITY
from planner.uncertainty.measure import Measure
from planner.uncertainty.two_stage import Block, FirstStage


@dataclass(frozen=True, slots=True)
class LargestRegret(Measure):
    """The largest regret over the futures.

    Attributes
    ----------
    costs, bounds : tuple of float
        What each future costs by itself: of the plan found, and what is proven of it.

    Examples
    --------
    >>> regret = LargestRegret(costs=(10.0, 20.0), bounds=(9.0, 20.0))
    >>> regret.of([11.0, 21.5], [0.5, 0.5]), regret.proving.of([11.0, 20.5], [0.5, 0.5])
    (2.0, 1.0)
    """

    costs: tuple[float, ...] = field(default=(), repr=False)
    bounds: tuple[float, ...] = field(default=(), repr=False)

    @property
    def least_regret(self) -> bool:
        """Whether it is a regret."""
        return True

    def of(self, costs: Sequence[float], chances: Sequence[float]) -> float:
        """Return what no future regrets more than, with these costs."""
        del chances  # it is the same however probable they are
        return max(0.0, *(cost - least for cost, least in zip(costs, self.bounds, strict=True)))

    @property
    def proving(self) -> "LargestRegret":
        """What some future regrets at least, of bounds on what each costs."""
        return replace(self, bounds=self.costs)

    def scale(self, value: float) -> float:
        """Return what gaps are relative to: the mean cost of the futures by themselves."""
        del value  # near zero a regret has no relative gap of its own
        return float(np.mean(np.abs(self.costs))) if self.costs else 1.0


def with_regret(first: FirstStage) -> FirstStage:
    """Return the first stage with the largest regret as a column behind its own, which is all that costs."""
    height = first.matrix.shape[0]
    matrix = sparse.csr_array((first.matrix.data, first.matrix.indices, first.matrix.indptr), (height, first.width + 1))
    return replace(
        first,
        cost=np.append(np.zeros(first.width), 1.0),
        lower=np.append(first.lower, 0.0),
        upper=np.append(first.upper, INFINITY),
        integer=np.append(first.integer, False),
        matrix=matrix,
    )


def regretting(block: Block, cost_busd: float, width: int) -> Block:
    """Return a future that costs nothing, with the row of its regret.

    Parameters
    ----------
    block : Block
    cost_busd : float
        What it costs by itself.
    width : int
        Of the first stage, whose last column is the regret.
    """
    arrays = block.arrays
    before = sparse.csr_array((block.first.data, block.first.indices, block.first.indptr),
                              (block.first.shape[0], width))  # fmt: skip
    minus = sparse.csr_array(([-1.0], ([0], [width - 1])), (1, width))
    return replace(
        block,
        arrays=arrays.with_cost(np.zeros(arrays.column_count)),
        own=sparse.csr_array(sparse.vstack([block.own, sparse.csr_array(arrays.cost[None, :])])),
        first=sparse.csr_array(sparse.vstack([before, minus])),
        lower=np.append(block.lower, -INFINITY),
        upper=np.append(block.upper, cost_busd - arrays.offset),
    )
