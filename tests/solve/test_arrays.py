"""The small programs around a point: what is used may move a little, the cheapest of the rest may come in."""

import numpy as np
import pytest

from planner import Case
from planner.program import build_program
from planner.runs.compile import make_mip
from planner.solve.arrays import Arrays, around, kernel


@pytest.fixture(scope="module")
def arrays() -> Arrays:
    """A compiled program."""
    inputs = Case.read("three_sites").inputs
    return make_mip(build_program(inputs), inputs).arrays


def test_a_kernel_frees_what_is_used_and_the_cheapest_of_the_rest(arrays):
    """As many unused whole variables are free as asked for, lowest reduced cost first; all others stay at zero."""
    whole = np.flatnonzero(arrays.integer)
    x = np.zeros(arrays.column_count)
    used, rest = whole[:3], whole[3:]
    x[used] = np.minimum(arrays.upper[used], 1.0) * 0.7
    reduced = np.zeros(arrays.column_count)
    reduced[rest] = np.arange(len(rest))[::-1]
    small = kernel(arrays, x, reduced, more=2.0, width=1.0)
    free = rest[small.upper[rest] > small.lower[rest]]
    assert set(free) == set(rest[-6:][arrays.upper[rest[-6:]] > arrays.lower[rest[-6:]]])
    assert (small.upper[used] <= np.ceil(x[used]) + 1.0).all()
    assert (small.lower[used] >= np.floor(x[used]) - 1.0).all()
    continuous = ~arrays.integer
    assert (small.upper[continuous] == arrays.upper[continuous]).all()


def test_around_frees_only_what_is_used(arrays):
    """Without more, every unused whole variable is held."""
    small = around(arrays, np.zeros(arrays.column_count), 1.0)
    assert (small.upper[arrays.integer] == arrays.lower[arrays.integer]).all()
