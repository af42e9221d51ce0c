"""Where a command writes its plan: refused before the work, never lost after it, and told as it is."""

import errno
import json
import tempfile
from pathlib import Path

import pytest

from planner.api import Plan
from planner.cli.folders import write_plan
from planner.cli.output import Output
from planner.plan.columns import COLUMNS
from planner.system.folders import examine
from tests.cli.fake_plan import FakePlan


def test_the_users_files_are_named_before_the_work(run, stand_in, tmp_path):
    """A plan with a thesis and a repository in it is not replaced: both are named, nothing is solved, all stays."""
    calls = stand_in()
    assert run("solve", "hand", "-q", "--out", "p").code == 0
    (tmp_path / "p" / "thesis.docx").write_text("years of work", encoding="utf-8")
    (tmp_path / "p" / ".git").mkdir()
    (tmp_path / "p" / "summary.json").write_text("{} ", encoding="utf-8")
    calls.options = {}
    refused = run("solve", "hand", "-q", "--out", "p")
    assert refused.code == 1
    assert all(word in refused.err for word in ("thesis.docx", ".git/", "summary.json (changed"))
    assert calls.options == {}
    assert {path.name for path in (tmp_path / "p").iterdir()} == {
        *("thesis.docx", ".git", "summary.json", "tables", "manifest.json")
    }


class Late(FakePlan):
    """A plan whose place is spoiled while the case is solved."""

    spoil = staticmethod(lambda _place: None)

    def write(self, folder):
        """Spoil the place first."""
        self.spoil(folder)
        return super().write(folder)


def _taken(place):
    place.path.mkdir(exist_ok=True)
    (place.path / "letter").write_text("dear", encoding="utf-8")


def test_a_place_taken_while_solving(run, stand_in, tmp_path, monkeypatch):
    """A folder that appears while the case is solved stays; the plan goes beside it, and text, JSON and code say so."""
    monkeypatch.setattr(Late, "spoil", staticmethod(_taken))
    stand_in(plan=Late(status="time_limit", exit_code=4))
    outcome = run("solve", "hand", "-q", "--out", "p")
    assert outcome.code == 4
    assert outcome.out.splitlines()[-1].endswith("p-2")
    assert "p was taken while the case was solved" in outcome.out
    outcome = run("solve", "hand", "--json", "--out", "q")
    document = outcome.document()
    assert (outcome.code, document["folder"]) == (4, "q-2")
    assert "q was taken" in document["problems"][0]["message"]
    assert (tmp_path / "q" / "letter").read_text(encoding="utf-8") == "dear"


def _full(monkeypatch, *places):
    """Let no file be written below some places."""
    genuine = Path.write_bytes

    def write_bytes(self, data):
        if any(place in self.parents for place in places):
            raise OSError(errno.ENOSPC, "No space left on device")
        return genuine(self, data)

    monkeypatch.setattr(Path, "write_bytes", write_bytes)


@pytest.mark.parametrize("full", [1, 2])
def test_a_full_disk_after_the_solve(run, stand_in, tmp_path, monkeypatch, full):
    """A plan that cannot be written where it was to be goes to the current folder, or that for temporary files."""
    elsewhere, temporary = tmp_path / "elsewhere", tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    stand_in()
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    _full(monkeypatch, *(elsewhere, here)[:full])
    outcome = run("solve", "hand", "--json", "--out", elsewhere / "p")
    document = outcome.document()
    where = Path(document["folder"])
    assert outcome.code == 0
    assert where.parent == here if full == 1 else temporary in where.parents
    assert (where / "summary.json").is_file()
    assert "No space left" in document["problems"][0]["message"]
    assert not elsewhere.exists(), "nothing half-written stays, and no parent made for it"


def test_ctrl_c_while_writing_loses_nothing(run, stand_in, tmp_path, monkeypatch):
    """Ctrl-C in the middle of the writing does not lose the plan."""
    pressed = []

    def press(_place):
        if not pressed:
            pressed.append(True)
            raise KeyboardInterrupt

    monkeypatch.setattr(Late, "spoil", staticmethod(press))
    stand_in(plan=Late())
    assert run("solve", "hand", "-q", "--out", "p").code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["p"]


def test_where_nothing_can_be_written_the_tables_are_printed(tmp_path, monkeypatch, capsys, solved_folder):
    """With no place left at all, every table goes to standard output, and into the JSON document."""
    plan = Plan.read(solved_folder)
    place = examine(tmp_path / "p")
    _full(monkeypatch, Path("/"))
    written = write_plan(plan, place)
    assert written.folder is None
    document = json.loads(json.dumps(written.document()))
    assert set(document["tables"]) == set(COLUMNS)
    assert document["tables"]["contracts"] == plan.rows("contracts")
    written.print(Output(), "The plan")
    out = capsys.readouterr().out
    assert "nor is there any other place" in out
    assert all(f"\n{name}\n" in out for name in COLUMNS)
    assert not (tmp_path / "p").exists()
