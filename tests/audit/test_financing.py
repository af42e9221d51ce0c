"""Faults planted in the financing of the yards (section 18), each found where it is."""

from collections.abc import Callable
from typing import Any

import pytest

from planner.audit import audit
from tests.audit import yards
from tests.program.tiny import CASH, cash, lease, solve, tiny

Tables = dict[str, list[dict[str, Any]]]


def failed(case: Any, change: Callable[[Tables], object]) -> set[tuple[str, str]]:
    """Return the checks that a change of the plan fails."""
    tables = yards.plan()
    change(tables)
    return {(found.family, found.name) for found in audit(case, tables, yards.summary()).failures}


def put(table: str, row: int, **cells: Any) -> Callable[[Tables], object]:
    """Return a change of some cells."""
    return lambda tables: tables[table][row].update(cells)


def without(item: str) -> Callable[[Tables], object]:
    """Return a change that leaves an item out of the money of the plan."""
    return lambda tables: tables["spend"].remove(next(row for row in tables["spend"] if row["item"] == item))


def test_the_financing_of_the_yards_passes() -> None:
    """Law: the plan worked out by hand is right."""
    assert failed(yards.case(), lambda _tables: None) == set()


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (put("financing", 2, owed_busd=0.4), ("financing", "table")),  # owed understated
        (put("financing", 2, interest_busd=0.0), ("financing", "table")),
        (put("financing", 2, after_horizon_busd=0.0), ("financing", "table")),
        (put("financing", 3, dilution_busd=0.0), ("financing", "table")),
        (put("financing", 0, drawn_busd=1.2), ("financing", "most of a source")),
        (put("financing", 3, drawn_busd=0.2), ("financing", "most of a source")),
        (put("financing", 2, drawn_busd=0.1), ("financing", "window")),
        (put("financing", 1, kind="debt"), ("financing", "table")),
        (lambda tables: tables["financing"].pop(), ("financing", "table")),
        (without("owed"), ("money", "spend adds up to the cost")),
        (without("interest"), ("money", "money by level")),
        (put("cash", 1, owed_busd=0.0), ("money", "cash table")),
        (put("cash", 0, basis="burn"), ("money", "cash table")),
        (put("budget", 0, slack_busd=1.47206528), ("money", "budget table")),
    ],
)
def test_a_planted_fault_is_found(change: Callable[[Tables], object], check: tuple[str, str]) -> None:
    """Law: money drawn, owed or paid that is stated wrongly fails the check of its place."""
    assert check in failed(yards.case(), change)


@pytest.mark.parametrize(
    ("cells", "check"),
    [
        ({"most_busd": 2.0}, "table"),  # what is signed again is counted again
        ({"most_busd": 2.0, "drawn_busd": 2.0, "used_busd": 2.0}, "most of a source"),
    ],
)
def test_money_for_a_lease_that_is_signed_again_is_found(cells: dict[str, float], check: str) -> None:
    """Law: a plan that draws a vendor's money for the same IT MW a second time fails."""
    host = {"financing": "v", "name": "V", "kind": "vendor", "provider": "lease_provider", "busd_per_it_gw": 10.0}
    families = {"budget": {**CASH, "carry_over": True}, "financing": {}}
    offers = [lease(term_years=1.0)]
    plan = solve(tiny(100.0, periods=2, offers=offers, budget=cash(2, 9.0), financing=[host], families=families))
    tables = {name: [dict(row) for row in plan.rows(name)] for name in plan.tables}
    assert [row["most_busd"] for row in tables["financing"]] == pytest.approx([1.0, 1.0])
    tables["financing"][1].update(cells)
    assert ("financing", check) in {(one.family, one.name) for one in audit(plan.case, tables, plan.summary).failures}


def test_a_repayment_that_the_plan_leaves_out_is_found() -> None:
    """Law: a loan of one year is repaid in 2027; the plan that repays nothing fails its table, cash and budget."""
    case = yards.case(None, lambda rows: rows["financing"][0].update(repayment_years=1.0))
    found = failed(case, lambda _tables: None)
    assert {("financing", "table"), ("money", "cash table"), ("money", "budget table")} <= found


def test_a_source_whose_condition_fails_gives_nothing() -> None:
    """Law: rows of a source that is not in the case cannot be read."""
    row = {**yards.plan()["financing"][1], "financing": "never"}
    assert ("tables", "financing can be read") in failed(yards.case(), lambda tables: tables["financing"].append(row))
