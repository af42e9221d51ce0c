"""Proofs about linear programs, checked outside the solver: by arithmetic on the arrays, rounding accounted for.

A solver's word on a linear program comes with numbers, its duals, that prove it. With them anybody can check it. Duals
need not be exact for that, nor even good: a check that succeeds is a proof whatever made them (Neumaier and Shcherbina,
Safe bounds in linear and mixed-integer programming, 2004).
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from planner.solve.arrays import INFINITY, Arrays, Floats

ROW_TOLERANCE = 1e-7
"""By how much a row may be broken, relative to ``Arrays.row_scale``, and still count as kept; the solver's own. Here it
is decided whether a program is infeasible: if its rows, all relaxed by this much, still contradict one another."""
REACH = 1e9
"""Columns without limit, of their own or implied by rows, are assumed to stay within this, in the program's units. The
assumption bears on what rounding leaves of their coefficients only (`_NOISE`)."""
_NOISE = 1e-6
"""Coefficient of such a column, relative to the sum of the sizes that it is the difference of, up to which it counts as
zero but for rounding; where it is larger, nothing is proven."""
_RAY_TOLERANCE = 1e-12
"""By how much a direction may break a row, relative to the sizes that its activity is the sum of: rounding."""
_ROUNDS = 20
"""Rounds in which limits of columns are derived from those of others."""
_DUST = 1e-12
"""Share of the largest entry of a direction below which an entry is taken for rounding; what is left is checked."""
_EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True)
class Box:
    """Limits that every point keeping the rows keeps too; infinite where a column has none, of its own or implied."""

    lower: Floats
    upper: Floats


def box_of(arrays: Arrays, tolerance: float = 0.0) -> Box:
    """Limits of columns, those that rows imply in the place of missing ones.

    Parameters
    ----------
    arrays : Arrays
    tolerance : float
        The limits hold for every point that keeps all rows to within this, relative to their scale.
    """
    program = _relaxed_rows(arrays, tolerance)
    lower, upper = arrays.lower.copy(), arrays.upper.copy()
    far = ~np.isfinite(lower), ~np.isfinite(upper)
    for _ in range(_ROUNDS):
        # Limits that are wide are looked for again: tighter ones prove more.
        far = far[0] & (lower < -REACH), far[1] & (upper > REACH)
        if not (far[0].any() or far[1].any()):
            break
        low, up = _implied(program, lower, upper)
        before = lower.copy(), upper.copy()
        # Limits that cross say that there is no point at all: any box holds then, and one that is a box is of more use.
        lower[far[0]] = np.minimum(np.maximum(low, lower), upper)[far[0]]
        upper[far[1]] = np.maximum(np.minimum(up, upper), lower)[far[1]]
        if (lower == before[0]).all() and (upper == before[1]).all():
            break
    return Box(lower, upper)


def _relaxed_rows(arrays: Arrays, tolerance: float) -> Arrays:
    slack = tolerance * arrays.row_scale()
    return replace(arrays, row_lower=arrays.row_lower - slack, row_upper=arrays.row_upper + slack)


def _implied(arrays: Arrays, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    """What each row says of each of its columns, the others anywhere within their limits; infinite where nothing.

    The margin for rounding grows with the length of the row.
    """
    matrix = arrays.matrix
    row = np.repeat(np.arange(arrays.row_count), np.diff(matrix.indptr))
    column, value = matrix.indices[matrix.data != 0.0], matrix.data[matrix.data != 0.0]
    row = row[matrix.data != 0.0]
    positive = value > 0.0
    margin = 1e-12 + 4.0 * _EPSILON * (np.diff(matrix.indptr) + 2.0)
    new_lower, new_upper = np.full(len(lower), -INFINITY), np.full(len(upper), INFINITY)
    for sign, side in ((1.0, arrays.row_upper), (-1.0, -arrays.row_lower)):
        # sign * row <= side: the least that the other columns come to leaves the most for one.
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
    """By how much all rows would have to be relaxed, relative to their scale, for a contradiction among them to end.

    The rows, each taken as often as its multiplier says, add up to one that asks for at least a certain sum; the
    columns reach at most another within the box. The difference, less all rounding, over the weight of the rows, is
    proven.

    Parameters
    ----------
    arrays : Arrays
        Integrality is not looked at.
    multiplier : array (rows,)
        Any numbers; above 0 for lower sides, below 0 for upper sides. The duals of an infeasible program, from a dual
        ray or from phase 1 (Farkas 1902).
    box : Box
        Of the same program.

    Returns
    -------
    float
        Proven lower bound on the relaxation of rows that makes them consistent; -inf where nothing is proven. More
        than the tolerance of the box proves that no point keeps all rows to within that tolerance.

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
    """Lower bound on the cost of every point that keeps the rows, proven by any duals whatever; -inf for useless ones.

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
    # The least that the reduced costs come to is the most of their opposite, with the sign changed.
    cost = np.abs(arrays.cost)
    most, least_error = _extreme(d - arrays.cost, error + _EPSILON * cost, _NOISE * (size + cost), box)
    least = -most
    bound = arrays.offset + sides + least - sides_error - least_error
    bound -= 4.0 * _EPSILON * (abs(arrays.offset) + abs(sides) + abs(least))
    return bound if math.isfinite(bound) else -INFINITY


def right_sign(arrays: Arrays, multiplier: Floats) -> Floats | None:
    """Multipliers without those that stand for a side of a row that is not there; None if they are no numbers."""
    if len(multiplier) != arrays.row_count or not np.isfinite(multiplier).all():
        return None
    missing = ((multiplier > 0.0) & ~np.isfinite(arrays.row_lower)) | (
        (multiplier < 0.0) & ~np.isfinite(arrays.row_upper)
    )
    return np.where(missing, 0.0, multiplier)


def _sides(arrays: Arrays, y: Floats) -> tuple[float, float]:
    """What the rows ask for, as often as their multipliers say, and how far rounding may be off."""
    side = np.where(y > 0.0, arrays.row_lower, arrays.row_upper)
    terms = y * np.where(y == 0.0, 0.0, side)
    return math.fsum(terms), 2.0 * _EPSILON * math.fsum(np.abs(terms))


def _combined(arrays: Arrays, y: Floats) -> tuple[Floats, Floats, Floats]:
    """Coefficients of the sum of rows, how far rounding may be off in each, and the sizes each is the sum of."""
    transposed = arrays.matrix.T
    entries = np.bincount(arrays.matrix.indices, minlength=arrays.column_count)
    size = abs(transposed) @ np.abs(y)
    return transposed @ y, (entries + 2.0) * _EPSILON * size, size


def _extreme(d: Floats, error: Floats, noise: Floats, box: Box) -> tuple[float, float]:
    """The most that ``d @ x`` can be in a box, whatever ``d`` is within its error; and rounding.

    A column goes on without end where the box has no limit for it, unless its coefficient is no more than noise.
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


def pays_for_itself(arrays: Arrays, direction: Floats) -> bool:
    """Whether going on in a direction for ever keeps all rows and limits and costs less and less.

    A row may be broken by what rounding leaves and no more: one that ends the way a billion units on is a limit.
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
