"""The starter case: valid, small, solvable, worth looking at, and never written over anything."""

import re
import shlex
from pathlib import Path

import pytest

from planner.api import Case, Plan
from planner.case.check import warnings_of
from planner.case.read import read_case
from planner.case.rows import TABLES
from planner.case.starter import MODEL, write_starter
from planner.cli import main
from planner.errors import PlannerError


def test_the_starter_is_a_good_case(tmp_path: Path) -> None:
    """Law: the starter case reads without a fault or a warning, into a new or an empty folder."""
    write_starter(tmp_path)
    write_starter(tmp_path / "new" / "one")
    case = read_case(tmp_path / "new" / "one")
    other = read_case(tmp_path)
    assert case.tables == other.tables
    assert case.model == other.model.model_copy(update={"name": case.model.name})
    assert warnings_of(case) == []


@pytest.mark.parametrize(("folder", "name"), [("my-case", "my-case"), ("my case", "starter"), ("x" * 65, "starter")])
def test_the_case_is_called_like_its_folder(folder: str, name: str, tmp_path: Path) -> None:
    """Law: a new case has the name of its folder, so that its plans are found; else it is called starter."""
    write_starter(tmp_path / folder)
    assert read_case(tmp_path / folder).model.name == name


def test_every_figure_is_marked_as_an_example(tmp_path: Path) -> None:
    """Law: every row of the starter carries grade D and says that it is an example."""
    write_starter(tmp_path)
    case = read_case(tmp_path)
    rows = [row for table in TABLES for row in case.tables[table]]
    assert len(rows) > 30
    assert {(row.grade, row.source) for row in rows} == {("D", "example")}


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """Law: a folder that holds anything, and a file of that name, are refused and left alone."""
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(PlannerError, match="not empty"):
        write_starter(tmp_path)
    with pytest.raises(PlannerError, match="there is a file"):
        write_starter(tmp_path / "notes.txt")
    assert [entry.name for entry in tmp_path.iterdir()] == ["notes.txt"]
    with pytest.raises(PlannerError, match="cannot write"):
        write_starter(tmp_path / "notes.txt" / "below")


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The plan of the starter, at the gap that `planner solve` takes."""
    folder = tmp_path_factory.mktemp("starter")
    write_starter(folder)
    return Case.read(folder).solve(own_process=False)


def test_the_starter_has_a_plan(tmp_path: Path) -> None:
    """Law: a plan of the starter that is found quickly, within 5 %, serves all demand and passes its audit."""
    write_starter(tmp_path)
    found = Case.read(tmp_path).solve(gap=0.05, own_process=False)
    assert found.summary["audit"]["passed"]
    assert found.summary["unserved_share"] == 0.0
    assert found.summary["gap"] <= 0.05


@pytest.mark.slow
def test_the_starter_has_a_plan_worth_looking_at(plan: Plan) -> None:
    """Law: the plan of the starter serves all demand with own build, shell and cloud, keeps backup, leaves money."""
    capacity = plan.capacity
    assert plan.summary["audit"]["passed"]
    assert plan.summary["unserved_share"] == 0.0
    assert set(capacity["provider"]) == {"own", "lessor", "atlantic", "nordic_cloud"}
    assert set(capacity["site"]) == {"prairie", "desert", "harbour", "fjord"}
    assert set(capacity["chip"]) == {"merchant", "merchant_next", "custom"}
    assert set(capacity["role"]) == {"primary", "backup"}
    assert plan.summary["backup_income_busd"] > 0.0
    assert (plan.budget["slack_busd"].astype(float) > 0.0).all()


@pytest.mark.slow
def test_the_one_rule_of_the_starter_binds(plan: Plan, tmp_path: Path) -> None:
    """Law: the starter has one redundancy rule; a loss leaves it no margin, and without it plans cost less."""
    write_starter(tmp_path)
    case = Case.read(tmp_path)
    assert case.model.families.redundancy is not None
    assert len(case.model.families.redundancy.rules) == 1
    free = Case.read(tmp_path, changes=["model.families.redundancy="]).solve(own_process=False)
    assert plan.contingencies["margin_compute"].astype(float).min() == pytest.approx(0.0, abs=1e-6)
    assert "yes" in set(plan.contingencies["binding"])
    assert 0.7 < free.summary["cost_busd"] / plan.summary["bound_busd"] < 0.8, "the model file says: a quarter less"


COMMANDS = re.findall(r"^#     (planner .*?)(?:   .*)?$", MODEL, flags=re.MULTILINE)


@pytest.mark.slow
@pytest.mark.parametrize("line", COMMANDS)
def test_the_commands_in_the_model_file_work(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: every command that the starter's model file proposes ends in 0 when it is given inside its folder."""
    assert len(COMMANDS) == 8
    write_starter(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(line)[1:]) == 0
