"""The law of folders: nothing of the user's is deleted or written over, and what was to be written is there or not."""

import errno
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from planner.errors import PlanError
from planner.system.folders import MANIFEST_FILE, differences, examine, manifest_of, read_manifest, write_folder
from planner.system.folders import write as write_module

CONTENTS = {"summary.json": b"{}", "tables/a.csv": b"x\n1\n", "inputs/model.toml": b"format = 1\n"}


def put(target, contents=None, place=None):
    """Write a folder as a plan would."""
    contents = contents or CONTENTS
    return write_folder(place or examine(target), manifest_of("plan", contents, "test"), contents)


def everything(root):
    """Return every path below a folder with its content; links as links."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        found[name] = str(path.readlink()) if path.is_symlink() else path.read_bytes() if path.is_file() else None
    return found


def test_a_folder_is_replaced_by_its_manifest(tmp_path):
    """What the manifest names is replaced, also by fewer files, and nothing hidden stays behind."""
    put(tmp_path / "p")
    put(tmp_path / "p", {"summary.json": b"[]"})
    assert set(everything(tmp_path)) == {"p", "p/summary.json", "p/manifest.json"}
    assert not differences(tmp_path / "p", read_manifest(tmp_path / "p"))


def test_new_empty_and_deep_places_are_fine(tmp_path):
    """A new folder in new parents, an empty folder (its mode kept), and one whose parent is a link are written."""
    assert put(tmp_path / "a" / "b" / "c") == tmp_path / "a" / "b" / "c"
    (tmp_path / "empty").mkdir(mode=0o700)
    put(tmp_path / "empty")
    assert (tmp_path / "empty").stat().st_mode & 0o777 == 0o700
    (tmp_path / "link").symlink_to(tmp_path / "a")
    put(tmp_path / "link" / "d")
    assert (tmp_path / "a" / "d" / "summary.json").is_file()


def _file(folder):
    (folder / "thesis.docx").write_text("years")


def _hidden(folder):
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").write_text("ref")


def _below(folder):
    (folder / "tables" / "notes.csv").write_text("mine")


def _empty_folder(folder):
    (folder / "tables" / "mine").mkdir()


def _edited(folder):
    (folder / "tables" / "a.csv").write_text("x\n2\n")


def _linked_file(folder):
    (folder / "tables" / "a.csv").unlink()
    (folder / "tables" / "a.csv").symlink_to(folder / "summary.json")


def _linked_folder(folder):
    (folder / "inputs" / "model.toml").rename(folder.parent / "model.toml")
    (folder / "inputs").rmdir()
    (folder / "inputs").symlink_to(folder.parent)


def _edited_manifest(folder):
    path = folder / MANIFEST_FILE
    path.write_text(path.read_text().replace('"written_by"', '"note": "mine", "written_by"'))


def _broken_manifest(folder):
    (folder / MANIFEST_FILE).write_text("{")


def _no_manifest(folder):
    (folder / MANIFEST_FILE).unlink()


def _pipe(folder):
    os.mkfifo(folder / "pipe")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_file, "thesis.docx"),
        (_hidden, ".git/"),
        (_below, "tables/notes.csv"),
        (_empty_folder, "tables/mine/"),
        (_edited, r"tables/a.csv \(changed since it was written\)"),
        (_linked_file, r"tables/a.csv \(a link\)"),
        (_linked_folder, r"inputs \(a link\)"),
        (_edited_manifest, r"manifest.json \(changed since"),
        (_broken_manifest, r"manifest.json is damaged"),
        (_no_manifest, "without a manifest"),
        (_pipe, r"pipe \(not a regular file\)"),
    ],
)
def test_what_is_the_users_is_refused_and_named(tmp_path, spoil, words):
    """Whatever the manifest does not name, or names otherwise, is in the way: it is named, and everything stays."""
    put(tmp_path / "p")
    spoil(tmp_path / "p")
    before = everything(tmp_path) if spoil is not _pipe else None
    with pytest.raises(PlanError, match=words):
        examine(tmp_path / "p")
    if before is not None:
        assert everything(tmp_path) == before


def test_a_copied_manifest_opens_no_door(tmp_path):
    """A manifest put into a folder of the user's with files of the same names does not make them the planner's."""
    put(tmp_path / "p")
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / MANIFEST_FILE).write_bytes((tmp_path / "p" / MANIFEST_FILE).read_bytes())
    (mine / "summary.json").write_text("my own summary")
    with pytest.raises(PlanError, match=r"summary.json \(changed"):
        examine(mine)


def test_many_things_in_the_way_are_counted(tmp_path):
    """The first things in the way are named, the others counted."""
    for number in range(25):
        (tmp_path / f"f{number:02}").write_text("x")
    with pytest.raises(PlanError, match=r"f00, f01, .*f09 and 15 more"):
        examine(tmp_path)


@pytest.mark.parametrize(
    "kind", ["link", "dangling", "loop", "below a loop", "file", "below a file", "current", "read-only", "nul"]
)
def test_places_that_cannot_be(tmp_path, kind, monkeypatch):
    """Links, files, the current folder, places that cannot be written and impossible names are refused beforehand."""
    target = tmp_path / "t"
    (tmp_path / "real").mkdir()
    if kind in ("link", "dangling"):
        target.symlink_to(tmp_path / ("real" if kind == "link" else "none"))
    elif "loop" in kind:
        target.symlink_to(target)
        target = target / "t" if kind == "below a loop" else target
    elif kind == "file":
        target.write_text("x")
    elif kind == "below a file":
        (tmp_path / "f").write_text("x")
        target = tmp_path / "f" / "t"
    elif kind == "current":
        monkeypatch.chdir(tmp_path / "real")
        target = Path()
    elif kind == "read-only":
        target = Path("/proc/t")
    else:
        target = tmp_path / "a\0b"
    before = everything(tmp_path)
    with pytest.raises(PlanError):
        examine(target)
    assert everything(tmp_path) == before


@pytest.mark.parametrize(("where", "reason"), [("/", "root of the file system"), (".", "current folder")])
def test_the_reason_is_that_of_the_place(tmp_path, monkeypatch, where, reason):
    """The root is refused as the root, also where it is the current folder; the current folder as that."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PlanError, match=f"is the {reason}"):
        examine(where)
    monkeypatch.chdir("/")
    with pytest.raises(PlanError, match="root of the file system"):
        examine(where)


def test_a_current_folder_that_is_gone(tmp_path, monkeypatch):
    """Where the current folder was removed a relative place is refused, and an absolute one is fine."""
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(PlanError, match="current folder"):
        examine("p")
    put(tmp_path / "p")


def test_a_place_taken_in_the_meantime(tmp_path):
    """What appears, or changes, between the look and the writing stays; the new folder goes beside it and says so."""
    place = examine(tmp_path / "p")
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "letter").write_text("dear")
    assert put(None, place=place) == tmp_path / "p-2"
    assert (tmp_path / "p" / "letter").read_text() == "dear"
    put(tmp_path / "q")
    place = examine(tmp_path / "q")
    put(tmp_path / "q", {"summary.json": b"another's"})
    assert put(None, place=place) == tmp_path / "q-2"
    assert (tmp_path / "q" / "summary.json").read_bytes() == b"another's"
    assert {path.name for path in tmp_path.iterdir()} == {"p", "p-2", "q", "q-2"}


def test_a_place_that_vanishes(tmp_path):
    """A folder, or its parents, that vanish before the writing are made again."""
    put(tmp_path / "a" / "p")
    place = examine(tmp_path / "a" / "p")
    for path in sorted((tmp_path / "a").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (tmp_path / "a").rmdir()
    assert put(None, place=place) == tmp_path / "a" / "p"


def test_writers_at_once(tmp_path):
    """Many writers of one place: every folder is there and whole, one in the place and the others beside it."""
    put(tmp_path / "p", {"summary.json": b"old"})
    place = examine(tmp_path / "p")
    found: list[Path] = []

    def write(number):
        found.append(put(None, {"summary.json": b"%d" % number, "tables/t.csv": b"%d" % number}, place))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {path.name for path in tmp_path.iterdir()} == {"p", *(f"p-{n}" for n in range(2, 7))}
    contents = [
        {path.read_bytes() for path in (folder / "summary.json", folder / "tables" / "t.csv")} for folder in found
    ]
    assert all(len(content) == 1 for content in contents)
    assert {content.pop() for content in contents} == {b"%d" % number for number in range(6)}


@pytest.mark.parametrize("step", range(1, 8))
@pytest.mark.parametrize("function", ["write_bytes", "rename", "mkdir"])
def test_whatever_fails_leaves_the_old_folder(tmp_path, monkeypatch, function, step):
    """A full disk, another file system or a refusal at any step: the old folder is whole, the new one is or is not."""
    put(tmp_path / "p", {"summary.json": b"old", "tables/b.csv": b"b"})
    place = examine(tmp_path / "p")
    genuine, calls = getattr(Path, function), []

    def failing(self, *arguments, **options):
        calls.append(self)
        if len(calls) == step:
            if function == "write_bytes":
                genuine(self, arguments[0][:1])
            raise OSError(errno.ENOSPC, "No space left on device")
        return genuine(self, *arguments, **options)

    monkeypatch.setattr(Path, function, failing)
    try:
        where = put(None, place=place)
    except PlanError:
        where = None
    monkeypatch.undo()
    names = {path.name for path in tmp_path.iterdir()}
    assert names == ({"p"} if where in (None, tmp_path / "p") else {"p", where.name})
    assert all(not differences(tmp_path / name, read_manifest(tmp_path / name)) for name in names)
    assert (tmp_path / "p" / "summary.json").read_bytes() == (b"{}" if where == tmp_path / "p" else b"old")


def test_what_comes_into_the_old_folder_is_kept(tmp_path, monkeypatch):
    """A file that the user puts into a folder at the very moment of its replacement is kept, in a folder beside it."""
    put(tmp_path / "p")
    genuine = write_module._same_mode

    def slip_in(model, folder):
        (model / "letter").write_text("dear")
        genuine(model, folder)

    monkeypatch.setattr(write_module, "_same_mode", slip_in)
    put(tmp_path / "p", {"summary.json": b"new"})
    assert everything(tmp_path)["p-2/letter"] == b"dear"
    assert everything(tmp_path)["p/summary.json"] == b"new"


KILLED = """
import os, signal, sys
from pathlib import Path
from planner.system.folders import examine, manifest_of, write_folder
genuine = getattr(Path, {function!r})
calls = []
def fatal(self, *arguments, **options):
    calls.append(self)
    if len(calls) == {step}:
        os.kill(os.getpid(), signal.SIGKILL)
    return genuine(self, *arguments, **options)
contents = {{"summary.json": b"new", "tables/a.csv": b"new"}}
place = examine({target!r})
setattr(Path, {function!r}, fatal)
write_folder(place, manifest_of("plan", contents, "test"), contents)
"""


@pytest.mark.parametrize(("function", "step"), [("write_bytes", 1), ("write_bytes", 3), ("rename", 1), ("rename", 2)])
def test_after_kill_the_next_writer_tidies_up(tmp_path, function, step):
    """What a killed process left hidden is gone after the next writing; drafts of living writers and of others stay."""
    put(tmp_path / "p", {"summary.json": b"old"})
    script = KILLED.format(function=function, step=step, target=str(tmp_path / "p"))
    done = subprocess.run([sys.executable, "-c", script], check=False)
    assert done.returncode == -signal.SIGKILL
    (tmp_path / ".gigaplan-draft-mine").mkdir()
    (tmp_path / ".gigaplan-draft-mine" / "letter").write_text("dear")
    assert put(tmp_path / "p") == tmp_path / "p"
    assert {path.name for path in tmp_path.iterdir()} == {"p", ".gigaplan-draft-mine"}
    assert not differences(tmp_path / "p", read_manifest(tmp_path / "p"))
