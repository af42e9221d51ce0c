"""Figures of a plan's tables: as many digits as mean something, in whatever unit the case is written."""

import math

from planner.inputs import Inputs

COMPUTE_DECIMALS, MONEY_DECIMALS = 6, 9
"""Decimals in the units in which the case is solved (`planner.inputs.units`); in its own they follow from these."""
SIGNIFICANT = 9
"""Digits of small amounts, which that many decimals would blur: compute below one unit, and money below ..."""
LITTLE_MONEY, NO_MONEY = 1e-3, 1e-12
"""... the first of these, but above the second, which is rounding."""
ROUNDING = 1e-12
"""Share of amounts up to which their difference is rounding."""
ALL_DIGITS = 15
"""Digits of compute where what is not served has a price: any fewer, and their rounding is paid for."""


RATIO_DIGITS = 7
"""Digits of an amount per unit: both are rounded."""


def compute(inputs: Inputs, amount: float) -> float:
    """An amount of compute for a table; never a negative zero."""
    exponent = inputs.units.compute
    if 0.0 < abs(amount) < 10.0**exponent:
        return _to_digits(amount)
    return round(amount, COMPUTE_DECIMALS - exponent) + 0.0


def demanded(inputs: Inputs, amount: float) -> float:
    """An amount of compute that is demanded, served or not: with all its digits where what is not served is paid for.

    The cost of unserved compute follows from the difference of such amounts, whatever its price.
    """
    if inputs.case.model.objective.unserved == "priced":
        return paid_compute(inputs, amount)
    return compute(inputs, amount)


def paid_compute(_inputs: Inputs, amount: float) -> float:
    """An amount of compute that is missing at a price, with all its digits."""
    return _to_digits(amount, ALL_DIGITS) if amount else 0.0


def spare(inputs: Inputs, amount: float) -> float:
    """A difference of two amounts of compute for a table: a remainder of rounding is zero."""
    return round(amount, COMPUTE_DECIMALS - inputs.units.compute) + 0.0


def money(inputs: Inputs, busd: float) -> float:
    """An amount of money for a table."""
    unit = 10.0**inputs.units.money
    if not NO_MONEY * unit < abs(busd) < LITTLE_MONEY * unit:
        return 0.0 if no_money(inputs, busd) else round(busd, MONEY_DECIMALS - inputs.units.money)
    return _to_digits(busd)


def money_left(inputs: Inputs, busd: float, *parts: float) -> float:
    """A difference of amounts of money for a table: what is only their rounding is zero."""
    return 0.0 if abs(busd) <= ROUNDING * sum(map(abs, parts)) else money(inputs, busd)


def no_money(inputs: Inputs, busd: float) -> bool:
    """Whether an amount of money is nothing but rounding."""
    return abs(busd) <= NO_MONEY * 10.0**inputs.units.money


def ratio(amount: float, by: float) -> float | str:
    """An amount per unit of another; empty where there is nothing to divide by.

    Examples
    --------
    >>> ratio(2.0, 3.0), ratio(0.0, 3.0), ratio(2.0, 0.0)
    (0.6666667, 0.0, '')
    """
    if not by:
        return ""
    return _to_digits(amount / by, RATIO_DIGITS) if amount else 0.0


def _to_digits(amount: float, digits: int = SIGNIFICANT) -> float:
    return round(amount, digits - 1 - math.floor(math.log10(abs(amount))))


def text(cell: object) -> str:
    """A key or a label of a plan's table as text: a plan read from its folder gives years as numbers."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
