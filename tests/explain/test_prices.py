"""Prices of protection: whose they are, in cases worked out by hand, and whatever the rules are called."""

from itertools import pairwise
from typing import Any

import pytest

from planner.case.case import CaseData
from planner.explain.prices import ProtectionPrice, price_of_rule, protection_prices
from planner.options import SolveOptions
from planner.runs.session import solve_case
from tests.length import thinned
from tests.program.tiny import chip, lease, own, site, tiny

EXACT = SolveOptions(gap=0.0, own_process=False)
BOTH = ("primary", "backup")


def case(*names: str, share: float = 0.5) -> CaseData:
    """60 MW of demand, chips bought at 4 sites whose blocks hold more than that; each rule asks a little more."""
    sites = [site(name) for name in "abcd"]
    offers = [own(f"at_{name}", name, roles=BOTH, block_it_mw=50.0, max_blocks=1) for name in "abcd"]
    rules: list[dict[str, Any]] = [
        {"name": name, "domain": "site", "critical_share": share + 0.1 * number} for number, name in enumerate(names)
    ]
    return tiny(60.0, sites=sites, offers=offers, families={"redundancy": {"rules": rules}})


def prices(case: CaseData) -> list[ProtectionPrice]:
    """The prices in the best plan."""
    return protection_prices(solve_case(case, EXACT).point)


@pytest.mark.parametrize("share", thinned([0.85, 0.9, 0.95], 3, 2))
def test_a_price_is_what_the_chips_cost(share: float) -> None:
    """One more unit to protect is half a unit more at each of three sites: one and a half times an IT MW at $0.03B.

    Three sites hold half of what is critical each, so that any two carry it; the loss of each binds, at a third.
    """
    found = prices(case("any site", share=share))
    assert [one.rule for one in found] == ["any site"] * 3
    assert price_of_rule(found, "any site", "2026") == pytest.approx(0.045, rel=1e-6)
    assert price_of_rule(found, "any site", "2027") == 0.0
    assert all(one.price_busd_per_gw == pytest.approx(1000.0 * one.price_busd_per_compute) for one in found)
    assert {round(one.price_busd_per_compute, 9) for one in found} == {0.015}
    assert all(one.critical_compute == pytest.approx(60.0 * share) for one in found)


@pytest.mark.slow
@pytest.mark.parametrize("names", [("site", "site: a"), ("a + b", "a"), ("a: b + c: 2026", "b: 2026")])
def test_prices_do_not_depend_on_names(names: tuple[str, str]) -> None:
    """A rule's prices are its own, though its name is the beginning of another's or looks like a loss."""
    plain = prices(case("first", "second", share=0.9))
    renamed = prices(case(*names, share=0.9))
    called = dict(zip(("first", "second"), names, strict=True))
    assert plain
    assert [(called[one.rule], one.period, one.contingency) for one in plain] == [
        (one.rule, one.period, one.contingency) for one in renamed
    ]
    assert [one.price_busd_per_compute for one in renamed] == pytest.approx(
        [one.price_busd_per_compute for one in plain]
    )


@pytest.mark.slow
def test_the_rule_that_asks_less_has_no_price() -> None:
    """Of two rules on the same domains only the one that asks more can bind."""
    found = prices(case("less", "more", share=0.9))
    assert {one.rule for one in found} == {"more"}
    assert {one.contingency for one in found} <= set("abcd")


def test_protection_that_costs_nothing_has_no_price() -> None:
    """Take-or-pay blocks hold more chips than are asked for: more protection is free until a block more is needed."""
    offers = [lease(f"at_{name}", name, roles=BOTH) for name in "abc"]
    rules = [{"name": "any site", "domain": "site", "critical_share": 0.3}]
    assert (
        prices(tiny(55.0, sites=[site(n) for n in "abc"], offers=offers, families={"redundancy": {"rules": rules}}))
        == []
    )


def test_a_case_without_rules_has_no_prices() -> None:
    """Without redundancy there is nothing to price."""
    assert prices(tiny(60.0, offers=[own()])) == []


@pytest.mark.slow
def test_prices_are_in_order() -> None:
    """Rules in their order, then periods, then the most expensive first."""
    dear = tiny(
        [40.0, 60.0],
        periods=2,
        chips=[chip(life_years=1.0)],
        sites=[site(name) for name in "abcd"],
        offers=[own(f"at_{name}", name, roles=BOTH, block_it_mw=50.0, max_blocks=1) for name in "abcd"],
        families={"redundancy": {"rules": [{"name": "any", "domain": "site", "critical_share": 1.0}]}},
    )
    found = prices(dear)
    assert {one.period for one in found} == {"2026", "2027"}
    for first, second in pairwise(found):
        assert (first.period, -first.price_busd_per_compute) <= (second.period, -second.price_busd_per_compute)
