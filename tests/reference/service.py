"""Sections 6 to 11 of docs/formulation.md, read anew: demand, redundancy written out, limits, money."""

from collections.abc import Iterator
from itertools import combinations
from math import asin, cos, radians, sin, sqrt
from typing import Any

from tests.reference.capacity import own_use_gw
from tests.reference.linear import Lin, total
from tests.reference.when import SAME_YEARS
from tests.reference.world import GW, GWH_FACTOR, ROLES, World

KINDS_OF_TENURE = ("build", "shell", "cloud")


def demand_of(w: World) -> dict[tuple[str, str], list[float]]:
    """Compute demanded by market and workload, one number per period."""
    years: dict[tuple[str, str], dict[int, float]] = {}
    for row in w.table("demand"):
        years.setdefault((row.market, row.workload), {})[row.year] = row.compute
    return {key: [w.when.level(t, per_year) for t in w.periods] for key, per_year in years.items()}


def may_serve(w: World, s: str, market: Any) -> bool:
    """Whether a site may serve a market: residency, round trip, serving table."""
    site = w.sites[s]
    if market.residency is not None and site.country not in market.residency:
        return False
    if "serving" in w.case.present and not any((r.site, r.market) == (s, market.market) for r in w.table("serving")):
        return False
    if market.latency_limit_ms is None:
        return True
    stated = [row.rtt_ms for row in w.table("latency") if (row.site, row.market) == (s, market.market)]
    return (stated[0] if stated else _round_trip_ms(w, site, market)) <= market.latency_limit_ms


def _round_trip_ms(w: World, site: Any, market: Any) -> float:
    here, there = radians(site.latitude_deg), radians(market.latitude_deg)
    turn = radians(market.longitude_deg - site.longitude_deg)
    half = sin((there - here) / 2) ** 2 + cos(here) * cos(there) * sin(turn / 2) ** 2
    options = w.case.model.latency
    km = 2 * 6371.0088 * asin(sqrt(half))
    return float(2 * km * options.route_factor / options.fibre_km_per_ms + options.overhead_ms)


def write_demand(w: World) -> None:
    """Who serves what with which primary chips, single sources, serving costs, and what is left unserved."""
    demand = demand_of(w)
    costs = {(row.site, row.market): row.cost_busd_per_compute_year for row in w.table("serving")}
    markets = {row.market: row for row in w.table("markets")}
    served: dict[tuple[str, str, str, int], Lin] = {}
    for t in w.periods:
        for s in w.sites:
            for k in w.chips:
                used = Lin()
                for m, workload in demand:
                    if may_serve(w, s, markets[m]) and w.rate(k, workload, t):
                        w.flows[s, k, m, workload, t] = flow = w.mip.column()
                        used += flow
                        compute = flow * w.rate(k, workload, t)
                        served[s, m, workload, t] = served.get((s, m, workload, t), Lin()) + compute
                        w.pay("primary", t, compute * (costs.get((s, m), 0.0) * w.when.length(t)))
                w.mip.at_most(used, total([w.installed_gw(o, "primary", k, t) for o in w.at(s)]))
        for (m, workload), series in demand.items():
            w.unserved[m, workload, t] = left = w.mip.column(series[t])
            w.mip.equal(total([served.get((s, m, workload, t), Lin()) for s in w.sites]) + left, series[t])
        for m, market in markets.items():
            if market.single_source:
                _write_single(w, m, t, demand, served)


def _write_single(
    w: World, m: str, t: int, demand: dict[tuple[str, str], list[float]], served: dict[tuple[str, str, str, int], Lin]
) -> None:
    chosen = {s: w.mip.column(1.0, integer=True) for s in w.sites}
    w.mip.at_most(total(list(chosen.values())), 1.0)
    for (where, workload), series in demand.items():
        if where == m:
            for s in w.sites:
                w.mip.equal(served.get((s, m, workload, t), Lin()), chosen[s] * series[t])


def write_redundancy(w: World) -> None:
    """Every contingency of every rule in every period, with a routing of its own."""
    demand = demand_of(w)
    for rule in w.families.redundancy.rules:
        for t in w.periods:
            if w.when.holds(t, rule.first_year, rule.last_year):
                critical = {
                    (m, workload): (Lin(series[t]) - w.unserved[m, workload, t]) * share
                    for (m, workload), series in demand.items()
                    if (share := _share(rule, m, workload)) * series[t] > 0.0
                }
                price = rule.price_busd_per_missing_compute_year
                if price is not None:
                    for key, need in critical.items():
                        short = w.mip.column()
                        w.mip.at_most(short, need)
                        w.unprotected[t] += short * (price * w.when.length(t))
                        w.notes["rule missed at its price"].append(short)
                        critical[key] = need - short
                elif not w.hard and rule.shortfall != "hard" and w.case.model.objective.unserved == "lexicographic":
                    tier = "head-room" if rule.domain == "none" else "protection"
                    for key, need in critical.items():
                        short = w.mip.column()
                        w.mip.at_most(short, need)
                        w.miss(tier, short, w.when.length(t))
                        critical[key] = need - short
                for lost in _losses(w, rule):
                    _write_routing(w, rule.domain, lost, critical, t)


def _share(rule: Any, market: str, workload: str) -> float:
    """What is critical, and of it what need not be made good: a pause of so many days of the outage."""
    shares = rule.critical_share
    share = shares.get(workload, 0.0) if isinstance(shares, dict) else shares
    pause = 0.0 if rule.pause_days is None else rule.pause_days.get(workload, 0.0)
    for override in rule.overrides:
        if (override.market, override.workload) == (market, workload):
            share = override.share
            pause = pause if override.pause_days is None else override.pause_days
    outage = rule.outage_days or 1.0
    return float(share * max(outage - pause, 0.0) / outage) if pause else float(share)


def _losses(w: World, rule: Any) -> Iterator[tuple[str, ...]]:
    if rule.domain == "sites":
        yield tuple(rule.sites)
        return
    if rule.domain == "none":
        yield ()
        return
    domains = w.domains(rule.domain)
    yield from combinations(domains, min(rule.k, len(domains)))


def _write_routing(w: World, kind: str, lost: tuple[str, ...], critical: dict[tuple[str, str], Lin], t: int) -> None:
    markets = {row.market: row for row in w.table("markets")}
    carried = {key: Lin() for key in critical}
    for s in w.sites:
        for k in w.chips:
            left = Lin()
            for o in w.at(s):
                if w.domain(kind, o, k) not in lost:
                    left += total([w.installed_gw(o, role, k, t) for role in ROLES])
            used = Lin()
            for m, workload in critical:
                if may_serve(w, s, markets[m]) and w.rate(k, workload, t):
                    flow = w.mip.column()
                    used += flow
                    carried[m, workload] += flow * w.rate(k, workload, t)
            w.mip.at_most(used, left)
    for key, need in critical.items():
        w.mip.at_most(need, carried[key])


def write_diversity(w: World) -> None:
    """No domain holds more than its share."""
    for rule in w.families.diversity.rules:
        for t in w.periods:
            if not w.when.holds(t, rule.first_year):
                continue
            held: dict[str, Lin] = {}
            for o in w.offers:
                if rule.domain == "chip_vendor":
                    for k in w.chips:
                        for role in ROLES:
                            vendor = w.domain("chip_vendor", o, k)
                            held[vendor] = held.get(vendor, Lin()) + w.installed_gw(o, role, k, t)
                else:
                    name = w.domain(rule.domain, o, "")
                    held[name] = held.get(name, Lin()) + w.in_force_gw(o, t)
            for gw in held.values():
                w.mip.at_most(gw, total(list(held.values())) * rule.largest_share)


def write_integration(w: World) -> None:
    """How fast providers and custom chips may grow."""
    for provider in w.table("providers"):
        if provider.first_year_it_mw is None:
            continue
        offers = [o for o, row in w.offers.items() if row.provider == provider.provider]
        on_start = sum(row.it_mw * GW * _share_on_start(w, row) for row in w.signed if row.offer in offers
                       and w.when.after(row.start_date) <= SAME_YEARS < w.when.after(row.end_date))  # fmt: skip
        decided = [total([w.decided_gw[o, role, t] for o in offers for role in ROLES]) for t in w.periods]
        signed = [sum(w.signed_gw[o, role, t] for o in offers for role in ROLES) for t in w.periods]
        _grow(w, decided, signed, on_start, provider)
    limit = w.families.integration.custom_chip
    for k, chip in w.chips.items() if limit is not None else ():
        if chip.development_cost_busd is None:
            continue
        on_start = sum(
            row.it_mw * GW * _share_on_start(w, row)
            for row in w.signed
            if row.chip == k
            and (begin := w.when.after(row.start_date)) <= SAME_YEARS
            and min(w.when.after(row.end_date), begin + chip.life_years) > SAME_YEARS
        )
        stock = [total([z for (_, _, c, u), z in w.stock.items() if (c, u) == (k, t)]) for t in w.periods]
        brought = [sum(gw for (_, _, c, u), gw in w.signed_chip_gw.items() if (c, u) == (k, t)) for t in w.periods]
        _grow(w, stock, brought, on_start, limit)


def _share_on_start(w: World, row: Any) -> float:
    """Share of a signed contract in force at the start of the horizon."""
    age = -w.when.after(row.start_date)
    return max(share for years, share in w.steps(row) if years <= age + SAME_YEARS)


def _grow(w: World, planned: list[Lin], signed: list[float], on_start: float, limit: Any) -> None:
    for t in w.periods:
        years = w.when.length(t)
        before = planned[t - 1] if t else Lin()
        there = before + (signed[t - 1] if t else on_start)
        rate = (1.0 + (limit.growth_per_year or 0.0)) ** years - 1.0
        w.mip.at_most(planned[t] - before, there * rate + limit.first_year_it_mw * GW * years)


def write_carbon(w: World) -> None:
    """Emissions, their cap and their cost."""
    family = w.families.carbon
    for t in w.periods:
        emitted = Lin()
        factor = GWH_FACTOR * w.when.length(t)
        for s, site in w.sites.items():
            grid = w.regions[site.power_region].carbon_kg_per_mwh
            for role in ROLES:
                emitted += own_use_gw(w, s, role, t, KINDS_OF_TENURE) * (grid * factor)
            for g, option in w.options.items():
                if option.site == s and (g, t) in w.output_gw:
                    emitted += w.output_gw[g, t] * ((option.carbon_kg_per_mwh - grid) * factor)
        if family.cap_mt_per_year is not None:
            w.mip.at_most(emitted, family.cap_mt_per_year * w.when.length(t))
        w.pay("primary", t, emitted * ((family.price_usd_per_tonne or 0.0) * 1e-3))


def write_backup_income(w: World) -> None:
    """Idle backup sold."""
    family = w.families.backup_income
    for t in w.periods:
        if family.price_busd_per_compute_year is not None:
            most = float("inf") if family.market_compute is None else family.market_compute
            compute = w.mip.column(most)
            given = total([w.installed_gw(o, "backup", k, t) * w.rate(k, family.workload, t)
                           for o in w.offers for k in w.chips])  # fmt: skip
            w.mip.at_most(compute, given * family.largest_share)
            w.income[t] += compute * (family.price_busd_per_compute_year * w.when.length(t))
            w.notes["backup sold"].append(compute)
            w.notes["backup sold by compute"].append(compute)
            continue
        sold = w.mip.column(float("inf") if family.market_it_mw is None else family.market_it_mw * GW)
        w.mip.at_most(sold, total([w.all_installed_gw(o, "backup", t) for o in w.offers]) * family.largest_share)
        w.income[t] += sold * (family.price_musd_per_mw_year * w.when.length(t))
        w.notes["backup sold"].append(sold)


def limits_busd(w: World) -> list[float]:
    """What each period allows."""
    family = w.families.budget
    rows = w.table("budget")
    due = {row.year: (row.revenue_busd or 0.0) * (row.partner_share or 0.0) for row in rows}
    left = float("inf") if family.partner_payment_cap_busd is None else family.partner_payment_cap_busd
    found = []
    for t in w.periods:
        payment = min(w.when.amount(t, due), left)
        left -= payment
        if family.basis == "burn":
            own = {
                row.year: (row.cash_burn_busd or 0.0) + (row.revenue_busd or 0.0) - (row.other_spending_busd or 0.0)
                for row in rows
            }
            found.append(w.when.amount(t, own) - payment)
        else:
            shares = {r.year: r.partner_share if r.reference_share is None else r.reference_share for r in rows}
            at_reference = {row.year: (row.revenue_busd or 0.0) * (shares[row.year] or 0.0) for row in rows}
            cash = {row.year: row.cash_limit_busd or 0.0 for row in rows}
            change = w.when.amount(t, at_reference) - payment
            found.append(w.when.amount(t, cash) + family.reinvested_share * change)
    return found


def write_budget(w: World) -> None:
    """The cash of each period, and the envelopes."""
    family = w.families.budget
    limits = limits_busd(w)
    net = []
    for t in w.periods:
        spent = w.spend["primary", t] + w.spend["backup", t]
        if not w.hard:
            spent = spent - _not_paid(w, t, max(0.0, -limits[t]) + _upkeep(w, t))
        net.append((spent - w.income[t] if family.backup_income_counts else spent) - w.financed[t])
    for t in w.periods:
        if family.carry_over:
            w.mip.at_most(total(net[: t + 1]), sum(limits[: t + 1]))
        else:
            w.mip.at_most(net[t], limits[t])
    for role, envelope in (("primary", family.primary_envelope_busd), ("backup", family.backup_envelope_busd)):
        if envelope is not None:
            w.mip.at_most(total([w.spend[role, t] - w.unpaid[role, t] for t in w.when.reported]), envelope)


def _not_paid(w: World, t: int, lacking: float) -> Lin:
    """What of the payments of a period may be unpaid: of signed contracts, of programmes, of other spending."""
    found = Lin()
    for role in ROLES:
        due = sum(_due(w, row, t) for row in w.signed if row.role == role)
        if due > 0.0:
            w.unpaid[role, t] = w.mip.column(due)
            found = found + w.unpaid[role, t]
    for (_, when), promised in w.promised.items():
        if when == t:
            left = w.mip.column()
            w.mip.at_most(left, promised)
            w.notes["programme not paid"].append(left)
            w.unpaid["primary", t] = w.unpaid["primary", t] + left
            found = found + left
    if lacking > 0.0:
        found = found + w.mip.column(lacking)
    w.miss("cash", found, 1.0)
    return found


def _upkeep(w: World, t: int) -> float:
    """Energy at the tariff, carbon as if from the grid, and fixed costs of sites, of what is signed."""
    found, years = 0.0, w.when.length(t)
    for row in w.signed if w.families.power is not None else ():
        if row.chip is not None:
            offer = w.offers[row.offer]
            site = w.sites[offer.site]
            region = w.regions[site.power_region]
            begin = w.when.after(row.start_date)
            gone = min(w.when.after(row.end_date), begin + w.chips[row.chip].life_years)
            gw = row.it_mw * GW * w.ramped(row, t, begin, gone) * w.families.power.utilisation * site.pue_average
            price = 0.0 if w.families.carbon is None else w.families.carbon.price_usd_per_tonne or 0.0
            per_mwh = price * region.carbon_kg_per_mwh / 1e3
            if offer.tenure in ("build", "shell"):
                per_mwh += w.grown(region.tariff_usd_per_mwh, region.tariff_growth_per_year, t)
            found += gw * GWH_FACTOR * per_mwh * years
    for s, site in w.sites.items() if w.families.site_opening is not None else ():
        if any(row.offer in w.at(s) and w.when.after(row.end_date) > SAME_YEARS for row in w.signed):
            found += (site.fixed_opex_busd_per_year or 0.0) * years
    return found


def _due(w: World, row: Any, t: int) -> float:
    """What a signed contract costs in a period: rent and running cost."""
    share = w.ramped(row, t, w.when.after(row.start_date), w.when.after(row.end_date))
    price = (row.rent_musd_per_mw_year or 0.0) + (w.offers[row.offer].opex_musd_per_mw_year or 0.0)
    return float(row.it_mw * GW * price * share * w.when.length(t))
