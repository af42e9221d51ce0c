"""The audit of money by level, of what is owed after the horizon and of unit costs: each planted fault is named."""

from collections.abc import Callable
from typing import Any

import pytest

from planner.audit import audit
from planner.plan.earlier import NEW_TABLES
from tests.audit import yards, yards_financing
from tests.audit.yards_money import A26, D1

Tables = dict[str, list[dict[str, Any]]]
Plant = Callable[[Tables], object]


def only(tables: Tables, table: str, **cells: Any) -> dict[str, Any]:
    """Return the one row with these cells."""
    found = [row for row in tables[table] if all(row[column] == cell for column, cell in cells.items())]
    assert len(found) == 1, (table, cells, len(found))
    return found[0]


def moved(tables: Tables, busd: float, begin: dict[str, Any], end: dict[str, Any]) -> None:
    """Move money of 2026 from one row of spend to another."""
    for sign, cells in ((-1, begin), (1, end)):
        row = only(tables, "spend", period="2026", **cells)
        row["amount_busd"] += sign * busd
        row["present_value_busd"] += sign * busd * D1


FAULTS: dict[str, tuple[Plant, tuple[str, str], str]] = {
    "money moved to another site": (
        lambda p: moved(p, 0.01, {"item": "fixed", "site": "a"}, {"item": "fixed", "site": "b"}),
        ("money", "money by level"),
        "spend, primary fixed of a in 2026: the plan says 0.09 busd, the audit 0.1",
    ),
    "carbon moved to another offer": (
        lambda p: moved(p, 1e-4, {"item": "carbon", "offer": "oa"}, {"item": "carbon", "offer": "ob"}),
        ("money", "present value by level"),
        "spend, primary carbon of ob, b, m in 2026",
    ),
    "opex spread over an offer": (
        lambda p: only(p, "spend", period="2026", item="opex").update(contract=""),
        ("money", "money by level"),
        "spend, primary opex of oa/primary/2026, oa, a in 2026: the plan says 0 busd, the audit 0.01",
    ),
    "salvage left out": (
        lambda p: p["spend"].remove(only(p, "spend", item="salvage", power_option="gas")),
        ("money", "spend adds up to the cost"),
        "the rows of salvage in spend",
    ),
    "salvage in the last period": (
        lambda p: only(p, "spend", item="salvage", **A26).update(period="2027", year=2027),
        ("money", "money by level"),
        "primary salvage of oa/primary/2026, oa, a in the end of the horizon: the plan says 0 busd, the audit -0.8",
    ),
    "a payment called income": (
        lambda p: only(p, "spend", item="opening").update(part="backup_income"),
        ("tables", "spend can be read"),
        "column item: 'opening' is not known",
    ),
    "a provider that is not the offer's": (
        lambda p: only(p, "spend", item="signing").update(provider="p"),
        ("tables", "spend can be read"),
        "column provider: 'p', but it is 'q'",
    ),
    "a vendor without a chip": (
        lambda p: only(p, "spend", item="opening").update(vendor="vendor_m"),
        ("tables", "spend can be read"),
        "column vendor: 'vendor_m', but it is ''",
    ),
    "a provider paid for carbon": (
        lambda p: only(p, "spend", item="carbon", offer="ob", period="2026").update(payee="q"),
        ("tables", "spend can be read"),
        "column payee: 'q', but it is 'carbon account'",
    ),
    "a vendor paid for rent": (
        lambda p: only(p, "spend", item="rent", contract="s1", period="2026").update(payee="vendor_m"),
        ("tables", "spend can be read"),
        "column payee: 'vendor_m', but it is 'q'",
    ),
    "somebody paid by salvage": (
        lambda p: only(p, "spend", item="salvage", power_option="gas").update(payee="construction contractor"),
        ("tables", "spend can be read"),
        "column payee: 'construction contractor', but it is ''",
    ),
    "another year": (
        lambda p: only(p, "spend", item="opening").update(year=2027),
        ("tables", "spend can be read"),
        "column year: 2027, but the period lies in 2026",
    ),
    "a contract that nobody made": (
        lambda p: only(p, "spend", item="opening").update(contract="oa/primary/2028"),
        ("tables", "spend can be read"),
        "column contract: 'oa/primary/2028' is not known",
    ),
    "rent owed forgotten": (
        lambda p: p["obligations"].pop(2),
        ("money", "owed after the horizon: busd"),
        "obligations, ob/backup/2026 in 2029, amount_busd: the plan says 0 busd, the audit 0.05",
    ),
    "rent owed for longer": (
        lambda p: p["obligations"].append({**p["obligations"][2], "year": 2031}),
        ("money", "owed after the horizon: busd"),
        "obligations, ob/backup/2026 in 2031, amount_busd",
    ),
    "rent owed by another": (
        lambda p: p["obligations"][0].update(provider="p"),
        ("tables", "obligations can be read"),
        "column provider: 'p' is not known",
    ),
    "part of a year": (
        lambda p: p["obligations"][4].update(in_force_years=0.5),
        ("money", "owed after the horizon: years"),
        "in 2030, in_force_years",
    ),
    "a unit cost without chips": (
        lambda p: only(p, "unit_costs", level="offer", offer="oa").update(present_value_busd=1.0),
        ("money", "unit costs: busd"),
        "unit_costs, offer oa",
    ),
    "a more expensive megawatt": (
        lambda p: only(p, "unit_costs", level="plan").update(cost_musd_per_it_mw_year=9.0),
        ("money", "unit costs: per unit"),
        "unit_costs, plan, cost_musd_per_it_mw_year: the plan says 9",
    ),
    "more megawatt-years": (
        lambda p: only(p, "unit_costs", level="contract", contract="s1").update(it_mw_years=100.0),
        ("money", "unit costs: IT MW-years"),
        "unit_costs, contract s1, it_mw_years: the plan says 100 IT MW-years, the audit 75",
    ),
    "chips of a neighbour": (
        lambda p: only(p, "unit_costs", contract="oa/primary/2027").update(discounted_training_compute_years=100.0),
        ("money", "unit costs: compute-years"),
        "unit_costs, contract oa/primary/2027, discounted_training_compute_years",
    ),
    "an empty unit cost": (
        lambda p: only(p, "unit_costs", level="site", site="a").update(cost_usd_per_served_compute_year=""),
        ("money", "unit costs: per unit"),
        "unit_costs, site a, cost_usd_per_served_compute_year is empty",
    ),
    "service of an offer": (
        lambda p: only(p, "unit_costs", level="offer", offer="ob").update(discounted_served_compute_years=1.0),
        ("money", "unit costs"),
        "who serves is known by site alone",
    ),
    "a level left out": (
        lambda p: p["unit_costs"].remove(only(p, "unit_costs", level="site", site="b")),
        ("money", "unit costs"),
        "unit_costs: no row for site b",
    ),
    "an offer called a contract": (
        lambda p: only(p, "unit_costs", level="offer", offer="ob").update(level="contract"),
        ("tables", "unit_costs can be read"),
        "they are not those of a contract",
    ),
    "other items than counted": (
        lambda p: only(p, "unit_costs", level="plan").update(counted="all"),
        ("tables", "unit_costs can be read"),
        "column counted",
    ),
    "a longer year": (
        lambda p: p["calendar"][0].update(length_years=1.1),
        ("derived tables", "calendar: years"),
        "calendar, 2026, length_years",
    ),
    "a calendar of other days": (
        lambda p: p["calendar"][1].update(end_date="2028-02-01"),
        ("derived tables", "calendar"),
        "calendar, 2027",
    ),
    "a calendar without a year": (lambda p: p["calendar"].pop(), ("derived tables", "calendar"), "no row for 2027"),
    "blocks of a signed contract": (
        lambda p: only(p, "contracts", contract="s1").update(blocks=5),
        ("contract", "signed contracts unchanged"),
        "signed contract s1: blocks must be empty",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_named(name: str) -> None:
    """Law: money at a wrong place, owed or counted wrongly fails by its name and place, whatever it adds up to."""
    plant, check, words = FAULTS[name]
    tables = yards.plan()
    plant(tables)
    report = audit(yards.case(), tables, yards.summary())
    assert check in {(found.family, found.name) for found in report.checks if not found.passed}, report.lines
    assert any(words in line for line in report.lines), report.lines


def test_a_plan_of_version_0_1_is_audited_by_its_own_tables() -> None:
    """Law: without the new tables a plan passes only as one of version 0.1, its spending by period, role and item."""
    tables = yards_financing.without(yards.plan())
    case = yards.case(lambda model: model["families"].pop("financing"), lambda rows: rows.pop("financing"))
    summary = {**yards.summary(), "cost_busd": yards.OF_CAPACITY}
    sums: dict[tuple[str, str, str], list[float]] = {}
    for row in tables["spend"]:
        if row["part"] == "spend":
            found = sums.setdefault((row["period"], row["role"], row["item"]), [0.0, 0.0])
            found[0] += row["amount_busd"]
            found[1] += row["present_value_busd"]
    columns = ("period", "role", "item", "amount_busd", "present_value_busd")
    tables["spend"] = [dict(zip(columns, (*key, *figures), strict=True)) for key, figures in sums.items()]
    for name in NEW_TABLES:
        del tables[name]
    assert audit(case, tables, summary, earlier=True).lines == ()
    assert not audit(case, tables, summary).passed
    tables["spend"][0]["amount_busd"] += 0.01
    assert not audit(case, tables, summary, earlier=True).passed
