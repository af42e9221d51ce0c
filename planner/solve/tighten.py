"""Bounds of columns that rows imply, for a program much of which is decided by rows.

Small programs are solved without the solver's presolve (`planner.solve.settings.CAREFUL_COLUMNS`), which would find
them; the first propagations of bounds are cheap, and sound by themselves.
"""

import numpy as np

from planner.solve.arrays import Arrays
from planner.solve.certificate import implied_bounds

ROUNDS = 8
"""Propagations: what follows from what."""
WHOLE = 1e-6
"""How far from a whole number a bound of an integer variable still counts as that number."""
ALIKE = 1e-9
"""Width of the range of a column, in its unit, that is none: a hundredth of the solver's tolerance of a row."""


def tightened(arrays: Arrays) -> Arrays:
    """Return the program with narrower bounds, where rows imply them, of columns that can then have fewer values.

    Those are integer variables, and other columns of which one value is left, to within ``ALIKE``: they are fixed at
    it. No point that satisfies rows, bounds and integrality is lost, to within that. Integer variables whose bounds
    contradict one another are left as they are: that is for the solver to prove.

    Parameters
    ----------
    arrays : Arrays

    Returns
    -------
    Arrays
        The same columns and rows.
    """
    lower, upper = arrays.lower.copy(), arrays.upper.copy()
    for _ in range(ROUNDS):
        low, up = implied_bounds(arrays, lower, upper)
        low = np.maximum(lower, np.where(arrays.integer, np.ceil(low - WHOLE), low))
        up = np.minimum(upper, np.where(arrays.integer, np.floor(up + WHOLE), up))
        if not ((low > lower + ALIKE) | (up < upper - ALIKE)).any():
            break
        lower, upper = low, up
    with np.errstate(invalid="ignore"):
        one = ~arrays.integer & (np.abs(upper - lower) <= ALIKE)
    whole = arrays.integer & (lower <= upper)
    value = np.clip(lower, arrays.lower, arrays.upper)
    return arrays.with_bounds(
        np.where(whole, lower, np.where(one, value, arrays.lower)),
        np.where(whole, upper, np.where(one, value, arrays.upper)),
    )
