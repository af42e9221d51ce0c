"""The largest share of the futures in which a limit in probability can be met, where what is asked cannot be."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.errors import InfeasibleError, NoPlanError
from planner.solve.arrays import INFINITY, Floats
from planner.status import Status
from planner.text import probability, short_percent
from planner.uncertainty.bounding import Bounded, ScenarioProgram, TwoStageProgram
from planner.uncertainty.chance import ChanceColumns, ChanceLimit
from planner.uncertainty.measure import Measure
from planner.uncertainty.meeting import Meeting

SHARE_GAP = 1e-6
"""Probability to which the largest share is proven."""


def largest_shares(
    program: TwoStageProgram,
    columns: ChanceColumns,
    tried: Sequence[Meeting],
    evaluate: Callable[[Floats], object],
    *,
    whole: bool,
) -> list["LargestShare"]:
    """Return the largest share in which each limit can be met, one after the other.

    Parameters
    ----------
    program : TwoStageProgram
        With what is asked.
    columns : ChanceColumns
    tried : sequence of Meeting
        First stages that were tried in every future; it grows by those that ``evaluate`` tries.
    evaluate : callable
        Tries a first stage, whose orders come first, in every future.
    whole : bool
        Whether the full program is small enough to be solved.
    """
    found: list[LargestShare] = []
    for k, limit in enumerate(columns.limits):
        asks = for_share(program, columns.limits, k, [one.found for one in found], columns)
        answers = [asks.relaxation()]
        if answers[0].status is not Status.INFEASIBLE:
            answers.append(asks.whole(lambda _progress: None, 0.0, first_only=not whole))
        for answer in answers:
            if answer.orders is not None:
                evaluate(answer.orders)
        most = 1.0 - max(0.0, *(_bound(one) for one in answers))
        shares = [one.largest_shares() for one in tried]
        before = tuple(min(one.limit.share, one.found) for one in found)
        fit = [one for one in shares if all(a >= b - SHARE_GAP for a, b in zip(one, before, strict=False))]
        best = max((one[k] for one in fit), default=0.0)
        found.append(LargestShare(limit, best, max(best, most)))
    return found


def _bound(found: Bounded) -> float:
    """What is missing at least: everything where the program has no point at all."""
    return 1.0 if found.status is Status.INFEASIBLE else max(0.0, found.bound)


def for_share(program: TwoStageProgram, limits: Sequence[ChanceLimit], k: int, shares: Sequence[float],
              columns: ChanceColumns) -> TwoStageProgram:  # fmt: skip
    """Return the program that misses limit ``k`` least often, those before it held as far as asked or met.

    Parameters
    ----------
    program : TwoStageProgram
    limits : sequence of ChanceLimit
    k : int
    shares : sequence of float
        What the limits before it are met in.
    columns : ChanceColumns
    """
    first = program.first
    cost, most = np.zeros(first.width), np.full(len(limits), INFINITY)
    cost[[columns.place(k, s) for s in range(len(columns.chances))]] = columns.chances
    for i, share in enumerate(shares[:k]):
        most[i] = max(limits[i].most_missing, 1.0 - share) + SHARE_GAP
    scenarios = []
    for one in program.scenarios:
        arrays = one.block.arrays.with_cost(np.zeros(one.block.arrays.column_count))
        mip = None if one.mip is None else one.mip.with_arrays(arrays)
        scenarios.append(ScenarioProgram(replace(one.block, arrays=arrays), mip))
    return TwoStageProgram(replace(first, cost=cost, row_upper=most), scenarios, Measure(), program.options)


@dataclass(frozen=True, slots=True)
class LargestShare:
    """The largest share in which a limit can be met.

    Attributes
    ----------
    limit : ChanceLimit
    found : float
        Of a first stage that was tried in every future.
    at_most : float
        What is proven.
    """

    limit: ChanceLimit
    found: float
    at_most: float

    def words(self) -> str:
        """Return it in words."""
        found, most = self.found, max(self.found, self.at_most)
        name = self.limit.name
        if most - found <= 2.0 * SHARE_GAP:
            return f"{name} can be met in {short_percent(found, 4)} of the futures at most (proven)"
        least = f"{name} is met in {short_percent(found, 4)} of the futures by the best first stage found"
        return f"{least}, and in {short_percent(most, 4)} at most"

    @property
    def is_short(self) -> bool:
        """Whether it is below what is asked."""
        return self.found < self.limit.share - SHARE_GAP


def unmet(name: str, shares: Sequence[LargestShare], *, proven: bool) -> InfeasibleError | NoPlanError:
    """Return the error that says which limits cannot be met, the largest shares that can, and what to ask for."""
    asked = ", ".join(f"{one.limit.name}={probability(one.limit.share, 6)}" for one in shares)
    way = " ".join(
        f"--chance {one.limit.name}={_down(min(one.found, one.limit.share))}" for one in shares if one.found > 0.0
    )
    words = "; ".join(one.words() for one in shares)
    out = f"; what can be met: {way}" if way else "; without the limit, what is missing has its price"
    if proven:
        return InfeasibleError(f"{name}: proven: no first stage keeps {asked}: {words}{out}")
    text = f"{name}: no first stage that was tried keeps {asked}, nor was it proven that none does: {words}{out}"
    return NoPlanError(text)


def _down(share: float) -> str:
    """Return a share with six digits, rounded down so that it can be met."""
    text = f"{share:.6g}"
    return text if float(text) <= share + 1e-9 else f"{share - 5e-7:.6g}"
