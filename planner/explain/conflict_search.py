"""The smallest set of limits in conflict: drop any one of them, and there is a plan under the others."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from planner.case.case import CaseData
from planner.changes.apply import apply_changes
from planner.errors import CaseError, PlannerError
from planner.explain.conflict_limits import REMADE, Limit, Part, by_order, remade_limits
from planner.explain.conflict_world import INFEASIBLE, UNKNOWN, Look, World, make_world

MOST_PARTS = 40
"""Parts of a limit up to which those that are needed are singled out."""
MOST_WHOLE_PARTS = 8
"""The same where it takes whole blocks to see the conflict."""


@dataclass
class Question:
    """A case and what is asked of it, with answers by the limits in force.

    Attributes
    ----------
    case : CaseData
    whole : bool
        Whether the case is to be met whole; see `planner.explain.conflict_world`.
    until : float
        When the time is up, on the monotonic clock.
    """

    case: CaseData
    whole: bool
    until: float = math.inf
    remade: Mapping[Limit, tuple[dict[str, Any], ...]] = field(default_factory=dict)
    looks: int = 0
    _worlds: dict[frozenset[Limit], World | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.remade = dict(remade_limits(self.case))
        self._worlds[frozenset()] = make_world(self.case, whole=self.whole)

    @property
    def world(self) -> World:
        """The program of the case with everything that shapes it."""
        world = self._worlds[frozenset()]
        assert world is not None  # made first
        return world

    @property
    def limits(self) -> frozenset[Limit]:
        """Every limit of the case."""
        return self.world.limits | frozenset(self.remade)

    @property
    def out_of_time(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self.until

    def look(self, kept: frozenset[Limit], *, integer: bool = False, released: frozenset[Part] = frozenset()) -> Look:
        """Return whether there is a plan under the limits kept, less some parts of them."""
        self.looks += 1
        world = self._world(frozenset(limit for limit in self.remade if limit not in kept))
        if world is None:
            return Look(UNKNOWN)

        def in_force(part: Part) -> bool:
            return part.limit in kept and part not in released

        return world.look(in_force, integer=integer, until=self.until)

    def changes_without(self, limits: frozenset[Limit]) -> list[dict[str, Any]]:
        """Return the changes that take limits that shape the program out of the case."""
        return [change for limit in sorted(limits & frozenset(self.remade)) for change in self.remade[limit]]

    def _world(self, without: frozenset[Limit]) -> World | None:
        """Return the program without some of the limits that shape it; None where there is none."""
        if without not in self._worlds:
            try:
                changed = apply_changes(self.case, self.changes_without(without))
                self._worlds[without] = make_world(changed, whole=self.whole, units=self.world.units)
            except (CaseError, PlannerError):
                self._worlds[without] = None
        return self._worlds[without]


@dataclass(frozen=True, slots=True)
class Found:
    """A conflict.

    Attributes
    ----------
    limits : tuple of Limit
        Those in conflict.
    parts : mapping of Limit to tuple of str
        Of each, the members that are needed for it; empty where they were not singled out.
    minimal : bool
        Whether it is proven that there is a plan without any one of them.
    divisible : bool
        Whether they conflict even if blocks were divisible.
    """

    limits: tuple[Limit, ...]
    parts: Mapping[Limit, tuple[str, ...]]
    minimal: bool
    divisible: bool


def find_conflict(question: Question, among: frozenset[Limit], *, integer: bool) -> Found | None:
    """Return the smallest conflict among some limits that are known to be in conflict; None if that is not proven.

    One limit after the other is left out for good, as long as the others are still in conflict. Each proof of that also
    names the limits it uses: all others go at once.
    """
    first = question.look(among, integer=integer)
    if first.status != INFEASIBLE:
        return None
    kept = _used(question, among, first)
    minimal = True
    divisible = first.divisible
    plain = kept - frozenset(question.remade)
    if plain != kept:  # what shapes the program seldom matters: all of it is tried at once, for each makes a program
        look = question.look(plain, integer=not divisible)
        if look.status == INFEASIBLE:
            kept, divisible = _used(question, plain, look), look.divisible
    if not divisible:
        kept = _without_kinds(question, kept)
    for limit in by_order(kept):
        if limit not in kept:
            continue
        look = question.look(kept - {limit}, integer=not divisible)
        if look.status == INFEASIBLE:
            kept = _used(question, kept - {limit}, look)
        elif look.status == UNKNOWN:
            minimal = False
    singled = {limit: _needed(question, kept, limit, integer=not divisible) for limit in by_order(kept)}
    return Found(tuple(by_order(kept)), singled, minimal, divisible)


def _used(question: Question, kept: frozenset[Limit], look: Look) -> frozenset[Limit]:
    """Return the limits that a proof uses; what shapes the program may be used by any."""
    used = {part.limit for part in look.used}
    return frozenset(limit for limit in kept if limit in used or limit in question.remade)


def _without_kinds(question: Question, kept: frozenset[Limit]) -> frozenset[Limit]:
    """Leave out whole kinds of limits as long as the others are in conflict: fewer runs in whole blocks."""
    for kind in dict.fromkeys(limit.kind for limit in by_order(kept)):
        fewer = frozenset(limit for limit in kept if limit.kind != kind)
        if fewer == kept:
            continue
        look = question.look(fewer, integer=True)
        if look.status == INFEASIBLE:
            kept = _used(question, fewer, look) if look.divisible else fewer
    return kept


def _needed(question: Question, kept: frozenset[Limit], limit: Limit, *, integer: bool) -> tuple[str, ...]:
    """Return the members of a limit that the conflict needs; none where they are too many to try, or it has none."""
    world = question.world
    members = sorted({part.member for part in (*world.places, *world.impossible) if part.limit == limit})
    if limit.kind in REMADE or limit.kind == "redundancy" or members in ([], [""]):
        return ()
    if len(members) > (MOST_WHOLE_PARTS if integer else MOST_PARTS):
        return ()
    released: frozenset[Part] = frozenset()
    for member in members:
        more = released | {Part(limit, member)}
        if question.look(kept, integer=integer, released=more).status == INFEASIBLE:
            released = more
    return tuple(member for member in members if Part(limit, member) not in released)
