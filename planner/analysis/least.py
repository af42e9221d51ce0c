"""The least of something other than cost: how much must change, or cost and a penalty on change together."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pyomo.core as pyo

from planner.api import Case
from planner.case.case import CaseData
from planner.errors import NoPlanError
from planner.program import Family
from planner.program.declare import evaluator
from planner.program.terms import PyomoModel, Sum
from planner.runs.session import find_point
from planner.runs.variants import Runner
from planner.status import Status


def least_value(
    case: CaseData,
    families: Sequence[Family],
    measure: Callable[[PyomoModel], Sum],
    runner: Runner,
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
    runner : Runner
        Has the options of the solve; the least of the sum alone is found to a gap of 0.
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
    if runner.stopped():
        message = f"{case.model.name}: interrupted before the least change was looked for"
        raise NoPlanError(message, Status.INTERRUPTED)
    found: list[Sum] = []

    def objective(m: PyomoModel) -> None:
        found.append(measure(m))
        if penalty_busd is None:
            m.o_cost_busd.deactivate()
            m.o_least = pyo.Objective(expr=found[0].expression(), sense=pyo.minimize)
        else:
            m.o_cost_busd.set_value(m.o_cost_busd.expr + penalty_busd * found[0].expression())

    options = runner.options if penalty_busd is not None else replace(runner.options, gap=0.0)
    point = find_point(Case.of(case).inputs, options, families=families, objective=objective, serve_first=serve_first)
    return evaluator(point.model, point.values)(found[0])
