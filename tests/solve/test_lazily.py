"""Cuts for a solver that separates while it runs: the same cuts as the program would have, in the columns it has."""

import numpy as np
import pytest

from planner import Case
from planner.program import build_program
from planner.runs.compile import make_mip
from planner.solve.lazily import LazyCuts
from tests.cases import make_case


@pytest.fixture(scope="module")
def mip():
    """A program with rules whose cuts are not all there."""
    inputs = Case.of(make_case(full=True)).inputs
    return make_mip(build_program(inputs), inputs)


def _without_backup(mip) -> np.ndarray:
    return np.minimum(mip.arrays.upper, np.where(mip.arrays.integer, 1.0, 0.01))


@pytest.mark.parametrize("relieved", [False, True])
def test_a_row_lacks_at_a_point_what_the_cut_of_the_program_lacks(mip, relieved):
    """Law: with the sum in the place of its column, a cut has the same activity and need; it is given once."""
    mip = mip.relieved() if relieved else mip
    x = _without_backup(mip)
    lazy = LazyCuts(mip)
    rows = lazy.violated(x)
    assert rows
    assert lazy.violated(x) == []
    assert [row.cut for row in rows] == lazy.given
    wider, _, new = mip.with_cuts(lazy.given)
    point = np.concatenate([x, np.zeros(wider.arrays.column_count - len(x))])
    for (weights, t), column in wider.coverable.items():
        per_gw = wider.network.in_period(t).coefficients(np.array(weights))
        point[column] = per_gw @ wider.installed_gw(point)[t]
    theirs = [row for row in new if np.isposinf(row.upper)]
    for ours, other in zip(rows, theirs, strict=True):
        assert ours.lower == pytest.approx(other.lower)
        assert ours.value @ x[ours.index] == pytest.approx(other.value @ point[other.index])
        assert ours.value @ x[ours.index] < ours.lower
        assert set(ours.index) <= set(lazy.columns())


def test_cuts_of_the_program_are_known(mip):
    """Law: what a point misses of a cut that the solver has is its tolerance, and is not given again."""
    x = _without_backup(mip)
    wider = mip.with_cuts(mip.violated_cuts(x))[0]
    assert LazyCuts(wider).violated(np.concatenate([x, np.zeros(wider.arrays.column_count - len(x))])) == []
