"""What else would do: ranges and must-haves worked out by hand, and plans that keep to the slack."""

import json

import pytest

from planner.api import Case, Plan
from planner.changes.apply import apply_changes
from planner.errors import InfeasibleError, OptionError
from planner.explain.alternatives import Alternatives, Span, alternatives
from planner.options import SolveOptions
from planner.runs.session import solve_case
from tests.explain.test_why_random import banned
from tests.program.tiny import lease, site, solve, tiny
from tests.redundancy.random_cases import random_case

OFFERS = (
    lease("cheap", "a"),
    lease("dear", "b", rent_musd_per_mw_year=12.0),
    lease("far_too_dear", "c", rent_musd_per_mw_year=100.0),
)


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Ten blocks at $10M per MW and year; a block at b costs $0.02B more, one at c $0.9B."""
    return solve(tiny(100.0, sites=[site(name) for name in "abc"], offers=OFFERS))


@pytest.fixture(scope="module")
def found(plan: Plan) -> Alternatives:
    """What costs at most 5 % more, to the end."""
    return alternatives(plan, 0.05, gap=0.0)


def in_order(found: Alternatives) -> None:
    """What is proven holds what was found, and that holds the plan."""
    for one in found.spans:
        assert one.low_it_mw - 1e-6 <= one.plan_it_mw <= one.high_it_mw + 1e-6
        if one.least_it_mw is not None and one.most_it_mw is not None:
            assert one.least_it_mw - 1e-6 <= one.low_it_mw
            assert one.high_it_mw <= one.most_it_mw + 1e-6


def span(found: Alternatives, name: str) -> Span:
    """The span of a site."""
    return next(one for one in found.spans if (one.dimension, one.name) == ("site", name))


def test_spans_are_those_of_the_slack(found: Alternatives) -> None:
    """$0.05B pay for two blocks at b: 80 to 100 IT MW at a, 0 to 20 at b, nothing at c; proven to the IT MW."""
    a, b, c = (span(found, name) for name in "abc")
    assert (a.plan_it_mw, a.low_it_mw, a.high_it_mw, a.verdict) == (100.0, 80.0, 100.0, "must")
    assert (b.plan_it_mw, b.low_it_mw, b.high_it_mw, b.verdict) == (0.0, 0.0, 20.0, "")
    assert (c.low_it_mw, c.high_it_mw, c.verdict) == (0.0, 0.0, "never")
    assert (a.least_it_mw, b.most_it_mw, c.most_it_mw) == pytest.approx((80.0, 20.0, 0.0), abs=0.2)


def test_plans_keep_to_the_slack(plan: Plan, found: Alternatives) -> None:
    """Each is audited, costs no more than 1.05 times the plan by its own tables, and differs."""
    assert found.plans
    assert found.limit_busd == pytest.approx(1.05)
    for one in found.plans:
        assert one.plan.case == plan.case
        assert one.plan.summary["audit"]["passed"]
        assert one.plan.cost_busd <= 1.05 * plan.cost_busd * (1.0 + 1e-6)
        assert one.moved
        assert any(row["site"] == "a" for row in one.plan.rows("contracts"))
    json.dumps(found.document())


@pytest.mark.parametrize(("within", "count"), [(-0.1, 5), (1.0, 5), (float("nan"), 5), (0.01, 0)])
def test_what_makes_no_sense_is_refused(plan: Plan, within: float, count: int) -> None:
    """A slack below 0 or not below 1, no plans at all."""
    with pytest.raises(OptionError):
        alternatives(plan, within, count=count)


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 3])
def test_must_haves_cannot_be_left_out(number: int) -> None:
    """Random small cases: without a must-have every plan costs more than the slack, by a solve by hand."""
    case = random_case(number)
    plan = Case.of(case).solve(gap=0.0, own_process=False)
    within, inputs = 0.03, Case.of(case).inputs
    found = alternatives(plan, within, gap=0.0, time_limit_s=60.0)
    for one in (one for one in found.spans if one.dimension == "site" and one.verdict):
        offers = set(inputs.offers_at(one.name))
        exact = SolveOptions(gap=0.0, own_process=False)
        try:
            if one.verdict == "must":
                other = solve_case(case, exact, families=(banned(offers),)).plan
            else:
                last = inputs.calendar.start_dates[inputs.calendar.count - 1].year
                forced = apply_changes(case, [{"op": "force", "site": one.name, "by": last}])
                other = solve_case(forced, exact).plan
        except InfeasibleError:
            continue
        more_missing = other.summary["unserved_share"] > plan.summary["unserved_share"] + 1e-9
        assert other.cost_busd > found.limit_busd - 1e-6 or more_missing
    for other_plan in found.plans:
        assert other_plan.plan.cost_busd <= found.limit_busd + 1e-6 * max(1.0, abs(found.limit_busd))


def test_large_programs_are_searched_near_the_plan(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the full search: every plan found keeps to the slack, and the proven limits hold what is found."""
    monkeypatch.setattr("planner.explain.alternatives_search.SMALL_COLUMNS", 0)
    found = alternatives(plan, 0.05, gap=0.0)
    assert span(found, "a").verdict == "must"
    assert span(found, "c").verdict == "never"
    assert found.plans
    in_order(found)
