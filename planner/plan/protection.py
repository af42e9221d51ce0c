"""Tables of redundancy: the certificate of every contingency, and the routing that carries it."""

from dataclasses import replace

import numpy as np

from planner.inputs import Inputs
from planner.inputs.contracts import MW_PER_GW
from planner.plan import figures
from planner.plan.decisions import Row, mw
from planner.plan.shortfalls import LEAST_SHARE, short_compute
from planner.plan.state import installed_gw, used_offers
from planner.program.columns import UNSERVED
from planner.redundancy.certify import Certificate, Share, certificates
from planner.redundancy.network import Floats, Network
from planner.symbols import Values

BINDING_IT_MW, BINDING_OF_LEAST, BINDING_SHARE = 1e-3, 1e-3, 1e-6
"""A contingency binds if its margin is zero: within the compute of a kW of the best chip (at most a thousandth of the
least critical demand) and a millionth of all that is critical."""
MOST_ROUTING_ROWS = 200_000
"""Routings are listed for the tightest contingencies first, up to this many rows."""


def installed_by_unit(inputs: Inputs, values: Values, network: Network) -> Floats:
    """Installed IT GW per period and unit, both roles, signed chips included."""
    position = {unit: u for u, unit in enumerate(network.units)}
    installed = np.zeros((inputs.calendar.count, len(network.units)))
    for o in used_offers(inputs, values):
        offer = inputs.offers[o]
        for role in inputs.roles(o):
            for k in inputs.chips_at(o):
                unit = position.get((offer.site, offer.provider, k))
                if unit is not None:
                    for t in inputs.periods:
                        installed[t, unit] += installed_gw(inputs, values, o, role, k, t)
    return installed


def contingencies(inputs: Inputs, values: Values, network: Network) -> tuple[list[Row], list[Row]]:
    """The tables ``contingencies`` and ``recovery``."""
    asked = [rule.critical for rule in network.rules]
    network = effective(inputs, values, network)
    found = _certificates(inputs, values, network)
    order = sorted(range(len(found)), key=lambda n: (found[n].margin_compute / (found[n].critical_compute or 1.0), n))
    routed = _Routed(inputs, network)
    routings: dict[int, list[Row]] = {}
    count = 0
    for n in order:
        routing = routed.rows(found[n])
        count += len(routing)
        if count > MOST_ROUTING_ROWS and routings:
            break
        routings[n] = routing
    best = max(
        (inputs.compute_per_gw(k, w, t) for k in inputs.chips for w in inputs.workloads for t in inputs.periods),
        default=0.0,
    )
    rows: list[Row] = []
    for one in found:
        rule = network.rules[one.rule]
        margin = figures.spare(inputs, one.margin_compute)
        binding = margin <= _zero_margin(best, rule.critical[one.period], asked[one.rule][one.period])
        rows.append(
            {
                "rule": rule.name,
                "period": inputs.calendar.labels[one.period],
                "contingency": rule.contingency(one.lost),
                "lost_it_mw": mw(one.lost_gw),
                "surviving_it_mw": mw(one.surviving_gw),
                "critical_compute": figures.compute(inputs, one.critical_compute),
                "carried_compute": figures.compute(inputs, routed.carried_compute(one)),
                "margin_compute": margin,
                "binding": "yes" if binding else "no",
            }
        )
    recovery = [row for n in sorted(routings) for row in routings[n]]
    return rows, recovery


def effective(inputs: Inputs, values: Values, network: Network) -> Network:
    """The network with the critical demand of the plan: of what it serves, less what it states as a shortfall."""
    stated = {(r, d, t): compute for (r, d, t), (compute, _) in short_compute(inputs, values).items()}
    rules = []
    for number, (rule, row) in enumerate(zip(network.rules, inputs.redundancy_rules, strict=True)):
        critical = rule.critical.copy()
        for place, demand in enumerate(network.demands):
            for t in inputs.periods:
                lacking = values[UNSERVED][*demand, t]
                short = stated.get((number, demand, t), 0.0)
                if critical[t, place] and (lacking or short):
                    left = critical[t, place] - row.critical_share_of(*demand) * lacking - short
                    critical[t, place] = left if left > LEAST_SHARE * critical[t, place] else 0.0
        rules.append(replace(rule, critical=critical))
    return replace(network, rules=tuple(rules))


def _certificates(inputs: Inputs, values: Values, network: Network) -> list[Certificate]:
    """Certificates, worked out in the units in which the case is solved and given in its own."""
    exponent = inputs.units.compute
    installed = installed_by_unit(inputs, values, network)
    return [one.times_ten_to(exponent) for one in certificates(network.times_ten_to(-exponent), installed)]


def _zero_margin(best_per_gw: float, critical: Floats, asked: Floats) -> float:
    """Largest margin that counts as zero, in compute; ``asked`` is critical with everything served and protected."""
    if not critical.any():
        return 0.0
    kilowatt = BINDING_IT_MW / MW_PER_GW * best_per_gw
    least = float(asked[critical > 0.0].min())
    return min(kilowatt, BINDING_OF_LEAST * least) + BINDING_SHARE * float(critical.sum())


class _Routed:
    """Routings by site and chip: units of several providers at a site are added up; each that differs is found once."""

    def __init__(self, inputs: Inputs, network: Network) -> None:
        self._inputs, self._network = inputs, network
        self._known: dict[tuple[int, int, bytes], tuple[list[Row], float]] = {}

    def rows(self, one: Certificate) -> list[Row]:
        """The routing of a contingency."""
        lost = self._network.rules[one.rule].contingency(one.lost)
        return [{**row, "contingency": lost} for row in self._of(one)[0]]

    def carried_compute(self, one: Certificate) -> float:
        """Critical compute that is carried: all of it where the margin shows it and no routing is listed."""
        if one.proven and (one.rule, one.period, one.left) not in self._known:
            return one.critical_compute
        return self._of(one)[1]

    def _of(self, one: Certificate) -> tuple[list[Row], float]:
        key = one.rule, one.period, one.left
        if key not in self._known:
            routing = one.routing
            self._known[key] = self._added_up(one, routing), sum(compute for *_, compute in routing)
        return self._known[key]

    def _added_up(self, one: Certificate, routing: list[Share]) -> list[Row]:
        carried: dict[tuple[str, str, str, str], tuple[float, float]] = {}
        for u, d, gw, compute in routing:
            key = (self._network.units[u][0], self._network.units[u][2], *self._network.demands[d])
            before = carried.get(key, (0.0, 0.0))
            carried[key] = before[0] + gw, before[1] + compute
        name, label = self._network.rules[one.rule].name, self._inputs.calendar.labels[one.period]
        return [
            {
                "rule": name,
                "period": label,
                "contingency": "",
                "site": site,
                "chip": chip,
                "market": market,
                "workload": workload,
                "it_mw": mw(gw),
                "compute": figures.compute(self._inputs, compute),
            }
            for (site, chip, market, workload), (gw, compute) in carried.items()
        ]
