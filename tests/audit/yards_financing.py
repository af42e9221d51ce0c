"""Financing of the two yards, their cash and their envelopes, worked out by hand.

The bank lends at the discount rate of 21 %: what it costs has a present value of zero. The maker of chip c gives $4B
per facility GW: 25 IT MW at a PUE of 1.25 bring $0.125B in 2027, of which $0.1B is drawn.
"""

from typing import Any

from tests.audit.yards_money import D1, D2, NOWHERE

Rows = list[dict[str, Any]]

ROWS: dict[str, Rows] = {
    "financing": [
        {
            "financing": "bank", "name": "bank", "kind": "debt", "up_to_busd": 1.0, "interest_rate_per_year": 0.21,
            "repayment": "bullet", "repayment_years": 5.0, "last_date": "2026-06-30",
        },
        {
            "financing": "maker", "name": "maker", "kind": "vendor", "chip_vendor": "vendor_c", "up_to_busd": 0.2,
            "busd_per_facility_gw": 4.0, "fee_share": 0.1, "dilution_share": 0.5, "condition": "goes_well",
            "first_date": "2026-07-02",
        },
        {"financing": "never", "name": "never", "kind": "equity", "up_to_busd": 9.0, "condition": "fails"},
    ],
    "budget": [
        {"year": 2026, "cash_limit_busd": 6.0, "revenue_busd": 10.0, "partner_share": 0.2, "reference_share": 0.3},
        {"year": 2027, "cash_limit_busd": 3.0, "revenue_busd": 10.0, "partner_share": 0.2, "reference_share": 0.3},
    ],
}  # fmt: skip
"""Sources and budget of the case."""
COST = 0.06 * D2
"""Fee and dilution of what the maker gives."""


def _rows(columns: str, *lines: tuple[Any, ...]) -> Rows:
    return [dict(zip(columns.split(), line, strict=True)) for line in lines]


def financing() -> Rows:
    """Return what is drawn, paid and owed."""
    return _rows(
        "period financing kind drawn_busd fee_busd dilution_busd interest_busd repaid_busd owed_busd after_horizon_busd"
        " used_busd most_busd",
        ("2026", "bank", "debt", 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0),
        ("2026", "maker", "vendor", 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        ("2027", "bank", "debt", 0.0, 0.0, 0.0, 0.21, 0.0, 1.0, 1.0, 1.0, 1.0),
        ("2027", "maker", "vendor", 0.1, 0.01, 0.05, 0.0, 0.0, 0.0, 0.0, 0.1, 0.125),
    )


def spend() -> Rows:
    """Return its part of the cost."""
    amounts = (
        ("2026", "drawn", "bank", -1.0), ("2027", "interest", "bank", 0.21), ("2027", "owed", "bank", 1.0),
        ("2027", "fee", "maker", 0.01), ("2027", "dilution", "maker", 0.05),
    )  # fmt: skip
    return [
        {
            "period": period, "year": int(period), "part": "financing", "item": item, "role": "", **NOWHERE,
            "payee": source, "amount_busd": busd, "present_value_busd": busd * (D1 if period == "2026" else D2),
        }
        for period, item, source, busd in amounts
    ]  # fmt: skip


def cash() -> Rows:
    """Return where the money of both years comes from and goes to."""
    return _rows(
        "period basis base_busd revenue_busd partner_payment_busd other_spending_busd reinvested_busd limit_busd"
        " backup_income_busd drawn_busd fee_busd interest_busd repaid_busd owed_busd primary_busd backup_busd"
        " unpaid_busd carried_in_busd left_busd",
        ("2026", "cash_limit", 6.0, 10.0, 2.0, 0.0, 0.5, 6.5, 0.025, 1.0, 0.0, 0.0, 0.0, 1.0, 4.90293472, 0.15,
         0.0, 0.0, 2.47206528),
        ("2027", "cash_limit", 3.0, 10.0, 1.0, 0.0, 1.0, 4.0, 0.025, 0.1, 0.01, 0.21, 0.0, 1.0, 2.38884432, 0.15,
         0.0, 2.47206528, 3.83822096),  # 1 drawn in 2026; in 2027 0.1 drawn less 0.01 of fee and 0.21 of interest
    )  # fmt: skip


def envelopes() -> Rows:
    """Return the spending of both roles against its envelope."""
    spent = 4.90293472 + 2.38884432
    return _rows("role envelope_busd spend_busd unpaid_busd left_busd", ("primary", 7.5, spent, 0.0, 7.5 - spent),
                 ("backup", 0.3, 0.3, 0.0, 0.0))  # fmt: skip


def tables(spending: Rows) -> dict[str, Rows]:
    """Return the tables that are about this money alone, and all money with it."""
    return {"spend": [*spending, *spend()], "financing": financing(), "cash": cash(), "envelopes": envelopes()}


def without(plan: dict[str, Rows]) -> dict[str, Rows]:
    """Return the tables of the plan as they are without financing."""
    plan["spend"] = [row for row in plan["spend"] if row["part"] != "financing"]
    plan["objective"] = [row for row in plan["objective"] if row["item"] != "financing"]
    plan["financing"] = []
    plan["budget"][0]["slack_busd"] = plan["budget"][1]["carried_in_busd"] = 1.47206528
    plan["budget"][1]["slack_busd"] = 2.95822096
    for row, lines in zip(plan["cash"], plan["budget"], strict=True):
        row |= dict.fromkeys(("drawn_busd", "fee_busd", "interest_busd", "repaid_busd", "owed_busd"), 0.0)
        row |= {"carried_in_busd": lines["carried_in_busd"], "left_busd": lines["slack_busd"]}
    return plan
