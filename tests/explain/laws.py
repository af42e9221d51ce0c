"""The laws of an explanation, held against a case with a planted cause."""

from datetime import date, timedelta

from planner.api import Case
from planner.changes.apply import apply_changes
from planner.errors import InfeasibleError
from planner.explain.conflict import Diagnosis, diagnose
from planner.explain.conflict_question import Question
from planner.explain.conflict_search import find_conflict
from planner.plan.shortfalls import PRICED

WHOLE_YEARS = 1e-6
WHOLE = {"max_blocks", "min_blocks", "min_blocks_per_start", "open_at_most", "open_exactly", "blocks", "most_campuses"}
"""Figures that are whole numbers: the half of a move is rounded to the side of what was."""
YEARS = {"by", "first_year"}
IN_MONTHS = {"life_years", "refresh_after_years", "term_years", "maturity_years"}
"""Numbers of years that are moved by months."""


def is_met(case, verdict):
    """Whether a case can be met, by a solve of its own: at all, or with nothing missing."""
    try:
        plan = Case.of(case).solve(gap=0.5, own_process=False)
    except InfeasibleError:
        return False
    if verdict == "infeasible":
        return True
    return not misses(plan)


def misses(plan):
    """Whether a plan misses anything that must be met; what it misses at a price (``priced``) is in no tier."""
    unserved = sum(float(row["unserved_compute"]) for row in plan.rows("unserved"))
    return unserved > WHOLE_YEARS or any(row["tier"] != PRICED for row in plan.rows("shortfalls"))


def half_of(way):
    """The changes of a way out with every figure moved half as far.

    None where there is no half: yes or no, a rule or a decision taken out, one block or one year, an empty cell that is
    filled; and a month, which is the least by which dates are moved.
    """
    half = []
    for edit in way.edits:
        middle = _middle(edit.place.rpartition(".")[2], edit.old, edit.new)
        if middle is None:
            return None
        half.append(f"{edit.place}={middle}")
    return half or None


def _middle(column, old, new):
    """The figure half-way between two, as text; None if there is none."""
    try:
        days = (date.fromisoformat(new) - date.fromisoformat(old)).days
    except ValueError:
        days = 0
    if days:
        return str(date.fromisoformat(old) + timedelta(int(days / 2))) if abs(days) > 31 else None
    try:
        before, after = float(old), float(new)
    except ValueError:
        return None
    if column in IN_MONTHS and abs(after - before) < 1.5 / 12.0:
        return None
    if column in WHOLE | YEARS:
        return str(int(before + int((after - before) / 2))) if abs(after - before) > 1 else None
    return f"{(before + after) / 2.0:.9g}"


def hold(case, verdict: str, kinds: frozenset[str], *, divisible: bool = True) -> Diagnosis:
    """Hold every law against a case with a planted cause, and return its diagnosis.

    The cause is in the conflict, which is minimal; there are ways out; the case is met with each of them, and not with
    half of it. A solve of its own says so each time.
    """
    assert not is_met(case, verdict)
    found = diagnose(case)
    assert found.verdict == verdict
    named = {limit.kind for limit in found.limits}
    assert kinds <= named, named
    assert divisible or not found.divisible
    assert found.minimal
    hold_minimal(case, verdict, integer=not found.divisible)
    assert all(str(limit) for limit in found.limits)
    assert found.ways
    hold_ways(case, found)
    return found


def hold_ways(case, found: Diagnosis) -> None:
    """Every way out is enough, by a solve of its own; half of it is not."""
    for way in found.ways:
        assert way.proven, way.title
        assert is_met(apply_changes(case, way.changes), found.verdict), way.title
        half = half_of(way)
        if half:
            assert not is_met(apply_changes(case, half), found.verdict), (way.title, half)


def hold_minimal(case, verdict, *, integer):
    """The limits of a conflict cannot all be kept, of each what is named; without any one of them the others can."""
    question = Question(case, whole=verdict == "short")
    found = find_conflict(question, question.limits, integer=integer)
    kept = frozenset(found.limits)
    parts = {*question.world.places, *question.world.impossible}
    unnamed = {part for part in parts if found.parts.get(part.limit) and part.member not in found.parts[part.limit]}
    assert question.look(kept, integer=integer, released=frozenset(unnamed)).status == "infeasible"
    for limit in kept:
        assert question.look(kept - {limit}, integer=True).status == "feasible", limit
