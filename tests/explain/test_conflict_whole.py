"""Conflicts in whole blocks: what is said to be needed is, in programs of any size; or it is said what is proven."""

import pytest

from planner.case.read import read_case
from planner.changes.apply import apply_changes
from planner.explain import conflict_amount, conflict_question
from planner.explain.conflict import Diagnosis, diagnose
from planner.explain.conflict_lever import Lever
from planner.explain.conflict_look import FEASIBLE, INFEASIBLE, UNKNOWN
from planner.explain.conflict_question import Question
from planner.explain.conflict_search import find_conflict
from planner.explain.conflict_trial import Amount, Trial
from planner.explain.conflict_way import ENDED, OF_IT, WayOut, move_of
from tests.explain.planted import plants

ROOM = 0.17271333333333333
"""Of three sites with 200 IT MW: each then holds 34.5 IT MW, and of blocks of 20 IT MW one."""
COPIES = 10
"""How many more times each offer is there in the larger case."""


def _rooms(periods, copies=0):
    """Three sites in which whole blocks do not fit; divisible ones do, but there is no money for all in a month."""
    base = read_case("three_sites")
    changes = [
        {"op": "scale", "table": "sites", "column": "max_it_mw", "factor": ROOM},
        f"model.horizon.periods={periods}",
        "model.horizon.period_months=1",
    ]
    for number in range(copies):
        for offer in base.tables["offers"]:
            row = {name: value for name, value in offer.model_dump().items() if value not in (None, (), [])}
            row |= {"offer": f"{offer.offer}_{number}", "name": f"{offer.name} {number}"}
            changes.append({"op": "add", "table": "offers", "row": row})
    return apply_changes(base, changes)


def _kinds(limits):
    return sorted(limit.kind for limit in limits)


def test_what_only_divisible_blocks_need_is_left_out_where_the_program_is_not_small(monkeypatch):
    """Law: a conflict that is called minimal is one in whole blocks, and has a plan without any one of its limits."""
    monkeypatch.setattr(conflict_question, "SMALL", 0)
    question = Question(_rooms(12), whole=True)
    found = find_conflict(question, question.limits, integer=False, whole=True)
    kept = frozenset(found.limits)
    assert (found.minimal, _kinds(kept)) == (True, ["demand", "site"])
    assert question.look(kept, integer=True).status == INFEASIBLE
    for limit in kept:
        assert question.look(kept - {limit}, integer=True).status == FEASIBLE


def test_what_was_not_proven_in_whole_blocks_is_not_called_minimal(monkeypatch):
    """Law: where no search in whole blocks is begun, the words say: needed if blocks were divisible."""
    monkeypatch.setattr(conflict_question, "LARGE", 0)
    found = diagnose(_rooms(12), ways=False)
    assert (found.divisible, found.minimal, found.minimal_divisible) == (True, False, True)
    assert [found.document()[name] for name in ("minimal", "minimal_if_divisible")] == [False, True]
    assert "without any one of them, the others could, if blocks were divisible:" in str(found)
    assert "Whether all of them are needed in whole blocks was not proven" in str(found)


@pytest.mark.slow
def test_a_program_of_more_than_three_thousand_columns_has_its_conflict_in_whole_blocks():
    """Law: ten times as many offers, the same conflict: money is needed for it only if blocks are divisible."""
    case = _rooms(24, COPIES)
    question = Question(case, whole=True)
    assert not question.small
    found = diagnose(case, ways=False, has_plan=True)
    assert (found.minimal, found.divisible, _kinds(found.limits)) == (True, False, ["demand", "site"])


def _way(name, share, *, proven):
    move = move_of(Lever(frozenset(), name, OF_IT, lambda _: []), Amount(share, 0.0, proven=proven, first=True))
    return WayOut(str(move), (move,), [], (), proven, meets_everything=True)


def test_what_is_not_proven_to_be_enough_is_not_listed_as_enough():
    """Law: ways out of the relaxation alone come last, under a heading that says so; percentages have no exponent."""
    ways = (_way("room", 100.0, proven=False), _way("cash", 0.125, proven=True))
    lines = Diagnosis("a case", "short", ways=ways).lines()
    first = lines.index("Ways out, each enough by itself:")
    assert lines[first + 1] == "  1. cash higher by 12.5 % (proven in whole blocks)"
    assert lines[first + 2].startswith("Perhaps enough")
    assert lines[first + 3] == "  2. room higher by 10,000 %"
    alone = Diagnosis("a case", "short", ways=ways[:1]).lines()
    assert not [line for line in alone if line.startswith("Ways out")]


def test_a_change_that_a_search_left_open_is_named(monkeypatch):
    """Law: where searches in whole blocks end before anything is known, the changes are named, not listed or dropped.

    The relaxation has a plan without any change, so what it says of amounts is worth nothing.
    """
    case = next(plant.case() for plant in plants(1) if not plant.divisible)
    looked = Trial.look

    def left_open(trial, amount, *, integer, claim=False):
        if integer:
            trial.undecided = True
            return UNKNOWN
        return looked(trial, amount, integer=integer, claim=claim)

    named = {move.what for way in diagnose(case).ways for move in way.moves}
    monkeypatch.setattr(Trial, "look", left_open)
    monkeypatch.setattr(conflict_amount, "least_by_program", lambda *_: None)
    found = diagnose(case)
    (note,) = found.notes
    assert found.ways == ()
    assert note.startswith(ENDED)
    assert named
    assert all(name in note for name in named)
