"""Costs of an allocation that are whole multiples of one amount: between two of them there is no plan.

Where distances and fixed costs are whole numbers, as in many instances of the literature, a bound of 602.8 proves 603:
a plan serves each demand from its nearest open site, so its cost is a sum of such numbers.
"""

from dataclasses import dataclass

import numpy as np

from planner.solve.arrays import Floats
from planner.solve.site_reach import Reach

SAME = 1e-9
"""Distance from a multiple, as a share of the largest cost, up to which a cost counts as one."""
SMALLEST = 1e-5
"""Smallest step, as a share of the largest cost: to smaller ones no bound need be raised."""
MOST_ERROR = 1e-4
"""Largest sum of all distances from multiples, as a share of the step, with which it is used."""
NEARLY = 1e-6
"""Distance of a bound above a multiple, in steps, that counts as rounding."""
MOST_STEPS = 1e8
"""Number of steps up to which a bound is raised: rounding is far below `NEARLY` of them."""
_EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True)
class CostStep:
    """What all plans cost that serve each demand from its nearest open site: multiples of a step beyond an offset.

    Attributes
    ----------
    offset : float
    step : float
        Zero where there is none.
    error : float
        By how much a cost may differ from its multiple.
    """

    offset: float
    step: float
    error: float

    @classmethod
    def of(cls, reach: Reach) -> "CostStep":
        """Return the largest step of an allocation, with all its links."""
        a = reach.allocation
        values = np.concatenate([reach.cost, a.fixed_cost])
        step = common_step(values)
        if not step or not len(reach.cost):
            return cls(a.offset, 0.0, 0.0)
        off = np.abs(values - np.round(values / step) * step)
        error, size = (_most(reach, part) for part in (off, np.abs(values)))
        error += a.rounding + 8.0 * (len(a.demand) + len(a.opened)) * _EPSILON * (size + abs(a.offset))
        return cls(a.offset, step if error <= MOST_ERROR * step else 0.0, error)

    def raised(self, bound: float) -> float:
        """Return the highest bound that a bound proves.

        Examples
        --------
        >>> step = CostStep(offset=0.0, step=2.0, error=0.0)
        >>> [step.raised(bound) for bound in (601.2, 602.0, 602.1)]
        [602.0, 602.0, 604.0]
        """
        if not self.step or not np.isfinite(bound):
            return bound
        steps = (bound - self.offset - self.error) / self.step - NEARLY
        if abs(steps) > MOST_STEPS:
            return bound
        return max(bound, float(self.offset + np.ceil(steps) * self.step - self.error))


def common_step(values: Floats) -> float:
    """Return the largest amount of which all values are multiples, up to rounding; 0 if it is too small.

    Examples
    --------
    >>> round(common_step(np.array([0.6, 0.0, 1.5, 0.9])), 9), common_step(np.array([1.0, np.pi]))
    (0.3, 0.0)
    """
    sizes = np.unique(np.abs(values))
    sizes = sizes[sizes > 0.0]
    if not len(sizes):
        return 0.0
    same, step = SAME * float(sizes[-1]), float(sizes[0])
    while step >= SMALLEST * sizes[-1]:  # as in Euclid's method: what is left of a division divides all as well
        left = np.abs(sizes - np.round(sizes / step) * step)
        if (left <= same).all():
            return float(sizes.sum() / np.round(sizes / step).sum())
        step = float(left[left > same].min())
    return 0.0


def _most(reach: Reach, amounts: Floats) -> float:
    """Return the most that one link of each demand and all sites can have together."""
    links = len(reach.cost)
    most = np.zeros(len(reach.allocation.demand))
    np.maximum.at(most, reach.demand, amounts[:links])
    return float(most.sum() + amounts[links:].sum())
