"""Two-stage programs as arrays: a published optimum, written out and in bundles, with and without a tail."""

import json
from pathlib import Path

import numpy as np
import pytest

from bench.stochastic import METHODS, read, solve, value_of
from planner.options import SolveOptions
from planner.uncertainty.bounding import ScenarioProgram, TwoStageProgram
from planner.uncertainty.bundles import Bundles, bundles_of, merged
from planner.uncertainty.measure import Measure

LANDS = Path(__file__).resolve().parents[1] / "data" / "stochastic" / "LandS_2stage.json"
PUBLISHED = 381.853333
"""Louveaux and Smeers 1988."""
SERVERS = {
    "format": "sslp-1",
    "sites": [{"open_cost": 10.0, "capacity": 2.0}, {"open_cost": 14.0, "capacity": 4.0}],
    "clients": 3,
    "demand_units": [[1.0, 1.0, 2.0], [1.0, 1.0, 2.0]],
    "revenue": [[8.0, 8.0, 8.0], [8.0, 8.0, 8.0]],
    "overflow_penalty": [100.0, 100.0],
    "first_stage_rows": [{"type": "G", "rhs": -2.0, "coef": [-1.0, -1.0]}],
    "scenarios": [{"p": 0.5, "present": [1, 2, 3]}, {"p": 0.5, "present": [1]}],
}
"""Either site serves its clients at the same revenue. The second alone holds all: 14 - (24 + 8) / 2 = -2; the first
alone would overflow by two in the first scenario, both cost 24."""

ONE_SITE = {
    "format": "sslp-1",
    "sites": [{"open_cost": 10.0, "capacity": 2.0}],
    "clients": 2,
    "demand_units": [[2.0, 0.0]],
    "revenue": [[8.0, 0.0]],
    "overflow_penalty": [15.0],
    "first_stage_rows": [{"type": "G", "rhs": -1.0, "coef": [-1.0]}],
    "scenarios": [{"p": 0.5, "present": [1]}, {"p": 0.5, "present": [2]}],
}
"""A site that one scenario wants open (10 - 8 = 2, closed 30 - 8 = 22), the other closed (0, open 10): open costs 6,
and closed 11. Each scenario by itself bounds by (2 + 0) / 2 = 1."""


@pytest.fixture(scope="module")
def lands():
    """The published instance."""
    return read(json.loads(LANDS.read_text(encoding="utf-8")))


def program(instance, measure=None):
    """An instance as scenarios with their first stage."""
    scenarios = [ScenarioProgram(block) for block in instance.blocks]
    return TwoStageProgram(instance.first, scenarios, measure or Measure(), SolveOptions(gap=0.0), (0.0, 1e4))


@pytest.mark.parametrize("method", METHODS)
def test_the_published_optimum(lands, method):
    """Law: written out and in bundles, value and bound are the published optimum."""
    value, bound = solve(lands, method, SolveOptions(gap=1e-6))
    assert value == pytest.approx(PUBLISHED, abs=1e-5)
    assert bound == pytest.approx(PUBLISHED, rel=2e-6)


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_servers_by_hand(method):
    """Law: the server location worked out by hand."""
    assert solve(read(SERVERS), method, SolveOptions(gap=0.0)) == pytest.approx((-2.0, -2.0), abs=1e-6)


def test_where_every_first_stage_was_tried_the_best_is_proven():
    """Law: a round that finds no first stage beside those excluded proves the best of them."""
    assert solve(read(ONE_SITE), "bundles", SolveOptions(gap=1e-6)) == pytest.approx((6.0, 6.0), abs=1e-6)


@pytest.mark.slow
def test_bundles_bound_from_below(lands):
    """Law: whatever the multipliers, the bound of bundles is below the optimum, and no round makes the best worse."""
    whole = program(lands)

    def solve(places, prices):
        return [whole.relaxation(one, price) for one, price in zip(places, prices, strict=True)]

    bundles = Bundles(whole, bundles_of(whole, 1), solve)
    assert len(bundles.bundles) == 3
    best = -np.inf
    for number, found in enumerate(bundles.rounds()):
        assert found.bound <= PUBLISHED + 1e-6
        assert bundles.best >= best
        best = bundles.best
        if number == 5:
            break
    assert best > 0.99 * PUBLISHED


def test_larger_bundles_begin_where_smaller_ones_ended(lands):
    """Law: with the duals of a relaxation bundles have its bound at once; merged, their multipliers give none lower."""
    whole = program(lands)
    relaxed = whole.relaxation()
    assert relaxed.shares is not None

    def solve(places, prices):
        return [whole.relaxation(one, price) for one, price in zip(places, prices, strict=True)]

    small = Bundles(whole, bundles_of(whole, 1), solve, begins=[relaxed.shares.price, 0.0 * relaxed.shares.price])
    bounds = [found.bound for _, found in zip(range(2), small.rounds(), strict=False)]
    assert bounds[0] == pytest.approx(relaxed.bound, rel=1e-6)
    assert small.best == max(bounds)
    places = [[0, 1], [2]]
    prices = merged(whole, places, small.prices)
    chances = [sum(lands.blocks[s].probability for s in some) for some in places]
    assert chances @ prices == pytest.approx(0.0, abs=1e-9)
    assert next(Bundles(whole, places, solve, begins=[prices]).rounds()).bound >= small.best - 1e-6


def test_the_tail(lands):
    """Law: with all weight on the worst futures the value is the CVaR of the costs, and not below the expected cost."""
    measure = Measure(0.5, 1.0)
    found = program(lands, measure).relaxation()
    costs = []
    for block in lands.blocks:
        alone = value_of(type(lands)(lands.first, (block,)), found.orders, SolveOptions(gap=0.0))
        costs.append(alone)
    assert measure.of(costs, [block.probability for block in lands.blocks]) == pytest.approx(found.bound, rel=1e-6)
    assert found.bound >= PUBLISHED
