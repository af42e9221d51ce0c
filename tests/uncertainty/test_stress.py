"""A fixed plan in futures that it was not made for: what it costs in each is worked out by hand."""

import pytest

from planner.errors import AuditError
from planner.plan.plan import PlanData
from planner.uncertainty.risk import risk
from planner.uncertainty.scenario import ScenarioSet, scenario
from planner.uncertainty.stress import stress
from tests.uncertainty.newsvendor import FIXED_BUSD, THREE, demands, newsvendor

EXACT = {"gap": 0.0, "workers": 1, "own_process": False}
PRICE = 0.07
"""Of a unit of compute that is not served."""


@pytest.fixture(scope="module")
def plan():
    """The plan for a demand of 100: ten early blocks."""
    return newsvendor(100.0).solve(gap=0.0, own_process=False)


def test_what_is_signed_stays(plan):
    """Law: no block is added and none is left out: what the plan cannot serve is unserved, at its price."""
    found = stress(plan, demands(*THREE), prices={"unserved": PRICE}, **EXACT)
    low, middle, high = found.rows
    assert low["cost_busd"] == middle["cost_busd"] == pytest.approx(plan.cost_busd)
    assert plan.cost_busd == pytest.approx(FIXED_BUSD + 1.0)
    assert high["cost_busd"] == pytest.approx(plan.cost_busd + 50.0 * PRICE)
    assert high["unserved_share"] == pytest.approx(50.0 / 160.0)
    summary = found.summary()
    assert (summary["kept_share"], summary["met_share"]) == pytest.approx((1.0, 0.75))
    assert summary["cost_busd_mean"] == pytest.approx(plan.cost_busd + 0.25 * 50.0 * PRICE)
    assert len(found.table()) == 3


@pytest.mark.slow
def test_a_commitment_of_the_first_stage_is_its_recourse(plan):
    """Law: with what is signed by the decision date kept, the mean is the value of that first stage."""
    first = plan.case.model.horizon.start
    found = stress(plan, demands(*THREE), committed_until=first, **EXACT)
    known = risk(newsvendor(100.0), demands(*THREE), **EXACT)
    assert found.summary()["cost_busd_mean"] == pytest.approx(known.value_busd, abs=1e-6)


@pytest.mark.slow
def test_a_plan_that_cannot_be_kept_is_a_row(plan):
    """Law: an order that never starts is stated, and a future in which the plan cannot be kept has its reason."""
    gone = scenario("gone", 0.5, [{"op": "set", "place": "offers[early].first_start", "value": "2030-01-01"}])
    small = scenario("small", 0.5, ["offers[early].max_blocks=3"])
    lapsed, refused = stress(plan, ScenarioSet((gone, small)), **EXACT).rows
    assert (lapsed["lapsed"], lapsed["missing"]) == (1, "unserved")
    assert refused["cost_busd"] is None
    assert "infeasible" in refused["reason"]


def test_a_plan_that_fails_its_audit_is_refused(plan):
    """Law: what is no plan of its case cannot be replayed."""
    broken = PlanData(plan.case, {**plan.summary, "cost_busd": 1.0}, plan.tables)
    with pytest.raises(AuditError, match="fails its audit"):
        stress(broken, demands(*THREE), **EXACT)
