"""Plans under uncertainty: answers worked out by hand, and the laws that hold for every set of scenarios."""

from datetime import date
from itertools import pairwise
from random import Random

import pytest

from planner.errors import CaseError, InfeasibleError, NoPlanError, OptionError
from planner.status import Status
from planner.uncertainty.measure import Measure, cvar, mean
from planner.uncertainty.risk import risk
from planner.uncertainty.scenario import ScenarioSet, scenario
from tests.length import some
from tests.uncertainty.interrupted import cut_short, timed_out
from tests.uncertainty.newsvendor import FIXED_BUSD, THREE, cost_busd, demands, newsvendor

EXACT = {"gap": 0.0, "workers": 1, "own_process": False}


@pytest.fixture(scope="module")
def neutral():
    """The risk-neutral answer of the case worked out by hand."""
    return risk(newsvendor(), demands(*THREE), **EXACT)


def by_hand(weight=0.0, level=0.0):
    """The best whole number of early blocks by trying each, and its value."""
    measure, chances = Measure(level, weight), [p for _, p in THREE]
    values = {q: measure.of([cost_busd(q, d) for d, _ in THREE], chances) for q in range(21)}
    return min(values.items(), key=lambda one: one[1])


def early(found):
    """Blocks of the early offer that are ordered."""
    return sum(row["amount"] for row in found.rows("orders") if row["what"] == "early")


def test_the_newsvendor(neutral):
    """Law: the first stage, its value, EVPI and VSS are those worked out on paper (the critical ratio is one half)."""
    blocks, value = by_hand()
    assert (blocks, value) == (10, pytest.approx(1.25 + FIXED_BUSD))
    assert early(neutral) == blocks
    assert neutral.status is Status.OPTIMAL
    assert neutral.value_busd == pytest.approx(value, abs=1e-6)
    assert neutral.bound_busd == pytest.approx(value, abs=1e-6)
    perfect = mean([FIXED_BUSD + 0.01 * d for d, _ in THREE], [p for _, p in THREE])
    assert neutral.evpi.busd == pytest.approx(value - perfect, abs=1e-6)
    as_planned = mean([cost_busd(5, d) for d, _ in THREE], [p for _, p in THREE])
    assert neutral.vss.busd == pytest.approx(as_planned - value, abs=1e-6)
    assert neutral.evpi.sign == neutral.vss.sign == "more"


def test_every_plan_is_audited_and_holds_the_orders(neutral):
    """Law: the plan of every scenario passed its audit, and what starts by the decision is the same in all of them."""
    starts = set()
    for plan in neutral.plans.values():
        assert plan.summary["audit"]["passed"]
        starts.add(
            tuple(
                sorted(
                    (row["offer"], row["start_period"], float(row["blocks"]))
                    for row in plan.rows("contracts")
                    if row["offer"] == "early" or row["start_period"] == 2026
                )
            )
        )
    assert len(starts) == 1


def test_tables(neutral):
    """The tables say what is decided now, what waits, and what each future is like."""
    decisions = {row["what"]: row for row in neutral.rows("decisions")}
    assert decisions["early"]["decision"] == "no regret in part"
    assert (decisions["early"]["alone_least"], decisions["early"]["alone_most"]) == (5.0, 15.0)
    assert decisions["spot"]["decision"] == "no regret"
    (later,) = neutral.rows("later")
    assert (later["what"], later["decide_by"], later["futures_share"]) == ("spot", "2027-01-01", 0.25)
    assert later["chip"] == "chip"  # the provider's, as the contract is under cloud
    futures = neutral.rows("futures")
    assert [row["regret_busd"] for row in futures] == pytest.approx([0.5, 0.0, 0.5], abs=1e-6)
    gw = [row for row in neutral.rows("years") if row["period"] == "2027" and row["measure"] == "it_gw_in_force"]
    assert (gw[0]["p10"], gw[0]["p90"]) == pytest.approx((0.1, 0.15))
    for name in ("decisions", "orders", "later", "futures", "years"):
        assert len(neutral.table(name)) == len(neutral.rows(name))
    assert neutral.summary()["evpi"]["sign"] == "more"


@pytest.mark.slow
@pytest.mark.parametrize(("level", "weight"), [(0.75, 1.0), (0.75, 0.5)])
def test_aversion_never_lowers_the_expected_cost(neutral, level, weight):
    """Law: with more weight on the worst futures their cost does not rise, and the expected cost does not fall."""
    found = risk(newsvendor(), demands(*THREE), cvar=level, weight=weight, **EXACT)
    assert found.value_busd == pytest.approx(by_hand(weight, level)[1], abs=1e-6)
    assert found.summary()["expected_busd"] >= neutral.summary()["expected_busd"] - 1e-9
    worst = [max(one.here.costs) for one in (found, neutral)]
    assert worst[0] <= worst[1] + 1e-9


def test_the_worst_futures_at_level_zero_are_all(neutral):
    """Law: the CVaR at level 0 is the expected cost, whatever its weight: value, bound and orders are the same."""
    found = risk(newsvendor(), demands(*THREE), cvar=0.0, weight=1.0, **EXACT)
    assert found.value_busd == pytest.approx(neutral.value_busd, abs=1e-6)
    assert found.bound_busd == pytest.approx(neutral.value_busd, abs=1e-6)
    assert (found.status, early(found)) == (Status.OPTIMAL, early(neutral))


@pytest.mark.slow
def test_one_scenario_is_the_plan():
    """Law: with one scenario, that of the case, value, cost of the plan and cost of knowing it are the same."""
    found = risk(newsvendor(), ScenarioSet((scenario("as_planned", 1.0),)), **EXACT)
    assert found.value_busd == pytest.approx(found.plan.cost_busd, abs=1e-6)
    assert found.evpi.sign == found.vss.sign == "equal"
    assert found.status is Status.OPTIMAL


@pytest.mark.slow
def test_the_same_scenario_twice_changes_nothing(neutral):
    """Law: a scenario split into two that are the same changes neither the value nor the orders."""
    (low, p), *others = THREE
    found = risk(newsvendor(), demands((low, p / 2), (low, p / 2), *others), **EXACT)
    assert found.value_busd == pytest.approx(neutral.value_busd, abs=1e-9)
    assert early(found) == early(neutral)
    assert len(found.futures) == 3
    assert len(found.plans) == 4
    assert "4 scenarios, 3 futures: d1 is the same as d0" in found.notes


@pytest.mark.slow
def test_power_that_comes_late_delays_and_does_not_cost():
    """Law: a block whose power comes later starts, and pays, then; an order that never gets power lapses."""
    case = newsvendor(50.0)
    late = [{"op": "set", "place": "offers[early].first_start", "value": "2030-01-01"}]
    found = risk(case, ScenarioSet((scenario("as_planned", 0.9), scenario("never", 0.1, late))), **EXACT)
    (order,) = (row for row in found.rows("orders") if row["what"] == "early")
    assert (order["amount"], order["lapsed_share"], order["late_share"]) == (5.0, pytest.approx(0.1), 0.0)
    assert found.here.costs == pytest.approx((FIXED_BUSD + 0.5, FIXED_BUSD + 1.0))


@pytest.mark.slow
def test_a_later_decision_date_orders_more_now():
    """Law: what is signed by a later date is a larger first stage, whose value is not lower."""
    sooner, later = (
        risk(newsvendor(), demands(*THREE), decide_by=day, **EXACT) for day in (date(2026, 1, 1), date(2027, 1, 1))
    )
    assert later.value_busd >= sooner.value_busd - 1e-9
    assert sum(row["amount"] for row in later.rows("orders")) > sum(row["amount"] for row in sooner.rows("orders"))


@pytest.mark.slow
def test_what_is_missing_costs_unless_rules_are_hard():
    """Law: demand that cannot be served costs its price; with hard rules such a scenario has no plan."""
    case = newsvendor(50.0, max_blocks=5).what_if(["offers[spot].max_blocks=1"])
    scenarios = demands((50.0, 0.5), (100.0, 0.5))
    found = risk(case, scenarios, prices={"unserved": 0.07}, **EXACT)
    (_, dear) = found.rows("futures")
    assert dear["unserved_share"] == pytest.approx(40.0 / 110.0)
    assert dear["missing_busd"] == pytest.approx(40.0 * 0.07)
    assert dear["missing"] == "unserved"
    with pytest.raises(InfeasibleError, match="d1"):
        risk(case, scenarios, hard=True, **EXACT)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"cvar": 1.0}, "CVaR level 1.0: must be"),
        ({"weight": -0.5}, "CVaR weight -0.5: must be"),
        ({"prices": {"unserved": 0.0}}, "price of unserved 0.0: must be a finite number above 0"),
        ({"prices": {"service": 1.0}}, "price of 'service': no such shortfall"),
        ({"prices": {"cash": 1.0}, "hard": True}, "exclude each other"),
        ({"workers": 0}, "workers 0: must be"),
    ],
)
def test_options_that_make_no_sense_are_refused(words, said):
    """Law: an option out of its range is refused in words, before any scenario is solved."""
    with pytest.raises(OptionError, match=said):
        risk(newsvendor(), demands((50.0, 1.0)), **{**EXACT, **words})


def test_scenarios_that_are_no_cases_are_all_named():
    """Law: every fault of every scenario is told at once, and a scenario may not alter the periods."""
    bad = ScenarioSet(
        (
            scenario("a", 0.5, ["offers[nowhere].max_blocks=1"]),
            scenario("b", 0.25, ["model.horizon.periods=1"]),
            scenario("c", 0.25, ["offers[spot].max_blocks=-1"]),
        )
    )
    with pytest.raises(CaseError) as error:
        risk(newsvendor(), bad, **EXACT)
    assert all(f"scenario {name}" in str(error.value) for name in "abc")


def drawn(seed):
    """A random newsvendor: prices, demands and probabilities in round figures."""
    random = Random(seed)
    chances = [random.randint(1, 5) for _ in range(random.randint(2, 5))]
    futures = [(10.0 * random.randint(1, 15), chance / sum(chances)) for chance in chances]
    cheap, dear = random.randint(5, 12), random.randint(13, 30)
    case = newsvendor(10.0 * random.randint(1, 15)).what_if(
        [f"offers[early].rent_musd_per_mw_year={cheap}", f"offers[spot].rent_musd_per_mw_year={dear}"]
    )
    return case, futures, cheap / 100, dear / 100


@pytest.mark.slow
@pytest.mark.parametrize("seed", some(range(8), 4))
def test_random_newsvendors(seed):
    """Law: value, EVPI and VSS are those of trying every first stage, and not negative; aversion costs on average.

    More weight on the worst futures never lowers the expected cost, nor raises their own. Four of eight draws.
    """
    case, futures, cheap, dear = drawn(seed)
    chances = [p for _, p in futures]

    def costs(blocks):
        return [dear + cheap * blocks + dear * max(0.0, d / 10 - blocks) for d, _ in futures]

    planned = round(case.rows("demand")[-1].compute / 10)
    known = [dear + cheap * d / 10 for d, _ in futures]
    expected, worst = [], []
    for weight in (0.0, 0.5, 1.0):
        measure = Measure(0.6, weight)
        found = risk(case, demands(*futures), cvar=0.6, weight=weight, prices={"unserved": 1.0}, **EXACT)
        value = min(measure.of(costs(q), chances) for q in range(16))
        assert found.value_busd == pytest.approx(value, abs=1e-6)
        assert found.bound_busd == pytest.approx(found.value_busd, abs=1e-6)
        assert found.evpi.busd == pytest.approx(value - measure.of(known, chances), abs=1e-6)
        assert found.vss is not None
        assert found.vss.busd == pytest.approx(measure.of(costs(planned), chances) - value, abs=1e-6)
        assert min(found.evpi.busd, found.vss.busd) >= 0.0
        expected.append(mean(found.here.costs, found.probabilities))
        worst.append(cvar(found.here.costs, found.probabilities, 0.6))
    assert all(one <= other + 1e-6 for one, other in pairwise(expected))
    assert all(one >= other - 1e-6 for one, other in pairwise(worst))


@pytest.mark.slow
def test_what_is_kept_is_not_solved_again(tmp_path, monkeypatch):
    """Law: the same question asked again takes every plan from the folder, and has the same answer."""
    first = risk(newsvendor(), demands(*THREE), keep=tmp_path, **EXACT)
    solved = []
    monkeypatch.setattr("planner.uncertainty.executors.run", lambda *words: solved.append(words))
    monkeypatch.setattr("planner.runs.session.solve_case", lambda *words, **_more: solved.append(words))
    again = risk(newsvendor(), demands(*THREE), keep=tmp_path, **EXACT)
    assert solved == []
    assert (again.value_busd, again.here.costs) == (first.value_busd, first.here.costs)
    assert early(again) == early(first)


def test_a_signal_before_any_first_stage_is_named(monkeypatch):
    """Law: an error for want of a first stage states that a signal came, and is of its status."""
    cut_short(monkeypatch, "executors.run", after=2)
    with pytest.raises(NoPlanError, match="interrupted before any first stage was tried") as error:
        risk(newsvendor(), demands(*THREE), **EXACT)
    assert error.value.status is Status.INTERRUPTED


def test_a_limit_before_any_first_stage_is_named(monkeypatch):
    """Law: where no first stage has a plan in every scenario the message says in which, and which limit came first."""
    timed_out(monkeypatch, "executors.run", after=3)
    monkeypatch.setattr("planner.uncertainty.branching.NODES", 3)  # no plan will come of more
    with pytest.raises(NoPlanError, match=r"scenario d0: .*the time limit came before any plan was found") as error:
        risk(newsvendor(), demands(*THREE), **EXACT)
    assert error.value.status is Status.NO_PLAN
