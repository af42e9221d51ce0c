"""Stage ``guided start``: a plan near the guide, by a restriction around it or period by period (relax and fix)."""

from dataclasses import replace

import numpy as np

from planner.solve import settings
from planner.solve.ahead import begin_ahead, drop_ahead, run_ahead
from planner.solve.arrays import Arrays, Floats, around
from planner.solve.completion import solve_and_complete
from planner.solve.points import offer, padded
from planner.solve.stage import Gain, Stage
from planner.solve.state import Fact, State
from planner.solve.sub_mip import Limits, SubMip, solve_sub_mip

NARROW, WIDE = 1.0, 3.0
"""How far an integer variable that the guide uses may move from it."""


def _guide(state: State) -> Floats:
    assert state.guide is not None  # needed
    assert state.guide.x is not None
    return padded(state, state.guide.x)


def _around_guide(state: State, limits: Limits) -> None:
    arrays = around(state.mip.arrays, _guide(state), NARROW)
    solve_sub_mip(state, SubMip(arrays=arrays, relative_gap=state.search_gap / 2, limits=limits, mip_start=True))


def _around_guide_completed(state: State, limits: Limits) -> None:
    arrays = around(state.mip.arrays, _guide(state), NARROW)
    options = settings.ROOT_ONLY  # the restriction is small: heuristics and trial branches cost more than they save
    solve_and_complete(
        state, SubMip(arrays=arrays, relative_gap=state.search_gap / 2, limits=limits, solver_options=options)
    )


def _widely_around_guide(state: State, limits: Limits) -> None:
    arrays = around(state.mip.arrays, _guide(state), WIDE)
    solve_sub_mip(state, SubMip(arrays=arrays, relative_gap=state.search_gap / 2, limits=limits))


def _period_by_period(state: State, limits: Limits) -> None:
    """Relax and fix, first on the offers and roles that the guide uses, then (begun ahead) on all."""
    periods = periods_decided(state)
    if len(periods) < 2:
        return

    def on_all(there: State) -> None:
        _relax_and_fix(there, there.mip.arrays, periods, limits)

    begin_ahead(state, on_all, on_all, _NAME)
    _relax_and_fix(state, _within_use(state), periods, limits)
    if state.incumbent is None:
        run_ahead(state, on_all, on_all)
    else:
        drop_ahead(state)


def periods_decided(state: State) -> list[int]:
    """Return the periods of the integer variables that belong to one period."""
    period = state.mip.period
    return sorted({int(t) for t in period[period >= 0]})


def _relax_and_fix(state: State, arrays: Arrays, periods: list[int], limits: Limits) -> None:
    """Require integrality two periods at a time, then fix; an infeasible window is widened by the one before it."""
    others = arrays.integer & (state.mip.period < 0)
    lower, upper = arrays.lower.copy(), arrays.upper.copy()
    point: Floats | None = None
    for begin in range(0, len(periods), settings.WINDOW):
        for first in range(begin, -1, -settings.WINDOW):
            window = np.isin(state.mip.period[: len(lower)], periods[first : begin + settings.WINDOW])
            low, up = np.where(window, arrays.lower, lower), np.where(window, arrays.upper, upper)
            part = replace(arrays.with_bounds(low, up), integer=arrays.integer & (window | others | (low == up)))
            point = solve_sub_mip(
                state, SubMip(arrays=part, relative_gap=state.search_gap / 2, limits=limits, offers=False)
            ).x
            if point is not None:
                break
        if point is None:
            return
        x = np.round(point[: len(lower)])
        lower, upper = np.where(window, x, lower), np.where(window, x, upper)
    if not offer(state, point):
        _complete(state, lower, upper, limits)


def _complete(state: State, lower: Floats, upper: Floats, limits: Limits) -> None:
    """Solve with the variables of all periods fixed, adding the rows that the solution violates."""
    arrays = state.mip.arrays
    low, up = arrays.lower.copy(), arrays.upper.copy()
    low[: len(lower)], up[: len(upper)] = lower, upper
    sub = SubMip(
        arrays=arrays.with_bounds(low, up),
        relative_gap=state.search_gap / 4,
        limits=Limits(share_of_time=limits.share_of_time),
    )
    solve_sub_mip(state, sub)


def _within_use(state: State) -> Arrays:
    """Restrict the program to the offers and roles that the guide uses."""
    arrays, group = state.mip.arrays, state.mip.group
    used = np.unique(group[(group >= 0) & (_guide(state) > 1e-6)])
    upper = np.where((group >= 0) & ~np.isin(group, used), arrays.lower, arrays.upper)
    return arrays.with_bounds(arrays.lower, upper)


def _guide_by_relaxation(state: State, _limits: Limits) -> None:
    """Let the relaxation guide the search."""
    state.guide = state.relaxation


def _without_guide(state: State) -> bool:
    return state.guide is None


def _without_plan(state: State) -> bool:
    return state.incumbent is None


_NAME = "guided start"
_NEEDS: frozenset[Fact] = frozenset({"guide"})
_GIVES: frozenset[Gain] = frozenset({"incumbent"})
_NODES = settings.START_NODES
RELAXED_GUIDE = Stage(
    _NAME, _guide_by_relaxation, frozenset({"relaxation"}), frozenset({"guide"}), useful=_without_guide
)
AROUND_GUIDE = Stage(_NAME, _around_guide, _NEEDS, _GIVES, Limits(share_of_time=0.15, nodes=_NODES))
COMPLETED = replace(AROUND_GUIDE, work=_around_guide_completed)
"""The restriction around the guide in less time: its plan is completed first with its integer variables as they are."""
PERIOD_BY_PERIOD = Stage(
    _NAME, _period_by_period, _NEEDS, _GIVES, Limits(share_of_time=0.1, nodes=settings.SEARCH_NODES), _without_plan
)
WIDELY_AROUND_GUIDE = Stage(
    _NAME, _widely_around_guide, _NEEDS, _GIVES, Limits(share_of_time=0.2, nodes=_NODES), _without_plan
)
