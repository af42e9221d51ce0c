"""The smallest set of limits in conflict: drop any one of them, and there is a plan under the others."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from planner.explain.conflict_found import Found
from planner.explain.conflict_limits import DATES, ORDER, REMADE, Limit, Part, by_order
from planner.explain.conflict_look import FEASIBLE, INFEASIBLE, UNKNOWN, Look
from planner.explain.conflict_question import Question

AT_ONCE = 2
"""Limits that are left out in turn of which the looks are made at once; the same on every machine."""
MOST_PARTS = 40
"""Parts of a limit up to which those that are needed are singled out."""
MOST_WHOLE_PARTS = 8
"""The same where it takes whole blocks to see the conflict."""
WIDENING = 4
"""How many times as many limits are kept as before, as long as those kept are not in conflict."""
WHOLE_SHARE = 0.2
"""Share of the time left in which larger programs are searched for a smaller conflict in whole blocks."""


def find_conflict(
    question: Question,
    among: frozenset[Limit],
    *,
    integer: bool,
    first: Look | None = None,
    whole: bool = False,
    brief: bool = False,
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
    brief : bool
        Whether each search in whole blocks ends after so many nodes in small programs too: what is not decided by then
        stays in the conflict.
    """
    look = first or question.look(among, integer=integer, limited=brief)
    if look.divisible and question.large and look.proof is None and not question.out_of_time:
        found = _Filter(question, divisible=True, claim=True).run(among, look)
        if found is not None:
            return _in_whole_blocks(question, found, whole=whole, brief=brief)
        look = question.look(among, integer=integer)
    if look.status != INFEASIBLE:
        return None
    limited = not look.divisible and (brief or not question.small)  # searches in whole blocks, each of so many nodes
    found = _Filter(question, look.divisible, claim=False, limited=limited).run(among, look)
    return None if found is None else _in_whole_blocks(question, found, whole=whole, brief=brief)


def _in_whole_blocks(question: Question, found: Found, *, whole: bool, brief: bool) -> Found:
    """Return a conflict with what is proven of it in whole blocks; a smaller one where a limit is needed only if not.

    Each limit is left out in turn. In a program that is not small, or if it is to be ``brief``, every search ends after
    so many nodes, and the first one that is open ends all; in a large one none is begun.
    """
    if not found.divisible:
        return found
    if question.large or not (question.small or whole):
        return replace(found, minimal=False)
    limited, kept, minimal = brief or not question.small, frozenset(found.limits), True
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
        return self._one_by_one(kept, by_order(kept - remade))

    def _one_by_one(self, kept: frozenset[Limit], tried: Sequence[Limit]) -> frozenset[Limit]:
        """Leave out one limit after the other for good where the conflict does not need it, two looks at a time.

        A proof without the first may not use the second; then that is not asked. What is needed stays needed where
        there are fewer, and the second is asked again without the first if the answer may differ.
        """
        left = list(tried)
        while left := [limit for limit in left if limit in kept]:
            some = left[:AT_ONCE]
            looks = self.question.look_apart([kept - {limit} for limit in some])
            full = kept
            for limit, look in zip(some, looks, strict=True):
                if look.status != INFEASIBLE:
                    self.minimal &= look.status != UNKNOWN
                    left.remove(limit)
                elif kept is full:
                    kept = self._used(kept - {limit}, look)
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
