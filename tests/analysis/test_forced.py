"""Every study of a case that forces decisions answers for that case: as a direct solve with constraints of our own."""

import json
from datetime import date

import pyomo.environ as pyo
import pytest

from planner import Case, attribute, break_even, entry_price, replan, sweep
from planner.analysis.front import front
from planner.analysis.redundancy_cost import cost_of_rules
from planner.analysis.redundancy_curve import cost_curve
from planner.analysis.tornado import tornado
from planner.changes.apply import make_whatif
from planner.cli import main
from planner.errors import InfeasibleError
from planner.options import SolveOptions
from planner.program import columns
from planner.program.family import Family
from planner.program.terms import Sum
from planner.runs.variants import Runner
from tests.analysis.here import runs_here

BLOCKS = 4
FORCE = {"op": "force", "offer": "south_cloud", "by": 2026, "blocks": BLOCKS}
RENT = "offers[south_cloud].rent_musd_per_mw_year"


def _build(m, _data, _ledger):
    """Hold the blocks of the south that start in the first year: by hand, not as the program does it."""
    total = Sum()
    for (offer, _, start, _), variable in columns.BLOCKS.of(m).items():
        if offer == "south_cloud" and start == 0:
            total.add(1.0, variable)
    m.c_by_hand = pyo.Constraint(expr=total.at_least(float(BLOCKS)))


BY_HAND = Family("by_hand", _build, requires=("contract",))


@pytest.fixture(scope="module")
def base():
    """The case that is worked out on paper."""
    return Case.read("three_sites")


@pytest.fixture(scope="module")
def forced(base):
    """The same, forced to sign blocks in the south."""
    return base.what_if([FORCE])


@pytest.fixture(scope="module")
def exact():
    """One runner at a gap of nil, whose answers all tests share."""
    return Runner(SolveOptions(gap=0.0))


def direct(base, *changes):
    """Return the least cost of a changed case with the decision held by hand."""
    case = base.what_if(list(changes)) if changes else base
    plan = case.solve(gap=0.0, families=(BY_HAND,), own_process=False)
    return pytest.approx(plan.summary["cost_busd"], rel=1e-9)


def test_the_force_costs_something(base, forced, exact):
    """Law: a forced decision that nobody wants makes the plan dearer, by as much as holding it by hand does."""
    free, held = (exact.solve(case, "x").cost_busd for case in (base, forced))
    assert held > free + 1e-3
    assert held == direct(base)
    assert forced.solve(gap=0.0, own_process=False).summary["forced"] == [FORCE]


@pytest.mark.slow
def test_front(base, forced, exact):
    """Law: every point of a front keeps what the case forces."""
    shares = front(forced, "critical_share", (0.8, 0.5), runner=exact)
    assert [row["cost_busd"] for row in shares.rows] == [
        direct(base, f"model.families.redundancy.rules[0].critical_share={share}") for share in (0.5, 0.8)
    ]
    assert front(forced, "unserved", (0.0,), runner=exact).rows[0]["cost_busd"] == direct(base)
    assert front(forced, "budget", (1.0,), runner=exact).rows[0]["cost_busd"] == direct(base)
    assert front(forced, "gw_date", (2026.0,), gw=0.05, runner=exact).rows[0]["cost_busd"] == direct(base)
    assert front(forced, "carbon", (5.0,), runner=exact).rows[0]["cost_busd"] == direct(base)


@pytest.mark.slow
def test_tornado(base, forced, exact):
    """Law: base and ends of a tornado keep what the case forces."""
    ranged = Case.of(forced.replace(ranges={"offers": {"south_cloud": {"rent_musd_per_mw_year": (11.0, 13.0)}}}))
    found = tornado(ranged, runner=exact)
    assert found.base.summary["cost_busd"] == direct(base)
    costs = {row["end"]: row["cost_busd"] for row in found.rows}
    assert costs == {"low": direct(base, f"{RENT}=11"), "high": direct(base, f"{RENT}=13")}


@pytest.mark.slow
@pytest.mark.parametrize("order", ["given", "shapley"])
def test_attribute(base, forced, exact, order):
    """Law: both ends of an attribution keep what the case forces; a what-if that forces is a change like any other."""
    found = attribute(forced, [("rent", [f"{RENT}=13"]), ("none", [f"{RENT}=13"])], order, runner=exact)
    assert found.base.summary["cost_busd"] == direct(base)
    assert found.changed.summary["cost_busd"] == direct(base, f"{RENT}=13")
    parts = [("rent", [f"{RENT}=13"]), ("force", make_whatif([FORCE], "force"))]
    both = attribute(base, parts, order, runner=exact)
    assert both.base.summary["cost_busd"] == pytest.approx(4.05)
    assert both.changed.summary["cost_busd"] == direct(base, f"{RENT}=13")


@pytest.mark.slow
def test_break_even(base, forced, exact):
    """Law: the contracts that a break-even keeps are those of the forced plan, at every value tried."""
    found = break_even(forced, RENT, 8.0, 40.0, tolerance=0.5, runner=exact)
    free = break_even(base, RENT, 8.0, 40.0, tolerance=0.5, runner=exact)
    assert (found.below.last_same, found.above.last_same) != (free.below.last_same, free.above.last_same)
    edge = found.below.first_changed if found.below.first_changed is not None else found.above.first_changed
    assert edge is not None
    for value in (found.below.last_same, edge):
        assert exact.solve(forced.what_if([f"{RENT}={value}"]), "x").cost_busd == direct(base, f"{RENT}={value}")


@pytest.mark.slow
def test_entry_price(base, forced, exact):
    """Law: the plans without an offer keep what the case forces; a forced offer is needed at any price."""
    place, no_rule = "offers[north_cloud].rent_musd_per_mw_year", {"op": "relax", "model": "families.redundancy"}
    found = entry_price(forced.what_if([no_rule]), place, 5.0, 12.0, tolerance=1.0, runner=exact)
    banned = {"op": "drop", "table": "offers", "key": "north_cloud"}
    assert found.cost_without_busd == direct(base, no_rule, banned)
    with pytest.raises(InfeasibleError, match="the case forces it"):
        entry_price(forced, RENT, 5.0, 15.0, runner=exact)


@pytest.mark.slow
def test_protect(base, forced):
    """Law: the cost of rules and the curve are those of the forced case."""
    rules = cost_of_rules(forced, gap=0.0)
    costs = {variant.dropped: variant.cost_busd for variant in rules.variants}
    assert costs == {
        "none": direct(base),
        "all": direct(base, {"op": "relax", "model": "families.redundancy"}),
    }
    (point,) = cost_curve(forced, [0.5], gap=0.0)
    assert point.cost_busd == direct(base, "model.families.redundancy.rules[0].critical_share=0.5")


@pytest.mark.slow
def test_sweep(base, forced):
    """Law: a sweep may start from a case that forces; each of its runs keeps that and what its what-if adds."""
    whatifs = {"dear": [f"{RENT}=13"], "free": [{"op": "relax", "model": "forced"}]}
    with runs_here():
        found = sweep(forced, whatifs, gap=0.0, start=False)
    costs = found.summary()["cost"]
    assert costs["base"] == direct(base)
    assert costs["dear"] == direct(base, f"{RENT}=13")
    assert costs["free"] == pytest.approx(4.05)
    assert found.plan("dear").summary["forced"] == [FORCE]


@pytest.mark.slow
def test_replan(base, forced, exact):
    """Law: news keep what the old plan was forced to do, until they take it away."""
    old = forced.solve(gap=0.0, own_process=False)
    found = replan(old, [f"{RENT}=13"], date(2026, 1, 1), runner=exact)
    assert found.plans["free"].summary["cost_busd"] == direct(base, f"{RENT}=13")
    assert all(plan.summary["forced"] == [FORCE] for plan in found.plans.values())
    freed = replan(old, ["model.forced="], date(2026, 1, 1), least_churn=False, runner=exact)
    assert freed.plans["free"].summary["cost_busd"] == pytest.approx(4.05)


@pytest.mark.slow
def test_folders_and_what_if_files(base, forced, tmp_path, monkeypatch, capsys):
    """Law: forced cases have folders of their own, and forced news reach the plan that is written."""
    monkeypatch.chdir(tmp_path)
    assert main(["solve", "three_sites", "--gap", "0", "--json"]) == 0
    free = json.loads(capsys.readouterr().out)
    text = f'model.forced=[{{offer = "south_cloud", by = 2026, blocks = {BLOCKS}}}]'
    assert main(["solve", "three_sites", "--gap", "0", "--json", "--set", text]) == 0
    held = json.loads(capsys.readouterr().out)
    assert held["case_hash"] == forced.hash != base.hash == free["case_hash"]
    assert held["folder"] != free["folder"]
    assert held["cost_busd"] == direct(base)
    news = tmp_path / "news.toml"
    news.write_text(
        f'format = 1\n[[whatif]]\nname = "south"\nchanges = [{{op = "force", offer = "south_cloud", by = 2026, '
        f"blocks = {BLOCKS}}}]\n",
        encoding="utf-8",
    )
    words = ["replan", free["folder"], "--committed-until", "2026-01-01", "--whatifs", str(news), "--gap", "0"]
    assert main([*words, "--set", f"{RENT}=13", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["strategies"][0]["cost_busd"] == direct(base, f"{RENT}=13")
    assert found["folder"] not in (free["folder"], held["folder"])
    assert main(["compare", free["folder"], held["folder"], "--json"]) == 0
    assert [*json.loads(capsys.readouterr().out)["forced"].values()] == [[], [FORCE]]
    assert main(["audit", found["folder"]]) == 0
    assert main(["show", held["folder"]]) == 0
    assert "offer south_cloud" in capsys.readouterr().out
