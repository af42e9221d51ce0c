"""Head-room on paper: a redundancy rule that loses nothing and asks for more than demand (section 8)."""

import pytest

from planner import Case
from planner.analysis.redundancy_cost import cost_of_rules
from planner.analysis.redundancy_curve import with_share
from planner.audit import audit
from planner.errors import CaseError, OptionError
from planner.explain.shortfall import shortfalls
from planner.report.binding import find_bindings
from tests.length import thinned
from tests.program.tiny import chip, cost, lease, market, site, solve, tiny

BOTH = ("primary", "backup")


def spike(share=1.5, **more):
    """A rule that loses nothing."""
    return {"name": "spike", "domain": "none", "critical_share": share, **more}


def rules(*given):
    """The families of a case with some rules."""
    return {"redundancy": {"rules": list(given)}}


def test_headroom_is_carried_by_primary_and_backup_together():
    """60 of demand and a spike to 1.5 times: 90 IT MW in blocks of 10; backup is cheaper and holds the rest."""
    offers = [lease(), lease("spare", roles=("backup",), rent_musd_per_mw_year=4.0)]
    plan = solve(tiny(60.0, offers=offers, families=rules(spike())))
    assert plan.cost_busd == pytest.approx(0.6 + 0.3 * 0.4)
    roles = plan.capacity.groupby("role")["it_mw"].sum()
    assert roles.to_dict() == {"primary": 60.0, "backup": 30.0}


def test_a_share_of_one_asks_for_no_more_than_serving_does():
    """What serves all demand carries all of it: the rule costs nothing at 1."""
    assert cost(tiny(60.0, families=rules(spike(1.0)))) == pytest.approx(cost(tiny(60.0)))


def test_by_market_and_workload():
    """Training 40, inference 20 of m that doubles and 20 of n at 1.5: 110 at once; 1.25 of training alone: 50 + 40."""
    demand = [
        {"market": name, "workload": workload, "year": 2026, "compute": compute}
        for name, workload, compute in (("m", "training", 40.0), ("m", "inference", 20.0), ("n", "inference", 20.0))
    ]
    override = {"market": "m", "workload": "inference", "share": 2.0}
    shares = {"training": 1.0, "inference": 1.5}

    def at(rule):
        return cost(tiny(markets=[market("m"), market("n")], demand_rows=demand, families=rules(rule)))

    assert at(spike(shares, overrides=[override])) == pytest.approx(1.1)
    assert at(spike({"training": 1.25, "inference": 1.0})) == pytest.approx(0.9)
    assert at(spike({"training": 0.0, "inference": 1.5})) == pytest.approx(0.8)


def test_it_holds_in_its_years():
    """From 2027 only: six blocks in 2026, nine in 2027."""
    plan = solve(tiny(60.0, periods=2, families=rules(spike(first_year=2027))))
    assert plan.capacity.groupby("period")["it_mw"].sum().to_dict() == {2026: 60.0, 2027: 90.0}
    assert plan.cost_busd == pytest.approx(1.5)


def test_sites_that_may_not_serve_do_not_help():
    """The cut of one market: only the site in its country carries its spike, however much stands elsewhere."""
    demand = [{"market": name, "workload": "inference", "year": 2026, "compute": 40.0} for name in "mn"]
    sites, offers = [site("a"), site("b", country="FR")], [lease("x", "a", rent_musd_per_mw_year=20.0), lease("y", "b")]
    markets = [market("m", residency=("US",)), market("n")]
    override = {"market": "m", "workload": "inference", "share": 2.0}
    case = tiny(sites=sites, offers=offers, markets=markets, demand_rows=demand,
                families=rules(spike(1.0, overrides=[override])))  # fmt: skip
    assert cost(case) == pytest.approx(8 * 0.2 + 4 * 0.1)


def test_margins_and_what_binds_are_told_as_of_other_rules():
    """One row per period, called nothing; no margin in blocks of 10, and 10 of a signed 100."""
    plan = solve(tiny(60.0, families=rules(spike())))
    assert plan.contingencies[["rule", "contingency", "lost_it_mw", "surviving_it_mw", "critical_compute",
                               "margin_compute", "binding"]].values.tolist() == [
        ["spike", "nothing", 0.0, 90.0, 90.0, 0.0, "yes"]
    ]  # fmt: skip
    assert plan.recovery["compute"].sum() == 90.0
    assert ("redundancy", "spike") in {(one.kind, one.place) for one in find_bindings(plan)}
    signed = {
        "contract": "signed", "offer": "lease", "role": "primary", "it_mw": 100.0, "chip": "chip",
        "start_date": "2025-01-01", "end_date": "2030-01-01", "rent_musd_per_mw_year": 1.0,
    }  # fmt: skip
    spare = solve(tiny(60.0, contracts=[signed], families=rules(spike()))).contingencies
    assert spare[["margin_compute", "binding"]].values.tolist() == [[10.0, "no"]]


def test_protect_tells_its_cost_and_its_price():
    """Without the rule three blocks less; the next unit of the spike costs $10M."""
    found = cost_of_rules(tiny(60.0, families=rules(spike())), gap=0.0)
    assert [(one.dropped, one.saved_busd) for one in found.variants] == [("none", 0.0), ("all", pytest.approx(0.3))]
    assert [(one.rule, one.contingency) for one in found.binding] == [("spike", "nothing")]


@pytest.mark.parametrize("other", thinned([(), ({"name": "any site", "domain": "site", "critical_share": 0.8},)], 2))
def test_more_headroom_never_costs_less(other):
    """Direction, alone and beside a rule that loses a site."""
    sites, offers = [site(name) for name in "abc"], [lease(f"at_{name}", name, roles=BOTH) for name in "abc"]
    costs = [cost(tiny(60.0, sites=sites, offers=offers, families=rules(spike(share), *other)))
             for share in (0.5, 1.0, 1.2, 1.5, 2.0)]  # fmt: skip
    assert costs == sorted(costs)
    assert costs[-1] > costs[0]


def test_headroom_beside_a_loss_is_one_stock():
    """Three equal sites for 60: N-1 alone holds 90, head-room to 1.5 alone holds 90, both together no more than 90."""
    sites, offers = [site(name) for name in "abc"], [lease(f"at_{name}", name, roles=BOTH) for name in "abc"]
    loss = {"name": "any site", "domain": "site", "critical_share": 1.0}
    assert cost(tiny(60.0, sites=sites, offers=offers, families=rules(loss))) == pytest.approx(0.9)
    assert cost(tiny(60.0, sites=sites, offers=offers, families=rules(loss, spike()))) == pytest.approx(0.9)


def test_chips_that_differ_by_workload():
    """Without a common measure of the workloads the rule is a small linear program: 30 more on the better chip."""
    chips = [chip(), chip("fast", training_compute_per_it_mw=1.0, inference_compute_per_it_mw=2.0)]
    offers = [lease(), lease("other", chips=("fast",), rent_musd_per_mw_year=30.0)]
    demand = [{"market": "m", "workload": w, "year": 2026, "compute": 30.0} for w in ("training", "inference")]
    case = tiny(chips=chips, offers=offers, demand_rows=demand, families=rules(spike()))
    plan = solve(case)
    assert plan.cost_busd == pytest.approx(0.9)
    assert plan.contingencies["margin_compute"].tolist() == [pytest.approx(0.0, abs=1e-4)]


def test_a_spike_beyond_what_can_be_built_is_told():
    """Eight blocks at most for a spike to 90: ten are missing; refused, and why without a shortfall it cannot be."""
    case = tiny(60.0, offers=[lease(max_blocks=8)], families=rules(spike()))
    plan = solve(case)
    assert plan.shortfalls[["tier", "rule", "amount"]].values.tolist() == [["head-room", "spike", 10.0]]
    hard = solve(tiny(60.0, offers=[lease(max_blocks=8)], families=rules(spike(shortfall="hard"))))
    assert hard.summary["unserved_share"] == pytest.approx(1 - 80 / 90)
    assert shortfalls(case).text == (
        '"spike" cannot hold in 2026: at least 11.1% of what it asks for cannot be carried although nothing is lost '
        "(m inference)"
    )


def test_the_audit_rejects_a_plan_without_the_headroom():
    """Planted: a plan made without the rule, a row left out, and a row of another name."""
    case = tiny(60.0, families=rules(spike()))
    bare = solve(tiny(60.0))
    failed = {c.name for c in audit(case, bare.tables, bare.summary).checks if not c.passed}
    assert {"spike", "listed"} <= failed
    plan = solve(case)
    assert audit(case, plan.tables, plan.summary).passed
    tables = {name: [dict(row) for row in rows] for name, rows in plan.tables.items()}
    tables["contingencies"][0]["contingency"] = "a"
    assert "contingencies can be read" in {c.name for c in audit(case, tables, plan.summary).checks if not c.passed}


def test_what_is_wrong_is_refused_at_its_key():
    """A share beyond ten, and sites without their domain."""
    with pytest.raises(ValueError, match="less than or equal to 10"):
        tiny(60.0, families=rules(spike(150.0)))
    with pytest.raises(CaseError, match='requires domain = "sites"'):
        tiny(60.0, families=rules(spike(sites=("a",))))


def test_it_is_reached_by_set_and_left_alone_by_curves():
    """The share is set by name; a curve over the shares of losses does not touch head-room."""
    loss = {"name": "any site", "domain": "site", "critical_share": 1.0}
    case = Case.of(tiny(60.0, families=rules(spike(), loss)))
    changed = case.what_if(["model.families.redundancy.rules[spike].critical_share=1.2"])
    assert changed.model.families.redundancy.rules[0].critical_share == 1.2
    shares = [rule.critical_share for rule in with_share(case, 0.5).model.families.redundancy.rules]
    assert shares == [1.5, 0.5]
    with pytest.raises(OptionError, match="loses nothing"):
        with_share(tiny(60.0, families=rules(spike())), 0.5)


@pytest.mark.parametrize("order", [("training", "inference"), ("inference", "training")])
def test_what_is_short_of_head_room_is_the_spike(order):
    """Training 40 at 1.0, users 40 at 1.5, 90 IT MW at most: the 10 that lack are those of the users, in any order."""
    demand = [{"market": "m", "workload": workload, "year": 2026, "compute": 40.0} for workload in order]
    rule = spike({"training": 1.0, "inference": 1.5})
    plan = solve(tiny(sites=[site(max_it_mw=90.0)], demand_rows=demand, families=rules(rule)))
    found = [(row["tier"], row["workload"], row["amount"]) for row in plan.rows("shortfalls")]
    assert found == [("head-room", "inference", pytest.approx(10.0, abs=1e-5))]
    assert plan.summary["audit"]["passed"]


def test_what_the_place_decides_stays_where_it_is():
    """Law: only what capacity carries is moved: training that one site alone may serve stays short of its own."""
    demand = [
        {"market": "m", "workload": "training", "year": 2026, "compute": 40.0},
        {"market": "n", "workload": "inference", "year": 2026, "compute": 20.0},
    ]
    sites = [site("a", max_it_mw=40.0), site("b", country="FR", max_it_mw=100.0)]
    markets = [market("m", residency=("US",)), market("n", residency=("FR",))]
    rule = spike(
        {"training": 1.0, "inference": 1.5}, overrides=[{"market": "m", "workload": "training", "share": 1.25}]
    )
    plan = solve(
        tiny(sites=sites, offers=[lease("x", "a"), lease("y", "b")], markets=markets, demand_rows=demand,
             families=rules(rule))
    )  # fmt: skip
    assert {(row["market"], row["workload"]) for row in plan.rows("shortfalls")} == {("m", "training")}
