"""The table of clusters: where the work of every rule of contiguity is done (formulation, section 17)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

from planner.inputs import Inputs
from planner.inputs import contiguity as rules
from planner.inputs.periods import Periods
from planner.plan import figures
from planner.plan.decisions import Row, mw


def clusters(inputs: Inputs, served: Sequence[Mapping[str, object]]) -> list[Row]:
    """Which sites host a cluster of each rule, per period.

    Parameters
    ----------
    inputs : Inputs
    served : rows
        The table ``served``.
    """
    periods = Periods(inputs.calendar)
    return [
        row
        for t, cluster in sorted(
            ((t, cluster) for cluster in rules.clusters(inputs) for t in cluster.periods), key=lambda pair: pair[0]
        )
        for row in _rows(inputs, periods, cluster, t, _by_site(periods, cluster, served))
    ]


BySite = Mapping[int, Mapping[str, tuple[float, float]]]
"""IT MW and compute that serve the work of a rule, by period and site."""


def _by_site(periods: Periods, cluster: rules.Cluster, served: Sequence[Mapping[str, object]]) -> BySite:
    found: dict[int, dict[str, tuple[float, float]]] = defaultdict(dict)
    for row in served:
        if (row["market"], row["workload"]) == cluster.demand:
            of_period, site = found[periods.index(row["period"])], str(row["site"])
            it_mw, compute = of_period.get(site, (0.0, 0.0))
            of_period[site] = it_mw + float(row["it_mw"]), compute + float(row["compute"])  # type: ignore[arg-type]
    return found


def _rows(inputs: Inputs, periods: Periods, cluster: rules.Cluster, t: int, by_site: BySite) -> list[Row]:
    before = {after: u for u, after in pairwise(cluster.periods)}.get(t)
    there, market = by_site.get(t, {}), cluster.row.market
    least_gw, least = cluster.least_gw.get(t), cluster.least_compute.get(t)
    return [
        {
            "period": periods.cells[t],
            "rule": cluster.row.name,
            "site": s,
            "market": market,
            "workload": cluster.row.workload,
            "it_mw": round(there[s][0], 9),
            "compute": figures.demanded(inputs, there[s][1]),
            "least_it_mw": "" if least_gw is None else mw(least_gw),
            "least_compute": "" if least is None else figures.demanded(inputs, least),
            "begins": "no" if before is not None and s in by_site.get(before, {}) else "yes",
        }
        for s in inputs.sites
        if s in there
    ]
