"""The smallest amount by which a lever must be moved: found on the relaxation, then proven in whole blocks."""

import math
import time
from collections.abc import Sequence
from typing import Any

from planner.explain.conflict_elastic import least_by_program
from planner.explain.conflict_lever import LARGEST, Lever
from planner.explain.conflict_limits import Limit
from planner.explain.conflict_search import Question
from planner.explain.conflict_trial import RELATIVE, Amount, Trial, rounded_up, roundest
from planner.explain.conflict_world import FEASIBLE, INFEASIBLE, UNKNOWN

GROWTH = (1.0, 1.03, 1.2, 1.7, 3.0, 8.0, 30.0, 100.0)
"""Multiples of what the relaxation needs that are tried in whole blocks."""
LARGER = 1.2
"""Multiple of what the relaxation needs that is tried in a large program."""
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
    """Return how far a lever must be moved for the case to be met; None if it is not enough, or nothing is known.

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
    trial = Trial(question, lambda amount: [*before, *lever.changes(amount)], until, without)
    if lever.steps:
        return _least_step(trial, lever.steps, turns=lever.turns)
    needed = None if before or without else least_by_program(trial, lever)
    if isinstance(needed, Amount):
        return needed
    if needed == math.inf:
        return None
    known = question.divisible and not before and not without  # that none at all is not enough
    if needed is None and not known and trial.look(0.0, integer=False) == FEASIBLE:
        return _from_nothing(trial, lever)
    relaxed = _bisected(trial, lever) if needed is None else needed
    if relaxed is None:
        return None
    if trial.question.large:  # restrictions around the relaxation held no plan, so whether there is one takes long
        return _first_of(trial, relaxed, lever.most)
    if not trial.question.small:  # a little more than the relaxation needs takes longest to decide
        first = _first_of(trial, relaxed, lever.most)
        if first.proven:
            return _narrowed(trial, first.below, first.value)
    return _whole(trial, relaxed, lever.most)


def _least_step(trial: Trial, steps: tuple[float, ...], *, turns: bool) -> Amount | None:
    """Return the first step that is enough, and less between it and the one before, in whole numbers.

    By halving up to the last one that is, then one after the other.
    """
    low, high = -1, len(steps) - 1
    while trial.look(steps[high], integer=False) != FEASIBLE:
        if not turns or trial.question.large or not high:
            return None
        high -= 1
    while high - low > 1:
        middle = (low + high) // 2
        if trial.look(steps[middle], integer=False) == FEASIBLE:
            high = middle
        else:
            low = middle
    relaxed = steps[high]
    for number in range(high, len(steps)):
        status = trial.look(steps[number], integer=True)
        if status == FEASIBLE:
            first = number == 0 or number > high or not trial.question.large  # else by the solver's word
            if not number or not first:
                return Amount(steps[number], 0.0, proven=True, first=first)
            return _between(trial, steps[number - 1], steps[number])
        if status == UNKNOWN:
            return Amount(relaxed, 0.0, proven=False)
    return None


def _between(trial: Trial, below: float, enough: float) -> Amount:
    """Return the least whole number that is enough above one that is not, to a hundredth; as it is in a large program.

    There each trial takes long.
    """
    while not trial.question.large and enough - below > max(1.0, RELATIVE * enough):
        middle = float(round((below + enough) / 2.0))
        status = trial.look(middle, integer=True)
        if status == UNKNOWN:
            break
        below, enough = (below, middle) if status == FEASIBLE else (middle, enough)
    return Amount(enough, below, proven=True, first=enough - below <= max(1.0, RELATIVE * enough))


def _first_of(trial: Trial, relaxed: float, most: float) -> Amount:
    """Return a larger amount if it is enough in whole blocks, else what the relaxation needs, unproven."""
    below = relaxed * (1.0 - RELATIVE)
    value = min(most, rounded_up(relaxed * LARGER))
    if trial.look(value, integer=True) == FEASIBLE:
        return Amount(value, below, proven=True)
    return Amount(rounded_up(relaxed), below, proven=False)


def _whole(trial: Trial, relaxed: float, most: float) -> Amount | None:
    """Return the amount that is enough in whole blocks, given what the relaxation needs."""
    below = relaxed * (1.0 - RELATIVE)
    enough, undecided = None, None  # the smallest amount that may be enough: more than what is proven not to be
    for times in GROWTH:
        value = min(most, rounded_up(relaxed * times))
        status = trial.look(value, integer=True)
        if status == FEASIBLE:
            enough = value
            break
        if status == INFEASIBLE:
            below, undecided = value, None
        elif undecided is None:
            undecided = value
        if value >= most or time.monotonic() >= trial.until:
            break
    if enough is None:
        return None if undecided is None else Amount(undecided, below, proven=False)
    if undecided is not None:
        return Amount(enough, below, proven=True)
    if below < relaxed:  # what the relaxation needs is enough
        return _plain(trial, relaxed * (1.0 - 2.0 * RELATIVE), enough, below)
    return _narrowed(trial, below, enough)


def _from_nothing(trial: Trial, lever: Lever) -> Amount | None:
    """Return the amount that is enough where the relaxation needs none: only whole blocks are in conflict."""
    below, enough = 0.0, None
    value = min(lever.most, lever.scale) / FIRST_PART
    while enough is None:
        status = trial.look(value, integer=True)
        if status == FEASIBLE:
            enough = value
        elif status == UNKNOWN or value >= lever.most or value > LARGEST:
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


def _bisected(trial: Trial, lever: Lever) -> float | None:
    """Return what the relaxation needs, by halving."""
    low, high = 0.0, lever.most if lever.most < LARGEST else lever.scale
    doublings = 0
    while trial.look(high, integer=False) != FEASIBLE:
        low, high = high, high * 2.0
        doublings += 1
        if high > lever.most or doublings > MOST_DOUBLINGS or time.monotonic() >= trial.until:
            return None
    while high - low > RELATIVE * high and high > 1e-9:
        middle = (low + high) / 2.0
        if trial.look(middle, integer=False) == FEASIBLE:
            high = middle
        else:
            low = middle
    return high
