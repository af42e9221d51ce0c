"""Bases put together from those of smaller programs: as many basic as rows, and the optimum stays what it is."""

import numpy as np
import pytest

from planner.inputs import make_inputs
from planner.program import list_program
from planner.runs.compile import make_mip
from planner.solve.by_sites import Split
from planner.solve.highs import BASIC, NONBASIC, Engine, statuses
from planner.solve.linear import solve_by_itself
from planner.solve.scaling import scaled
from planner.solve.serve import serving_all
from planner.solve.site_basis import Statuses
from planner.synthetic import generate

DUAL = {"solver": "simplex", "simplex_strategy": 1}


@pytest.fixture(scope="module")
def split():
    """A synthetic case by its sites."""
    inputs = make_inputs(generate(10, 3, 12, 0))
    mip = serving_all(scaled(make_mip(list_program(inputs), inputs)))
    return Split.of(mip.arrays.relaxed(), mip.site)


@pytest.mark.parametrize("seed", range(5))
def test_as_many_are_basic_as_there_are_rows(seed):
    """Law: whatever the statuses were, those of a basis are as many as its rows, and columns keep theirs."""
    random = np.random.default_rng(seed)
    known = Statuses.unknown(12, 9)
    known.column[random.permutation(12)[: 2 + seed]] = BASIC
    known.row[random.permutation(9)[:4]] = NONBASIC
    columns, rows = np.arange(1, 12), np.arange(9)
    column, row = known.balanced(columns, rows, random.random(9) < 0.5)
    assert (column == BASIC).sum() + (row == BASIC).sum() == len(rows)
    assert (column == known.column[columns]).all()


def test_a_whole_from_the_bases_of_its_sites_has_the_same_optimum(split):
    """Law: a basis is where the solver begins, not what it finds; sites by themselves make up the one of the whole."""
    known = Statuses.unknown(split.arrays.column_count, split.arrays.row_count)
    before = known.column.copy()
    for s, own in split.alone(split.arrays.cost, np.ones(split.count, dtype=bool)):
        result = Engine(own).run(solver="simplex", presolve="off")
        known.take(result.basis, np.flatnonzero(split.column == s), np.flatnonzero(split.row == s))
    assert (known.column != before).any()
    columns, rows = split.places(np.ones(split.count, dtype=bool))
    column, row = known.balanced(columns, rows, split.row[rows] < 0)
    assert (column == known.column).all()
    engine = Engine(split.arrays)
    engine.set_statuses(column, row)
    found = engine.run(**DUAL)
    assert found.objective == pytest.approx(solve_by_itself(split.arrays).objective, rel=1e-7)
    again = Engine(split.arrays)
    again.set_statuses(*statuses(found.basis))
    assert again.run(**DUAL, simplex_iteration_limit=0).objective == pytest.approx(found.objective, rel=1e-9)
