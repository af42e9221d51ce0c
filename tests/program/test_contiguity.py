"""Contiguity worked out by hand: a cluster or nothing, few campuses, some years, signed chips, directions."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest

from planner.case.case import CaseData
from tests.length import thinned
from tests.program.tiny import chip, column, cost, lease, market, site, solve, tiny

Rows = Sequence[dict[str, Any]]
DEMAND = (30.0, 90.0, 100.0)
RENTS = {"a": 10.0, "b": 11.0, "c": 12.0}


def work(demand: Sequence[float] = DEMAND, workload: str = "training", of: str = "m") -> list[dict[str, Any]]:
    """Demand by year."""
    return [{"market": of, "workload": workload, "year": 2026 + n, "compute": c} for n, c in enumerate(demand)]


def halls(rule: dict[str, Any] | None, *, demand: Rows = (), blocks: int = 6, **more: Any) -> CaseData:
    """Three campuses of 60 IT MW, leased year by year at 10, 11 and 12 a year, with one rule or none."""
    one = {"name": "r", "market": "m", "workload": "training", **(rule or {})}
    demand = demand or work()
    given: dict[str, Any] = {
        "sites": [site(s) for s in RENTS],
        "offers": [
            lease(s, s, max_blocks=blocks, term_years=1.0, rent_musd_per_mw_year=rent) for s, rent in RENTS.items()
        ],
        "families": {"contiguity": {"rules": [one]}} if rule else {},
    }
    return tiny(periods=len({row["year"] for row in demand}), demand_rows=demand, **(given | more))


def by_site(case: CaseData) -> list[dict[str, float]]:
    """Compute served by site, year by year, of the best plan."""
    plan = solve(case)
    assert plan.summary["audit"]["passed"]
    found: list[dict[str, float]] = [{} for _ in dict.fromkeys(row["period"] for row in plan.rows("demand"))]
    first = min(int(row["period"]) for row in plan.rows("demand"))
    for row in plan.rows("served"):
        of_year = found[int(row["period"]) - first]
        of_year[str(row["site"])] = of_year.get(str(row["site"]), 0.0) + float(row["compute"])
    return found


def test_without_a_rule_the_cheapest_is_filled_first() -> None:
    """30, 60 and 30, 60 and 40 units at $10M and $11M: 0.3 + 0.93 + 1.04."""
    assert cost(halls(None)) == pytest.approx(0.3 + 0.93 + 1.04)
    assert by_site(halls(None)) == [{"a": 30.0}, {"a": 60.0, "b": 30.0}, {"a": 60.0, "b": 40.0}]


def test_a_campus_serves_the_minimum_or_nothing_and_a_small_demand_whole() -> None:
    """At least 45: 30 are served whole at one campus, 90 by twice 45, 100 by twice 50: five blocks at each."""
    plan = solve(halls({"at_least_it_mw": 45.0}))
    assert plan.summary["cost_busd"] == pytest.approx(0.3 + 2 * (0.5 + 0.55))
    assert column(plan, "clusters", "least_it_mw") == [30.0, 45.0, 45.0, 45.0, 45.0]
    assert [row["begins"] for row in plan.rows("clusters")] == ["yes", "no", "yes", "no", "no"]


def test_what_cannot_be_a_cluster_is_unserved() -> None:
    """At least 50 of 90: two campuses would serve 100, more than is asked for, so that one serves 60 and 30 wait."""
    plan = solve(halls({"at_least_compute": 50.0}))
    assert column(plan, "unserved", "unserved_compute") == pytest.approx([0.0, 30.0, 0.0])
    assert plan.summary["cost_busd"] == pytest.approx(0.3 + 0.6 + (0.5 + 0.55))


def test_no_campus_that_can_hold_a_cluster_leaves_all_unserved() -> None:
    """At least 70 of 90 with 60 IT MW a campus: nothing is served in the years in which more than 60 are asked for."""
    plan = solve(halls({"at_least_compute": 70.0}))
    assert column(plan, "unserved", "unserved_compute") == [0.0, 90.0, 100.0]
    assert plan.summary["cost_busd"] == pytest.approx(0.3)


def test_few_campuses() -> None:
    """At one campus no more than 60 are served: 30 and 40 wait; at two all is served."""
    one = {"at_least_compute": 10.0, "most_campuses": 1}
    assert column(solve(halls(one)), "unserved", "unserved_compute") == pytest.approx([0.0, 30.0, 40.0])
    assert cost(halls(one | {"most_campuses": 2})) == pytest.approx(cost(halls(None)))


def test_what_begins_goes_on_for_its_years() -> None:
    """Site b is needed in 2027 alone: with two years to keep, the work begins there in 2026, at 11 instead of 10."""
    demand = work((30.0, 90.0, 50.0, 50.0))
    loose, kept = {"at_least_compute": 30.0}, {"at_least_compute": 30.0, "at_least_years": 2.0}
    assert by_site(halls(loose, demand=demand)) == [{"a": 30.0}, {"a": 60.0, "b": 30.0}, {"a": 50.0}, {"a": 50.0}]
    # Twice 30 would be more than 50 in 2028: b ends with 2027 if it begins in 2026, and a goes on from 2027.
    assert by_site(halls(kept, demand=demand)) == [{"b": 30.0}, {"a": 60.0, "b": 30.0}, {"a": 50.0}, {"a": 50.0}]
    assert cost(halls(kept, demand=demand)) == pytest.approx(0.33 + 0.93 + 0.5 + 0.5)


@pytest.mark.parametrize(("years", "last"), thinned([(1.0, "a"), (1.01, "b"), (9.0, "b")], 3, unpack=True))
def test_years_are_those_of_a_life_and_end_with_the_horizon(years: float, last: str) -> None:
    """What begins in 2027 for a year is free in 2028; for a day more it is there in 2028; nothing goes beyond."""
    demand = work((30.0, 90.0, 50.0))
    rule = {"at_least_compute": 30.0, "at_least_years": years, "first_year": 2027}
    # Both begin in 2027, so that for more than a year neither can be left, and twice 30 are more than 50.
    found = by_site(halls(rule, demand=demand))
    if last == "a":
        assert found[1:] == [{"a": 60.0, "b": 30.0}, {"a": 50.0}]
    else:
        assert found[1:] == [{"a": 60.0}, {"a": 50.0}]


def test_a_rule_of_some_years_leaves_the_others_alone() -> None:
    """Before 2028 the work is spread as it comes; in 2028 there is one campus."""
    rule = {"at_least_compute": 50.0, "most_campuses": 1, "first_year": 2028}
    assert by_site(halls(rule)) == [{"a": 30.0}, {"a": 60.0, "b": 30.0}, {"a": 60.0}]
    rule = {"at_least_compute": 50.0, "most_campuses": 1, "last_year": 2027}
    assert by_site(halls(rule)) == [{"a": 30.0}, {"a": 60.0}, {"a": 60.0, "b": 40.0}]


def test_a_year_without_demand_is_no_period_of_the_rule() -> None:
    """There is nothing in 2027: the cluster of 2026 is that of 2028, and its two years are not over before."""
    demand = work((40.0, 0.0, 90.0))
    rule = {"at_least_compute": 40.0, "at_least_years": 3.0}
    assert by_site(halls(rule, demand=demand)) == [{"a": 40.0}, {}, {"a": 50.0, "b": 40.0}]


def test_other_work_is_spread_over_what_is_left() -> None:
    """Training of 60 and inference of 60: the cluster takes a whole, inference is not bound by the rule."""
    demand = [*work((60.0,)), *work((60.0,), "inference")]
    plan = solve(halls({"at_least_compute": 55.0, "most_campuses": 1}, demand=demand))
    assert plan.summary["cost_busd"] == pytest.approx(0.6 + 0.66)
    assert [(row["site"], row["compute"]) for row in plan.rows("clusters")] in ([("a", 60.0)], [("b", 60.0)])


def test_signed_chips_serve_under_the_rule_and_begin_nothing() -> None:
    """20 signed IT MW at c cost nothing more, and are of use only where 25 more are leased beside them."""
    signed = {
        "contract": "signed", "offer": "c", "role": "primary", "it_mw": 20.0, "chip": "chip",
        "start_date": "2025-01-01", "end_date": "2028-01-01", "rent_musd_per_mw_year": 0.0,
    }  # fmt: skip
    demand = work((45.0, 45.0, 45.0))
    loose = halls(None, demand=demand, contracts=[signed])
    assert cost(loose) == pytest.approx(0.3 + 0.3 + 0.5)  # 25 beside the signed ones: three blocks at a
    rule = {"at_least_compute": 45.0, "at_least_years": 2.0}
    # All at c (20 signed and three blocks at 12), or all at a (five blocks at 10); from 2028 at a in any case.
    plan = solve(halls(rule, demand=demand, contracts=[signed]))
    assert [row["site"] for row in plan.rows("clusters")] == ["c", "c", "a"]
    assert plan.summary["cost_busd"] == pytest.approx(0.36 + 0.36 + 0.5)
    # For three years the cluster at c is carried on by five blocks.
    longer = solve(halls(rule | {"at_least_years": 3.0}, demand=demand, contracts=[signed]))
    assert longer.summary["cost_busd"] == pytest.approx(0.36 + 0.36 + 0.6)


def test_it_mw_are_those_in_use_and_the_best_chip_says_what_the_demand_needs() -> None:
    """A chip of twice the compute serves 60 with 30 IT MW: 40 IT MW are asked for, but never more than 30."""
    chips = [chip(), chip("fast", training_compute_per_it_mw=2.0, first_date="2027-01-01")]
    offers = [lease("a", "a", chips=("chip", "fast"), term_years=1.0)]
    case = tiny(periods=2, demand_rows=work((60.0, 60.0)), chips=chips, offers=offers,
                families={"contiguity": {"rules": [{"name": "r", "market": "m", "workload": "training",
                                                    "at_least_it_mw": 40.0}]}})  # fmt: skip
    plan = solve(case)
    assert column(plan, "clusters", "least_it_mw") == [40.0, 30.0]
    assert column(plan, "clusters", "it_mw") == pytest.approx([60.0, 30.0])
    assert plan.summary["cost_busd"] == pytest.approx(0.6 + 0.3)


def test_a_contingency_needs_no_cluster() -> None:
    """One cluster at a; what of it is critical is carried by backup of 20 at each of the others."""
    rules = [{"name": "any site", "domain": "site", "critical_share": 0.4}]
    contiguity = {"name": "r", "market": "m", "workload": "training", "at_least_compute": 60.0}
    offers = [lease("a", "a", term_years=1.0, roles=("primary", "backup"))]
    offers += [lease(s, s, term_years=1.0, max_blocks=2, roles=("primary", "backup")) for s in ("b", "c")]
    case = halls(None, demand=work((100.0,)), offers=offers,
                 families={"contiguity": {"rules": [contiguity]}, "redundancy": {"rules": rules}})  # fmt: skip
    plan = solve(case)
    assert plan.summary["cost_busd"] == pytest.approx(1.0 + 0.4)
    assert [row["site"] for row in plan.rows("clusters")] == ["a"]
    assert {row["site"] for row in plan.rows("recovery") if row["contingency"] == "a"} == {"b", "c"}


def test_a_single_source_market_keeps_the_rule_besides() -> None:
    """One site serves all 50 of the market; the rule keeps it there when another becomes as cheap."""
    markets = [market("m", single_source=True)]
    demand = work((50.0, 50.0))
    rule = {"at_least_compute": 10.0, "at_least_years": 2.0}
    offers = [
        lease("a", "a", term_years=1.0, last_start="2026-06-01", rent_musd_per_mw_year=8.0),
        lease("b", "b", term_years=1.0),
        lease("late", "a", term_years=1.0, first_start="2027-01-01", rent_musd_per_mw_year=20.0),
    ]
    assert cost(halls(None, demand=demand, markets=markets, offers=offers)) == pytest.approx(0.4 + 0.5)
    assert cost(halls(rule, demand=demand, markets=markets, offers=offers)) == pytest.approx(1.0)


def test_two_rules_of_one_work_hold_each_by_itself() -> None:
    """At least 30 compute, and at least 45 IT MW from 2028: the minimum of 2028 is the greater."""
    rules = [
        {"name": "small", "market": "m", "workload": "training", "at_least_compute": 30.0},
        {"name": "large", "market": "m", "workload": "training", "at_least_it_mw": 45.0, "first_year": 2028},
    ]
    found = by_site(halls(None, families={"contiguity": {"rules": rules}}))
    assert found[1] == {"a": 60.0, "b": 30.0}
    assert found[2] == {"a": 50.0, "b": 50.0}


def test_a_plan_is_a_start_of_its_own_case() -> None:
    """What is hosted in a plan is read back from its table: the start is as good as the plan."""
    case = halls({"at_least_it_mw": 45.0, "at_least_years": 2.0})
    plan = solve(case)
    assert solve(case, start=plan).summary["cost_busd"] == pytest.approx(plan.summary["cost_busd"])


@pytest.mark.slow
def test_a_stricter_cluster_never_costs_less() -> None:
    """Law of direction: a larger minimum, fewer campuses, more years never serve more, nor as much for less."""

    def answer(**rule: Any) -> tuple[float, float]:
        demand = work((30.0, 90.0, 60.0, 75.0))
        summary = solve(halls({"at_least_compute": 15.0, **rule}, demand=demand)).summary
        return round(float(summary["unserved_share"]), 7), round(float(summary["cost_busd"]), 7)

    for series in (
        [answer(at_least_compute=least) for least in (5.0, 15.0, 30.0, 40.0, 55.0)],
        [answer(most_campuses=most) for most in (3, 2, 1)],
        [answer(at_least_years=years) for years in (1.0, 2.0, 4.0)],
        [answer(at_least_compute=40.0, at_least_years=years) for years in (1.0, 2.0, 4.0)],
    ):
        assert all(stricter >= looser for looser, stricter in pairwise(series))
        assert series[-1] >= series[0]
