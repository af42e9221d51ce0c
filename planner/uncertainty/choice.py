"""Which futures meet which limits in probability: the choice for which the measure is least (docs/uncertainty.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from planner.solve.arrays import INFINITY, Floats
from planner.uncertainty.chance import SHARE_ROUNDING, ChanceLimit
from planner.uncertainty.measure import Measure
from planner.uncertainty.regret import LargestRegret

Missed = frozenset[str]
"""Limits that a plan misses."""
Costs = Mapping[Missed, float]
"""What a future costs, by what it misses."""
ROW_SCALE = 1e3
"""The rows of probabilities are solved in thousandths, as the solver's tolerance is absolute."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What each future misses, and the measure of what it then costs.

    Attributes
    ----------
    missed : tuple of frozenset of str
    value, bound : float
        The measure of this choice, and what that of no choice is below.
    """

    missed: tuple[Missed, ...]
    value: float
    bound: float


def cheapest(
    costs: Sequence[Costs], chances: Sequence[float], limits: Sequence[ChanceLimit], measure: Measure
) -> Choice | None:
    """Return the choice that keeps all limits at the least measure; None if none keeps them.

    Parameters
    ----------
    costs : sequence of mapping
        One for each future; what is infinite cannot be chosen.
    chances : sequence of float
    limits : sequence of ChanceLimit
    measure : Measure
    """
    if any(cost == -INFINITY for of in costs for cost in of.values()):
        missed = fewest_missing(costs, chances, limits, limits[0].name)
        return None if missed is None else Choice(missed, -INFINITY, -INFINITY)
    program = _Choosing(costs, chances, limits)
    x, bound = program.solve(*program.of_measure(measure))
    if x is None:
        return None
    missed = program.chosen(x)
    value = measure.of([of[one] for of, one in zip(costs, missed, strict=True)], chances)
    return Choice(missed, value, min(value, bound))


def fewest_missing(
    costs: Sequence[Costs], chances: Sequence[float], limits: Sequence[ChanceLimit], name: str
) -> tuple[Missed, ...] | None:
    """Return the choice that keeps limits and in which another one is missed least often; None if none keeps them."""
    program = _Choosing(costs, chances, limits)
    x, _ = program.solve(*program.of_missing(name))
    return None if x is None else program.chosen(x)


def share_missing(missed: Sequence[Missed], chances: Sequence[float], name: str) -> float:
    """Return the probability of the futures that miss a limit."""
    return float(sum(chance for chance, one in zip(chances, missed, strict=True) if name in one))


class _Choosing:
    """The program of the choice: a variable of 0 or 1 for each future and each thing that it may miss."""

    def __init__(self, costs: Sequence[Costs], chances: Sequence[float], limits: Sequence[ChanceLimit]) -> None:
        self._chances = np.array(chances)
        self._options = [
            (s, missed, cost) for s, of in enumerate(costs) for missed, cost in of.items() if cost < INFINITY
        ]
        self._futures = len(costs)
        width = len(self._options)
        self._one = np.zeros((self._futures, width))
        self._missing = np.zeros((len(limits), width))
        for j, (s, missed, _) in enumerate(self._options):
            self._one[s, j] = 1.0
            for k, limit in enumerate(limits):
                self._missing[k, j] = chances[s] if limit.name in missed else 0.0
        self._most = np.array([limit.most_missing + SHARE_ROUNDING for limit in limits])
        self._cost = np.array([cost for _, _, cost in self._options])

    def chosen(self, x: Floats) -> tuple[Missed, ...]:
        """Return what each future misses at a point."""
        found: list[Missed] = [frozenset()] * self._futures
        for (s, missed, _), value in zip(self._options, x, strict=False):
            if value > 0.5:
                found[s] = missed
        return tuple(found)

    def of_missing(self, name: str) -> tuple[Floats, Floats, Floats]:
        """Return the objective that is the probability of missing a limit; see `of_measure`."""
        cost = np.array([self._chances[s] if name in missed else 0.0 for s, missed, _ in self._options])
        return cost, np.zeros((0, len(cost))), np.zeros(0)

    def of_measure(self, measure: Measure) -> tuple[Floats, Floats, Floats]:
        """Return the objective: its coefficients, and rows that are at most a side.

        Of the columns beyond the choice the first is free, the others are at least zero.
        """
        futures, width = self._futures, len(self._options)
        by_future = self._one * self._cost
        if isinstance(measure, LargestRegret):
            rows = np.hstack([by_future, -np.ones((futures, 1))])
            return np.append(np.zeros(width), 1.0), rows, np.array(measure.bounds)
        share = self._chances / self._chances.sum()
        expected = share @ by_future
        if not measure.has_tail:
            return expected, np.zeros((0, width)), np.zeros(0)
        beyond = measure.weight * share / (1.0 - measure.level)
        rows = np.hstack([by_future, -np.ones((futures, 1)), -np.eye(futures)])
        return np.concatenate([(1.0 - measure.weight) * expected, [measure.weight], beyond]), rows, np.zeros(futures)

    def solve(self, cost: Floats, rows: Floats, side: Floats) -> tuple[Floats | None, float]:
        """Return the best point and its bound; None if there is none."""
        from scipy import optimize  # slow to import

        if (self._one.sum(axis=1) < 0.5).any():
            return None, INFINITY
        width, more = len(self._options), len(cost) - len(self._options)
        pad = np.zeros((self._futures, more)), np.zeros((len(self._most), more))
        matrix = sparse.csr_array(
            np.vstack([np.hstack([self._one, pad[0]]), ROW_SCALE * np.hstack([self._missing, pad[1]]), rows])
        )
        lower = np.concatenate([np.ones(self._futures), np.full(len(self._most) + len(side), -np.inf)])
        upper = np.concatenate([np.ones(self._futures), ROW_SCALE * self._most, side])
        least = np.zeros(len(cost))
        least[width : width + 1] = -np.inf
        found = optimize.milp(
            cost,
            integrality=np.concatenate([np.ones(width), np.zeros(more)]),
            bounds=optimize.Bounds(least, np.concatenate([np.ones(width), np.full(more, np.inf)])),
            constraints=optimize.LinearConstraint(matrix, lower, upper),
            options={"mip_rel_gap": 0.0},
        )
        if found.x is None:
            return None, INFINITY
        return found.x, float(found.mip_dual_bound)
