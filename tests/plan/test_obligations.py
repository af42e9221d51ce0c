"""Rents owed after the horizon, year by year, in closed form (formulation, section 15)."""

from typing import Any

import pytest

from planner.inputs import Inputs, make_inputs
from planner.plan.obligations import MOST_YEARS, obligations
from tests.cases import base_tables, make_case

RATE = 0.08


def inputs(horizon: dict[str, Any] | None = None, signed: dict[str, Any] | None = None, **columns: Any) -> Inputs:
    """Return the inputs of the tiny case, its lease of the east with some columns replaced, or with a contract."""
    offers = base_tables()["offers"]
    offers[2] |= {"term_years": 10.0, "take_or_pay_share": 0.5, "rent_musd_per_mw_year": 10.0, **columns}
    rows = [
        {
            "contract": "old", "offer": "cloud_east", "role": "primary", "it_mw": 100.0, "start_date": "2025-01-01",
            "rent_musd_per_mw_year": 8.0, **signed,
        }
    ] if signed else None  # fmt: skip
    return make_inputs(make_case({"offers": offers, "contracts": rows}, horizon=horizon))


def contract(**more: Any) -> dict[str, Any]:
    """Return a decided contract of 100 IT MW from 2027 to the end of the horizon."""
    return {
        "contract": "c", "origin": "decided", "offer": "cloud_east", "site": "east", "provider": "clouds",
        "tenure": "cloud", "role": "primary", "it_mw": 100.0, "start_period": 2027, "end_period": 2030, **more,
    }  # fmt: skip


def owed(found: Inputs, *contracts: dict[str, Any]) -> dict[int, float]:
    """Return what is owed by year, nominal $B."""
    return {row["year"]: row["amount_busd"] for row in obligations(found, contracts)}


@pytest.mark.parametrize(
    ("term", "expected"),
    [(10.0, {2030 + n: 0.5 for n in range(7)}), (4.5, {2030: 0.5, 2031: 0.25}), (3.0, {}), (1.0, {})],
)
def test_a_decided_contract_owes_its_rent_to_the_end_of_its_term(term: float, expected: dict[int, float]) -> None:
    """Law: take-or-pay share x rent x IT GW x years of the term in the year; nothing where the term is over."""
    assert owed(inputs(term_years=term), contract()) == pytest.approx(expected)


def test_the_rent_goes_on_growing_and_is_discounted_to_the_middle_of_the_year() -> None:
    """Law: rent x (1 + growth)^mid, amount x (1 + r)^-mid, mid in years after the start of the horizon."""
    (first, second, *_) = obligations(inputs(rent_growth_per_year=0.1), [contract()])
    for row, mid in ((first, 4.5), (second, 5.5)):
        assert row["amount_busd"] == pytest.approx(0.5 * 1.1**mid)
        assert row["present_value_busd"] == pytest.approx(0.5 * 1.1**mid * (1 + RATE) ** -mid)
        assert row["in_force_years"] == 1.0


def test_of_the_year_in_which_the_horizon_ends_only_the_rest_counts() -> None:
    """A horizon to July: half of the rent of that year, at the middle of its second half."""
    found = inputs(horizon={"start": "2026-07-01", "periods": 3, "period_months": 12}, rent_growth_per_year=0.1)
    rows = obligations(found, [contract(start_period="2027-07-01", end_period="2029-07-01")])
    assert (rows[0]["year"], rows[0]["in_force_years"]) == (2029, 0.5)
    assert rows[0]["amount_busd"] == pytest.approx(0.25 * 1.1**3.25)
    assert rows[0]["present_value_busd"] == pytest.approx(0.25 * (1.1 / (1 + RATE)) ** 3.25)


@pytest.mark.parametrize(
    ("end", "expected"),
    [("2032-07-01", {2030: 0.8, 2031: 0.8, 2032: 0.4}), ("2030-01-01", {}), ("2028-07-01", {})],
)
def test_a_signed_contract_owes_its_own_rent_to_its_own_end(end: str, expected: dict[int, float]) -> None:
    """Law: rent x IT GW x overlap of its dates with the year, whatever the offer's terms; it does not grow."""
    found = inputs(signed={"end_date": end}, rent_growth_per_year=0.1)
    assert owed(found, contract(contract="old", origin="signed")) == pytest.approx(expected)


@pytest.mark.parametrize(
    "gone", [{"end_period": 2029}, {"origin": "signed", "contract": "not in the case"}, {"start_period": 2026}]
)
def test_contracts_that_are_over_owe_nothing(gone: dict[str, Any]) -> None:
    """A contract left early or renewed, one that is no part of the case, and a term that ended owe nothing."""
    assert owed(inputs(term_years=4.0, renewal_rent_musd_per_mw_year=9.0), contract(**gone)) == {}


def test_nothing_due_is_no_row() -> None:
    """Without take-or-pay nothing is owed, and no row says zero."""
    assert obligations(inputs(take_or_pay_share=0.0), [contract()]) == []


def test_very_long_terms_are_listed_for_a_hundred_years() -> None:
    """From the year in which the horizon ends on."""
    years = list(owed(inputs(term_years=500.0), contract()))
    assert years == list(range(2030, 2030 + MOST_YEARS))


def test_rows_come_by_year_then_contract_and_add_up() -> None:
    """Two contracts owe twice as much as one, and keep the order of their table within a year."""
    rows = obligations(inputs(term_years=5.0), [contract(contract="b"), contract(contract="a")])
    assert [(row["year"], row["contract"]) for row in rows] == [(2030, "b"), (2030, "a"), (2031, "b"), (2031, "a")]
    assert sum(row["amount_busd"] for row in rows) == pytest.approx(2 * (0.5 + 0.5))
