"""The audit as a room of its own: independent of the program, each family of checks tied to a section of the page."""

import ast
import re
from pathlib import Path

import pytest

import planner.audit as package
from planner.audit import audit
from planner.audit.registry import PARTS
from planner.program.families import FAMILIES
from tests.audit import yards
from tests.length import thinned

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
    named = set().union(*(sections(words) for words in (part.sections for part in PARTS)))
    assert named >= set(HEADINGS) - {1, 13}, "time and units are in every check"
    assert named <= set(HEADINGS)


def test_every_family_met_is_a_part():
    """Law: what the audit of a plan with every family checks is a part, and each part names its modules."""
    report = audit(yards.case(), yards.plan(), yards.summary())
    listed = [part.family for part in PARTS]
    assert len(listed) == len(set(listed))
    assert {check.family for check in report.checks} <= set(listed)
    for name in {name for part in PARTS for name in part.modules}:
        assert (ROOM / f"{name}.py").is_file(), name


@pytest.mark.parametrize("family", [family.name for family in FAMILIES])
def test_every_constraint_family_has_an_audit(family):
    """Law: what the program may not do, the audit checks: each constraint family is covered by one part that judges."""
    parts = [part for part in PARTS if family in part.constraints]
    assert len(parts) == 1, f"planner/audit/registry.py has {len(parts)} parts for the constraint family {family}"
    assert parts[0].check is not None


def test_the_audit_covers_no_family_that_is_not_there():
    """Law: a constraint family named by a part is one of the program."""
    assert {name for part in PARTS for name in part.constraints} <= {family.name for family in FAMILIES}


@pytest.mark.parametrize("part", thinned([part for part in PARTS if part.constraints], 3), ids=lambda part: part.family)
def test_a_part_finds_something_to_check(part):
    """Law: in a plan of a case with every family, each part that covers one checks something under its own name."""
    forced = {"by": 2027, "site": "b"}
    case = yards.case(model=lambda model: model.update(forced=[forced]))
    report = audit(case, yards.plan())
    assert any(check.family == part.family and check.count > 0 for check in report.checks)


def test_no_function_repeats_what_the_package_says():
    """Law: the arguments that every rule takes are described once, in the docstring of the package."""
    said = ("facts", "state", "ledger", "reader", "context", "checks")
    alone = re.compile(rf'^\s*(?:r?""")?\s*(?:{"|".join(said)})\s*(?:""")?\s*$', re.MULTILINE)
    for path in (path for path in MODULES if alone.search(path.read_text(encoding="utf-8"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                lines = [line.strip() for line in (ast.get_docstring(node) or "").splitlines()]
                assert not set(said) & set(lines), f"{path.name}: {node.name}"


def test_the_public_names_are_those_of_the_package():
    """Law: the room gives an audit, its report and its checks; the rest is its own."""
    assert package.__all__ == ["AuditCheck", "AuditReport", "audit"]
    assert package.audit is audit
