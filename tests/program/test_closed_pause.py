"""Pauses after a loss worked out by hand: what of the critical share is left, by workload and market."""

from typing import Any

import pytest

from planner.case.case import CaseData
from planner.changes.apply import apply_changes
from tests.length import thinned
from tests.program.tiny import column, cost, lease, market, site, solve, tiny

BOTH = ("primary", "backup")


def halls(demand: Any = (("m", "training", 100.0),), **rule: Any) -> CaseData:
    """Two sites; 100 units served from a; the loss of either is survived at the share of the rule, outage 60 days."""
    one = {"name": "any site", "domain": "site", "critical_share": 1.0, "outage_days": 60.0, **rule}
    sites = [site("a"), site("b")]
    offers = [lease("a", "a", roles=BOTH), lease("b", "b", roles=BOTH, rent_musd_per_mw_year=20.0)]
    rows = [{"market": m, "workload": w, "year": 2026, "compute": c} for m, w, c in demand]
    markets = [market(m) for m in dict.fromkeys(row[0] for row in demand)]
    return tiny(
        sites=sites, offers=offers, demand_rows=rows, markets=markets, families={"redundancy": {"rules": [one]}}
    )


@pytest.mark.parametrize(
    ("days", "critical", "expected"),
    thinned(
        [
            (0.0, 100.0, 1.0 + 2.0),  # 100 at each
            (15.0, 75.0, 0.8 + 1.6),  # 80 at each: blocks of 10
            (30.0, 50.0, 0.5 + 1.0),  # 50 at each also serve all 100
            (60.0, 0.0, 1.0),  # nothing is critical: 100 at a, where they cost half
            (90.0, 0.0, 1.0),
        ],
        3,
        unpack=True,
    ),
)
def test_a_pause_leaves_the_rest_of_the_outage(days: float, critical: float, expected: float) -> None:
    """Law: 100 x (1 - days / 60) must be carried after either loss, so that many must be at a and at b."""
    case = halls(pause_days={"training": days})
    assert cost(case) == pytest.approx(expected)
    plan = solve(case)
    assert plan.summary["audit"]["passed"]
    if critical:
        assert column(plan, "contingencies", "critical_compute") == pytest.approx([critical, critical])
    shown = [(row["pause_days"], row["critical_share"]) for row in plan.rows("critical_shares")]
    assert shown == ([(days, pytest.approx(critical / 100))] if days else [])


def test_only_the_workload_named_may_pause() -> None:
    """40 of training at half the time, 60 of inference in full: 20 + 60 are critical."""
    case = halls((("m", "training", 40.0), ("m", "inference", 60.0)), pause_days={"training": 30.0})
    assert column(solve(case), "contingencies", "critical_compute") == pytest.approx([80.0, 80.0])


def test_a_market_may_have_a_share_and_a_pause_of_its_own() -> None:
    """Market n: share 0.5 with a pause of 12 of 60 days, 0.4 of 50; market o: no pause; market m: that of the rule."""
    overrides = [
        {"market": "n", "workload": "training", "share": 0.5, "pause_days": 12.0},
        {"market": "o", "workload": "training", "share": 1.0, "pause_days": 0.0},
        {"market": "p", "workload": "training", "share": 0.2},
    ]
    demand = [(name, "training", 50.0) for name in ("m", "n", "o", "p")]
    plan = solve(halls(demand, pause_days={"training": 30.0}, overrides=overrides))
    assert column(plan, "contingencies", "critical_compute") == pytest.approx([25.0 + 20.0 + 50.0 + 5.0] * 2)
    shares = {row["market"]: row["critical_share"] for row in plan.rows("critical_shares")}
    assert shares == {"m": 0.5, "n": 0.4, "p": 0.1}


def test_a_longer_pause_never_costs_more_and_a_longer_outage_never_less() -> None:
    """Law of direction; every key is reached by a change."""
    case = halls(pause_days={"training": 10.0})
    rule = "model.families.redundancy.rules[any site]"
    paused = [cost(apply_changes(case, [f"{rule}.pause_days.training={days}"])) for days in (0, 6, 30, 60)]
    assert paused == sorted(paused, reverse=True)
    assert paused[0] > paused[-1]
    lasting = [cost(apply_changes(case, [f"{rule}.outage_days={days}"])) for days in (10, 20, 100)]
    assert lasting == sorted(lasting)
