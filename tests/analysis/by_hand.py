"""Plans put together by hand from a case and the rows of a few tables, for analyses that only read plans."""

from typing import Any

from planner.case.case import CaseData
from planner.plan.columns import TABLES
from planner.plan.plan import PlanData
from tests.cases import make_case

Row = dict[str, Any]
TINY = make_case()


def plan_of(case: CaseData | None = None, *, summary: Row | None = None, **tables: list[Row]) -> PlanData:
    """Return a plan with these rows; the other tables are empty, and so is every cell that a row does not give."""
    found = {
        name: [{**dict.fromkeys(schema.columns, ""), **row} for row in tables.get(name, [])]
        for name, schema in TABLES.items()
    }
    figures = {
        "case_name": "hand", "status": "optimal", "cost_busd": 0.0, "bound_busd": 0.0, "gap": 0.0,
        "unserved_share": 0.0, "spend_primary_busd": 0.0, "spend_backup_busd": 0.0, "backup_income_busd": 0.0,
        "capacity_by_provider": {}, "seconds": {"total": 1.5},
    }  # fmt: skip
    return PlanData(case or TINY, {**figures, **(summary or {})}, found)


def decided(offer: str = "cloud_east", it_mw: float = 100.0, start: int = 2026, end: int = 2028, **more: Any) -> Row:
    """Return a decided contract of two blocks, in force in whole years."""
    return {
        "contract": f"{offer}/primary/{start}", "origin": "decided", "offer": offer, "site": "east",
        "provider": "clouds", "tenure": "cloud", "role": "primary", "blocks": 2, "it_mw": it_mw,
        "start_period": start, "end_period": end, "start_date": f"{start}-01-01", "end_date": f"{end}-01-01", **more,
    }  # fmt: skip
