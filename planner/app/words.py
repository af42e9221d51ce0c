"""Figures and states of runs in words."""

from datetime import datetime

from planner.app.records import ENDED, QUEUED, Run
from planner.report.view import STATUS_TEXT
from planner.runs.difference import Standing, difference_of
from planner.status import Status

STATES = {
    Status.INFEASIBLE: "proven infeasible",
    Status.NO_PLAN: "no plan found, no proof",
    Status.INVALID_CASE: "not a valid case",
    Status.INTERRUPTED: "cancelled",
}


def money(value: float | None) -> str:
    """Return $B in words."""
    return "–" if value is None else f"${value:,.3f}B"


def share(value: float | None) -> str:
    """Return a share in words."""
    return "–" if value is None else f"{value:.3%}"


def status_of(run: Run) -> str:
    """Return how far a run is, or how it ended, in words."""
    if run.state == QUEUED:
        return "waits"
    if run.state != ENDED:
        return "being cancelled" if run.cancel else "runs"
    status = run.status or ""
    if status == Status.INTERRUPTED and run.has_plan:
        return "cancelled, best plan kept"
    return STATES.get(status) or STATUS_TEXT.get(status) or status.replace("_", " ")  # type: ignore[call-overload]


def when(run: Run) -> str:
    """Return when a run was asked for, in the time of this machine."""
    try:
        return datetime.fromisoformat(run.created).astimezone().strftime("%d %b %H:%M")
    except ValueError:
        return run.created


def against(run: Run, base: Run | None) -> str:
    """Return the difference of a run's cost to that of a base, with what is proven of it; empty where there is none."""
    if base is None or base.id == run.id or run.cost is None or base.cost is None or not run.has_plan:
        return ""
    if run.reason or base.reason:  # what one of them misses
        return "misses something: not to be compared"
    return str(difference_of([(1.0, Standing(run.cost, run.bound, {}), Standing(base.cost, base.bound, {}))]))
