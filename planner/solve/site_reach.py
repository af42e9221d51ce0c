"""What plans below some cost can use in a site allocation whose capacities never bind: sites, and links of each demand.

Without capacities each demand is served by its cheapest open site. With a price for each demand, what is charged for a
link beyond the bound of these prices shows that no plan below a cost uses it (Lagrangian relaxation, as in
`planner.solve.site_bounds`). Of what is left, the linear program in the form of radii (Elloumi 2010; García, Labbé and
Marín 2011) is small and nearly always tight, and its duals are the best prices. Every bound is computed from prices, by
arithmetic.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from planner.solve.allocation import Allocation
from planner.solve.arrays import INFINITY, Arrays, Floats, Ints
from planner.solve.mip import LINK
from planner.solve.site_bounds import cheapest, cheapest_others
from planner.symbols import NUMBER, Column, Row, Variable

Mask = npt.NDArray[np.bool_]

BEYOND = Variable[int]("beyond", (NUMBER,), meaning="share of a demand that no open site serves within a radius")
_EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True)
class Reach:
    """Sites and links that plans below some cost can use.

    Attributes
    ----------
    allocation : Allocation
        Its capacities do not bind (`Allocation.ample`).
    must, never : array (sites,) of bool
        Sites that all such plans open, and sites that none opens.
    site, demand : array (links,) of int
        Ordered by demand, then by cost. Demands of zero have no links.
    cost : array (links,)
        Of serving all of the demand, in the units of the program.
    """

    allocation: Allocation
    must: Mask
    never: Mask
    site: Ints
    demand: Ints
    cost: Floats

    @classmethod
    def of(cls, allocation: Allocation) -> "Reach":
        """Return all sites and links of an allocation."""
        site, demand = np.nonzero(np.isfinite(allocation.unit_cost) & (allocation.demand > 0.0))
        cost = allocation.unit_cost[site, demand] * allocation.demand[demand]
        order = np.lexsort((site, cost, demand))
        none = np.zeros(len(allocation.opened), dtype=bool)
        return cls(allocation, none, none, site[order], demand[order], cost[order])

    @property
    def free(self) -> Mask:
        """Sites that are not decided."""
        return ~(self.must | self.never)

    @property
    def lost(self) -> bool:
        """Whether no such plan is left: a demand has no link, or too few or too many sites are open."""
        a = self.allocation
        counts = int(self.must.sum()) > a.most or int((~self.never).sum()) < a.fewest
        return counts or len(self._first()) < int((a.demand > 0.0).sum())

    def bound(self, price: Floats) -> float:
        """Return a lower bound on the cost of every plan that uses no other sites and links; infinite if `lost`.

        Parameters
        ----------
        price : array (demands,)
            For all of each demand, in the units of the program.
        """
        if self.lost:
            return INFINITY
        value, base = self._value(price)
        already, a = int(self.must.sum()), self.allocation
        return base + cheapest(np.sort(value[self.free]), a.fewest - already, a.most - already)

    def narrowed(self, price: Floats, target: float) -> "Reach":
        """Return what plans of these that cost at most a target can use, as prices prove."""
        if self.lost or not np.isfinite(target):
            return self
        with_it, without = self._with_and_without(price)
        must = self.must | (self.free & (without > target))
        never = self.never | (self.free & (with_it > target))
        return self._kept(must & ~never, never, self._links(price, with_it) <= target)

    def target(self, price: Floats, links: int) -> float:
        """Return the cost up to which plans can use at most about so many of the links; infinite if there are fewer."""
        if len(self.site) <= links:
            return INFINITY
        with_it, _ = self._with_and_without(price)
        return float(np.partition(self._links(price, with_it), links)[links])

    def fixed(self, must: Mask, never: Mask) -> "Reach":
        """Return what plans use that also open some sites, and do without others; the rest if no more may open."""
        must = self.must | must
        never = ~must if int(must.sum()) >= self.allocation.most else self.never | never
        return self._kept(must, never & ~must, np.ones(len(self.site), dtype=bool))

    def chosen(self, opened: Mask) -> "Reach":
        """Return what a plan uses that opens exactly these sites: of each demand, the link to the nearest of them."""
        return self._kept(opened, ~opened, np.ones(len(self.site), dtype=bool))

    @property
    def nearest_cost(self) -> float:
        """Cost of the sites that must open, with each demand served by its first link; infinite if one has none."""
        if self.lost:
            return INFINITY
        a = self.allocation
        return float(a.offset + a.fixed_cost[self.must].sum() + self.cost[self._first()].sum())

    def relaxation(self, missing: float | None = None) -> Arrays:
        """Return the linear program in the form of radii: columns of the free sites, then shares beyond each link.

        What is beyond a link is served by the next one at the difference in cost. A site that must open ends the
        links of a demand (`_kept`), and needs no row.

        Parameters
        ----------
        missing : float or None
            What it costs, beyond its last link, not to serve a demand; None: every demand is served. With it there is
            always a solution, whose duals show that there is none without.
        """
        a, sites = self.allocation, np.flatnonzero(self.free)
        place = np.full(len(self.must), -1, dtype=np.int64)
        place[sites] = np.arange(len(sites))
        first, last = self._ends()
        last &= self.must[self.site] if missing is not None else True
        link = np.flatnonzero(~last)  # has a share beyond it
        step = np.where(self._ends()[1], missing or 0.0, np.append(np.diff(self.cost), 0.0))
        beyond = np.full(len(self.site), -1, dtype=np.int64)
        beyond[link] = len(sites) + np.arange(len(link))
        rows = np.flatnonzero(~self.must[self.site])
        number = np.arange(len(rows))
        inner, open_end = ~first[rows], ~last[rows]
        row = [number, number[open_end], number[inner], np.full(len(sites), len(rows))]
        column = [place[self.site[rows]], beyond[rows[open_end]], beyond[rows[inner] - 1], np.arange(len(sites))]
        value = [np.ones(len(rows)), np.ones(int(open_end.sum())), -np.ones(int(inner.sum())), np.ones(len(sites))]
        count, already = len(sites) + len(link), int(self.must.sum())
        matrix = sparse.csr_array(
            (np.concatenate(value), (np.concatenate(row), np.concatenate(column))), shape=(len(rows) + 1, count)
        )
        no = np.zeros(count, dtype=bool)
        return Arrays(
            cost=np.concatenate([a.fixed_cost[sites], step[link]]),
            offset=self.nearest_cost,
            lower=np.zeros(count),
            upper=np.ones(count),  # needless for shares, but the simplex method is several times faster with it
            integer=no,
            implied=no,
            declared=no,
            matrix=matrix,
            row_lower=np.concatenate([first[rows].astype(np.float64), [a.fewest - already]]),
            row_upper=np.concatenate([np.full(len(rows), INFINITY), [a.most - already]]),
            columns=(*(a.arrays.columns[j] for j in a.opened[sites]), *(Column(BEYOND, j) for j in range(len(link)))),
            rows=tuple(Row(LINK, j) for j in range(len(rows) + 1)),
        )

    def prices(self, row_dual: Floats | None = None) -> Floats:
        """Return the prices that duals of the relaxation are: of each demand the least sum of a link and its dual.

        Where a share is at its bound of 1, no site up to its link is open, and the dual of a further link decides.
        Without duals: the cheapest links.
        """
        worth = self.cost.copy()
        if row_dual is not None:
            worth[~self.must[self.site]] += np.maximum(0.0, row_dual[:-1])
        first = self._first()
        price = np.zeros(len(self.allocation.demand))
        if len(first):
            price[self.demand[first]] = np.minimum.reduceat(worth, first)
        return price

    def _kept(self, must: Mask, never: Mask, links: Mask) -> "Reach":
        """Return these links without those of closed sites, and without what costs more than a site that must open."""
        links = links & ~never[self.site]
        site, demand, cost = self.site[links], self.demand[links], self.cost[links]
        ends = np.cumsum(must[site])
        before = np.concatenate([[0], ends[:-1]]) if len(ends) else ends  # sites that must open, in all links before
        first = np.flatnonzero(np.concatenate([[True], demand[1:] != demand[:-1]])) if len(demand) else demand
        at_first = np.repeat(before[first], np.diff(np.append(first, len(demand))))
        near = before == at_first
        return replace(self, must=must, never=never, site=site[near], demand=demand[near], cost=cost[near])

    def _ends(self) -> tuple[Mask, Mask]:
        """Return which links are the first and the last of their demand."""
        change = self.demand[1:] != self.demand[:-1]
        return np.concatenate([[True], change]), np.concatenate([change, [True]])

    def _first(self) -> Ints:
        return np.flatnonzero(self._ends()[0]) if len(self.demand) else self.demand

    def _value(self, price: Floats) -> tuple[Floats, float]:
        """Return what opening each site adds at these prices, and the rest of the bound, less all rounding."""
        a = self.allocation
        saved = np.minimum(0.0, self.cost - price[self.demand])
        value = a.fixed_cost + np.bincount(self.site, saved, len(self.must))
        used = saved < 0.0
        size = abs(a.offset) + float(np.abs(price).sum()) + float(np.abs(a.fixed_cost[~self.never]).sum())
        size += float((np.abs(self.cost) + np.abs(price[self.demand]))[used].sum())
        margin = 8.0 * (len(a.demand) + len(a.opened)) * _EPSILON * size + a.rounding
        return value, float(a.offset + price.sum() + value[self.must].sum()) - margin

    def _with_and_without(self, price: Floats) -> tuple[Floats, Floats]:
        """Return bounds on the plans that open each site, and on those that do not."""
        value, base = self._value(price)
        a, already, free = self.allocation, int(self.must.sum()), np.flatnonzero(self.free)
        fewest, most = a.fewest - already, a.most - already
        with_it, without = np.full(len(value), INFINITY), np.full(len(value), INFINITY)
        with_it[self.must] = base + cheapest(np.sort(value[free]), fewest, most)
        with_it[free] = base + value[free] + cheapest_others(value[free], fewest - 1, most - 1)
        without[free] = base + cheapest_others(value[free], fewest, most)
        return with_it, without

    def _links(self, price: Floats, with_it: Floats) -> Floats:
        """Return bounds on the plans that use each link."""
        return with_it[self.site] + np.maximum(0.0, self.cost - price[self.demand])
