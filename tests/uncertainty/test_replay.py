"""What a replay leaves out: certificates of losses, and the plan; nothing that is stated of it or judged."""

from dataclasses import replace
from random import Random

import pytest

from planner import Case
from planner.audit import audit
from planner.changes.schema import WhatIf
from planner.inputs import make_inputs
from planner.options import SolveOptions
from planner.runs.session import solve_case
from planner.runs.task import Job
from planner.uncertainty.first_stage import FirstStageOrders
from planner.uncertainty.from_plan import orders_of
from planner.uncertainty.paths import sums_of
from planner.uncertainty.prices import Prices, price_of_shortfalls
from planner.uncertainty.recourse import RECOURSE, Recourse
from planner.uncertainty.replay import Replay, Replayed
from tests.length import some
from tests.uncertainty.test_ordered import future, several

OPTIONS = SolveOptions(gap=0.0, own_process=False)


@pytest.mark.slow
@pytest.mark.parametrize("seed", some(range(8), 4))
def test_a_replay_states_what_the_plan_does(seed):
    """Law: row and years of a future are those of the recourse plan that states what becomes of each loss.

    What it misses costs the same by its tables as in the program.

    Four of eight draws.
    """
    case = several()
    stage = FirstStageOrders.of(make_inputs(case), make_inputs(case).calendar.start_dates[-1])
    orders = tuple(float(x) for x in orders_of(stage, Case.of(case).solve(gap=0.0, own_process=False)))
    work, other = Recourse(Prices(1.0, 0.5, 0.5, 1.0), stage.day, orders), future(case, Random(seed))
    whole = work.solve(case, other, OPTIONS, Job(WhatIf(name="future")))
    short = Replay(replace(work, certified=False)).solve(case, other, OPTIONS, Job(WhatIf(name="future")))
    assert short.plan is None
    if whole.plan is None:
        assert (short.found, short.status) == (None, whole.status)
        return
    assert isinstance(short.found, Replayed)
    said = whole.plan.summary[RECOURSE]
    assert {name: short.found.row[name] for name in ("cost_busd", "missing_busd", "status")} == {
        name: said[name] for name in ("cost_busd", "missing_busd", "status")
    }
    assert price_of_shortfalls(whole.plan, work.prices) == pytest.approx(said["missing_busd"], rel=1e-6, abs=1e-6)
    assert short.found.row["unserved_share"] == whole.plan.summary["unserved_share"]
    assert short.found.sums == sums_of(whole.plan)


@pytest.mark.slow
@pytest.mark.parametrize("seed", some(range(8), 3))
def test_a_plan_first_costs_what_a_proof_first_does(seed):
    """Law: to a gap of zero, a future costs the same whether its plan is sought first or its bound, or has no plan.

    Three of eight draws.
    """
    case = several()
    stage = FirstStageOrders.of(make_inputs(case), make_inputs(case).calendar.start_dates[-1])
    orders = tuple(float(x) for x in orders_of(stage, Case.of(case).solve(gap=0.0, own_process=False)))
    proof = Recourse(Prices(1.0, 0.5, 0.5, 1.0), stage.day, orders, certified=False)
    job = Job(WhatIf(name="future"))
    usual, first = (
        Replay(work).solve(case, future(case, Random(seed)), OPTIONS, job)
        for work in (proof, replace(proof, plan_first=True))
    )
    assert first.status == usual.status
    assert (first.found is None) is (usual.found is None)
    if isinstance(usual.found, Replayed):
        assert first.found.row["cost_busd"] == pytest.approx(usual.found.row["cost_busd"], rel=1e-6)


def test_every_loss_is_judged_without_certificates():
    """Law: the audit finds what a plan without certificates does not survive, and asks for them where they are due."""
    case = several()
    plan = solve_case(case, OPTIONS, certified=False).plan
    assert (plan.tables["contingencies"], plan.tables["recovery"]) == ([], [])
    assert audit(case, plan.tables, plan.summary, certified=False).passed
    assert any("is not in contingencies" in line for line in audit(case, plan.tables, plan.summary).lines)
    rules = case.model.families.redundancy.rules
    strict = [rule.model_copy(update={"critical_share": 1.0}) for rule in rules]
    families = case.model.families.model_copy(
        update={"redundancy": case.model.families.redundancy.model_copy(update={"rules": tuple(strict)})}
    )
    stricter = replace(case, model=case.model.model_copy(update={"families": families}))
    report = audit(stricter, plan.tables, certified=False)
    assert any("leaves" in line and "of critical compute unserved" in line for line in report.lines)
