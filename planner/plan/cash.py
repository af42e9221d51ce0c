"""Where the money of each period comes from and goes to, and the envelopes: from the other tables of a plan."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from planner.case.rows import BudgetRow, ContractRow
from planner.inputs import Inputs
from planner.inputs.money import allowances
from planner.inputs.periods import Periods
from planner.plan import figures
from planner.plan.decisions import Row

Tables = Mapping[str, Sequence[Mapping[str, object]]]
PAID = ("drawn_busd", "fee_busd", "interest_busd", "repaid_busd", "owed_busd")
ROLES = ("primary", "backup")
OTHER = ""
"""In place of a role: spending that is not for capacity."""


def cash(inputs: Inputs, tables: Tables) -> list[Row]:
    """The table ``cash``; empty without the family budget."""
    budget = inputs.case.model.families.budget
    if budget is None:
        return []
    periods = Periods(inputs.calendar)
    allowed = allowances(budget, inputs.case.rows(BudgetRow), inputs.calendar)
    sums: dict[tuple[int, str], float] = defaultdict(float)
    for row in tables["financing"]:
        for column in PAID:
            sums[periods.index(row["period"]), column] += _number(row[column])
    for row in tables["spend"]:
        if row["part"] == "spend":
            sums[periods.index(row["period"]), f"{row['role']}_busd"] += _number(row["amount_busd"])
    for t, _, busd in _unpaid(inputs, tables, periods):
        sums[t, "unpaid_busd"] += busd
    rows: list[Row] = []
    for row in tables["budget"]:
        t = periods.index(row["period"])
        one = allowed[t]
        amounts = {
            "base_busd": one.base_busd,
            "revenue_busd": one.revenue_busd,
            "partner_payment_busd": one.partner_payment_busd,
            "other_spending_busd": one.other_spending_busd,
            "reinvested_busd": one.reinvested_busd,
            "limit_busd": one.limit_busd,
            "backup_income_busd": _number(row["backup_income_busd"]) if budget.backup_income_counts else 0.0,
            **{column: sums[t, column] for column in (*PAID, *(f"{role}_busd" for role in ROLES), "unpaid_busd")},
            "carried_in_busd": _number(row["carried_in_busd"]),
            "left_busd": _number(row["slack_busd"]),
        }
        words: Row = {"period": periods.cells[t], "basis": budget.basis}
        rows.append(words | {name: figures.money(inputs, busd) for name, busd in amounts.items()})
    return rows


def envelopes(inputs: Inputs, tables: Tables) -> list[Row]:
    """The table ``envelopes``: both roles, with or without one; spending of the reported periods."""
    budget = inputs.case.model.families.budget
    spent: dict[str, float] = defaultdict(float)
    periods = Periods(inputs.calendar)
    for row in tables["spend"]:
        if row["part"] == "spend" and periods.is_reported(row["period"]):
            spent[str(row["role"])] += _number(row["amount_busd"])
    unpaid: dict[str, float] = defaultdict(float)
    for t, role, busd in _unpaid(inputs, tables, periods):
        unpaid[role] += busd if t < periods.reported else 0.0
    rows: list[Row] = []
    for role in ROLES:
        most = None if budget is None else getattr(budget, f"{role}_envelope_busd")
        rows.append(
            {
                "role": role,
                "envelope_busd": "" if most is None else figures.money(inputs, most),
                "spend_busd": figures.money(inputs, spent[role]),
                "unpaid_busd": figures.money(inputs, unpaid[role]),
                "left_busd": "" if most is None else figures.money(inputs, most - spent[role] + unpaid[role]),
            }
        )
    return rows


def _unpaid(inputs: Inputs, tables: Tables, periods: Periods) -> Iterator[tuple[int, str, float]]:
    """What signed contracts and programmes cost and the plan cannot pay, by period and role, and what is uncovered."""
    role_of: dict[tuple[str, str], str] = {(row.contract, ""): row.role for row in inputs.case.rows(ContractRow)}
    role_of |= {("", programme): "primary" for programme in inputs.programmes}
    for row in tables["shortfalls"]:
        if row["tier"] == "cash":
            yield (
                periods.index(row["period"]),
                role_of.get((str(row["contract"]), str(row["programme"])), OTHER),
                _number(row["amount"]),
            )


def _number(cell: object) -> float:
    return float(cell)  # type: ignore[arg-type]
