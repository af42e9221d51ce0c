"""One solve that keeps what the price of redundancy is read from: the program with every cut, and its point."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from planner.audit import audit
from planner.case.case import CaseData
from planner.case.model import RedundancyRule
from planner.errors import AuditError
from planner.inputs import Inputs, make_inputs
from planner.options import SolveOptions
from planner.plan.extract import extract_tables
from planner.plan.plan import Rows
from planner.program import build_program
from planner.runs.compile import make_mip
from planner.solve.records import Answer, News
from planner.solve.watchdog import solve_watched
from planner.status import Status
from planner.symbols import Values
from planner.system import interrupts
from planner.system.cores import usable_cores

STATUSES = {"optimal": "optimal", "gap": "gap_reached", "limit": "time_limit"}
NO_PLAN = {
    "no_plan": "no plan was found, nor a proof that there is none: the time limit came first, or the solver gave up",
    "interrupted": "interrupted before any plan was found",
    "unbounded": "the cost has no lower limit; a price in the case pays for itself without end",
}
"""Why there is no plan, besides that it is proven that there is none."""
NO_RULE = "{name}: has no redundancy rule ([[families.redundancy.rules]] of the model file)"
LARGE_CASE = 150
"""Offers times periods from which a solve gets a process of its own, which takes a second or two to start."""
Tell = Callable[[str, News], None]
"""Hears what is being solved, and its news."""


def ignore(_what: str, _news: News) -> None:
    """Hear nothing."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard to try on each plan.

    Attributes
    ----------
    gap : float
        Relative gap at which a solve may stop.
    time_limit_s : float
        For each plan.
    threads, seed : int
    own_process : bool or None
        Whether the solver runs in a process of its own; None: for cases that are not small.
    """

    gap: float = 5e-3
    time_limit_s: float = float("inf")
    threads: int = 1
    seed: int = 0
    own_process: bool | None = None


@dataclass(frozen=True, slots=True)
class Solved:
    """A case solved, or the status that says why not.

    Attributes
    ----------
    inputs : Inputs
    status : str
        ``optimal``, ``gap_reached``, ``time_limit``, ``interrupted``, ``infeasible`` or ``no_plan``.
    cost_busd, bound_busd, gap, unserved_compute_years : float or None
        None without a plan (the bound: without a proof).
    answer : Answer
    tables : mapping of name to rows
        Of the audited plan; empty without one.
    """

    data: Inputs
    status: str
    cost_busd: float | None
    bound_busd: float | None
    gap: float | None
    unserved_compute_years: float | None
    answer: Answer = field(repr=False)
    tables: Mapping[str, Rows] = field(repr=False)


def solve_rules(
    case: CaseData, effort: Effort, what: str = "plan", tell: Tell = ignore, before: Solved | None = None
) -> Solved:
    """Solve a case and audit its plan.

    Parameters
    ----------
    case : CaseData
    effort : Effort
    what : str
        Name of the solve for ``tell``.
    tell : callable
        Hears the news.
    before : Solved or None
        The solve before this one: when that was interrupted, nothing more is solved.

    Raises
    ------
    AuditError
        If the plan fails its audit.
    """
    if before is not None and (before.status == "interrupted" or interrupts.asked() is not None):
        return replace(before, status=Status.INTERRUPTED, cost_busd=None, bound_busd=None, gap=None,
                       unserved_compute_years=None, tables={})  # fmt: skip
    interrupts.begin()
    inputs = make_inputs(case)
    m = build_program(inputs)
    mip = make_mip(m, inputs)
    options = SolveOptions(effort.gap, effort.time_limit_s, min(effort.threads, usable_cores()), effort.seed)
    large = len(inputs.offers) * inputs.calendar.count >= LARGE_CASE
    own = large if effort.own_process is None else effort.own_process
    interrupts.hold()
    answer = solve_watched(mip, options, lambda news: tell(what, news), own_process=own)
    if answer.x is None:
        status = answer.status if answer.status in ("infeasible", "unbounded", "interrupted") else "no_plan"
        return Solved(inputs, status, None, None, None, None, answer, {})
    values = Values.at(mip.arrays.columns, answer.x)
    tables = extract_tables(m, inputs, values)
    report = audit(case, tables)
    if not report.passed:
        lines = "\n".join(f"  {line}" for line in report.lines[:20])
        raise AuditError(f"the plan fails its audit, which is a fault of the planner; please report it:\n{lines}")
    cost, bound = answer.objective, min(answer.bound, answer.objective)
    proven = bound > float("-inf")
    return Solved(
        inputs,
        STATUSES.get(answer.status, answer.status),
        cost,
        bound if proven else None,
        ((cost - bound) / abs(cost) if cost else 0.0) if proven else None,
        float(answer.x[mip.unserved] @ mip.unserved_weight),
        answer,
        tables,
    )


def rules_of(case: CaseData) -> tuple[RedundancyRule, ...]:
    """The redundancy rules of a case."""
    family = case.model.families.redundancy
    return family.rules if family else ()


def with_rules(case: CaseData, rules: Sequence[RedundancyRule]) -> CaseData:
    """The same case under other redundancy rules; without the family where there are none."""
    family = case.model.families.redundancy
    changed = family.model_copy(update={"rules": tuple(rules)}) if family and rules else None
    families = case.model.families.model_copy(update={"redundancy": changed})
    return case.replace(model=case.model.model_copy(update={"families": families}))
