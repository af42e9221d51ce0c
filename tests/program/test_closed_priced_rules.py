"""Redundancy rules with a price on paper: what is missing, what it costs, and what it leaves alone (section 8)."""

from itertools import pairwise
from typing import Any

import pytest

from planner import Case
from planner.api import Plan
from planner.audit import audit
from planner.case.case import CaseData
from planner.case.horizon import Tail
from planner.errors import CaseError
from tests.program.tiny import CASH, cash, cost, lease, market, site, solve, tiny

BOTH = ("primary", "backup")
PRICE = "price_busd_per_missing_compute_year"
BLOCK_BUSD = 0.1
"""A year of a block of ten IT MW that gives ten units of compute: keeping a unit costs 0.01 a year."""
ANNUAL = {"discount_rate_per_year": 0.1}


def rule(price: float | None = None, **more: Any) -> dict[str, Any]:
    """A rule over sites that asks for all that is served."""
    priced = {} if price is None else {PRICE: price}
    return {"name": "any site", "domain": "site", "critical_share": 1.0, **priced, **more}


def rules(*given: dict[str, Any]) -> dict[str, Any]:
    """The families of a case with some rules."""
    return {"redundancy": {"rules": list(given)}}


def spike(price: float | None = None, share: Any = 1.5, **more: Any) -> dict[str, Any]:
    """A rule that loses nothing."""
    return rule(price, name="spike", domain="none", critical_share=share, **more)


def two_sites(*given: dict[str, Any], **more: Any) -> CaseData:
    """Two equal sites for 60 units: without a rule six blocks; to survive the loss of one twelve, six at each."""
    offers = [lease(f"at_{name}", name, roles=BOTH) for name in "ab"]
    return tiny(60.0, sites=[site("a"), site("b")], offers=offers, families=rules(*given), **more)


def spans(case: CaseData, periods: int, months: int | tuple[int, ...], tail: Tail | None = None) -> CaseData:
    """A case with periods of other lengths."""
    horizon = case.model.horizon.model_copy(update={"periods": periods, "period_months": months, "tail": tail})
    return case.replace(model=case.model.model_copy(update={"horizon": horizon}))


def missed(plan: Plan) -> list[tuple[str, str, float]]:
    """Tier, rule and amount of every shortfall."""
    return [(row["tier"], row["rule"], row["amount"]) for row in plan.rows("shortfalls")]


def part(plan: Plan, name: str) -> float | None:
    """A part of the cost."""
    return {row["item"]: row["present_value_busd"] for row in plan.rows("objective")}.get(name)


@pytest.mark.parametrize(("price", "short"), [(0.009, 30.0), (0.021, 0.0)])
def test_a_rule_is_missed_where_that_costs_less(price: float, short: float) -> None:
    """Three blocks at each site leave 30 of 60; ten units less need a block at each site: 0.2 a year."""
    plan = solve(two_sites(rule(price)))
    assert missed(plan) == ([("priced", "any site", short)] if short else [])
    assert part(plan, "unprotected") == pytest.approx(price * short)
    assert plan.cost_busd == pytest.approx(0.6 + price * short if short else 1.2)
    assert plan.summary["shortfalls"] == []
    assert plan.summary["audit"]["passed"]


def test_the_worst_loss_of_the_period_counts_once() -> None:
    """Sites of 40, 20 and 10: the loss of the first leaves 40 of 70 short, of the others 20 and 10, and 40 it is."""
    sites = [site(name, max_it_mw=most) for name, most in zip("abc", (40.0, 20.0, 10.0), strict=True)]
    offers = [lease(f"at_{name}", name) for name in "abc"]
    plan = solve(tiny(70.0, sites=sites, offers=offers, families=rules(rule(0.001))))
    assert missed(plan) == [("priced", "any site", 40.0)]
    assert part(plan, "unprotected") == pytest.approx(0.04)


def test_losses_that_leave_different_markets_short_are_both_covered() -> None:
    """Each market has one site of its own: the loss of either leaves its own market short, and both amounts stand."""
    markets = [market("m", residency=("US",)), market("n", residency=("FR",))]
    demand = [{"market": name, "workload": "inference", "year": 2026, "compute": mw} for name, mw in
              (("m", 30.0), ("n", 20.0))]  # fmt: skip
    case = tiny(sites=[site("a"), site("b", country="FR")], offers=[lease("x", "a"), lease("y", "b")], markets=markets,
                demand_rows=demand, families=rules(rule(0.001)))  # fmt: skip
    plan = solve(case)
    assert {(row["market"], row["amount"]) for row in plan.rows("shortfalls")} == {("m", 30.0), ("n", 20.0)}
    assert part(plan, "unprotected") == pytest.approx(0.05)


def test_price_times_years_times_what_is_missing_discounted_to_the_middle() -> None:
    """Half a year and two years, both short of 60 at 0.02 a year, at 10 % discounted to 0.25 and 1.5 years."""
    case = spans(tiny(60.0, families=rules(rule(0.02)), periods=3, objective=ANNUAL), 2, (6, 24))
    plan = solve(case)
    assert {row["amount"] for row in plan.rows("shortfalls")} == {60.0}
    expected = 0.02 * 60.0 * (0.5 * 1.1**-0.25 + 2.0 * 1.1**-1.5)
    assert part(plan, "unprotected") == pytest.approx(expected)
    rows = [row for row in plan.rows("spend") if row["part"] == "unprotected"]
    assert {(row["item"], row["role"], row["payee"], row["market"]) for row in rows} == {("unprotected", "", "", "m")}
    assert sum(row["present_value_busd"] for row in rows) == pytest.approx(expected)
    assert sum(row["amount_busd"] for row in rows) == pytest.approx(0.02 * 60.0 * 2.5)
    assert plan.cost_busd == pytest.approx(sum(row["present_value_busd"] for row in plan.rows("objective")))


def test_it_is_no_spending() -> None:
    """A budget of what the six blocks cost admits any amount of what is missing: no one is paid."""
    families = {**rules(rule(5.0)), "budget": CASH}
    offers = [lease(f"at_{name}", name, roles=BOTH) for name in "ab"]
    case = tiny(60.0, sites=[site("a"), site("b")], offers=offers, families=families, budget=cash(1, 0.6))
    plan = solve(case)
    assert missed(plan) == [("priced", "any site", 30.0)]
    assert plan.summary["spend_primary_busd"] + plan.summary["spend_backup_busd"] == pytest.approx(0.6)
    assert plan.cost_busd == pytest.approx(0.6 + 150.0)


def test_head_room_has_a_price_too_and_other_rules_keep_theirs() -> None:
    """Eighty MW at most: 10 of a spike to 90 are missing at a price; the rule over sites beside it is a tier."""
    case = tiny(60.0, offers=[lease(max_blocks=8)], families=rules(spike(0.5), rule()))
    plan = solve(case)
    assert missed(plan) == [("protection", "any site", 60.0), ("priced", "spike", 10.0)]
    assert [(one["tier"], one["amount"]) for one in plan.summary["shortfalls"] if one["amount"]] == [
        ("protection", 60.0)
    ]
    assert part(plan, "unprotected") == pytest.approx(5.0)


def test_beside_priced_demand_the_cheaper_is_missed() -> None:
    """One site of 60: protecting is impossible; leaving 60 unserved at 0.05 beats missing it at 0.06, not at 0.04."""
    for price, unserved in ((0.04, 0.0), (0.06, 1.0)):
        objective = {"unserved": "priced", "unserved_price_busd_per_compute_year": 0.05}
        plan = solve(tiny(60.0, families=rules(rule(price)), objective=objective))
        assert plan.summary["unserved_share"] == pytest.approx(unserved)
        assert plan.cost_busd == pytest.approx(3.0 if unserved else 0.6 + 60.0 * price)


def test_what_is_unserved_is_not_missing() -> None:
    """Demand 100 and eight blocks: 20 unserved, and only the 80 that are served can be missing."""
    plan = solve(tiny(100.0, offers=[lease(max_blocks=8)], families=rules(rule(0.01))))
    assert missed(plan)[-1] == ("priced", "any site", pytest.approx(80.0))
    assert part(plan, "unprotected") == pytest.approx(0.8)


def test_with_hard_shortfalls_the_price_still_holds() -> None:
    """Law: a price is a cost, and no shortfall that the case could refuse."""
    plan = solve(tiny(60.0, families=rules(rule(0.01)), objective={"shortfall": "hard"}))
    assert missed(plan) == [("priced", "any site", 60.0)]


@pytest.mark.slow
def test_a_higher_price_never_misses_more_and_without_end_as_little_as_the_tier() -> None:
    """Direction: what is missed falls with the price to the minimum of the tier; the cost rises to that of the rule."""
    sites = [site(name, max_it_mw=most) for name, most in zip("abc", (60.0, 40.0, 30.0), strict=True)]
    offers = [lease(f"at_{name}", name, roles=BOTH, rent_musd_per_mw_year=rent)
              for name, rent in zip("abc", (10.0, 12.0, 15.0), strict=True)]  # fmt: skip

    def case(one: dict[str, Any]) -> CaseData:
        return tiny(80.0, sites=sites, offers=offers, families=rules(one))

    prices = (1e-4, 0.012, 0.025, 100.0)
    plans = [solve(case(rule(price))) for price in prices]
    amounts = [sum(amount for *_, amount in missed(plan)) for plan in plans]
    assert all(more >= less - 1e-6 for more, less in pairwise(amounts))
    costs = [plan.cost_busd for plan in plans]
    assert costs == sorted(costs)
    tier = solve(case(rule()))
    assert 0.0 < amounts[-1] < amounts[0]
    assert amounts[-1] == pytest.approx(sum(amount for *_, amount in missed(tier)))
    assert costs[-1] - (part(plans[-1], "unprotected") or 0.0) == pytest.approx(tier.cost_busd)


def test_what_it_asks_is_refused_at_its_key() -> None:
    """Neither a price of zero, which asks for nothing, nor a price beside another way to be missed or not."""
    with pytest.raises(ValueError, match="greater than 0"):
        tiny(60.0, families=rules(rule(0.0)))
    for other, words in (("hard", "a rule that must always hold has no price"), ("tier", "as little as possible")):
        with pytest.raises(CaseError, match=words) as raised:
            tiny(60.0, families=rules(rule(0.01, shortfall=other)))
        assert [one.column for one in raised.value.problems] == ["families.redundancy.rules[0].shortfall"]


def test_it_is_reached_by_set() -> None:
    """A price is given to a rule by its name, raised and taken away again."""
    case = Case.of(two_sites(rule()))
    path = f"model.families.redundancy.rules[any site].{PRICE}"
    priced = case.what_if([f"{path}=0.009"])
    assert missed(solve(priced)) == [("priced", "any site", 30.0)]
    assert missed(solve(priced.what_if([f"{path}=0.03"]))) == []


@pytest.mark.slow
def test_the_audit_finds_a_false_amount() -> None:
    """Planted: less missing than the contingencies show, or a cost of it that is not price x years x missing."""
    case = two_sites(rule(0.009))
    plan = solve(case)
    assert audit(case, plan.tables, plan.summary).passed
    for table, cells, change, check in (
        ("shortfalls", {"tier": "priced"}, {"amount": 20.0}, ("redundancy", "any site")),
        ("shortfalls", {"tier": "priced"}, {"amount": 70.0}, ("shortfalls", "no more missing than is critical")),
        ("spend", {"part": "unprotected"}, {"present_value_busd": 0.2}, ("money", "present value by level")),
        ("spend", {"part": "unprotected"}, {"amount_busd": 0.2}, ("money", "money by level")),
        ("objective", {"item": "unprotected"}, {"present_value_busd": 0.2}, ("money", "objective")),
    ):
        tables = {name: [dict(row) for row in rows] for name, rows in plan.tables.items()}
        rows = [row for row in tables[table] if all(row[column] == value for column, value in cells.items())]
        rows[0].update(change)
        failed = {(one.family, one.name) for one in audit(case, tables, plan.summary).checks if not one.passed}
        assert check in failed, (table, change)


def test_the_audit_knows_a_rule_with_a_price_from_one_without() -> None:
    """Planted: a priced shortfall called a tier, and the other way round."""
    for one, tier in ((rule(0.009), "protection"), (rule(), "priced")):
        case = tiny(60.0, families=rules(one))
        plan = solve(case)
        tables = {name: [dict(row) for row in rows] for name, rows in plan.tables.items()}
        tables["shortfalls"][0]["tier"] = tier
        found = audit(case, tables, plan.summary)
        assert any("column tier" in line for line in found.lines)


def test_the_cost_of_the_reported_periods_contains_it() -> None:
    """A tail of two years after one: what is missing in 2026 alone counts in the reported cost."""
    case = spans(tiny(60.0, families=rules(rule(0.01)), periods=1), 1, 12, tail=Tail(periods=1, period_months=24))
    plan = solve(case)
    assert part(plan, "unprotected") == pytest.approx(0.01 * 60.0 * 3.0)
    assert plan.summary["reported_cost_busd"] == pytest.approx(0.6 + 0.6)


def test_it_costs_nothing_per_mw() -> None:
    """Unit costs are those of what is paid."""
    with_price, without = solve(tiny(60.0, families=rules(rule(0.01)))), solve(tiny(60.0))
    assert with_price.rows("unit_costs") == without.rows("unit_costs")
    assert cost(tiny(60.0, families=rules(rule(0.01)))) == pytest.approx(1.2)
