"""The help of every command: an example that works, and the exit codes that the command has."""

import re
import shlex

import pytest
import typer

from planner.cli import main
from planner.cli.app import app
from planner.cli.examples import CODES, EXAMPLES, epilog_of
from tests.documents.session import ROOT

COMMANDS = typer.main.get_command(app).commands
PAGE = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
QUICK = {"list", "new", "check", "solve", "show", "export", "audit", "schema"}


def missing(names, where):
    """Say which commands a list lacks, and which it has that are none; empty if it is complete."""
    lacks, unknown = sorted(set(COMMANDS) - set(names)), sorted(set(names) - set(COMMANDS))
    return [*(f"{where} lacks the command {name}" for name in lacks), *(f"{where}: no command {n}" for n in unknown)]


def table_of_the_page(head):
    """Return the rows of a table of docs/cli.md, by its first line."""
    (table,) = re.findall(rf"^{re.escape(head)}\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE, flags=re.MULTILINE)
    return re.findall(r"^\| (.*?) \| (.*) \|$", table, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("names", "where"), [(EXAMPLES, "EXAMPLES of planner/cli/examples.py"), (CODES, "CODES of planner/cli/examples.py")]
)
def test_every_command_is_listed_with_examples_and_codes(names, where):
    """Law: each command has its examples and its exit codes; one that lacks them is named."""
    assert missing(names, where) == []


def test_a_command_without_an_entry_still_has_a_help():
    """Law: a new command that is not yet listed stops no import; its help ends with nothing."""
    assert epilog_of("a-new-command") == ""


def test_the_page_begins_with_every_command():
    """Law: the first table of docs/cli.md lists every command once, and no other."""
    first = [
        re.findall(r"`planner ([a-z-]+)", words)[0] for words, _ in table_of_the_page("| command | what it does |")
    ]
    named = [name for name in first if not name.startswith("-")]
    assert missing(named, "the first table of docs/cli.md") == []
    assert len(named) == len(set(named))


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_help_has_an_example_and_the_codes(name, capsys, monkeypatch):
    """Law: the help of each command shows its examples, as they are run below, and its exit codes."""
    monkeypatch.setenv("COLUMNS", "200")
    assert main([name, "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for line in EXAMPLES[name]:
        assert shlex.split(line)[:2] == ["planner", name]
        assert f"Example: {line}" in shown
    said = "; ".join(f"{code} {meaning}" for code, meaning in CODES[name].items())
    assert f"Exit codes: {said}. (130: Ctrl-C" in shown


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_no_meaning_is_of_another_command(name):
    """Law: the codes of a command that solves nothing do not speak of plans within a gap, limits or solvers."""
    options = {option for param in COMMANDS[name].params for option in param.opts}
    said = " ".join(CODES[name].values())
    if "--time-limit" not in options:
        assert not re.search(r"\b(gap|limit|solver|audit|infeasib\w+|variant)\b", said)
    if "--time-limit" in options and name not in ("audit", "explain", "alternatives", "app", "report"):
        assert set(CODES[name]) == {0, 1, 2, 3, 4, 5}


def test_a_time_limit_is_said_as_it_is():
    """Law: a limit is of the solve, of each, of the proof, or of all; only a command that keeps a plan says so."""
    helps = {
        name: next(param.help for param in command.params if "--time-limit" in param.opts)
        for name, command in COMMANDS.items()
        if any("--time-limit" in param.opts for param in command.params)
    }
    of_each = {name for name, text in helps.items() if text.startswith("For each solve: ")}
    assert of_each == set(helps) - {"solve", "audit", "explain", "alternatives", "report"}
    assert "keep" not in helps["audit"]


def run_examples(names):
    """Run examples one after the other and return those that do not end in 0."""
    return [line for name in names for line in EXAMPLES[name] if main(shlex.split(line)[1:]) != 0]


def test_the_examples_of_the_help_work(tmp_path, monkeypatch):
    """Law: the quick examples, in their order in an empty folder, end in 0."""
    monkeypatch.chdir(tmp_path)
    assert run_examples(name for name in EXAMPLES if name in QUICK) == []


@pytest.mark.slow
def test_all_examples_of_the_help_work(tmp_path, monkeypatch):
    """Law: so do all of them; the server of the page ends as soon as it answers."""
    monkeypatch.setattr("planner.app.server.Server.alive", lambda _server: False)
    monkeypatch.setattr("webbrowser.open", lambda _address: True)
    monkeypatch.chdir(tmp_path)
    assert run_examples(EXAMPLES) == []


def test_the_page_states_the_codes_of_the_help():
    """Law: docs/cli.md lists for each command the codes that its help lists."""
    stated = {}
    for names, codes in table_of_the_page("| commands | end in |"):
        for name in re.findall(r"`(\w+)`", names):
            stated[name] = tuple(int(code) for code in re.findall(r"\b\d\b", codes))
    assert missing(stated, "the table of exit codes of docs/cli.md") == []
    assert stated == {name: tuple(codes) for name, codes in CODES.items()}
