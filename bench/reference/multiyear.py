"""The multi-year problem as an expert writes it in Pyomo: plain rules, recovery written out for every contingency.

It covers what synthetic cases use: contracts, site opening, chips, power, demand, budget, redundancy, backup income,
salvage, discounting. Numbers by period come from `planner.inputs`; every row is written here.
"""

from collections import defaultdict
from itertools import combinations
from typing import Any

import pyomo.environ as pyo

from planner.inputs import Inputs
from planner.inputs.contracts import MW_PER_GW, rent_musd_per_mw_year, spread_capex
from planner.inputs.leases import room_share

BUSD_PER_GW_YEAR_PER_USD_PER_MWH = 8.76e-3
UNSERVED_WEIGHT = 1e3
"""Cost ($B) of unserved compute for a year in the single-objective form of `lexicographic`, an expert's big-M."""


def multiyear_model(inputs: Inputs, *, redundancy: bool = True) -> Any:
    """Return the Pyomo model; without ``redundancy`` the rules are left out."""
    m = pyo.ConcreteModel()
    m.d, m.T = inputs, range(inputs.calendar.count)
    m.pay, m.salvage = defaultdict(list), []
    _contracts(m, inputs)
    _sites(m, inputs)
    _chips(m, inputs)
    _power(m, inputs)
    _demand(m, inputs)
    if redundancy:
        _redundancy(m, inputs)
    _money(m, inputs)
    return m


def _at_most(expression: Any, limit: float) -> Any:
    """The row, or nothing where it has no variable: the limits admit what is signed."""
    return pyo.Constraint.Skip if isinstance(expression, int | float) else expression <= limit


def _get(variable: Any, *index: Any) -> Any:
    return variable[index] if index in variable else 0  # noqa: SIM401 - the get of Pyomo makes what is missing


def _signed(inputs: Inputs, o: str, r: str, t: int) -> float:
    return inputs.signed_gw.get((o, r), inputs.zeros)[t]


def _contracts(m: Any, inputs: Inputs) -> None:
    m.choice = {c.key: c for of_offer in inputs.choices.values() for c in of_offer}
    m.n = pyo.Var(list(m.choice), domain=pyo.NonNegativeIntegers)
    covering = defaultdict(list)
    for key, choice in m.choice.items():
        for t in range(choice.start, choice.end):
            covering[choice.offer, choice.role, t].append(m.n[key])
        for (_, t), busd in choice.pays_busd.items():
            m.pay[t].append(busd * m.n[key])
        m.salvage.append(choice.salvage_busd * m.n[key])
    m.blocks = {key: pyo.quicksum(found) for key, found in covering.items()}
    m.offer_roles = [(o, r) for o in inputs.offers for r in inputs.roles(o)]
    m.OT = [(o, t) for o in inputs.offers for t in m.T if any((o, r, t) in m.blocks for r in ("primary", "backup"))]

    def both(o: str, t: int) -> Any:
        return pyo.quicksum(m.blocks[o, r, t] for r in ("primary", "backup") if (o, r, t) in m.blocks)

    m.both = both
    m.max_blocks = pyo.Constraint(m.OT, rule=lambda _, o, t: both(o, t) <= inputs.offers[o].max_blocks)
    special = [o for o, row in inputs.offers.items() if row.signing_cost_busd or row.min_blocks]
    m.signed_in = pyo.Var(special, m.T, domain=pyo.Binary)
    m.use = pyo.Constraint(
        [(o, t) for o, t in m.OT if o in set(special)],
        rule=lambda _, o, t: both(o, t) <= inputs.offers[o].max_blocks * sum(m.signed_in[o, u] for u in m.T if u <= t),
    )
    m.once = pyo.Constraint(special, rule=lambda m, o: sum(m.signed_in[o, t] for t in m.T) <= 1)
    m.least = pyo.Constraint(
        [o for o in special if inputs.offers[o].min_blocks],
        rule=lambda m, o: (
            sum(m.n[c.key] for c in inputs.choices[o])
            >= inputs.offers[o].min_blocks * sum(m.signed_in[o, t] for t in m.T)
        ),
    )
    for o in special:
        for t in m.T:
            m.pay[t].append((inputs.offers[o].signing_cost_busd or 0.0) * m.signed_in[o, t])
    m.sunk = [sum(c.rent_busd[t] + c.opex_busd[t] for c in inputs.signed) for t in m.T]


def _sites(m: Any, inputs: Inputs) -> None:
    m.standing = {
        s for s in inputs.sites if any((o, r) in inputs.signed_gw for o in inputs.offers_at(s) for r in inputs.roles(o))
    }
    candidates = [s for s in inputs.sites if s not in m.standing]
    m.open = pyo.Var(candidates, m.T, domain=pyo.Binary)
    m.opened = pyo.Var(candidates, m.T, domain=pyo.Binary)
    m.opening = pyo.Constraint(
        candidates, m.T, rule=lambda m, s, t: m.open[s, t] == (m.open[s, t - 1] if t else 0) + m.opened[s, t]
    )
    m.build = pyo.Var(list(inputs.onsite_builds), domain=pyo.NonNegativeReals)
    m.onsite = {
        (g, t): sum(m.build[g, u] for u in inputs.onsite_in_service(g, t)) for g in inputs.power_options for t in m.T
    }

    def load(s: str, t: int) -> Any:
        offers = inputs.offers_at(s)
        decided = pyo.quicksum(inputs.block_gw(o) * m.both(o, t) for o in offers)
        return decided + sum(_signed(inputs, o, r, t) for o in offers for r in inputs.roles(o))

    m.load = {(s, t): load(s, t) for s in inputs.sites for t in m.T}
    live = [(s, t) for s in inputs.sites for t in m.T if any((o, t) in set(m.OT) for o in inputs.offers_at(s))]
    m.room = pyo.Constraint(
        live,
        rule=lambda m, s, t: m.load[s, t] <= inputs.site_it_limit_gw[s][t] * (1 if s in m.standing else m.open[s, t]),
    )
    m.energised = pyo.Constraint(
        live,
        rule=lambda m, s, t: (
            inputs.sites[s].pue_peak * m.load[s, t]
            <= inputs.site_facility_limit_gw[s][t]
            + sum(m.onsite[g, t] for g in inputs.options_at(s) if not inputs.power_options[g].in_energisation)
        ),
    )
    for s, site in inputs.sites.items():
        for t in m.T:
            fixed = (site.fixed_opex_busd_per_year or 0.0) * inputs.length_years(t)
            m.pay[t].append(fixed * (1 if s in m.standing else m.open[s, t]))
            if s not in m.standing:
                m.pay[t].append((site.opening_cost_busd or 0.0) * m.opened[s, t])


def _chips(m: Any, inputs: Inputs) -> None:
    _leases(m, inputs)
    bought = [key for key in inputs.installs if inputs.offers[key[0]].tenure != "cloud"]
    m.a = pyo.Var(bought, domain=pyo.NonNegativeReals)
    m.z = pyo.Var(list(inputs.stocks), domain=pyo.NonNegativeReals)
    by_stock = defaultdict(list)
    for o, r, k, u in bought:
        by_stock[o, r, k].append(u)

    def alive(m: Any, o: str, r: str, k: str, t: int) -> Any:
        if inputs.offers[o].tenure == "cloud":
            return m.z[o, r, k, t] == pyo.quicksum(m.leased[o, r, k, t])
        life = inputs.chips[k].life_years
        return m.z[o, r, k, t] == sum(m.a[o, r, k, u] for u in by_stock[o, r, k] if inputs.lives(u, t, life))

    m.alive = pyo.Constraint(list(inputs.stocks), rule=alive)

    def stock(o: str, r: str, k: str, t: int) -> Any:
        signed = inputs.signed_chip_gw.get((o, r, k), inputs.zeros)[t]
        return signed + _get(m.z, o, r, k, t)

    m.stock = stock
    m.installed = {(o, r, t): sum(stock(o, r, k, t) for k in inputs.chips_at(o)) for o, r in m.offer_roles for t in m.T}
    hosted = sorted({(o, r, t) for o, r, _, t in inputs.stocks})
    m.host = pyo.Constraint(
        hosted,
        rule=lambda m, o, r, t: (
            m.installed[o, r, t] <= _signed(inputs, o, r, t) + inputs.block_gw(o) * m.blocks.get((o, r, t), 0)
        ),
    )
    _supply(m, inputs)
    _usage(m, inputs, hosted)
    for o, r, k, t in bought:
        price = inputs.chip_price_busd_per_gw(k, t)
        m.pay[t].append(price * m.a[o, r, k, t])
        m.salvage.append(price * inputs.chip_life_left_share(k, t) * m.a[o, r, k, t])


def _leases(m: Any, inputs: Inputs) -> None:
    """Under cloud: the blocks of a contract by chip, and what is put in signed contracts that bring none."""
    leases = {c.key: c for of_offer in inputs.leases.values() for c in of_offer}
    m.l = pyo.Var(list(leases), domain=pyo.NonNegativeIntegers)
    chips, m.leased, m.brought = defaultdict(list), defaultdict(list), defaultdict(list)
    for key, lease in leases.items():
        chips[lease.contract].append(m.l[key])
        m.brought[lease.chip, lease.start].append(gw := inputs.block_gw(lease.offer) * m.l[key])
        for t in range(lease.start, lease.bare):
            m.leased[lease.offer, lease.role, lease.chip, t].append(gw)
        for t, busd in lease.usage_busd.items():
            m.pay[t].append(busd * m.l[key])
    m.of_chip = pyo.Constraint(list(chips), rule=lambda m, *key: pyo.quicksum(chips[key]) == m.n[key])
    m.s = pyo.Var(list(inputs.room_installs), domain=pyo.NonNegativeReals)
    inside = defaultdict(list)
    for c, k, u in inputs.room_installs:
        room = inputs.rooms[c]
        m.brought[k, u].append(m.s[c, k, u])
        for t in range(u, len(m.T)):
            share = room_share(room, inputs.calendar, u, t, inputs.chips[k].life_years)
            m.leased[room.row.offer, room.row.role, k, t].append(share * m.s[c, k, u])
            if share > 0.0:
                inside[c, t].append(m.s[c, k, u])
    m.signed_room = pyo.Constraint(
        list(inside), rule=lambda _, c, t: pyo.quicksum(inside[c, t]) <= inputs.rooms[c].row.it_mw / MW_PER_GW
    )


def _supply(m: Any, inputs: Inputs) -> None:
    added = defaultdict(list, {key: list(found) for key, found in m.brought.items()})
    for key in m.a:
        added[key[2], key[3]].append(m.a[key])
    custom = [k for k, row in inputs.chips.items() if row.development_cost_busd is not None]
    m.development = pyo.Var(custom, m.T, domain=pyo.Binary)
    m.one_development = pyo.Constraint(custom, rule=lambda m, k: sum(m.development[k, t] for t in m.T) <= 1)

    def supplied(m: Any, k: str, t: int) -> Any:
        limit = inputs.chip_supply_gw[k][t] if k in inputs.chip_supply_gw else inputs.room_gw(k, t)
        if k in custom:
            return pyo.quicksum(added[k, t]) <= limit * sum(m.development[k, u] for u in m.T if u <= t)
        return pyo.quicksum(added[k, t]) <= limit

    m.supplied = pyo.Constraint(list(added), rule=supplied)
    for k in custom:
        for t in m.T:
            m.pay[t].append((inputs.chips[k].development_cost_busd or 0.0) * m.development[k, t])


def _usage(m: Any, inputs: Inputs, hosted: list[tuple[str, str, int]]) -> None:
    shells = [(o, r, t) for o, r, t in hosted if inputs.offers[o].tenure == "shell"]
    by_use = [(o, r, t) for o, r, t in shells if (inputs.offers[o].take_or_pay_share or 0.0) < 1.0]
    m.usage = pyo.Var(by_use, domain=pyo.NonNegativeReals)
    m.used_beyond = pyo.Constraint(
        by_use, rule=lambda m, o, r, t: m.usage[o, r, t] >= m.installed[o, r, t] - _signed(inputs, o, r, t)
    )
    for o, r, t in by_use:
        offer = inputs.offers[o]
        due = (1 - (offer.take_or_pay_share or 0.0)) * rent_musd_per_mw_year(offer, inputs.calendar, t)
        m.pay[t].append(due * inputs.length_years(t) * m.usage[o, r, t])


def _power(m: Any, inputs: Inputs) -> None:
    sites_in = defaultdict(list)
    for s, site in inputs.sites.items():
        sites_in[site.power_region].append(s)
    m.region = pyo.Constraint(
        list(sites_in),
        m.T,
        rule=lambda m, r, t: _at_most(
            sum(
                inputs.sites[s].pue_peak * m.load[s, t] - sum(m.onsite[g, t] for g in inputs.options_at(s))
                for s in sites_in[r]
            ),
            inputs.region_facility_limit_gw[r][t],
        ),
    )
    m.size = pyo.Constraint(
        [(g, t) for g in inputs.power_options for t in m.T if inputs.onsite_in_service(g, t)],
        rule=lambda m, g, t: m.onsite[g, t] <= inputs.power_options[g].max_facility_mw / 1000.0,
    )
    for g, u in inputs.onsite_builds:
        row = inputs.power_options[g]
        for t, busd in spread_capex(row.capex_busd_per_gw, (1.0,), row.lead_months, inputs.calendar, u).items():
            m.pay[t].append(busd * m.build[g, u])
        left = inputs.calendar.start_years[u] + row.life_years - inputs.calendar.end_years
        m.salvage.append(row.capex_busd_per_gw * max(0.0, left / row.life_years) * m.build[g, u])
    running = [
        (g, t)
        for g, row in inputs.power_options.items()
        if row.kind == "generation"
        for t in m.T
        if inputs.onsite_in_service(g, t)
    ]
    m.output = pyo.Var(running, domain=pyo.NonNegativeReals)
    m.output_limit = pyo.Constraint(running, rule=lambda m, g, t: m.output[g, t] <= m.onsite[g, t])
    own = {
        (s, t): inputs.average_facility_per_it(s)
        * sum(
            m.installed[o, r, t]
            for o, r in m.offer_roles
            if inputs.offers[o].site == s and inputs.offers[o].tenure != "cloud"
        )
        for s in inputs.sites
        for t in m.T
    }
    m.own_use = pyo.Constraint(
        sorted({(inputs.power_options[g].site, t) for g, t in running}),
        rule=lambda m, s, t: sum(m.output[g, t] for g in inputs.options_at(s) if (g, t) in m.output) - own[s, t] <= 0,
    )
    for (s, t), load in own.items():
        years = inputs.length_years(t) * BUSD_PER_GW_YEAR_PER_USD_PER_MWH
        m.pay[t].append(inputs.tariff_usd_per_mwh(s, t) * years * load)
        for g in inputs.options_at(s):
            if (g, t) in m.output:
                saved = (inputs.power_options[g].fuel_usd_per_mwh or 0.0) - inputs.tariff_usd_per_mwh(s, t)
                m.pay[t].append(saved * years * m.output[g, t])


def _site_chip_stock(m: Any, inputs: Inputs, roles: tuple[str, ...]) -> dict[tuple[str, str, int], Any]:
    stock: dict[tuple[str, str, int], Any] = defaultdict(float)
    for o, r in m.offer_roles:
        if r in roles:
            for k in inputs.chips_at(o):
                for t in m.T:
                    stock[inputs.offers[o].site, k, t] += m.stock(o, r, k, t)
    return stock


def _demand(m: Any, inputs: Inputs) -> None:
    stock = _site_chip_stock(m, inputs, ("primary",))
    arcs = [
        (s, k, market, w, t)
        for s, k, t in stock
        for market, w in inputs.demand_compute
        if (s, market) in inputs.reach and inputs.nameplate_per_gw(k, w)
    ]
    m.serve = pyo.Var(arcs, domain=pyo.NonNegativeReals)
    m.short = pyo.Var(list(inputs.demand_compute), m.T, domain=pyo.NonNegativeReals)
    by_stock, by_need = defaultdict(list), defaultdict(list)
    for s, k, market, w, t in arcs:
        by_stock[s, k, t].append(m.serve[s, k, market, w, t])
        by_need[market, w, t].append(inputs.compute_per_gw(k, w, t) * m.serve[s, k, market, w, t])
    m.used_once = pyo.Constraint(
        list(by_stock), rule=lambda _, s, k, t: pyo.quicksum(by_stock[s, k, t]) <= stock[s, k, t]
    )
    m.balance = pyo.Constraint(
        list(inputs.demand_compute),
        m.T,
        rule=lambda m, market, w, t: (
            pyo.quicksum(by_need[market, w, t]) + m.short[market, w, t] == inputs.demand_compute[market, w][t]
        ),
    )


def _domains(inputs: Inputs, kind: str) -> dict[str, set[str]]:
    """Sites of offers lost with each domain, as offers (all kinds but the chip vendor lose offers)."""
    of_site = {"site": lambda s: s, "power_region": lambda s: inputs.sites[s].power_region}
    of_site["country"] = lambda s: inputs.sites[s].country
    lost: dict[str, set[str]] = defaultdict(set)
    if kind == "none":
        return lost
    for o, row in inputs.offers.items():
        lost[row.provider if kind == "provider" else of_site[kind](row.site)].add(o)
    return lost


def _redundancy(m: Any, inputs: Inputs) -> None:
    """For every contingency the whole recovery: which surviving chip carries which critical demand."""
    m.contingency = pyo.Block(pyo.Any)
    for rule in inputs.redundancy_rules:
        domains = _domains(inputs, rule.domain)
        for names in combinations(domains, min(rule.k, len(domains))):
            lost = set().union(*(domains[name] for name in names))
            for t in m.T:
                if inputs.calendar.holds(t, rule.first_year, rule.last_year):
                    _recovery(m, inputs, rule, "+".join(names), lost, t)


def _recovery(m: Any, inputs: Inputs, rule: Any, name: str, lost: set[str], t: int) -> None:
    block = m.contingency[rule.name, name, t]
    left: dict[tuple[str, str], Any] = defaultdict(float)
    for o, r in m.offer_roles:
        if o not in lost:
            for k in inputs.chips_at(o):
                left[inputs.offers[o].site, k] += m.stock(o, r, k, t)
    arcs = [
        (s, k, market, w)
        for s, k in left
        for market, w in inputs.demand_compute
        if (s, market) in inputs.reach and inputs.nameplate_per_gw(k, w)
    ]
    block.carry = pyo.Var(arcs, domain=pyo.NonNegativeReals)
    by_stock, by_need = defaultdict(list), defaultdict(list)
    for s, k, market, w in arcs:
        by_stock[s, k].append(block.carry[s, k, market, w])
        by_need[market, w].append(inputs.compute_per_gw(k, w, t) * block.carry[s, k, market, w])
    block.once = pyo.Constraint(list(by_stock), rule=lambda _, s, k: pyo.quicksum(by_stock[s, k]) <= left[s, k])
    block.met = pyo.Constraint(
        list(inputs.demand_compute),
        rule=lambda _, market, w: pyo.quicksum(by_need[market, w]) >= inputs.critical_compute(rule, (market, w), t),
    )


def _money(m: Any, inputs: Inputs) -> None:
    m.spend = pyo.Var(m.T, domain=pyo.NonNegativeReals)
    m.spending = pyo.Constraint(m.T, rule=lambda m, t: m.spend[t] == m.sunk[t] + pyo.quicksum(m.pay[t]))
    if inputs.budget_limit_busd is not None:
        limit = inputs.budget_limit_busd
        m.budget = pyo.Constraint(m.T, rule=lambda m, t: m.spend[t] <= limit[t])
    income = 0.0
    options = inputs.case.model.families.backup_income
    if options is not None:
        most = None if options.market_it_mw is None else options.market_it_mw / 1000.0
        m.sold = pyo.Var(m.T, bounds=(0.0, most))
        m.sold_limit = pyo.Constraint(
            m.T,
            rule=lambda m, t: (
                m.sold[t]
                <= options.largest_share * sum(m.installed[o, r, t] for o, r in m.offer_roles if r == "backup")
            ),
        )
        income = sum(
            inputs.discount[t] * (options.price_musd_per_mw_year or 0.0) * inputs.length_years(t) * m.sold[t]
            for t in m.T
        )
    salvage = inputs.discount_end * pyo.quicksum(m.salvage) if inputs.credits_salvage else 0.0
    short = pyo.quicksum(
        inputs.length_years(t) * m.short[market, w, t] for market, w in inputs.demand_compute for t in m.T
    )
    m.plan_cost = pyo.Expression(expr=sum(inputs.discount[t] * m.spend[t] for t in m.T) - income - salvage)
    m.cost = pyo.Objective(expr=m.plan_cost + UNSERVED_WEIGHT * short)
