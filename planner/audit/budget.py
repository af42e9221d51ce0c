"""Budget (section 7): partner payments, limits, carry-over, envelopes."""

from dataclasses import dataclass

from planner.audit.backup import income_busd
from planner.audit.facts import Facts, rows_of
from planner.audit.ledger import Ledger
from planner.audit.report import Checks
from planner.audit.state import State
from planner.case.rows import BudgetRow

FAMILY = "budget"


@dataclass(frozen=True, slots=True)
class Cash:
    """The money of a period, in billions of dollars."""

    spend: float
    income: float
    limit: float | None
    carried_in: float
    slack: float | None


def _series(facts: Facts, column: str) -> list[float]:
    years = {row.year: float(getattr(row, column) or 0.0) for row in rows_of(facts.case, "budget", BudgetRow)}
    return [facts.calendar.amount(years, t, "budget") for t in facts.periods]


def partner_payments(facts: Facts) -> list[float]:
    """Give the payment to the partner of each period, in billions of dollars.

    Parameters
    ----------
    facts
        The case, with the budget family.

    Returns
    -------
    list of float
        One payment per period; they stop when their sum reaches the cap.
    """
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


def limits(facts: Facts) -> list[float] | None:
    """Give what each period allows, before anything is carried in.

    Parameters
    ----------
    facts
        The case.

    Returns
    -------
    list of float or None
        Billions of dollars per period; None without the family.
    """
    family = facts.model.families.budget
    if family is None:
        return None
    paid = partner_payments(facts)
    if family.basis == "burn":
        burn, revenue = _series(facts, "cash_burn_busd"), _series(facts, "revenue_busd")
        return [burn[t] + revenue[t] - paid[t] for t in facts.periods]
    rows = rows_of(facts.case, "budget", BudgetRow)
    at_reference = {}
    for row in rows:
        stated_at = row.partner_share if row.reference_share is None else row.reference_share
        at_reference[row.year] = (row.revenue_busd or 0.0) * (stated_at or 0.0)
    cash, share = _series(facts, "cash_limit_busd"), family.reinvested_share or 0.0
    return [cash[t] + share * (facts.calendar.amount(at_reference, t, "budget") - paid[t]) for t in facts.periods]


def cash_of(facts: Facts, state: State, ledger: Ledger) -> list[Cash]:
    """Give the money of each period.

    Parameters
    ----------
    facts
        The case.
    state
        The plan.
    ledger
        Its payments.

    Returns
    -------
    list of Cash
        One entry per period.
    """
    family, allowed, found = facts.model.families.budget, limits(facts), []
    carried = 0.0
    for t in facts.periods:
        spend, income = ledger.of_period(t), income_busd(facts, state, t)
        if family is None or allowed is None:
            found.append(Cash(spend, income, None, 0.0, None))
            continue
        net = spend - (income if family.backup_income_counts else 0.0)
        slack = allowed[t] + carried - net
        found.append(Cash(spend, income, allowed[t], carried, slack))
        carried = slack if family.carry_over else 0.0
    return found


def cash_tolerance(cash: list[Cash], ledger: Ledger) -> float:
    """Tolerance of what a period allows and leaves: a plan that spends nothing has limits all the same.

    Parameters
    ----------
    cash
        The money of each period.
    ledger
        The payments.

    Returns
    -------
    float
        Billions of dollars.
    """
    allowed = [entry.limit or 0.0 for entry in cash] + [entry.carried_in for entry in cash]
    family = ledger.facts.model.families.budget
    counts = family is not None and family.backup_income_counts
    return ledger.income_tolerance_busd(*allowed) if counts else ledger.tolerance_busd(*allowed)


def check_budget(facts: Facts, cash: list[Cash], ledger: Ledger, checks: Checks) -> None:
    """Check the limit of every period and the envelopes.

    Parameters
    ----------
    facts
        The case.
    cash
        The money of each period.
    ledger
        The payments.
    checks
        Collects the outcome.
    """
    family, accepted = facts.model.families.budget, cash_tolerance(cash, ledger)
    if family is None:
        return
    for t, entry in enumerate(cash):
        where = f"spending to the end of {facts.label(t)}" if family.carry_over else f"spending of {facts.label(t)}"
        over = -(entry.slack or 0.0)
        told = f"{where} is {over:.6g} busd over the limit of {(entry.limit or 0) + entry.carried_in:.6g} busd"
        checks.amount(FAMILY, "limit of a period", told, over, "busd", accepted)
    for role, envelope in (("primary", family.primary_envelope_busd), ("backup", family.backup_envelope_busd)):
        if envelope is not None:
            where = f"{role} spending over the horizon"
            checks.limit(FAMILY, "envelope of a role", where, ledger.of_role(role), envelope, "busd", accepted)
