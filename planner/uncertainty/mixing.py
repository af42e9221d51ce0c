r"""Multipliers from what is known of bundles of scenarios: the duals of the program that mixes their points.

With :math:`\sum_b P_b \lambda_b = 0` the sum :math:`\sum_b P_b \min (C_b + \lambda_b^T n_b)` is a lower bound, for
any multipliers (Lagrangian relaxation of the condition that all :math:`n_b` are the same). The next multipliers are the
duals of the program that mixes the points found so far to one common first stage (Dantzig and Wolfe 1960), within a box
around the best ones (Marsten, Hogan and Blankenship 1975). Its common first stage is a candidate too. Its value is what
the multipliers are expected to give: a careful box is widened, kept or narrowed by how much of that they do, like a
trust region (Conn, Gould and Toint 2000); any other is doubled by what is better and halved by what is not.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from planner.options import SolveOptions
from planner.solve.arrays import INFINITY, Arrays, Floats
from planner.symbols import NUMBER, Column, Constraint, Row, Variable
from planner.uncertainty.bounding import solve_relaxation

MIXED = Variable[int]("mixed", (NUMBER,), meaning="share of a point, common value or slack")
COMMON = Constraint[int]("uncertainty_common", (NUMBER,), family="uncertainty")
LEAST_SIZE, EDGE = 1e-6, 0.99
"""Half of the least side of the box at first; share of it from which multipliers are at its edge."""
CAREFUL_SHARE = 0.1
"""Share of the bound that multipliers in a careful first box change it by, as far as the first stages of the bundles
are apart; otherwise all of it."""
GOOD, BAD = 0.5, -1.0
"""Share of the expected gain from which the box is widened to twice its size, and below which it is narrowed to a
quarter of it; without any gain it is narrowed to half."""
SAME = 1e-9
"""Gain that counts as none, as a share of the bound."""


@dataclass(slots=True)
class Mixing:
    """Points of bundles with their costs, and the multipliers of the best bound.

    Attributes
    ----------
    chances : array
        Of the bundles; their sum is one.
    centre : array (bundles, columns of the first stage)
        Multipliers of the best bound; before there is one, those to begin with.
    best : float
        The best bound.
    careful : bool
        Whether the box begins small and follows what its multipliers give: for many rounds with whole numbers.
    """

    chances: Floats
    centre: Floats
    best: float = -INFINITY
    careful: bool = False
    _expected: float = field(default=INFINITY, init=False)
    _size: float = field(default=0.0, init=False)
    _points: list[list[tuple[float, Floats]]] = field(init=False)

    def __post_init__(self) -> None:
        self._points = [[] for _ in self.chances]

    def take(self, bounds: Floats, prices: Floats, points: Floats, *, own: bool = True) -> float:
        """Take what the bundles with some multipliers gave: a bound of each, and its first stage; return their bound.

        Parameters
        ----------
        bounds : array
        prices, points : array (bundles, columns of the first stage)
        own : bool
            Whether the multipliers are of the last mixture: those of others say nothing of the box.
        """
        for known, point, bound, price in zip(self._points, points, bounds, prices, strict=True):
            known.append((float(bound - price @ point), point))
        bound = float(self.chances @ bounds)
        self._step(bound, prices, points, own=own)
        return bound

    def _step(self, bound: float, prices: Floats, points: Floats, *, own: bool) -> None:
        """Move the box to better multipliers, and widen or narrow it."""
        if not self._size:
            spread = float(np.abs(points - points.mean(axis=0)).sum()) or 1.0
            self._size = max(LEAST_SIZE, (CAREFUL_SHARE if self.careful else 1.0) * abs(bound) / spread)
        at_edge = bool((np.abs(prices - self.centre) >= EDGE * self._size).any())
        if self.careful:
            self._size *= self._factor(bound, at_edge=at_edge) if own else 1.0
        elif bound > self.best:
            self._size *= 2.0 if at_edge else 1.0
        else:
            self._size /= 2.0
        if bound > self.best:
            self.best, self.centre = bound, prices

    def _factor(self, bound: float, *, at_edge: bool) -> float:
        """Return by what the box is to change, from how much of what was expected its multipliers gave."""
        if self._expected == INFINITY:
            return 1.0
        found = (bound - self.best) / max(self._expected - self.best, SAME * max(1.0, abs(self.best)))
        if found >= GOOD:
            return 2.0 if at_edge else 1.0
        return 1.0 if found >= 0.0 else 0.5 if found >= BAD else 0.25

    def mixed(self, options: SolveOptions) -> tuple[Floats, Floats]:
        """Return the common first stage that the points found so far mix to at least cost, and its multipliers.

        The row of a bundle and a column says that what its points mix to is the common value, up to slack whose prices
        are the sides of the box.
        """
        count, width = self.centre.shape
        numbers = [len(known) for known in self._points]
        mixed, rows = sum(numbers), count * width
        matrix = np.zeros((rows + count, mixed + width + 2 * rows))
        cost = np.zeros(matrix.shape[1])
        place = 0
        for b, known in enumerate(self._points):
            for value, point in known:
                matrix[b * width : (b + 1) * width, place] = point
                matrix[rows + b, place] = 1.0
                cost[place] = self.chances[b] * value
                place += 1
            matrix[b * width : (b + 1) * width, mixed : mixed + width] = -np.eye(width)
        weight = np.repeat(self.chances, width)
        matrix[:rows, mixed + width :] = np.hstack([-np.eye(rows), np.eye(rows)])
        centre = self.centre.ravel()
        cost[mixed + width :] = np.concatenate([weight * (centre + self._size), weight * (self._size - centre)])
        side = np.concatenate([np.zeros(rows), np.ones(count)])
        lower = np.zeros(len(cost))
        lower[mixed : mixed + width] = -INFINITY
        result = solve_relaxation(_program(cost, lower, matrix, side), options)
        self._expected = INFINITY
        if result.x is None or result.row_dual is None:
            return self._points[0][-1][1], self.centre
        self._expected = result.bound
        prices = -(result.row_dual[:rows] / weight).reshape(count, width)
        return result.x[mixed : mixed + width], prices - self.chances @ prices


def _program(cost: Floats, lower: Floats, matrix: Floats, side: Floats) -> Arrays:
    """A linear program with equations."""
    none = np.zeros(len(cost), dtype=bool)
    columns = tuple(Column(MIXED, j) for j in range(len(cost)))
    rows = tuple(Row(COMMON, i) for i in range(len(side)))
    upper = np.full(len(cost), INFINITY)
    return Arrays(cost, 0.0, lower, upper, none, none, none, sparse.csr_array(matrix), side, side, columns, rows)
