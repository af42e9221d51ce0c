"""The least violation of limits: where it is none, they can be kept; else its duals prove that they cannot."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from scipy import sparse

from planner.explain.conflict_limits import Part
from planner.explain.conflict_places import Places
from planner.solve.arrays import Arrays
from planner.solve.linear import VIOLATION
from planner.symbols import Column


def violations_of(arrays: Arrays, parts: Mapping[Part, Places]) -> Arrays:
    """Return the relaxation in which parts may be violated, with the sum of their violations as its one objective.

    Parameters
    ----------
    arrays : Arrays
        The program with the parts in force.
    parts : mapping of Part to Places
        Those that may be violated.
    """
    scale, width = arrays.row_scale(), arrays.column_count
    rows = np.array(sorted({i for places in parts.values() for i in places.rows}), dtype=np.int64)
    above, below = (rows[np.isfinite(side[rows])] for side in (arrays.row_lower, arrays.row_upper))
    entries, count = np.concatenate([scale[above], -scale[below]]), len(above) + len(below)
    upper, cost = arrays.upper.copy(), np.zeros(width)
    for places in parts.values():
        upper[places.columns] = np.maximum(places.upper, arrays.lower[places.columns])
        cost[places.columns] = 1.0
    wide = arrays.relaxed().extended([Column(VIOLATION, number) for number in range(count)], [])
    place = (np.concatenate([above, below]), width + np.arange(count))
    return replace(
        wide,
        matrix=sparse.csr_array(wide.matrix + sparse.csr_array((entries, place), wide.matrix.shape)),
        upper=np.concatenate([upper, wide.upper[width:]]),
        cost=np.concatenate([cost, np.ones(count)]),
        offset=0.0,
    )
