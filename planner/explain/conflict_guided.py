"""How far a lever must be moved in a large program: the cost of the case leads the search, and is of no account.

The least amount alone is an objective of one column: every plan within it is as good as any other, and the solver
wanders among them. With the cost beside it, the amount at a price that outweighs the cost, the same amount is found in
a third of the time (150 sites, 41,000 columns: 17 to 20 s and 6 to 7 s of CPU), and what is found is close to a plan.
The amount alone is then solved for from that basis, so that what is proven is its own bound.
"""

from dataclasses import dataclass, replace

import numpy as np

from planner.solve import settings
from planner.solve.arrays import Arrays, Floats, kernel
from planner.solve.highs import Engine
from planner.solve.linear import Judge
from planner.solve.settings import PLAN_TOLERANCE

PRICE = 1e3
"""Of one unit of the amount, in the unit of the cost."""
OUTWEIGHS = 100.0
"""How many times the cost what the amount costs is to be where blocks are whole: a plan is as close as the gap says."""
SMALLEST = (0.25, 1.0)
"""The first restriction around the relaxation: few unused blocks are free, so that its one node is soon done (150 sites
that are short of capacity: 13 s of CPU, and 31 s where as many unused blocks are free as used ones)."""
KERNELS = (SMALLEST, *settings.KERNELS, (8.0, 4.0))
"""Restrictions that are tried in turn for whole blocks; see `planner.solve.arrays.kernel`."""
NEAR = 0.02
"""Share by which the amount of the smallest restriction may exceed what is proven; else a wider one starts from it."""


@dataclass(frozen=True, slots=True)
class Guide:
    """The relaxation of the program of a lever.

    Attributes
    ----------
    x : array
        Its optimum, the amount last.
    reduced_cost : array
        By the cost and the price of the amount: which decisions are worth a try.
    bound : float
        Proven: no smaller amount is enough.
    price : float
        Of one unit of the amount, so that it outweighs the cost.
    """

    x: Floats
    reduced_cost: Floats
    bound: float
    price: float


def relaxed_by_cost(elastic: Arrays, cost: Floats, seconds: float) -> Guide | str:
    """Return the least amount of a relaxation, led by a cost; else how the solver ended.

    Parameters
    ----------
    elastic : Arrays
        Whose one objective is the amount, its last column.
    cost : array
        Of the other columns.
    seconds : float
    """
    amount = elastic.column_count - 1
    engine = Engine(elastic.with_cost(np.append(cost, PRICE)).relaxed())
    led = engine.run(time_limit_s=seconds)
    if led.x is None or led.column_dual is None:
        return led.status
    engine.set_cost(elastic.cost)
    least = engine.run(time_limit_s=seconds)
    judge = Judge(elastic.relaxed())
    if least.row_dual is None or not judge.solved(least):
        return "failed"
    value = float(led.x[amount])
    spent = abs(float(cost @ led.x[:amount]))
    price = max(PRICE, OUTWEIGHS * spent / value) if value > 0.0 else PRICE
    return Guide(led.x, led.column_dual, max(0.0, judge.bound(least.row_dual)), price)


def in_kernels(whole: Arrays, cost: Floats, guide: Guide, gap: float, seconds: float) -> Floats | None:
    """Return a point in whole blocks with nearly the least amount, from restrictions around the relaxation.

    Each restriction has a limit of nodes, which is the same in every run. None: no point was found.
    """
    priced = replace(whole, cost=np.append(cost, guide.price), offset=0.0)
    start: Floats | None = None
    for more, width in KERNELS:
        engine = Engine(kernel(priced, guide.x, guide.reduced_cost, more=more, width=width))
        if start is not None:
            engine.set_start(start)
        result = engine.run(gap=gap, time_limit_s=seconds, mip_max_nodes=settings.KERNEL_NODES)
        if result.x is None or whole.worst_violation(result.x) > PLAN_TOLERANCE:
            continue
        if (more, width) != SMALLEST or result.x[-1] <= guide.bound * (1.0 + NEAR):
            return result.x
        start = result.x
    return start
