"""Sites of an allocation without binding capacities that another site replaces in every plan, at no more cost.

A site may be left out if another costs no more to open and serves each of its demands at no more cost: in a plan that
opens the first, the other takes all that it serves. Sites that are equal, as where several points are in one place,
would otherwise be tried in all combinations.
"""

import numpy as np
import numpy.typing as npt

from planner.solve.allocation import Allocation
from planner.solve.arrays import Ints

Mask = npt.NDArray[np.bool_]


def replaced_by(allocation: Allocation) -> Ints:
    """Return for each site the one that replaces it, itself for those that are needed.

    Of equal sites the first is needed. A plan in which sites are replaced opens as many or fewer. If fewer may open,
    that costs no more unless to open a site earns money; if not, others that are needed are opened with it, which is
    only known to cost no more if all cost the same to open. Where neither is so, nothing is replaced.

    Parameters
    ----------
    allocation : Allocation
        Its capacities do not bind (`Allocation.ample`).
    """
    a, sites = allocation, np.arange(len(allocation.opened))
    better = sites.copy()
    for site in sites:
        better[site] = _better(a, int(site))
    while (better[better] != better).any():  # what replaces a site may be replaced itself
        better = better[better]
    left = int((better == sites).sum())
    alike = bool((a.fixed_cost == a.fixed_cost[0]).all())
    free = bool((a.fixed_cost >= 0.0).all()) and (a.fewest <= 1 or (alike and left >= a.fewest))
    return better if free or (alike and left >= a.most) else sites


def _better(a: Allocation, site: int) -> int:
    """Return the first site that does as well as a site or better in everything; the site itself if there is none."""
    mine = a.unit_cost[site]
    demands = np.flatnonzero(np.isfinite(mine) & (a.demand > 0.0))
    if not len(demands):
        return site
    # Few sites serve the demand that it serves most cheaply at no more cost: only these can replace it.
    nearest = demands[np.argmin(mine[demands])]
    others = np.flatnonzero((a.unit_cost[:, nearest] <= mine[nearest]) & (a.fixed_cost <= a.fixed_cost[site]))
    others = others[others != site]
    theirs = a.unit_cost[np.ix_(others, demands)]
    as_well = (theirs <= mine[demands]).all(axis=1)
    equal = (theirs == mine[demands]).all(axis=1) & (a.fixed_cost[others] == a.fixed_cost[site])
    # An equal site counts only if it comes first, and if it serves nothing more: it is replaced by this one otherwise.
    more = np.isfinite(a.unit_cost[others][:, a.demand > 0.0]).sum(axis=1) > len(demands)
    found = others[as_well & (~equal | more | (others < site))]
    return int(found[0]) if len(found) else site
