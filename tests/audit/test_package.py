"""The audit as a room of its own: independent of the program, each family of checks tied to a section of the page."""

import ast
import re
from pathlib import Path

import pytest

import planner.audit as package
from planner.audit import audit
from tests.audit import yards

ROOM = Path(package.__file__).parent
MODULES = sorted(ROOM.glob("*.py"))
PAGE = (ROOM.parent.parent / "docs" / "formulation.md").read_text(encoding="utf-8")
HEADINGS = {int(number): title for number, title in re.findall(r"^## (\d+)\. (.+)$", PAGE, re.MULTILINE)}
ADMITTED = {"planner.audit", "planner.case", "planner.plan", "planner.errors", "planner.text", "planner.system"}
"""Rooms below and records without logic: what a plan is, what a case is, files."""


def imports(path: Path) -> set[str]:
    """Return the modules that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return found


def families() -> dict[str, tuple[str, str]]:
    """Return the table of the package's docstring: sections and modules by family."""
    lines = (package.__doc__ or "").split("\n")
    first, _, last = (number for number, line in enumerate(lines) if line.startswith("===="))
    return {line[:15].strip(): (line[16:26].strip(), line[27:]) for line in lines[first + 3 : last]}


def sections(words: str) -> set[int]:
    """Return the sections that words such as ``3-6, 10`` name."""
    found = set()
    for part in re.findall(r"\d+(?:\s*(?:-|to)\s*\d+)?", words):
        ends = [int(number) for number in re.findall(r"\d+", part)]
        found.update(range(ends[0], ends[-1] + 1))
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_a_module_imports_nothing_that_makes_plans(path):
    """Law: no module of the audit imports what makes a plan, or a solver of mixed-integer programs."""
    ours = {name for name in imports(path) if name.split(".")[0] == "planner"}
    assert {".".join(name.split(".")[:2]) for name in ours} - {"planner"} <= ADMITTED
    assert not {name.split(".")[0] for name in imports(path)} & {"pyomo", "highspy"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_the_sections_that_a_module_names_exist(path):
    """Law: a section named in the docstring of a module is one of the page."""
    doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    for words in re.findall(r"sections? ((?:\d+(?:,? (?:and|to) |, |-)?)+)", doc):
        assert sections(words) <= set(HEADINGS), words


def test_every_rule_of_the_page_has_a_family():
    """Law: every section that limits a plan or states what it costs has a family of checks."""
    named = set().union(*(sections(words) for words, _ in families().values()))
    assert named >= set(HEADINGS) - {1, 13}, "time and units are in every check"
    assert named <= set(HEADINGS)


def test_every_family_met_is_in_the_table_of_the_package():
    """Law: what the audit of a plan with every family checks is a row of the table, and each row names its modules."""
    report = audit(yards.case(), yards.plan(), yards.summary())
    table = families()
    assert {check.family for check in report.checks} <= set(table)
    for _, modules in table.values():
        for name in re.findall(r"^[a-z_]+|(?<=, )[a-z_]+", re.sub(r"\(.*?\)|:.*", "", modules)):
            assert (ROOM / f"{name}.py").is_file(), name


def test_no_function_repeats_what_the_package_says():
    """Law: the arguments that every rule takes are described once, in the docstring of the package."""
    said = ("facts", "state", "ledger", "reader", "context", "checks")
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                lines = [line.strip() for line in (ast.get_docstring(node) or "").splitlines()]
                assert not set(said) & set(lines), f"{path.name}: {node.name}"


def test_the_public_names_are_those_of_the_package():
    """Law: the room gives an audit, its report and its checks; the rest is its own."""
    assert package.__all__ == ["AuditReport", "Check", "audit"]
    assert package.audit is audit
