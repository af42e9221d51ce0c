"""Sentences of docs/formulation.md that could be read in two ways: how the audit reads each, with faults planted."""

from typing import Any

import pytest

from planner.audit import audit
from tests.audit import yards


def failed(tables=None, plan=None, model=None):
    """The lines of an audit by family and name of the check, of the yards changed by the functions given."""
    rows = yards.plan()
    if plan is not None:
        plan(rows)
    report = audit(yards.case(model, tables), rows, yards.summary())
    return {(check.family, check.name): [line for line in report.lines if check.name in line]
            for check in report.checks if not check.passed}  # fmt: skip


def _set(rows: dict[str, Any], table: str, number: int, **cells: Any) -> None:
    rows[table][number].update(cells)


@pytest.mark.parametrize(
    ("end_date", "passes"), [("2028-04-18", True), ("2028-04-19", True), ("2028-04-16", False), ("2028-05-01", False)]
)
def test_the_end_of_a_term_is_the_day_on_which_it_falls(end_date, passes):
    """2.3 years after the start of 2026 are three fifths into April 2028; a day is rounding, two are a fault."""
    found = failed(
        lambda rows: _set(rows, "offers", 0, term_years=2.3),
        lambda rows: (
            _set(rows, "contracts", 1, end_date=end_date),
            _set(rows, "contracts", 2, end_date="2029-04-19"),
        ),
    )
    assert (("tables", "contracts can be read") not in found) == passes


def test_a_term_beyond_all_dates_shows_the_last_date():
    """A hundred thousand years end on 9999-12-31."""
    found = failed(
        lambda rows: _set(rows, "offers", 0, term_years=1e5),
        lambda rows: [_set(rows, "contracts", number, end_date="9999-12-31") for number in (1, 2)],
    )
    assert ("tables", "contracts can be read") not in found


def test_a_single_source_that_leaves_a_workload_is_told():
    """Inference of the market is served, its training is not: the workload is named."""

    def tables(rows):
        rows["markets"][0]["single_source"] = True
        rows["demand"] += [
            {"market": "g", "workload": "training", "year": year, "compute": 1.0} for year in (2026, 2027)
        ]

    lines = failed(tables)["demand", "single source serves all"]
    assert any("a serves 0 of the 1 training compute of g in 2026" in line for line in lines)


@pytest.mark.parametrize(("bought_mw", "passes"), [(62.5, True), (62.4, False)])
def test_on_site_power_adds_to_what_signed_contracts_need(bought_mw, passes):
    """Signed contracts need 125 MW of 60 energised; 50 IT MW more need 62.5 MW of on-site power, not 127.5."""
    storage = {**yards.TABLE_ROWS["power_options"][0], "power_option": "cells", "site": "b", "kind": "storage",
               "lead_months": 0.0, "max_facility_mw": 500.0, "fuel_usd_per_mwh": None,
               "carbon_kg_per_mwh": None}  # fmt: skip

    def tables(rows):
        rows["energisation"][2]["facility_mw"] = 60.0
        rows["power_options"].append(storage)

    bought = {"power_option": "cells", "site": "b", "period": "2026", "facility_mw": bought_mw}
    found = failed(tables, lambda rows: rows["power_built"].append(bought))
    assert (("site", "energised facility MW") not in found) == passes


def test_on_site_power_at_a_site_without_an_offer_is_not_in_the_case():
    """Nothing can be bought where no capacity can stand, not even to relieve a power region."""

    def tables(rows):
        rows["sites"].append(yards.site("z"))
        rows["power_options"].append({**rows["power_options"][0], "power_option": "far", "site": "z"})

    bought = {"power_option": "far", "site": "z", "period": "2027", "facility_mw": 5.0}
    assert ("tables", "power_built can be read") in failed(tables, lambda rows: rows["power_built"].append(bought))


def test_a_development_may_be_started_before_the_first_volume():
    """Started in 2026 for a chip of 2027: a matter of money, not a fault of the chips; started after use it is one."""
    early = failed(plan=lambda rows: _set(rows, "developments", 0, period="2026"))
    assert {family for family, _ in early} == {"money", "summary"}
    assert ("chips", "developments") in failed(
        lambda rows: _set(rows, "chips", 1, first_date="2025-01-01"),
        lambda rows: rows["installs"].append(
            {**rows["installs"][2], "period": "2026", "contract": "", "added_it_mw": 5.0, "stock_it_mw": 5.0}
        ),
    )


def test_a_chip_lives_in_the_period_that_it_is_installed_in():
    """Chips of no life at all stand in 2026, and are gone in 2027."""
    lines = failed(lambda rows: _set(rows, "chips", 0, life_years=1e-9))["chips", "stock of bought chips"]
    assert any("oa primary in 2027" in line for line in lines)
    assert not any("in 2026" in line for line in lines)


def test_a_lead_of_no_time_is_no_lead():
    """A billionth of a month is the same time: the capex is due when the contract starts."""
    found = failed(lambda rows: _set(rows, "offers", 0, lead_months=1e-9))
    assert ("money", "spending on capex") not in found
    assert ("contract", "start is allowed") not in found


def test_what_a_lease_brings_counts_against_supply():
    """50 MW come with a lease, and 100 are bought elsewhere: more than a supply of 145."""

    def supply(rows):
        rows["chip_supply"] += [{"chip": "m", "year": year, "it_mw": 145.0} for year in (2026, 2027)]

    found = failed(supply)
    assert any("chip m in 2026" in line for line in found["chips", "supply of a chip"])


def test_use_after_renewal_is_paid_at_the_renewal_rent():
    """Renewed at five times the rent: half of the renewal rent on the block, and half of it for the use of its chip."""
    found = failed(
        lambda rows: _set(rows, "offers", 1, term_years=1.0, renewal_rent_musd_per_mw_year=10.0),
        lambda rows: _set(rows, "contracts", 3, end_date="2028-01-01"),
    )
    assert any("backup rent of 2027" in line and "0.3" in line for line in found["money", "spending on rent"])
    assert any("backup usage of 2027" in line and "0.25" in line for line in found["money", "spending on usage"])
