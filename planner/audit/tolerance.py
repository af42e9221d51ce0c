"""How exactly a plan must agree with the audit: every tolerance, in one place."""

MW = 1e-3
"""IT MW and facility MW: a thousand times what a solver leaves open at 1e-6 GW per limit ..."""
RELATIVE = 1e-6
"""... plus this share of the number compared; the same share of all spending for every amount of money."""
INTEGRAL = 1e-6
"""Distance of a number of blocks from a whole number."""
DATE_DAYS = 1
"""Days between the end of a term as written and as computed: a term may end at midnight."""
LINES_PER_CHECK = 25
"""Violations of a check that are told one by one; the others are counted."""


def mw(*values: float) -> float:
    """Tolerance of a comparison of MW.

    Parameters
    ----------
    *values
        The MW compared.

    Returns
    -------
    float
        MW by which they may differ.
    """
    return MW + RELATIVE * max((abs(value) for value in values), default=0.0)


def compute(rate_per_mw: float, *values: float) -> float:
    """Tolerance of a comparison of compute.

    Parameters
    ----------
    rate_per_mw
        Largest compute an IT MW gives in the case.
    *values
        The compute compared.

    Returns
    -------
    float
        Compute by which they may differ.
    """
    return MW * rate_per_mw + RELATIVE * max((abs(value) for value in values), default=0.0)
