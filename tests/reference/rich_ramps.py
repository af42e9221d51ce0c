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
WORK = ("inference_compute_per_it_mw", "training_compute_per_it_mw")


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
    tables = {**tables, "offers": offers, "contracts": signed or None, "ramps": rows}
    return _refreshing(rng, tables) if rng.random() < 0.6 else tables


def _refreshing(rng: Random, tables: dict[str, Any]) -> dict[str, Any]:
    """The tables with leases that start early and chips that improve, so that it pays to refresh within a ramp."""
    cheap = {"term_years": 7.77, "last_start": "2027-01-01"}
    offers = [
        {**row, **cheap, "refresh_after_years": 0.5, "refresh_price_busd_per_gw_it": rng.choice([0.0, 0.05, 0.3])}
        if "refresh_after_years" in row
        else row
        for row in tables["offers"]
    ]
    faster: Rows = [dict(row) for row in tables["chips"]]
    for row in faster[1:]:
        row.update({name: 2.5 * row[name] for name in WORK if row.get(name) is not None})
    return {**tables, "offers": offers, "chips": faster}
