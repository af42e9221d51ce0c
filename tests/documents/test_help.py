"""The help of every command: an example that works, and the exit codes that the command has."""

import re
import shlex

import pytest
import typer

from planner.cli import main
from planner.cli.app import app
from planner.cli.examples import CODES, EXAMPLES, MEANINGS
from tests.documents.session import ROOT

COMMANDS = typer.main.get_command(app).commands
SLOW = {"replan", "attribute", "front", "tornado", "breakeven", "protect"}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_help_has_an_example_and_the_codes(name, capsys, monkeypatch):
    """Law: the help of each command shows its examples, as they are run below, and its exit codes."""
    assert set(EXAMPLES) == set(CODES) == set(COMMANDS)
    monkeypatch.setenv("COLUMNS", "200")
    assert main([name, "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for line in EXAMPLES[name]:
        assert shlex.split(line)[:2] == ["planner", name]
        assert f"Example: {line}" in shown
    for code in MEANINGS:
        assert (f"{code} {MEANINGS[code]}" in shown) == (code in CODES[name])


def run_examples(names):
    """Run examples one after the other and return those that do not end in 0."""
    return [line for name in names for line in EXAMPLES[name] if main(shlex.split(line)[1:]) != 0]


def test_the_examples_of_the_help_work(tmp_path, monkeypatch):
    """Law: the quick examples, in their order in an empty folder, end in 0."""
    monkeypatch.chdir(tmp_path)
    assert run_examples(name for name in EXAMPLES if name not in SLOW) == []


@pytest.mark.slow
def test_all_examples_of_the_help_work(tmp_path, monkeypatch):
    """Law: so do all of them."""
    monkeypatch.chdir(tmp_path)
    assert run_examples(EXAMPLES) == []


def test_the_page_states_the_codes_of_the_help():
    """Law: docs/cli.md lists for each command the codes that its help lists."""
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"^\| commands \| end in \|\n\|---\|---\|\n((?:\|.*\n)+)", page, flags=re.MULTILINE)
    stated = {}
    for names, codes in re.findall(r"^\| (.*) \| (.*) \|$", table, flags=re.MULTILINE):
        for name in re.findall(r"`(\w+)`", names):
            stated[name] = tuple(int(code) for code in re.findall(r"\b\d\b", codes))
    assert stated == CODES
