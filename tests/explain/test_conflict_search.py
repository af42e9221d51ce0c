"""The search for a conflict and the trial of levers: the same answer in whatever steps, by however many workers."""

import random
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from planner.case.read import read_case
from planner.changes.apply import apply_changes
from planner.explain import conflict_ways
from planner.explain.conflict import diagnose
from planner.explain.conflict_amount import _whole
from planner.explain.conflict_kinds import look_at_few
from planner.explain.conflict_limits import Limit, Part, by_order
from planner.explain.conflict_look import FEASIBLE, INFEASIBLE, UNKNOWN, Look
from planner.explain.conflict_make import make_world
from planner.explain.conflict_question import Question
from planner.explain.conflict_search import _Filter, find_conflict
from planner.explain.conflict_trial import Amount
from planner.explain.conflict_ways import Search
from tests.explain.laws import hold_minimal
from tests.explain.planted import plants, roomy

LIMITS = frozenset(Limit(kind, "", t) for kind in ("site", "energised", "supply", "cash", "demand") for t in range(6))


def _filter(conflicts):
    """A search among limits of which some sets are in conflict; it takes the solver's word."""

    def look(kept, **_more):
        held = any(conflict <= kept for conflict in conflicts)
        return Look(INFEASIBLE if held else FEASIBLE, used=frozenset(map(Part, kept)), divisible=True)

    return _Filter(SimpleNamespace(look=look, remade={}), divisible=True, claim=True)


@pytest.mark.parametrize("seed", range(40))
def test_the_last_limits_first_leave_the_same_conflict(seed):
    """Law: keeping more and more of the last limits leaves what leaving out one after the other leaves."""
    draw = random.Random(seed)
    conflicts = [frozenset(draw.sample(by_order(LIMITS), draw.choice((1, 2, 3, 5)))) for _ in range(1 + seed % 3)]
    ordered = by_order(LIMITS)
    left = set(ordered)
    for limit in ordered:
        if any(conflict <= left - {limit} for conflict in conflicts):
            left.remove(limit)
    assert _filter(conflicts)._last_of(LIMITS, ordered) == left


@pytest.mark.parametrize("few", [False, True])
@pytest.mark.parametrize("seed", range(40))
def test_two_at_a_time_what_is_left_out_leaves_a_smallest_conflict(seed, few):
    """Law: what is left is in conflict and needs all of it, whatever a proof uses; one that uses few saves looks."""
    draw = random.Random(seed)
    conflicts = [frozenset(draw.sample(by_order(LIMITS), draw.choice((1, 2, 3, 5)))) for _ in range(1 + seed % 3)]
    asked = []

    def look(kept):
        asked.append(kept)
        held = [conflict for conflict in conflicts if conflict <= kept]
        used = held[0] if held and few else kept
        return Look(INFEASIBLE if held else FEASIBLE, used=frozenset(map(Part, used)), divisible=True)

    question = SimpleNamespace(look_apart=lambda several: [look(kept) for kept in several], remade={})
    search = _Filter(question, divisible=True, claim=False)
    left = search._one_by_one(LIMITS, by_order(LIMITS))
    assert left in conflicts
    assert not any(conflict < left for conflict in conflicts)
    assert search.minimal
    assert not few or len(asked) <= len(conflicts) + sum(map(len, conflicts)) + 2


def test_a_look_that_decides_nothing_leaves_the_limit_and_a_word_on_it():
    """Law: where it is not known whether a limit is needed, it stays, and the conflict is not called smallest."""
    question = SimpleNamespace(look_apart=lambda several: [Look(UNKNOWN) for _ in several], remade={})
    search = _Filter(question, divisible=True, claim=False)
    assert search._one_by_one(LIMITS, by_order(LIMITS)) == LIMITS
    assert not search.minimal


@pytest.mark.parametrize("seed", range(40))
def test_the_halving_of_periods_keeps_a_conflict_and_no_period_after_it(seed):
    """Law: what is left is in conflict, is not without its last period, and has no demand that is not needed."""
    draw = random.Random(seed)
    conflicts = [frozenset(draw.sample(by_order(LIMITS), draw.choice((1, 2, 3, 5)))) for _ in range(1 + seed % 3)]
    left = _filter(conflicts)._by_periods(LIMITS)
    last = max(limit.period for limit in left)
    assert any(conflict <= left for conflict in conflicts)
    assert last == min(max(limit.period for limit in conflict) for conflict in conflicts)
    for limit in left:
        if limit.kind == "demand" and limit.period != last:
            assert not any(conflict <= left - {limit} for conflict in conflicts)


def test_a_few_kinds_of_limits_are_proven_to_be_in_conflict():
    """Law: what a first look says is in conflict is so among all limits; of a case that can be met it says nothing."""
    short = Question(apply_changes(read_case("three_sites"), ["budget[2027].cash_limit_busd=0.1"]), whole=True)
    look = look_at_few(short)
    assert look is not None
    assert look.proof is not None
    assert {part.limit.kind for part in look.used} <= {"demand", "commitment", "cash"}
    assert short.look(frozenset(part.limit for part in look.used)).status == INFEASIBLE
    assert look_at_few(Question(read_case("three_sites"), whole=True)) is None


def test_no_program_is_made_for_which_there_is_no_time_and_what_was_not_tried_is_named():
    """Law: with less time left than making the program took, each way out that there is is named as not tried."""
    case = apply_changes(read_case("three_sites"), ["budget[2027].cash_limit_busd=0.1"])
    question = Question(case, whole=True)
    found = find_conflict(question, question.limits, integer=False)
    question.divisible = True
    full = Search(question, integer=False)
    ways = [way for way in full.run(found) if len(way.moves) == 1]
    assert ways
    assert not full.untried
    question.until, question.making_s = time.monotonic() + 1e6, 1e9
    search = Search(question, integer=False)
    assert search.run(found) == []
    assert {way.moves[0].what for way in ways} <= set(search.untried)


def _told(plant, monkeypatch, workers):
    monkeypatch.setattr(conflict_ways, "usable_cores", lambda: workers)
    return replace(diagnose(plant.case()), seconds=0.0)


@pytest.mark.slow
@pytest.mark.parametrize("plant", plants(1)[::16], ids=lambda one: one.name)
def test_levers_tried_in_parallel_give_the_same_ways_out(plant, monkeypatch):
    """Law: one worker and two give the same explanation, and it has the conflict of a search without workers."""
    apart = _told(plant, monkeypatch, 1)
    monkeypatch.setattr(conflict_ways, "IN_PARALLEL", 0)
    one, two = (_told(plant, monkeypatch, workers) for workers in (1, 2))
    assert one == two
    assert one.limits == apart.limits
    assert [(way.title, way.proven) for way in one.ways] == [(way.title, way.proven) for way in apart.ways]


class _Answers:
    """A trial of which it is known up to which amount nothing is enough, and from which on it is not decided."""

    until = float("inf")

    def __init__(self, not_enough: float, enough: float) -> None:
        self.not_enough, self.enough = not_enough, enough

    def look(self, amount: float, *, integer: bool) -> str:
        assert integer
        return "infeasible" if amount <= self.not_enough else "feasible" if amount >= self.enough else "unknown"


def test_no_amount_that_is_proven_not_to_be_enough_is_called_a_way_out() -> None:
    """Law: an amount without a proof is larger than all that are proven not to be enough; of those alone there is none.

    What is proven to be enough is one whatever was not decided below it.
    """
    assert _whole(_Answers(100.0, float("inf")), 39.6, 40.0, 100.0) is None
    assert _whole(_Answers(60.0, float("inf")), 39.6, 40.0, 100.0) == Amount(68.01, 48.01, proven=False)
    found = _whole(_Answers(50.0, 90.0), 39.6, 40.0, 100.0)
    assert found is not None
    assert (found.value, found.proven, found.below <= 50.0) == (100.0, True, True)


def test_cuts_of_another_program_count_where_they_mean_the_same() -> None:
    """Law: a cut names rules, domains and demands by their places: programs that have others do not share any."""
    base = make_world(roomy(), whole=True)
    assert base.shares_cuts(make_world(apply_changes(roomy(), ["sites.max_it_mw=90"]), whole=True))
    for change in ("sites[south].available=no", "model.families.redundancy.rules[0].k=2", "model.families.redundancy="):
        assert not base.shares_cuts(make_world(apply_changes(roomy(), [change]), whole=True)), change


def test_what_is_named_of_each_limit_is_in_conflict_by_itself():
    """Law: training of one year may be left out if that of another is named, but not both."""
    case = apply_changes(read_case("three_sites"), ["budget[2027].cash_limit_busd=0.1"])
    hold_minimal(case, "short", integer=False)
