"""The law of proofs: a true bound is confirmed by solving again, a false one is refuted, and no limit is hidden."""

import shutil
from dataclasses import replace

import pytest

from planner.api import Case, Plan
from planner.cli import main
from planner.errors import NoPlanError
from planner.explain.bound import prove_bound

COST = 4.05
"""Cost of three_sites, worked out on paper."""


@pytest.fixture(scope="module")
def plan():
    """The plan of the case worked out on paper."""
    return Case.read("three_sites").solve(gap=0.0, own_process=False)


def stating(plan, **summary):
    """The plan with other figures in its summary."""
    return replace(plan, summary={**plan.summary, **summary})


def test_a_true_bound_is_confirmed(plan):
    """The bound of an optimal plan, and a weaker one of a plan within its gap, are proven again."""
    found = prove_bound(plan)
    assert (found.status, found.stated_busd) == ("confirmed", plan.summary["bound_busd"])
    assert found.proven_busd == pytest.approx(COST)
    weaker = stating(plan, status="gap_reached", bound_busd=4.0, gap=0.05 / COST)
    assert prove_bound(weaker).status == "confirmed"


def test_the_bound_of_a_plan_that_pays_nothing_is_confirmed_within_rounding():
    """Where nothing is paid, a bound that is a solver's rounding is zero; one that is money is refuted."""
    changes = ["model.families.redundancy=", "budget[2026].cash_limit_busd=0", "budget[2027].cash_limit_busd=0"]
    idle = Case.read("three_sites", changes=changes).solve(gap=0.0, own_process=False)
    assert idle.summary["cost_busd"] == 0.0
    assert [prove_bound(stating(idle, bound_busd=bound)).status for bound in (0.0, -1e-9, 1e-13, 1e-3)] == [
        *["confirmed"] * 3,
        "refuted",
    ]


def test_a_bound_above_the_least_cost_is_refuted(plan):
    """A dearer plan that claims to be optimal is refuted: there is a cheaper one."""
    dear = Case.read("three_sites", changes=["budget[2026].cash_limit_busd=50"]).solve(gap=0.0, own_process=False)
    false = stating(plan, cost_busd=5.0, bound_busd=5.0, gap=0.0)
    found = prove_bound(false)
    assert found.status == "refuted"
    assert "costs $4.05" in found.reason
    assert dear.summary["audit"]["passed"]


def test_a_bound_that_forced_decisions_raise(plan):
    """What the case forces is in the plan's folder: the dearer bound is confirmed, and would not be without it."""
    case = Case.read("three_sites").what_if([{"op": "force", "offer": "south_cloud", "by": 2026, "blocks": 3}])
    forced = case.solve(gap=0.0, own_process=False)
    assert forced.summary["bound_busd"] > COST + 0.1
    assert prove_bound(forced).status == "confirmed"
    assert prove_bound(replace(forced, case=plan.case)).status == "refuted"


def test_families_of_ones_own_are_not_held_against_a_plan(plan):
    """A bound raised by constraint families that the folder does not hold is not confirmed, and not refuted either."""
    found = prove_bound(stating(plan, cost_busd=5.0, bound_busd=5.0, gap=0.0, families_added=["mine"]))
    assert found.status == "not_confirmed"
    assert "mine" in found.reason


def test_no_bound_and_no_time(plan, monkeypatch):
    """A plan without a bound has nothing to prove; a limit that comes first is said, and is exit code 4."""
    assert prove_bound(stating(plan, bound_busd=None, gap=None)).status == "no_bound"

    def late(*_args, **_options):
        raise NoPlanError("three_sites: the time limit came before any plan was found")

    monkeypatch.setattr(Case, "solve", late)
    found = prove_bound(plan, time_limit_s=1.0)
    assert found.status == "not_confirmed"
    assert "time limit" in found.reason


@pytest.mark.slow
def test_the_command(plan, tmp_path, capsys, monkeypatch):
    """`audit --bound` ends in 0 with the proof, in 1 for a false bound, in 4 when the time is up, and says which."""
    folder = plan.write(tmp_path / "plan")
    assert main(["audit", str(folder), "--bound"]) == 0
    assert "bound confirmed: the least cost is at least $4.050000B" in capsys.readouterr().out
    assert main(["audit", str(folder), "--bound", "--json"]) == 0
    assert '"status": "confirmed"' in capsys.readouterr().out
    assert main(["audit", str(folder), "--time-limit", "3"]) == 1
    capsys.readouterr()
    broken = shutil.copytree(folder, tmp_path / "broken")
    (broken / "tables" / "spend.csv").unlink()
    assert main(["audit", str(broken), "--bound"]) == 1
    assert "bound not proven" in capsys.readouterr().out
    found = Plan.read(folder)
    monkeypatch.setattr(Case, "solve", lambda *_args, **_options: stating(found, status="time_limit", bound_busd=1.0))
    assert main(["audit", str(folder), "--bound", "--time-limit", "1"]) == 4
    assert "not confirmed within the limit" in capsys.readouterr().out
