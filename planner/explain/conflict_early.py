"""Levers of dates that cannot be enough, seen in the first periods of a large program.

A conflict of the first periods is not solved by what begins later. A lever that lets some offers or a chip begin at
other times adds no more columns of these than the case has in which everything can begin on the first day. In that
program without the new columns of everything else, the part until the last period in conflict
(`planner.explain.why_early`) is a relaxation of every case that the lever makes: where it has no point, no amount is
enough. It has a tenth of the columns, and no case is made anew for it. Money is left out of it, since payments may come
earlier with what begins earlier.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from planner.explain.conflict_lever import CHIP, OFFER, Lever
from planner.explain.conflict_limits import DATES, Limit
from planner.explain.conflict_question import Question
from planner.explain.conflict_relaxation import relaxation
from planner.explain.conflict_world import World
from planner.explain.why_early import early_part
from planner.symbols import Column, parts

MONEY = ("cash", "envelope", "financing", "earned")
"""Kinds of limits that are left out."""
SHARE = 0.3
"""Of the periods, as many as the conflict may reach into: a longer part takes as long as the whole."""


def too_late(question: Question, levers: Sequence[Lever], found: Sequence[Limit]) -> frozenset[str]:
    """Return the names of levers of which it is proven that no amount is enough, seen in the first periods.

    Parameters
    ----------
    question : Question
    levers : sequence of Lever
    found : sequence of Limit
        In conflict.
    """
    last = max((limit.period for limit in found if limit.period is not None), default=None)
    tried = [lever for lever in levers if lever.begins is not None and DATES in lever.limits]
    periods = question.world.inputs.calendar.count
    if last is None or last + 1 > SHARE * periods or not tried or question.out_of_time:
        return frozenset()
    world = question.world_without(frozenset({DATES}))
    if world is None:
        return frozenset()
    early = _Early(world, frozenset(question.world.mip.arrays.columns), last)
    return frozenset(lever.name for lever in tried if early.has_no_point(lever, question.seconds_left))


class _Early:
    """The part until a period of the program in which everything can begin on the first day."""

    def __init__(self, world: World, before: frozenset[Column], last: int) -> None:
        self._world, self._last = world, last
        columns = world.mip.arrays.columns
        self._new = np.array([column not in before for column in columns])
        keys = [dict(zip(column.variable.index, parts(column.key), strict=False)) for column in columns]
        self._named = {kind: np.array([str(key.get(kind, "")) for key in keys]) for kind in (OFFER, CHIP)}

    def has_no_point(self, lever: Lever, seconds: float) -> bool:
        """Whether it has no point with the new columns of one lever alone: proven."""
        arrays = self._world.arrays(lambda part: part.limit not in lever.limits and part.limit.kind not in MONEY)
        closed = self._new & self._of_others(lever)
        upper = arrays.upper.copy()
        upper[closed] = arrays.lower[closed]
        part = early_part(arrays.with_bounds(arrays.lower, upper), self._last)
        return relaxation(part, seconds, claim=False, large=False).status == "infeasible"

    def _of_others(self, lever: Lever) -> npt.NDArray[np.bool_]:
        """Return which columns are of what a lever does not let begin at other times; of a chip, also by its offers."""
        assert lever.begins is not None  # only such levers are tried
        kind, names = lever.begins
        moved = {kind: names}
        if kind == CHIP:
            moved[OFFER] = frozenset(self._named[OFFER][np.isin(self._named[CHIP], list(names))]) - {""}
        others = np.zeros(len(self._new), dtype=bool)
        for one, some in moved.items():
            others |= ~np.isin(self._named[one], ["", *some])
        return others
