"""Futures whose lead times differ from those of the case: every first stage is tried, written from the page alone."""

from datetime import date
from itertools import pairwise, product
from math import ceil
from random import Random

import pytest

from planner import Case
from planner.errors import AuditError
from planner.inputs import make_inputs
from planner.options import SolveOptions
from planner.uncertainty.first_stage import FirstStageOrders
from planner.uncertainty.from_plan import orders_of
from planner.uncertainty.leads import Leads
from planner.uncertainty.policy import groups_of
from planner.uncertainty.policy_audit import faults_of
from planner.uncertainty.prices import Prices
from planner.uncertainty.recourse import Recourse
from planner.uncertainty.risk import risk
from planner.uncertainty.scenario import ScenarioSet, scenario
from planner.uncertainty.stress import stress
from tests.length import some
from tests.program.golden_cases import POWER, TURBINE
from tests.program.tiny import lease, own, tiny

EXACT = {"gap": 0.0, "workers": 1, "own_process": False}
EARLY_BUSD, SPOT_BUSD, MISSING_BUSD = 0.1, 0.2, 1.0
"""$B for a block and year of each offer, and for one that is missing."""
PRICES = {"unserved": MISSING_BUSD / 10.0}
LEAD_MONTHS = 12.0
MOST = 9
"""Blocks that there are of each offer."""
YEARS = (2026, 2027, 2028, 2029)


def newsvendor(demand=(10.0, 20.0, 20.0, 20.0)):
    """Four years of one-year contracts: ``early`` is cheap and signed a year ahead, ``spot`` dear and at once."""
    offers = [
        lease("early", lead_months=LEAD_MONTHS, term_years=1.0, max_blocks=MOST),
        lease("spot", rent_musd_per_mw_year=20.0, term_years=1.0, max_blocks=MOST),
    ]
    return Case.of(tiny(demand, periods=4, offers=offers))


def future(name, probability, lead, demand):
    """A future with a lead time in months, and blocks that are needed in 2027, 2028 and 2029."""
    needs = [f"demand[m,inference,{y}].compute={10 * n}" for y, n in zip(YEARS[1:], demand, strict=True)]
    return scenario(name, probability, [f"offers[early].lead_months={lead}", *needs])


def cost_busd(early, spot, lead, demand, decided):
    """What orders by year cost in a future; ``decided`` is the date in years after the start of the horizon."""
    delay, total = ceil(max(0.0, lead - LEAD_MONTHS) / 12.0), SPOT_BUSD
    for year, need in zip((1, 2, 3), demand, strict=True):
        there, dear = early.get(year - delay, 0), spot.get(year, 0)
        missing = max(0, need - there - dear)
        total += EARLY_BUSD * there + SPOT_BUSD * dear
        prices = [MISSING_BUSD]
        prices += [EARLY_BUSD] if year - lead / 12.0 > decided else []
        prices += [SPOT_BUSD] if year > decided else []
        total += min(prices) * missing
    return total


def best_busd(futures, decided):
    """The least expected cost over all first stages."""
    now = [y for y in (1, 2, 3) if y - LEAD_MONTHS / 12.0 <= decided]
    dear = [y for y in (1, 2, 3) if y <= decided]
    found = []
    for amounts in product(range(4), repeat=len(now) + len(dear)):
        early, spot = dict(zip(now, amounts, strict=False)), dict(zip(dear, amounts[len(now) :], strict=True))
        found.append(sum(p * cost_busd(early, spot, lead, demand, decided) for p, lead, demand in futures))
    return min(found)


def scenarios(futures):
    """The same as scenarios."""
    return ScenarioSet(tuple(future(f"f{i}", *one) for i, one in enumerate(futures)))


def test_a_longer_lead_rules_out_what_would_be_signed_later():
    """Law: what had to be signed by the date under the longer lead time is not there unless it was ordered in time."""
    futures = ((0.9, 12.0, (2, 3, 2)), (0.1, 24.0, (2, 3, 2)))
    found = risk(newsvendor(), scenarios(futures), prices=PRICES, **EXACT)
    # The two blocks of 2027 come in 2028, which needs three; 2029 is signed in 2027.
    assert found.here.costs == pytest.approx((0.2 + 0.2 + 0.3 + 0.2, 0.2 + 0.4 + (0.2 + 0.2) + 0.2))
    assert found.value_busd == pytest.approx(best_busd(futures, 0.0))
    starts = {(row["start_period"], row["offer"]): row["blocks"] for row in found.plans["f1"].rows("contracts")}
    early = {(2028, "early"): 2, (2029, "early"): 2}
    assert starts == {(2026, "spot"): 1, (2027, "spot"): 2, (2028, "spot"): 1, **early}
    later = [row for row in found.rows("later") if row["what"] == "early"]
    assert [(row["period"], row["least"], row["most"], row["decide_by"]) for row in later] == [
        ("2028", 0.0, 3.0, "2027-01-01"), ("2029", 2.0, 2.0, "2027-01-01"),
    ]  # fmt: skip


def test_a_shorter_lead_lets_more_be_signed_later():
    """Law: under a lead time of three months, what the case orders now can also be signed with the demand known."""
    futures = ((0.5, 3.0, (1, 1, 1)), (0.5, 3.0, (3, 3, 3)))
    found = risk(newsvendor(), scenarios(futures), prices=PRICES, **EXACT)
    assert found.here.costs == pytest.approx((0.2 + 0.3, 0.2 + 0.9))
    assert found.evpi.busd == pytest.approx(0.0, abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("seed", some(range(10), 4))
def test_every_first_stage(seed):
    """Law: value and bound are those of trying every first stage, whatever the lead times of the futures.

    Four of ten draws.
    """
    random = Random(seed)
    decided, day = random.choice([(0.0, date(2026, 1, 1)), (0.4, date(2026, 5, 27)), (1.0, date(2027, 1, 1))])
    weights = [random.randint(1, 5) for _ in range(random.randint(2, 4))]
    futures = [
        (w / sum(weights), random.choice([0.0, 3.0, 12.0, 15.0, 24.0, 30.0]), [random.randint(0, 3) for _ in range(3)])
        for w in weights
    ]
    found = risk(newsvendor(), scenarios(futures), decide_by=day, prices=PRICES, **EXACT)
    assert found.value_busd == pytest.approx(best_busd(futures, decided), abs=1e-6)
    assert found.bound_busd == pytest.approx(best_busd(futures, decided), abs=1e-6)


@pytest.mark.parametrize("until", [date(2026, 1, 1), date(2026, 5, 27), None])
def test_a_longer_lead_is_never_cheaper(until):
    """Law: a future that needs all that was ordered costs no less under a longer lead time, and what is worked out."""
    plan = newsvendor().solve(gap=0.0, own_process=False)
    leads = (0.0, 3.0, 12.0, 15.0, 24.0, 36.0)
    futures = [(1.0 / len(leads), lead, (2, 2, 2)) for lead in leads]
    found = stress(plan, scenarios(futures), committed_until=until, prices=PRICES, **EXACT)
    decided = {date(2026, 1, 1): 0.0, date(2026, 5, 27): 0.4, None: 3.0}[until]
    early = {y: 2 for y in (1, 2, 3) if y - 1.0 <= decided}
    costs = [row["cost_busd"] for row in found.rows]
    assert costs == pytest.approx([cost_busd(early, {}, lead, demand, decided) for _, lead, demand in futures])
    assert all(one <= other + 1e-9 for one, other in pairwise(costs))


def test_on_site_power_under_a_longer_lead():
    """Law: what is ordered comes as much later as the lead time is longer; what had to be ordered does not come."""
    turbine = {**TURBINE, "max_facility_mw": 200.0, "fuel_usd_per_mwh": 0.0, "capex_busd_per_gw": 0.1}
    base = Case.of(tiny((10.0,) * 3, periods=3, offers=[own()], families=POWER, power_options=[turbine]))
    stage = FirstStageOrders.of(make_inputs(base), date(2026, 1, 1))
    ordered = tuple(float(x) for x in orders_of(stage, base.solve(gap=0.0, own_process=False)))
    work = Recourse(Prices(1.0, 0.5, 0.5, 1.0), stage.day, ordered)
    built = {}
    for lead in (0, 12):
        more = [f"demand[m,inference,{year}].compute=50" for year in (2027, 2028)]
        case = base.what_if([*more, f"power_options[turbine].lead_months={lead}"])
        plan = work.plan(base, case, SolveOptions(gap=0.0, own_process=False))
        built[lead] = {row["period"]: row["facility_mw"] for row in plan.rows("power_built")}
    first, more = 9.6, 38.4
    assert built[0] == {2026: pytest.approx(first, abs=1e-4), 2027: pytest.approx(more, abs=1e-4)}
    assert built[12] == {2027: pytest.approx(first, abs=1e-4), 2028: pytest.approx(more, abs=1e-4)}


def policy_of(futures, **words):
    """What is decided on two dates, lead times and demand of the past year known on the second."""
    found = risk(newsvendor(), scenarios(futures), then=[date(2027, 1, 1)], prices=PRICES, **EXACT, **words)
    return found, found.policy


@pytest.mark.slow
@pytest.mark.parametrize("seed", some(range(6), 3))
def test_policies_hold_what_they_ordered(seed):
    """Law: with lead times that differ, every policy passes its audit and costs no less than is proven of it.

    Three of six draws.
    """
    random = Random(seed)
    futures = [(0.25, random.choice([0.0, 12.0, 24.0]), [random.randint(0, 3) for _ in range(3)]) for _ in range(4)]
    found, policy = policy_of(futures, learn=random.choice([None, ["demand"]]))
    assert list(faults_of(policy)) == []
    assert policy.value_busd >= policy.bound_busd - 1e-6
    assert policy.value_busd >= found.bound_busd - 1e-6


TOLD_APART = ((0.5, 24.0, (2, 2, 2)), (0.5, 12.0, (2, 1, 2)))
"""Two futures that lead times and the demand of 2028 tell apart."""


def test_a_future_with_a_longer_lead_is_decided_anew():
    """Law: what its plan signs between two dates is ordered by the second one under its own lead time."""
    _, policy = policy_of(TOLD_APART)
    assert [len(one.places) for one in groups_of(policy)[0]] == [1, 1]
    assert list(faults_of(policy)) == []


def of_case(stage):
    """The lead times of the case, whatever the future."""
    return Leads(stage, {o: row.lead_months for o, row in stage.inputs.offers.items()}, {})


def test_the_audit_of_a_policy_knows_the_lead_of_a_future(monkeypatch):
    """Law: plans made as if every future had the lead times of the case are refused by the audit."""
    monkeypatch.setattr(Leads, "of", lambda stage, _: of_case(stage))
    with pytest.raises(AuditError, match="more of early has started by 2029 than was ordered: 4 of 2"):
        policy_of(TOLD_APART)
