"""A plan as people read it: without the periods of a tail, which the audit needs and a person rarely."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from planner.plan.columns import TABLES
from planner.plan.schema import PERIOD_KINDS

if TYPE_CHECKING:
    from planner.inputs.periods import Periods
    from planner.plan.plan import PlanData

P = TypeVar("P", bound="PlanData")
STARTS = "start_period"
"""The column of a contract that says when it starts: one that starts in the tail belongs to it."""


def has_tail(plan: "PlanData") -> bool:
    """Whether a plan has periods after the reported ones."""
    return plan.periods.reported < plan.periods.count


def reported(plan: P) -> P:
    """Return the plan with the rows of its reported periods; rows without a period stay, and so does the summary."""
    if not has_tail(plan):
        return plan
    periods = plan.periods
    tables = {name: [row for row in rows if _is_reported(name, row, periods)] for name, rows in plan.tables.items()}
    return replace(plan, tables=tables)


def tail_text(plan: "PlanData") -> str:
    """Say what the tail is, and how it is seen."""
    periods = plan.periods
    first, last = periods.label(periods.cells[periods.reported]), periods.label(periods.cells[periods.count - 1])
    span = first if first == last else f"{first} to {last}"
    return f"{span} not shown: `planner show --tail`"


def reported_text(plan: "PlanData") -> str:
    """Say how much of the cost falls in the reported periods."""
    cost = plan.summary.get("reported_cost_busd")
    return "not stated" if not isinstance(cost, (int, float)) else f"${cost:,.3f}B of it in the periods shown"


def _is_reported(name: str, row: Mapping[str, Any], periods: "Periods") -> bool:
    column = STARTS if STARTS in row else "period"
    schema = TABLES[name].columns.get(column)
    if schema is None or schema.kind not in PERIOD_KINDS or row[column] == "":
        return True
    return periods.is_reported(row[column])
