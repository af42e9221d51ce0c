"""Cost against the critical share: how much of demand must survive a loss, and what that costs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Unpack

import pandas as pd

from planner.analysis.redundancy_cost import envelope_of
from planner.analysis.redundancy_rules import reason_of, required_rules, with_rules
from planner.analysis.shown import Shown, counted
from planner.api import AnyCase, Case
from planner.case.case import CaseData
from planner.case.fields import Workload
from planner.case.messages import unknown
from planner.case.model import RedundancyRule
from planner.errors import OptionError
from planner.options import SolveKeywords, SolveOptions
from planner.runs.progress import OnProgress
from planner.runs.variants import Runner, runner_of, unserved_compute_years
from planner.status import Status

WORKLOADS: tuple[Workload, Workload] = ("training", "inference")


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A plan at a critical share.

    Attributes
    ----------
    share : float
        The critical share.
    status : Status
        How the solve ended.
    cost_busd, bound_busd, gap, unserved_compute_years : float or None
        Of the plan; None without one.
    backup_spent_busd, backup_income_busd : float or None
        Nominal, over the horizon.
    reason : str
        Why there is no plan; empty where there is one.
    """

    share: float
    status: Status
    cost_busd: float | None
    bound_busd: float | None
    gap: float | None
    unserved_compute_years: float | None
    backup_spent_busd: float | None
    backup_income_busd: float | None
    reason: str = ""


class CostCurve(Shown, list[CurvePoint]):
    """The points of a cost curve, in the order of the shares asked for."""

    def __repr__(self) -> str:
        return f"CostCurve({len(self)} points: {counted(point.status for point in self)})"

    def table(self) -> pd.DataFrame:
        """The points as a DataFrame, one column for each field of `CurvePoint`, even when there is none."""
        names = [one.name for one in fields(CurvePoint)]
        return pd.DataFrame([asdict(one) for one in self], columns=names)


def with_share(case: CaseData, share: float, workload: Workload | None = None) -> CaseData:
    """The same case with one critical share in all its rules and markets; rules that lose nothing (head-room) stay.

    Parameters
    ----------
    case : CaseData
    share : float
        From 0 to 1, after a pause of the work: rules no longer have one for what changes.
    workload : str or None
        Only the share of this workload changes: with ``training``, training above it may be shed in a contingency.

    Raises
    ------
    OptionError
        If the share is not from 0 to 1, there is no such workload, or the case has no redundancy rule.
    """
    _refuse_unknown(workload)
    if not 0.0 <= share <= 1.0:
        raise OptionError(f"critical share {share!r}: must be from 0 to 1")
    rules = required_rules(case)
    if all(rule.domain == "none" for rule in rules):
        raise OptionError(f"{case.model.name}: every redundancy rule loses nothing, so there is no share to vary")
    return with_rules(case, [rule if rule.domain == "none" else _rule(rule, share, workload) for rule in rules])


def _refuse_unknown(workload: object) -> None:
    """Refuse a workload that there is not: its share would change nothing."""
    if workload is not None and workload not in WORKLOADS:
        raise OptionError(unknown("workload", str(workload), WORKLOADS))


def _rule(rule: RedundancyRule, share: float, workload: Workload | None) -> RedundancyRule:
    """Return the rule with one critical share; what a pause would take off it goes too, so that the share holds."""
    if workload is None:
        plain = {"critical_share": share, "overrides": (), "outage_days": None, "pause_days": None}
        return rule.model_copy(update=plain)
    shares = rule.critical_share
    old = {w: shares.get(w, 0.0) if isinstance(shares, dict) else shares for w in WORKLOADS}
    kept = tuple(override for override in rule.overrides if override.workload != workload)
    pauses = {w: days for w, days in (rule.pause_days or {}).items() if w != workload} or None
    needed = pauses is not None or any(override.pause_days is not None for override in kept)
    update = {"critical_share": {**old, workload: share}, "overrides": kept, "pause_days": pauses}
    return rule.model_copy(update={**update, "outage_days": rule.outage_days if needed else None})


def cost_curve(
    case: AnyCase,
    shares: Sequence[float],
    *,
    workload: Workload | None = None,
    runner: Runner | None = None,
    options: SolveOptions | None = None,
    on_progress: OnProgress | None = None,
    **keywords: Unpack[SolveKeywords],
) -> CostCurve:
    """Plan a case at each critical share.

    Parameters
    ----------
    case : Case, CaseData, str or Path
        A str or Path as of `Case.read`.
    shares : sequence of float
    workload : str or None
        Only the share of this workload changes.
    runner : Runner or None
        Solves the variants, and may know some of them already; in place of the options.
    options, on_progress, **keywords
        As of `Case.solve`: ``gap``, ``time_limit_s``, ``threads``, ``seed``, ``solver``, of each solve.

    Returns
    -------
    CostCurve
        A list of `CurvePoint`, one for each share, in order; a share that cannot be met has its reason.

    Raises
    ------
    OptionError
        If the case has no redundancy rule, a share is not from 0 to 1, or there is no such workload.
    """
    _refuse_unknown(workload)
    base, use = Case.of(case), runner_of(runner, options, on_progress, keywords)
    points = CostCurve()
    for share in shares:
        variant = with_share(base, share, workload)
        outcome = use.solve(variant, f"critical share {share:g}")
        envelope = None if outcome.plan is None else envelope_of(outcome.plan)
        points.append(
            CurvePoint(
                share,
                outcome.status,
                outcome.cost_busd,
                outcome.bound_busd,
                outcome.gap,
                None if outcome.plan is None else unserved_compute_years(outcome.plan),
                envelope.spent_busd if envelope else None,
                envelope.income_busd if envelope else None,
                reason_of(variant, outcome),
            )
        )
    return points
