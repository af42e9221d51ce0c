"""Ramps of the random rich cases."""

from random import Random
from typing import Any

Rows = list[dict[str, Any]]
RAMPS = 6000
"""Cases from this number on have ramps; those before stay as they were."""
STEPS = (
    ((0, 0.5), (12, 1.0)),
    ((0, 0.25), (6, 0.5), (18, 1.0)),
    ((0, 0.3), (5, 0.55), (9, 1.0)),
    ((0, 0.1), (30, 1.0)),
)


def with_ramps(number: int, tables: dict[str, Any]) -> dict[str, Any]:
    """The tables with ramps, which most offers and signed contracts of the later cases name."""
    rng = Random(f"ramps {number}")
    if number < RAMPS:
        return tables
    steps = [rng.choice(STEPS) for _ in range(2)]
    rows: Rows = [
        {"ramp": f"ramp{n}", "months": months, "share": share} for n, one in enumerate(steps) for months, share in one
    ]
    offers = [{**row, "ramp": rng.choice(["ramp0", "ramp1", "ramp1", None])} for row in tables["offers"]]
    signed = [{**row, "ramp": rng.choice(["ramp0", "ramp1", None])} for row in tables["contracts"] or ()]
    return {**tables, "offers": offers, "contracts": signed or None, "ramps": rows}
