"""Where a run starts from: the whole variables of a plan, taken from its tables."""

from planner.inputs import Inputs, make_inputs
from planner.plan.decisions import HORIZON_END
from planner.plan.plan import PlanData
from planner.runs.task import Start

Values = dict[tuple[str, object], float]


def start_values(plan: PlanData) -> Start:
    """Return the values of the whole variables of a plan, for ``Case.solve(start=...)`` of a neighbouring case.

    Whole variables are what matters: the pipeline holds them and completes the rest. Variables not named are zero.
    """
    inputs = make_inputs(plan.case)
    period = {label: t for t, label in enumerate(inputs.calendar.labels)}
    values: Values = {}
    _contracts(plan, inputs, period, values)
    last = inputs.calendar.count
    for row in plan.rows("openings"):
        if row["origin"] == "decided":
            for t in range(period[_label(row["period"])], last):
                values["v_site_open", (str(row["site"]), t)] = 1.0
    for row in plan.rows("developments"):
        for t in range(period[_label(row["period"])], last):
            values["v_development_on", (str(row["chip"]), t)] = 1.0
    for row in plan.rows("served"):
        if str(row["market"]) in inputs.single_source and float(row["compute"]) > 0.0:
            values["v_assigned", (str(row["site"]), str(row["market"]), period[_label(row["period"])])] = 1.0
    return values


def _contracts(plan: PlanData, inputs: Inputs, period: dict[str, int], values: Values) -> None:
    """Blocks of decided contracts, and from when each offer is used."""
    last = inputs.calendar.count
    for row in plan.rows("contracts"):
        if row["origin"] != "decided":
            continue
        offer, start = str(row["offer"]), period[_label(row["start_period"])]
        end = last if row["end_period"] == HORIZON_END else period[_label(row["end_period"])]
        values["v_blocks", (offer, str(row["role"]), start, end)] = float(row["blocks"])
        for t in range(start, last):
            values["v_offer_used", (offer, t)] = 1.0


def _label(cell: object) -> str:
    """Return the label of a period; a plan that was read has the label of a year as a number."""
    return str(int(cell)) if isinstance(cell, float) else str(cell)
