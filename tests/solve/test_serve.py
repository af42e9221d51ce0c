"""Serving first: a cost is proven only where the unserved demand under which it was minimised is."""

import time
from dataclasses import replace

import numpy as np
import pytest

from planner import Case
from planner.audit import audit
from planner.explain.bound import prove_bound
from planner.options import SolveOptions
from planner.program import build_program
from planner.runs import dispatch
from planner.runs.compile import make_mip
from planner.solve import serve
from planner.solve.mip import MixedIntegerProgram
from planner.solve.pipeline import run_pipeline
from planner.solve.records import Answer, SolveProgress
from planner.solve.serve import UNPROVEN, solve_mip
from planner.status import Status
from tests.cases import make_case


@pytest.fixture(scope="module")
def case() -> Case:
    """A case that cannot serve all of its demand, unserved demand minimised first."""
    case = make_case()
    rows = tuple(row.model_copy(update={"compute": 100.0 * row.compute}) for row in case.tables["demand"])
    return Case.of(replace(case, tables={**case.tables, "demand": rows}))


@pytest.fixture(scope="module")
def mip(case) -> MixedIntegerProgram:
    """Return its program."""
    found = make_mip(build_program(case.inputs), case.inputs)
    assert found.serve_first
    return found


def is_measuring(mip: MixedIntegerProgram) -> bool:
    """Whether a run minimises unserved demand."""
    costly = np.flatnonzero(mip.arrays.cost)
    return bool(len(costly)) and bool(np.isin(costly, mip.unserved).all())


class Cut:
    """Solves; the run that minimises unserved demand stops as at a limit, its point and bound made worse."""

    def __init__(self, status: Status, **worse: float) -> None:
        self.status, self.worse, self.runs = status, worse, 0

    def __call__(self, mip, options, callback, start):
        """Solve."""
        self.runs += 1
        answer = run_pipeline(mip, options, callback, start)
        if not is_measuring(mip):
            return answer
        assert answer.x is not None
        return replace(answer, status=self.status, bound=answer.bound * self.worse.get("bound", 1.0))


def quiet(_progress) -> bool:
    """Hear nothing and go on."""
    return False


def test_the_case_of_these_tests_leaves_demand_unserved_and_proves_it(mip):
    """The whole way: the least is proven, so the cost is, and the bound of the unserved demand is its amount."""
    answer = solve_mip(mip, SolveOptions(0.0), quiet)
    amount = float(mip.unserved_weight @ answer.x[mip.unserved])
    assert answer.status == "optimal"
    assert amount > 1.0
    assert answer.unserved_bound == pytest.approx(amount, rel=2e-6)


@pytest.mark.parametrize(("status", "said"), [(Status.TIME_LIMIT, "time_limit"), (Status.INTERRUPTED, "interrupted")])
def test_a_cost_under_an_amount_that_is_not_proven_least_is_not_proven(mip, status, said):
    """The first phase stops at a limit: whatever the second proves, the plan is not optimal and has no bound."""
    told = []
    answer = solve_mip(
        mip, SolveOptions(0.0), lambda progress: bool(told.append(progress)), None, Cut(status, bound=0.5)
    )
    amount = float(mip.unserved_weight @ answer.x[mip.unserved])
    assert answer.status == said
    assert answer.bound == -np.inf
    assert UNPROVEN in answer.notes
    assert answer.unserved_bound == pytest.approx(amount / 2, rel=1e-5)
    assert all(progress.bound == -np.inf for progress in told if np.isfinite(progress.objective))


def test_a_limit_at_which_the_amount_is_proven_all_the_same_costs_nothing(mip):
    """What counts is the bound of the unserved demand, not how the run that found it ended."""
    answer = solve_mip(mip, SolveOptions(0.0), quiet, None, Cut(Status.TIME_LIMIT))
    assert answer.status == "optimal"
    assert UNPROVEN not in answer.notes


def test_a_summary_says_what_is_proven_and_audit_and_proof_agree(case, monkeypatch):
    """From the solve to the folder: status, bounds, note and exit code; the audit refuses the same plan as optimal."""
    cut = Cut(Status.TIME_LIMIT, bound=0.5)
    monkeypatch.setattr(dispatch, "solve_mip", lambda *given: solve_mip(*given, solve_once=cut))
    plan = case.solve(gap=0.0, own_process=False)
    summary = plan.summary
    assert summary["status"] == "time_limit"
    assert plan.exit_code == 4
    assert summary["bound_busd"] is None
    assert summary["unserved_share_bound"] == pytest.approx(summary["unserved_share"] / 2, rel=1e-5)
    assert any("not proven" in note for note in summary["solver_notes"])
    assert prove_bound(plan).status == "no_bound"
    boasting = {**summary, "status": "optimal", "bound_busd": summary["cost_busd"], "gap": 0.0}
    lines = audit(plan.case, plan.tables, boasting).lines
    assert any("least is not proven" in line for line in lines)


def test_without_a_plan_that_serves_all_in_time_one_that_serves_less_is_looked_for(mip, monkeypatch):
    """The search for a plan that serves everything is given a share of the time, and there is a plan in the end."""

    def endless(callback) -> Answer:
        """A run that finds nothing and never ends by itself."""
        while not callback(SolveProgress("full program", 0.0, float("inf"), 0.0)):
            pass
        return Answer(Status.INTERRUPTED, None, float("inf"), 0.0, mip, 0, 0, 0.0, {})

    def solve_once(part, options, callback, start):
        if (part.arrays.upper[part.unserved] == 0.0).all():
            return endless(callback)
        return run_pipeline(part, replace(options, time_limit_s=None), callback, start)

    monkeypatch.setattr(serve, "SERVING_ALL_SHARE", 1e-6)
    answer = solve_mip(mip, SolveOptions(0.0, time_limit_s=1000.0), quiet, None, solve_once)
    assert answer.status == "optimal"
    assert answer.x is not None


@pytest.mark.parametrize(("asked", "status"), [(False, Status.NO_PLAN), (True, Status.INTERRUPTED)])
def test_a_run_that_the_clock_stops_is_not_called_interrupted(mip, monkeypatch, asked, status):
    """Only the user interrupts: a search for a plan that serves all, ended by the whole time limit, has found none."""

    def solve_once(part, options, callback, start):
        """A run that finds nothing, is stopped by its callback, and then has no time left."""
        while not callback(SolveProgress("full program", 0.0, float("inf"), 0.0)):
            pass
        time.sleep(options.seconds)
        return Answer(Status.INTERRUPTED, None, float("inf"), 0.0, part, 0, 0, 0.0, {})

    monkeypatch.setattr(serve, "SERVING_ALL_SHARE", 1e-6)
    answer = solve_mip(mip, SolveOptions(0.0, time_limit_s=0.05), lambda _progress: asked, None, solve_once)
    assert (answer.status, answer.x) == (status, None)


def test_where_nothing_is_found_in_time_the_plan_that_decides_nothing_counts(mip):
    """Both searches end at their limits without a plan: what serves from nothing new is feasible, and a plan."""
    measured = []

    def solve_once(part, options, callback, start):
        nothing = Answer(Status.NO_PLAN, None, float("inf"), float("-inf"), part, 0, 0, 0.0, {})
        if (part.arrays.upper[part.unserved] == 0.0).all():
            return nothing
        if is_measuring(part):
            measured.append(part)
            if len(measured) == 1:
                return nothing
        return run_pipeline(part, options, callback, start)

    answer = solve_mip(mip, SolveOptions(0.0), quiet, None, solve_once)
    assert answer.x is not None
    assert answer.status is Status.TIME_LIMIT
    assert answer.bound == -np.inf
    assert answer.unserved_bound == 0.0
