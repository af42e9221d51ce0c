"""Later decision dates: policies worked out by trying all of them, and the laws that hold for every one."""

from dataclasses import replace
from datetime import date
from itertools import product
from random import Random

import numpy as np
import pytest

from planner import Case
from planner.cli.output import Output
from planner.cli.risk_command import print_result
from planner.errors import OptionError
from planner.status import Status
from planner.uncertainty.policy import groups_of, root_of
from planner.uncertainty.policy_audit import faults_of
from planner.uncertainty.risk import risk
from planner.uncertainty.scenario import ScenarioSet, scenario
from tests.length import some, thinned
from tests.program.golden_cases import POWER, TURBINE
from tests.program.tiny import chip, lease, own, tiny
from tests.uncertainty.interrupted import cut_short
from tests.uncertainty.test_links import case as two_sites
from tests.uncertainty.test_links import changes

EXACT = {"gap": 0.0, "workers": 1, "own_process": False}
EARLY, SPOT, FIRST_YEAR = 0.1, 0.2, 0.2
"""$B for a block and year of each offer, and for the block of 2026."""
FOUR = ((50, 50, 0.25), (50, 100, 0.25), (100, 100, 0.25), (100, 200, 0.25))
"""Demand of 2027, of 2028, and probability: that of 2027 leaves open which of 2028 follows."""
LATER = (date(2027, 1, 1),)


def newsvendor():
    """Three years of the newsvendor: ``early`` blocks are signed a year before they start, all for a year."""
    offers = [
        lease("early", lead_months=12.0, term_years=1.0),
        lease("spot", rent_musd_per_mw_year=20.0, term_years=1.0),
    ]
    return Case.of(tiny((10.0, 50.0, 50.0), periods=3, offers=offers))


def demands(futures):
    """Scenarios of the demand of 2027 and 2028."""
    places = [f"demand[m,inference,{year}].compute" for year in (2027, 2028)]
    return ScenarioSet(
        tuple(
            scenario(f"d{i}", p, [f"{place}={d:g}" for place, d in zip(places, pair, strict=True)])
            for i, (*pair, p) in enumerate(futures)
        )
    )


def year(blocks, demand):
    """What a year costs with so many early blocks."""
    return EARLY * blocks + SPOT * max(0.0, demand / 10.0 - blocks)


def second(futures, blocks):
    """What 2028 costs, expected, with so many early blocks in a group."""
    return sum(p * year(blocks, later) for _, later, p in futures)


def rolled(first, futures, distinct):
    """The least expected cost with so many early blocks for 2027, those of 2028 decided in each group."""
    groups = {distinct(one) for one in futures}
    by_group = [[one for one in futures if distinct(one) == group] for group in groups]
    later = sum(min(second(group, n) for n in range(31)) for group in by_group)
    return FIRST_YEAR + sum(p * year(first, demand) for demand, _, p in futures) + later


def early(found):
    """Early blocks that are ordered by the first date."""
    return sum(row["amount"] for row in found.rows("orders") if row["what"] == "early")


@pytest.fixture(scope="module")
def found():
    """The answer with one later date."""
    return risk(newsvendor(), demands(FOUR), then=LATER, prices={"unserved": 1.0}, **EXACT)


def test_a_policy_by_hand(found):
    """Law: the policy costs what trying every order in every group gives; what waiting costs is the difference."""
    value = rolled(early(found), FOUR, lambda one: one[0])
    assert found.policy.value_busd == pytest.approx(value, abs=1e-6)
    assert found.policy.bound_busd == pytest.approx(value, abs=1e-6)
    known = rolled(early(found), FOUR, lambda one: one)
    assert found.value_busd == pytest.approx(known, abs=1e-6)
    assert found.policy.waiting.busd == pytest.approx(value - known, abs=1e-6)
    assert found.policy.waiting.sign == "more"
    best = min(rolled(n, FOUR, lambda one: one[0]) for n in range(31))
    assert found.bound_busd - 1e-6 <= best <= found.policy.value_busd + 1e-6


def test_tables_of_a_policy(found):
    """The tables say what distinguishes the groups, who is in which, what is ordered in each, and what it costs."""
    groups = found.rows("groups")
    assert [row["group"] for row in groups] == ["2027-01-01/1", "2027-01-01/2"]
    assert [row["distinguished_by"] for row in groups] == [
        "demand[m,inference,2027].compute=50",
        "demand[m,inference,2027].compute=100",
    ]
    assert [(row["known_on"], row["probability"], row["futures"]) for row in groups] == [("2027-01-01", 0.5, 2)] * 2
    members = [(row["group"][-1], row["future"]) for row in found.rows("group_futures")]
    assert members == [("1", "d0"), ("1", "d1"), ("2", "d2"), ("2", "d3")]
    orders = found.rows("group_orders")
    assert {row["sign_by"] for row in orders} == {"2027-01-01"}
    assert not {(row["what"], row["period"]) for row in orders} & {("early", "2027"), ("spot", "2026")}
    costs = {row["future"]: row["cost_busd"] for row in found.rows("policy")}
    assert sum(costs.values()) / 4 == pytest.approx(found.policy.value_busd)
    for name in ("groups", "group_futures", "group_orders", "policy"):
        assert list(found.table(name)) == list(found.columns[name])
    assert found.summary()["policy"]["gap"] == pytest.approx(1 - found.bound_busd / found.policy.value_busd)


def test_every_future_of_a_group_starts_what_the_group_ordered(found):
    """Law: futures that are not distinguished start the same by the date, and every plan passed its audit."""
    plans = found.policy.plans
    starts = {
        name: sorted((row["offer"], row["start_period"], float(row["blocks"])) for row in plan.rows("contracts")
                     if row["start_period"] <= 2027 or row["offer"] == "early")
        for name, plan in plans.items()
    }  # fmt: skip
    assert starts["d0"] == starts["d1"] != starts["d2"] == starts["d3"]
    assert all(plan.summary["audit"]["passed"] for plan in plans.values())
    assert list(faults_of(found.policy)) == []


def _altered(policy, **words):
    first, *others = groups_of(policy)[0]
    return replace(policy, _dates=((replace(first, **words), *others),))


def test_the_audit_finds_what_is_planted(found):
    """Law: orders that the plans do not hold, orders of before that were altered and lost futures are found."""
    policy, group = found.policy, groups_of(found.policy)[0][0]
    late = [one.what == "early" and one.period == 2 for one in group.stage.orders]
    more = group.orders + np.array(late, dtype=float)
    assert any("ordered were" in one for one in faults_of(_altered(policy, orders=more)))
    less = np.where(group.orders > 0.0, group.orders - 1.0, 0.0)
    assert any("more of early has started" in one for one in faults_of(_altered(policy, orders=less)))
    assert any("alters what was ordered" in one for one in faults_of(_altered(policy, orders=less)))
    lost = replace(policy, _dates=(groups_of(policy)[0][:1],))
    assert "not every future is in one group on 2027-01-01" in list(faults_of(lost))


def test_futures_that_are_told_apart_are_as_with_one_date():
    """Law: where every future is distinguished, the policy is the two-stage answer, and it is said."""
    futures = ((50, 50, 0.5), (100, 200, 0.5))
    found = risk(newsvendor(), demands(futures), then=LATER, prices={"unserved": 1.0}, **EXACT)
    assert found.policy.costs == found.here.costs
    assert found.policy.value_busd == found.value_busd
    assert found.policy.waiting.sign == "equal"
    assert any("every future is distinguished" in note for note in found.notes)
    assert {row["amount"] for row in found.rows("group_orders") if row["what"] == "early"} == {5.0, 20.0}


@pytest.mark.slow
def test_one_group_is_deciding_without_having_learnt():
    """Law: where nothing distinguishes futures, the policy is that of deciding all of it by the first date."""
    futures = ((50, 50, 0.5), (50, 150, 0.5))
    words = {"prices": {"unserved": 1.0}, **EXACT}
    rolling = risk(newsvendor(), demands(futures), then=LATER, **words)
    at_once = risk(newsvendor(), demands(futures), decide_by=LATER[0], **words)
    assert len(groups_of(rolling.policy)[0]) == 1
    assert rolling.policy.value_busd == pytest.approx(at_once.value_busd, abs=1e-6)
    assert any("no two futures are distinguished" in note for note in rolling.notes)
    learnt = risk(newsvendor(), demands(FOUR), then=LATER, learn=["offers"], **words)
    assert len(groups_of(learnt.policy)[0]) == 1
    all_of_it = FIRST_YEAR + year(early(learnt), 100) + min(second(FOUR, n) for n in range(31))
    assert learnt.policy.value_busd == pytest.approx(all_of_it, abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("seed", some(range(6), 3))
def test_random_policies(seed):
    """Law: value and bound of a policy are those of trying every order; no policy costs less than the first bound.

    Three of six draws.
    """
    random = Random(seed)
    pairs = list(product((30, 60, 120), (30, 90, 150)))
    chosen = random.sample(pairs, random.randint(3, 6))
    weights = [random.randint(1, 5) for _ in chosen]
    futures = [(*pair, weight / sum(weights)) for pair, weight in zip(chosen, weights, strict=True)]
    found = risk(newsvendor(), demands(futures), then=LATER, prices={"unserved": 1.0}, **EXACT)
    value = rolled(early(found), futures, lambda one: one[0])
    assert found.policy.value_busd == pytest.approx(value, abs=1e-6)
    assert found.policy.bound_busd == pytest.approx(value, abs=1e-6)
    best = min(rolled(n, futures, lambda one: one[0]) for n in range(31))
    assert found.bound_busd - 1e-6 <= best <= value + 1e-6


@pytest.mark.slow
@pytest.mark.parametrize("seed", some(range(8), 3))
def test_late_and_lost_capacity_keeps_every_law(seed):
    """Law: with power, blocks and chips that come late or never, every policy passes its audit and keeps the bounds.

    Three of eight draws.
    """
    random = Random(seed)
    cuts = changes(random)
    demand = [f"demand[m,inference,2027].compute={random.choice([30, 80])}"]
    more = [f"demand[m,inference,2028].compute={random.choice([20, 90])}"]
    made = [[], cuts, more, [*more, *cuts], [*demand, *more]]
    futures = ScenarioSet(tuple(scenario(f"f{i}", 0.2, one) for i, one in enumerate(made)))
    dates = (date(2026, 12, 31), date(2027, 12, 31))
    found = risk(two_sites(), futures, then=dates, learn=["demand"], **EXACT)
    policy = found.policy
    assert policy.value_busd >= found.bound_busd - 1e-6
    assert policy.value_busd >= policy.bound_busd - 1e-6
    assert policy.waiting.busd >= 0.0
    assert list(faults_of(policy)) == []
    for group in groups_of(policy)[1]:
        assert set(group.places) <= set(group.parent.places)


UNADMITTED = {
    "sooner": ({"first_start": "2028-01-01"}, "offers[cheap].first_start=2027-01-01", 2027),
    "more": ({"max_blocks": 3}, "offers[cheap].max_blocks=30", 2026),
}
"""What the case has of an offer, what its futures have, and the year whose demand tells them apart."""


@pytest.mark.parametrize("name", thinned(UNADMITTED, 2))
def test_a_future_signs_nothing_before_it_is_told_apart(name):
    """Law: what only futures admit, and is to be signed before they are told apart, no plan starts; nor may it."""
    has, change, told_by = UNADMITTED[name]
    years = sorted({told_by, 2027})
    offers = [
        lease("cheap", lead_months=9.0, term_years=1.0, **has),
        lease("spot", rent_musd_per_mw_year=100.0, term_years=1.0),
    ]
    case = Case.of(tiny((10.0, 50.0, 50.0), periods=3, offers=offers))
    demand = {d: [f"demand[m,inference,{year}].compute={d}" for year in years] for d in (50, 100)}
    futures = ScenarioSet(tuple(scenario(f"d{d}", 0.5, [change, *demand[d]]) for d in (50, 100)))
    words = {"then": [date(2027, 6, 30)], "prices": {"unserved": 5.0}, "decide_by": date(2026, 1, 1), **EXACT}
    policy = risk(case, futures, **words).policy
    most = 0 if name == "sooner" else 3
    for plan in policy.plans.values():
        cheap = {row["start_period"]: float(row["blocks"]) for row in plan.rows("contracts") if row["offer"] == "cheap"}
        assert cheap.get(2027, 0.0) <= most
    assert [len(one.places) for one in groups_of(policy)[0]] == [1, 1]
    assert policy.waiting.sign == "more"
    assert list(faults_of(policy)) == []
    if name == "sooner":
        groups = [replace(one, found=root_of(policy).part(one.places), solved_by=root_of(policy).stage)
                  for one in groups_of(policy)[0]]  # fmt: skip
        told = list(faults_of(replace(policy, _dates=(tuple(groups),))))
        assert any("d50: more of cheap has started by 2027 than was ordered: 5 of 0" in one for one in told)


def _all_ordered(found, future, kind, what):
    """What the policy orders for a future by all dates."""
    group = next(row["group"] for row in found.rows("policy") if row["future"] == future)
    rows = [*found.rows("orders"), *(row for row in found.rows("group_orders") if row["group"] == group)]
    return sum(row["amount"] for row in rows if (row["kind"], row["what"]) == (kind, what))


def test_late_on_site_power_is_ordered_once():
    """Law: on-site power that comes a year late is the order of the first date, and none of the later one."""
    turbine = {**TURBINE, "max_facility_mw": 200.0, "fuel_usd_per_mwh": 0.0, "capex_busd_per_gw": 0.1}
    case = Case.of(
        tiny((50.0, 50.0, 50.0), periods=3, offers=[own()], families=POWER, power_options=[turbine]),
    )
    late = scenario("late", 0.5, ["power_options[turbine].earliest_date=2027-01-01"])
    futures = ScenarioSet((scenario("punctual", 0.5, []), late))
    found = risk(case, futures, then=LATER, prices={"unserved": 1.0}, **EXACT)
    built = found.policy.plans["late"].rows("power_built")
    assert [(row["period"], row["facility_mw"]) for row in built] == [(2027, pytest.approx(48.0, abs=1e-4))]
    assert _all_ordered(found, "late", "on-site power", "turbine") == pytest.approx(48.0, abs=1e-4)


def test_late_blocks_with_another_chip_are_ordered_once():
    """Law: late blocks in which the provider has installed another chip are orders of the first date."""
    better = chip("next", training_compute_per_it_mw=2.0, inference_compute_per_it_mw=2.0)
    case = tiny((50.0, 50.0, 50.0), periods=3, offers=[lease(chips=("chip", "next"))], chips=[chip(), better])
    changes = ["sites[a].earliest_date=2027-01-01", "chips[next].first_date=2029-01-01"]
    futures = ScenarioSet((scenario("punctual", 0.8, []), scenario("late", 0.2, changes)))
    found = risk(Case.of(case), futures, then=LATER, prices={"unserved": 1.0}, **EXACT)
    started = {row["chip"]: float(row["blocks"]) for row in found.policy.plans["late"].rows("contracts")}
    assert started == {"chip": 5.0}
    assert sum(row["amount"] for row in found.rows("orders") if row["chip"] == "next") > 0.0
    assert _all_ordered(found, "late", "contract", "lease") == pytest.approx(5.0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", some(range(8), 3))
def test_what_only_futures_admit_keeps_every_law(seed):
    """Law: futures that admit more, or less and later, than the case, on two later dates: the audit passes.

    Three of eight draws.
    """
    random = Random(seed)
    case = two_sites()
    offers = [one.offer for one in case.tables["offers"]]
    made = []
    for _ in range(4):
        more = [f"offers[{o}].max_blocks={random.choice([1, 3, 30])}" for o in offers if random.random() < 0.5]
        demand = [f"demand[m,inference,{year}].compute={random.choice([30, 80])}" for year in (2027, 2028)]
        made.append([*more, *demand[random.randint(0, 1) :], *random.choice([[], changes(random)])])
    futures = ScenarioSet(tuple(scenario(f"f{i}", 0.25, one) for i, one in enumerate(made)))
    few = case.what_if([f"offers[{o}].max_blocks={random.choice([2, 4])}" for o in offers if random.random() < 0.7])
    learn = random.choice([None, ["demand"]])
    found = risk(few, futures, then=(date(2026, 12, 31), date(2027, 12, 31)), learn=learn, **EXACT)
    assert found.policy.value_busd >= found.policy.bound_busd - 1e-6
    assert found.policy.value_busd >= found.bound_busd - 1e-6
    assert list(faults_of(found.policy)) == []


@pytest.mark.slow
def test_what_is_kept_is_not_solved_again(tmp_path, monkeypatch):
    """Law: the same question asked again takes every plan of every group from the folder, and has the same answer."""
    words = {"then": LATER, "prices": {"unserved": 1.0}, "keep": tmp_path, **EXACT}
    first = risk(newsvendor(), demands(FOUR), **words)
    solved = []
    monkeypatch.setattr("planner.uncertainty.executors.run", lambda *words: solved.append(words))
    monkeypatch.setattr("planner.runs.session.solve_case", lambda *words, **_more: solved.append(words))
    again = risk(newsvendor(), demands(FOUR), **words)
    assert solved == []
    assert again.policy.costs == first.policy.costs


@pytest.mark.slow
def test_a_signal_leaves_the_first_date(monkeypatch, capsys):
    """Law: a signal while later dates are decided leaves the answer of the first one, and says so before all else."""
    cut_short(monkeypatch, "rolling.figures_known", after=0)
    found = risk(newsvendor(), demands(FOUR), then=LATER, prices={"unserved": 1.0}, **EXACT)
    assert found.policy is None
    assert found.is_cut_short
    assert found.status is Status.OPTIMAL
    assert any("interrupted before all later dates" in note for note in found.notes)
    print_result(Output(as_json=False, verbose=False, quiet=False), found)
    assert capsys.readouterr().out.startswith("No later date is decided: all that follows is of the first one")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"then": [date(2026, 1, 1)]}, "2026-01-01 is not after 2026-01-01"),
        ({"then": [date(2028, 1, 1), date(2027, 1, 1)]}, "2027-01-01 is not after 2028-01-01"),
        ({"then": [date(2029, 1, 1)]}, "2029-01-01 is not before 2029-01-01, the end of the horizon"),
        ({"then": LATER, "weight": 0.5}, "a weight of the CVaR excludes them"),
        ({"then": LATER, "regret": True}, "the least regret excludes them"),
        ({"then": LATER, "chance": {"demand": 0.9}}, "limits in probability exclude them"),
        ({"then": LATER, "hard": True}, "hard rules exclude them"),
        ({"learn": ["demand"]}, "none is given"),
        ({"then": LATER, "learn": ["demnd"]}, "did you mean 'demand'"),
    ],
)
def test_dates_that_make_no_sense_are_refused(words, said):
    """Law: dates out of order, and what cannot be asked with later dates, are refused before anything is solved."""
    with pytest.raises(OptionError, match=said):
        risk(newsvendor(), demands(FOUR), **{**EXACT, **words})


@pytest.mark.slow
def test_periods_that_are_no_years():
    """Law: a policy is audited whatever its tables write for a period: here half-years, written as their first days."""
    offers = [
        lease("early", lead_months=12.0, term_years=1.0),
        lease("spot", rent_musd_per_mw_year=20.0, term_years=1.0),
    ]
    case = Case.of(tiny((10.0, 50.0, 50.0), periods=6, period_months=6, offers=offers))
    found = risk(case, demands(FOUR), then=LATER, **EXACT)
    assert found.policy is not None
    assert list(faults_of(found.policy)) == []
    assert {row["period"] for row in found.rows("group_orders")} >= {"2028-01/2028-06"}
