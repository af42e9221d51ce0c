"""A plan folder: an outsider's recheck from its tables alone, and hand edits that the audit names."""

import csv
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from planner import Case
from planner.audit.folder import audit_folder
from tests.cases import make_case

RECHECK = Path(__file__).parents[2] / "docs" / "recheck_redundancy.py"
RULES = [
    {"name": "any one site", "domain": "site", "k": 1, "critical_share": {"training": 0.3, "inference": 0.6}},
    {"name": "any one vendor", "domain": "chip_vendor", "k": 1, "critical_share": 0.2, "first_year": 2028},
]
MARKETS = [{"market": m, "name": m, "single_source": False} for m in ("america", "europe")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan under two rules, written."""
    case = make_case({"markets": MARKETS}, families={"power": {"utilisation": 0.8}, "redundancy": {"rules": RULES}})
    return Case.of(case).solve(gap=0.0, own_process=False).write(tmp_path_factory.mktemp("plans") / "plan")


@pytest.fixture
def edited(folder: Path, tmp_path: Path) -> Callable[[str, Callable[[list[dict[str, Any]]], None]], Path]:
    """Copy the plan with one table changed by hand."""

    def edit(table: str, change: Callable[[list[dict[str, Any]]], None]) -> Path:
        copy = tmp_path / "copy"
        for file in folder.rglob("*"):
            if file.is_file():
                target = copy / file.relative_to(folder)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(file.read_bytes())
        path = copy / "tables" / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            columns, rows = list(reader.fieldnames or ()), list(reader)
        change(rows)
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        return copy

    return edit


def _recheck(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(RECHECK), str(folder), *words], capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_an_outsider_finds_the_same(folder: Path) -> None:
    """Law: capacity, demand and reach as written are enough to recheck every loss, and the recheck can fail."""
    kept = _recheck(folder, "site", "1", "0.3", "0.6", "2026")
    assert kept.returncode == 0, kept.stderr
    with (folder / "tables" / "capacity.csv").open(encoding="utf-8", newline="") as stream:
        there = {(row["period"], row["site"]) for row in csv.DictReader(stream) if float(row["it_mw"]) > 0}
    assert f"{len(there)} losses rechecked" in kept.stdout
    broken = _recheck(folder, "site", "1", "1.0", "1.0", "2026")
    assert broken.returncode == 1
    assert "leaves" in broken.stdout


def test_an_untouched_plan_passes(folder: Path) -> None:
    """Law: what the edits below break is whole before."""
    assert audit_folder(folder).passed


def test_chips_taken_away_break_a_contingency_by_name(
    folder: Path, edited: Callable[[str, Callable[[list[dict[str, Any]]], None]], Path]
) -> None:
    """Law: with the reserve of a binding contingency taken out of the plan, the audit names rule, loss and period."""
    with (folder / "tables" / "contingencies.csv").open(encoding="utf-8", newline="") as stream:
        tight = [row for row in csv.DictReader(stream) if row["binding"] == "yes"]
    assert tight
    last = tight[-1]

    def take(rows: list[dict[str, Any]]) -> None:
        for row in rows:
            if row["period"] == last["period"]:
                row["added_it_mw"], row["stock_it_mw"] = "0", str(max(0.0, float(row["stock_it_mw"]) * 0.5))

    report = audit_folder(edited("installs", take))
    assert not report.passed
    named = [
        line for line in report.lines if last["rule"] in line and last["contingency"] in line and last["period"] in line
    ]
    assert named, report.lines


def test_a_routing_that_uses_what_is_lost_is_named(
    folder: Path, edited: Callable[[str, Callable[[list[dict[str, Any]]], None]], Path]
) -> None:
    """Law: a routing moved to the very site that is lost fails with the name of the contingency."""
    moved: dict[str, str] = {}

    def move(rows: list[dict[str, Any]]) -> None:
        row = next(row for row in rows if row["rule"] == "any one site")
        moved.update(row)
        row["site"] = row["contingency"]

    report = audit_folder(edited("recovery", move))
    assert not report.passed
    assert any(f"losing {moved['contingency']} in {moved['period']}" in line for line in report.lines)
