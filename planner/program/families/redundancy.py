r"""Redundancy: survive the loss of any k failure domains with the critical demand still served.

.. math:: T_{y,t} = \sum_u w_{u}(y)\, z_{u,t}, \qquad
          T_{y,t} - \sum_{u \in \text{lost}} w_u(y)\, z_{u,t} \ge \sum_d y_d D^{\text{crit}}_{d,t}

``v_installed_gw[site, provider, chip, period]`` IT GW installed, both roles, signed chips included;
``v_coverable_compute`` :math:`T`, one for each group of demands and period. The program starts with the cut of all
demands together for every single contingency; the solve adds the cuts a solution violates (``planner.redundancy``).
Dual of ``c_redundancy``: price of one more unit of protected compute in the period, in $B (present value), integers
fixed. Its index names the contingency (``RULE: LOST``) and the period, also in cuts that the solve adds.
"""

import numpy as np
import pyomo.environ as pyo

from planner.inputs import Inputs
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.terms import Expr, Model, Sum
from planner.redundancy.network import Cut, Network, make_network


def build(m: Model, data: Inputs, _ledger: Ledger) -> None:
    """Add installed capacity per unit, and the all-demand cut of every single contingency."""
    m.redundancy_network = network = make_network(data)
    periods = [t for t in data.periods if any(rule.critical[t].any() for rule in network.rules)]
    parts: dict[tuple[str, str, str, int], Sum] = {(*unit, t): Sum() for unit in network.units for t in periods}
    for o, role, k, t in data.stocks:
        if (data.offers[o].site, data.offers[o].provider, k, t) in parts:
            parts[data.offers[o].site, data.offers[o].provider, k, t].add(1.0, m.v_stock_gw[o, role, k, t])
    for (o, _, k), gw in data.signed_chip_gw.items():
        for t in periods:
            parts[data.offers[o].site, data.offers[o].provider, k, t].constant += gw[t]
    live = [key for key, part in parts.items() if part.variables or part.constant]
    m.v_installed_gw = pyo.Var(live, domain=pyo.NonNegativeReals)

    @m.Constraint(live)
    def c_redundancy_installed(m: Model, s: str, p: str, k: str, t: int) -> Expr:
        return Sum().add(1.0, m.v_installed_gw[s, p, k, t]).add_sum(-1.0, parts[s, p, k, t]).equals(0.0)

    m.v_coverable_compute = pyo.VarList(domain=pyo.NonNegativeReals)
    m.c_redundancy_coverable = pyo.ConstraintList()
    m.c_redundancy = pyo.Constraint(pyo.Any)
    m.coverable_of_group = {}
    for cut in first_cuts(network):
        add_cut(m, cut)


def first_cuts(network: Network) -> list[Cut]:
    """The cut of all critical demands together, for every single contingency of every N-1 rule.

    A rule whose domains hold nothing takes nothing down: what is critical must be carried by all that is installed.
    """
    scale = network.scale if network.scale is not None else np.ones(len(network.demands))
    cuts: list[Cut] = []
    for number, rule in enumerate(network.rules):
        for t, critical in enumerate(rule.critical):
            if rule.k <= 1 and critical.any():
                weights = tuple(float(y) for y in np.where(critical > 0.0, 1.0 / scale, 0.0))
                losses: list[tuple[int, ...]] = [(f,) for f in range(len(rule.domains))] or [()]
                cuts += [Cut(number, t, lost, weights) for lost in losses]
    return cuts


def add_cut(m: Model, cut: Cut) -> None:
    """Add a cut to a built program."""
    network: Network = m.redundancy_network
    t = cut.period
    coefficients = network.coefficients(np.array(cut.weights))
    group = (cut.weights, t)
    if group not in m.coverable_of_group:
        m.coverable_of_group[group] = total = m.v_coverable_compute.add()
        whole = Sum().add(1.0, total)
        for unit, coefficient in zip(network.units, coefficients, strict=True):
            if (*unit, t) in m.v_installed_gw:
                whole.add(-float(coefficient), m.v_installed_gw[(*unit, t)])
        m.c_redundancy_coverable.add(whole.equals(0.0))
    surviving = Sum().add(1.0, m.coverable_of_group[group])
    for u in np.flatnonzero(network.lost_units(cut.rule, cut.lost)):
        unit = network.units[u]
        if (*unit, t) in m.v_installed_gw:
            surviving.add(-float(coefficients[u]), m.v_installed_gw[(*unit, t)])
    m.c_redundancy[_new_key(m, network, cut)] = surviving.at_least(cut.need_compute(network))


def _new_key(m: Model, network: Network, cut: Cut) -> tuple[object, ...]:
    """The contingency and the period; a further cut of the same contingency is numbered."""
    rule = network.rules[cut.rule]
    key = (f"{rule.name}: {rule.contingency(cut.lost)}", cut.period)
    number = 2
    while (*key, number) in m.c_redundancy:
        number += 1
    return key if key not in m.c_redundancy else (*key, number)


def _active(data: Inputs) -> bool:
    return bool(data.redundancy_rules)


FAMILY = Family("redundancy", build, _active, requires=("chip_mix",))
