"""Conflicts with all of their causes: limits, the data that shape the program, what is signed; and further conflicts.

Each of them holds by itself: its members kept and everything else loosened, there is no plan.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from planner.case.case import CaseData
from planner.changes.apply import apply_changes
from planner.errors import CaseError
from planner.explain.conflict_beside import besides, needed_dates
from planner.explain.conflict_beside_dates import Beside
from planner.explain.conflict_found import Found
from planner.explain.conflict_limits import ASKED, SIGNED, Limit
from planner.explain.conflict_look import FEASIBLE, INFEASIBLE
from planner.explain.conflict_make import make_world
from planner.explain.conflict_named import NamedLimit
from planner.explain.conflict_question import Question
from planner.explain.conflict_search import find_conflict
from planner.explain.conflict_way import WayOut
from planner.explain.conflict_words import named_limit

OF_SIGNED = ("cash", "envelope", "carbon", "diversity", "count", "programme_cap", "growth")
"""Kinds of limits in which what is signed counts."""
MOST_FURTHER = 3
"""Most further conflicts that are looked for."""
MAY_BE_MORE = f"No more than {MOST_FURTHER} further conflicts are looked for: there may be others."


@dataclass(frozen=True, slots=True)
class Conflict:
    """A conflict with all of its causes.

    Attributes
    ----------
    question : Question
        Of the case it was found in.
    found : Found
        Its limits.
    beside : tuple of Beside
        The data that shape the program without any one of which the limits could be kept.
    """

    question: Question
    found: Found
    beside: tuple[Beside, ...]

    def named(self) -> tuple[NamedLimit, ...]:
        """Return its causes in the user's words."""
        limits = [named_limit(self.question, one, self.found.parts.get(one, ())) for one in self.found.limits]
        return (*limits, *(one.name() for one in self.beside), *_signed(self.question, self.found))

    def allowing(self) -> frozenset[Limit]:
        """Return those of its limits that allow something, not those that ask for something."""
        return frozenset(limit for limit in self.found.limits if limit.kind not in ASKED)

    def loosened(self) -> frozenset[Limit]:
        """Return what is left out where further conflicts are looked for: what allows something.

        Where nothing in it does, and it rests on nothing besides, what it asks for in all periods: its rules, or else
        its programmes, or else what it forces. Demand is always asked for.
        """
        allowing = self.allowing()
        if allowing or self.beside:
            return allowing
        for kind in ("redundancy", "cluster", "programme", "forced"):
            asked = {limit.subject for limit in self.found.limits if limit.kind == kind}
            if asked:
                return frozenset(one for one in self.question.limits if one.kind == kind and one.subject in asked)
        return frozenset()

    def without_beside(self) -> Question | None:
        """Return the question of the case without the data that the conflict rests on; None if that is no case."""
        if not self.beside:
            return self.question
        asked, changes = self.question, [change for one in self.beside for change in one.free or one.changes]
        if not asked.can_make():
            return None
        try:
            return Question(apply_changes(asked.case, changes), asked.whole, asked.until)
        except CaseError:
            return None


def whole_conflict(question: Question, found: Found) -> Conflict:
    """Return a conflict with what it rests on besides its limits."""
    found, beside = besides(question, needed_dates(question, found))
    return Conflict(question, found, tuple(beside))


def further_conflicts(first: Conflict, out: Sequence[WayOut]) -> Iterator[Conflict]:
    """Yield conflicts that are left where what allows too little in those before allows enough.

    Where nothing in one allows anything, what it asks for besides demand is asked for no longer. Each search in whole
    blocks ends after so many nodes: they say what else to expect, and the answer does not wait long for them.

    Parameters
    ----------
    first : Conflict
    out : sequence of WayOut
        Ways out of it: of a large program further conflicts are looked for if no single change is enough.
    """
    if not first.question.small and (not out or any(len(way.moves) == 1 for way in out)):
        return
    conflict, without = first, frozenset[Limit]()
    for _ in range(MOST_FURTHER):
        without |= conflict.loosened()
        if not (conflict.loosened() or conflict.beside) or conflict.question.out_of_time:
            return
        question = conflict.without_beside()
        if question is None:
            return
        left = question.limits - without
        look = question.look(left, integer=True, claim=question.large, limited=True)
        if look.status != INFEASIBLE:
            return
        more = find_conflict(question, left, integer=not look.divisible, first=look, brief=True)
        if more is None:
            return
        conflict = whole_conflict(question, more)
        yield conflict


def _signed(question: Question, found: Found) -> list[NamedLimit]:
    """Return what is signed, where the limits in conflict could be kept without it."""
    counted = [limit for limit in found.limits if limit.kind in OF_SIGNED]
    signed = "contracts" in question.case.present and question.case.tables["contracts"]
    if not counted or not signed or not question.can_make():
        return []
    bare: CaseData = question.case.replace(tables={"contracts": None})
    kept = frozenset(found.limits)
    world = make_world(bare, whole=question.whole, units=question.world.units)
    integer = (
        not found.divisible or not question.large
    )  # as what is said of the limits: in whole blocks where it can be
    look = world.look(lambda part: part.limit in kept, integer=integer, until=question.until, limited=found.divisible)
    if look.status != FEASIBLE:
        return []
    periods = {limit.period for limit in counted}
    period = periods.pop() if len(periods) == 1 else None
    return [named_limit(question, Limit(SIGNED.kind, "", period), ())]
