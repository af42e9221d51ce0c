"""Plans for tests of figures and reports: kept ones, read and not solved, and one whose names are hostile."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from planner.case.row import Row
from planner.plan.plan import PlanData

KEPT = Path(__file__).resolve().parents[1] / "data" / "plans_0_1_0"
HOSTILE = '<script>alert("x")</script>\u200f</svg>{{7*7}}$a^b$' + "x" * 450
"""A name that tries to be markup, a template, a formula and endless, and that turns the direction of writing."""


@cache
def kept_plan(name: str = "mixed") -> PlanData:
    """Return a plan that was kept."""
    return PlanData.read(KEPT / name)


def _renamed(row: Row) -> Row:
    fields = type(row).model_fields
    names: dict[str, Any] = {name: HOSTILE for name in ("name", "source", "notes") if name in fields}
    return row.model_copy(update=names)


def hostile_plan() -> PlanData:
    """Return a plan in which every text that a case may choose freely is hostile."""
    plan = kept_plan()
    case = plan.case
    tables = {name: tuple(_renamed(row) for row in rows) for name, rows in case.tables.items()}
    model = case.model.model_copy(update={"title": HOSTILE, "description": HOSTILE, "compute_unit": HOSTILE})
    rules = [{**row, "rule": HOSTILE} for row in plan.rows("contingencies")]
    recovery = [{**row, "rule": HOSTILE} for row in plan.rows("recovery")]
    return PlanData(
        replace(case, model=model, tables=tables), {**plan.summary, "case_name": HOSTILE, "status": HOSTILE},
        {**plan.tables, "contingencies": rules, "recovery": recovery},
    )  # fmt: skip
