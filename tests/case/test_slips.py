"""Slips of a unit: each is a warning at its cell that says what would be right, and no plain case has one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from planner.case.case import CaseData
from planner.case.check import check_case
from planner.case.check.slips import SLIPS
from planner.case.read import read_case
from planner.case.starter import write_starter
from planner.errors import Problem
from planner.system.resources import shipped_models
from tests.case.spoil import Spoil, put, spoilt
from tests.length import thinned


def slips(case: CaseData) -> Iterator[Problem]:
    """Every slip of a case."""
    return (problem for slip in SLIPS for problem in slip(case))


def _family(name: str, **options: Any) -> Spoil:
    return lambda _tables, families: families[name].update(options)


def _cluster(_tables: Any, families: dict[str, Any]) -> None:
    families["contiguity"]["rules"][1]["at_least_it_mw"] = 0.15


FOUND: list[tuple[Spoil, str, str, str]] = [
    (
        put("sites", 1, max_it_mw=1.0),
        "offers",
        "block_it_mw",
        "not one block ever fits: south has room for 1 IT MW at most (max_it_mw 1, 500 facility MW energised; IT GW",
    ),
    (put("energisation", 2, facility_mw=2.5), "offers", "block_it_mw", "has room for 2 IT MW at most"),
    (
        put("energisation", 2, facility_mw=0.68),
        "energisation",
        "facility_mw",
        "with blocks of 50 IT MW and more: the figure is in facility MW (0.68 facility GW would be 680)",
    ),
    (put("sites", 1, max_it_mw=0.4), "sites", "max_it_mw", "0.4 IT GW would be 400"),
    (put("contracts", 0, it_mw=0.28), "contracts", "it_mw", "less than 1 IT MW"),
    (put("chips", 0, price_busd_per_gw_it=0.028), "chips", "price_busd_per_gw_it", "below 0.5: 28 meant?"),
    (put("chips", 0, power_w_per_accelerator=1.9), "chips", "power_w_per_accelerator", "below 20: 1900 meant?"),
    (put("offers", 1, rent_musd_per_mw_year=12000.0), "offers", "rent_musd_per_mw_year", "above 500: 12 meant?"),
    (put("offers", 1, rent_musd_per_mw_year=0.012), "offers", "rent_musd_per_mw_year", "below 0.05: 12 meant?"),
    (put("offers", 0, capex_busd_per_gw_it=0.012), "offers", "capex_busd_per_gw_it", "below 0.5: 12 meant?"),
    (put("power_regions", 0, tariff_usd_per_mwh=0.045), "power_regions", "tariff_usd_per_mwh", "below 1: 45 meant?"),
    (put("sites", 1, max_it_mw=1e6), "sites", "max_it_mw", "above 100,000: 1000 meant?"),
    (put("offers", 0, block_it_mw=0.05), "offers", "block_it_mw", "0.05 IT GW would be 50"),
    (
        put("power_regions", 0, firm_facility_mw=0.8),
        "power_regions",
        "firm_facility_mw",
        "0.8 facility GW would be 800",
    ),
    (put("chip_supply", 0, it_mw=0.3), "chip_supply", "it_mw", "0.3 IT GW would be 300"),
    (
        put("programme_steps", 0, at_least_facility_mw=0.25),
        "programme_steps",
        "at_least_facility_mw",
        "0.25 facility GW would be 250",
    ),
    (
        put("programme_steps", 0, at_least_it_mw=None, at_most_it_mw=0.6),
        "programme_steps",
        "at_most_it_mw",
        "0.6 IT GW would be 600",
    ),
    (_cluster, "model", "families.contiguity.rules[1].at_least_it_mw", "0.15 IT GW would be 150"),
    (
        _family("backup_income", market_it_mw=0.5),
        "model",
        "families.backup_income.market_it_mw",
        "less than 1 IT MW",
    ),
    (
        put("budget", 0, cash_burn_busd=5000.0),
        "budget",
        "cash_burn_busd",
        "is in $B: $5,000M would be 5",
    ),
    (
        put("budget", 1, revenue_busd=900.0),
        "budget",
        "revenue_busd",
        "is 22.5 times the 40 of 2026; the figure is in $B ($900M would be 0.9)",
    ),
    (
        put("budget", 2, cash_limit_busd=0.02),
        "budget",
        "cash_limit_busd",
        "is 1/1e+03 of the 20 of 2027; the figure is in $B ($0.02 trillion would be 20)",
    ),
    (put("financing", 0, up_to_busd=2000.0), "financing", "up_to_busd", "$2,000M would be 2"),
    (put("chips", 1, development_cost_busd=500.0), "chips", "development_cost_busd", "$500M would be 0.5"),
    (
        _family("budget", primary_envelope_busd=350_000.0),
        "model",
        "families.budget.primary_envelope_busd",
        "$350,000M would be 350",
    ),
    (
        put("financing", 2, interest_rate_per_year=0.9),
        "financing",
        "interest_rate_per_year",
        "is 90 %; 9 % would be 0.09",
    ),
    (put("budget", 0, partner_share=0.9), "budget", "partner_share", "9 % would be 0.09"),
    (put("chips", 0, price_growth_per_year=0.9), "chips", "price_growth_per_year", "9 % would be 0.09"),
]


@pytest.mark.parametrize(("spoil", "file", "column", "words"), FOUND, ids=[f"{one[1]}.{one[2]}" for one in FOUND])
def test_a_slip_is_told_at_its_cell_with_what_would_be_right(spoil: Spoil, file: str, column: str, words: str) -> None:
    """Law: a slip is no fault, and its warning names file, row, column and the figure that was probably meant."""
    case = spoilt(spoil)
    assert check_case(case) == []
    found = [one for one in slips(case) if (one.file, one.column) == (file, column)]
    assert any(words in one.message for one in found), "\n".join(map(str, slips(case)))


def test_a_discount_rate_is_one_too() -> None:
    """Law: the rate of the objective is told at its key."""
    case = spoilt(lambda _t, _f: None, objective={"discount_rate_per_year": 0.8})
    assert [one.column for one in slips(case)] == ["objective.discount_rate_per_year"]


def test_a_small_campus_and_a_young_company_are_no_slip() -> None:
    """Law: in a case of blocks below 1 IT MW such figures are meant, and small amounts of money may grow fast."""

    def small(tables: dict[str, list[dict[str, Any]]], _families: dict[str, Any]) -> None:
        for row in tables["offers"]:
            row["block_it_mw"] = 0.25
        tables["sites"][1]["max_it_mw"] = 0.9
        tables["contracts"][0]["it_mw"] = 0.5
        for row, busd in zip(tables["budget"], (0.05, 1.2, 9.0, 40.0), strict=True):
            row["revenue_busd"] = busd

    assert list(slips(spoilt(small))) == []


def test_what_is_signed_or_leaves_no_blocks_may_fill_a_site() -> None:
    """Law: an offer of which no more can be signed is not expected to fit."""
    none = put("offers", 2, max_blocks=0, min_blocks=None, min_blocks_per_start=None)
    assert not list(SLIPS[0](spoilt(lambda t, f: (none(t, f), t["sites"][2].update(max_it_mw=1.0)))))


@pytest.mark.parametrize("name", thinned(shipped_models(), 3))
def test_no_shipped_case_has_one(name: str) -> None:
    """Law: a warning that is raised by what is meant is no warning."""
    assert list(slips(read_case(name))) == []


def test_neither_has_the_starter(tmp_path: Path) -> None:
    """Law: what `planner new` writes is silent."""
    write_starter(tmp_path / "mine")
    assert list(slips(read_case(tmp_path / "mine"))) == []


def test_a_plain_full_case_has_none() -> None:
    """Law: the full case of the tests, with every family and table, is silent."""
    assert list(slips(spoilt(lambda _t, _f: None))) == []
