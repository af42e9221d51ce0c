"""Better choices of sites where no capacity binds: one site in, one out, while that saves anything.

Each demand is served by its nearest open site. What a swap saves is what the new site serves more cheaply, less what
the demands of the old one then pay: at most the difference to their second nearest. All swaps are valued at once
(Whitaker 1983; Resende and Werneck 2007).
"""

import numpy as np
import numpy.typing as npt

from planner.solve.arrays import INFINITY, Floats, Ints
from planner.solve.site_reach import Reach

Mask = npt.NDArray[np.bool_]

WORTHWHILE = 1e-10
"""Saving, as a share of the cost, from which a move is made: less is rounding."""
MOST_MOVES = 1000
"""Largest number of moves."""


def swapped(reach: Reach, opened: Mask) -> Mask:
    """Return a choice of sites that no single move makes cheaper, from any other.

    A demand that no open site may serve costs more than everything else together, so that moves serve it first. A move
    is a swap, or a site more or less where so many may be open. Sites that must open stay open, and those that must not
    stay closed.
    """
    opened = opened.copy()
    for _ in range(MOST_MOVES):
        found = _best_move(reach, opened)
        if found is None:
            break
        taken, left = found
        if taken >= 0:
            opened[taken] = True
        if left >= 0:
            opened[left] = False
    return opened


def _best_move(reach: Reach, opened: Mask) -> tuple[int, int] | None:
    """Return the site that comes in and the one that goes, -1 for none, of the move that saves most; None without."""
    a = reach.allocation
    first, second, server = _nearest(reach, opened)
    gain, loss, extra = _worth(reach, opened, first, second, server)
    gain, loss = gain - a.fixed_cost, loss - a.fixed_cost
    gain[opened | reach.never] = -INFINITY
    loss[~opened | reach.must] = INFINITY
    count = int(opened.sum())
    sites, others, saved = extra
    value = gain[sites] - loss[others] + saved
    comes, goes = int(np.argmax(gain)), int(np.argmin(loss))
    moves = [(float(gain[comes] - loss[goes]), comes, goes)]
    if len(value):
        best = int(np.argmax(value))
        moves.append((float(value[best]), int(sites[best]), int(others[best])))
    if count < a.most:
        moves.append((float(gain[comes]), comes, -1))
    if count > a.fewest:
        moves.append((float(-loss[goes]), -1, goes))
    saving, taken, left = max(moves)
    size = float(first[server >= 0].sum() + np.abs(a.fixed_cost[opened]).sum())
    return (taken, left) if saving > WORTHWHILE * size else None


def _nearest(reach: Reach, opened: Mask) -> tuple[Floats, Floats, Ints]:
    """Return of each demand the costs of its two nearest open sites, and the nearest itself (-1 for none).

    Where there is none, the cost is higher than that of everything else.
    """
    a = reach.allocation
    there = np.flatnonzero(opened[reach.site])
    demand = reach.demand[there]
    head = np.flatnonzero(np.concatenate([[True], demand[1:] != demand[:-1]])) if len(demand) else demand
    above = 2.0 * float(np.abs(reach.cost).sum() + np.abs(a.fixed_cost).sum()) + 1.0
    first, second = (np.where(a.demand > 0.0, above, 0.0) for _ in range(2))
    server = np.full(len(a.demand), -1, dtype=np.int64)
    first[demand[head]] = reach.cost[there[head]]
    server[demand[head]] = reach.site[there[head]]
    more = head[head + 1 < len(demand)]
    more = more[demand[more + 1] == demand[more]]
    second[demand[more]] = reach.cost[there[more + 1]]
    return first, second, server


def _worth(
    reach: Reach, opened: Mask, first: Floats, second: Floats, server: Ints
) -> tuple[Floats, Floats, tuple[Ints, Ints, Floats]]:
    """Return what moves save by their parts.

    What each closed site serves more cheaply; what the demands of each open one pay more without it; and what they pay
    less than that if a certain closed one comes in, for pairs of a closed and an open site.
    """
    sites = len(opened)
    link = np.flatnonzero(~opened[reach.site] & (reach.cost < second[reach.demand]))
    site, demand, cost = reach.site[link], reach.demand[link], reach.cost[link]
    gain: Floats = np.bincount(site, np.maximum(0.0, first[demand] - cost), sites).astype(np.float64)
    served = np.flatnonzero(server >= 0)
    loss: Floats = np.bincount(server[served], (second - first)[served], sites).astype(np.float64)
    less = second[demand] - np.maximum(first[demand], cost)
    of_one = server[demand] >= 0
    pair, which = np.unique((site * sites + server[demand])[of_one], return_inverse=True)
    saved: Floats = np.bincount(which, less[of_one], len(pair)).astype(np.float64)
    return gain, loss, (pair // sites, pair % sites, saved)
