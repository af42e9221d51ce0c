"""What is kept of every run: one row per what-if and measure."""

from collections.abc import Iterable, Mapping
from typing import Any

from planner.plan.plan import PlanData
from planner.status import Status

COLUMNS: dict[str, str] = {
    "name": "name of the what-if; `base` is the case itself",
    "measure": "what is measured",
    "unit": "its unit",
    "value": "its value; empty for a run without a plan",
    "status": "how the run ended (`planner.status.Status`)",
    "gap": "proven relative gap of the run's cost; empty where unknown",
    "reason": "why there is no plan; or that a run not asked for is of an earlier sweep, with another case or options",
}
"""The columns of ``results.csv``."""

UNITS: dict[str, str] = {
    "cost": "busd",
    "cost_bound": "busd",
    "unserved_share": "share",
    "spend_primary": "busd",
    "spend_backup": "busd",
    "backup_income": "busd",
    "opened_sites": "sites",
    "decided_contracts": "contracts",
    "capacity_end_primary": "it_mw",
    "capacity_end_backup": "it_mw",
    "compute_end": "compute",
    "peak_period_spend": "busd",
    "smallest_budget_slack": "busd",
    "solve_time": "s",
}
"""Every measure of a plan and its unit; ``capacity_end.PROVIDER`` (IT MW) comes on top, for each provider in use."""

DIFFERENCES = {"cost_less_base": "busd", "cost_less_base_low": "busd", "cost_less_base_high": "busd"}
"""Measures of a run beside the base: the difference of the costs found, and what is proven of that of the least."""

Record = dict[str, Any]


def measures_of(plan: PlanData) -> dict[str, float | None]:
    """Return the measures of a plan, by name."""
    summary = plan.summary
    periods = plan.periods
    last = max((str(row["period"]) for row in _reported(plan, "demand")), default="")
    end = [row for row in plan.rows("capacity") if str(row["period"]) == last]
    by_period: dict[str, float] = {}
    for row in plan.rows("spend"):
        if row["part"] != "spend" or not periods.is_reported(row["period"]):
            continue
        by_period[str(row["period"])] = by_period.get(str(row["period"]), 0.0) + float(row["amount_busd"])
    slack = [float(row["slack_busd"]) for row in _reported(plan, "budget") if row["slack_busd"] != ""]
    found: dict[str, float | None] = {
        "cost": summary["cost_busd"],
        "cost_bound": summary["bound_busd"],
        "unserved_share": summary["unserved_share"],
        "spend_primary": summary["spend_primary_busd"],
        "spend_backup": summary["spend_backup_busd"],
        "backup_income": summary["backup_income_busd"],
        "opened_sites": float(sum(row["origin"] == "decided" for row in plan.rows("openings"))),
        "decided_contracts": float(sum(row["origin"] == "decided" for row in plan.rows("contracts"))),
        "capacity_end_primary": _sum(row["it_mw"] for row in end if row["role"] == "primary"),
        "capacity_end_backup": _sum(row["it_mw"] for row in end if row["role"] == "backup"),
        "compute_end": _sum(max(float(row["training_compute"]), float(row["inference_compute"])) for row in end),
        "peak_period_spend": round(max(by_period.values(), default=0.0), 9),
        "smallest_budget_slack": min(slack, default=None),
        "solve_time": float(summary["seconds"]["total"]),
    }
    found |= {f"capacity_end.{provider}": it_mw for provider, it_mw in summary["capacity_by_provider"].items()}
    return found


def _reported(plan: PlanData, table: str) -> list[Mapping[str, Any]]:
    """Rows of a table by period, without those of a tail."""
    periods = plan.periods
    return [row for row in plan.rows(table) if periods.is_reported(row.get("period", ""))]


def _sum(values: Iterable[Any]) -> float:
    return round(sum(float(value) for value in values), 6)


def records(
    name: str, status: Status, gap: float | None, reason: str, values: Mapping[str, float | None]
) -> list[Record]:
    """Return the rows of a run; one without a plan has a row with its reason."""
    shared = {"status": status.value, "gap": gap, "reason": reason}
    if not values:
        return [{"name": name, "measure": "cost", "unit": UNITS["cost"], "value": None, **shared}]
    return [
        {
            "name": name,
            "measure": measure,
            "unit": {**UNITS, **DIFFERENCES}.get(measure, "it_mw"),
            "value": value,
            **shared,
        }
        for measure, value in values.items()
    ]
