"""The least of something other than cost: how much must change, or cost and a penalty on change together."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from planner.api import Case
from planner.case.case import CaseData
from planner.errors import NoPlanError
from planner.program import Family
from planner.program.declare import evaluator
from planner.program.terms import Program, Sum
from planner.runs.session import find_point
from planner.runs.variants import Runner
from planner.status import Status


def least_value(
    case: CaseData,
    families: Sequence[Family],
    measure: Callable[[Program], Sum],
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

    def objective(m: Program) -> None:
        found.append(measure(m))
        cost = Sum() if penalty_busd is None else Sum().add_sum(1.0, m.form.objective)
        m.form.set_objective(cost.add_sum(1.0 if penalty_busd is None else penalty_busd, found[0]))

    options = runner.options if penalty_busd is not None else replace(runner.options, gap=0.0)
    point = find_point(Case.of(case).inputs, options, families=families, objective=objective, serve_first=serve_first)
    return evaluator(point.model, point.values)(found[0])
