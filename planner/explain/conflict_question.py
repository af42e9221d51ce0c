"""A case and what is asked of it: looks at whether there is a plan under some of its limits, each made once."""

import math
import time
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from planner.case.case import CaseData
from planner.changes.apply import apply_changes
from planner.errors import CaseError, PlannerError
from planner.explain.conflict_limits import Limit, Part, remade_limits
from planner.explain.conflict_look import INFEASIBLE, UNKNOWN, Look
from planner.explain.conflict_make import Compiled, compile_case, make_world, without_hosts, world_of
from planner.explain.conflict_world import LARGE, World
from planner.system import interrupts
from planner.system.cores import usable_cores
from planner.system.parallel import in_parallel

SMALL = 3_000
"""Columns up to which more is asked of a conflict than its limits."""


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
    before : Question or None
        Another one about the same case, whose program and redundancy cuts are used.
    divisible : bool
        Whether it is proven that there is no plan even if blocks were divisible.
    making_s : float
        Wall time that making the program took, s.
    refused : dict of str to str
        By what is changed: why no such case is valid; one for all copies.
    """

    case: CaseData
    whole: bool
    until: float = math.inf
    before: "Question | None" = None
    remade: Mapping[Limit, tuple[dict[str, Any], ...]] = field(default_factory=dict)
    compiled: Compiled = field(init=False, repr=False)
    looks: int = 0
    divisible: bool = False
    making_s: float = 0.0
    refused: dict[str, str] = field(default_factory=dict)
    _worlds: dict[frozenset[Limit], World | None] = field(default_factory=dict)
    _known: dict[Any, Look] = field(default_factory=dict)
    _bare: World | None = None

    def __post_init__(self) -> None:
        self.remade = dict(remade_limits(self.case))
        begin = time.monotonic()
        self.compiled = compile_case(self.case) if self.before is None else self.before.compiled
        cuts = () if self.before is None else self.before.world.found
        self._worlds[frozenset()] = world_of(self.compiled, self.case, whole=self.whole, cuts=cuts)
        self.making_s = time.monotonic() - begin if self.before is None else self.before.making_s
        self.before = None

    @property
    def world(self) -> World:
        """The program of the case with everything that shapes it."""
        world = self._worlds[frozenset()]
        assert world is not None  # made first
        return world

    def as_it_is(self) -> World:
        """Return the program of the case for where no limit on sites is left out: only those host that can as it is."""
        if self.world.hosts:
            self._bare = without_hosts(self.world, self.case, self._bare)
        return self._bare or self.world

    @property
    def limits(self) -> frozenset[Limit]:
        """Every limit of the case."""
        return self.world.limits | frozenset(self.remade)

    def apart(self) -> "Question":
        """Return the same question with what is known of it; what is found from here on is known to either alone."""
        other = copy(self)
        other._worlds = {without: world and world.apart() for without, world in self._worlds.items()}
        other._known = dict(self._known)
        other._bare = self._bare and self._bare.apart()
        return other

    def for_a_share(self, share: float) -> "Question":
        """Return the same question for a share of the time left; what is found is known to both."""
        now, other = time.monotonic(), copy(self)
        other.until = now + share * (self.until - now)
        return other

    @property
    def large(self) -> bool:
        """Whether a proof takes much longer than an answer."""
        return self.world.mip.arrays.column_count >= LARGE

    @property
    def small(self) -> bool:
        """Whether making the program anew, and a search in whole blocks, take next to no time."""
        return self.world.mip.arrays.column_count < SMALL

    @property
    def out_of_time(self) -> bool:
        """Whether the time is up, or a signal has asked for an end."""
        return time.monotonic() >= self.until or interrupts.asked() is not None

    @property
    def seconds_left(self) -> float:
        """Wall time that is left; infinity without a limit."""
        return max(0.0, self.until - time.monotonic())

    def can_make(self, until: float | None = None) -> bool:
        """Return whether there is time to make another program of about this size."""
        return time.monotonic() + self.making_s < (self.until if until is None else until)

    def look(
        self, kept: frozenset[Limit], *, integer: bool = False, released: frozenset[Part] = frozenset(),
        claim: bool = False, limited: bool = False,
    ) -> Look:  # fmt: skip
        """Return whether there is a plan under the limits kept, less some parts of them; see `World.look`."""
        asked = (kept, released, integer)
        if asked in self._known:
            return self._known[asked]
        look = self._look(kept, released, integer=integer, claim=claim, limited=limited)
        if look.status != UNKNOWN and not (claim and look.status == INFEASIBLE):
            self._known[asked] = replace(look, x=None)
        return look

    def look_apart(self, several: Sequence[frozenset[Limit]], *, claim: bool = False) -> list[Look]:
        """Return the looks at relaxations under several sets of limits, as many at once as the machine has cores."""

        def asked(kept: frozenset[Limit]) -> Look:
            return self.apart().look(kept, claim=claim)

        looks = in_parallel([partial(asked, kept) for kept in several], usable_cores())
        for kept, look in zip(several, looks, strict=True):
            if look.status != UNKNOWN and not (claim and look.status == INFEASIBLE):
                self._known.setdefault((kept, frozenset(), False), replace(look, x=None))
        return looks

    def _look(
        self, kept: frozenset[Limit], released: frozenset[Part], *, integer: bool, claim: bool, limited: bool
    ) -> Look:
        self.looks += 1
        world = self.world_without(frozenset(limit for limit in self.remade if limit not in kept))
        if world is None:
            return Look(UNKNOWN)

        def in_force(part: Part) -> bool:
            return part.limit in kept and part not in released

        return world.look(in_force, integer=integer, until=self.until, claim=claim, limited=limited)

    def changes_without(self, limits: frozenset[Limit]) -> list[dict[str, Any]]:
        """Return the changes that take limits that shape the program out of the case."""
        return [change for limit in sorted(limits & frozenset(self.remade)) for change in self.remade[limit]]

    def world_without(self, without: frozenset[Limit]) -> World | None:
        """Return the program without some of the limits that shape it; None where there is none."""
        if without not in self._worlds:
            if not self.can_make():
                return None
            try:
                changed = apply_changes(self.case, self.changes_without(without))
                self._worlds[without] = make_world(changed, whole=self.whole, units=self.world.units)
            except (CaseError, PlannerError):
                self._worlds[without] = None
        return self._worlds[without]
