"""Stages ``given start`` and ``shed``: the plan of a similar case, and what of it the present case does not need."""

import contextlib

import numpy as np

from planner.solve import settings
from planner.solve.points import offer, padded
from planner.solve.records import Stopped
from planner.solve.stage import Stage
from planner.solve.state import State
from planner.solve.sub_mip import COMPLETION, UNLIMITED, Limits, SubMip, complete, solve_sub_mip

SAME = 1e-6
"""Difference of a start and the relaxation that is none."""


def _complete_start(state: State, limits: Limits) -> None:
    """Fix the integer variables of the start and solve for the others."""
    assert state.start is not None  # needed
    known = bool(np.isfinite(state.start).all())
    if not (known and state.mip.may_be_short and offer(state, state.start)):
        complete(state, state.start, limits)


GIVEN_START = Stage(
    "given start",
    _complete_start,
    needs=frozenset({"relaxation", "start"}),
    gives=frozenset({"incumbent"}),
    limits=COMPLETION,
)


def keep_start(state: State) -> None:
    """Complete the start of a run that was stopped before any plan, in the time that the relaxation has left for it."""
    if state.start is None or state.incumbent is not None or state.interrupted:
        return
    with contextlib.suppress(Stopped), state.at_work(GIVEN_START.name):
        _complete_start(state, UNLIMITED)


def _near_start(state: State, limits: Limits) -> None:
    """Fix the integer variables in which start and relaxation agree, and search for the others."""
    assert state.start is not None  # needed
    assert state.relaxation is not None
    assert state.relaxation.x is not None
    arrays, start = state.mip.arrays, padded(state, state.start)
    differ = np.abs(start - padded(state, state.relaxation.x))
    fixed = arrays.integer & (differ <= SAME) & (start >= arrays.lower) & (start <= arrays.upper)
    value = np.where(fixed, np.round(start), 0.0)
    lower, upper = np.where(fixed, value, arrays.lower), np.where(fixed, value, arrays.upper)
    gap = state.options.gap / 2
    solve_sub_mip(state, SubMip(arrays=arrays.with_bounds(lower, upper), relative_gap=gap, limits=limits))


def _without_plan(state: State) -> bool:
    return state.incumbent is None


NEAR_START = Stage(
    "given start",
    _near_start,
    needs=frozenset({"relaxation", "start"}),
    gives=frozenset({"incumbent"}),
    limits=Limits(share_of_time=0.2, nodes=settings.SEARCH_NODES),
    useful=_without_plan,
)


def _shed(state: State, limits: Limits) -> None:
    """Solve with no integer variable above its value in the plan: what was bought for stricter rules is dropped."""
    assert state.incumbent is not None  # needed
    arrays = state.mip.arrays
    held = np.maximum(arrays.lower, np.round(padded(state, state.incumbent)))
    upper = np.where(arrays.integer, np.minimum(arrays.upper, held), arrays.upper)
    sub = SubMip(
        arrays=arrays.with_bounds(arrays.lower, upper),
        relative_gap=state.options.gap / 2,
        limits=limits,
        mip_start=True,
    )
    solve_sub_mip(state, sub)


def _holds_more(state: State) -> bool:
    """Return whether the plan may cost much more than it must when time is over; without a limit the search goes on."""
    limited = np.isfinite(state.options.seconds)
    return bool(limited) and state.objective - state.bound > settings.WORTH_SHEDDING * abs(state.objective)


SHED = Stage(
    "shed",
    _shed,
    needs=frozenset({"start", "incumbent"}),
    gives=frozenset({"incumbent"}),
    limits=Limits(share_of_time=0.5, nodes=settings.SEARCH_NODES),
    useful=_holds_more,
)
