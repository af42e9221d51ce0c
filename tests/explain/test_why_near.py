"""The plan nearest to a plan: what is changed is least, and what is missing is what the program says."""

from typing import Any

import numpy as np
import pytest

from planner.explain.why_near import Near, nearest
from planner.explain.why_program import Force, PlanProgram, program_of
from planner.explain.why_target import find_target
from planner.options import SolveOptions
from planner.program.columns import BLOCKS
from planner.symbols import ColumnIndex
from tests.program.tiny import lease, site, solve, tiny

SITES = (site("a"), site("b"), site("c"))
OFFERS = (
    lease("cheap", "a"),
    lease("dear", "b", rent_musd_per_mw_year=12.0, block_it_mw=40.0),
    lease("dearest", "c", rent_musd_per_mw_year=20.0),
)
"""Blocks of 10 MW at a and c, of 40 MW at b."""


def searched(demand_mw: float, name: str, offers: Any = OFFERS) -> tuple[PlanProgram, Force, Near]:
    """The nearest point found with a site forced in or out."""
    program = program_of(solve(tiny(demand_mw, sites=SITES, offers=offers)))
    force = Force.of(find_target(name, program.inputs), program, into=name != "a")
    near = nearest(program, force, SolveOptions(time_limit_s=60.0))
    assert near is not None
    return program, force, near


def test_the_fewest_it_mw_are_changed_whatever_they_cost() -> None:
    """100 MW in ten blocks at a: with c, one block more there changes 10 MW; with b, one of 40 MW changes 40."""
    for name, blocks, block_mw in (("c", 1.0, 10.0), ("b", 1.0, 40.0)):
        program, force, near = searched(100.0, name)
        column = ColumnIndex(near.mip.arrays.columns)[BLOCKS]
        changed = {key[0]: near.x[j] - program.start[j] for key, j in column.items()}
        assert force.amounts.of(near.x) == pytest.approx(blocks)
        assert sum(abs(n) * {"dear": 40.0}.get(offer, 10.0) for offer, n in changed.items()) == pytest.approx(block_mw)
        assert near.missing == pytest.approx(0.0, abs=1e-9)


def test_the_point_meets_every_row_with_the_thing_forced() -> None:
    """200 MW without the twenty blocks of a: what is found is a point of the program, in whole blocks."""
    program, force, near = searched(200.0, "a")
    assert near.missing == pytest.approx(0.0, abs=1e-9)
    assert force.short(near.x) == 0.0
    arrays = force.hard(program.mip.arrays)
    x = near.x[: arrays.column_count]
    sums = arrays.matrix @ x
    assert (sums >= arrays.row_lower - 1e-6).all()
    assert (sums <= arrays.row_upper + 1e-6).all()
    assert np.abs(x[arrays.integer] - np.round(x[arrays.integer])).max() < 1e-6


def test_what_must_be_missing_is_its_share() -> None:
    """100 MW, of which b can serve two blocks of 40 without a: a fifth of all demand is missing."""
    few = ({**OFFERS[1], "max_blocks": 2}, {**OFFERS[2], "max_blocks": 0})
    _, _, near = searched(100.0, "a", (OFFERS[0], *few))
    assert near.missing == pytest.approx(0.2, rel=1e-6)
