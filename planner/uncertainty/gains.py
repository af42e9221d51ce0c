"""Differences of values over futures, of which it is known that they cannot be below zero."""

from dataclasses import replace
from typing import Any

from planner.runs.difference import Difference, Standing, difference_of
from planner.solve.arrays import INFINITY

Pair = tuple[float, float]
"""A value, $B, and what is proven of it; minus infinite where nothing is."""


def gain(one: Pair, other: Pair) -> Difference:
    """Return the one less the other, which is not below zero: what is proven of it starts there.

    A bound that is above its value, which is by rounding alone, counts as the value: what is proven holds what was
    found.

    Examples
    --------
    >>> found = gain((5.601, 5.601 + 1e-15), (5.0405, 5.0405))
    >>> found.low_busd <= found.busd <= found.high_busd
    True
    """
    found = difference_of([(1.0, _standing(*one), _standing(*other))])
    high = None if found.high_busd is None else max(0.0, found.high_busd)
    return replace(found, busd=max(0.0, found.busd), low_busd=max(0.0, found.low_busd or 0.0), high_busd=high)


def document(found: Difference) -> dict[str, Any]:
    """Return a difference as plain data."""
    return {"busd": found.busd, **found.columns()}


def _standing(cost: float, bound: float) -> Standing:
    return Standing(cost, None if bound == -INFINITY else min(bound, cost), {})
