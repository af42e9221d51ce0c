"""Corrupted cases: a fixed draw over every file of every case, and the command that draws more of them."""

from collections import Counter
from pathlib import Path

import pytest

from tests.fuzz.__main__ import main, told
from tests.fuzz.mutations import AND, mutations, places, spoilt
from tests.fuzz.pool import try_all
from tests.fuzz.runs import Outcome
from tests.fuzz.sources import names, source
from tests.length import AT_LENGTH

SMALL = ["four_campuses", "rich", "starter", "three_sites"]
BIG = ["site_allocation", "stargate", "stargate_2026", "stargate_risks", "stargate_to_2030"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cases", "count", "pairs"), [(SMALL, 500, 200), (BIG, 150, 0)] if AT_LENGTH else [(SMALL, 200, 80), (BIG, 60, 0)]
)
def test_no_corruption_ends_in_a_fault(cases: list[str], count: int, pairs: int) -> None:
    """Law: a corrupted case ends in exit 2 for `check` and `solve`, or in 0 and in 0, 3, 4 or 5; with nothing odd.

    Of 260 corruptions; of 650 at length.
    """
    drawn = mutations(cases, each=1, seed=2026, pairs=pairs, count=count)
    outcomes = list(try_all(drawn, jobs=1, limit_s=3.0, patience_s=120.0))
    assert len(outcomes) == count
    faults = [told(outcome) for outcome in outcomes if outcome.faults]
    assert not faults, "\n".join(faults)
    kinds = Counter(outcome.kind for outcome in outcomes)
    assert kinds["check 0, solve 0"] > count // 20  # the draw reaches the solver


def test_every_cell_row_and_key_is_a_place() -> None:
    """Law: nothing of a case is left out: each cell, row and column of a table, each key and line of a TOML file."""
    case = source("three_sites")
    found = {place.name.removeprefix("three_sites/") for place in places(case)}
    header, *rows = [line.split(",") for line in case.files["energisation.csv"].splitlines()]
    for number, _ in enumerate(rows, start=2):
        assert {f"energisation.csv/row {number} {name}" for name in header} <= found
        assert f"energisation.csv/row {number}" in found
    assert {f"energisation.csv/header {name}" for name in header} <= found
    assert {"model.toml/key families.redundancy.rules.0.k", "model.toml/key families", "model.toml/line 1"} <= found
    assert {f"{file}/file" for file in case.files} <= found
    assert set(names()) == {*SMALL, *BIG}


def test_a_name_tells_the_mutation() -> None:
    """Law: a mutation is made again from its name, the same each time, and changes its own file only."""
    for name in mutations(["three_sites"], each=1, seed=5, pairs=20, count=60):
        first, again, sound = spoilt(name), spoilt(name), source("three_sites").files
        assert first == again
        changed = {file for file in sound if first.get(file) != sound[file]}
        assert changed == {part.split("/")[1] for part in name.split(AND)}
    with pytest.raises(ValueError, match="no such spoil"):
        spoilt("three_sites/sites.csv/file/painted green")
    with pytest.raises(ValueError, match="no such place"):
        spoilt("three_sites/sites.csv/row 99/drop")


def test_the_draw_is_fixed() -> None:
    """Law: one seed gives one draw, another seed another."""
    assert mutations(["three_sites"], 1, 3, 5, 40) == mutations(["three_sites"], 1, 3, 5, 40)
    assert mutations(["three_sites"], 1, 3, 5, 40) != mutations(["three_sites"], 1, 4, 5, 40)


@pytest.mark.slow
def test_only_writes_the_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Law: what a finding prints runs that mutation again, or writes its case into a folder."""
    name = "three_sites/sites.csv/row 2 max_it_mw/word"
    assert main(["--only", name, "--write", str(tmp_path / "case")]) == 0
    assert ",abc," in (tmp_path / "case" / "sites.csv").read_text()
    assert f"--only '{name}'" in told(Outcome(name, faults=["as a test"]))
    assert main(["--only", name, "--jobs", "1"]) == 0
    assert f"{name}: check 2, solve 2" in capsys.readouterr().out
