"""The relaxation: its duals belong to the rows of the program, whatever was added, held back or left out on the way."""

import numpy as np
import pytest

from planner import Case
from planner.options import SolveOptions
from planner.program import build_program
from planner.runs.compile import make_mip
from planner.solve import settings
from planner.solve.mip import LINK, Links, MixedIntegerProgram
from planner.solve.points import padded
from planner.solve.relaxation import relax
from planner.solve.state import State
from tests.solve.test_penalties import draw, mip_of


def mip(*texts: str) -> MixedIntegerProgram:
    """A compiled case of three sites, with changes, that must serve all demand."""
    inputs = Case.read("three_sites", changes=texts).inputs
    found = make_mip(build_program(inputs), inputs)
    upper = found.arrays.upper.copy()
    upper[found.unserved] = 0.0
    return found.with_arrays(found.arrays.with_bounds(found.arrays.lower, upper))


def begin(found: MixedIntegerProgram) -> State:
    """A run at its beginning."""
    return State.beginning(found, SolveOptions(gap=0.0), lambda _progress: False)


def check(found: MixedIntegerProgram) -> State:
    """Reduced costs follow from the duals of the rows in their order, and the duals have the sign of their side."""
    state = begin(found)
    result = relax(state)
    arrays = state.mip.arrays
    assert len(result.row_dual) == arrays.row_count
    width = len(result.column_dual)
    reduced = (arrays.cost - arrays.matrix.T @ result.row_dual)[:width]
    assert reduced == pytest.approx(result.column_dual, abs=1e-6 * np.abs(arrays.cost).max())
    activity = arrays.matrix @ padded(state, result.x)
    priced = np.abs(result.row_dual) > 1e-6
    assert priced.any()
    side = np.where(result.row_dual > 0.0, arrays.row_lower, arrays.row_upper)
    assert activity[priced] == pytest.approx(side[priced], abs=1e-5)
    return state


def test_with_redundancy_cuts():
    """Cuts added round by round have their duals in their places."""
    check(mip())


@pytest.mark.parametrize("limit", ["0.8", "9"])
def test_with_the_budget_held_back(limit, monkeypatch):
    """Rows held back have none; rows taken back have theirs where they always were in the program."""
    monkeypatch.setattr(settings, "LARGE_COLUMNS", 0)
    inputs = Case.read(
        "three_sites", changes=(f"budget[2027].cash_limit_busd={limit}", "model.families.redundancy=")
    ).inputs
    found = make_mip(build_program(inputs), inputs)
    cost = found.arrays.cost.copy()
    cost[found.unserved] = 10.0  # dear enough that all is served but for the budget
    state = check(found.with_arrays(found.arrays.with_cost(cost)))
    assert (state.held_back is None) == (limit == "0.8")


@pytest.mark.parametrize("seed", range(4))
def test_with_links(seed):
    """Links are added where violated; those without a price are left out again, and the optimum stays."""
    found, _, _ = mip_of(draw(seed))
    state = check(found)
    links = [number for number, key in enumerate(state.mip.arrays.rows) if key[0] == LINK]
    result = relax(begin(state.mip))
    assert links
    assert result.objective == pytest.approx(state.bound, rel=1e-7)


def test_nearest_links_are_those_cheapest_to_serve():
    """A demand whose link is violated gets its own and those of the cheapest sites; a demand without gets none."""
    served, opened = np.arange(6), np.array([6, 7, 8, 6, 7, 8])
    links = Links(served, opened, np.full(6, 2.0), np.array([0, 0, 0, 1, 1, 1]))
    x = np.array([2.0, 0, 0, 1.0, 0.5, 0.5, 0.5, 1.0, 1.0])
    reduced = np.array([3.0, 1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    rows = links.nearest(x, reduced, 1)
    assert [row.key for row in rows] == [(LINK, 0), (LINK, 1)]
    assert [list(row.index) for row in rows] == [[0, 6], [1, 7]]
    assert links.nearest(np.ones(9), reduced, 1) == []
