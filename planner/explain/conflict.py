"""Why a case cannot be met, in the user's words, and what would have to change: proven both ways.

First what contradicts what: the smallest set of limits in conflict, any one of which could be dropped. Then the ways
out: changes, each enough by itself, with the smallest amount that is proven to be enough by solving the changed case.
"""

import contextlib
import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from planner.api import AnyCase, Case
from planner.case.check import contradictions_among, warnings_of
from planner.case.model import Model
from planner.case.write import cell_text
from planner.changes.describe import Edit
from planner.errors import Problem
from planner.explain.conflict_causes import MAY_BE_MORE, MOST_FURTHER, Conflict, further_conflicts, whole_conflict
from planner.explain.conflict_complete import completed
from planner.explain.conflict_first import first_look
from planner.explain.conflict_found import Found
from planner.explain.conflict_lever import plain_figure
from planner.explain.conflict_limits import ASKED
from planner.explain.conflict_look import FEASIBLE, INFEASIBLE
from planner.explain.conflict_named import NamedLimit
from planner.explain.conflict_question import Question
from planner.explain.conflict_record import limit_record, way_record
from planner.explain.conflict_way import ENDED, STOPPED, UNTRIED, WayOut, changed_lines, in_order, refused_notes
from planner.explain.conflict_ways import Search
from planner.explain.conflict_wide import BY_KIND, wide_ways
from planner.explain.conflict_words import named_limit
from planner.system import interrupts

PRICED = "The cheapest plan may leave demand unserved all the same, at its price."
PRICED_RULES = "Redundancy rules with a price are not among what must be met: a plan may miss them at their price."
OnStage = Callable[[str], None]
COMPLETING = "whether they meet everything"
"""What is reported once the ways out are known."""
INTERRUPTED = "Interrupted{} before all ways out were tried: there may be more."
PERHAPS = "Perhaps enough (enough if blocks were divisible; not proven in whole blocks):"
"""Heading of ways out of which only the relaxation is known."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What stands in the way of a plan, and what would help.

    Attributes
    ----------
    name : str
        Of the case.
    verdict : str
        ``infeasible``: proven that no plan meets the case; ``short``: there are plans, but proven that each leaves
        demand unserved or misses something else; ``met``: there is a plan that meets everything; ``undecided``:
        neither was proven in time.
    limits : tuple of NamedLimit
        The limits in conflict: they cannot all be kept; without any one of them, the others can (see ``minimal``).
    minimal : bool
        Whether that is proven of each in whole blocks.
    divisible : bool
        Whether they conflict even if blocks were divisible; else only in whole blocks.
    minimal_divisible : bool
        Whether it is proven that without any one of them the others could be kept if blocks were divisible.
    ways : tuple of WayOut
        Ways out, each enough by itself (where ``infeasible``, for a plan; ``meets_everything`` says whether for all
        that is asked): the fewest changes together, the smallest relative change first; where all of
        those ask for less (demand, rules, programmes), others with more changes that allow more follow.
    contradictions : tuple of Problem
        What `planner check` says of it: limits that contradict the rest in the data alone.
    notes : tuple of str
        What was not proven, and why.
    seconds : float
        Wall time that it took.
    further : tuple of tuple of NamedLimit
        Further conflicts, each with its limits: those that are left where what allows too little in the ones before
        it allows enough. What is asked for (demand, rules, programmes, forced decisions) is asked for in all of them;
        but where nothing in one allows anything, its rules (or programmes, or forced decisions) no longer are after it.
    changed_elsewhere : tuple of str
        Places of figures that the run changed (``--set``) and no limit names: beside a limit of money all of them, such
        as prices; beside others compute per IT MW, power per IT MW (PUE) and sizes of blocks.
    """

    name: str
    verdict: str
    limits: tuple[NamedLimit, ...] = ()
    minimal: bool = True
    divisible: bool = True
    minimal_divisible: bool = True
    ways: tuple[WayOut, ...] = ()
    contradictions: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    further: tuple[tuple[NamedLimit, ...], ...] = ()
    changed_elsewhere: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "verdict": self.verdict,
            "minimal": self.minimal,
            "divisible": self.divisible,
            "minimal_if_divisible": self.minimal_divisible,
            "limits": [limit_record(one) for one in self.limits],
            "further_conflicts": [[limit_record(one) for one in limits] for limits in self.further],
            "changed_elsewhere": list(self.changed_elsewhere),
            "ways_out": [way_record(one) for one in self.ways],
            "notes_on_proof": list(self.notes),
            "seconds": round(self.seconds, 3),
        }

    def lines(self, most: int | None = None) -> list[str]:
        """Return it in words, line by line.

        Parameters
        ----------
        most : int or None
            Ways out that are listed; None: all.
        """
        return [*_conflict_lines(self), *_way_lines(self, most), *self.notes]

    def __str__(self) -> str:
        return "\n".join(self.lines())


_HEADS = {
    "infeasible": "{}: no plan meets the case.",
    "short": "{}: there are plans, but none meets everything: each leaves demand unserved or misses something else.",
    "met": "{}: nothing is infeasible; there is a plan that meets everything.",
    "undecided": "{}: neither a plan that meets everything nor a proof that there is none was found in time.",
}


def _conflict_lines(found: Diagnosis) -> list[str]:
    lines = [_HEADS[found.verdict].format(found.name)]
    if not found.limits:
        return lines
    blocks = "" if found.divisible else " in whole blocks (if blocks were divisible, they could)"
    if len(found.limits) == 1:
        lines.append(f"This limit cannot be kept{blocks}, whatever is decided:")
    else:
        proven = "without any one of them, the others could"
        if not found.minimal and found.minimal_divisible:
            proven = "without any one of them, the others could, if blocks were divisible"
        elif not found.minimal:
            proven = "whether all of them are needed for that was not proven in time"
        lines.append(f"These limits cannot all be kept{blocks}; {proven}:")
    lines += [f"  {number}. {one}" for number, one in enumerate(found.limits, 1)]
    for before, limits in pairwise([found.limits, *found.further]):
        them = "this limit cannot be kept either" if len(limits) == 1 else "these limits cannot all be kept either"
        allowed = any(one.kind not in ASKED for one in before)
        lines.append(f"Even if {'more were allowed' if allowed else 'less were asked for'} there, {them}:")
        lines += [f"  {number}. {one}" for number, one in enumerate(limits, 1)]
    return lines + changed_lines(found.changed_elsewhere)


def _way_lines(found: Diagnosis, most: int | None) -> list[str]:
    if not found.ways:
        return []
    alone = any(len(way.moves) == 1 for way in found.ways if way.proven)
    unasked = (STOPPED, ENDED, INTERRUPTED.partition("{")[0], UNTRIED)
    stopped = any(note.startswith(unasked) for note in found.notes)
    open_alone = any(len(way.moves) == 1 for way in found.ways if not way.proven)
    none = "none that is proven" if open_alone else "none of those tried" if stopped else "none"
    what = "each enough by itself" if alone else f"{none} is enough by itself; these are enough together"
    if any(way.proven and not way.meets_everything for way in found.ways):
        what += " for a plan, not all of them for one that meets everything"
    proven = [way for way in found.ways if way.proven]
    perhaps = [way for way in found.ways if not way.proven]
    shown = (proven + perhaps)[:most]
    lines = [f"Ways out, {what}:"] if proven else []
    for number, way in enumerate(shown, 1):
        if perhaps and way is perhaps[0]:
            lines.append(PERHAPS)
        proof = f" ({_proof(way)})" if way.proven or not way.least else ""
        lines.append(f"  {number}. {way.title}{proof}")
        figures = figure_lines(way)
        lines += [f"       {figure}" for figure in figures[:4]]
        if len(figures) > 4:
            lines.append(f"       and {len(figures) - 4} more figures")
    if len(shown) < len(found.ways):
        lines.append(f"  and {len(found.ways) - len(shown)} more")
    return lines


def _proof(way: WayOut) -> str:
    """Return what is proven of a way out, or is not, in words."""
    estimate = "an upper estimate: less may be enough"
    if not way.proven:
        return estimate
    words = "proven in whole blocks" + ("" if way.least else f"; {estimate}")
    if way.meets_everything is None:
        return f"{words}; whether everything can be met then was not decided"
    if not way.meets_everything:
        what = f": {way.missing} cannot be kept as a whole" if way.missing else ""
        return f"{words}; not everything can be met then{what}"
    return words


def figure_lines(way: WayOut) -> list[str]:
    """Return each figure of a way out before and after; what is taken out of the case is one line."""
    gone = [f"model.{change['model']}" for change in way.changes if change["op"] == "relax" and "model" in change]
    kept = [str(_shown(edit)) for edit in way.edits if not edit.place.startswith(tuple(gone) or ("\0",))]
    if any(place.startswith("model.forced") for place in gone):
        kept = [line for line in kept if not line.startswith("model.forced")]
    return kept + [f"{place}: taken out" for place in gone]


def _shown(edit: Edit) -> Edit:
    """Return a figure before and after, without the noise that comes of multiplying it."""
    try:
        old, new = float(edit.old), float(edit.new)
    except ValueError:  # no figure
        return edit
    return replace(edit, old=f"{old:.12g}", new=cell_text(plain_figure(new, old, new - old)))


def diagnose(
    case: AnyCase,
    *,
    time_limit_s: float | None = None,
    ways: bool = True,
    has_plan: bool = False,
    on_stage: OnStage | None = None,
) -> Diagnosis:
    """Find out whether a case can be met; if not, which limits are in conflict, and the ways out.

    Parameters
    ----------
    case : Case, CaseData, str or Path
        A str or Path as of `Case.read`.
    time_limit_s : float or None
        Wall time of all of it; what was not proven by then is stated in ``notes``.
    ways : bool
        Whether ways out are looked for.
    has_plan : bool
        Whether it is known that the case has a plan: it is then only asked what keeps it from meeting everything.
    on_stage : callable or None
        Callback invoked with what is being done, and with limits in conflict and ways out as soon as they are known.

    Raises
    ------
    CaseError
        If the case is not valid.

    Examples
    --------
    >>> diagnose("three_sites").verdict
    'met'
    """
    begin = time.monotonic()
    until = begin + (math.inf if time_limit_s is None else time_limit_s)
    read, report = Case.of(case), on_stage or (lambda _stage: None)
    contradictions = tuple(contradictions_among(warnings_of(read)))
    notes, question = tuple[str, ...](), None
    for whole, verdict in ((False, "infeasible"), (True, "short"))[has_plan:]:
        report("limits in conflict")
        question = Question(read, whole, until, question)
        first = first_look(question)
        if first.found is not None:
            return _diagnosis(question, first.found, verdict, contradictions, begin, ways=ways, report=report)
        if first.status != FEASIBLE:
            notes = tuple(first.notes(whole=whole, seconds=until - begin))
            break
    none = first.status == INFEASIBLE
    out = _ways_by_kind(question, report) if none and ways else []
    return Diagnosis(
        read.model.name,
        verdict if none else "undecided" if notes else "met",
        ways=tuple(out),
        minimal=not none,
        divisible=not none,
        minimal_divisible=not none,
        contradictions=contradictions,
        notes=(*notes, *([BY_KIND] if out else ())) or tuple(_at_a_price(read.model)),
        seconds=time.monotonic() - begin,
    )


def _ways_by_kind(question: Question | None, report: OnStage) -> list[WayOut]:
    """Return ways out where the limits in conflict are not known; none where a signal ends the search."""
    assert question is not None  # something was asked
    out: list[WayOut] = []
    with interrupts.held(), contextlib.suppress(interrupts.Interrupted):
        report("ways out")
        out = wide_ways(question)
        report(COMPLETING)
        out = completed(question, out)
    return out


def _at_a_price(model: Model) -> Iterator[str]:
    """Yield what a plan that meets everything may miss all the same."""
    if model.objective.unserved == "priced":
        yield PRICED
    family = model.families.redundancy
    if family is not None and any(rule.price_busd_per_missing_compute_year is not None for rule in family.rules):
        yield PRICED_RULES


def _diagnosis(
    question: Question,
    found: Found,
    verdict: str,
    contradictions: Iterable[Problem],
    begin: float,
    *,
    ways: bool,
    report: OnStage,
) -> Diagnosis:
    question.divisible = found.divisible
    notes: list[str] = []
    out: list[WayOut] = []
    untried: list[str] = []
    ended: list[str] = []
    further: tuple[tuple[NamedLimit, ...], ...] = ()
    named = _by_name(question, found)
    with interrupts.held(), contextlib.suppress(interrupts.Interrupted):  # what is known by then is kept
        conflict = whole_conflict(question, found)
        named = conflict.named()
        found = conflict.found
        if ways:
            report("ways out")
            report(f"ways out, in conflict: {'; '.join(one.name for one in named)}")
            out = _ways_out(conflict, out, untried, ended, notes)
            report(COMPLETING)
            report(f"{COMPLETING}, ways out: {'; '.join(way.title for way in out)}")
            out = completed(question, out)
        further = tuple(one.named() for one in further_conflicts(conflict, out))
        notes += [MAY_BE_MORE] if len(further) == MOST_FURTHER else []
    notes += refused_notes(question.refused, out)
    if not found.minimal and found.minimal_divisible:
        notes.append("Whether all of them are needed in whole blocks was not proven: there may be fewer in conflict.")
    elif not found.minimal:
        notes.append("The time limit came before every limit was tried: there may be fewer in conflict.")
    if ended:
        notes.append(f"{ENDED}{'; '.join(ended)}.")
    if interrupts.asked() is not None:
        notes.append(INTERRUPTED.format(interrupts.named()))
    elif untried:
        notes += [STOPPED, f"Not tried to the end: {'; '.join(untried)}."]
    elif ways and not (out or ended):
        notes.append("No way out by up to three changes was found among those that are tried.")
    return Diagnosis(
        name=question.case.model.name,
        verdict=verdict,
        limits=named,
        minimal=found.minimal,
        divisible=found.divisible,
        minimal_divisible=found.minimal_divisible,
        further=further,
        ways=tuple(out),
        contradictions=tuple(contradictions),
        notes=tuple(notes),
        seconds=time.monotonic() - begin,
    )


def _by_name(question: Question, found: Found) -> tuple[NamedLimit, ...]:
    """Return the limits in conflict in the user's words, without what they rest on besides."""
    return tuple(named_limit(question, one, found.parts.get(one, ())) for one in found.limits)


def _ways_out(
    conflict: Conflict, so_far: list[WayOut], untried: list[str], ended: list[str], notes: list[str]
) -> list[WayOut]:
    """Return ways out of a conflict: by the limits in it, and by whole kinds of limits where none of those is proven.

    Where only whole blocks are in conflict and the program is not small, kinds come first: each trial takes long there.
    """
    question = conflict.question
    kinds_first = not (conflict.found.divisible or question.small)
    out = [] if kinds_first else _ways_by_limit(conflict, so_far, untried, ended)
    if not (untried or any(way.proven for way in out)):
        more = wide_ways(question, conflict.found.limits)
        notes += [BY_KIND] if more else []
        untried += ["all figures of a kind of limit"] if question.out_of_time else []
        out = in_order([*out, *more])
    if kinds_first and not out:
        out = _ways_by_limit(conflict, so_far, untried, ended)
    return out


def _ways_by_limit(conflict: Conflict, so_far: list[WayOut], untried: list[str], ended: list[str]) -> list[WayOut]:
    """Return the ways out by its limits, and name what was not tried to the end of its time, or of its search.

    Where a signal ends the search, ``so_far`` has those that were found.
    """
    levers = tuple(lever for one in conflict.beside for lever in one.levers)
    search = Search(conflict.question, integer=not conflict.found.divisible, beside=levers)
    try:
        out = search.run(conflict.found)
    except interrupts.Interrupted:
        so_far += in_order(search.so_far)
        raise
    untried += search.untried
    ended += search.ended
    return out
