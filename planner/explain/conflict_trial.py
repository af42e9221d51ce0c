"""Cases changed by a lever, and whether they can be met; the amount that is found, in round figures."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from planner.case.case import CaseData
from planner.changes.apply import apply_changes
from planner.errors import CaseError, PlannerError
from planner.explain.conflict_hosts import HOSTING
from planner.explain.conflict_lever import Changes
from planner.explain.conflict_limits import Limit, Part
from planner.explain.conflict_look import UNKNOWN, Look
from planner.explain.conflict_make import make_world
from planner.explain.conflict_question import Question
from planner.explain.conflict_world import WIDER_TOO, World

RELATIVE = 0.01
"""To which an amount is found."""
CLOSE = 0.03
"""Share by which an amount may exceed what is proven not to be enough, and still count as the least."""
DIGITS = 4
"""Digits that an amount is rounded up to."""
NO_CASE = "no case"
"""What is known of an amount that makes no valid case."""
OPEN = (UNKNOWN, NO_CASE)
"""What is known of an amount of which nothing is proven."""


@dataclass(frozen=True, slots=True)
class Amount:
    """How far a lever must be moved.

    Attributes
    ----------
    value : float
        It is enough.
    below : float
        It is proven that this is not (0: nothing is proven but that none at all is not).
    proven : bool
        Whether it is proven in whole blocks that the value is enough; else it is that of the relaxation.
    first : bool
        Whether there is none smaller.
    """

    value: float
    below: float
    proven: bool
    first: bool = False

    @property
    def least(self) -> bool:
        """Whether it is known that no amount that is much smaller is enough; else it is an upper estimate."""
        return self.first or self.value <= self.below * (1.0 + CLOSE)


UNDECIDED = Amount(math.inf, 0.0, proven=False)
"""What stands for an amount where it is not known whether any is enough."""


@dataclass
class Trial:
    """Cases changed by a lever, or by several at once, and whether they can be met.

    Attributes
    ----------
    question : Question
    make : callable
        From the amount of the lever to all changes.
    until : float
        When the time is up.
    without : frozenset of Limit
        Limits that are of no account yet.
    alone : bool
        Whether nothing is changed besides the lever, and every limit counts.
    refused : str
        Why the first change that makes no valid case makes none.
    valid, beyond : float
        The largest amount so far that makes a valid case, and that makes none.
    undecided : bool
        Whether nothing is proven of the amount that was tried last.
    hosts : bool
        Whether the lever, or what is of no account yet, decides which sites can host a cluster.
    """

    question: Question
    make: Callable[[float], Changes]
    until: float
    without: frozenset[Limit] = frozenset()
    alone: bool = True
    worlds: dict[tuple[float, bool], World | None] = field(default_factory=dict)
    refused: str = ""
    valid: float = 0.0
    beyond: float = 0.0
    undecided: bool = False
    hosts: bool = True

    def apart(self) -> "Trial":
        """Return the same trial; what is found from here on is known to either alone."""
        return replace(self, question=self.question.apart(), worlds={})

    def base(self) -> World | None:
        """Return the program of the case where the lever is not moved."""
        if self.alone:
            return self.question.world if self.hosts else self.question.as_it_is()
        return self.world(0.0)

    def world(self, amount: float, *, looked_at: bool = False) -> World | None:
        """Return the program of the changed case; None where the change makes no valid case.

        Where it is only looked at with every limit on sites, only those can host a cluster that can in that case.
        """
        hosts = self.hosts and not (looked_at and all(limit.kind not in HOSTING for limit in self.without))
        which = amount, hosts
        if which not in self.worlds:
            if not self.question.can_make(self.until):
                return None
            try:
                changes = [*self.make(amount), *self.question.changes_without(self.without)]
                changed: CaseData = apply_changes(self.question.case, changes)
                base = self.question.world if self.hosts else self.question.as_it_is()
                made = make_world(changed, whole=self.question.whole, units=base.units, hosts=hosts)
                made.near = WIDER_TOO
                if base.found and made.shares_cuts(base):
                    made.add(list(base.found))
                self.valid = max(self.valid, amount)
            except (CaseError, PlannerError) as error:
                made = None
                self.refused, self.beyond = self.refused or reason_of(error), max(self.beyond, amount)
            last = list(self.worlds.items())[-1:]
            self.worlds = {**dict(last), which: made}  # two at a time: they are large
        return self.worlds[which]

    def look(self, amount: float, *, integer: bool, claim: bool = False) -> str:
        """Return whether the changed case can be met; with ``claim`` by the solver's word, as in any large program."""
        world = self.world(amount, looked_at=True)
        self.undecided = not (world is None and any(tried == amount for tried, _ in self.worlds))
        if not self.undecided:
            return NO_CASE
        if world is None or time.monotonic() >= self.until:
            return UNKNOWN
        before = len(world.found)
        claim = (claim or self.question.large) and not integer  # a proof takes much longer than an answer
        look: Look = world.look(self.in_force, integer=integer, until=self.until, claim=claim, limited=True)
        self.share(world, before)
        self.undecided = look.status == UNKNOWN
        return look.status

    def in_force(self, part: Part) -> bool:
        """Whether a part is asked for."""
        return part.limit not in self.without

    def share(self, world: World, before: int) -> None:
        """Give the cuts that were found to the program of the case too: the next change begins with them."""
        base = self.question.world
        if len(world.found) > before and base.shares_cuts(world):
            known = set(base.found)
            base.add([cut for cut in world.found[before:] if cut not in known])


def reason_of(error: PlannerError) -> str:
    """Return why a change makes no valid case, in one line."""
    problems = getattr(error, "problems", ())
    return problems[0].message if problems else str(error).partition("\n")[0]


def roundest(below: float, enough: float) -> float:
    """Return the number with the fewest digits above one and up to another.

    Examples
    --------
    >>> roundest(9.92, 10.04), roundest(99.8, 100.7), roundest(1.23, 1.26)
    (10.0, 100.0, 1.25)
    """
    for digits in range(DIGITS):
        size = 10.0 ** (math.floor(math.log10(enough)) - digits)
        for step in (size, size / 2.0):
            value = float(f"{math.floor(enough / step + 1e-9) * step:.12g}")
            if below < value <= enough:
                return value
    return enough


def rounded_up(value: float) -> float:
    """Return a positive number rounded up to a few digits, and always a little more than the number.

    Examples
    --------
    >>> rounded_up(12.34567), rounded_up(0.5)
    (12.35, 0.5001)
    """
    if value <= 0.0:
        return 0.0
    size = 10.0 ** (math.floor(math.log10(value)) - DIGITS + 1)
    return float(f"{math.ceil(value * (1.0 + 1e-7) / size - 1e-6) * size:.12g}")
