"""Money as the program has it: every item, the parts of the cost, the budget. All from its own ledger."""

from collections.abc import Callable, Sequence

from planner.inputs import Inputs
from planner.plan import figures
from planner.plan.decisions import Row
from planner.plan.spend import Total, salvage_of
from planner.program.ledger import Ledger
from planner.program.terms import Sum

Evaluate = Callable[[Sum], float]


def totals(inputs: Inputs, ledger: Ledger, value: Evaluate) -> dict[Total, float]:
    """Nominal amount of every item of the cost, as the program has it, by period, part of the cost, item and role."""
    found: dict[Total, float] = {}
    for (item, role, t), total in ledger.spend.items():
        found[t, "spend", item, role] = value(total)
    for t, total in ledger.income.items():
        found[t, "backup_income", "backup_income", "backup"] = -value(total)
    for t, total in ledger.unserved.items():
        found[t, "unserved", "unserved", ""] = value(total)
    for t, total in ledger.unprotected.items():
        found[t, "unprotected", "unprotected", ""] = value(total)
    for (item, _, t), total in ledger.financing.items():
        found[t, "financing", item, ""] = found.get((t, "financing", item, ""), 0.0) + value(total)
    found[salvage_of(inputs.calendar.count)] = -value(ledger.salvage)
    return found


def objective(inputs: Inputs, ledger: Ledger, value: Evaluate) -> list[Row]:
    """The parts of the cost; they add up to it."""
    spending = sum(value(total) * inputs.discount[t] for (_, _, t), total in ledger.spend.items())
    income = sum(value(total) * inputs.discount[t] for t, total in ledger.income.items())
    unserved = sum(value(total) * inputs.discount[t] for t, total in ledger.unserved.items())
    parts = {
        "spend": spending,
        "backup_income": -income,
        "salvage": -value(ledger.salvage) * inputs.discount_end,
        "unserved": unserved,
    }
    if any(rule.price_busd_per_missing_compute_year is not None for rule in inputs.redundancy_rules):
        unprotected = (value(total) * inputs.discount[t] for t, total in ledger.unprotected.items())
        parts["unprotected"] = sum(unprotected)
    if inputs.case.model.families.financing is not None:
        parts["financing"] = sum(value(total) * inputs.discount[t] for (_, _, t), total in ledger.financing.items())
    return [{"item": item, "present_value_busd": figures.money(inputs, busd)} for item, busd in parts.items()]


def budget(inputs: Inputs, ledger: Ledger, value: Evaluate, unpaid_busd: Sequence[float] = ()) -> list[Row]:
    """Spending and income against what each period allows, with what is carried over and what is not paid."""
    options = inputs.case.model.families.budget
    rows: list[Row] = []
    carried = 0.0
    for t in inputs.periods:
        spent = sum(value(total) for (_, _, period), total in ledger.spend.items() if period == t)
        income = value(ledger.income[t]) if t in ledger.income else 0.0
        row: Row = {
            "period": inputs.calendar.labels[t],
            "spend_busd": figures.money(inputs, spent),
            "backup_income_busd": figures.money(inputs, income),
            "limit_busd": "",
            "carried_in_busd": 0.0,
            "slack_busd": "",
        }
        if options is not None and inputs.budget_limit_busd is not None:
            slack = inputs.budget_limit_busd[t] + carried - spent + (income if options.backup_income_counts else 0.0)
            slack += value(ledger.cash[t]) if t in ledger.cash else 0.0
            slack += unpaid_busd[t] if unpaid_busd else 0.0
            row |= {
                "limit_busd": figures.money(inputs, inputs.budget_limit_busd[t]),
                "carried_in_busd": figures.money(inputs, carried),
                "slack_busd": figures.money_left(inputs, slack, inputs.budget_limit_busd[t], carried, spent),
            }
            carried = slack if options.carry_over else 0.0
        rows.append(row)
    return rows
