"""Stages ``penalties``, ``likely sites`` and ``possible sites``: site allocation.

If each site has one opening decision, bounds on its cost show on which sites to look for a plan, and which sites no
better plan opens.
"""

from planner.solve import settings
from planner.solve.arrays import Arrays
from planner.solve.engine_runs import prove_linear, run_engine
from planner.solve.highs import Engine, SolverResult
from planner.solve.penalties import penalties
from planner.solve.points import add_violated_rows
from planner.solve.stage import Stage
from planner.solve.state import State
from planner.solve.sub_mip import Limits, SubMip, solve_sub_mip


def _penalise(state: State, _limits: Limits) -> None:
    """Bound the cost of opening each site."""
    assert state.relaxation is not None  # needed
    assert state.relaxation.row_dual is not None  # a relaxation with a point has them

    def solve(site: Arrays) -> SolverResult:
        engine = Engine(site, seed=state.options.seed)
        return prove_linear(state, site, (engine, run_engine(state, engine, presolve="off")))

    state.penalties = penalties(state.mip, state.relaxation.row_dual, solve)
    if state.penalties is not None:
        state.raise_bound(state.penalties.bound)


PENALTIES = Stage(
    "penalties",
    _penalise,
    needs=frozenset({"relaxation", "links"}),
    gives=frozenset({"penalties", "bound"}),
)


def _likely_sites(state: State, limits: Limits) -> None:
    """Solve a restriction to the sites that the relaxation uses and those next cheapest to open."""
    assert state.relaxation is not None  # needed
    assert state.relaxation.x is not None
    assert state.penalties is not None
    used = int((state.relaxation.x[state.penalties.opened] > settings.PLAN_TOLERANCE).sum())
    level = state.penalties.level(round((1.0 + settings.SITES_MORE) * used))
    arrays, _ = state.penalties.decided(state.mip.arrays, level)
    sub = SubMip(
        arrays=arrays,
        relative_gap=state.options.gap / 2,
        limits=limits,
        solver_options=settings.NO_TRIAL_BRANCHES,
    )
    solve_sub_mip(state, sub)


LIKELY_SITES = Stage(
    "likely sites",
    _likely_sites,
    needs=frozenset({"relaxation", "penalties"}),
    gives=frozenset({"incumbent"}),
    limits=Limits(share_of_time=0.2, nodes=settings.SITES_NODES),
)


def _possible_sites(state: State, limits: Limits) -> None:
    """Solve for the sites that a better plan can open: the bound, up to the incumbent's cost, holds for all plans."""
    assert state.penalties is not None  # needed
    while not state.gap_reached:
        cost = state.objective
        arrays, decided = state.penalties.decided(state.mip.arrays, cost)
        if decided < settings.WORTH_DECIDING * len(state.penalties.opened):
            return
        sub = SubMip(
            arrays=arrays,
            relative_gap=state.options.gap,
            limits=limits,
            bound_holds_to=cost,
            solver_options={**settings.NO_TRIAL_BRANCHES, **settings.BOUND_ONLY},
        )
        result = solve_sub_mip(state, sub)
        if result.x is None or not add_violated_rows(state, result.x):
            return


POSSIBLE_SITES = Stage(
    "possible sites",
    _possible_sites,
    needs=frozenset({"penalties", "incumbent"}),
    gives=frozenset({"incumbent", "bound"}),
    limits=Limits(share_of_time=0.8),
)
