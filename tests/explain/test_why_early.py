"""The first half of the horizon by itself: it has no plan in whole blocks exactly where sums by hand say so."""

import itertools
import random
import time
from typing import Any

import numpy as np
import pytest

from planner.explain import why_beside, why_solve
from planner.explain.linear_cuts import solve_with_cuts
from planner.explain.why_early import early_part, last_early, none_early
from planner.explain.why_program import Force, PlanProgram, program_of
from planner.explain.why_solve import solve_forced
from planner.explain.why_target import find_target
from planner.options import SolveOptions
from planner.solve.arrays import Arrays
from planner.solve.highs import Engine
from planner.status import Status
from tests.program.tiny import FIRST_YEAR, lease, site, solve, tiny

PERIODS, BLOCK_MW, MOST = 4, 40.0, 5
SITES = (site("a"), site("b"))
OFFERS = (
    lease("cheap", "a"),
    lease("dear", "b", rent_musd_per_mw_year=12.0, block_it_mw=BLOCK_MW, max_blocks=MOST),
)
OPTIONS = SolveOptions(time_limit_s=60.0)


def program(windows: list[tuple[float, float]]) -> PlanProgram:
    """Of a plan with what a programme asks for and allows in each year, IT MW, in blocks of 10 at a, of 40 at b."""
    steps = [
        {"programme": "p", "date": f"{FIRST_YEAR + t}-01-01", "at_least_it_mw": least, "at_most_it_mw": most}
        for t, (least, most) in enumerate(windows)
    ]
    programmes = [{"programme": "p", "name": "p", "sites": ("a", "b"), "kind": "committed"}]
    case = tiny(10.0, periods=PERIODS, sites=SITES, offers=OFFERS, programmes=programmes, programme_steps=steps)
    return program_of(solve(case))


def without_a(one: PlanProgram) -> Arrays:
    """Its program without site a, with the redundancy cuts of its relaxation."""
    force = Force.of(find_target("a", one.inputs), one, into=False)
    hard = one.mip.with_arrays(force.hard(one.mip.arrays))
    return solve_with_cuts(hard, lambda mip: mip.arrays.relaxed()).mip.arrays


def by_hand(windows: list[tuple[float, float]]) -> bool:
    """Whether blocks at b that stay once they are there meet the figures of every year."""
    counts = itertools.combinations_with_replacement(range(MOST + 1), len(windows))
    return any(
        all(least <= BLOCK_MW * n <= most for n, (least, most) in zip(chosen, windows, strict=True))
        for chosen in counts
    )


def drawn(seed: int) -> list[tuple[float, float]]:
    """Windows that blocks of 10 MW always meet, and blocks of 40 MW at times."""
    draw = random.Random(seed)
    floors = sorted(10.0 * draw.randint(3, 19) for _ in range(PERIODS))
    return [(least, least + draw.choice([10.0, 20.0, 30.0])) for least in floors]


def test_it_has_no_plan_where_sums_by_hand_have_none() -> None:
    """Without site a: the answer is that of all choices of blocks in the years looked at; some have a plan."""
    last, found = last_early(PERIODS), set()
    for seed in range(6):
        windows = drawn(seed)
        arrays = without_a(program(windows))
        none = none_early(early_part(arrays, last), OPTIONS)
        assert none != by_hand(windows[: last + 1])
        if none:  # then the whole has none either
            assert Engine(arrays).run().status == "infeasible"
        found.add(none)
    assert found == {True, False}


def test_what_later_years_forbid_is_no_matter_of_the_first() -> None:
    """A window of the last year that no blocks of 40 MW meet: the whole has no plan, the first half has."""
    arrays = without_a(program([(80.0, 90.0)] * 3 + [(130.0, 150.0)]))
    assert Engine(arrays).run().status == "infeasible"
    assert not none_early(early_part(arrays, last_early(PERIODS)), OPTIONS)


@pytest.mark.parametrize("last", range(PERIODS))
def test_every_plan_has_its_part_in_it(last: int) -> None:
    """Rows are relaxed, never tightened: where the whole has a plan, the part has a point."""
    one = program(drawn(1))
    part = early_part(one.mip.arrays, last)
    assert part.column_count < one.mip.arrays.column_count or last == PERIODS - 1
    assert Engine(part).run().status == "optimal"
    assert not np.isnan(part.row_lower).any()
    assert not np.isnan(part.row_upper).any()


def test_no_time_or_an_end_is_no_proof() -> None:
    """Where there is no plan, a search without time, or one that is stopped, still proves nothing."""
    part = early_part(without_a(program([(90.0, 110.0)] * PERIODS)), 0)
    assert none_early(part, OPTIONS)
    assert not none_early(part, OPTIONS.within(0.0))
    assert not none_early(part, OPTIONS, lambda: True)


def test_the_proof_ends_all_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the others would go on, the answer is that there is no plan, and that the first half says so."""
    end = time.monotonic() + 60.0

    def until_overtaken(*given: Any) -> None:
        while not given[-1]():
            assert time.monotonic() < end, "the proof is not told"
            time.sleep(0.01)

    monkeypatch.setattr(why_beside, "LEAST_COLUMNS", 0)
    monkeypatch.setattr(why_solve, "_refuted_at_root", lambda *_given: False)
    monkeypatch.setattr(why_solve, "among_used", until_overtaken)
    one = program([(90.0, 110.0)] * PERIODS)
    force = Force.of(find_target("a", one.inputs), one, into=False)
    hard = one.mip.with_arrays(force.hard(one.mip.arrays))
    relaxed = solve_with_cuts(hard, lambda mip: mip.arrays.relaxed())
    found = solve_forced(one, force, relaxed, OPTIONS, lambda _progress: None)
    assert found.none_early
    assert found.answer.status is Status.INFEASIBLE
    assert found.answer.x is None
