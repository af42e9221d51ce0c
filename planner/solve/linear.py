"""Linear programs solved to a verdict: optimal, infeasible or unbounded, each verified outside the solver.

If the solver has no verdict, or one whose proof fails the verification, it is called again with other options; last
with the rows made elastic, which gives a program that always has an optimum. `planner.solve.certificate` has the
proofs.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from planner.solve.arrays import INFINITY, Arrays, Floats, Ints
from planner.solve.certificate import ROW_TOLERANCE, Box, box_of, contradiction, is_unbounded_ray, safe_bound
from planner.solve.highs import Engine, SolverResult
from planner.solve.settings import BOUND_LOSS, PLAN_TOLERANCE
from planner.symbols import NUMBER, Column, Variable

OTHER_OPTIONS: tuple[dict[str, Any], ...] = (
    {"presolve": "off", "solver": "simplex"},
    {"presolve": "on", "solver": "ipm"},
    {"presolve": "off", "solver": "simplex", "simplex_strategy": 4},
    {"presolve": "off", "solver": "simplex", "simplex_scale_strategy": 0},
    {"presolve": "on", "solver": "simplex", "simplex_scale_strategy": 4},
)
"""Solver options for further attempts: without presolve, with the interior point method, with the primal simplex
method, without scaling, with another scaling."""

VIOLATION = Variable[int]("violation", (NUMBER,), meaning="violation of an elastic row, relative to its scale")
Run = Callable[[Engine, dict[str, Any]], SolverResult]
"""Runs an engine with options of the solver."""
Make = Callable[[Arrays], Engine]
"""Makes an engine of a program."""


class Judge:
    """Verifies claims of the solver about one linear program.

    Parameters
    ----------
    arrays : Arrays
        Integrality is ignored.
    known : Box or None
        Of the same program with fewer rows and columns (`planner.solve.certificate.box_of`).
    """

    def __init__(self, arrays: Arrays, known: Box | None = None) -> None:
        self.arrays, self._known = arrays, known

    @cached_property
    def _exact(self) -> Box:
        return box_of(self.arrays, known=self._known)

    @property
    def found(self) -> Box | None:
        """The box of its program, where a bound was judged; else the one that was known."""
        found: Box | None = self.__dict__.get("_exact", self._known)
        return found

    @cached_property
    def _loose(self) -> Box:
        return box_of(self.arrays, ROW_TOLERANCE)

    def infeasible(self, multiplier: Floats | None) -> bool:
        """Return whether the multipliers prove that no point satisfies all rows, each to within the tolerance."""
        if (self.arrays.lower > self.arrays.upper + ROW_TOLERANCE * (1.0 + np.abs(self.arrays.upper))).any():
            return True
        if multiplier is None:
            return False
        # The solver's dual rays have either sign.
        return any(contradiction(self.arrays, y, self._loose) > ROW_TOLERANCE for y in (multiplier, -multiplier))

    def bound(self, row_dual: Floats) -> float:
        """Return the lower bound on the cost that the duals prove."""
        return safe_bound(self.arrays, row_dual, self._exact)

    def feasible(self, x: Floats) -> bool:
        """Return whether a point satisfies all rows and bounds, up to the tolerance of a plan."""
        return bool(np.isfinite(x).all()) and self.arrays.relaxed().worst_violation(x) <= PLAN_TOLERANCE

    def solved(self, result: SolverResult) -> bool:
        """Return whether an optimum is feasible and its duals prove a bound close to its cost."""
        if result.status != "optimal" or result.x is None or result.row_dual is None:
            return False
        loss = result.objective - self.bound(result.row_dual)
        return self.feasible(result.x) and loss <= BOUND_LOSS * max(1.0, abs(result.objective))


def solve_linear(
    arrays: Arrays,
    make: Make,
    run: Run,
    first: tuple[Engine, SolverResult] | None = None,
    judge: Judge | None = None,
) -> SolverResult:
    """Solve a linear program, or prove that it is infeasible or unbounded.

    Parameters
    ----------
    arrays : Arrays
    make : callable
        Makes an engine of a program.
    run : callable
        Runs an engine with options; may raise to stop.
    first : tuple of Engine and SolverResult, or None
        A first run, if there was one, and its engine.
    judge : Judge or None
        Of the program, where it is made already.

    Returns
    -------
    SolverResult
        ``optimal``: a feasible point; ``bound`` is what its duals prove. ``infeasible``: ``row_dual`` proves it.
        ``unbounded``: proven; ``x`` is a ray along which the cost falls. ``failed``: none of these was reached; ``x``,
        if there is one, satisfies all rows.
    """
    arrays = arrays.relaxed()
    judge = Judge(arrays) if judge is None else judge
    if first is None:
        engine = make(arrays)
        first = engine, run(engine, {})
    engine, result = first
    best, claimed = None, False
    for number, options in enumerate(OTHER_OPTIONS):
        ended = _verdict(judge, engine, result)
        if ended is None and result.status == "unbounded" and arrays.cost.any():
            ended = _unbounded(arrays, make, run)
        best, claimed = _better(judge, best, result), claimed or result.status == "infeasible"
        if number == 1:  # after a second attempt, a feasible point whose bound is proven, if not close, is enough
            ended = ended or best or (_elastic(judge, make, run) if claimed else None)
        if ended is not None:
            return ended
        engine = make(arrays)
        result = run(engine, options)
    ended = _verdict(judge, engine, result) or _better(judge, best, result) or _elastic(judge, make, run)
    return ended or SolverResult("failed", None, INFINITY, -INFINITY, 0.0)


def solve_by_itself(arrays: Arrays, seconds: float = INFINITY) -> SolverResult:
    """Solve a linear program outside any run of the pipeline; see `solve_linear`.

    Parameters
    ----------
    arrays : Arrays
    seconds : float
        Wall time of all attempts; when it is up, the result is ``failed`` unless a verdict was reached.
    """
    end = time.monotonic() + seconds

    def run(engine: Engine, options: dict[str, Any]) -> SolverResult:
        return engine.run(time_limit_s=max(0.0, end - time.monotonic()), **options)

    return solve_linear(arrays, Engine, run)


def _verdict(judge: Judge, engine: Engine, result: SolverResult) -> SolverResult | None:
    """Return the result if it is proven; None if it is not."""
    if judge.solved(result):
        assert result.row_dual is not None  # solved says so
        return replace(result, bound=min(judge.bound(result.row_dual), result.objective))
    if result.status == "infeasible":
        ray = engine.dual_ray()
        if judge.infeasible(ray):
            return _no_point(judge, ray, result.seconds)
    return None


def _no_point(judge: Judge, proof: Floats | None, seconds: float) -> SolverResult:
    proof = np.zeros(judge.arrays.row_count) if proof is None else proof
    return SolverResult("infeasible", None, INFINITY, INFINITY, seconds, row_dual=proof)


def _better(judge: Judge, best: SolverResult | None, result: SolverResult) -> SolverResult | None:
    """Return which of two optima has the better proven bound, where neither bound is close to its cost."""
    if result.status != "optimal" or result.x is None or result.row_dual is None or not judge.feasible(result.x):
        return best
    bound = min(judge.bound(result.row_dual), result.objective)
    return replace(result, bound=bound) if best is None or bound > best.bound else best


def _elastic(judge: Judge, make: Make, run: Run) -> SolverResult | None:
    """Return a verdict from elastic rows: their least violation, with multipliers as proof; None without a verdict.

    First the sum of the violations is minimised, then the largest violation. The latter decides: either its duals prove
    a value above the tolerance, or its point satisfies all rows to within it.
    """
    arrays = judge.arrays
    for program in (_sum_of_violations(arrays), _largest_violation(arrays)):
        for options in ({}, {"presolve": "off"}, {"solver": "ipm"}):
            result = run(make(program), dict(options))
            multiplier = None if result.row_dual is None else _of_rows(arrays, result.row_dual)
            if judge.infeasible(multiplier):
                return _no_point(judge, multiplier, result.seconds)
            if result.x is None:
                continue
            x = result.x[: arrays.column_count]
            if judge.feasible(x):
                return _from_point(judge, x, make, run)
    return None


def _of_rows(arrays: Arrays, dual: Floats) -> Floats:
    """Return the duals of a program with doubled rows (`_largest_violation`) as multipliers of the original rows."""
    multiplier = dual[: arrays.row_count].copy()
    if len(dual) > arrays.row_count:
        multiplier[_two_sided(arrays)] += dual[arrays.row_count :]
    return multiplier


def _two_sided(arrays: Arrays) -> Ints:
    return np.flatnonzero(np.isfinite(arrays.row_lower) & np.isfinite(arrays.row_upper))


def _from_point(judge: Judge, x: Floats, make: Make, run: Run) -> SolverResult:
    """Return an optimum if a feasible point is known, with rows as loose as that point needs them; else the point."""
    arrays = judge.arrays
    slack = PLAN_TOLERANCE / 2.0 * arrays.row_scale()
    loose = replace(arrays, row_lower=arrays.row_lower - slack, row_upper=arrays.row_upper + slack)
    for options in ({"presolve": "off"}, {"presolve": "on"}, {"presolve": "on", "solver": "ipm"}):
        result = run(make(loose), options)
        if _better(judge, None, result) is not None:
            assert result.row_dual is not None  # better says so
            return replace(result, bound=min(judge.bound(result.row_dual), result.objective))
    zero = np.zeros(arrays.row_count)
    objective = arrays.objective(x)
    return SolverResult("failed", x, objective, min(judge.bound(zero), objective), 0.0, zero, arrays.cost.copy())


def _sum_of_violations(arrays: Arrays) -> Arrays:
    """Return the program that minimises the sum of violations, each relative to the scale of its row."""
    low, up = (np.flatnonzero(np.isfinite(side)) for side in (arrays.row_lower, arrays.row_upper))
    scale = arrays.row_scale()
    row = np.concatenate([low, up])
    value = np.concatenate([scale[low], -scale[up]])
    violations = sparse.csr_array((value, (row, np.arange(len(row)))), (arrays.row_count, len(row)))
    return _with_violations(arrays, violations)


def _largest_violation(arrays: Arrays) -> Arrays:
    """Return the program that minimises the largest violation; upper sides of two-sided rows are extra rows, last."""
    scale = arrays.row_scale()
    second = _two_sided(arrays)
    upper = arrays.row_upper.copy()
    upper[second] = INFINITY
    doubled = replace(
        arrays,
        matrix=sparse.csr_array(sparse.vstack([arrays.matrix, arrays.matrix[second]])),
        row_lower=np.concatenate([arrays.row_lower, np.full(len(second), -INFINITY)]),
        row_upper=np.concatenate([upper, arrays.row_upper[second]]),
        rows=(*arrays.rows, *(arrays.rows[i] for i in second)),
    )
    value = np.concatenate([np.where(np.isfinite(arrays.row_lower), scale, -scale), -scale[second]])
    return _with_violations(doubled, sparse.csr_array(value[:, None]))


def _with_violations(arrays: Arrays, violations: sparse.csr_array) -> Arrays:
    count = violations.shape[1]
    wide = arrays.extended([Column(VIOLATION, number) for number in range(count)], [])
    matrix = sparse.csr_array(sparse.hstack([arrays.matrix, violations]))
    cost = np.concatenate([np.zeros(arrays.column_count), np.ones(count)])
    return replace(wide, matrix=matrix, cost=cost, offset=0.0)


def _unbounded(arrays: Arrays, make: Make, run: Run) -> SolverResult | None:
    """Return a verified ray along which the cost falls without limit; None if there is none.

    Only if some point satisfies the rows at all; if none does, return the proof of that.
    """
    point = solve_linear(arrays.with_cost(np.zeros(arrays.column_count)), make, run)
    if point.status == "infeasible":
        return point
    cone = replace(
        arrays,
        offset=0.0,
        lower=np.where(np.isfinite(arrays.lower), 0.0, -1.0),
        upper=np.where(np.isfinite(arrays.upper), 0.0, 1.0),
        row_lower=np.where(np.isfinite(arrays.row_lower), 0.0, -INFINITY),
        row_upper=np.where(np.isfinite(arrays.row_upper), 0.0, INFINITY),
    )
    result = run(make(cone), {"presolve": "off"})
    if point.x is None or result.x is None or not is_unbounded_ray(arrays, result.x):
        return None
    return SolverResult("unbounded", result.x, -INFINITY, -INFINITY, result.seconds)
