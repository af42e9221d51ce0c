"""Can what survives carry the critical demand? Exact answers for many losses at once (section 8).

Groups hold IT MW that reach the same demands at the same rates; a demand takes compute; each IT MW is used once. The
domains of a rule share no IT MW, so a loss of several is the sum of their losses.

Three means, each exact in what it says:

- Where one scale makes every group's IT MW worth the same on whatever it can serve, the question is a flow in a network
  of two sides, and the survivors carry all demands if and only if, for every set of demands, the IT MW that serve one
  of the set carry the set (Gale 1957). Only sets of the form "all demands served by these groups alone" matter. For
  one such set the worst loss of k domains is the k largest losses: all k-sets are judged without listing them.
- Otherwise every group's IT MW is split once between training and inference; each part is then such a flow. If all sets
  carry, so do the survivors (the split is one way of using them); if not, the losses that break a set stay open.
- A loss that breaks a set of one split is routed by its linear program; where that carries, the split of its routing is
  tried next. A loss is survived when one of the splits tried says so; what stays open is answered by its linear
  program, as least compute unserved.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Array = NDArray[np.float64]
MOST_SETS = 20_000
"""Sets of demands listed before the linear program is preferred."""
BATCH = 48
"""Losses answered by one call of the linear-programming solver."""
ROUNDS = 24
"""Splits tried."""
MOST_BROKEN = 1000
"""Losses listed that break one set of demands, once the plan is known to fail."""
Loss = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Network:
    """Groups, demands and losses."""

    total_mw: Array
    """IT MW of each group before any loss."""
    rate: Array
    """Compute an IT MW of each group (row) gives on each demand (column); 0 when it may not serve it."""
    need: Array
    """Compute of each demand."""
    training: NDArray[np.bool_]
    """Which demands are training."""
    loss_mw: Array
    """IT MW of each group (column) lost with each domain (row)."""
    tolerance: float
    """Compute that may stay unserved."""


def _cheapest(costs: Array, rows: Any, limits: Array) -> Any:
    """The linear program: least cost, rows within their limits, nothing negative; as SciPy's result."""
    from scipy.optimize import linprog

    return linprog(costs, A_ub=rows, b_ub=limits, bounds=(0, None))


def closed_sets(serves: NDArray[np.bool_]) -> list[int] | None:
    """Unions of the groups that serve a demand, over all sets of demands, as bit masks; None beyond `MOST_SETS`."""
    masks = {sum(1 << int(group) for group in np.flatnonzero(serves[:, demand])) for demand in range(serves.shape[1])}
    found: set[int] = {0}
    for mask in masks:
        found |= {mask | other for other in found}
        if len(found) > MOST_SETS:
            return None
    return sorted(found)


def scaled(net: Network) -> tuple[Array, Array] | None:
    """Worth of an IT MW of each group on whatever it serves, and the demands so scaled; None without such a scale."""
    train = np.max(net.rate * net.training, axis=1, initial=0.0)
    infer = np.max(net.rate * ~net.training, axis=1, initial=0.0)
    both = (train > 0) & (infer > 0)
    ratios = train[both] / infer[both]
    ratio = float(ratios[0]) if ratios.size else 1.0
    if ratios.size and not np.allclose(ratios, ratio, rtol=1e-9, atol=0.0):
        return None
    worth = np.where(infer > 0, infer, train / ratio)
    return worth, np.where(net.training, net.need / ratio, net.need)


@dataclass(frozen=True, slots=True)
class _Cut:
    """Sets of demands: what must be left of their suppliers, and what each domain takes from them."""

    spare: Array
    """Per set: supply before any loss, less the need."""
    taken: Array
    """Per set (column) and domain (row): supply lost."""


def _cuts(serves: NDArray[np.bool_], supply: Array, need: Array, loss: Array) -> _Cut | None:
    unions = closed_sets(serves)
    if unions is None:
        return None
    groups = np.arange(serves.shape[0], dtype=object)
    inside = np.array([[bool(union >> int(group) & 1) for group in groups] for union in unions], dtype=bool)
    inside = inside.reshape(len(unions), serves.shape[0])
    # A demand is asked for by a set when none of its suppliers is outside the set.
    outside = (~inside).astype(float) @ serves.astype(float)
    asked = (outside == 0).astype(float) @ need
    weights = inside.astype(float)
    return _Cut(weights @ supply - asked, loss @ weights.T)


def _worst(taken: Array, k: int) -> Array:
    if k >= taken.shape[0]:
        return np.asarray(taken.sum(axis=0))
    return np.asarray(np.partition(taken, taken.shape[0] - k, axis=0)[taken.shape[0] - k :].sum(axis=0))


def _over(taken: Array, slack: float, k: int) -> Iterator[Loss]:
    # Sets of k domains that take more than the slack, found in order of what they take; prunes by the best completion.
    order = np.argsort(-taken, kind="stable")
    sizes = taken[order]

    def grow(first: int, left: int, room: float, chosen: Loss) -> Iterator[Loss]:
        if left == 0:
            yield tuple(sorted(int(order[index]) for index in chosen))
            return
        for index in range(first, len(order) - left + 1):
            if sizes[index : index + left].sum() <= room:
                return
            yield from grow(index + 1, left - 1, room - float(sizes[index]), (*chosen, index))

    yield from grow(0, k, slack, ())


def _breaking(cut: _Cut, k: int, tolerance: float, most: int | None = None) -> set[Loss]:
    """List the losses that break a set of demands, at most ``most`` for each set."""
    found: set[Loss] = set()
    for index in np.flatnonzero(_worst(cut.taken, k) - cut.spare > tolerance):
        found.update(islice(_over(cut.taken[:, index], float(cut.spare[index]) + tolerance, k), most))
    return found


def _worst_each(cut: _Cut, k: int, tolerance: float) -> list[Loss]:
    """Give the worst loss for every set of demands that some loss breaks, the worst of all first."""
    over = _worst(cut.taken, k) - cut.spare - tolerance
    order = [int(index) for index in np.argsort(-over) if over[index] > 0]
    worst = (np.argsort(-cut.taken[:, index], kind="stable")[:k] for index in order)
    return list(dict.fromkeys(tuple(sorted(int(domain) for domain in lost)) for lost in worst))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of the losses of a network."""

    broken: set[Loss] = field(default_factory=set)
    """Losses proven not to be survived."""
    doubtful: set[Loss] = field(default_factory=set)
    """Losses that only their linear program can judge."""
    others_survive: bool = True
    """Whether all other losses are proven to be survived; if not, ``broken`` has some that are not."""


class Survival:
    """Judges every loss of ``k`` domains of a network."""

    def __init__(self, net: Network, k: int) -> None:
        self.net = net
        self.k = min(k, net.loss_mw.shape[0])

    def losses(self) -> Iterator[Loss]:
        """List every set of ``k`` domains (all of them where there are fewer)."""
        return combinations(range(self.net.loss_mw.shape[0]), self.k)

    def judge(self) -> Verdict:
        """Judge every loss."""
        net, scale = self.net, scaled(self.net)
        if scale is not None:
            worth, need = scale
            cut = _cuts(net.rate > 0, worth * net.total_mw, need, net.loss_mw * worth)
            if cut is not None:
                shrink = min(1.0, float(need.sum() / max(net.need.sum(), 1e-300)))
                broken = _breaking(cut, self.k, net.tolerance * shrink, MOST_BROKEN)
                return Verdict(broken=broken, others_survive=len(broken) < MOST_BROKEN)
        return self._by_splits()

    def _by_splits(self) -> Verdict:
        net, tried, seen = self.net, list[list[_Cut]](), set[Loss]()
        capacity = np.maximum(net.total_mw - _worst(net.loss_mw, self.k), 0.0)
        # Single losses are few: their linear programs cost less than more splits.
        for _ in range(ROUNDS if self.k > 1 else 1):
            cuts = self._cuts_of(self._split(capacity))
            if cuts is None:
                return Verdict(doubtful=set(self._not_dominated()))
            tried.append(cuts)
            worst = [lost for cut in cuts for lost in _worst_each(cut, self.k, net.tolerance / 2)]
            fresh = [lost for lost in worst if lost not in seen]
            if not fresh or self.k == 1:
                break
            broken = {lost for lost in fresh if self.shortfalls([lost]).sum() > net.tolerance}
            if broken:
                return Verdict(broken=broken, others_survive=False)
            seen.update(fresh)
            capacity = self.surviving(fresh[0])
        # Survived under one split is survived.
        return Verdict(doubtful=set.intersection(*(self._open(cuts) for cuts in tried)) - seen)

    def _cuts_of(self, split: Array) -> list[_Cut] | None:
        net, found = self.net, []
        for which, share in ((net.training, split), (~net.training, 1.0 - split)):
            serves = (net.rate > 0) & which
            worth = np.max(net.rate * which, axis=1, initial=0.0) * share
            cut = _cuts(serves[:, which], worth * net.total_mw, net.need[which], net.loss_mw * worth)
            if cut is None:
                return None
            found.append(cut)
        return found

    def _open(self, cuts: list[_Cut]) -> set[Loss]:
        # Half of what may stay unserved goes to each workload.
        return set().union(*(_breaking(cut, self.k, self.net.tolerance / 2) for cut in cuts))

    def _not_dominated(self) -> Iterator[Loss]:
        # If the k largest losses of every group at once are survived, so is every loss of k domains.
        worst = np.maximum(self.net.total_mw - _worst(self.net.loss_mw, self.k), 0.0)
        if self.shortfalls_of(worst[None, :])[0].sum() <= self.net.tolerance:
            return iter(())
        return self.losses()

    def _split(self, capacity: Array) -> Array:
        """Share each group's IT MW as the routing does that could carry the largest multiple of every demand."""
        net = self.net
        groups, demands = np.nonzero(net.rate > 0)
        arcs = len(groups)
        if arcs == 0:
            return np.full(net.rate.shape[0], 0.5)
        each = np.arange(arcs)
        use = sparse.csr_matrix((np.ones(arcs), (groups, each)), shape=(net.rate.shape[0], arcs + 1))
        carry = sparse.csr_matrix((-net.rate[groups, demands], (demands, each)), shape=(len(net.need), arcs + 1))
        grow = sparse.csr_matrix((net.need, (np.arange(len(net.need)), np.full(len(net.need), arcs))),
                                 shape=(len(net.need), arcs + 1))  # fmt: skip
        costs = np.zeros(arcs + 1)
        costs[-1] = -1.0
        limits = np.concatenate([capacity, np.zeros(len(net.need))])
        result = _cheapest(costs, sparse.vstack([use, carry + grow]), limits)
        share = np.full(net.rate.shape[0], 0.5)
        if result.status != 0:
            return share
        trained = np.bincount(groups, weights=result.x[:arcs] * net.training[demands], minlength=len(share))
        used = np.bincount(groups, weights=result.x[:arcs], minlength=len(share))
        share = np.divide(trained, used, out=share, where=used > 1e-9)
        only = np.any((net.rate > 0) & net.training, axis=1).astype(float)
        can_infer = np.any((net.rate > 0) & ~net.training, axis=1)
        return np.asarray(np.where(can_infer & (only > 0), share, only))

    def surviving(self, lost: Loss) -> Array:
        """IT MW of each group left after a loss."""
        return np.asarray(np.maximum(self.net.total_mw - self.net.loss_mw[list(lost)].sum(axis=0), 0.0))

    def shortfalls(self, losses: list[Loss]) -> Array:
        """Least compute unserved after each loss (row), by demand (column)."""
        parts = [
            self.shortfalls_of(np.array([self.surviving(lost) for lost in losses[first : first + BATCH]]))
            for first in range(0, len(losses), BATCH)
        ]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.net.need)))

    def shortfalls_of(self, capacity: Array) -> Array:
        """Least compute unserved with given IT MW per group: parameters and result as for `shortfalls`, by row."""
        net, count = self.net, capacity.shape[0]
        groups, demands = np.nonzero(net.rate > 0)
        arcs, wants = len(groups), len(net.need)
        if arcs == 0:
            return np.tile(net.need, (count, 1))
        each = np.arange(arcs)
        use = sparse.csr_matrix((np.ones(arcs), (groups, each)), shape=(net.rate.shape[0], arcs + wants))
        carried = sparse.csr_matrix((net.rate[groups, demands], (demands, each)), shape=(wants, arcs))
        meet = sparse.hstack([-carried, -sparse.identity(wants)])
        block = sparse.vstack([use, meet])
        limits = np.concatenate([capacity, np.tile(-net.need, (count, 1))], axis=1).ravel()
        costs = np.tile(np.concatenate([np.zeros(arcs), np.ones(wants)]), count)
        result = _cheapest(costs, sparse.block_diag([block] * count, format="csr"), limits)
        if result.status != 0:
            # Not proven is not survived: the whole demand counts as unserved.
            return np.tile(net.need, (count, 1))
        values = np.asarray(result.x).reshape(count, arcs + wants)
        return np.asarray(values[:, arcs:])
