"""Units of capacity, critical demands and failure domains of a case, as arrays: who can carry what after a loss."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from planner.units import times

if TYPE_CHECKING:
    from planner.case.model import RedundancyRule
    from planner.inputs import Inputs
    from planner.inputs.inputs import Demand

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]
Unit = tuple[str, str, str]
"""A site, a provider and a chip: the smallest piece of capacity that a failure domain takes or leaves."""
SEPARATOR = " + "
"""Between the names of domains that are lost together."""
NOTHING = "nothing"
"""The contingency of a rule that loses nothing."""


@dataclass(frozen=True, slots=True)
class RuleNetwork:
    """A redundancy rule on the units of a case.

    Attributes
    ----------
    name : str
    k : int
        How many domains are lost at once: all of them where there are fewer, none where there is none (what is critical
        must then be carried by all that is installed).
    holds : tuple of bool
        Whether the rule holds in each period.
    critical : array (periods, demands)
        Critical compute; zero rows in periods in which the rule does not hold.
    domains : tuple of str
        Every domain of the case, also those that hold no unit.
    member : array (domains, units)
        Which units a domain takes down; domains of a rule share no unit.
    loses_nothing : bool
        Whether the rule has one contingency, in which everything survives (domain ``none``).
    """

    name: str
    k: int
    holds: tuple[bool, ...]
    critical: Floats
    domains: tuple[str, ...]
    member: Bools
    loses_nothing: bool = False

    def contingency(self, lost: Iterable[int]) -> str:
        """The lost domains, as text."""
        return SEPARATOR.join(self.domains[f] for f in lost) or NOTHING


@dataclass(frozen=True, slots=True)
class Network:
    """Units, demands and rules of a case.

    Attributes
    ----------
    units : tuple of Unit
    demands : tuple of Demand
    rate : array (units, demands)
        Compute that an installed IT GW of a unit gives a demand; 0 where it may not or cannot serve it. Nameplate
        compute where ``realised`` is given.
    scale : array (demands,) or None
        Compute of each demand in a common measure, where chips agree on it (then it is a plain flow); else None.
    rules : tuple of RuleNetwork
    realised : array (periods, units) or None
        Share of the compute in ``rate`` that a unit realises in each period; None: all of it in each.
    """

    units: tuple[Unit, ...]
    demands: "tuple[Demand, ...]"
    rate: Floats
    scale: Floats | None
    rules: tuple[RuleNetwork, ...]
    realised: Floats | None = None

    def in_period(self, t: int) -> "Network":
        """The same network with the compute that its units realise in a period as their rates."""
        if self.realised is None:
            return self
        return replace(self, rate=self.rate * self.realised[t][:, None], realised=None)

    def coefficients(self, weights: Floats) -> Floats:
        """Weighted compute of one installed IT GW of each unit: its best use within the weighted demands.

        Of a network `in_period`.
        """
        if not len(self.demands):
            return np.zeros(len(self.units))
        return np.asarray((self.rate * weights).max(axis=1), dtype=np.float64)

    def times_ten_to(self, exponent: int) -> "Network":
        """The same network with its compute in another unit."""
        rules = tuple(replace(rule, critical=times(rule.critical, exponent)) for rule in self.rules)
        return replace(self, rate=times(self.rate, exponent), rules=rules)

    def lost_units(self, rule: int, lost: Iterable[int]) -> Bools:
        """Units that the loss of some domains of a rule takes down."""
        return np.asarray(self.rules[rule].member[list(lost)].any(axis=0), dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Cut:
    r"""What must survive a contingency for a group of demands.

    For weights :math:`y_d \ge 0` on the critical demands, whatever routing the survivors choose carries at most
    :math:`\sum_u z_u \max_d c_{u,d} y_d`, so
    :math:`\sum_{u \text{ survives}} z_u \max_d c_{u,d} y_d \ge \sum_d y_d D_d` must hold. By max-flow / min-cut (linear
    duality where chips differ) these cuts together say that the critical demand can be carried.
    """

    rule: int
    period: int
    lost: tuple[int, ...]
    weights: tuple[float, ...]

    def need_compute(self, network: Network) -> float:
        """Weighted critical demand that must survive."""
        return float(network.rules[self.rule].critical[self.period] @ np.array(self.weights))


def make_network(inputs: "Inputs") -> Network:
    """Lay out the units, demands and rules of a case.

    Parameters
    ----------
    inputs : Inputs
    """
    keys = [(o, k) for o, _, k, _ in inputs.stocks] + [(o, k) for o, _, k in inputs.signed_chip_gw]
    units = tuple(dict.fromkeys((inputs.offers[o].site, inputs.offers[o].provider, k) for o, k in keys))
    demands = tuple(inputs.demand_compute)
    rate = np.array(
        [
            [inputs.nameplate_per_gw(k, w) if (s, market) in inputs.reach else 0.0 for market, w in demands]
            for s, _, k in units
        ]
    ).reshape(len(units), len(demands))
    scale = inputs.workload_scale()
    realised = np.array([[inputs.realised_share[k][t] for _, _, k in units] for t in inputs.periods])
    return Network(
        units=units,
        demands=demands,
        rate=rate,
        scale=None if scale is None else np.array([scale[w] for _, w in demands]),
        rules=tuple(_rule_network(inputs, rule, units, demands) for rule in inputs.redundancy_rules),
        realised=None if (realised == 1.0).all() else realised,
    )


def _rule_network(
    inputs: "Inputs", rule: "RedundancyRule", units: tuple[Unit, ...], demands: "tuple[Demand, ...]"
) -> RuleNetwork:
    if rule.domain == "sites":
        # The list is lost as one; it is called by those of its sites that take part.
        together = [site for site in inputs.sites if site in set(rule.sites or ())]
        names = tuple([SEPARATOR.join(together)] if together else [])
        domain_of = [SEPARATOR.join(together) if unit[0] in together else "" for unit in units]
    else:
        names = tuple(dict.fromkeys(_domains(inputs, rule.domain)))
        domain_of = [_domain_name(inputs, rule.domain, unit) for unit in units]
    holds = tuple(inputs.calendar.holds(t, rule.first_year, rule.last_year) for t in inputs.periods)
    number = {name: n for n, name in enumerate(names)}
    member = np.zeros((len(names), len(units)), dtype=np.bool_)
    for unit, found in enumerate(domain_of):
        if found in number:
            member[number[found], unit] = True
    critical = [[inputs.critical_compute(rule, d, t) if holds[t] else 0.0 for d in demands] for t in inputs.periods]
    return RuleNetwork(
        name=rule.name,
        k=min(rule.k, len(names)),
        holds=holds,
        critical=np.array(critical).reshape(len(holds), len(demands)),
        domains=names,
        member=member,
        loses_nothing=rule.domain == "none",
    )


def _domain_name(inputs: "Inputs", kind: str, unit: Unit) -> str:
    site, provider, chip = unit
    match kind:
        case "site":
            return site
        case "provider":
            return provider
        case "power_region":
            return inputs.sites[site].power_region
        case "country":
            return inputs.sites[site].country
        case "none":
            return ""
        case _:
            return inputs.chips[chip].vendor


def _domains(inputs: "Inputs", kind: str) -> Iterable[str]:
    """The domains of a kind in the order of the case's tables: those that hold an offer, for vendors a chip."""
    match kind:
        case "site":
            return inputs.sites
        case "provider":
            return (offer.provider for offer in inputs.offers.values())
        case "power_region":
            return (site.power_region for site in inputs.sites.values())
        case "country":
            return (site.country for site in inputs.sites.values())
        case "none":
            return ()
        case _:
            return (chip.vendor for chip in inputs.chips.values())
