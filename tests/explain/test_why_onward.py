"""A plan decided onward from the first half of the horizon: a point of the program, whole in every window."""

from dataclasses import replace

import numpy as np
import pytest

from planner.explain import why_onward
from planner.explain.linear_cuts import LinearAnswer, solve_with_cuts
from planner.explain.why_onward import onward
from planner.explain.why_program import Force, PlanProgram, program_of
from planner.explain.why_target import find_target
from planner.options import SolveOptions
from planner.program.columns import BLOCKS
from planner.program.families.programme import AT_MOST
from planner.solve.arrays import Arrays
from planner.solve.highs import Engine
from planner.solve.scaling import point_in_units
from planner.symbols import ColumnIndex, rows_of
from tests.program.tiny import FIRST_YEAR, lease, site, solve, tiny

PERIODS = 5
SITES = (site("a"), site("b"))
OFFERS = (
    lease("cheap", "a"),
    lease("dear", "b", rent_musd_per_mw_year=12.0, block_it_mw=40.0),
)
"""Blocks of 10 MW at a, of 40 MW at b."""
OPTIONS = SolveOptions(time_limit_s=60.0)


def relaxed(windows: list[tuple[float, float]]) -> tuple[PlanProgram, Force, LinearAnswer]:
    """The relaxation without site a, of a programme that asks for and allows so many IT MW in each year."""
    steps = [
        {"programme": "p", "date": f"{FIRST_YEAR + t}-01-01", "at_least_it_mw": least, "at_most_it_mw": most}
        for t, (least, most) in enumerate(windows)
    ]
    programmes = [{"programme": "p", "name": "p", "sites": ("a", "b"), "kind": "committed"}]
    case = tiny(10.0, periods=PERIODS, sites=SITES, offers=OFFERS, programmes=programmes, programme_steps=steps)
    program = program_of(solve(case))
    force = Force.of(find_target("a", program.inputs), program, into=False)
    hard = program.mip.with_arrays(force.hard(program.mip.arrays))
    return program, force, solve_with_cuts(hard, lambda mip: mip.arrays.relaxed())


@pytest.mark.parametrize("cheapest", [True, False])
def test_the_point_meets_every_row_with_the_thing_forced(cheapest: bool) -> None:
    """In whole blocks of 40 MW, more of them in each window, with none of what is forced out."""
    program, force, answer = relaxed([(40.0 * n, 40.0 * n + 30.0) for n in (1, 1, 2, 3, 4)])
    x = onward(answer.mip, OPTIONS, cheapest=cheapest)
    assert x is not None
    arrays = force.hard(program.mip.arrays)
    point = point_in_units(arrays, x[: arrays.column_count], answer.mip.units)
    assert force.short(point) == 0.0
    sums = arrays.matrix @ point
    assert (sums >= arrays.row_lower - 1e-6).all()
    assert (sums <= arrays.row_upper + 1e-6).all()
    assert np.abs(point[arrays.integer] - np.round(point[arrays.integer])).max() < 1e-6


def test_what_the_first_half_would_choose_is_given_up_where_it_forbids_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever is kept of the first half, a point of the whole is found wherever there is one.

    Blocks at b are signed for good. The first years allow one to three of them, the last ones just one: a first half
    that signs two at once, and does not look at the later years, leaves no point until nothing of it is kept.
    """
    _, _, answer = relaxed([(40.0, 130.0)] * 3 + [(40.0, 50.0)] * 2)
    kept: list[int] = []
    part = why_onward._Search._part

    def greedy(search: why_onward._Search, last: int) -> Arrays:
        kept.append(search._kept)
        arrays = part(search, last)
        if last == search.periods - 1:
            return arrays
        lower, row_upper = arrays.lower.copy(), arrays.row_upper.copy()
        lower[ColumnIndex(arrays.columns)[BLOCKS]["dear", "primary", 0, PERIODS]] = 2.0
        row_upper[[i for i, (_, _, t) in rows_of(AT_MOST, arrays.rows) if t > last]] = np.inf
        return replace(arrays.with_bounds(lower, arrays.upper), row_upper=row_upper)

    monkeypatch.setattr(why_onward._Search, "_part", greedy)
    x = onward(answer.mip, OPTIONS)
    assert x is not None
    assert max(kept) >= 0
    assert kept[-1] == why_onward.NONE_KEPT
    assert Engine(answer.mip.arrays.with_integers_at(x).relaxed()).run().status == "optimal"


def test_none_is_found_where_there_is_none() -> None:
    """A last year that no blocks of 40 MW meet: nothing is found, whatever is kept."""
    _, _, answer = relaxed([(80.0, 90.0)] * 4 + [(130.0, 150.0)])
    assert Engine(answer.mip.arrays).run().status == "infeasible"
    assert onward(answer.mip, OPTIONS) is None


def test_no_time_or_an_end_is_no_point() -> None:
    """A search without time, or one that is stopped, finds nothing: there are plans."""
    _, _, answer = relaxed([(40.0, 70.0)] * PERIODS)
    assert onward(answer.mip, OPTIONS) is not None
    assert onward(answer.mip, OPTIONS.within(0.0)) is None
    assert onward(answer.mip, OPTIONS, lambda: True) is None
