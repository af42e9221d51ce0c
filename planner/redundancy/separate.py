"""Find the cuts that a plan violates: minimum cuts on the reach graph, worst first, and none missed.

Three ways to the same answer, by what the case needs:

- few kinds of demand (the usual case): every group of them is looked at, so that the worst loss of any k domains follows by sorting,
  for all sets of k at once (Gale's condition);
- many kinds of demand: a minimum cut per contingency (networkx) on the graph of units and demands grouped by reach;
- chips that disagree on the ratio of training to inference: a small linear program per contingency, whose duals are the cut.
"""

from collections.abc import Iterator
from itertools import combinations

import networkx as nx
import numpy as np
from scipy.optimize import linprog

from planner.redundancy.network import Cut, Floats, Network, RuleNetwork

GROUP_LIMIT = 10
"""Most kinds of demand for which every group is looked at (2^10 groups)."""
TOLERANCE = 1e-6
"""A cut is violated when it lacks more than this share of its need."""
WORST_PER_GROUP = 5
"""For N-k, how many of the worst sets of each group of demands are returned at a time."""


def violated_cuts(network: Network, installed_gw: Floats, *, tolerance: float = TOLERANCE) -> list[Cut]:
    """The cuts that installed capacity violates, at least one for every contingency that cannot be carried.

    Parameters
    ----------
    network : Network
    installed_gw : array (periods, units)
        Installed IT GW, both roles.
    tolerance : float
        Share of a cut's need that may lack.

    Returns
    -------
    list of Cut
        Empty exactly when every contingency of every rule can be carried.
    """
    cuts: list[Cut] = []
    for number, rule in enumerate(network.rules):
        for t in range(len(installed_gw)):
            if rule.critical[t].any() and rule.domains:
                cuts += _violated(network, number, rule, t, installed_gw[t], tolerance)
    return cuts


def _violated(
    network: Network, number: int, rule: RuleNetwork, t: int, installed_gw: Floats, tolerance: float
) -> Iterator[Cut]:
    if network.scale is None:
        return _by_linear_program(network, number, rule, t, installed_gw, tolerance)
    groups = DemandGroups(network, rule.critical[t])
    if groups.kinds <= GROUP_LIMIT:
        return _by_groups(network, number, rule, t, installed_gw, tolerance, groups)
    return _by_minimum_cut(network, number, rule, t, installed_gw, tolerance, groups)


class DemandGroups:
    """Critical demands and units, grouped by reach: demands the same units can serve are one kind.

    Attributes
    ----------
    kinds : int
        Kinds of critical demand.
    need : array (kinds,)
        Scaled critical compute of each kind.
    base : array (units,)
        Scaled compute of one GW of a unit, whatever it serves.
    serves : array (units, kinds)
        Whether a unit can serve a kind.
    """

    def __init__(self, network: Network, critical: Floats) -> None:
        assert network.scale is not None  # callers ask only for plain flows
        scaled = network.rate / network.scale
        self.base: Floats = scaled.max(axis=1, initial=0.0)
        wanted = np.flatnonzero(critical > 0.0)
        patterns, kind = np.unique(scaled[:, wanted] > 0.0, axis=1, return_inverse=True)
        self.serves = patterns
        self.kinds = patterns.shape[1]
        self.need: Floats = np.bincount(kind.ravel(), (critical / network.scale)[wanted], minlength=self.kinds)
        self._wanted, self._kind, self._scale = wanted, kind.ravel(), network.scale

    def weights(self, members: Floats) -> tuple[float, ...]:
        """Weights of all demands for a group of kinds (0 or 1 each)."""
        weights = np.zeros(len(self._scale))
        weights[self._wanted] = members[self._kind] / self._scale[self._wanted]
        return tuple(float(y) for y in weights)

    def subsets(self) -> Floats:
        """Every non-empty group of kinds, as rows of 0 and 1."""
        codes = np.arange(1, 2**self.kinds)
        return ((codes[:, None] >> np.arange(self.kinds)) & 1).astype(np.float64)

    def capacity(self, subsets: Floats) -> Floats:
        """Scaled compute of one GW of each unit for each group: (units, groups)."""
        return self.base[:, None] * (self.serves.astype(np.float64) @ subsets.T > 0.0)


def group_margins(
    network: Network, rule: RuleNetwork, t: int, installed_gw: Floats, groups: DemandGroups
) -> tuple[Floats, Floats, Floats]:
    """For every group of demands: what is installed less what is needed, and what each domain takes away.

    Returns
    -------
    subsets : array (groups, kinds)
    spare : array (groups,)
        Scaled compute installed for the group beyond its need, nothing lost.
    loss : array (domains, groups)
        Scaled compute for the group in each domain.
    """
    subsets = groups.subsets()
    capacity = groups.capacity(subsets) * installed_gw[:, None]
    spare = capacity.sum(axis=0) - subsets @ groups.need
    loss = rule.member.astype(np.float64) @ capacity
    return subsets, spare, loss


def _by_groups(
    network: Network,
    number: int,
    rule: RuleNetwork,
    t: int,
    installed_gw: Floats,
    tolerance: float,
    groups: DemandGroups,
) -> Iterator[Cut]:
    subsets, spare, loss = group_margins(network, rule, t, installed_gw, groups)
    allowed = -tolerance * np.maximum(1.0, subsets @ groups.need)
    if rule.k == 1:
        margin = spare[None, :] - loss - allowed[None, :]
        for f in range(len(rule.domains)):
            worst = int(np.argmin(margin[f]))
            if margin[f, worst] < 0.0:
                yield Cut(number, t, (f,), groups.weights(subsets[worst]))
        return
    seen: set[tuple[int, ...]] = set()
    for g in np.argsort(spare - np.sort(loss, axis=0)[-rule.k :].sum(axis=0), kind="stable"):
        order = np.argsort(-loss[:, g], kind="stable")
        for count, lost in enumerate(_worst_sets(loss[order, g], rule.k)):
            members = tuple(sorted(int(order[i]) for i in lost))
            if spare[g] - loss[list(members), g].sum() >= allowed[g] or count >= WORST_PER_GROUP:
                break
            if members not in seen:
                seen.add(members)
                yield Cut(number, t, members, groups.weights(subsets[g]))


def _worst_sets(loss: Floats, k: int) -> Iterator[tuple[int, ...]]:
    """Sets of k positions of a falling sequence, in falling order of their sum among the first few positions."""
    few = range(min(len(loss), k + WORST_PER_GROUP))
    yield from sorted(combinations(few, k), key=lambda members: (-sum(loss[i] for i in members), members))


def _by_minimum_cut(
    network: Network,
    number: int,
    rule: RuleNetwork,
    t: int,
    installed_gw: Floats,
    tolerance: float,
    groups: DemandGroups,
) -> Iterator[Cut]:
    """Worst first; a set whose losses are no worse than those of one already carried needs no look."""
    types, of_type = np.unique(groups.serves, axis=0, return_inverse=True)
    compute = groups.base * installed_gw
    loss = np.stack([np.bincount(of_type.ravel(), compute * row, minlength=len(types)) for row in rule.member])
    total = np.bincount(of_type.ravel(), compute, minlength=len(types))
    carried: list[Floats] = []
    sets = sorted(combinations(range(len(rule.domains)), rule.k), key=lambda f: (-loss[list(f)].sum(), f))
    for lost in sets:
        taken = loss[list(lost)].sum(axis=0)
        if any((taken <= known + 1e-12).all() for known in carried):
            continue
        lacking, members = minimum_cut(types, total - taken, groups.need)
        if lacking > tolerance * max(1.0, float(members @ groups.need)):
            yield Cut(number, t, lost, groups.weights(members))
        else:
            carried.append(taken)


def minimum_cut(types: Floats, supply: Floats, need: Floats) -> tuple[float, Floats]:
    """The group of demands that lacks most: what it lacks (0 if none does), and its members as 0 and 1.

    Parameters
    ----------
    types : array (types, kinds)
        Which kinds of demand a type of unit serves.
    supply : array (types,)
    need : array (kinds,)
    """
    graph = nx.DiGraph()
    for i, amount in enumerate(supply):
        graph.add_edge("source", ("type", i), capacity=max(0.0, float(amount)))
        for j in np.flatnonzero(types[i]):
            graph.add_edge(("type", i), ("kind", int(j)))
    for j, amount in enumerate(need):
        graph.add_edge(("kind", j), "sink", capacity=float(amount))
    value, (_, sink_side) = nx.minimum_cut(graph, "source", "sink")
    members = np.array([1.0 if ("kind", j) in sink_side else 0.0 for j in range(len(need))])
    return float(need.sum() - value), members


def _by_linear_program(
    network: Network, number: int, rule: RuleNetwork, t: int, installed_gw: Floats, tolerance: float
) -> Iterator[Cut]:
    for lost in combinations(range(len(rule.domains)), rule.k):
        surviving = np.where(network.lost_units(number, lost), 0.0, installed_gw)
        lacking, weights = linear_cut(network, surviving, rule.critical[t])
        if lacking > tolerance * max(1.0, float(weights @ rule.critical[t])):
            yield Cut(number, t, lost, tuple(float(y) for y in weights))


def linear_cut(network: Network, surviving_gw: Floats, critical: Floats) -> tuple[float, Floats]:
    """What the survivors lack at the least, and the weights of the demands that prove it (duals).

    Units with the same compute for every demand are one; each lacking unit of compute counts by the best unit's rate.
    """
    wanted = np.flatnonzero(critical > 0.0)
    types, of_type = np.unique(network.rate[:, wanted], axis=0, return_inverse=True)
    gw = np.bincount(of_type.ravel(), surviving_gw, minlength=len(types))
    arcs = [(i, j) for i in range(len(types)) for j in range(len(wanted)) if types[i, j] > 0.0 and gw[i] > 0.0]
    best = np.maximum(network.rate[:, wanted].max(axis=0), 1e-12)
    columns = len(arcs) + len(wanted)
    room = np.zeros((len(types), columns))
    carry = np.zeros((len(wanted), columns))
    for column, (i, j) in enumerate(arcs):
        room[i, column] = 1.0
        carry[j, column] = -types[i, j]
    for j in range(len(wanted)):
        carry[j, len(arcs) + j] = -1.0
    cost = np.concatenate([np.zeros(len(arcs)), 1.0 / best])
    answer = linprog(
        cost, np.vstack([room, carry]), np.concatenate([gw, -critical[wanted]]), bounds=(0.0, None), method="highs"
    )
    weights = np.zeros(len(critical))
    weights[wanted] = np.maximum(0.0, -answer.ineqlin.marginals[len(types) :])
    return float(answer.fun), weights
