"""The least of something other than cost: how much must change, or cost and a penalty on change together."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pyomo.environ as pyo

from planner.api import Case
from planner.case.case import CaseData
from planner.errors import InfeasibleError, NoPlanError
from planner.options import SolveOptions
from planner.program import Family, build_program
from planner.program.declare import evaluator
from planner.program.terms import PyomoModel, Sum
from planner.runs.compile import make_mip
from planner.runs.variants import Solver, is_large
from planner.solve.records import News
from planner.solve.watchdog import solve_watched
from planner.symbols import Values
from planner.system import interrupts
from planner.system.cores import usable_cores


def least_value(
    case: CaseData,
    families: Sequence[Family],
    measure: Callable[[PyomoModel], Sum],
    solver: Solver,
    *,
    penalty_busd: float | None = None,
    serve_first: bool | None = None,
) -> float:
    """The least value of a sum over the plans of a case; or its value where cost plus a penalty on it is least.

    The program is the usual one with another objective, so nothing of this reaches a plan's cost or its audit.

    Parameters
    ----------
    case : CaseData
    families : sequence of Family
        Constraints that bring what is measured.
    measure : callable
        From the program to the sum.
    solver : Solver
        Options of the solve.
    penalty_busd : float or None
        Penalty per unit of the sum, $B; None: the sum alone.
    serve_first : bool or None
        Whether unserved demand is minimised before; None: as in the case.

    Raises
    ------
    InfeasibleError
        If no plan meets the case.
    NoPlanError
        If the time limit came first.
    """
    if solver.interrupted or interrupts.asked() is not None:
        raise NoPlanError(f"{case.model.name}: interrupted before the least change was looked for")
    interrupts.begin()
    inputs = Case.of(case).inputs
    m = build_program(inputs, families)
    total = measure(m)
    if penalty_busd is None:
        m.o_cost_busd.deactivate()
        m.o_least = pyo.Objective(expr=total.expression(), sense=pyo.minimize)
    else:
        m.o_cost_busd.set_value(m.o_cost_busd.expr + penalty_busd * total.expression())
    mip = make_mip(m, inputs)
    if serve_first is not None:
        mip = replace(mip, serve_first=serve_first)
    limit = float("inf") if solver.time_limit_s is None else solver.time_limit_s
    gap = solver.gap if penalty_busd is not None else 0.0
    interrupts.hold()

    def silent(_news: News) -> None:
        """Say nothing: the solve has a label, which was told."""

    options = SolveOptions(gap, limit, min(solver.threads, usable_cores()), solver.seed)
    answer = solve_watched(mip, options, silent, own_process=is_large(case))
    if answer.status == "infeasible":
        raise InfeasibleError(f"{case.model.name}: proven infeasible: no plan meets all limits of the changed case")
    if answer.status == "interrupted":
        raise NoPlanError(f"{case.model.name}: interrupted before the least change was found")
    if answer.x is None:
        raise NoPlanError(f"{case.model.name}: the time limit came before the least change was found")
    return evaluator(m, Values.at(mip.arrays.columns, answer.x))(total)
