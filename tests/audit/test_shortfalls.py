"""What a plan says it misses (section 19): a fault planted for every check of it."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from planner.api import Plan
from planner.audit import audit
from tests.program.test_programmes import programme
from tests.program.tiny import CASH, cash, lease, own, site, solve, tiny

RULE = {"name": "sites", "domain": "site", "critical_share": 1.0}
SIGNED = {
    "contract": "signed", "offer": "lease", "role": "primary", "it_mw": 20.0, "chip": "chip",
    "start_date": "2025-01-01", "end_date": "2030-01-01", "rent_musd_per_mw_year": 9.0,
}  # fmt: skip
Rows = dict[str, list[dict[str, Any]]]


@cache
def short() -> Plan:
    """20 signed MW at $0.18B, of which $0.17B can be paid; a demand of 60 at one site, which is not to be lost."""
    return solve(
        tiny(
            60.0, contracts=[SIGNED], budget=cash(1, 0.17),
            families={"budget": CASH, "redundancy": {"rules": [RULE]}},
        )
    )  # fmt: skip


@cache
def lacking() -> Plan:
    """A committed programme for which there are too few blocks."""
    return solve(programme(more={"offers": [lease(max_blocks=12)]}))


@cache
def uncovered() -> Plan:
    """Other spending of $0.9B against a burn of $0.1B: nothing of the $0.18B signed is paid, $0.8B is not covered."""
    family = {"basis": "burn", "carry_over": False, "backup_income_counts": False}
    rows = [{"year": 2026, "cash_burn_busd": 0.1, "other_spending_busd": 0.9}]
    return solve(tiny(10.0, contracts=[SIGNED], budget=rows, families={"budget": family}))


def _cash_of(contract: str, change: float) -> Callable[[Rows], None]:
    def plant(rows: Rows) -> None:
        row = next(row for row in rows["shortfalls"] if row["tier"] == "cash" and row["contract"] == contract)
        row["amount"] += change

    return plant


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (_cash_of("", 0.2), "no more unpaid than is due"),
        (_cash_of("signed", -0.05), "contracts before other spending"),
        (_cash_of("", -0.2), "limit of a period"),
    ],
)
def test_other_spending_that_is_not_covered_is_audited(change: Callable[[Rows], None], name: str) -> None:
    """Law: no more than the budget is below zero, no less than the limit lacks, and contracts are unpaid before it."""
    plan = uncovered()
    assert audit(plan.case, plan.tables, plan.summary).passed
    rows = tables_of(plan)
    change(rows)
    report = audit(plan.case, rows, dict(plan.summary))
    assert name in {check.name for check in report.checks if not check.passed}, report.lines


@cache
def upkeep() -> Plan:
    """50 MW are signed: $0.01B to run, $0.021024B of energy at $50 and as much of carbon at $125, $0.02B of the site.

    With a utilisation of 0.8 and a PUE of 1.2 on average they use 48 facility MW. There is no cash at all.
    """
    contract = {
        "contract": "signed", "offer": "own", "role": "primary", "it_mw": 50.0, "chip": "chip",
        "start_date": "2025-01-01", "end_date": "2030-01-01",
    }  # fmt: skip
    families = {
        "power": {"utilisation": 0.8}, "carbon": {"price_usd_per_tonne": 125.0}, "site_opening": {}, "budget": CASH,
    }  # fmt: skip
    return solve(
        tiny(50.0, sites=[site("a", fixed_opex_busd_per_year=0.02)], offers=[own("own", opex_musd_per_mw_year=0.2)],
             contracts=[contract], budget=cash(1, 0.0), families=families)
    )  # fmt: skip


def test_upkeep_that_the_cash_does_not_cover_is_a_shortfall_under_no_name() -> None:
    """Law: what is signed and no cash at all is a plan; what is owed under the contract is named, upkeep is not."""
    plan = upkeep()
    found = {row["contract"]: row["amount"] for row in plan.rows("shortfalls")}
    assert found == pytest.approx({"signed": 0.01, "": 2 * 0.021024 + 0.02}, abs=1e-8)
    assert plan.summary["cost_busd"] == pytest.approx(0.01 + 2 * 0.021024 + 0.02, abs=1e-8)
    assert plan.summary["unserved_share"] == 0.0
    assert audit(plan.case, plan.tables, plan.summary).passed


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (_cash_of("", 0.01), "no more unpaid than is due"),
        (_cash_of("signed", -0.005), "contracts before other spending"),
        (_cash_of("", -0.01), "limit of a period"),
    ],
)
def test_upkeep_that_is_not_covered_is_audited(change: Callable[[Rows], None], name: str) -> None:
    """Law: no more than upkeep comes to, no less than the limit lacks, and contracts are unpaid before it."""
    rows = tables_of(upkeep())
    change(rows)
    report = audit(upkeep().case, rows, dict(upkeep().summary))
    assert name in {check.name for check in report.checks if not check.passed}, report.lines


@cache
def promised() -> Plan:
    """$0.3B signed, and $0.2B each for declining two programmes, of which $0.35B can be paid: only of the second."""
    rows = [
        {"programme": key, "name": key, "sites": ("a",), "kind": "optional", "declining_cost_busd": 0.2}
        for key in ("p", "q")
    ]
    steps = [{"programme": key, "date": "2026-01-01", "at_least_it_mw": 300.0} for key in ("p", "q")]
    signed = {**SIGNED, "it_mw": 60.0, "rent_musd_per_mw_year": 5.0}
    return solve(
        tiny(50.0, contracts=[signed], budget=cash(1, 0.55), programmes=rows, programme_steps=steps,
             families={"budget": CASH})
    )  # fmt: skip


def _promised_of(first: float, second: float, contract: float) -> Callable[[Rows], None]:
    def plant(rows: Rows) -> None:
        like = {**rows["shortfalls"][0], "programme": "", "contract": ""}
        amounts = (("programme", "p", first), ("programme", "q", second), ("contract", "signed", contract))
        rows["shortfalls"] = [{**like, column: key, "amount": busd} for column, key, busd in amounts if busd]

    return plant


@pytest.mark.parametrize(
    ("amounts", "name"),
    [
        ((0.0, 0.25, 0.0), "no more unpaid than is due"),
        ((0.15, 0.0, 0.0), "last programme first"),
        ((0.05, 0.1, 0.0), "last programme first"),
        ((0.0, 0.1, 0.05), "programmes before contracts"),
        ((0.0, 0.1, 0.0), "limit of a period"),
    ],
)
def test_what_is_not_paid_of_programmes_is_audited(amounts: tuple[float, float, float], name: str) -> None:
    """Law: no more than a programme costs, the last of the table first, and all of them before contracts."""
    plan = promised()
    assert audit(plan.case, plan.tables, plan.summary).passed
    assert [(row["programme"], row["amount"]) for row in plan.rows("shortfalls")] == [("q", pytest.approx(0.15))]
    rows = tables_of(plan)
    _promised_of(*amounts)(rows)
    report = audit(plan.case, rows, dict(plan.summary))
    assert name in {check.name for check in report.checks if not check.passed}, report.lines


def tables_of(plan: Plan) -> Rows:
    """Return the tables, free to be changed."""
    return {name: [dict(row) for row in plan.rows(name)] for name in plan.tables}


def row_of(rows: Rows, tier: str) -> dict[str, Any]:
    """Return the first row of a tier."""
    return next(row for row in rows["shortfalls"] if row["tier"] == tier)


def test_what_is_missing_is_named_by_contract_rule_and_programme() -> None:
    """The amounts on paper: $0.01B; 40 of 60 not served; the 20 that are, unprotected; 160 MW asked, 120 there."""
    rows = tables_of(short())
    found = {
        row["tier"]: (row["rule"] or row["contract"] or row["market"], row["amount"]) for row in rows["shortfalls"]
    }
    assert found == {
        "cash": ("signed", pytest.approx(0.01, abs=1e-6)),
        "unserved": ("m", pytest.approx(40.0)),
        "protection": ("sites", pytest.approx(20.0, abs=1e-5)),
    }
    assert {row["tier"] for row in lacking().rows("shortfalls")} == {"programme"}
    assert audit(short().case, short().tables, short().summary).passed


def test_cash_and_envelopes_say_what_is_not_paid() -> None:
    """Law: limit less spending plus what is not paid is what is left; an envelope does not count it either."""
    plan = solve(
        tiny(60.0, contracts=[SIGNED], budget=cash(1, 0.2), families={"budget": CASH | {"primary_envelope_busd": 0.15}})
    )
    (row,) = plan.rows("cash")
    assert row["unpaid_busd"] == pytest.approx(0.03, abs=1e-6)
    assert row["limit_busd"] - row["primary_busd"] + row["unpaid_busd"] == pytest.approx(row["left_busd"], abs=1e-9)
    primary, backup = plan.rows("envelopes")
    assert primary["unpaid_busd"] == pytest.approx(0.03, abs=1e-6)
    assert primary["left_busd"] == pytest.approx(0.0, abs=1e-6)
    assert backup["unpaid_busd"] == 0.0


def _amount(tier: str, change: Callable[[float], float]) -> Callable[[Rows, dict[str, Any]], None]:
    def plant(rows: Rows, _summary: dict[str, Any]) -> None:
        row = row_of(rows, tier)
        row["amount"] = change(row["amount"])

    return plant


def _entry(tier: str, **values: Any) -> Callable[[Rows, dict[str, Any]], None]:
    def plant(_rows: Rows, summary: dict[str, Any]) -> None:
        summary["shortfalls"] = [{**one, **values} if one["tier"] == tier else one for one in summary["shortfalls"]]

    return plant


def _cell(table: str, **cells: Any) -> Callable[[Rows, dict[str, Any]], None]:
    def plant(rows: Rows, _summary: dict[str, Any]) -> None:
        rows[table][0] |= cells

    return plant


FAULTS: dict[tuple[str, str], Callable[[Rows, dict[str, Any]], None]] = {
    ("shortfalls", "no more unpaid than is due"): _amount("cash", lambda busd: 19.0 * busd),
    ("budget", "limit of a period"): _amount("cash", lambda busd: busd / 2),
    ("money", "cash table"): _cell("cash", unpaid_busd=0.0),
    ("money", "envelopes"): _cell("envelopes", unpaid_busd=0.0),
    ("shortfalls", "unserved"): _amount("unserved", lambda compute: compute - 1.0),
    ("redundancy", "sites"): _amount("protection", lambda compute: compute / 2),
    ("shortfalls", "tiers can be read"): _entry("cash", amount="much"),
    ("shortfalls", "amount of a tier"): _entry("protection", amount=1.0, bound=1.0),
    ("shortfalls", "bound of a tier"): _entry("unserved", bound=50.0),
    ("shortfalls", "least of a tier proven"): _entry("unserved", bound=10.0),
}


@pytest.mark.parametrize("name", FAULTS, ids=": ".join)
def test_a_planted_fault_is_caught(name: tuple[str, str]) -> None:
    """Law: a plan that misses more than it says, or says what is not so, fails the check of that."""
    plan = short()
    rows, summary = tables_of(plan), dict(plan.summary)
    FAULTS[name](rows, summary)
    report = audit(plan.case, rows, summary)
    assert name in {(check.family, check.name) for check in report.checks if not check.passed}, report.lines


def test_a_shortfall_that_the_case_does_not_admit_is_caught() -> None:
    """Law: with ``shortfall = "hard"`` neither cash nor a rule may be short, whatever the table says."""
    plan = short()
    model = plan.case.model
    hard = model.model_copy(update={"objective": model.objective.model_copy(update={"shortfall": "hard"})})
    report = audit(replace(plan.case, model=hard), plan.tables, plan.summary)
    assert ("shortfalls", "admitted") in {(check.family, check.name) for check in report.checks if not check.passed}


def test_missing_capacity_that_is_not_so_is_caught() -> None:
    """Law: what a programme is said to lack is what it lacks."""
    plan = lacking()
    rows = tables_of(plan)
    row_of(rows, "programme")["amount"] += 5.0
    report = audit(plan.case, rows, plan.summary)
    assert ("programme", "shortfall") in {(check.family, check.name) for check in report.checks if not check.passed}
