"""How large the figures of a case are: medians of what it demands and pays, in measures that can be compared."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.case import magnitudes
from planner.case.case import CaseData
from planner.case.magnitudes import Figure, demands, grown, prices, rates, shrunk, typical_compute, typical_money
from tests.cases import base_tables, make_case

POWER: dict[str, Any] = {"power": {"utilisation": 0.8}}


def by_column(case: CaseData) -> dict[str, list[float]]:
    """Return the prices of a case by column, sorted."""
    found: dict[str, list[float]] = {}
    for figure in prices(case):
        found.setdefault(figure.column, []).append(figure.value)
    return {column: sorted(values) for column, values in found.items()}


def test_every_price_of_the_full_case_in_its_measure() -> None:
    """Law: $B per GW and year; per MWh times 8.76 TWh; per unit of compute times the typical demand of 70."""
    found = by_column(make_case(full=True))
    assert found["price_busd_per_gw_it"] == [22.0, 30.0]
    assert found["rent_musd_per_mw_year"] == [2.0, 10.0, 11.0]
    assert found["development_cost_busd"] == [0.5]
    assert found["tariff_usd_per_mwh"] == pytest.approx([50.0 * 0.00876] * 2)
    assert found["fuel_usd_per_mwh"] == pytest.approx([40.0 * 0.00876])
    assert found["cost_busd_per_compute_year"] == pytest.approx([0.001 * 70.0] * 6)
    assert found["families.carbon.price_usd_per_tonne"] == pytest.approx([20.0 * 0.00876 * 0.4])
    assert found["families.backup_income.price_musd_per_mw_year"] == [1.0]
    assert typical_compute(make_case(full=True)) == 70.0


def test_the_price_of_what_a_rule_misses_counts_at_its_rule() -> None:
    """Law: price x typical demand, by the place of the rule among the others."""
    rules = [{"name": name, "domain": "site", "critical_share": 0.5} for name in ("a", "b")]
    rules[1]["price_busd_per_missing_compute_year"] = 0.5
    found = by_column(make_case(families={"redundancy": {"rules": rules}}))
    assert found["families.redundancy.rules[1].price_busd_per_missing_compute_year"] == [0.5 * 70.0]


def test_what_is_not_paid_is_no_price() -> None:
    """Tariffs count with the family power alone, chips where some offer buys them, zeros nowhere."""
    assert "tariff_usd_per_mwh" not in by_column(make_case())
    assert "tariff_usd_per_mwh" in by_column(make_case(families=POWER))
    offers = base_tables()["offers"]
    leased = by_column(make_case({"offers": offers[2:]}))
    assert set(leased) == {"rent_musd_per_mw_year"}
    offers[2]["rent_musd_per_mw_year"] = 0.0
    nothing = make_case({"offers": offers[2:]})
    assert list(prices(nothing)) == []
    assert typical_money(nothing) is None


@pytest.mark.parametrize(("unserved", "column"), [("priced", True), ("lexicographic", False)])
def test_the_price_of_unserved_demand_counts_where_it_is_one(unserved: str, column: bool) -> None:
    """Law: price x typical demand, where unserved demand is priced."""
    price = {"unserved_price_busd_per_compute_year": 2.0} if unserved == "priced" else {}
    found = by_column(make_case(objective={"unserved": unserved, **price}))
    path = "objective.unserved_price_busd_per_compute_year"
    assert found.get(path) == ([2.0 * 70.0] if column else None)


def test_demand_counts_in_the_years_of_the_horizon() -> None:
    """Years beyond it, zeros and the other workload are left out; without any demand nothing is typical."""
    case = make_case(horizon={"periods": 1})
    assert sorted(figure.value for figure in demands(case)) == [40.0, 60.0, 80.0]
    assert [figure.value for figure in demands(case, "training")] == [60.0]
    rows = [{**row, "compute": 0.0} for row in base_tables()["demand"]]
    assert typical_compute(make_case({"demand": rows}, checked=False)) is None


def test_rates_are_those_of_chips_that_can() -> None:
    """A chip that cannot train has no rate for it."""
    chips = base_tables()["chips"]
    chips[1] |= {"training_compute_per_it_mw": None, "inference_compute_per_it_mw": 2.5}
    case = make_case({"chips": chips})
    assert [figure.value for figure in rates(case, "training")] == [1.0]
    assert [figure.value for figure in rates(case, "inference")] == [1.0, 2.5]


@settings(max_examples=40, deadline=None)
@given(st.integers(-9, 9), st.floats(1.0, 9.9))
def test_the_typical_price_follows_the_unit_of_money(exponent: int, digit: float) -> None:
    """Law: every price times a factor makes the typical price times that factor."""
    factor = digit * 10.0**exponent
    tables = base_tables()
    for table in ("chips", "offers"):
        for row in tables[table]:
            for column in row:
                if "busd" in column or "musd" in column:
                    row[column] *= factor
    scaled = make_case({"chips": tables["chips"], "offers": tables["offers"]}, checked=False)
    assert typical_money(scaled) == pytest.approx(factor * (typical_money(make_case()) or 0.0))


def test_one_odd_figure_does_not_move_what_is_typical() -> None:
    """A price a million times the others stays one figure of one column: the median hardly moves."""
    chips = base_tables()["chips"]
    chips[0]["price_busd_per_gw_it"] *= 1e6
    assert typical_money(make_case({"chips": chips}, checked=False)) == typical_money(make_case())


@pytest.mark.parametrize(
    ("growth", "up", "down"), [(0.0, 1.0, 1.0), (0.1, 1.1**4, 1.0), (-0.05, 1.0, 0.95**4), (-0.99, 1.0, 0.01**4)]
)
def test_growth_over_the_horizon_counts_in_its_direction(growth: float, up: float, down: float) -> None:
    """Law: value x (1 + growth)^4 years: the largest it becomes, and the smallest."""
    figure = Figure("chips", None, "price_busd_per_gw_it", 30.0, growth)
    assert grown(make_case(), figure) == pytest.approx(30.0 * up)
    assert shrunk(make_case(), figure) == pytest.approx(30.0 * down)


def test_the_measures_of_energy_and_carbon_are_those_of_a_year() -> None:
    """Law: 8760 hours of a GW at 1 $/MWh, and at 400 kg of carbon a MWh at 1 $/t."""
    assert pytest.approx(8760 * 1000 / 1e9) == magnitudes.GW_YEAR_USD_PER_MWH
    assert pytest.approx(8760 * 1000 * 0.4 / 1e9) == magnitudes.GW_YEAR_USD_PER_TONNE
