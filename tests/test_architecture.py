"""The way of one what-if through the packages is the one that docs/architecture.md states, call by call."""

import re
import sys
import threading
from importlib import import_module
from pathlib import Path
from types import CodeType

from planner.cli import main

PAGE = Path(__file__).parent.parent / "docs" / "architecture.md"
WORDS = ["solve", "three_sites", "--set", "sites[north].max_it_mw=20", "--quiet"]


def stated() -> list[str]:
    """The functions that the page names, in order."""
    table = PAGE.read_text(encoding="utf-8").split("## The calls of one what-if")[1]
    rows = [line for line in table.splitlines() if line.startswith("| `")]
    calls = " ".join(row.split("|")[1] for row in rows)
    return [name for name in re.findall(r"`([a-z_]+\.[\w.]+)`", calls) if "." in name and not name.endswith("folders")]


def code_of(name: str) -> CodeType:
    """The code of a function that the page names, such as ``runs.session.solve_case`` or ``api.Case.read``."""
    parts = name.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        try:
            found = import_module(".".join(["planner", *parts[:cut]]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            found = getattr(found, part)
        while hasattr(found, "__wrapped__"):  # a command, as it was before it got the options of a solve
            found = found.__wrapped__
        return getattr(found, "__func__", found).__code__
    raise AssertionError(f"{name}: is not in the package")


def followed(wanted: dict[CodeType, str]) -> list[str]:
    """The functions among ``wanted`` that the command calls, in order, in whatever thread."""
    seen: list[str] = []

    def follow(frame, event, _argument):
        if event == "call" and frame.f_code in wanted:
            seen.append(wanted[frame.f_code])

    before = sys.getprofile()
    threading.setprofile(follow)
    sys.setprofile(follow)
    try:
        assert main(WORDS) == 0
    finally:
        sys.setprofile(before)
        threading.setprofile(None)
    return seen


def test_the_page_states_the_way(monkeypatch, tmp_path, capsys):
    """Law: every function that the page names is called once, in the order of the page."""
    monkeypatch.chdir(tmp_path)
    names = stated()
    assert len(names) >= 15
    assert followed({code_of(name): name for name in names}) == names
    capsys.readouterr()
