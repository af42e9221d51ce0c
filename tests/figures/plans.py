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


def many_sites(count: int) -> PlanData:
    """Return a plan with so many sites, each a copy of the first one of the kept plan, all over the United States."""
    plan = kept_plan()
    case = plan.case
    site: Any = case.rows("sites")[0]
    offer: Any = next(row for row in case.rows("offers") if row.site == site.site)
    keys = [f"site_{number}" for number in range(count)]
    places = [
        site.model_copy(
            update={
                "site": key,
                "name": f"Campus {number}",
                "latitude_deg": 27.0 + 20.0 * ((number * 7) % count) / count,
                "longitude_deg": -120.0 + 45.0 * number / count,
            }
        )
        for number, key in enumerate(keys)
    ]
    offers = [offer.model_copy(update={"offer": f"offer_{key}", "site": key}) for key in keys]
    used = str(next(row["site"] for row in plan.rows("capacity") if row["it_mw"]))
    capacity = [row for row in plan.rows("capacity") if row["site"] == used]
    contract = next(row for row in plan.rows("contracts") if row["site"] == used)
    rows = {
        "capacity": [{**row, "site": key, "offer": f"offer_{key}"} for key in keys for row in capacity],
        "contracts": [{**contract, "contract": f"c/{key}", "site": key, "offer": f"offer_{key}"} for key in keys],
    }
    tables = {**case.tables, "sites": tuple(places), "offers": tuple(offers)}
    return PlanData(replace(case, tables=tables), plan.summary, {**plan.tables, **rows})
