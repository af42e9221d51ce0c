"""Find the cuts that a plan violates: minimum cuts on the graph of units and demands, worst first, and none missed.

There are three methods with the same answer; which one is used depends on the case:

- few kinds of demand (the usual case): every group of them is enumerated, so that the worst loss of any k domains
  follows by sorting, for all sets of k at once (Gale's condition);
- many kinds of demand: a minimum cut per contingency (networkx) on the graph of units and demands grouped by reach;
- chips that disagree on the ratio of training to inference: a small linear program per contingency, whose duals are
  the cut.

In the last two, a contingency that takes no more of any type of unit than one known to be carried is skipped.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from planner.errors import PlannerError
from planner.redundancy.network import Bools, Cut, Floats, Indices, Network, RuleNetwork

GROUP_LIMIT = 10
"""Most kinds of demand for which every group is enumerated (2^10 groups)."""
TOLERANCE = 1e-6
"""A cut is violated when more than this share of its need is missing."""
SMALLEST = 5e-7
"""... and more than this, which is the feasibility tolerance of the solver."""
WORST_PER_GROUP = 5
"""For N-k, how many of the worst sets of each group of demands are returned at a time."""
MOST_PER_ROUND = 200
"""Where contingencies are examined one by one, how many violated cuts of a rule and period are returned at a time."""
DIGITS = 9
"""Digits of a weight that are kept: any weights make a valid cut, and cuts of equal weights share a variable."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be missing of a cut: a share of its need, or so many IT GW if that is more."""

    share: float = TOLERANCE
    least: float = SMALLEST

    def of(self, need: Any) -> Any:
        """Return what may be missing of a need, or of each of an array."""
        return np.maximum(self.least, self.share * need)


ALLOWED = Allowed()
FINE = Allowed(least=1e-8)
"""What may be missing where shortfalls are proven exactly: little more than what is left of the solver's tolerance in a
solution at a vertex."""


def violated_cuts(network: Network, installed_gw: Floats, allowed: Allowed = ALLOWED) -> list[Cut]:
    """The cuts that installed capacity violates; the same capacity gives the same cuts.

    Parameters
    ----------
    network : Network
    installed_gw : array (periods, units)
        Installed IT GW, both roles.
    allowed : Allowed
        What may be missing of a cut.

    Returns
    -------
    list of Cut
        Empty exactly when every contingency of every rule can be carried. For N-1 rules there is a cut for every
        contingency that cannot (up to `MOST_PER_ROUND`); for N-k rules for the worst ones.
    """
    cuts: list[Cut] = []
    for number, rule in enumerate(network.rules):
        for t in range(len(installed_gw)):
            if rule.critical[t].any():
                cuts += _violated(network.in_period(t), number, rule, t, installed_gw[t], allowed)
    return cuts


def _violated(
    network: Network, number: int, rule: RuleNetwork, t: int, installed_gw: Floats, allowed: Allowed
) -> Iterator[Cut]:
    if network.scale is None:
        return _by_linear_program(network, number, rule, t, installed_gw, allowed)
    groups = DemandGroups(network, rule.critical[t])
    if groups.kinds <= GROUP_LIMIT:
        return _by_groups(number, rule, t, installed_gw, allowed, groups)
    return _by_minimum_cut(number, rule, t, installed_gw, allowed, groups)


def summed(place: Indices, amounts: Floats, count: int) -> Floats:
    """Amounts added up by position."""
    return np.asarray(np.bincount(place, amounts, minlength=count), dtype=np.float64)


class DemandGroups:
    """Critical demands and units, grouped by reach: demands the same units can serve are one kind.

    Parameters
    ----------
    network : Network
        With a common measure of compute.
    critical : array (demands,)

    Attributes
    ----------
    kinds : int
        Kinds of critical demand.
    need : array (kinds,)
        Scaled critical compute of each kind.
    least_scale : array (kinds,)
        Smallest compute, over the demands of a kind, that a unit of scaled compute is worth.
    base : array (units,)
        Scaled compute of one IT GW of a unit, whatever it serves.
    serves : array (units, kinds)
        Whether a unit can serve a kind.
    """

    def __init__(self, network: Network, critical: Floats) -> None:
        assert network.scale is not None  # callers ask only for plain flows
        scaled = network.rate / network.scale
        self.base: Floats = scaled.max(axis=1, initial=0.0)
        wanted = np.flatnonzero(critical > 0.0)
        self.serves, kind = _unlike_columns(scaled[:, wanted] > 0.0)
        self.kinds = self.serves.shape[1]
        self.need: Floats = summed(kind, (critical / network.scale)[wanted], self.kinds)
        self.least_scale: Floats = np.full(self.kinds, np.inf)
        np.minimum.at(self.least_scale, kind, network.scale[wanted])
        self._wanted, self._kind, self._scale = wanted, kind, network.scale

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
        """Scaled compute of one IT GW of each unit for each group: (units, groups)."""
        return self.base[:, None] * (self.serves.astype(np.float64) @ subsets.T > 0.0)


def _unlike_columns(table: Bools) -> tuple[Bools, Indices]:
    """The columns that differ, sorted, and which of them each column is: what `numpy.unique` gives, for few of them."""
    texts = [column.tobytes() for column in table.T]
    place = {text: n for n, text in enumerate(sorted(set(texts)))}
    kind = np.array([place[text] for text in texts], dtype=np.intp)
    first = [texts.index(text) for text in place]
    return table[:, first], kind


def group_margins(rule: RuleNetwork, installed_gw: Floats, groups: DemandGroups) -> tuple[Floats, Floats, Floats]:
    """For every group of demands: compute installed beyond the need, and compute in each domain.

    Parameters
    ----------
    rule : RuleNetwork
    installed_gw : array (units,)
    groups : DemandGroups

    Returns
    -------
    subsets : array (groups, kinds)
    spare : array (groups,)
        Scaled compute installed for the group beyond its need, before any loss.
    loss : array (domains, groups)
        Scaled compute for the group in each domain.
    """
    subsets = groups.subsets()
    capacity = groups.capacity(subsets) * installed_gw[:, None]
    spare = capacity.sum(axis=0) - subsets @ groups.need
    used = np.flatnonzero(installed_gw)  # few units of a large case are: the rest would be a sum of zeros
    loss = rule.member[:, used].astype(np.float64) @ capacity[used]
    return subsets, spare, loss


def _by_groups(
    number: int, rule: RuleNetwork, t: int, installed_gw: Floats, allowed: Allowed, groups: DemandGroups
) -> Iterator[Cut]:
    """The worst group of every contingency for N-1; else the worst sets of every group, each set once."""
    subsets, spare, loss = group_margins(rule, installed_gw, groups)
    least = -allowed.of(subsets @ groups.need)
    if rule.k <= 1:
        margin = spare[None, :] - least[None, :] - (loss if rule.k else 0.0)
        for f in range(len(margin)):
            worst = int(np.argmin(margin[f]))
            if margin[f, worst] < 0.0:
                yield Cut(number, t, (f,) if rule.k else (), groups.weights(subsets[worst]))
        return
    seen: set[tuple[int, ...]] = set()
    for g in np.argsort(spare - np.sort(loss, axis=0)[-rule.k :].sum(axis=0), kind="stable"):
        for lost in worst_sets(loss[:, g], rule.k, WORST_PER_GROUP):
            if spare[g] - loss[list(lost), g].sum() >= least[g]:
                break
            if lost not in seen:
                seen.add(lost)
                yield Cut(number, t, lost, groups.weights(subsets[g]))


def worst_sets(loss: Floats, k: int, count: int) -> list[tuple[int, ...]]:
    """The sets of k domains whose loss takes most, the worst first: exact for the worst, nearly so for those after it.

    Parameters
    ----------
    loss : array (domains,)
    k : int
    count : int
        Sets wanted.
    """
    few = np.argsort(-loss, kind="stable")[: k + count]
    sets = [tuple(sorted(int(f) for f in members)) for members in combinations(few, k)]
    return sorted(sets, key=lambda members: (-float(loss[list(members)].sum()), members))[:count]


def _by_minimum_cut(
    number: int, rule: RuleNetwork, t: int, installed_gw: Floats, allowed: Allowed, groups: DemandGroups
) -> Iterator[Cut]:
    types, of_type = np.unique(groups.serves, axis=0, return_inverse=True)

    def cut(left: Floats) -> tuple[float, float, tuple[float, ...]]:
        lacking, members = minimum_cut(types, left, groups.need)
        return lacking, float(members @ groups.need), groups.weights(members)

    yield from _one_by_one(number, rule, t, of_type.ravel(), groups.base * installed_gw, allowed, cut)


def _by_linear_program(
    network: Network, number: int, rule: RuleNetwork, t: int, installed_gw: Floats, allowed: Allowed
) -> Iterator[Cut]:
    critical = rule.critical[t]
    wanted = np.flatnonzero(critical > 0.0)
    types, of_type = np.unique(network.rate[:, wanted], axis=0, return_inverse=True)

    def cut(left: Floats) -> tuple[float, float, tuple[float, ...]]:
        lacking, duals = linear_cut(types, left, critical[wanted])
        weights = np.zeros(len(critical))
        weights[wanted] = duals
        return lacking, float(duals @ critical[wanted]), tuple(float(y) for y in weights)

    yield from _one_by_one(number, rule, t, of_type.ravel(), installed_gw, allowed, cut)


def _one_by_one(
    number: int,
    rule: RuleNetwork,
    t: int,
    of_type: Indices,
    capacity: Floats,
    allowed: Allowed,
    cut: Callable[[Floats], tuple[float, float, tuple[float, ...]]],
) -> Iterator[Cut]:
    """Worst contingency first; ``cut`` gives what is missing, of which need, and the weights that prove it."""
    count = int(of_type.max(initial=-1)) + 1
    total = summed(of_type, capacity, count)
    loss = np.array([summed(of_type, capacity * row, count) for row in rule.member])
    loss = loss.reshape(len(rule.domains), count)
    carried = np.zeros((0, count))
    found = 0
    sets = sorted(combinations(range(len(rule.domains)), rule.k), key=lambda f: (-loss[list(f)].sum(), f))
    for lost in sets:
        taken = loss[list(lost)].sum(axis=0)
        if (taken <= carried + 1e-12).all(axis=1).any():
            continue
        lacking, need, weights = cut(total - taken)
        if lacking <= allowed.of(need):
            carried = np.vstack([carried, taken])
            continue
        yield Cut(number, t, lost, weights)
        found += 1
        if found >= MOST_PER_ROUND:
            return


def minimum_cut(types: Bools, supply: Floats, need: Floats) -> tuple[float, Floats]:
    """The group of demands that misses most: what it misses (0 if none does), and its members as 0 and 1.

    Parameters
    ----------
    types : array (types, kinds)
        Which kinds of demand a type of unit serves.
    supply : array (types,)
    need : array (kinds,)
    """
    import networkx as nx
    from networkx.algorithms.flow import shortest_augmenting_path

    graph: Any = nx.DiGraph()
    for i, amount in enumerate(supply):
        graph.add_edge("source", ("type", i), capacity=max(0.0, float(amount)))
        for j in np.flatnonzero(types[i]):
            graph.add_edge(("type", i), ("kind", int(j)))
    for kind in range(len(need)):
        graph.add_edge(("kind", kind), "sink", capacity=float(need[kind]))
    if "source" not in graph:
        return float(need.sum()), np.ones(len(need))
    value, (_, sink_side) = nx.minimum_cut(graph, "source", "sink", flow_func=shortest_augmenting_path)
    members = np.array([1.0 if ("kind", j) in sink_side else 0.0 for j in range(len(need))])
    return float(need.sum() - value), members


def linear_cut(types: Floats, gw: Floats, need: Floats) -> tuple[float, Floats]:
    """The least compute that the survivors miss, and the weights of the demands that prove it (duals).

    Each missing unit of compute counts by the rate of the best type, so that what is missing is in IT GW.

    Parameters
    ----------
    types : array (types, demands)
        Compute of one IT GW of each type on each demand.
    gw : array (types,)
    need : array (demands,)
        Compute.
    """
    from scipy.optimize import linprog

    arcs = np.argwhere((types > 0.0) & (gw > 0.0)[:, None])
    best = types.max(axis=0, initial=0.0)
    best = np.where(best > 0.0, best, 1.0)
    columns = len(arcs) + len(need)
    room = np.zeros((len(types), columns))
    carry = np.zeros((len(need), columns))
    place = np.arange(len(arcs))
    room[arcs[:, 0], place] = 1.0
    carry[arcs[:, 1], place] = -types[arcs[:, 0], arcs[:, 1]]
    carry[np.arange(len(need)), len(arcs) + np.arange(len(need))] = -1.0
    cost = np.concatenate([np.zeros(len(arcs)), 1.0 / best])
    rows, sides = np.vstack([room, carry]), np.concatenate([np.maximum(gw, 0.0), -need])
    for method in ("highs", "highs-ipm", "highs-ds"):  # it always has an optimum; a method may fail numerically
        answer = linprog(cost, rows, sides, bounds=(0.0, None), method=method)
        if answer.status == 0:
            break
    else:
        raise PlannerError(f"the worst loss of a site or provider cannot be computed: {answer.message}")
    weights = np.maximum(0.0, -np.asarray(answer.ineqlin.marginals)[len(types) :])
    digits = DIGITS - int(np.floor(np.log10(weights.max()))) if weights.any() else DIGITS
    return float(answer.fun), np.asarray(np.round(weights, digits))
