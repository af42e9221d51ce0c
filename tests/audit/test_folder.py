"""The audit of a plan folder: the case from its inputs, the tables from CSV, the summary from JSON."""

import csv
import json

import pytest

from planner.audit.folder import audit_folder
from planner.case.read import read_case
from planner.case.write import write_case
from planner.errors import PlanError
from planner.plan.columns import COLUMNS
from planner.system.folders import examine, manifest_of, write_folder
from tests.audit import yards


@pytest.fixture
def folder(tmp_path):
    """Return a plan folder of the two yards."""
    write_case(yards.case(), tmp_path / "inputs")
    (tmp_path / "tables").mkdir()
    for name, rows in yards.plan().items():
        with (tmp_path / "tables" / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(COLUMNS[name]))
            writer.writeheader()
            writer.writerows(rows)
    summary = {**yards.summary(), "case_hash": read_case(tmp_path / "inputs").hash}
    (tmp_path / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    return tmp_path


def test_a_folder_passes(folder):
    """A plan written to a folder passes as it does in memory."""
    report = audit_folder(folder)
    assert report.lines == ()
    assert report.passed
    assert report.cost_busd == pytest.approx(yards.COST)


def test_changed_inputs_are_told(folder):
    """A case changed behind the plan's back is told by its hash, and by every figure that follows from it."""
    path = folder / "inputs" / "chips.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",30,", ",31,"), encoding="utf-8")
    report = audit_folder(folder)
    assert not report.passed
    assert any("case_hash" in line for line in report.lines)
    assert any("primary chips of 2026" in line for line in report.lines)


def test_a_row_too_long_is_told(folder):
    """A row with more cells than the header fails a check."""
    with (folder / "tables" / "reach.csv").open("a", encoding="utf-8") as stream:
        stream.write("a,g,x\n")
    report = audit_folder(folder)
    assert any("reach, row 3" in line for line in report.lines)


@pytest.mark.parametrize(
    ("name", "text"), [("summary.json", "{"), ("summary.json", "[]"), ("tables/spend.csv", b"\xff\xfe\x00")]
)
def test_an_unreadable_file_is_told(folder, name, text):
    """A file that cannot be read is an error that names it."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(PlanError, match=path.name):
        audit_folder(folder)


def test_a_folder_that_is_no_plan(tmp_path):
    """A folder without inputs is not a plan."""
    with pytest.raises(PlanError, match="no inputs"):
        audit_folder(tmp_path)


def test_a_missing_table_is_a_failed_check(folder):
    """A table file taken away fails the audit."""
    (folder / "tables" / "served.csv").unlink()
    assert any("table served is missing" in line for line in audit_folder(folder).lines)


def test_a_study_is_called_one(tmp_path):
    """Law: the folder of a study is no plan that lacks its inputs: it is said what it is, and where its plans are."""
    contents = {"summary.json": b"{}"}
    study = write_folder(examine(tmp_path / "study", ("risk",)), manifest_of("risk", contents, "gigaplan 0"), contents)
    with pytest.raises(PlanError, match=r"is a study of risk, not a plan: .*in plans/NAME of it, .*policy/NAME"):
        audit_folder(study)
