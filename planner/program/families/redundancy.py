r"""Redundancy: survive the loss of any k failure domains with the critical demand still served.

.. math:: T_{y,t} = \sum_u w_{u}(y)\, z_{u,t}, \qquad
          T_{y,t} - \sum_{u \in \text{lost}} w_u(y)\, z_{u,t} \ge \sum_d y_d D^{\text{crit}}_{d,t}

``v_installed_gw[site, provider, chip, period]`` IT GW installed, both roles, signed chips included;
``v_coverable_compute`` :math:`T`, one for each group of demands and period. The program starts with the cut of all
demands together for every single contingency that is not part of another; the solve adds the cuts a solution violates
(``planner.redundancy``).
Dual of ``c_redundancy``: price of one more unit of protected compute in the period, in $B (present value), integers
fixed. Its index names the contingency (``RULE: LOST``) and the period, also in cuts that the solve adds.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyomo.environ as pyo

from planner.inputs import Inputs
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.terms import Expr, PyomoModel, Sum
from planner.redundancy.network import Bools, Cut, Network, make_network


def build(m: PyomoModel, inputs: Inputs, _ledger: Ledger) -> None:
    """Add installed capacity per unit, and the all-demand cut of every single contingency."""
    m.redundancy_network = network = make_network(inputs)
    periods = [t for t in inputs.periods if any(rule.critical[t].any() for rule in network.rules)]
    parts: dict[tuple[str, str, str, int], Sum] = {(*unit, t): Sum() for unit in network.units for t in periods}
    for o, role, k, t in inputs.stocks:
        if (inputs.offers[o].site, inputs.offers[o].provider, k, t) in parts:
            parts[inputs.offers[o].site, inputs.offers[o].provider, k, t].add(1.0, m.v_stock_gw[o, role, k, t])
    for (o, _, k), gw in inputs.signed_chip_gw.items():
        for t in periods:
            parts[inputs.offers[o].site, inputs.offers[o].provider, k, t].constant += gw[t]
    live = [key for key, part in parts.items() if part.variables or part.constant]
    m.v_installed_gw = pyo.Var(live, domain=pyo.NonNegativeReals)

    @m.Constraint(live)
    def c_redundancy_installed(m: PyomoModel, s: str, p: str, k: str, t: int) -> Expr:
        return Sum().add(1.0, m.v_installed_gw[s, p, k, t]).add_sum(-1.0, parts[s, p, k, t]).equals(0.0)

    m.v_coverable_compute = pyo.VarList(domain=pyo.NonNegativeReals)
    m.c_redundancy_coverable = pyo.ConstraintList()
    m.c_redundancy = pyo.Constraint(pyo.Any)
    m.coverable_of_group = {}
    for cut in first_cuts(network):
        add_cut(m, cut)


def first_cuts(network: Network) -> list[Cut]:
    """The cut of all critical demands together, for every single contingency of every N-1 rule that no other implies.

    A rule whose domains hold nothing takes nothing down: what is critical must be carried by all that is installed.
    """
    scale = network.scale if network.scale is not None else np.ones(len(network.demands))
    inside = _Inside(network)
    cuts: list[Cut] = []
    for t in range(max((len(rule.critical) for rule in network.rules), default=0)):
        asked: dict[int, Cut] = {}
        for number, rule in enumerate(network.rules):
            if rule.k <= 1 and rule.critical[t].any():
                weights = tuple(float(y) for y in np.where(rule.critical[t] > 0.0, 1.0 / scale, 0.0))
                asked[number] = Cut(number, t, (), weights)
        for number, cut in asked.items():
            domains = range(len(network.rules[number].domains))
            losses: list[tuple[int, ...]] = [(f,) for f in domains] or [()]
            cuts += [replace(cut, lost=lost) for lost in losses if not inside.implied(cut, lost, asked)]
    return cuts


class _Inside:
    """Which losses are part of a loss of another rule, such as that of a site of that of its power region."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._known: dict[tuple[int, int], Bools] = {}

    def implied(self, cut: Cut, lost: tuple[int, ...], asked: Mapping[int, Cut]) -> bool:
        """Whether another rule asks as much or more of the same demands after a loss that includes this one."""
        need = cut.need_compute(self._network)
        for number, other in asked.items():
            if number == cut.rule or other.weights != cut.weights or not lost:
                continue
            more = other.need_compute(self._network)
            if more < need:
                continue
            within = self._within(cut.rule, number)[lost[0]]
            if number > cut.rule and more == need:
                # Two losses that take the same down: the first rule's stays.
                within = within & ~self._within(number, cut.rule)[:, lost[0]]
            if within.any():
                return True
        return False

    def _within(self, rule: int, other: int) -> Bools:
        """By domain of a rule and of another: whether the other takes down all that the first does."""
        if (rule, other) not in self._known:
            left = self._network.rules[rule].member.astype(np.int64)
            right = ~self._network.rules[other].member
            self._known[rule, other] = np.asarray(left @ right.astype(np.int64).T == 0)
        return self._known[rule, other]


def add_cut(m: PyomoModel, cut: Cut) -> None:
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


def _new_key(m: PyomoModel, network: Network, cut: Cut) -> tuple[object, ...]:
    """The contingency and the period; a further cut of the same contingency is numbered."""
    rule = network.rules[cut.rule]
    key = (f"{rule.name}: {rule.contingency(cut.lost)}", cut.period)
    number = 2
    while (*key, number) in m.c_redundancy:
        number += 1
    return key if key not in m.c_redundancy else (*key, number)


def _active(inputs: Inputs) -> bool:
    return bool(inputs.redundancy_rules)


FAMILY = Family("redundancy", build, _active, requires=("chip_mix",))
