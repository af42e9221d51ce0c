"""The smallest amount by which a lever must be moved: found on the relaxation, then proven in whole blocks."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy import sparse

from planner.case.case import CaseData
from planner.changes.apply import apply_changes
from planner.errors import CaseError, PlannerError
from planner.explain.conflict_lever import LARGEST, Changes, Lever
from planner.explain.conflict_limits import Limit, Part
from planner.explain.conflict_search import Question
from planner.explain.conflict_world import FEASIBLE, INFEASIBLE, UNKNOWN, Look, World, make_world
from planner.solve.arrays import INFINITY, Arrays, NewRow
from planner.solve.linear import solve_by_itself
from planner.symbols import Column, Constraint, Row, Variable

AMOUNT = Variable[None]("amount", meaning="how far a lever is moved")
BOUND = Constraint[int]("amount_bound")
RELATIVE = 0.01
"""To which an amount is found."""
DIGITS = 4
"""Digits that an amount is rounded up to."""
GROWTH = (1.0, 1.03, 1.2, 1.7, 3.0, 8.0, 30.0, 100.0)
"""Multiples of what the relaxation needs that are tried in whole blocks."""
FIRST_PART = 64.0
"""Part of a large amount that is tried first where only whole blocks are in conflict."""
MOST_DOUBLINGS = 24
MOST_ROUNDS = 6
MOST_S = 10.0
"""Time of one search for a plan in whole blocks: a larger amount may be quicker to prove."""


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
    """

    value: float
    below: float
    proven: bool


@dataclass
class Trial:
    """Cases changed by a lever, or by several at once, and whether they can be met."""

    question: Question
    make: Callable[[float], Changes]
    until: float
    without: frozenset[Limit] = frozenset()
    worlds: dict[float, World | None] = field(default_factory=dict)

    def world(self, amount: float) -> World | None:
        """Return the program of the changed case; None where the change makes no valid case."""
        if amount not in self.worlds:
            try:
                changes = [*self.make(amount), *self.question.changes_without(self.without)]
                changed: CaseData = apply_changes(self.question.case, changes)
                base = self.question.world
                made = make_world(changed, whole=self.question.whole, units=base.units, cuts=base.found)
            except (CaseError, PlannerError):
                made = None
            self.worlds = {amount: made}  # one at a time: they are large
        return self.worlds[amount]

    def look(self, amount: float, *, integer: bool) -> str:
        """Return whether the changed case can be met."""
        world = self.world(amount)
        if world is None or time.monotonic() >= self.until:
            return UNKNOWN
        before = len(world.found)
        until = min(self.until, time.monotonic() + MOST_S) if integer else self.until
        look: Look = world.look(self.in_force, integer=integer, until=until)
        self._share(world, before)
        return look.status

    def in_force(self, part: Part) -> bool:
        """Whether a part is asked for."""
        return part.limit not in self.without

    def _share(self, world: World, before: int) -> None:
        """Give the cuts that were found to the program of the case too: the next change begins with them."""
        base = self.question.world
        if len(world.found) > before and base.mip.network is not None:
            base.add(world.found[before:])


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
        return _least_step(trial, lever.steps)
    if trial.look(0.0, integer=False) == FEASIBLE:
        return _from_nothing(trial, lever)
    relaxed = None if before or without else _linear(trial, lever)
    if relaxed is None:
        relaxed = _bisected(trial, lever)
    if relaxed is None:
        return None
    return _whole(trial, relaxed, lever.most)


def _least_step(trial: Trial, steps: tuple[float, ...]) -> Amount | None:
    """Return the first step that is enough: by halving where the last one is, else one after the other."""
    low, high = -1, len(steps) - 1
    if trial.look(steps[high], integer=False) != FEASIBLE:
        return None
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
            return Amount(steps[number], steps[number - 1] if number else 0.0, proven=True)
        if status == UNKNOWN:
            return Amount(relaxed, 0.0, proven=False)
    return None


def _whole(trial: Trial, relaxed: float, most: float) -> Amount | None:
    """Return the amount that is enough in whole blocks, given what the relaxation needs."""
    below = relaxed * (1.0 - RELATIVE)
    enough, unknown = None, False
    for times in GROWTH:
        value = min(most, rounded_up(relaxed * times))
        status = trial.look(value, integer=True)
        if status == FEASIBLE:
            enough = value
            break
        unknown |= status == UNKNOWN
        below = value if status == INFEASIBLE else below
        if value >= most or time.monotonic() >= trial.until:
            break
    if enough is None:
        return Amount(rounded_up(relaxed), below, proven=False) if unknown else None
    if unknown:
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
    while enough - below > 2.0 * RELATIVE * enough:
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
    plain = _roundest(low, enough)
    if plain < enough and trial.look(plain, integer=True) == FEASIBLE:
        enough = plain
    return Amount(enough, min(below, enough), proven=True)


def _roundest(below: float, enough: float) -> float:
    """Return the number with the fewest digits above one and up to another.

    Examples
    --------
    >>> _roundest(9.92, 10.04), _roundest(99.8, 100.7), _roundest(1.23, 1.26)
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


def _linear(trial: Trial, lever: Lever) -> float | None:
    """Return what the relaxation needs, where the lever moves the sides of rows and bounds evenly; else None."""
    unit = lever.most / 2.0 if lever.most < LARGEST else 1.0
    for _ in range(MOST_ROUNDS):
        moved = trial.world(unit)
        if moved is None:
            return None
        elastic = _elastic(trial.question.world, moved, unit, lever.most)
        if elastic is None:
            return None
        result = solve_by_itself(elastic, max(0.0, trial.until - time.monotonic()))
        if result.status != "optimal" or result.x is None:
            return None
        amount = float(result.x[trial.question.world.mip.arrays.column_count])
        if amount <= 0.0:
            return None
        before = len(trial.question.world.found)
        if trial.look(min(lever.most, amount * (1.0 + 1e-6)), integer=False) == FEASIBLE:
            return amount
        if len(trial.question.world.found) == before:
            return None
    return None


def _elastic(base: World, moved: World, unit: float, most: float) -> Arrays | None:
    """Return the program whose one objective is how far a lever is moved; None where it moves more than sides."""
    a, b = base.arrays(lambda _part: True), moved.arrays(lambda _part: True)
    if base.impossible or moved.impossible or not _same_shape(a, b):
        return None
    width = a.column_count
    wide = a.with_cost(np.zeros(width)).relaxed().extended([Column(AMOUNT)], _bounds_rows(a, b, unit))
    lower_move = np.where(np.isfinite(a.row_lower), b.row_lower - np.where(np.isfinite(a.row_lower), a.row_lower, 0), 0)
    upper_move = np.where(np.isfinite(a.row_upper), b.row_upper - np.where(np.isfinite(a.row_upper), a.row_upper, 0), 0)
    both = np.isfinite(a.row_lower) & np.isfinite(a.row_upper)
    if (np.abs(lower_move - upper_move)[both] > 1e-9).any():
        return None
    move = np.where(np.isfinite(a.row_lower), lower_move, upper_move) / unit
    rows = np.flatnonzero(move)
    matrix = sparse.lil_array(wide.matrix)
    for i in rows:
        matrix[i, width] = -move[i]
    lower, upper, cost = wide.lower.copy(), wide.upper.copy(), np.zeros(width + 1)
    changed = (a.lower != b.lower) | (a.upper != b.upper)
    lower[:width][changed] = np.minimum(a.lower, b.lower)[changed] * 1.0
    upper[:width][changed & (b.upper > a.upper)] = INFINITY
    upper[width], cost[width] = most, 1.0
    return replace(wide, matrix=sparse.csr_array(matrix), lower=lower, upper=upper).with_cost(cost)


def _same_shape(a: Arrays, b: Arrays) -> bool:
    """Whether two programs have the same rows and columns, and the same matrix."""
    if a.columns != b.columns or [str(row) for row in a.rows] != [str(row) for row in b.rows]:
        return False
    finite = (np.isfinite(a.row_lower) == np.isfinite(b.row_lower)).all()
    finite &= (np.isfinite(a.row_upper) == np.isfinite(b.row_upper)).all()
    if not finite or (a.lower != b.lower).any():
        return False
    difference = abs(a.matrix - b.matrix)
    return difference.nnz == 0 or float(difference.max()) <= 1e-12


def _bounds_rows(a: Arrays, b: Arrays, unit: float) -> list[NewRow]:
    """Return rows for the upper bounds of columns that move with the lever."""
    found = []
    for j in np.flatnonzero((a.upper != b.upper) & np.isfinite(a.upper) & np.isfinite(b.upper)):
        slope = (b.upper[j] - a.upper[j]) / unit
        index, value = np.array([j, a.column_count], dtype=np.int32), np.array([1.0, -slope])
        found.append(NewRow(Row(BOUND, int(j)), index, value, -INFINITY, float(a.upper[j])))
    return found
