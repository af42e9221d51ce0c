"""What a case allows at most, as the check has it: the same figures as the program's, worked out apart from it."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.case.case import CaseData
from planner.case.check.bounds import allowed_busd, levels_by_period, periods_of, site_capacity_it_mw
from planner.case.model import Budget
from planner.inputs import make_inputs
from tests.cases import FAMILIES, base_tables, full_tables, make_case

HORIZONS = st.fixed_dictionaries(
    {
        "start": st.sampled_from(("2026-01-01", "2026-07-01", "2026-11-01")),
        "period_months": st.lists(st.integers(1, 14), min_size=1, max_size=4).map(tuple),
    }
).map(lambda found: {**found, "periods": len(found["period_months"])})
MONEY = st.integers(0, 50).map(float)
YEARS = range(2026, 2032)


def budget_of(case: CaseData) -> Budget:
    """Return the budget family of a case that has one."""
    family = case.model.families.budget
    assert family is not None
    return family


@settings(max_examples=40, deadline=None)
@given(
    horizon=HORIZONS,
    basis=st.sampled_from(("cash_limit", "burn")),
    cap=st.none() | MONEY,
    figures=st.lists(st.tuples(MONEY, MONEY, st.integers(0, 10)), min_size=len(YEARS), max_size=len(YEARS)),
)
def test_money_allowed_is_that_of_the_program(horizon: Any, basis: str, cap: float | None, figures: Any) -> None:
    """Law: whatever basis, cap and periods, each period allows what the program's limit says."""
    rows = [
        {
            "year": year, "cash_limit_busd": cash, "cash_burn_busd": cash, "revenue_busd": revenue,
            "partner_share": tenths / 10, "reference_share": 0.3,
        }
        for year, (cash, revenue, tenths) in zip(YEARS, figures, strict=True)
    ]  # fmt: skip
    family = {**FAMILIES["budget"], "basis": basis, "partner_payment_cap_busd": cap}
    case = make_case({"budget": rows}, families={"budget": family}, horizon=horizon, checked=False)
    assert allowed_busd(case, budget_of(case)) == pytest.approx(make_inputs(case).budget_limit_busd, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(HORIZONS, st.lists(MONEY, min_size=len(YEARS), max_size=len(YEARS)))
def test_demand_is_that_of_the_program(horizon: Any, compute: list[float]) -> None:
    """Law: levels by period are the averages over calendar years that the program serves."""
    rows = [
        {"market": "america", "workload": "training", "year": year, "compute": amount}
        for year, amount in zip(YEARS, compute, strict=True)
    ]
    case = make_case({"demand": rows}, horizon=horizon, checked=False)
    program = {key: pytest.approx(levels) for key, levels in make_inputs(case).demand_compute.items()}
    assert levels_by_period(case) == program
    assert [b - a for a, b in periods_of(case)] == pytest.approx([m / 12 for m in horizon["period_months"]])


def north(columns: dict[str, Any], offer: dict[str, Any], signed_it_mw: float = 0.0) -> list[float]:
    """Return what the northern site can hold, with turbines of 200 facility MW that add to its power."""
    tables = {**base_tables(), "power_options": full_tables()["power_options"]}
    tables["sites"][0] |= columns
    tables["offers"][0] |= offer
    if signed_it_mw:
        tables["contracts"] = [
            {
                "contract": "c", "offer": "build_north", "role": "primary", "it_mw": signed_it_mw,
                "start_date": "2026-01-01", "end_date": "2028-01-01",
            }
        ]  # fmt: skip
    return site_capacity_it_mw(make_case(tables, families={"power": {"utilisation": 0.8}}, checked=False))["north"]


@pytest.mark.parametrize(
    ("columns", "offer", "signed", "expected"),
    [
        ({"max_it_mw": 9000.0}, {"max_blocks": 1000}, 0.0, [360.0, 460.0, 560.0, 560.0]),
        ({"max_it_mw": 400.0}, {"max_blocks": 1000}, 0.0, [360.0, 400.0, 400.0, 400.0]),
        ({"max_it_mw": 9000.0}, {"max_blocks": 3}, 0.0, [150.0] * 4),
        ({"max_it_mw": 400.0}, {"max_blocks": 1000}, 450.0, [450.0, 450.0, 400.0, 400.0]),
        ({"max_it_mw": 9000.0}, {"max_blocks": 1}, 100.0, [150.0, 150.0, 50.0, 50.0]),
        ({"max_it_mw": 9000.0, "pue_peak": 2.0}, {"max_blocks": 1000}, 0.0, [225.0, 287.5, 350.0, 350.0]),
    ],
)
def test_a_site_holds_the_least_of_its_limits(
    columns: dict[str, Any], offer: dict[str, Any], signed: float, expected: list[float]
) -> None:
    """Law: the least of its IT limit, of its power with its turbines, of all its blocks; never less than is signed.

    Energised are 250 facility MW, from July 2027 on 500: 375 on average in 2027.
    """
    assert north(columns, offer, signed) == pytest.approx(expected)


def test_a_site_that_is_not_available_holds_nothing() -> None:
    """It is not among the sites."""
    sites = base_tables()["sites"]
    sites[0]["available"] = False
    assert set(site_capacity_it_mw(make_case({"sites": sites}))) == {"south", "east"}
