"""The command ``scenarios``: what it writes, shows and refuses."""

import json

import pytest

from planner.cli import main
from planner.uncertainty.scenario import ScenarioSet

DRAW = ["scenarios", "stargate_risks", "-n", "3", "--seed", "1", "--risks-only"]


def test_it_writes_what_python_draws(tmp_path, monkeypatch, capsys):
    """Law: the file is the set that Python draws; the table has a row for each column that changes."""
    monkeypatch.chdir(tmp_path)
    assert main([*DRAW, "--keep", "2", "-o", "two.toml"]) == 0
    shown = capsys.readouterr().out
    assert "2 scenarios of stargate_risks (seed 1) are in two.toml" in shown
    assert "sites later, months" in shown
    assert "times the figure of the case, or months later" in shown
    found = ScenarioSet.read("two.toml")
    assert len(found) == 2
    assert "2 of 3 kept" in found.made
    assert main([*DRAW, "--keep", "2", "-o", "two.toml"]) == 1
    assert "or give --force" in capsys.readouterr().err
    assert main([*DRAW, "--keep", "2", "-o", "two.toml", "--force", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["probabilities"] == {one.name: one.probability for one in found}
    assert ScenarioSet.read("two.toml") == found
    assert {"what", "operation", "probability", "rows", "least", "middle", "most", "unit"} == set(
        document["changes"][0]
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-o", "x.csv"], "must end in .toml"),
        (["-o", "x.toml", "--backward"], "give --keep too"),
        (["-o", "x.toml", "--keep", "4"], "more than are drawn"),
        (["-o", "x.toml", "--inside", "1"], "'--inside': 1: must be above 0 and below 1"),
        (["-o", "x.toml", "--common", "nan"], "'--common': nan: must be from 0 to 1"),
        (["-o", "no/\0/x.toml"], "null byte"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path, monkeypatch, capsys, words, message):
    """Law: wrong options end with exit code 1, in words, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    assert main([*DRAW, *words]) == 1
    assert message in " ".join(capsys.readouterr().err.split())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_scenario_that_the_case_does_not_admit_is_refused(tmp_path, monkeypatch, capsys):
    """Law: scenarios that make a faulty case are not written: the fault is told, with exit code 2."""
    monkeypatch.chdir(tmp_path)
    forced = '[{offer="milam_hosted",by=2030,blocks=5}]'
    sure = "risks[not_started_dropped].probability_per_year=1"
    ends = [f"risks[not_started_dropped].probability_per_year_high={1}"]
    words = [*DRAW, "--set", f"model.forced={forced}", "--set", sure, "--set", ends[0], "-o", "x.toml"]
    assert main(words) == 2
    assert "milam_hosted" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_fault_of_a_scenario_names_it(tmp_path, monkeypatch, capsys):
    """Law: what a scenario makes impossible is told of that scenario, and its figures are not said to be the file's."""
    monkeypatch.chdir(tmp_path)
    assert main(["new", "mine", "--from", "three_sites"]) == 0
    head = "risk,name,kind,sites,drawn,probability_per_year,distribution,impact_share,source,grade"
    risk = "gone,All is gone,capacity_lost,north;east;south,together,0.9,fixed,1,assumption,D"
    (tmp_path / "mine" / "risks.csv").write_text(f"{head}\n{risk}\n")
    model = tmp_path / "mine" / "model.toml"
    model.write_text(model.read_text().replace("[tables]\n", '[tables]\nrisks = "risks.csv"\n'))
    capsys.readouterr()
    assert main(["scenarios", "mine", "-n", "1", "-o", "x.toml"]) == 2
    told = capsys.readouterr().err
    assert "in scenario s0001 (its own figures, not those of the file): demand[research,training,2026]: no site" in told
