"""Power (section 5) and carbon (section 9): regions, on-site options, energy, emissions."""

from planner.audit import tolerance
from planner.audit.calendar import NEVER, growing
from planner.audit.contracts import GW
from planner.audit.facts import Facts
from planner.audit.ledger import Ledger, Place
from planner.audit.report import Checks
from planner.audit.state import OWN_ENERGY, State

FAMILY = "power"
MWH_PER_GW_YEAR = 8.76e6
GWH_PER_MW_YEAR = 8.76
BUSD_PER_USD_PER_MWH = 1e-6
"""Billions of dollars of a GWh at a dollar per MWh."""


def region_draw(facts: Facts, state: State, region: str, t: int) -> tuple[float, float]:
    """Facility MW drawn from a power region at peak, and the most it may be.

    Parameters
    ----------
    facts
        The case.
    state
        The plan.
    region
        The power region.
    t
        The period.

    Returns
    -------
    tuple of float
        Draw and limit.
    """
    row, drawn, signed = facts.regions[region], 0.0, 0.0
    for key, site in facts.sites.items():
        if site.power_region == region:
            drawn += state.site_mw[key][t] * site.pue_peak - state.onsite_mw(key, t)
            signed += facts.signed_site_mw[key][t] * site.pue_peak
    firm = row.firm_facility_mw + row.added_facility_mw_per_year * facts.calendar.mid[t]
    return drawn, max(firm, signed)


def check_power(facts: Facts, state: State, checks: Checks) -> None:
    """Check power regions, on-site options and their output.

    Parameters
    ----------
    facts
        The case.
    state
        The plan.
    checks
        Collects the outcome.
    """
    if facts.model.families.power is None:
        for built in state.decisions.built:
            message = f"{built.option.power_option} is bought, but the model has no power family"
            checks.fault(FAMILY, "on-site options", message)
        return
    for region in facts.regions:
        for t in facts.periods:
            drawn, most = region_draw(facts, state, region, t)
            where = f"power region {region} in {facts.label(t)}"
            checks.limit(FAMILY, "firm facility MW of a region", where, drawn, most, "facility MW", tolerance.mw(most))
    _check_options(facts, state, checks)
    for site in facts.sites:
        for t in facts.periods:
            output, load = state.site_output_mw(site, t), state.site_load(state.own_load_mw, site, t)
            where = f"on-site generation of {site} in {facts.label(t)}"
            checks.limit(FAMILY, "output within own use", where, output, load, "facility MW", tolerance.mw(load))


def _check_options(facts: Facts, state: State, checks: Checks) -> None:
    cal, name = facts.calendar, "on-site options"
    for built in state.decisions.built:
        option, t = built.option, built.period
        where = f"{option.power_option} of {facts.label(t)}"
        checks.seen(FAMILY, name)
        if built.facility_mw > tolerance.MW and not cal.met(option.earliest_date, t):
            checks.fault(FAMILY, name, f"{where}: in service before its earliest date {option.earliest_date}")
        if built.facility_mw > tolerance.MW and cal.tau[t] < option.lead_months / 12 - NEVER:
            checks.fault(FAMILY, name, f"{where}: in service before its lead of {option.lead_months:g} months")
    for key, series in state.option_mw.items():
        most = facts.options[key].max_facility_mw
        for t in facts.periods:
            where = f"{key} in {facts.label(t)}"
            checks.limit(
                FAMILY, "largest power of an option", where, series[t], most, "facility MW", tolerance.mw(most)
            )
            power = series[t] if facts.options[key].kind == "generation" else 0.0
            output = state.decisions.output_mw.get((key, t), 0.0)
            checks.limit(
                FAMILY, "output within the option's power", where, output, power, "facility MW", tolerance.mw(power)
            )


def emissions_mt(facts: Facts, state: State, t: int) -> float:
    """Million tonnes of CO2 of a period.

    Parameters
    ----------
    facts
        The case.
    state
        The plan.
    t
        The period.

    Returns
    -------
    float
        Million tonnes.
    """
    kg_mw = 0.0
    for site, row in facts.sites.items():
        grid = state.site_load(state.all_load_mw, site, t) - state.site_output_mw(site, t)
        kg_mw += grid * facts.regions[row.power_region].carbon_kg_per_mwh
    for (option, when), mw in state.decisions.output_mw.items():
        if when == t:
            kg_mw += mw * (facts.options[option].carbon_kg_per_mwh or 0.0)
    return kg_mw * GW * MWH_PER_GW_YEAR * facts.calendar.length[t] / 1e9


def check_carbon(facts: Facts, state: State, checks: Checks) -> None:
    """Check the carbon cap.

    Parameters
    ----------
    facts
        The case.
    state
        The plan.
    checks
        Collects the outcome.
    """
    carbon = facts.model.families.carbon
    if carbon is None:
        return
    if facts.model.families.power is None:
        checks.fault("carbon", "energy is known", "carbon needs the power family for its utilisation")
        return
    if carbon.cap_mt_per_year is None:
        return
    for t in facts.periods:
        most = carbon.cap_mt_per_year * facts.calendar.length[t]
        emitted = emissions_mt(facts, state, t)
        accepted = tolerance.RELATIVE * max(1.0, most)
        checks.limit("carbon", "emission cap", facts.label(t), emitted, most, "Mt", accepted)


def pay_power(facts: Facts, state: State, ledger: Ledger) -> None:
    """Book energy, fuel, on-site power and carbon.

    Parameters
    ----------
    facts
        The case.
    state
        The plan.
    ledger
        Takes the payments.
    """
    power, cal = facts.model.families.power, facts.calendar
    if power is None:
        return
    for built in state.decisions.built:
        option, capex = built.option, built.option.capex_busd_per_gw * built.facility_mw * GW
        start, place = cal.tau[built.period], Place(option.site, power_option=option.power_option)
        ledger.pay_ahead(start, option.lead_months / 12, capex, "primary", "onsite", built.period, place)
        ledger.credit(capex, start, option.life_years, "primary", place)
    for (offer, role, chip), series in state.chip_mw.items():
        row, place = facts.offers[offer], ledger.at_offer(offer, chip=chip)
        load = power.utilisation * facts.sites[row.site].pue_average
        for t in facts.periods:
            gwh = series[t] * load * GWH_PER_MW_YEAR * cal.length[t]
            if row.tenure in OWN_ENERGY:
                ledger.pay(t, role, "energy", _tariff_busd(facts, row.site, t) * gwh, place)
            ledger.pay(t, "primary", "carbon", _carbon_busd(facts, _grid(facts, row.site)) * gwh, place)
    for (key, t), mw in state.decisions.output_mw.items():
        option = facts.options[key]
        place, gwh = Place(option.site, power_option=key), mw * GWH_PER_MW_YEAR * cal.length[t]
        more = (option.carbon_kg_per_mwh or 0.0) - _grid(facts, option.site)
        ledger.pay(t, "primary", "energy", -_tariff_busd(facts, option.site, t) * gwh, place)
        ledger.pay(t, "primary", "fuel", (option.fuel_usd_per_mwh or 0.0) * gwh * BUSD_PER_USD_PER_MWH, place)
        ledger.pay(t, "primary", "carbon", _carbon_busd(facts, more) * gwh, place)


def _grid(facts: Facts, site: str) -> float:
    """Kilograms of CO2 per MWh from the grid at a site."""
    return facts.regions[facts.sites[site].power_region].carbon_kg_per_mwh


def _tariff_busd(facts: Facts, site: str, t: int) -> float:
    """Tariff of a site in billions of dollars a GWh."""
    region = facts.regions[facts.sites[site].power_region]
    price = growing(region.tariff_usd_per_mwh, region.tariff_growth_per_year, facts.calendar.mid[t])
    return price * BUSD_PER_USD_PER_MWH


def _carbon_busd(facts: Facts, kg_per_mwh: float) -> float:
    """Price of emissions in billions of dollars a GWh; a GWh at a kg per MWh emits a tonne."""
    carbon = facts.model.families.carbon
    return 0.0 if carbon is None else (carbon.price_usd_per_tonne or 0.0) * kg_per_mwh / 1e9
