"""A plan that somebody has is replaced by a better one only, or where it was asked for, and always told of."""

import json

import pytest

from planner.cli.standing import REPLAN, for_replan
from planner.errors import PlannerError
from planner.system.folders import examine
from tests.cli.fake_plan import FakePlan

DEFAULT = "plans/hand-01234567"


def plan(**summary):
    """Return a plan with these figures."""
    made = FakePlan()
    made.summary |= summary
    return made


def cost_in(folder):
    """Return the cost of the plan in a folder."""
    return json.loads((folder / "summary.json").read_text(encoding="utf-8"))["cost_busd"]


@pytest.mark.parametrize("worse", [{"cost_busd": 320.0}, {"gap": 0.02}, {"unserved_share": 0.1}, {"gap": None}])
def test_a_better_plan_stays_in_the_default_folder(run, stand_in, tmp_path, worse):
    """A plan that is worse in anything goes beside the one of the same case, and text and JSON say so."""
    stand_in(plan=plan())
    assert run("solve", "hand", "-q").code == 0
    stand_in(plan=plan(**worse))
    told = run("solve", "hand", "-q").out
    assert told.splitlines()[-1].endswith(f"{DEFAULT}-2")
    assert f"{DEFAULT} holds a better plan of this case" in told
    assert cost_in(tmp_path / DEFAULT) == 312.4
    document = run("solve", "hand", "--json").document()
    assert document["folder"] == f"{DEFAULT}-2"
    assert "$312.400B, gap 0.096%" in document["problems"][0]["message"]
    assert document["replaced"]["cost_busd"] == worse.get("cost_busd", 312.4), "its own equal is replaced, and told"


def test_what_is_replaced_is_told(run, stand_in, tmp_path):
    """An equal or better plan of the same case replaces the one there, with its date, cost and gap told."""
    stand_in(plan=plan())
    assert "Replaced" not in run("solve", "hand", "-q").out
    stand_in(plan=plan(cost_busd=300.0, gap=0.0))
    told = run("solve", "hand", "-q").out
    assert "Replaced the plan of 2" in told
    assert "$312.400B, gap 0.096%" in told
    assert cost_in(tmp_path / DEFAULT) == 300.0


def test_a_named_folder_of_another_case_is_told(run, stand_in):
    """With --out a plan of another case is replaced as asked, and the case of what is gone is named."""
    stand_in(plan=plan(case_name="other", case_hash="fedcba9876543210"))
    assert run("solve", "hand", "-q", "--out", "p").code == 0
    stand_in(plan=plan())
    assert "the plan of another case (other, hash fedcba98)" in run("solve", "hand", "-q", "--out", "p").out


def test_a_replan_is_kept_from_a_solve(run, stand_in, tmp_path):
    """Neither a replan nor another case's plan in the default folder is replaced by a solve."""
    for number, kept in enumerate(({REPLAN: {}}, {"case_hash": "01234567ffff"})):
        folder = tmp_path / str(number) / DEFAULT
        plan(**kept, cost_busd=999.0).write(examine(folder))
        stand_in(plan=plan())
        document = run("solve", "hand", "--json", "--out", folder.parent / "x").document()
        assert document["replaced"] is None
        plan(**kept, cost_busd=999.0).write(examine(tmp_path / DEFAULT))
        assert run("solve", "hand", "--json").document()["folder"] == f"{DEFAULT}-2"
        assert cost_in(tmp_path / DEFAULT) == 999.0


def test_a_replan_is_never_written_over_its_input_or_another_plan(tmp_path):
    """By default a replan finds a free name or a replan of its case; a named folder with another plan is refused."""
    source = tmp_path / "a-replan"
    plan(**{REPLAN: {}}, case_hash="h").write(examine(source))
    assert for_replan(examine(source), source, "h", named=False).path.name == "a-replan-2"
    with pytest.raises(PlannerError, match="is the plan that is planned again"):
        for_replan(examine(source), tmp_path / "." / "a-replan", "h", named=True)
    optimum = tmp_path / "optimum"
    plan(case_hash="h").write(examine(optimum))
    with pytest.raises(PlannerError, match="a replan replaces only a replan of the same case"):
        for_replan(examine(optimum), source, "h", named=True)
    assert for_replan(examine(optimum), source, "h", named=False).path.name == "optimum-2"
    again = tmp_path / "again"
    plan(**{REPLAN: {}}, case_hash="h").write(examine(again))
    assert for_replan(examine(again), source, "h", named=True).path.name == "again"
    assert for_replan(examine(again), source, "h", named=False).path.name == "again"


def test_replan_keeps_the_plan_it_starts_from(run, solved_folder, tmp_path, monkeypatch):
    """A replan without news has the hash of its own plan: it goes to a folder of its own, and the plan stays."""
    monkeypatch.chdir(tmp_path)
    before = {file: file.read_bytes() for file in solved_folder.rglob("*") if file.is_file()}
    words = ("replan", solved_folder, "--committed-until", "2026-07-01", "--gap", "0")
    refused = run(*words, "--out", solved_folder)
    assert refused.code == 1
    assert "is the plan that is planned again" in refused.err
    document = run(*words, "--json").document()
    assert document["folder"].startswith("plans/three_sites-")
    assert document["folder"].endswith("-replan")
    assert {file: file.read_bytes() for file in solved_folder.rglob("*") if file.is_file()} == before
