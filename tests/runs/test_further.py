"""A plan solved further: neither its cost nor its bound, nor what it misses, ever becomes worse."""

from typing import Any

import pytest

from planner import Case
from planner.audit import audit
from planner.options import SolveOptions
from planner.plan.plan import PlanData
from planner.runs.further import RESOLVED, better_plan
from planner.runs.variants import Runner, Step
from tests.analysis.by_hand import plan_of


def plan(cost: float, bound: float | None, status: str = "gap_reached", **more: Any) -> PlanData:
    """A plan with a cost, a bound and what is asked for."""
    gap = None if bound is None else (cost - bound) / abs(cost)
    figures = {"status": status, "cost_busd": cost, "bound_busd": bound, "gap": gap, "gap_target": 0.1}
    return plan_of(summary={**figures, "shortfalls": [], "unserved_share_bound": 0.0, **more})


def missing(amount: float, least: float) -> dict[str, Any]:
    """A tier of shortfalls."""
    one = {"tier": "protection", "unit": "compute-years", "amount": amount, "bound": least, "tolerance": 0.0}
    return {"shortfalls": [one]}


def test_the_cheaper_plan_and_the_larger_bound() -> None:
    """Law: of two plans of one case the cheaper is kept, with the larger of their bounds."""
    found = better_plan(plan(4.0, 3.8), plan(3.9, 3.7))
    assert (found.cost_busd, found.bound_busd) == (3.9, 3.8)
    found = better_plan(plan(4.0, 3.8), plan(4.1, 3.95, gap_target=0.05))
    assert (found.cost_busd, found.bound_busd, found.summary["gap_target"]) == (4.0, 3.95, 0.1)
    assert found.gap == pytest.approx(0.05 / 4.0)
    assert found.summary["status"] == "gap_reached"
    assert better_plan(plan(4.0, 3.8), plan(4.0, 4.0 - 1e-7, "optimal")).summary["status"] == "optimal"
    assert better_plan(plan(4.0, None, "time_limit"), plan(4.1, 3.9)).bound_busd == 3.9
    assert better_plan(plan(4.0, 3.8), plan(4.0, None, "time_limit")).summary["status"] == "gap_reached"


def test_what_is_missed_decides_before_the_cost() -> None:
    """Law: a plan that misses less is the better one; a bound under one shortfall says nothing under another."""
    old, new = plan(4.0, 3.9, **missing(5.0, 5.0)), plan(4.5, 4.2, **missing(2.0, 2.0))
    assert (better_plan(old, new).cost_busd, better_plan(old, new).bound_busd) == (4.5, 4.2)
    assert (better_plan(new, old).cost_busd, better_plan(new, old).bound_busd) == (4.5, 4.2)


def test_how_often_is_kept_in_the_summary() -> None:
    """The summary says that a plan was solved further, and from what gap."""
    once = better_plan(plan(4.0, 3.8), plan(3.9, 3.8))
    twice = better_plan(once, plan(3.9, 3.9))
    assert twice.summary[RESOLVED] == {"solves": 2, "gap_before": pytest.approx(0.05)}


@pytest.mark.slow
def test_a_runner_solves_further_and_remembers() -> None:
    """Law: from a plan with a wide gap, further solves reach the cost on paper, and what is remembered is the best."""
    case = Case.read("three_sites")
    runner = Runner(SolveOptions(gap=0.3, own_process=False))
    before = runner.solve(case, "base").required()
    after = runner._further(Step(case, "base", before, 0.0, 60.0))
    assert after.cost_busd == pytest.approx(4.05, abs=1e-6)
    assert after.cost_busd <= before.cost_busd + 1e-12
    assert after.bound_busd is not None
    assert before.bound_busd is not None
    assert after.bound_busd >= before.bound_busd
    assert runner.solve(case, "base").required() is after
    assert audit(after.case, after.tables, after.summary).passed
    assert (runner.solves, len(runner.results)) == (2, 1)
