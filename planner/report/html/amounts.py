"""Amounts of the report over many futures as it shows them: money, shares, orders, and what is proven of a gain."""

from planner.figures.spec import short_number
from planner.report.html.parts import Amount
from planner.runs.difference import EQUAL, OPEN, Difference
from planner.text import at_most_busd, in_busd, percent


def worth(found: Difference, *more: str) -> tuple[str, list[str]]:
    """What is known of a gain; inside the gaps it is no finding, and stated is what it is at most."""
    if found.sign == EQUAL:
        return "nothing", ["proven", *more]
    if found.sign == OPEN:
        return "inside the gaps", [*([] if found.high_busd is None else [at_most_busd(found.high_busd)]), *more]
    return in_busd(found.busd), [_proof(found), *more]


def _proof(found: Difference) -> str:
    """What is proven of a gain: at least, at most."""
    if found.high_busd is None:
        return f"proven: at least {in_busd(found.low_busd or 0.0)}"
    return f"proven: {in_busd(found.low_busd or 0.0)} to {in_busd(found.high_busd)}"


def with_unit(amount: float, unit: str) -> str:
    """Return an amount that is ordered, with its unit."""
    if unit == "yes/no":
        return "yes" if amount > 0.5 else "no"
    return f"{short_number(amount)} {unit.removesuffix('s') if amount == 1.0 else unit}"


def money(value: float | None) -> Amount:
    """Return a cell of money in $B; None: an empty one."""
    return Amount(value, "" if value is None else f"{value:,.3f}")


def share(value: float | None) -> Amount:
    """Return a cell of a share in per cent; None: an empty one."""
    return Amount(value, "" if value is None else f"{value:.2%}")


def chance(value: float) -> Amount:
    """Return a cell of a probability in per cent."""
    return Amount(value, percent(value, 2))


def number(value: float, sign: str = "") -> Amount:
    """Return a cell of a number; ``sign``: with its sign."""
    text = short_number(abs(value) if sign else value)
    return Amount(value, text if not sign or abs(value) < 1e-9 else f"{'+' if value > 0 else '-'}{text}")
