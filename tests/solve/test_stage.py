"""Stages as records: the order they can be run in, the loop that runs them, and the page that lists them."""

import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from planner.solve.pipeline import BOUNDING, ELASTIC, PLAN_FIRST, STAGES
from planner.solve.stage import Gain, Stage, is_due, run_stages
from planner.solve.state import Fact, State
from planner.solve.sub_mip import UNLIMITED, Limits
from planner.status import Status
from tests.solve.tiny import begin, offers

PAGE = Path(__file__).parents[2] / "docs" / "solving.md"
GIVEN: set[Fact] = {"start", "links"}
"""What is there from the beginning, or never."""


def test_what_a_stage_needs_is_given_before_it():
    """Law: every fact that a stage needs is given by an earlier stage, or comes with the program or the request."""
    there = set(GIVEN)
    for stage in STAGES:
        assert stage.needs <= there, stage.name
        there |= stage.gives & set(get_args(Fact))
    assert there == set(get_args(Fact))


@pytest.mark.parametrize("stages", [ELASTIC, PLAN_FIRST, BOUNDING], ids=["elastic", "plan first", "bounding"])
def test_other_orders_have_what_they_need(stages):
    """Law: in every order what a stage needs may have been given before; only a search ends with a verdict."""
    there = set(GIVEN)
    for stage in stages:
        assert stage.needs <= there, stage.name
        there |= stage.gives & set(get_args(Fact))
    assert (stages[-1] is STAGES[-1]) is (stages is not BOUNDING)


def test_the_last_stage_always_ends_the_run():
    """Law: a run that no stage before has ended is ended by the last: it needs nothing, and gives the verdict."""
    assert STAGES[-1].needs == frozenset()
    assert "verdict" in STAGES[-1].gives
    assert STAGES[-1].useful(begin(offers(0).mip))


def test_every_stage_gives_something_it_may_give():
    """Law: no stage is without purpose, and bounds come from the stages that the page on solving names."""
    assert all(stage.gives and stage.gives <= set(get_args(Gain)) for stage in STAGES)
    bounding = {stage.name for stage in STAGES if "bound" in stage.gives}
    assert bounding == {"allocation", "relaxation", "penalties", "possible sites", "strategy", "bound", "full program"}


def stated(limits: Limits) -> str:
    """Limits as the page writes them."""
    share = (
        "all of the time left" if limits.share_of_time == 1.0 else f"{100 * limits.share_of_time:g} % of the time left"
    )
    return share if limits.nodes is None else f"{share}, {limits.nodes} node{'s' if limits.nodes != 1 else ''}"


def test_the_page_on_solving_lists_the_stages_as_they_are():
    """Law: names, order, needs, gains and limits in the table of `docs/solving.md` are those of the records."""
    table = re.search(r"^\| stage \|.*?\n\n", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert table is not None
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table[0].splitlines()[2:] if line]
    listed = [(name, facts(needs), facts(gives), limits) for name, _, needs, gives, limits in rows]
    assert listed == [(stage.name, stage.needs, stage.gives, stated(stage.limits)) for stage in STAGES]


def facts(cell: str) -> set[str]:
    """What a cell of the table lists."""
    return set() if cell == "nothing" else set(cell.split(", "))


def idle(_state: State, _limits: Limits) -> None:
    """Do nothing."""


NEEDY = Stage("needy", idle, frozenset({"guide"}), frozenset({"incumbent"}))
FREE = replace(NEEDY, needs=frozenset())


def test_a_stage_is_due_unless_something_is_lacking_or_over():
    """Law: needs, use, gap and verdict each decide."""
    state = begin(offers(0).mip)
    assert is_due(FREE, state)
    assert not is_due(NEEDY, state)
    assert not is_due(replace(FREE, useful=lambda _state: False), state)
    state.verdict = Status.INFEASIBLE
    assert not is_due(FREE, state)
    state.verdict = None
    state.incumbent, state.objective, state.bound = offers(0).mip.arrays.upper, 3.0, 3.0
    assert state.gap_reached
    assert not is_due(FREE, state)


def test_stages_are_run_in_order_each_judged_when_its_turn_comes():
    """Law: what a stage gives makes the next one due, and a verdict ends the run at once."""
    seen = []

    def gives_guide(state: State, limits: Limits) -> None:
        seen.append((state.stage, limits))
        state.guide = object()  # type: ignore[assignment]

    def ends(state: State, _limits: Limits) -> None:
        seen.append((state.stage, None))
        state.verdict = Status.TIME_LIMIT

    state, few = begin(offers(0).mip), Limits(0.5, 3)
    first = replace(FREE, name="first", work=gives_guide, limits=few)
    second = replace(NEEDY, name="second", work=ends)
    run_stages(state, [second, first, second, first])
    assert seen == [("first", few), ("second", None)]
    assert list(state.stage_seconds) == ["first", "second"]


def test_stages_of_one_name_are_timed_as_one_also_when_one_fails():
    """Law: seconds of a name add up; a stage that is stopped has its seconds too."""

    def fails(_state: State, _limits: Limits) -> None:
        raise RuntimeError("stop")

    state = begin(offers(0).mip)
    run_stages(state, [FREE, FREE])
    before = state.stage_seconds["needy"]
    with pytest.raises(RuntimeError, match="stop"):
        run_stages(state, [replace(FREE, work=fails)])
    assert list(state.stage_seconds) == ["needy"]
    assert state.stage_seconds["needy"] > before


def test_limits_are_all_there_is_unless_stated():
    """Law: a stage without limits of its own may take all of the time and any number of nodes."""
    assert FREE.limits is UNLIMITED
    assert (UNLIMITED.share_of_time, UNLIMITED.nodes) == (1.0, None)
    assert all(0.0 < stage.limits.share_of_time <= 1.0 for stage in STAGES)
