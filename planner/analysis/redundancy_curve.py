"""Cost against the critical share: how much of demand must survive a loss, and what that costs."""

from collections.abc import Sequence
from dataclasses import dataclass

from planner.analysis.redundancy_cost import envelope_of
from planner.case.case import CaseData
from planner.case.fields import Workload
from planner.case.model import RedundancyRule
from planner.errors import OptionError
from planner.explain.shortfall import shortfalls
from planner.runs.rules import NO_PLAN, NO_RULE, Effort, Solved, Tell, ignore, rules_of, solve_rules, with_rules

WORKLOADS: tuple[Workload, Workload] = ("training", "inference")


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A plan at a critical share.

    Attributes
    ----------
    share : float
    status : str
    cost_busd, bound_busd, gap, unserved_compute_years : float or None
    backup_spent_busd, backup_income_busd : float or None
        Nominal, over the horizon.
    reason : str
        Why there is no plan; empty where there is one.
    """

    share: float
    status: str
    cost_busd: float | None
    bound_busd: float | None
    gap: float | None
    unserved_compute_years: float | None
    backup_spent_busd: float | None
    backup_income_busd: float | None
    reason: str = ""


def with_share(case: CaseData, share: float, workload: Workload | None = None) -> CaseData:
    """The same case with one critical share in all its rules and markets.

    Parameters
    ----------
    case : CaseData
    share : float
        From 0 to 1.
    workload : str or None
        Only the share of this workload changes: with ``training``, training above it may be shed in a contingency.

    Raises
    ------
    OptionError
        If the share is not from 0 to 1, or the case has no redundancy rule.
    """
    if not 0.0 <= share <= 1.0:
        raise OptionError(f"critical share {share!r}: must be from 0 to 1")
    if not rules_of(case):
        raise OptionError(NO_RULE.format(name=case.model.name))
    return with_rules(case, [_rule(rule, share, workload) for rule in rules_of(case)])


def _rule(rule: RedundancyRule, share: float, workload: Workload | None) -> RedundancyRule:
    if workload is None:
        return rule.model_copy(update={"critical_share": share, "overrides": ()})
    shares = rule.critical_share
    old = {w: shares.get(w, 0.0) if isinstance(shares, dict) else shares for w in WORKLOADS}
    kept = tuple(override for override in rule.overrides if override.workload != workload)
    return rule.model_copy(update={"critical_share": {**old, workload: share}, "overrides": kept})


def cost_curve(
    case: CaseData,
    shares: Sequence[float],
    effort: Effort | None = None,
    *,
    workload: Workload | None = None,
    tell: Tell = ignore,
) -> list[CurvePoint]:
    """Plan a case at each critical share.

    Parameters
    ----------
    case : CaseData
    shares : sequence of float
    effort : Effort or None
    workload : str or None
        Only the share of this workload changes.
    tell : callable
        Hears the news of every solve.

    Returns
    -------
    list of CurvePoint
        One for each share, in order; a share that cannot be met has its reason.
    """
    effort = effort or Effort()
    points = []
    solved: Solved | None = None
    for share in shares:
        variant = with_share(case, share, workload)
        solved = solve_rules(variant, effort, f"critical share {share:g}", tell, before=solved)
        reason = ""
        if not solved.tables:
            found = solved.status == "infeasible"
            reason = shortfalls(variant).text if found else NO_PLAN[solved.status]
        envelope = envelope_of(solved)
        points.append(
            CurvePoint(
                share,
                solved.status,
                solved.cost_busd,
                solved.bound_busd,
                solved.gap,
                solved.unserved_compute_years,
                envelope.spent_busd if envelope else None,
                envelope.income_busd if envelope else None,
                reason,
            )
        )
    return points
