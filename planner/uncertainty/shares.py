r"""From the duals of a relaxation over scenarios: what each scenario, taken by itself, has a part in its bound by.

A program over scenarios that share their first stage has the same bound as the weighted sum of the scenarios, each with
a first stage of its own and a price on it: :math:`\sum_s q_s \min (C_s + \lambda_s^T n_s)` with
:math:`\sum_s q_s \lambda_s = 0`. Without a tail the weights :math:`q_s` are the probabilities; with a tail any weights
of the dual representation of the measure will do, :math:`(1 - w) p_s \le q_s \le (1 - w) p_s + w p_s / (1 - a)` with
sum 1 (Rockafellar and Uryasev 2000). Any such prices and weights give a bound; those of the duals give that of the
relaxation, and with the integer variables of each scenario a better one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planner.solve.arrays import Floats
from planner.solve.highs import SolverResult
from planner.symbols import rows_of
from planner.uncertainty.measure import Measure
from planner.uncertainty.two_stage import LINK, TAIL, Block, WrittenOut


@dataclass(frozen=True, slots=True)
class Shares:
    """Weights of scenarios, whose sum is one, and for each its prices of the columns of the first stage.

    Attributes
    ----------
    weight : array (scenarios,)
    price : array (scenarios, columns of the first stage)
        $B for a unit.
    least, most : array (scenarios,)
        What the measure admits of each weight.
    """

    weight: Floats
    price: Floats
    least: Floats
    most: Floats

    @classmethod
    def of_bundles(cls, chances: Sequence[float], parts: Sequence["Shares"]) -> "Shares":
        """Return the shares of all scenarios from those of bundles, in the order of the bundles."""
        weight, least, most = (
            np.concatenate([chance * side for chance, side in zip(chances, sides, strict=True)])
            for sides in zip(*((one.weight, one.least, one.most) for one in parts), strict=True)
        )
        weight = least + _within(weight - least, most - least, max(0.0, 1.0 - float(least.sum())))
        price = np.concatenate([one.price for one in parts])
        return cls(weight, price - weight @ price / weight.sum(), least, most)

    def bound(self, bounds: Sequence[float]) -> float:
        """Return the bound over all scenarios from one for each; a scenario without weight needs none."""
        return float(sum(q * bound for q, bound in zip(self.weight, bounds, strict=True) if q > 0.0))


def shares_of(
    program: WrittenOut, blocks: Sequence[Block], measure: Measure, multiplier: Floats | None, result: SolverResult
) -> Shares | None:
    """Return the shares of the scenarios of a relaxation; None without duals."""
    if result.row_dual is None:
        return None
    chance = np.array([block.probability for block in blocks])
    chance = chance / chance.sum()
    width, dual = program.first, result.row_dual
    weight = least = most = chance * (1.0 - measure.tail_weight)
    if measure.has_tail:
        room, tail = chance * measure.weight / (1.0 - measure.level), np.zeros(len(blocks))
        most = least + room
        for place, s in rows_of(TAIL, program.arrays.rows):
            tail[s] = max(0.0, -float(dual[place]))
        total = measure.weight + (0.0 if multiplier is None else float(multiplier[width]))
        weight = least + _within(tail, room, max(0.0, total))
    linked: list[list[float]] = [[] for _ in blocks]
    for place, (s, _) in rows_of(LINK, program.arrays.rows):
        linked[s].append(float(dual[place]))
    taken = np.array([block.first.T @ np.array(y) for block, y in zip(blocks, linked, strict=True)])
    of_one = np.divide(taken, weight[:, None], out=np.zeros_like(taken), where=weight[:, None] > 0.0)
    given = np.zeros(width) if multiplier is None else multiplier[:width]
    return Shares(weight, given + of_one - weight @ of_one, least, most)


def _within(tail: Floats, most: Floats, total: float) -> Floats:
    """Return weights of the tail near to given ones, none above its most, with a given sum."""
    tail = np.clip(tail, 0.0, most)
    if tail.sum() > total:
        return np.asarray(tail * (total / tail.sum()))
    room = most - tail
    return np.asarray(tail + room * ((total - tail.sum()) / room.sum())) if room.sum() > 0.0 else tail
