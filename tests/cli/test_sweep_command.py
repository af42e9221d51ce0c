"""The command `sweep`: list, expansion, JSON, exit codes."""

import json

import pytest

from planner.cli import main
from tests.length import thinned

FILE = """
format = 1
title = "test"
[[whatif]]
name = "cheaper"
title = "Rents fall"
source = "assumed"
grade = "D"
changes = [{ op = "scale", table = "offers", column = "rent_musd_per_mw_year", factor = 0.9 }]
[[whatif]]
name = "no-money"
changes = [{ op = "scale", table = "budget", column = "cash_limit_busd", factor = 0.1 }]
"""


@pytest.fixture
def file(tmp_path):
    """A what-if file."""
    path = tmp_path / "w.toml"
    path.write_text(FILE, encoding="utf-8")
    return str(path)


def test_list_and_expansion(file, capsys):
    """`--list` names every what-if; `--expanded` shows each figure before and after."""
    assert main(["sweep", "three_sites", file, "--list", "--json"]) == 0
    assert [whatif["name"] for whatif in json.loads(capsys.readouterr().out)["whatifs"]] == ["cheaper", "no-money"]
    assert main(["sweep", "three_sites", file, "--expanded", "cheaper"]) == 0
    text = capsys.readouterr().out
    assert "offers[north_cloud].rent_musd_per_mw_year: 10 -> 9" in text
    assert "source: assumed (grade D)" in text


@pytest.mark.slow
def test_a_sweep_prints_results_and_ends_in_zero(file, tmp_path, capsys):
    """A run that cannot meet everything is a result: what it misses is stated, and the exit code is 0."""
    assert main(["sweep", "three_sites", file, "--out", str(tmp_path / "s"), "--json", "--workers", "1"]) == 0
    document = json.loads(capsys.readouterr().out)
    statuses = {row["name"]: row["status"] for row in document["results"]}
    assert statuses["no-money"] in ("optimal", "gap_reached")
    assert document["missing"] == []
    assert main(["sweep", "three_sites", file, "--out", str(tmp_path / "s"), "--resume"]) == 0
    text = capsys.readouterr().out
    assert "cheaper" in text
    assert "does not meet everything" in text


def test_refusals(file, tmp_path, capsys):
    """Wrong files and options end in their codes, never in a traceback."""
    (tmp_path / "bad.toml").write_text(FILE.replace("factor", "fctor"), encoding="utf-8")
    assert main(["sweep", "three_sites", str(tmp_path / "bad.toml"), "--json"]) == 2
    assert "did you mean 'factor'" in capsys.readouterr().out
    assert main(["sweep", "three_sites", "no-such-file"]) == 2
    assert main(["sweep", "three_sites", file, "--resume"]) == 1
    assert main(["sweep", "three_sites", file, "--only", "cheapr"]) == 2
    assert main(["sweep", "three_sites", file, "--workers", "0"]) == 1
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(("case", "least"), thinned([("stargate", 80), ("stargate_2026", 12)], 2, 1, unpack=True))
def test_shipped_what_ifs_fit_their_case(capsys, case, least):
    """Every shipped what-if of a case applies to it, changes something, and names its source and grade."""
    assert main(["sweep", case, case, "--list", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["whatifs"]
    assert len(found) >= least
    assert [
        whatif["name"] for whatif in found if not (whatif["changes"] and whatif["source"] and whatif["grade"])
    ] == []
