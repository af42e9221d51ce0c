"""Programs as arrays: what a point costs and violates, parts of programs, and restrictions around a point."""

from dataclasses import replace

import numpy as np
import pytest

from planner import Case
from planner.program import build_program
from planner.runs.compile import make_mip
from planner.solve.arrays import INFINITY, Arrays, NewRow, around, kernel
from planner.symbols import Column, Constraint, Row, Variable
from tests.solve.tiny import arrays_of


@pytest.fixture(scope="module")
def arrays() -> Arrays:
    """A compiled program."""
    inputs = Case.read("three_sites").inputs
    return make_mip(build_program(inputs), inputs).arrays


def test_a_kernel_frees_what_is_used_and_the_cheapest_of_the_rest(arrays):
    """As many unused integer variables are free as asked for, lowest reduced cost first; all others stay at zero."""
    integer = np.flatnonzero(arrays.integer)
    x = np.zeros(arrays.column_count)
    used, rest = integer[:3], integer[3:]
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
    """Without more, every unused integer variable is fixed."""
    small = around(arrays, np.zeros(arrays.column_count), 1.0)
    assert (small.upper[arrays.integer] == arrays.lower[arrays.integer]).all()


def small() -> Arrays:
    """``x + 2 y >= 2``, ``x - y = 0.5``, ``0 <= x <= 3``, ``y`` integer up to 4; cost ``1 + 3 x + y``."""
    return arrays_of(
        [3.0, 1.0], [[1.0, 2.0], [1.0, -1.0]], [2.0, 0.5], [INFINITY, 0.5], upper=[3.0, 4.0], integer=[1], offset=1.0
    )


@pytest.mark.parametrize(
    ("x", "worst"),
    [
        ([1.5, 1.0], 0.0),
        ([1.0, 0.5], 0.5),  # y is half-way between integers
        ([3.5, 3.0], 0.5),  # x is above its limit
        ([-0.5, -1.0], 4.5 / 3.0),  # the first row lacks 4.5, relative to 1 and its side of 2
        ([2.0, 1.0], 0.5 / 1.5),  # the second is off by 0.5, relative to 1 and its side of 0.5
        ([0.5, 0.0], 1.5 / 3.0),
    ],
)
def test_the_worst_violation_is_that_of_rows_limits_and_integrality(x, worst):
    """Law: rows relative to 1 and their smaller side, limits and integrality as they are; the largest counts."""
    assert small().worst_violation(np.array(x)) == pytest.approx(worst)


def test_violations_of_some_rows_are_those_rows_alone():
    """Law: asked for some rows, neither other rows nor limits nor integrality count."""
    x = np.array([5.0, 0.5])
    assert small().worst_violation(x, np.array([0])) == 0.0
    assert small().worst_violation(x, np.array([1])) == pytest.approx(4.0 / 1.5)
    assert small().relaxed().worst_violation(np.array([1.0, 0.5])) == 0.0


def test_the_objective_counts_its_offset():
    """Law: cost of a point is offset and cost by column; another objective leaves the rows."""
    arrays = small()
    assert arrays.objective(np.array([1.5, 1.0])) == pytest.approx(6.5)
    other = arrays.with_cost(np.array([0.0, 2.0]), 7.0)
    assert other.objective(np.array([1.5, 1.0])) == pytest.approx(9.0)
    assert (other.matrix != arrays.matrix).nnz == 0


def test_parts_of_the_rows_keep_their_names():
    """Law: kept or taken in any order, a row has its own sides, coefficients and key."""
    arrays = small()
    kept = arrays.with_rows_kept(np.array([False, True]))
    assert (kept.rows, kept.row_count) == ((arrays.rows[1],), 1)
    taken = arrays.with_rows_taken(np.array([1, 0]))
    assert taken.rows == arrays.rows[::-1]
    assert (taken.row_lower == arrays.row_lower[::-1]).all()
    assert (taken.matrix.toarray() == arrays.matrix.toarray()[::-1]).all()
    assert (taken.with_rows_taken(np.array([1, 0])).matrix != arrays.matrix).nnz == 0


def test_more_columns_and_rows_leave_what_was_there():
    """Law: new columns cost nothing, are continuous, from 0 on without limit; a new row may use them."""
    arrays = small()
    key = Row(Constraint("mine"), None)
    row = NewRow(key, np.array([0, 2], dtype=np.int32), np.array([1.0, -1.0]), 0.0, 0.0)
    wide = arrays.extended([Column(Variable("mine"), None)], [row])
    assert (wide.column_count, wide.row_count) == (3, 3)
    assert (wide.cost[2], wide.lower[2], wide.upper[2], wide.integer[2]) == (0.0, 0.0, INFINITY, False)
    x = np.array([1.5, 1.0, 1.5])
    assert wide.worst_violation(x) == 0.0
    assert wide.objective(x) == arrays.objective(x[:2])
    assert wide.worst_violation(np.array([1.5, 1.0, 2.5])) == pytest.approx(1.0)
    assert wide.rows[:2] == arrays.rows


def test_a_part_has_its_columns_and_rows_in_the_given_order():
    """Law: the entries, costs, limits and keys of the columns and rows named, and the offset; nothing else."""
    arrays = small()
    part = arrays.part(np.array([1, 0]), np.array([1]))
    assert part.matrix.toarray().tolist() == [[-1.0, 1.0]]
    assert (part.cost.tolist(), part.upper.tolist(), part.integer.tolist()) == ([1.0, 3.0], [4.0, 3.0], [True, False])
    assert (part.row_lower.tolist(), part.row_upper.tolist(), part.offset) == ([0.5], [0.5], 1.0)
    assert part.columns == (arrays.columns[1], arrays.columns[0])
    assert part.rows == (arrays.rows[1],)


@pytest.mark.parametrize("width", [0, 1, 2, 3, 5])
def test_integer_variables_are_fixed_at_those_of_a_point(width):
    """Law: rounded and within the bounds; those beyond the point or NaN there stay free, and so do continuous ones.

    A point may be longer or shorter than the program: it may come from one with other columns after the same ones.
    """
    program = replace(
        small().extended([Column(Variable("mine"), None)], []),
        integer=np.array([True, False, True]),
        lower=np.zeros(3),
        upper=np.array([4.0, 4.0, 4.0]),
    )
    point = np.array([9.0, 1.5, 1.6, 7.0, 7.0])[:width]
    fixed = program.with_integers_at(point)
    expected = [(4.0, 4.0) if width > 0 else (0.0, 4.0), (0.0, 4.0), (2.0, 2.0) if width > 2 else (0.0, 4.0)]
    assert list(zip(fixed.lower, fixed.upper, strict=True)) == expected
    unknown = program.with_integers_at(np.full(width, np.nan))
    assert (unknown.lower == program.lower).all()
    assert (unknown.upper == program.upper).all()


def test_what_saves_most_in_a_direction_is_named_first():
    """Law: only columns whose cost falls are named, those that save most first."""
    arrays = small().with_cost(np.array([-2.0, -5.0]))
    assert arrays.earners(np.array([1.0, 1.0])) == "x of 1, x of 0"
    assert arrays.earners(np.array([1.0, 1.0]), most=1) == "x of 1"
    assert arrays.earners(np.array([-1.0, 1.0])) == "x of 1"


@pytest.mark.parametrize("width", [1.0, 2.0])
@pytest.mark.parametrize("seed", range(5))
def test_a_point_is_within_reach_of_the_restriction_around_it(arrays, width, seed):
    """Law: integers that a point uses may move by the width and no further, and never beyond their own limits."""
    rng = np.random.default_rng(seed)
    x = np.where(rng.random(arrays.column_count) < 0.5, 0.0, rng.uniform(0.1, 1.0, arrays.column_count))
    x = np.minimum(x, arrays.upper)
    near = around(arrays, x, width)
    used = arrays.integer & (x > arrays.lower + 1e-6)
    assert (near.upper[used] <= np.ceil(x[used]) + width).all()
    assert (near.upper <= arrays.upper).all()
    assert (near.lower >= arrays.lower).all()
    assert (near.lower[used] <= x[used]).all()
    assert (near.upper[used] >= x[used]).all()
