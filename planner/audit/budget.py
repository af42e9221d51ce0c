"""Budget (section 7): limits, carry-over, envelopes."""

from collections.abc import Sequence
from dataclasses import dataclass

from planner.audit.allowances import limits
from planner.audit.backup import income_busd
from planner.audit.context import Context
from planner.audit.financing import Flow
from planner.audit.ledger import Ledger
from planner.audit.state import State

FAMILY = "budget"


@dataclass(frozen=True, slots=True)
class Cash:
    """The money of a period, in billions of dollars."""

    spend: float
    income: float
    limit: float | None
    carried_in: float
    slack: float | None
    financed: float = 0.0
    """What is drawn less what is paid for financing."""


def cash_of(state: State, ledger: Ledger, flows: Sequence[Flow] = ()) -> list[Cash]:
    """Give the money of each period, with what sources of financing add to it."""
    facts = state.facts
    family, allowed, found = facts.model.families.budget, limits(facts), []
    carried = 0.0
    for t in facts.periods:
        spend, income = ledger.of_period(t), income_busd(state, t)
        if family is None or allowed is None:
            found.append(Cash(spend, income, None, 0.0, None))
            continue
        net = spend - (income if family.backup_income_counts else 0.0)
        financed = sum(flow.cash(t) for flow in flows)
        slack = allowed[t] + carried - net + financed + state.shortfalls.unpaid_busd(facts, t)
        found.append(Cash(spend, income, allowed[t], carried, slack, financed))
        carried = slack if family.carry_over else 0.0
    return found


def cash_tolerance(cash: list[Cash], ledger: Ledger) -> float:
    """Tolerance of what a period allows and leaves: a plan that spends nothing has limits all the same.

    What is carried in counts up to what limits, recomputed payments and income can come to, so that spending that is
    only stated does not scale it.
    """
    allowed = [entry.limit or 0.0 for entry in cash]
    most = (
        sum(map(abs, allowed)) + ledger.turnover_busd + sum(abs(entry.income) + abs(entry.financed) for entry in cash)
    )
    allowed += [min(abs(entry.carried_in), most) for entry in cash]
    family = ledger.facts.model.families.budget
    counts = family is not None and family.backup_income_counts
    return ledger.income_tolerance_busd(*allowed) if counts else ledger.tolerance_busd(*allowed)


def check_budget(context: Context, cash: list[Cash], ledger: Ledger) -> None:
    """Check the limit of every period and the envelopes."""
    facts, checks = context.facts, context.checks
    family, accepted = facts.model.families.budget, cash_tolerance(cash, ledger)
    if family is None:
        return
    for t, entry in enumerate(cash):
        where = f"spending to the end of {facts.label(t)}" if family.carry_over else f"spending of {facts.label(t)}"
        over = -(entry.slack or 0.0)
        text = f"{where} is {over:.6g} busd over the limit of {(entry.limit or 0) + entry.carried_in:.6g} busd"
        checks.amount(FAMILY, "limit of a period", text, over, "busd", accepted)
    for role, envelope in (("primary", family.primary_envelope_busd), ("backup", family.backup_envelope_busd)):
        if envelope is not None:
            where = f"{role} spending over the horizon"
            reported = range(facts.calendar.reported)
            unpaid = sum(context.state.shortfalls.unpaid_busd(facts, t, role) for t in reported)
            paid = ledger.of_role(role) - unpaid
            checks.limit(FAMILY, "envelope of a role", where, paid, envelope, "busd", accepted)
