"""Emissions of a plan, from its tables (docs/formulation.md, section 9)."""

from planner.case.calendar import HOURS_PER_YEAR
from planner.case.rows import PowerOptionRow, PowerRegionRow, SiteRow
from planner.errors import PlannerError
from planner.plan.figures import text
from planner.plan.plan import PlanData

MT_PER_MW_YEAR_PER_KG_PER_MWH = HOURS_PER_YEAR / 1e9
"""A facility MW over a year is 8760 MWh; a million tonnes are 1e9 kg."""


def peak_emissions_mt_per_year(plan: PlanData) -> float:
    """Largest emissions of any period of a plan, Mt CO2 a year.

    Raises
    ------
    PlannerError
        If the case has no family power, so that no energy is used.
    """
    power = plan.case.model.families.power
    if power is None:
        raise PlannerError(f"{plan.case.model.name}: emissions need the family power")
    sites = plan.case.by_key(SiteRow)
    regions = {row.power_region: row for row in plan.case.rows(PowerRegionRow)}
    options = plan.case.by_key(PowerOptionRow)
    kg: dict[str, float] = {}
    for row in plan.rows("capacity"):
        site = sites[text(row["site"])]
        rate = regions[site.power_region].carbon_kg_per_mwh * power.utilisation * site.pue_average
        kg[text(row["period"])] = kg.get(text(row["period"]), 0.0) + float(row["it_mw"]) * rate
    for row in plan.rows("power_options"):
        option = options[text(row["power_option"])]
        grid = regions[sites[option.site].power_region].carbon_kg_per_mwh
        rate = (option.carbon_kg_per_mwh or 0.0) - grid
        kg[text(row["period"])] = kg.get(text(row["period"]), 0.0) + float(row["output_facility_mw"]) * rate
    return max(kg.values(), default=0.0) * MT_PER_MW_YEAR_PER_KG_PER_MWH
