"""The least violation of limits, by hand."""

import pytest

from planner.explain.conflict_limits import Limit, Part
from planner.explain.conflict_places import Places
from planner.explain.conflict_violations import violations_of
from planner.solve.arrays import INFINITY
from planner.solve.highs import Engine
from planner.solve.linear import Judge
from tests.solve.tiny import arrays_of

ASKED, ALLOWED, MISSING = (Part(Limit(kind)) for kind in ("demand", "supply", "financing"))


def arrays(allowed: float):
    """At least 3 of x, of which so much is allowed; and no y, of which there may be 4 if its limit is left out."""
    return arrays_of(
        [0.0, 0.0], [[1.0, 1.0], [1.0, 0.0]], [3.0, -INFINITY], [INFINITY, allowed],
        upper=[10.0, 0.0], integer=[],
    )  # fmt: skip


PLACES = {ASKED: Places(rows=[0]), ALLOWED: Places(rows=[1])}


def test_the_duals_of_a_violation_prove_the_conflict():
    """Law: with 1 of 3 allowed, 2 are violated, at the scale of the row at least; the duals prove it."""
    program = violations_of(arrays(1.0), PLACES)
    result = Engine(program).run()
    assert result.objective == pytest.approx(2.0 / 4.0)  # of the first row, whose scale is 1 + 3
    assert Judge(arrays(1.0)).infeasible(result.row_dual)


def test_where_nothing_is_violated_the_point_keeps_all():
    """Law: with 3 allowed, or a bound that may be exceeded without being asked for, there is a point."""
    result = Engine(violations_of(arrays(3.0), PLACES)).run()
    assert result.objective == pytest.approx(0.0, abs=1e-9)
    assert Judge(arrays(3.0)).feasible(result.x[:2])


def test_bounds_of_columns_may_be_violated_too():
    """Law: a bound that belongs to a part is violated at its own price, up to what the column has without the part."""
    places = {MISSING: Places(columns=[1], lower=[0.0], upper=[4.0])}
    result = Engine(violations_of(arrays(1.0), places)).run()
    assert result.x[1] == pytest.approx(2.0)
    assert result.objective == pytest.approx(2.0)
    assert Judge(arrays(1.0)).infeasible(result.row_dual)
