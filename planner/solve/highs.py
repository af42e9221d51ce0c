"""The embedded solver: arrays in, result out. The only module that talks to HiGHS."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import highspy
import numpy as np
from scipy import sparse

from planner.errors import PlannerError
from planner.solve.arrays import Arrays, Floats, Ints, NewRow
from planner.solve.condense import condense, spell_out

SolverStatus = Literal["optimal", "gap", "infeasible", "unbounded", "limit", "interrupted", "failed"]
"""How a run of the solver ended; ``gap``: within the relative gap asked for; ``limit``: at a limit of time or nodes;
``failed``: the solver stopped for reasons of its own, such as numerical difficulties. These are claims, not proofs."""

EITHER = highspy.HighsModelStatus.kUnboundedOrInfeasible
LIMITS = {
    highspy.HighsModelStatus.kTimeLimit,
    highspy.HighsModelStatus.kIterationLimit,
    highspy.HighsModelStatus.kSolutionLimit,
    highspy.HighsModelStatus.kObjectiveBound,
}
STOPPED = {highspy.HighsModelStatus.kInterrupt}
ENDED = {
    highspy.HighsModelStatus.kOptimal,
    highspy.HighsModelStatus.kObjectiveTarget,
    highspy.HighsModelStatus.kModelEmpty,
}
ABSOLUTE_GAP = 1e-9
"""Absolute gap at which the solver may stop: the relative gap decides unless the cost is almost zero."""
FEASIBILITY_TOLERANCE = 1e-7
"""Tighter than the solver's default (1e-6): tables of a plan are in IT MW, the program is in IT GW."""


AGGREGATOR = 4096
"""Rule of presolve that is off where there are integer variables, the aggregator: with it HiGHS 1.15.1 reports
non-optimal plans as optimal (a random case of the redundancy tests, 2 % above the true cost, in 15 of 16 seeds)."""


@dataclass(frozen=True, slots=True)
class SolverResult:
    """Result of a run of the solver.

    Attributes
    ----------
    x : array or None
        Best point found.
    objective, bound : float
        Value of ``x`` (inf without one) and the dual bound that the solver claims (-inf without one).
    row_dual : array or None
        Duals, for linear programs solved to optimality.
    basis : object
        Basis from which the next run can start, for linear programs.
    """

    status: SolverStatus
    x: Floats | None
    objective: float
    bound: float
    seconds: float
    row_dual: Floats | None = None
    column_dual: Floats | None = None
    basis: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SolverEvent:
    """An event of a running solver: a better point, or a better bound."""

    x: Floats | None
    objective: float
    bound: float


EventCallback = Callable[[SolverEvent], bool]
"""Is called with each event; returns True to ask the solver to stop."""


_FIRST = threading.Lock()
_greeted = False


def _new_solver() -> Any:
    """Return a new HiGHS object. Some versions print a banner for the first one of a process: it is discarded."""
    global _greeted
    with _FIRST:
        if _greeted:
            return highspy.Highs()  # type: ignore[no-untyped-call]
        with _no_output():
            solver = highspy.Highs()  # type: ignore[no-untyped-call]
        _greeted = True
        return solver


@contextmanager
def _no_output() -> Iterator[None]:
    """Discard what C libraries write to standard output; Python's own stream is flushed before."""
    try:
        sys.stdout.flush()
        kept = os.dup(1)
    except (OSError, ValueError, AttributeError):  # closed or full: nothing can be written there anyway
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


BASIC, NONBASIC = int(highspy.HighsBasisStatus.kBasic), int(highspy.HighsBasisStatus.kNonbasic)
"""Statuses of a column or row in a basis; the second one at whichever of its bounds there is."""


def statuses(basis: Any) -> tuple[Ints, Ints]:
    """Return the status of each column and each row in the basis of a result."""
    return (
        np.array([int(status) for status in basis.col_status], dtype=np.int64),
        np.array([int(status) for status in basis.row_status], dtype=np.int64),
    )


class Engine:
    """One program inside HiGHS; its basis is kept from run to run.

    Parameters
    ----------
    program : Arrays
    threads, seed : int
    spelled_out : bool
        Whether the solver is given sums of integer variables written out (`planner.solve.condense.spell_out`), and no
        marks of columns that are integer by implication.
    """

    def __init__(self, program: Arrays, *, threads: int = 1, seed: int = 0, spelled_out: bool = False) -> None:
        # HiGHS keeps the thread count of the first run of a process unless its scheduler is reset.
        highspy.Highs.resetGlobalScheduler(True)
        self._highs: Any = _new_solver()
        self._set(output_flag=False, threads=threads, random_seed=seed)
        self._set(primal_feasibility_tolerance=FEASIBILITY_TOLERANCE, mip_feasibility_tolerance=FEASIBILITY_TOLERANCE)
        if threads > 1:
            self._set(parallel="on")
        self._integer = bool(program.integer.any())
        self._condensed = (spell_out if spelled_out else condense)(program) if self._integer else None
        if self._condensed is not None:
            program = self._condensed.arrays
        if spelled_out:
            program = replace(program, implied=np.zeros_like(program.implied))
        if self._integer:
            self._set(presolve_rule_off=AGGREGATOR)
        self._width = program.column_count
        self._subscribed: list[Any] = []
        self._refused = self._highs.passModel(_model(program)) == highspy.HighsStatus.kError

    def _set(self, **options: object) -> None:
        for name, value in options.items():
            if self._highs.setOptionValue(name, value) != highspy.HighsStatus.kOk:
                raise PlannerError(f"the solver refuses option {name} = {value!r}")

    def add_rows(self, columns: int, rows: list[NewRow]) -> None:
        """Add columns (zero cost, not negative) and rows; the basis is kept. Not for mixed-integer programs."""
        for _ in range(columns):
            self._highs.addVar(0.0, highspy.kHighsInf)
        self._width += columns
        starts = np.cumsum([0, *(len(row.index) for row in rows)])[:-1].astype(np.int32)
        index = np.concatenate([row.index for row in rows]).astype(np.int32)
        value = np.concatenate([row.value for row in rows])
        lower = np.array([row.lower for row in rows])
        upper = np.array([row.upper for row in rows])
        self._highs.addRows(len(rows), lower, upper, len(index), starts, index, value)

    def add_columns(self, cost: Floats, lower: Floats, upper: Floats, entries: sparse.csc_array) -> None:
        """Add columns, with entries in the rows there are; the basis is kept. Not for mixed-integer programs."""
        starts, index = entries.indptr[:-1].astype(np.int32), entries.indices.astype(np.int32)
        self._highs.addCols(len(cost), cost, lower, upper, entries.nnz, starts, index, entries.data)
        self._width += len(cost)

    def set_row_bounds(self, lower: Floats, upper: Floats) -> None:
        """Give every row other bounds; the basis is kept. Not for mixed-integer programs."""
        rows = np.arange(len(lower), dtype=np.int32)
        self._highs.changeRowsBounds(len(rows), rows, lower, upper)

    def set_cost(self, cost: Floats) -> None:
        """Give every column another cost; the basis is kept. Not for mixed-integer programs."""
        columns = np.arange(len(cost), dtype=np.int32)
        self._highs.changeColsCost(len(columns), columns, cost)

    def set_basis(self, basis: Any) -> None:
        """Begin the next run with the basis of a result for a program of the same shape. Not for integer programs."""
        self._highs.setBasis(basis)

    def set_statuses(self, columns: Ints, rows: Ints) -> None:
        """Begin the next run with a basis of these statuses (`statuses`). Not for integer programs."""
        named = {int(status): status for status in highspy.HighsBasisStatus.__members__.values()}
        basis = highspy.HighsBasis()
        basis.col_status = [named[int(status)] for status in columns]
        basis.row_status = [named[int(status)] for status in rows]
        basis.valid, basis.alien = True, False
        self._highs.setBasis(basis)

    def set_start(self, x: Floats) -> None:
        """Give the solver a point as MIP start."""
        solution = highspy.HighsSolution()
        solution.col_value = x if self._condensed is None else self._condensed.reduce(x)
        self._highs.setSolution(solution)

    def run(
        self,
        *,
        gap: float = 0.0,
        time_limit_s: float = float("inf"),
        callback: EventCallback | None = None,
        **options: object,
    ) -> SolverResult:
        """Run the solver; failures are results too.

        Parameters
        ----------
        gap : float
            Relative MIP gap at which the run may stop.
        time_limit_s : float
        callback : callable or None
            Is called with better points and bounds, and returns True to stop. None: nothing is, and it does not stop.
        **options
            Further options of the solver, by its own names.
        """
        if self._refused:
            return _failed(0.0)
        limit = max(0.0, min(time_limit_s, 1e7))
        self._set(mip_max_nodes=highspy.kHighsIInf, objective_target=-highspy.kHighsInf)
        self._set(mip_rel_gap=gap, mip_abs_gap=min(ABSOLUTE_GAP, gap), **options)
        self._subscribe(callback)
        begin = time.monotonic()
        status = self._run_for(limit)
        if self._highs.getModelStatus() == EITHER:
            # Presolve has found that one of the two holds; without it the solver finds which.
            self._set(presolve="off")
            status = self._run_for(max(0.0, limit - (time.monotonic() - begin)))
        seconds = time.monotonic() - begin
        return _failed(seconds) if status == highspy.HighsStatus.kError else self._result(seconds)

    def _run_for(self, seconds: float) -> Any:
        # The solver's clock goes on from run to run: its limit is for all of them together.
        self._set(time_limit=seconds + float(self._highs.getRunTime()))
        try:
            return self._highs.run()
        except (RuntimeError, MemoryError):  # raised by the solver's library
            return highspy.HighsStatus.kError

    def dual_ray(self) -> Floats | None:
        """Return the dual ray (multipliers of rows that contradict one another) if the solver has one."""
        if self._refused or self._integer:
            return None
        _, there = self._highs.getDualRayExist()
        if not there:
            return None
        _, there, ray = self._highs.getDualRay()
        return np.array(ray, dtype=np.float64) if there else None

    def _result(self, seconds: float) -> SolverResult:
        status = self._highs.getModelStatus()
        info = self._highs.getInfo()
        solution = self._highs.getSolution()
        feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        if status == highspy.HighsModelStatus.kInfeasible:
            return SolverResult("infeasible", None, float("inf"), float("inf"), seconds)
        if status == highspy.HighsModelStatus.kUnbounded:
            return SolverResult("unbounded", None, float("-inf"), float("-inf"), seconds)
        ended = status in ENDED
        x = self._point(solution.col_value) if feasible and len(solution.col_value) == self._width else None
        objective = float(info.objective_function_value) if x is not None else float("inf")
        name: SolverStatus = "interrupted" if status in STOPPED else "limit" if status in LIMITS else "failed"
        if self._integer:
            # The bound of a failed run is not used.
            bound = float(info.mip_dual_bound) if name != "failed" or ended else float("-inf")
            if ended:
                name = "optimal" if objective - bound <= 1e-9 * abs(objective) else "gap"
            return SolverResult(name, x, objective, bound if np.isfinite(bound) else float("-inf"), seconds)
        if not ended:
            return SolverResult(name, None, float("inf"), float("-inf"), seconds)
        row_dual, column_dual = np.array(solution.row_dual), np.array(solution.col_dual)
        return SolverResult("optimal", x, objective, objective, seconds, row_dual, column_dual, self._highs.getBasis())

    def _point(self, values: Any) -> Floats:
        """Return a point of the program as it was passed in."""
        x = np.array(values)
        return x if self._condensed is None else self._condensed.expand(x)

    def _subscribe(self, called: EventCallback | None) -> None:
        """Subscribe a callback to better points and bounds of a run, in place of that of the run before."""
        highs = self._highs
        for source, old in self._subscribed:
            source.unsubscribe(old)
        self._subscribed = []
        if called is None:
            return
        callback, stop = called, False

        def improved(event: Any) -> None:
            nonlocal stop
            out = event.data_out
            stop |= callback(
                SolverEvent(self._point(out.mip_solution), out.objective_function_value, out.mip_dual_bound)
            )

        def checked(event: Any) -> None:
            nonlocal stop
            out = event.data_out
            stop |= callback(SolverEvent(None, float(out.mip_primal_bound), float(out.mip_dual_bound)))
            event.interrupt(stop)

        def paused(event: Any) -> None:
            nonlocal stop
            stop |= callback(SolverEvent(None, float("inf"), float("-inf")))
            event.interrupt(stop)

        pairs = [(highs.cbMipImprovingSolution, improved), (highs.cbMipInterrupt, checked)]
        if not self._integer:
            pairs = [(highs.cbSimplexInterrupt, paused), (highs.cbIpmInterrupt, paused)]
        self._subscribed = pairs
        for source, function in pairs:
            source.subscribe(function)


def _failed(seconds: float) -> SolverResult:
    return SolverResult("failed", None, float("inf"), float("-inf"), seconds)


def _model(program: Arrays) -> Any:
    lp = highspy.HighsLp()
    lp.num_col_ = program.column_count
    lp.num_row_ = program.row_count
    lp.col_cost_ = program.cost
    lp.offset_ = program.offset
    lp.col_lower_ = program.lower
    lp.col_upper_ = program.upper
    lp.row_lower_ = program.row_lower
    lp.row_upper_ = program.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = program.matrix.indptr.astype(np.int32)
    lp.a_matrix_.index_ = program.matrix.indices.astype(np.int32)
    lp.a_matrix_.value_ = program.matrix.data
    if program.integer.any():
        integer, continuous = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
        every = (program.integer == program.declared).all()
        marked = program.integer | program.implied if every else program.integer
        lp.integrality_ = [integer if is_integer else continuous for is_integer in marked]
    return lp
