"""Programs over scenarios: what is stated as their optimum and bound is so, however small their costs."""

from itertools import product

import numpy as np
import pytest
from scipy import sparse

from planner.options import SolveOptions
from planner.solve.arrays import INFINITY, Arrays
from planner.symbols import Column, Constraint, Row, Variable
from planner.uncertainty.bounding import bound_whole, cost_factor, solve_whole

OPTIONS = SolveOptions(gap=0.0, own_process=False, threads=1)
COLUMNS, MOST = 9, 2


def alike(seed):
    """Two rows to be covered by whole numbers, whose costs of about 1e-3 differ by a thousandth for what they give."""
    rng = np.random.default_rng(seed)
    matrix = rng.integers(3, 12, (2, COLUMNS)).astype(float)
    need = np.floor(matrix.sum(axis=1) * rng.uniform(0.6, 1.2, 2))
    whole, none = np.ones(COLUMNS, dtype=bool), np.zeros(COLUMNS, dtype=bool)
    return Arrays(
        cost=1e-4 * matrix[0] * (1.0 + 1e-3 * rng.random(COLUMNS)),
        offset=0.0,
        lower=np.zeros(COLUMNS),
        upper=np.full(COLUMNS, float(MOST)),
        integer=whole,
        implied=none,
        declared=whole,
        matrix=sparse.csr_array(matrix),
        row_lower=need,
        row_upper=np.full(2, INFINITY),
        columns=tuple(Column(Variable("x"), j) for j in range(COLUMNS)),
        rows=tuple(Row(Constraint("r"), i) for i in range(2)),
    )


def least(arrays):
    """The least cost of all points, one by one."""
    points = np.array(list(product(range(MOST + 1), repeat=COLUMNS)), dtype=float)
    fits = (points @ arrays.matrix.toarray().T >= arrays.row_lower - 1e-9).all(axis=1)
    return float((points[fits] @ arrays.cost).min())


@pytest.mark.parametrize("seed", [41, 55])
def test_small_costs_have_a_true_optimum(seed):
    """Law: with costs near 1e-3 and no gap, plan and bound are those of an enumeration.

    Without costs of order one the solver ends with other points, of 55 also with a bound above the optimum.
    """
    arrays, seen = alike(seed), []
    best = least(arrays)
    found = solve_whole(arrays, OPTIONS, seen.append)
    bounded = bound_whole(arrays, OPTIONS, None)
    assert found.objective == pytest.approx(best, rel=1e-7)
    assert arrays.cost @ found.x == pytest.approx(best, rel=1e-7)
    assert max(found.bound, bounded.bound) <= best * (1.0 + 1e-7)
    assert all(one.objective >= best * (1.0 - 1e-7) and one.bound <= best * (1.0 + 1e-7) for one in seen)
    assert found.mip.arrays.objective(found.x) == pytest.approx(best, rel=1e-7)


def test_only_small_costs_are_multiplied():
    """Law: the factor is a power of two that brings the largest cost between 1 and 2, and 1 where it is larger."""
    arrays = alike(0)
    factor = cost_factor(arrays)
    assert np.log2(factor) == round(np.log2(factor))
    assert 1.0 <= factor * arrays.cost.max() < 2.0
    assert cost_factor(arrays.with_cost(np.full(COLUMNS, 3.0))) == 1.0
    assert cost_factor(arrays.with_cost(np.zeros(COLUMNS))) == 1.0
