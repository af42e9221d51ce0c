"""The law of new folders and pictures: nothing is written over, nothing half-written stays behind."""

import errno
from pathlib import Path

import pytest

from planner.case.read import read_case
from planner.case.starter import write_starter
from planner.case.write import write_case
from planner.cli import main
from planner.errors import PlannerError
from planner.synthetic.__main__ import main as synthetic
from planner.system.folders.new import write_new
from planner.system.folders.picture import MARK, examine_picture, write_picture

CONTENTS = {"a.csv": b"x\n", "b.csv": b"y\n", "model.toml": b"format = 1\n"}


@pytest.mark.parametrize("there", [False, True], ids=["new", "empty"])
@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_all_files_or_none(tmp_path, monkeypatch, there, step):
    """A disk that is full at any file leaves nothing behind: no file, no folder, no parent, nothing hidden."""
    target = tmp_path / "target" if there else tmp_path / "deep" / "down" / "target"
    if there:
        target.mkdir()
    genuine, calls = Path.open, []

    def failing(self, *arguments, **options):
        stream = genuine(self, *arguments, **options)
        if arguments and "b" in arguments[0] and set(arguments[0]) & set("wx"):
            calls.append(self)
            if len(calls) == step:
                stream.close()
                raise OSError(errno.ENOSPC, "No space left on device")
        return stream

    monkeypatch.setattr(Path, "open", failing)
    try:
        write_new(target, CONTENTS)
    except PlannerError as error:
        done = False
        words = str(error)
    else:
        done, words = True, ""
    monkeypatch.undo()
    left = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    if done:
        assert left == [(target / name).relative_to(tmp_path).as_posix() for name in CONTENTS]
    else:
        assert "No space left" in words
        assert list(tmp_path.rglob("*")) == ([target] if there else [])


@pytest.mark.parametrize("kind", ["file", "filled", "link", "dangling"])
def test_the_starter_is_written_over_nothing(tmp_path, kind):
    """Files, folders that hold anything and links are refused, and what they hold is named."""
    target = tmp_path / "target"
    (tmp_path / "empty").mkdir()
    if kind == "file":
        target.write_text("mine", encoding="utf-8")
    elif kind == "filled":
        target.mkdir()
        (target / ".hidden").write_text("mine", encoding="utf-8")
    else:
        target.symlink_to(tmp_path / ("empty" if kind == "link" else "none"))
    with pytest.raises(PlannerError, match=r"\.hidden" if kind == "filled" else "target"):
        write_starter(target)
    assert list((tmp_path / "empty").iterdir()) == []


def test_a_case_is_not_written_over_another(tmp_path):
    """A case folder that was edited, or holds more, is refused; the very same case may be written again."""
    case = read_case("three_sites")
    write_case(case, tmp_path / "c")
    write_case(case, tmp_path / "c")
    (tmp_path / "c" / "sites.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(PlannerError, match=r"sites\.csv"):
        write_case(case, tmp_path / "c")
    assert synthetic(["--sites", "10", "--out", str(tmp_path / "c")]) == 1
    assert (tmp_path / "c" / "sites.csv").read_text(encoding="utf-8") == "mine"


def test_only_the_planners_pictures_are_drawn_over(tmp_path):
    """A picture of the user's, a link and a folder are refused and left as they are; our own is replaced."""
    ours, mine = tmp_path / "ours.png", tmp_path / "mine.png"
    write_picture(ours, b"\x89PNG" + MARK.encode())
    write_picture(ours, b"\x89PNG again" + MARK.encode())
    mine.write_bytes(b"\x89PNG of a cat")
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "link.png").symlink_to(ours)
    for file in (mine, tmp_path / "folder.png", tmp_path / "link.png", mine / "below.png"):
        with pytest.raises(PlannerError):
            examine_picture(file)
        with pytest.raises(PlannerError):
            write_picture(file, b"")
    assert mine.read_bytes() == b"\x89PNG of a cat"
    assert {path.name for path in tmp_path.iterdir()} == {"ours.png", "mine.png", "folder.png", "link.png"}


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_pictures_say_who_drew_them(tmp_path, suffix, capsys, monkeypatch):
    """A picture is drawn again over itself in every format; one that cannot be drawn does not cost the results."""
    picture = tmp_path / f"front{suffix}"
    words = ["front", "three_sites", "--against", "critical_share", "--value", "0.5", "--plot", str(picture)]
    assert main(words) == 0
    assert main(words) == 0
    assert "The figure is in" in capsys.readouterr().out
    if suffix == ".png":
        monkeypatch.setattr("planner.cli.study.write_picture", _full)
        assert main(words) == 0
        out = capsys.readouterr().out
        assert "no figure" in out
        assert "Least cost against" in out
        monkeypatch.undo()
        picture.write_bytes(b"\x89PNG of a cat")
        assert main(words) == 1
        assert "not a picture that the planner drew" in capsys.readouterr().err


def _full(file, _content):
    raise PlannerError(f"{file}: cannot be written (No space left on device)")
