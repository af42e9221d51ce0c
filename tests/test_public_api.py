"""What ``import planner`` offers: the names it promises, all of them, quickly."""

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import planner

ROOT = Path(__file__).resolve().parent.parent
IMPORT_SECONDS = 1.0


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
