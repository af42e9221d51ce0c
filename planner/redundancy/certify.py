"""Certificates: for each contingency, what is lost, what is left, the spare, and a routing that carries the critical demand."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import networkx as nx
import numpy as np
from scipy.optimize import linprog

from planner.redundancy.network import Floats, Network, RuleNetwork
from planner.redundancy.separate import GROUP_LIMIT, DemandGroups, group_margins

WORST_SETS = 20
"""For N-k with k > 1, how many of the tightest contingencies of a period are listed."""
MOST_SETS = 20_000
"""N-k contingencies that are ranked one by one where demand has too many kinds to rank them by groups."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A contingency that is carried.

    Attributes
    ----------
    rule : int
    period : int
    lost : tuple of int
    lost_gw, surviving_gw : float
        Installed IT GW.
    critical_compute : float
    margin_compute : float
        The least, over single demands, of how much more of it the survivors could carry beside all the others: the spare of
        the tightest group of demands.
    routing : list of (unit, demand, GW, compute)
        Who carries what.
    """

    rule: int
    period: int
    lost: tuple[int, ...]
    lost_gw: float
    surviving_gw: float
    critical_compute: float
    margin_compute: float
    routing: list[tuple[int, int, float, float]]


def certificates(network: Network, installed_gw: Floats) -> Iterator[Certificate]:
    """Certificates of every N-1 contingency, and of the tightest N-k ones, of every rule and period.

    Parameters
    ----------
    network : Network
    installed_gw : array (periods, units)
    """
    for number, rule in enumerate(network.rules):
        for t in range(len(installed_gw)):
            if not rule.critical[t].any() or not rule.domains:
                continue
            for lost in _listed(network, rule, t, installed_gw[t]):
                gone = network.lost_units(number, lost)
                surviving = np.where(gone, 0.0, installed_gw[t])
                margin, routing = carry(network, surviving, rule.critical[t])
                yield Certificate(
                    number,
                    t,
                    lost,
                    float(installed_gw[t][gone].sum()),
                    float(surviving.sum()),
                    float(rule.critical[t].sum()),
                    margin,
                    routing,
                )


def _listed(network: Network, rule: RuleNetwork, t: int, installed_gw: Floats) -> list[tuple[int, ...]]:
    """All single losses; of sets of k the tightest."""
    if rule.k == 1:
        return [(f,) for f in range(len(rule.domains))]
    loss_gw = rule.member.astype(float) @ installed_gw
    found: dict[tuple[int, ...], float] = {}
    if network.scale is not None:
        groups = DemandGroups(network, rule.critical[t])
        if groups.kinds <= GROUP_LIMIT:
            _subsets, spare, loss = group_margins(network, rule, t, installed_gw, groups)
            for g in range(loss.shape[1]):
                top = np.argsort(-loss[:, g], kind="stable")[: rule.k + 4]
                for members in combinations(sorted(int(f) for f in top), rule.k):
                    margin = float(np.min(spare - loss[list(members)].sum(axis=0)))
                    found[members] = margin
    if not found:
        order = np.argsort(-loss_gw, kind="stable")[: rule.k + 8]
        for members in combinations(sorted(int(f) for f in order), rule.k):
            found[members] = -float(loss_gw[list(members)].sum())
    return sorted(found, key=lambda members: (found[members], members))[:WORST_SETS]


def carry(
    network: Network, surviving_gw: Floats, critical: Floats
) -> tuple[float, list[tuple[int, int, float, float]]]:
    """Spare of the tightest group, and a routing of the critical demand over the survivors.

    Parameters
    ----------
    network : Network
    surviving_gw : array (units,)
    critical : array (demands,)
    """
    wanted = np.flatnonzero(critical > 0.0)
    patterns, of_type = np.unique(network.rate[:, wanted], axis=0, return_inverse=True)
    of_type = of_type.ravel()
    gw = np.bincount(of_type, surviving_gw, minlength=len(patterns))
    if network.scale is not None:
        margin, flows = _carry_flow(patterns / network.scale[wanted], gw, critical[wanted] / network.scale[wanted])
    else:
        margin, flows = _carry_linear(patterns, gw, critical[wanted])
    return margin, _by_unit(network, surviving_gw, of_type, wanted, flows)


def _carry_flow(rate: Floats, gw: Floats, need: Floats) -> tuple[float, Floats]:
    """A maximum flow in scaled compute; the GW used by (type, demand)."""
    base = rate.max(axis=1, initial=0.0)
    graph = nx.DiGraph()
    for i in np.flatnonzero(base * gw > 0.0):
        graph.add_edge("source", ("type", int(i)), capacity=float(base[i] * gw[i]))
        for j in np.flatnonzero(rate[i]):
            graph.add_edge(("type", int(i)), ("demand", int(j)))
    for j, amount in enumerate(need):
        graph.add_edge(("demand", j), "sink", capacity=float(amount))
    if "source" not in graph:
        return -float(need.max()), np.zeros_like(rate)
    _, flow = nx.maximum_flow(graph, "source", "sink")
    flows = np.zeros_like(rate)
    for node, out in flow.items():
        if node[0] == "type":
            for target, amount in out.items():
                flows[node[1], target[1]] = amount / base[node[1]]
    margins = []
    for j in range(len(need)):
        graph["demand", j]["sink"].pop("capacity")  # without a limit: every cut keeps this demand in its group
        margins.append(nx.maximum_flow_value(graph, "source", "sink") - float(need.sum()))
        graph["demand", j]["sink"]["capacity"] = float(need[j])
    return min(margins), flows


def _carry_linear(rate: Floats, gw: Floats, need: Floats) -> tuple[float, Floats]:
    """The same as a linear program, for chips that disagree on the ratio of training to inference."""
    arcs = [(i, j) for i in range(len(gw)) for j in range(len(need)) if rate[i, j] > 0.0 and gw[i] > 0.0]
    room, carried = np.zeros((len(gw), len(arcs))), np.zeros((len(need), len(arcs)))
    for column, (i, j) in enumerate(arcs):
        room[i, column], carried[j, column] = 1.0, rate[i, j]
    margins, flows = [], np.zeros_like(rate)
    for j in range(len(need)):
        answer = linprog(-carried[j], np.vstack([room, -carried]), np.concatenate([gw, -need]), method="highs")
        if answer.status != 0:
            return -float(need.max()), flows
        margins.append(-float(answer.fun) - float(need[j]))
    used = linprog(np.ones(len(arcs)), np.vstack([room, -carried]), np.concatenate([gw, -need]), method="highs")
    for column, (i, j) in enumerate(arcs):
        flows[i, j] = used.x[column]
    return min(margins), flows


def _by_unit(
    network: Network, surviving_gw: Floats, of_type: Floats, wanted: Floats, flows: Floats
) -> list[tuple[int, int, float, float]]:
    """Hand the GW that a type gives to each demand out to its units, one after the other."""
    routing = []
    left = surviving_gw.copy()
    for i in range(len(flows)):
        units = [int(u) for u in np.flatnonzero(np.asarray(of_type) == i) if surviving_gw[u] > 0.0]
        position = 0
        for j in np.flatnonzero(flows[i] > 1e-12):
            wanted_gw = float(flows[i, j])
            while wanted_gw > 1e-12 and position < len(units):
                u = units[position]
                gw = min(wanted_gw, float(left[u]))
                if gw > 0.0:
                    demand = int(wanted[int(j)])
                    routing.append((u, demand, gw, gw * float(network.rate[u, demand])))
                wanted_gw -= gw
                left[u] -= gw
                if left[u] <= 1e-12:
                    position += 1
    return routing
