"""Stage ``few branches``: plans of the full program from a tree in which no branch is tried before it is taken.

Where few plans are allowed, as with something forced, restrictions around a relaxation may have none. The solver then
finds one deep in its tree, and gets there sooner if it does not try branches at every node and does not begin anew
(`stargate`, a site forced in: a first plan after 5 to 9 s of CPU, with its defaults none in 15 s).
"""

from planner.solve import settings
from planner.solve.arrays import INFINITY
from planner.solve.stage import Stage
from planner.solve.state import State
from planner.solve.sub_mip import Limits, SubMip, solve_sub_mip

OPTIONS = {**settings.NO_TRIAL_BRANCHES, "mip_allow_restart": False}
"""Options of the solver."""


def _search(state: State, limits: Limits) -> None:
    """Search for any plan, with the redundancy cuts that each point violates; then for better ones from there."""
    _run(state, limits, INFINITY)
    if state.incumbent is not None and not state.gap_reached:
        _run(state, limits, state.options.gap)


def _run(state: State, limits: Limits, gap: float) -> None:
    sub = SubMip(
        arrays=state.mip.arrays,
        relative_gap=gap,
        limits=limits,
        mip_start=True,
        solver_options=OPTIONS,
    )
    solve_sub_mip(state, sub)


FEW_BRANCHES = Stage("few branches", _search, needs=frozenset({"relaxation"}), gives=frozenset({"incumbent"}))
