"""Faults of the budget and of sources of financing, and where each is told."""

from tests.case.spoil import Spoil, put, without_table

MONEY_FAULTS: list[tuple[str, Spoil, str, str | None, str]] = [
    (
        "other spending of some years",
        lambda t, f: (f["budget"].update(basis="burn"), put("budget", 0, other_spending_busd=None)(t, f)),
        "budget",
        "other_spending_busd",
        "other years have it",
    ),
    ("no table of financing", without_table("financing"), "model", "tables.financing", "needs a table"),
    ("financing without budget", lambda _t, f: f.pop("budget"), "model", "families.financing", "[families.budget]"),
    ("unknown condition", put("financing", 0, condition="for_profits"), "financing", "condition", "did you mean"),
    ("unknown chip maker", put("financing", 1, chip_vendor="vendor_aa"), "financing", "chip_vendor", "did you mean"),
    (
        "unknown provider of money",
        put("financing", 1, chip_vendor=None, provider="x"),
        "financing",
        "provider",
        "no row of table providers",
    ),
    ("equity without limit", put("financing", 0, up_to_busd=None), "financing", "up_to_busd", "kind equity"),
    ("debt per GW", put("financing", 2, busd_per_it_gw=1.0), "financing", "busd_per_it_gw", "for vendor"),
    ("vendor and provider", put("financing", 1, provider="x"), "financing", "provider", "give chip_vendor or provider"),
    ("vendor without price", put("financing", 1, busd_per_it_gw=None), "financing", "busd_per_it_gw", "what it brings"),
    ("equity with interest", put("financing", 0, interest_rate_per_year=0.1), "financing", "interest_rate_per_year",
     "not repaid"),
    ("debt without years", put("financing", 2, repayment_years=None), "financing", "repayment_years", "kind debt"),
    ("half a loan", put("financing", 1, interest_rate_per_year=0.1), "financing", "repayment", "must be given too"),
    ("dilution of a loan", put("financing", 2, dilution_share=0.1), "financing", "dilution_share", "is repaid"),
    ("window that is none", put("financing", 1, last_date="2026-01-01"), "financing", "last_date", "before first_date"),
]  # fmt: skip
