"""The tables of money of a plan; part of the schema of `planner.plan.columns`."""

from planner.plan.columns_financing import FINANCING_TABLES
from planner.plan.schema import (
    OFFER,
    ORIGIN,
    PROVIDER,
    ROLE,
    SITE,
    TENURE,
    Column,
    TableSchema,
    figure,
    key_of,
    nominal,
    period,
    present,
    words,
)

ITEMS = (
    "rent", "usage", "exit", "refresh", "capex", "chips", "opex", "energy", "onsite", "fuel", "opening", "fixed",
    "signing", "development", "serving", "carbon", "declining", "missing",
)  # fmt: skip
"""Items of spending, in the order of docs/formulation.md; a constraint family of your own may write down others."""
PARTS = ("spend", "backup_income", "salvage", "unserved", "unprotected", "financing")
"""Parts of the cost; each but the first and the last is the item of its rows too."""
PENALTIES = ("unserved", "unprotected")
"""Parts of which no one is paid: what is missing at a price."""
FINANCING_ITEMS = ("drawn", "fee", "interest", "repayment", "dilution", "owed")
"""Items of the part `financing`."""
OTHER_PAYEES = {
    "capex": "construction contractor",
    "opening": "construction contractor",
    "opex": "site operations",
    "fixed": "site operations",
    "onsite": "power equipment supplier",
    "energy": "energy supplier",
    "fuel": "fuel supplier",
    "serving": "network operator",
    "carbon": "carbon account",
    "declining": "programme partner",
    "missing": "programme partner",
}
"""Items that are paid neither to a provider nor to a vendor -> who is paid."""
NOT_STATED = "not stated"
"""Payee of items of constraint families of the user's own."""
TERMS = (*dict.fromkeys(OTHER_PAYEES.values()), NOT_STATED)
"""Every payee that is no key; each contains a space, which no key does."""
COUNTED = {
    "contract": "rent, exit, refresh, capex, opex; less salvage of capex",
    "offer": "rent, exit, refresh, capex, opex, usage, signing, chips, energy, carbon; less salvage of capex and chips",
    "site": "rent, exit, refresh, capex, opex, usage, signing, chips, energy, carbon, opening, fixed, onsite, fuel, "
    "serving; less salvage",
    "plan": "all spending, development too; less backup income and salvage; without the price of unserved demand",
}
"""What is in the cost of each level."""
_NONE = "no {} can be named: the payment belongs to a wider level, or to none"
_NO_LIMIT = "without the budget family"
_NOTHING = "there is nothing to divide by"
_NOT_HERE = "a row of a wider level"

MONEY_TABLES: dict[str, TableSchema] = {
    "spend": TableSchema(
        "All money of the plan: `present_value_busd` adds up to the cost, and so does each of its parts. Every payment "
        "stands at the level to which it belongs, never spread over what is below it "
        "(`docs/formulation.md`, section 15).",
        (
            "period",
            "year",
            "part",
            "item",
            "role",
            "site",
            "offer",
            "contract",
            "chip",
            "power_option",
            "market",
            "programme",
            "payee",
        ),
        {
            "period": Column("boundary", "period of the payment; for salvage the end of the horizon"),
            "year": Column(
                "whole",
                "calendar year; an amount of a period that touches several is spread evenly over its time. For salvage "
                "the year in which the horizon ends",
            ),
            "part": words(
                f"part of the cost, as in `objective`: {', '.join(f'`{part}`' for part in PARTS[:-1])} or `{PARTS[-1]}`"
            ),
            "item": words(
                f"what it is for: {', '.join(f'`{item}`' for item in ITEMS)} of `spend`; "
                f"{', '.join(f'`{item}`' for item in FINANCING_ITEMS)} of `financing`; the part itself of the others"
            ),
            "role": words("`primary` or `backup`", empty="what is missing at a price and financing bear no role"),
            "provider": key_of("provider of the offer: where the capacity is, whoever is paid", _NONE.format("offer")),
            "site": key_of("site", _NONE.format("site")),
            "offer": key_of("offer", _NONE.format("offer")),
            "contract": words("contract, as in `contracts`", empty=_NONE.format("contract")),
            "chip": key_of("chip", _NONE.format("chip")),
            "vendor": words("vendor of the chip, of money paid for chips and of their salvage", empty="no such money"),
            "payee": words(
                "who is paid: the provider (`rent`, `usage`, `exit`, `signing`), the vendor of the chip (`chips`, "
                f"`development`), {', '.join(f'`{term}`' for term in TERMS)}; of `financing` the key of the source",
                empty="no one is paid: backup income, salvage, unserved demand, what priced rules miss",
            ),
            "power_option": key_of("on-site option", _NONE.format("on-site option")),
            "market": key_of("market", _NONE.format("market")),
            "programme": key_of("programme", _NONE.format("programme")),
            "amount_busd": nominal("amount: what is paid is positive, income, salvage and loans drawn are negative"),
            "present_value_busd": present("the same, discounted"),
        },
    ),
    "objective": TableSchema(
        "The parts of the cost.",
        ("item",),
        {
            "item": words(
                "`spend`, `backup_income` (negative), `salvage` (negative) or `unserved`; in cases with a "
                "redundancy rule that has a price also `unprotected`, with financing also `financing`"
            ),
            "present_value_busd": present("its part of the cost; the parts add up to cost_busd"),
        },
    ),
    "obligations": TableSchema(
        "Rents owed after the horizon on contracts in force at its end, year by year to the end of their terms: "
        "take-or-pay rent alone, no renewal and no exit assumed; for 100 calendar years at most.",
        ("year", "contract"),
        {
            "year": Column("whole", "calendar year after the horizon"),
            "contract": words("contract, as in `contracts`"),
            "origin": ORIGIN,
            "offer": OFFER,
            "site": SITE,
            "provider": PROVIDER,
            "tenure": TENURE,
            "role": ROLE,
            "it_mw": figure("IT MW", "IT MW of the contract"),
            "in_force_years": figure("years", "part of the year in which it is in force after the horizon"),
            "amount_busd": nominal("rent owed; not part of the cost"),
            "present_value_busd": present("the same, discounted to the start of the horizon"),
        },
    ),
    "unit_costs": TableSchema(
        "What capacity costs: present value of the payments at a level and below it, less salvage, per discounted IT "
        "MW-year in force and per discounted unit of compute and year "
        "(`docs/formulation.md`, section 15).",
        ("level", "site", "offer", "contract"),
        {
            "level": words("`contract`, `offer`, `site` or `plan`"),
            "site": key_of("site", _NOT_HERE),
            "provider": key_of("provider", _NOT_HERE),
            "offer": key_of("offer", _NOT_HERE),
            "tenure": words("`build`, `shell` or `cloud`", empty=_NOT_HERE),
            "contract": words("contract, as in `contracts`", empty=_NOT_HERE),
            "role": words("role of the contract", empty=_NOT_HERE),
            "present_value_busd": present("their present value", "no"),
            "it_mw_years": figure("IT MW-years", "IT MW in force times years, within the horizon"),
            "discounted_it_mw_years": figure("IT MW-years", "the same, discounted like money"),
            "discounted_training_compute_years": figure(
                "compute-years", "compute of its chips if all used for training"
            ),
            "discounted_inference_compute_years": figure(
                "compute-years", "compute of its chips if all used for inference"
            ),
            "discounted_served_compute_years": figure(
                "compute-years", "compute it serves", empty="a contract or an offer: who serves is known by site"
            ),
            "cost_musd_per_it_mw_year": figure("$M per IT MW-year", "levelised cost of capacity", empty=_NOTHING),
            "cost_usd_per_training_compute_year": figure(
                "$ per unit of compute and year", "levelised cost of compute if all used for training", empty=_NOTHING
            ),
            "cost_usd_per_inference_compute_year": figure(
                "$ per unit of compute and year", "levelised cost of compute if all used for inference", empty=_NOTHING
            ),
            "cost_usd_per_served_compute_year": figure(
                "$ per unit of compute and year", "levelised cost of the compute that is served", empty=_NOTHING
            ),
            "counted": words("the items of `spend` that are in it"),
        },
    ),
    **FINANCING_TABLES,
    "budget": TableSchema(
        "Spending and income against what each period allows.",
        ("period",),
        {
            "period": period(),
            "spend_busd": nominal("spending, both roles"),
            "backup_income_busd": nominal("income from idle backup"),
            "limit_busd": nominal("what the period allows", empty=_NO_LIMIT),
            "carried_in_busd": nominal("money carried in; 0 without carry-over", "no"),
            "slack_busd": nominal("what is left (with financing: see `cash`)", "no", _NO_LIMIT),
        },
    ),
}
