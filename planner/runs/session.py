"""One run, from a case to an audited plan: inputs, program, point, tables, audit, in this order and timed.

Everything that solves comes through here, once per run. `solve_case` is the whole way. `find_point` is its first half,
for questions with an objective of their own. `attempt` is the whole way for one of many runs: what goes wrong is then
the reason of an `Outcome`, not an error.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from planner.audit import AuditReport, audit
from planner.audit.own import refusal
from planner.case.case import CaseData
from planner.case.check import contradictions_among, warnings_of
from planner.case.pointer import POINTER
from planner.errors import AuditError, InfeasibleError, NoPlanError, OptionError, PlannerError
from planner.inputs import Inputs, make_inputs
from planner.log import LOG
from planner.options import SolveOptions
from planner.plan.extract import extract_tables
from planner.plan.plan import PlanData
from planner.program import Family, quickest_program
from planner.program.terms import Program
from planner.runs.compile import make_mip
from planner.runs.dispatch import dispatch
from planner.runs.outcome import Outcome
from planner.runs.progress import Clock, OnProgress
from planner.runs.summary import summarise
from planner.runs.tidy import without_idle_use
from planner.solve.arrays import Floats
from planner.solve.mip import MixedIntegerProgram
from planner.solve.records import Answer, SolveProgress
from planner.solve.settings import SIDE_BY_SIDE
from planner.status import Status
from planner.symbols import Values
from planner.system import interrupts
from planner.system.cores import usable_cores
from planner.system.garbage import not_collected
from planner.system.loading import load_meanwhile
from planner.text import visible

RESERVE_SHARE, RESERVE_S = 0.05, 0.5
"""Time kept back from a limit for tables and audit."""
LEAST_S = 0.1
"""Time that the solver has at least, whatever building the program took."""
TIMED_OUT_S = 0.05
"""How close to its time limit a run that ended at a limit must have come for that to have been the time."""
MOST_LINES = 20
"""Violations of a plan that fails its audit which are listed."""


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the program of a case.

    Attributes
    ----------
    inputs : Inputs
    model : Program
        The program as declared.
    options : SolveOptions
        As used: no more threads than there are cores.
    answer : Answer
        What the solver found: a point, a bound, and the program with every cut that was added.
    build_seconds, solve_seconds : float
    """

    inputs: Inputs
    model: Program = field(repr=False)
    options: SolveOptions
    answer: Answer = field(repr=False)
    build_seconds: float
    solve_seconds: float

    @property
    def values(self) -> Values:
        """The value of every variable, by its key."""
        assert self.answer.x is not None  # a point without values is never made
        return Values.at(self.answer.mip.arrays.columns, self.answer.x)


class Adjustment(Protocol):
    """What a question makes of the compiled program of a case, and of the answer (`planner.uncertainty`)."""

    def program(self, inputs: Inputs, mip: MixedIntegerProgram, /) -> MixedIntegerProgram:
        """Return the program to solve: other costs, bounds or further rows; the columns stay in their places."""

    def start(self, point: Floats, /) -> Floats:
        """Return the point to start from, with NaN where its value of an integer variable is not to be kept."""

    def answer(self, inputs: Inputs, mip: MixedIntegerProgram, answer: Answer, /) -> Answer:
        """Return the answer that the plan is made of, from that of the program and the program as compiled."""


@dataclass(frozen=True, slots=True)
class Solved:
    """A case solved: its audited plan, and the point that the plan was read from."""

    plan: PlanData
    point: Point = field(repr=False)


def solve_case(
    case: CaseData,
    options: SolveOptions,
    on_progress: OnProgress | None = None,
    *,
    families: Sequence[Family] = (),
    start: Values | None = None,
    inputs: Inputs | None = None,
    read_seconds: float = 0.0,
    adjust: Adjustment | None = None,
    certified: bool = True,
) -> Solved:
    """Solve a case and audit its plan.

    Parameters
    ----------
    case : CaseData
    options : SolveOptions
        The time limit is for all of it: a part is kept back for tables and audit.
    on_progress : callable or None
        Callback invoked with each `Progress`.
    families : sequence of Family
        Constraint families besides those that come with the planner.
    start : Values or None
        Values of variables to start from, such as those of a similar case (`planner.runs.start.start_values`).
    inputs : Inputs or None
        Of the case, where they are made already.
    read_seconds : float
        Time that reading the case took, for the summary.
    adjust : Adjustment or None
        Changes the compiled program before it is solved.
    certified : bool
        Whether the plan states what becomes of each loss. The audit judges every loss in either case; without, the
        plan is none to be kept.

    Raises
    ------
    InfeasibleError
        If it is proven that no plan can meet the case.
    NoPlanError
        If no plan was found, nor a proof that there is none: a limit came first, or the solver gave up.
    AuditError
        If the plan fails its audit.
    OptionError
        If the solver is not here, or cannot do what is asked.
    """
    clock = Clock(on_progress)
    LOG.info("%s: solve (case %s)", visible(case.model.name), case.hash[:8])
    try:
        solved = _solved(case, options, clock, families, start, inputs, read_seconds, adjust, certified)
    except PlannerError as error:
        LOG.info("%s: %s after %.1f s", visible(case.model.name), error.status, clock.seconds)
        raise
    plan, name = solved.plan, visible(case.model.name)
    for note in plan.summary["solver_notes"]:
        LOG.warning("%s: %s", name, note)
    LOG.info("%s: %s, cost $%.6gB, after %.1f s", name, plan.status, plan.cost_busd, clock.seconds)
    return solved


def _solved(
    case: CaseData,
    options: SolveOptions,
    clock: Clock,
    families: Sequence[Family],
    start: Values | None,
    inputs: Inputs | None,
    read_seconds: float,
    adjust: Adjustment | None,
    certified: bool,
) -> Solved:
    inputs = make_inputs(case) if inputs is None else inputs
    point = find_point(inputs, options, clock, families=families, start=start, adjust=adjust, certified=certified)
    clock.report("audit", point.answer.objective, point.answer.bound)
    with not_collected():  # tables are not garbage; looking for it takes longer than making them
        tables = extract_tables(point.model, inputs, point.values, certified=certified)
        summary = summarise(inputs, point.options, point.answer, tables, families)
        report = audit(case, tables, summary, certified=certified)
    summary["audit"] = {"passed": report.passed, "checks": len(report.checks)}
    if report.not_recomputed:
        summary["audit"]["not_recomputed"] = list(report.not_recomputed)
    summary["seconds"] = _seconds(point, read_seconds, clock.seconds)
    _refuse_failed(report, case)
    return Solved(PlanData(case, summary, tables), point)


def find_point(
    inputs: Inputs,
    options: SolveOptions,
    clock: Clock | None = None,
    *,
    families: Sequence[Family] = (),
    start: Values | None = None,
    objective: Callable[[Program], None] | None = None,
    serve_first: bool | None = None,
    whole_rules: bool = False,
    adjust: Adjustment | None = None,
    certified: bool = False,
) -> Point:
    """Declare the program of a case, compile it and solve it.

    Parameters
    ----------
    inputs, options, families, start, adjust, certified
        As of `solve_case`; what certificates need is loaded while the solver runs.
    clock : Clock or None
        Of the run that this is a part of.
    objective : callable or None
        Puts another objective into the declared program; None: the cost of the case.
    serve_first : bool or None
        Whether shortfalls are minimised before the objective; None: as in the case; False: whatever is missing.
    whole_rules : bool
        Whether redundancy rules, budget and programmes are to be kept whatever is served, with all demand critical.
    """
    interrupts.begin()
    clock = clock or Clock()
    begin = clock.seconds
    options = replace(options, threads=min(options.threads, usable_cores()))
    place = dispatch(options, inputs)
    try:
        clock.report("build")
        model = _built(inputs, families)
        if objective is not None:
            objective(model)
        with not_collected():
            mip = compiled = make_mip(model, inputs)
        if adjust is not None:
            mip = adjust.program(inputs, mip)
        if whole_rules or serve_first is False:
            mip = _asked_at_once(inputs.case, mip, options, whole_rules=whole_rules)
        built = clock.seconds
        left = options.within(max(LEAST_S, options.seconds - (built - begin) - _reserve(options)))
        if certified and mip.network is not None:
            load_meanwhile("networkx")
        answer = place.solve(mip, _both_cores(left), _shown_by(clock), _start_point(mip, start, adjust))
    finally:
        place.close()
    spent = clock.seconds - built
    if answer.x is None:
        timed_out = spent >= left.seconds - TIMED_OUT_S
        raise _no_point(inputs.case, answer, options, timed_out=timed_out, adjusted=adjust is not None)
    answer = without_idle_use(answer)
    if adjust is not None:
        answer = adjust.answer(inputs, compiled, answer)
    return Point(inputs, model, options, answer, built - begin, spent)


def _both_cores(options: SolveOptions) -> SolveOptions:
    """Return the options with which the embedded solver is run: with two cores, if there are two.

    A run by itself for which one thread is asked may begin stages ahead (`planner.solve.ahead`), with one thread each,
    for the same plan in less time. Runs of a study, which has processes for its cores, do not.
    """
    alone = options.embedded and options.own_process and options.threads == 1
    return replace(options, threads=min(SIDE_BY_SIDE, usable_cores())) if alone else options


def _shown_by(clock: Clock) -> Callable[[SolveProgress], None]:
    """Return what passes the progress of the solver on."""
    return lambda progress: clock.report(progress.stage, progress.objective, progress.bound)


def _built(inputs: Inputs, families: Sequence[Family]) -> Program:
    """Declare the program; a case that is found infeasible on the way is known to the error."""
    try:
        return quickest_program(inputs, tuple(families))
    except InfeasibleError as error:
        error.case = inputs.case
        raise


def _asked_at_once(
    case: CaseData, mip: MixedIntegerProgram, options: SolveOptions, *, whole_rules: bool
) -> MixedIntegerProgram:
    """Return the program without tiers: with nothing but demand missing, or with whatever may be missing."""
    if not whole_rules:
        return replace(mip.relieved(), serve_first=False)
    if mip.relief is not None and mip.relief.impossible:
        raise _no_point(case, Answer.without_plan(mip, Status.INFEASIBLE), options, timed_out=False)
    return replace(mip.hardened(), serve_first=False)


def attempt(
    make: Callable[[], CaseData],
    options: SolveOptions,
    on_progress: OnProgress | None = None,
    *,
    name: str = "",
    families: Sequence[Family] = (),
    start: Values | None = None,
    keep_point: bool = False,
) -> Outcome:
    """Make a case and solve it as one of many runs: whatever is expected to go wrong is the reason of the outcome.

    Parameters
    ----------
    make : callable
        Makes the case; the faults of one that is not valid are an outcome too.
    options, on_progress, families, start
        As of `solve_case`.
    name : str
        What is run, for the outcome.
    keep_point : bool
        Whether the outcome keeps the program and the point, which are large.

    Raises
    ------
    OptionError
        If the options make no sense here: no run could be made with them.
    """
    try:
        solved = solve_case(make(), options, on_progress, families=families, start=start)
    except OptionError:
        raise
    except PlannerError as error:
        return Outcome.of_error(error, name)
    return replace(Outcome.of_plan(solved.plan, name), solved=solved if keep_point else None)


def _reserve(options: SolveOptions) -> float:
    """Seconds of a time limit that are kept back for tables and audit."""
    return 0.0 if options.time_limit_s is None else max(RESERVE_S, RESERVE_SHARE * options.time_limit_s)


def _start_point(mip: MixedIntegerProgram, start: Values | None, adjust: Adjustment | None) -> Floats | None:
    """Values by key as a point of this program: matched by variable and key, never by position."""
    if start is None:
        return None
    point = np.array(start.point(mip.arrays.columns))
    return point if adjust is None else adjust.start(point)


def _no_point(
    case: CaseData, answer: Answer, options: SolveOptions, *, timed_out: bool, adjusted: bool = False
) -> PlannerError:
    """Return the one reason why there is no point; what contradicts itself in the case is not it if it was adjusted."""
    name = case.model.name
    notes = "".join(f"\n  {note}" for note in answer.notes)
    if answer.status is Status.INFEASIBLE:
        words = "proven infeasible: no plan meets all limits of the case, whatever demand is left unserved"
        reasons = [] if adjusted else contradictions_among(warnings_of(case))
        return InfeasibleError(f"{name}: {words}", POINTER, reasons, case)
    if answer.status is Status.UNBOUNDED:
        words = "the cost has no lower limit; a price in the case pays for itself without end"
        error = PlannerError(f"{name}: {words}{notes}")
        error.status = Status.UNBOUNDED
        return error
    if answer.status is Status.INTERRUPTED:
        return NoPlanError(f"{name}: interrupted before any plan was found", Status.INTERRUPTED)
    if timed_out:
        return NoPlanError(f"{name}: the time limit came before any plan was found")
    why = "the solver gave up before any limit: " if options.time_limit_s is None else ""
    return NoPlanError(f"{name}: {why}no plan was found, nor a proof that there is none{notes}")


def _seconds(point: Point, read: float, run: float) -> dict[str, float]:
    """What the parts of a run took."""
    audited = run - point.build_seconds - point.solve_seconds
    parts = {"read": read, "build": point.build_seconds, "solve": point.solve_seconds, "audit": audited}
    return {name: round(seconds, 3) for name, seconds in {**parts, "total": read + run}.items()}


def _refuse_failed(report: AuditReport, case: CaseData) -> None:
    if not report.passed:
        lines = "\n".join(f"  {line}" for line in report.lines[:MOST_LINES])
        raise AuditError(f"{refusal(report, case)}:\n{lines}")
