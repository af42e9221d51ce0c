"""Loans that are not repaid within the horizon: whether cash like that of the last period pays what is due after it."""

from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING

from planner.case.calendar import SAME_YEARS, boundaries_in_years
from planner.case.rows_financing import FinancingRow
from planner.report.grid import number

if TYPE_CHECKING:
    from planner.plan.plan import PlanData

LEAST_BUSD = 5e-4
"""What is missing below this is rounding."""


def due_after_horizon(plan: "PlanData") -> list[float]:
    """Interest and repayment due in each year after the horizon, in $B; nothing more is drawn (section 18).

    Years are counted from the middle of the last period.
    """
    flows = [(flow, drawn) for flow in plan.rows("financing") if (drawn := number(flow.get("drawn_busd")) or 0.0) > 0.0]
    if not flows:
        return []
    middles = [(begin + end) / 2 for begin, end in pairwise(boundaries_in_years(plan.case.model.horizon))]
    rows = {row.financing: row for row in plan.case.rows(FinancingRow)}
    last, due = middles[-1], [0.0]
    for flow, drawn in flows:
        row = rows[str(flow["financing"])]
        if row.repayment is None or row.repayment_years is None:
            continue
        passed = last - middles[plan.periods.index(flow["period"])]
        for year in range(1, max(0, ceil(row.repayment_years - passed - SAME_YEARS)) + 1):
            before, after = (_left(row, passed + n) for n in (year - 1, year))
            due += [0.0] * (year + 1 - len(due))
            due[year] += drawn * (before * (row.interest_rate_per_year or 0.0) + before - after)
    return due[1:]


def _left(row: FinancingRow, years: float) -> float:
    """Share of what was drawn that is owed so many years after it."""
    whole = row.repayment_years or 0.0
    if years >= whole - SAME_YEARS:
        return 0.0
    return 1.0 - years / whole if row.repayment == "straight_line" else 1.0


def debts_text(plan: "PlanData") -> str:
    """What the headline says of loans that cash like that of the last period would not repay; empty if it would."""
    due = due_after_horizon(plan)
    budget = plan.case.model.families.budget if due else None
    if budget is None or not plan.rows("cash"):
        return ""
    end = plan.rows("cash")[-1]
    length = number(plan.rows("calendar")[-1]["length_years"]) or 1.0

    def of(column: str) -> float:
        return number(end[column]) or 0.0

    yearly = (of("limit_busd") + of("backup_income_busd") - of("primary_busd") - of("backup_busd")) / length
    left = of("left_busd") if budget.carry_over else 0.0
    for year, busd in enumerate(due, 1):
        there = left + yearly
        if busd - there > LEAST_BUSD:
            return (
                f"loans after the horizon: ${busd:,.3f}B is due in its year {year}, and cash as in the last period "
                f"would have ${max(0.0, there):,.3f}B for it"
            )
        left = there - busd if budget.carry_over else 0.0
    return ""
