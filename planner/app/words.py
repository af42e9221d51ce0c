"""Figures and states of runs in words."""

from datetime import datetime

from planner.app.records import ENDED, QUEUED, Run
from planner.report.view import STATUS_TEXT
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
    return difference(run.cost, run.bound, base.cost, base.bound)


def difference(cost: float, bound: float | None, other: float, other_bound: float | None) -> str:
    """Return a difference of two costs as the interval that is proven; inside the gaps none is claimed.

    Examples
    --------
    >>> difference(5.0, 4.9, 4.0, 3.95)
    '$1.000B more (proven: $0.900B to $1.050B more)'
    >>> difference(4.0, 3.9, 4.05, 3.9)
    'inside the gaps (between $0.150B less and $0.100B more)'
    >>> difference(4.0, 4.0, 4.0, 4.0)
    'the same cost, proven'
    """
    low = None if bound is None else bound - other
    high = None if other_bound is None else cost - other_bound
    if low is None or high is None:
        return f"{_more(cost - other)}, nothing proven of it"
    exact = 1e-6 * max(1.0, abs(cost), abs(other))
    if abs(low) <= exact and abs(high) <= exact:
        return "the same cost, proven"
    if high - low <= exact:
        return f"{_more(cost - other)}, proven"
    if low <= exact and high >= -exact:
        return f"inside the gaps (between {_more(low)} and {_more(high)})"
    if low > 0.0:
        return f"{_more(cost - other)} (proven: ${low:,.3f}B to ${high:,.3f}B more)"
    return f"{_more(cost - other)} (proven: ${-high:,.3f}B to ${-low:,.3f}B less)"


def _more(busd: float) -> str:
    return f"${abs(busd):,.3f}B {'more' if busd >= 0.0 else 'less'}"
