"""Bounds from bundles of scenarios, each with a first stage of its own, and multipliers that draw these together."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from planner.solve.arrays import INFINITY, Floats
from planner.status import Status
from planner.uncertainty.bounding import Bounded, TwoStageProgram
from planner.uncertainty.mixing import Mixing
from planner.uncertainty.shares import Shares

SAME = 1e-9
"""Difference of first stages that is none."""


def bundles_of(program: TwoStageProgram, most_columns: int) -> list[list[int]]:
    """Return the scenarios in bundles, in their order, each of at most so many columns (one scenario at least)."""
    found: list[list[int]] = [[]]
    columns = 0
    for s, one in enumerate(program.scenarios):
        size = one.block.arrays.column_count
        if found[-1] and columns + size > most_columns:
            found.append([])
            columns = 0
        found[-1].append(s)
        columns += size
    return found


def merged(program: TwoStageProgram, bundles: Sequence[Sequence[int]], prices: Floats) -> Floats:
    """Return multipliers of bundles from those of scenarios or of smaller bundles: with these the bound is no lower.

    Parameters
    ----------
    program : TwoStageProgram
    bundles : sequence of sequence of int
    prices : array (scenarios, columns of the first stage)
        Their sum weighted with the probabilities is zero.
    """
    chances = np.array([one.block.probability for one in program.scenarios])
    return np.array([chances[list(bundle)] @ prices[list(bundle)] / chances[list(bundle)].sum() for bundle in bundles])


@dataclass(frozen=True, slots=True)
class Round:
    """What a round of all bundles gave.

    Attributes
    ----------
    bound : float
        No first stage has a lower value.
    common : array
        The common first stage that the points found so far mix to.
    candidates : list of array
        The first stages of the bundles, each once.
    agree : bool
        Whether all bundles have the same: it is optimal then.
    shares : Shares or None
        The prices and weights with which the scenarios, each by itself, have the same bound.
    """

    bound: float
    common: Floats
    candidates: list[Floats]
    agree: bool
    shares: Shares | None = None


@dataclass(slots=True)
class Bundles:
    """Bundles with their multipliers.

    Attributes
    ----------
    program : TwoStageProgram
    bundles : sequence of sequence of int
    solve : callable
        Solves the programs of bundles with their multipliers: the relaxation of each, or the full program.
    begins : sequence of array (bundles, columns of the first stage)
        Multipliers of the first rounds, one after the other, the weighted sum of each zero; none: zero.
    """

    program: TwoStageProgram
    bundles: Sequence[Sequence[int]]
    solve: Callable[[Sequence[Sequence[int]], Floats], list[Bounded]]
    begins: Sequence[Floats] = ()
    _mixing: Mixing = field(init=False)

    def __post_init__(self) -> None:
        blocks = [[self.program.scenarios[s].block for s in bundle] for bundle in self.bundles]
        chances = np.array([sum(block.probability for block in bundle) for bundle in blocks])
        begin = self.begins[0] if self.begins else np.zeros((len(self.bundles), self.program.width))
        self._mixing = Mixing(chances / chances.sum(), begin)

    @property
    def best(self) -> float:
        """The best bound of all rounds."""
        return self._mixing.best

    @property
    def prices(self) -> Floats:
        """The multipliers of the best bound for each scenario of the program: those of its bundle."""
        centre = self._mixing.centre
        found = np.zeros((len(self.program.scenarios), centre.shape[1]))
        for bundle, price in zip(self.bundles, centre, strict=True):
            found[list(bundle)] = price
        return found

    def rounds(self) -> Iterator[Round]:
        """Yield what each round gives; it ends where a bundle is not solved, or all bundles agree."""
        width, prices, given = self.program.first.width, self._mixing.centre, list(self.begins[1:])
        while True:
            solved = self.solve(self.bundles, prices)
            if any(one.x is None or one.bound == -INFINITY for one in solved):
                if any(one.status is Status.INFEASIBLE for one in solved):
                    yield Round(INFINITY, np.zeros(width), [], agree=False)
                return
            points = np.array([one.x[: prices.shape[1]] for one in solved if one.x is not None])
            bound = self._mixing.take(np.array([one.bound for one in solved]), prices, points)
            common, prices = self._mixing.mixed(self.program.options)
            prices = given.pop(0) if given else prices
            yield Round(bound, common[:width], _once(points[:, :width]), _agree(points), self._shares(solved))
            if _agree(points):
                return

    def _shares(self, solved: Sequence[Bounded]) -> Shares | None:
        parts = [one.shares for one in solved if one.shares is not None]
        order = [s for bundle in self.bundles for s in bundle]
        if len(parts) < len(solved) or order != sorted(order):
            return None
        return Shares.of_bundles([float(chance) for chance in self._mixing.chances], parts)


def _once(points: Floats) -> list[Floats]:
    return list({tuple(np.round(point, 6)): point for point in points}.values())


def _agree(points: Floats) -> bool:
    return bool((np.abs(points - points[0]) <= SAME * (1.0 + np.abs(points[0]))).all())
