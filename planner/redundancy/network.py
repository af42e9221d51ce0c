"""Who can carry what after a loss: units of capacity, critical demands, failure domains, as arrays."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.case.model import RedundancyRule
from planner.inputs import Inputs
from planner.inputs.inputs import Demand

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Unit = tuple[str, str, str]
"""A site, a provider and a chip: the smallest piece of capacity that a failure domain takes or leaves."""


@dataclass(frozen=True, slots=True)
class RuleNetwork:
    """A redundancy rule on the units of a case.

    Attributes
    ----------
    name : str
    k : int
        How many domains are lost at once (all of them where there are fewer).
    critical : array (periods, demands)
        Critical compute; zero rows in periods in which the rule does not hold.
    domains : tuple of str
    member : array (domains, units)
        Which units a domain takes down; domains of a rule share no unit.
    """

    name: str
    k: int
    critical: Floats
    domains: tuple[str, ...]
    member: Bools

    def contingency(self, lost: Iterable[int]) -> str:
        """The lost domains, for people."""
        return " + ".join(self.domains[f] for f in lost)


@dataclass(frozen=True, slots=True)
class Network:
    """Units, demands and rules of a case.

    Attributes
    ----------
    units : tuple of Unit
    demands : tuple of Demand
    rate : array (units, demands)
        Compute an installed GW of a unit gives a demand; 0 where it may not or cannot serve it.
    scale : array (demands,) or None
        Compute of each demand in a common measure, where chips agree on it (then it is a plain flow); else None.
    rules : tuple of RuleNetwork
    """

    units: tuple[Unit, ...]
    demands: tuple[Demand, ...]
    rate: Floats
    scale: Floats | None
    rules: tuple[RuleNetwork, ...]

    def coefficients(self, weights: Floats) -> Floats:
        """Weighted compute of one installed GW of each unit: its best use within the weighted demands."""
        if not len(self.demands):
            return np.zeros(len(self.units))
        return np.asarray((self.rate * weights).max(axis=1), dtype=np.float64)

    def lost_units(self, rule: int, lost: Iterable[int]) -> Bools:
        """Units that the loss of some domains of a rule takes down."""
        return np.asarray(self.rules[rule].member[list(lost)].any(axis=0), dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Cut:
    r"""What must survive a contingency for a group of demands.

    For weights :math:`y_d \ge 0` on the critical demands, whatever routing the survivors choose carries at most
    :math:`\sum_u z_u \max_d c_{u,d} y_d`, so :math:`\sum_{u \text{ survives}} z_u \max_d c_{u,d} y_d \ge \sum_d y_d D_d` must hold. By
    max-flow / min-cut (linear duality where chips differ) these cuts together say that the critical demand can be carried.
    """

    rule: int
    period: int
    lost: tuple[int, ...]
    weights: tuple[float, ...]

    def need_compute(self, network: Network) -> float:
        """Weighted critical demand that must survive."""
        return float(network.rules[self.rule].critical[self.period] @ np.array(self.weights))


def make_network(data: Inputs) -> Network:
    """Lay out the units, demands and rules of a case.

    Parameters
    ----------
    data : Inputs
    """
    keys = [(o, k) for o, _, k, _ in data.stocks] + [(o, k) for o, _, k in data.signed_chip_gw]
    units = tuple(dict.fromkeys((data.offers[o].site, data.offers[o].provider, k) for o, k in keys))
    demands = tuple(data.demand_compute)
    rate = np.array(
        [
            [data.compute_per_gw(k, w) if (s, market) in data.reach else 0.0 for market, w in demands]
            for s, _, k in units
        ]
    ).reshape(len(units), len(demands))
    scale = data.workload_scale()
    return Network(
        units=units,
        demands=demands,
        rate=rate,
        scale=None if scale is None else np.array([scale[w] for _, w in demands]),
        rules=tuple(_rule_network(data, rule, units, demands) for rule in data.redundancy_rules),
    )


def _rule_network(
    data: Inputs, rule: RedundancyRule, units: tuple[Unit, ...], demands: tuple[Demand, ...]
) -> RuleNetwork:
    if rule.domain == "sites":
        groups = {rule.name: {unit for unit in units if unit[0] in set(rule.sites or ())}}
        names = tuple(name for name, members in groups.items() if members)
    else:
        groups = {}
        for unit in units:
            groups.setdefault(_domain_name(data, rule.domain, unit), set()).add(unit)
        order = _order(data, rule.domain)
        names = tuple(sorted(groups, key=lambda name: (order[name], name)))
    holds = [data.calendar.holds(t, rule.first_year, rule.last_year) for t in data.periods]
    critical = [[data.critical_compute(rule, d, t) if holds[t] else 0.0 for d in demands] for t in data.periods]
    return RuleNetwork(
        name=rule.name,
        k=min(rule.k, len(names)) if names else rule.k,
        critical=np.array(critical).reshape(len(holds), len(demands)),
        domains=names,
        member=np.array([[unit in groups[name] for unit in units] for name in names]).reshape(len(names), len(units)),
    )


def _domain_name(data: Inputs, kind: str, unit: Unit) -> str:
    site, provider, chip = unit
    match kind:
        case "site":
            return site
        case "provider":
            return provider
        case "power_region":
            return data.sites[site].power_region
        case "country":
            return data.sites[site].country
        case _:
            return data.chips[chip].vendor


def _order(data: Inputs, kind: str) -> Mapping[str, int]:
    """Position of each domain in the case's tables, so that results do not depend on hashing."""
    names: Iterable[str]
    match kind:
        case "site":
            names = data.sites
        case "provider":
            names = [offer.provider for offer in data.offers.values()]
        case "power_region":
            names = [site.power_region for site in data.sites.values()]
        case "country":
            names = [site.country for site in data.sites.values()]
        case _:
            names = [chip.vendor for chip in data.chips.values()]
    return {name: number for number, name in enumerate(dict.fromkeys(names))}
