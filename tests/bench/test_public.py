"""Public instances with published optima, solved as cases of the planner."""

import json
from pathlib import Path

import pytest

from bench.importer import import_instance
from bench.public import Line, instances
from bench.runner import Result, run_job
from planner.api import Case

PUBLIC = Path(__file__).resolve().parents[1] / "data" / "public"
FILES = [
    pytest.param(file, value, id=f"{folder.name}-{file.stem}")
    for folder in sorted(PUBLIC.iterdir())
    if folder.is_dir()
    for file, value in instances(folder)
]


def test_the_instances_are_there() -> None:
    """The data folder holds the four instances its README names, each with a published value."""
    assert len(FILES) == 4
    assert all(param.values[1] is not None for param in FILES)


@pytest.mark.slow
@pytest.mark.parametrize(("file", "published"), FILES)
def test_published_optimum_is_reached_and_proven(file: Path, published: float) -> None:
    """The planner reaches the published optimum and proves it."""
    imported = import_instance(json.loads(file.read_text(encoding="utf-8")))
    plan = Case.of(imported.case).solve(gap=0.0, time_limit_s=120)
    assert plan.summary["cost_busd"] * imported.cost_per_busd == pytest.approx(published, rel=1e-6)
    assert plan.summary["bound_busd"] * imported.cost_per_busd == pytest.approx(published, rel=1e-6)


@pytest.mark.parametrize(
    ("cost", "bound", "verdict"),
    [
        (100.0, 100.0, "proven"),
        (100.0, 99.0, "reached, not proven"),
        (101.0, 101.0, "worse than published"),
        (99.0, 99.0, "better than published"),
        (None, None, "no plan"),
    ],
)
def test_verdicts(cost: float | None, bound: float | None, verdict: str) -> None:
    """A verdict says whether the published value was reached and whether it was proven."""
    line = Line("family", "name", 100.0, {"planner": Result("x", cost=cost, bound=bound)})
    assert line.verdict == verdict


@pytest.mark.slow
def test_a_worker_that_fails_is_a_line_of_the_table(tmp_path: Path) -> None:
    """A job that cannot run gives a result that says why; nothing is raised."""
    job = {"kind": "public", "file": str(tmp_path / "none.json"), "method": "planner", "gap": 0, "threads": 1}
    result = run_job({**job, "time_limit_s": 60})
    assert result.status.startswith("failed: FileNotFoundError")
    assert result.cost is None
