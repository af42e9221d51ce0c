"""Warnings: what is allowed but unusual is reported, and a plain case has none."""

from typing import Any

import pytest

from planner.case.check import check_case, contradictions_among, warnings_of
from planner.case.check.unusual import WARNINGS
from tests.case.spoil import Spoil, drop, put, rules, spoilt

UNUSUAL: list[tuple[str, Spoil, str, str | None, str]] = [
    ("country", put("power_regions", 0, country="CA"), "sites", "country", "is in CA"),
    ("vendor by its signs", put("chips", 1, vendor="vendor-a"), "chips", "vendor", "differs from 'vendor_a'"),
    ("pue", put("sites", 0, pue_average=1.5), "sites", "pue_average", "above pue_peak"),
    ("signed beyond the site", put("sites", 2, max_it_mw=50.0), "sites", "max_it_mw", "100 IT MW"),
    ("signed beyond the grid", put("energisation", 3, facility_mw=100.0), "sites", "site", "need 125 facility MW"),
    (
        "signed before energisation",
        put("energisation", 3, date="2027-07-01"),
        "sites",
        "site",
        "period from 2026-01-01",
    ),
    (
        "signed beyond the region",
        put("power_regions", 1, firm_facility_mw=0.0),
        "power_regions",
        "firm_facility_mw",
        "need 125 facility MW, the region can give 50",
    ),
    (
        "starts too late",
        put("offers", 0, first_start="2029-07-02", last_start=None),
        "offers",
        "first_start",
        "no contract can start",
    ),
    ("lead too long", put("offers", 0, lead_months=37.0), "offers", "first_start", "no contract can start"),
    ("site too late", put("sites", 1, earliest_date="2031-01-01"), "offers", "first_start", "no contract can start"),
    (
        "no blocks",
        put("offers", 1, max_blocks=0, min_blocks=None, min_blocks_per_start=None),
        "offers",
        "max_blocks",
        "neither",
    ),
    (
        "a life counted longer",
        put("chips", 0, life_years=2.4),
        "chips",
        "life_years",
        "a life of 2.4 years is counted as 3: what is installed in 2026-01 serves until 2029-01",
    ),
    ("chip too late", put("chips", 1, first_date="2030-01-01"), "chips", "first_date", "after the end"),
    (
        "no supply",
        lambda t, _f: [row.update(it_mw=0.0) for row in t["chip_supply"]],
        "chip_supply",
        "it_mw",
        "0 in every",
    ),
    ("no price", put("chips", 1, price_busd_per_gw_it=None), "offers", "chips", "no price"),
    ("role of a contract", put("contracts", 1, role="backup"), "contracts", "role", "primary only"),
    ("chip of a contract", put("offers", 2, chips=("custom",)), "contracts", "chip", "not among"),
    ("contract before", put("contracts", 0, end_date="2026-01-01"), "contracts", "end_date", "before the horizon"),
    (
        "contract after",
        put("contracts", 0, start_date="2030-01-01", end_date="2031-01-01"),
        "contracts",
        "start_date",
        "after",
    ),
    ("backup without use", lambda _t, f: (f.pop("redundancy"), f.pop("backup_income")), "offers", "roles", "no use"),
    (
        "nothing to sell",
        lambda t, _f: [row.update(roles=("primary",)) for row in t["offers"]],
        "model",
        "families.backup_income",
        "nothing to sell",
    ),
    ("budget without family", lambda _t, f: (f.pop("budget"), f.pop("financing")), "budget", None, "not used"),
    (
        "other spending with cash limit",
        lambda t, _f: [row.update(cash_burn_busd=None, other_spending_busd=2.0) for row in t["budget"]],
        "budget",
        "other_spending_busd",
        "what is left for capacity",
    ),
    (
        "cheap loan",
        lambda t, _f: t["financing"][2].update(interest_rate_per_year=0.02),
        "financing",
        "interest_rate_per_year",
        "below the discount rate",
    ),
    (
        "a condition of nothing",
        lambda t, _f: t["financing"][0].update(condition=None),
        "model",
        "families.financing.conditions.for_profit",
        "nothing depends on it",
    ),
    (
        "a source that ends early",
        lambda t, _f: t["financing"][2].update(last_date="2025-12-31"),
        "financing",
        "last_date",
        "nothing is drawn",
    ),
    ("financing without family", lambda _t, f: f.pop("financing"), "financing", None, "not used"),
    (
        "reinvested with burn",
        lambda _t, f: f["budget"].update(basis="burn"),
        "model",
        "families.budget.reinvested_share",
        "not used",
    ),
    (
        "share of no revenue",
        lambda t, _f: [row.pop("revenue_busd") for row in t["budget"]],
        "budget",
        "revenue_busd",
        "no revenue to apply to",
    ),
    (
        "reference without share",
        lambda t, _f: [row.pop("partner_share") for row in t["budget"]],
        "budget",
        "partner_share",
        "nothing is owed",
    ),
    ("growth without family", lambda _t, f: f.pop("integration"), "providers", "first_year_it_mw", "not used"),
    (
        "rule out of time",
        lambda _t, f: rules(f)[1].update(first_year=2040),
        "model",
        "families.redundancy.rules[1]",
        "no period",
    ),
    (
        "k of a list",
        lambda _t, f: rules(f)[0].update(domain="sites", sites=("north",), k=2),
        "model",
        "families.redundancy.rules[0].k",
        "no effect",
    ),
    (
        "override of nothing",
        lambda _t, f: rules(f)[1]["overrides"][0].update(workload="training"),
        "model",
        "families.redundancy.rules[1].overrides",
        "no demand",
    ),
    (
        "rule no plan can meet",
        lambda _t, f: rules(f)[0].update(k=2),
        "model",
        "families.redundancy.rules[0]",
        "none of it can be protected",
    ),
    (
        "provider none can replace",
        lambda t, _f: [row.update(provider="own") for row in t["offers"]],
        "model",
        "families.redundancy.rules[1]",
        "none of it can be protected",
    ),
    (
        "vendor none can replace",
        lambda t, f: (rules(f)[0].update(domain="chip_vendor"), [row.update(vendor="vendor_a") for row in t["chips"]]),
        "model",
        "families.redundancy.rules[0]",
        "none of it can be protected",
    ),
    (
        "all sites of a list",
        lambda _t, f: rules(f)[0].update(domain="sites", sites=("north", "east")),
        "model",
        "families.redundancy.rules[0]",
        "none of it can be protected",
    ),
    (
        "market without demand",
        lambda t, _f: [row.update(compute=0.0) for row in t["demand"] if row["market"] == "europe"],
        "markets",
        "market",
        "no demand",
    ),
    (
        "family of the user's own",
        lambda _t, f: f.update(own={"water": {"cap_gl_per_year": 1.0}}),
        "model",
        "families.own.water",
        "only Python can give it",
    ),
    ("site without offer", drop("offers", lambda row: row["site"] != "south"), "sites", "site", "no offer"),
]


@pytest.mark.parametrize(
    ("spoil", "file", "column", "words"), [one[1:] for one in UNUSUAL], ids=[one[0] for one in UNUSUAL]
)
def test_whatever_is_unusual_is_reported(spoil: Spoil, file: str, column: str | None, words: str) -> None:
    """Law: whatever is unusual is a warning at its place, and no fault."""

    def with_roles(tables: dict[str, Any], families: dict[str, Any]) -> None:
        tables["offers"][0]["roles"] = ("primary",)  # so that one offer allows one role only
        spoil(tables, families)

    case = spoilt(with_roles)
    assert check_case(case) == []
    found = warnings_of(case)
    assert any(one.file == file and one.column == column and words in one.message for one in found), "\n".join(
        map(str, found)
    )


def test_a_price_that_is_not_used() -> None:
    """Law: a price of unserved demand without the priced objective is reported."""
    case = spoilt(lambda _t, _f: None, objective={"unserved_price_busd_per_compute_year": 1.0})
    assert any(one.column == "objective.unserved_price_busd_per_compute_year" for one in warnings_of(case))


def test_no_warning_is_untried() -> None:
    """Law: every warning in the list is raised by some case above."""
    cases = [spoilt(one[1]) for one in UNUSUAL]
    assert [warning for warning in WARNINGS if not any(list(warning(case)) for case in cases)] == []


def test_a_plain_case_is_silent() -> None:
    """Law: the full case has nothing unusual."""
    assert warnings_of(spoilt(lambda _t, _f: None)) == []


def test_a_rule_that_holds_in_no_period_asks_for_nothing():
    """One voice: what is never asked for is not also impossible; in the periods it holds in it is."""
    never = warnings_of(spoilt(lambda _t, f: rules(f)[0].update(k=2, first_year=2040)))
    told = [str(warning) for warning in never if "redundancy.rules[0]" in str(warning)]
    assert len(told) == 1
    assert "holds in no period" in told[0]
    last = warnings_of(spoilt(lambda _t, f: rules(f)[0].update(k=2, first_year=2029)))
    assert any("none of it can be protected" in str(warning) for warning in last)


def test_a_rule_asks_only_for_demand_of_the_periods_it_holds_in():
    """Demand that ends before the rule begins needs nobody to stand in for it."""

    def spoil(tables: Any, families: Any) -> None:
        rules(families)[0].update(k=2, first_year=2029)
        for row in tables["demand"]:
            row["compute"] = 0.0 if row["year"] == 2029 else row["compute"]

    assert not any("none of it can be protected" in str(warning) for warning in warnings_of(spoilt(spoil)))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "none of it can be protected"),
        ({"shortfall": "hard"}, "so none of it may be served"),
        ({"price_busd_per_missing_compute_year": 0.01}, "the rule is missed at its price"),
    ],
)
def test_a_rule_that_cannot_be_kept_leaves_a_plan(options: dict[str, Any], words: str) -> None:
    """Law: what cannot be protected is missed, paid for or not served, and no contradiction: there is a plan."""
    found = warnings_of(spoilt(lambda _t, f: rules(f)[0].update(k=3, **options)))
    assert any("lost at once" in one.message and one.message.endswith(words) for one in found)
    assert contradictions_among(found) == []
