"""The tables of cash and financing of a plan; part of the schema of `planner.plan.columns`."""

from planner.plan.schema import ROLE, Column, TableSchema, nominal, period, words

FINANCING_TABLES: dict[str, TableSchema] = {
    "financing": TableSchema(
        "What is drawn from each source of financing, paid for it and owed (`docs/formulation.md`, section 18). "
        "Sources whose condition is false have no rows; empty without the family financing.",
        ("period", "financing"),
        {
            "period": period(),
            "financing": Column("text", "key of the source"),
            "kind": words("`equity`, `vendor` or `debt`"),
            "drawn_busd": nominal("drawn in the period"),
            "fee_busd": nominal("fee paid on it"),
            "dilution_busd": nominal("what it costs the present owners: in the cost, but not paid"),
            "interest_busd": nominal("interest paid on what was owed at the start of the period"),
            "repaid_busd": nominal("repaid in the period"),
            "owed_busd": nominal("owed at the end of the period", "period"),
            "after_horizon_busd": nominal(
                "interest and repayments due after the horizon, valued in the last period, where it stands", "no"
            ),
            "used_busd": nominal(
                "what its limit applies to: of debt what is owed, otherwise all drawn so far", "period"
            ),
            "most_busd": nominal(
                "most that may be: what capacity in service has brought so far, and `up_to_busd`", "period"
            ),
        },
    ),
    "cash": TableSchema(
        "Where the money of each period comes from and goes to: what the budget is made of, what is drawn and paid for "
        "financing, and what is left. Empty without the family budget.",
        ("period",),
        {
            "period": period(),
            "basis": words("basis of the budget: `cash_limit` or `burn`"),
            "base_busd": nominal("cash limit (basis `cash_limit`) or cash burn (basis `burn`)"),
            "revenue_busd": nominal("revenue; with basis `burn` part of the limit"),
            "partner_payment_busd": nominal("paid to the partner; with basis `burn` subtracted"),
            "other_spending_busd": nominal("spent besides capacity; with basis `burn` subtracted"),
            "reinvested_busd": nominal("with basis `cash_limit`: what the change of the partner's share adds"),
            "limit_busd": nominal("what the period allows, as in `budget`"),
            "backup_income_busd": nominal("backup income, if it counts; otherwise 0"),
            "drawn_busd": nominal("drawn from all sources of financing"),
            "fee_busd": nominal("fees paid on it"),
            "interest_busd": nominal("interest paid"),
            "repaid_busd": nominal("repaid"),
            "owed_busd": nominal("owed to all sources at the end of the period", "no"),
            "primary_busd": nominal("spending on primary capacity"),
            "backup_busd": nominal("spending on backup capacity"),
            "unpaid_busd": nominal(
                "what the limit does not count, tier `cash` of `shortfalls`: of this spending what signed contracts "
                "and programmes cost and the plan cannot pay, and other spending and upkeep that are not covered"
            ),
            "carried_in_busd": nominal("money carried in; 0 without carry-over", "no"),
            "left_busd": nominal("what is left, as `slack_busd` in `budget`", "no"),
        },
    ),
    "envelopes": TableSchema(
        "Spending of each role over the reported periods against its envelope.",
        ("role",),
        {
            "role": ROLE,
            "envelope_busd": nominal("most that may be spent in the role", "no", "no envelope"),
            "spend_busd": nominal("spending over the reported periods"),
            "unpaid_busd": nominal("of this spending, what the plan cannot pay: it is not counted in the envelope"),
            "left_busd": nominal("what is left of the envelope", "no", "no envelope"),
        },
    ),
}
