"""The rules of redundancy of a program as it is asked about, and what cuts of one program mean in another."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from planner.explain.conflict_limits import Limit, Part
from planner.redundancy.network import Network


def network_in_force(network: Network, in_force: Callable[[Part], bool]) -> Network:
    """Return a network without the rules that are not in force, period by period."""
    rules = []
    for r, rule in enumerate(network.rules):
        held = np.array([in_force(Part(Limit("redundancy", str(r), t))) for t in range(len(rule.critical))])
        rules.append(replace(rule, critical=np.where(held[:, None], rule.critical, 0.0)))
    return replace(network, rules=tuple(rules))


def outline(network: Network) -> tuple[object, ...]:
    """Return what the numbers of a cut refer to."""
    return (network.demands, *((rule.name, rule.k, rule.domains) for rule in network.rules))
