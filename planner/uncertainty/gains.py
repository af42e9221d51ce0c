"""Differences of values over futures, of which it is known that they cannot be below zero."""

from dataclasses import replace
from typing import Any

from planner.runs.difference import Difference, Standing, difference_of
from planner.solve.arrays import INFINITY

Pair = tuple[float, float]
"""A value, $B, and what is proven of it; minus infinite where nothing is."""


def gain(one: Pair, other: Pair) -> Difference:
    """Return the one less the other, which is not below zero: what is proven of it starts there."""
    found = difference_of([(1.0, _standing(*one), _standing(*other))])
    return replace(found, busd=max(0.0, found.busd), low_busd=max(0.0, found.low_busd or 0.0))


def document(found: Difference) -> dict[str, Any]:
    """Return a difference as plain data."""
    return {"busd": found.busd, **found.columns()}


def _standing(cost: float, bound: float) -> Standing:
    return Standing(cost, None if bound == -INFINITY else bound, {})
