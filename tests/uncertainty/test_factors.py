"""Common factors, and the distributions of ranges and impacts."""

import numpy as np
import pytest

from planner.uncertainty.factors import Streams, triangular, two_piece


def test_correlation_is_the_share_in_common():
    """Law: the correlation of two variables is the sum of the shares of the factors that both have."""
    streams = Streams(5, 4096)
    one = streams.mixed("one", [("market", 0.5), ("region", 0.2)])
    two = streams.mixed("two", [("market", 0.5), ("coast", 0.2)])
    same = streams.mixed("three", [("market", 0.5), ("region", 0.5)])
    assert np.corrcoef(one, two)[0, 1] == pytest.approx(0.5, abs=0.03)
    assert np.std(one) == pytest.approx(1.0, abs=0.03)
    assert same == pytest.approx(streams.mixed("four", [("market", 0.5), ("region", 0.5)]))
    assert streams.mixed("one") == streams.normal("one")


def test_adding_a_quantity_leaves_the_others():
    """Law: a variable does not depend on what else is drawn, nor on the order in which it is asked for."""
    first, second = Streams(1, 8), Streams(1, 8)
    alone = first.mixed("late", [("region", 0.4)])
    second.mixed("other", [("region", 0.4)])
    assert second.mixed("late", [("region", 0.4)]) == alone


def test_two_pieces_pass_through_three_points():
    """Law: the ends and the base are the values at their quantiles; zero and negative ends are linear."""
    for low, base, high in ((50.0, 100.0, 400.0), (0.0, 4.0, 6.0), (-3.0, -1.0, 5.0), (2.0, 2.0, 2.0)):
        found = [two_piece(low, base, high, z, 1.25) for z in (-1.25, 0.0, 1.25)]
        assert found == pytest.approx([low, base, high])
        assert two_piece(low, base, high, 0.5, 1.25) <= two_piece(low, base, high, 0.6, 1.25)


def test_mean_of_a_triangle():
    """Law: the mean of a triangular distribution is a third of the sum of its three points."""
    for low, mode, high in ((1.0, 3.0, 12.0), (0.5, 1.0, 1.0), (0.1, 0.1, 0.5)):
        values = [triangular(low, mode, high, (index + 0.5) / 1000) for index in range(1000)]
        assert np.mean(values) == pytest.approx((low + mode + high) / 3.0, rel=1e-4)
        assert low <= min(values) <= max(values) <= high


def test_no_range_is_too_wide():
    """Law: ends that no number separates give a number all the same, and no error."""
    assert two_piece(1e-300, 1e-290, 1e20, 2.3, 1.28) == float("inf")
    assert two_piece(1e-300, 1e20, 1e21, -2.3, 1.28) == 0.0
