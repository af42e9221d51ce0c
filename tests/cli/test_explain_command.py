"""The command ``explain``: what is in conflict, in words and in JSON, and ways out that can be applied."""

import json
import os
import signal

import pytest

from planner.api import Case
from planner.case.read import read_case
from planner.changes.apply import apply_changes
from planner.changes.names import what_ifs
from planner.cli.run import main
from planner.errors import PlannerError
from planner.explain import conflict_first, conflict_ways
from planner.explain.conflict import INTERRUPTED

FORCED = (
    "--set", "model.forced=[{offer='north_cloud',by=2026,blocks=8}]", "--set", "sites[north].max_it_mw=100",
    "--set", "model.horizon.periods=1",
)  # fmt: skip
SETS = FORCED[1::2]


@pytest.mark.slow
def test_an_infeasible_case_is_explained_and_its_ways_out_written(tmp_path, capsys):
    """Law: the document names each limit with its place; each what-if of the file repairs the case by itself."""
    file = tmp_path / "ways.toml"
    assert main(["explain", "three_sites", *FORCED, "--json", "--write-whatifs", str(file)]) == 3
    found = json.loads(capsys.readouterr().out)
    assert (found["status"], found["verdict"], found["minimal"]) == ("infeasible", "infeasible", True)
    places = {limit["kind"]: limit["places"][0] for limit in found["limits"]}
    assert places["site"]["file"].endswith("sites.csv")
    assert (places["site"]["row"], places["site"]["column"], places["site"]["value"]) == (2, "max_it_mw", "100")
    assert set(places) == {"site", "forced"}
    room = next(one for one in found["ways_out"] if one["moves"][0]["what"] == "room at north")
    assert room["moves"][0]["amount"] == pytest.approx(60.0)
    case = read_case("three_sites")
    assert len(what_ifs(file, case)) == len(found["ways_out"])
    for way, whatif in zip(found["ways_out"], what_ifs(file, case), strict=True):
        repaired = apply_changes(apply_changes(case, list(SETS)), way["changes"])
        assert Case.of(apply_changes(case, whatif)) == Case.of(repaired)
        assert Case.of(repaired).solve(gap=0.5).status.has_plan


@pytest.mark.slow
def test_solve_ends_with_what_is_in_conflict(tmp_path, capsys, monkeypatch):
    """Law: `solve` of an infeasible case ends with the limits in conflict, in words or in its document."""
    monkeypatch.chdir(tmp_path)
    assert main(["solve", "three_sites", *FORCED, "--json"]) == 3
    found = json.loads(capsys.readouterr().out)["diagnosis"]
    assert {limit["kind"] for limit in found["limits"]} == {"site", "forced"}
    assert all(place["changed"] for limit in found["limits"] for place in limit["places"])


@pytest.mark.slow
def test_solve_says_it_in_words(tmp_path, capsys, monkeypatch):
    """Law: the same on standard error for people."""
    monkeypatch.chdir(tmp_path)
    assert main(["solve", "three_sites", *FORCED]) == 3
    said = capsys.readouterr().err
    assert "room at north: 100 IT MW" in said
    assert "max_it_mw, changed by --set)" in said
    assert "forced[0], changed by --set)" in said
    assert "Ways out, each enough by itself for a plan" in said


@pytest.mark.slow
def test_no_time_is_said(capsys):
    """Law: where the time limit comes first, nothing is claimed."""
    assert main(["explain", "three_sites", "--time-limit", "0.000001", "--json"]) == 5
    found = json.loads(capsys.readouterr().out)
    assert (found["verdict"], found["limits"], found["ways_out"]) == ("undecided", [], [])
    assert found["notes_on_proof"]


def test_a_file_that_was_asked_for_and_not_made_is_said(tmp_path, capsys):
    """Law: nobody looks for a file of ways out that is not there."""
    file = tmp_path / "ways.toml"
    assert main(["explain", "three_sites", "--time-limit", "0.001", "--write-whatifs", str(file)]) == 5
    assert "ways.toml was not made" in capsys.readouterr().out
    assert not file.exists()


@pytest.mark.parametrize("name", ["ways.json", "ways", "ways.TOML"])
def test_a_file_that_no_sweep_reads_is_refused_before_the_search(tmp_path, capsys, monkeypatch, name):
    """Law: what `explain` writes as a what-if file, `sweep` takes: its name ends in .toml, or nothing is asked."""
    monkeypatch.setattr("planner.cli.explain_command._given", lambda *_: pytest.fail("the case was read"))
    assert main(["explain", "three_sites", "--write-whatifs", str(tmp_path / name)]) == 1
    assert "must end in .toml" in " ".join(capsys.readouterr().err.split())
    assert not any(tmp_path.iterdir())


def test_what_was_found_is_stated_where_its_file_cannot_be_written(tmp_path, capsys, monkeypatch):
    """Law: a full disk at the end does not lose the explanation; the exit code is that of a failure."""

    def full(*_: object) -> None:
        raise PlannerError("ways.toml: cannot be written (No space left on device)")

    monkeypatch.setattr("planner.cli.explain_command._write_whatifs", full)
    words = ["explain", "three_sites", "--time-limit", "0.001", "--write-whatifs", str(tmp_path / "ways.toml")]
    assert main([*words, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["status"], found["exit_code"], found["verdict"]) == ("failed", 1, "undecided")
    assert "No space left" in found["problems"][-1]["message"]
    assert main(words) == 1
    assert "No space left" in capsys.readouterr().out


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as on POSIX")
def test_a_signal_after_the_conflict_keeps_it_and_the_ways_out_found(monkeypatch, capsys):
    """Law: Ctrl-C while ways out are looked for loses neither the conflict nor what was found, and is said."""
    real, sent = conflict_ways._way, []

    def way(*given):
        found = real(*given)
        if found is not None and not sent:
            sent.append(found.title)
            os.kill(os.getpid(), signal.SIGINT)
        return found

    assert main(["explain", "three_sites", *FORCED, "--json"]) == 3
    whole = json.loads(capsys.readouterr().out)
    monkeypatch.setattr(conflict_ways, "_way", way)
    assert main(["explain", "three_sites", *FORCED, "--json"]) == 3
    cut = json.loads(capsys.readouterr().out)
    assert [one["title"] for one in cut["ways_out"]] == sent
    assert cut["notes_on_proof"] == [INTERRUPTED.format(" (SIGINT)")]
    assert {one["name"] for one in cut["limits"]} == {one["name"] for one in whole["limits"]}
    assert len(whole["ways_out"]) > len(cut["ways_out"])


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as on POSIX")
def test_a_signal_before_the_conflict_ends_in_130(monkeypatch, capsys):
    """Law: Ctrl-C before the conflict is known ends the command without an answer."""

    def find_conflict(*_given, **_more):
        os.kill(os.getpid(), signal.SIGINT)
        pytest.fail("the signal was not raised")

    monkeypatch.setattr(conflict_first, "find_conflict", find_conflict)
    assert main(["explain", "three_sites", *FORCED]) == 130
    assert "before there was an answer" in capsys.readouterr().err
