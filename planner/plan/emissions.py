"""Emissions of a plan, from its tables (docs/formulation.md, sections 9 and 15)."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from planner.case.calendar import HOURS_PER_YEAR
from planner.errors import PlannerError
from planner.inputs import Inputs
from planner.inputs.periods import Periods
from planner.plan.decisions import Row

if TYPE_CHECKING:
    from planner.plan.plan import PlanData

MT_PER_MW_YEAR_PER_KG_PER_MWH = HOURS_PER_YEAR / 1e9
"""A facility MW over a year is 8760 MWh; a million tonnes are 1e9 kg."""
DECIMALS = 9
"""Decimals of a million tonnes: to the kilogram."""
Rows = Sequence[Mapping[str, object]]


def emissions(inputs: Inputs, capacity: Rows, power_options: Rows) -> list[Row]:
    """The table ``emissions``: million tonnes of CO2 of every period; no rows without the family power.

    Parameters
    ----------
    inputs : Inputs
    capacity, power_options : rows
        The tables of these names.
    """
    families = inputs.case.model.families
    if families.power is None:
        return []
    periods = Periods(inputs.calendar)
    grid, onsite = dict.fromkeys(inputs.periods, 0.0), dict.fromkeys(inputs.periods, 0.0)
    for row in capacity:
        t, site = periods.index(row["period"]), inputs.sites[str(row["site"])]
        mw = float(row["it_mw"]) * families.power.utilisation * site.pue_average  # type: ignore[arg-type]
        grid[t] += mw * inputs.power_regions[site.power_region].carbon_kg_per_mwh
    for row in power_options:
        t, option = periods.index(row["period"]), inputs.power_options[str(row["power_option"])]
        mw = float(row["output_facility_mw"])  # type: ignore[arg-type]
        grid[t] -= mw * inputs.power_regions[inputs.sites[option.site].power_region].carbon_kg_per_mwh
        onsite[t] += mw * (option.carbon_kg_per_mwh or 0.0)
    cap = None if families.carbon is None else families.carbon.cap_mt_per_year
    rows: list[Row] = []
    for t in inputs.periods:
        per_kg = MT_PER_MW_YEAR_PER_KG_PER_MWH * inputs.length_years(t)
        rows.append(
            {
                "period": periods.cells[t],
                "grid_mt": round(grid[t] * per_kg, DECIMALS),
                "onsite_mt": round(onsite[t] * per_kg, DECIMALS),
                "emissions_mt": round((grid[t] + onsite[t]) * per_kg, DECIMALS),
                "cap_mt": "" if cap is None else cap * inputs.length_years(t),
            }
        )
    return rows


def peak_emissions_mt_per_year(plan: "PlanData") -> float:
    """Largest emissions of any period of a plan, Mt CO2 a year.

    Raises
    ------
    PlannerError
        If the case has no family power, so that no energy is used.
    """
    if plan.case.model.families.power is None:
        raise PlannerError(f"{plan.case.model.name}: emissions need the family power")
    years = {row["period"]: float(row["length_years"]) for row in plan.rows("calendar")}
    return max((float(row["emissions_mt"]) / years[row["period"]] for row in plan.rows("emissions")), default=0.0)
