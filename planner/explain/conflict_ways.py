"""Ways out of a conflict: the smallest change of each lever that is enough, proven by solving the changed case."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from planner.explain import conflict_levers as levers
from planner.explain import conflict_levers_rules as rules
from planner.explain.conflict_amount import SMALLEST, least_amount
from planner.explain.conflict_dates import of_dates
from planner.explain.conflict_early import too_late
from planner.explain.conflict_found import Found
from planner.explain.conflict_lever import OF_IT, Changes, Lever, members_of, raising
from planner.explain.conflict_limits import ASKED, Limit, by_order
from planner.explain.conflict_look import FEASIBLE, INFEASIBLE, Look
from planner.explain.conflict_question import Question
from planner.explain.conflict_search import find_conflict
from planner.explain.conflict_sets import asks, free_of, lasting, loosened, names_with
from planner.explain.conflict_trial import UNDECIDED, Amount
from planner.explain.conflict_way import Move, WayOut, in_order, move_of, way_of
from planner.redundancy.network import Cut
from planner.system.cores import usable_cores
from planner.system.parallel import in_parallel

Amounts = dict[tuple[tuple[str, ...], frozenset[Limit]], Amount | None]
"""How far the last of some levers is to be moved beside the others, where some limits are of no account yet."""
Maker = Callable[[Question, Limit, list[str]], Iterator[Lever]]
MAKERS: dict[str, Maker] = {
    "cash": levers.of_cash,
    "envelope": levers.of_envelope,
    "demand": levers.of_demand,
    "redundancy": levers.of_redundancy,
    "energised": levers.of_energised,
    "supply": levers.of_supply,
    "site": raising("sites", "max_it_mw", "IT MW", "room at {}"),
    "region": raising("power_regions", "firm_facility_mw", "facility MW", "firm power of {}"),
    "onsite": raising("power_options", "max_facility_mw", "facility MW", "on-site power of {}"),
    "blocks": raising("offers", "max_blocks", "blocks", "blocks of {}", member="offer {}"),
    "commitment": raising("offers", "min_blocks", "blocks", "minimum commitment of offer {}", -1.0),
    "signing": raising("offers", "min_blocks_per_start", "blocks", "smallest signing of offer {}", -1.0),
    "growth": raising("providers", "first_year_it_mw", "IT MW a year", "growth at {}"),
    "programme": rules.of_programme,
    "programme_cap": rules.of_programme_cap,
    "forced": rules.of_forced,
    "count": rules.of_count,
    "diversity": rules.of_diversity,
    "carbon": rules.of_carbon,
    "chip_growth": rules.of_chip_growth,
    "cluster": rules.of_cluster,
    "financing": rules.of_financing,
    "earned": rules.of_earned,
    "single_source": rules.of_market,
    "latency": rules.of_market,
    "residency": rules.of_market,
    "dates": lambda question, _limit, members: of_dates(question, members),
}
"""The levers of each kind of limit."""
WIDE: dict[str, Maker] = {**MAKERS, "demand": levers.of_all_demand}
"""The same where all figures of a kind are moved."""
IN_PROPORTION = WIDE.keys() - ASKED | {"demand"}
"""Kinds of which all figures are moved in proportion beside a single lever of a further conflict."""
MOST_TOGETHER = 3
"""Most levers that are moved together."""
MOST_TRIED = 8
"""Most sets of levers of one size whose rest is searched for further conflicts."""
MOST_OTHERS = 24
"""Most sets of levers of one size that are tried where those that loosen the same are not enough."""
IN_PARALLEL = 2_000
"""Columns from which levers are tried in parallel; in smaller programs each takes less time than a copy is worth."""
CROWD = 3
"""Levers of a large program that loosen the same from which it is first asked whether all of it would be enough."""
AT_ONCE = 2
"""How many sets of limits are left out at the same time, whatever the cores, where one proof may do for several."""
MOST_BESIDE = 3
"""Most levers that loosen no limit of the program and are tried together with others."""
SHARE_OF_TIME = 0.5
"""Share of the time left that one lever may take."""
LEAST_SHARE_S = 0.2
OPEN = "open"
"""What is known of levers of which it was not decided whether any amount is enough."""
TOGETHER = "several changes together"
"""What was not tried where the time is up before any is enough by itself."""


@dataclass(frozen=True, slots=True)
class _Tried:
    """What is known of a set of levers.

    Attributes
    ----------
    enough : bool
        Whether there is a plan without any of the limits that they loosen, or that was not asked.
    way : WayOut or None
        The way out.
    decided : bool
        Whether it was tried to the end; else the time was up before.
    ended : bool
        Whether a search in whole blocks ended at its number of nodes before it was known whether any amount is enough.
    """

    enough: bool = False
    way: WayOut | None = None
    decided: bool = True
    ended: bool = False


@dataclass
class Search:
    """The ways out of one conflict; ``so_far`` has each as soon as it is found, also where a signal ends the search.

    ``untried`` has what the time did not allow, ``ended`` what was left open by searches that end at a number of nodes.
    """

    question: Question
    integer: bool
    beside: tuple[Lever, ...] = ()
    so_far: list[WayOut] = field(default_factory=list)
    untried: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    _known: dict[frozenset[Limit], str] = field(default_factory=dict)
    _proofs: list[tuple[frozenset[Limit], Look]] = field(default_factory=list)
    _few: frozenset[Limit] = frozenset()
    _late: frozenset[str] = frozenset()

    def run(self, found: Found) -> list[WayOut]:
        """Return the ways out with the fewest levers; where all of those ask for less, others with more too."""
        each = [*self._levers(found), *self.beside]
        self._late = too_late(self.question, each, found.limits) if self.question.large else frozenset()
        every: list[tuple[Lever, ...]] = [(lever,) for lever in each]
        known, ways = {lever.name for lever in each}, list[WayOut]()
        kinds = {limit.kind for limit in found.limits}
        remade = self.question.remade
        self._few = frozenset(one for one in self.question.limits if one.kind in kinds or one in remade)
        others: list[tuple[Lever, ...]] = []
        for _ in range(MOST_TOGETHER):
            more, left = self._tried(every)
            if others and not lasting(more):
                again, rest = self._tried_of(others)
                more, left = more + again, left + rest
            ways += more
            if self._has_enough(ways, more):
                break
            if self.question.out_of_time:
                self.untried.append(TOGETHER)
                break
            every, others = self._grown(left, found)
            if lasting(ways):
                every, others = ([some for some in sets if not any(map(asks, some))] for sets in (every, others))
            if not self.question.large:
                alone = self._alone([some[-1] for some in (*every, *others)], known)
                ways += alone
                if self._has_enough(ways, alone):
                    break
                enough = {way.moves[0].what for way in alone}
                every, others = (free_of(sets, enough) for sets in (every, others))
        return in_order(ways)

    def _alone(self, further: Iterable[Lever], known: set[str]) -> list[WayOut]:
        """Return the ways out by one lever of a further conflict, or by all figures of its kind in proportion.

        One of which no limit is in the first conflict may be enough all the same, and is then no part of a pair.
        """
        new = {lever.name: lever for lever in further}
        kinds = {limit.kind for lever in new.values() for limit in lever.limits} & IN_PROPORTION
        first = {limit.kind: limit for limit in reversed(by_order(self.question.limits)) if limit.kind in kinds}
        for kind, limit in first.items() if self.question.small else ():
            wide = WIDE[kind](self.question, limit, members_of(self.question, limit))
            new |= {lever.name: lever for lever in wide if lever.unit == OF_IT}
        some = [(lever,) for name, lever in new.items() if name not in known]
        known |= set(new)
        return self._tried(some)[0] if some else []

    def _tried_of(self, others: Sequence[tuple[Lever, ...]]) -> tuple[list[WayOut], list[tuple[Lever, ...]]]:
        """Return the same as `_tried` of the first sets of levers of which it is not known that they are not enough."""
        hopeless = [some for some in others if self._known.get(loosened(some)) == INFEASIBLE]
        ways, left = self._tried([some for some in others if some not in hopeless][:MOST_OTHERS])
        return ways, left + hopeless

    def _has_enough(self, ways: Sequence[WayOut], more: Sequence[WayOut]) -> bool:
        """Whether no larger sets of levers are tried: some way allows more, or any in a program that is not small."""
        return bool(ways) and (not self.question.small or any(not way.asks_less for way in more))

    def _tried(self, every: Sequence[tuple[Lever, ...]]) -> tuple[list[WayOut], list[tuple[Lever, ...]]]:
        """Return the ways out by some sets of levers, and the sets that are not enough however far they are moved.

        In a large program the search for the least amount itself says so of a single lever, and sooner.
        """
        itself = self.question.large and len(every[0]) == 1 if every else False
        left = self._not_refuted(every)
        left = self._not_hopeless([some for some in left if some[0].name not in self._late]) if itself else left
        tried = dict(zip(left, self._tries(left, itself=itself), strict=True))
        found = [tried.get(some, _Tried()) for some in every]
        ways = [one.way for one in found if one.way is not None]
        names = (" and ".join(lever.name for lever in some) for some in every)
        for name, one in zip(names, found, strict=True):
            if not one.decided:
                self.untried.append(name)
            elif one.ended:
                self.ended.append(name)
        left = [
            some for some, one in zip(every, found, strict=True)
            if not one.enough or (one.way is None and (itself or not all(lever.limits for lever in some)))
        ]  # fmt: skip
        return ways, left

    def _not_refuted(self, every: Sequence[tuple[Lever, ...]]) -> list[tuple[Lever, ...]]:
        """Return the sets of levers beside which no limits are proven to be in conflict, of the kinds of the first one.

        Only in a large program, in which that is asked sooner than how far levers must be moved.
        """
        if not self.question.large or self.integer:
            return list(every)
        every_set = dict.fromkeys(loosened(some) for some in every if all(lever.limits for lever in some))
        waiting: list[frozenset[Limit]] = list({self._few - without: without for without in every_set}.values())
        while waiting:  # a few at a time: what proves one of them often proves others
            asked = [without for without in waiting if not self._proof(without)]
            waiting, asked = asked[AT_ONCE:], asked[:AT_ONCE]
            looks = self.question.look_apart([self._few - without for without in asked])
            for without, look in zip(asked, looks, strict=True):
                if look.status == INFEASIBLE and look.divisible:
                    shaping = frozenset(self.question.remade) - without
                    self._proofs.append((shaping.union(part.limit for part in look.used), look))
        return [
            some for some in every
            if not all(lever.limits for lever in some) or self._proof(loosened(some)) is None
        ]  # fmt: skip

    def _not_hopeless(self, every: Sequence[tuple[Lever, ...]]) -> list[tuple[Lever, ...]]:
        """Return the sets of levers without those that loosen, many of them the same, what is not enough all gone."""
        crowds = Counter(loosened(some) for some in every if all(lever.limits for lever in some))
        asked = [without for without, count in crowds.items() if count >= CROWD]
        looks = self.question.look_apart([self.question.limits - without for without in asked], claim=True)
        hopeless = {without for without, look in zip(asked, looks, strict=True) if look.status == INFEASIBLE}
        return [some for some in every if loosened(some) not in hopeless]

    def _proof(self, without: frozenset[Limit]) -> Look | None:
        """Return what proves that the case cannot be met without some limits; None if that is not known."""
        return next((look for limits, look in self._proofs if limits.isdisjoint(without)), None)

    def _tries(self, every: Sequence[tuple[Lever, ...]], *, itself: bool) -> list[_Tried]:
        """Try sets of levers one after the other; in larger programs in parallel, where the machine has the cores.

        There each begins with what is known of the question now, and what it finds the others do not know: so the
        answers are the same in whatever order they come. All redundancy cuts that were found are known afterwards.
        """
        if self.question.world.mip.arrays.column_count < IN_PARALLEL:
            amounts: Amounts = {}
            return [self._kept(_try(self.question, some, self._known, amounts, itself=itself)) for some in every]
        alone = itself or all(len(some) == 1 for some in every)
        if alone and not itself:
            self._look_without(every)
        before = len(self.question.world.found)
        groups: dict[object, list[tuple[Lever, ...]]] = {}
        for number, some in enumerate(every):  # several levers that loosen the same are asked about together
            groups.setdefault(number if alone else loosened(some), []).append(some)

        def tried(group: Sequence[tuple[Lever, ...]]) -> tuple[list[_Tried], list[Cut]]:
            question, known, amounts = self.question.apart(), dict(self._known), Amounts()
            ones = [self._kept(_try(question, some, known, amounts, itself=itself)) for some in group]
            return ones, question.world.found[before:]

        answers = in_parallel([partial(tried, group) for group in groups.values()], usable_cores())
        new = list(dict.fromkeys(cut for _, cuts in answers for cut in cuts))
        if new:
            self.question.world.add(new)
        of = {some: one for group, (ones, _) in zip(groups.values(), answers, strict=True)
              for some, one in zip(group, ones, strict=True)}  # fmt: skip
        return [of[some] for some in every]

    def _look_without(self, every: Sequence[tuple[Lever, ...]]) -> None:
        """Learn whether there is a plan without what each lever loosens, once for those that loosen the same."""
        each = dict.fromkeys(loosened(some) for some in every if all(lever.limits for lever in some))
        asked = [without for without in each if without not in self._known]
        if self.question.out_of_time:
            return
        looks = self.question.look_apart([self.question.limits - without for without in asked], claim=True)
        self._known.update((without, look.status) for without, look in zip(asked, looks, strict=True))

    def _kept(self, tried: _Tried) -> _Tried:
        if tried.way is not None:
            self.so_far.append(tried.way)
        return tried

    def _levers(self, found: Found) -> list[Lever]:
        """Return the levers of the limits in conflict, each once."""
        levers_found: dict[str, Lever] = {}
        for limit in found.limits:
            maker = MAKERS.get(limit.kind)
            members = list(found.parts.get(limit, ())) or members_of(self.question, limit)
            for lever in maker(self.question, limit, members) if maker else ():
                levers_found.setdefault(lever.name, lever)
        return list(levers_found.values())

    def _grown(
        self, every: Sequence[tuple[Lever, ...]], first: Found
    ) -> tuple[list[tuple[Lever, ...]], list[tuple[Lever, ...]]]:
        """Return larger sets of levers: each with one more, of a conflict that is left beside it.

        Beside levers that loosen no limit of the program the first conflict is left. The second list, in a small
        program, is of sets that loosen the same as others before them: for where those are not enough. In it those
        come first that move many figures in proportion, since as few of them are tried.
        """
        found: dict[frozenset[str], tuple[Lever, ...]] = {}
        others: dict[frozenset[str], tuple[Lever, ...]] = {}
        left_beside: dict[frozenset[Limit], list[Lever]] = {}
        own = [some for some in every if not any(lever.limits for lever in some)]
        for some in own[:MOST_BESIDE]:
            for lever in self._levers(first):
                found.setdefault(names_with(some, lever), (*some, lever))
        for some in every:
            without = loosened(some)
            if without in left_beside and self.question.small:
                for lever in left_beside[without]:
                    others.setdefault(names_with(some, lever), (*some, lever))
            if not without or without in left_beside or len(left_beside) >= MOST_TRIED or self.question.out_of_time:
                continue
            left, known = self.question.limits - without, self._proof(without)
            conflict = find_conflict(self.question, left, integer=self.integer, first=known)
            left_beside[without] = self._levers(conflict) if conflict else []
            for lever in left_beside[without]:
                found.setdefault(names_with(some, lever), (*some, lever))
        more = [some for names, some in others.items() if names not in found]
        return list(found.values()), sorted(more, key=lambda some: sum(lever.unit != OF_IT for lever in some))


def _try(
    question: Question,
    some: tuple[Lever, ...],
    known: dict[frozenset[Limit], str],
    amounts: Amounts,
    *,
    itself: bool,
) -> _Tried:
    """Try a set of levers.

    ``known`` has what is known without some limits, ``amounts`` how far levers are to be moved; both grow.
    """
    if len(some) == 1 and some[0].never_alone:
        return _Tried()
    without = loosened(some)
    itself |= not all(lever.limits for lever in some)  # what shapes the program is seen only by trying
    if not itself and without not in known:
        if question.out_of_time:
            return _Tried(decided=False)
        known[without] = question.look(question.limits - without, claim=True).status
    enough = itself or known[without] == FEASIBLE
    if not enough:
        return _Tried(decided=known[without] == INFEASIBLE)
    until = _until(question)
    way = _way(question, some, until, amounts)
    in_time = question.can_make(until)
    if isinstance(way, WayOut):
        return _Tried(enough, way)
    return _Tried(enough, decided=in_time, ended=in_time and way == OPEN)


def _until(question: Question) -> float:
    """Return when the time for one more set of levers is up."""
    now = time.monotonic()
    return min(question.until, now + max(LEAST_SHARE_S, (question.until - now) * SHARE_OF_TIME))


def _amount(
    question: Question,
    some: tuple[Lever, ...],
    until: float,
    before: Changes,
    rest: frozenset[Limit],
    amounts: Amounts,
) -> Amount | None:
    """Return how far the last of some levers must be moved beside the others; of each only once."""
    asked = (tuple(lever.name for lever in some), rest)
    if asked not in amounts:
        amount = least_amount(question, some[-1], until, before=before, without=rest)
        if amount in (None, UNDECIDED) and time.monotonic() >= until:  # not known, and perhaps known to others
            return None
        amounts[asked] = amount
    return amounts[asked]


def _way(question: Question, some: tuple[Lever, ...], until: float, amounts: Amounts) -> WayOut | str | None:
    """Return the way out by some levers, one after the other moved no further than needed; ``OPEN`` if not decided."""
    moves: list[Move] = []
    changes: Changes = []
    proven = True
    for number, lever in enumerate(some):
        rest = frozenset(limit for later in some[number + 1 :] for limit in later.limits)
        amount = _amount(question, some[: number + 1], until, changes, rest, amounts)
        if amount is UNDECIDED:
            return OPEN
        needless = SMALLEST * max(1.0, lever.scale) if len(some) > 1 else 0.0  # the others are enough without it
        if amount is None or amount.value <= needless:
            return None
        moves.append(move_of(lever, amount))
        proven &= amount.proven
        changes = [*changes, *lever.changes(amount.value)]
    return way_of(question.case, moves, changes, proven=proven)
