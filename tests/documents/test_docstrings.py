"""Every example in a docstring of the package is run, and every command named there exists."""

import ast
import doctest
import importlib
import pkgutil
import re
import shlex
from functools import cache

import pytest
import typer

import planner
from planner.cli.app import app
from tests.documents.__main__ import PAGES
from tests.documents.session import ROOT

COMMANDS = typer.main.get_command(app).commands
MODULES = ["planner", *(found.name for found in pkgutil.walk_packages(planner.__path__, "planner."))]
SOURCES = sorted((ROOT / "planner").rglob("*.py"))


def doctests(name):
    """Return the doctests of a module."""
    module = importlib.import_module(name)
    return [test for test in doctest.DocTestFinder(exclude_empty=True).find(module, name) if test.examples]


def has_prompt(name):
    """Whether the source of a module has a line of an example: only then the finder needs to read its docstrings."""
    place = ROOT.joinpath(*name.split("."))
    source = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    return ">>>" in source.read_text(encoding="utf-8")


WITH_EXAMPLES = [name for name in MODULES if not name.endswith("__main__") and has_prompt(name) and doctests(name)]


SLOW = {
    "planner.analysis.comparison",
    "planner.explain.alternatives",
    "planner.explain.prices_table",
    "planner.explain.why",
    "planner.report.story.page",
    "planner.uncertainty.draw",
}
"""Modules whose examples solve several programs."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in WITH_EXAMPLES]
)
def test_docstring_examples_come_out_as_stated(name, tmp_path, monkeypatch):
    """Law: examples of docstrings give what they state; none is skipped."""
    monkeypatch.chdir(tmp_path)
    for test in doctests(name):
        assert not any(doctest.SKIP in example.options for example in test.examples), test.name
        runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
        said = []
        runner.run(test, out=said.append)
        assert runner.failures == 0, "".join(said)


def test_there_are_docstring_examples():
    """Law: the finder finds them (it would be quiet if it found none)."""
    assert {"planner.api", "planner.text", "planner.inputs.calendar"} <= set(WITH_EXAMPLES)


@cache
def docstrings(path):
    """Return the docstrings of a source file: of modules, classes and functions."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return [ast.get_docstring(node) or "" for node in nodes if isinstance(node, documented)]


LOOSE = re.compile(r"^\s+(?:from planner\S* import|import planner)\b.*$", re.MULTILINE)
"""An indented line of a docstring that imports from the planner; no prompt of an example stands before it."""
INDENTED = re.compile(r"^[ \t]+(?:from|import) planner", re.MULTILINE)
"""Such a line of a source file, in a docstring or not: only then is the file parsed."""


def test_python_in_docstrings_is_an_example_that_is_run():
    """Law: an indented line of a docstring that imports from the planner is a doctest, not a snippet nobody runs."""
    loose = [
        f"{path}: {line}"
        for path in SOURCES
        if INDENTED.search(path.read_text(encoding="utf-8"))
        for text in docstrings(path)
        for line in LOOSE.findall(text)
    ]
    assert loose == []


def commands_of(text):
    """Return the commands that a text names in backticks, once or twice quoted."""
    return re.findall(r"`(planner [^`]+)`", text)


def unknown_words(line):
    """Return the command and the options of a line that do not exist; words in capitals are places for the reader's."""
    words = shlex.split(line.split(" | ")[0])
    if len(words) == 1 or words[1].startswith("-"):
        return [word for word in words[1:] if word not in ("--help", "-h", "--version")]
    if words[1].isupper() or words[1] == "...":
        return []
    if words[1] not in COMMANDS:
        return [words[1]]
    known = {option for parameter in COMMANDS[words[1]].params for option in parameter.opts} | {"--help", "-h"}
    return [word for word in words[2:] if word.startswith("-") and word.split("=")[0] not in known]


def test_commands_named_in_a_text_exist():
    """Law: a command in backticks, in a page or in a docstring, exists with the options it is given."""
    unknown = {}
    for path in [*PAGES, *SOURCES]:
        whole = path.read_text(encoding="utf-8")
        if "`planner " not in whole:
            continue
        texts = docstrings(path) if path.suffix == ".py" else [whole]
        for line in (line for text in texts for line in commands_of(text)):
            if words := unknown_words(line):
                unknown[path.relative_to(ROOT).as_posix(), line] = words
    assert unknown == {}


def test_modules_named_to_be_run_exist():
    """Law: `python -m NAME` in a page or a docstring names a module of the repository."""
    for path in [*PAGES, *SOURCES]:
        for name in re.findall(r"python -m ([\w.]+)", path.read_text(encoding="utf-8")):
            place = ROOT.joinpath(*name.split("."))
            assert place.with_suffix(".py").is_file() or (place / "__main__.py").is_file() or name == "pytest", (
                path,
                name,
            )
