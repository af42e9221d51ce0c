"""A plan pays for no use that it has not: where a search ends early, what is only bounded from below is lowered.

The rent of a shell that depends on use is due on the IT GW used beyond those of signed contracts
(`planner.program.families.chip_mix`), a variable that the program bounds from below alone: its cost holds it down. A
point that a search ends with far from the optimum may have more of it than is used, and money to pay for it. Then all
but this variable and the money is kept, and what remains is a linear program: it costs no more, and installs and serves
the same, so that every row and every loss is as it was.
"""

from dataclasses import replace

import numpy as np

from planner.program.columns import USAGE
from planner.program.families.chip_mix import USAGE_BALANCE
from planner.program.shortfalls import UNPAID, UNPAID_PROGRAMME
from planner.solve.arrays import Floats
from planner.solve.linear import solve_by_itself
from planner.solve.records import Answer
from planner.solve.settings import PLAN_TOLERANCE
from planner.symbols import MONEY, ColumnIndex, rows_of

IDLE_GW = 1e-9
"""IT GW of use that is none, above which the money is solved for again."""
MOST_S = 10.0
"""Most seconds of that linear program; it has a few columns for each year."""


def without_idle_use(answer: Answer) -> Answer:
    """Return an answer whose point pays for the use that it has; the same where it does.

    Parameters
    ----------
    answer : Answer
        With a point.
    """
    arrays, x = answer.mip.arrays, answer.x
    assert x is not None  # the caller has looked
    used = np.array([column.variable == USAGE for column in arrays.columns])
    if not used.any() or _idle_gw(answer) <= IDLE_GW:
        return answer
    paid = np.array([column.variable.unit == MONEY for column in arrays.columns])
    missing = np.array([column.variable in (UNPAID, UNPAID_PROGRAMME) for column in arrays.columns])
    free = paid | used
    lower, upper = np.where(free, arrays.lower, x), np.where(free, arrays.upper, x)
    upper = np.where(used | missing, np.minimum(upper, np.maximum(x, lower)), upper)
    found = solve_by_itself(arrays.with_bounds(lower, upper).relaxed(), MOST_S)
    if found.x is None or arrays.worst_violation(found.x) > PLAN_TOLERANCE:
        return answer
    cost = float(arrays.cost @ found.x) + arrays.offset
    return answer if cost > answer.objective else replace(answer, x=found.x, objective=max(cost, answer.bound))


def _idle_gw(answer: Answer) -> float:
    """The most IT GW of use that a point has beyond what is used."""
    arrays, x = answer.mip.arrays, answer.x
    assert x is not None  # the caller has looked
    places, keys = zip(*rows_of(USAGE_BALANCE, arrays.rows), strict=True)
    column, rows = ColumnIndex(arrays.columns)[USAGE], np.array(places)
    idle: Floats = arrays.row_upper[rows] - arrays.matrix[rows] @ x
    return float(np.minimum(idle, x[[column[key] for key in keys]]).max())
