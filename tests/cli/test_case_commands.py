"""``list``, ``new``, ``check`` and ``schema`` on the shipped cases and on a starter case."""

import json
import shutil
from pathlib import Path

import pytest

from planner.case.rows import TABLES
from planner.system.resources import shipped_models

ROOT = Path(__file__).resolve().parent.parent.parent


def test_list_names_every_shipped_case(run):
    """Each shipped case is listed with its title, for people and as JSON."""
    outcome = run("list")
    assert outcome.code == 0
    names = {line.split()[0] for line in outcome.out.splitlines()[1:]}
    assert set(shipped_models()) <= names
    cases = run("list", "--json").document()["cases"]
    assert [case["case"] for case in cases] == shipped_models()
    assert all(case["title"] and case["periods"] >= 1 for case in cases)


def test_list_works_on_80_columns(run):
    """The list fits 80 columns."""
    assert max(len(line.rstrip()) for line in run("list").out.splitlines()) <= 80


def test_new_case_is_valid_and_never_overwrites(run, tmp_path):
    """The starter case passes the check; a folder that holds anything is left as it is."""
    folder = tmp_path / "mine"
    outcome = run("new", folder, "--json")
    assert outcome.code == 0
    files = outcome.document()["files"]
    assert any(name.endswith(".toml") for name in files)
    assert run("check", folder).code == 0
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    again = run("new", folder)
    assert again.code == 1
    assert str(folder.name) in again.err
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_check_says_what_a_case_holds(run):
    """A valid case is summed up: rows per table, families, hash."""
    document = run("check", "three_sites", "--json").document()
    assert document["status"] == "ok"
    assert document["rows"]["sites"] == 3
    assert len(document["case_hash"]) == 64
    text = run("check", "three_sites").out
    assert text.startswith("valid")
    assert document["case_hash"] in text


def test_check_lists_every_fault_at_once(run, tmp_path):
    """Two faults in two tables are both told, with file, row and column, and the exit code is 2."""
    shutil.copytree(ROOT / "sites" / "three_sites", tmp_path / "case")
    folder = tmp_path / "case"
    model = (ROOT / "models" / "three_sites.toml").read_text(encoding="utf-8")
    (folder / "model.toml").write_text(model.replace("shipped:three_sites/", ""), encoding="utf-8")
    assert run("check", folder).code == 0, "the copy must be valid before it is broken"
    for name, column in (("sites.csv", "pue_peak"), ("chips.csv", "life_years")):
        lines = (folder / name).read_text(encoding="utf-8").splitlines()
        index = lines[0].split(",").index(column)
        cells = lines[1].split(",")
        cells[index] = "-1"
        lines[1] = ",".join(cells)
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    outcome = run("check", folder, "--json")
    assert outcome.code == 2
    places = {(Path(p["file"]).name, p["row"], p["column"]) for p in outcome.document()["problems"]}
    assert {("sites.csv", 2, "pue_peak"), ("chips.csv", 2, "life_years")} <= places
    text = run("check", folder).err
    assert "pue_peak" in text
    assert "life_years" in text


@pytest.mark.parametrize("case", ["three_sitez", "no/such/folder", "", "models/none.toml", "\0", "x" * 5000])
def test_unknown_case_is_invalid(run, case):
    """A case that cannot be found ends in 2 without a traceback, as does a name no file can have."""
    outcome = run("check", case)
    assert outcome.code == 2
    assert "internal error" not in outcome.err


def test_misspelt_case_gets_the_nearest(run):
    """A misspelt shipped case is answered with the nearest one."""
    assert "three_sites" in run("check", "three_sitez").err


@pytest.mark.parametrize(
    "change", ["nonsense", "sites[nowhere].max_it_mw=1", "sites[x].y=1", "model.nonsense=1", "=", ""]
)
def test_wrong_change_is_invalid(run, change):
    """A change that names nothing in the case ends in 2 and repeats what was asked for."""
    outcome = run("check", "three_sites", "--set", change)
    assert outcome.code == 2
    assert "internal error" not in outcome.err
    assert change.split("=")[0].split("[")[0] in outcome.err


def test_change_changes_the_hash(run):
    """A changed case has another hash, so that its plan gets a folder of its own."""
    plain = run("check", "three_sites", "--json").document()["case_hash"]
    changed = run("check", "three_sites", "--json", "--set", "model.objective.discount_rate_per_year=0.051")
    assert changed.document()["case_hash"] != plain


def test_schema_tables_describe_every_column(run):
    """The data dictionary names every table and every column."""
    text = run("schema", "--tables").out
    for name, row in TABLES.items():
        assert name in text
        for column in row.model_fields:
            assert f"`{column}`" in text, f"{name}.{column}"
    assert json.loads(run("schema", "--tables", "--json").out)["tables"].strip() == text.strip()


def test_check_tells_contradictions_apart(run):
    """A case that no plan can meet is valid and said to be hopeless; a good case has none."""
    good = run("check", "three_sites", "--json").document()
    assert good["contradictions"] == []
    many = ["--set", "budget[2026].cash_limit_busd=0", "--set", "model.objective.shortfall=hard",
            "--set", "model.families.budget.backup_income_counts=false"]  # fmt: skip
    outcome = run("check", "stargate_2026", *many)
    assert outcome.code == 0
    assert outcome.out.startswith("valid, but no plan can meet it")
    told = run("check", "stargate_2026", *many, "--json").document()
    assert told["contradictions"]
    assert all(problem in told["warnings"] for problem in told["contradictions"])


@pytest.mark.slow
def test_what_check_calls_hopeless_is_infeasible(run):
    """Law: the solve of a case with contradictions ends in 3."""
    many = ["--set", "budget[2026].cash_limit_busd=0", "--set", "model.objective.shortfall=hard",
            "--set", "model.families.budget.backup_income_counts=false"]  # fmt: skip
    assert run("solve", "stargate_2026", *many).code == 3
