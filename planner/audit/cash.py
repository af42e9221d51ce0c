"""The tables of cash and envelopes (sections 7 and 18): what the budget is made of, and where its money goes."""

from planner.audit.allowances import allowed_by
from planner.audit.budget import Cash, cash_tolerance
from planner.audit.cells import Line
from planner.audit.context import Context
from planner.audit.decisions import ROLES
from planner.audit.financing import Flow
from planner.audit.ledger import Ledger

FAMILY = "money"
MADE_OF = ("base_busd", "revenue_busd", "partner_payment_busd", "other_spending_busd", "reinvested_busd")
COLUMNS = (
    *MADE_OF,
    "limit_busd", "backup_income_busd", "drawn_busd", "fee_busd", "interest_busd", "repaid_busd", "owed_busd",
    "primary_busd", "backup_busd", "unpaid_busd", "carried_in_busd", "left_busd",
)  # fmt: skip


def check_cash(context: Context, ledger: Ledger, cash: list[Cash], flows: list[Flow]) -> None:
    """Compare the tables ``cash`` and ``envelopes``."""
    if context.reader.has("envelopes"):
        _check_envelopes(context, ledger)
    if context.reader.has("cash"):
        _check_rows(context, ledger, cash, flows)


def _check_rows(context: Context, ledger: Ledger, cash: list[Cash], flows: list[Flow]) -> None:
    facts, checks, family = context.facts, context.checks, context.facts.model.families.budget
    stated = context.reader.parse(
        "cash",
        lambda line: (
            line.period(),
            (line.text("basis"), {column: line.number_of(column) for column in COLUMNS}),
        ),
    )
    if family is None:
        checks.seen(FAMILY, "cash table")
        if stated:
            checks.fault(FAMILY, "cash table", "cash has rows, but the case has no family budget")
        return
    made_of = allowed_by(facts)
    whole = [sum(abs(made_of[column][t]) for column in MADE_OF) for t in facts.periods]
    accepted = cash_tolerance(cash, ledger) + ledger.tolerance_busd(*whole)
    for t, entry in enumerate(cash):
        where = f"cash, {facts.label(t)}"
        if t not in stated:
            checks.fault(FAMILY, "cash table", f"{where}: there is no such row")
            continue
        own = {column: made_of[column][t] for column in MADE_OF} | {
            "limit_busd": entry.limit or 0.0,
            "backup_income_busd": entry.income if family.backup_income_counts else 0.0,
            "unpaid_busd": context.state.shortfalls.unpaid_busd(facts, t),
            "carried_in_busd": entry.carried_in,
            "left_busd": entry.slack or 0.0,
            **{f"{role}_busd": _of_role(ledger, role, t) for role in ROLES},
            **{f"{name}_busd": sum(getattr(flow, name)[t] for flow in flows)
               for name in ("drawn", "fee", "interest", "repaid", "owed")},
        }  # fmt: skip
        basis, figures = stated[t]
        if basis != family.basis:
            checks.fault(FAMILY, "cash table", f"{where}, basis is {basis!r}, the case has {family.basis!r}")
        for column, value in own.items():
            checks.equal(FAMILY, "cash table", f"{where}, {column}", figures[column], value, "busd", accepted)


def _of_role(ledger: Ledger, role: str, t: int) -> float:
    return sum(amount for (when, who, _), amount in ledger.paid.items() if when == t and who == role)


def _check_envelopes(context: Context, ledger: Ledger) -> None:
    def read(line: Line) -> tuple[str, tuple[float | None, float, float, float | None]]:
        most, left = line.optional_number("envelope_busd"), line.optional_number("left_busd")
        return line.known("role", ROLES), (most, line.number_of("spend_busd"), line.number_of("unpaid_busd"), left)

    checks, family = context.checks, context.facts.model.families.budget
    stated = context.reader.parse("envelopes", read)
    for role in ROLES:
        most = None if family is None else getattr(family, f"{role}_envelope_busd")
        spent = ledger.of_role(role)
        reported = range(context.facts.calendar.reported)
        unpaid = sum(context.state.shortfalls.unpaid_busd(context.facts, t, role) for t in reported)
        own = (most, spent, unpaid, None if most is None else most - spent + unpaid)
        if role not in stated:
            checks.fault(FAMILY, "envelopes", f"envelopes: no row for {role}")
            continue
        for column, value, expected in zip(("envelope", "spend", "unpaid", "left"), stated[role], own, strict=True):
            where = f"envelopes, {role}, {column}_busd"
            if value is None or expected is None:
                checks.seen(FAMILY, "envelopes")
                if value is not expected:
                    checks.fault(FAMILY, "envelopes", f"{where} is {value}, the audit has {expected}")
            else:
                accepted = ledger.tolerance_busd(most or 0.0)
                checks.equal(FAMILY, "envelopes", where, value, expected, "busd", accepted)
