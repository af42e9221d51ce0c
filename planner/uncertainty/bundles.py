r"""Bounds from bundles of scenarios, each with a first stage of its own, and multipliers that draw these together.

With :math:`\sum_b P_b \lambda_b = 0` the sum :math:`\sum_b P_b \min (C_b + \lambda_b^T n_b)` is a lower bound, for
any multipliers (Lagrangian relaxation of the condition that all :math:`n_b` are the same). The next multipliers are the
duals of the program that mixes the points found so far to one common first stage (Dantzig and Wolfe 1960), within a box
around the best ones (Marsten, Hogan and Blankenship 1975). Its common first stage is a candidate too.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from planner.solve.arrays import INFINITY, Arrays, Floats
from planner.status import Status
from planner.symbols import NUMBER, Column, Constraint, Row, Variable
from planner.uncertainty.bounding import Bounded, TwoStageProgram, solve_relaxation
from planner.uncertainty.shares import Shares

MIXED = Variable[int]("mixed", (NUMBER,), meaning="share of a point, common value or slack")
COMMON = Constraint[int]("uncertainty_common", (NUMBER,), family="uncertainty")
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
    best : float
        The best bound of all rounds.
    begins : sequence of array (bundles, columns of the first stage)
        Multipliers of the first rounds, one after the other, the weighted sum of each zero; none: zero.
    """

    program: TwoStageProgram
    bundles: Sequence[Sequence[int]]
    solve: Callable[[Sequence[Sequence[int]], Floats], list[Bounded]]
    best: float = -INFINITY
    begins: Sequence[Floats] = ()
    _chances: Floats = field(init=False)
    _centre: Floats = field(init=False)
    _size: float = field(default=0.0, init=False)
    _points: list[list[tuple[float, Floats]]] = field(init=False)

    def __post_init__(self) -> None:
        blocks = [[self.program.scenarios[s].block for s in bundle] for bundle in self.bundles]
        chances = np.array([sum(block.probability for block in bundle) for bundle in blocks])
        self._chances = chances / chances.sum()
        self._centre = self.begins[0] if self.begins else np.zeros((len(self.bundles), self.program.width))
        self._points = [[] for _ in self.bundles]

    @property
    def prices(self) -> Floats:
        """The multipliers of the best bound for each scenario of the program: those of its bundle."""
        found = np.zeros((len(self.program.scenarios), self._centre.shape[1]))
        for bundle, price in zip(self.bundles, self._centre, strict=True):
            found[list(bundle)] = price
        return found

    def rounds(self) -> Iterator[Round]:
        """Yield what each round gives; it ends where a bundle is not solved, or all bundles agree."""
        width, prices, given = self.program.first.width, self._centre, list(self.begins[1:])
        while True:
            solved = self.solve(self.bundles, prices)
            if any(one.x is None or one.bound == -INFINITY for one in solved):
                if any(one.status is Status.INFEASIBLE for one in solved):
                    yield Round(INFINITY, np.zeros(width), [], agree=False)
                return
            points = np.array([one.x[: prices.shape[1]] for one in solved if one.x is not None])
            bounds = np.array([one.bound for one in solved])
            for known, point, bound, price in zip(self._points, points, bounds, prices, strict=True):
                known.append((float(bound - price @ point), point))
            bound = float(self._chances @ bounds)
            self._step(bound, prices, points)
            common, prices = self._mixed()
            prices = given.pop(0) if given else prices
            yield Round(bound, common[:width], _once(points[:, :width]), _agree(points), self._shares(solved))
            if _agree(points):
                return

    def _shares(self, solved: Sequence[Bounded]) -> Shares | None:
        parts = [one.shares for one in solved if one.shares is not None]
        order = [s for bundle in self.bundles for s in bundle]
        if len(parts) < len(solved) or order != sorted(order):
            return None
        return Shares.of_bundles([float(chance) for chance in self._chances], parts)

    def _step(self, bound: float, prices: Floats, points: Floats) -> None:
        """Move the box to better multipliers and widen it; narrow it where they are no better."""
        if not self._size:
            spread = float(np.abs(points - points.mean(axis=0)).sum()) or 1.0
            self._size = max(1e-6, abs(bound) / spread)
        if bound > self.best:
            at_edge = (np.abs(prices - self._centre) >= 0.99 * self._size).any()
            self._size *= 2.0 if at_edge else 1.0
            self.best, self._centre = bound, prices
        else:
            self._size /= 2.0

    def _mixed(self) -> tuple[Floats, Floats]:
        """Return the common first stage that the points found so far mix to at least cost, and its multipliers.

        The row of a bundle and a column says that what its points mix to is the common value, up to slack whose prices
        are the sides of the box.
        """
        count, width = self._centre.shape
        numbers = [len(known) for known in self._points]
        mixed, rows = sum(numbers), count * width
        matrix = np.zeros((rows + count, mixed + width + 2 * rows))
        cost = np.zeros(matrix.shape[1])
        place = 0
        for b, known in enumerate(self._points):
            for value, point in known:
                matrix[b * width : (b + 1) * width, place] = point
                matrix[rows + b, place] = 1.0
                cost[place] = self._chances[b] * value
                place += 1
            matrix[b * width : (b + 1) * width, mixed : mixed + width] = -np.eye(width)
        weight = np.repeat(self._chances, width)
        matrix[:rows, mixed + width :] = np.hstack([-np.eye(rows), np.eye(rows)])
        centre = self._centre.ravel()
        cost[mixed + width :] = np.concatenate([weight * (centre + self._size), weight * (self._size - centre)])
        side = np.concatenate([np.zeros(rows), np.ones(count)])
        lower = np.zeros(len(cost))
        lower[mixed : mixed + width] = -INFINITY
        result = solve_relaxation(_program(cost, lower, matrix, side), self.program.options)
        if result.x is None or result.row_dual is None:
            return self._points[0][-1][1], self._centre
        prices = -(result.row_dual[:rows] / weight).reshape(count, width)
        return result.x[mixed : mixed + width], prices - self._chances @ prices


def _program(cost: Floats, lower: Floats, matrix: Floats, side: Floats) -> Arrays:
    """A linear program with equations."""
    none = np.zeros(len(cost), dtype=bool)
    columns = tuple(Column(MIXED, j) for j in range(len(cost)))
    rows = tuple(Row(COMMON, i) for i in range(len(side)))
    upper = np.full(len(cost), INFINITY)
    return Arrays(cost, 0.0, lower, upper, none, none, none, sparse.csr_array(matrix), side, side, columns, rows)


def _once(points: Floats) -> list[Floats]:
    return list({tuple(np.round(point, 6)): point for point in points}.values())


def _agree(points: Floats) -> bool:
    return bool((np.abs(points - points[0]) <= SAME * (1.0 + np.abs(points[0]))).all())
