"""Emissions of a plan from its tables, in closed form (formulation, section 9)."""

from typing import Any

import pytest

from planner.errors import PlannerError
from planner.inputs import make_inputs
from planner.inputs.periods import Periods
from planner.plan.emissions import emissions, peak_emissions_mt_per_year
from tests.analysis.by_hand import plan_of
from tests.cases import FAMILIES, make_case

FULL = make_case(full=True)
INPUTS = make_inputs(FULL)
MT_PER_MW = 0.8 * 1.2 * 8760 * 300 / 1e9
"""Mt a year of an IT MW at 80 % utilisation, an average PUE of 1.2 and 300 kg per MWh."""


def installed(period: int, it_mw: float, site: str = "north") -> dict[str, Any]:
    """Return a row of what is installed."""
    return {"period": period, "site": site, "it_mw": it_mw}


def generated(period: int, output_mw: float) -> dict[str, Any]:
    """Return a row of what the turbines give, at 420 kg per MWh."""
    return {"period": period, "power_option": "turbines", "output_facility_mw": output_mw}


@pytest.mark.parametrize(
    ("capacity", "options", "mt"),
    [
        ([], [], 0.0),
        ([installed(2026, 100.0)], [], 100 * MT_PER_MW),
        ([installed(2026, 100.0), installed(2026, 50.0, "east"), installed(2027, 120.0)], [], 150 * MT_PER_MW),
        ([installed(2026, 100.0)], [generated(2026, 40.0)], 100 * MT_PER_MW + 40 * 8760 * 120 / 1e9),
        ([installed(2026, 100.0)], [generated(2027, 40.0)], 100 * MT_PER_MW),
    ],
)
def test_energy_has_the_intensity_of_its_origin(capacity: list[Any], options: list[Any], mt: float) -> None:
    """Law: energy of all chips at the grid's intensity, output at its own less the grid's; both parts add up."""
    rows = emissions(INPUTS, capacity, options)
    assert [row["period"] for row in rows] == list(Periods(INPUTS.calendar).cells[:-1])
    assert max(float(row["emissions_mt"]) for row in rows) == pytest.approx(mt, abs=1e-9)
    for row in rows:
        assert float(row["grid_mt"]) + float(row["onsite_mt"]) == pytest.approx(float(row["emissions_mt"]), abs=2e-9)


def test_the_largest_year_counts() -> None:
    """Law: the peak is that of the table, by the length of its period."""
    calendar = [{"period": 2026, "length_years": 1.0}, {"period": 2027, "length_years": 0.5}]
    rows = [{"period": 2026, "emissions_mt": 0.3}, {"period": 2027, "emissions_mt": 0.2}]
    plan = plan_of(FULL, emissions=rows, calendar=calendar)
    assert peak_emissions_mt_per_year(plan) == pytest.approx(0.4)


def test_the_cap_is_that_of_the_period() -> None:
    """Law: the cap of a year times the length of the period; without a cap the cell is empty."""
    for cap in (None, 0.25):
        carbon = {"price_usd_per_tonne": 20.0, "cap_mt_per_year": cap}
        inputs = make_inputs(make_case(full=True, families={**FAMILIES, "carbon": carbon}))
        wanted = ["" if cap is None else cap * inputs.length_years(t) for t in inputs.periods]
        assert [row["cap_mt"] for row in emissions(inputs, [], [])] == wanted


def test_without_the_family_power_nothing_is_known() -> None:
    """Energy is not part of such a case, and no number is made up."""
    assert emissions(make_inputs(make_case()), [installed(2026, 1.0)], []) == []
    with pytest.raises(PlannerError, match="emissions need the family power"):
        peak_emissions_mt_per_year(plan_of(make_case(), capacity=[installed(2026, 1.0)]))
