"""Emissions of a plan from its tables, in closed form (formulation, section 9)."""

from typing import Any

import pytest

from planner.errors import PlannerError
from planner.plan.emissions import peak_emissions_mt_per_year
from tests.analysis.by_hand import plan_of
from tests.cases import make_case

FULL = make_case(full=True)
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
def test_the_largest_year_counts(capacity: list[Any], options: list[Any], mt: float) -> None:
    """Law: energy of all chips at the grid's intensity, output at its own less the grid's; the largest period."""
    plan = plan_of(FULL, capacity=capacity, power_options=options)
    assert peak_emissions_mt_per_year(plan) == pytest.approx(mt)


def test_without_the_family_power_nothing_is_known() -> None:
    """Energy is not part of such a case, and no number is made up."""
    with pytest.raises(PlannerError, match="emissions need the family power"):
        peak_emissions_mt_per_year(plan_of(make_case(), capacity=[installed(2026, 1.0)]))
