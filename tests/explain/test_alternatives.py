"""What else would do: ranges and must-haves worked out by hand, and plans that keep to the slack."""

import json
from pathlib import Path

import pytest

from planner.api import Case, Plan
from planner.audit import audit
from planner.changes.apply import apply_changes
from planner.errors import InfeasibleError, OptionError
from planner.explain.alternatives import Alternatives, Span, alternatives
from planner.explain.alternatives_figures import Figure, figures_of
from planner.options import SolveOptions
from planner.plan.plan import PlanData
from planner.plan.ranges import kept_ranges
from planner.runs.session import solve_case
from tests.explain.test_why_random import banned
from tests.length import some
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


def keeps_to(found: Alternatives, plan: PlanData) -> None:
    """An alternative is within the slack by its audit, and within what is said of all alternatives by its tables."""
    report, labels = audit(plan.case, plan.tables, plan.summary), plan.periods.calendar.labels
    assert report.passed
    assert report.cost_busd <= found.limit_busd + 1e-6 * max(1.0, abs(found.limit_busd))
    figures = figures_of(plan)
    for one in found.spans:
        period = labels.index(one.period) if one.period else None
        it_mw = figures.get(Figure(one.dimension, one.name, period), 0.0)
        assert one.low_it_mw - 1e-3 <= it_mw <= one.high_it_mw + 1e-3
        assert one.least_it_mw is None or one.least_it_mw <= it_mw + 1e-3
        assert one.most_it_mw is None or it_mw <= one.most_it_mw + 1e-3
    decided = {row["site"] for row in plan.rows("contracts") if row["origin"] == "decided"}
    of_sites = [one for one in found.spans if one.dimension == "site" and not one.period]
    assert {one.name for one in of_sites if one.verdict == "must"} <= decided
    assert not {one.name for one in of_sites if one.verdict == "never"} & decided


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


@pytest.fixture(scope="module")
def two_years() -> Plan:
    """Six blocks in 2026 and four more in 2027, all at a: $1.6B; a block at b costs $0.02B more in each year."""
    return solve(tiny([60.0, 100.0], periods=2, sites=[site(name) for name in "ab"], offers=OFFERS[:2]))


@pytest.fixture(scope="module")
def of_two_years(two_years: Plan) -> Alternatives:
    """What costs at most 5 %, that is $0.08B, more: four years of a block at b."""
    return alternatives(two_years, 0.05, gap=0.0)


@pytest.mark.slow
def test_every_provider_has_a_range_in_every_period(of_two_years: Alternatives) -> None:
    """Law: $0.08B pay for two blocks at b from 2026 on, or for four in 2027; what is installed in all cannot differ."""
    expected = {
        ("provider", "cheap_provider", "2026"): (60.0, 40.0, 60.0),
        ("provider", "dear_provider", "2026"): (0.0, 0.0, 20.0),
        ("provider", "cheap_provider", "2027"): (100.0, 60.0, 100.0),
        ("provider", "dear_provider", "2027"): (0.0, 0.0, 40.0),
        ("year", "2026", "2026"): (60.0, 60.0, 60.0),
        ("year", "2027", "2027"): (100.0, 100.0, 100.0),
        ("site", "b", ""): (0.0, 0.0, 20.0),
    }
    for key, figures in expected.items():
        one = of_two_years.span(*key)
        assert (one.plan_it_mw, one.low_it_mw, one.high_it_mw) == pytest.approx(figures)
        assert (one.least_it_mw, one.most_it_mw) == pytest.approx(figures[1:], abs=0.2)
        assert one.degenerate is (figures[2] > figures[1])
    in_order(of_two_years)
    assert of_two_years.span("site", "b", "2027").high_it_mw == pytest.approx(40.0)
    with pytest.raises(KeyError):
        of_two_years.span("site", "c")


@pytest.mark.slow
def test_ranges_are_kept_with_the_plan(two_years: Plan, of_two_years: Alternatives, tmp_path: Path) -> None:
    """Law: the table is read as it was written, passes the audit, and says of each figure whether it is degenerate."""
    kept = of_two_years.kept_in(two_years)
    read = Plan.read(kept.write(tmp_path / "plan"))
    assert read == kept
    assert audit(read.case, read.tables, read.summary).passed
    assert {name: rows for name, rows in read.tables.items() if name != "ranges"} == {
        name: rows for name, rows in two_years.tables.items() if name != "ranges"
    }
    ranges = kept_ranges(read)
    assert ranges is not None
    assert (ranges.within, ranges.limit_busd) == pytest.approx((0.05, 1.68))
    assert [one.degenerate for one in ranges.ranges] == [one.degenerate for one in of_two_years.spans]
    assert ranges.of("provider")["dear_provider", "2027"].high_it_mw == pytest.approx(40.0)
    assert ranges.of("year")["2027", "2027"].same_in_all
    assert kept_ranges(two_years) is None
    assert len(read.ranges) == len(of_two_years.spans)


@pytest.mark.parametrize(("within", "count"), [(-0.1, 5), (1.0, 5), (float("nan"), 5), (0.01, 0)])
def test_what_makes_no_sense_is_refused(plan: Plan, within: float, count: int) -> None:
    """A slack below 0 or not below 1, no plans at all."""
    with pytest.raises(OptionError):
        alternatives(plan, within, count=count)


@pytest.mark.slow
@pytest.mark.parametrize("number", some([1, 3, 14], 1, seed=5))
def test_must_haves_cannot_be_left_out(number: int) -> None:
    """One of three random cases: without a must-have every plan costs more than the slack, by a solve by hand.

    Every plan passes an audit of its own, which finds a cost within the slack, and has what all must have, nothing
    of what none has, and figures within the ranges.
    """
    case = random_case(number)
    plan = Case.of(case).solve(gap=0.0, own_process=False)
    within, inputs = 0.03, Case.of(case).inputs
    found = alternatives(plan, within, gap=0.0, time_limit_s=60.0, count=100)
    for other_plan in found.plans:
        keeps_to(found, other_plan.plan)
    kept = found.kept_in(plan)
    assert audit(kept.case, kept.tables, kept.summary).passed
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


@pytest.mark.slow
def test_large_programs_are_searched_near_the_plan(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the full search: every plan found keeps to the slack, and the proven limits hold what is found."""
    monkeypatch.setattr("planner.explain.alternatives_search.SMALL_COLUMNS", 0)
    found = alternatives(plan, 0.05, gap=0.0)
    assert span(found, "a").verdict == "must"
    assert span(found, "c").verdict == "never"
    assert found.plans
    in_order(found)


def test_what_no_plan_decides_may_be_signed() -> None:
    """Law: of what none decides, all plans have something only where it is signed; what some decide is not that."""
    spans = [
        Span("site", "north", 5.0, low, 9.0, 0.0, 9.0, verdict)
        for verdict in ("never", "must", "")
        for low in (0.0, 5.0)
    ]
    assert [one.only_signed for one in spans] == [False, True, False, False, False, False]
