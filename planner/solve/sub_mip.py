"""Sub-MIPs: programs derived from the one being solved, restricted or relaxed, or the full program itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from planner.solve.arrays import INFINITY, Arrays, Floats
from planner.solve.begun import BegunRun
from planner.solve.engine_runs import make_engine, run_engine, without_held_back
from planner.solve.highs import Engine, SolverEvent, SolverResult
from planner.solve.points import add_violated_rows, offer, padded
from planner.solve.records import Stopped
from planner.solve.state import State


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run of the solver may cost.

    Attributes
    ----------
    share_of_time : float
        Share of the time left.
    nodes : int or None
        Node limit; None: none.
    """

    share_of_time: float = 1.0
    nodes: int | None = None


UNLIMITED = Limits()
"""All of the time left, any number of nodes."""
COMPLETION = Limits(share_of_time=0.2)
"""Limits of a program whose integer variables are fixed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubMip:
    """A program derived from the one being solved, and how its results are used.

    Attributes
    ----------
    arrays : Arrays
    relative_gap : float
        Relative MIP gap at which its run may stop.
    limits : Limits
    offers : bool
        Whether its points are points of the full program, and each is offered as the incumbent. Not so if integer
        variables are relaxed.
    bound_holds_to : float
        Up to this value its bound holds for every plan: infinity if it excludes no plan, the cost above which it
        excludes plans, or -infinity if its bound does not hold for other plans (a restriction).
    mip_start : bool
        Whether the solver is given the incumbent as MIP start.
    solver_options : mapping
        By the solver's own names.
    spelled_out : bool
        Whether the solver is given sums of integer variables written out, without marks of implied integers.
    """

    arrays: Arrays
    relative_gap: float
    limits: Limits
    offers: bool = True
    bound_holds_to: float = -INFINITY
    mip_start: bool = False
    solver_options: Mapping[str, object] = field(default_factory=dict)
    spelled_out: bool = False

    @property
    def proves(self) -> bool:
        """Whether its bound is used."""
        return self.bound_holds_to > -INFINITY


def solve_sub_mip(state: State, sub: SubMip, begun: BegunRun | None = None) -> SolverResult:
    """Solve a sub-MIP; if it is a restriction, again with the rows that its solution violates, while there are any.

    Parameters
    ----------
    state : State
    sub : SubMip
    begun : BegunRun or None
        Its first run, if that was begun already (`begin`).

    Raises
    ------
    Stopped
        At the time limit, or if the user asks.
    """
    while True:
        result = solve_once(state, sub, begun)
        x = result.x
        again = sub.offers and x is not None and not offer(state, x) and not sub.proves and add_violated_rows(state, x)
        if not again:
            break
        sub, begun = replace(sub, arrays=on_grown_program(state, sub.arrays), mip_start=False), None
    if state.out_of_time:
        raise Stopped
    return result


def solve_once(state: State, sub: SubMip, begun: BegunRun | None = None) -> SolverResult:
    """Solve a sub-MIP as it is; its better points are offered, and its bound is taken as far as it holds.

    Parameters
    ----------
    state : State
    sub : SubMip
    begun : BegunRun or None
        The same run, if it was begun already (`begin`).
    """
    engine = made(state, sub) if begun is None else begun

    def callback(event: SolverEvent) -> bool:
        if sub.proves and np.isfinite(event.bound):
            state.raise_bound(min(event.bound, sub.bound_holds_to))
        if event.x is not None and sub.offers:
            offer(state, event.x)
        stop = state.report() or state.seconds_left <= 0.0 or state.gap_reached
        return stop or (sub.proves and sub.bound_holds_to <= event.bound < INFINITY)

    result = run_engine(
        state,
        engine,
        relative_gap=sub.relative_gap,
        share_of_time=sub.limits.share_of_time,
        callback=callback,
        **(_solver_options(state, sub) if begun is None else begun.options),
    )
    if sub.proves and result.status != "infeasible" and np.isfinite(result.bound):
        state.raise_bound(min(result.bound, sub.bound_holds_to))
    return result


def made(state: State, sub: SubMip) -> Engine:
    """Return a sub-MIP inside the solver, with the incumbent as MIP start where it is given one."""
    engine = make_engine(state, without_held_back(state, sub.arrays), spelled_out=sub.spelled_out)
    start = sub.mip_start or (sub.proves and not state.careful)
    if start and sub.offers and state.incumbent is not None:
        engine.set_start(padded(state, state.incumbent))
    return engine


def begin(state: State, sub: SubMip) -> BegunRun:
    """Begin to solve a sub-MIP in a thread of its own; its points and bounds are taken by `solve_once`."""
    gap, seconds = sub.relative_gap, state.seconds_left
    return BegunRun(made(state, sub), gap=gap, time_limit_s=seconds, options=_solver_options(state, sub))


def _solver_options(state: State, sub: SubMip) -> dict[str, object]:
    """Return the solver options: when to stop, and no presolve if bounds are proven with care."""
    options: dict[str, object] = {}
    if sub.limits.nodes is not None:
        options["mip_max_nodes"] = sub.limits.nodes
    if sub.offers:
        options["objective_target"] = state.objective_target if sub.proves else state.search_target
    if sub.proves and state.careful:
        options["presolve"] = "off"
    return options | dict(sub.solver_options)


def on_grown_program(state: State, arrays: Arrays) -> Arrays:
    """Return the present program with the bounds of a restriction that was made before rows and columns were added."""
    lower, upper = state.mip.arrays.lower.copy(), state.mip.arrays.upper.copy()
    lower[: arrays.column_count], upper[: arrays.column_count] = arrays.lower, arrays.upper
    return state.mip.arrays.with_bounds(lower, upper)


def complete(state: State, x: Floats | None, limits: Limits = COMPLETION) -> None:
    """Look for a plan near a point: its integer variables fixed, but for those that are NaN, the others solved for."""
    arrays = state.mip.arrays
    if x is None or len(x) > arrays.column_count:
        return
    solve_sub_mip(state, SubMip(arrays=arrays.with_integers_at(x), relative_gap=0.0, limits=limits))
