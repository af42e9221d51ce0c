"""How far a lever must be moved in a large program: the cost of the case leads the search, and is of no account.

The least amount alone is an objective of one column: every plan within it is as good as any other, and the solver
wanders among them. With the cost beside it, the amount at a price that outweighs the cost, the same amount is found in
a third of the time (150 sites, 41,000 columns: 17 to 20 s and 6 to 7 s of CPU), and what is found is close to a plan.
The amount alone is then solved for from that basis, so that what is proven is its own bound.
"""

import time
from dataclasses import InitVar, dataclass, replace

import numpy as np
from scipy import sparse

from planner.solve import settings
from planner.solve.arrays import Arrays, Floats, NewRow, kernel
from planner.solve.highs import Engine
from planner.solve.linear import Judge
from planner.solve.settings import PLAN_TOLERANCE

PRICE = 1e3
"""Of one unit of the amount, in the unit of the cost."""
PRICE_OF_ALL = 3e4
"""Of an amount of 1 where it is a share of what is changed: at the price of a unit, no demand at all is cheapest."""
CLOSE = 0.01
"""Share by which the amount that the cost leads to may exceed what is proven where the least amount is not."""
OUTWEIGHS = 100.0
"""How many times the cost what the amount costs is to be where blocks are whole: a plan is as close as the gap says."""
SMALLEST = (0.25, 1.0)
"""The first restriction around the relaxation: few unused blocks are free, so that its one node is soon done (150 sites
that are short of capacity: 13 s of CPU, and 31 s where as many unused blocks are free as used ones)."""
KERNELS = (SMALLEST, *settings.KERNELS[:3])
"""Restrictions that are tried in turn for whole blocks; see `planner.solve.arrays.kernel`. Where none of these has a
point, wider ones take minutes (150 sites short of capacity, seed 1: 170 s for four times as many unused blocks)."""
NEAR = 0.1
"""Share by which the amount of the smallest restriction may exceed what is proven, and gap at which its search ends;
else a wider one starts from it. The last per cents take as long as all before (150 sites short of capacity: 7 s of CPU
to 8 %, 16 s to 1 %), and what is not enough is proven of the relaxation either way."""
BY_COLUMN = ("lower", "upper", "integer", "implied", "declared")
"""What a program has of each column, besides its cost."""
SIDES = ("row_lower", "row_upper", "lower", "upper")
"""What must be as it was for a basis to be kept."""


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


@dataclass
class Led:
    """The relaxation of the program of a lever, led by a cost; its basis is kept where redundancy cuts join it.

    Attributes
    ----------
    elastic : Arrays
        Whose one objective is the amount, its last column.
    cost : array
        Of the other columns.
    price : float
        Of one unit of the amount. Where it is less than what a unit saves, the cheapest point has far too much of it.
    engine : Engine or None
        One that has this relaxation and a basis of it; None: a new one.
    """

    elastic: Arrays
    cost: Floats
    price: float = PRICE
    engine: InitVar[Engine | None] = None

    def __post_init__(self, engine: Engine | None) -> None:
        self._engine = Engine(self._turned().relaxed()) if engine is None else engine

    def _turned(self) -> Arrays:
        return _turned(self.elastic, self.cost, self.price)

    def grown(self, elastic: Arrays, cost: Floats) -> "Led":
        """Return the same for a program with more rows and columns: from this basis if all else is as it was."""
        old, new = self._turned(), _turned(elastic, cost, self.price)
        rows, columns = old.row_count, old.column_count
        same = new.columns[:columns] == old.columns and new.rows[:rows] == old.rows
        same = same and (new.matrix[:rows, :columns] != old.matrix).nnz == 0 and not new.matrix[:rows, columns:].nnz
        same = same and all(
            np.array_equal(getattr(new, side)[: len(getattr(old, side))], getattr(old, side)) for side in SIDES
        )
        if not same or new.lower[columns:].any() or np.isfinite(new.upper[columns:]).any():
            return Led(elastic, cost, self.price)
        self._engine.add_rows(new.column_count - columns, [_row(new, i) for i in range(rows, new.row_count)])
        self._engine.set_cost(new.cost)
        return Led(elastic, cost, self.price, self._engine)

    def guide(self, seconds: float) -> Guide | str:
        """Return the least amount, led by the cost; else how the solver ended."""
        end, amount = time.monotonic() + seconds, self.elastic.column_count - 1
        led = self._engine.run(time_limit_s=seconds)
        if led.x is None or led.column_dual is None:
            return led.status
        x, reduced_cost = np.roll(led.x, -1), np.roll(led.column_dual, -1)
        self._engine.set_cost(np.roll(self.elastic.cost, 1))
        least = self._engine.run(time_limit_s=max(0.0, end - time.monotonic()))
        judge, value = Judge(self.elastic.relaxed()), float(x[amount])
        if least.row_dual is None or least.x is None or least.column_dual is None or not judge.feasible(x):
            return "failed"
        bound = max(0.0, judge.bound(least.row_dual))
        if bound < value * (1.0 - CLOSE):  # the price is too low: the least amount itself leads the search
            x, reduced_cost = np.roll(least.x, -1), np.roll(least.column_dual, -1)
            value = float(x[amount])
            if not judge.solved(replace(least, x=x)):
                return "failed"
        spent = abs(float(self.cost @ x[:amount]))
        price = max(self.price, OUTWEIGHS * spent / value) if value > 0.0 else self.price
        return Guide(x, reduced_cost, bound, price)


def _turned(elastic: Arrays, cost: Floats, price: float) -> Arrays:
    """Return a program with its price, the amount first: columns that join it later come last in the solver."""
    order = np.roll(np.arange(elastic.column_count), 1)
    taken = {name: getattr(elastic, name)[order] for name in BY_COLUMN}
    priced = np.append(cost, price)[order]
    columns = tuple(elastic.columns[j] for j in order)
    matrix = sparse.csr_array(elastic.matrix[:, order])
    return replace(elastic, columns=columns, matrix=matrix, **{**taken, "cost": priced})


def _row(arrays: Arrays, i: int) -> NewRow:
    """Return a row of a program as one to add."""
    there = slice(arrays.matrix.indptr[i], arrays.matrix.indptr[i + 1])
    index = arrays.matrix.indices[there].astype(np.int32)
    return NewRow(arrays.rows[i], index, arrays.matrix.data[there], arrays.row_lower[i], arrays.row_upper[i])


def relaxed_by_cost(elastic: Arrays, cost: Floats, seconds: float) -> Guide | str:
    """Return the least amount of a relaxation, led by a cost; else how the solver ended; see `Led`."""
    return Led(elastic, cost).guide(seconds)


def in_kernels(whole: Arrays, cost: Floats, guide: Guide, gap: float, seconds: float) -> Floats | None:
    """Return a point in whole blocks with nearly the least amount, from restrictions around the relaxation.

    Each restriction has a limit of nodes, which is the same in every run. None: no point was found.
    """
    priced = replace(whole, cost=np.append(cost, guide.price), offset=0.0)
    start: Floats | None = None
    end = time.monotonic() + seconds
    for more, width in KERNELS:
        left = end - time.monotonic()
        if left <= 0.0:
            break
        engine = Engine(kernel(priced, guide.x, guide.reduced_cost, more=more, width=width))
        if start is not None:
            engine.set_start(start)
        close = max(gap, NEAR) if (more, width) == SMALLEST else gap
        result = engine.run(gap=close, time_limit_s=left, mip_max_nodes=settings.KERNEL_NODES)
        if result.x is None or whole.worst_violation(result.x) > PLAN_TOLERANCE:
            continue
        if (more, width) != SMALLEST or result.x[-1] <= guide.bound * (1.0 + NEAR):
            return result.x
        start = result.x
    return start
