"""One solve from case to audited plan: declare, compile, solve, extract, audit, in this order and timed."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from platform import python_version
from typing import Any

import numpy as np
from pyomo.common.gc_manager import PauseGC

from planner.audit import audit
from planner.audit.own import refusal
from planner.case.case import CaseData
from planner.case.check import contradictions_among, warnings_of
from planner.case.pointer import where_to_look
from planner.errors import AuditError, InfeasibleError, NoPlanError, OptionError, PlannerError
from planner.inputs import Inputs, make_inputs
from planner.options import SolveOptions
from planner.plan import figures
from planner.plan.extract import demanded_compute_years, extract_tables, headline
from planner.plan.plan import PlanData
from planner.program import Family, build_program
from planner.runs.compile import make_mip
from planner.runs.other import solve_with_other
from planner.runs.progress import OnProgress, Progress
from planner.runs.solvers import OtherEngine, check_solver
from planner.solve.arrays import Floats
from planner.solve.mip import MixedIntegerProgram
from planner.solve.records import Answer, News
from planner.solve.serve import solve_mip
from planner.solve.settings import ROUNDING
from planner.solve.watchdog import SolverProcess, solve_in_thread
from planner.symbols import Values
from planner.system import interrupts
from planner.system.cores import usable_cores

EMBEDDED = "highs"
SMALL = 1000
"""Chip stocks (offer, role, chip, period) up to which a case is solved in this process: another starts too slowly."""
RESERVE_SHARE, RESERVE_S = 0.05, 0.5
"""Time kept back from a limit for tables and audit."""
TIMED_OUT_S = 0.05
"""How close to its time limit a run that ended at a limit must have come for that to have been the time."""
LIBRARIES = ("gigaplan", "pyomo", "highspy", "networkx", "numpy", "scipy", "pydantic")

Tell = Callable[[str, float, float | None, float | None], None]
"""Hears stage, seconds, cost and bound."""


@dataclass(frozen=True, slots=True)
class Request:
    """How to solve; see `planner.api.Case.solve`."""

    gap: float
    time_limit_s: float | None = None
    threads: int = 1
    seed: int = 0
    solver: str = EMBEDDED
    families: tuple[Family, ...] = ()
    start: Values | None = field(default=None, repr=False)
    own_process: bool = True

    def __post_init__(self) -> None:
        if not 0.0 <= self.gap < 1.0:
            raise OptionError(f"gap {self.gap!r}: must be at least 0 and less than 1 (0.005 is half a percent)")
        if self.time_limit_s is not None and not self.time_limit_s > 0.0:
            raise OptionError(f"time limit {self.time_limit_s!r} s: must be more than 0")
        if self.threads < 1:
            raise OptionError(f"threads {self.threads!r}: must be at least 1")
        object.__setattr__(self, "threads", min(self.threads, usable_cores()))


def solve_case(
    case: CaseData,
    request: Request,
    on_progress: OnProgress | None = None,
    *,
    inputs: Inputs | None = None,
    read_seconds: float = 0.0,
) -> PlanData:
    """Solve a case and audit the plan; see `planner.api.Case.solve` for what is raised.

    Parameters
    ----------
    case : CaseData
    request : Request
    on_progress : callable or None
        Callback invoked with each `Progress`.
    inputs : Inputs or None
        Of the case, where they are made already.
    read_seconds : float
        Time that reading the case took, for the summary.
    """

    def tell(stage: str, seconds: float, cost: float | None, bound: float | None) -> None:
        if on_progress is not None:
            gap = None
            if cost is not None and bound is not None:
                gap = (cost - bound) / abs(cost) if cost else 0.0
            on_progress(Progress(stage, seconds, cost, bound, gap))

    return _solve_case(case, make_inputs(case) if inputs is None else inputs, request, tell, read_seconds)


def _solve_case(case: CaseData, inputs: Inputs, request: Request, tell: Tell, read_seconds: float) -> PlanData:
    interrupts.begin()
    begin = time.monotonic()
    limit = float("inf") if request.time_limit_s is None else request.time_limit_s
    if request.solver != EMBEDDED:
        check_solver(request.solver, threads=request.threads, seed=request.seed)
    large = len(inputs.stocks) > SMALL
    process = SolverProcess() if request.solver == EMBEDDED and request.own_process and large else None
    try:
        tell("build", 0.0, None, None)
        m = build_program(inputs, request.families)
        mip = make_mip(m, inputs)
        built = time.monotonic()
        left = limit - (built - begin)
        left -= max(RESERVE_S, RESERVE_SHARE * limit) if np.isfinite(limit) else 0.0
        options = SolveOptions(request.gap, max(0.1, left), request.threads, request.seed, request.solver)

        def hear(news: News) -> None:
            cost = news.objective if np.isfinite(news.objective) else None
            bound = news.bound if np.isfinite(news.bound) else None
            tell(news.stage, time.monotonic() - begin, cost, bound)

        answer = _solve(mip, options, request, process, hear)
    finally:
        if process is not None:
            process.close()
    solved = time.monotonic()
    timed_out = solved - built >= options.seconds - TIMED_OUT_S
    _raise_without_plan(case, answer, timed_out, limited=request.time_limit_s is not None)
    assert answer.x is not None  # raised otherwise
    tell("audit", solved - begin, answer.objective, answer.bound)
    with PauseGC():  # tables are not garbage; looking for it among the program's objects takes longer than making them
        values = Values.at(mip.arrays.columns, answer.x)
        tables = extract_tables(m, inputs, values)
        summary = _summary(case, inputs, request, answer, tables)
        report = audit(case, tables, summary)
    ended = time.monotonic()
    summary["audit"] = {"passed": report.passed, "checks": len(report.checks)}
    if report.not_recomputed:
        summary["audit"]["not_recomputed"] = list(report.not_recomputed)
    summary["seconds"] = {
        "read": round(read_seconds, 3),
        "build": round(built - begin, 3),
        "solve": round(solved - built, 3),
        "audit": round(ended - solved, 3),
        "total": round(read_seconds + ended - begin, 3),
    }
    if not report.passed:
        lines = "\n".join(f"  {line}" for line in report.lines[:20])
        raise AuditError(f"{refusal(report, case)}:\n{lines}")
    return PlanData(case, summary, tables)


def _solve(
    mip: MixedIntegerProgram,
    options: SolveOptions,
    request: Request,
    process: SolverProcess | None,
    hear: Callable[[News], None],
) -> Answer:
    if request.solver != EMBEDDED:
        engine = OtherEngine(request.solver, threads=options.threads, seed=options.seed)
        try:
            answer = solve_with_other(mip, options, engine, hear)
        except KeyboardInterrupt:  # what such a solver has found by then is not told to anybody
            answer = Answer("interrupted", None, float("inf"), float("-inf"), mip, 0, 0, 0.0, {})
        interrupts.hold()
        return answer
    interrupts.hold()
    start = _start_point(mip, request.start)
    if process is not None:
        return process.solve(mip, options, hear, start)
    if request.own_process:
        return solve_in_thread(mip, options, hear, start)

    def hear_on(news: News) -> bool:
        hear(news)
        return False

    return solve_mip(mip, options, hear_on, start)


def _start_point(mip: MixedIntegerProgram, start: Values | None) -> Floats | None:
    """Values by key as a point of this program: matched by variable and key, never by position."""
    return None if start is None else np.array(start.point(mip.arrays.columns))


def _raise_without_plan(case: CaseData, answer: Answer, timed_out: bool, *, limited: bool) -> None:
    name = case.model.name
    if answer.x is not None:
        return
    notes = "".join(f"\n  {note}" for note in answer.notes)
    if answer.status == "infeasible":
        raise InfeasibleError(
            f"{name}: proven infeasible: no plan meets all limits of the case, whatever demand is left unserved",
            where_to_look(case),
            contradictions_among(warnings_of(case)),
        )
    if answer.status == "unbounded":
        raise PlannerError(
            f"{name}: the cost has no lower limit; a price in the case pays for itself without end{notes}"
        )
    if answer.status == "interrupted":
        raise NoPlanError(f"{name}: interrupted before any plan was found")
    if timed_out:
        raise NoPlanError(f"{name}: the time limit came before any plan was found")
    why = "" if limited else "the solver gave up before any limit: "
    raise NoPlanError(f"{name}: {why}no plan was found, nor a proof that there is none{notes}")


def _summary(
    case: CaseData, inputs: Inputs, request: Request, answer: Answer, tables: Mapping[str, Any]
) -> dict[str, Any]:
    cost = sum(float(row["present_value_busd"]) for row in tables["objective"])
    # A bound that is nothing but rounding is that of a plan that costs nothing: zero, like the cost beside it.
    bound = min(0.0 if figures.no_money(inputs, answer.bound) else answer.bound, cost)
    gap = (cost - bound) / abs(cost) if cost else 0.0
    return {
        "status": _status(answer, gap, request.gap),
        "case_name": case.model.name,
        "title": case.model.title,
        "cost_busd": cost,
        "bound_busd": bound if np.isfinite(bound) else None,
        "gap": gap if np.isfinite(gap) else None,
        "gap_target": request.gap,
        **headline(inputs, tables),
        "unserved_share_bound": _unserved_share_bound(inputs, answer, tables),
        "solver": request.solver,
        "solver_seconds": round(answer.solver_seconds, 3),
        "solver_notes": list(answer.notes),
        "solver_stages": {stage: round(seconds, 3) for stage, seconds in answer.stages.items()},
        "redundancy": {"cuts_added": answer.cuts, "rounds": answer.rounds},
        "size": {"columns": answer.mip.arrays.column_count, "rows": answer.mip.arrays.row_count},
        "threads": request.threads,
        "seed": request.seed,
        "forced": [forced.change() for forced in case.model.forced],
        "families_added": [family.name for family in (*case.families, *request.families)],
        "case_hash": case.hash,
        "compute_unit": case.model.compute_unit,
        "versions": _versions(),
    }


def _unserved_share_bound(inputs: Inputs, answer: Answer, tables: Mapping[str, Any]) -> float | None:
    """Return the share of demand that is proven to stay unserved; None where unserved demand is not minimised first."""
    if answer.unserved_bound is None:
        return None
    demanded = demanded_compute_years(inputs, tables)
    share: float = headline(inputs, tables)["unserved_share"]
    return min(share, answer.unserved_bound / demanded) if demanded else 0.0


def _status(answer: Answer, gap: float, target: float) -> str:
    """Return what the plan may be called: proven only as far as its own cost and bound prove it."""
    if answer.status == "interrupted":
        return "interrupted"
    if answer.status == "optimal" and gap <= ROUNDING:
        return "optimal"
    if answer.status in ("optimal", "gap") and gap <= target + ROUNDING:
        return "gap_reached"
    return "time_limit"


def _versions() -> dict[str, str]:
    found = {"python": python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
