"""The house rules that no linter checks: small files, one version, nothing private in the repository."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

import planner

ROOT = Path(__file__).resolve().parent.parent
MOST_LINES = 450
MODULES = sorted((ROOT / "planner").rglob("*.py"))
EDGE = {"cli", "api.py", "plan.py"}
"""The command line and the two public classes: what is slow to import is imported there when it is first needed."""
SKIPPED = {".git", ".venv", "dist", "build", "plans", "__pycache__", "node_modules", ".hypothesis"}
SKIPPED_SUFFIXES = {".pyc", ".png", ".gz", ".zip", ".whl"}
# Written in pieces, so that this file does not find itself. A path begins where no word ends: an address of the web
# that has such a folder is none.
PRIVATE = re.compile("|".join(["pypi" + r"\.org", "python" + "hosted", "/ro" + "ot/", r"(?<![\w.])/ho" + "me/[a-z]"]))


def project_files() -> list[Path]:
    """Return the text files of the project, not what was built or installed beside them."""
    return [
        path
        for path in sorted(ROOT.rglob("*"))
        if path.is_file()
        and not any(part in SKIPPED or part.endswith("_cache") for part in path.relative_to(ROOT).parts)
        and path.suffix not in SKIPPED_SUFFIXES
    ]


def module_id(path: Path) -> str:
    """Return the path of a module for the name of its test."""
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=module_id)
def test_module_is_small_and_says_what_it_is(path):
    """A module has a docstring, at most MOST_LINES lines and no relative imports."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert text.count("\n") <= MOST_LINES
    assert ast.get_docstring(tree)
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level]


@pytest.mark.parametrize("path", [path for path in MODULES if not EDGE & {path.name, path.parent.name}], ids=module_id)
def test_imports_stand_at_the_top(path):
    """No import hides in a function, except where ``import planner`` would wait for a slow one."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    hidden = [node for f in functions for node in ast.walk(f) if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert [f"{path.name}:{node.lineno}" for node in hidden] == []


def test_nothing_private_is_in_the_repository():
    """No file names a package host or a path of somebody's machine."""
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in project_files()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1)
        if PRIVATE.search(line)
    ]
    assert found == []


def test_the_lock_is_complete():
    """Every requirement is pinned and hashed, nothing names where it comes from, and no dependency is missing."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "http" not in text
    assert not re.search(r"^\s*--(index|extra-index|find-links|trusted)", text, flags=re.MULTILINE)
    blocks = re.split(r"\n(?=\S)", text.strip())
    pinned = set()
    for block in blocks:
        match = re.match(r"([a-z0-9-]+)==\S+", block)
        assert match, block.splitlines()[0]
        assert "--hash=sha256:" in block, match[1]
        pinned.add(match[1])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["plot"], *extras["cluster"], *extras["dev"]]
    names = {re.match(r"[A-Za-z0-9-]+", requirement)[0].lower() for requirement in wanted} - {"gigaplan"}  # type: ignore[index]
    assert names <= pinned


def test_one_version():
    """The package and the citation state the same version, and the project file takes it from the package."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"]["path"] == "planner/version.py"
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(r"^version: (.*)$", citation, flags=re.MULTILINE)[1] == planner.__version__  # type: ignore[index]


def test_data_folders_hold_no_code():
    """models/ and sites/ hold data only, so that nothing of a user can shadow them (docs/decisions/0001)."""
    data = {".toml", ".csv", ".md", ".json"}
    for folder in ("models", "sites"):
        assert {path.suffix for path in (ROOT / folder).rglob("*") if path.is_file()} <= data
