"""What the budget of each period allows (section 7): partner payments, and what the limit is made of."""

from planner.audit.facts import Facts, rows_of
from planner.case.rows import BudgetRow


def _series(facts: Facts, column: str) -> list[float]:
    years = {row.year: float(getattr(row, column) or 0.0) for row in rows_of(facts.case, "budget", BudgetRow)}
    return [facts.calendar.amount(years, t, "budget") for t in facts.periods]


def partner_payments(facts: Facts) -> list[float]:
    """Payment to the partner in each period, in billions of dollars; payments stop when their sum reaches the cap."""
    rows = rows_of(facts.case, "budget", BudgetRow)
    due = {row.year: (row.revenue_busd or 0.0) * (row.partner_share or 0.0) for row in rows}
    family = facts.model.families.budget
    left = family.partner_payment_cap_busd if family is not None else None
    found = []
    for t in facts.periods:
        payment = facts.calendar.amount(due, t, "budget")
        if left is not None:
            payment = min(payment, left)
            left -= payment
        found.append(payment)
    return found


def allowed_by(facts: Facts) -> dict[str, list[float]]:
    """What the limit of each period is made of, by the columns of table ``cash``; `limits` adds it up."""
    family = facts.model.families.budget
    burn = family is not None and family.basis == "burn"
    paid, zeros = partner_payments(facts), facts.zeros()
    change = list(zeros)
    if not burn:
        rows, at_reference = rows_of(facts.case, "budget", BudgetRow), {}
        for row in rows:
            stated_at = row.partner_share if row.reference_share is None else row.reference_share
            at_reference[row.year] = (row.revenue_busd or 0.0) * (stated_at or 0.0)
        share = 0.0 if family is None else family.reinvested_share or 0.0
        change = [share * (facts.calendar.amount(at_reference, t, "budget") - paid[t]) for t in facts.periods]
    return {
        "base_busd": _series(facts, "cash_burn_busd" if burn else "cash_limit_busd"),
        "revenue_busd": _series(facts, "revenue_busd"),
        "partner_payment_busd": paid,
        "other_spending_busd": _series(facts, "other_spending_busd") if burn else zeros,
        "reinvested_busd": change,
    }


def limits(facts: Facts) -> list[float] | None:
    """What each period allows before anything is carried in, in billions of dollars; None without the family."""
    family = facts.model.families.budget
    if family is None:
        return None
    base, revenue, paid, other, change = allowed_by(facts).values()
    if family.basis == "burn":
        return [base[t] + revenue[t] - paid[t] - other[t] for t in facts.periods]
    return [base[t] + change[t] for t in facts.periods]
