"""Ways out by whole kinds of limits, where the limits in conflict are not known or no change beside them is enough."""

import pytest

from planner.api import Case
from planner.changes.apply import apply_changes
from planner.explain import conflict
from planner.explain.conflict import COMPLETING, diagnose
from planner.explain.conflict_first import First
from planner.explain.conflict_look import INFEASIBLE
from planner.explain.conflict_question import Question
from planner.explain.conflict_wide import BY_KIND, wide_ways, widest
from tests.explain.laws import half_of, is_met
from tests.explain.test_conflict_make import TOO_MUCH

LITTLE_CASH = "budget[2027].cash_limit_busd=0.1"


def _question(name: str, *changes: str) -> Question:
    return Question(Case.of(apply_changes(Case.of(name), list(changes))), True)


def _hold(question: Question, ways: list) -> None:
    """Each way out is enough by a solve of its own, and half of it is not."""
    for way in ways:
        assert way.proven
        assert is_met(apply_changes(question.case, way.changes), "short"), way.title
        half = half_of(way)
        assert not half or not is_met(apply_changes(question.case, half), "short"), way.title


def test_all_figures_of_a_kind_are_moved_no_further_than_is_known_to_be_enough():
    """Law: a kind of limit that is enough by itself is a way out, proven; half of it is not enough."""
    question = _question("three_sites", LITTLE_CASH)
    ways = wide_ways(question)
    assert any({edit.place.partition("[")[0] for edit in way.edits} == {"budget"} for way in ways)
    _hold(question, ways)


def test_kinds_are_moved_together_where_none_is_enough_alone_and_none_of_them_is_needless():
    """Law: blocks and room that are each too little are moved together, and nothing else with them."""
    question = _question("four_campuses", *TOO_MUCH)
    ways = [way for way in wide_ways(question) if not way.asks_less]
    assert [{edit.place.partition("[")[0] for edit in way.edits} for way in ways] == [{"sites", "offers"}]
    _hold(question, ways)


def test_the_lever_of_a_kind_is_the_one_that_moves_most_figures():
    """Law: of cash that of every year, not that of one; each kind once."""
    names = [lever.name for levers in widest(_question("three_sites", LITTLE_CASH)) for lever in levers]
    assert "cash of every year" in names
    assert not any(name.startswith("cash of 20") for name in names)
    assert len(names) == len(set(names))


def test_no_case_without_a_plan_is_left_without_a_way_out(monkeypatch: pytest.MonkeyPatch):
    """Law: where it is proven that only whole blocks leave no plan, and no conflict is found, there are ways out."""
    monkeypatch.setattr(conflict, "first_look", lambda _question: First(INFEASIBLE, None, ("blocks are whole",)))
    found = diagnose(apply_changes(Case.of("three_sites"), [LITTLE_CASH]), has_plan=True)
    assert found.verdict == "short"
    assert not found.limits
    assert found.ways
    assert found.ways[0].meets_everything
    assert BY_KIND in found.notes
    assert "Ways out, each enough by itself:" in found.lines()


def test_what_is_known_is_reported_as_soon_as_it_is():
    """Law: while ways out are looked for the conflict is told, and while they are completed the ways out are."""
    told: list[str] = []
    found = diagnose(apply_changes(Case.of("three_sites"), [LITTLE_CASH]), on_stage=told.append)
    conflict_told = told.index(f"ways out, in conflict: {'; '.join(limit.name for limit in found.limits)}")
    ways_told = next(n for n, stage in enumerate(told) if stage.startswith(f"{COMPLETING}, ways out: "))
    assert told.index("ways out") < conflict_told < told.index(COMPLETING) < ways_told
    assert all(way.title in told[ways_told] for way in found.ways)
