"""The law of folders that version 0.1 wrote: they open, pass their audit, show, compare and are re-planned today."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from planner.analysis.comparison import compare
from planner.analysis.replan import replan
from planner.api import Plan
from planner.audit.folder import audit_folder
from planner.errors import PlanError
from planner.plan.columns import TABLES

FOLDERS = Path(__file__).parent.parent / "data" / "plans_0_1_0"
NAMES = ("three_sites", "mixed")


@pytest.mark.parametrize("name", NAMES)
def test_they_open_with_every_table_of_today(name):
    """Every table and column is there, periods are numbers or dates, and the money adds up to the cost."""
    plan = Plan.read(FOLDERS / name)
    assert {table: list(plan.table(table).columns) for table in plan.tables} == {
        table: list(schema.columns) for table, schema in TABLES.items()
    }
    assert plan.calendar["period"].iloc[0] == (2026 if name == "three_sites" else "2026-01-01")
    assert plan.spend["present_value_busd"].sum() == pytest.approx(plan.cost_busd, rel=1e-8)
    stated = plan.objective.set_index("item")["present_value_busd"]
    sums = plan.spend.groupby("part")["present_value_busd"].sum()
    assert stated[stated != 0.0].to_dict() == pytest.approx(sums.to_dict(), rel=1e-7, abs=1e-8)
    whole = plan.unit_costs.query("level == 'plan'")["present_value_busd"]
    assert whole.to_list() == pytest.approx([plan.cost_busd], rel=1e-7)


@pytest.mark.parametrize("name", NAMES)
def test_they_pass_their_audit_as_they_are_and_as_rewritten(name, tmp_path):
    """The folder of then and the one that is written from it today both pass; what is missing in the latter fails."""
    assert audit_folder(FOLDERS / name).passed
    folder = Plan.read(FOLDERS / name).write(tmp_path / "plan")
    report = audit_folder(folder)
    assert report.passed, report.lines
    assert "money by level" in {check.name for check in report.checks}
    assert Plan.read(folder).spend.equals(Plan.read(FOLDERS / name).spend)
    (folder / "tables" / "unit_costs.csv").unlink()
    assert "table unit_costs is missing" in " ".join(audit_folder(folder).lines)
    with pytest.raises(PlanError, match=r"unit_costs\.csv is missing"):
        Plan.read(folder)


def test_money_of_then_is_at_its_place():
    """By provider: rent, chips and energy of the shells; what is on the site or on nothing has no provider."""
    spend = Plan.read(FOLDERS / "mixed").spend.query("part == 'spend'")
    shells = spend.query("provider == 'shells' and year == 2027").groupby("item")["amount_busd"].sum()
    assert shells["rent"] == pytest.approx(0.16)  # two blocks of 50 MW at 2 $M, four fifths of it due
    nowhere = set(spend[spend["provider"].isna()]["item"])
    assert {"opening", "fixed", "development", "serving", "onsite", "fuel"} <= nowhere
    assert not nowhere & {"rent", "usage", "exit", "capex", "chips", "opex", "signing"}


def test_a_folder_whose_tables_do_not_fit_its_case_is_told(tmp_path):
    """A contract that the case cannot have ends in a message, not in a traceback."""
    broken = shutil.copytree(FOLDERS / "three_sites", tmp_path / "broken")
    table = broken / "tables" / "contracts.csv"
    table.write_text(
        table.read_text(encoding="utf-8").replace("cloud,primary,2,", "cloud,tertiary,2,"), encoding="utf-8"
    )
    with pytest.raises(PlanError, match="do not fit the case"):
        Plan.read(broken)


def test_they_are_compared_and_replanned():
    """Against itself read again nothing differs; a re-plan from it keeps what is committed; labels stay readable."""
    plan = Plan.read(FOLDERS / "mixed")
    found = compare(plan, Plan.read(FOLDERS / "mixed"))
    assert set(found.table("churn")["churn_share"]) == {0.0}
    assert set(found.table("spend")["difference_busd"]) == {0.0}
    assert "2028-07/2029-12" in set(found.table("capacity")["period"])
    small = Plan.read(FOLDERS / "three_sites")
    again = replan(small, ["sites[north].max_it_mw=70"], date(2026, 7, 1), least_churn=False, gap=0.0)
    assert again.committed_contracts > 0
    assert again.broken == ()
    assert "committed" in again.plans


def test_a_folder_with_a_row_per_period_and_no_payee_opens_and_passes(tmp_path):
    """Law: folder format 3 (no payee, a vendor wherever a chip is named, periods undivided) opens as one of today."""
    plan = Plan.read(FOLDERS / "mixed")
    folder = plan.write(tmp_path / "plan")
    spend = plan.spend
    spend["vendor"] = spend["chip"].map(plan.capacity.groupby("chip")["vendor"].first()).fillna(spend["vendor"])
    place = [name for name in spend.columns if name not in ("year", "payee", "amount_busd", "present_value_busd")]
    sums = {"year": "min", "amount_busd": "sum", "present_value_busd": "sum"}
    before = spend.groupby(place, dropna=False, sort=False, as_index=False).agg(sums)
    before.to_csv(folder / "tables" / "spend.csv", index=False)
    for table in ("power", "power_options"):
        file = folder / "tables" / f"{table}.csv"
        text = file.read_text().replace("output_facility_mw", "output_mw")
        file.write_text(text.replace("own_load_facility_mw", "own_load_mw"))
    summary = json.loads((folder / "summary.json").read_text())
    (folder / "summary.json").write_text(json.dumps({**summary, "folder_format": 3}))
    again = Plan.read(folder)
    assert len(again.spend) == len(spend) > len(before)
    assert again.spend["amount_busd"].to_list() == pytest.approx(plan.spend["amount_busd"].to_list(), abs=1e-8)
    for column in ("year", "vendor", "payee"):
        assert again.spend[column].equals(plan.spend[column])
    assert again.power["own_load_facility_mw"].equals(plan.power["own_load_facility_mw"])
    assert {check.family for check in audit_folder(folder).failures} == {"files"}  # this test changed them
    (folder / "summary.json").write_text(json.dumps({**summary, "folder_format": 4}))
    with pytest.raises(PlanError, match="column payee is missing"):
        Plan.read(folder)
