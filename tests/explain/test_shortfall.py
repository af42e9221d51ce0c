"""Why rules cannot hold: shares worked out by hand."""

from typing import Any

import pytest

from planner.api import Case
from planner.case.case import CaseData
from planner.case.read import read_case
from planner.errors import OptionError
from planner.explain.shortfall import shortfalls
from tests.program.tiny import CASH, cash, lease, market, site, tiny

BOTH = ("primary", "backup")


def case(blocks: dict[str, int], *rules: dict[str, Any], demand: float = 100.0, **more: Any) -> CaseData:
    """A case with so many blocks of 10 MW at each site."""
    offers = [lease(f"at_{name}", name, roles=BOTH, max_blocks=count) for name, count in blocks.items()]
    families = {"redundancy": {"rules": [{"domain": "site", **rule} for rule in rules]}}
    return tiny(demand, sites=[site(name) for name in blocks], offers=offers, families=families, **more)


@pytest.mark.parametrize(
    ("blocks", "share", "missing"),
    [
        ({"a": 3, "b": 3}, 0.5, 20.0 / 50.0),
        ({"a": 3, "b": 3, "c": 3}, 0.9, 30.0 / 90.0),
        ({"a": 8, "b": 2}, 0.5, 30.0 / 50.0),
        ({"a": 9}, 0.5, 1.0),
    ],
)
def test_what_no_plan_can_protect(blocks: dict[str, int], share: float, missing: float) -> None:
    """Least over all plans: critical compute less what stands beside the largest site, all of it installed."""
    reason = shortfalls(case(blocks, {"name": "any site", "critical_share": share}))
    (one,) = reason.shortfalls
    assert reason.kind == "rules"
    assert (one.rule, one.period, one.demands) == ("any site", "2026", ("m inference",))
    assert one.unprotected_share == pytest.approx(missing, rel=1e-6)
    largest = max(blocks.values())
    assert set(one.contingencies) <= {name for name, count in blocks.items() if count == largest}
    assert f"{missing:.1%}" in reason.text


def test_only_the_rules_that_cannot_hold_are_named() -> None:
    """A rule that can be met is no shortfall, though another of the case cannot."""
    rules = ({"name": "mild", "critical_share": 0.2}, {"name": "strict", "critical_share": 0.5})
    reason = shortfalls(case({"a": 3, "b": 3}, *rules))
    assert [one.rule for one in reason.shortfalls] == ["strict"]


def test_the_demand_that_is_not_carried_is_named() -> None:
    """Where one market may be served by one site only, its demand is what the loss of that site leaves unprotected."""
    markets = [market("home", residency=("US",)), market("abroad", residency=("FR",))]
    demand = [{"market": name, "workload": "inference", "year": 2026, "compute": 20.0} for name in ("home", "abroad")]
    offers = [lease(f"at_{name}", name, roles=BOTH) for name in "abc"]
    rules = [{"name": "any site", "domain": "site", "critical_share": 1.0}]
    reason = shortfalls(
        tiny(
            sites=[site("a"), site("b"), site("c", country="FR")],
            offers=offers,
            markets=markets,
            demand_rows=demand,
            families={"redundancy": {"rules": rules}},
        )
    )
    (one,) = reason.shortfalls
    assert (one.demands, one.contingencies) == (("abroad inference",), ("c",))
    assert one.unprotected_share == pytest.approx(0.5)


def test_whole_blocks_are_a_reason_only_where_no_plan_exists() -> None:
    """Law: rules that hold with divisible blocks are blamed on whole blocks only if it is proven that no plan exists.

    Two sites that take 15 IT MW each hold one whole block of 10 IT MW each: the loss of one leaves 10 of the 15 needed.
    """
    rule = {"name": "any site", "critical_share": 1.0}
    roomy = case({"a": 10, "b": 10}, {**rule, "critical_share": 0.5})
    assert (shortfalls(roomy).kind, shortfalls(roomy).shortfalls) == ("feasible", ())
    short = shortfalls(_half_a_block(rule))
    assert (short.kind, short.shortfalls) == ("indivisible_blocks", ())
    assert "divisible" in short.text


def _half_a_block(rule: dict[str, Any]) -> CaseData:
    """15 units of compute to protect against the loss of either of two sites that take 15 IT MW each."""
    offers = [lease(f"at_{name}", name, roles=BOTH) for name in "ab"]
    families = {"redundancy": {"rules": [{"domain": "site", **rule}]}}
    return tiny(15.0, sites=[site(name, max_it_mw=15.0) for name in "ab"], offers=offers, families=families)


def test_a_feasible_case_is_called_feasible_however_it_is_given() -> None:
    """Law: of a case with a plan nothing is said to be short, whether it is given by name or as a Case."""
    for given in ("three_sites", Case.read("three_sites"), read_case("three_sites")):
        assert shortfalls(given).kind == "feasible"
    assert "has a plan" in shortfalls("three_sites").text


def test_a_limit_leaves_it_undecided_and_progress_is_reported() -> None:
    """Law: without time there is no verdict, the reason says why, and no infeasibility is claimed."""
    seen: list[str] = []
    reason = shortfalls("three_sites", time_limit_s=1e-6, on_progress=lambda progress: seen.append(progress.stage))
    assert (reason.kind, reason.shortfalls) == ("undecided", ())
    assert "time limit" in reason.text
    assert seen[:1] == ["unprotected demand"]
    with pytest.raises(OptionError, match="gap 2"):
        shortfalls("three_sites", gap=2.0)


def test_a_case_without_rules_is_feasible_or_has_another_reason() -> None:
    """Law: without redundancy rules it cannot be them; whether it is infeasible at all is found by solving it."""
    assert shortfalls(tiny(100.0)).kind == "feasible"
    for rules in ({}, {"redundancy": {"rules": [{"name": "any site", "domain": "site", "critical_share": 1.0}]}}):
        assert shortfalls(_beyond_the_budget(rules)).kind == "other"


def _beyond_the_budget(rules: dict[str, Any]) -> CaseData:
    """A signed contract whose rent the budget does not allow, under redundancy rules or none."""
    signed = {
        "contract": "signed", "offer": "lease", "role": "primary", "it_mw": 20.0, "chip": "chip",
        "start_date": "2025-01-01", "end_date": "2030-01-01", "rent_musd_per_mw_year": 9.0,
    }  # fmt: skip
    return tiny(0.0, contracts=[signed], families={"budget": CASH, **rules}, budget=cash(1, 0.17))
