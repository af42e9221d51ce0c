"""Figures of a plan's tables: as many digits as mean something, in whatever unit the case is written."""

import math

from planner.inputs import Inputs

COMPUTE_DECIMALS, MONEY_DECIMALS = 6, 9
"""Decimals in the units in which the case is solved (`planner.inputs.units`); in its own they follow from these."""
SIGNIFICANT = 9
"""Digits of amounts of compute below one unit, which six decimals would blur."""


def compute(data: Inputs, amount: float) -> float:
    """An amount of compute for a table; never a negative zero."""
    exponent = data.units.compute
    decimals = COMPUTE_DECIMALS - exponent
    if 0.0 < abs(amount) < 10.0**exponent:
        decimals = SIGNIFICANT - 1 - math.floor(math.log10(abs(amount)))
    return round(amount, decimals) + 0.0


def spare(data: Inputs, amount: float) -> float:
    """A difference of two amounts of compute for a table: what is left of rounding is nil."""
    return round(amount, COMPUTE_DECIMALS - data.units.compute) + 0.0


def money(data: Inputs, busd: float) -> float:
    """An amount of money for a table."""
    return round(busd, MONEY_DECIMALS - data.units.money) + 0.0


def no_money(data: Inputs, busd: float) -> bool:
    """Whether an amount of money is nothing but rounding."""
    return abs(busd) <= 10.0 ** (data.units.money - 12)
