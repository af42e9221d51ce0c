"""Demand (section 6): who may serve what, each IT MW used once, single sources, serving costs."""

from collections import defaultdict
from functools import partial

from planner.audit import tolerance
from planner.audit.context import Context
from planner.audit.ledger import Ledger, Level
from planner.audit.state import State

FAMILY = "demand"


def served_compute(state: State) -> dict[tuple[str, str, int], float]:
    """Compute served per market, workload and period."""
    found: dict[tuple[str, str, int], float] = defaultdict(float)
    for row in state.decisions.served:
        found[row.market, row.workload, row.period] += row.compute
    return found


def primary_mw(state: State) -> dict[tuple[str, str], list[float]]:
    """Primary IT MW installed per site and chip, one number per period."""
    facts = state.facts
    return facts.summed(
        ((facts.offers[offer].site, chip), series)
        for (offer, role, chip), series in state.chip_mw.items()
        if role == "primary"
    )


def check_demand(context: Context) -> None:
    """Check what is served, from where, and that nothing is used twice."""
    facts, state, checks = context.facts, context.state, context.checks
    used: dict[tuple[str, str, int], list[float]] = defaultdict(list)
    for row in state.decisions.served:
        used[row.site, row.chip, row.period].append(row.it_mw)
        where = f"{row.site} serving {row.market} {row.workload} with {row.chip} in {facts.label(row.period)}"
        checks.seen(FAMILY, "sites may serve the market")
        if row.market not in facts.reach[row.site]:
            message = f"{where}: the site may not serve the market (residency, latency or serving table)"
            checks.fault(FAMILY, "sites may serve the market", message)
        rate = facts.rate(row.chip, row.workload, row.period)
        expected = rate * row.it_mw
        accepted = tolerance.compute_of_chips(rate, expected)
        checks.equal(FAMILY, "compute of chips", where, row.compute, expected, "compute", accepted)
    installed = primary_mw(state)
    for (site, chip, t), parts in used.items():
        most = installed.get((site, chip), facts.zeros())[t]
        where = f"primary {chip} at {site} in {facts.label(t)}"
        accepted = tolerance.used_mw(most, len(parts))
        checks.limit(FAMILY, "each IT MW used once", where, sum(parts), most, "IT MW", accepted)
    served = served_compute(state)
    for market, workload, t in served:
        if (market, workload) not in facts.demand:
            checks.fault(FAMILY, "no more than demanded", f"{market} {workload} in {facts.label(t)}: no such demand")
    for (market, workload), series in facts.demand.items():
        found = [served.get((market, workload, t), 0.0) for t in facts.periods]
        context.in_each_period(
            FAMILY, "no more than demanded", f"{market} {workload}", found, series, "compute",
            accepted=partial(tolerance.compute, facts.largest_rate),
        )  # fmt: skip
    _check_single_source(context)


def _check_single_source(context: Context) -> None:
    by_site: dict[tuple[str, int], dict[str, dict[str, float]]] = {}
    for row in context.state.decisions.served:
        if context.facts.markets[row.market].single_source:
            sites = by_site.setdefault((row.market, row.period), {})
            of_site = sites.setdefault(row.site, defaultdict(float))
            of_site[row.workload] += row.compute
    for (market, t), sites in by_site.items():
        _check_source(context, market, t, sites)


def _check_source(context: Context, market: str, t: int, sites: dict[str, dict[str, float]]) -> None:
    """Check that one site serves a single-source market in a period, and serves all of every workload."""
    facts, checks, name = context.facts, context.checks, "single source"
    asked = [series[t] for (where, _), series in facts.demand.items() if where == market and series[t] > 0]
    nothing = tolerance.critical(facts.largest_rate, asked, asked)
    serving = {site: of_site for site, of_site in sites.items() if any(c > nothing for c in of_site.values())}
    checks.seen(FAMILY, name)
    if len(serving) > 1:
        checks.fault(FAMILY, name, f"{market} in {facts.label(t)} is served by {', '.join(sorted(serving))}")
    for site, of_site in serving.items():
        for (where, workload), series in facts.demand.items():
            if where != market:
                continue
            whole, compute = series[t], of_site.get(workload, 0.0)
            text = f"{site} serves {compute:.6g} of the {whole:.6g} {workload} compute of {market} in {facts.label(t)}"
            accepted = tolerance.compute(facts.largest_rate, whole)
            checks.amount(FAMILY, f"{name} serves all", text, whole - compute, "compute", accepted)


def unserved_by_market(state: State) -> dict[tuple[str, int], float]:
    """Compute-years unserved per market and period, both workloads."""
    facts, served, found = state.facts, served_compute(state), defaultdict[tuple[str, int], float](float)
    for (market, workload), series in facts.demand.items():
        for t in facts.periods:
            left = series[t] - served.get((market, workload, t), 0.0)
            found[market, t] += max(0.0, left) * facts.calendar.length[t]
    return found


def unserved_series(state: State) -> list[float]:
    """Compute-years unserved per period."""
    found = state.facts.zeros()
    for (_, t), compute_years in unserved_by_market(state).items():
        found[t] += compute_years
    return found


def pay_serving(state: State, ledger: Ledger) -> None:
    """Book serving costs."""
    facts = state.facts
    for row in state.decisions.served:
        price = facts.serving_busd.get((row.site, row.market), 0.0)
        cost = price * row.compute * facts.calendar.length[row.period]
        ledger.pay(row.period, "primary", "serving", cost, Level(row.site, market=row.market))
