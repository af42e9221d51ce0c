"""The first look at a case: whether it can be met, what is in conflict; where only whole blocks are, which of them."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from planner.explain.conflict_found import Found
from planner.explain.conflict_kinds import look_at_few
from planner.explain.conflict_look import FEASIBLE, INFEASIBLE, UNKNOWN
from planner.explain.conflict_question import Question
from planner.explain.conflict_search import find_conflict
from planner.explain.conflict_world import World
from planner.solve.highs import Engine
from planner.system import interrupts

BLOCKS = ("blocks", "lease_blocks")
"""Columns of whole blocks."""
OPENINGS = {
    "site_open": "a site is open or not",
    "hosted": "a cluster is at one campus",
    "development_on": "a chip is developed or not",
    "offer_used": "an offer is used or not",
}
"""Columns of yes or no, in words."""
WHOLE = "blocks are whole"
SHARE = 0.5
"""Share of the time in which whole blocks are searched with a cost too, the rest is for the kinds of decisions; and of
the time then left in which a conflict in whole blocks is looked for, the rest is for ways out by kinds of limits."""
NODES = 100
"""Of each search with some kinds of decisions: the same in every run."""


@dataclass(frozen=True, slots=True)
class First:
    """What is known of a case.

    Attributes
    ----------
    status : str
        Whether it can be met.
    found : Found or None
        The conflict, where it was found.
    kinds : tuple of str
        Decisions, in words, of which it is proven that there is no plan even if all others were divisible; empty where
        that is not known.
    """

    status: str
    found: Found | None = None
    kinds: tuple[str, ...] = ()

    def notes(self, *, whole: bool, seconds: float) -> Iterator[str]:
        """Yield what is proven where the conflict was not found, and how to go on."""
        plan = "a plan that meets everything" if whole else "a plan at all"
        if self.status != INFEASIBLE:
            yield f"Whether there is {plan} was not decided."
            return
        yield f"If blocks and all else that is whole were divisible, there would be {plan}; proven: there is none."
        if self.kinds:
            yield f"It takes no more than these to prove it, all else divisible: {'; '.join(self.kinds)}."
        admitted = "" if whole else ', with shortfalls admitted (model.objective.shortfall="tier"),'
        yield (
            f"Which limits are in conflict in whole blocks was not found. `planner solve`{admitted} states what a plan"
            " misses, and where; more of what it lacks can be tried with --set."
        )
        if math.isfinite(seconds):
            yield "A longer --time-limit may find the conflict."


def first_look(question: Question) -> First:
    """Return whether a question has a plan, and the conflict if it is proven to have none."""
    every, middle = question.limits, not (question.small or question.large)
    look = look_at_few(question) if question.large else None
    asked = question.for_a_share(SHARE) if middle and math.isfinite(question.until) else question
    look = look or asked.look(every, integer=True, claim=question.large)
    kinds: tuple[str, ...] = ()
    if middle and look.status != FEASIBLE and not look.divisible and question.look(every).status == FEASIBLE:
        kinds = kinds_in_conflict(question.world, question.until)
    if look.status != INFEASIBLE:
        return First(INFEASIBLE if kinds else look.status, None, kinds)
    asked = question.for_a_share(SHARE) if middle and not look.divisible and math.isfinite(question.until) else question
    found = find_conflict(asked, every, integer=not look.divisible, first=look, whole=True)
    proven = found is not None or not look.divisible  # else it may be the solver's word
    return First(INFEASIBLE if proven else UNKNOWN, found, kinds)


def kinds_in_conflict(world: World, until: float) -> tuple[str, ...]:
    """Return kinds of decisions, in words, of which it is proven that they leave no plan; none if that is not found.

    The decisions of yes or no alone, then whole blocks beside each kind of those, last whole blocks alone; all else is
    divisible, so that each search takes a small part of the time that all of them together take.
    """
    arrays = world.arrays(lambda _part: True)
    name = np.array([column.variable.name for column in arrays.columns])
    there = tuple(one for one in OPENINGS if (arrays.integer & (name == one)).any())
    free, nothing = arrays.with_cost(np.zeros(arrays.column_count)), np.zeros_like(arrays.implied)

    def leave_no_plan(some: tuple[str, ...]) -> bool:
        interrupts.check()
        few = replace(free, integer=free.integer & np.isin(name, some), implied=nothing)
        left = max(0.0, until - time.monotonic())
        return Engine(few).run(gap=0.0, time_limit_s=left, mip_max_nodes=NODES).status == "infeasible"

    with_blocks: list[tuple[str, ...]] = [(*BLOCKS, one) for one in there] or [BLOCKS]
    found = next(filter(leave_no_plan, [*([there] if there else []), *with_blocks]), ())
    if found in with_blocks and leave_no_plan(BLOCKS):
        found = BLOCKS
    words = (WHOLE,) if BLOCKS[0] in found else ()
    return words + tuple(OPENINGS[one] for one in found if one in OPENINGS)
