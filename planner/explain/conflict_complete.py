"""Whether a way out that is enough for a plan is enough to meet everything, proven by solving the changed case."""

from collections.abc import Sequence
from dataclasses import replace

from planner.changes.apply import apply_changes
from planner.explain.conflict_limits import Part
from planner.explain.conflict_make import make_world
from planner.explain.conflict_search import Question
from planner.explain.conflict_way import WayOut, in_order
from planner.explain.conflict_world import FEASIBLE, INFEASIBLE, Look, World

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
    look = _look(question, world, "", integer=True)
    if look.status == FEASIBLE:
        return replace(way, meets_everything=True)
    if look.status != INFEASIBLE:
        return way
    # What a proof of the relaxation needs is seen there too; a search in whole blocks takes long if not small.
    integer = question.small or not look.divisible
    alone = (
        words for kind, words in MISSED.items()
        if _look(question, world, kind, integer=integer).status == FEASIBLE
    )  # fmt: skip
    return replace(way, meets_everything=False, missing=next(alone, ""))


def _look(question: Question, world: World, without: str, *, integer: bool) -> Look:
    """Return whether everything can be met, but what is asked by the limits of one kind."""

    def in_force(part: Part) -> bool:
        return part.limit.kind != without

    return world.look(in_force, integer=integer, until=question.until, limited=True)
