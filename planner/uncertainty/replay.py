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
    """

    row: dict[str, Any]
    sums: Sums = field(repr=False)


@dataclass(frozen=True, slots=True)
class Replay:
    """Solves a future with what is kept; plain data, for worker processes.

    Attributes
    ----------
    recourse : Recourse
        Makes no certificates: the plan is audited and not kept.
    """

    recourse: Recourse

    def solve(self, base: CaseData, case: CaseData, options: SolveOptions, job: Job) -> Outcome:
        """Return an outcome with what was found (`Replayed`) in place of the plan."""
        outcome = self.recourse.solve(base, case, options, job)
        if outcome.plan is None:
            return outcome
        return replace(outcome, plan=None, found=Replayed(_row(outcome.plan), sums_of(outcome.plan)))


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
