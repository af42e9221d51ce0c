"""Power (section 5) and carbon (section 9): regions, on-site options, energy, emissions."""

from planner.audit import tolerance
from planner.audit.calendar import NEVER, growing
from planner.audit.context import Context
from planner.audit.contracts import GW
from planner.audit.facts import Facts
from planner.audit.ledger import Ledger, Level
from planner.audit.state import OWN_ENERGY, State
from planner.audit.throughout import region_free_mw

FAMILY = "power"
MWH_PER_GW_YEAR = 8.76e6
GWH_PER_MW_YEAR = 8.76
BUSD_PER_USD_PER_MWH = 1e-6
"""Billions of dollars of a GWh at a dollar per MWh."""


def region_draw(state: State, region: str, t: int, *, reached: bool = False) -> tuple[float, float]:
    """Facility MW drawn from a power region at peak in period ``t``, and the most it may be.

    With ``reached``, ramps draw what they need power for, which may be more than their average.
    """
    facts, drawn, signed = state.facts, 0.0, 0.0
    for key, site in facts.sites.items():
        if site.power_region == region:
            more = state.reached_mw(key, t) if reached else 0.0
            drawn += (state.site_mw[key][t] + more) * site.pue_peak - state.onsite_mw(key, t)
            signed += facts.signed_site_mw[key][t] * site.pue_peak
    if facts.throughout:
        return drawn, signed + region_free_mw(facts, region, t)
    row = facts.regions[region]
    firm = row.firm_facility_mw + row.added_facility_mw_per_year * facts.calendar.mid[t]
    return drawn, max(firm, signed)


def check_power(context: Context) -> None:
    """Check power regions, on-site options and their output."""
    facts, state = context.facts, context.state
    if facts.model.families.power is None:
        for built in state.decisions.built:
            message = f"{built.option.power_option} is bought, but the model has no power family"
            context.checks.fault(FAMILY, "on-site options", message)
        return
    for region in facts.regions:
        drawn, most = zip(*(region_draw(state, region, t, reached=True) for t in facts.periods), strict=True)
        what = f"power region {region}"
        context.in_each_period(FAMILY, "firm facility MW of a region", what, drawn, most, "facility MW")
    _check_options(context)
    for site in facts.sites:
        output = [state.site_output_mw(site, t) for t in facts.periods]
        load = [state.site_load(state.own_load_mw, site, t) for t in facts.periods]
        what = f"on-site generation of {site}"
        context.in_each_period(FAMILY, "output within own use", what, output, load, "facility MW")


def _check_options(context: Context) -> None:
    facts, decisions, checks = context.facts, context.state.decisions, context.checks
    cal, name = facts.calendar, "on-site options"
    for built in decisions.built:
        option, t = built.option, built.period
        where = f"{option.power_option} of {facts.label(t)}"
        checks.seen(FAMILY, name)
        there = cal.met(option.earliest_date, t)
        if facts.throughout:
            there = cal.years(option.earliest_date) <= cal.tau[t] + NEVER
        if built.facility_mw > tolerance.MW and not there:
            checks.fault(FAMILY, name, f"{where}: in service before its earliest date {option.earliest_date}")
        if built.facility_mw > tolerance.MW and cal.tau[t] < option.lead_months / 12 - NEVER:
            checks.fault(FAMILY, name, f"{where}: in service before its lead of {option.lead_months:g} months")
    for key, series in context.state.option_mw.items():
        most = [facts.options[key].max_facility_mw] * len(series)
        context.in_each_period(FAMILY, "largest power of an option", key, series, most, "facility MW")
        power = series if facts.options[key].kind == "generation" else facts.zeros()
        output = [decisions.output_mw.get((key, t), 0.0) for t in facts.periods]
        context.in_each_period(FAMILY, "output within the option's power", key, output, power, "facility MW")


def grid_mt(state: State, t: int) -> float:
    """Million tonnes of CO2 of the energy from the grid in period ``t``."""
    facts, kg_mw = state.facts, 0.0
    for site, row in facts.sites.items():
        grid = state.site_load(state.all_load_mw, site, t) - state.site_output_mw(site, t)
        kg_mw += grid * facts.regions[row.power_region].carbon_kg_per_mwh
    return kg_mw * GW * MWH_PER_GW_YEAR * facts.calendar.length[t] / 1e9


def onsite_mt(state: State, t: int) -> float:
    """Million tonnes of CO2 of the energy generated on site in period ``t``."""
    facts, kg_mw = state.facts, 0.0
    for (option, when), mw in state.decisions.output_mw.items():
        if when == t:
            kg_mw += mw * (facts.options[option].carbon_kg_per_mwh or 0.0)
    return kg_mw * GW * MWH_PER_GW_YEAR * facts.calendar.length[t] / 1e9


def emissions_mt(state: State, t: int) -> float:
    """Million tonnes of CO2 of period ``t``."""
    return grid_mt(state, t) + onsite_mt(state, t)


def check_carbon(context: Context) -> None:
    """Check the carbon cap."""
    facts, carbon = context.facts, context.facts.model.families.carbon
    if carbon is None:
        return
    if facts.model.families.power is None:
        context.checks.fault("carbon", "energy is known", "carbon needs the power family for its utilisation")
        return
    if carbon.cap_mt_per_year is None:
        return
    for t in facts.periods:
        most = carbon.cap_mt_per_year * facts.calendar.length[t]
        emitted = emissions_mt(context.state, t)
        accepted = tolerance.RELATIVE * max(1.0, most)
        context.checks.limit("carbon", "emission cap", facts.label(t), emitted, most, "Mt", accepted)


def pay_power(state: State, ledger: Ledger) -> None:
    """Book energy, fuel, on-site power and carbon."""
    facts = state.facts
    power, cal = facts.model.families.power, facts.calendar
    if power is None:
        return
    for built in state.decisions.built:
        option, capex = built.option, built.option.capex_busd_per_gw * built.facility_mw * GW
        start, level = cal.tau[built.period], Level(option.site, power_option=option.power_option)
        ledger.pay_ahead(start, option.lead_months / 12, capex, "primary", "onsite", built.period, level)
        ledger.credit(capex, start, option.life_years, "primary", level)
    for (offer, role, chip), series in state.chip_mw.items():
        row, level = facts.offers[offer], ledger.at_offer(offer, chip=chip)
        load = power.utilisation * facts.sites[row.site].pue_average
        for t in facts.periods:
            gwh = series[t] * load * GWH_PER_MW_YEAR * cal.length[t]
            if row.tenure in OWN_ENERGY:
                ledger.pay(t, role, "energy", _tariff_busd(facts, row.site, t) * gwh, level)
            ledger.pay(t, "primary", "carbon", _carbon_busd(facts, _grid(facts, row.site)) * gwh, level)
    for (key, t), mw in state.decisions.output_mw.items():
        option = facts.options[key]
        level, gwh = Level(option.site, power_option=key), mw * GWH_PER_MW_YEAR * cal.length[t]
        more = (option.carbon_kg_per_mwh or 0.0) - _grid(facts, option.site)
        ledger.pay(t, "primary", "energy", -_tariff_busd(facts, option.site, t) * gwh, level)
        ledger.pay(t, "primary", "fuel", (option.fuel_usd_per_mwh or 0.0) * gwh * BUSD_PER_USD_PER_MWH, level)
        ledger.pay(t, "primary", "carbon", _carbon_busd(facts, more) * gwh, level)


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
