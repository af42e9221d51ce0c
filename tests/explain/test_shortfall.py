"""Why rules cannot hold: shares worked out by hand."""

from typing import Any

import pytest

from planner.case.case import CaseData
from planner.explain.shortfall import shortfalls
from tests.program.tiny import lease, market, site, tiny

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


def test_whole_blocks_are_another_reason() -> None:
    """Rules that could hold were blocks divisible are no shortfall: it is the blocks."""
    reason = shortfalls(case({"a": 10, "b": 10}, {"name": "any site", "critical_share": 0.5}))
    assert (reason.kind, reason.shortfalls) == ("whole_blocks", ())
    assert "divisible" in reason.text


def test_a_case_without_rules_has_another_reason() -> None:
    """Without redundancy rules it cannot be them."""
    assert shortfalls(tiny(100.0)).kind == "other"
