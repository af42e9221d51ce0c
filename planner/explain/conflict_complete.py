"""Whether a way out that is enough for a plan is enough to meet everything, proven by solving the changed case."""

from collections.abc import Sequence
from dataclasses import replace

from planner.changes.apply import apply_changes
from planner.explain.conflict_limits import Part
from planner.explain.conflict_make import make_world
from planner.explain.conflict_search import Question
from planner.explain.conflict_way import WayOut, in_order
from planner.explain.conflict_world import FEASIBLE, INFEASIBLE, World

MISSED = {"redundancy": "rules of redundancy", "programme": "programmes", "demand": "demand"}
"""What may be missed by kind, in words; what is the last to be missed stands last."""


def completed(question: Question, ways: Sequence[WayOut]) -> list[WayOut]:
    """Return ways out that say whether they are enough to meet everything, not only for a plan.

    Parameters
    ----------
    question : Question
        Of the case; where it asks for everything, each proven way out is enough for that.
    ways : sequence of WayOut
        Those of which only the relaxation is known stay undecided.
    """
    return in_order([_completed(question, way) for way in ways])


def _completed(question: Question, way: WayOut) -> WayOut:
    if not way.proven:
        return way
    if question.whole:
        return replace(way, meets_everything=True)
    if not question.can_make():
        return way
    world = make_world(apply_changes(question.case, way.changes), whole=True, units=question.world.units)
    status = _status(question, world, "")
    if status == FEASIBLE:
        return replace(way, meets_everything=True)
    if status != INFEASIBLE:
        return way
    alone = (words for kind, words in MISSED.items() if _status(question, world, kind) == FEASIBLE)
    return replace(way, meets_everything=False, missing=next(alone, ""))


def _status(question: Question, world: World, without: str) -> str:
    """Return whether everything can be met, but what is asked by the limits of one kind."""

    def in_force(part: Part) -> bool:
        return part.limit.kind != without

    return world.look(in_force, integer=True, until=question.until, limited=True).status
