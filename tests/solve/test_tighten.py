"""Bounds that rows imply: no point of a program is lost, and columns that rows decide are fixed."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from planner.solve.arrays import INFINITY, Arrays
from planner.solve.tighten import ALIKE, tightened
from tests.solve.test_certificate import program


def drawn(seed: int) -> Arrays:
    """A random program of integer variables from 0 to 3 and one continuous column that a row may define."""
    random = np.random.default_rng(seed)
    rows, columns = int(random.integers(1, 6)), 5
    matrix = random.integers(-3, 4, (rows, columns)) * (random.random((rows, columns)) < 0.6)
    middle = matrix @ random.integers(0, 4, columns)
    row_lower = np.where(random.random(rows) < 0.4, -INFINITY, middle - random.integers(0, 2, rows))
    row_upper = np.where(random.random(rows) < 0.4, INFINITY, middle + random.integers(0, 2, rows))
    arrays = program(np.zeros(columns), matrix, row_lower, row_upper, upper=np.full(columns, 3.0))
    return replace(arrays, integer=np.array([True] * (columns - 1) + [False]))


@pytest.mark.parametrize("seed", range(40))
def test_no_point_is_lost_and_no_bound_is_wider(seed):
    """Law: of all grid points those that satisfy rows and bounds are the same before and after."""
    arrays = drawn(seed)
    after = tightened(arrays)
    assert (after.lower >= arrays.lower).all()
    assert (after.upper <= arrays.upper).all()
    points = np.array(list(product(*[range(4)] * 4, np.arange(0.0, 3.1, 0.5))))
    activity = points @ arrays.matrix.toarray().T
    fits = ((activity >= arrays.row_lower - 1e-9) & (activity <= arrays.row_upper + 1e-9)).all(axis=1)
    within = ((points >= after.lower - ALIKE) & (points <= after.upper + ALIKE)).all(axis=1)
    assert fits.any()
    assert (fits <= within).all()


def test_what_rows_decide_is_fixed():
    """Law: an amount that a row fixes, and what is defined by it, has one value; a half is rounded to a whole block."""
    arrays = program([0] * 3, [[1, 0, 0], [0.5, -1, 0], [0, 0, 2]], [4, 0, -INFINITY], [4, 0, 5], upper=[9, 9, 9])
    after = tightened(replace(arrays, integer=np.array([True, False, True])))
    assert after.lower == pytest.approx([4, 2, 0])
    assert after.upper == pytest.approx([4, 2, 2])


def test_bounds_that_contradict_one_another_are_left_to_the_solver():
    """Law: where rows leave an integer variable no value, its bounds stay as they are."""
    arrays = program([0], [[2], [2]], [3, -INFINITY], [INFINITY, 1], upper=[9])
    after = tightened(replace(arrays, integer=np.array([True])))
    assert (after.lower[0], after.upper[0]) == (0.0, 9.0)
