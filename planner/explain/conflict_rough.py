"""How far a lever must be moved, roughly, where it changes which rows and columns the program has.

Demand shapes a program, and so does power: a cluster is never asked to be larger than the demand that it serves, and a
site is a host only if it has room for one. The program of the moved case then has columns and rows that the program of
the case has not. They are kept as they are there, and the sides of all others move along the line between the two. The
least amount of that program proves nothing, but it takes one program instead of one for each amount that is tried.
"""

import time
from dataclasses import replace

import numpy as np
from scipy import sparse

from planner.explain.conflict_elastic import SAME, SMALLEST, between, elastic_between, same_shape
from planner.explain.conflict_lever import Lever
from planner.explain.conflict_trial import Trial
from planner.explain.conflict_world import World
from planner.solve.arrays import Arrays, Ints
from planner.solve.linear import solve_by_itself

MOST_ROUNDS = 20
"""How often redundancy cuts join the program."""
SIDES = ("row_lower", "row_upper")
BOUNDS = ("lower", "upper")


def roughly_needed(trial: Trial, lever: Lever) -> float | None:
    """Return about how far the relaxation needs a lever to be moved; None where one program does not say so.

    Parameters
    ----------
    trial : Trial
    lever : Lever
    """
    unit = lever.probe
    base, moved = trial.base(), trial.world(unit)
    if base is None or moved is None or any(map(trial.in_force, (*base.impossible, *moved.impossible))):
        return None
    if not moved.shares_cuts(base) and (base.found or moved.found):
        return None
    for _ in range(MOST_ROUNDS):
        _share(base, moved)
        found = _aligned(*(world.arrays(trial.in_force, open_all=True) for world in (base, moved)))
        elastic = found and elastic_between(*found, unit, lever.most)
        left = trial.until - time.monotonic()
        if elastic is None or left <= 0.0:
            return None
        result = solve_by_itself(elastic, left)
        if result.status != "optimal" or result.x is None:
            return None
        amount = float(result.x[-1])
        there = replace(moved.mip, network=between(base, moved, amount / unit).network)
        if not moved.cut_off(result.x[:-1], trial.in_force, there):
            _share(base, moved)
            return amount if amount > SMALLEST else None
    return None


def _share(base: World, moved: World) -> None:
    """Give each of two programs the redundancy cuts that the other one has beyond its own."""
    for one, other in ((base, moved), (moved, base)):
        if len(other.found) > len(one.found):
            one.add(other.found[len(one.found) :])


def _aligned(a: Arrays, b: Arrays) -> tuple[Arrays, Arrays] | None:
    """Return two programs of the rows and columns of the second one; in the first, those it has are as they are there.

    Of coefficients that become tighter from the first to the second, the looser ones are in both. None where the first
    one has rows or columns that the second one has not.
    """
    rows, columns = _places(a.rows, b.rows), _places(a.columns, b.columns)
    if rows is None or columns is None:
        return None
    entries = sparse.coo_array(a.matrix)
    i, j = entries.coords
    here = sparse.csr_array((entries.data, (rows[i], columns[j])), shape=b.matrix.shape)
    difference = sparse.coo_array(b.matrix - here)
    i, j = difference.coords
    common = np.isin(i, rows) & np.isin(j, columns) & (np.abs(difference.data) > SAME)
    up, down = np.isfinite(b.row_upper[i]), np.isfinite(b.row_lower[i])
    looser = (up & ~down & (difference.data < 0.0)) | (down & ~up & (difference.data > 0.0))
    before, after = common, common & ~looser
    first, second = (
        sparse.csr_array(b.matrix - sparse.csr_array((difference.data[some], (i[some], j[some])), shape=b.matrix.shape))
        for some in (before, after)
    )
    changed = {name: getattr(b, name).copy() for name in (*SIDES, *BOUNDS)}
    for names, places in ((SIDES, rows), (BOUNDS, columns)):
        for name in names:
            changed[name][places] = getattr(a, name)
    old, new = replace(b, matrix=first, **changed), replace(b, matrix=second)
    return (old, new) if same_shape(old, new) else None


def _places(some: tuple[object, ...], others: tuple[object, ...]) -> Ints | None:
    """Return where each of some names stands among others; None if one of them does not."""
    place = {one: number for number, one in enumerate(others)}
    found = [place.get(one) for one in some]
    return None if None in found else np.array(found, dtype=np.int64)
