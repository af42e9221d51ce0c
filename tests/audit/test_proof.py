"""The law of summaries: status, bound, gap and cost agree, every file is as written, and the rest is said."""

import json
import shutil

import pytest

from planner.api import Case
from planner.audit.folder import audit_folder
from planner.audit.proof import check_proof
from planner.audit.report import Checks

GOOD = {"status": "gap_reached", "cost_busd": 100.0, "bound_busd": 99.6, "gap": 0.004, "gap_target": 0.005}


def lines(**changes):
    """Return what the check says of a summary."""
    checks = Checks()
    check_proof({**GOOD, **changes}, 100.0, checks)
    return checks.report(0.0).lines


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"status": "optimal", "bound_busd": 100.0, "gap": 0.0},
        {"status": "time_limit", "bound_busd": 50.0, "gap": 0.5},
        {"status": "interrupted", "bound_busd": None, "gap": None},
        {"status": "optimal", "cost_busd": 0.0, "bound_busd": 0.0, "gap": 0.0},
        {"status": "time_limit", "cost_busd": 0.0, "bound_busd": -5.0, "gap": None},
        {"cost_busd": -100.0, "bound_busd": -100.4},
        {"unserved_share": 0.2, "unserved_share_bound": 0.2},
        {"unserved_share": 0.2, "unserved_share_bound": None},
        {"status": "time_limit", "bound_busd": None, "gap": None, "unserved_share": 0.2, "unserved_share_bound": 0.1},
    ],
)
def test_summaries_that_agree(changes):
    """What follows from each other passes, negative and zero costs and summaries without a bound included."""
    assert lines(**changes) == ()


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"status": "optimal"}, "status optimal"),
        ({"status": "best"}, "none of"),
        ({"gap_target": 0.001}, "status gap_reached"),
        ({"bound_busd": 101.0, "gap": -0.01}, "bound_busd"),
        ({"gap": 0.0}, "gap"),
        ({"bound_busd": 99.9}, "gap"),
        ({"bound_busd": None, "gap": None}, "no bound"),
        ({"bound_busd": None}, "together"),
        ({"gap": None}, "together"),
        ({"status": "time_limit", "cost_busd": 0.0, "bound_busd": -5.0, "gap": 0.0}, "no relative gap"),
        ({"status": "optimal", "cost_busd": 0.0, "bound_busd": -5.0, "gap": None}, "status optimal"),
        ({"bound_busd": float("nan")}, "can be read"),
        ({"gap": "small"}, "can be read"),
        ({"unserved_share": 0.2, "unserved_share_bound": 0.1}, "least is not proven"),
        ({"unserved_share": 0.2, "unserved_share_bound": 0.3}, "unserved_share_bound"),
        ({"status": "time_limit", "unserved_share": 0.2, "unserved_share_bound": 0.1}, "least is not proven"),
        ({"unserved_share": 0.2, "unserved_share_bound": "none"}, "unserved_share_bound can be read"),
    ],
)
def test_summaries_that_contradict_themselves(changes, word):
    """An optimal plan with a gap, a gap above its target, a bound above the cost and wrong gaps are told."""
    assert any(word in line for line in lines(**changes))


def _costs_nothing(turnover_busd=0.0, **changes):
    checks = Checks()
    nothing = {"status": "optimal", "cost_busd": 0.0, "bound_busd": 0.0, "gap": 0.0}
    check_proof({**GOOD, **nothing, **changes}, turnover_busd, checks, 1e-6)
    return checks.report(0.0).lines


@pytest.mark.parametrize("bound_busd", [-1e-9, -1e-13, 0.0, 1e-15])
def test_the_bound_of_a_plan_that_pays_nothing_is_zero_within_rounding(bound_busd):
    """Where nothing is paid there are no payments to measure rounding by: a price typical of the case does it."""
    assert _costs_nothing(bound_busd=bound_busd) == ()


@pytest.mark.parametrize(
    ("changes", "turnover_busd"),
    [({"bound_busd": -1e-3}, 0.0), ({"bound_busd": 1e-3}, 0.0), ({"bound_busd": -5e-7}, 1.0),
     ({"cost_busd": 1e-6, "bound_busd": 5e-7, "gap": 0.5}, 0.0)],
)  # fmt: skip
def test_what_a_plan_that_pays_nothing_may_differ_by_excuses_no_other(changes, turnover_busd):
    """A bound well off zero, and one of a plan that pays or costs something, are told as before."""
    assert _costs_nothing(turnover_busd, **changes)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A plan folder as it was written."""
    folder = tmp_path_factory.mktemp("whole") / "plan"
    return Case.read("three_sites").solve(gap=0.0, own_process=False).write(folder)


@pytest.fixture
def folder(whole, tmp_path):
    """A copy of it."""
    return shutil.copytree(whole, tmp_path / "plan")


def test_every_file_that_was_touched_is_named(folder):
    """Changed, missing and added files are each named, also where what they say is the same."""
    (folder / "tables" / "spend.csv").write_bytes((folder / "tables" / "spend.csv").read_bytes() + b"\n")
    (folder / "inputs" / "model.toml").write_bytes((folder / "inputs" / "model.toml").read_bytes() + b"# note\n")
    (folder / "inputs" / "more.csv").write_text("a\n1\n", encoding="utf-8")
    (folder / "tables" / "reach.csv").unlink()
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    report = audit_folder(folder)
    assert not report.passed
    for words in ("tables/spend.csv was changed", "inputs/model.toml was changed", "inputs/more.csv was added",
                  "tables/reach.csv is missing"):  # fmt: skip
        assert any(words in line for line in report.lines), words
    assert any("notes.txt" in words for words in report.not_recomputed)


def test_notes_beside_a_plan_do_not_fail_it(folder):
    """A file of the user's beside the plan is named, and the plan passes."""
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    report = audit_folder(folder)
    assert report.passed
    assert any("notes.txt" in words for words in report.not_recomputed)


@pytest.mark.parametrize("key", ["status", "bound_busd", "gap", "gap_target", "case_name", "folder_format", "audit"])
def test_a_lost_manifest_or_key_is_told(folder, key):
    """A manifest taken away is told, and so is a key, even if a new manifest says that all is well."""
    (folder / "manifest.json").unlink()
    assert any("manifest.json is missing" in line for line in audit_folder(folder).lines)
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    if key != "folder_format":
        del summary[key]
        (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
        assert any(f"{key} is missing" in line for line in audit_folder(folder).lines)


def test_what_is_not_recomputed_is_said(folder):
    """The audit says which figures it takes as they are: the bound, the solver's seconds, options and versions."""
    said = " ".join(audit_folder(folder).not_recomputed)
    for word in ("bound_busd", "solver_seconds", "seconds", "versions", "seed", "redundancy"):
        assert word in said
    assert "cost_busd" not in said


def test_a_plan_of_an_earlier_version_still_opens(folder):
    """A folder without manifest passes its audit, which says that changes cannot be told."""
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    del summary["folder_format"]
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    (folder / "manifest.json").unlink()
    report = audit_folder(folder)
    assert report.passed
    assert any("earlier version" in words for words in report.not_recomputed)
