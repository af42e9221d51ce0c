"""Random programmes of the random rich cases."""

from random import Random
from typing import Any

Rows = list[dict[str, Any]]
LATER = 1000
"""Cases from this number on have rules that came later too; those before stay as they were."""


def programmes(rng: Random, sites: list[str]) -> tuple[Rows, Rows]:
    """One or two programmes of either kind, at some of the sites, with two steps each."""
    rows: Rows = []
    steps: Rows = []
    for number in range(rng.choice([1, 1, 2])):
        kind_of = rng.choice(["committed", "optional", "priced"])
        row = {"programme": f"g{number}", "name": f"g{number}", "kind": kind_of,
               "sites": tuple(sorted(rng.sample(sites, rng.randint(1, len(sites) - 1))))}  # fmt: skip
        prices = {"declining_cost_busd": rng.choice([0.0, 0.2, 1.0]),
                  "price_musd_per_missing_it_mw_year": rng.choice([0.0, 3.0, 9.0, 20.0]),
                  "price_musd_per_missing_facility_mw_year": rng.choice([2.0, 7.0, 15.0])}  # fmt: skip
        rows.append(row | prices)
        kind = rng.choice(["it", "facility"])
        level = rng.choice([15.0, 25.0, 40.0, 70.2])
        dates = sorted(rng.sample(["2025-06-01", "2026-01-01", "2026-07-01", "2027-01-01", "2027-02-17"], 2))
        for date in dates:
            step = {"programme": f"g{number}", "date": date, f"at_least_{kind}_mw": level}
            if rng.random() < 0.4:
                step[f"at_most_{rng.choice(['it', 'facility'])}_mw"] = 1.5 * level + 20.0
            steps.append(step)
            level *= rng.choice([0.5, 1.0, 1.6])
    return rows, steps
