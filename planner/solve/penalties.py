"""What each site would cost a plan that opens it, or does without it: bounds that shut most sites out of the proof.

With the rows that tie sites together priced at the duals of the relaxation (Lagrangian relaxation; Geoffrion 1974), the
program falls apart into one small program per site and a constant. Their sum bounds the cost of every plan from below.
Put the optimum of one site, open, in the place of its share and the sum bounds every plan that opens it: where this is
more than the best plan known costs, no better plan opens the site. Reduced costs say the same in theory; in practice
much of a site's cost is in columns that the relaxation leaves at zero, and its links are not in the program yet.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from planner.solve.arrays import INFINITY, Arrays, Floats, Ints
from planner.solve.highs import SolverResult
from planner.solve.mip import Links, MixedIntegerProgram

TOLERANCE = 1e-7
"""The solver's own on reduced costs (absolute), and the relative margin by which a bound must be above a cost."""
ROUND_OFF = 1e-9
"""Reduced cost of a column without limit, relative to the terms it is the sum of, that is nothing but round-off."""
LARGEST_PRICE = 1e3
"""To which the largest reduced cost of a site is scaled, where it is less: the tolerance is absolute."""


@dataclass(frozen=True, slots=True)
class Penalties:
    """Lower bounds on the cost of all plans, by what they do with one site.

    Attributes
    ----------
    opened : array (sites,) of int
        Columns of the openings.
    bound : float
        Lower bound on the cost of every plan.
    if_open, if_closed : array (sites,)
        Lower bound on the cost of the plans that open a site, and of those that do not.
    """

    opened: Ints
    bound: float
    if_open: Floats
    if_closed: Floats

    def level(self, count: int) -> float:
        """The cost up to which plans can open this many sites, and only these: those cheapest to open."""
        return float(np.sort(self.if_open)[max(1, min(count, len(self.if_open))) - 1])

    def decided(self, arrays: Arrays, cost: float) -> tuple[Arrays, int]:
        """The program without the plans that cost more than this, by these bounds; and how many openings that decides.

        It keeps every plan that costs at most ``cost``. A bound that is not known decides nothing.
        """
        lower, upper = arrays.lower.copy(), arrays.upper.copy()
        limit = cost + TOLERANCE * max(1.0, abs(cost))
        closed, open_ = self.opened[self.if_open > limit], self.opened[self.if_closed > limit]
        upper[closed] = lower[closed]
        lower[open_] = upper[open_]
        return arrays.with_bounds(lower, upper), len(closed) + len(open_)


def penalties(mip: MixedIntegerProgram, row_dual: Floats, solve: Callable[[Arrays], SolverResult]) -> Penalties | None:
    """Bound the cost of opening each site, and of leaving it closed.

    Parameters
    ----------
    mip : MixedIntegerProgram
    row_dual : array
        Duals of the relaxation, of all rows or of all but the last. Any are right; the better they are, the better
        are the bounds.
    solve : callable
        Solves a continuous program; its "infeasible" and its bound are believed.

    Returns
    -------
    Penalties or None
        None where nothing is known: a site has more than one opening decision (several periods), or a column without
        limits has a price.
    """
    arrays = mip.arrays
    opened = np.unique(mip.links.opened)
    keys: list[Any] = [arrays.columns[column].key for column in opened]
    if len({name for name, _ in keys}) < len(opened):
        return None
    site = _sites(arrays, mip.links)
    blocks = _Blocks(arrays, site, _with_demand_as_limit(arrays, mip.links))
    dual = _right_sign(arrays, row_dual)
    dual[blocks.local] = 0.0
    reduced = arrays.cost - arrays.matrix.T @ dual
    rest = _constant(arrays, dual) + _least(arrays, dual, reduced, np.flatnonzero(blocks.site < 0))
    if not np.isfinite(rest):
        return None
    closed, open_ = np.array([blocks.values(reduced, column, solve) for column in opened]).T
    least = np.minimum(closed, open_)
    bound = arrays.offset + rest + float(least.sum())
    if not np.isfinite(bound):
        return None
    return Penalties(opened, bound, bound - least + open_, bound - least + closed)


class _Blocks:
    """The columns and rows of each site: rows whose columns are all of one site."""

    def __init__(self, arrays: Arrays, site: Ints, upper: Floats) -> None:
        lowest, highest = _extremes(arrays.matrix, site)
        self.site = site
        self.local = (lowest == highest) & (lowest >= 0)
        self._row_site = np.where(self.local, lowest, -1)
        self._arrays = arrays
        self._upper = upper
        self._columns = arrays.matrix.tocsc()

    def values(self, reduced: Floats, opened: int, solve: Callable[[Arrays], SolverResult]) -> tuple[float, float]:
        """The least reduced cost of a site: closed, and open (inf where that cannot be)."""
        columns = np.flatnonzero(self.site == self.site[opened])
        rows = np.flatnonzero(self._row_site == self.site[opened])
        arrays = self._arrays
        part = Arrays(
            cost=reduced[columns],
            offset=0.0,
            lower=arrays.lower[columns],
            upper=self._upper[columns],
            integer=np.zeros(len(columns), dtype=bool),
            implied=np.zeros(len(columns), dtype=bool),
            declared=np.zeros(len(columns), dtype=bool),
            matrix=sparse.csr_array(self._columns[:, columns].tocsr()[rows]),
            row_lower=arrays.row_lower[rows],
            row_upper=arrays.row_upper[rows],
            columns=tuple(arrays.columns[j] for j in columns),
            rows=tuple(arrays.rows[i] for i in rows),
        )
        place = int(np.searchsorted(columns, opened))
        return _fixed(part, place, 0.0, solve), _fixed(part, place, 1.0, solve)


def _fixed(part: Arrays, place: int, value: float, solve: Callable[[Arrays], SolverResult]) -> float:
    if not part.lower[place] <= value <= part.upper[place]:
        return INFINITY
    lower, upper = part.lower.copy(), part.upper.copy()
    lower[place] = upper[place] = value
    scale = max(1.0, LARGEST_PRICE / max(float(np.abs(part.cost).max()), ROUND_OFF))
    result = solve(part.with_bounds(lower, upper).with_cost(part.cost * scale))
    if result.status == "infeasible":
        return INFINITY
    room = upper - lower
    margin = TOLERANCE * float(room[np.isfinite(room)].sum())
    least = min(result.objective, result.bound)
    return (least - margin) / scale if result.status == "optimal" else -INFINITY


def _sites(arrays: Arrays, links: Links) -> Ints:
    """A number for the site that each column belongs to, -1 for none: from services and openings, row by row."""
    opened, number = np.unique(links.opened, return_inverse=True)
    site = np.full(arrays.column_count, -1, dtype=np.int64)
    site[links.served] = number
    site[opened] = np.arange(len(opened))
    matrix = sparse.csr_array(arrays.matrix)
    row_of = np.repeat(np.arange(arrays.row_count), np.diff(matrix.indptr))
    while True:
        lowest, highest = _extremes(matrix, site)
        one = (lowest == highest) & (lowest >= 0)
        spread = one[row_of] & (site[matrix.indices] < 0)
        if not spread.any():
            return site
        site[matrix.indices[spread]] = lowest[row_of[spread]]


def _extremes(matrix: sparse.csr_array, site: Ints) -> tuple[Ints, Ints]:
    """The lowest and the highest site number among the columns of each row that have one (lowest > highest: none)."""
    none = len(site) + 1
    lowest = np.full(matrix.shape[0], none, dtype=np.int64)
    highest = np.full(matrix.shape[0], -1, dtype=np.int64)
    row_of = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    of_site = site[matrix.indices]
    np.minimum.at(lowest, row_of, np.where(of_site < 0, none, of_site))
    np.maximum.at(highest, row_of, of_site)
    return lowest, highest


def _with_demand_as_limit(arrays: Arrays, links: Links) -> Floats:
    """Upper bounds, those of services not above the demand: the balance of demand implies it."""
    upper = arrays.upper.copy()
    upper[links.served] = np.minimum(upper[links.served], links.demand)
    return upper


def _right_sign(arrays: Arrays, row_dual: Floats) -> Floats:
    """Duals without those that price a side of a row that is not there."""
    dual = np.zeros(arrays.row_count)
    dual[: len(row_dual)] = row_dual
    dual[(dual > 0.0) & ~np.isfinite(arrays.row_lower)] = 0.0
    dual[(dual < 0.0) & ~np.isfinite(arrays.row_upper)] = 0.0
    return dual


def _constant(arrays: Arrays, dual: Floats) -> float:
    """The least that the priced rows come to."""
    side = np.where(dual > 0.0, arrays.row_lower, arrays.row_upper)
    return float((dual * np.where(dual == 0.0, 0.0, side)).sum())


def _least(arrays: Arrays, dual: Floats, reduced: Floats, columns: Ints) -> float:
    """The least that columns of no site come to, each on its own; -inf where one without limit has a price."""
    price = reduced[columns]
    at = np.where(price > 0.0, arrays.lower[columns], arrays.upper[columns])
    terms = (np.abs(arrays.cost) + abs(arrays.matrix).T @ np.abs(dual))[columns]
    nothing = (price == 0.0) | (~np.isfinite(at) & (np.abs(price) <= ROUND_OFF * terms))
    return float((price[~nothing] * at[~nothing]).sum())
