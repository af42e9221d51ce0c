"""How exactly a plan must agree with the audit: every tolerance, in one place."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MW = 1e-3
"""IT MW and facility MW: a thousand times the tolerance of a solver, 1e-6 of a gigawatt per limit ..."""
RELATIVE = 1e-6
"""... plus this share of the number compared; the same share of all spending for every amount of money."""
SHARE = 1e-3
"""Largest share of an amount of compute that the tolerance in IT MW may come to."""
ROUNDED_MW = 1e-6
"""IT MW that the rounding of a table's figure can hide (a watt)."""
ROUNDED_SMALL_MW = 1e-9
"""The same of a figure below one megawatt (a milliwatt)."""
NOTHING_PAID = 1e-7
"""Share of the typical price of the case per IT GW that counts as zero in a plan without payments ..."""
NO_MONEY = 1e-10
"""... and in any other: tables show zero there."""
INTEGRAL = 1e-6
"""Distance of a number of blocks from a whole number."""
DATE_DAYS = 1
"""Days between the end of a term as written and as computed: a term may end at midnight."""
LINES_PER_CHECK = 25
"""Violations of a check that are listed one by one; the others are counted."""


def mw(*values: float) -> float:
    """Tolerance of a comparison of IT MW, or of facility MW."""
    return MW + RELATIVE * max(map(abs, values), default=0.0)


def money(*values: float) -> float:
    """Tolerance of money that follows from the given amounts, whatever it is counted in."""
    return RELATIVE * max(map(abs, values), default=0.0)


def used_mw(installed: float, parts: int) -> float:
    """Tolerance of IT MW used, the sum of ``parts`` rounded figures, against IT MW installed.

    Nothing is served by capacity that is not there.
    """
    return min(MW, SHARE * installed) + ROUNDED_MW * (1 + parts) + RELATIVE * installed


def compute(rate_per_mw: float, *values: float) -> float:
    """Tolerance of a comparison of compute: a kW of a chip, but never more than a small share of what is compared.

    The rate is that of the chip where there is one, else the largest of the case; the share keeps a chip of a rate far
    above the others from excusing a demand that is not served.
    """
    largest = max(map(abs, values), default=0.0)
    return min(MW * rate_per_mw, SHARE * largest) + RELATIVE * largest


def compute_of_chips(rate_per_mw: float, *values: float) -> float:
    """Tolerance of the compute of one row against its rounded IT MW; parameters and result as for `compute`."""
    return compute(rate_per_mw, *values) + ROUNDED_MW * rate_per_mw


def each_used_mw(installed: Array, parts: Array) -> Array:
    """Tolerances of many comparisons: parameters and result as for `used_mw`, place by place."""
    return np.minimum(MW, SHARE * installed) + ROUNDED_MW * (1 + parts) + RELATIVE * installed


def each_compute_of_chips(rate_per_mw: Array, values: Array) -> Array:
    """Tolerances of many rows: parameters and result as for `compute_of_chips`, place by place."""
    largest = np.abs(values)
    return np.minimum(MW * rate_per_mw, SHARE * largest) + RELATIVE * largest + ROUNDED_MW * rate_per_mw


def critical(rate_per_mw: float, needs: Collection[float], asked: Collection[float]) -> float:
    """Compute that may lack of several critical demands together, each more than zero.

    A kW of the best chip (at the largest rate of the case), but at most a small share of the least of what was asked
    for before something was left unserved or short.
    """
    return min(MW * rate_per_mw, SHARE * min(asked, default=0.0)) + RELATIVE * sum(needs)


def margin(rate_per_mw: float, left: float, parts: int) -> float:
    """Tolerance of what survivors could carry beyond what they must, beside that of what they must.

    Their IT MW are the sum of ``parts`` rounded figures; the rate is the largest of the case.
    """
    return RELATIVE * left + ROUNDED_MW * rate_per_mw * parts
