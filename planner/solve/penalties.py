"""Lower bounds on the cost of plans that open a site, or do not: they exclude most sites from the proof.

With the rows that couple the sites priced at the duals of the LP relaxation (Lagrangian relaxation; Geoffrion 1974),
the program decomposes into one small program per site and a constant. Their sum is a lower bound on the cost of every
plan. With one site forced open in that sum, it bounds every plan that opens the site: if it exceeds the cost of the
incumbent, no better plan opens the site. Reduced costs state the same in theory; in practice much of the cost of a site
is in columns that are zero in the relaxation, and its links are not in the program yet.
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
"""Tolerance of the solver on reduced costs (absolute), and relative margin by which a bound must exceed a cost."""
ROUND_OFF = 1e-9
"""Reduced cost of a column without bound, relative to the terms summed in it, up to which it is rounding error."""
LARGEST_PRICE = 1e3
"""Value to which the largest reduced cost of a site is scaled up, since the tolerance is absolute."""


@dataclass(frozen=True, slots=True)
class Penalties:
    """Lower bounds on the cost of plans, by what they decide for one site.

    Attributes
    ----------
    opened : array (sites,) of int
        Columns of the openings.
    bound : float
        Lower bound on the cost of every plan.
    if_open, if_closed : array (sites,)
        Lower bounds on the cost of the plans that open a site, and of those that do not.
    """

    opened: Ints
    bound: float
    if_open: Floats
    if_closed: Floats

    def level(self, count: int) -> float:
        """Return the cost up to which the bounds leave this many sites that can be opened: the cheapest to open."""
        return float(np.sort(self.if_open)[max(1, min(count, len(self.if_open))) - 1])

    def decided(self, arrays: Arrays, cost: float) -> tuple[Arrays, int]:
        """Return the program with the openings fixed that these bounds decide below a cost, and their number.

        It retains every plan that costs at most ``cost``. A bound of -infinity decides nothing.
        """
        lower, upper = arrays.lower.copy(), arrays.upper.copy()
        limit = cost + TOLERANCE * max(1.0, abs(cost))
        closed, open_ = self.opened[self.if_open > limit], self.opened[self.if_closed > limit]
        upper[closed] = lower[closed]
        lower[open_] = upper[open_]
        return arrays.with_bounds(lower, upper), len(closed) + len(open_)


def penalties(mip: MixedIntegerProgram, row_dual: Floats, solve: Callable[[Arrays], SolverResult]) -> Penalties | None:
    """Return lower bounds on the cost of opening each site, and of leaving it closed.

    Parameters
    ----------
    mip : MixedIntegerProgram
    row_dual : array
        Duals of the LP relaxation, of all rows or of all but the last ones. Any duals give valid bounds; better duals
        give better bounds.
    solve : callable
        Solves a linear program; its verdict "infeasible" and its bound must be proven.

    Returns
    -------
    Penalties or None
        None if there is no bound: a site has more than one opening decision (several periods), or a column without
        bounds has a reduced cost.
    """
    arrays = mip.arrays
    opened = np.unique(mip.links.opened)
    keys: list[Any] = [arrays.columns[column].key for column in opened]
    if len({name for name, _ in keys}) < len(opened):
        return None
    site = sites_of(arrays, mip.links)
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
    """The columns and rows of each site; a row belongs to a site if all of its columns do."""

    def __init__(self, arrays: Arrays, site: Ints, upper: Floats) -> None:
        lowest, highest = row_extremes(arrays.matrix, site)
        self.site = site
        self.local = (lowest == highest) & (lowest >= 0)
        self._row_site = np.where(self.local, lowest, -1)
        self._arrays = arrays
        self._upper = upper
        self._columns = arrays.matrix.tocsc()

    def values(self, reduced: Floats, opened: int, solve: Callable[[Arrays], SolverResult]) -> tuple[float, float]:
        """Return the least reduced cost of a site: closed, and open (inf where that is impossible)."""
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


def sites_of(arrays: Arrays, links: Links) -> Ints:
    """Return the number of the site that each column belongs to, -1 for none: from services and openings, by rows."""
    opened, number = np.unique(links.opened, return_inverse=True)
    site = np.full(arrays.column_count, -1, dtype=np.int64)
    site[links.served] = number
    site[opened] = np.arange(len(opened))
    matrix = sparse.csr_array(arrays.matrix)
    row_of = np.repeat(np.arange(arrays.row_count), np.diff(matrix.indptr))
    while True:
        lowest, highest = row_extremes(matrix, site)
        one = (lowest == highest) & (lowest >= 0)
        spread = one[row_of] & (site[matrix.indices] < 0)
        if not spread.any():
            return site
        site[matrix.indices[spread]] = lowest[row_of[spread]]


def row_extremes(matrix: sparse.csr_array, site: Ints) -> tuple[Ints, Ints]:
    """Return the lowest and the highest site number among the columns of each row (lowest > highest: none)."""
    none = len(site) + 1
    lowest = np.full(matrix.shape[0], none, dtype=np.int64)
    highest = np.full(matrix.shape[0], -1, dtype=np.int64)
    row_of = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    of_site = site[matrix.indices]
    np.minimum.at(lowest, row_of, np.where(of_site < 0, none, of_site))
    np.maximum.at(highest, row_of, of_site)
    return lowest, highest


def _with_demand_as_limit(arrays: Arrays, links: Links) -> Floats:
    """Return the upper bounds, those of served columns at most the demand, which the demand balance implies."""
    upper = arrays.upper.copy()
    upper[links.served] = np.minimum(upper[links.served], links.demand)
    return upper


def _right_sign(arrays: Arrays, row_dual: Floats) -> Floats:
    """Return the duals, zero where they price a side that the row does not have."""
    dual = np.zeros(arrays.row_count)
    dual[: len(row_dual)] = row_dual
    dual[(dual > 0.0) & ~np.isfinite(arrays.row_lower)] = 0.0
    dual[(dual < 0.0) & ~np.isfinite(arrays.row_upper)] = 0.0
    return dual


def _constant(arrays: Arrays, dual: Floats) -> float:
    """Return the least value of the priced rows."""
    side = np.where(dual > 0.0, arrays.row_lower, arrays.row_upper)
    return float((dual * np.where(dual == 0.0, 0.0, side)).sum())


def _least(arrays: Arrays, dual: Floats, reduced: Floats, columns: Ints) -> float:
    """Return the least value of the columns of no site; -inf if one without bound has a reduced cost."""
    price = reduced[columns]
    at = np.where(price > 0.0, arrays.lower[columns], arrays.upper[columns])
    terms = (np.abs(arrays.cost) + abs(arrays.matrix).T @ np.abs(dual))[columns]
    zero = (price == 0.0) | (~np.isfinite(at) & (np.abs(price) <= ROUND_OFF * terms))
    return float((price[~zero] * at[~zero]).sum())
