"""Site allocation recognised in a program, from its rows: which sites to open, and which site serves which demand.

The form is ``min sum(f y) + sum(c x)`` with ``sum(x) = d`` for each demand, ``x <= d y``, and for each site
``sum(x) <= K y``; at least and at most some number of sites may be open. Whatever else a program has must be fixed, or
free of cost and within one site: such columns are the capacity that an open site can have. The service of a demand may
have to be all or nothing (`planner.solve.site_whole`).
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from planner.solve.arrays import INFINITY, Arrays, Floats, Ints
from planner.solve.certificate import box_of
from planner.solve.mip import MixedIntegerProgram
from planner.solve.penalties import row_extremes, sites_of
from planner.solve.site_whole import Whole, without_assignments

Mask = npt.NDArray[np.bool_]

FREE_OF_COST = 1e-12
"""Cost, relative to the largest of the program, up to which a column may count as free of cost; what it may bring over
its range is taken from the bounds."""
_EPSILON = float(np.finfo(np.float64).eps)
SLACK = 2e-6
"""Relative tolerance with which plans satisfy rows, doubled: numbers of sites are derived with as much less demand."""

AMPLE = 1e-9
"""Share of what a site may serve that its capacity may lack and still count as no limit: far within the tolerance of
plans, and bounds hold without capacities."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """A site allocation, and where it is in the program.

    Attributes
    ----------
    arrays : Arrays
        The program; if service is all or nothing, that in which it may be split.
    whole : Whole
        Service that is all or nothing.
    cost : array (columns,)
    constant : float
        Costs and offset of the program with the columns that follow from a row put into the objective.
    opened : array (sites,) of int
        Columns of the openings.
    served : array (sites, demands) of int
        Columns of served compute; -1 where a site may not serve.
    site : array (columns,) of int
        Site of each column; -1 for none.
    fixed_cost, capacity : array (sites,)
        In the units of the program.
    unit_cost : array (sites, demands)
        Infinite where a site may not serve.
    demand : array (demands,)
    offset : float
        Least cost of what every plan has.
    rounding : float
        Most by which rounding in the costs, as read from the rows, may raise a bound.
    fewest, most : int
        Least and greatest number of open sites.
    given : array (columns,) of int
        For a column without bounds, the row that it follows from; -1 for all others.
    balance : array (demands,) of int
        Row of the balance of each demand.
    by_column : sparse array
        The matrix of the program, stored by columns.
    """

    arrays: Arrays
    whole: Whole
    cost: Floats
    constant: float
    opened: Ints
    served: Ints
    site: Ints
    fixed_cost: Floats
    capacity: Floats
    unit_cost: Floats
    demand: Floats
    offset: float
    rounding: float
    fewest: int
    most: int
    given: Ints
    balance: Ints
    by_column: sparse.csc_array

    @property
    def ample(self) -> bool:
        """Whether no capacity binds: each site can serve all that it may serve at once."""
        site, demand = np.nonzero(np.isfinite(self.unit_cost))
        reached = np.bincount(site, self.demand[demand], len(self.capacity))
        return bool((self.capacity >= reached * (1.0 - AMPLE)).all())

    @property
    def unlimited(self) -> bool:
        """Whether each demand is served by its cheapest open site: no capacity binds, and service may be split."""
        return self.ample and not self.whole.any

    def without(self, sites: Mask) -> "Allocation":
        """Return the allocation without some of its sites: they stay closed, and have no columns in any part."""
        kept = np.flatnonzero(~sites)
        number = np.full(len(sites) + 1, len(kept), dtype=np.int64)
        number[kept] = np.arange(len(kept))
        number[-1] = -1
        return replace(
            self,
            opened=self.opened[kept],
            served=self.served[kept],
            site=number[self.site],
            fixed_cost=self.fixed_cost[kept],
            capacity=self.capacity[kept],
            unit_cost=self.unit_cost[kept],
        )

    def point(self, values: Floats, kept: Ints) -> Floats:
        """Return a point of the program from one of a part of it: all other sites closed, given columns filled in.

        What serves all of a single-source demand is assigned to it.
        """
        x = np.where(np.isfinite(self.arrays.lower), self.arrays.lower, 0.0)
        x[kept] = values
        for column in np.flatnonzero(self.given >= 0):
            row = int(self.given[column])
            there = slice(self.arrays.matrix.indptr[row], self.arrays.matrix.indptr[row + 1])
            index, value = self.arrays.matrix.indices[there], self.arrays.matrix.data[there]
            x[column] = 0.0
            x[column] = (self.arrays.row_lower[row] - value @ x[index]) / float(value[index == column].sum())
        return self.whole.completed(x)


def recognised(mip: MixedIntegerProgram) -> Allocation | None:
    """Return the site allocation that a program is, or None if it is none."""
    links = mip.links
    if not len(links.served) or mip.network is not None:
        return None
    split = without_assignments(mip.arrays, links.served)
    if split is None:
        return None
    arrays, whole = split
    opened, number = np.unique(links.opened, return_inverse=True)
    if not (
        arrays.integer[opened].all() and (arrays.lower[opened] == 0.0).all() and (arrays.upper[opened] == 1.0).all()
    ):
        return None
    site = sites_of(arrays, links)
    lowest, highest = row_extremes(arrays.matrix, site)
    local = (lowest == highest) & (lowest >= 0)
    given = _given(arrays, site, local)
    if given is None:
        return None
    cost, offset, size, offset_size = _priced(arrays, given)
    frame = _Frame(arrays, opened, links.served, site, np.where(local, lowest, -1))
    most_served = frame.capacity()
    others = _others_cost(arrays, cost, frame.is_served, opened, site, given)
    if most_served is None or others is None:
        return None
    coupling = np.setdiff1d(np.flatnonzero(~local), given[given >= 0])
    rows = _Coupling.read(arrays, coupling, frame.is_served, opened)
    if rows is None or not _is_one_each(number, rows.demand_of[links.served]):
        return None
    if not whole.agrees(rows.demand_of, rows.demand):
        return None
    total = float(rows.demand.sum())
    if total <= 0.0:
        return None  # nothing to serve: the other stages say so at once
    shape = (len(opened), len(rows.demand))
    served = np.full(shape, -1, dtype=np.int64)
    served[number, rows.demand_of[links.served]] = links.served
    unit_cost = np.where(served >= 0, cost[np.maximum(served, 0)], INFINITY)
    largest = np.where(served >= 0, size[np.maximum(served, 0)], 0.0).max(axis=0)
    sizes = offset_size + abs(others) + float(size[opened].sum()) + float(largest @ rows.demand)
    rounding = 8.0 * sum(shape) * _EPSILON * sizes
    least = _fewest(most_served, total)
    return Allocation(
        arrays, whole, cost, offset, opened, served, site, cost[opened], most_served, unit_cost, rows.demand,
        offset + others, rounding, max(rows.fewest, least), min(rows.most, len(opened)), given,
        rows.balance, arrays.matrix.tocsc(),
    )  # fmt: skip


def _given(arrays: Arrays, site: Ints, local: Mask) -> Ints | None:
    """Return the row that each column without bounds follows from; None if there is one that follows from none."""
    given = np.full(arrays.column_count, -1, dtype=np.int64)
    free = np.flatnonzero(np.isneginf(arrays.lower) & np.isposinf(arrays.upper))
    columns = arrays.matrix.tocsc()
    for column in free:
        rows = columns.indices[columns.indptr[column] : columns.indptr[column + 1]]
        if len(rows) != 1 or site[column] >= 0:
            return None
        row = int(rows[0])
        if local[row] or arrays.row_lower[row] != arrays.row_upper[row] or row in given or arrays.integer[column]:
            return None
        given[column] = row
    return given


def _priced(arrays: Arrays, given: Ints) -> tuple[Floats, float, Floats, float]:
    """Return the costs of columns and the offset with the columns that follow from a row put into the objective.

    Third and fourth are the sums of the sizes of their terms, to which rounding errors are in proportion.
    """
    columns = np.flatnonzero(given >= 0)
    dual = np.zeros(arrays.row_count)
    for column in columns:
        row = int(given[column])
        there = slice(arrays.matrix.indptr[row], arrays.matrix.indptr[row + 1])
        factor = float(arrays.matrix.data[there][arrays.matrix.indices[there] == column].sum())
        dual[row] = arrays.cost[column] / factor
    cost = arrays.cost - arrays.matrix.T @ dual
    cost[columns] = 0.0
    sides = arrays.row_lower[given[columns]]
    size = np.abs(arrays.cost) + np.abs(arrays.matrix).T @ np.abs(dual)
    offset_size = abs(arrays.offset) + float(np.abs(dual[given[columns]]) @ np.abs(sides))
    return cost, float(arrays.offset + dual[given[columns]] @ sides), size, offset_size


def _others_cost(arrays: Arrays, cost: Floats, served: Mask, opened: Ints, site: Ints, given: Ints) -> float | None:
    """Return the least cost of the columns that are neither openings nor service: they are fixed, or free of cost."""
    other = ~served & (given < 0)
    other[opened] = False
    fixed = arrays.lower == arrays.upper
    costs = np.abs(cost) > FREE_OF_COST * float(np.abs(cost).max(initial=1.0))
    if (other & costs & ~fixed).any() or (other & arrays.integer & (site < 0) & ~fixed).any():
        return None
    if (other & (site >= 0) & ((arrays.lower != 0.0) | (arrays.upper < 0.0))).any() or (
        arrays.lower[served] != 0.0
    ).any():
        return None
    there = other & (cost != 0.0)
    ends = np.stack([arrays.lower[there], arrays.upper[there]]) * cost[there]
    least = float(ends.min(axis=0).sum())
    return least if np.isfinite(least) else None


def _is_one_each(number: Ints, demand: Ints) -> bool:
    """Return whether no site has two columns for the same demand, and each has one."""
    return bool((demand >= 0).all()) and len(np.unique(np.stack([number, demand]), axis=1).T) == len(number)


def _fewest(capacity: Floats, demand: float) -> int:
    """Return the least number of sites whose capacity can serve all demand; one more than there are if none can.

    Examples
    --------
    >>> [_fewest(np.array([4.0, 6.0]), demand) for demand in (0.0, 5.0, 6.0, 7.0, 11.0)]
    [0, 1, 1, 2, 3]
    """
    if demand <= 0.0:
        return 0
    reached = np.cumsum(np.sort(capacity)[::-1])
    return int(np.searchsorted(reached, demand * (1.0 - SLACK))) + 1


@dataclass(frozen=True, slots=True)
class _Coupling:
    """The rows that tie sites together: the balance of each demand, and limits on the number of open sites."""

    demand: Floats
    demand_of: Ints
    balance: Ints
    fewest: int
    most: int

    @classmethod
    def read(cls, arrays: Arrays, rows: Ints, served: Mask, opened: Ints) -> "_Coupling | None":
        """Read the rows; None if one is of another kind."""
        demand: list[float] = []
        balance: list[int] = []
        demand_of = np.full(arrays.column_count, -1, dtype=np.int64)
        is_opened = np.zeros(arrays.column_count, dtype=bool)
        is_opened[opened] = True
        fewest, most = 0, len(opened)
        for row in rows:
            there = slice(arrays.matrix.indptr[row], arrays.matrix.indptr[row + 1])
            index, value = arrays.matrix.indices[there], arrays.matrix.data[there]
            low, up = float(arrays.row_lower[row]), float(arrays.row_upper[row])
            if is_opened[index].all() and len(index) == len(opened) and (value == value[0]).all() and value[0] > 0.0:
                fewest = max(fewest, int(np.ceil(max(0.0, low / value[0]) - SLACK)))
                most = min(most, int(np.floor(min(float(len(opened)), up / value[0]) + SLACK)))
                continue
            mine = served[index]
            rest = index[~mine]
            whole = (value[mine] == 1.0).all() and low == up and (arrays.lower[rest] == arrays.upper[rest]).all()
            if not mine.any() or not whole or (demand_of[index[mine]] >= 0).any():
                return None
            demand_of[index[mine]] = len(demand)
            there_fixed = value[~mine] * arrays.lower[rest]
            if 2.0 * float(np.abs(there_fixed).sum()) > abs(low) and there_fixed.any():
                return None  # what is left of the demand would be a difference of larger numbers
            demand.append(low - float(there_fixed.sum()))
            balance.append(int(row))
        amounts = np.array(demand)
        return (
            None
            if not demand or (amounts < 0.0).any()
            else cls(amounts, demand_of, np.array(balance, dtype=np.int64), fewest, most)
        )


class _Frame:
    """The rows of the sites: one limits what a site serves, the others what capacity it has if it is open."""

    def __init__(self, arrays: Arrays, opened: Ints, served: Ints, site: Ints, row_site: Ints) -> None:
        self._arrays = arrays
        self._opened = opened
        self._site = site
        self._row_site = row_site
        self.is_served = np.zeros(arrays.column_count, dtype=bool)
        self.is_served[served] = True
        self._links = np.bincount(site[served], minlength=len(opened))

    def capacity(self) -> Floats | None:
        """Return the most that each site can serve if it is open; None unless one row limits it, to zero if closed."""
        pattern = np.abs(self._arrays.matrix)  # entries may cancel in a sum
        serving = pattern @ self.is_served.astype(np.float64) > 0.0
        limits = np.flatnonzero(serving & (self._row_site >= 0))
        if not np.array_equal(np.sort(self._row_site[limits]), np.arange(len(self._opened))):
            return None
        inner = np.flatnonzero(~serving & (self._row_site >= 0))
        columns = np.flatnonzero((self._site >= 0) & ~self.is_served)
        ends = [self._upper(inner, columns, value) for value in (1.0, 0.0)]
        found = np.zeros((2, len(self._opened)))
        for row in limits:
            most = self._limit(int(row), ends)
            if most is None:
                return None
            found[:, self._row_site[row]] = most
        return None if (found[1] > FREE_OF_COST * (1.0 + found[0])).any() else np.maximum(0.0, found[0])

    def _upper(self, rows: Ints, columns: Ints, value: float) -> Floats:
        """Return upper bounds of the columns with all sites open, or all closed."""
        arrays = self._arrays
        upper = arrays.upper.copy()
        if value == 0.0:  # only missing bounds are found from rows
            upper[columns] = INFINITY
        upper[self._opened] = value
        part = replace(
            arrays,
            cost=arrays.cost[columns],
            lower=arrays.lower[columns],
            upper=upper[columns],
            matrix=sparse.csr_array(arrays.matrix[rows].tocsc()[:, columns]),
            row_lower=arrays.row_lower[rows],
            row_upper=arrays.row_upper[rows],
        )
        upper[columns] = box_of(part).upper
        return upper

    def _limit(self, row: int, ends: list[Floats]) -> list[float] | None:
        """Return what a row lets a site serve at each end; None if it is not ``sum(x) <= capacity``."""
        arrays = self._arrays
        there = slice(arrays.matrix.indptr[row], arrays.matrix.indptr[row + 1])
        index, value = arrays.matrix.indices[there], arrays.matrix.data[there]
        mine = self.is_served[index]
        weight, side = value[mine], float(arrays.row_upper[row])
        whole = len(weight) == self._links[self._row_site[row]]
        if not whole or weight[0] <= 0.0 or (weight != weight[0]).any() or np.isfinite(arrays.row_lower[row]):
            return None
        if side < 0.0:
            return None
        most = [(side - float(np.minimum(0.0, value[~mine] * upper[index[~mine]]).sum())) / weight[0] for upper in ends]
        return most if np.isfinite(most).all() else None
