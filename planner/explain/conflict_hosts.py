"""How large a cluster can be at a site where some of the limits on the site are left out.

What a site can have at most stands in the program as a coefficient of the decision that it hosts a cluster. It comes of
the blocks of its offers, of its room and of its power: without one of these limits, the others alone bound it. A site
of which a limit in force does not allow the least cluster hosts none: its decision is fixed then, so that the solver
has no more decisions to make than in the program of the case.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from planner.explain.conflict_limits import Part
from planner.inputs import Inputs
from planner.inputs.contiguity import clusters, hosts_by, rooms
from planner.program.columns import HOSTED
from planner.program.families.contiguity import HOSTED_ONLY
from planner.symbols import Column, Row

HOST_SHARE = 0.01
"""Least share of the demand that a coefficient says a site can serve with a cluster: what is 0 cannot grow."""
HOSTING = ("blocks", "site", "energised", "onsite")
"""Kinds of limits that say which sites can host a cluster, and how large a one."""
MOST_HOSTS = 400
"""Sites times periods of all rules of contiguity up to which any site can be a host where its limits are left out:
beyond that answers take up to three times as long (`stargate` has 210; measured in docs/explain.md)."""


@dataclass(frozen=True, slots=True)
class Host:
    """A site that may host a cluster in a period.

    Attributes
    ----------
    row, column : int
        In which the coefficient stands, and of which.
    most : float
        How many times as large it is where the site has no limits.
    bounds : tuple of (tuple of Part, float)
        How many times as large it is at most where all of some parts are in force.
    closes : tuple of tuple of Part
        Where all parts of one of these are in force, the site cannot have the least cluster.
    """

    row: int
    column: int
    most: float
    bounds: tuple[tuple[tuple[Part, ...], float], ...]
    closes: tuple[tuple[Part, ...], ...] = ()

    def times(self, in_force: Callable[[Part], bool]) -> float:
        """Return how many times as large the coefficient is under the parts in force."""
        return min([self.most, *(times for parts, times in self.bounds if all(map(in_force, parts)))])

    def is_closed(self, in_force: Callable[[Part], bool]) -> bool:
        """Whether the site can host no cluster under the parts in force."""
        return any(all(map(in_force, parts)) for parts in self.closes)

    @property
    def parts(self) -> frozenset[Part]:
        """Every part that it comes of."""
        return frozenset(part for parts, _ in self.bounds for part in parts)


def host_share(inputs: Inputs) -> float | None:
    """Return `Inputs.host_share` for questions about limits; None where there are many sites and periods."""
    hosts = sum(len(rule.periods) for rule in clusters(inputs)) * len(inputs.sites)
    return HOST_SHARE if 0 < hosts <= MOST_HOSTS else None


def hosts_of(
    inputs: Inputs, rows: Sequence[Row], columns: Sequence[Column], parts: Mapping[Part, object]
) -> tuple[Host, ...]:
    """Return the sites that may host clusters, with the parts of limits that bound each."""
    if inputs.host_share is None:
        return ()
    rules = {rule.row.name: rule for rule in clusters(inputs)}
    room = {w: rooms(inputs, w) for w in {rule.row.workload for rule in rules.values()}}
    kind_at: dict[tuple[str, str], list[Part]] = {}
    for part in parts:
        kind, site = _source(inputs, part)
        kind_at.setdefault((kind, site), []).append(part)
    column_of = {column.key: j for j, column in enumerate(columns) if column.variable == HOSTED}
    found = []
    for i, row in enumerate(rows):
        if row.constraint.name != HOSTED_ONLY.name:
            continue
        rule, s, t = rules[str(row.part("name"))], str(row.part("site")), row.period
        assert t is not None  # a host is one in a period
        there = room[rule.row.workload][s, t]
        demand, most = inputs.demand_compute[rule.demand][t], there.compute_by
        now = max(inputs.host_share * demand, min(demand, *most))
        of = [
            tuple(part for part in kind_at.get((kind, s), ()) if part.limit.period in (None, t))
            for kind in ("blocks", "site", "energised")
        ]  # what has no row is no limit of the program
        bounds = tuple((some, max(1.0, one / now)) for some, one in zip(of, most, strict=True) if some)
        closes = tuple(some for some, able in zip(of, hosts_by(rule, there, t), strict=True) if some and not able)
        found.append(Host(i, column_of[rule.row.name, s, t], demand / now, bounds, closes))
    return tuple(found)


def _source(inputs: Inputs, part: Part) -> tuple[str, str]:
    """Return what of a site a part of a limit bounds, and the site; on-site power bounds its power."""
    kind, member = part.limit.kind, part.member
    if kind == "blocks":
        return kind, inputs.offers[member].site
    if kind == "onsite":
        return "energised", inputs.power_options[member].site
    return kind, member


def times_of(hosts: Sequence[Host], in_force: Callable[[Part], bool]) -> dict[int, float]:
    """Return, by row, how many times as large the coefficients of hosts are under the parts in force, where larger."""
    return {host.row: times for host in hosts if (times := host.times(in_force)) > 1.0}


def wider(matrix: sparse.csr_array, times: Mapping[int, float]) -> sparse.csr_array:
    """Return a matrix whose negative coefficients in some rows are so many times as large."""
    if not times:
        return matrix
    matrix = matrix.copy()
    for i, more in times.items():
        there = slice(matrix.indptr[i], matrix.indptr[i + 1])
        matrix.data[there] = np.where(matrix.data[there] < 0.0, more, 1.0) * matrix.data[there]
    return matrix
