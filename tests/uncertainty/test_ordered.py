"""Programs without what no one ordered, against those that have it at zero: the slow way is the referee."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import numpy as np
import pytest

from planner import Case
from planner.changes.schema import WhatIf
from planner.errors import CaseError
from planner.inputs import make_inputs
from planner.options import SolveOptions
from planner.program import build_program
from planner.runs.compile import make_mip
from planner.runs.task import Job
from planner.uncertainty import recourse
from planner.uncertainty.first_stage import CONTRACT, WHOLE, FirstStageOrders
from planner.uncertainty.from_plan import orders_of
from planner.uncertainty.ordered import only_ordered
from planner.uncertainty.prices import Prices
from planner.uncertainty.recourse import RECOURSE, Recourse
from tests.length import some
from tests.program.golden_cases import CASES
from tests.program.tiny import chip, lease, own, site, tiny

OPTIONS = SolveOptions(gap=0.0, own_process=False)
PRICES = Prices(1.0, 0.5, 0.5, 1.0)


def several():
    """Leases with a choice of chips, a refresh, a smallest signing, a custom chip, and a campus that is built."""
    offers = [
        lease("long", "x", chips=("chip", "next"), max_blocks=4, refresh_after_years=1.0,
              refresh_price_busd_per_gw_it=2.0, take_or_pay_share=0.8),
        lease("short", "x", chips=("next",), max_blocks=4, term_years=1.0, min_blocks_per_start=2),
        lease("other", "y", chips=("chip", "custom"), max_blocks=4, signing_cost_busd=0.1, min_blocks=2),
        own("built", "y", chips=("next", "custom"), max_blocks=4),
    ]  # fmt: skip
    steps = [("x", 2026, 90.0), ("x", 2027, 120.0), ("y", 2026, 60.0), ("y", 2028, 120.0)]
    energisation = [{"site": s, "date": f"{year}-01-01", "facility_mw": mw} for s, year, mw in steps]
    chips = [chip(), chip("next", first_date="2027-01-01"), chip("custom", development_cost_busd=0.2)]
    supply = [{"chip": one["chip"], "year": y, "it_mw": 90.0} for one in chips for y in (2026, 2027, 2028)]
    rules = [{"name": "any site", "domain": "site", "critical_share": 0.3}]
    return tiny(
        50.0, periods=3, sites=[site("x", opening_cost_busd=0.1), site("y")], offers=offers, energisation=energisation,
        chips=chips, chip_supply=supply, families={"site_opening": {}, "redundancy": {"rules": rules}},
    )  # fmt: skip


def future(case, random):
    """The case with another demand, and less of something that orders need where it is still a case then."""
    more = {"op": "scale", "place": "demand.compute", "factor": random.choice([0.5, 0.8, 1.1, 1.3])}
    offer, place = random.choice(case.tables["offers"]).offer, random.choice(case.tables["sites"]).site
    less = [
        f"offers[{offer}].max_blocks={random.randint(0, 5)}",
        {"op": "shift", "table": "sites", "key": place, "months": 12},
        f"offers[{offer}].lead_months={random.choice([6, 12, 24])}",
    ]
    try:
        return Case.of(case).what_if([more, *random.sample(less, random.randint(0, 2))])
    except CaseError:
        return Case.of(case).what_if(more)


def ordered(stage, case, random):
    """Orders at random, few of them; or those of the plan of the case."""
    if random.random() < 0.3:
        return orders_of(stage, Case.of(case).solve(gap=0.0, own_process=False))
    amounts = [
        0.0 if random.random() < 0.6 else min(one.most, random.randint(1, 3) if one.kind in WHOLE else 0.02)
        for one in stage.orders
    ]
    return np.array(amounts)


def answer(case, other, work):
    """What comes of a future: status and cost with what is missing at its price, and what became of the orders."""
    outcome = work.solve(case, other, OPTIONS, Job(WhatIf(name="future")))
    if outcome.plan is None:
        return outcome.status, outcome.reason
    said = outcome.plan.summary[RECOURSE]
    return outcome.plan.summary["audit"]["passed"], pytest.approx(said["cost_busd"], abs=1e-6, rel=1e-6), said["orders"]


def same_both_ways(case, seed, monkeypatch):
    """Solve a future with orders, both at random, without what no one ordered and with it."""
    random = Random(seed)
    inputs = make_inputs(case)
    begin, end = inputs.calendar.start_dates[0], inputs.calendar.start_dates[-1]
    stage = FirstStageOrders.of(inputs, random.choice([begin, end, end + timedelta(days=400)]))
    other = future(case, random)
    orders = ordered(stage, case, random)
    prices = random.choice([PRICES, PRICES, None])
    work = Recourse(prices, stage.day, tuple(float(x) for x in orders))
    quick = answer(case, other, work)
    with monkeypatch.context() as patch:
        patch.setattr(recourse, "only_ordered", lambda *_: None)
        assert answer(case, other, work) == quick


@pytest.mark.slow
@pytest.mark.parametrize("seed", some(range(40), 10))
def test_nothing_is_lost_with_what_nobody_ordered(seed, monkeypatch):
    """Law: cost, verdict and what becomes of the orders are those of the program that has the rest at zero.

    Ten of 40 draws, all at length.
    """
    same_both_ways(several(), seed, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(CASES))
def test_nothing_is_lost_in_any_family(name, monkeypatch):
    """Law: the same with every constraint family, each of which may ask what could start; two of six draws of each."""
    for seed in some(range(6), 2):
        same_both_ways(CASES[name](), seed, monkeypatch)


def test_what_nobody_ordered_is_not_built():
    """Law: with one contract ordered by the end, it alone can start, and the program has no column of another."""
    case = several()
    inputs = make_inputs(case)
    stage = FirstStageOrders.of(inputs, inputs.calendar.start_dates[-1])
    first = next(n for n, one in enumerate(stage.orders) if one.kind == CONTRACT and one.what == "short")
    orders = np.zeros(len(stage.orders))
    orders[first] = 2.0
    fewer = only_ordered(stage, inputs, orders)
    assert {(one.offer, one.start) for found in fewer.choices.values() for one in found} == {
        ("short", stage.orders[first].period)
    }
    assert all(o == "short" for o, _, _, _ in fewer.installs)
    small, whole = (make_mip(build_program(one), one).arrays for one in (fewer, inputs))
    assert set(small.columns) < set(whole.columns)


def test_a_decision_that_must_be_taken_is_kept():
    """Law: where the case forces a decision, or has rules of the user's own, nothing is left out."""
    case = several()
    inputs = make_inputs(case)
    stage = FirstStageOrders.of(inputs, inputs.calendar.start_dates[-1])
    forced = replace(case, model=case.model.model_copy(update={"forced": ("something",)}))
    assert only_ordered(stage, replace(inputs, case=forced), np.zeros(len(stage.orders))) is None
