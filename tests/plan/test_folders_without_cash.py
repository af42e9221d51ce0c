"""Folders of format 4, which have no tables of cash, envelopes and financing, open as plans of today."""

import json

import pytest

from planner.api import Plan
from planner.audit.folder import audit_folder
from planner.errors import PlanError
from planner.plan.earlier import MONEY_TABLES
from tests.program.tiny import CASH, cash, solve, tiny


def test_a_folder_of_format_4_gets_its_cash_and_envelopes(tmp_path):
    """Law: the tables follow from the others; the folder passes its audit but for files changed; today's needs them."""
    families = {"budget": {**CASH, "primary_envelope_busd": 3.0}}
    plan = solve(tiny(periods=2, families=families, budget=cash(2, 1.5)))
    folder = plan.write(tmp_path / "plan")
    for name in MONEY_TABLES:
        (folder / "tables" / f"{name}.csv").unlink()
    summary = json.loads((folder / "summary.json").read_text())
    (folder / "summary.json").write_text(json.dumps({**summary, "folder_format": 4}))
    again = Plan.read(folder)
    for name in MONEY_TABLES:
        assert again.rows(name) == plan.rows(name), name
    assert {check.family for check in audit_folder(folder).failures} == {"files"}
    (folder / "summary.json").write_text(json.dumps({**summary, "folder_format": 5}))
    with pytest.raises(PlanError, match=r"cash\.csv is missing"):
        Plan.read(folder)
    assert "table envelopes is missing" in " ".join(audit_folder(folder).lines)
