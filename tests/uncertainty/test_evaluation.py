"""Which futures are solved more closely, and what becomes of an evaluation when they are."""

from dataclasses import replace

import numpy as np
import pytest

from planner.uncertainty import from_plan
from planner.uncertainty.evaluation import Evaluation

CHANCES = [0.5, 0.25, 0.25]
KNOWN = Evaluation(None, (None,) * 3, (10.0, 20.0, 30.0), (9.8, 18.0, 30.0), 17.5, 16.9)


@pytest.mark.parametrize(
    ("missing", "gap", "chosen"),
    [(0.0, 0.0, []), (0.1, 0.0, [1]), (0.55, 0.0, [0, 1]), (0.7, 0.0, []), (0.1, 0.05, [1]), (0.1, 0.2, [])],
)
def test_the_fewest_futures_that_may_close_the_gap(missing, gap, chosen):
    """Law: those with most to gain come first, no more than may be needed; none where all of them cannot do it."""
    assert KNOWN.worth_closing(CHANCES, missing, gap) == chosen


def test_an_unknown_bound_leaves_everything_to_gain():
    """Law: where nothing is proven of a future there is no limit to what a closer plan may save."""
    unknown = replace(KNOWN, bounds=(-float("inf"), 18.0, 30.0))
    assert unknown.worth_closing(CHANCES, 5.0, 0.1) == [0]


def test_what_futures_agree_on():
    """Law: candidates are the median and the least of what the plans of the futures order, by probability."""
    ordered = [np.array(one) for one in ([3.0, 0.0], [1.0, 2.0], [2.0, 2.0])]
    median, least = from_plan.agreed_orders(ordered, CHANCES)
    assert median == pytest.approx([2.0, 0.0])
    assert least == pytest.approx([1.0, 0.0])
