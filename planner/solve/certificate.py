"""Proofs about linear programs, verified outside the solver by arithmetic on the arrays, with rounding accounted for.

The claims of a solver about a linear program come with numbers, its duals, that prove them and can be verified. The
duals need not be exact, nor even good: a verification that succeeds is a proof wherever they come from (Neumaier and
Shcherbina, Safe bounds in linear and mixed-integer programming, 2004).
"""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from planner.solve.arrays import INFINITY, Arrays, Floats

ROW_TOLERANCE = 1e-7
"""Violation of a row, relative to ``Arrays.row_scale``, up to which it counts as satisfied: that of the solver. A
program is infeasible if its rows, all relaxed by this much, still contradict one another."""
REACH = 1e9
"""Columns without bound, of their own or implied by rows, are assumed to stay within this, in the program's units. The
assumption affects only what rounding leaves of their coefficients (`_NOISE`)."""
_NOISE = 1e-6
"""Coefficient of such a column, relative to the terms whose difference it is, up to which it counts as rounding error;
if it is larger, nothing is proven."""
_RAY_TOLERANCE = 1e-12
"""Violation of a row by a ray, relative to the terms summed in its activity, that counts as rounding error."""
_ROUNDS = 20
"""Rounds of bound propagation."""
_DUST = 1e-12
"""Share of the largest entry of a ray below which an entry is set to zero as rounding error; the rest is verified."""
_EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True)
class Box:
    """Bounds that every point that satisfies the rows satisfies too; infinite where a column has none."""

    lower: Floats
    upper: Floats


def box_of(arrays: Arrays, tolerance: float = 0.0, known: Box | None = None) -> Box:
    """Return the bounds of columns, with those that rows imply in place of missing ones.

    Parameters
    ----------
    arrays : Arrays
    tolerance : float
        The bounds hold for every point that satisfies all rows to within this, relative to their scale.
    known : Box or None
        Of the same program before columns were added at its end, or rows: only what is missing there is sought.
    """
    program = _relaxed_rows(arrays, tolerance)
    lower, upper = arrays.lower.copy(), arrays.upper.copy()
    if known is not None:
        lower[: len(known.lower)], upper[: len(known.upper)] = known.lower, known.upper
    far = ~np.isfinite(lower), ~np.isfinite(upper)
    for _ in range(_ROUNDS):
        # Wide bounds are propagated again: tighter ones prove more.
        far = far[0] & (lower < -REACH), far[1] & (upper > REACH)
        if not (far[0].any() or far[1].any()):
            break
        low, up = implied_bounds(_rows_with(program, far[0] | far[1]), lower, upper)
        before = lower.copy(), upper.copy()
        # If bounds cross, there is no point at all: any box is valid then, and a proper one is more useful.
        lower[far[0]] = np.minimum(np.maximum(low, lower), upper)[far[0]]
        upper[far[1]] = np.maximum(np.minimum(up, upper), lower)[far[1]]
        if (lower == before[0]).all() and (upper == before[1]).all():
            break
    return Box(lower, upper)


def _relaxed_rows(arrays: Arrays, tolerance: float) -> Arrays:
    slack = tolerance * arrays.row_scale()
    return replace(arrays, row_lower=arrays.row_lower - slack, row_upper=arrays.row_upper + slack)


def _rows_with(arrays: Arrays, columns: npt.NDArray[np.bool_]) -> Arrays:
    """Return the program with only the rows that have an entry in some of the columns."""
    matrix = arrays.matrix
    there = np.bincount(_row_of_entry(arrays)[columns[matrix.indices]], minlength=arrays.row_count) > 0
    if there.all():
        return arrays
    return replace(
        arrays,
        matrix=sparse.csr_array(matrix[there]),
        row_lower=arrays.row_lower[there],
        row_upper=arrays.row_upper[there],
        rows=(),
    )


def _row_of_entry(arrays: Arrays) -> npt.NDArray[np.int64]:
    return np.repeat(np.arange(arrays.row_count), np.diff(arrays.matrix.indptr))


def implied_bounds(arrays: Arrays, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    """Return the bounds that each row implies for each of its columns; infinite where it implies none.

    The margin for rounding grows with the length of the row.
    """
    matrix = arrays.matrix
    row = _row_of_entry(arrays)
    column, value = matrix.indices[matrix.data != 0.0], matrix.data[matrix.data != 0.0]
    row = row[matrix.data != 0.0]
    positive = value > 0.0
    margin = 1e-12 + 4.0 * _EPSILON * (np.diff(matrix.indptr) + 2.0)
    new_lower, new_upper = np.full(len(lower), -INFINITY), np.full(len(upper), INFINITY)
    for sign, side in ((1.0, arrays.row_upper), (-1.0, -arrays.row_lower)):
        # sign * row <= side: the least activity of the other columns leaves the most for one.
        least = sign * value * np.where(positive == (sign > 0.0), lower[column], upper[column])
        infinite = ~np.isfinite(least)
        finite = np.where(infinite, 0.0, least)
        total = np.bincount(row, finite, arrays.row_count)
        size = np.bincount(row, np.abs(finite), arrays.row_count)
        missing = np.bincount(row, infinite, arrays.row_count)
        known = np.isfinite(side[row]) & (missing[row] - infinite == 0)
        safe_side = np.where(np.isfinite(side), side, 0.0)
        room = safe_side[row] - (total[row] - finite)
        room += margin[row] * (size[row] + np.abs(safe_side[row]))
        limit = np.where(known, room / (sign * value), INFINITY)
        limit += 1e-12 * np.abs(np.where(known, limit, 0.0)) * np.sign(sign * value)
        found = known & np.isfinite(limit)
        up = found & (positive == (sign > 0.0))
        np.minimum.at(new_upper, column[up], limit[up])
        down = found & (positive != (sign > 0.0))
        np.maximum.at(new_lower, column[down], limit[down])
    return new_lower, new_upper


def contradiction(arrays: Arrays, multiplier: Floats, box: Box) -> float:
    """Return by how much all rows, relative to their scale, must be relaxed to be consistent: a proven lower bound.

    The sum of the rows, weighted with their multipliers, requires at least a certain activity; the columns attain at
    most another one within the box. The difference, less all rounding errors, over the weight of the rows is proven.

    Parameters
    ----------
    arrays : Arrays
        Integrality is ignored.
    multiplier : array (rows,)
        Any numbers; positive for lower sides, negative for upper sides. Useful ones are the duals of an infeasible
        program, from a dual ray or from phase 1 (Farkas 1902).
    box : Box
        Of the same program.

    Returns
    -------
    float
        Proven lower bound on the relaxation of the rows that makes them consistent; -inf if nothing is proven. A value
        above the tolerance of the box proves that no point satisfies all rows to within that tolerance.

    Examples
    --------
    Two rows on one column, ``x >= 2`` and ``x <= 1``, contradict each other: their sum, ``0 >= 1``, is false.

    >>> from scipy import sparse
    >>> one, none = np.ones(2), np.zeros(1, dtype=bool)
    >>> program = Arrays(np.zeros(1), 0.0, np.zeros(1), np.full(1, 9.0), none, none, none,
    ...     sparse.csr_array(np.ones((2, 1))), np.array([2.0, -np.inf]), np.array([np.inf, 1.0]), (), ())
    >>> round(contradiction(program, np.array([1.0, -1.0]), box_of(program)), 6)  # (2 - 1) over scales of 3 and 2
    0.2
    """
    y = right_sign(arrays, multiplier)
    if y is None or not y.any():
        return -INFINITY
    y = y / np.abs(y).max()
    asked, asked_error = _sides(arrays, y)
    d, error, size = _combined(arrays, y)
    most, most_error = _extreme(d, error, _NOISE * size, box)
    weight = math.fsum(np.abs(y) * arrays.row_scale()) * (1.0 + 4.0 * _EPSILON)
    proven = asked - asked_error - most - most_error
    return proven / weight if math.isfinite(proven) else -INFINITY


def safe_bound(arrays: Arrays, row_dual: Floats, box: Box) -> float:
    """Return a lower bound on the cost of points that satisfy the rows, proven by any duals; -inf if they prove none.

    Parameters
    ----------
    arrays : Arrays
    row_dual : array (rows,)
    box : Box
        Of the same program.
    """
    y = right_sign(arrays, row_dual)
    if y is None:
        return -INFINITY
    sides, sides_error = _sides(arrays, y)
    d, error, size = _combined(arrays, y)
    # The least value of the reduced-cost terms is the greatest of their negatives, with the sign changed.
    cost = np.abs(arrays.cost)
    most, least_error = _extreme(d - arrays.cost, error + _EPSILON * cost, _NOISE * (size + cost), box)
    least = -most
    bound = arrays.offset + sides + least - sides_error - least_error
    bound -= 4.0 * _EPSILON * (abs(arrays.offset) + abs(sides) + abs(least))
    return bound if math.isfinite(bound) else -INFINITY


def costs_at_least_nothing(arrays: Arrays) -> bool:
    """Return whether no point that satisfies the rows costs less than zero, by signs alone: nothing is rounded.

    Examples
    --------
    A cost ``t = 2 x + 3 y`` of amounts that are not negative is not negative; ``t = 2 x - 3 y`` may be.

    >>> from scipy import sparse
    >>> none, most = np.zeros(3, dtype=bool), np.array([np.inf, 9.0, 9.0])
    >>> lower, zero = np.array([-np.inf, 0.0, 0.0]), np.zeros(1)
    >>> def program(y):
    ...     row = sparse.csr_array(np.array([[1.0, -2.0, y]]))
    ...     return Arrays(np.array([1.0, 0.0, 0.0]), 0.0, lower, most, none, none, none, row, zero, zero, (), ())
    >>> costs_at_least_nothing(program(-3.0)), costs_at_least_nothing(program(3.0))
    (True, False)
    """
    box = box_of(arrays)
    lowest = np.where(arrays.cost > 0.0, box.lower, -box.upper)
    return arrays.offset >= 0.0 and bool((lowest >= 0.0)[arrays.cost != 0.0].all())


def right_sign(arrays: Arrays, multiplier: Floats) -> Floats | None:
    """Return the multipliers, zero where the row does not have that side; None if they are not finite numbers."""
    if len(multiplier) != arrays.row_count or not np.isfinite(multiplier).all():
        return None
    missing = ((multiplier > 0.0) & ~np.isfinite(arrays.row_lower)) | (
        (multiplier < 0.0) & ~np.isfinite(arrays.row_upper)
    )
    return np.where(missing, 0.0, multiplier)


def _sides(arrays: Arrays, y: Floats) -> tuple[float, float]:
    """Return the weighted sum of the sides of the rows, and a bound on its rounding error."""
    side = np.where(y > 0.0, arrays.row_lower, arrays.row_upper)
    terms = y * np.where(y == 0.0, 0.0, side)
    return math.fsum(terms), 2.0 * _EPSILON * math.fsum(np.abs(terms))


def _combined(arrays: Arrays, y: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the coefficients of the weighted sum of rows, bounds on their rounding errors, and the terms' sizes."""
    transposed = arrays.matrix.T
    entries = np.bincount(arrays.matrix.indices, minlength=arrays.column_count)
    size = abs(transposed) @ np.abs(y)
    return transposed @ y, (entries + 2.0) * _EPSILON * size, size


def _extreme(d: Floats, error: Floats, noise: Floats, box: Box) -> tuple[float, float]:
    """Return the greatest value of ``d @ x`` in a box, for any ``d`` within its error; and its rounding error.

    It is infinite if a column without bound has a coefficient above the noise.
    """
    endless = (np.isposinf(box.upper) & (d + error > noise)) | (np.isneginf(box.lower) & (d - error < -noise))
    if endless.any():
        return INFINITY, 0.0
    lower, upper = (
        np.where(np.isfinite(box.lower), box.lower, -REACH),
        np.where(np.isfinite(box.upper), box.upper, REACH),
    )
    products = np.stack([(d + e) * side for e in (error, -error) for side in (lower, upper)])
    terms = products.max(axis=0)
    if not np.isfinite(terms).all():
        return INFINITY, 0.0
    return math.fsum(terms), 4.0 * _EPSILON * math.fsum(np.abs(terms))


def is_unbounded_ray(arrays: Arrays, direction: Floats) -> bool:
    """Return whether a direction is an unbounded ray: it satisfies all rows and bounds, and the cost falls along it.

    A row may be violated by rounding errors only: one that ends the ray after a billion units is a limit.
    """
    if len(direction) != arrays.column_count or not np.isfinite(direction).all() or not direction.any():
        return False
    d = direction / np.abs(direction).max()
    d[np.abs(d) <= _DUST] = 0.0
    saving = -math.fsum(arrays.cost * d)
    if saving <= ROW_TOLERANCE * math.fsum(np.abs(arrays.cost * d)):
        return False
    if ((d < 0.0) & np.isfinite(arrays.lower)).any() or ((d > 0.0) & np.isfinite(arrays.upper)).any():
        return False
    activity = arrays.matrix @ d
    entries = np.diff(arrays.matrix.indptr)
    slack = np.maximum(_RAY_TOLERANCE, (entries + 2.0) * _EPSILON) * (abs(arrays.matrix) @ np.abs(d))
    down = np.isfinite(arrays.row_lower) & (activity < -slack)
    up = np.isfinite(arrays.row_upper) & (activity > slack)
    return not (down.any() or up.any())
