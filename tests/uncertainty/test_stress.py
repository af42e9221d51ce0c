"""A fixed plan in futures that it was not made for: what it costs in each is worked out by hand."""

from dataclasses import replace
from math import sqrt

import pytest

from planner import Case
from planner.cli import main
from planner.errors import AuditError, InfeasibleError
from planner.plan.plan import PlanData
from planner.uncertainty.prices import dearer_note
from planner.uncertainty.risk import risk
from planner.uncertainty.scenario import ScenarioSet, scenario
from planner.uncertainty.stress import stress
from tests.program.tiny import CASH, cash, lease, tiny
from tests.uncertainty.interrupted import cut_short
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
    small = scenario("small", 0.5, ["offers[early].min_blocks=20"])
    lapsed, refused = stress(plan, ScenarioSet((gone, small)), **EXACT).rows
    assert (lapsed["lapsed"], lapsed["missing"]) == (1, "unserved")
    assert refused["cost_busd"] is None
    assert "infeasible" in refused["reason"]


@pytest.fixture(scope="module")
def paid():
    """A plan that pays $1B for ten blocks in a year, of a case that has the cash for it."""
    case = tiny(100.0, offers=[lease()], families={"budget": CASH}, budget=cash(1, 2.0))
    return Case.of(case).solve(gap=0.0, own_process=False)


def poor(probability):
    """As planned, or with cash for a tenth of what was ordered."""
    few = scenario("poor", probability, ["budget[2026].cash_limit_busd=0.1"])
    return ScenarioSet((scenario("as_planned", 1.0 - probability), few))


def test_futures_without_a_plan_are_told(paid, tmp_path, monkeypatch, capsys):
    """Law: figures of cost are of the futures that have a plan, and what share has none is said beside them."""
    found = stress(paid, poor(0.1), **EXACT)
    summary = found.summary()
    assert (summary["kept_share"], summary["refused_share"]) == pytest.approx((0.9, 0.1))
    monkeypatch.chdir(tmp_path)
    paid.write("plan")
    poor(0.1).write("poor.toml")
    assert main(["stress", "plan", "--scenarios", "poor.toml", "--workers", "1", "--gap", "0"]) == 0
    shown = capsys.readouterr().out
    assert (
        "No plan in 10.00% of the futures (proven); the figures of cost and demand are of the other 90.00% alone"
        in shown
    )
    cut = {**found.rows[1], "status": "no_plan"}
    summary = replace(found, rows=(found.rows[0], cut)).summary()
    assert (summary["kept_share"], summary["refused_share"]) == pytest.approx((0.9, 0.0))


def test_what_is_not_all_does_not_read_so(paid, tmp_path, monkeypatch, capsys):
    """Law: a probability that is neither none nor one is shown with as many digits as it takes to see that."""
    monkeypatch.chdir(tmp_path)
    paid.write("plan")
    poor(1e-9).write("poor.toml")
    assert main(["stress", "plan", "--scenarios", "poor.toml", "--workers", "1", "--gap", "0"]) == 0
    shown = capsys.readouterr().out
    said = "the figures of cost and demand are of the other 99.9999999% alone"
    assert f"No plan in 0.0000001% of the futures (proven); {said}" in shown
    assert "0.999999999" in shown.partition("as_planned")[2]


def test_the_plan_is_priced_as_in_the_futures():
    """Law: what a plan costs as it was made has what it misses at its price, as it has in a future that is the case."""
    case = newsvendor(100.0, max_blocks=5).what_if(["offers[spot].max_blocks=1"])
    made = case.solve(gap=0.0, own_process=False)
    found = stress(made, ScenarioSet((scenario("as_planned", 1.0),)), prices={"unserved": PRICE}, **EXACT)
    summary = found.summary()
    assert summary["plan_missing_busd"] == pytest.approx(40.0 * PRICE)
    assert summary["plan_busd"] == pytest.approx(made.cost_busd + 40.0 * PRICE)
    assert found.rows[0]["cost_busd"] == pytest.approx(summary["plan_busd"])


def test_a_plan_that_is_not_the_cheapest_at_the_prices_is_noted(paid):
    """Law: it is noted where the case by itself costs less than its plan by more than the gap, and nowhere else."""
    cost = paid.cost_busd
    assert [dearer_note(paid, None, same, 0.01) for same in (None, cost, 0.995 * cost)] == ["", "", ""]
    assert f"at most ${0.5 * cost:,.3f}B" in dearer_note(paid, None, 0.5 * cost, 0.01)


def test_the_reason_says_what_was_proven(paid):
    """Law: a future whose case has a plan is not called infeasible: it is with the orders, or with nothing missing."""
    (_, refused) = stress(paid, poor(0.5), **EXACT).rows
    assert "with what is ordered kept, no plan meets all limits of this future" in refused["reason"]
    assert Case.of(paid.case).what_if("budget[2026].cash_limit_busd=0.1").solve(own_process=False).cost_busd > 0.0
    with pytest.raises(InfeasibleError, match=r"poor: .*with nothing missing, no plan meets all limits") as caught:
        risk(paid.case, poor(0.5), hard=True, **EXACT)
    assert "whatever demand" not in str(caught.value)


def test_the_standard_error_counts_scenarios(plan):
    """Law: it is that of the mean over the drawn scenarios, however many are the same case; others have none."""
    drawn = [("low", 100.0)] * 15 + [("high", 150.0)] * 5
    made = [
        scenario(f"{name}{i}", 1 / 20, [f"demand[m,inference,2027].compute={d:g}"]) for i, (name, d) in enumerate(drawn)
    ]
    found = stress(plan, ScenarioSet(tuple(made), seed=1), prices={"unserved": PRICE}, **EXACT)
    assert [row["scenarios"] for row in found.rows] == [15, 5]
    spread = 50.0 * PRICE * sqrt(0.75 * 0.25)
    assert found.summary()["cost_busd_mean_error"] == pytest.approx(spread / sqrt(19))
    assert "cost_busd_mean" not in replace(found, interrupted=True).summary()
    assert replace(found, sampled=False).summary()["cost_busd_mean_error"] is None
    assert not demands(*THREE).is_sample
    assert not ScenarioSet((scenario("a", 0.75), scenario("b", 0.25)), seed=1).is_sample


def test_a_plan_that_fails_its_audit_is_refused(plan):
    """Law: what is no plan of its case cannot be replayed."""
    broken = PlanData(plan.case, {**plan.summary, "cost_busd": 1.0}, plan.tables)
    with pytest.raises(AuditError, match="fails its audit"):
        stress(broken, demands(*THREE), **EXACT)


def test_an_interrupted_replay_states_nothing_of_the_whole(plan, monkeypatch):
    """Law: after a signal only what was tried is told, with its probability; no share or mean is stated over it."""
    cut_short(monkeypatch, "executors.run", after=1)
    found = stress(plan, demands(*THREE), **EXACT)
    assert found.interrupted
    assert [row["status"] for row in found.rows][1:] == ["interrupted", "interrupted"]
    assert len(found.tried) == 1
    summary = found.summary()
    assert (summary["futures"], summary["futures_tried"], summary["tried_share"]) == (3, 1, 0.25)
    assert (summary["interrupted"], summary["kept_share"], summary["met_share"]) == (True, None, None)
    assert not [key for key in summary if key.startswith(("cost_busd", "unserved_share"))]
    assert "1 of 3 futures" in repr(found)
    assert (found.years, found.protection, found.protected) == ((), (), ())


def test_scenarios_that_are_one_future_are_named(plan):
    """Law: a scenario that is the same case as another is noted, by both names."""
    found = stress(plan, ScenarioSet((scenario("a", 0.5), scenario("b", 0.5))), **EXACT)
    assert found.note == found.summary()["note"] == "2 scenarios, 1 future: b is the same as a"
    assert stress(plan, demands((50.0, 1.0)), **EXACT).note == ""


@pytest.mark.slow
def test_processes_change_nothing(plan):
    """Law: rows and years are the same from processes as from this one; what they send comes back whole."""
    here, there = (stress(plan, demands(*THREE), gap=0.0, workers=workers) for workers in (1, 2))
    assert here.rows == there.rows
    assert here.years == there.years
    assert [row["status"] for row in there.rows] == ["optimal"] * 3
