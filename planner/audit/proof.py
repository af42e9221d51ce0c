"""Status, bound and gap of a summary: they must agree with each other and with the cost (formulation, section 11)."""

from collections.abc import Mapping

from planner.audit.cells import CellError, to_number
from planner.audit.report import Checks
from planner.audit.tolerance import RELATIVE

SUMMARY = "summary"
STATUSES = ("optimal", "gap_reached", "time_limit", "interrupted")
OPTIMAL_GAP = 1e-6
"""Relative gap of a plan that may be called optimal."""
ROUNDING_SHARE = 1e-8
"""Share of all money that flows by which bound and cost may differ by rounding."""
SAME_UNSERVED = 1e-6
"""Share of all demand by which the unserved demand and its least may differ ..."""
UNSERVED_GAP = 2e-6
"""... plus this share of the unserved demand (formulation, section 11)."""
UNSERVED_OF_GAP = 0.4
"""... plus this share of the requested gap (formulation, section 19)."""
STATED = {
    "case_name": "name",
    "title": "title",
    "compute_unit": "compute_unit",
}
"""Keys of the summary that repeat a key of the model file."""
RECOMPUTED = frozenset(
    {
        "cost_busd", "unserved_share", "spend_primary_busd", "spend_backup_busd", "backup_income_busd",
        "unserved_share_bound", "reported_cost_busd", "capacity_by_provider", "status", "gap", "gap_target",
        "case_hash", "forced", "folder_format", "families_added", "shortfalls", *STATED,
    }
)  # fmt: skip
"""Keys of the summary that the audit checks; it can say nothing of the others."""


def check_proof(summary: Mapping[str, object], turnover_busd: float, checks: Checks, nothing_busd: float = 0.0) -> None:
    """Check status, bound and gap of a summary against each other, as far as it states them.

    Differences are measured by ``turnover_busd``, all money that flows; where nothing flows and the cost is zero, by
    ``nothing_busd``: a solver proves a bound to no more than its rounding.
    """
    status = summary.get("status")
    if "status" in summary:
        checks.seen(SUMMARY, "status")
        if status not in STATUSES:
            checks.fault(SUMMARY, "status", f"summary, status: {status!r} is none of {', '.join(STATUSES)}")
    _check_unserved(summary, status, checks)
    if "bound_busd" not in summary or "gap" not in summary:
        return
    if summary["bound_busd"] is None:
        _check_unproven(summary, status, checks)
        return
    try:
        cost, bound, target = (to_number(summary.get(key, 0.0)) for key in ("cost_busd", "bound_busd", "gap_target"))
        gap = None if summary["gap"] is None else to_number(summary["gap"])
    except CellError as error:
        checks.fault(SUMMARY, "bound and gap can be read", f"summary, bound_busd, gap or gap_target: {error}")
        return
    slack = ROUNDING_SHARE * turnover_busd if turnover_busd or cost else nothing_busd
    checks.limit(SUMMARY, "bound_busd", "summary, bound_busd", bound, cost, "busd", slack + 1e-9 * abs(cost))
    _check_gap(cost, bound, gap, slack, checks)
    for name, most in (("optimal", OPTIMAL_GAP), ("gap_reached", target + OPTIMAL_GAP)):
        if status == name:
            where = f"summary, status {name}: cost less bound"
            checks.limit(SUMMARY, f"status {name}", where, cost - bound, most * abs(cost), "busd", slack)


def _check_gap(cost: float, bound: float, gap: float | None, slack: float, checks: Checks) -> None:
    """Check a gap against cost and bound: a cost of zero has none to a lower bound (formulation, section 11)."""
    if gap is None:
        checks.seen(SUMMARY, "gap")
        if cost or bound >= 0.0:
            checks.fault(SUMMARY, "gap", "summary: bound and gap are given together, or neither is")
        return
    if cost or bound >= -slack:
        expected = (cost - bound) / abs(cost) if cost else 0.0
        checks.equal(SUMMARY, "gap", "summary, gap", gap, expected, "share of cost", RELATIVE)
        return
    words = f"summary, gap {gap:g}: a cost of zero has no relative gap to a bound of {bound:g} $B below it"
    checks.fault(SUMMARY, "gap", words)


def _check_unserved(summary: Mapping[str, object], status: object, checks: Checks) -> None:
    """Check the bound of the unserved share: at most the share, and close to it where the plan is called proven."""
    if summary.get("unserved_share_bound") is None:
        return
    try:
        share, bound = (to_number(summary.get(key)) for key in ("unserved_share", "unserved_share_bound"))
    except CellError as error:
        name = "unserved_share_bound can be read"
        checks.fault(SUMMARY, name, f"summary, unserved_share or unserved_share_bound: {error}")
        return
    where = "summary, unserved_share_bound"
    checks.limit(SUMMARY, "unserved_share_bound", where, bound, share, "share", SAME_UNSERVED)
    if status in ("optimal", "gap_reached") or summary.get("bound_busd") is not None:
        where = "summary, unserved_share: the least is not proven, so neither is the cost: share less its bound"
        allowed = SAME_UNSERVED + UNSERVED_GAP * share + _tolerance(summary)
        checks.limit(SUMMARY, "least unserved demand proven", where, share - bound, 0.0, "share", allowed)


def _tolerance(summary: Mapping[str, object]) -> float:
    """Share of all demand to which the least unserved demand was asked for (formulation, section 19)."""
    try:
        target = to_number(summary.get("gap_target", 0.0))
    except CellError:
        return 0.0
    return UNSERVED_OF_GAP * target * (1.0 + 1e-3) if UNSERVED_OF_GAP * target > SAME_UNSERVED else 0.0


def _check_unproven(summary: Mapping[str, object], status: object, checks: Checks) -> None:
    """Check a summary that states no bound: it has no gap either, and nothing was proven."""
    checks.seen(SUMMARY, "gap")
    if summary["bound_busd"] is not summary["gap"]:
        checks.fault(SUMMARY, "gap", "summary: bound and gap are given together, or neither is")
    if status in ("optimal", "gap_reached"):
        checks.fault(SUMMARY, f"status {status}", f"summary, status {status}: there is no bound that proves it")


def check_labels(summary: Mapping[str, object], model: Mapping[str, object], checks: Checks) -> None:
    """Check the keys of a summary that repeat the model file, as far as it states them."""
    for key, source in STATED.items():
        if key in summary:
            checks.seen(SUMMARY, key)
            if summary[key] != model[source]:
                message = f"summary, {key}: {summary[key]!r}, the inputs have {model[source]!r}"
                checks.fault(SUMMARY, key, message)


def not_recomputed(summary: Mapping[str, object]) -> list[str]:
    """Keys of a summary that the audit takes as they are, with a reason where there is one to give."""
    words = []
    for key in summary:
        if key == "bound_busd":
            words.append("bound_busd (what the solver proved: `planner audit --bound` proves it again)")
        elif key not in RECOMPUTED:
            words.append(str(key))
    return words
