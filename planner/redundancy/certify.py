"""Certificates: what each contingency takes and leaves, the margin, and a routing that carries the critical demand."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import combinations
from math import comb
from typing import Any

import numpy as np

from planner.redundancy.network import Bools, Floats, Network, RuleNetwork
from planner.redundancy.separate import GROUP_LIMIT, DemandGroups, group_margins, summed, worst_sets
from planner.units import times_ten_to

WORST_SETS = 20
"""For N-k with k > 1, how many contingencies of a period are listed, those of the smallest margin first."""
MOST_LACKING = 5e-4
"""Share of a critical demand that may be missing by rounding."""
SURE_SHARE = 1e-9
"""A margin above this share of what is critical is more than rounding."""
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
    proven : bool
        Whether the margin shows by itself that all that is critical is carried.
    left : bytes
        What survives: the same bytes where losses of a rule and period take the same capacity.
    routing : list of (unit, demand, IT GW, compute)
        Who carries what; worked out each time that it is asked for.
    """

    rule: int
    period: int
    lost: tuple[int, ...]
    lost_gw: float
    surviving_gw: float
    critical_compute: float
    margin_compute: float
    proven: bool
    left: bytes
    _carry: Callable[[], list[Share]] = field(repr=False)

    @property
    def routing(self) -> list[Share]:  # noqa: D102 (an attribute)
        return self._carry()

    def times_ten_to(self, exponent: int) -> "Certificate":
        """The same with its compute in another unit."""
        if exponent == 0:
            return self
        return replace(
            self,
            critical_compute=times_ten_to(self.critical_compute, exponent),
            margin_compute=times_ten_to(self.margin_compute, exponent),
            _carry=lambda: [(u, d, gw, times_ten_to(compute, exponent)) for u, d, gw, compute in self._carry()],
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
                yield from _of_period(network, number, t, installed_gw[t])


def _of_period(network: Network, number: int, t: int, installed_gw: Floats) -> Iterator[Certificate]:
    here, rule = network.in_period(t), network.rules[number]
    margins, routings = Margins(here, rule, t, installed_gw), _Routings(here, number, t, installed_gw)
    critical = float(rule.critical[t].sum())
    # Many domains hold no capacity: what survives is the same.
    there = installed_gw > 0.0
    holds: Bools = np.any(rule.member & there, axis=1)
    known: dict[bytes, tuple[float, float, float]] = {}
    for lost in listed(here, rule, t, installed_gw, margins):
        takes = any(holds[f] for f in lost)
        gone = network.lost_units(number, lost) if takes else np.zeros(len(there), dtype=np.bool_)
        left = np.flatnonzero(gone & there).tobytes() if takes else b""
        if left not in known:
            surviving = float(np.where(gone, 0.0, installed_gw).sum())
            known[left] = float(installed_gw[gone].sum()), surviving, margins.of(lost)
        gone_gw, surviving, margin = known[left]
        proven = critical == 0.0 or (margins.are_exact and margin > SURE_SHARE * critical)
        carry = partial(routings.of, lost)
        yield Certificate(number, t, lost, gone_gw, surviving, critical, margin, proven, left, carry)


class _Routings:
    """Routings of the losses of a rule in a period; what they have in common is laid out for the first."""

    def __init__(self, network: Network, rule: int, t: int, installed_gw: Floats) -> None:
        self._network, self._rule, self._period, self._installed = network, rule, t, installed_gw

    @cached_property
    def _carrier(self) -> "Carrier":
        return Carrier(self._network, self._installed, self._network.rules[self._rule].critical[self._period])

    def of(self, lost: tuple[int, ...]) -> list[Share]:
        """The routing of a loss."""
        return self._carrier.carry(np.where(self._network.lost_units(self._rule, lost), 0.0, self._installed))


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

    @property
    def are_exact(self) -> bool:
        """Whether a margin above zero shows that every group of demands is carried."""
        return self._groups is not None

    def of(self, lost: tuple[int, ...]) -> float:
        """Margin of a contingency, in compute."""
        if self._groups is None:
            surviving = self._installed.copy()
            surviving[self._rule.member[list(lost)].any(axis=0)] = 0.0
            if not self._critical.any():
                return float(surviving @ self._network.rate.max(axis=1, initial=0.0))
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


class Carrier:
    """Who can carry what is critical, laid out once for all contingencies of a rule in a period.

    Parameters
    ----------
    network : Network
    installed_gw : array (units,)
        IT GW before anything is lost.
    critical : array (demands,)
    """

    def __init__(self, network: Network, installed_gw: Floats, critical: Floats) -> None:
        self._network, self._wanted = network, np.flatnonzero(critical > 0.0)
        if not len(self._wanted):
            return
        rate, self._need = network.rate[:, self._wanted], critical[self._wanted]
        self._flow: _MostFlows | None = None
        self._per_gw = np.ones(len(installed_gw))
        if network.scale is None:
            self._types, of_type = np.unique(rate, axis=0, return_inverse=True)
        else:
            scaled = rate / network.scale[self._wanted]
            self._per_gw = scaled.max(axis=1, initial=0.0)
            self._types, of_type = np.unique(scaled > 0.0, axis=0, return_inverse=True)
        self._of_type = of_type.ravel()
        if network.scale is not None:
            supply = summed(self._of_type, installed_gw * self._per_gw, len(self._types))
            self._flow = _MostFlows(self._types, supply, self._need / network.scale[self._wanted])
        self._units = [np.flatnonzero(self._of_type == i) for i in range(len(self._types))]

    def carry(self, surviving_gw: Floats) -> list[Share]:
        """A routing of the critical demand over the survivors; of as much of it as they can carry.

        Parameters
        ----------
        surviving_gw : array (units,)
            No more than is installed.
        """
        if not len(self._wanted):
            return []
        supply = summed(self._of_type, surviving_gw * self._per_gw, len(self._types))
        flows = _linear_flows(self._types, supply, self._need) if self._flow is None else self._flow.of(supply)
        return [] if flows is None else list(self._by_unit(surviving_gw, flows))

    def _by_unit(self, surviving_gw: Floats, flows: Floats) -> Iterator[Share]:
        """Distribute what a type gives to each demand over its units, one after the other."""
        for i in np.flatnonzero((flows > LEAST_FLOW).any(axis=1)).tolist():
            members = self._units[i]
            amounts = surviving_gw[members] * self._per_gw[members]
            given_by = amounts > 0.0
            units, per_gw = members[given_by].tolist(), self._per_gw[members[given_by]].tolist()
            left: list[float] = amounts[given_by].tolist()
            position = 0
            for j in np.flatnonzero(flows[i] > LEAST_FLOW).tolist():
                demand, asked = int(self._wanted[j]), float(flows[i, j])
                while asked > LEAST_FLOW and position < len(units):
                    given = min(asked, left[position])
                    if given > 0.0:
                        u, gw = units[position], given / per_gw[position]
                        yield u, demand, gw, gw * float(self._network.rate[u, demand])
                    asked -= given
                    left[position] -= given
                    if left[position] <= LEAST_FLOW:
                        position += 1


class _MostFlows:
    """Maximum flows from types to demands, on a graph that is made once: only supplies differ.

    Parameters
    ----------
    types : array (types, demands)
        Which type can serve which demand.
    supply : array (types,)
        The most that the types give in any of the flows.
    need : array (demands,)
    """

    def __init__(self, types: Floats, supply: Floats, need: Floats) -> None:
        import networkx as nx
        from networkx.algorithms.flow import build_residual_network, shortest_augmenting_path

        graph: Any = nx.DiGraph()
        for i in np.flatnonzero(supply > 0.0).tolist():
            graph.add_edge("source", ("type", i), capacity=float(supply[i]))
            for j in np.flatnonzero(types[i]).tolist():
                graph.add_edge(("type", i), ("demand", j))
        for demand in range(len(need)):
            graph.add_edge(("demand", demand), "sink", capacity=float(need[demand]))
        self._graph, self._shape, self._find = graph, types.shape, shortest_augmenting_path
        self._residual: Any = build_residual_network(graph, "capacity") if "source" in graph else None

    def of(self, supply: Floats) -> Floats:
        """Return the flows (types, demands) from supplies."""
        flows = np.zeros(self._shape)
        if self._residual is None:
            return flows
        network = self._residual
        for (_, i), arc in network["source"].items():
            arc["capacity"] = float(supply[i])
        self._find(self._graph, "source", "sink", residual=network)
        for _, i in network["source"]:
            for node, arc in network["type", i].items():
                if arc["flow"] > 0:
                    flows[i, node[1]] = arc["flow"]
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
