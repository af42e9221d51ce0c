"""The search for a conflict and the trial of levers: the same answer in whatever steps, by however many workers."""

import random
from dataclasses import replace
from types import SimpleNamespace

import pytest

from planner.explain import conflict_ways
from planner.explain.conflict import diagnose
from planner.explain.conflict_limits import Limit, Part, by_order
from planner.explain.conflict_search import _Filter
from planner.explain.conflict_world import FEASIBLE, INFEASIBLE, Look
from tests.explain.planted import plants

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
