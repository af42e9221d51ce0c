"""Contiguity: what every rule asks of a cluster, period by period, and which sites can give it (section 17)."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from planner.case.fields import Workload
from planner.case.model import ContiguityRule
from planner.inputs.contracts import MW_PER_GW
from planner.inputs.derive import Demand
from planner.inputs.inputs import Inputs

SAME_SHARE = 1e-9
"""Share of a minimum by which the room of a site may fall short of it and still be enough."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A rule of contiguity on the calendar.

    Attributes
    ----------
    row : ContiguityRule
    periods : tuple of int
        Those of the rule: it holds, and there is demand.
    least_compute, least_gw : mapping of period to float
        The minimum of a cluster, in compute or in IT GW; one of the two has the periods of the rule, the other none.
    """

    row: ContiguityRule
    periods: tuple[int, ...]
    least_compute: Mapping[int, float]
    least_gw: Mapping[int, float]

    @property
    def demand(self) -> Demand:
        """The market and workload that it is about."""
        return self.row.market, self.row.workload


def clusters(inputs: Inputs) -> tuple[Cluster, ...]:
    """Lay the rules of contiguity of a case out on its calendar; none without the family.

    Parameters
    ----------
    inputs : Inputs
    """
    family = inputs.case.model.families.contiguity
    return tuple(_cluster(inputs, rule) for rule in (family.rules if family else ()))


def _cluster(inputs: Inputs, rule: ContiguityRule) -> Cluster:
    demand = inputs.demand_compute.get((rule.market, rule.workload), inputs.zeros)
    periods = tuple(
        t for t in inputs.periods if inputs.calendar.holds(t, rule.first_year, rule.last_year) and demand[t] > 0.0
    )
    if rule.at_least_compute is not None:
        return Cluster(rule, periods, {t: min(rule.at_least_compute, demand[t]) for t in periods}, {})
    asked, least_gw = (rule.at_least_it_mw or 0.0) / MW_PER_GW, {}
    for t in periods:
        best = best_compute_per_gw(inputs, rule.workload, t)
        least_gw[t] = min(asked, demand[t] / best) if best else asked
    return Cluster(rule, periods, {}, least_gw)


def best_compute_per_gw(inputs: Inputs, workload: Workload, t: int) -> float:
    """Most realised compute that an IT GW can give in a period, of any chip that can be there; 0 where none can."""
    offered = {k for offer in inputs.offers.values() for k in offer.chips}
    found = [k for k in offered if inputs.calendar.met(inputs.chips[k].first_date, t)]
    found += [k for (_, _, k), gw in inputs.signed_chip_gw.items() if gw[t] > 0.0]
    return max((inputs.compute_per_gw(k, workload, t) for k in found), default=0.0)


@dataclass(frozen=True, slots=True)
class Room:
    """What primary capacity a site can have at most for a workload in a period.

    Attributes
    ----------
    gw_by : tuple of float
        IT GW by the blocks of its offers (with what is signed), by its own limit and by its power.
    compute_by : tuple of float
        Realised compute by each of them.
    chips : tuple of str
        The chips that can stand there and run the workload.
    """

    gw_by: tuple[float, float, float]
    compute_by: tuple[float, float, float]
    chips: tuple[str, ...]

    @property
    def gw(self) -> float:
        """IT GW that it can have."""
        return min(self.gw_by)

    @property
    def compute(self) -> float:
        """Realised compute that it can have."""
        return min(self.compute_by)


def rooms(inputs: Inputs, workload: Workload) -> dict[tuple[str, int], Room]:
    """What each site can have at most for a workload in each period; only sites and periods that can have anything."""
    chips: dict[tuple[str, int], dict[str, None]] = defaultdict(dict)
    for o, role, k, t in inputs.stocks:
        if role == "primary" and inputs.compute_per_gw(k, workload, t) > 0.0:
            chips[o, t][k] = None
    for (o, role, k), gw in inputs.signed_chip_gw.items():
        for t in inputs.periods:
            if role == "primary" and gw[t] > 0.0 and inputs.compute_per_gw(k, workload, t) > 0.0:
                chips[o, t][k] = None
    decided = {(c.offer, t) for of in inputs.choices.values() for c in of if c.role == "primary"
               for t in range(c.start, c.end)}  # fmt: skip
    found: dict[tuple[str, int], Room] = {}
    for s in inputs.sites:
        for t in inputs.periods:
            room = _room(inputs, s, t, workload, chips, decided)
            if room.chips:
                found[s, t] = room
    return found


def _room(
    inputs: Inputs,
    s: str,
    t: int,
    workload: Workload,
    chips: Mapping[tuple[str, int], Mapping[str, None]],
    decided: set[tuple[str, int]],
) -> Room:
    total_gw = total_compute = best = 0.0
    able: dict[str, None] = {}
    for o in inputs.offers_at(s):
        here = chips.get((o, t))
        if not here:
            continue
        able |= here
        gw = inputs.signed_gw.get((o, "primary"), inputs.zeros)[t]
        gw += inputs.block_gw(o) * inputs.offers[o].max_blocks if (o, t) in decided else 0.0
        rate = max(inputs.compute_per_gw(k, workload, t) for k in here)
        total_gw, total_compute, best = total_gw + gw, total_compute + gw * rate, max(best, rate)
    own_gw, power_gw = inputs.site_it_limit_gw[s][t], _power_gw(inputs, s, t)
    return Room((total_gw, own_gw, power_gw), (total_compute, own_gw * best, power_gw * best), tuple(able))


def _power_gw(inputs: Inputs, s: str, t: int) -> float:
    """IT GW that a site has power for at most: with every on-site option."""
    facility_gw = inputs.site_facility_limit_gw[s][t] + sum(
        inputs.power_options[g].max_facility_mw / MW_PER_GW
        for g in inputs.options_at(s)
        if not inputs.power_options[g].in_energisation
    )
    return facility_gw / inputs.sites[s].pue_peak


def can_host(cluster: Cluster, room: Room, t: int) -> bool:
    """Whether a site with this room can give the minimum of a cluster in a period."""
    return all(hosts_by(cluster, room, t))


def hosts_by(cluster: Cluster, room: Room, t: int) -> list[bool]:
    """Whether the blocks, the own limit and the power of a site each allow the minimum of a cluster in a period."""
    compute, gw = cluster.least_compute.get(t, 0.0), cluster.least_gw.get(t, 0.0)
    return [
        by_compute >= compute * (1.0 - SAME_SHARE) and by_gw >= gw * (1.0 - SAME_SHARE)
        for by_compute, by_gw in zip(room.compute_by, room.gw_by, strict=True)
    ]
