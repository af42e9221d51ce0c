"""A plan in which something is forced, looked for among the contracts that the plan and two relaxations use.

Of several hundred contracts that could be decided, a plan uses a few dozen. Those of the plan itself, of the relaxation
in which the thing is forced, and of that relaxation with its binaries integer are mostly enough for a plan, and without
the others a search that admits nothing missing finds one, or none, in seconds. What is found is a plan of the full
program; that none is found says nothing of it.
"""

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from planner.explain.linear_cuts import LinearAnswer
from planner.explain.why_program import LEAST_S, Force, PlanProgram, Stopped, going_on, search_within
from planner.options import SolveOptions
from planner.program.columns import BLOCKS
from planner.solve import settings
from planner.solve.arrays import INFINITY, Arrays, Floats
from planner.solve.highs import Engine
from planner.solve.mip import MixedIntegerProgram
from planner.solve.scaling import point_in_units
from planner.system import interrupts

GUIDE_SHARE = 0.25
"""Share of the time for the relaxation with its binaries integer."""
SPREADS = ((0.0, 0.2), (1.0, 1.0), (INFINITY, 1.0))
"""How far beyond those that are used a number of blocks may be, in this order, and the share of what is left for it."""
USED = 1e-6
"""Blocks above which a contract counts as used."""


def among_used(
    program: PlanProgram,
    force: Force,
    hard: MixedIntegerProgram,
    relaxed: LinearAnswer,
    options: SolveOptions,
    stopped: Stopped = going_on,
) -> Floats | None:
    """Look for a point of the program in which something is forced, of the contracts that are used.

    First each number of blocks is between those that are used, then within one of them, and as few blocks as possible
    are of contracts that the plan does not decide; if there is no such point, the numbers are free, and any will do.

    Parameters
    ----------
    program : PlanProgram
    force : Force
    hard : MixedIntegerProgram
        In which it is forced, and nothing may be missing that the plan does not miss.
    relaxed : LinearAnswer
        Of its relaxation.
    options : SolveOptions
        With the time of the search; only of the embedded solver.
    stopped : callable
        Asked at each look of the solver.

    Returns
    -------
    array or None
        In the units and columns of ``hard``. It is verified where it is used.
    """
    if not options.embedded or relaxed.x is None:
        return None
    end, grown = time.monotonic() + options.seconds, relaxed.mip
    guide = _guide(grown.arrays, options.within(GUIDE_SHARE * options.seconds), stopped)
    points = [_padded(one, grown) for one in (program.start, relaxed.x, guide) if one is not None]
    for spread, share in SPREADS:
        seconds = share * (end - time.monotonic())
        if seconds <= LEAST_S or interrupts.asked() is not None or stopped():
            break
        part = grown.with_arrays(_restricted(grown.arrays, force, points, spread))
        found = search_within(part, options, seconds, first=True, stopped=stopped)
        if found is not None:
            width = hard.arrays.column_count
            return point_in_units(hard.arrays, found[0][:width], hard.units)
    return None


def _guide(arrays: Arrays, options: SolveOptions, stopped: Stopped) -> Floats | None:
    """The best point found of a program of which only the binaries are integer; None if there are none, or no point."""
    binary = arrays.integer & (arrays.lower >= 0.0) & (arrays.upper <= 1.0)
    if not binary.any() or options.seconds <= LEAST_S:
        return None
    interrupts.hold()
    part = replace(arrays, integer=binary, implied=np.zeros_like(arrays.implied))
    result = Engine(part, threads=options.threads, seed=options.seed).run(
        gap=settings.GUIDE_GAP,
        time_limit_s=options.seconds,
        callback=lambda _event: interrupts.asked() is not None or stopped(),
        mip_max_nodes=settings.STRATEGY_NODES,
    )
    return result.x


def _padded(x: Floats, mip: MixedIntegerProgram) -> Floats:
    """A point in the columns of a program that may have more."""
    return np.concatenate([x, np.zeros(max(0, mip.arrays.column_count - len(x)))])


def _restricted(arrays: Arrays, force: Force, points: Sequence[Floats], spread: float) -> Arrays:
    """The program with blocks of used contracts only, so far from the points; what is forced, and all else, is free."""
    blocks = np.array([column.variable == BLOCKS for column in arrays.columns])
    blocks[force.amounts.column] = False
    least, most = np.min(points, axis=0), np.max(points, axis=0)
    used = blocks & (most > USED)
    lower, upper = arrays.lower.copy(), arrays.upper.copy()
    upper[blocks & ~used] = lower[blocks & ~used]
    lower[used] = np.maximum(lower[used], np.floor(least[used] + USED) - spread)
    upper[used] = np.minimum(upper[used], np.ceil(most[used] - USED) + spread)
    new = blocks & (points[0] < 1.0 - USED)
    cost = np.zeros(arrays.column_count) if spread == INFINITY else np.where(new, 1.0, 0.0)
    return replace(arrays.with_bounds(lower, upper).with_cost(cost), offset=0.0)
