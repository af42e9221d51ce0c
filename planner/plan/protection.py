"""Tables of redundancy: the certificate of every contingency, and the routing that carries it."""

import numpy as np

from planner.inputs import Inputs
from planner.inputs.contracts import MW_PER_GW
from planner.plan.decisions import Row, Values, mw
from planner.plan.state import stock_gw
from planner.redundancy.certify import Certificate, certificates
from planner.redundancy.network import Floats, Network

BINDING_IT_MW, BINDING_SHARE = 1e-3, 1e-6
"""A contingency binds when its margin is nil: within the compute of a kW of the best chip and this share of what is
critical."""
MOST_ROUTING_ROWS = 200_000
"""Routings are listed for the tightest contingencies first, up to this many rows."""


def installed_by_unit(data: Inputs, values: Values, network: Network) -> Floats:
    """Installed IT GW per period and unit, both roles, signed chips included."""
    position = {unit: u for u, unit in enumerate(network.units)}
    installed = np.zeros((data.calendar.count, len(network.units)))
    for o, offer in data.offers.items():
        for role in data.roles(o):
            for k in data.chips_at(o):
                unit = position.get((offer.site, offer.provider, k))
                if unit is not None:
                    for t in data.periods:
                        installed[t, unit] += stock_gw(data, values, o, role, k, t)
    return installed


def contingencies(data: Inputs, values: Values, network: Network) -> tuple[list[Row], list[Row]]:
    """The tables ``contingencies`` and ``recovery``."""
    found = list(certificates(network, installed_by_unit(data, values, network)))
    best = max((data.compute_per_gw(k, w) for k in data.chips for w in data.workloads), default=0.0)
    nil = BINDING_IT_MW / MW_PER_GW * best
    rows: list[Row] = []
    for one in found:
        rule = network.rules[one.rule]
        margin = round(one.margin_compute, 6) + 0.0
        binding = margin <= nil + BINDING_SHARE * one.critical_compute
        rows.append(
            {
                "rule": rule.name,
                "period": data.calendar.labels[one.period],
                "contingency": rule.contingency(one.lost),
                "lost_it_mw": mw(one.lost_gw),
                "surviving_it_mw": mw(one.surviving_gw),
                "critical_compute": round(one.critical_compute, 6),
                "carried_compute": round(sum(compute for *_, compute in one.routing), 6),
                "margin_compute": margin,
                "binding": "yes" if binding else "no",
            }
        )
    order = sorted(range(len(found)), key=lambda n: (found[n].margin_compute / max(1e-9, found[n].critical_compute), n))
    routings: dict[int, list[Row]] = {}
    count = 0
    for n in order:
        routing = _routing_rows(data, network, found[n])
        count += len(routing)
        if count > MOST_ROUTING_ROWS and routings:
            break
        routings[n] = routing
    recovery = [row for n in sorted(routings) for row in routings[n]]
    return rows, recovery


def _routing_rows(data: Inputs, network: Network, one: Certificate) -> list[Row]:
    """The routing of a contingency by site and chip: units of several providers at a site are added up."""
    carried: dict[tuple[str, str, str, str], tuple[float, float]] = {}
    for u, d, gw, compute in one.routing:
        key = (network.units[u][0], network.units[u][2], *network.demands[d])
        before = carried.get(key, (0.0, 0.0))
        carried[key] = before[0] + gw, before[1] + compute
    rule = network.rules[one.rule]
    return [
        {
            "rule": rule.name,
            "period": data.calendar.labels[one.period],
            "contingency": rule.contingency(one.lost),
            "site": site,
            "chip": chip,
            "market": market,
            "workload": workload,
            "it_mw": mw(gw),
            "compute": round(compute, 6),
        }
        for (site, chip, market, workload), (gw, compute) in carried.items()
    ]
