"""Certificates: what each contingency takes and leaves, the margin, and a routing that carries the critical demand."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb
from typing import Any

import networkx as nx
import numpy as np
from networkx.algorithms.flow import shortest_augmenting_path

from planner.redundancy.network import Floats, Indices, Network, RuleNetwork
from planner.redundancy.separate import GROUP_LIMIT, DemandGroups, group_margins, summed, worst_sets
from planner.units import times_ten_to

WORST_SETS = 20
"""For N-k with k > 1, how many contingencies of a period are listed, those of the smallest margin first."""
MOST_LACKING = 5e-4
"""Share of a critical demand that may be missing by rounding."""
LEAST_FLOW = 1e-12
"""Flows below this count as zero."""

Share = tuple[int, int, float, float]
"""A unit, a demand, and the IT GW and the compute that the one gives to the other."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A contingency after which the critical demand is carried.

    Attributes
    ----------
    rule : int
    period : int
    lost : tuple of int
    lost_gw, surviving_gw : float
        Installed IT GW.
    critical_compute : float
    margin_compute : float
        The least, over single critical demands, of how much more of it the survivors could carry beside all the others;
        where nothing is critical, the compute of the survivors.
    routing : list of (unit, demand, IT GW, compute)
        Who carries what.
    """

    rule: int
    period: int
    lost: tuple[int, ...]
    lost_gw: float
    surviving_gw: float
    critical_compute: float
    margin_compute: float
    routing: list[Share]

    def times_ten_to(self, exponent: int) -> "Certificate":
        """The same with its compute in another unit."""
        if exponent == 0:
            return self
        return replace(
            self,
            critical_compute=times_ten_to(self.critical_compute, exponent),
            margin_compute=times_ten_to(self.margin_compute, exponent),
            routing=[(u, d, gw, times_ten_to(compute, exponent)) for u, d, gw, compute in self.routing],
        )


def certificates(network: Network, installed_gw: Floats) -> Iterator[Certificate]:
    """Certificates of every N-1 contingency, and of the N-k ones of the smallest margin, for every rule and period.

    Parameters
    ----------
    network : Network
    installed_gw : array (periods, units)
    """
    for number, rule in enumerate(network.rules):
        for t in range(len(installed_gw)):
            if rule.holds[t] and (rule.k or rule.loses_nothing):
                here = network.in_period(t)
                margins = Margins(here, rule, t, installed_gw[t])
                routed: dict[bytes, list[Share]] = {}  # many domains hold no capacity: what survives is the same
                for lost in listed(here, rule, t, installed_gw[t], margins):
                    gone = network.lost_units(number, lost)
                    surviving = np.where(gone, 0.0, installed_gw[t])
                    left = surviving.tobytes()
                    if left not in routed:
                        routed[left] = carry(here, surviving, rule.critical[t])
                    yield Certificate(
                        number,
                        t,
                        lost,
                        float(installed_gw[t][gone].sum()),
                        float(surviving.sum()),
                        float(rule.critical[t].sum()),
                        margins.of(lost),
                        routed[left],
                    )


class Margins:
    """Margins of the contingencies of a rule in a period.

    Parameters
    ----------
    network : Network
    rule : RuleNetwork
    t : int
    installed_gw : array (units,)
    """

    def __init__(self, network: Network, rule: RuleNetwork, t: int, installed_gw: Floats) -> None:
        self._network, self._rule, self._critical, self._installed = network, rule, rule.critical[t], installed_gw
        self._groups: DemandGroups | None = None
        if network.scale is not None and self._critical.any():
            groups = DemandGroups(network, self._critical)
            if groups.kinds <= GROUP_LIMIT:
                self._groups = groups
                self._subsets, self._spare, self._loss = group_margins(rule, installed_gw, groups)

    def of(self, lost: tuple[int, ...]) -> float:
        """Margin of a contingency, in compute."""
        surviving = self._installed.copy()
        surviving[self._rule.member[list(lost)].any(axis=0)] = 0.0
        if not self._critical.any():
            return float(surviving @ self._network.rate.max(axis=1, initial=0.0))
        if self._groups is None:
            return margin_by_routing(self._network, surviving, self._critical)
        spare = self._spare - self._loss[list(lost)].sum(axis=0)
        inside = np.where(self._subsets.T > 0.0, spare, np.inf)  # (kinds, groups)
        return float((inside.min(axis=1) * self._groups.least_scale).min())


def listed(
    network: Network, rule: RuleNetwork, t: int, installed_gw: Floats, margins: Margins
) -> list[tuple[int, ...]]:
    """All single losses; of sets of k those of the smallest margin among the ones that take most."""
    if rule.k == 1:
        return [(f,) for f in range(len(rule.domains))]
    if comb(len(rule.domains), rule.k) <= WORST_SETS:
        return list(combinations(range(len(rule.domains)), rule.k))
    member = rule.member.astype(np.float64)
    measures = [installed_gw, installed_gw * network.rate.max(axis=1, initial=0.0)]
    measures += [installed_gw * network.rate[:, d] for d in np.flatnonzero(rule.critical[t])]
    found = {lost for measure in measures for lost in worst_sets(member @ measure, rule.k, WORST_SETS)}
    return sorted(found, key=lambda lost: (margins.of(lost), lost))[:WORST_SETS]


def margin_by_routing(network: Network, surviving_gw: Floats, critical: Floats) -> float:
    """The margin of the surviving capacity, by a linear program for each critical demand.

    Minus the largest need where what is critical is not carried.

    Parameters
    ----------
    network : Network
    surviving_gw : array (units,)
    critical : array (demands,)
    """
    wanted = np.flatnonzero(critical > 0.0)
    types, of_type = np.unique(network.rate[:, wanted], axis=0, return_inverse=True)
    gw, need = summed(of_type.ravel(), surviving_gw, len(types)), critical[wanted]
    margins = []
    for j in range(len(need)):
        flows = _linear_flows(types, gw, need, most_of=j)
        if flows is None:
            return -float(need.max())
        margins.append(float((flows[:, j] * types[:, j]).sum() - need[j]))
    return min(margins)


def carry(network: Network, surviving_gw: Floats, critical: Floats) -> list[Share]:
    """A routing of the critical demand over the survivors; of as much of it as they can carry.

    Parameters
    ----------
    network : Network
    surviving_gw : array (units,)
    critical : array (demands,)
    """
    wanted = np.flatnonzero(critical > 0.0)
    if not len(wanted):
        return []
    rate, need = network.rate[:, wanted], critical[wanted]
    if network.scale is None:
        types, of_type = np.unique(rate, axis=0, return_inverse=True)
        per_gw = np.ones(len(surviving_gw))
        flows = _linear_flows(types, summed(of_type.ravel(), surviving_gw, len(types)), need)
    else:
        scaled = rate / network.scale[wanted]
        per_gw = scaled.max(axis=1, initial=0.0)
        types, of_type = np.unique(scaled > 0.0, axis=0, return_inverse=True)
        supply = summed(of_type.ravel(), surviving_gw * per_gw, len(types))
        flows = _most_flows(types, supply, need / network.scale[wanted])
    return [] if flows is None else list(_by_unit(network, surviving_gw, per_gw, of_type.ravel(), wanted, flows))


def _most_flows(types: Floats, supply: Floats, need: Floats) -> Floats:
    """A maximum flow from types to demands."""
    graph: Any = nx.DiGraph()
    for i in np.flatnonzero(supply > 0.0):
        graph.add_edge("source", ("type", int(i)), capacity=float(supply[i]))
        for j in np.flatnonzero(types[i]):
            graph.add_edge(("type", int(i)), ("demand", int(j)))
    for demand in range(len(need)):
        graph.add_edge(("demand", demand), "sink", capacity=float(need[demand]))
    flows = np.zeros((len(supply), len(need)))
    if "source" not in graph:
        return flows
    _, flow = nx.maximum_flow(graph, "source", "sink", flow_func=shortest_augmenting_path)
    for node, out in flow.items():
        if node[0] == "type":
            for target, amount in out.items():
                flows[node[1], target[1]] = amount
    return flows


def _linear_flows(types: Floats, gw: Floats, need: Floats, most_of: int | None = None) -> Floats | None:
    """IT GW from types to demands that carry all needs, the fewest or with most of one demand; None if they cannot."""
    from scipy.optimize import linprog

    arcs = np.argwhere((types > 0.0) & (gw > 0.0)[:, None])
    place = np.arange(len(arcs))
    room, carried = np.zeros((len(types), len(arcs))), np.zeros((len(need), len(arcs)))
    room[arcs[:, 0], place] = 1.0
    carried[arcs[:, 1], place] = types[arcs[:, 0], arcs[:, 1]]
    # What may be missing in an accepted plan is not required.
    asked = need - np.minimum(1e-6 * np.maximum(1e-3, need), MOST_LACKING * need)
    cost = np.ones(len(arcs)) if most_of is None else -carried[most_of]
    if not len(arcs):
        return None
    answer = linprog(cost, np.vstack([room, -carried]), np.concatenate([gw, -asked]), method="highs")
    if answer.status != 0:
        return None
    flows = np.zeros(types.shape)
    flows[arcs[:, 0], arcs[:, 1]] = answer.x
    return flows


def _by_unit(
    network: Network, surviving_gw: Floats, per_gw: Floats, of_type: Indices, wanted: Indices, flows: Floats
) -> Iterator[Share]:
    """Distribute what a type gives to each demand over its units, one after the other."""
    left = surviving_gw * per_gw
    for i in range(len(flows)):
        units = np.flatnonzero((of_type == i) & (left > 0.0)).tolist()
        position = 0
        for j in np.flatnonzero(flows[i] > LEAST_FLOW):
            demand, asked = int(wanted[j]), float(flows[i, j])
            while asked > LEAST_FLOW and position < len(units):
                u = units[position]
                given = min(asked, float(left[u]))
                if given > 0.0:
                    gw = given / float(per_gw[u])
                    yield u, demand, gw, gw * float(network.rate[u, demand])
                asked -= given
                left[u] -= given
                if left[u] <= LEAST_FLOW:
                    position += 1
