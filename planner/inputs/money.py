"""What a year allows: cash limits and the partner's revenue share (formulation, section 7)."""

from collections.abc import Iterable

from planner.case.model import Budget
from planner.case.rows import BudgetRow
from planner.inputs.calendar import Calendar


def budget_limits_busd(budget: Budget, rows: Iterable[BudgetRow], calendar: Calendar) -> tuple[float, ...]:
    """Cash each period allows, in nominal $B, before backup income and what is carried over.

    Parameters
    ----------
    budget : Budget
        Options of the family.
    rows : iterable of BudgetRow
        One row per calendar year.
    calendar : Calendar
    """
    rows = list(rows)
    payments = partner_payments_busd(budget, rows, calendar)
    limits = []
    for t in range(calendar.count):
        if budget.basis == "cash_limit":
            reference = calendar.amount(t, {row.year: (row.revenue_busd or 0.0) * _reference(row) for row in rows})
            cash = calendar.amount(t, {row.year: row.cash_limit_busd or 0.0 for row in rows})
            limits.append(cash + (budget.reinvested_share or 0.0) * (reference - payments[t]))
        else:
            burn = calendar.amount(t, {row.year: row.cash_burn_busd or 0.0 for row in rows})
            revenue = calendar.amount(t, {row.year: row.revenue_busd or 0.0 for row in rows})
            other = calendar.amount(t, {row.year: row.other_spending_busd or 0.0 for row in rows})
            limits.append(burn + revenue - payments[t] - other)
    return tuple(limits)


def _reference(row: BudgetRow) -> float:
    """The partner share at which a year's cash limit was stated: ``partner_share`` unless another is given."""
    return (row.partner_share or 0.0) if row.reference_share is None else row.reference_share


def partner_payments_busd(budget: Budget, rows: Iterable[BudgetRow], calendar: Calendar) -> tuple[float, ...]:
    """Payments to the partner per period, in nominal $B: revenue x share, until their sum reaches the cap."""
    shares = {row.year: (row.revenue_busd or 0.0) * (row.partner_share or 0.0) for row in rows}
    paid = 0.0
    payments = []
    for t in range(calendar.count):
        due = calendar.amount(t, shares)
        if budget.partner_payment_cap_busd is not None:
            due = max(0.0, min(due, budget.partner_payment_cap_busd - paid))
        paid += due
        payments.append(due)
    return tuple(payments)
