"""The relaxation of a program under some limits: any point of it, or multipliers that prove that it has none."""

import time
from typing import Any

import numpy as np

from planner.solve.arrays import INFINITY, Arrays
from planner.solve.highs import Engine, SolverResult
from planner.solve.linear import solve_by_itself, solve_linear
from planner.solve.settings import PLAN_TOLERANCE


def relaxation(arrays: Arrays, seconds: float, *, claim: bool, large: bool) -> SolverResult:
    """Solve a relaxation for any point, or a proof that there is none; in large programs the cost leads there sooner.

    Whether the point is the cheapest is of no account.
    """
    if seconds <= 0.0:
        return SolverResult("limit", None, INFINITY, -INFINITY, 0.0)
    program = (arrays if large else arrays.with_cost(np.zeros(arrays.column_count))).relaxed()
    end = time.monotonic() + seconds

    def run(engine: Engine, options: dict[str, Any]) -> SolverResult:
        return engine.run(time_limit_s=max(0.0, end - time.monotonic()), **options)

    engine = Engine(program)
    first = engine.run(time_limit_s=seconds / 2.0 if large else seconds)
    if first.status == "infeasible" and claim:
        return first
    if first.x is not None and program.worst_violation(first.x) <= PLAN_TOLERANCE:
        return first
    if first.status == "infeasible" or not large:
        return solve_linear(program, Engine, run, (engine, first))
    return solve_by_itself(arrays.with_cost(np.zeros(arrays.column_count)), max(0.0, end - time.monotonic()))
