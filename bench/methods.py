"""The ways to solve a benchmark: the planner, hand-written models, HiGHS alone. Each runs inside a worker process.

A method takes a task and limits and returns an :class:`Answer` in the units of the task; its seconds start when the
instance (or the case) is in memory and end when the plan is, so they contain declaring, compiling and reading back.
"""

import contextlib
import io
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from math import inf, isfinite
from typing import Any

import pyomo.environ as pyo
from pyomo.contrib.appsi.solvers import Highs

from bench.allocation import Allocation
from bench.curves import Moment
from bench.importer import Imported
from bench.reference.facility import linopy_model, pyomo_model
from bench.reference.log import moments, progress, seconds_to
from bench.reference.multiyear import multiyear_model
from bench.reference.written_out import solve_written_out
from planner.api import Case
from planner.case.case import CaseData
from planner.errors import NoPlanError
from planner.inputs import make_inputs
from planner.options import DEFAULT_GAP
from planner.program import build_program
from planner.runs.compile import make_mip
from planner.solve.highs import Engine

GAPS = (0.01, DEFAULT_GAP)
"""Gaps whose times the ladder reports."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Relative gap and seconds at which a run may stop, and its threads."""

    gap: float
    time_limit_s: float
    threads: int = 1


@dataclass(slots=True)
class Answer:
    """What a method found."""

    status: str
    cost: float | None
    bound: float | None
    seconds: float
    solver_seconds: float | None = None
    seconds_to: dict[str, float | None] = field(default_factory=dict)
    notes: str = ""
    moments: list[Moment] = field(default_factory=list)
    broken_cuts: int = 0


def _finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None


def _times(events: list[tuple[float, float]]) -> dict[str, float | None]:
    return {str(gap): seconds_to(events, gap) for gap in GAPS}


def _gap_of(cost: float | None, bound: float | None) -> float:
    if cost is None or bound is None:
        return inf
    return abs(cost - bound) / max(abs(cost), 1e-9)


def solve_planner(case: CaseData, limits: Limits) -> Answer:
    """The planner, through its public interface."""
    begin = time.perf_counter()
    events: list[tuple[float, float]] = []

    def heard(progress: Any) -> None:
        gap = _gap_of(progress.cost_busd, progress.bound_busd)
        events.append((time.perf_counter() - begin, gap))

    try:
        plan = Case.of(case).solve(
            gap=limits.gap, time_limit_s=limits.time_limit_s, threads=limits.threads, on_progress=heard
        )
    except NoPlanError as error:
        return Answer("no plan", None, None, time.perf_counter() - begin, notes=str(error))
    seconds = time.perf_counter() - begin
    summary = plan.summary
    events.append((seconds, _gap_of(summary["cost_busd"], summary["bound_busd"])))
    return Answer(
        status=str(summary["status"]),
        cost=summary["cost_busd"],
        bound=_finite(summary["bound_busd"]),
        seconds=seconds,
        solver_seconds=summary["solver_seconds"],
        seconds_to=_times(events),
        notes="; ".join(f"{stage} {value:.1f} s" for stage, value in summary["seconds"].items()),
    )


def _solve_pyomo(build: Callable[[], Any], limits: Limits, cost: Callable[[Any], float]) -> Answer:
    """A Pyomo model through Pyomo's own HiGHS interface with default settings."""
    begin = time.perf_counter()
    model = build()
    declared = time.perf_counter() - begin
    solver = Highs()
    solver.config.time_limit = max(1.0, limits.time_limit_s - declared)
    solver.config.mip_gap = limits.gap
    solver.config.load_solution = False
    solver.config.stream_solver = True
    solver.highs_options = {"threads": limits.threads, "mip_abs_gap": min(1e-6, limits.gap)}
    log = io.StringIO()
    with contextlib.redirect_stdout(log):
        result = solver.solve(model)
    seconds = time.perf_counter() - begin
    found, bound = result.best_feasible_objective, result.best_objective_bound
    if found is not None and isfinite(found):
        result.solution_loader.load_vars()
        found = cost(model)
    seconds = time.perf_counter() - begin
    events = progress(log.getvalue().splitlines())
    solver_seconds = events[-1][0] if events else None
    overhead = seconds - solver_seconds if solver_seconds is not None else 0.0
    return Answer(
        status=result.termination_condition.name,
        cost=_finite(found),
        bound=_finite(bound),
        seconds=seconds,
        solver_seconds=solver_seconds,
        seconds_to=_times([(second + overhead, gap) for second, gap in events]),
        notes=f"declared in {declared:.1f} s",
        moments=[
            *((second + overhead, best, least) for second, best, least in moments(log.getvalue().splitlines())),
            (seconds, _finite(found), _finite(bound)),
        ],
    )


def solve_facility_pyomo(allocation: Allocation, limits: Limits) -> Answer:
    """The textbook model in Pyomo."""
    return _solve_pyomo(lambda: pyomo_model(allocation), limits, lambda m: float(pyo.value(m.cost)))


def solve_facility_linopy(allocation: Allocation, limits: Limits) -> Answer:
    """The textbook model in linopy with HiGHS and default settings."""
    import_module("linopy")  # not a dependency of the project; its import is not timed, as no other is
    begin = time.perf_counter()
    model = linopy_model(allocation)
    declared = time.perf_counter() - begin
    with contextlib.redirect_stdout(io.StringIO()):
        status, condition = model.solve(
            solver_name="highs",
            io_api="direct",
            time_limit=max(1.0, limits.time_limit_s - declared),
            mip_rel_gap=limits.gap,
            mip_abs_gap=min(1e-6, limits.gap),
            threads=limits.threads,
            output_flag=False,
        )
    seconds = time.perf_counter() - begin
    cost = None if model.objective.value is None else float(model.objective.value)
    bound = _finite(model.solver_model.getInfo().mip_dual_bound)
    return Answer(
        f"{status}: {condition}",
        cost,
        bound,
        seconds,
        notes=f"declared in {declared:.1f} s",
        moments=[(seconds, cost, bound)],
    )


def solve_multiyear_pyomo(case: CaseData, limits: Limits) -> Answer:
    """The multi-year problem in Pyomo, recovery written out for every contingency."""
    inputs = make_inputs(case)
    return _solve_pyomo(lambda: multiyear_model(inputs), limits, lambda m: float(pyo.value(m.plan_cost)))


def solve_multiyear_pyomo_bare(case: CaseData, limits: Limits) -> Answer:
    """The same without redundancy rules: an easier problem, to see what the rules cost."""
    inputs = make_inputs(case)
    return _solve_pyomo(
        lambda: multiyear_model(inputs, redundancy=False), limits, lambda m: float(pyo.value(m.plan_cost))
    )


def solve_written_out_form(case: CaseData, limits: Limits) -> Answer:
    """Every contingency's re-routing as variables, to the bare solver (see `bench.reference.written_out`)."""
    begin = time.perf_counter()
    found = solve_written_out(case, gap=limits.gap, time_limit_s=limits.time_limit_s)
    size = f"{found.columns:,} columns, {found.rows:,} rows"
    return Answer(
        found.status, _finite(found.cost_busd), _finite(found.bound_busd), time.perf_counter() - begin, notes=size
    )


def solve_matrix(case: CaseData, limits: Limits) -> Answer:
    """HiGHS alone, default settings, on the planner's matrix with all demand to be served.

    Redundancy is in it by the first cuts only (all demands together, single losses): an easier problem than the case.
    """
    begin = time.perf_counter()
    inputs = make_inputs(case)
    mip = make_mip(build_program(inputs), inputs)
    arrays = mip.arrays
    if mip.serve_first:
        upper = arrays.upper.copy()
        upper[mip.unserved] = 0.0
        arrays = arrays.with_bounds(arrays.lower, upper)
    declared = time.perf_counter() - begin
    events: list[tuple[float, float]] = []

    def heard(progress: Any) -> bool:
        events.append((time.perf_counter() - begin, _gap_of(_finite(progress.objective), _finite(progress.bound))))
        return False

    engine = Engine(arrays, threads=limits.threads)
    outcome = engine.run(gap=limits.gap, time_limit_s=max(1.0, limits.time_limit_s - declared), callback=heard)
    seconds = time.perf_counter() - begin
    cost, bound = _finite(outcome.objective), _finite(outcome.bound)
    events.append((seconds, _gap_of(cost, bound)))
    return Answer(
        outcome.status, cost, bound, seconds, outcome.seconds, _times(events), f"declared in {declared:.1f} s"
    )


ALLOCATION_METHODS: dict[str, Callable[[Allocation, Limits], Answer]] = {
    "pyomo": solve_facility_pyomo,
    "linopy": solve_facility_linopy,
}
CASE_METHODS: dict[str, Callable[[CaseData, Limits], Answer]] = {
    "planner": solve_planner,
    "pyomo": solve_multiyear_pyomo,
    "pyomo-bare": solve_multiyear_pyomo_bare,
    "highs": solve_matrix,
    "written-out": solve_written_out_form,
}


def solve_public(method: str, imported: Imported, limits: Limits) -> Answer:
    """Solve an imported instance by a method; costs in the instance's own units."""
    if method in ALLOCATION_METHODS:
        return ALLOCATION_METHODS[method](imported.allocation, limits)
    answer = CASE_METHODS[method](imported.case, limits)
    answer.cost = None if answer.cost is None else answer.cost * imported.cost_per_busd
    answer.bound = None if answer.bound is None else answer.bound * imported.cost_per_busd
    return answer
