"""The knapsacks of sites: those of all demands, however few are looked at, and bounds that no amounts undercut."""

from dataclasses import replace

import numpy as np
import pytest

from planner.solve import knapsacks
from planner.solve.allocation import recognised
from planner.solve.arrays import INFINITY
from planner.solve.knapsacks import Knapsacks
from planner.solve.site_bounds import cheapest_others
from tests.length import thinned
from tests.solve.test_penalties import draw, mip_of


def instance(random, sites=6, demands=40):
    """An allocation of which only the numbers are read here: some links are missing."""
    mip, _, _ = mip_of(draw(0))
    found = recognised(mip)
    assert found is not None
    cost = random.uniform(0.0, 3.0, (sites, demands))
    cost[random.random((sites, demands)) < 0.3] = INFINITY
    return replace(
        found,
        fixed_cost=random.uniform(1.0, 5.0, sites),
        capacity=random.uniform(0.0, 8.0, sites),
        unit_cost=cost,
        demand=random.uniform(0.1, 1.0, demands),
    )


def by_hand(allocation, price):
    """What opening each site adds: demands in the order in which they pay, until the capacity is used."""
    values = []
    for fixed, capacity, costs in zip(allocation.fixed_cost, allocation.capacity, allocation.unit_cost, strict=True):
        value, room = fixed, capacity
        for cost, amount in sorted(zip(costs - price, allocation.demand, strict=True)):
            taken = min(room, amount) if cost < 0.0 else 0.0
            if taken > 0.0:
                value, room = value + cost * taken, room - taken
        values.append(value)
    return values


@pytest.mark.parametrize("width", thinned([1, 3, 100], 3, 1))
def test_knapsacks_are_those_of_all_demands(monkeypatch, width):
    """Law: at prices that move in small and large steps, values, amounts and bounds are those of all demands."""
    monkeypatch.setattr(knapsacks, "FIRST_WIDTH", width)
    random = np.random.default_rng(width)
    allocation = instance(random)
    sacks = Knapsacks.of(allocation)
    price = random.uniform(0.0, 3.0, 40)
    for step in range(60):
        price = np.maximum(0.0, price + random.normal(0.0, 1.0 if step % 20 == 0 else 0.03, 40))
        value, demand, amount = sacks.served(price)
        expected = by_hand(allocation, price)
        assert value == pytest.approx(expected, rel=1e-9, abs=1e-9)
        assert (amount.sum(axis=1) <= allocation.capacity * (1.0 + 1e-12)).all()
        assert (amount <= allocation.demand[demand] * (1.0 + 1e-12)).all()
        bound = sacks.verified(price)
        assert (bound <= np.array(expected) + 1e-9).all()
        assert bound == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_thecheapest_others_are_those_of_every_choice():
    """Law: the least sum of at least and at most so many of the other values is that of sorting them."""
    random = np.random.default_rng(0)
    for _ in range(200):
        value = np.round(random.normal(0.0, 1.0, random.integers(1, 6)), 1)
        fewest, most = int(random.integers(-1, 6)), int(random.integers(-1, 6))
        found = cheapest_others(value, fewest, most)
        for place in range(len(value)):
            others = np.sort(np.delete(value, place))
            sums = [others[:n].sum() for n in range(len(others) + 1) if max(0, fewest) <= n <= most]
            assert found[place] == pytest.approx(min(sums, default=INFINITY)) or found[place] == min(
                sums, default=INFINITY
            )
