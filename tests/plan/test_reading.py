"""The law of reading a plan: every fault at once, each with its place; what is whole reads back the same."""

import json

import pytest

from planner.api import Case, Plan
from planner.errors import PlanError


@pytest.fixture(scope="module")
def plan():
    """A plan."""
    return Case.read("three_sites").solve(gap=0.0, own_process=False)


@pytest.fixture
def folder(plan, tmp_path):
    """Its folder."""
    return plan.write(tmp_path / "plan")


def test_a_plan_reads_back_as_it_was(plan, folder):
    """Summary, case and tables are the same after writing and reading."""
    again = Plan.read(folder)
    assert again.summary == json.loads(json.dumps(plan.summary))
    assert again.case.hash == plan.case.hash
    assert {name: list(again.rows(name)) for name in plan.tables} == {n: list(rows) for n, rows in plan.tables.items()}


def test_every_fault_is_told_at_once(folder):
    """Faults of the summary and of several tables come in one message, with file, row, column and value."""
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    del summary["cost_busd"]
    summary |= {"gap": "small", "seconds": {"total": None}}
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    contracts = folder / "tables" / "contracts.csv"
    lines = contracts.read_text(encoding="utf-8").splitlines()
    lines[1] = lines[1].replace("2026-01-01", "soon", 1)
    contracts.write_text("\n".join(lines) + "\n", encoding="utf-8")
    spend = folder / "tables" / "spend.csv"
    spend.write_text(spend.read_text(encoding="utf-8").replace("amount_busd", "amount"), encoding="utf-8")
    (folder / "tables" / "reach.csv").unlink()
    with pytest.raises(PlanError) as caught:
        Plan.read(folder)
    for words in (
        *("cost_busd is missing", "gap is 'small'; it must be a number or null", "seconds.total is None"),
        *("tables/contracts.csv, row 2, column start_date ('soon')", "tables/spend.csv: column amount_busd is missing"),
        "tables/reach.csv is missing",
    ):
        assert words in str(caught.value)


def test_many_faults_are_counted(folder):
    """The first ten faults are told and the others counted."""
    for path in (folder / "tables").iterdir():
        path.unlink()
    with pytest.raises(PlanError, match=r"31 faults[\s\S]*and 21 more"):
        Plan.read(folder)


@pytest.mark.parametrize("text", ["nan", "inf", "1e999", "", "a lot", "1,5"])
def test_figures_are_numbers(folder, text):
    """A figure that is no finite number is told with its place."""
    demand = folder / "tables" / "demand.csv"
    head, first, *rest = demand.read_text(encoding="utf-8").splitlines()
    first = f'{first.rsplit(",", 1)[0]},"{text}"'
    demand.write_text("\n".join([head, first, *rest]) + "\n", encoding="utf-8")
    with pytest.raises(PlanError, match=r"tables/demand.csv, row 2, column compute"):
        Plan.read(folder)


def test_periods_are_those_of_the_case(folder):
    """Periods that the inputs do not have are told."""
    table = folder / "tables" / "unserved.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("2026", "1926"), encoding="utf-8")
    with pytest.raises(PlanError, match="'1926' is not a period"):
        Plan.read(folder)


def test_inputs_that_are_gone(folder):
    """A plan without its inputs is a broken plan, not an invalid case."""
    (folder / "inputs" / "model.toml").unlink()
    with pytest.raises(PlanError, match=r"inputs/model\.toml"):
        Plan.read(folder)
