"""The units in which a case is solved: its own, unless its figures are far from one.

A solver's tolerances are absolute (1e-7 of whatever a row is written in). Demand of 1e-7 in the user's unit would be
served by nothing at all, and demand of 1e9 would call a good plan infeasible. So compute and money are divided by a
power of a thousand before the solve, and multiplied after it. The same case in another unit is the same program then.
"""

import math

from planner.case.case import CaseData
from planner.case.magnitudes import typical_compute, typical_money
from planner.units import Units

ORDINARY_COMPUTE, COMPUTE_FROM = (1e-2, 1e5), 2.0
"""Typical demands that are left as they are; others are brought to 2 up to 2,000."""
ORDINARY_MONEY, MONEY_FROM = (1e-2, 1e3), 0.1
"""Typical prices ($B per IT GW) that are left as they are; others are brought to 0.1 up to 100."""


def case_units(case: CaseData) -> Units:
    """Choose the units in which a case is solved, from the demand and the prices typical of it."""
    return Units(
        _exponent(typical_compute(case), ORDINARY_COMPUTE, COMPUTE_FROM),
        _exponent(typical_money(case), ORDINARY_MONEY, MONEY_FROM),
    )


def _exponent(typical: float | None, ordinary: tuple[float, float], begin: float) -> int:
    """Exponent of the power of a thousand that brings a figure to ``begin`` up to a thousand times that.

    Examples
    --------
    >>> _exponent(70.0, ORDINARY_COMPUTE, COMPUTE_FROM), _exponent(70e6, ORDINARY_COMPUTE, COMPUTE_FROM)
    (0, 6)
    """
    if typical is None or ordinary[0] <= typical <= ordinary[1]:
        return 0
    return 3 * math.floor(math.log10(typical / begin) / 3.0)
