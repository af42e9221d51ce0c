"""Sections 2 to 5 of docs/formulation.md, read anew: contracts, sites, chips, power."""

from typing import Any

from tests.reference import throughout
from tests.reference.linear import Lin, total
from tests.reference.refresh import write_refreshes
from tests.reference.when import SAME_YEARS
from tests.reference.world import GW, GWH_FACTOR, ROLES, World

OWN = ("build", "shell")


def write_signed(w: World) -> None:
    """Signed contracts: in force by time average, the chips they bring, rent and running cost."""
    for row in w.signed:
        begin, end = w.when.after(row.start_date), w.when.after(row.end_date)
        gw = row.it_mw * GW
        for t in w.periods:
            share = w.ramped(row, t, begin, end)
            w.signed_gw[row.offer, row.role, t] += gw * share
            w.pay(row.role, t, (row.rent_musd_per_mw_year or 0.0) * gw * share * w.when.length(t))
            if row.chip is not None:
                gone = min(end, begin + w.chips[row.chip].life_years)
                w.signed_chip_gw[row.offer, row.role, row.chip, t] += gw * w.ramped(row, t, begin, gone)


def write_contracts(w: World) -> None:
    """Every contract that can be decided, with its money; blocks, commitments, signing and running costs."""
    for o, offer in w.offers.items():
        starts = [t for t in w.periods if _may_start(w, offer, t)]
        for t0 in starts:
            q = _term_boundary(w, offer, t0)
            for e in _ends(w, offer, t0, q):
                for role in offer.roles:
                    for chip in _chips(w, offer, t0):
                        _decide(w, offer, role, chip, t0, e, q)
        for t in w.periods:
            w.mip.at_most(w.blocks[o, t], float(offer.max_blocks))
            for role in ROLES:
                force = w.decided_gw[o, role, t] + w.signed_gw[o, role, t]
                w.pay(role, t, force * ((offer.opex_musd_per_mw_year or 0.0) * w.when.length(t)))
        _commit(w, offer, starts)
        if offer.min_blocks_per_start is not None:
            _smallest(w, offer, starts)


def _may_start(w: World, offer: Any, t: int) -> bool:
    dates_met = w.when.met(w.sites[offer.site].earliest_date, t) and w.when.met(offer.first_start, t)
    not_late = offer.last_start is None or w.when.begins_by(offer.last_start, t)
    return dates_met and not_late and w.when.past(t, offer.lead_months / 12)


def _chips(w: World, offer: Any, t0: int) -> list[str | None]:
    """What a contract may have as its chip: under cloud one that is on the market at its start, otherwise none."""
    return [k for k in offer.chips if w.when.met(w.chips[k].first_date, t0)] if offer.tenure == "cloud" else [None]


def _term_boundary(w: World, offer: Any, t0: int) -> int:
    for q in range(t0 + 1, len(w.periods)):
        if w.when.past(q, w.when.tau(t0) + offer.term_years):
            return q
    return len(w.periods)


def _ends(w: World, offer: Any, t0: int, q: int) -> list[int]:
    ends = [q]
    if offer.renewal_rent_musd_per_mw_year is not None:
        ends += list(range(q + 1, len(w.periods) + 1))
    if offer.exit_after_years is not None:
        ends += [e for e in range(t0 + 1, q) if w.when.past(e, w.when.tau(t0) + offer.exit_after_years)]
    return ends


def _decide(w: World, offer: Any, role: str, chip: str | None, t0: int, e: int, q: int) -> None:
    n = w.mip.column(float(offer.max_blocks), integer=True)
    w.contracts[offer.offer, role, t0, e, chip or ""] = n
    whole = offer.block_it_mw * GW * n
    take, before = offer.take_or_pay_share or 0.0, 0.0
    for t in range(t0, e):
        w.blocks[offer.offer, t] += n
        share = w.in_force_share(offer, t0, t, q)
        gw, more, before = whole * share, whole * (share - before), share
        w.decided_gw[offer.offer, role, t] += gw
        _note_ramp(w, offer, n, (t0, t, q), share)
        rent = _rent(w, offer, t) if t < q else offer.renewal_rent_musd_per_mw_year
        w.pay(role, t, gw * (take * rent * w.when.length(t)))
        if chip is not None and w.when.alive(t0, t, w.chips[chip].life_years):
            w.leased[offer.offer, role, chip, t] += gw
            w.brought[offer.offer, role, chip, t] += more
            w.pay(role, t, gw * ((1.0 - take) * rent * w.when.length(t)))
        elif chip is not None:
            w.notes["lease outlasts its chip"].append(n)
    if chip is not None:
        write_refreshes(w, offer, (role, chip), (t0, e, q), n)
    finish = w.when.tau(t0) + offer.term_years
    if e < q:
        w.pay(role, e, whole * (offer.exit_cost_share * take * _rent_left(w, offer, t0, e)))
        w.notes["exit"].append(n)
    if e > q:
        w.notes["renewal"].append(n)
    if w.when.tau(q) > finish + SAME_YEARS and q <= e:
        w.notes["term ends inside a period"].append(n)
    capex = whole * (offer.capex_busd_per_gw_it or 0.0)
    for t, share in w.when.window(t0, offer.lead_months / 12, offer.capex_milestones or (1.0,)).items():
        w.pay(role, t, capex * share)
    if e == len(w.periods):
        w.credit(capex, w.when.tau(t0), offer.term_years)


def _rent_left(w: World, offer: Any, t0: int, e: int) -> float:
    """Rent from ``e`` to the end of the term."""
    left = 0.0
    for opens, closes, share in w.pieces(offer, w.when.tau(t0), w.when.tau(t0) + offer.term_years):
        for t in range(e, len(w.periods)):
            left += _rent(w, offer, t) * w.when.overlap(t, opens, closes) * share
        left += _rent(w, offer, len(w.periods) - 1) * max(0.0, closes - max(opens, w.when.end)) * share
    return left


def _note_ramp(w: World, offer: Any, n: Lin, times: tuple[int, int, int], share: float) -> None:
    """What of a ramp is not its average: the largest share within the period."""
    t0, t, q = times
    if offer.ramp is None:
        return
    ends = w.when.tau(t + 1) - w.when.tau(t0)
    largest = max(step for years, step in w.steps(offer) if ends - years >= SAME_YEARS) if t < q else 1.0
    w.reached_gw[offer.offer, t] += n * (offer.block_it_mw * GW * (largest - share))
    if share < 1.0:
        w.notes["ramp"].append(n)


def _rent(w: World, offer: Any, t: int) -> float:
    return w.grown(offer.rent_musd_per_mw_year, offer.rent_growth_per_year, t)


def _commit(w: World, offer: Any, starts: list[int]) -> None:
    """The first period in force is chosen by a binary each: it pays the signing cost and calls in the minimum."""
    begun = {t: total([n for (o, _, t0, *_), n in w.contracts.items() if (o, t0) == (offer.offer, t)]) for t in starts}
    first = {t: w.mip.column(1.0, integer=True) for t in starts}
    if offer.min_blocks is None and not offer.signing_cost_busd:
        return
    w.mip.at_most(total(list(first.values())), 1.0)
    for t in starts:
        w.mip.at_most(first[t], begun[t])
        w.pay("primary", t, first[t] * (offer.signing_cost_busd or 0.0))
        for (o, _, t0, *_), n in w.contracts.items():
            if (o, t0) == (offer.offer, t):
                w.mip.at_most(n, total([first[u] for u in starts if u <= t]) * float(offer.max_blocks))
    if offer.signing_cost_busd:
        w.notes["signing cost"] += list(first.values())
    if offer.min_blocks is not None:
        w.mip.at_most(total(list(first.values())) * float(offer.min_blocks), total(list(begun.values())))
        w.notes["minimum commitment"] += list(first.values())


def _smallest(w: World, offer: Any, starts: list[int]) -> None:
    """What starts in a period is nothing, or enough."""
    for t in starts:
        begun = total([n for (o, _, t0, *_), n in w.contracts.items() if (o, t0) == (offer.offer, t)])
        some = w.mip.column(1.0, integer=True)
        w.mip.at_most(begun, some * float(offer.max_blocks))
        w.mip.at_most(some * float(offer.min_blocks_per_start), begun)
        w.notes["smallest signing"].append(some)


def write_sites(w: World) -> None:
    """What a site can hold and draw, and when it is open."""
    for s, site in w.sites.items():
        steps = throughout.steps_of(w, s)
        for t in w.periods:
            signed = sum(w.signed_gw[o, role, t] for o in w.at(s) for role in ROLES)
            force = total([w.in_force_gw(o, t) for o in w.at(s)])
            energised = 0.0
            for number, (begin, mw) in enumerate(steps):
                end = steps[number + 1][0] if number + 1 < len(steps) else float("inf")
                energised += mw * GW * w.when.share(t, begin, end)
            extra = total(
                [w.onsite_gw[g, t] for g, row in w.options.items() if row.site == s and not row.in_energisation]
            )
            power, it_gw = max(energised, signed * site.pue_peak), max(site.max_it_mw * GW, signed)
            if throughout.holds(w):
                power = signed * site.pue_peak + throughout.free_at_site(w, s, t)
                it_gw = signed + throughout.free_it_at_site(w, s, t)
                force += total([w.reached_gw[o, t] for o in w.at(s)])
            w.mip.at_most(force, it_gw)
            w.mip.at_most(force * site.pue_peak, extra + power)
    if w.families.site_opening is not None:
        _write_openings(w)


def _write_openings(w: World) -> None:
    last = len(w.periods) - 1
    count = Lin()
    for s, site in w.sites.items():
        stands = any(row.offer in w.at(s) and w.when.after(row.end_date) > SAME_YEARS for row in w.signed)
        opened = {t: Lin(1.0) if stands else w.mip.column(1.0, integer=True) for t in w.periods}
        for t in w.periods:
            before = opened[t - 1] if t else Lin(1.0 if stands else 0.0)
            w.mip.at_most(before, opened[t])
            w.pay("primary", t, (opened[t] - before) * (site.opening_cost_busd or 0.0))
            w.pay("primary", t, opened[t] * ((site.fixed_opex_busd_per_year or 0.0) * w.when.length(t)))
            for o in w.at(s):
                w.mip.at_most(w.blocks[o, t], opened[t] * float(w.offers[o].max_blocks))
        count += opened[last]
        if site.opening_cost_busd and not stands:
            w.notes["opening"].append(opened[last])
    family = w.families.site_opening
    if family.open_at_most is not None:
        w.mip.at_most(count, float(family.open_at_most))
    if family.open_exactly is not None:
        w.mip.equal(count, float(family.open_exactly))


def write_chips(w: World) -> None:
    """Installations and stocks, room, use, supply and developments, price and salvage."""
    for o, offer in w.offers.items():
        for role in ROLES:
            if role in offer.roles or any((row.offer, row.role) == (o, role) for row in w.signed):
                for k in offer.chips:
                    write = _write_stock if offer.tenure in OWN else _write_leased
                    write(w, offer, role, k)
            for t in w.periods:
                _write_room(w, offer, role, t)
    for row in w.signed:
        _write_signed_room(w, row)
    for k, chip in w.chips.items():
        supply = {row.year: row.it_mw * GW for row in w.table("chip_supply") if row.chip == k}
        for t in w.periods if supply else ():
            added = total([a for (_, _, chip_, u), a in w.added.items() if (chip_, u) == (k, t)])
            w.mip.at_most(added, w.when.amount(t, supply))
        if chip.development_cost_busd is not None:
            _write_development(w, k, chip)


def _write_room(w: World, offer: Any, role: str, t: int) -> None:
    """Installed within what is in force; the rest of the rent on what is installed beyond the signed contracts."""
    o = offer.offer
    installed = w.all_installed_gw(o, role, t)
    w.mip.at_most(installed, w.decided_gw[o, role, t] + w.signed_gw[o, role, t])
    if offer.tenure == "shell" and offer.take_or_pay_share < 1.0:
        used = w.mip.column()
        w.mip.at_most(installed - w.signed_gw[o, role, t], used)
        w.pay(role, t, used * ((1.0 - offer.take_or_pay_share) * _rent(w, offer, t) * w.when.length(t)))


def _write_stock(w: World, offer: Any, role: str, k: str) -> None:
    chip, o = w.chips[k], offer.offer
    for t in w.periods:
        if w.when.met(chip.first_date, t) and chip.price_busd_per_gw_it is not None:
            w.added[o, role, k, t] = a = w.mip.column()
            paid = a * w.grown(chip.price_busd_per_gw_it, chip.price_growth_per_year, t)
            w.pay(role, t, paid)
            w.credit(paid, w.when.tau(t), chip.life_years)
            if not w.when.alive(0, t, chip.life_years):
                w.notes["chip end of life"].append(a)
        living = [w.added[o, role, k, u] for u in range(t + 1)
                  if (o, role, k, u) in w.added and w.when.alive(u, t, chip.life_years)]  # fmt: skip
        w.stock[o, role, k, t] = total(living)


def _write_leased(w: World, offer: Any, role: str, k: str) -> None:
    """What decided leases bring, and have; signed contracts that bring no chip add to it."""
    for t in w.periods:
        w.added[offer.offer, role, k, t] = Lin() + w.brought[offer.offer, role, k, t]
        w.stock[offer.offer, role, k, t] = Lin() + w.leased[offer.offer, role, k, t]


def _write_signed_room(w: World, row: Any) -> None:
    """A signed lease without a chip: amounts of chips put in it, which stay with it."""
    offer = w.offers[row.offer]
    if offer.tenure != "cloud" or row.chip is not None:
        return
    shares = [w.when.share(t, w.when.after(row.start_date), w.when.after(row.end_date)) for t in w.periods]
    put: list[tuple[str, int, Lin]] = []
    for k in offer.chips:
        for u in w.periods:
            if shares[u] > 0.0 and w.when.met(w.chips[k].first_date, u):
                amount = w.mip.column()
                put.append((k, u, amount))
                w.added[row.offer, row.role, k, u] += amount
                w.notes["chip of the plan in a signed lease"].append(amount)
    for t in w.periods:
        alive = [(k, amount) for k, u, amount in put if w.when.alive(u, t, w.chips[k].life_years)]
        for k, amount in alive:
            w.stock[row.offer, row.role, k, t] += amount * shares[t]
        if shares[t] > 0.0:
            ramped = w.ramped(row, t, w.when.after(row.start_date), w.when.after(row.end_date)) / shares[t]
            w.mip.at_most(total([amount for _, amount in alive]), row.it_mw * GW * ramped)
            if ramped < 1.0 - SAME_YEARS:
                w.notes["ramp of a signed lease"] += [amount for _, amount in alive]


def _write_development(w: World, k: str, chip: Any) -> None:
    start = {t: w.mip.column(1.0, integer=True) for t in w.periods}
    w.mip.at_most(total(list(start.values())), 1.0)
    for t in w.periods:
        w.pay("primary", t, start[t] * chip.development_cost_busd)
        if not w.when.met(chip.first_date, t):
            w.notes["development started before the first volume"].append(start[t])
        w.notes["development"].append(start[t])
    for (o, role, chip_, t), a in w.added.items():
        if chip_ == k:
            row = w.offers[o]
            room = row.block_it_mw * row.max_blocks * GW + sum(
                one.it_mw * GW for one in w.signed if (one.offer, one.role) == (o, role)
            )
            w.mip.at_most(a, total([start[u] for u in range(t + 1)]) * room)


def write_options(w: World) -> None:
    """On-site options: bought, in service, paid."""
    for g, option in w.options.items():
        for t in w.periods:
            if throughout.option_met(w, option, t) and w.when.past(t, option.lead_months / 12):
                built = w.mip.column()
                w.notes[f"on-site {option.kind}"].append(built)
                capex = built * option.capex_busd_per_gw
                for paid, share in w.when.window(t, option.lead_months / 12, (1.0,)).items():
                    w.pay("primary", paid, capex * share)
                w.credit(capex, w.when.tau(t), option.life_years)
                for later in w.periods:
                    if throughout.serves(w, t, later, option.life_years):
                        w.onsite_gw[g, later] += built
        for t in w.periods:
            w.mip.at_most(w.onsite_gw[g, t], option.max_facility_mw * GW)


def own_use_gw(w: World, site: str, role: str, t: int, tenures: tuple[str, ...]) -> Lin:
    """Average facility GW of the chips installed at a site, of some tenures."""
    factor = w.families.power.utilisation * w.sites[site].pue_average
    return total([w.all_installed_gw(o, role, t) for o in w.at(site) if w.offers[o].tenure in tenures]) * factor


def write_power(w: World) -> None:
    """Power regions, generation on site, and what energy costs."""
    for t in w.periods:
        for r, region in w.regions.items():
            drawn, signed = Lin(), 0.0
            for s, site in w.sites.items():
                if site.power_region == r:
                    drawn += total([w.in_force_gw(o, t) for o in w.at(s)]) * site.pue_peak
                    if throughout.holds(w):
                        drawn += total([w.reached_gw[o, t] for o in w.at(s)]) * site.pue_peak
                    signed += sum(w.signed_gw[o, role, t] for o in w.at(s) for role in ROLES) * site.pue_peak
                    drawn += -total([w.onsite_gw[g, t] for g, row in w.options.items() if row.site == s])
            firm = (region.firm_facility_mw + region.added_facility_mw_per_year * w.when.mid(t)) * GW
            most = signed + throughout.free_in_region(w, region, t) if throughout.holds(w) else max(firm, signed)
            w.mip.at_most(drawn, most)
        for s, site in w.sites.items():
            _write_energy(w, s, w.regions[site.power_region], t)


def _write_energy(w: World, s: str, region: Any, t: int) -> None:
    tariff = w.grown(region.tariff_usd_per_mwh, region.tariff_growth_per_year, t) * GWH_FACTOR * w.when.length(t)
    own = Lin()
    for role in ROLES:
        use = own_use_gw(w, s, role, t, OWN)
        own += use
        w.pay(role, t, use * tariff)
    given = Lin()
    for g, option in w.options.items():
        if option.site == s and option.kind == "generation":
            w.output_gw[g, t] = x = w.mip.column()
            w.mip.at_most(x, w.onsite_gw[g, t])
            w.pay("primary", t, x * (option.fuel_usd_per_mwh * GWH_FACTOR * w.when.length(t) - tariff))
            given += x
    w.mip.at_most(given, own)
