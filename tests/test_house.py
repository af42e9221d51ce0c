"""The house rules that no linter checks: short files, few layers, imports at the top, one version, nothing private."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import planner

pytestmark = pytest.mark.prose

ROOT = Path(__file__).resolve().parent.parent
MOST_LINES, MOST_LINES_OF_A_FUNCTION, MOST_COMPLEXITY, MOST_LAYERS = 400, 60, 10, 14
PACKAGE = ROOT / "planner"
MODULES = sorted(PACKAGE.rglob("*.py"))
CODE = [path for folder in ("planner", "bench", "sources", "tests") for path in sorted((ROOT / folder).rglob("*.py"))]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

NEEDED_LATE = "``import planner`` and the command line load no numerics before something is built, solved or made"
OPTIONAL = "an extra (Dask) that need not be installed"
RARE = "few cases need it, and importing it takes longer than solving one of them"
MEANWHILE = "only redundancy rules need it, and it is loaded while the solver runs"
PYOMO = "a case without families of its own needs no Pyomo, which is slow to import"
PLATFORM = "a part of Python that is not there on every platform"
COMMAND = "`planner --help` and a misspelt option answer at once: a command imports what it runs when it runs"
LATE = {
    (
        "planner/errors.py",
        "EXPLAINED_BY",
    ): "what explains an error stands above all that raises it, and is slow to import",
    ("planner/__init__.py", "_HOME[name]"): NEEDED_LATE,
    ("planner/api.py", "planner.changes.apply"): NEEDED_LATE,
    ("planner/api.py", "planner.inputs"): NEEDED_LATE,
    ("planner/api.py", "planner.plan.added"): NEEDED_LATE,
    ("planner/api.py", "planner.program"): NEEDED_LATE,
    ("planner/api.py", "planner.runs.session"): NEEDED_LATE,
    ("planner/api.py", "planner.runs.start"): NEEDED_LATE,
    ("planner/api.py", "planner.synthetic.generate"): NEEDED_LATE,
    ("planner/api.py", "planner.plan.frames"): NEEDED_LATE,
    ("planner/plan/plan.py", "planner.plan.frames"): NEEDED_LATE,
    ("planner/analysis/sweep_result.py", "pandas"): NEEDED_LATE,
    ("planner/audit/report.py", "pandas"): NEEDED_LATE,
    ("planner/analysis/sweep.py", "planner.runs.cluster"): OPTIONAL,
    ("planner/uncertainty/executors.py", "planner.runs.cluster"): OPTIONAL,
    ("planner/solve/engines.py", "planner.solve.portfolio"): "the extra with SCIP, which need not be installed",
    ("planner/solve/engines.py", "planner.solve.scip_run"): "the extra with SCIP, which need not be installed",
    ("planner/system/extras.py", "name"): "an extra that need not be installed",
    ("planner/runs/local.py", "resource"): PLATFORM,
    ("planner/program/build.py", "pyomo.environ"): PYOMO,
    ("planner/program/build.py", "planner.program.in_pyomo"): PYOMO,
    ("planner/program/terms.py", "pyomo.core.expr.numeric_expr"): PYOMO,
    ("planner/runs/compile.py", "planner.runs.compile_pyomo"): PYOMO,
    ("planner/runs/dispatch.py", "planner.runs.other"): RARE,
    ("planner/runs/dispatch.py", "planner.runs.solvers"): RARE,
    ("planner/redundancy/separate.py", "networkx"): RARE,
    ("planner/redundancy/separate.py", "networkx.algorithms.flow"): RARE,
    ("planner/redundancy/separate.py", "scipy.optimize"): RARE,
    ("planner/redundancy/certify.py", "scipy.optimize"): RARE,
    ("planner/redundancy/certify.py", "networkx"): MEANWHILE,
    ("planner/redundancy/certify.py", "networkx.algorithms.flow"): MEANWHILE,
    ("planner/system/loading.py", "name"): MEANWHILE,
    ("planner/audit/flow.py", "scipy.optimize"): RARE,
    ("planner/uncertainty/choice.py", "scipy"): RARE,
    ("planner/uncertainty/outages.py", "scipy"): RARE,
    ("planner/cli/__init__.py", "signal"): COMMAND,
    ("planner/cli/__init__.py", "planner.cli.run"): COMMAND,
}
"""What is imported inside a function, and why; the commands import the rooms below theirs so (`COMMAND`)."""
IMPORTERS = {"import_module", "__import__"}
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


BLOCKS = {"body", "orelse", "finalbody", "handlers", "cases"}
"""Where a node of a syntax tree has the statements below it."""
Function = ast.FunctionDef | ast.AsyncFunctionDef
BLOCK = re.compile(r"([ ]*)(def |async def |class |@|(?<![ ])[A-Z]\w+(?:: [^=]+)? = )")
"""The beginning of a function or class, or of a constant of the module."""
LATE_IMPORT = re.compile(r"^[ ]+(?:from|import) |import_module|__import__", re.MULTILINE)
"""What a file has that imports inside a function."""


@cache
def text_of(path: Path) -> str:
    """Return the text of a file."""
    return path.read_text(encoding="utf-8")


def statements_in(node: ast.AST) -> Iterator[ast.stmt]:
    """Yield every statement below a node; no function is defined inside an expression, so those are not entered."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        for name in BLOCKS.intersection(one._fields):
            inside = getattr(one, name)
            waiting += inside if isinstance(inside, list) else ()
        if isinstance(one, ast.stmt):
            yield one


def may_be_long(path: Path) -> bool:
    """Whether a file may have a long function: what lies from a ``def`` to the next block on its level, or outside.

    A function ends before that, so that a file without such a stretch needs no parsing.
    """
    starts = [(len(found[1]), number, found[2].startswith(("def", "async"))) for number, found in blocks_of(path)]
    starts.append((0, len(text_of(path).splitlines()), False))
    ends = (
        (first, next(number for level, number, _ in starts[place + 1 :] if level <= depth))
        for place, (depth, first, function) in enumerate(starts)
        if function
    )
    return any(end - first > MOST_LINES_OF_A_FUNCTION for first, end in ends)


def blocks_of(path: Path) -> Iterator[tuple[int, re.Match[str]]]:
    """Yield the lines that begin a function, a class or its decorators, or an assignment of the module, by number."""
    for number, line in enumerate(text_of(path).splitlines()):
        if found := BLOCK.match(line):
            yield number, found


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(text_of(path))


def functions_of(path: Path) -> list[Function]:
    """Return every function and method of a file, those inside others too."""
    return [node for node in statements_in(tree_of(path)) if isinstance(node, Function)]


def test_files_are_short():
    """No file of code has more than MOST_LINES lines."""
    lines = {module_id(path): len(text_of(path).splitlines()) for path in CODE}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


@pytest.mark.parametrize(
    "files", [pytest.param(MODULES, id="package"), pytest.param(CODE, marks=pytest.mark.slow, id="all")]
)
def test_functions_are_short(files):
    """No function has more than MOST_LINES_OF_A_FUNCTION lines, from `def` to its end, its docstring with it."""
    found = [(module_id(path), node) for path in files if may_be_long(path) for node in functions_of(path)]
    lines = [(name, node.name, (node.end_lineno or 0) - node.lineno + 1) for name, node in found]
    assert [one for one in lines if one[2] > MOST_LINES_OF_A_FUNCTION] == []


def test_module_says_what_it_is():
    """A module has a docstring and no relative imports."""
    for path in MODULES:
        assert re.match(r'r?"""\s*\S', text_of(path)), path
        assert not re.search(r"^\s*from \.", text_of(path), flags=re.MULTILINE), path


def test_no_function_is_complex():
    """The linter refuses what is more complex than MOST_COMPLEXITY, everywhere, and nothing is excepted from it."""
    lint = PROJECT["tool"]["ruff"]["lint"]
    assert lint["mccabe"]["max-complexity"] <= MOST_COMPLEXITY
    assert "C90" in lint["select"]
    left_out = [*lint["ignore"], *(rule for rules in lint["per-file-ignores"].values() for rule in rules)]
    assert [rule for rule in left_out if "C901".startswith(rule)] == []
    mark = re.compile("no" + r"qa(?!:)|no" + r"qa:.*\bC90?\d?")
    assert [module_id(path) for path in CODE if mark.search(text_of(path))] == []
    assert set(PROJECT["tool"]["ruff"].get("extend-exclude", ())) == {"*.ipynb"}
    assert "exclude" not in PROJECT["tool"]["ruff"]


def layers() -> list[list[str]]:
    """Return the layers of the import contract, top first, each with its rooms."""
    (contract,) = [one for one in PROJECT["tool"]["importlinter"]["contracts"] if one["type"] == "layers"]
    return [re.findall(r"planner\.(\w+)", layer) for layer in contract["layers"]]


def test_the_house_has_few_layers_and_every_module_one_room():
    """At most MOST_LAYERS layers; every package and module of the package stands in exactly one of them."""
    assert len(layers()) <= MOST_LAYERS
    rooms = [room for layer in layers() for room in layer]
    there = {path.stem if path.suffix == ".py" else path.name for path in PACKAGE.iterdir() if not hidden(path)}
    assert sorted(rooms) == sorted(there)


def hidden(path: Path) -> bool:
    """Whether an entry of the package is neither a room nor a module of one."""
    code = path.suffix == ".py" or (path.is_dir() and (path / "__init__.py").is_file())
    return not code or path.name == "__init__.py"


def test_no_module_hides_another():
    """No package has a module and a folder of one name, nor two names that a file system without capitals takes as one.

    Nor do two rooms hold one file twice: no two modules have the same text.
    """
    names = [path.with_suffix("") if path.suffix else path for path in PACKAGE.rglob("*") if path.suffix in ("", ".py")]
    plain = [str(path.relative_to(ROOT)).lower() for path in names if "__pycache__" not in path.parts]
    assert sorted({name for name in plain if plain.count(name) > 1}) == []
    texts: dict[str, list[str]] = {}
    for path in MODULES:
        texts.setdefault(text_of(path), []).append(module_id(path))
    assert [same for same in texts.values() if len(same) > 1] == []


def last_word(function: ast.expr) -> str:
    """Return the last word of the name of what is called; empty where it has no name."""
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def late_imports() -> set[tuple[str, str]]:
    """Return what is imported inside functions: the file and the module."""
    found = set()
    for path in (path for path in MODULES if LATE_IMPORT.search(text_of(path))):
        for node in (node for function in functions_of(path) for node in ast.walk(function)):
            if isinstance(node, ast.Import):
                found |= {(module_id(path), alias.name) for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add((module_id(path), node.module or ""))
            elif isinstance(node, ast.Call) and last_word(node.func) in IMPORTERS:
                found.add((module_id(path), ast.unparse(node.args[0]).strip("'")))
    return found


def test_imports_stand_at_the_top():
    """No import stands in a function but those of `LATE`, each with its reason, and of commands; none is listed twice.

    A command imports late only what it runs: a room below, never a sibling in the command line.
    """
    found = late_imports()
    commands = {(file, module) for file, module in found - set(LATE) if file.startswith("planner/cli/")}
    assert found - commands == set(LATE)
    below = {f"planner.{room}" for layer in layers()[1:] for room in layer}
    assert [one for one in sorted(commands) if ".".join(one[1].split(".")[:2]) not in below] == []


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
    assert "://" not in text
    assert not re.search(r"^\s*--(index|extra-index|find-links|trusted)", text, flags=re.MULTILINE)
    blocks = re.split(r"\n(?=\S)", text.strip())
    pinned = set()
    for block in blocks:
        match = re.match(r"([a-z0-9-]+)==\S+", block)
        assert match, block.splitlines()[0]
        assert "--hash=sha256:" in block, match[1]
        pinned.add(match[1])
    project = PROJECT["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["plot"], *extras["cluster"], *extras["dev"]]
    names = {re.match(r"[A-Za-z0-9-]+", requirement)[0].lower() for requirement in wanted} - {"gigaplan"}  # type: ignore[index]
    assert names <= pinned


def test_one_version():
    """The package and the citation state the same version, and the project file takes it from the package."""
    assert PROJECT["project"]["dynamic"] == ["version"]
    assert PROJECT["tool"]["hatch"]["version"]["path"] == "planner/version.py"
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(r"^version: (.*)$", citation, flags=re.MULTILINE)[1] == planner.__version__  # type: ignore[index]


def test_data_folders_hold_no_code():
    """models/ and sites/ hold data only, so that nothing of a user can shadow them (docs/decisions/0001)."""
    data = {".toml", ".csv", ".md", ".json"}
    for folder in ("models", "sites"):
        assert {path.suffix for path in (ROOT / folder).rglob("*") if path.is_file()} <= data
