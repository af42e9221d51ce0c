"""The price of entry of what begins in one period, and its account: only what is proven of that start is stated."""

import pytest

from planner.explain.why_text import why_lines
from tests.explain.test_why import SITES, asked, two_sites
from tests.program.tiny import lease, solve, tiny


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
