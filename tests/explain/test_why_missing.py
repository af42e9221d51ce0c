"""What a plan with something forced would miss: known in whole blocks, or said not to be."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from planner.explain import why_missing
from planner.explain.why_missing import NOT_COMPARED, NOT_FOUND, least_missing
from planner.explain.why_program import Force, program_of
from planner.explain.why_target import find_target
from planner.options import SolveOptions
from planner.solve.records import Answer
from tests.program.tiny import lease, site, solve, tiny

CHEAP = lease("cheap", "a")
SITES = (site("a"), site("b"))
AT_ONCE = SolveOptions(time_limit_s=0.1)


@pytest.mark.parametrize(
    ("name", "most", "missing", "note"),
    [("b", None, None, ""), ("b", 130.0, [], NOT_FOUND), ("a", None, [100.0], "")],
)
def test_without_time_the_plan_as_it_is_says_what_would_be_missing(
    name: str, most: float | None, missing: list[float] | None, note: str
) -> None:
    """Law: with no time for a search, the plan's own blocks with the thing forced say what is missing, or nothing does.

    Ten blocks of 10 MW at a serve 100 MW. With one of 40 MW at b there are 140 MW, of which nothing is missing (None: a
    plan), but which a ceiling of 130 MW forbids; without those at a there are none, and all is missing.
    """
    steps = [{"programme": "p", "date": "2026-01-01", "at_least_it_mw": 0.0, "at_most_it_mw": most}]
    case = tiny(
        100.0, sites=SITES, offers=(CHEAP, lease("dear", "b", rent_musd_per_mw_year=12.0, block_it_mw=40.0)),
        programmes=[{"programme": "p", "name": "p", "sites": ("a", "b"), "kind": "committed"}], programme_steps=steps,
    )  # fmt: skip
    program = program_of(solve(case))
    force = Force.of(find_target(name, program.inputs), program, into=name == "b")
    hard = program.mip.with_arrays(force.hard(program.mip.arrays))
    found = least_missing(program, force, hard, None, AT_ONCE, lambda _progress: None)
    assert found.note == note
    if missing is None:
        assert found.answer is not None
        assert found.answer.x is not None
        assert force.short(found.answer.x) == 0.0
        assert found.cost_busd is None
    else:
        assert found.answer is None
        assert [one.amount for one in found.missed] == pytest.approx(missing)
        assert (found.share, found.cost_busd) == ((None, None) if not missing else (pytest.approx(1.0), 0.0))


def test_a_plan_that_misses_something_is_compared_with_none() -> None:
    """Law: blocks for 80 of 100 MW are all there is: what is missing with another site is not looked for, and said."""
    program = program_of(
        solve(tiny(100.0, sites=SITES, offers=({**CHEAP, "max_blocks": 8}, lease("dear", "b", max_blocks=0))))
    )
    force = Force.of(find_target("a", program.inputs), program, into=False)
    hard = program.mip.with_arrays(force.hard(program.mip.arrays))
    found = least_missing(program, force, hard, None, AT_ONCE, lambda _progress: None)
    assert (found.missed, found.note) == ((), NOT_COMPARED)


def test_what_the_plan_that_misses_least_costs_is_what_a_solve_of_that_case_pays() -> None:
    """Law: where 80 of 100 MW are left beside the site forced out, the cost is that of the case without it.

    All of it is leased, so that what serves 80 MW costs the same whichever search finds it; it is less than the plan.
    """
    offers = (CHEAP, lease("dear", "b", rent_musd_per_mw_year=12.0, max_blocks=8))
    program = program_of(solve(tiny(100.0, sites=SITES, offers=offers)))
    force = Force.of(find_target("a", program.inputs), program, into=False)
    hard = program.mip.with_arrays(force.hard(program.mip.arrays))
    found = least_missing(program, force, hard, None, SolveOptions(), lambda _progress: None)
    without = solve(tiny(100.0, sites=SITES, offers=({**CHEAP, "max_blocks": 0}, offers[1])))
    assert [one.amount for one in found.missed] == pytest.approx([20.0])
    assert found.share == pytest.approx(0.2)
    assert found.cost_busd == pytest.approx(without.cost_busd)


def test_a_point_of_a_program_with_cuts_has_its_share_and_cost_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: a point that a search returns with the columns of its cuts says the same as one without them."""
    offers = (CHEAP, lease("dear", "b", rent_musd_per_mw_year=12.0, max_blocks=8))
    program = program_of(solve(tiny(100.0, sites=SITES, offers=offers)))
    force = Force.of(find_target("a", program.inputs), program, into=False)
    hard = program.mip.with_arrays(force.hard(program.mip.arrays))
    search = why_missing.run_here

    def with_cuts(*asked: Any) -> Answer:
        found = search(*asked)
        return found if found.x is None else replace(found, x=np.concatenate([found.x, np.ones(3)]))

    plain = least_missing(program, force, hard, None, SolveOptions(), lambda _progress: None)
    monkeypatch.setattr(why_missing, "run_here", with_cuts)
    wider = least_missing(program, force, hard, None, SolveOptions(), lambda _progress: None)
    assert (wider.missed, wider.share, wider.cost_busd) == (plain.missed, plain.share, plain.cost_busd)
    assert wider.share == pytest.approx(0.2)
