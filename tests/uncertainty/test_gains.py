"""What is proven of values, of gains and of regrets holds what was found, whatever was rounded."""

from datetime import date
from itertools import product

import numpy as np
import pytest

from planner.status import Status
from planner.uncertainty.evaluation import Evaluation
from planner.uncertainty.gains import gain
from planner.uncertainty.measure import mean
from planner.uncertainty.policy import FutureGroup, Policy
from planner.uncertainty.regrets import regrets_of, worst_regret

CHANCES = ((0.5, 0.3, 0.2), (0.1, 0.6, 0.3), (0.7, 0.1, 0.2))


def _proven(costs):
    """Futures whose bounds are their costs."""
    return Evaluation(np.zeros(0), (None,) * len(costs), costs, costs, 0.0, 0.0)


def _group(places, costs, chances, number, parent=None):
    value = mean(costs, chances)
    found = Evaluation(np.zeros(0), (object(),) * len(costs), costs, costs, value, value)  # plans that nobody opens
    day = date(2027, 1, 1)
    return FutureGroup(day, number, parent, places, chances, "", None, found.orders, found, Status.OPTIMAL, None)


def test_no_bound_of_a_policy_is_above_its_value():
    """Law: means of groups are added up in another order than those of futures; no bound gets above."""
    rounded = 0
    for costs, chances in product(product((3.3, 4.4, 5.6), repeat=3), CHANCES):
        root = _group((0, 1, 2), costs, chances, 0)
        parts = (_group((0,), costs[:1], chances[:1], 1, root), _group((1, 2), costs[1:], chances[1:], 2, root))
        policy = Policy((("a",), ("b",), ("c",)), (), root, (parts,))
        rounded += mean([one.found.bound for one in parts], [one.probability for one in parts]) > policy.value_busd
        summary = policy.summary(policy.value_busd + 1e-15)
        assert summary["bound_same_orders_busd"] <= summary["value_busd"]
        assert summary["bound_busd"] <= summary["value_busd"]
        assert summary["gap"] >= 0.0
        waiting = summary["waiting"]
        assert waiting["low_busd"] <= waiting["busd"] <= waiting["high_busd"]
        assert waiting["sign"] == "equal"
    assert rounded > 0  # the cases are such


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((5.601, 5.601 + 1e-15), (5.0405, 5.0405)),
        ((5.601, 5.5), (5.0405, 5.0405 + 1e-15)),
        ((5.0, 5.0), (5.0 + 1e-15, 5.0 + 1e-15)),
    ],
)
def test_what_is_proven_of_a_gain_holds_it(one, other):
    """Law: the lower end is not above what was found, nor that above the upper end."""
    found = gain(one, other)
    assert 0.0 <= found.low_busd <= found.busd <= found.high_busd


def test_what_is_proven_of_a_regret_holds_it():
    """Law: the same of the regret of each future, and of the largest."""
    here, alone = _proven((5.0, 7.0, 4.0)), _proven((5.0 + 1e-15, 6.0, 4.0))
    for one in (*regrets_of(here, alone), worst_regret(["a", "b", "c"], here, alone)):
        assert 0.0 <= one.low <= one.busd <= one.high
