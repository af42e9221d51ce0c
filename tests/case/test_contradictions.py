"""Contradictions that need no solve: told at their place, and proven infeasible when solved all the same."""

from dataclasses import replace
from typing import Any

import pytest

from planner.api import Case
from planner.case.case import CaseData
from planner.case.check import check_case, warnings_of
from planner.case.check.contradictions import CONTRADICTIONS
from planner.case.check.unusual import WARNINGS
from planner.case.model import Budget, Model
from planner.case.rows import BudgetRow, DemandRow
from planner.errors import InfeasibleError
from planner.options import SolveOptions
from planner.runs import session
from tests.cases import FAMILIES, YEARS, base_tables, full_tables, make_case
from tests.length import thinned
from tests.redundancy.random_cases import random_case

BUDGET = {**FAMILIES["budget"], "backup_income_counts": False, "primary_envelope_busd": 200.0}
SIGNED = [{**row, "ramp": None} for row in full_tables()["contracts"]]


def signed(role: str = "primary", **cells: Any) -> list[dict[str, Any]]:
    """Return signed contracts, a lease of 100 MW at $10M and a building of 50 MW."""
    lease, building = ({**row, "role": role} for row in SIGNED)
    return [{**lease, **cells}, building]


def budget_rows(**columns: float) -> list[dict[str, Any]]:
    """Return a budget of the same figures every year."""
    return [{"year": year, **columns} for year in YEARS]


def with_demand(factor: float, **market: Any) -> dict[str, Any]:
    """Return the tables with all demand scaled, and the European market changed."""
    tables = base_tables()
    for row in tables["demand"]:
        row["compute"] *= factor
    tables["markets"][1] |= market
    return {"demand": tables["demand"], "markets": tables["markets"]}


def rule(**options: Any) -> dict[str, Any]:
    """Return the family redundancy with one rule."""
    return {"redundancy": {"rules": [{"name": "r", "domain": "site", "critical_share": 1.0, **options}]}}


HOPELESS: list[tuple[str, CaseData, str, str]] = [
    (
        "more sites held open than may be",
        make_case({"contracts": signed()}, families={"site_opening": {"open_at_most": 1}}),
        "families.site_opening.open_at_most",
        "hold 2 sites open",
    ),
    (
        "more sites held open than shall be",
        make_case({"contracts": signed()}, families={"site_opening": {"open_exactly": 1}}),
        "families.site_opening.open_exactly",
        "hold 2 sites open",
    ),
    (
        "cash of a year",
        make_case(
            {"contracts": signed(), "budget": budget_rows(cash_limit_busd=0.9)},
            families={"budget": {**BUDGET, "carry_over": False}},
        ),
        "families.budget",
        "2026-01-01 signed contracts alone cost $1.015B",
    ),
    (
        "cash carried over",
        make_case(
            {"contracts": signed(end_date="2030-01-01"), "budget": budget_rows(cash_limit_busd=1.0)},
            families={"budget": BUDGET},
        ),
        "families.budget",
        "up to the end of the period from 2026-01-01",
    ),
    (
        "burn that must be kept",
        make_case({"budget": budget_rows(cash_burn_busd=-1.0)}, families={"budget": {**BUDGET, "basis": "burn"}}),
        "families.budget",
        "-$1B is allowed",
    ),
    (
        "primary envelope",
        make_case(
            {"contracts": signed(), "budget": budget_rows(cash_limit_busd=90.0)},
            families={"budget": {**BUDGET, "primary_envelope_busd": 2.0}},
        ),
        "families.budget.primary_envelope_busd",
        "alone cost $2.56",
    ),
    (
        "backup envelope",
        make_case(
            {"contracts": signed("backup"), "budget": budget_rows(cash_limit_busd=90.0)},
            families={"budget": {**BUDGET, "backup_envelope_busd": 2.0}},
        ),
        "families.budget.backup_envelope_busd",
        "alone cost $2.56",
    ),
    (
        "carbon of signed chips",
        make_case(
            {"contracts": signed()}, families={"power": {"utilisation": 1.0}, "carbon": {"cap_mt_per_year": 0.3}}
        ),
        "families.carbon.cap_mt_per_year",
        "emit 0.31536 Mt a year",
    ),
    (
        "critical demand of all",
        make_case(with_demand(6.0), families=rule()),
        "families.redundancy.rules[0]",
        "critical demand of market america",
    ),
    (
        "critical demand after the loss",
        make_case(with_demand(3.6, residency=None), families=rule()),
        "families.redundancy.rules[0]",
        "after the worst loss",
    ),
    (
        "diversity with signed contracts",
        make_case(
            {"contracts": signed()}, families={"diversity": {"rules": [{"domain": "country", "largest_share": 0.4}]}}
        ),
        "families.diversity.rules[0].largest_share",
        "2 domains with at most 0.4 each",
    ),
]


@pytest.mark.parametrize(
    ("case", "column", "words"),
    thinned([row[1:] for row in HOPELESS], 3, unpack=True),
    ids=[row[0] for row in HOPELESS],
)
def test_a_contradiction_is_told_and_is_one(case: CaseData, column: str, words: str) -> None:
    """Law: what is told as a contradiction has a place, refuses nothing, and without shortfalls no plan can meet it."""
    case = replace(case, model=with_shortfall(case, "hard"))
    assert check_case(case) == []
    told = [problem for problem in warnings_of(case) if problem.column == column and words in problem.message]
    assert told, [str(problem) for problem in warnings_of(case)]
    if "redundancy" in column:
        assert "it cannot be kept in full" in told[0].message
        assert Case.of(case).solve(own_process=False).summary["unserved_share"] > 0.0
        return
    assert "no plan can meet this" in told[0].message
    with pytest.raises(InfeasibleError):
        Case.of(case).solve(own_process=False)


def with_shortfall(case: CaseData, kind: str) -> Model:
    """Return the model of a case that admits shortfalls or none."""
    return case.model.model_copy(update={"objective": case.model.objective.model_copy(update={"shortfall": kind})})


@pytest.mark.parametrize("name", thinned(["cash of a year", "primary envelope", "critical demand after the loss"], 3))
def test_what_a_plan_can_miss_is_a_shortfall_and_no_contradiction(name: str) -> None:
    """Law: without ``hard`` such a case has a plan, which states what is missing, and the check says no more."""
    (case,) = (row[1] for row in HOPELESS if row[0] == name)
    assert not any("no plan can meet this" in problem.message for problem in warnings_of(case))
    assert Case.of(case).solve(own_process=False).rows("shortfalls")


def test_what_only_leaves_demand_unserved() -> None:
    """Law: a market too large for one source, and shares that no capacity can have, are told as what they lead to."""
    case = make_case(with_demand(9.0, single_source=True))
    (told,) = (problem for problem in warnings_of(case) if problem.column == "single_source")
    assert "goes unserved" in told.message
    assert Case.of(case).solve(own_process=False).summary["unserved_share"] > 0
    case = make_case(families={"diversity": {"rules": [{"domain": "provider", "largest_share": 0.3}]}})
    (told,) = (problem for problem in warnings_of(case) if "diversity" in (problem.column or ""))
    assert "only a plan without any capacity" in told.message
    assert Case.of(case).solve(own_process=False).summary["unserved_share"] == 1


def test_every_contradiction_is_tried() -> None:
    """Law: each of the list is told by some case above, and none by the good cases."""
    cases = [row[1] for row in HOPELESS] + [make_case(with_demand(9.0, single_source=True))]
    assert [check for check in CONTRADICTIONS if not any(list(check(case)) for case in cases)] == []
    for case in (make_case(), make_case(full=True)):
        assert [str(problem) for check in CONTRADICTIONS for problem in check(case)] == []
    assert not set(CONTRADICTIONS) & set(WARNINGS)


def test_what_can_pay_for_anything_is_no_contradiction() -> None:
    """Law: with serving at a negative cost, or income that counts, signed contracts alone prove nothing."""
    tables = {
        "contracts": signed(),
        "budget": budget_rows(cash_limit_busd=0.0),
        "serving": [{**row, "cost_busd_per_compute_year": -1.0} for row in full_tables()["serving"]],
    }
    assert not [
        problem
        for problem in warnings_of(make_case(tables, families={"budget": BUDGET}))
        if problem.column == "families.budget"
    ]
    income = {"backup_income": FAMILIES["backup_income"], "budget": {**BUDGET, "backup_income_counts": True}}
    tables.pop("serving")
    assert not [
        problem for problem in warnings_of(make_case(tables, families=income)) if problem.column == "families.budget"
    ]


def rich_variant(number: int) -> CaseData:
    """Return a random case with more demand and a budget, so that some have contradictions and most have none."""
    case = random_case(number)
    factor = (1.0, 2.0, 4.0, 8.0)[number % 4]
    demand = tuple(row.model_copy(update={"compute": row.compute * factor}) for row in case.rows(DemandRow))
    budget = tuple(
        BudgetRow(year=year, cash_limit_busd=0.4 * (number % 5), revenue_busd=1.0)
        for year in sorted({row.year for row in demand})
    )
    family = Budget.model_validate({**BUDGET, "carry_over": number % 2 == 0})
    families = case.model.families.model_copy(update={"budget": family} if number % 3 else {})
    return case.replace(
        model=case.model.model_copy(update={"families": families}),
        tables={"demand": demand, **({"budget": budget} if number % 3 else {})},
    )


@pytest.mark.slow
@pytest.mark.parametrize("number", range(60))
def test_no_plan_is_ruled_out(number: int) -> None:
    """Law: on random cases, what is stated as a contradiction never has a plan that meets everything."""
    case = rich_variant(number)
    assert check_case(case) == []
    if any("no plan can meet" in problem.message for problem in warnings_of(case)):
        with pytest.raises(InfeasibleError):
            session.find_point(Case.of(case).inputs, SolveOptions(own_process=False), whole_rules=True)
