"""What is surely there of an order is there whatever else was ordered: the programs that bound rest on that."""

from datetime import date
from random import Random

import pytest

from planner import Case
from planner.inputs import make_inputs
from planner.uncertainty.delivery import Wanted
from planner.uncertainty.first_stage import CHIPS, CONTRACT, FirstStageOrders
from planner.uncertainty.links import delivery_of
from planner.uncertainty.risk import risk
from planner.uncertainty.scenario import ScenarioSet, scenario
from tests.length import some
from tests.program.tiny import chip, lease, own, site, tiny

MOST = 4


def case():
    """Two sites in one power region with leases of two chips, and a campus that is built; three years."""
    sites = [site("x"), site("y")]
    offers = [
        lease("long", "x", chips=("chip",), max_blocks=MOST),
        lease("short", "x", chips=("next",), max_blocks=MOST, term_years=1.0, block_it_mw=20.0),
        lease("other", "y", chips=("chip",), max_blocks=MOST),
        own("built", "y", chips=("next",), max_blocks=MOST),
    ]
    steps = [("x", 2026, 90.0), ("x", 2027, 120.0), ("y", 2026, 60.0), ("y", 2028, 120.0)]
    energisation = [{"site": s, "date": f"{year}-01-01", "facility_mw": mw} for s, year, mw in steps]
    supply = [{"chip": k, "year": year, "it_mw": 90.0} for k in ("chip", "next") for year in (2026, 2027, 2028)]
    chips = [chip(), chip("next")]
    return Case.of(
        tiny(50.0, periods=3, sites=sites, offers=offers, energisation=energisation, chips=chips, chip_supply=supply)
    )


def changes(random):
    """Less power, fewer blocks, fewer chips, a delay, or a longer lead time."""
    every = [
        f"energisation[x,2026-01-01].facility_mw={random.randint(0, 90)}",
        f"energisation[y,2028-01-01].facility_mw={random.randint(60, 120)}",
        f"offers[{random.choice(['long', 'short', 'other', 'built'])}].max_blocks={random.randint(0, 3)}",
        f"chip_supply[{random.choice(['chip', 'next'])},{random.choice([2026, 2027])}].it_mw={random.randint(0, 89)}",
        {"op": "shift", "table": "sites", "key": random.choice("xy"), "months": random.choice([6, 12])},
        f"offers[{random.choice(['long', 'short', 'other', 'built'])}].lead_months={random.choice([6, 12, 24])}",
    ]
    return sorted(random.sample(every, random.randint(1, 2)), key=lambda one: not isinstance(one, str))


def _admitted(parts, other):
    """Whether the scenario has no fewer blocks of an offer than are in force: else it has no plan."""
    live = {}
    for order, some_parts in parts.values():
        for part in some_parts if order.is_block else ():
            short = other.offers[order.offer].term_years == 1.0
            for t in range(part.period, part.period + 1 if short else other.calendar.count):
                live[order.offer, t] = live.get((order.offer, t), 0.0) + part.amount
    return all(amount <= other.offers[offer].max_blocks for (offer, _), amount in live.items())


def served(orders, stage, other):
    """The parts of each order that are there."""
    parts = delivery_of(stage, other).served(orders)
    return {order.number: (order, [one for one in parts if one.number == order.number]) for order in orders}


@pytest.mark.slow
@pytest.mark.parametrize("seed", some(range(40), 10))
def test_what_is_surely_there_is_there(seed):
    """Law: an order that is surely there in, or by, a period is served so in full, whatever else is ordered.

    Also with orders that do not fit in the case together, unless the scenario has no plan with what is there of them.

    Ten of 40 draws, all at length.
    """
    random, base = Random(seed), case()
    inputs, other = make_inputs(base), make_inputs(base.what_if(changes(random)))
    earlier = [date(2026, 6, 30)] if seed % 2 else []
    stage = FirstStageOrders.of(inputs, date(2028, 12, 31), earlier)
    wanted = [
        Wanted(i, one.what, one.role, one.chip, one.period, one.most, one.kind == CONTRACT, stage.wave(i))
        for i, one in enumerate(stage.orders)
        if one.kind in (CONTRACT, CHIPS)
    ]
    wanted.sort(key=lambda one: (one.wave, one.period, not one.is_block))
    found, sure = delivery_of(stage, other), {}
    for one in wanted:
        period = found.surely(one, wanted, sure)
        if period is not None:
            sure[one.number] = period
    latest = {one.number: found.latest(one, wanted) for one in wanted}
    tried = 0
    for _ in range(200):
        orders = [
            Wanted(
                o.number,
                o.offer,
                o.role,
                o.chip,
                o.period,
                float(random.choice([0, 0, 0, 1, 2, 3])) * (1.0 if o.is_block else 0.01),
                o.is_block,
                o.wave,
            )
            for o in wanted
        ]
        found_parts = served(orders, stage, other)
        if not _admitted(found_parts, other):
            continue
        tried += 1
        for order, parts in found_parts.values():
            if order.number in sure and order.amount > 0.0:
                assert [(p.period, pytest.approx(p.amount)) for p in parts] == [(sure[order.number], order.amount)]
            last = latest[order.number]
            if last is not None:
                assert sum(p.amount for p in parts if p.period <= last) == pytest.approx(order.amount)
            assert all(p.period >= order.period for p in parts)
            assert sum(p.amount for p in parts) <= order.amount + 1e-9
    assert tried > 0


@pytest.mark.slow
def test_orders_that_depend_on_others_do_not_mislead():
    """Law: without chips for the cheap offer in one future, as cheap orders that are surely there are found."""
    futures = ScenarioSet((scenario("as_planned", 0.6), scenario("cut", 0.4, ["chip_supply[next,2027].it_mw=0"])))
    found = risk(case(), futures, gap=0.0, workers=1, own_process=False, decide_by=date(2028, 1, 1))
    assert found.here.costs == pytest.approx((1.5, 1.5))


@pytest.mark.parametrize("seed", range(10))
def test_what_an_earlier_date_ordered_comes_whatever_is_ordered_later(seed):
    """Law: orders of an earlier date are served as if there were no later ones, also those that start before them."""
    random, base = Random(seed), case()
    inputs, other = make_inputs(base), make_inputs(base.what_if(changes(random)))
    stage = FirstStageOrders.of(inputs, date(2028, 12, 31))
    blocks = [one for one in stage.orders if one.kind == CONTRACT]
    for _ in range(20):
        orders = [
            Wanted(i, one.what, one.role, one.chip, one.period, float(random.randint(0, 2)), True, random.randint(0, 1))
            for i, one in enumerate(blocks)
        ]
        first = [one for one in orders if one.wave == 0]
        alone, together = served(first, stage, other), served(orders, stage, other)
        assert all(together[number][1] == parts for number, (_, parts) in alone.items())
