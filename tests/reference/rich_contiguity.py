"""Random rules of contiguity of the random rich cases, drawn apart from all else."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any


def contiguity(rng: Random, demand: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One rule, or two that may be about the same work."""
    asked = sorted({(row["market"], row["workload"]) for row in demand})
    rules = []
    for number in range(rng.choice([1, 1, 1, 2])):
        market, workload = rng.choice(asked)
        rule: dict[str, Any] = {"name": f"cluster {number}", "market": market, "workload": workload}
        if rng.random() < 0.5:
            rule["at_least_compute"] = rng.choice([4.0, 8.0, 20.0, 45.0])
        else:
            rule["at_least_it_mw"] = rng.choice([3.0, 6.0, 15.5, 40.0])
        if rng.random() < 0.7:
            rule["most_campuses"] = rng.choice([1, 1, 1, 2])
        if rng.random() < 0.6:
            rule["at_least_years"] = rng.choice([0.5, 1.5, 2.0, 9.0])
        if rng.random() < 0.3:
            rule["first_year"] = 2027
        elif rng.random() < 0.2:
            rule["last_year"] = 2027
        rules.append(rule)
    return {"rules": rules}
