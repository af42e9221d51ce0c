"""Tables of who serves what, and of what is not served."""

from collections.abc import Iterable

from planner.inputs import Inputs
from planner.plan import figures
from planner.plan.balance import Part
from planner.plan.decisions import Row, mw
from planner.program.columns import UNSERVED
from planner.symbols import Values


def served(inputs: Inputs, parts: Iterable[Part]) -> list[Row]:
    """Compute served per period, site, chip, market and workload."""
    return [
        {
            "period": inputs.calendar.labels[part.period],
            "site": part.site,
            "chip": part.chip,
            "market": part.market,
            "workload": part.workload,
            "it_mw": mw(part.gw),
            "compute": figures.demanded(inputs, part.compute),
        }
        for part in parts
    ]


def unserved(inputs: Inputs, values: Values) -> list[Row]:
    """Demand, served and unserved compute, per period, market and workload; values as `balance.balanced` gives them."""
    rows: list[Row] = []
    for t in inputs.periods:
        for (market, w), demand in inputs.demand_compute.items():
            lacking = values[UNSERVED][market, w, t]
            rows.append(
                {
                    "period": inputs.calendar.labels[t],
                    "market": market,
                    "workload": w,
                    "demand_compute": figures.demanded(inputs, demand[t]),
                    "served_compute": figures.demanded(inputs, demand[t] - lacking),
                    "unserved_compute": figures.demanded(inputs, lacking),
                }
            )
    return rows


def demand(inputs: Inputs) -> list[Row]:
    """Demand per period, market and workload."""
    return [
        {
            "period": inputs.calendar.labels[t],
            "market": market,
            "workload": w,
            "compute": figures.demanded(inputs, compute[t]),
        }
        for t in inputs.periods
        for (market, w), compute in inputs.demand_compute.items()
    ]


def reach(inputs: Inputs) -> list[Row]:
    """Which site may serve which market."""
    reached = inputs.reached_markets()
    return [{"site": s, "market": market} for s in inputs.sites for market in reached.get(s, ())]
