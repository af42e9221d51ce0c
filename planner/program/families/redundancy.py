r"""Redundancy: the critical demand is served after the loss of any k failure domains (docs/formulation.md, section 8).

.. math:: T_{y,t} = \sum_u w_{u}(y)\, z_{u,t}, \qquad
          T_{y,t} - \sum_{u \in \text{lost}} w_u(y)\, z_{u,t} \ge \sum_d y_d D^{\text{crit}}_{d,t}

Indices: :math:`u` unit (site, provider and chip), :math:`y` weights of a group of demands, :math:`d` demand (market
and workload), :math:`t` period.
Variables: :math:`z` = ``INSTALLED`` (both roles, chips of signed contracts included), :math:`T` = ``COVERABLE``, one
for each group of demands and period.
Where unserved demand :math:`q` has a price, :math:`y_d \sigma_d q_{d,t}` is added to the left-hand side of a cut, with
the critical share :math:`\sigma`; where it is minimised first, only if something must be missing
(``planner.runs.relief``).
Where a rule has a price, :math:`y_d s_{d,t}` is added too, with :math:`s` = ``SHORT`` of the rule (at most its critical
demand), which costs price x years (part ``unprotected``); other rules are given :math:`s` only if something must be
missing.
Data: :math:`w_u(y)` compute of an IT GW of the unit on the demand of the group that it serves best, weighted;
:math:`D^{\text{crit}}` critical demand. The program starts with the cut of all demands together for every single
contingency that is not part of another; the solve adds the cuts that a solution violates (``planner.redundancy``).
Dual of ``CUT`` ($B of present value, integers fixed): price of one more unit of protected compute in the period;
where the rule has a price, never more than what a missing unit costs. A cut
is identified by its rule, the domains lost and its period, also where the solve adds it; in files it is called ``RULE:
LOST`` and the period. ``INSTALLED_SUM`` and ``COVERABLE_SUM`` define their variables.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import sparse

from planner.inputs import Inputs
from planner.program.columns import STOCK, UNSERVED
from planner.program.declare import add_column, add_constraint, add_empty, add_further_row, add_variable
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.shortfalls import SHORT
from planner.program.terms import Domain, Expr, Program, Sum
from planner.redundancy.network import Bools, Cut, Network, make_network
from planner.redundancy.symbols import COVERABLE, COVERABLE_SUM, CUT, INSTALLED, INSTALLED_SUM


def build(m: Program, inputs: Inputs, ledger: Ledger) -> None:
    """Add installed capacity per unit, and the all-demand cut of every single contingency."""
    stock_gw = STOCK.of(m)
    m.redundancy_network = network = make_network(inputs)
    periods = [t for t in inputs.periods if any(rule.critical[t].any() for rule in network.rules)]
    parts: dict[tuple[str, str, str, int], Sum] = {(*unit, t): Sum() for unit in network.units for t in periods}
    for o, role, k, t in inputs.stocks:
        if (inputs.offers[o].site, inputs.offers[o].provider, k, t) in parts:
            parts[inputs.offers[o].site, inputs.offers[o].provider, k, t].add(1.0, stock_gw[o, role, k, t])
    for (o, _, k), gw in inputs.signed_chip_gw.items():
        for t in periods:
            parts[inputs.offers[o].site, inputs.offers[o].provider, k, t].constant += gw[t]
    live = [key for key, part in parts.items() if part.variables or part.constant]
    installed = add_variable(m, INSTALLED, live, domain=Domain.NON_NEGATIVE)

    @add_constraint(m, INSTALLED_SUM, live)
    def installed_row(_m: Program, s: str, p: str, k: str, t: int) -> Expr:
        return Sum().add(1.0, installed[s, p, k, t]).add_sum(-1.0, parts[s, p, k, t]).equals(0.0)

    add_empty(m, COVERABLE, Domain.NON_NEGATIVE)
    add_empty(m, COVERABLE_SUM)
    add_empty(m, CUT)
    m.coverable_of_group, m.coefficients_of_group = {}, {}
    m.critical_share = None
    if inputs.case.model.objective.unserved == "priced":
        m.critical_share = [[r.critical_share_of(*d) for d in network.demands] for r in inputs.redundancy_rules]
    _price_shortfalls(m, inputs, network, ledger)
    for cut in first_cuts(network):
        add_cut(m, cut)


def _price_shortfalls(m: Program, inputs: Inputs, network: Network, ledger: Ledger) -> None:
    """Declare what rules with a price may miss, and enter what it costs."""
    critical = {
        (r, *network.demands[d], int(t)): float(network.rules[r].critical[t, d])
        for r, rule in enumerate(inputs.redundancy_rules)
        if rule.price_busd_per_missing_compute_year is not None
        for t, d in np.argwhere(network.rules[r].critical > 0.0)
    }
    short = add_variable(
        m, SHORT, list(critical), domain=Domain.NON_NEGATIVE, bounds=lambda _m, *key: (0.0, critical[key])
    )
    for key in critical:
        price = inputs.redundancy_rules[key[0]].price_busd_per_missing_compute_year or 0.0
        ledger.unprotected[key[-1]].add(price * inputs.length_years(key[-1]), short[key])


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
            left = sparse.csr_array(self._network.rules[rule].member.astype(np.int64))
            right = sparse.csr_array(self._network.rules[other].member.astype(np.int64))
            both = (left @ right.T).toarray()  # domains hold few units each: dense products take seconds
            self._known[rule, other] = np.asarray(both == left.sum(axis=1)[:, None])
        return self._known[rule, other]


def add_cut(m: Program, cut: Cut) -> None:
    """Add a cut to a built program."""
    network: Network = m.redundancy_network
    installed, cuts = INSTALLED.of(m), CUT.of(m)
    t = cut.period
    group = (cut.weights, t)
    if group not in m.coverable_of_group:
        m.coverable_of_group[group] = total = add_column(m, COVERABLE)
        m.coefficients_of_group[group] = network.in_period(t).coefficients(np.array(cut.weights))
        whole = Sum().add(1.0, COVERABLE.of(m)[total])
        for unit, coefficient in zip(network.units, m.coefficients_of_group[group], strict=True):
            if (*unit, t) in installed:
                whole.add(-float(coefficient), installed[(*unit, t)])
        add_further_row(m, COVERABLE_SUM, total, whole.equals(0.0))
    coefficients = m.coefficients_of_group[group]
    surviving = Sum().add(1.0, COVERABLE.of(m)[m.coverable_of_group[group]])
    for u in np.flatnonzero(network.lost_units(cut.rule, cut.lost)):
        unit = network.units[u]
        if (*unit, t) in installed:
            surviving.add(-float(coefficients[u]), installed[(*unit, t)])
    if m.critical_share is not None:  # unserved demand has a price: what is not served is not critical
        for d, (market, workload) in enumerate(network.demands):
            surviving.add(cut.weights[d] * m.critical_share[cut.rule][d], UNSERVED.of(m)[market, workload, t])
    short = SHORT.of(m)
    for weight, demand in zip(cut.weights, network.demands, strict=True):
        if weight and (cut.rule, *demand, t) in short:
            surviving.add(weight, short[cut.rule, *demand, t])
    index = _new_index(cuts, network, cut)
    keys = m.symbols.row_keys.setdefault(CUT.component, {})
    keys[index] = (cut.rule, cut.lost, t, len(keys) + 1)
    add_further_row(m, CUT, index, surviving.at_least(cut.need_compute(network)))


def _new_index(cuts: Any, network: Network, cut: Cut) -> tuple[object, ...]:
    """What a cut is called in files: the contingency and the period; a further cut of a contingency is numbered."""
    rule = network.rules[cut.rule]
    index = (f"{rule.name}: {rule.contingency(cut.lost)}", cut.period)
    number = 2
    while (*index, number) in cuts:
        number += 1
    return index if index not in cuts else (*index, number)


def _active(inputs: Inputs) -> bool:
    return bool(inputs.redundancy_rules)


FAMILY = Family("redundancy", build, _active, requires=("chip_mix", "demand"))
