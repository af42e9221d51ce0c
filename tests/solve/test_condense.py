"""Columns that are a multiple of an integer variable are eliminated, and restored in the answer."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from planner.solve.arrays import Arrays
from planner.solve.condense import condense, spell_out
from planner.solve.highs import Engine
from planner.symbols import Column, Constraint, Row, Variable
from tests.length import thinned

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


def with_sums(seed: int) -> Arrays:
    """Whole blocks ``y``, ``in_force = sum of y``, ``stock = 0.7 in_force + 1``, and rows that limit all of them."""
    rng = np.random.default_rng(seed)
    blocks, sums = 4, 2
    member = rng.integers(0, 2, (sums, blocks)).astype(float)
    member[:, 0] = 1.0
    in_force = np.hstack([-member, np.eye(sums), np.zeros((sums, sums + 1))])
    stock = np.hstack([np.zeros((sums, blocks)), -1.4 * np.eye(sums), 2.0 * np.eye(sums), np.zeros((sums, 1))])
    cover = rng.integers(0, 4, (3, blocks + 2 * sums + 1)).astype(float)
    cover[:, -1] = rng.integers(0, 2, 3)
    count = blocks + 2 * sums + 1  # the last column is continuous, and no sum
    whole = np.arange(count) < blocks
    return Arrays(
        cost=rng.uniform(0.5, 2.0, count),
        offset=2.0,
        lower=np.zeros(count),
        upper=np.where(whole, 2.0, np.where(np.arange(count) == count - 1, 3.0, np.inf)),
        integer=whole,
        implied=(np.arange(count) >= blocks) & (np.arange(count) < blocks + sums),
        declared=whole,
        matrix=sparse.csr_array(np.vstack([in_force, stock, cover])),
        row_lower=np.concatenate([np.zeros(sums), np.full(sums, 2.0), rng.uniform(4.0, 12.0, 3)]),
        row_upper=np.concatenate([np.zeros(sums), np.full(sums, 2.0), np.full(3, np.inf)]),
        columns=tuple(Column(Variable("x"), j) for j in range(count)),
        rows=tuple(Row(Constraint("r"), i) for i in range(2 * sums + 3)),
    )


@pytest.mark.parametrize("seed", thinned(range(8), 3))
def test_sums_written_out_leave_plans_and_costs_as_they_are(seed):
    """Law: for every choice of blocks, the smaller program has the same least cost, and so has the solver's answer."""
    arrays = with_sums(seed)
    small = spell_out(arrays)
    assert small is not None
    assert (small.arrays.column_count, small.arrays.row_count) == (5, 3)
    best = np.inf
    for choice in itertools.product(range(3), repeat=4):
        y = np.array(choice, dtype=float)
        in_force = arrays.matrix[[0, 1]][:, :4] @ -y
        x = np.concatenate([y, in_force, 1.0 + 0.7 * in_force, [0.0]])
        lacking = (arrays.row_lower - arrays.matrix @ x)[4:]
        weight = arrays.matrix[4:][:, [-1]].toarray()[:, 0]
        x[-1] = max(0.0, *np.where(weight > 0.0, lacking, 0.0))
        z = small.reduce(x)
        assert small.expand(z) == pytest.approx(x)
        assert small.arrays.objective(z) == pytest.approx(arrays.objective(x))
        fits = arrays.worst_violation(x) <= 1e-9
        assert (small.arrays.worst_violation(z) <= 1e-9) == fits
        best = min(best, arrays.objective(x)) if fits else best
    outcome = Engine(arrays, spelled_out=True).run(presolve="off")
    assert outcome.objective == pytest.approx(best)
    assert arrays.worst_violation(outcome.x) <= 1e-6


def test_what_is_no_sum_of_integers_stays():
    """Law: a column with a limit of its own, a negative share or a continuous term keeps its column."""
    arrays = with_sums(0)
    limited = replace(arrays, upper=np.where(np.isinf(arrays.upper), 50.0, arrays.upper))
    negative = replace(arrays, row_lower=arrays.row_lower - 4.0, row_upper=arrays.row_upper - 4.0)
    assert spell_out(limited) is None
    assert spell_out(negative) is None
    assert spell_out(arrays.relaxed()) is None


def test_long_sums_keep_their_columns(monkeypatch):
    """Law: a sum whose elimination would bring too many entries stays, and so does what is made of it."""
    monkeypatch.setattr("planner.solve.condense.MOST_FILL", 0)
    assert spell_out(with_sums(0)) is None


@pytest.mark.parametrize("eliminate", [condense, spell_out])
@pytest.mark.parametrize(("share", "kept"), [(1e-3, False), (1e-5, True)])
def test_nothing_is_eliminated_that_leaves_a_coefficient_the_solver_drops(eliminate, share, kept):
    """Law: a column stays where a product of small coefficients would fall below what the solver keeps.

    ``x = share y`` and ``share x + t >= 1``: from ``share ** 2 = 1e-10`` on HiGHS would drop it, and the plan with it.
    """
    count = 3
    whole = np.array([True, False, False])
    arrays = Arrays(
        cost=np.array([0.0, 0.0, 1.0]),
        offset=0.0,
        lower=np.zeros(count),
        upper=np.array([1e12, np.inf, 5.0]),
        integer=whole,
        implied=np.zeros(count, dtype=bool),
        declared=whole,
        matrix=sparse.csr_array(np.array([[-share, 1.0, 0.0], [0.0, share, 1.0]])),
        row_lower=np.array([0.0, 1.0]),
        row_upper=np.array([0.0, np.inf]),
        columns=tuple(Column(Variable("x"), j) for j in range(count)),
        rows=tuple(Row(Constraint("r"), i) for i in range(2)),
    )
    assert (eliminate(arrays) is None) == kept
