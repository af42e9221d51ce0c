"""Limits in probability and the least regret: every first stage and every choice of futures tried by hand."""

from dataclasses import replace

import pytest

from planner.errors import AuditError, InfeasibleError, OptionError
from planner.status import Status
from planner.uncertainty.asked import Asked
from planner.uncertainty.chance import ChanceLimit, chance_limits, missed_in
from planner.uncertainty.chance_audit import verdicts
from planner.uncertainty.choice import cheapest
from planner.uncertainty.measure import Measure
from planner.uncertainty.risk import risk
from tests.length import some
from tests.uncertainty.enumerated import Enumerated, drawn
from tests.uncertainty.newsvendor import THREE, demands, newsvendor

EXACT = {"gap": 0.0, "workers": 1, "own_process": False}
SCARCE = Enumerated(((50.0, 0.25), (100.0, 0.5), (150.0, 0.25)), spot=3, early=20, price=0.016)
"""A unit not served costs $0.016B, less than the $0.02B of `spot` for it, and more than the $0.01B of `early`."""
KINDS = {"expected": {}, "tail": {"cvar": 0.6, "weight": 0.7}, "regret": {"regret": True}}
MEASURES = {"expected": Measure(), "tail": Measure(0.6, 0.7), "regret": None}


def asked(one, share, **words):
    """The answer with all demand met in this share of the futures."""
    return risk(one.case, one.scenarios, prices={"unserved": one.price}, chance={"demand": share}, **words, **EXACT)


@pytest.fixture(scope="module")
def three_quarters():
    """All demand met in three quarters of the futures."""
    return asked(SCARCE, 0.75)


def test_what_is_met_in_three_quarters(three_quarters):
    """Law: value, bound and EVPI are those of trying everything; the verdict is that of the plans."""
    found = three_quarters
    assert found.status is Status.OPTIMAL
    assert found.value_busd == pytest.approx(SCARCE.best(0.75, Measure()), abs=1e-6)
    assert found.bound_busd == pytest.approx(found.value_busd, abs=1e-6)
    assert found.evpi.busd == pytest.approx(found.value_busd - SCARCE.known(0.75), abs=1e-6)
    (verdict,) = found.summary()["chance"]
    assert (verdict["limit"], verdict["asked_share"], verdict["met_share"]) == ("demand", 0.75, 0.75)
    assert verdict["missed_in"] == ["d2"]
    rows = {row["future"]: row for row in found.rows("futures")}
    assert [name for name, row in rows.items() if row["missing"]] == ["d2"]
    assert all(row["regret_low_busd"] <= row["regret_high_busd"] for row in rows.values())


def test_the_audit_reads_the_plans(three_quarters):
    """Planted fault: plans that miss more than the limit allows are refused, whatever the search has chosen."""
    found = three_quarters
    plans = {names[0]: plan for names, plan in zip(found.futures, found.here.plans, strict=True)}
    chances = dict(zip(plans, found.probabilities, strict=True))
    (kept,) = verdicts({"demand": 0.75}, {name: (chances[name], plan) for name, plan in plans.items()})
    assert (kept.kept, kept.missed_in) == (True, ("d2",))
    (broken,) = verdicts({"demand": 0.75}, {name: (chances[name], plans["d2"]) for name in plans})
    assert (broken.kept, broken.met) == (False, 0.0)
    planted = replace(found.here, plans=(plans["d2"],) * 3)
    with pytest.raises(AuditError, match=r"demand is met in 0 % of the futures, 75 % were asked for"):
        Asked((ChanceLimit("demand", 0.75),)).verdicts(list(plans), found.probabilities, planted)


@pytest.mark.slow
def test_stricter_never_costs_less():
    """Law: a larger share never lowers the value; a share that is met without a limit changes nothing."""
    free = risk(SCARCE.case, SCARCE.scenarios, prices={"unserved": SCARCE.price}, **EXACT)
    values = [free.value_busd, *(asked(SCARCE, share).value_busd for share in (0.25, 0.5, 0.75, 1.0))]
    assert values == sorted(values)
    assert values[-1] > values[0]
    assert asked(SCARCE, 0.2, regret=True).value_busd <= asked(SCARCE, 1.0, regret=True).value_busd + 1e-9


@pytest.mark.slow
@pytest.mark.parametrize("seed", some(range(6), 3))
@pytest.mark.parametrize("kind", KINDS)
def test_random_ones(kind, seed):
    """Law: with any share the value is that of trying everything; where nothing meets it, the largest share is told.

    Three of six draws of each kind.
    """
    one = drawn(seed)
    for share in (0.5, 0.8):
        best = one.best(share, MEASURES[kind])
        if best == float("inf"):
            with pytest.raises(
                InfeasibleError, match=f"met in {100 * one.largest_share():.4g} % of the futures at most .proven"
            ):
                asked(one, share, **KINDS[kind])
            continue
        found = asked(one, share, **KINDS[kind])
        assert (found.value_busd, found.bound_busd) == pytest.approx((best, best), abs=1e-6)
        assert found.chances[0].met >= share - 1e-9


@pytest.mark.slow
def test_a_limit_that_none_can_meet_has_a_way_out():
    """Law: the largest share is told and proven, and asking for it has an answer."""
    few = Enumerated(((50.0, 0.3), (100.0, 0.3), (150.0, 0.4)), spot=2, early=8, price=0.016)
    with pytest.raises(InfeasibleError) as error:
        asked(few, 0.9)
    assert "proven: no first stage keeps demand=0.9: demand can be met in 60 % of the futures at most" in str(
        error.value
    )
    assert "--chance demand=0.6" in str(error.value)
    assert few.largest_share() == pytest.approx(0.6)


@pytest.mark.slow
def test_the_least_regret_by_hand():
    """Law: 10 early blocks regret $0.5B in both others; with every demand as probable or not, that is the least."""
    found = risk(newsvendor(), demands((50.0, 0.9), (150.0, 0.1)), regret=True, **EXACT)
    assert (found.value_busd, found.bound_busd) == pytest.approx((0.5, 0.5), abs=1e-6)
    assert [row["regret_busd"] for row in found.rows("futures")] == pytest.approx([0.5, 0.5], abs=1e-6)
    assert found.summary()["minimised"] == "largest regret"
    neutral = risk(newsvendor(), demands((50.0, 0.9), (150.0, 0.1)), **EXACT)
    assert neutral.regret.busd == pytest.approx(1.0, abs=1e-6)
    assert (neutral.regret.future, neutral.regret.low) == ("d1", pytest.approx(1.0, abs=1e-6))
    assert found.summary()["expected_busd"] >= neutral.summary()["expected_busd"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"chance": {"service": 0.9, "demand": 0.0}}, r"limit on 'service': no such limit.*limit demand=0\.0: must be"),
        ({"chance": {"demand": 1.5}}, r"limit demand=1\.5: must be a share"),
        ({"chance": {"demand": 0.9}, "hard": True}, "exclude each other"),
        ({"regret": True, "weight": 0.5}, "exclude each other"),
    ],
)
def test_what_makes_no_sense_is_refused(words, said):
    """Law: every fault of the limits is told at once, before anything is solved."""
    with pytest.raises(OptionError, match=said):
        risk(newsvendor(), demands((50.0, 1.0)), **{**EXACT, **words})


def test_the_choice_is_one_of_the_whole():
    """Law: each limit is counted by itself, and the futures that meet it are those that cost least in all."""
    none, one, two = frozenset(), frozenset({"demand"}), frozenset({"redundancy"})
    costs = [{none: 9.0, one: 1.0, two: 2.0}, {none: 5.0, one: 1.0, two: 1.0}]
    limits = chance_limits({"demand": 0.5, "redundancy": 0.5})
    found = cheapest(costs, [0.5, 0.5], limits, Measure())
    assert (found.missed, found.value) == ((one, two), 1.0)
    assert cheapest([{one: 1.0}, {one: 1.0}], [0.5, 0.5], limits, Measure()) is None


def test_where_serving_nothing_is_cheapest():
    """Law: a plan that serves nothing costs nothing by itself, and nothing is proven of it; what is missing is paid.

    A unit of compute for a year costs $0.01B at least, and $0.002B where it is missing.
    """
    found = risk(newsvendor(), demands((50.0, 0.5), (150.0, 0.5)), prices={"unserved": 0.002}, **EXACT)
    assert (found.value_busd, found.bound_busd) == pytest.approx((0.22, 0.22), abs=1e-6)
    assert found.status is Status.OPTIMAL
    for plan in found.plans.values():
        assert (plan.cost_busd, plan.bound_busd, plan.gap, plan.status) == (0.0, None, None, Status.TIME_LIMIT)


@pytest.mark.slow
def test_a_limit_where_serving_nothing_is_cheapest():
    """Law: the limit alone makes 10 early blocks worth their cost; what the third future asks beyond them is missed.

    The first two cost 0.2 + 1.0, the third as much and 50 units at $0.002B; with 5 early blocks it is 1.25 in all.
    """
    found = risk(newsvendor(), demands(*THREE), prices={"unserved": 0.002}, chance={"demand": 0.7}, **EXACT)
    assert (found.value_busd, found.bound_busd) == pytest.approx((1.225, 1.225), abs=1e-6)
    (verdict,) = found.summary()["chance"]
    assert (verdict["met_share"], verdict["missed_in"]) == (0.75, ["d2"])
    assert found.evpi.busd == pytest.approx(1.225 - (0.25 * 0.7 + 0.5 * 1.2 + 0.25 * 0.32), abs=1e-6)


def test_the_cost_of_a_plan_that_misses_nothing(three_quarters):
    """Law: what a plan misses is read from its tables, and only of the limits that are asked for."""
    missing = {names[0]: plan for names, plan in zip(three_quarters.futures, three_quarters.here.plans, strict=True)}
    assert missed_in(missing["d2"], ("demand", "redundancy")) == {"demand"}
    assert missed_in(missing["d2"], ("redundancy",)) == frozenset()
    assert missed_in(missing["d0"], ("demand",)) == frozenset()
