"""What ``solve`` passes on, where it writes, and what it refuses to write over."""

from pathlib import Path

import pytest

import planner.api
from planner.options import DEFAULT_GAP, SolveOptions
from tests.cli.fake_plan import FakePlan


def test_options_reach_the_library(run, stand_in):
    """Every option of the command line arrives at the library as given."""
    calls = stand_in()
    words = ["--gap", "0.005", "--time-limit", "9", "--threads", "2", "--seed", "7", "--solver", "cbc"]
    assert run("solve", "hand", "-q", "--set", "a=1", "--set", "b=2", *words).code == 0
    assert calls.read == ("hand", ("a=1", "b=2"))
    on_progress = calls.options.pop("on_progress")
    assert callable(on_progress)
    assert calls.options == {"options": SolveOptions(0.005, 9.0, 2, 7, "cbc")}


def test_default_folder_is_named_after_case_and_hash(run, stand_in, tmp_path):
    """Without --out the plan goes to plans/NAME-HASH below the current folder, and the last line says so."""
    stand_in()
    outcome = run("solve", "hand", "-q")
    assert (tmp_path / "plans" / "hand-01234567" / "summary.json").is_file()
    assert outcome.out.splitlines()[-1].endswith("plans/hand-01234567")


def test_a_plan_may_be_written_over_and_nothing_else(run, stand_in, tmp_path):
    """A folder with a plan is written again; a folder with anything else, or a file, is left as it is."""
    calls = stand_in()
    assert run("solve", "hand", "-q", "--out", "here").code == 0
    assert run("solve", "hand", "-q", "--out", "here").code == 0
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear", encoding="utf-8")
    (tmp_path / "file").write_text("dear", encoding="utf-8")
    calls.options = {}
    for name in ("mine", "file", "file/below"):
        refused = run("solve", "hand", "-q", "--out", name)
        assert refused.code == 1
        assert name.split("/")[0] in refused.err
    assert calls.options == {}, "the refusal must come before the work"
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_json_is_the_summary_and_nothing_else(run, stand_in):
    """With --json standard output is the summary with the folder, and standard error is silent."""
    calls = stand_in()
    outcome = run("solve", "hand", "--json", "-v")
    document = outcome.document()
    assert outcome.err == ""
    assert calls.plan.summary.items() <= document.items()
    assert document["folder"] == "plans/hand-01234567"


@pytest.mark.parametrize(("words", "lines"), [([], 0), (["-q"], 0), (["-v"], 2)], ids=["plain", "quiet", "verbose"])
def test_progress_without_a_terminal(run, stand_in, words, lines):
    """Away from a terminal only --verbose writes progress: one line per stage, with cost, bound and gap."""
    stand_in()
    err = run("solve", "hand", *words).err.splitlines()
    assert len(err) == lines
    if lines:
        assert all(figure in err[-1] for figure in ("search", "$312.400B", "$300.000B", "4.000%"))


def test_unserved_demand_stands_out(run, stand_in):
    """A plan that leaves demand unserved says how much in its headline and in its grid."""
    stand_in(plan=FakePlan(unserved_share=0.01))
    out = run("solve", "hand", "-q").out
    assert "1.000% unserved" in out
    assert any(line.startswith("unserved") for line in out.splitlines())


def test_the_default_gap_is_documented():
    """The documentation says the default gap."""
    page = (Path(planner.__file__).parent.parent / "docs" / "cli.md").read_text(encoding="utf-8")
    assert f"| `--gap SHARE` | {DEFAULT_GAP:g} |" in page
