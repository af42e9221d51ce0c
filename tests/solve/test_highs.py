"""The embedded solver behind its one module: what a run returns, what its callback hears, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from planner.errors import PlannerError
from planner.solve.arrays import INFINITY, NewRow
from planner.solve.highs import Engine
from planner.symbols import Constraint, Row
from tests.solve.tiny import arrays_of, offers


def test_a_linear_run_returns_duals_that_explain_its_cost():
    """Law: reduced costs are costs less the duals by column, and the duals price the sides to the objective."""
    arrays = offers(0).mip.arrays.relaxed()
    result = Engine(arrays).run()
    assert result.status == "optimal"
    assert result.objective == pytest.approx(arrays.objective(result.x))
    assert arrays.cost - arrays.matrix.T @ result.row_dual == pytest.approx(result.column_dual, abs=1e-9)
    side = np.where(result.row_dual > 0.0, arrays.row_lower, arrays.row_upper)
    priced = np.abs(result.row_dual) > 1e-9
    limits = np.where(result.column_dual > 0.0, arrays.lower, arrays.upper)
    at_limit = np.abs(result.column_dual) > 1e-9
    total = arrays.offset + result.row_dual[priced] @ side[priced] + result.column_dual[at_limit] @ limits[at_limit]
    assert total == pytest.approx(result.objective)


@pytest.mark.parametrize("seed", range(5))
def test_a_mixed_integer_run_ends_at_the_optimum(seed):
    """Law: point, objective and bound are those of the program, known by enumeration; there are no duals."""
    given = offers(seed)
    result = Engine(given.mip.arrays).run()
    assert result.status == "optimal"
    assert result.objective == pytest.approx(given.optimum)
    assert result.bound == pytest.approx(given.optimum)
    assert given.mip.arrays.worst_violation(result.x) <= 1e-6
    assert result.row_dual is None


@pytest.mark.parametrize(
    ("row_lower", "cost", "status"),
    [(5.0, 1.0, "infeasible"), (1.0, -1.0, "unbounded"), (1.0, 1.0, "optimal")],
)
def test_verdicts_have_their_values(row_lower, cost, status):
    """Law: infeasible costs infinitely much, unbounded infinitely little, and neither has a point."""
    arrays = arrays_of([cost, 0.0], [[1.0, 1.0], [0.0, 1.0]], [1.0, row_lower], [INFINITY, 4.0])
    result = Engine(arrays).run()
    assert result.status == status
    if status != "optimal":
        assert result.x is None
        assert result.objective == result.bound == (INFINITY if status == "infeasible" else -INFINITY)


def test_a_program_without_a_point_has_a_ray_that_proves_it():
    """Law: multipliers of the rows add them up to one that no point within the limits satisfies."""
    arrays = arrays_of([1.0], [[1.0], [1.0]], [2.0, -INFINITY], [INFINITY, 1.0], upper=9.0)
    engine = Engine(arrays)
    assert engine.run(presolve="off").status == "infeasible"
    ray = engine.dual_ray()
    assert ray is not None
    combined = ray @ arrays.matrix.toarray()
    side = ray @ np.where(ray > 0.0, np.where(np.isfinite(arrays.row_lower), arrays.row_lower, 0.0), arrays.row_upper)
    most = float(np.maximum(combined * arrays.lower, combined * arrays.upper).sum())
    assert abs(side) > 1e-9
    assert most < side or -most > side
    assert Engine(offers(0).mip.arrays).dual_ray() is None


def test_the_callback_hears_better_points_and_may_stop():
    """Law: points get better, bounds no worse, each point satisfies the program; stopped, the run is interrupted."""
    given = offers(3)
    heard = []
    Engine(given.mip.arrays).run(callback=lambda event: bool(heard.append(event)))
    points = [event for event in heard if event.x is not None]
    assert points
    assert all(given.mip.arrays.worst_violation(event.x) <= 1e-6 for event in points)
    costs = [event.objective for event in points]
    assert costs == sorted(costs, reverse=True)
    stopped = Engine(given.mip.arrays).run(callback=lambda _event: True, presolve="off")
    assert stopped.status in ("interrupted", "optimal", "gap")  # it may have ended before it looked


def test_a_callback_of_an_earlier_run_is_not_called_again():
    """Law: each run has its own callback; those of before hear nothing more."""
    engine = Engine(offers(3).mip.arrays)
    first, second = [], []
    engine.run(callback=lambda event: bool(first.append(event)))
    count = len(first)
    engine.run(callback=lambda event: bool(second.append(event)))
    assert len(first) == count


def test_rows_are_added_to_a_program_in_the_solver():
    """Law: solved, cut off, and solved again from its basis: the optimum is that of the longer program."""
    arrays = offers(1).mip.arrays.relaxed()
    engine = Engine(arrays)
    before = engine.run()
    width = arrays.column_count
    row = NewRow(Row(Constraint("cut"), 0), np.array([0, 1, 2], dtype=np.int32), np.ones(3), 2.5, INFINITY)
    engine.add_rows(0, [row])
    after = engine.run()
    assert after.objective == pytest.approx(Engine(arrays.extended([], [row])).run().objective)
    assert after.objective >= before.objective
    assert after.x[:3].sum() >= 2.5 - 1e-6
    engine.add_rows(
        1, [replace(row, index=np.array([0, width], dtype=np.int32), value=np.array([1.0, -1.0]), lower=0.0)]
    )
    wider = engine.run()
    assert len(wider.x) == width + 1
    assert wider.objective == pytest.approx(after.objective)


def test_a_start_is_as_good_as_a_plan_found():
    """Law: with a node limit of zero and no heuristics a run ends with a plan no dearer than its MIP start."""
    given = offers(4)
    best = Engine(given.mip.arrays).run()
    engine = Engine(given.mip.arrays)
    engine.set_start(best.x)
    result = engine.run(mip_max_nodes=0, mip_heuristic_effort=0.0)
    assert result.objective == pytest.approx(best.objective)


def test_an_option_that_the_solver_does_not_know_is_refused_by_name():
    """Law: a wrong name or value is an error that names both, not a run without the option."""
    engine = Engine(offers(0).mip.arrays)
    with pytest.raises(PlannerError, match="no_such_option = 3"):
        engine.run(no_such_option=3)
    with pytest.raises(PlannerError, match="presolve = 'perhaps'"):
        engine.run(presolve="perhaps")


@pytest.mark.parametrize("fault", ["infinite coefficient", "column out of range", "infinite lower limit"])
def test_a_program_that_is_none_fails(fault):
    """Law: what the solver refuses to read is a failed run, without a point and without an exception, every time."""
    arrays = offers(0).mip.arrays
    matrix, lower = arrays.matrix.copy(), arrays.lower.copy()
    if fault == "infinite coefficient":
        matrix.data[0] = INFINITY
    elif fault == "column out of range":
        matrix.indices[0] = arrays.column_count
    else:
        lower[0] = INFINITY
    engine = Engine(replace(arrays, matrix=matrix, lower=lower))
    for _ in range(2):
        result = engine.run()
        assert (result.status, result.x, result.bound) == ("failed", None, -INFINITY)


def test_limits_of_one_run_do_not_hold_for_the_next():
    """Law: nodes and target are those of a run; the next one is solved to the end."""
    given = offers(2)
    engine = Engine(given.mip.arrays)
    engine.run(mip_max_nodes=0, objective_target=1e9, presolve="off")
    assert engine.run().objective == pytest.approx(given.optimum)


def test_a_time_limit_is_that_of_the_run_alone():
    """Law: what earlier runs took does not count: the solver's own clock goes on from run to run."""
    engine = Engine(offers(0).mip.arrays.relaxed())
    engine.run()
    spent = engine._highs.getRunTime()
    engine.run(time_limit_s=50.0)
    assert engine._highs.getOptionValue("time_limit")[1] == pytest.approx(50.0 + spent, abs=1e-9)


def test_columns_are_added_to_a_program_in_the_solver():
    """Law: a program that grew by columns has the optimum of the program that had them from the beginning."""
    whole = arrays_of([2.0, 1.0], [[1.0, 1.0]], [3.0], [INFINITY], upper=[INFINITY, 2.0])
    first = Engine(arrays_of([2.0], [[1.0]], [3.0], [INFINITY]))
    assert first.run().objective == pytest.approx(6.0)
    first.add_columns(np.array([1.0]), np.array([0.0]), np.array([2.0]), sparse.csc_array([[1.0]]))
    grown = first.run()
    assert grown.x == pytest.approx([1.0, 2.0])
    assert grown.objective == pytest.approx(Engine(whole).run().objective)
