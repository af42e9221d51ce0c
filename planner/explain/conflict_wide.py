"""Ways out by whole kinds of limits, where the limits in conflict are not known or no change beside them was enough.

Of each kind the change that moves most figures is made: all chip supply, the cash of every year, the power of all
sites. It is moved far, which whole blocks decide soon, and then less far, until they do not say that it is enough.
Where no kind is enough by itself all that allow more are moved together, and what is not needed is left out again.
"""

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from planner.changes.apply import apply_changes
from planner.changes.describe import edits
from planner.errors import PlannerError
from planner.explain.conflict_lever import Changes, Lever, members_of
from planner.explain.conflict_limits import ASKED, ORDER, Limit, by_order
from planner.explain.conflict_look import FEASIBLE, INFEASIBLE
from planner.explain.conflict_question import Question
from planner.explain.conflict_trial import Amount, Trial, rounded_up
from planner.explain.conflict_way import WayOut, in_order, move_of, way_of
from planner.explain.conflict_ways import WIDE
from planner.solve.arrays import Floats
from planner.solve.highs import Engine
from planner.system.cores import usable_cores
from planner.system.parallel import in_parallel

FAR = (1.0, 10.0, 100.0)
"""Multiples of what is a large amount that are tried in turn."""
HALVINGS, HALVINGS_NOT_SMALL = 6, 3
"""How often less is looked for; in a program that is not small each search in whole blocks takes long."""
CLOSE = 0.1
"""Share of an amount to which less of it is looked for."""
MOST_KINDS = 4
"""Kinds that allow something, and as many that ask for something, each of which is tried by itself."""
BY_KIND = "Ways out here change all figures of a kind of limit: fewer of them may do."


@dataclass(frozen=True, slots=True)
class _Moved:
    """A lever, and how far it is enough."""

    lever: Lever
    amount: Amount

    @property
    def changes(self) -> Changes:
        return self.lever.changes(self.amount.value)


def wide_ways(question: Question, first: Sequence[Limit] = ()) -> list[WayOut]:
    """Return ways out that move all figures of a kind, each proven in whole blocks; together if none is enough alone.

    Parameters
    ----------
    question : Question
        Of a case that cannot be met.
    first : sequence of Limit
        Whose kinds are tried first: what is known to be in conflict.
    """
    allowing, asking = widest(question, first)
    some = [*allowing[:MOST_KINDS], *asking[:MOST_KINDS]]
    calls = [partial(_alone, question.apart(), lever) for lever in some]
    alone = [one for one in in_parallel(calls, usable_cores()) if one is not None]
    found = [way for one in alone if (way := _way(question, [one])) is not None]
    if any(not way.asks_less for way in found) or question.out_of_time:
        return in_order(found)
    together = _together(question, allowing)
    way = _way(question, together) if len(together) > 1 else None
    return in_order([*found, *([way] if way else [])])


def widest(question: Question, first: Sequence[Limit] = ()) -> tuple[list[Lever], list[Lever]]:
    """Return the lever of each kind of limit that moves most figures: of kinds that allow something, and that ask.

    Some kinds come first, then those that are worth most.
    """
    worth, leading = _worth(question), {limit.kind for limit in first}
    of_kind: dict[str, list[Limit]] = defaultdict(list)
    for limit in by_order(question.limits):
        of_kind[limit.kind].append(limit)

    def place(kind: str) -> tuple[bool, float, int]:
        return kind not in leading, -worth[kind], -ORDER.index(kind)

    levers = {kind: _widest_of(question, of_kind[kind]) for kind in sorted(of_kind, key=place) if kind in WIDE}
    allowing, asking = (
        [lever for kind, lever in levers.items() if lever is not None and (kind in ASKED) == asks]
        for asks in (False, True)
    )
    return allowing, asking


def _widest_of(question: Question, limits: Sequence[Limit]) -> Lever | None:
    """Return the lever of a kind that changes most figures; None where there is none that makes a valid case."""
    counted: dict[Lever, int] = {}
    for lever in WIDE[limits[0].kind](question, limits[0], members_of(question, limits[0])):
        try:
            counted[lever] = len(edits(question.case, apply_changes(question.case, lever.changes(_far(lever)[0]))))
        except PlannerError:
            continue
    return max(counted, key=lambda lever: (len(lever.limits), counted[lever]), default=None)


def _worth(question: Question) -> dict[str, float]:
    """Return what the limits of each kind are worth at the prices of the cheapest relaxation; 0 where it has none."""
    world, worth = question.as_it_is(), defaultdict[str, float](float)
    arrays = world.arrays(lambda _part: True)
    result = Engine(arrays.relaxed()).run(time_limit_s=max(0.0, question.until - time.monotonic()))
    if result.x is None or result.row_dual is None or result.column_dual is None:
        return worth
    side = np.where(result.row_dual < 0.0, arrays.row_upper, arrays.row_lower)
    of_row = _finite(np.abs(result.row_dual * np.where(np.isfinite(side), side, 0.0)))
    of_column = _finite(
        np.abs(np.minimum(result.column_dual, 0.0) * np.where(np.isfinite(arrays.upper), arrays.upper, 0.0))
    )
    for part, places in world.places.items():
        worth[part.limit.kind] += float(of_row[places.rows].sum() + of_column[places.columns].sum())
    return worth


def _finite(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, 0.0)


def _far(lever: Lever) -> tuple[float, ...]:
    """Return far amounts of a lever, in the order in which they are tried."""
    if lever.steps:
        return lever.steps[-1:]
    return tuple(dict.fromkeys(min(lever.most, lever.scale * times) for times in FAR))


def _alone(question: Question, lever: Lever) -> _Moved | None:
    """Return how far a lever must be moved by itself, at most; None where that is not known of any amount."""
    if question.out_of_time:
        return None
    without = question.limits - lever.limits
    if lever.limits and question.look(without, integer=True, limited=True).status != FEASIBLE:
        return None
    trial = Trial(question, lever.changes, question.until)
    return _least(trial, lever)


def _least(trial: Trial, lever: Lever) -> _Moved | None:
    """Return how far the lever of a trial must be moved, at most: the first far amount that is enough, then less."""
    enough = next((far for far in _far(lever) if trial.look(far, integer=True) == FEASIBLE), None)
    if enough is None:
        return None
    low = below = 0.0
    for _ in range(HALVINGS if trial.question.small else HALVINGS_NOT_SMALL):
        middle = _between(lever, low, enough)
        if middle is None:
            break
        status = trial.look(middle, integer=True)
        low, enough = (low, middle) if status == FEASIBLE else (middle, enough)
        below = middle if status == INFEASIBLE else below
    return _Moved(lever, Amount(enough, below, proven=True))


def _between(lever: Lever, low: float, enough: float) -> float | None:
    """Return an amount between one that is not known to be enough and one that is; None where they are close."""
    if lever.steps:
        steps = [step for step in lever.steps if low < step < enough]
        return steps[len(steps) // 2] if steps else None
    middle = rounded_up((low + enough) / 2.0)
    return middle if low < middle < enough and enough - low > CLOSE * enough else None


def _together(question: Question, levers: Sequence[Lever]) -> list[_Moved]:
    """Return levers that are enough together, none of which can be left out, each moved no further than is known."""

    def is_enough(some: Sequence[Lever], times: float) -> bool:
        trial = Trial(question, lambda _: _all_far(some, times), question.until)
        return trial.look(1.0, integer=True) == FEASIBLE

    times = next((times for times in FAR if is_enough(levers, times)), None)
    if times is None:
        return []
    kept = list(levers)
    waiting = [kept[::-1]]  # by halves, what is worth least first
    while waiting:
        some = waiting.pop()
        fewer = [lever for lever in kept if lever not in some]
        if fewer and is_enough(fewer, times):
            kept = fewer
        elif len(some) > 1:
            waiting += [some[len(some) // 2 :], some[: len(some) // 2]]
    moved: list[_Moved] = []
    for number, lever in enumerate(kept):
        before = [change for one in moved for change in one.changes]
        after = _all_far(kept[number + 1 :], times)
        beside = partial(_beside, lever, [*before, *after])
        found = _least(Trial(question, beside, question.until, alone=False), lever)
        moved.append(found or _Moved(lever, Amount(_at(lever, times), 0.0, proven=True)))
    return moved


def _beside(lever: Lever, others: Changes, amount: float) -> Changes:
    return [*others, *lever.changes(amount)]


def _at(lever: Lever, times: float) -> float:
    return lever.steps[-1] if lever.steps else min(lever.most, lever.scale * times)


def _all_far(levers: Sequence[Lever], times: float) -> Changes:
    return [change for lever in levers for change in lever.changes(_at(lever, times))]


def _way(question: Question, moved: Sequence[_Moved]) -> WayOut | None:
    """Return the way out by levers that are moved."""
    moves = [move_of(one.lever, one.amount) for one in moved]
    changes = [change for one in moved for change in one.changes]
    return way_of(question.case, moves, changes, proven=True)
