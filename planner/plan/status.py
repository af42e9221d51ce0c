"""What many results come to: one exit code (docs/cli.md), and the word for it."""

from collections.abc import Iterable

FAULTS = ("failed", "crashed", "audit_failed", "unbounded")
"""Statuses that are nobody's answer: the planner failed, or the plan is not to be trusted."""
CUT_SHORT = ("time_limit", "interrupted", "no_plan", "limit")
"""Statuses of results that a limit or a signal cut short."""
INVALID = ("invalid_case", "invalid")
"""Statuses of changed cases that are wrong."""

WORDS = {0: "ok", 1: "failed", 2: "invalid_case", 3: "infeasible", 4: "incomplete", 5: "no_plan"}
"""What ``status`` says with each exit code of a command that solves many variants."""


def exit_code_of(results: Iterable[tuple[str, bool]]) -> int:
    """Return the exit code of results, each a status and whether there is a plan.

    In this order: 1 when one failed or failed its audit; 4 when one was cut short, or 5 where none has a plan; 0 when
    there is a plan; 3 when all are proven infeasible, but for some that are invalid; 2 when all are invalid.

    Examples
    --------
    >>> exit_code_of([("optimal", True), ("infeasible", False)])
    0
    >>> exit_code_of([("optimal", True), ("no_plan", False)]), exit_code_of([("no_plan", False), ("infeasible", False)])
    (4, 5)
    """
    found = list(results)
    statuses = {status for status, _ in found}
    has_plan = any(plan for _, plan in found)
    if statuses.intersection(FAULTS):
        return 1
    if statuses.intersection(CUT_SHORT):
        return 4 if has_plan else 5
    if has_plan or not found:
        return 0
    return 2 if statuses <= set(INVALID) else 3
