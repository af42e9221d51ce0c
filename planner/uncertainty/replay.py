"""A kept plan in one future as work of a process: its row and its years, and not the plan, which is large."""

from dataclasses import dataclass, field, replace
from typing import Any

from planner.case.case import CaseData
from planner.options import SolveOptions
from planner.plan.plan import PlanData
from planner.runs.outcome import Outcome
from planner.runs.task import Job
from planner.uncertainty.order_rows import late_and_lapsed
from planner.uncertainty.paths import Sums, sums_of
from planner.uncertainty.protected import Protection, protection_of
from planner.uncertainty.recourse import RECOURSE, Recourse


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay states of a future that has a plan.

    Attributes
    ----------
    row : dict
        Its part of ``planner.uncertainty.stress.COLUMNS``.
    sums : Sums
        Its years.
    protection : Protection
        How well it is protected.
    """

    row: dict[str, Any]
    sums: Sums = field(repr=False)
    protection: Protection = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Replay:
    """Solves a future with what is kept; plain data, for worker processes.

    Attributes
    ----------
    recourse : Recourse
        Makes no certificates: the plan is audited and not kept.
    labels, after : tuple of str
        Periods in which redundancy rules are judged, and in which a place is lost (`protected.protection_of`).
    """

    recourse: Recourse
    labels: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    def solve(self, base: CaseData, case: CaseData, options: SolveOptions, job: Job) -> Outcome:
        """Return an outcome with what was found (`Replayed`) in place of the plan."""
        outcome = self.recourse.solve(base, case, options, job)
        if outcome.plan is None:
            return outcome
        plan = outcome.plan
        protected = protection_of(plan, self.labels, self.after)
        return replace(outcome, plan=None, found=Replayed(_row(plan), sums_of(plan), protected))


def _row(plan: PlanData) -> dict[str, Any]:
    summary, said = plan.summary, plan.summary[RECOURSE]
    late, lapsed = late_and_lapsed(plan)
    return {
        "status": said["status"],
        "cost_busd": said["cost_busd"],
        "missing_busd": said["missing_busd"],
        "unserved_share": summary["unserved_share"],
        "missing": ", ".join(one["tier"] for one in summary.get("shortfalls", ()) if one["amount"] > 0.0),
        "late": late,
        "lapsed": lapsed,
        "reason": "",
    }
