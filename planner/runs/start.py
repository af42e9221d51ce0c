"""Where a run starts from: the integer variables of a plan, taken from its tables."""

from collections.abc import Mapping
from typing import Any

from planner.inputs import make_inputs
from planner.inputs.periods import Periods
from planner.plan.plan import PlanData
from planner.program.columns import ASSIGNED, BLOCKS, DEVELOPMENT_ON, OFFER_USED, SITE_OPEN
from planner.symbols import Values, Variable


def start_values(plan: PlanData) -> Values:
    """Return the values of the integer variables of a plan, for ``Case.solve(start=...)`` of a similar case.

    The integer variables are what matters: the pipeline fixes them and completes the rest. Variables not named are
    zero. Families of the case's own give theirs (``Family.start``).
    """
    inputs = make_inputs(plan.case)
    last, at = inputs.calendar.count, Periods(inputs.calendar).index
    opened = {str(row["site"]): at(row["period"]) for row in plan.rows("openings") if row["origin"] == "decided"}
    developed = {str(row["chip"]): at(row["period"]) for row in plan.rows("developments")}
    blocks: dict[tuple[str, str, int, int], float] = {}
    for row in plan.rows("contracts"):
        if row["origin"] == "decided":
            key = str(row["offer"]), str(row["role"]), at(row["start_period"]), at(row["end_period"])
            blocks[key] = float(row["blocks"])
    first_use: dict[str, int] = {}
    for o, _, start, _ in blocks:
        first_use[o] = min(start, first_use.get(o, start))
    assigned = [
        (str(row["site"]), str(row["market"]), at(row["period"]))
        for row in plan.rows("served")
        if str(row["market"]) in inputs.single_source and float(row["compute"]) > 0.0
    ]
    values: dict[Variable[Any], Mapping[Any, float]] = {
        BLOCKS: blocks,
        OFFER_USED: _from(first_use, last),
        SITE_OPEN: _from(opened, last),
        DEVELOPMENT_ON: _from(developed, last),
        ASSIGNED: dict.fromkeys(assigned, 1.0),
    }
    for family in plan.case.families:
        if family.start is not None:
            values |= family.start(inputs, plan.tables)
    return Values(values)


def _from(first: dict[str, int], last: int) -> dict[tuple[str, int], float]:
    """Yes in every period from the first on."""
    return {(key, t): 1.0 for key, begin in first.items() for t in range(begin, last)}
