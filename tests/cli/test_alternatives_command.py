"""``planner alternatives PLAN``: what is printed, written, and refused."""

from pathlib import Path

import pytest

from planner.errors import PlanError
from tests.cli.conftest import Run
from tests.program.tiny import lease, site, solve, tiny

OFFERS = (
    lease("cheap", "a"),
    lease("dear", "b", rent_musd_per_mw_year=12.0),
    lease("far_too_dear", "c", rent_musd_per_mw_year=100.0),
)


@pytest.mark.slow
def test_the_command_prints_and_writes(run: Run, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Ranges, must-haves, and folders of plans that pass ``planner audit``."""
    plan = solve(tiny(100.0, sites=[site(name) for name in "abc"], offers=OFFERS))
    place = tmp_path_factory.mktemp("plans")
    folder = plan.write(place / "base")
    done = run("alternatives", str(folder), "--within", "5%", "--gap", "0", "--out", str(place / "other"))
    assert done.code == 0
    assert "Decided in every such plan, proven: provider cheap_provider, site a" in done.out
    assert "Decided in no such plan, proven: provider far_too_dear_provider, site c" in done.out
    assert "site b: 0; 0 to 20" in done.out
    assert run("audit", str(place / "other-1")).code == 0
    assert run("alternatives", str(folder), "--within", "200%").code == 1
    assert run("alternatives", str(folder), "--json").document()["spans"]


@pytest.mark.slow
def test_what_is_kept_is_shown(run: Run, tmp_path: Path) -> None:
    """Law: a plan says that others were not looked for; with --keep each view says which figures are degenerate."""
    plan = solve(tiny([60.0, 100.0], periods=2, sites=[site(name) for name in "ab"], offers=OFFERS[:2]))
    folder = str(plan.write(tmp_path / "base"))
    assert "of this plan alone; others: `planner alternatives PLAN --keep`" in run("show", folder).out
    assert "degenerate" not in run("show", folder, "capacity").out
    done = run("alternatives", folder, "--within", "5%", "--gap", "0", "--keep")
    assert done.code == 0
    assert f"`planner show {folder}` says which figures are degenerate" in done.out
    assert "provider dear_provider 2027: 0; 0 to 40 [0, 40]" in done.out
    text = run("show", folder).out
    assert "4 of 4 by provider and period degenerate within 5 % ($1.680B)" in text
    lines = [" ".join(line.split()) for line in text.splitlines()]
    at = lines.index("cheap_provider 60 100")
    assert lines[at + 1 : at + 3] == ["least found 40 60", "most found 60 100"]
    assert "are degenerate within 5 % of its cost (at most $1.680B)" in run("show", folder, "capacity").out
    story = run("explain", folder).out
    assert "In 2027 plans within 5 % of its cost (at most $1.680B) were found with" in story
    assert "cheap_provider 60 to 100" in story
    assert run("audit", folder).code == 0
    page = tmp_path / "page.html"
    assert run("report", folder, "-o", str(page)).code == 0
    assert "Only the ranges are kept with this plan" in page.read_text(encoding="utf-8")


def test_a_plan_that_was_changed_is_not_written_over(run: Run, tmp_path: Path) -> None:
    """Law: --keep writes a plan again only as it was written; what else stands there is told before the search."""
    folder = solve(tiny(100.0, sites=[site("a")], offers=OFFERS[:1])).write(tmp_path / "base")
    (folder / "mine.txt").write_text("mine")
    done = run("alternatives", str(folder), "--keep")
    assert done.code == 1
    assert "mine.txt" in done.err
    assert "(with --keep, which writes the plan again)" in done.err
    assert (folder / "mine.txt").read_text() == "mine"


@pytest.mark.slow
def test_the_slack_may_be_the_gap_of_the_plan(run: Run, tmp_path: Path) -> None:
    """Law: --within gap is the plan's own gap: here none, so that nothing else is found."""
    folder = solve(tiny(100.0, sites=[site("a"), site("b")], offers=OFFERS[:2])).write(tmp_path / "base")
    done = run("alternatives", str(folder), "--within", "gap", "--gap", "0", "--json").document()
    assert done["within"] == pytest.approx(0.0, abs=1e-9)
    assert done["plans"] == []


@pytest.mark.parametrize("name", ["foreign", "..", "no/../file/x"])
def test_places_are_looked_at_before_any_work(run: Run, tmp_path: Path, name: str) -> None:
    """Law: what stands where a plan is to go is told before the search, and stays; here there is not even a plan."""
    (tmp_path / "foreign-2").mkdir()
    kept = tmp_path / "foreign-2" / "kept"
    kept.write_text("mine")
    (tmp_path / "file").write_text("mine")
    done = run("alternatives", str(tmp_path / "no_plan"), "--out", f"{tmp_path}/{name}")
    assert done.code == 1
    assert "no_plan" not in done.err
    assert kept.read_text() == "mine"
    assert not (tmp_path / "foreign-1").exists()


@pytest.mark.slow
def test_a_plan_that_cannot_be_written_is_not_lost(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: where writing fails after the search, the document has the ranges, and says what happened to the plans."""
    plan = solve(tiny(100.0, sites=[site("a"), site("b")], offers=OFFERS[:2]))
    folder = plan.write(tmp_path / "base")

    def full(*_: object, **__: object) -> None:
        raise PlanError("no space left on device")

    monkeypatch.setattr("planner.plan.plan.write_at", full)
    done = run("alternatives", str(folder), "--within", "5%", "--gap", "0", "--out", str(tmp_path / "x"), "--json")
    document = done.document()
    assert document["spans"]
    assert document["folders"] == [None]
    assert "no space left" in document["problems"][0]["message"]
    assert document["tables"][0]["contracts"]


def test_a_search_that_was_cut_short_says_so(run: Run, tmp_path: Path) -> None:
    """Law: that no other plan was found is never said as if all had been looked for."""
    folder = solve(tiny(100.0, sites=[site("a"), site("b")], offers=OFFERS[:2])).write(tmp_path / "base")
    done = run("alternatives", str(folder), "--time-limit", "0.0001")
    assert done.code == 0
    assert "Its share of the time limit of 0.0001 s ended a search: there may be other plans" in done.out
    assert "No other plan was found: the time limit came before the search was complete" in done.out


def test_a_search_that_was_complete_says_so(run: Run, tmp_path: Path) -> None:
    """Law: where nothing else was found in the end, no time limit is blamed for it."""
    folder = solve(tiny(100.0, sites=[site("a"), site("b")], offers=OFFERS[:2])).write(tmp_path / "base")
    done = run("alternatives", str(folder), "--within", "0", "--gap", "0")
    assert "No other plan was found: the search was complete, each figure to the gap of 0.00%" in done.out
    assert "time" not in done.out
    assert run("alternatives", str(folder), "--within", "0", "--gap", "0", "--json").document()["ended"] == "complete"
