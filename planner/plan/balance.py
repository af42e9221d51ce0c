"""Who serves what, so that served and unserved compute add up to demand: tables and cost follow from the same figures.

A solver keeps its rows to a tolerance only, and chips handed out watt by watt leave crumbs. Where unserved compute has
a price, such crumbs are money. So what is served of a demand is made up to exactly what the plan says of it; what
cannot be made up, because more is missing than rounding, is not served, and counts as that in tables and cost.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from planner.case.fields import Workload
from planner.inputs import Inputs
from planner.inputs.contiguity import clusters
from planner.plan.decisions import NOTHING_GW
from planner.plan.state import installed_gw
from planner.program.columns import CLUSTER, HOSTED, SERVED, UNSERVED, USED
from planner.symbols import Values

NOTHING_SHARE = 5e-4
"""Share of a demand below which what lacks may be rounding."""
CRUMBS_SHARE = 1e-3
"""Share of what is served of a demand up to which a difference to its chips is rounding."""
ROUNDING = 1e-12
"""Share of a market's compute that is left when all of it is handed out; also of a demand, where what lacks is paid."""
Supply = tuple[str, str, float]
"""A site, a chip, and IT GW of it to hand out."""
Key = tuple[str, Workload, int]
"""A market, a workload and a period."""


@dataclass(frozen=True, slots=True)
class Part:
    """Compute that the chips of a site serve of a demand, and the IT GW that this takes."""

    site: str
    chip: str
    market: str
    workload: Workload
    period: int
    gw: float
    compute: float


def balanced(inputs: Inputs, values: Values) -> tuple[list[Part], Values]:
    """Who serves what, and the values of the program with served and unserved compute as that says.

    Parameters
    ----------
    inputs : Inputs
    values : Values
        As solved: rows and limits kept to the solver's tolerance.

    Returns
    -------
    list of Part
        In the order of periods, nodes and workloads. With what is unserved they add up to every demand.
    Values
        The same values, but for `SERVED` and `UNSERVED`.
    """
    parts = list(_parts(inputs, values))
    handed: dict[Key, float] = defaultdict(float)
    for part in parts:
        handed[part.market, part.workload, part.period] += part.compute
    factor: dict[Key, float] = {}
    serving = dict.fromkeys(values[SERVED], 0.0)
    leaving: dict[Key, float] = {}
    for (market, w), demand in inputs.demand_compute.items():
        for t in inputs.periods:
            key = market, w, t
            lacking = _lacking(inputs, values[UNSERVED][key], demand[t])
            factor[key], lacking = _made_up(demand[t], lacking, handed[key])
            leaving[key] = lacking
    parts = [replace(p, compute=p.compute * factor[p.market, p.workload, p.period]) for p in parts]
    for p in parts:
        serving[inputs.node_of[p.site], p.market, p.workload, p.period] += p.compute
    return parts, values.replaced({SERVED: serving, UNSERVED: leaving})


def _lacking(inputs: Inputs, amount: float, demand: float) -> float:
    """What the solver leaves unserved of a demand; nothing where it is rounding, much less so where it is paid for."""
    if inputs.case.model.objective.unserved == "priced":
        nothing = ROUNDING * demand
    else:
        nothing = min(1e-6 * max(10.0**inputs.units.compute, demand), NOTHING_SHARE * demand)
    return min(amount, demand) if amount > nothing else 0.0


def _made_up(demand: float, lacking: float, handed: float) -> tuple[float, float]:
    """By what to multiply the compute handed out for a demand, and what is unserved then.

    Examples
    --------
    >>> _made_up(8.0, 0.0, 8.0 - 2**-20)[0] > 1.0, _made_up(8.0, 0.0, 7.5), _made_up(8.0, 8.0, 0.0)
    (True, (1.0, 0.5), (1.0, 8.0))
    """
    served = demand - lacking
    if handed > 0.0 and abs(served - handed) <= CRUMBS_SHARE * served:
        return served / handed, lacking
    if handed > demand:
        return demand / handed, 0.0
    return 1.0, demand - handed


def _parts(inputs: Inputs, values: Values) -> Iterator[Part]:
    """Hand out the chips that the program uses to the demands that it serves.

    Where the program pools sites that may serve the same markets, their chips are handed out one site after the other;
    first what serves work that needs a cluster, which the program knows site by site.
    """
    clustered, wanted = _clustered(inputs, values), _wanted(inputs, values)
    workloads = inputs.workloads
    for t in inputs.periods:
        for i, sites in inputs.nodes.items():
            left = {
                (s, k): sum(
                    installed_gw(inputs, values, o, "primary", k, t)
                    for o in inputs.offers_at(s)
                    if k in inputs.chips_at(o)
                )
                for s in sites
                for k in inputs.chips
            }
            for part in (part for w in workloads for part in clustered.parts.get((i, w, t), ())):
                left[part.site, part.chip] -= part.gw
                yield part
            for w in workloads:
                parts = clustered.parts.get((i, w, t), [])
                supply = list(_taken(inputs, values, i, w, t, left, parts))
                asked = wanted.get((i, w, t), ())
                rest = [(market, compute) for market, compute in asked if (market, w, t) not in clustered.demands]
                yield from _hand_out(inputs, w, t, supply, rest)


def _wanted(inputs: Inputs, values: Values) -> dict[tuple[str, Workload, int], list[tuple[str, float]]]:
    """Compute that the program serves, by node, workload and period: the markets in their order, with how much."""
    place = {market: n for n, market in enumerate(inputs.markets)}
    found: dict[tuple[str, Workload, int], list[tuple[str, float]]] = {}
    for (i, market, w, t), compute in values[SERVED].items():
        if compute > 0.0:
            found.setdefault((i, w, t), []).append((market, compute))
    for asked in found.values():
        asked.sort(key=lambda one: place[one[0]])
    return found


@dataclass(frozen=True, slots=True)
class _Clustered:
    """What serves work that needs a cluster: by node, workload and period; and which demands are such work."""

    parts: Mapping[tuple[str, Workload, int], list[Part]]
    demands: frozenset[Key]


def _clustered(inputs: Inputs, values: Values) -> _Clustered:
    parts: dict[tuple[str, Workload, int], list[Part]] = defaultdict(list)
    rules = clusters(inputs)
    for (s, k, market, w, t), gw in values[CLUSTER].items() if rules else ():
        hosted = all(
            values[HOSTED].get((rule.row.name, s, t), 0.0) > 0.5  # what is below is the solver's tolerance
            for rule in rules
            if rule.demand == (market, w) and t in rule.periods
        )
        if gw > NOTHING_GW and hosted:
            compute = gw * inputs.compute_per_gw(k, w, t)
            parts[inputs.node_of[s], w, t].append(Part(s, k, market, w, t, gw, compute))
    return _Clustered(parts, frozenset((*rule.demand, t) for rule in rules for t in rule.periods))


def _taken(
    inputs: Inputs,
    values: Values,
    i: str,
    w: Workload,
    t: int,
    left: dict[tuple[str, str], float],
    parts: Sequence[Part],
) -> Iterator[Supply]:
    """Take what the node uses of each chip for a workload, beyond that of clusters, from its sites, in their order."""
    for k in inputs.chips:
        use = values[USED].get((i, k, w, t), 0.0) - sum(part.gw for part in parts if part.chip == k)
        for s in inputs.nodes[i]:
            gw = min(use, left[s, k])
            if gw > 0.0:
                left[s, k] -= gw
                use -= gw
                yield s, k, gw


def _hand_out(
    inputs: Inputs, w: Workload, t: int, supply: list[Supply], wanted: list[tuple[str, float]]
) -> Iterator[Part]:
    """Hand chips out to markets, one after the other."""
    position, left = 0, 0.0
    for market, compute in wanted:
        least = ROUNDING * compute
        while compute > least and position < len(supply):
            s, k, gw = supply[position]
            per_gw = inputs.compute_per_gw(k, w, t)
            left = left or gw
            used = min(left, compute / per_gw)
            if used > NOTHING_GW:
                yield Part(s, k, market, w, t, used, used * per_gw)
            compute -= used * per_gw
            left -= used
            if left <= 1e-12:
                position, left = position + 1, 0.0
