"""Replanning after the data has changed: free optimum, plan that keeps what is committed, plans of least change."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Unpack, cast

import pandas as pd

from planner.analysis.committed import Committed, committed
from planner.analysis.comparison import churn_share, in_force_it_mw
from planner.analysis.least import least_value
from planner.analysis.shown import Shown
from planner.analysis.stability import Churn, Fixed, Key, contract_blocks
from planner.api import Case, Plan
from planner.audit import AuditReport, audit
from planner.case.case import CaseData
from planner.changes.apply import apply_changes
from planner.changes.schema import AnyChanges
from planner.errors import AuditError, NoPlanError, OptionError
from planner.inputs import Inputs
from planner.inputs.calendar import make_calendar
from planner.options import SolveKeywords, SolveOptions
from planner.plan.plan import PlanData, required_plan
from planner.runs.difference import NO_DIFFERENCE, Difference
from planner.runs.outcome import Outcome, misses_less
from planner.runs.progress import OnProgress
from planner.runs.variants import Runner, runner_of
from planner.status import Status

SLACK_SHARE, SLACK_GW = 1e-6, 1e-7
"""Room left above a least value, so that rounding does not make it unreachable."""
SAME_GAP = 1e-9
"""Relative gap that is none."""
MOST_LINES = 10
"""Violations of a plan that fails its audit which are listed."""

COLUMNS: dict[str, str] = {
    "strategy": "free, committed, least churn, churn limit or churn penalty",
    "status": "how the solve ended (`planner.status.Status`)",
    "cost_busd": "cost, present value",
    "bound_busd": "proven lower bound on the cost under the strategy",
    "gap": "relative gap between the two",
    "unserved_share": "share of demand not served",
    "churn_share": "IT MW-years in force changed against the old plan, over those of both plans",
    "stability_busd": "cost of keeping commitments: cost less the cost of the free plan",
    "low_busd": "the true difference of the least costs is not below this: proven; empty where nothing is",
    "high_busd": "nor above this",
    "sign": "more, less or equal: proven; open: it lies inside the gaps. Where the plans miss unlike amounts, of these",
    "reason": "why there is no plan; empty where there is one",
}
"""Columns of `Replan.table`."""


@dataclass(frozen=True, slots=True, repr=False)
class Replan(Shown):
    """Plans after changes of the data, one per strategy, and what could not be kept.

    Attributes
    ----------
    old : Plan
        The plan before the changes.
    case : Case
        The changed case.
    until : date
        What was ordered before is committed.
    committed_contracts : int
        Committed contracts that are held.
    broken : tuple of str
        Commitments that the changed data rule out, in words.
    broken_it_gw : float
        IT GW of contracts and chips by which commitments had to be broken at least, for the case to have any plan.
    rows : tuple of dict
        The answers (``planner.analysis.replan.COLUMNS``).
    plans : mapping of str to Plan
        By strategy.
    """

    old: Plan
    case: Case
    until: date
    committed_contracts: int
    broken: tuple[str, ...]
    broken_it_gw: float
    rows: tuple[dict[str, Any], ...]
    plans: dict[str, Plan]

    def __repr__(self) -> str:
        costs = ", ".join(f"{name} ${plan.cost_busd:,.3f}B" for name, plan in self.plans.items())
        return f"Replan(committed until {self.until}: {costs})"

    def table(self) -> pd.DataFrame:
        """The strategies as a DataFrame (``COLUMNS``)."""
        return pd.DataFrame(list(self.rows), columns=list(COLUMNS))


def replan(
    plan: PlanData,
    changes: AnyChanges | CaseData,
    committed_until: date,
    *,
    churn_limit: float | None = None,
    churn_penalty_busd_per_gw_year: float | None = None,
    least_churn: bool = True,
    runner: Runner | None = None,
    options: SolveOptions | None = None,
    on_progress: OnProgress | None = None,
    **keywords: Unpack[SolveKeywords],
) -> Replan:
    """Plan again after changes of the data, with what is committed kept.

    Parameters
    ----------
    plan : Plan
        The plan before the changes.
    changes : changes in any form that `Case.what_if` takes, or a Case
        Changes of the case of the plan, or the changed case; forced decisions stay unless the changes remove them.
    committed_until : date
        What was ordered before this day is kept (see `planner.analysis.committed.committed`).
    churn_limit : float or None
        A further strategy: the churn share (docs/compare.md) is at most this.
    churn_penalty_busd_per_gw_year : float or None
        A further strategy: each IT GW-year in force that changes counts as this much in choosing, not in the cost.
    least_churn : bool
        Whether to look for the plan that serves as much as possible with the least change.
    runner, options, on_progress, **keywords
        As of `planner.attribute`.

    Raises
    ------
    AuditError
        If the plan fails its audit: what is not a plan of its case cannot be kept.
    CaseError
        If the changes cannot be applied to the case.
    InfeasibleError, NoPlanError
        If even the free plan does not exist.
    OptionError
        If a limit or penalty makes no sense, or the horizon of the case is another.
    """
    plan = required_plan(plan, "replan")
    if not _earlier_audited(keywords):
        refuse_failed(audit(plan.case, plan.tables, plan.summary), "the plan")
    wanted = Strategies(least_churn, churn_limit, churn_penalty_busd_per_gw_year)
    use = runner_of(runner, options, on_progress, keywords)
    return replan_audited(plan, _after(plan.case, changes), committed_until, wanted, use)


def _earlier_audited(keywords: SolveKeywords) -> bool:
    """Take out the keyword ``audited`` of version 0.1: whether the plan has just passed its audit."""
    given = cast("dict[str, Any]", keywords)
    if "audited" not in given:
        return False
    warnings.warn("replan(audited=...) is removed in version 0.3", DeprecationWarning, stacklevel=3)
    return bool(given.pop("audited"))


@dataclass(frozen=True, slots=True)
class Strategies:
    """The strategies asked for besides the free one and the committed one; see `replan`."""

    least_churn: bool = True
    limit_share: float | None = None
    penalty_busd: float | None = None

    def churns(
        self, reference: Mapping[Key, float], least: Callable[[float | None], Churn]
    ) -> dict[str, Callable[[], Churn]]:
        """Return what makes the limit on churn of each strategy; ``least`` finds the least that a penalty asks for."""
        made: dict[str, Callable[[], Churn]] = {}
        if self.least_churn:
            made["least churn"] = lambda: least(None)
        if self.limit_share is not None:
            made["churn limit"] = lambda: Churn(reference, limit_share=self.limit_share)
        if self.penalty_busd is not None:
            made["churn penalty"] = lambda: least(self.penalty_busd)
        return made


def replan_audited(plan: PlanData, changed: CaseData, until: date, wanted: Strategies, runner: Runner) -> Replan:
    """Solve a changed case under each strategy, from a plan that has passed its audit; see `replan`."""
    case = Case.of(changed)
    _refuse(plan, case, wanted)
    kept = committed(plan, case.inputs, until)
    free = runner.solve(case, "free optimum")
    free.required()
    held, fixed, broken_gw = _hold(case, kept, runner)
    reference = in_force_it_mw(plan)
    outcomes = {"free": free, "committed": held}

    def least(penalty_busd: float | None) -> Churn:
        """The churn that is needed at least, or that pays under a penalty."""
        base = (fixed.family(), Churn(reference).family())
        found = least_value(case, base, lambda m: m.churn_gw_years, runner, penalty_busd=penalty_busd)
        return Churn(reference, found * (1.0 + SLACK_SHARE) + SLACK_GW)

    if held.plan is not None:
        for strategy, churn in wanted.churns(reference, least).items():
            outcomes[strategy] = _with_churn(case, strategy, fixed, churn, runner)
    _take_better(outcomes)
    broken = _broken(held.plan, case.inputs, fixed) if held.plan and broken_gw else ()
    return Replan(
        old=Plan.of(plan),
        case=case,
        until=until,
        committed_contracts=kept.contracts,
        broken=(*kept.impossible, *broken),
        broken_it_gw=broken_gw,
        rows=tuple(_row(name, outcome, outcomes["free"], plan) for name, outcome in outcomes.items()),
        plans={name: Plan.of(outcome.plan) for name, outcome in outcomes.items() if outcome.plan is not None},
    )


def _with_churn(case: CaseData, strategy: str, fixed: Fixed, churn: Callable[[], Churn], runner: Runner) -> Outcome:
    """Plan with what is committed and a limit on churn; where a limit of time left none, that is the outcome."""
    try:
        families = (fixed.family(), churn().family())
    except NoPlanError as error:
        return _without_plan(strategy, error, runner)
    return runner.solve(case, strategy, families)


def _without_plan(strategy: str, error: NoPlanError, runner: Runner) -> Outcome:
    runner.interrupted = runner.interrupted or error.status is Status.INTERRUPTED
    return replace(Outcome.of_error(error, strategy), reason=f"{strategy}: {error}")


def _after(case: CaseData, changes: AnyChanges | CaseData) -> CaseData:
    """The changed case, in whatever form the changes are given."""
    return changes if isinstance(changes, CaseData) else apply_changes(case, changes)


def refuse_failed(report: AuditReport, plan: str) -> None:
    """Refuse a plan that fails its audit.

    Raises
    ------
    AuditError
        With the checks that failed, and the first places.
    """
    if report.passed:
        return
    failed, names = report.failures, ", ".join(f"{c.family}: {c.name}" for c in report.failures[:MOST_LINES])
    lines = "".join(f"\n  {line}" for line in report.lines[:MOST_LINES])
    raise AuditError(
        f"{plan} fails its audit and cannot be replanned: {len(failed)} of {len(report.checks)} checks failed "
        f"({names}); `planner audit` lists all:{lines}"
    )


def _refuse(plan: PlanData, case: CaseData, wanted: Strategies) -> None:
    limit, penalty = wanted.limit_share, wanted.penalty_busd
    if limit is not None and not 0.0 <= limit <= 1.0:
        raise OptionError(f"churn limit {limit!r}: must be a share from 0 to 1 (0.1 is 10 %)")
    if penalty is not None and not 0.0 < penalty <= 1e6:
        raise OptionError(f"churn penalty {penalty!r}: must be $B per IT GW-year, more than 0")
    if make_calendar(plan.case.model.horizon) != make_calendar(case.model.horizon):
        raise OptionError("the changes alter the horizon; a plan can be kept only over the same periods")


def _hold(case: CaseData, kept: Committed, runner: Runner) -> tuple[Outcome, Fixed, float]:
    """Hold every commitment; where that leaves no plan, break as few IT GW of them as possible."""
    fixed = kept.fixed
    outcome = runner.solve(case, "commitments kept", (fixed.family(),))
    if outcome.status is not Status.INFEASIBLE:
        return outcome, fixed, 0.0
    soft = Fixed(fixed.blocks, fixed.added_gw, fixed.onsite_gw, None)
    try:
        least = least_value(case, (soft.family(),), lambda m: m.broken_gw, runner, serve_first=False)
    except NoPlanError as error:
        return _without_plan("fewest commitments broken", error, runner), fixed, 0.0
    fixed = Fixed(fixed.blocks, fixed.added_gw, fixed.onsite_gw, least * (1.0 + SLACK_SHARE) + SLACK_GW)
    return runner.solve(case, "fewest commitments broken", (fixed.family(),)), fixed, least


def _broken(plan: PlanData, inputs: Inputs, fixed: Fixed) -> list[str]:
    """The contracts that differ from what was committed, in words."""
    blocks = contract_blocks(plan, inputs)
    words = []
    for (o, role, start, ends), count in fixed.blocks.items():
        found = sum(blocks.get((o, role, start, end), 0) for end in ends)
        if found != count:
            label = inputs.calendar.labels[start]
            words.append(f"contract {o}/{role}/{label}: {found} blocks instead of {count}")
    return words


def _take_better(outcomes: dict[str, Outcome]) -> None:
    """A plan found under more constraints also answers with fewer: within a gap it may even be the better one."""
    order = ["free", "committed", *(name for name in outcomes if name not in ("free", "committed"))]
    for position, name in enumerate(order[:2]):
        for other in order[position + 1 :]:
            mine, theirs = outcomes[name], outcomes[other]
            if mine.plan is None or theirs.plan is None:
                continue
            if misses_less(mine.plan.summary, theirs.plan.summary):
                continue
            cheaper = float(theirs.cost_busd or 0.0) < _clearly_below(float(mine.cost_busd or 0.0))
            if cheaper or misses_less(theirs.plan.summary, mine.plan.summary):
                outcomes[name] = Outcome.of_plan(_with_bound(theirs.plan, mine.plan), name)


def _clearly_below(cost: float) -> float:
    return cost - 1e-9 * abs(cost)


def _with_bound(plan: PlanData, bounded: PlanData) -> PlanData:
    """A plan with the bound of a program with fewer constraints."""
    bound, cost = bounded.summary["bound_busd"], float(plan.summary["cost_busd"])
    gap = None if bound is None else (cost - bound) / abs(cost) if cost else 0.0
    status, target = bounded.summary["status"], bounded.summary["gap_target"]
    if gap is not None and gap <= target + SAME_GAP:
        status = Status.GAP_REACHED if gap > SAME_GAP else Status.OPTIMAL
    summary = {**plan.summary, "status": str(status), "bound_busd": bound, "gap": gap, "gap_target": target}
    summary["unserved_share_bound"] = bounded.summary.get("unserved_share_bound")
    return PlanData(plan.case, summary, plan.tables)


def _row(name: str, outcome: Outcome, free: Outcome, old: PlanData) -> dict[str, Any]:
    cost, base = outcome.cost_busd, free.cost_busd
    return {
        "strategy": name,
        "status": outcome.status.value,
        "cost_busd": cost,
        "bound_busd": outcome.bound_busd,
        "gap": outcome.gap,
        "unserved_share": outcome.unserved_share,
        "churn_share": None if outcome.plan is None else churn_share(old, outcome.plan),
        "stability_busd": None if cost is None or base is None else cost - base,
        **_proven(outcome, free),
        "reason": outcome.reason,
    }


def _proven(outcome: Outcome, free: Outcome) -> dict[str, Any]:
    """What is proven of the cost of keeping commitments."""
    if outcome is free or outcome.plan is None or free.plan is None:
        return NO_DIFFERENCE
    return Difference.between(outcome.plan.summary, free.plan.summary).columns()
