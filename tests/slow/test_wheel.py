"""The wheel stands on its own: data inside, command works in an empty folder beside a user's own models.py."""

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

pytestmark = pytest.mark.slow


def run(*words: object, cwd: Path) -> str:
    """Run a command and return its standard output; its standard error is shown when it fails."""
    # A checkout that the environment puts before all else would hide the wheel.
    clean = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    call = [str(word) for word in words]
    process = subprocess.run(call, cwd=cwd, env=clean, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stdout[-1500:] + process.stderr[-1500:]
    return process.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the sdist, and the wheel from the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return folder


def test_wheel_carries_every_model_and_table(dist):
    """Each file of models/ and sites/ is in the wheel, unchanged, below planner/_data and nowhere else."""
    (wheel,) = dist.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        assert "planner/py.typed" in names
        assert not [name for name in names if name.split("/")[0] in ("models", "sites", "tests")]
        pages = [path for path in (ROOT / "planner").rglob("*.*") if path.parent.name in ("assets", "templates")]
        assert len(pages) > 10
        assert {path.relative_to(ROOT).as_posix() for path in pages} <= names
        for folder in ("models", "sites"):
            for path in (ROOT / folder).rglob("*.*"):
                inside = f"planner/_data/{path.relative_to(ROOT).as_posix()}"
                assert archive.read(inside) == path.read_bytes()


def test_sdist_carries_what_it_takes_to_check_it(dist):
    """The sdist holds sources, data, tests and the lock."""
    (sdist,) = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.split("/", 1)[-1] for name in archive.getnames()}
    wanted = {
        "pyproject.toml",
        "requirements.lock",
        "Makefile",
        "LICENSE",
        "models/three_sites.toml",
        "tests/test_house.py",
    }
    assert wanted <= names


@pytest.fixture(scope="module")
def venv(dist, tmp_path_factory):
    """An environment in which the wheel is installed alone.

    The dependencies are those of this environment: what is tested is the wheel, not the network.
    """
    (wheel,) = dist.glob("*.whl")
    folder = tmp_path_factory.mktemp("installed")
    venv = folder / "venv"
    run(sys.executable, "-m", "venv", venv, cwd=folder)
    python = venv / "bin" / "python"
    dependencies = Path(pytest.__file__).resolve().parent.parent
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])", cwd=folder).strip())
    (site / "dependencies.pth").write_text(f"{dependencies}\n", encoding="utf-8")
    run(python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", wheel, cwd=folder)
    where = run(python, "-c", "import planner; print(planner.__file__)", cwd=folder).strip()
    assert Path(where).is_relative_to(site)
    return venv


def test_wheel_solves_in_an_empty_folder(venv, tmp_path):
    """Installed alone, beside hostile files of the user, the command solves a case and prints one document."""
    (tmp_path / "sites").mkdir()
    for name in ("models.py", "sites/__init__.py"):
        (tmp_path / name).write_text("raise RuntimeError('a file of the user was imported')\n", encoding="utf-8")
    document = json.loads(run(venv / "bin" / "planner", "solve", "three_sites", "--json", cwd=tmp_path))
    assert document["status"] in ("optimal", "gap_reached")
    assert document["audit"]["passed"] is True
    assert document["cost_busd"] > 0.0
    assert (tmp_path / document["folder"] / "summary.json").is_file()


OUTSIDE = """
from water import WATER

from planner import Case, audit_folder, sweep
from planner.case.write import write_case

SECTION = [
    "model.families.own.water.gl_per_gw_year=10",
    "model.families.own.water.recycling_busd_per_gl=0.5",
    "model.families.own.water.cap_gl_per_year.north=0.5",
]
write_case(Case.read("three_sites", changes=SECTION), "dry")
case = Case.read("dry").with_families(WATER)
plan = case.solve(gap=0.0)
assert plan.cost_busd > Case.read("three_sites").solve(gap=0.0).cost_busd
report = audit_folder(plan.write("plan"), [WATER])
assert report.passed and not [line for line in report.not_recomputed if "water" in line]
found = sweep(case, {"wet": ["model.families.own.water.cap_gl_per_year.north=9"]}, workers=1, gap=0.0)
assert found.plan("base").cost_busd == plan.cost_busd > found.plan("wet").cost_busd
print(round(plan.power["x_water_recycled_gl"].sum(), 6))
"""


def test_a_family_from_outside_works_with_the_wheel(venv, tmp_path):
    """A constraint family in a module of the user's: read from a model file, solved, audited, and swept by workers."""
    (tmp_path / "water.py").write_bytes((ROOT / "tests" / "program" / "water.py").read_bytes())
    (tmp_path / "outside.py").write_text(OUTSIDE, encoding="utf-8")
    assert float(run(venv / "bin" / "python", "outside.py", cwd=tmp_path)) > 0.0


USER = """
from datetime import date

import pandas as pd

from planner import Case, Comparison, Family, Front, Plan, PlanColumn, SolveOptions, Status, Sweep
from planner import compare, front, generate, prove_bound, replan, sweep

case: Case = Case.read("three_sites", changes=["sites[north].max_it_mw=20"])
plan: Plan = case.solve(gap=0.0, threads=2, options=SolveOptions(seed=1))
status: Status = plan.status
table: pd.DataFrame = plan.capacity
again: Plan = plan.case.what_if({"op": "force", "site": "north", "by": 2026}).solve()
found: Front = front(case, "carbon", (1.0,), gap=0.1, time_limit_s=5.0)
other: Comparison = compare(plan, again)
runs: Sweep = sweep("three_sites", {"a": ["sites[north].max_it_mw=20"]}, workers=1, gap=0.1)
first: Case = runs.plan("a").case
news: Case = replan(plan, "sites[north].max_it_mw=20", date(2026, 1, 1), gap=0.1).plans["free"].case
family = Family("a", lambda m, inputs, ledger: None, columns=(PlanColumn("power", "x_a", lambda s, row: 1.0),))
drawn: Case = generate(10).with_families(family)
reason: str = prove_bound(plan, time_limit_s=1.0).reason
case.origin = "elsewhere"  # wrong
front(case, "carbon", gpa=0.1)  # wrong
plan.contract  # wrong
"""


def test_a_type_checker_knows_the_interface(venv, tmp_path):
    """Mypy --strict against the wheel reports what is wrong in a script of a user's, and nothing else."""
    script = tmp_path / "user.py"
    script.write_text(USER, encoding="utf-8")
    (tmp_path / "empty.ini").write_text("[mypy]\nstrict = True\n", encoding="utf-8")
    words = [sys.executable, "-m", "mypy", "--config-file", "empty.ini", "--python-executable", venv / "bin" / "python"]
    checked = subprocess.run([*map(str, words), "user.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    reported = {int(line.split(":")[1]) for line in checked.stdout.splitlines() if ": error:" in line}
    assert reported == {n for n, line in enumerate(USER.splitlines(), 1) if line.endswith("# wrong")}, checked.stdout


def test_the_notebook_of_a_constraint_runs_as_a_script(venv, tmp_path):
    """``python examples/07_own_constraint.py`` with nothing but the wheel."""
    said = run(venv / "bin" / "python", ROOT / "examples" / "07_own_constraint.py", cwd=tmp_path)
    assert "x_water_recycling" in said
