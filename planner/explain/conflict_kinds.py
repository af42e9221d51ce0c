"""First looks at a large case, each at a few kinds of limits: what is asked alone, then beside chips, then money.

Most conflicts are of what is asked and one kind of what is allowed. A program with so few limits is solved in a
fraction of the time of the full one, and what has no point under a few limits has none under all.
"""

from planner.explain.conflict_look import INFEASIBLE, Look
from planner.explain.conflict_question import Question
from planner.explain.conflict_world import FEW

ASKS = frozenset({"demand", "programme", "forced", "commitment"})
"""Kinds of limits that ask for something; rules of redundancy do too, but take several times as long."""
BESIDE = (frozenset[str](), frozenset({"supply", "earned", "financing"}), frozenset({"cash", "envelope"}))
"""Kinds of limits that are looked at beside what is asked, in turn."""


def look_at_few(question: Question) -> Look | None:
    """Return what proves that a few kinds of limits of a large case are in conflict; None if that is not found.

    Parameters
    ----------
    question : Question
    """
    if not any(limit.kind == "demand" for limit in question.world.limits):  # what is missing is admitted
        return None
    counted = dict.fromkeys(question.world.limits, 0)
    for part in question.world.places:
        counted[part.limit] += 1
    shaping = frozenset(question.remade)
    for beside in BESIDE:
        few = frozenset(limit for limit in question.world.limits if limit.kind in ASKS | beside)
        if beside and not any(limit.kind in beside for limit in few):
            continue
        if sum(counted[limit] for limit in few) > FEW:
            continue
        look = question.look(few | shaping)
        if look.status == INFEASIBLE:
            return look
    return None
