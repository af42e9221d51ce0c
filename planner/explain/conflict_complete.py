"""Whether a way out that is enough for a plan is enough to meet everything, proven by solving the changed case."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from planner.changes.apply import apply_changes
from planner.explain.conflict_limits import Part
from planner.explain.conflict_look import FEASIBLE, INFEASIBLE, Look
from planner.explain.conflict_make import make_world
from planner.explain.conflict_question import Question
from planner.explain.conflict_way import WayOut, in_order, without_wider
from planner.explain.conflict_world import World
from planner.solve.arrays import Floats
from planner.symbols import Column
from planner.system.cores import usable_cores
from planner.system.parallel import in_parallel

MISSED = {"redundancy": "rules of redundancy", "programme": "programmes", "demand": "demand"}
"""What may be missed by kind, in words; what is the last to be missed stands last."""


def completed(question: Question, ways: Sequence[WayOut]) -> list[WayOut]:
    """Return ways out that say whether they meet everything, without those that another one includes, in order.

    Parameters
    ----------
    question : Question
        Of the case; where it asks for everything, each proven way out is enough for that.
    ways : sequence of WayOut
        Those of which only the relaxation is known stay undecided.
    """
    begun = in_parallel([partial(_begun, question, way) for way in ways], usable_cores())
    plans: list[tuple[tuple[Column, ...], Floats]] = []
    ended = [way if world is None else _ended(question, way, world, plans) for way, world in begun]
    return without_wider(in_order(ended))


def _begun(question: Question, way: WayOut) -> tuple[WayOut, World | None]:
    """Return what the relaxation says of a way out, and the program of the changed case where whole blocks decide."""
    if not way.proven:
        return way, None
    if question.whole:
        return replace(way, meets_everything=True), None
    if not question.can_make():
        return way, None
    changed = apply_changes(question.case, way.changes)
    world = make_world(changed, whole=True, units=question.world.units, hosts=False)  # no limit on sites is left out
    look = _look(question, world, "", integer=False)
    if look.status == INFEASIBLE:
        return _missed(question, way, world, look), None
    return way, world if look.status == FEASIBLE else None


def _ended(question: Question, way: WayOut, world: World, plans: list[tuple[tuple[Column, ...], Floats]]) -> WayOut:
    """Return what whole blocks say; ``plans``, those that meet everything after other ways out, are tried first."""
    columns = tuple(world.mip.arrays.columns)
    if any(same == columns and world.with_blocks(x, _every, question.until) is not None for same, x in plans):
        return replace(way, meets_everything=True)
    look = _look(question, world, "", integer=True)
    if look.status == FEASIBLE and look.x is not None:
        plans.append((columns, look.x[: len(columns)]))  # without columns of cuts found since
        return replace(way, meets_everything=True)
    return _missed(question, way, world, look) if look.status == INFEASIBLE else way


def _missed(question: Question, way: WayOut, world: World, look: Look) -> WayOut:
    """Return a way out that is not enough for everything, with what is missed alone, if it is that."""
    # What a proof of the relaxation needs is seen there too; a search in whole blocks takes long if not small.
    integer = question.small or not look.divisible
    alone = (
        words for kind, words in MISSED.items()
        if _look(question, world, kind, integer=integer).status == FEASIBLE
    )  # fmt: skip
    return replace(way, meets_everything=False, missing=next(alone, ""))


def _every(_part: Part) -> bool:
    return True


def _look(question: Question, world: World, without: str, *, integer: bool) -> Look:
    """Return whether everything can be met, but what is asked by the limits of one kind."""

    def in_force(part: Part) -> bool:
        return part.limit.kind != without

    return world.look(in_force, integer=integer, until=question.until, limited=True)
