"""The search beside the others: what it finds is a plan with the thing forced, and both searches agree on the cost."""

import queue
import threading
import time
from typing import Any

import pytest

from planner.errors import PlannerError
from planner.explain import why_beside, why_solve
from planner.explain.linear_cuts import solve_with_cuts
from planner.explain.why_beside import Beside
from planner.explain.why_program import Force, program_of
from planner.explain.why_solve import solve_forced
from planner.explain.why_target import find_target
from planner.options import SolveOptions
from planner.solve.records import Answer
from tests.program.tiny import lease, site, solve, tiny

SITES = (site("a"), site("b"), site("c"))
OFFERS = (
    lease("cheap", "a"),
    lease("dear", "b", rent_musd_per_mw_year=12.0, block_it_mw=40.0),
    lease("dearest", "c", rent_musd_per_mw_year=20.0),
)
"""Blocks of 10 MW at a and c, of 40 MW at b: a plan of 100 MW has ten at a."""
LIMIT_S = 60.0


def forced(name: str) -> tuple[Force, Answer]:
    """The answer with a site forced in that the plan does not use, or out that it does."""
    program = program_of(solve(tiny(100.0, sites=SITES, offers=OFFERS)))
    force = Force.of(find_target(name, program.inputs), program, into=name != "a")
    relaxed = solve_with_cuts(program.mip.with_arrays(force.hard(program.mip.arrays)), lambda mip: mip.arrays.relaxed())
    options = SolveOptions(gap=0.0, time_limit_s=LIMIT_S)
    return force, solve_forced(program, force, relaxed, options, lambda _progress: None).answer


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the search beside be the only one that finds a plan; the others wait for it."""

    def until_overtaken(*given: Any) -> None:
        end = time.monotonic() + LIMIT_S
        while not given[-1]():
            assert time.monotonic() < end, "the search beside has found no plan"
            time.sleep(0.01)

    monkeypatch.setattr(why_beside, "LEAST_COLUMNS", 0)
    monkeypatch.setattr(why_solve, "among_used", lambda *_given: None)
    monkeypatch.setattr(why_solve, "nearest", lambda *_given: None)
    monkeypatch.setattr(why_solve, "_from_nothing", until_overtaken)


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_both_searches_agree_on_the_cost(name: str, request: pytest.FixtureRequest) -> None:
    """With no gap left, the least cost is the same from a plan of either search, and the thing is forced in both."""
    force, first = forced(name)
    request.getfixturevalue("alone")
    _, second = forced(name)
    assert first.x is not None
    assert second.x is not None
    assert second.objective == pytest.approx(first.objective, rel=1e-6)
    assert second.bound == pytest.approx(first.bound, rel=1e-6)
    assert force.short(second.x) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.usefixtures("alone")
def test_its_failure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error in its thread is raised where its result is asked for, not lost."""
    failing: queue.Queue[threading.Thread] = queue.Queue()

    def fail(*_given: Any, **_named: Any) -> None:
        failing.put(threading.current_thread())
        raise PlannerError("the solver refuses")

    def until_failed(*_given: Any) -> None:
        failing.get(timeout=LIMIT_S).join(LIMIT_S)

    monkeypatch.setattr(why_beside, "run_pipeline", fail)
    monkeypatch.setattr(why_solve, "_from_nothing", until_failed)
    with pytest.raises(PlannerError, match="the solver refuses"):
        forced("b")


@pytest.mark.parametrize("changed", [{"threads": 2}, {"own_process": False}, {"time_limit_s": 5.0}])
def test_there_is_none_where_it_would_be_in_the_way(changed: dict[str, Any]) -> None:
    """Several threads, a process that is to stay as it is, a small program: the first search is alone."""
    program = program_of(solve(tiny(100.0, sites=SITES, offers=OFFERS)))
    before = why_beside.threading.active_count()
    relaxed = solve_with_cuts(program.mip, lambda mip: mip.arrays.relaxed())
    beside = Beside(program.mip, relaxed, program.mip.arrays, SolveOptions(**changed), 1.0)
    assert why_beside.threading.active_count() == before
    assert not beside.found
    assert beside.point() is None
    beside.close()
