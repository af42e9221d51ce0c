"""The smallest amount by which a lever must be moved: found on the relaxation, then proven in whole blocks."""

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from planner.explain.conflict_elastic import least_by_program
from planner.explain.conflict_hosts import HOSTING
from planner.explain.conflict_lever import LARGEST, Lever
from planner.explain.conflict_limits import Limit
from planner.explain.conflict_look import FEASIBLE, INFEASIBLE, UNKNOWN
from planner.explain.conflict_question import Question
from planner.explain.conflict_rough import roughly_needed
from planner.explain.conflict_trial import NO_CASE, OPEN, RELATIVE, UNDECIDED, Amount, Trial, rounded_up, roundest
from planner.system.cores import usable_cores
from planner.system.parallel import in_parallel

GROWTH = (1.0, 1.03, 1.2, 1.7, 3.0, 8.0, 30.0, 100.0)
"""Multiples of what the relaxation needs that are tried in whole blocks."""
LARGER = 1.2
"""Multiple of what the relaxation needs that is tried in a large program."""
NARROW = 0.1
"""To which what the relaxation needs is found, in a program of middle size, before whole blocks are looked for."""
FIRST_PART = 64.0
"""Part of a large amount that is tried first where only whole blocks are in conflict."""
MOST_DOUBLINGS = 24
SMALLEST = 1e-6
"""Amount below which less is not looked for: any at all is enough."""


def least_amount(
    question: Question,
    lever: Lever,
    until: float,
    *,
    before: Sequence[dict[str, Any]] = (),
    without: frozenset[Limit] = frozenset(),
) -> Amount | None:
    """Return how far a lever must be moved for the case to be met; None if it is not enough.

    `UNDECIDED` where nothing is known: the time was up, or a search in whole blocks ended at its number of nodes. So it
    is where the relaxation alone says that an amount is enough, but says so of none at all too.
    Where larger amounts make no valid case, and none of the others is enough, `Question.refused` has the reason.

    Parameters
    ----------
    question : Question
    lever : Lever
    until : float
        When the time is up.
    before : list of dict
        Changes that are made besides.
    without : frozenset of Limit
        Limits that are of no account yet: those of levers that are moved later.
    """
    alone = not before and not without
    hosts = any(limit.kind in HOSTING for limit in (*lever.limits, *without))
    trial = Trial(question, lambda amount: [*before, *lever.changes(amount)], until, without, alone, hosts=hosts)
    found = _least(trial, lever, has_changes=bool(before))
    if found is None and trial.beyond > trial.valid:
        more = f" {lever.by} more than {trial.valid:.6g} {lever.unit}" if trial.valid else ""
        question.refused.setdefault(f"{lever.name}{more}", trial.refused)
    elif found is None and trial.undecided:
        return UNDECIDED
    return UNDECIDED if found is not None and not (found.proven or question.divisible) else found


def _least(trial: Trial, lever: Lever, *, has_changes: bool) -> Amount | None:
    """Return how far the lever of a trial must be moved; ``has_changes``: others are made besides."""
    question = trial.question
    if lever.steps:
        return _least_step(trial, lever.steps, turns=lever.turns)
    needed = least_by_program(trial, lever)
    if isinstance(needed, Amount):
        return needed
    if needed == math.inf:
        return None
    if not has_changes and _never_enough(question, lever.limits, trial.without):
        return None
    known = question.divisible and trial.alone  # that none at all is not enough
    if needed is None and not known and trial.look(0.0, integer=False) == FEASIBLE:
        return _from_nothing(trial, lever)
    known_ends = None if needed is None else (needed * (1.0 - RELATIVE), needed)
    if known_ends is None and not (question.small or question.large):
        return _in_between(trial, lever, roughly_needed(trial, lever))
    ends = known_ends or _bisected(trial, lever)
    if ends is None:
        return None
    return _whole(trial, *ends, lever.most) if question.small else _larger(trial, *ends, lever.most)


def _never_enough(question: Question, limits: frozenset[Limit], without: frozenset[Limit]) -> bool:
    """Whether it is proven in whole blocks that no amount of a lever is enough; asked where each trial takes a while.

    In a large program it is not asked, for there such a proof takes long.
    """
    if question.small or question.large or not limits:
        return False
    loosened = question.look(question.limits - limits - without, integer=True, limited=True)
    return loosened.status == INFEASIBLE


def _least_step(trial: Trial, steps: tuple[float, ...], *, turns: bool) -> Amount | None:
    """Return the first step that is enough, and less between it and the one before, in whole numbers.

    By halving up to the last one that is, then one after the other; steps that make no valid case are left out. In a
    program that is not small the solver's word is taken for what the relaxation says on the way there; in a large one,
    in which each step takes seconds, it begins with the last ones, of which most are needed.
    """
    claim = not trial.question.small
    low, high = -1, _last_enough(trial, steps, turns=turns)
    if high is None:
        return None
    back = 1 if trial.question.large else len(steps)
    while high - low > 1:
        middle, back = max((low + high) // 2, high - back), 2 * back
        status = trial.look(steps[middle], integer=False, claim=claim)
        if status == NO_CASE:
            steps, high = (*steps[:middle], *steps[middle + 1 :]), high - 1
        elif status == FEASIBLE:
            high = middle
        else:
            low = middle
    relaxed = steps[high]
    for number in range(high, len(steps)):
        status = trial.look(steps[number], integer=True)
        if status == NO_CASE:  # so are all later ones
            return None
        if status == FEASIBLE:
            first = number == 0 or number > high or not trial.question.large  # else by the solver's word
            if not number or not first:
                return Amount(steps[number], 0.0, proven=True, first=first)
            return _between(trial, steps[number - 1], steps[number], known=number > high or not claim)
        if status == UNKNOWN:
            return Amount(relaxed, 0.0, proven=False)
    return None


def _last_enough(trial: Trial, steps: tuple[float, ...], *, turns: bool) -> int | None:
    """Return the number of the last step of those that make a case if the relaxation says that it is enough.

    Where a step may go too far, the last one that is enough, in programs that are not large.
    """
    for number in reversed(range(len(steps))):
        status = trial.look(steps[number], integer=False, claim=not trial.question.small)
        if status == FEASIBLE:
            return number
        if status != NO_CASE and (not turns or trial.question.large):
            return None
    return None


def _between(trial: Trial, below: float, enough: float, *, known: bool) -> Amount:
    """Return the least whole number that is enough above one that is not, to a hundredth; as it is in a large program.

    There each trial takes long. In one that is not small, what the relaxation needs is tried first. That the one below
    is not enough is proven, or is the solver's word if it is not ``known``, and is then proven here.
    """
    if trial.question.large:
        return Amount(enough, below, proven=True, first=enough - below <= max(1.0, RELATIVE * enough))
    if not trial.question.small:
        needed = _halving(trial, below, enough, integer=False)
        if needed.value < enough and trial.look(needed.value, integer=True) == FEASIBLE:
            below, enough, known = needed.below, needed.value, known and needed.below == below
    found = _halving(trial, below, enough, integer=True)
    if not known and found.below == below and trial.look(below, integer=False) != INFEASIBLE:
        return Amount(found.value, 0.0, proven=True)
    return replace(found, first=found.value - found.below <= max(1.0, RELATIVE * found.value))


def _halving(trial: Trial, below: float, enough: float, *, integer: bool) -> Amount:
    """Return a whole number between one that is not enough and one that is, by halving."""
    while enough - below > max(1.0, RELATIVE * enough):
        middle = float(round((below + enough) / 2.0))
        status = trial.look(middle, integer=integer, claim=not integer)
        if status in OPEN:
            break
        below, enough = (below, middle) if status == FEASIBLE else (middle, enough)
    return Amount(enough, below, proven=integer)


def _in_between(trial: Trial, lever: Lever, needed: float | None = None) -> Amount | None:
    """Return the same in a program of middle size, where what the relaxation needs is found only roughly at first.

    It is found more exactly only where it was not decided whether a little more than that is enough in whole blocks.
    ``needed`` is a guess of it: where less is enough, or whole blocks do not decide, it is looked for without.
    """
    rough = (needed * (1.0 - RELATIVE), needed) if needed else _halved(trial, lever, claim=True, close=NARROW)
    if rough is None:
        return None
    value = min(lever.most, rounded_up(rough[1] * LARGER))
    asked = (partial(trial.look, value, integer=True), partial(trial.apart().look, rough[0], integer=False))
    whole, below = in_parallel(asked, usable_cores())
    if needed and (below == FEASIBLE or whole in OPEN):
        return _in_between(trial, lever)
    if whole == FEASIBLE:
        return Amount(value, rough[0] if below == INFEASIBLE else 0.0, proven=True)
    if whole == INFEASIBLE:
        return _more(trial, value, rough[1], lever.most)
    ends = _bisected(trial, lever, rough)
    return ends and Amount(rounded_up(ends[1]), ends[0], proven=False)


def _larger(trial: Trial, below: float, relaxed: float, most: float) -> Amount | None:
    """Return a larger amount if it is enough in whole blocks, else what the relaxation needs, unproven.

    In a program that is not small: a little more than the relaxation needs takes longest to decide there. In one that
    is not large either, more is tried where so much is proven not to be enough, but not where the most is not either.
    """
    value = min(most, rounded_up(relaxed * LARGER))
    status = trial.look(value, integer=True)
    if status == FEASIBLE:
        return Amount(value, below, proven=True)
    if status in OPEN or trial.question.large:
        return Amount(rounded_up(relaxed), below, proven=False)
    return _more(trial, value, relaxed, most)


def _more(trial: Trial, value: float, relaxed: float, most: float) -> Amount | None:
    """Return an amount that is enough above one that is proven not to be; None if the most is not either."""
    if value >= most or (most < LARGEST and trial.look(most, integer=True) == INFEASIBLE):
        return None
    found = _growing(trial, value, relaxed, most)
    return found and replace(found, first=False)


def _whole(trial: Trial, below: float, relaxed: float, most: float) -> Amount | None:
    """Return the amount that is enough in whole blocks.

    Parameters
    ----------
    trial : Trial
    below, relaxed : float
        An amount of which the relaxation says that it is not enough, and one a little above it that is.
    most : float
        The largest amount.
    """
    found = _growing(trial, below, relaxed, most)
    if found is None or not found.proven or found.first:
        return found and replace(found, first=False)
    if found.below < relaxed:  # what the relaxation needs is enough
        return _plain(trial, relaxed * (1.0 - 2.0 * RELATIVE), found.value, found.below)
    return _narrowed(trial, found.below, found.value)


def _growing(trial: Trial, below: float, relaxed: float, most: float) -> Amount | None:
    """Return the first multiple of what the relaxation needs that is enough; ``first`` if a smaller one may be."""
    undecided = None  # the smallest amount that may be enough: more than what is proven not to be
    for times in GROWTH:
        value = min(most, rounded_up(relaxed * times))
        if value <= below:
            continue
        status = trial.look(value, integer=True)
        if status == FEASIBLE:
            return Amount(value, below, proven=True, first=undecided is not None)
        if status == INFEASIBLE:
            below, undecided = value, None
        elif undecided is None and status != NO_CASE:
            undecided = value
        if value >= most or status == NO_CASE or time.monotonic() >= trial.until:
            break
    return None if undecided is None else Amount(undecided, below, proven=False)


def _from_nothing(trial: Trial, lever: Lever) -> Amount | None:
    """Return the amount that is enough where the relaxation needs none: only whole blocks are in conflict."""
    if trial.look(0.0, integer=True) == FEASIBLE:  # nothing is to be moved
        return None
    below, enough = 0.0, None
    value = min(lever.most, lever.scale) / FIRST_PART
    while enough is None:
        status = trial.look(value, integer=True)
        if status == FEASIBLE:
            enough = value
        elif status in OPEN or value >= lever.most or value > LARGEST:
            return None
        else:
            below, value = value, min(lever.most, 2.0 * value)
    return _narrowed(trial, below, enough)


def _narrowed(trial: Trial, below: float, enough: float) -> Amount:
    """Return an amount between one that is not enough and one that is, by halving."""
    while enough - below > 2.0 * RELATIVE * enough and enough > SMALLEST:
        middle = rounded_up((below + enough) / 2.0)
        if not below < middle < enough:
            break
        status = trial.look(middle, integer=True)
        if status == FEASIBLE:
            enough = middle
        elif status == INFEASIBLE:
            below = middle
        else:
            break
    return _plain(trial, below, enough, below)


def _plain(trial: Trial, low: float, enough: float, below: float) -> Amount:
    """Return an amount that is enough, in rounder figures if one a little smaller is enough too."""
    plain = roundest(low, enough)
    if plain < enough and trial.look(plain, integer=True) == FEASIBLE:
        enough = plain
    return Amount(enough, min(below, enough), proven=True)


def _bisected(trial: Trial, lever: Lever, ends: tuple[float, float] = (0.0, math.inf)) -> tuple[float, float] | None:
    """Return an amount of which the relaxation says that it is not enough, and one a little above it that is.

    In a program that is not small the solver's word is taken on the way there, for a proof takes longer; in one that is
    not large either it is proven at the end. In a large one it is not, and the amount that is not enough is then 0.
    """
    if not trial.question.small:
        close = _halved(trial, lever, ends, claim=True, close=2.0 * RELATIVE)
        if close is None or close[0] <= 0.0:
            return close
        if trial.question.large:
            return 0.0, close[1]
        if trial.look(close[0], integer=False) == INFEASIBLE:
            return close
    return _halved(trial, lever, claim=False, close=RELATIVE if trial.question.small else 2.0 * RELATIVE)


def _halved(
    trial: Trial, lever: Lever, ends: tuple[float, float] = (0.0, math.inf), *, claim: bool, close: float
) -> tuple[float, float] | None:
    """Return two amounts as `_bisected`, as close as asked for; ``ends`` are two such amounts, if they are known."""
    low, high = ends
    if math.isinf(high):
        found = _doubled(trial, lever, claim=claim)
        if found is None:
            return None
        low, high = found
    while high - low > close * high and high > 1e-9:
        middle = (low + high) / 2.0
        if not trial.question.small and low < lever.scale < middle:  # by orders of magnitude where the most is far off
            middle = lever.scale if low <= 0.0 else math.sqrt(low * high)
        status = trial.look(middle, integer=False, claim=claim)
        if status in OPEN:
            break
        low, high = (low, middle) if status == FEASIBLE else (middle, high)
    return low, high


def _doubled(trial: Trial, lever: Lever, *, claim: bool) -> tuple[float, float] | None:
    """Return an amount that the relaxation says is enough, and the largest before it that it says is not."""
    low, high = 0.0, lever.most if lever.most < LARGEST else lever.scale
    doublings = 0
    while (status := trial.look(high, integer=False, claim=claim)) != FEASIBLE:
        low, high = high if status == INFEASIBLE else low, high * 2.0
        doublings += 1
        if high > lever.most or doublings > MOST_DOUBLINGS or time.monotonic() >= trial.until:
            return None
    return low, high
