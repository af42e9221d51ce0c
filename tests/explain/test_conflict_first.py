"""The first look at a case of which only whole blocks leave no plan: which decisions prove it, and what is said."""

import math

import pytest

from planner.changes.apply import apply_changes
from planner.explain import conflict, conflict_first
from planner.explain.conflict_first import First, first_look, kinds_in_conflict
from planner.explain.conflict_look import FEASIBLE, INFEASIBLE, UNKNOWN, Look
from planner.explain.conflict_question import Question
from tests.explain.planted import roomy
from tests.explain.test_conflict_whole import _rooms


def in_whole_blocks():
    """Three sites with money enough and no rules, in which whole blocks do not fit and divisible ones do."""
    return apply_changes(_rooms(1), [{"op": "relax", "model": "families.redundancy"}, "budget.cash_limit_busd=1000"])


def test_the_decisions_that_leave_no_plan_are_named() -> None:
    """Law: where whole blocks do not fit in what divisible ones fit in, whole blocks are named; else nothing is."""
    question = Question(in_whole_blocks(), whole=True)
    assert [question.look(question.limits, integer=whole).status for whole in (False, True)] == [FEASIBLE, INFEASIBLE]
    assert kinds_in_conflict(question.world, math.inf) == (conflict_first.WHOLE,)
    assert kinds_in_conflict(Question(roomy(), whole=True).world, math.inf) == ()


def test_what_some_decisions_prove_is_proven_where_the_search_with_all_was_not_ended(monkeypatch) -> None:
    """Law: a case is said to have no plan, with the decisions that prove it, also where the conflict is not found."""
    case = in_whole_blocks()
    look = Question.look

    def without_end(question, kept, *, integer=False, **more):
        return Look(UNKNOWN) if integer else look(question, kept, integer=False, **more)

    monkeypatch.setattr(Question, "look", without_end)
    assert first_look(Question(case, whole=True)) == First(UNKNOWN)  # a small program: all of them are soon searched
    monkeypatch.setattr(Question, "small", False)
    assert first_look(Question(case, whole=True)) == First(INFEASIBLE, None, (conflict_first.WHOLE,))
    found = conflict.diagnose(case, has_plan=True, time_limit_s=100.0)
    assert (found.verdict, found.limits, found.minimal, found.divisible) == ("short", (), False, False)
    words = str(found)
    for said in ("none meets everything", "proven: there is none", conflict_first.WHOLE, "longer --time-limit"):
        assert said in words
    assert "not decided" not in words


@pytest.mark.parametrize("divisible", [False, True])
def test_a_proof_in_whole_blocks_is_told_though_the_conflict_is_not_found(divisible: bool, monkeypatch) -> None:
    """Law: what a search in whole blocks has proven is not called undecided; the solver's word on a relaxation is."""
    monkeypatch.setattr(conflict_first, "find_conflict", lambda *_some, **_more: None)
    changes = ["budget[2026].cash_limit_busd=0.4"] if divisible else []
    case = apply_changes(roomy(), changes) if divisible else in_whole_blocks()
    assert first_look(Question(case, whole=True)).status == (UNKNOWN if divisible else INFEASIBLE)
