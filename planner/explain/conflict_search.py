"""The smallest set of limits in conflict: drop any one of them, and there is a plan under the others."""

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
from planner.explain.conflict_found import Found
from planner.explain.conflict_limits import DATES, ORDER, REMADE, Limit, Part, by_order, remade_limits
from planner.explain.conflict_make import Compiled, compile_case, make_world, without_hosts, world_of
from planner.explain.conflict_world import FEASIBLE, INFEASIBLE, LARGE, UNKNOWN, Look, World
from planner.system import interrupts
from planner.system.cores import usable_cores
from planner.system.parallel import in_parallel

MOST_PARTS = 40
"""Parts of a limit up to which those that are needed are singled out."""
SMALL = 3_000
"""Columns up to which more is asked of a conflict than its limits."""
WIDENING = 4
"""How many times as many limits are kept as before, as long as those kept are not in conflict."""
MOST_WHOLE_PARTS = 8
"""The same where it takes whole blocks to see the conflict."""
WHOLE_SHARE = 0.2
"""Share of the time left in which larger programs are searched for a smaller conflict in whole blocks."""


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
        world = self._world(frozenset(limit for limit in self.remade if limit not in kept))
        if world is None:
            return Look(UNKNOWN)

        def in_force(part: Part) -> bool:
            return part.limit in kept and part not in released

        return world.look(in_force, integer=integer, until=self.until, claim=claim, limited=limited)

    def changes_without(self, limits: frozenset[Limit]) -> list[dict[str, Any]]:
        """Return the changes that take limits that shape the program out of the case."""
        return [change for limit in sorted(limits & frozenset(self.remade)) for change in self.remade[limit]]

    def _world(self, without: frozenset[Limit]) -> World | None:
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


def find_conflict(
    question: Question, among: frozenset[Limit], *, integer: bool, first: Look | None = None, whole: bool = False
) -> Found | None:
    """Return the smallest conflict among some limits that are known to be in conflict; None if that is not proven.

    One limit after the other is left out for good, as long as the others are still in conflict. Each proof of that also
    names the limits it uses: all others go at once. In a large program the last kinds of those are tried first, with
    all kinds that come after them. Without a first proof the solver's word is taken on the way there, and many limits
    are left out at a time, for proofs take longer than answers; what is found is proven at the end, and looked for with
    proofs if it cannot be.

    Parameters
    ----------
    question : Question
    among : frozenset of Limit
    integer : bool
        Whether it takes whole blocks to see the conflict.
    first : Look or None
        What is known of all of them.
    whole : bool
        Whether it is asked in programs that are not small, too, if each limit is needed in whole blocks.
    """
    look = first or question.look(among, integer=integer)
    if look.divisible and question.large and look.proof is None and not question.out_of_time:
        found = _Filter(question, divisible=True, claim=True).run(among, look)
        if found is not None:
            return _in_whole_blocks(question, found, whole=whole)
        look = question.look(among, integer=integer)
    if look.status != INFEASIBLE:
        return None
    limited = not (look.divisible or question.small)  # searches in whole blocks, each of so many nodes
    found = _Filter(question, look.divisible, claim=False, limited=limited).run(among, look)
    return None if found is None else _in_whole_blocks(question, found, whole=whole)


def _in_whole_blocks(question: Question, found: Found, *, whole: bool) -> Found:
    """Return a conflict with what is proven of it in whole blocks; a smaller one where a limit is needed only if not.

    Each limit is left out in turn. In a program that is not small every search ends after so many nodes, and the first
    one that is open ends all; in a large one none is begun.
    """
    if not found.divisible:
        return found
    if question.large or not (question.small or whole):
        return replace(found, minimal=False)
    limited, kept, minimal = not question.small, frozenset(found.limits), True
    asked = question.for_a_share(WHOLE_SHARE) if limited else question
    for limit in found.limits:
        fewer = kept - {limit}
        look = asked.look(fewer, integer=True, limited=limited)
        if look.status == INFEASIBLE:
            smaller = _Filter(asked, divisible=False, claim=False, limited=limited).run(fewer, look)
            return replace(found, minimal=False) if smaller is None else smaller
        minimal &= look.status == FEASIBLE
        if limited and not minimal:
            break
    return replace(found, minimal=minimal)


@dataclass
class _Filter:
    """Limits in conflict, of which one after the other is left out."""

    question: Question
    divisible: bool
    claim: bool
    limited: bool = False
    minimal: bool = True

    @property
    def proven_few(self) -> bool:
        """Whether few limits are looked at with proofs in a large program."""
        return self.divisible and self.question.large and not self.claim

    def run(self, among: frozenset[Limit], first: Look) -> Found | None:
        """Return the smallest conflict; None if what is left cannot be proven to be one."""
        question = self.question
        kept = self._used(among, first)
        if self.claim:  # no proof says which are not needed: by halves, and what shapes the program last
            kept = self._last_of(kept, [limit for limit in by_order(kept) if limit not in question.remade])
        if self.proven_few:
            kept = self._by_periods(kept)
            last = max((ORDER.index(limit.kind) for limit in kept), default=0)
            kept = self._by_kinds(kept.union(limit for limit in among if ORDER.index(limit.kind) > last))
        whole = not self.divisible
        if whole and not question.small:
            kept = self._by_periods(kept)
        kept = self._without_shaping(kept)
        if whole:
            kept = self._without_kinds(kept)
        if not (self.claim or self.proven_few):
            left = [limit for limit in by_order(kept) if limit not in question.remade]
            for some in [left] if whole and not question.small else [[limit] for limit in left]:
                kept = self._without(kept, some)
        proof = question.look(kept, integer=not self.divisible, limited=self.limited)
        if proof.status != INFEASIBLE:
            return None
        kept = self._used(kept, proof)
        parts, both = self._needed(kept, proof), self.minimal and self.divisible
        return Found(tuple(by_order(kept)), parts, self.minimal, self.divisible, both)

    def _by_periods(self, kept: frozenset[Limit]) -> frozenset[Limit]:
        """Leave out all later periods that a conflict does not need, by halving; then what is asked in earlier ones."""
        periods = sorted({limit.period for limit in kept if limit.period is not None})
        low, high = -1, len(periods) - 1
        while high - low > 1:
            middle = (low + high) // 2
            fewer = frozenset(one for one in kept if one.period is None or one.period <= periods[middle])
            look = self._look(fewer)
            if look.status == INFEASIBLE:
                kept, high = self._used(fewer, look), middle
            else:
                low = middle
        asked = [one for one in by_order(kept) if one.kind == "demand" and one.period != periods[high]]
        return self._without(kept, asked)

    def _by_kinds(self, kept: frozenset[Limit]) -> frozenset[Limit]:
        """Leave out what a conflict does not need: by kinds, of which the last ones are kept, then one by one."""
        remade, question = frozenset(self.question.remade), self.question
        kinds = list(dict.fromkeys(limit.kind for limit in by_order(kept - remade)))
        for fewer in range(2, len(kinds)):
            last = frozenset(limit for limit in kept if limit in remade or limit.kind in kinds[-fewer:])
            if (look := question.look(last)).status == INFEASIBLE:
                kept = self._used(last, look)
                break
        tried = by_order(kept - remade)
        looks = dict(zip(tried, question.look_apart([kept - {limit} for limit in tried]), strict=True))
        for limit in tried:  # what is needed stays needed where there are fewer
            if looks[limit].status == INFEASIBLE:
                kept = self._without(kept, [limit])
            else:
                self.minimal &= looks[limit].status != UNKNOWN
        return kept

    def _last_of(self, kept: frozenset[Limit], some: Sequence[Limit]) -> frozenset[Limit]:
        """Leave out those of some limits that the conflict does not need, where most conflicts are among the last.

        What is left is the same as by leaving out one after the other: more and more of the last are kept until they
        are in conflict; of these, those before the last ones that are not go by halves.
        """
        count, fewer = 0, 1
        while fewer < len(some):
            if (look := self._look(kept - frozenset(some[:-fewer]))).status == INFEASIBLE:
                kept = self._used(kept - frozenset(some[:-fewer]), look)
                break
            count, fewer = fewer, WIDENING * fewer
        fewer = min(fewer, len(some))
        kept = self._without(kept, some[len(some) - fewer : len(some) - count])
        return self._without(kept, some[len(some) - count :])

    def _without_shaping(self, kept: frozenset[Limit]) -> frozenset[Limit]:
        """Leave out what shapes the program, each time another program: all of it at once, dates last, else apart."""
        shaping = [limit for limit in by_order(kept) if limit in self.question.remade]
        fewer = kept - frozenset(shaping)
        if (self.claim or self.proven_few) and shaping and (look := self._look(fewer)).status == INFEASIBLE:
            return self._used(fewer, look)
        kept = self._without(kept, [limit for limit in shaping if limit != DATES])
        return self._without(kept, [limit for limit in shaping if limit == DATES])

    def _look(self, kept: frozenset[Limit], released: frozenset[Part] = frozenset()) -> Look:
        integer, more = not self.divisible, {"claim": self.claim, "limited": self.limited}
        return self.question.look(kept, integer=integer, released=released, **more)

    def _without(self, kept: frozenset[Limit], some: Sequence[Limit]) -> frozenset[Limit]:
        """Leave out those of some limits that the conflict does not need: all at once, else by halves."""
        left = [limit for limit in some if limit in kept]
        if not left:
            return kept
        fewer = kept - frozenset(left)
        look = self._look(fewer)
        if look.status == INFEASIBLE:
            self.divisible |= look.divisible
            return self._used(fewer, look)
        if len(left) == 1:
            self.minimal &= look.status != UNKNOWN
            return kept
        half = len(left) // 2
        return self._without(self._without(kept, left[:half]), left[half:])

    def _used(self, kept: frozenset[Limit], look: Look) -> frozenset[Limit]:
        """Return the limits that a proof uses; what shapes the program may be used by any.

        Where the solver's word is taken for some looks, the proofs of others are not used: their order alone decides.
        """
        if self.claim:
            return kept
        used = {part.limit for part in look.used}
        return frozenset(limit for limit in kept if limit in used or limit in self.question.remade)

    def _without_kinds(self, kept: frozenset[Limit]) -> frozenset[Limit]:
        """Leave out whole kinds of limits as long as the others are in conflict: fewer runs in whole blocks."""
        for kind in dict.fromkeys(limit.kind for limit in by_order(kept)):
            fewer = frozenset(limit for limit in kept if limit.kind != kind)
            look = None if fewer == kept else self.question.look(fewer, integer=True, limited=self.limited)
            if look is not None and look.status == INFEASIBLE:
                kept = self._used(fewer, look) if look.divisible else fewer
        return kept

    def _needed(self, kept: frozenset[Limit], proof: Look) -> dict[Limit, tuple[str, ...]]:
        """Return the members of each limit that are needed, together; in a large program, those that its proof uses."""
        members = {limit: self._members(limit) for limit in by_order(kept)}
        every = [Part(limit, member) for limit, names in members.items() for member in names]
        released = frozenset(part for part in every if part not in proof.used)
        for part in () if self.proven_few and proof.proof is not None else every:
            more = released | {part}
            if more != released and self._look(kept, more).status == INFEASIBLE:
                released = more
        return {one: tuple(m for m in names if Part(one, m) not in released) for one, names in members.items()}

    def _members(self, limit: Limit) -> list[str]:
        """Return the members of a limit of which the needed ones are singled out."""
        world, integer = self.question.world, not self.divisible
        members = sorted({part.member for part in (*world.places, *world.impossible) if part.limit == limit})
        if limit.kind in REMADE or limit.kind == "redundancy" or members == [""]:
            return []
        many = len(members) > (MOST_WHOLE_PARTS if integer else MOST_PARTS) or (integer and not self.question.small)
        return [] if many else members
