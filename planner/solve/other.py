"""Any other solver Pyomo knows by name: the same program, cuts added round by round."""

import time
from collections.abc import Callable

import numpy as np
import pyomo.environ as pyo
from pyomo.common.errors import ApplicationError
from pyomo.opt import TerminationCondition

from planner.errors import PlannerError
from planner.program.families.redundancy import add_cut
from planner.program.terms import Model
from planner.redundancy.separate import violated_cuts
from planner.solve.arrays import Floats
from planner.solve.highs import Status
from planner.solve.problem import Problem
from planner.solve.records import Answer, News, Options
from planner.solve.settings import MOST_ROUNDS

GAP_OPTION = {
    "gurobi": "MIPGap",
    "scip": "limits/gap",
    "cbc": "ratioGap",
    "cplex": "mip_tolerances_mipgap",
    "glpk": "mipgap",
}
"""How solvers call the relative gap."""


def solve_with_other(m: Model, problem: Problem, options: Options, solver: str, tell: Callable[[News], None]) -> Answer:
    """Solve a program with a solver by its Pyomo name.

    Raises
    ------
    PlannerError
        If Pyomo does not know the solver, it is not installed, or it fails.
    """
    engine = pyo.SolverFactory(solver)
    try:
        available = engine.available(exception_flag=False)
    except (ApplicationError, NameError, AttributeError):
        available = False
    if not available:
        raise PlannerError(f"solver {solver!r} is not known to Pyomo or not installed; the embedded solver is 'highs'")
    if solver in GAP_OPTION:
        engine.options[GAP_OPTION[solver]] = options.gap
    begin = time.monotonic()
    if problem.serve_first:
        _serve_first(m, problem, engine)
    status: Status = "limit"
    bound = float("-inf")
    rounds = cuts = 0
    x: Floats | None = None
    while rounds <= MOST_ROUNDS:
        tell(News(solver, time.monotonic() - begin, float("inf"), bound))
        status, bound, x = _run(m, engine, problem)
        if x is None or problem.network is None:
            break
        found = violated_cuts(problem.network, problem.installed_gw(x))
        if not found:
            break
        for cut in found:
            add_cut(m, cut)
        rounds, cuts = rounds + 1, cuts + len(found)
        x = None
    objective = problem.arrays.objective(x) if x is not None else float("inf")
    seconds = time.monotonic() - begin
    return Answer(status, x, objective, min(bound, objective), problem, cuts, rounds, seconds, {solver: seconds})


def _run(m: Model, engine: object, problem: Problem) -> tuple[Status, float, Floats | None]:
    result = engine.solve(m, load_solutions=False)  # type: ignore[attr-defined]
    condition = result.solver.termination_condition
    if condition in (TerminationCondition.infeasible, TerminationCondition.infeasibleOrUnbounded):
        return "infeasible", float("inf"), None
    if condition == TerminationCondition.unbounded:
        return "unbounded", float("-inf"), None
    if not len(result.solution):
        return "limit", float("-inf"), None
    m.solutions.load_from(result)
    x = np.array([_value(m, key) for key in problem.arrays.columns])
    lower = result.problem.lower_bound
    bound = float(lower) if lower is not None and np.isfinite(float(lower)) else float("-inf")
    return ("gap" if condition == TerminationCondition.optimal else "limit"), bound, x


def _value(m: Model, key: tuple[str, object]) -> float:
    variable = m.component(key[0])[key[1]]
    return 0.0 if variable.value is None else float(variable.value)


def _serve_first(m: Model, problem: Problem, engine: object) -> None:
    """Minimise unserved demand, then hold it there."""
    unserved = [m.v_unserved_compute[problem.arrays.columns[j][1]] for j in problem.unserved]
    total = sum(w * v for w, v in zip(problem.unserved_weight, unserved, strict=True))
    m.o_cost_busd.deactivate()
    m.o_unserved = pyo.Objective(expr=total)
    status, _, x = _run(m, engine, problem)
    least = pyo.value(total) if x is not None else 0.0
    m.del_component(m.o_unserved)
    m.o_cost_busd.activate()
    if status != "infeasible":
        m.c_demand_least_unserved = pyo.Constraint(expr=total <= least * (1.0 + 1e-6) + 1e-9)
