"""The cost of a plan in parts, and the waterfall from one plan's cost to another's."""

from typing import Any

from planner.errors import PlanError
from planner.plan.plan import PlanData

SAME_SHARE = 1e-6
"""Most by which the parts of a plan's cost and the cost may differ, as a share of the largest of them."""
Part = tuple[str, str]
"""Item and role; the role is empty for what belongs to the whole plan."""


def cost_parts(plan: PlanData) -> dict[Part, float]:
    """Present value of every part of a plan's cost, $B: spending by item and role, income, salvage, unserved.

    Raises
    ------
    PlanError
        If the parts do not add up to the plan's cost.
    """
    parts: dict[Part, float] = {}
    for row in plan.rows("spend"):
        if row["part"] != "spend":
            continue
        part = (str(row["item"]), str(row["role"]))
        parts[part] = parts.get(part, 0.0) + float(row["present_value_busd"])
    for row in plan.rows("objective"):
        if row["item"] != "spend":
            parts[str(row["item"]), ""] = float(row["present_value_busd"])
    cost, total = float(plan.summary["cost_busd"]), sum(parts.values())
    if abs(total - cost) > SAME_SHARE * max(abs(part) for part in (cost, *parts.values())):
        raise PlanError(
            f"{plan.summary['case_name']}: the parts of the cost add up to {total:.9f} $B, "
            f"but the plan states {cost:.9f} $B; see what is wrong with `planner audit`"
        )
    return parts


def waterfall(name: str, reference: PlanData, plan: PlanData) -> list[dict[str, Any]]:
    """One row per part of the cost; the differences add up to the difference of the costs."""
    before, after = cost_parts(reference), cost_parts(plan)
    rows = []
    for part in sorted(set(before) | set(after), key=lambda part: (part[1] == "", part[1] != "primary", part[0])):
        old, new = before.get(part, 0.0), after.get(part, 0.0)
        rows.append(
            {
                "plan": name,
                "item": part[0],
                "role": part[1],
                "reference_busd": old,
                "plan_busd": new,
                "difference_busd": new - old,
            }
        )
    return rows
