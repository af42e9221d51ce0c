"""How exactly a plan must agree with the audit: every tolerance, in one place."""

from collections.abc import Collection

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
    """Tolerance of a comparison of IT MW, or of facility MW.

    Parameters
    ----------
    *values
        The IT MW or facility MW compared.

    Returns
    -------
    float
        By how many IT MW or facility MW they may differ.
    """
    return MW + RELATIVE * max((abs(value) for value in values), default=0.0)


def money(*values: float) -> float:
    """Tolerance of a comparison of money, whatever it is counted in.

    Parameters
    ----------
    *values
        Amounts of money that it follows from, such as all payments together.

    Returns
    -------
    float
        Money by which they may differ.
    """
    return RELATIVE * max((abs(value) for value in values), default=0.0)


def used_mw(installed: float, parts: int) -> float:
    """Tolerance of IT MW used against IT MW installed: nothing is served by capacity that is not there.

    Parameters
    ----------
    installed
        IT MW installed.
    parts
        How many rounded figures the IT MW used are the sum of.

    Returns
    -------
    float
        IT MW by which they may be more.
    """
    return min(MW, SHARE * installed) + ROUNDED_MW * (1 + parts) + RELATIVE * installed


def compute(rate_per_mw: float, *values: float) -> float:
    """Tolerance of a comparison of compute: a kW of a chip, but never more than a small share of what is compared.

    The share keeps a chip of a rate far above the others from excusing a demand that is not served.

    Parameters
    ----------
    rate_per_mw
        Compute an IT MW gives: of the chip where there is one, else the largest of the case.
    *values
        The compute compared.

    Returns
    -------
    float
        Compute by which they may differ.
    """
    largest = max((abs(value) for value in values), default=0.0)
    return min(MW * rate_per_mw, SHARE * largest) + RELATIVE * largest


def compute_of_chips(rate_per_mw: float, *values: float) -> float:
    """Tolerance of the compute of one row against its rounded IT MW; parameters and result as for `compute`."""
    return compute(rate_per_mw, *values) + ROUNDED_MW * rate_per_mw


def critical(rate_per_mw: float, needs: Collection[float]) -> float:
    """Tolerance of the critical compute of several demands together.

    Parameters
    ----------
    rate_per_mw
        Largest compute an IT MW gives in the case.
    needs
        Critical compute of each demand, more than zero.

    Returns
    -------
    float
        Compute that may lack: a kW of the best chip, but never more than a small share of the least of the needs.
    """
    return min(MW * rate_per_mw, SHARE * min(needs, default=0.0)) + RELATIVE * sum(needs)


def margin(rate_per_mw: float, left: float, parts: int) -> float:
    """Tolerance of what survivors could carry beyond what they must, beside that of what they must.

    Parameters
    ----------
    rate_per_mw
        Largest compute an IT MW gives in the case.
    left
        The margin.
    parts
        How many rounded figures the IT MW of the survivors are the sum of.

    Returns
    -------
    float
        Compute.
    """
    return RELATIVE * left + ROUNDED_MW * rate_per_mw * parts
