"""Commands ``report`` and ``plot``: what they write, and what they leave as it is."""

import json

import pytest

from tests.figures.plans import KEPT
from tests.uncertainty.found import BOTH, written

pytest.importorskip("jinja2", reason="needs the extra report")
PLAN = str(KEPT / "three_sites")
SWEEP = {
    "format": 1, "case_name": "three_sites", "case_hash": "0" * 64, "version": "0.2.0", "gap": 0.005,
    "time_limit_s": None, "threads": 1, "seed": 0, "solver": "highs", "runs": ["base"],
}  # fmt: skip


def test_a_report_replaces_a_report_and_nothing_else(run, tmp_path, monkeypatch):
    """Law: an own report is written anew; a foreign file is left as it is, unless --force is given."""
    monkeypatch.chdir(tmp_path)
    assert run("report", PLAN).code == 0
    file = tmp_path / "three_sites.html"
    first = file.read_bytes()
    found = run("report", PLAN, "--json").document()
    assert found["written"] == "three_sites.html"
    assert found["bytes"] == len(first)
    assert file.read_bytes() == first
    foreign = tmp_path / "mine.html"
    foreign.write_text("mine")
    refused = run("report", PLAN, "-o", str(foreign))
    assert refused.code == 1
    assert "left as it is" in refused.err
    assert foreign.read_text() == "mine"
    assert run("report", PLAN, "-o", str(foreign), "--force").code == 0
    assert foreign.read_bytes() == first


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["report", PLAN, "-o", "x.pdf"], "must end in"),
        (["plot", PLAN, "capacty", "-o", "x.png"], "capacity"),
        (["plot", PLAN, "capacity", "-o", "x.gif"], "must end in"),
        (["report", "no-such-plan", "-o", "x.html"], "no-such-plan"),
    ],
)
def test_what_cannot_be_is_said(run, tmp_path, monkeypatch, words, said):
    """Law: a wrong ending, figure or folder is refused with what would be right, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    outcome = run(*words)
    assert outcome.code == 1
    assert said in outcome.err
    assert list(tmp_path.iterdir()) == []


def test_a_link_is_not_written_through(run, tmp_path, monkeypatch):
    """Law: what a link points to is never written, with --force either."""
    monkeypatch.chdir(tmp_path)
    aim = tmp_path / "aim.html"
    aim.write_text("mine")
    (tmp_path / "link.html").symlink_to(aim)
    for words in ([], ["--force"]):
        assert run("report", PLAN, "-o", "link.html", *words).code == 1
    assert aim.read_text() == "mine"


def test_a_figure_in_the_format_its_name_says(run, tmp_path, monkeypatch):
    """Law: the ending of the name decides what is written."""
    monkeypatch.chdir(tmp_path)
    assert run("plot", PLAN, "cash", "-o", "x.svg", "--json").document()["figure"] == "cash"
    assert b"<svg" in (tmp_path / "x.svg").read_bytes()
    assert run("plot", PLAN, "cash", "-o", "x.html").code == 0
    assert (tmp_path / "x.html").read_text().startswith("<!doctype html>")


def test_a_sweep_with_runs_that_are_not_there(run, tmp_path):
    """Law: runs without a result are told in words and in JSON; what is asked of a plan is refused of a sweep."""
    folder = tmp_path / "sweep"
    (folder / "runs").mkdir(parents=True)
    (folder / "sweep.json").write_text(json.dumps(SWEEP))
    place = str(tmp_path / "page.html")
    for wrong in (["--prices"], ["--alternatives"], ["--kept", "x.json"], ["--time-limit", "5"], ["--run", "base"]):
        assert run("report", str(folder), "-o", place, *wrong).code == 1
    assert "--regret asks of one" in run("report", PLAN, "-o", place, "--regret").err
    assert not (tmp_path / "page.html").exists()
    assert "no result of run base" in run("report", str(folder), "-o", place).err
    problems = run("report", str(folder), "-o", place, "--json").document()["problems"]
    assert [problem["message"].split(",")[0] for problem in problems] == ["no result of run base"]


def test_a_report_with_kept_answers(run, tmp_path, monkeypatch):
    """Law: an answer that a command wrote is in the report; one of another plan is refused."""
    monkeypatch.chdir(tmp_path)
    cost = run("show", PLAN, "--json").document()["cost_busd"]
    span = {
        "dimension": "site",
        "name": "north",
        "plan_it_mw": 60.0,
        "low_it_mw": 50.0,
        "high_it_mw": 70.0,
        "least_it_mw": 0.0,
    }
    answer = {
        "within": 0.01, "plan_cost_busd": cost, "limit_busd": cost, "plans": [],
        "spans": [{**span, "most_it_mw": 90.0, "verdict": "must"}],
    }  # fmt: skip
    (tmp_path / "answer.json").write_text(json.dumps(answer))
    assert run("report", PLAN, "--kept", "answer.json").code == 0
    assert "50 to 70" in (tmp_path / "three_sites.html").read_text()
    (tmp_path / "other.json").write_text(json.dumps({**answer, "plan_cost_busd": 2.0 * cost}))
    refused = run("report", PLAN, "--kept", "other.json")
    assert refused.code == 1
    assert "not of this plan" in refused.err


@pytest.mark.slow
def test_a_report_that_asks(run, tmp_path, monkeypatch):
    """Law: what is asked for is found as the commands find it, and stands in the report; their JSON is taken too."""
    monkeypatch.chdir(tmp_path)
    assert run("solve", "three_sites", "--gap", "0", "--out", "three").code == 0
    assert run("report", "three", "--prices", "--alternatives", "-o", "asked.html").code == 0
    for words, name in ((["alternatives", "three"], "a.json"), (["explain", "three", "--prices"], "p.json")):
        (tmp_path / name).write_text(run(*words, "--json").out)
    assert run("report", "three", "--kept", "a.json", "--kept", "p.json", "-o", "kept.html").code == 0
    pages = [(tmp_path / name).read_text() for name in ("asked.html", "kept.html")]
    for section, end in (("alternatives", "How far they differ"), ("prices", "</section>"), ("binds", "</section>")):
        parts = [page[page.index(f'<section id="{section}"') :].split(end)[0] for page in pages]
        assert parts[0] == parts[1]
        assert "Not asked" not in parts[0]
    assert run("report", "three", "--prices", "--time-limit", "1e-9", "-o", "short.html").code == 0
    assert "The time limit came first" in (tmp_path / "short.html").read_text()


POINT = {
    "against": "budget", "value": 0.9, "unit": "", "label": "<b>0.9", "status": "optimal", "cost_busd": 5.0,
    "bound_busd": 4.9, "gap": 0.02, "unserved_share": 0.0, "dominated": "no", "reason": "",
}  # fmt: skip
END = {
    "input": "<b>demand", "cells": 4, "grade": "D", "end": "low", "status": "optimal", "cost_busd": 5.0, "gap": 0.0,
    "cost_difference_busd": -0.5, "cost_uncertainty_busd": 0.1, "unserved_share": 0.0, "unserved_share_difference": 0.0,
    "shortfall_tier": "", "shortfall_difference": None, "final_it_mw": 5.0, "final_it_mw_difference": -1.0,
    "swing_busd": 0.5, "missed": "", "reason": "",
}  # fmt: skip
FRONT = {"case_name": "<b>x", "against": "budget", "title": "budget (times)", "points": [POINT]}
TORNADO = {
    "case_name": "<b>x",
    "base_cost_busd": 5.5,
    "rows": [END, {**END, "end": "high", "cost_difference_busd": None}],
}


@pytest.mark.parametrize(("document", "said"), [(FRONT, "$5.00B"), (TORNADO, "-0.500")])
def test_a_report_of_a_front_and_of_a_tornado(run, tmp_path, monkeypatch, document, said):
    """Law: what these commands wrote as JSON has a report with a figure and all rows; its names are texts."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "found.json").write_text(json.dumps(document))
    assert run("report", "found.json").code == 0
    page = (tmp_path / "found.html").read_text()
    assert said in page
    assert "<svg" in page
    assert "<b>" not in page


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({**FRONT, "points": [{**POINT, "value": "x"}]}, "0.value"),
        ({**TORNADO, "rows": [{}]}, "0.input"),
        ({"status": "ok"}, "no result of"),
    ],
)
def test_what_is_no_front_and_no_tornado_is_said(run, tmp_path, monkeypatch, document, said):
    """Law: a file that none of the commands wrote is refused with its first fault."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "found.json").write_text(json.dumps(document))
    outcome = run("report", "found.json")
    assert outcome.code == 1
    assert said in outcome.err
    assert not (tmp_path / "found.html").exists()


@pytest.mark.parametrize("kind", BOTH)
def test_a_report_of_many_futures(run, tmp_path, monkeypatch, kind):
    """Law: the folder of risk or of stress has a report; options of plans are refused, and changed files are said."""
    monkeypatch.chdir(tmp_path)
    place = written(tmp_path / "found", kind)
    assert run("report", "found").code == 0
    assert "steady" in (tmp_path / "found.html").read_text(encoding="utf-8")
    refused = run("report", "found", "--prices")
    assert (refused.code, "--prices asks of a plan or a sweep" in refused.err) == (1, True)
    (place / "tables" / "years.csv").write_text("period\n", encoding="utf-8")
    said = run("report", "found", "--json")
    assert "changed since the results were written" in said.document()["problems"][0]["message"]
    (place / "summary.json").write_text("{}", encoding="utf-8")
    assert run("report", "found").code == 1
