"""The ladder: synthetic cases of growing size, by the planner and by what a user would pick instead."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.runner import Result, run_job
from planner.options import DEFAULT_GAP


@dataclass(frozen=True, slots=True)
class Rung:
    """One solve of the ladder."""

    sites: int
    periods: int
    seed: int
    method: str
    result: Result


def climb(
    sizes: list[int],
    *,
    periods: int = 10,
    period_months: int = 12,
    seed: int = 0,
    methods: list[str],
    gap: float = DEFAULT_GAP,
    time_limit_s: float = 900.0,
    threads: int = 2,
    patience: float = 10.0,
) -> Iterator[Rung]:
    """Solve each size by each method; after the planner the others get ``patience`` times its time at most."""
    for sites in sizes:
        ours: float | None = None
        for method in methods:
            limit = time_limit_s
            if method != "planner" and ours is not None:
                limit = min(time_limit_s, max(60.0, patience * ours))
            result = run_job(
                {
                    "kind": "synthetic",
                    "sites": sites,
                    "periods": periods,
                    "period_months": period_months,
                    "seed": seed,
                    "method": method,
                    "gap": gap,
                    "time_limit_s": limit,
                    "threads": threads,
                }
            )
            if method == "planner":
                ours = result.seconds
            yield Rung(sites, periods, seed, method, result)
