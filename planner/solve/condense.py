"""Elimination of columns that rows define by integer variables from a mixed-integer program.

The compute that a single-source market is served from a site is its demand or zero: ``served = demand x assigned``.
Blocks in force, stock and installed capacity are sums of blocks times their IT GW. Presolve would substitute one for
the other, but small programs are proven without presolve (`docs/solving.md`).
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from planner.solve.arrays import Arrays, Floats, Ints

MOST_FILL = 2000
"""Largest number of entries (terms of a sum x rows that have it) that its elimination may bring: longer sums,
such as the compute that a redundancy cut counts, keep their columns."""
SMALL, CANCELLED = 1e-8, 1e-12
"""Coefficients below which no elimination may bring any, since the solver drops the smallest; and the share of its
terms below which a coefficient is what rounding leaves of a sum of zero."""


@dataclass(frozen=True, slots=True)
class Condensed:
    """A program with fewer columns, and the map back to the original: ``x = constant + spread @ z``.

    Attributes
    ----------
    arrays : Arrays
    kept : array of int
        Columns of the original program that remain.
    spread : sparse array (columns, columns left)
    constant : array (columns,)
    """

    arrays: Arrays
    kept: Ints
    spread: sparse.csr_array
    constant: Floats

    def expand(self, z: Floats) -> Floats:
        """Return the point of the original program."""
        return np.asarray(self.constant + self.spread @ z)

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
    return _condensed(arrays, row, kept, spread, np.zeros(count))


def _condensed(arrays: Arrays, row: Ints, kept: Ints, spread: sparse.csr_array, constant: Floats) -> Condensed | None:
    """Return the program without the defining rows, in the columns kept; None if it has `SMALL` coefficients."""
    rows = np.ones(arrays.row_count, dtype=bool)
    rows[row] = False
    fewer = arrays.with_rows_kept(rows)
    matrix = sparse.csr_array(fewer.matrix @ spread)
    matrix.sort_indices()
    terms = sparse.csr_array(np.abs(fewer.matrix) @ np.abs(spread))
    if _small(matrix, terms) > _small(fewer.matrix, np.abs(fewer.matrix)):
        return None
    shift = fewer.matrix @ constant
    small = replace(
        fewer,
        cost=spread.T @ arrays.cost,
        offset=arrays.objective(constant),
        lower=arrays.lower[kept],
        upper=arrays.upper[kept],
        integer=arrays.integer[kept],
        implied=arrays.implied[kept],
        declared=arrays.declared[kept],
        matrix=matrix,
        row_lower=fewer.row_lower - shift,
        row_upper=fewer.row_upper - shift,
        columns=tuple(arrays.columns[j] for j in kept),
    )
    return Condensed(small, kept, spread, constant)


def _small(matrix: sparse.csr_array, terms: sparse.csr_array) -> int:
    """Return how many coefficients are small, beside what rounding leaves of sums of terms that cancel."""
    entries = sparse.coo_array(matrix)
    value = np.abs(entries.data)
    small = (value > 0.0) & (value < SMALL)
    if not small.any():
        return 0
    all_terms = sparse.coo_array(terms)
    width = matrix.shape[1]
    place, sizes = all_terms.row.astype(np.int64) * width + all_terms.col, all_terms.data
    order = np.argsort(place)
    wanted = entries.row[small].astype(np.int64) * width + entries.col[small]
    found = order[np.searchsorted(place[order], wanted)]
    return int((value[small] > CANCELLED * sizes[found]).sum())


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


def spell_out(arrays: Arrays) -> Condensed | None:
    """Eliminate the columns that rows define as sums of integer variables; None if there are none.

    Such a row is ``x = c + sum of w_k y_k``: ``c`` and every ``w_k`` not negative, every ``y_k`` not negative and
    integer, or itself such a sum; ``x`` with no bound but zero, which then holds by itself. Both programs have the same
    points at the same cost. In the smaller one, rows that limit sums are rows of integer variables: the solver derives
    cuts from them that it does not find across the defining rows.
    """
    count = arrays.column_count
    matrix = sparse.csr_array(arrays.matrix)
    entries = np.bincount(matrix.indices, minlength=count)
    row_of, value, defines = _defining_entries(arrays, matrix)
    known = arrays.integer & (arrays.lower >= 0.0)
    spread, constant = sparse.csr_array(sparse.eye_array(count)), np.zeros(count)
    used: list[Ints] = []
    gone = np.zeros(count, dtype=bool)
    while True:
        unknown = np.bincount(row_of, ~known[matrix.indices], arrays.row_count)
        ready = np.flatnonzero(defines & ~known[matrix.indices] & (unknown[row_of] == 1))
        column, once = np.unique(matrix.indices[ready], return_index=True)
        if not len(column):
            break
        ready = ready[once]
        row = row_of[ready]
        own = sparse.csr_array((np.ones(len(row)), (np.arange(len(row)), column)), (len(row), count))
        share = sparse.csr_array(own - sparse.diags_array(1.0 / value[ready]) @ matrix[row])
        share.eliminate_zeros()
        terms = sparse.csr_array(share @ spread)
        short = np.diff(terms.indptr) * entries[column] <= MOST_FILL
        defines &= ~np.isin(matrix.indices, column[~short])
        constant[column[short]] = (arrays.row_lower[row] / value[ready] + share @ constant)[short]
        spread = sparse.csr_array(spread + own[short].T @ (terms[short] - own[short]))
        spread.eliminate_zeros()
        known[column[short]] = gone[column[short]] = True
        used.append(row[short])
    if not gone.any():
        return None
    kept = np.flatnonzero(~gone)
    return _condensed(arrays, np.concatenate(used), kept, sparse.csr_array(spread[:, kept]), constant)


def _defining_entries(arrays: Arrays, matrix: sparse.csr_array) -> tuple[Ints, Floats, npt.NDArray[np.bool_]]:
    """Return the row and value of each entry, and whether its row defines its column as a sum of the others."""
    row = np.repeat(np.arange(arrays.row_count), np.diff(matrix.indptr))
    column, value = matrix.indices, matrix.data
    equal = (arrays.row_lower == arrays.row_upper) & np.isfinite(arrays.row_lower)
    positive, negative = (np.bincount(row, sign, arrays.row_count) for sign in (value > 0.0, value < 0.0))
    alone = np.where(value > 0.0, positive[row] == 1, (value < 0.0) & (negative[row] == 1))
    free = ~arrays.integer & (arrays.lower == 0.0) & np.isposinf(arrays.upper)
    at_least_zero = np.where(equal, arrays.row_lower, 0.0)[row] * np.sign(value) >= 0.0
    return row, value, equal[row] & alone & free[column] & at_least_zero
