"""A plan among the contracts that are used: a point of the program, of those contracts alone."""

import numpy as np
import pytest

from planner.explain.linear_cuts import solve_with_cuts
from planner.explain.why_program import Force, PlanProgram, program_of
from planner.explain.why_target import find_target
from planner.explain.why_used import among_used
from planner.options import SolveOptions
from planner.program.columns import BLOCKS
from planner.solve.arrays import Floats
from planner.solve.mip import MixedIntegerProgram
from planner.symbols import ColumnIndex
from tests.program.tiny import lease, site, solve, tiny

SITES = (site("a"), site("b"), site("c"))
OFFERS = (
    lease("cheap", "a"),
    lease("dear", "b", rent_musd_per_mw_year=12.0, block_it_mw=40.0),
    lease("dearest", "c", rent_musd_per_mw_year=20.0),
)
"""Blocks of 10 MW at a and c, of 40 MW at b: a plan of 100 MW has ten at a."""


def searched(name: str, seconds: float = 60.0) -> tuple[PlanProgram, Force, MixedIntegerProgram, Floats | None]:
    """What is found with a site forced in that the plan does not use, or out that it does."""
    program = program_of(solve(tiny(100.0, sites=SITES, offers=OFFERS)))
    force = Force.of(find_target(name, program.inputs), program, into=name != "a")
    hard = program.mip.with_arrays(force.hard(program.mip.arrays))
    relaxed = solve_with_cuts(hard, lambda mip: mip.arrays.relaxed())
    return program, force, hard, among_used(program, force, hard, relaxed, SolveOptions(time_limit_s=seconds))


@pytest.mark.parametrize("name", ["b", "c", "a"])
def test_the_point_meets_every_row_with_the_thing_forced(name: str) -> None:
    """In whole blocks, with at least one of what is forced in, and none of what is forced out."""
    _, force, hard, x = searched(name)
    assert x is not None
    assert force.short(x) == pytest.approx(0.0, abs=1e-6)
    arrays = hard.arrays
    sums = arrays.matrix @ x
    assert (sums >= arrays.row_lower - 1e-6).all()
    assert (sums <= arrays.row_upper + 1e-6).all()
    assert np.abs(x[arrays.integer] - np.round(x[arrays.integer])).max() < 1e-6


@pytest.mark.parametrize(("name", "unused"), [("b", "dearest"), ("c", "dear")])
def test_contracts_that_neither_the_plan_nor_a_relaxation_uses_stay_out(name: str, unused: str) -> None:
    """With a site forced in, the plan and the relaxations use it and site a: the third stays empty."""
    _, _, hard, x = searched(name)
    assert x is not None
    used = {key[0] for key, j in ColumnIndex(hard.arrays.columns)[BLOCKS].items() if x[j] > 0.5}
    assert unused not in used


def test_no_time_is_no_answer() -> None:
    """Without time enough for a search nothing is found, which proves nothing: there are plans with the site."""
    assert searched("b", seconds=0.1)[3] is None
