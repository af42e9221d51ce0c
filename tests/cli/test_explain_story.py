"""``planner explain PLAN``: the story printed, written as Markdown, as JSON, and what is refused."""

from pathlib import Path
from shutil import copytree

import pytest

from planner.errors import PlannerError
from tests.cli.conftest import Run
from tests.figures.plans import KEPT

PLAN = KEPT / "three_sites"


def test_the_story_is_printed_and_written(run: Run, tmp_path: Path) -> None:
    """Law: the page that is written has the sentences that are printed; one that is there is not written over."""
    page = tmp_path / "deep" / "story.md"
    done = run("explain", str(PLAN), "--out", str(page))
    assert (done.code, done.err) == (0, "")
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# The story of a plan: ")
    assert "## What must be decided, and what can wait" in text
    printed = [line.strip() for line in done.out.splitlines() if line.startswith("  ")]
    written = [line[2:].replace("\\", "") for line in text.splitlines() if line.startswith("- ")]
    assert printed == written
    again = run("explain", str(PLAN), "--out", str(page))
    assert again.code == 1
    assert page.read_text(encoding="utf-8") == text


def test_the_story_is_one_document(run: Run) -> None:
    """Law: with ``--json`` the sections with their sentences, cost and gap, and nothing else."""
    document = run("explain", str(PLAN), "--json").document()
    assert (document["status"], document["exit_code"], document["written"]) == ("ok", 0, None)
    assert [section["id"] for section in document["sections"]][:2] == ["sure", "built"]
    assert document["sections"][0]["sentences"][0]["short"] is True
    assert document["gap"] is not None


def test_sections_can_be_chosen(run: Run) -> None:
    """Law: with ``--section`` those sections are printed and no others; a section that a plan does not have is none."""
    done = run("explain", str(PLAN), "--section", "money", "--section", "misses")
    titles = [line for line in done.out.splitlines()[1:] if line and not line.startswith(" ")]
    assert (done.code, titles) == (0, ["Money"])
    wrong = run("explain", str(PLAN), "--section", "mony")
    assert wrong.code == 1
    assert "did you mean 'money'?" in " ".join(wrong.err.split())


@pytest.mark.slow
def test_costs_of_rules_are_in_the_story(run: Run) -> None:
    """Law: with ``--with-costs`` what the rules cost is stated with what is proven, and the prices are."""
    done = run("explain", str(PLAN), "--with-costs")
    assert done.code == 0
    assert "Protection against losses costs $0.98B" in done.out
    assert "one more of any limit saves nothing" in done.out
    assert "planner protect" not in done.out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("three_sites", "--with-costs"), "give its folder"),
        (("three_sites", "--out", "story.md"), "give its folder"),
        ((str(PLAN), "--prices", "--with-costs"), "ask for something else"),
        ((str(PLAN), "--write-whatifs", "w.toml", "--out", "story.md"), "ask for something else"),
        ((str(PLAN), "--set", "sites[north].max_it_mw=1"), "--set changes a case"),
    ],
)
def test_what_is_no_story_is_refused(run: Run, tmp_path: Path, monkeypatch, words: tuple[str, ...], says: str) -> None:
    """Law: one sentence on standard error, nothing written."""
    monkeypatch.chdir(tmp_path)
    done = run("explain", *words)
    assert (done.code, done.out) == (1, "")
    assert says in " ".join(done.err.split())
    assert not list(tmp_path.iterdir())


def test_a_page_has_the_ending_of_markdown(run: Run, tmp_path: Path) -> None:
    """Law: a story is written as Markdown and as nothing else."""
    done = run("explain", str(PLAN), "--out", str(tmp_path / "story.txt"))
    assert done.code == 1
    assert ".md" in done.err


def test_a_story_is_not_lost_where_its_page_cannot_be_written(run: Run, tmp_path: Path, monkeypatch) -> None:
    """Law: a full disk at the end does not lose the story; the exit code is that of a failure."""

    def full(*_: object) -> None:
        raise PlannerError("story.md: cannot be written (No space left on device)")

    monkeypatch.setattr("planner.system.folders.file.write_file", full)
    done = run("explain", str(PLAN), "--out", str(tmp_path / "story.md"))
    assert done.code == 1
    assert "What is built when" in done.out
    assert "No space left" in done.err


def test_a_plan_that_was_changed_is_noted(run: Run, tmp_path: Path) -> None:
    """Law: the story of a plan whose files were changed says so."""
    folder = Path(copytree(PLAN, tmp_path / "plan"))
    table = folder / "tables" / "contracts.csv"
    table.write_text(table.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    done = run("explain", str(folder))
    assert done.code in (0, 1)
    assert "changed since the plan was written" in " ".join(done.err.split())


def test_the_report_begins_with_the_story(run: Run, tmp_path: Path) -> None:
    """Law: the first section of a report after its headline is the short form of the story."""
    pytest.importorskip("jinja2")
    page = tmp_path / "page.html"
    assert run("report", str(PLAN), "-o", str(page)).code == 0
    text = page.read_text(encoding="utf-8")
    assert text.index('id="headline"') < text.index('id="story"') < text.index('id="map"')
    assert "The plan costs $4.050B of present value" in text
