"""The ladder: synthetic cases of growing size, shipped cases; by the planner and by what a user would pick instead."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bench.runner import Result, run_job
from planner.case.read import read_case
from planner.case.rows import OfferRow, SiteRow
from planner.options import DEFAULT_GAP

SYNTHETIC = "synthetic"
"""The name of the case on the rungs that are generated."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One solve of the ladder."""

    sites: int
    periods: int
    seed: int
    method: str
    result: Result
    case: str = SYNTHETIC


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
        job = {"kind": "synthetic", "sites": sites, "periods": periods, "period_months": period_months, "seed": seed}
        effort = {"gap": gap, "threads": threads}
        for method, result in _by_methods(job | effort, methods, time_limit_s, patience):
            yield Rung(sites, periods, seed, method, result)


def climb_shipped(
    cases: list[str],
    *,
    methods: list[str],
    gap: float = DEFAULT_GAP,
    time_limit_s: float = 900.0,
    threads: int = 2,
    patience: float = 10.0,
) -> Iterator[Rung]:
    """Solve shipped cases likewise; sites are those on offer."""
    for name in cases:
        case = read_case(name)
        sites = len({offer.site for offer in case.rows(OfferRow)} & {s.site for s in case.rows(SiteRow) if s.available})
        job = {"kind": "shipped", "case": name, "gap": gap, "threads": threads}
        for method, result in _by_methods(job, methods, time_limit_s, patience):
            yield Rung(sites, case.model.horizon.periods, 0, method, result, name)


def _by_methods(
    job: dict[str, Any], methods: list[str], time_limit_s: float, patience: float
) -> Iterator[tuple[str, Result]]:
    ours: float | None = None
    for method in methods:
        limit = time_limit_s
        if method != "planner" and ours is not None:
            limit = min(time_limit_s, max(60.0, patience * ours))
        result = run_job(job | {"method": method, "time_limit_s": limit})
        if method == "planner":
            ours = result.seconds
        yield method, result
