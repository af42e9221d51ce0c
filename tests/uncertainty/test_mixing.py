"""Multipliers of mixtures: they come to the best bound that any multipliers have, which is worked out by hand."""

import numpy as np
import pytest

from planner.options import SolveOptions
from planner.uncertainty.mixing import Mixing
from tests.uncertainty.test_mpi import CHANCES, DEMANDS, VALUE

USE = SolveOptions()
MOST = 10


def bought(price):
    """What each scenario of the shop buys with a price on it, and its cost with that price, by trying every amount."""
    bounds, points = [], []
    for demand, extra in zip(DEMANDS, price[:, 0], strict=True):
        costs = {n: n + 3.0 * max(0.0, demand - n) + extra * n for n in range(MOST + 1)}
        n, cost = min(costs.items(), key=lambda one: one[1])
        bounds.append(cost)
        points.append([float(n)])
    return np.array(bounds), np.array(points)


@pytest.mark.parametrize("careful", [False, True])
def test_mixtures_come_to_the_best_bound(careful):
    """Law: in a few rounds the bound is the value; none is above it, and the common first stage is the one of paper."""
    mixing, prices = Mixing(np.array(CHANCES), np.zeros((3, 1)), careful=careful), np.zeros((3, 1))
    for _ in range(12):
        bounds, points = bought(prices)
        assert mixing.take(bounds, prices, points) <= VALUE + 1e-9
        common, prices = mixing.mixed(USE)
        assert np.array(CHANCES) @ prices == pytest.approx(0.0, abs=1e-9)
    assert mixing.best == pytest.approx(VALUE, abs=1e-6)
    assert np.array(CHANCES) @ bought(mixing.centre)[0] == pytest.approx(mixing.best)
    assert common == pytest.approx([2.0], abs=1e-6)


@pytest.mark.parametrize(("own", "narrower"), [(True, 0.25), (False, 1.0)])
def test_multipliers_of_others_do_not_narrow_the_box(own, narrower):
    """Law: multipliers of the mixture that are much worse narrow the box to a quarter; those of others leave it."""
    mixing, prices = Mixing(np.array(CHANCES), np.zeros((3, 1)), careful=True), np.zeros((3, 1))
    mixing.take(*bought(prices)[:1], prices, bought(prices)[1])
    best, side = mixing.best, float(np.abs(mixing.mixed(USE)[1]).max())
    worse = np.array([[9.0], [9.0], [-27.0]])
    bounds, points = bought(worse)
    assert mixing.take(bounds, worse, points, own=own) < best
    assert mixing.best == best
    assert float(np.abs(mixing.mixed(USE)[1]).max()) == pytest.approx(narrower * side)
