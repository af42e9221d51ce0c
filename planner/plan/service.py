"""Tables of who serves what, and of what is not served."""

from collections.abc import Iterator

from planner.inputs import Inputs
from planner.plan import figures
from planner.plan.decisions import NOTHING_GW, Row, Values, mw
from planner.plan.state import stock_gw

NOTHING_SHARE = 5e-4
"""Share of a demand below which what lacks may be rounding."""
ROUNDING = 1e-12
"""Share of a market's compute that is left when all of it is handed out."""
Supply = tuple[str, str, float]
"""A site, a chip, and IT GW of it to hand out."""


def served(data: Inputs, values: Values) -> list[Row]:
    """Compute served per period, site, chip, market and workload.

    Where the program pools sites that may serve the same markets, their chips are handed out one site after the other.
    """
    rows: list[Row] = []
    for t in data.periods:
        for i, sites in data.nodes.items():
            left = {
                (s, k): sum(
                    stock_gw(data, values, o, "primary", k, t) for o in data.offers_at(s) if k in data.chips_at(o)
                )
                for s in sites
                for k in data.chips
            }
            for w in data.workloads:
                supply = list(_taken(data, values, i, w, t, left))
                wanted = [
                    (market, values["v_served_compute", (i, market, w, t)])
                    for market in data.markets
                    if values.get(("v_served_compute", (i, market, w, t)), 0.0) > 0.0
                ]
                rows += _hand_out(data, w, t, supply, wanted)
    return rows


def _taken(
    data: Inputs, values: Values, i: str, w: str, t: int, left: dict[tuple[str, str], float]
) -> Iterator[Supply]:
    """Take what the node uses of each chip for a workload from its sites, in their order."""
    for k in data.chips:
        use = values.get(("v_used_gw", (i, k, w, t)), 0.0)
        for s in data.nodes[i]:
            gw = min(use, left[s, k])
            if gw > 0.0:
                left[s, k] -= gw
                use -= gw
                yield s, k, gw


def _hand_out(data: Inputs, w: str, t: int, supply: list[Supply], wanted: list[tuple[str, float]]) -> list[Row]:
    """Hand chips out to markets, one after the other."""
    rows: list[Row] = []
    position, left = 0, 0.0
    for market, compute in wanted:
        least = ROUNDING * compute
        while compute > least and position < len(supply):
            s, k, gw = supply[position]
            per_gw = data.compute_per_gw(k, w)  # type: ignore[arg-type]
            left = left or gw
            used = min(left, compute / per_gw)
            if used > NOTHING_GW:
                rows.append(
                    {
                        "period": data.calendar.labels[t],
                        "site": s,
                        "chip": k,
                        "market": market,
                        "workload": w,
                        "it_mw": mw(used),
                        "compute": figures.compute(data, used * per_gw),
                    }
                )
            compute -= used * per_gw
            left -= used
            if left <= 1e-12:
                position, left = position + 1, 0.0
    return rows


def unserved(data: Inputs, values: Values) -> list[Row]:
    """Demand, served and unserved compute, per period, market and workload."""
    rows: list[Row] = []
    for t in data.periods:
        for (market, w), demand in data.demand_compute.items():
            lacking = values["v_unserved_compute", (market, w, t)]
            lacking = lacking if lacking > _nothing(data, demand[t]) else 0.0
            rows.append(
                {
                    "period": data.calendar.labels[t],
                    "market": market,
                    "workload": w,
                    "demand_compute": figures.compute(data, demand[t]),
                    "served_compute": figures.compute(data, demand[t] - lacking),
                    "unserved_compute": figures.compute(data, lacking),
                }
            )
    return rows


def _nothing(data: Inputs, demand: float) -> float:
    """Compute that the solver leaves open, and that is none: never more than a small share of the demand."""
    return min(1e-6 * max(10.0**data.units.compute, demand), NOTHING_SHARE * demand)


def demand(data: Inputs) -> list[Row]:
    """Demand per period, market and workload."""
    return [
        {
            "period": data.calendar.labels[t],
            "market": market,
            "workload": w,
            "compute": figures.compute(data, compute[t]),
        }
        for t in data.periods
        for (market, w), compute in data.demand_compute.items()
    ]


def reach(data: Inputs) -> list[Row]:
    """Which site may serve which market."""
    return [{"site": s, "market": market} for s in data.sites for market in data.markets if (s, market) in data.reach]
