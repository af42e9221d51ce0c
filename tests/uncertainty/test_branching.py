"""Branching over the orders: what a box excludes, and that what it finds is the best of all first stages."""

from datetime import date
from itertools import product
from random import Random

import numpy as np
import pytest

from planner import Case
from planner.errors import InfeasibleError
from planner.inputs import make_inputs
from planner.program import quickest_program
from planner.runs.compile import make_mip
from planner.runs.start import start_values
from planner.status import Status
from planner.uncertainty import branching
from planner.uncertainty.branching import Box
from planner.uncertainty.first_stage import FirstStageOrders
from planner.uncertainty.links import links_of, queue_of
from planner.uncertainty.prices import Prices, priced
from planner.uncertainty.recourse import RECOURSE, Recourse
from planner.uncertainty.risk import risk
from planner.uncertainty.scenario import ScenarioSet, scenario
from tests.length import AT_LENGTH, some
from tests.program.tiny import lease, tiny
from tests.uncertainty.test_ordered import OPTIONS, PRICES, future, ordered, several


def test_the_parts_of_a_box_are_all_of_it_once():
    """Law: every first stage of a box is in exactly one of the parts that it is split into."""
    box = Box(np.array([0.0, 1.0]), np.array([3.0, 2.0]))
    for i, at in ((0, 0.0), (0, 1.0), (0, 3.0), (1, 1.0), (1, 2.0)):
        parts = box.split(i, at)
        for point in product(range(4), (1, 2)):
            inside = [bool((part.lower <= point).all() and (point <= part.upper).all()) for part in parts]
            assert sum(inside) == 1
    assert not box.is_one
    assert all(part.is_one for part in Box(np.zeros(1), np.ones(1)).split(0, 1.0))


def recourse(case, other, prices, day, orders):
    """The plan of a future with some orders; None if there is none."""
    try:
        return Recourse(prices, day, tuple(float(x) for x in orders)).plan(Case.of(case), other, OPTIONS)
    except InfeasibleError:
        return None


def planned(stage, case, other, random):
    """Orders at random, and the plan of a future with them."""
    orders = ordered(stage, case, random)
    return orders, recourse(case, other, PRICES, stage.day, orders)


@pytest.mark.slow
@pytest.mark.parametrize("seed", some(range(60), 8))
def test_no_box_excludes_a_plan_of_its_first_stages(seed):
    """Law: the plan of a future with some orders keeps the links of every box that these orders are in.

    Eight of 60 draws, all at length.
    """
    random, case = Random(seed), several()
    inputs = make_inputs(Case.of(case))
    stage = FirstStageOrders.of(inputs, inputs.calendar.start_dates[-1])
    other = future(case, random)
    orders, plan = next(found for found in (planned(stage, case, other, random) for _ in range(20)) if found[1])
    there = make_inputs(other)
    arrays = priced(make_mip(quickest_program(there), there), there, PRICES).arrays
    point = np.array(start_values(plan).point(arrays.columns))
    assert links_of(stage, there, arrays, orders).kept_by(point, orders)
    queue = queue_of(stage)
    for share in (0.0, 0.3, 0.6, 0.9, 1.0):
        for first in (False, True):  # decided here and there, or from the first that is served on
            fixed = queue < share * len(orders) if first else np.array([random.random() < share for _ in orders])
            low = np.where(fixed, orders, np.floor(orders * random.random()))
            high = np.where(fixed, orders, np.maximum(orders, np.floor(stage.most * random.random())))
            assert links_of(stage, there, arrays, None, (low, high)).kept_by(point, orders)


def scarce(seed):
    """Blocks ordered ahead for two years, of which futures have fewer, or later; and its futures, with prices."""
    random = Random(seed)
    offers = [
        lease("early", lead_months=24.0, max_blocks=3, term_years=random.choice([1.0, 2.0, 3.0])),
        lease(
            "spot", rent_musd_per_mw_year=random.choice([15.0, 20.0]), term_years=1.0, max_blocks=random.randint(1, 4)
        ),
    ]
    demand = [float(random.choice([10, 20, 30])) for _ in range(3)]
    chances = [random.randint(1, 9) for _ in range(3)]

    def changes():
        """Another demand, and fewer blocks of it, later, or less power."""
        less = [
            f"offers[early].max_blocks={random.randint(1, 2)}",
            f"offers[early].first_start={random.choice([2027, 2028])}-07-01",
            "sites[a].max_it_mw=20",
        ]
        factor = random.choice([0.3, 0.7, 1.0, 1.5])
        return [
            {"op": "scale", "place": "demand.compute", "factor": factor},
            *random.sample(less, random.randint(1, 2)),
        ]

    futures = [("f0", changes()), ("f1", changes()), ("f2", changes())]
    total = sum(chances)
    return (
        Case.of(tiny(tuple(demand), periods=3, offers=offers)),
        ScenarioSet(tuple(scenario(n, c / total, e) for (n, e), c in zip(futures, chances, strict=True))),
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40) if AT_LENGTH else (20, 34))
def test_no_first_stage_is_better(seed):
    """Law: the value of a study to a gap of zero is the least expected cost of all first stages, each solved by hand.

    Two of 40 draws, of which the gap stays open without branching, all at length.
    """
    case, futures = scarce(seed)
    day = date(2026, 1, 1)
    found = risk(case, futures, decide_by=day, gap=0.0, workers=1, own_process=False)
    assert found.prices is not None
    prices = Prices(*(found.prices[name] for name in ("unserved", "protection", "head-room", "programme", "cash")))
    stage = FirstStageOrders.of(make_inputs(case), day)
    least = float("inf")
    for orders in product(*(range(int(one.most) + 1) for one in stage.orders)):
        plans = [recourse(case, case.what_if(one.whatif), prices, day, orders) for one in futures.scenarios]
        if None not in plans:
            costs = [plan.summary[RECOURSE]["cost_busd"] for plan in plans]
            least = min(least, sum(one.probability * cost for one, cost in zip(futures.scenarios, costs, strict=True)))
    assert found.value_busd == pytest.approx(least, rel=1e-6)
    assert found.status is Status.OPTIMAL
    assert found.bound_busd == pytest.approx(least, rel=1e-6)


FEWER_OR_LATER = ScenarioSet((
    scenario("fewer", 0.99, ["offers[north_cloud].max_blocks=1"]),
    scenario("later", 0.01, ["offers[north_cloud].first_start=2027-01-01"]),
))  # fmt: skip


@pytest.mark.slow
def test_a_better_first_stage_is_found_and_proven(monkeypatch):
    """Law: where it depends on other orders what is there of one, the gap is closed, with a better first stage."""
    words = {"decide_by": date(2027, 12, 31), "gap": 0.0, "workers": 1, "own_process": False}
    found = risk("four_campuses", FEWER_OR_LATER, **words)
    assert found.status is Status.OPTIMAL
    monkeypatch.setattr(branching, "NODES", 0)
    before = risk("four_campuses", FEWER_OR_LATER, **words)
    assert before.status is Status.TIME_LIMIT
    assert before.bound_busd <= found.value_busd < before.value_busd
