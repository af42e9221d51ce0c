"""Single-source demands of a site allocation: what each site serves of them is all or nothing.

In the program such service is ``served = demand x assigned``, with at most one site assigned to the demand. With that
left out, service may be split: a relaxation of the same form as that of the other demands, whose bounds hold for all
plans. Plans are programs of few sites and links in which the service itself is the integer variable.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from planner.solve.arrays import Arrays, Floats, Ints

Mask = npt.NDArray[np.bool_]

SAME = 1e-9
"""Relative difference up to which the demand of an assignment and that of the balance are the same number."""


@dataclass(frozen=True, slots=True)
class Whole:
    """Which service is all or nothing, by columns of the program.

    Attributes
    ----------
    served, assigned : array (links,) of int
        Columns of served compute, and of the assignments of the same sites to the same demands.
    demand : array (links,)
        Compute that is served if the site is assigned.
    """

    served: Ints
    assigned: Ints
    demand: Floats

    @property
    def any(self) -> bool:
        """Whether any service is all or nothing."""
        return len(self.served) > 0

    def completed(self, x: Floats) -> Floats:
        """Return a point whose service is all or nothing, with the assignments that it implies.

        Examples
        --------
        >>> whole = Whole(np.array([0, 1]), np.array([2, 3]), np.array([5.0, 8.0]))
        >>> whole.completed(np.array([5.0, 1e-9, 0.0, 0.0])).tolist()
        [5.0, 0.0, 1.0, 0.0]
        """
        point = x.copy()
        point[self.assigned] = np.round(x[self.served] / self.demand)
        point[self.served] = self.demand * point[self.assigned]
        return point

    def agrees(self, demand_of: Ints, demand: Floats) -> bool:
        """Return whether what is assigned is all of each demand.

        Parameters
        ----------
        demand_of : array (columns,) of int
            The demand that each column serves.
        demand : array (demands,)
        """
        amount = demand[demand_of[self.served]]
        return bool((np.abs(amount - self.demand) <= SAME * self.demand).all())

    def factors(self, columns: Ints) -> Floats:
        """Return the demand of each of some columns that is all or nothing; 0 for all others."""
        factor = np.zeros(1 + int(max(columns.max(initial=0), self.served.max(initial=0))))
        factor[self.served] = self.demand
        return factor[columns]


def without_assignments(arrays: Arrays, served: Ints) -> tuple[Arrays, Whole] | None:
    """Return the program in which service may be split, and what is to be all or nothing.

    Its columns are those of the program, with the assignments fixed at zero; it lacks the rows that they are in.

    Parameters
    ----------
    arrays : Arrays
    served : array of int
        Columns of served compute.

    Returns
    -------
    tuple or None
        None if an assignment has a cost, or is in a row that asks more than one site per demand.
    """
    is_served = np.zeros(arrays.column_count, dtype=bool)
    is_served[served] = True
    binary = arrays.integer & (arrays.lower == 0.0) & (arrays.upper == 1.0) & (arrays.cost == 0.0)
    whole, rows = _assignments(arrays, is_served, binary)
    if not whole.any:
        return arrays, whole
    once = len(np.unique(whole.served)) == len(np.unique(whole.assigned)) == len(whole.served)
    assigned = np.zeros(arrays.column_count)
    assigned[whole.assigned] = 1.0
    touched = np.flatnonzero((np.abs(arrays.matrix) > 0.0).astype(np.float64) @ assigned > 0.0)
    other = np.setdiff1d(touched, rows)
    if not once or not all(_is_one_site(arrays, int(row), assigned > 0.0) for row in other):
        return None
    keep = np.ones(arrays.row_count, dtype=bool)
    keep[touched] = False
    upper, integer = arrays.upper.copy(), arrays.integer.copy()
    upper[whole.assigned], integer[whole.assigned] = 0.0, False
    return replace(arrays.with_rows_kept(keep), upper=upper, integer=integer), whole


def _assignments(arrays: Arrays, served: Mask, binary: Mask) -> tuple[Whole, Ints]:
    """Return the pairs of service and assignment that a row ``served = demand x assigned`` ties, and these rows."""
    matrix = arrays.matrix
    rows = np.flatnonzero((np.diff(matrix.indptr) == 2) & (arrays.row_lower == 0.0) & (arrays.row_upper == 0.0))
    first = matrix.indptr[rows]
    index = np.stack([matrix.indices[first], matrix.indices[first + 1]]).astype(np.int64)
    value = np.stack([matrix.data[first], matrix.data[first + 1]])
    swapped = served[index[1]]
    index[:, swapped], value[:, swapped] = index[::-1, swapped], value[::-1, swapped]
    tied = served[index[0]] & binary[index[1]] & (value[0] * value[1] < 0.0)
    index, value = index[:, tied], value[:, tied]
    return Whole(index[0], index[1], -value[1] / value[0]), rows[tied]


def _is_one_site(arrays: Arrays, row: int, assigned: Mask) -> bool:
    """Return whether a row allows any one of its assignments: what a demand is served from is then one of them."""
    there = slice(arrays.matrix.indptr[row], arrays.matrix.indptr[row + 1])
    value = arrays.matrix.data[there]
    alone = bool(assigned[arrays.matrix.indices[there]].all())
    return alone and bool((arrays.row_lower[row] <= 0.0) & (value <= arrays.row_upper[row]).all())


def assigning(arrays: Arrays, demand: Floats) -> Arrays:
    """Return a program whose service is all or nothing: the share of the demand, an integer, in place of the compute.

    Parameters
    ----------
    arrays : Arrays
    demand : array (columns,)
        Compute of each such column if it serves its demand; 0 for all others.
    """
    chosen = demand > 0.0
    factor = np.where(chosen, demand, 1.0)
    return replace(
        arrays,
        cost=arrays.cost * factor,
        upper=np.where(chosen, 1.0, arrays.upper),
        integer=arrays.integer | chosen,
        declared=arrays.declared | chosen,
        matrix=sparse.csr_array(arrays.matrix @ sparse.diags_array(factor)),
    )
