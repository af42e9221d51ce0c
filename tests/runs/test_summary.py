"""What a plan may be called, and how far a run is: from what the solver says to words and figures."""

import math
from itertools import pairwise
from types import SimpleNamespace

import pytest

from planner import Case
from planner.runs.progress import Clock
from planner.runs.summary import relative_gap, stated, status_of
from planner.status import Status

CALLED = [
    (Status.OPTIMAL, 0.0, Status.OPTIMAL),
    (Status.OPTIMAL, 0.003, Status.GAP_REACHED),
    (Status.OPTIMAL, 0.02, Status.TIME_LIMIT),
    (Status.GAP_REACHED, 0.0, Status.GAP_REACHED),
    (Status.GAP_REACHED, 0.01, Status.GAP_REACHED),
    (Status.GAP_REACHED, 0.02, Status.TIME_LIMIT),
    (Status.TIME_LIMIT, 0.0, Status.TIME_LIMIT),
    (Status.TIME_LIMIT, math.inf, Status.TIME_LIMIT),
    (Status.INTERRUPTED, 0.0, Status.INTERRUPTED),
    (Status.INTERRUPTED, math.inf, Status.INTERRUPTED),
]
"""What the solver says, the gap of the plan's own cost and bound, and what it may be called at a target of 1 %."""


@pytest.mark.parametrize(("said", "gap", "status"), CALLED)
def test_a_plan_is_called_what_its_own_figures_prove(said, gap, status):
    """Law: the solver's word alone proves nothing: cost and bound of the plan must bear it out."""
    assert status_of(SimpleNamespace(status=said), gap, 0.01) is status


@pytest.mark.parametrize(
    ("cost", "bound", "gap"),
    [
        (100.0, 99.0, 0.01),
        (-100.0, -101.0, 0.01),
        (0.0, 0.0, 0.0),
        (0.0, -1e-12, 0.0),
        (0.0, -5.0, math.inf),
        (0.0, -math.inf, math.inf),
        (5.0, -math.inf, math.inf),
        (4.0, 4.0, 0.0),
    ],
)
def test_a_gap_is_relative_to_the_size_of_the_cost(cost, bound, gap):
    """Law: what is left open is a share of the cost, whatever its sign; a cost of zero has none to a bound below it."""
    assert relative_gap(cost, bound) == pytest.approx(gap)
    assert stated(relative_gap(cost, bound)) == (None if gap == math.inf else pytest.approx(gap))
    assert status_of(SimpleNamespace(status=Status.OPTIMAL), relative_gap(cost, bound), 0.02).within_gap is (gap < 1.0)


def test_progress_has_figures_once_there_are_any():
    """Law: cost, bound and gap are None until they are known, and agree with each other after that."""
    heard = []
    clock = Clock(heard.append)
    clock.report("build")
    clock.report("search", math.inf, 3.0)
    clock.report("search", 4.0, -math.inf)
    clock.report("search", 4.0, 3.0)
    assert [(p.cost_busd, p.bound_busd, p.gap) for p in heard] == [
        (None, None, None),
        (None, 3.0, None),
        (4.0, None, None),
        (4.0, 3.0, 0.25),
    ]
    assert all(0.0 <= one.seconds <= other.seconds for one, other in pairwise(heard))


def test_nobody_listens_to_a_run_that_nobody_asked_about():
    """Law: without a callback nothing is told, and the time still runs."""
    clock = Clock()
    clock.report("build")
    assert clock.seconds >= 0.0


def test_a_run_tells_its_stages_in_order_and_its_summary_adds_up():
    """Law: build comes first and audit last; the parts of the time are those of the whole."""
    heard = []
    plan = Case.read("three_sites").solve(gap=0.0, own_process=False, on_progress=heard.append)
    stages = [progress.stage for progress in heard]
    assert (stages[0], stages[-1]) == ("build", "audit")
    assert "relaxation" in stages
    seconds = plan.summary["seconds"]
    assert seconds["total"] == pytest.approx(sum(v for k, v in seconds.items() if k != "total"), abs=0.01)
    assert plan.summary["audit"]["passed"] is True
    assert (plan.summary["gap_target"], plan.summary["threads"], plan.summary["seed"]) == (0.0, 1, 0)
    assert plan.gap == pytest.approx(relative_gap(plan.cost_busd, plan.bound_busd))
