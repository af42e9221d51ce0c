"""The command ``plot``: figures of plans, of sweeps, and of a plan against another; a picture needs only matplotlib."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.figures.plans import KEPT
from tests.report.test_sweep_html import folder as swept
from tests.uncertainty.found import BOTH, RISK, written

PLAN = str(KEPT / "three_sites")
folder = swept


@pytest.fixture
def named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The folder of a sweep, in which names are as they may be."""
    monkeypatch.setattr("planner.analysis.sweep_store.refuse_names", len)
    return str(folder)


def test_figures_of_a_sweep(run, tmp_path, named):
    """Law: each figure of a sweep is written; a run and a measure are asked of the figures that have them."""
    pytest.importorskip("jinja2", reason="needs the extra report")
    for words in (["costs"], ["waterfall", "--run", "dearer"], ["frontier", "--measure", "spend_backup"]):
        file = tmp_path / f"{words[0]}.html"
        found = run("plot", named, *words, "-o", str(file), "--json")
        assert (found.code, found.document()["figure"]) == (0, words[0])
        assert "<svg" in file.read_text()


@pytest.mark.parametrize("command", ["plot", "report"])
def test_nothing_is_drawn_into_a_folder_of_results(run, tmp_path, command):
    """Law: a file in the folder of a study, which could then not be written again, is refused and not written."""
    study = written(tmp_path / "study", RISK)
    file = study / "tables" / "x.html"
    found = run(command, str(study), *(["fan"] if command == "plot" else []), "-o", str(file))
    assert found.code != 0
    assert "which holds results and nothing else" in found.err
    assert not file.exists()


def test_a_plan_against_another(run, tmp_path):
    """Law: with --to, what differs from the other plan is drawn."""
    pytest.importorskip("jinja2", reason="needs the extra report")
    for name in ("waterfall", "capacity", "chips", "spend"):
        file = tmp_path / f"{name}.html"
        assert run("plot", PLAN, name, "--to", str(KEPT / "mixed"), "-o", str(file)).code == 0
        assert "<svg" in file.read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([PLAN, "costs"], "has no figure 'costs'; there are: map"),
        ([PLAN, "map", "--to", PLAN], "has no figure 'map'; there are: waterfall"),
        ([PLAN, "map", "--run", "x"], "--run is asked of a sweep"),
        (["SWEEP", "map"], "is a sweep: has no figure 'map'; there are: costs"),
        (["SWEEP", "costs", "--to", PLAN], "--to is asked of a plan"),
        (["SWEEP", "costs", "--run", "dearer"], "--run is asked of the figure waterfall"),
        (["SWEEP", "waterfall", "--run", "nothing"], "'nothing'"),
        (["SWEEP", "frontier", "--measure", "colour"], "spend_backup"),
    ],
)
def test_what_is_not_there_is_said(run, tmp_path, named, words, said):
    """Law: a figure that what was given does not have is refused with those that it has, and nothing is written."""
    pytest.importorskip("matplotlib", reason="needs the extra report")
    file = tmp_path / "x.png"
    outcome = run("plot", *(named if word == "SWEEP" else word for word in words), "-o", str(file))
    assert outcome.code == 1
    assert said in outcome.err
    assert not file.exists()


@pytest.mark.parametrize("kind", BOTH)
def test_figures_over_many_futures(run, tmp_path, kind):
    """Law: each figure of risk and of stress is written from its folder; one that it has not is refused."""
    pytest.importorskip("jinja2", reason="needs the extra report")
    place = str(written(tmp_path / "found", kind))
    asked = [
        ["fan"],
        ["fan", "--measure", "cash"],
        ["costs"],
        *([["commit"], ["policy"]] if kind == RISK else [["protection"]]),
    ]
    for number, words in enumerate(asked):
        file = tmp_path / f"{number}.html"
        assert run("plot", place, *words, "-o", str(file)).code == 0
        assert "<svg" in file.read_text()
    file = tmp_path / "no.html"
    for words, said in (
        (["map"], "has no figure 'map'; there are: fan, costs"),
        (["costs", "--measure", "cash"], "--measure is asked of the figures frontier, fan and protection"),
        (["costs", "--run", "x"], "--run is asked of a plan or a sweep"),
        (["fan", "--measure", "colour"], "capacity, unserved, cash"),
    ):
        outcome = run("plot", place, *words, "-o", str(file))
        assert outcome.code == 1
        assert said in outcome.err
    assert not file.exists()


@pytest.mark.slow
def test_a_picture_needs_matplotlib_alone(tmp_path):
    """Law: without jinja2 and markupsafe a figure is written as PNG; a page says what is missing."""
    pytest.importorskip("matplotlib", reason="needs the extra report")
    code = (
        "import sys; sys.modules['jinja2'] = sys.modules['markupsafe'] = None; from planner.cli import main;"
        "sys.exit(main(sys.argv[1:]))"
    )
    for name, ended in (("map.png", 0), ("map.svg", 0), ("map.pdf", 0), ("map.html", 1)):
        words = [sys.executable, "-c", code, "plot", PLAN, "map", "-o", str(tmp_path / name)]
        found = subprocess.run(words, capture_output=True, text=True, check=False)
        assert found.returncode == ended, found.stderr
        assert (tmp_path / name).exists() == (ended == 0)
    assert "jinja2" in found.stderr
