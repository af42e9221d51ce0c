"""The price of entry of what begins in one period, and its account: only what is proven of that start is stated."""

from dataclasses import replace
from typing import Any

import pytest

from planner.explain.why_entry import LESS_UNKNOWN, NO_PRICE_COUNTS, NOT_FOR_NOTHING, SEVERAL_PRICES
from planner.explain.why_text import why_lines
from tests.explain.test_why import SITES, asked, two_sites
from tests.program.tiny import CASH, cash, lease, own, site, solve, tiny


def test_one_period_of_what_is_in_the_plan_has_no_price_of_entry_and_no_account() -> None:
    """Law: plans without a start have the price too where the plan has others; nor are these apart at the margin."""
    offers = (lease("cheap", "a", max_blocks=10, term_years=1.0), lease("dear", "b", term_years=1.0,
                                                                         rent_musd_per_mw_year=12.0))  # fmt: skip
    found = asked(solve(tiny((100.0, 150.0), periods=2, sites=SITES, offers=offers)), "b@2026")
    assert found.difference_busd == pytest.approx(0.02, abs=1e-8)
    assert found.entry is None
    assert found.account == ()
    assert any("no price of entry: one of a single period" in line for line in why_lines(found, "2027"))


def test_one_period_of_what_the_plan_has_not_is_proven_to_stay_out_and_not_to_enter() -> None:
    """Law: at a lower price plans without this start may have others; what is proven is where it stays out."""
    entry = asked(solve(two_sites()), "b@2026").entry
    assert entry is not None
    assert entry.enters_at is None
    assert entry.stays_out_at is not None


@pytest.mark.parametrize(
    ("dear", "note"),
    [
        (
            lease("dear", "b", rent_musd_per_mw_year=12.0),
            LESS_UNKNOWN,
        ),  # at a price of zero, one block fits into the cash
        (lease("dear", "b", block_it_mw=30.0), NOT_FOR_NOTHING),  # the site has room for 20 IT MW
        (lease("dear", "b", max_blocks=0), NO_PRICE_COUNTS),
    ],
)
def test_what_no_plan_can_have_says_whether_a_lower_price_would_do(dear: dict[str, Any], note: str) -> None:
    """Law: no price is said to be too high only where the case with a price of zero has no plan either: by hand."""
    sites, offers = (site("a"), site("b", max_it_mw=20.0)), (lease("cheap", "a"), dear)
    case = tiny(100.0, sites=sites, offers=offers, families={"budget": CASH}, budget=cash(1, 1.01))
    found = asked(solve(case), "b")
    assert found.finding == "infeasible"
    assert (found.entry, found.entry_note) == (None, note)
    assert f"  {note}" in why_lines(found, "2026")


def test_offers_of_two_kinds_of_price_have_no_price_of_entry() -> None:
    """Law: rent and capex are not moved together; that nothing is stated then is said."""
    offers = (lease("cheap", "a"), lease("dear", "b", rent_musd_per_mw_year=12.0), own("own", "b"))
    found = asked(solve(tiny(100.0, sites=SITES, offers=offers)), "b")
    assert (found.entry, found.entry_note) == (None, SEVERAL_PRICES)
    assert f"  {SEVERAL_PRICES}" in why_lines(found, "2026")


def test_where_no_price_is_proven_to_be_low_enough_the_reason_is_said() -> None:
    """Law: that no price is proven to be low enough has its reason beside it."""
    found = asked(solve(two_sites()), "b")
    assert "not proven to enter" not in "\n".join(why_lines(found, "2026"))
    assert found.entry is not None
    entry = replace(found.entry, enters_at=None)
    without = replace(found, cost_busd=None, difference_busd=None, plan=None, entry=entry)
    assert "not proven to enter at any, as no plan with it was found" in "\n".join(why_lines(without, "2026"))
    even = replace(found, entry=entry)
    assert entry.found_at is not None
    assert "not proven to enter at any, as even at a price of zero the plan found may cost more" in "\n".join(
        why_lines(even, "2026")
    )
