"""Amounts of money: what rounding may hide in plans that pay nothing, or earn more than they pay, and no more."""

from copy import deepcopy

import pytest

from planner.audit import audit
from planner.plan.columns import COLUMNS
from tests.program.tiny import CASH, cash, own, region, solve, tiny

SIGNED = {
    "contract": "signed", "offer": "own", "role": "backup", "chip": "chip",
    "start_date": "2026-01-05", "end_date": "2040-01-01", "rent_musd_per_mw_year": None,
}  # fmt: skip


def _earns(it_mw: float, price_musd_per_mw_year: float = 0.413, budget: bool = True):
    """A plan that sells a third of signed backup and pays for nothing."""
    income = {"price_musd_per_mw_year": price_musd_per_mw_year, "largest_share": 1 / 3}
    families = {"backup_income": income}
    tables = {"contracts": [{**SIGNED, "it_mw": it_mw}]}
    if budget:
        families["budget"] = {**CASH, "carry_over": True, "backup_income_counts": True}
        tables["budget"] = cash(2, 0.0)
    offers = [own(roles=("primary", "backup"), lead_months=60.0)]
    return solve(tiny(0.0, periods=2, offers=offers, families=families, **tables))


@pytest.mark.parametrize("price", [1e-3, 0.413, 3.7e3])
@pytest.mark.parametrize("it_mw", [0.000371, 0.7777, 10.123457, 70.2, 23_456.7])
def test_income_without_spending_agrees_whatever_the_tables_round(it_mw, price):
    """Income is paid for MW that the table rounds; a plan that pays nothing is measured by what it earns."""
    plan = _earns(it_mw, price)
    assert plan.summary["audit"]["passed"]
    assert plan.summary["spend_primary_busd"] == 0.0
    years = 2 - 4 / 31 / 12
    expected = it_mw / 3 * price * 1e-3 * years
    assert plan.summary["backup_income_busd"] == pytest.approx(expected, rel=1e-5, abs=1e-12)


@pytest.mark.parametrize(("table", "column"), [("backup", "income_busd"), ("budget", "backup_income_busd"),
                                               ("budget", "slack_busd")])  # fmt: skip
def test_income_that_is_off_by_more_than_rounding_is_told(table, column):
    """A hundred-thousandth of the income is no rounding."""
    plan = _earns(70.2)
    tables = {name: [dict(row) for row in plan.rows(name)] for name in plan.tables}
    assert audit(plan.case, tables, plan.summary).passed
    tables[table][-1][column] *= 1 + 1e-5
    assert any(column in line for line in audit(plan.case, tables, plan.summary).lines)


NOTHING = {
    "no money": {"families": {"budget": CASH}, "budget": cash(1, 0.0)},
    "no room": {"sites": [{**tiny().tables["sites"][0].model_dump(), "max_it_mw": 0.0}]},
    "unserved for nothing": {"objective": {"unserved": "priced", "unserved_price_busd_per_compute_year": 0.0}},
    "no growth": {
        "families": {"integration": {}},
        "providers": [{"provider": "lease_provider", "name": "p", "first_year_it_mw": -0.0, "growth_per_year": 0.0}],
    },
    "no power": {"families": {"power": {"utilisation": 0.8}}, "power_regions": [region(firm_facility_mw=0.0)]},
}


@pytest.mark.parametrize("way", NOTHING)
def test_a_plan_that_can_do_nothing_costs_nothing_and_passes(way):
    """Without money, room, growth or power nothing is built: cost, bound and gap are zero, and proven."""
    plan = solve(tiny(100.0, **deepcopy(NOTHING[way])))
    assert plan.summary["audit"]["passed"]
    assert (plan.summary["status"], plan.summary["cost_busd"], plan.summary["gap"]) == ("optimal", 0.0, 0.0)
    assert plan.summary["bound_busd"] == pytest.approx(0.0, abs=1e-9)


def test_residues_in_the_tables_of_a_plan_that_pays_nothing_are_nothing():
    """A payment that is a solver's rounding passes beside a cost of zero; one that is money does not."""
    plan = solve(tiny(100.0, **deepcopy(NOTHING["no money"])))
    for amount, passes in ((3e-12, True), (1e-3, False)):
        tables = {name: [dict(row) for row in plan.rows(name)] for name in plan.tables}
        residue = {"amount_busd": amount, "present_value_busd": amount}
        nowhere = dict.fromkeys(COLUMNS["spend"], "")
        row = {"period": 2026, "year": 2026, "part": "spend", "item": "rent", "role": "primary"}
        tables["spend"] = [{**nowhere, **row, "payee": "not stated", **residue}]
        assert audit(plan.case, tables, plan.summary).passed is passes


def test_lines_come_in_the_order_of_the_periods():
    """The same plan is told in the same words, line by line, in every run: by period, role and item."""
    plan = solve(tiny(100.0, periods=12))
    tables = {name: [dict(row) for row in plan.rows(name)] for name in plan.tables}
    for row in tables["spend"]:
        row["amount_busd"] *= 2
    told = [line for line in audit(plan.case, tables, plan.summary).lines if "spending on rent" in line]
    assert len(told) == 12
    assert told == sorted(told)
