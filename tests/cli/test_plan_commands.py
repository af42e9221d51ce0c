"""From case to plan and back: ``solve``, ``show`` and ``audit`` for real, on the case checked by hand."""

import csv
import json
import subprocess
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from planner.cli import main
from planner.plan.columns import COLUMNS, TABLES
from tests.length import thinned

SUMMARY = {
    *("status", "cost_busd", "bound_busd", "gap", "gap_target", "unserved_share", "spend_primary_busd"),
    *("spend_backup_busd", "backup_income_busd", "capacity_by_provider", "seconds", "solver_seconds", "audit"),
    *("case_name", "case_hash", "versions"),
}


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Solve the case checked by hand once for all tests of this module: the plan's folder, and what was shown."""
    folder = tmp_path_factory.mktemp("plans") / "three"
    shown = StringIO()
    with redirect_stdout(shown):
        assert main(["solve", "three_sites", "-q", "--out", str(folder)]) == 0
    return folder, shown.getvalue()


@pytest.fixture(scope="module")
def folder(solved: tuple[Path, str]) -> Path:
    """The folder of the plan."""
    return solved[0]


def test_solve_prints_one_document(tmp_path):
    """The command itself: exit code 0, one JSON document with every promised key, nothing on standard error."""
    words = [sys.executable, "-m", "planner", "solve", "three_sites", "--json", "--out", str(tmp_path / "plan")]
    process = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (process.returncode, process.stderr) == (0, "")
    document = json.loads(process.stdout)
    assert document.keys() >= SUMMARY | {"folder", "problems"}
    assert document["audit"]["passed"] is True
    assert document["bound_busd"] <= document["cost_busd"] + 1e-9
    assert set(document["seconds"]) == {"read", "build", "solve", "audit", "total"}


def test_show_shows_what_solve_showed(run, solved):
    """A plan read back shows what was shown when it was made, on 80 columns, and what is known of its figures."""
    folder, shown = solved
    fresh = shown.rsplit("\n\nThe plan is in", 1)[0]
    outcome = run("show", folder)
    shown_later = outcome.out.rstrip().splitlines()
    (figures,) = [line for line in shown_later if line.startswith("  figures ")]
    shown_later.remove(figures)
    assert shown_later == fresh.splitlines()
    summary = run("show", folder, "--json").document()
    assert outcome.code == 0
    assert f"${summary['cost_busd']:,.3f}B" in outcome.out
    assert outcome.out.startswith("three_sites")
    assert max(len(line.rstrip()) for line in outcome.out.splitlines()) <= 80


@pytest.mark.parametrize("name", thinned(sorted(COLUMNS), 5))
def test_show_any_table(run, folder, name):
    """Each table is shown in full, however it is named: columns with a value, units, rows, and all of its file."""
    text = run("show", folder, "--table", name).out
    assert run("show", folder, name).out == text
    lines, file = text.splitlines(), (folder / "tables" / f"{name}.csv").read_text(encoding="utf-8")
    stored = list(csv.DictReader(StringIO(file)))
    used = [column for column in COLUMNS[name] if not stored or any(row[column] for row in stored)]
    assert lines[0].split() == used
    units = any(TABLES[name].columns[column].unit for column in used)
    assert len(stored) + units < len(lines) <= len(stored) + units + 3
    assert run("show", folder, name, "--csv").out == file
    document = run("show", folder, "--table", name, "--json").document()
    assert len(document["rows"]) == len(stored)
    assert all(list(row) == list(COLUMNS[name]) for row in document["rows"])


def test_audit_passes_what_solve_wrote(run, folder):
    """The audit of a plan just made passes, and its cost is the plan's."""
    assert run("audit", folder).code == 0
    document = run("audit", folder, "--json").document()
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert document["passed"] is True
    assert document["cost_busd"] == pytest.approx(summary["cost_busd"], rel=1e-6)


def test_audit_names_what_a_hand_changed(run, folder, tmp_path):
    """A plan edited by hand fails its audit with exit code 1 and a line that says where."""
    copy = tmp_path / "edited"
    for path in folder.rglob("*"):
        if path.is_file():
            (copy / path.relative_to(folder)).parent.mkdir(parents=True, exist_ok=True)
            (copy / path.relative_to(folder)).write_bytes(path.read_bytes())
    table = copy / "tables" / "unserved.csv"
    with table.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    rows[0]["served_compute"] = str(float(rows[0]["served_compute"]) + 1.0)
    with table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    outcome = run("audit", copy)
    assert outcome.code == 1
    assert "FAILED" in outcome.out
    document = run("audit", copy, "--json").document()
    assert document["status"] == "audit_failed"
    assert any("unserved" in problem["message"] or "served" in problem["message"] for problem in document["problems"])


@pytest.mark.parametrize("command", ["show", "audit"])
@pytest.mark.parametrize("kind", ["missing", "empty", "file", "broken"])
def test_what_is_no_plan_is_refused(run, tmp_path, command, kind):
    """A folder that is missing, empty, a file, or holds a broken summary ends in 1 and a message, on both commands."""
    place = tmp_path / "place"
    if kind == "file":
        place.write_text("dear", encoding="utf-8")
    elif kind != "missing":
        place.mkdir()
    if kind == "broken":
        (place / "summary.json").write_text("{", encoding="utf-8")
    outcome = run(command, place)
    assert outcome.code == 1
    assert "place" in outcome.err
    assert "internal error" not in outcome.err


def test_impossible_case_ends_in_3(run, tmp_path):
    """A site forced to open that may hold nothing: proven, exit code 3, no plan is written."""
    out = tmp_path / "none"
    changes = ["--set", "sites[north].max_it_mw=0", "--set", "model.forced=[{site='north',by=2026}]"]
    outcome = run("solve", "three_sites", "--json", "--out", out, *changes)
    assert outcome.code == 3
    assert outcome.document()["status"] == "infeasible"
    assert not out.exists()


def test_what_cannot_all_be_protected_ends_in_0_and_is_named(run, tmp_path):
    """With one block per offer the critical demand cannot survive a loss: a plan that names what it lacks, exit 0."""
    offers = ("north_cloud", "east_cloud", "south_cloud")
    changes = [word for offer in offers for word in ("--set", f"offers[{offer}].max_blocks=1")]
    outcome = run("solve", "three_sites", "--json", "--out", tmp_path / "plan", *changes)
    assert outcome.code == 0
    missing = {one["tier"]: one["amount"] for one in outcome.document()["shortfalls"]}
    assert missing["unserved"] > 0.0
    assert missing["protection"] > 0.0
