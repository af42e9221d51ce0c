"""Elimination of columns that are a multiple of one integer variable from a mixed-integer program.

The compute that a single-source market is served from a site is its demand or zero: ``served = demand x assigned``.
Presolve would substitute one for the other, but small programs are proven without presolve (`docs/solving.md`).
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from planner.solve.arrays import Arrays, Floats, Ints


@dataclass(frozen=True, slots=True)
class Condensed:
    """A program with fewer columns, and the map back to the original: ``x = spread @ z``.

    Attributes
    ----------
    arrays : Arrays
    kept : array of int
        Columns of the original program that remain.
    spread : sparse array (columns, columns left)
    """

    arrays: Arrays
    kept: Ints
    spread: sparse.csr_array

    def expand(self, z: Floats) -> Floats:
        """Return the point of the original program."""
        return np.asarray(self.spread @ z)

    def reduce(self, x: Floats) -> Floats:
        """Return the point of the smaller program."""
        return x[self.kept]


def condense(arrays: Arrays) -> Condensed | None:
    """Eliminate the columns that a row fixes to a multiple of one integer variable; None if there are none.

    Such a row is ``a x + b y = 0``: ``y`` integer and not negative, ``x`` with no bound but zero, ``-b / a`` positive.
    """
    twin, factor, ratio, row = _twins(arrays)
    if not len(twin):
        return None
    count = arrays.column_count
    kept = np.setdiff1d(np.arange(count), twin)
    place = np.full(count, -1, dtype=np.int64)
    place[kept] = np.arange(len(kept))
    spread = sparse.csr_array(
        (
            np.concatenate([np.ones(len(kept)), ratio]),
            (np.concatenate([kept, twin]), np.concatenate([place[kept], place[factor]])),
        ),
        (count, len(kept)),
    )
    rows = np.ones(arrays.row_count, dtype=bool)
    rows[row] = False
    fewer = arrays.with_rows_kept(rows)
    matrix = sparse.csr_array(fewer.matrix @ spread)
    matrix.sort_indices()
    small = replace(
        fewer,
        cost=spread.T @ arrays.cost,
        lower=arrays.lower[kept],
        upper=arrays.upper[kept],
        integer=arrays.integer[kept],
        implied=arrays.implied[kept],
        declared=arrays.declared[kept],
        matrix=matrix,
        columns=tuple(arrays.columns[j] for j in kept),
    )
    return Condensed(small, kept, spread)


def _twins(arrays: Arrays) -> tuple[Ints, Ints, Floats, Ints]:
    """Return the columns to eliminate, the integer variable of each, their ratio, and the row that fixes it."""
    matrix = sparse.csr_array(arrays.matrix)
    pairs = (np.diff(matrix.indptr) == 2) & (arrays.row_lower == 0.0) & (arrays.row_upper == 0.0)
    row = np.flatnonzero(pairs)
    first = matrix.indptr[row]
    index = np.stack([matrix.indices[first], matrix.indices[first + 1]]).astype(np.int64)
    value = np.stack([matrix.data[first], matrix.data[first + 1]])
    integer_first = arrays.integer[index[0]]
    twin, factor = np.where(integer_first, index[1], index[0]), np.where(integer_first, index[0], index[1])
    ratio = np.where(integer_first, -value[0] / value[1], -value[1] / value[0])
    fits = arrays.integer[factor] & ~arrays.integer[twin] & ~arrays.implied[twin] & (ratio > 0.0)
    fits &= (arrays.lower[twin] == 0.0) & np.isposinf(arrays.upper[twin]) & (arrays.lower[factor] >= 0.0)
    _, once = np.unique(twin[fits], return_index=True)
    chosen = np.flatnonzero(fits)[once]
    return twin[chosen], factor[chosen], ratio[chosen], row[chosen]
