"""``planner alternatives PLAN``: what is printed, written, and refused."""

from pathlib import Path

import pytest

from planner.errors import PlanError
from tests.cli.conftest import Run
from tests.program.tiny import lease, site, solve, tiny

OFFERS = (
    lease("cheap", "a"),
    lease("dear", "b", rent_musd_per_mw_year=12.0),
    lease("far_too_dear", "c", rent_musd_per_mw_year=100.0),
)


@pytest.mark.slow
def test_the_command_prints_and_writes(run: Run, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Ranges, must-haves, and folders of plans that pass ``planner audit``."""
    plan = solve(tiny(100.0, sites=[site(name) for name in "abc"], offers=OFFERS))
    place = tmp_path_factory.mktemp("plans")
    folder = plan.write(place / "base")
    done = run("alternatives", str(folder), "--within", "5%", "--gap", "0", "--out", str(place / "other"))
    assert done.code == 0
    assert "In every such plan, proven: provider cheap_provider, site a" in done.out
    assert "In no such plan, proven: provider far_too_dear_provider, site c" in done.out
    assert "site b: 0; 0 to 20" in done.out
    assert run("audit", str(place / "other-1")).code == 0
    assert run("alternatives", str(folder), "--within", "200%").code == 1
    assert run("alternatives", str(folder), "--json").document()["spans"]


@pytest.mark.parametrize("name", ["foreign", "..", "no/../file/x"])
def test_places_are_looked_at_before_any_work(run: Run, tmp_path: Path, name: str) -> None:
    """Law: what stands where a plan is to go is told before the search, and stays; here there is not even a plan."""
    (tmp_path / "foreign-2").mkdir()
    kept = tmp_path / "foreign-2" / "kept"
    kept.write_text("mine")
    (tmp_path / "file").write_text("mine")
    done = run("alternatives", str(tmp_path / "no_plan"), "--out", f"{tmp_path}/{name}")
    assert done.code == 1
    assert "no_plan" not in done.err
    assert kept.read_text() == "mine"
    assert not (tmp_path / "foreign-1").exists()


@pytest.mark.slow
def test_a_plan_that_cannot_be_written_is_not_lost(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: where writing fails after the search, the document has the ranges, and says what happened to the plans."""
    plan = solve(tiny(100.0, sites=[site("a"), site("b")], offers=OFFERS[:2]))
    folder = plan.write(tmp_path / "base")

    def full(*_: object, **__: object) -> None:
        raise PlanError("no space left on device")

    monkeypatch.setattr("planner.plan.plan.write_at", full)
    done = run("alternatives", str(folder), "--within", "5%", "--gap", "0", "--out", str(tmp_path / "x"), "--json")
    document = done.document()
    assert document["spans"]
    assert document["folders"] == [None]
    assert "no space left" in document["problems"][0]["message"]
    assert document["tables"][0]["contracts"]


def test_a_search_that_was_cut_short_says_so(run: Run, tmp_path: Path) -> None:
    """Law: that no other plan was found is never said as if all had been looked for."""
    folder = solve(tiny(100.0, sites=[site("a"), site("b")], offers=OFFERS[:2])).write(tmp_path / "base")
    done = run("alternatives", str(folder), "--time-limit", "0.0001")
    assert done.code == 0
    assert "The time limit of 0.0001 s ended the search: there may be other plans" in done.out
