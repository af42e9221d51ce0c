"""Other solvers, by their Pyomo names: what they call their options, which are here, and a run of one."""

import contextlib
import io
import math
import os
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import numpy as np

import planner.system.light_pyomo  # noqa: F401  # before anything else imports Pyomo

# isort: split
import pyomo.environ as pyo
from pyomo.common.errors import ApplicationError
from pyomo.common.log import LoggingIntercept
from pyomo.core.expr.numeric_expr import LinearExpression
from pyomo.opt import TerminationCondition

from planner.errors import OptionError
from planner.options import PORTFOLIO, SCIP
from planner.solve.arrays import INFINITY, Arrays, Floats
from planner.solve.highs import SolverResult, SolverStatus
from planner.system.lifeline import tied_children


@dataclass(frozen=True, slots=True)
class Names:
    """What a solver calls its options; None where it has none.

    ``threads_unless_one`` leaves one thread, its own setting, unsaid. ``always`` is passed on as it is.
    """

    gap: str
    time_limit: str
    threads: str | None = None
    seed: str | None = None
    whole_seconds: bool = False
    threads_unless_one: bool = False
    always: Mapping[str, object] = field(default_factory=dict)


KNOWN: Mapping[str, Names] = {
    "appsi_highs": Names("mip_rel_gap", "time_limit", "threads", "random_seed"),
    "cbc": Names(
        "ratioGap", "sec", "threads", "randomCbcSeed", threads_unless_one=True, always={"timeMode": "elapsed"}
    ),
    "cplex": Names("mip_tolerances_mipgap", "timelimit", "threads", "randomseed"),
    "glpk": Names("mipgap", "tmlim", whole_seconds=True),
    "gurobi": Names("MIPGap", "TimeLimit", "Threads", "Seed"),
}
"""Solvers of mixed-integer programs that have the options of the planner."""
CONTINUOUS_ONLY = frozenset({"ipopt", "appsi_ipopt", "conopt", "snopt", "minos", "cyipopt"})
"""Solvers that Pyomo knows too, and that solve no mixed-integer programs."""
_OWN = [SCIP, PORTFOLIO]
"""Solvers that need the extra ``scip``, and no interface of Pyomo."""
FAILURES = (
    ApplicationError,
    ValueError,
    RuntimeError,
    OSError,
    ImportError,
    NameError,
    AttributeError,
    TypeError,
    LookupError,
)
"""What Pyomo and its interfaces raise when a solver is missing or fails."""
_ENDED = {
    TerminationCondition.optimal: "gap",
    TerminationCondition.globallyOptimal: "gap",
    TerminationCondition.infeasible: "infeasible",
    TerminationCondition.unbounded: "unbounded",
    TerminationCondition.infeasibleOrUnbounded: "infeasible",
    TerminationCondition.userInterrupt: "interrupted",
    TerminationCondition.resourceInterrupt: "interrupted",
    TerminationCondition.error: "failed",
    TerminationCondition.internalSolverError: "failed",
    TerminationCondition.solverFailure: "failed",
    TerminationCondition.invalidProblem: "failed",
    TerminationCondition.licensingProblems: "failed",
}
"""How a run ended, in our words; anything else is a limit. The solver's word only: see `planner.runs.other`."""


def usable() -> list[str]:
    """Return the names of other solvers that are installed here."""
    return [*_OWN * _scip_here(), *(name for name in KNOWN if _available(name))]


def check_solver(name: str, *, threads: int, seed: int) -> None:
    """Refuse a solver that is not here, or that cannot do what is asked, in one line.

    Raises
    ------
    OptionError
        Names the solvers that are usable, or the option to leave out.
    """
    if name in _OWN:
        _check_own(name, threads=threads)
        return
    if name in CONTINUOUS_ONLY:
        raise OptionError(f"solver {name!r} solves no mixed-integer programs; {_choice()}")
    if name not in KNOWN:
        raise OptionError(f"solver {name!r} is not known to the planner; {_choice()}")
    if not _available(name):
        raise OptionError(f"solver {name!r} is not installed, or not usable, here; {_choice()}")
    names = KNOWN[name]
    if names.threads is None and threads > 1:
        raise OptionError(f"{name} cannot be given a number of threads: leave out --threads")
    if names.seed is None and seed != 0:
        raise OptionError(f"{name} cannot be given a seed: leave out --seed")


def _check_own(name: str, *, threads: int) -> None:
    if not _scip_here():
        message = f"solver {name!r} needs pyscipopt, which is not installed: pip install 'gigaplan[scip]'; {_choice()}"
        raise OptionError(message)
    if name == SCIP and threads > 1:
        raise OptionError(f"{SCIP} has one thread: leave out --threads, or use --solver {PORTFOLIO}")


def _scip_here() -> bool:
    return find_spec("pyscipopt") is not None


def _choice() -> str:
    return "usable here: " + ", ".join(["'highs' (built in)", *usable()])


def _available(name: str) -> bool:
    with _silence():
        try:
            return bool(pyo.SolverFactory(name).available(exception_flag=False))
        except FAILURES:
            return False


@contextlib.contextmanager
def _silence() -> Iterator[io.StringIO]:
    """Keep what Pyomo and a solver print off standard output, which may be one JSON document; Pyomo's log is given."""
    log = io.StringIO()
    saved = None
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stdout.flush()
    with contextlib.suppress(OSError):
        saved = os.dup(1)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.close(nowhere)
    try:
        with contextlib.redirect_stdout(io.StringIO()), LoggingIntercept(log, "pyomo"):
            yield log
    finally:
        if saved is not None:
            os.dup2(saved, 1)
            os.close(saved)


class OtherEngine:
    """One of the other solvers, with options translated to its own names.

    Parameters
    ----------
    name : str
        Checked by `check_solver`.
    threads, seed : int
    """

    def __init__(self, name: str, *, threads: int, seed: int) -> None:
        self.name = name
        self._names = KNOWN[name]
        self._fixed: dict[str, object] = dict(self._names.always)
        if self._names.threads is not None and not (threads == 1 and self._names.threads_unless_one):
            self._fixed[self._names.threads] = threads
        if self._names.seed is not None:
            self._fixed[self._names.seed] = seed

    def options(self, gap: float, seconds: float) -> dict[str, object]:
        """Options of a run, by the solver's own names."""
        found = {self._names.gap: gap, **self._fixed}
        if math.isfinite(seconds):
            found[self._names.time_limit] = max(1, math.ceil(seconds)) if self._names.whole_seconds else seconds
        return found

    def run(self, arrays: Arrays, *, gap: float, seconds: float) -> tuple[SolverResult, str]:
        """Solve a program; also what the solver, or Pyomo, said of a failure."""
        begin = time.monotonic()
        with _silence() as log, tied_children():
            m = pyomo_program(arrays)
            try:
                engine = pyo.SolverFactory(self.name)
                for option, value in self.options(gap, seconds).items():
                    engine.options[option] = value
                result = engine.solve(m, load_solutions=False)
                outcome = _outcome(m, arrays, result, time.monotonic() - begin)
                said = str(result.solver.message or "")
            except FAILURES as error:
                outcome = SolverResult("failed", None, INFINITY, -INFINITY, time.monotonic() - begin)
                said = f"{type(error).__name__}: {error}"
        return outcome, " ".join((said or log.getvalue()).split())[:300]


def pyomo_program(arrays: Arrays) -> Any:
    """Write arrays as a Pyomo program; its objective leaves out the constant."""
    m = pyo.ConcreteModel()
    m.x = pyo.Var(range(arrays.column_count))
    for j, variable in m.x.items():
        if arrays.integer[j]:
            yes_no = arrays.lower[j] >= 0.0 and arrays.upper[j] <= 1.0
            variable.domain = pyo.Binary if yes_no else pyo.Integers
        variable.setlb(_finite(arrays.lower[j]))
        variable.setub(_finite(arrays.upper[j]))
    used = [i for i in range(arrays.row_count) if arrays.matrix.indptr[i] < arrays.matrix.indptr[i + 1]]
    m.rows = pyo.Constraint(used, rule=lambda m, i: _row(m, arrays, i))
    priced = np.flatnonzero(arrays.cost)
    m.cost = pyo.Objective(expr=_sum(m, arrays.cost[priced], priced))
    return m


def _row(m: Any, arrays: Arrays, i: int) -> Any:
    entries = slice(arrays.matrix.indptr[i], arrays.matrix.indptr[i + 1])
    low, up = _finite(arrays.row_lower[i]), _finite(arrays.row_upper[i])
    if low is None and up is None:
        return pyo.Constraint.Skip
    body = _sum(m, arrays.matrix.data[entries], arrays.matrix.indices[entries])
    return (
        body == low
        if low == up
        else pyo.inequality(low, body, up)
        if None not in (low, up)
        else (body >= low if up is None else body <= up)
    )


def _sum(m: Any, values: Floats, columns: Any) -> Any:
    return LinearExpression(
        constant=0.0, linear_coefs=[float(v) for v in values], linear_vars=[m.x[int(j)] for j in columns]
    )


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _outcome(m: Any, arrays: Arrays, result: Any, seconds: float) -> SolverResult:
    condition = result.solver.termination_condition
    status: SolverStatus = _ENDED.get(condition, "limit")  # type: ignore[assignment]
    if status in ("infeasible", "unbounded"):
        return SolverResult(status, None, INFINITY, -INFINITY, seconds)
    x = None
    if len(result.solution):
        m.solutions.load_from(result)
        x = _point(m, arrays)
    lower = result.problem.lower_bound
    bound = float(lower) + arrays.offset if isinstance(lower, int | float) else -INFINITY
    objective = arrays.objective(x) if x is not None else INFINITY
    return SolverResult(status, x, objective, bound if math.isfinite(bound) else -INFINITY, seconds)


def _point(m: Any, arrays: Arrays) -> Floats | None:
    """The solver's point; None where it has no values at all, which is not a point of zeros.

    What a solver leaves out of a point it gives is zero, or the limit next to zero, as their files have it; the rows
    are checked afterwards in any case.
    """
    values = [m.x[j].value for j in range(arrays.column_count)]
    if all(value is None for value in values):
        return None
    nearest = np.clip(0.0, arrays.lower, arrays.upper)
    return np.array([nearest[j] if value is None else float(value) for j, value in enumerate(values)])
