"""What ``import planner`` offers: the names it promises, all of them, quickly."""

import ast
import importlib
import inspect
import subprocess
import sys
import typing
from enum import Enum
from pathlib import Path

import matplotlib.figure
import pandas
import pytest

import planner
import planner.api
from planner.plan.columns import COLUMNS
from planner.runs.start import Start
from tests.documents.page import read_page

ROOT = Path(__file__).resolve().parent.parent
IMPORT_SECONDS = 1.0
INTERFACE = ROOT / "tests" / "data" / "public_interface.txt"


def test_names_are_sorted_and_each_exists():
    """Every public name can be imported, and the list is sorted and without repeats."""
    assert planner.__all__ == sorted(set(planner.__all__))
    for name in planner.__all__:
        assert getattr(planner, name) is not None
        assert name in dir(planner)


def test_every_public_class_and_function_says_what_it_is():
    """Every public name but the version has a docstring."""
    for name in planner.__all__:
        if name != "__version__":
            assert inspect.getdoc(getattr(planner, name)), name


def test_type_checkers_see_the_same_names():
    """The imports for type checkers and the lazy imports name the same things in the same modules."""
    tree = ast.parse((ROOT / "planner" / "__init__.py").read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    imported = {
        alias.name: node.module for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert imported == planner._HOME
    assert {*imported, "__version__"} == set(planner.__all__)


def signatures() -> str:
    """Every public name with its parameters, and those of the public members of classes, inherited ones too."""
    lines = []
    for name in planner.__all__:
        found = getattr(planner, name)
        if isinstance(found, str):
            continue
        lines.append(f"{name}{_parameters(found)}")
        for member, value in sorted(_members(found).items()):
            if not member.startswith("_"):
                lines.append(f"{name}.{member}{_parameters(getattr(found, member) if callable(value) else value)}")
    return "\n".join(lines) + "\n"


def _members(found: object) -> dict[str, object]:
    """The members of a class, those of the package's own classes below it included."""
    kinds = reversed(found.__mro__) if inspect.isclass(found) else ()
    return {
        name: value for kind in kinds if kind.__module__.startswith("planner") for name, value in vars(kind).items()
    }


def _parameters(found: object) -> str:
    if inspect.isclass(found) and issubclass(found, Enum):
        return ""  # made by Python, and another in each version of it; the members are listed
    if isinstance(found, property | classmethod | staticmethod) or not callable(found):
        found = getattr(found, "__func__", None)
    if found is None:
        return ""
    try:
        given = inspect.signature(found).parameters.values()
    except (TypeError, ValueError):
        return ""
    stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    words, keywords = [], False
    for one in given:
        if one.kind is inspect.Parameter.KEYWORD_ONLY and not keywords:
            words, keywords = [*words, "*"], True
        default = (
            "" if one.default is inspect.Parameter.empty else f"={getattr(one.default, '__name__', repr(one.default))}"
        )
        words.append(f"{stars.get(one.kind, '')}{one.name}{default}")
    return f"({', '.join(words)})"


def test_the_interface_is_the_one_that_was_decided():
    """A change of a public name or of a parameter is a decision: the stored list changes with it.

    After a change that is meant: ``python -m tests.test_public_api`` writes the list anew.
    """
    assert signatures() == INTERFACE.read_text(encoding="utf-8")


def test_what_a_public_signature_names_is_public():
    """Law: every class of the package in the types of a public function, method or field is public itself."""
    public = {getattr(planner, name) for name in planner.__all__}
    named = {
        (where, kind.__name__)
        for name in planner.__all__
        if name not in OWN_RECORDS
        for where, found in _typed(name)
        for kind in _classes(typing.get_type_hints(found, vars(planner.api) | HINTS))
        if kind not in public
    }
    assert not named


OWN_RECORDS = ("WhatIf", "Scenario", "Model", "Inputs", "Ledger", "Periods", "Values", "Outcome", "__version__")
"""Records whose parts are described in their modules: a `WhatIf` is made of texts and mappings, the model file of the
sections of docs/data.md, and families of one's own read the inputs."""
HINTS = {name: getattr(planner, name) for name in planner.__all__} | {
    "pd": pandas, "matplotlib": matplotlib, "Start": Start,
}  # fmt: skip
"""Types that are imported for type checkers alone."""


def _typed(name: str) -> list[tuple[str, object]]:
    """A public name, and what has types within it: of its own classes, those below it included."""
    found = getattr(planner, name)
    if not inspect.isclass(found):
        return [(name, found)]
    parts = [(member, getattr(value, "fget", None) or getattr(value, "__func__", value))
             for member, value in _members(found).items() if not member.startswith("_")]  # fmt: skip
    return [(name, found), *((f"{name}.{member}", part) for member, part in parts if inspect.isfunction(part))]


def _classes(kind: object) -> set[type]:
    """The classes of the package in a type, or in a dict of types by name; names that begin with _ are private."""
    if isinstance(kind, dict):
        return {one for name, inner in kind.items() if not name.startswith("_") for one in _classes(inner)}
    if isinstance(kind, list | tuple):
        return {one for inner in kind for one in _classes(inner)}
    origin = typing.get_origin(kind)
    own = {one for one in (kind, origin) if inspect.isclass(one) and one.__module__.startswith("planner")}
    return own | {one for inner in typing.get_args(kind) for one in _classes(inner)}


def imports_of(text: str) -> list[tuple[str, str]]:
    """The names of the package that a text of Python imports: module and name."""
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)]
    ours = [node for node in nodes if (node.module or "").split(".")[0] == "planner"]
    return [(str(node.module), alias.name) for node in ours for alias in node.names]


def documented() -> list[tuple[str, str]]:
    """Every name that a page or a notebook imports from the package."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]
    blocks = [block for page in pages for block in read_page(page.read_text(encoding="utf-8")).blocks]
    texts = ["\n".join(block.lines) for block in blocks if block.language == "python"]
    texts += [path.read_text(encoding="utf-8") for path in sorted((ROOT / "examples").glob("*.py"))]
    return sorted({pair for text in texts for pair in imports_of(text)})


@pytest.mark.parametrize(("module", "name"), documented())
def test_every_documented_name_can_be_imported(module, name):
    """A name that a page or a notebook imports is there; of the package itself only public names are."""
    assert hasattr(importlib.import_module(module), name)
    if module == "planner":
        assert name in planner.__all__


def test_errors_are_also_what_python_users_catch():
    """A refused case or option is a ValueError, an unknown table a KeyError, and the text is the message itself."""
    with pytest.raises(ValueError, match="gap 2"):
        planner.Case.read("three_sites").solve(gap=2.0)
    with pytest.raises(ValueError, match="no column 'none'"):
        planner.Case.read("three_sites", changes=["sites[north].none=1"])
    plan = planner.Case.read("three_sites").solve(gap=0.0)
    with pytest.raises(KeyError) as caught:
        plan.rows("nothing")
    assert str(caught.value).startswith("a plan has no table 'nothing' (it has: calendar")


def test_a_plan_shows_its_tables_and_itself_in_short():
    """Every table is a real attribute; the text of a plan is one short line, its HTML is escaped."""
    plan = planner.Case.read("three_sites").solve(gap=0.0)
    assert set(COLUMNS) <= set(dir(plan))
    assert list(plan.contracts.columns) == list(COLUMNS["contracts"])
    assert repr(plan) == "Plan(three_sites, optimal, cost $4.050B, gap 0.000%)"
    assert (plan.status, plan.gap) == ("optimal", 0.0)
    assert plan.cost_busd == plan.summary["cost_busd"]
    assert plan.bound_busd == plan.summary["bound_busd"]
    hostile = planner.Plan(plan.case, {**plan.summary, "case_name": "<script>", "gap": None, "bound_busd": None}, {})
    assert "<script>" not in hostile._repr_html_()
    assert "not proven" in hostile._repr_html_()
    with pytest.raises(AttributeError):
        _ = plan.contract


def test_an_earlier_name_works_and_says_what_is_new():
    """A released name keeps working for a minor version, with a warning that names the new one."""
    with pytest.warns(DeprecationWarning, match="changes="):
        old = planner.Case.read("three_sites", set=["sites[north].max_it_mw=20"])
    assert old.hash == planner.Case.read("three_sites", changes=["sites[north].max_it_mw=20"]).hash


def test_unknown_name_is_an_attribute_error():
    """A name that does not exist is refused as Python does."""
    with pytest.raises(AttributeError, match="nonsense"):
        _ = planner.nonsense


def test_import_is_quick_and_loads_nothing_heavy():
    """``import planner`` and the command line load no numerics, no solver and no Pyomo."""
    code = (
        "import sys, time; start = time.perf_counter(); import planner; seconds = time.perf_counter() - start;"
        "import planner.cli.run;"
        "heavy = {'numpy', 'pandas', 'scipy', 'pyomo', 'highspy', 'networkx'} & set(sys.modules);"
        "print(seconds, sorted(heavy))"
    )
    words = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    seconds, heavy = words.split(maxsplit=1)
    assert float(seconds) < IMPORT_SECONDS
    assert heavy.strip() == "[]"


if __name__ == "__main__":
    INTERFACE.write_text(signatures(), encoding="utf-8")
