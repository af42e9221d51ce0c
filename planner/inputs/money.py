"""What a year allows: cash limits and the partner's revenue share (formulation, section 7)."""

from collections.abc import Iterable
from dataclasses import dataclass

from planner.case.model import Budget
from planner.case.rows import BudgetRow
from planner.inputs.calendar import Calendar


@dataclass(frozen=True, slots=True)
class Allowance:
    """What makes up the budget of a period, in nominal $B.

    Attributes
    ----------
    base_busd : float
        Cash limit or cash burn, by the basis.
    revenue_busd, partner_payment_busd, other_spending_busd : float
        With basis ``cash_limit`` they are not part of the sum.
    reinvested_busd : float
        What a change of the partner's payment adds; basis ``cash_limit``.
    limit_busd : float
        What the period allows, before backup income, financing and what is carried over.
    """

    base_busd: float
    revenue_busd: float
    partner_payment_busd: float
    other_spending_busd: float
    reinvested_busd: float
    limit_busd: float


def allowances(budget: Budget, rows: Iterable[BudgetRow], calendar: Calendar) -> tuple[Allowance, ...]:
    """What each period allows, and what that is made of.

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
    found = []
    for t in range(calendar.count):
        revenue = calendar.amount(t, {row.year: row.revenue_busd or 0.0 for row in rows})
        if budget.basis == "cash_limit":
            reference = calendar.amount(t, {row.year: (row.revenue_busd or 0.0) * _reference(row) for row in rows})
            cash = calendar.amount(t, {row.year: row.cash_limit_busd or 0.0 for row in rows})
            reinvested = (budget.reinvested_share or 0.0) * (reference - payments[t])
            found.append(Allowance(cash, revenue, payments[t], 0.0, reinvested, cash + reinvested))
        else:
            burn = calendar.amount(t, {row.year: row.cash_burn_busd or 0.0 for row in rows})
            other = calendar.amount(t, {row.year: row.other_spending_busd or 0.0 for row in rows})
            limit = burn + revenue - payments[t] - other
            found.append(Allowance(burn, revenue, payments[t], other, 0.0, limit))
    return tuple(found)


def budget_limits_busd(budget: Budget, rows: Iterable[BudgetRow], calendar: Calendar) -> tuple[float, ...]:
    """Cash each period allows, in nominal $B, before backup income, financing and what is carried over.

    Parameters
    ----------
    budget : Budget
        Options of the family.
    rows : iterable of BudgetRow
        One row per calendar year.
    calendar : Calendar
    """
    return tuple(one.limit_busd for one in allowances(budget, rows, calendar))


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
