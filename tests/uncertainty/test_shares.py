"""Prices and weights of scenarios from the duals of a relaxation: the laws of the bounds that they give."""

import json
from pathlib import Path

import numpy as np
import pytest

from bench.stochastic import read
from planner.options import SolveOptions
from planner.uncertainty.bounding import ScenarioProgram, TwoStageProgram
from planner.uncertainty.bundle_work import work_of
from planner.uncertainty.bundles import Bundles, bundles_of
from planner.uncertainty.measure import Measure
from planner.uncertainty.shares import Shares, _within
from tests.uncertainty.test_two_stage import LANDS, PUBLISHED, SERVERS


def program(data, measure=None, gap=0.0):
    """An instance as scenarios with their first stage."""
    instance = read(data)
    scenarios = [ScenarioProgram(block) for block in instance.blocks]
    return TwoStageProgram(instance.first, scenarios, measure or Measure(), SolveOptions(gap=gap), (-1e4, 1e4))


def lands(measure=None):
    """The published instance, which is continuous but for its first stage."""
    return program(json.loads(Path(LANDS).read_text(encoding="utf-8")), measure)


MEASURES = [Measure(), Measure(0.5, 1.0), Measure(0.6, 0.4)]


@pytest.mark.parametrize("measure", MEASURES, ids=["expected", "tail", "mixed"])
def test_scenarios_by_themselves_have_the_bound_of_all(measure):
    """Law: with prices and weights of its duals the scenarios by themselves have the bound of a relaxation."""
    whole = lands(measure)
    found = whole.relaxation()
    shares = found.shares
    assert shares.weight.sum() == pytest.approx(1.0)
    assert shares.weight @ shares.price == pytest.approx(np.zeros(whole.first.width), abs=1e-7)
    alone = [
        work_of(whole, [s], price, "whole").program.relaxation(None, price) for s, price in enumerate(shares.price)
    ]
    assert shares.bound([one.bound for one in alone]) == pytest.approx(found.bound, rel=1e-6)


@pytest.mark.parametrize("measure", MEASURES, ids=["expected", "tail", "mixed"])
def test_weights_are_those_of_the_measure(measure):
    """Law: no weight is outside what the measure admits, so that no weighted sum of costs is above its value."""
    whole = lands(measure)
    shares = whole.relaxation().shares
    chances = np.array([one.block.probability for one in whole.scenarios])
    least, more = chances * (1.0 - measure.tail_weight), chances * measure.tail_weight / (1.0 - measure.level)
    assert (shares.weight >= least - 1e-12).all()
    assert (shares.weight <= least + more + 1e-12).all()
    costs = np.array([3.0, 1.0, 2.0])
    assert shares.weight @ costs <= measure.of(list(costs), list(chances)) + 1e-9


def test_whole_variables_raise_the_bound():
    """Law: with whole variables in each scenario the bound is between that of the relaxation and the optimum."""
    whole = program(SERVERS)
    found = whole.relaxation()
    alone = []
    for s, price in enumerate(found.shares.price):
        one = work_of(whole, [s], price, "whole").program
        bounded = one.bounded_whole(price, 0.0)
        exact = one.whole(lambda _progress: None, 0.0, multiplier=price)
        assert bounded.bound <= exact.bound + 1e-6
        alone.append(bounded.bound)
    assert found.bound - 1e-6 <= found.shares.bound(alone) <= -2.0 + 1e-6


@pytest.mark.slow
@pytest.mark.parametrize("measure", MEASURES, ids=["expected", "tail", "mixed"])
def test_shares_of_bundles(measure):
    """Law: shares of bundles give at least the bound of their round, and never more than the optimum."""
    whole = lands(measure)

    def solve(bundles, prices):
        return [whole.relaxation(places, price) for places, price in zip(bundles, prices, strict=True)]

    together = whole.relaxation().bound
    for number, found in enumerate(Bundles(whole, bundles_of(whole, 1), solve).rounds()):
        shares = found.shares
        assert shares.weight @ shares.price == pytest.approx(np.zeros(whole.first.width), abs=1e-6)
        alone = [
            work_of(whole, [s], price, "whole").program.relaxation(None, price).bound
            for s, price in enumerate(shares.price)
        ]
        assert shares.bound(alone) <= together + 1e-6
        if not measure.has_tail:
            assert shares.bound(alone) >= found.bound - 1e-5 * abs(found.bound)
            assert found.bound <= PUBLISHED + 1e-6
        if number == 4:
            break


def test_weights_of_the_tail_are_brought_within_their_limits():
    """Law: weights of the tail keep their sum, and none exceeds its most."""
    most = np.array([0.5, 0.5, 0.25])
    for tail in ([0.0, 0.0, 0.0], [0.4, 0.4, 0.3], [1.0, 1.0, 1.0], [0.2, 0.2, 0.2]):
        found = _within(np.array(tail), most, 0.6)
        assert found.sum() == pytest.approx(0.6)
        assert (found <= most + 1e-12).all()
        assert (found >= 0.0).all()


def test_probabilities_that_add_up_to_more_than_one_by_rounding_lose_no_bound():
    """Law: without a tail the weights are the probabilities, also where their sum is above one by rounding."""
    one, chances = np.ones(1), [1.0 / 20] * 20
    assert np.array(chances).sum() > 1.0  # the case is such
    parts = [Shares(one, np.array([[float(s)]]), one, one) for s in range(20)]
    found = Shares.of_bundles(chances, parts)
    assert found.weight == pytest.approx(chances)
    assert found.weight @ found.price == pytest.approx([0.0], abs=1e-12)
    assert found.bound([3.0] * 20) == pytest.approx(3.0)
