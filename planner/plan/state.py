"""Tables of what stands, period by period: capacity, contracts in force, power, chips, backup."""

from planner.inputs import Inputs
from planner.plan import figures
from planner.plan.decisions import NOTHING_GW, Row, added_gw, mw
from planner.program.columns import (
    BACKUP_SOLD,
    BACKUP_SOLD_COMPUTE,
    BLOCKS,
    IN_FORCE_BLOCKS,
    ONSITE_BUILT,
    ONSITE_OUTPUT,
    STOCK,
)
from planner.symbols import Values


def installed_gw(inputs: Inputs, values: Values, o: str, role: str, k: str, t: int) -> float:
    """IT GW of a chip installed at an offer and role, chips of signed contracts included."""
    signed = inputs.signed_chip_gw.get((o, role, k))  # type: ignore[arg-type]
    return (signed[t] if signed else 0.0) + max(0.0, values[STOCK].get((o, role, k, t), 0.0))


def used_offers(inputs: Inputs, values: Values) -> list[str]:
    """Offers at which a chip is ever installed, in their order: few of those of a large case."""
    used = {o for o, _, _ in inputs.signed_chip_gw}
    used |= {o for (o, _, _, _), gw in values[STOCK].items() if gw > 0.0}
    return [o for o in inputs.offers if o in used]


def capacity(inputs: Inputs, values: Values) -> list[Row]:
    """Installed IT MW per period, offer, role and chip, with everything an outsider needs to recheck."""
    rows: list[Row] = []
    used = used_offers(inputs, values)
    for t in inputs.periods:
        for o in used:
            offer = inputs.offers[o]
            for role in inputs.roles(o):
                for k in inputs.chips_at(o):
                    gw = installed_gw(inputs, values, o, role, k, t)
                    if gw > NOTHING_GW:
                        rows.append(
                            {
                                "period": inputs.calendar.labels[t],
                                "site": offer.site,
                                "provider": offer.provider,
                                "power_region": inputs.sites[offer.site].power_region,
                                "country": inputs.sites[offer.site].country,
                                "offer": o,
                                "tenure": offer.tenure,
                                "role": role,
                                "chip": k,
                                "vendor": inputs.chips[k].vendor,
                                "it_mw": mw(gw),
                                "training_compute": figures.compute(
                                    inputs, gw * inputs.compute_per_gw(k, "training", t)
                                ),
                                "inference_compute": figures.compute(
                                    inputs, gw * inputs.compute_per_gw(k, "inference", t)
                                ),
                            }
                        )
    return rows


def decided_gw(inputs: Inputs, values: Values, o: str, role: str, t: int) -> float:
    """IT GW of decided contracts in force at an offer and role."""
    if inputs.offers[o].ramp is None:
        return round(values[IN_FORCE_BLOCKS].get((o, role, t), 0.0)) * inputs.block_gw(o)
    blocks = values[BLOCKS]
    ramped = (round(blocks.get(c.key, 0.0)) * c.share(t) for c in inputs.choices[o] if c.role == role)
    return sum(ramped) * inputs.block_gw(o)


def in_force(inputs: Inputs, values: Values) -> list[Row]:
    """IT MW in force and installed, per period, offer and role."""
    rows: list[Row] = []
    for t in inputs.periods:
        for o, offer in inputs.offers.items():
            for role in inputs.roles(o):
                signed = inputs.signed_gw.get((o, role), inputs.zeros)[t]
                decided = decided_gw(inputs, values, o, role, t)
                if signed > NOTHING_GW or decided > NOTHING_GW:
                    installed = sum(installed_gw(inputs, values, o, role, k, t) for k in inputs.chips_at(o))
                    rows.append(
                        {
                            "period": inputs.calendar.labels[t],
                            "offer": o,
                            "site": offer.site,
                            "provider": offer.provider,
                            "role": role,
                            "signed_it_mw": mw(signed),
                            "decided_it_mw": mw(decided),
                            "installed_it_mw": mw(installed),
                        }
                    )
    return rows


def site_it_gw(inputs: Inputs, values: Values, s: str, t: int) -> float:
    """IT GW in force at a site, signed and decided."""
    return sum(
        inputs.signed_gw.get((o, role), inputs.zeros)[t] + decided_gw(inputs, values, o, role, t)
        for o in inputs.offers_at(s)
        for role in inputs.roles(o)
    )


def _onsite_gw(inputs: Inputs, values: Values, s: str, t: int, *, only_added: bool) -> float:
    return sum(
        values[ONSITE_BUILT][g, start]
        for g in inputs.options_at(s)
        if not (only_added and inputs.power_options[g].in_energisation)
        for start in inputs.onsite_in_service(g, t)
    )


def power(inputs: Inputs, values: Values) -> list[Row]:
    """Power of every site with anything in force, per period."""
    rows: list[Row] = []
    for t in inputs.periods:
        for s, site in inputs.sites.items():
            it_gw = site_it_gw(inputs, values, s, t)
            onsite = _onsite_gw(inputs, values, s, t, only_added=False)
            if it_gw <= NOTHING_GW and onsite <= NOTHING_GW:
                continue
            own = sum(
                installed_gw(inputs, values, o, role, k, t)
                for o in inputs.offers_at(s)
                if inputs.offers[o].tenure != "cloud"
                for role in inputs.roles(o)
                for k in inputs.chips_at(o)
            )
            rows.append(
                {
                    "period": inputs.calendar.labels[t],
                    "site": s,
                    "power_region": site.power_region,
                    "it_mw": mw(it_gw),
                    "facility_mw": mw(it_gw * site.pue_peak),
                    "energised_facility_mw": mw(
                        inputs.site_facility_limit_gw[s][t] + _onsite_gw(inputs, values, s, t, only_added=True)
                    ),
                    "onsite_facility_mw": mw(onsite),
                    "own_load_facility_mw": mw(own * inputs.average_facility_per_it(s)),
                    "onsite_output_facility_mw": mw(
                        sum(values[ONSITE_OUTPUT].get((g, t), 0.0) for g in inputs.options_at(s))
                    ),
                }
            )
    return rows


def power_options(inputs: Inputs, values: Values) -> list[Row]:
    """On-site options in service and what they generate, per period."""
    rows: list[Row] = []
    for t in inputs.periods:
        for g, option in inputs.power_options.items():
            gw = sum(values[ONSITE_BUILT][g, start] for start in inputs.onsite_in_service(g, t))
            if gw > NOTHING_GW:
                rows.append(
                    {
                        "period": inputs.calendar.labels[t],
                        "power_option": g,
                        "site": option.site,
                        "in_service_facility_mw": mw(gw),
                        "output_facility_mw": mw(values[ONSITE_OUTPUT].get((g, t), 0.0)),
                    }
                )
    return rows


def power_regions(inputs: Inputs, values: Values) -> list[Row]:
    """Facility MW drawn in each power region against what it can give."""
    rows: list[Row] = []
    sites_of: dict[str, list[str]] = {r: [] for r in inputs.power_regions}
    for s, site in inputs.sites.items():
        sites_of[site.power_region].append(s)
    for t in inputs.periods:
        for r, sites in sites_of.items():
            drawn = sum(
                inputs.sites[s].pue_peak * site_it_gw(inputs, values, s, t)
                - _onsite_gw(inputs, values, s, t, only_added=False)
                for s in sites
            )
            if sites:
                rows.append(
                    {
                        "period": inputs.calendar.labels[t],
                        "power_region": r,
                        "facility_mw": mw(drawn),
                        "limit_facility_mw": mw(inputs.region_facility_limit_gw[r][t]),
                    }
                )
    return rows


def chips(inputs: Inputs, values: Values) -> list[Row]:
    """What is installed of every chip against its supply, per period."""
    added = {(k, t): 0.0 for k in inputs.chips for t in inputs.periods}
    for (_, _, k, t), gw in added_gw(inputs, values).items():
        added[k, t] += gw
    rows: list[Row] = []
    used = used_offers(inputs, values)
    for t in inputs.periods:
        for k, chip in inputs.chips.items():
            stock = sum(
                installed_gw(inputs, values, o, role, k, t)
                for o in used
                if k in inputs.chips_at(o)
                for role in inputs.roles(o)
            )
            supply = inputs.chip_supply_gw[k][t] if k in inputs.chip_supply_gw else None
            if stock > NOTHING_GW or added[k, t] > NOTHING_GW:
                rows.append(
                    {
                        "period": inputs.calendar.labels[t],
                        "chip": k,
                        "added_it_mw": mw(added[k, t]),
                        "supply_it_mw": "" if supply is None else mw(supply),
                        "stock_it_mw": mw(stock),
                        "accelerators": round(stock * 1e9 / chip.power_w_per_accelerator),
                    }
                )
    return rows


def backup(inputs: Inputs, values: Values) -> list[Row]:
    """Idle backup and what it earns, per period."""
    rows: list[Row] = []
    used = used_offers(inputs, values)
    for t in inputs.periods:
        installed = {
            k: sum(installed_gw(inputs, values, o, "backup", k, t) for o in used if k in inputs.chips_at(o))
            for k in inputs.chips
        }
        sold, income = _sold(inputs, values, installed, t)
        rows.append(
            {
                "period": inputs.calendar.labels[t],
                "installed_it_mw": mw(sum(installed.values())),
                "sold_it_mw": mw(sold),
                "income_busd": figures.money(inputs, income * inputs.length_years(t)),
            }
        )
    return rows


def _sold(inputs: Inputs, values: Values, installed: dict[str, float], t: int) -> tuple[float, float]:
    """IT GW of backup sold, and $B per year that it earns: by power or by compute, as the case prices it."""
    options = inputs.case.model.families.backup_income
    if options is None:
        return 0.0, 0.0
    if options.workload is None:
        sold = max(0.0, values[BACKUP_SOLD].get(t, 0.0))
        return sold, sold * (options.price_musd_per_mw_year or 0.0)
    gives = {k: inputs.compute_per_gw(k, options.workload, t) for k in installed}
    able = sum(gw for k, gw in installed.items() if gives[k])
    whole = sum(gw * gives[k] for k, gw in installed.items())
    compute = max(0.0, values[BACKUP_SOLD_COMPUTE].get(t, 0.0)) if whole > 0.0 else 0.0
    return (able * compute / whole if compute else 0.0), compute * (options.price_busd_per_compute_year or 0.0)
