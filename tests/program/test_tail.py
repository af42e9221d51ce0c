"""A tail: periods after the reported ones, with figures by year as in the last reported year."""

from typing import Any

import pytest

from planner.analysis.comparison import compare
from planner.audit import audit
from planner.case.case import CaseData
from planner.changes.apply import apply_changes
from planner.errors import CaseError
from planner.report.reported import has_tail, reported
from tests.program.tiny import CASH, by_period, cash, column, cost, lease, own, solve, tiny


def _with_tail(case: CaseData, *months: int) -> CaseData:
    return apply_changes(case, [f"model.horizon.tail={{period_months = {list(months)}}}"])


def _growing(**more: Any) -> CaseData:
    return tiny([30.0, 50.0], periods=2, offers=[lease(block_it_mw=10.0)], **more)


def test_the_last_year_goes_on() -> None:
    """On paper: 30, 50, then 50 for five years at $10M per IT MW and year: 0.3 + 0.5 + 2.5, of which 0.8 reported."""
    plan = solve(_with_tail(_growing(), 24, 36))
    assert by_period(plan, "unserved", "demand_compute") == pytest.approx([30.0, 50.0, 50.0, 50.0])
    assert plan.summary["cost_busd"] == pytest.approx(3.3)
    assert plan.summary["reported_cost_busd"] == pytest.approx(0.8)
    assert plan.summary["spend_primary_busd"] == pytest.approx(0.8)
    assert [row["period"] for row in plan.rows("calendar")] == [2026, 2027, 2028, 2030]
    assert [row["label"] for row in plan.rows("calendar")] == [2026, 2027, "2028-2029", "2030-2032"]
    assert list(plan.table("calendar")["period"]) == [2026, 2027, 2028, 2030]


def test_cash_and_supply_go_on_and_later_rows_are_not_used() -> None:
    """On paper: $0.4B a year in the last year are 0.4 in each year of a tail, whatever a row of 2028 says."""
    rows = [*cash(2, 0.4), {**cash(1, 9.0)[0], "year": 2028}]
    supply = [{"chip": "chip", "year": 2026, "it_mw": 20.0}, {"chip": "chip", "year": 2027, "it_mw": 10.0}]
    case = _growing(families={"budget": CASH}, budget=rows, chip_supply=supply)
    plan = solve(_with_tail(case, 12, 24))
    assert column(plan, "budget", "limit_busd") == pytest.approx([0.4, 0.4, 0.4, 0.8])
    assert column(plan, "chips", "supply_it_mw") == pytest.approx([20.0, 10.0, 10.0, 20.0])


def test_an_envelope_counts_reported_periods_alone() -> None:
    """On paper: an envelope of $0.8B is enough for 30 and 50; the tail spends as much again and is not in it."""
    families = {"budget": {**CASH, "primary_envelope_busd": 0.8}}
    plan = solve(_with_tail(_growing(families=families, budget=cash(2, 9.0)), 12, 12))
    assert plan.summary["unserved_share"] == pytest.approx(0.0)
    assert plan.summary["cost_busd"] == pytest.approx(1.8)
    tight = _growing(families={"budget": {**CASH, "primary_envelope_busd": 0.7}}, budget=cash(2, 9.0))
    served = by_period(solve(_with_tail(tight, 12, 12)), "unserved", "served_compute")
    assert sum(served[:2]) == pytest.approx(70.0)
    assert served[2:] == pytest.approx([50.0, 50.0])


@pytest.mark.parametrize(
    ("first_year", "last_year", "holds"), [(2027, None, True), (None, 2026, False), (2028, None, False)]
)
def test_a_rule_holds_in_the_tail_as_in_the_last_year(first_year: int, last_year: int, holds: bool) -> None:
    """Law: a rule from 2027 on holds in a tail from 2028; one to 2026, or from 2028 on, does not."""
    rule = {
        "name": "head-room",
        "domain": "none",
        "critical_share": 1.2,
        "first_year": first_year,
        "last_year": last_year,
    }
    offers = [lease(block_it_mw=10.0, roles=("primary", "backup"))]
    case = tiny([30.0, 50.0], periods=2, offers=offers, families={"redundancy": {"rules": [rule]}})
    plan = solve(_with_tail(case, 12))
    assert by_period(plan, "capacity", "it_mw")[2] == pytest.approx(60.0 if holds else 50.0)
    assert audit(plan.case, plan.tables, plan.summary).passed


def test_a_tail_takes_the_end_out_of_the_last_year() -> None:
    """On paper: for one year a lease at 14 beats a building at 12 and chips at 30; with five more years it does not."""
    offers = [own(block_it_mw=10.0), lease(block_it_mw=10.0, rent_musd_per_mw_year=14.0)]
    case = tiny(50.0, offers=offers)
    assert cost(case) == pytest.approx(14.0 * 0.050)
    longer = solve(_with_tail(case, 24, 36))
    assert {row["offer"] for row in longer.rows("contracts")} == {"own"}
    assert longer.summary["cost_busd"] == pytest.approx(42.0 * 0.050)


def test_a_tail_of_reported_periods_costs_what_they_cost() -> None:
    """Law: with the same figures in later years, a tail and as many reported periods are the same program."""
    families = {"budget": CASH}
    tailed = _with_tail(tiny(50.0, periods=2, families=families, budget=cash(2, 3.0)), 12, 12)
    whole = tiny(50.0, periods=4, families=families, budget=cash(4, 3.0))
    assert cost(tailed) == pytest.approx(cost(whole))


def test_a_tail_never_makes_the_whole_cheaper() -> None:
    """Law: without salvage and income, more periods never cost less in all."""
    assert cost(_growing()) <= cost(_with_tail(_growing(), 12)) <= cost(_with_tail(_growing(), 12, 24))


def test_people_see_the_reported_periods() -> None:
    """Law: what is shown has no row of the tail, no contract that starts in it, and no salvage at its end."""
    offers = [
        own(block_it_mw=10.0, term_years=2.0),
        lease(block_it_mw=10.0, term_years=1.0, rent_musd_per_mw_year=30.0),
    ]
    plan = solve(_with_tail(tiny([30.0, 50.0], periods=2, offers=offers, objective={"salvage": "straight_line"}), 24))
    shown = reported(plan)
    assert has_tail(plan)
    assert (
        {row["period"] for row in plan.rows("spend")} > {row["period"] for row in shown.rows("spend")} == {2026, 2027}
    )
    assert {row["start_period"] for row in shown.rows("contracts")} <= {2026, 2027}
    assert {row["start_period"] for row in plan.rows("contracts")} > {2026, 2027}
    assert shown.summary == plan.summary
    assert reported(shown).tables == shown.tables


def test_a_wrong_reported_cost_is_found() -> None:
    """Law: the audit recomputes the reported part of the cost."""
    plan = solve(_with_tail(_growing(), 12))
    wrong = {**plan.summary, "reported_cost_busd": 0.9}
    report = audit(plan.case, plan.tables, wrong)
    assert [check.name for check in report.checks if not check.passed] == ["reported_cost_busd"]
    missing = {key: value for key, value in plan.summary.items() if key != "reported_cost_busd"}
    assert not audit(plan.case, plan.tables, missing).passed


@pytest.mark.parametrize(
    ("tail", "told"),
    [
        ("{period_months = 12}", "horizon.tail.periods"),
        ("{periods = 2, period_months = [12]}", "lists 1 length, but there are 2 periods"),
        ("{periods = 1, period_months = [12, 12]}", "lists 2 lengths, but there is 1 period ("),
        ("{period_months = []}", "lists 0 lengths"),
        ("{period_months = [0]}", "at least 1"),
        ("{period_months = [12], years = 3}", "years"),
    ],
)
def test_what_is_wrong_with_a_tail_is_told(tail: str, told: str) -> None:
    """Law: a tail has lengths, and as many as periods."""
    with pytest.raises(CaseError) as caught:
        apply_changes(_growing(), [f"model.horizon.tail={tail}"])
    assert told in str(caught.value)


def test_what_is_compared_ends_with_the_reported_periods() -> None:
    """Law: a plan with a tail and one without are compared over the periods that both report."""
    offers = [lease(block_it_mw=10.0, term_years=1.0)]
    case = tiny([30.0, 50.0], periods=2, offers=offers)
    found = compare(solve(case), solve(_with_tail(case, 24)))
    summary = {row["measure"]: row for row in found.rows("summary")}
    assert summary["churn_it_mw_years"]["value"] == pytest.approx(0.0)
    assert summary["spend_primary_busd"]["difference"] == pytest.approx(0.0)
    assert {row["period"] for table in ("capacity", "spend", "churn") for row in found.rows(table)} == {"2026", "2027"}


def test_a_rule_of_clusters_holds_in_the_tail_as_in_the_last_year() -> None:
    """Law: the audit knows the clusters of a tail by the years of the last reported period."""
    rule = {"name": "big", "market": "m", "workload": "inference", "at_least_it_mw": 20.0, "last_year": 2027}
    case = tiny([30.0, 50.0], periods=2, offers=[lease(block_it_mw=10.0)], families={"contiguity": {"rules": [rule]}})
    plan = solve(_with_tail(case, 12))
    assert {row["period"] for row in plan.rows("clusters")} == {2026, 2027, 2028}
    assert audit(plan.case, plan.tables, plan.summary).passed
