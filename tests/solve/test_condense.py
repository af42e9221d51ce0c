"""Columns that are a multiple of an integer variable are eliminated, and restored in the answer."""

import numpy as np
import pytest
from scipy import sparse

from planner.solve.arrays import Arrays
from planner.solve.condense import condense
from planner.solve.highs import Engine
from planner.symbols import Column, Constraint, Row, Variable

COUNT = 6


def program(seed: int, *, implied: bool = False, limit: float = np.inf) -> Arrays:
    """Random covering rows on ``served`` columns, each of them a multiple of its own binary."""
    rng = np.random.default_rng(seed)
    demand = rng.integers(1, 9, COUNT).astype(float)
    twins = np.hstack([np.eye(COUNT) * 2.0, np.diag(-2.0 * demand)])
    cover = np.hstack([rng.integers(0, 3, (4, COUNT)).astype(float), rng.integers(0, 2, (4, COUNT)).astype(float)])
    upper = np.concatenate([np.full(COUNT, limit), np.ones(COUNT)])
    whole = np.arange(2 * COUNT) >= COUNT
    return Arrays(
        cost=np.concatenate([rng.uniform(0.1, 2.0, COUNT), rng.uniform(1.0, 5.0, COUNT)]),
        offset=3.0,
        lower=np.zeros(2 * COUNT),
        upper=upper,
        integer=whole,
        implied=np.full(2 * COUNT, implied) & ~whole,
        declared=whole,
        matrix=sparse.csr_array(np.vstack([twins, cover])),
        row_lower=np.concatenate([np.zeros(COUNT), cover[:, :COUNT] @ demand * 0.5]),
        row_upper=np.concatenate([np.zeros(COUNT), np.full(4, np.inf)]),
        columns=tuple(Column(Variable("x"), j) for j in range(2 * COUNT)),
        rows=tuple(Row(Constraint("r"), i) for i in range(COUNT + 4)),
    )


@pytest.mark.parametrize("seed", range(8))
def test_the_answer_is_that_of_the_whole_program(seed):
    """The least cost over all choices, by enumeration, is what the solver finds on fewer columns, point and all."""
    arrays = program(seed)
    small = condense(arrays)
    assert small is not None
    assert small.arrays.column_count == COUNT
    assert small.arrays.row_count == 4
    best = np.inf
    for number in range(2**COUNT):
        z = np.array([float(number >> j & 1) for j in range(COUNT)])
        x = small.expand(z)
        assert small.reduce(x) == pytest.approx(z)
        assert arrays.objective(x) == pytest.approx(small.arrays.objective(z))
        if arrays.worst_violation(x) <= 1e-9:
            best = min(best, arrays.objective(x))
    outcome = Engine(arrays).run(presolve="off")
    assert outcome.objective == pytest.approx(best)
    assert arrays.worst_violation(outcome.x) <= 1e-6
    assert arrays.objective(outcome.x) == pytest.approx(best)


def test_a_start_and_news_are_points_of_the_whole_program():
    """A start is handed in, and better points are heard, with all columns."""
    arrays = program(1)
    engine = Engine(arrays)
    engine.set_start(condense(arrays).expand(np.ones(COUNT)))
    heard = []
    engine.run(callback=lambda progress: heard.append(progress.x) or False)
    points = [x for x in heard if x is not None]
    assert points
    assert all(len(x) == 2 * COUNT and arrays.worst_violation(x) <= 1e-6 for x in points)


@pytest.mark.parametrize("other", [{"implied": True}, {"limit": 4.0}])
def test_other_columns_stay(other):
    """A column that the solver is told is whole, or that has a limit of its own, is left where it is."""
    assert condense(program(0, **other)) is None
