"""Proofs checked outside the solver: what is accepted is true, and what is wrong, whoever says it, is refused."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import linprog

from planner.solve.arrays import INFINITY, Arrays
from planner.solve.certificate import (
    ROW_TOLERANCE,
    Box,
    _rows_with,
    box_of,
    contradiction,
    costs_at_least_nothing,
    implied_bounds,
    is_unbounded_ray,
    safe_bound,
)
from planner.solve.highs import Engine, SolverResult
from planner.solve.linear import Judge, _better, solve_linear
from planner.symbols import Column, Constraint, Row, Variable
from tests.length import thinned


def program(cost, matrix, row_lower, row_upper, lower=None, upper=None, offset=0.0) -> Arrays:
    """A continuous program; columns from 0 on without limit unless said otherwise."""
    matrix = np.array(matrix, dtype=float)
    rows, columns = matrix.shape
    none = np.zeros(columns, dtype=bool)
    return Arrays(
        cost=np.array(cost, dtype=float),
        offset=offset,
        lower=np.zeros(columns) if lower is None else np.array(lower, dtype=float),
        upper=np.full(columns, INFINITY) if upper is None else np.array(upper, dtype=float),
        integer=none,
        implied=none,
        declared=none,
        matrix=sparse.csr_array(matrix),
        row_lower=np.array(row_lower, dtype=float),
        row_upper=np.array(row_upper, dtype=float),
        columns=tuple(Column(Variable("x"), j) for j in range(columns)),
        rows=tuple(Row(Constraint("r"), i) for i in range(rows)),
    )


def draw(seed: int) -> Arrays:
    """A random small program: sides of rows and limits of columns of every kind, some without a solution."""
    random = np.random.default_rng(seed)
    rows, columns = random.integers(1, 7), random.integers(1, 7)
    matrix = np.round(random.normal(size=(rows, columns)), 2) * (random.random((rows, columns)) < 0.7)
    centre = np.round(matrix @ random.uniform(0, 2, columns) + random.normal(scale=1.0, size=rows), 2)
    width = np.where(random.random(rows) < 0.3, 0.0, np.round(random.random(rows), 2))
    row_lower = np.where(random.random(rows) < 0.3, -INFINITY, centre)
    row_upper = np.where(random.random(rows) < 0.3, INFINITY, centre + width)
    lower = np.where(random.random(columns) < 0.2, -INFINITY, 0.0)
    upper = np.where(random.random(columns) < 0.5, INFINITY, np.round(random.uniform(0, 3, columns), 1))
    cost = np.round(random.normal(size=columns) + 0.5, 2)
    return program(cost, matrix, row_lower, row_upper, lower, upper, offset=1.0)


def by_scipy(arrays: Arrays):
    """The same program by an interface of its own."""
    dense = arrays.matrix.toarray()
    low, up = np.isfinite(arrays.row_lower), np.isfinite(arrays.row_upper)
    a = np.vstack([dense[up], -dense[low]])
    b = np.concatenate([arrays.row_upper[up], -arrays.row_lower[low]])
    bounds = [(None if np.isinf(one) else one, None if np.isinf(two) else two) for one, two in limits(arrays)]
    found = linprog(arrays.cost, A_ub=a, b_ub=b, bounds=bounds)
    if found.status == 4 or (found.status == 2 and found.x is None):
        # "infeasible or unbounded": whether there is a point decides.
        point = linprog(np.zeros(len(arrays.cost)), A_ub=a, b_ub=b, bounds=bounds)
        return ("infeasible" if point.status == 2 else "unbounded"), None
    return {0: "optimal", 3: "unbounded"}[found.status], found.fun


def limits(arrays: Arrays):
    """Pairs of limits."""
    return zip(arrays.lower, arrays.upper, strict=True)


def run(engine: Engine, options) -> SolverResult:
    """Run an engine as it is."""
    return engine.run(**options)


@pytest.mark.parametrize("seed", thinned(range(80), 8))
def test_random_programs_end_as_another_interface_says_and_every_verdict_is_proven(seed):
    """Solved, infeasible or unbounded agrees with scipy; the proof handed back passes the check by itself."""
    arrays = draw(seed)
    found = solve_linear(arrays, Engine, run)
    status, cost = by_scipy(arrays)
    assert found.status == status
    judge = Judge(arrays)
    if status == "optimal":
        assert found.objective == pytest.approx(cost + arrays.offset, abs=1e-6)
        assert judge.bound(found.row_dual) == pytest.approx(found.objective, abs=1e-4)  # columns may reach 1e9
        assert found.bound <= found.objective
    elif status == "infeasible":
        assert judge.infeasible(found.row_dual)
    else:
        assert is_unbounded_ray(arrays, found.x)


@pytest.mark.parametrize("seed", thinned(range(80), 8))
def test_no_multipliers_prove_a_feasible_program_infeasible_or_a_bound_above_its_optimum(seed):
    """Random multipliers, duals perturbed and duals of other programs: nothing false is ever proven."""
    arrays = draw(seed)
    status, cost = by_scipy(arrays)
    random = np.random.default_rng(seed)
    found = solve_linear(arrays, Engine, run)
    tried = [random.normal(size=arrays.row_count) * 10.0**power for power in (-6, 0, 6)]
    if found.row_dual is not None:
        tried += [found.row_dual + random.normal(scale=size, size=arrays.row_count) for size in (1e-9, 1e-3, 1.0)]
        tried += [-found.row_dual, 1e12 * found.row_dual]
    box, loose = box_of(arrays), box_of(arrays, ROW_TOLERANCE)
    for y in tried:
        if status != "infeasible":
            assert contradiction(arrays, y, loose) <= ROW_TOLERANCE
        if status == "optimal":
            assert safe_bound(arrays, y, box) <= cost + arrays.offset + 1e-9


def test_a_wrong_certificate_of_an_infeasible_program_is_refused():
    """Two rows contradict each other: multipliers of others, of one, or no numbers prove nothing; the right ones do."""
    arrays = program([1, 1], [[1, 1], [1, 1], [1, 0]], [3, -INFINITY, 0], [INFINITY, 2, INFINITY])
    judge = Judge(arrays)
    assert judge.infeasible(np.array([1.0, -1.0, 0.0]))
    assert judge.infeasible(np.array([2.0, -1.9, 0.0]))  # columns are limited by the second row: still a proof
    for wrong in ([1, 0, 0], [0, -1, 0], [0, 0, 1], [1, -0.4, 0], [0, 0, 0], [np.nan, 1, 1], [np.inf, -1, 0]):
        assert not judge.infeasible(np.array(wrong, dtype=float))
    assert not judge.infeasible(np.array([1.0, -1.0]))
    assert not judge.infeasible(None)


def test_limits_that_cross_need_no_multipliers():
    """A column whose limits contradict each other is proof enough."""
    arrays = program([1], [[1]], [0], [5], lower=[2], upper=[1])
    assert Judge(arrays).infeasible(None)
    assert solve_linear(arrays, Engine, run).status == "infeasible"


@pytest.mark.parametrize(
    ("short", "status"), [(1e-12, "optimal"), (5e-8, "optimal"), (1e-6, "infeasible"), (1, "infeasible")]
)
def test_what_is_short_by_less_than_the_tolerance_is_feasible(short, status):
    """Supply short of demand by less than the tolerance of rows is feasible, by more not, by any way of solving."""
    arrays = program([1, 2], [[1, 1], [1, 1], [1, 0]], [3.0 + short, -INFINITY, 0], [INFINITY, 3.0, INFINITY])
    assert solve_linear(arrays, Engine, run).status == status
    told = SolverResult("failed", None, INFINITY, -INFINITY, 0.0)
    engine = Engine(arrays)
    assert solve_linear(arrays, Engine, run, (engine, told)).status == status


def test_limits_implied_by_rows_are_those_of_the_feasible_points():
    """Columns without limits get those that rows imply, chained, of either sign; no feasible point is cut off."""
    arrays = program(
        [0, 0, 0],
        [[2, 1, 0], [0, -1, 1], [1, 0, 1]],
        [-INFINITY, -INFINITY, -4],
        [6, 1, INFINITY],
        lower=[0, 0, -INFINITY],
    )
    box = box_of(arrays)
    assert box.upper == pytest.approx([3, 6, 7])
    assert box.lower == pytest.approx([0, 0, -7])


def test_a_direction_that_breaks_a_row_or_costs_does_not_pay_for_itself():
    """Only a direction that keeps all rows and limits for ever and earns counts."""
    arrays = program([-1, 1], [[1, -1]], [-INFINITY], [2], upper=[INFINITY, 5])
    assert not is_unbounded_ray(arrays, np.array([1.0, 0.0]))
    assert not is_unbounded_ray(arrays, np.array([1.0, 1.0]))
    free = program([-2, 1], [[1, -1]], [-INFINITY], [2])
    assert is_unbounded_ray(free, np.array([1.0, 1.0]))
    assert not is_unbounded_ray(free, np.array([-1.0, -1.0]))
    assert not is_unbounded_ray(free, np.array([0.0, 1.0]))
    assert free.earners(np.array([1.0, 1.0])) == "x of 0"


def test_a_limit_implied_far_away_is_a_limit():
    """A column that a row keeps below 3e9 may reach 3e9: a bound that takes a billion for its end is wrong."""
    far = program([-1], [[1e-3]], [-INFINITY], [3e6])
    assert box_of(far).upper == pytest.approx([3e9])
    assert safe_bound(far, np.zeros(1), box_of(far)) == pytest.approx(-3e9)
    chain = program([-1, 0], [[1, -1], [0, 1e-6]], [-INFINITY, -INFINITY], [0, 5e4])
    assert box_of(chain).upper == pytest.approx([5e10, 5e10])


@pytest.mark.parametrize("need", [2e9, 1e15])
def test_a_column_without_limit_can_reach_what_it_must(need):
    """``x >= 2e9`` with x free to grow has a point; no multiplier proves that it has none."""
    arrays = program([1], [[1]], [need], [INFINITY])
    assert not Judge(arrays).infeasible(np.ones(1))
    endless = program([-1], [[-1]], [-INFINITY], [0])
    assert safe_bound(endless, np.zeros(1), box_of(endless)) == -INFINITY
    found = solve_linear(arrays, Engine, run)
    assert (found.status, found.objective) == ("optimal", pytest.approx(need))


@pytest.mark.parametrize("part", [1e-7, 1e-8, 1e-9])
def test_a_way_that_ends_far_away_is_not_without_end(part):
    """Rows ``(1 + part) x <= y <= x + 5`` end at x = 5 / part: that is the optimum, and nothing pays without end."""
    arrays = program([-1, 0], [[1 + part, -1], [-1, 1]], [-INFINITY, -INFINITY], [0, 5])
    assert not is_unbounded_ray(arrays, np.ones(2))
    found = solve_linear(arrays, Engine, run)
    assert found.status != "unbounded"
    assert found.bound <= -5 / part * (1 - 1e-6)
    assert is_unbounded_ray(program([-1, 0], [[1, -1], [-1, 1]], [-INFINITY, -INFINITY], [0, 5]), np.ones(2))


def test_the_margin_of_implied_limits_grows_with_the_row():
    """A sum of many terms is rounded many times: the limit that a long row implies leaves room for that."""
    count = 20_000
    arrays = program(np.zeros(count + 1), np.ones((1, count + 1)), [-INFINITY], [1.0], lower=[*np.full(count, -0.1), 0])
    limit = box_of(arrays).upper[-1] - (1.0 + 0.1 * count)
    assert limit >= count * np.finfo(float).eps * 0.1 * count


def test_the_better_of_two_optima_claims_no_bound_above_its_own_cost():
    """A bound that duals prove may exceed the cost of a point that breaks rows a little; both together must agree."""
    arrays = program([1.0], [[1.0]], [2.0], [INFINITY])
    loose = SolverResult("optimal", np.array([2.0 - 1e-7]), 2.0 - 1e-7, 2.0, 0.0, np.ones(1), np.zeros(1))
    found = _better(Judge(arrays), None, loose)
    assert found is not None
    assert found.bound <= found.objective


class _Forgetful(Engine):
    """An engine that gives up on the program itself, and has no ray: only what is elastic is solved."""

    columns = 0

    def __init__(self, arrays: Arrays) -> None:
        super().__init__(arrays)
        self._mute = arrays.column_count == _Forgetful.columns

    def run(self, **options) -> SolverResult:
        if self._mute:
            return SolverResult("failed", None, INFINITY, -INFINITY, 0.0)
        return super().run(**options)

    def dual_ray(self):
        return None


@pytest.mark.parametrize("seed", thinned(range(40), 3, 1))
def test_without_any_word_of_the_solver_on_the_program_the_elastic_one_decides(seed):
    """With a solver that never has a verdict, infeasible programs are still proven so, and the others have a point."""
    arrays = draw(seed)
    status, cost = by_scipy(arrays)
    _Forgetful.columns = arrays.column_count
    found = solve_linear(arrays, _Forgetful, run)
    assert (found.status == "infeasible") == (status == "infeasible")
    if status == "infeasible":
        assert Judge(arrays).infeasible(found.row_dual)
    else:
        assert arrays.worst_violation(found.x) <= 1e-6
    if status == "optimal":
        assert found.bound <= cost + arrays.offset + 1e-9


@pytest.mark.parametrize("seed", range(30))
def test_rows_without_a_column_say_nothing_of_it(seed):
    """Law: the bounds that the rows of some columns imply for these are those that all rows imply."""
    arrays = draw(seed)
    some = np.random.default_rng(seed).random(arrays.column_count) < 0.4
    fewer, whole = (implied_bounds(one, arrays.lower, arrays.upper) for one in (_rows_with(arrays, some), arrays))
    for few, every in zip(fewer, whole, strict=True):
        assert (few[some] == every[some]).all()


@pytest.mark.parametrize("seed", thinned(range(30), 3, 1))
def test_a_box_that_begins_with_that_of_fewer_rows_loses_no_point(seed):
    """Law: bounds from those of the same program with fewer rows and columns hold for every point of the program."""
    arrays = draw(seed)
    rows, columns = np.arange(arrays.row_count) < 1, max(1, arrays.column_count - 1)
    fewer = arrays.with_rows_kept(rows)
    known = box_of(fewer)
    box = box_of(arrays, known=Box(known.lower[:columns], known.upper[:columns]))
    for j in range(arrays.column_count):
        for sign, end in ((1.0, box.lower[j]), (-1.0, box.upper[j])):
            status, least = by_scipy(arrays.with_cost(sign * np.eye(arrays.column_count)[j]))
            if status == "optimal":
                assert sign * end <= least + 1e-6


@pytest.mark.parametrize("seed", thinned(range(60), 3, 1))
def test_signs_say_that_nothing_costs_less_than_zero_only_where_it_is_so(seed):
    """Law: where signs say it, no point costs less than zero; of costs and amounts never negative they say it."""
    arrays = draw(seed)
    status, least = by_scipy(arrays)
    if costs_at_least_nothing(arrays):
        assert status == "infeasible" or (status == "optimal" and least + arrays.offset >= -1e-9)
    nothing = np.zeros(arrays.column_count)
    assert costs_at_least_nothing(replace(arrays, cost=np.abs(arrays.cost), offset=0.0, lower=nothing))
