"""Section 17 of docs/formulation.md, read anew: contiguity."""

from typing import Any

from tests.reference.linear import Lin, total
from tests.reference.service import demand_of
from tests.reference.world import GW, World


def write_contiguity(w: World) -> None:
    """Every rule, by itself."""
    demand = demand_of(w)
    for rule in w.families.contiguity.rules:
        series = demand.get((rule.market, rule.workload))
        periods = [
            t for t in w.periods if series and series[t] > 0.0 and w.when.holds(t, rule.first_year, rule.last_year)
        ]
        on = {(s, t): w.mip.column(1.0, integer=True) for s in w.sites for t in periods}
        for t in periods:
            if rule.most_campuses is not None:
                w.mip.at_most(total([on[s, t] for s in w.sites]), float(rule.most_campuses))
            for s in w.sites:
                _write_site(w, rule, s, t, on[s, t], series[t])  # type: ignore[index]
        if rule.at_least_years is not None:
            _write_years(w, rule.at_least_years, periods, on)
        w.notes["cluster"] += list(on.values())


def _write_site(w: World, rule: Any, s: str, t: int, on: Lin, demand: float) -> None:
    used = {k: w.flows[s, k, rule.market, rule.workload, t] for k in w.chips
            if (s, k, rule.market, rule.workload, t) in w.flows}  # fmt: skip
    compute = total([gw * w.rate(k, rule.workload, t) for k, gw in used.items()])
    w.mip.at_most(compute, on * demand)
    if rule.at_least_compute is not None:
        w.mip.at_most(on * min(rule.at_least_compute, demand), compute)
    else:
        best = max((w.rate(k, rule.workload, t) for k in _there(w, t)), default=0.0)
        least = rule.at_least_it_mw * GW if best == 0.0 else min(rule.at_least_it_mw * GW, demand / best)
        w.mip.at_most(on * least, total(list(used.values())))


def _there(w: World, t: int) -> set[str]:
    listed = {k for row in w.offers.values() for k in row.chips if w.when.met(w.chips[k].first_date, t)}
    return listed | {k for (_, _, k, u), gw in w.signed_chip_gw.items() if u == t and gw > 0.0}


def _write_years(w: World, years: float, periods: list[int], on: dict[tuple[str, int], Lin]) -> None:
    """If a site hosts in a period and did not in the one before, it hosts as long as that lives."""
    for s in w.sites:
        for place, u in enumerate(periods):
            begins = on[s, u] - (on[s, periods[place - 1]] if place else Lin())
            for t in periods[place:]:
                if w.when.alive(u, t, years):
                    w.mip.at_most(begins, on[s, t])
