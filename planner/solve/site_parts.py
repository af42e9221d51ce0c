"""Programs of some of the sites of an allocation and of some of their links, made of the program itself."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from planner.solve.allocation import Allocation
from planner.solve.arrays import INFINITY, Arrays, Floats, Ints
from planner.solve.mip import LINK
from planner.solve.site_whole import assigning
from planner.symbols import Row

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Part:
    """A program of some of the sites, and where it is in the program.

    Attributes
    ----------
    allocation : Allocation
    arrays : Arrays
    columns, rows : array of int
        Columns and rows of the program that it has.
    all_open, most : array (columns,)
        Lower bounds with which all of its sites are open, and with which also whatever is integer of a site is at its
        upper bound: capacity costs nothing.
    whole : array (columns,)
        Compute of each column of service that is all or nothing; 0 for all others.
    """

    allocation: Allocation
    arrays: Arrays
    columns: Ints
    rows: Ints
    all_open: Floats
    most: Floats
    whole: Floats

    def linear(self, lower: Floats) -> Arrays:
        """Return its LP relaxation with other lower bounds."""
        return self.arrays.relaxed().with_bounds(lower, self.arrays.upper)

    def point(self, values: Floats) -> Floats:
        """Return the point of the full program: all other sites closed, nothing served by other links."""
        return self.allocation.point(values, self.columns)

    def assigned_point(self, values: Floats) -> Floats:
        """Return the point of the full program from one of `assigning` or `with_links`, where shares are served."""
        return self.point(values * np.where(self.whole > 0.0, self.whole, 1.0))

    def start(self, point: Floats) -> Floats:
        """Return the point of `with_links` that a point of the full program is."""
        return point[self.columns] / np.where(self.whole > 0.0, self.whole, 1.0)

    def assigning(self) -> Arrays:
        """Return the program with all of its sites open and at their capacity, and service all or nothing."""
        return assigning(self.arrays.with_bounds(self.most, self.arrays.upper), self.whole)

    def reduced_costs(self, row_dual: Floats) -> Floats:
        """Return the reduced costs of all links of the program by duals; infinite where there is no link."""
        a = self.allocation
        reduced = a.cost - a.by_column.T @ self._duals(row_dual)
        return np.where(a.served >= 0, reduced[np.maximum(a.served, 0)], INFINITY)

    def prices(self, row_dual: Floats) -> Floats:
        """Return the duals of the balances of the demands, which are prices."""
        return self._duals(row_dual)[self.allocation.balance]

    def _duals(self, row_dual: Floats) -> Floats:
        dual = np.zeros(self.allocation.arrays.row_count)
        dual[self.rows] = row_dual
        return dual

    def with_links(self) -> Arrays:
        """Return the program with rows ``served <= demand x open`` for all of its links, and service all or nothing."""
        a = self.allocation
        place = np.full(a.arrays.column_count, -1, dtype=np.int64)
        place[self.columns] = np.arange(len(self.columns))
        site, demand = np.nonzero((a.served >= 0) & (place[np.maximum(a.served, 0)] >= 0))
        count = len(site)
        value = np.stack([np.ones(count), -a.demand[demand]]).ravel()
        column = np.stack([place[a.served[site, demand]], place[a.opened[site]]]).ravel()
        row = np.tile(np.arange(count), 2)
        more = sparse.csr_array((value, (row, column)), shape=(count, len(self.columns)))
        linked = replace(
            self.arrays,
            matrix=sparse.csr_array(sparse.vstack([self.arrays.matrix, more])),
            row_lower=np.concatenate([self.arrays.row_lower, np.full(count, -INFINITY)]),
            row_upper=np.concatenate([self.arrays.row_upper, np.zeros(count)]),
            rows=self.arrays.rows + tuple(Row(LINK, number) for number in range(count)),
        )
        return assigning(linked, self.whole)


def part_of(allocation: Allocation, sites: Mask, links: Mask) -> Part:
    """Return the program of some sites and of some of their links.

    Rows of other sites, and the columns that follow from a row, are left out.

    Parameters
    ----------
    allocation : Allocation
    sites : array (sites,) of bool
    links : array (sites, demands) of bool
        Links of other sites, and those that are not in the program, do not count.
    """
    a, arrays = allocation, allocation.arrays
    there = np.concatenate([sites, [False]])[a.site] | (a.site < 0)
    there &= a.given < 0
    there[a.whole.assigned] = False
    there[a.served[(a.served >= 0) & ~(links & sites[:, None])]] = False
    kept = np.flatnonzero(there)
    matrix = sparse.csr_array(a.by_column[:, kept])
    rows = np.flatnonzero(np.diff(matrix.indptr) > 0)
    rows = rows[~np.isin(rows, a.given[a.given >= 0])]
    all_open, most = arrays.lower[kept].copy(), arrays.lower[kept].copy()
    opened = np.zeros(arrays.column_count, dtype=bool)
    opened[a.opened] = True
    all_open[opened[kept]] = 1.0
    fixed = arrays.integer[kept] & np.isfinite(arrays.upper[kept]) & (a.site[kept] >= 0)
    most[fixed] = arrays.upper[kept][fixed]
    part = Arrays(
        cost=a.cost[kept],
        offset=a.constant,
        lower=arrays.lower[kept],
        upper=arrays.upper[kept],
        integer=arrays.integer[kept],
        implied=arrays.implied[kept],
        declared=arrays.declared[kept],
        matrix=sparse.csr_array(matrix[rows]),
        row_lower=arrays.row_lower[rows],
        row_upper=arrays.row_upper[rows],
        columns=tuple(arrays.columns[j] for j in kept),
        rows=tuple(arrays.rows[i] for i in rows),
    )
    return Part(a, part, kept, rows, all_open, np.maximum(all_open, most), a.whole.factors(kept))
