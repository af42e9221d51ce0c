"""The law of broken plans: whatever is wrong with a plan folder, each command says so and ends in 1 or 2."""

import os
import shutil
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from planner.api import Case
from planner.cli import main
from tests.length import some
from tests.plan.broken import Break, as_before_manifests, file_breaks, summary_breaks, table_breaks

DEFAULT_STEP = 401
"""In the default suite every 211th break is tried, with the slow ones all."""
COMMANDS = (("show",), ("show", "--table", "contracts"), ("compare",), ("audit",), ("replan",))


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """Return the folder of a whole plan."""
    folder = tmp_path_factory.mktemp("whole") / "plan"
    return Case.read("three_sites").solve(gap=0.0, own_process=False).write(folder)


def every_break(folder: Path) -> list[tuple[str, Break]]:
    """Return every way to break a plan."""
    return [*summary_breaks(folder), *table_breaks(), *file_breaks(folder)]


def words_of(command: tuple[str, ...], broken: Path, whole: Path) -> list[str]:
    """Return a command line."""
    name, *more = command
    if name == "compare":
        return [name, str(whole), str(broken)]
    if name == "replan":
        return [name, str(broken), "--committed-until", "2026-07-01", "--out", str(broken.parent / "new")]
    return [name, str(broken), *more]


def try_breaks(breaks: Iterator[tuple[str, Break]], whole: Path, place: Path, *, old: bool) -> list[str]:
    """Break copies of a plan and run every command on each; return what went wrong."""
    wrong = []
    for name, change in breaks:
        broken = place / "broken"
        shutil.copytree(whole, broken)
        if old:
            as_before_manifests(broken)
        before = _contents(broken)
        change(broken)
        if _contents(broken) == before:  # a cell that was as the break makes it
            shutil.rmtree(broken)
            continue
        for command in COMMANDS:
            out, err = StringIO(), StringIO()
            with redirect_stdout(out), redirect_stderr(err):
                code = main(words_of(command, broken, whole))
            text = out.getvalue() + err.getvalue()
            if code not in (0, 1, 2) or "Traceback" in text or "internal error" in text or (code and not text.strip()):
                wrong.append(f"{name}: {' '.join(command)}: {code}: {text[-300:]}")
            if command == ("audit",) and not old and code == 0:
                wrong.append(f"{name}: the audit passes")
            if command == ("replan",) and not old and code == 0:
                wrong.append(f"{name}: replan takes it")
        shutil.rmtree(broken)
    return wrong


def _contents(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("old", [False, True], ids=["with manifest", "without"])
@pytest.mark.slow
def test_some_breaks(whole, tmp_path, old):
    """A fair part of all breaks, in every kind."""
    breaks = every_break(whole)[DEFAULT_STEP // 2 if old else 0 :: DEFAULT_STEP]
    assert try_breaks(iter(breaks), whole, tmp_path, old=old) == []


@pytest.mark.slow
@pytest.mark.parametrize("old", [False, True], ids=["with manifest", "without"])
def test_every_break(whole, tmp_path, old):
    """Every key, column and file, broken in every way: fifteen at random, and all of it at length."""
    breaks = some(every_break(whole), 15, seed=int(old))
    assert try_breaks(iter(breaks), whole, tmp_path, old=old) == []


def test_links_and_pipes_are_no_plans(whole, tmp_path):
    """A circle of links, a link to nowhere, and a pipe in the place of a file end in a message, and never wait."""
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "nowhere").symlink_to(tmp_path / "none")
    for name in ("summary.json", "tables/spend.csv", "inputs/sites.csv", "inputs/model.toml", "manifest.json"):
        broken = shutil.copytree(whole, tmp_path / name.replace("/", "-"))
        (broken / name).unlink()
        os.mkfifo(broken / name)
    for place in tmp_path.iterdir():
        for command in COMMANDS[2:]:
            out, err = StringIO(), StringIO()
            with redirect_stdout(out), redirect_stderr(err):
                code = main(words_of(command, place, whole))
            lenient = place.name == "manifest.json" and command == ("compare",)
            assert code in ((0,) if lenient else (1, 2)), (place.name, command)
            assert "internal error" not in err.getvalue()
