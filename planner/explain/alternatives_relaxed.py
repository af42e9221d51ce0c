"""Many objectives over one relaxation: each is solved from the optimum of the one before, and its bound is proven."""

import time
from dataclasses import dataclass, field

import numpy as np

from planner.redundancy.separate import violated_cuts
from planner.solve.arrays import INFINITY, Floats
from planner.solve.highs import Engine, SolverResult
from planner.solve.linear import Judge, solve_by_itself
from planner.solve.mip import MixedIntegerProgram
from planner.solve.scaling import scaled

MOST_ROUNDS = 100
LEAST_S = 0.05
PROVEN_SHARE = 1e-7
"""What a bound may lose against the optimum, as a share of it, before the program is solved by itself."""
PRIMAL_SIMPLEX = 4


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The least of a sum of columns in the relaxation.

    Attributes
    ----------
    bound : float
        No point of the program has less: proven; -infinity where nothing is.
    x, reduced_cost : array or None
        Of the columns of the program, in the units that suit the solver; None where there is no optimum.
    """

    bound: float
    x: Floats | None = field(repr=False)
    reduced_cost: Floats | None = field(repr=False)


NOTHING = Relaxed(-INFINITY, None, None)


class Relaxation:
    """The relaxation of a program, for many objectives; violated redundancy cuts are added and kept.

    Parameters
    ----------
    mip : MixedIntegerProgram
        In the units of the case; its own objective is not used.
    """

    def __init__(self, mip: MixedIntegerProgram) -> None:
        self._width = mip.arrays.column_count
        self._grown = scaled(mip)
        self._engine: Engine | None = None

    def least(self, cost: Floats, seconds: float = INFINITY) -> Relaxed:
        """The least of ``cost @ x``: of columns that have no unit of compute or money.

        Parameters
        ----------
        cost : array
            Of the columns of the program.
        seconds : float
            Wall time; nothing is proven where it does not suffice.
        """
        end = time.monotonic() + seconds
        for _ in range(MOST_ROUNDS):
            left = end - time.monotonic()
            result = self._solved(cost, left) if left > LEAST_S else None
            x = None if result is None else result.x
            if result is None or x is None or result.column_dual is None:
                return NOTHING
            network = self._grown.network_at(x)
            cuts = [] if network is None else violated_cuts(network, self._grown.installed_gw(x))
            if not cuts:
                return Relaxed(result.bound, x[: self._width], result.column_dual[: self._width])
            self._grown, columns, rows = self._grown.with_cuts(cuts)
            if self._engine is not None:
                self._engine.add_rows(columns, rows)
        return NOTHING

    def _solved(self, cost: Floats, seconds: float) -> SolverResult | None:
        """The optimum with a proven bound: from the basis of the last one; else by itself."""
        wide = np.concatenate([cost, np.zeros(self._grown.arrays.column_count - self._width)])
        arrays = self._grown.arrays.relaxed().with_cost(wide)
        begin = time.monotonic()
        if self._engine is None:
            self._engine = Engine(arrays)
        else:
            self._engine.set_cost(wide)
        result = self._engine.run(time_limit_s=seconds, simplex_strategy=PRIMAL_SIMPLEX)
        judge = Judge(arrays)
        if judge.solved(result) and result.row_dual is not None:
            bound = judge.bound(result.row_dual)
            if bound >= result.objective - PROVEN_SHARE * max(1.0, abs(result.objective)):
                return SolverResult(
                    "optimal", result.x, result.objective, bound, result.seconds, result.row_dual, result.column_dual
                )
        self._engine = None
        alone = solve_by_itself(arrays, max(0.0, seconds - (time.monotonic() - begin)))
        return alone if alone.status == "optimal" else None
