"""Stage ``strategy``: the program with only its binaries integer, which gives a better bound and a better guide."""

from dataclasses import replace

import numpy as np

from planner.solve import settings
from planner.solve.arrays import INFINITY
from planner.solve.highs import SolverResult
from planner.solve.points import add_violated_rows
from planner.solve.stage import Stage
from planner.solve.state import State
from planner.solve.sub_mip import Limits, SubMip, solve_sub_mip


def _find_guide(state: State, limits: Limits) -> None:
    state.guide = _with_binaries(state, limits) or state.relaxation


def _with_binaries(state: State, limits: Limits) -> SolverResult | None:
    """Solve with only the binaries integer; None if that is the relaxation or the full program, or gives no point."""
    arrays = state.mip.arrays
    binary = arrays.integer & (arrays.lower >= 0.0) & (arrays.upper <= 1.0)
    if not binary.any() or (binary == arrays.integer).all():
        return None
    while True:
        integer = np.zeros(state.mip.arrays.column_count, dtype=bool)  # cuts add columns
        integer[: len(binary)] = binary
        sub = SubMip(
            arrays=replace(state.mip.arrays, integer=integer),
            relative_gap=max(state.search_gap / 2, settings.GUIDE_GAP),
            limits=limits,
            offers=False,
            bound_holds_to=INFINITY,
        )
        result = solve_sub_mip(state, sub)
        if result.x is None or result.objective - result.bound > 2 * settings.GUIDE_GAP * abs(result.objective):
            return None  # a poor guide is worse than none
        if not add_violated_rows(state, result.x):
            return result


def _is_searched(state: State) -> bool:
    """Return whether to search for plans: a small program with a plan is proven at once if the gap is small."""
    proven_at_once = state.careful and state.options.gap <= settings.PROOF_GAP
    return state.incumbent is None or not proven_at_once


STRATEGY = Stage(
    "strategy",
    _find_guide,
    needs=frozenset({"relaxation"}),
    gives=frozenset({"guide", "bound"}),
    limits=Limits(share_of_time=0.1, nodes=settings.STRATEGY_NODES),
    useful=_is_searched,
)
