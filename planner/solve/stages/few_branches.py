"""Stage ``few branches``: plans of the full program from a tree in which no branch is tried before it is taken.

Where few plans are allowed, as with something forced, restrictions around a relaxation may have none. The solver then
finds one deep in its tree, and gets there sooner if it does not try branches at every node and does not begin anew.
"""

from planner.solve import settings
from planner.solve.arrays import INFINITY
from planner.solve.stage import Stage
from planner.solve.state import State
from planner.solve.sub_mip import Limits, SubMip, solve_sub_mip

OPTIONS = {**settings.NO_TRIAL_BRANCHES, "mip_allow_restart": False, "mip_heuristic_effort": 0.5}
"""Options of the solver (measured on `stargate` with an offer forced in: a first plan after 6.7 s of CPU; none after
15 s with the solver's defaults)."""


def _search(state: State, limits: Limits) -> None:
    """Search for any plan, then for better ones from there."""
    for gap in (INFINITY, state.options.gap):
        if not state.gap_reached:
            _run(state, limits, gap)


def _run(state: State, limits: Limits, gap: float) -> None:
    """Search to a gap; where the best point violates redundancy cuts, again with them."""
    sub = SubMip(arrays=state.mip.arrays, relative_gap=gap, limits=limits, mip_start=True, solver_options=OPTIONS)
    solve_sub_mip(state, sub)


FEW_BRANCHES = Stage("few branches", _search, needs=frozenset({"relaxation"}), gives=frozenset({"incumbent"}))
