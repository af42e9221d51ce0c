"""Objectives in lexicographic order (least unserved demand, then least cost): one run of the pipeline for each."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from planner.options import SolveOptions
from planner.solve import settings
from planner.solve.arrays import INFINITY, Floats, NewRow
from planner.solve.mip import MixedIntegerProgram
from planner.solve.pipeline import run_pipeline
from planner.solve.records import Answer, SolveProgress
from planner.solve.scaling import cost_exponent, point_in_units, restored, scaled
from planner.solve.state import Callback
from planner.status import Status
from planner.symbols import Constraint, Row
from planner.units import Units, times_ten_to

LEAST_UNSERVED = Constraint[None](
    "demand_least_unserved", dual="value of one more unit of compute left unserved through a year", family="demand"
)
UNSERVED_GAP = 1e-6
"""Relative gap to which unserved demand is minimised before the cost is."""
SERVING_ALL_SHARE = 0.7
"""Share of the time limit after which the search for a plan that serves all demand is given up."""
UNPROVEN = (
    "that the unserved demand of this plan is the least was not proven in time (unserved_share_bound is what was "
    "proven), so no bound on its cost is given"
)
"""Note on a plan whose cost was minimised with more unserved demand than may be needed."""


SolveOnce = Callable[[MixedIntegerProgram, SolveOptions, Callback, Floats | None], Answer]
"""Solves a program with one objective: takes options, a callback and a point to start from."""


def solve_mip(
    mip: MixedIntegerProgram,
    options: SolveOptions,
    callback: Callback,
    start: Floats | None = None,
    solve_once: SolveOnce = run_pipeline,
    *,
    interruptible: bool = True,
) -> Answer:
    """Solve a program under its objective.

    With unserved demand minimised first, a plan that serves all demand is sought first: if there is one, the least
    unserved demand is zero, and no other program needs to be solved. The solve is in the units of the program
    (`planner.inputs.units`); progress and answer are in those of the case.

    Parameters
    ----------
    mip : MixedIntegerProgram
    options : SolveOptions
    callback : callable
        Is called with each `SolveProgress`; returns True to stop.
    start : array or None
        A point to start from.
    solve_once : callable
        Solves each program; by default the pipeline with the embedded solver.
    interruptible : bool
        Whether these runs stop, while they are under way, when the callback says so.

    Returns
    -------
    Answer
        Objective and bound are those of the cost. Where the unserved demand is not proven to be the least, the bound is
        -inf: a bound on the cost of plans that serve no more than this one does not bound the cost of better ones.
    """
    if mip.units.own:
        return _solve(mip, options, callback, start, solve_once, interruptible=interruptible)
    units, width = mip.units, mip.arrays.column_count
    cost = cost_exponent(mip.arrays, units)

    def restore(x: Floats | None) -> Floats | None:
        return None if x is None else point_in_units(mip.arrays, x, units)

    def in_case_units(progress: SolveProgress) -> bool:
        objective, bound = times_ten_to(progress.objective, cost), times_ten_to(progress.bound, cost)
        return callback(replace(progress, objective=objective, bound=bound, x=restore(progress.x)))

    down = Units(-units.compute, -units.money)
    begin = None if start is None else point_in_units(mip.arrays, start[:width], down)
    answer = _solve(scaled(mip), options, in_case_units, begin, solve_once, interruptible=interruptible)
    least = answer.unserved_bound
    return replace(
        answer,
        x=restore(answer.x),
        objective=times_ten_to(answer.objective, cost),
        bound=times_ten_to(answer.bound, cost),
        mip=restored(answer.mip, mip),
        unserved_bound=None if least is None else times_ten_to(least, units.compute),
    )


def _solve(
    mip: MixedIntegerProgram,
    options: SolveOptions,
    callback: Callback,
    start: Floats | None,
    solve_once: SolveOnce,
    *,
    interruptible: bool,
) -> Answer:
    """Solve a program in its own units."""
    if not mip.serve_first:
        return solve_once(mip, options, callback, start)
    begin = time.monotonic()

    def left() -> float:
        return options.seconds - (time.monotonic() - begin)

    patience = _Patience(callback, begin + SERVING_ALL_SHARE * options.seconds)
    answer = solve_once(_serving_all(mip), options, patience, start)
    if answer.x is not None:
        return replace(answer, status=Status.TIME_LIMIT if patience.over else answer.status, unserved_bound=0.0)
    gave_up = (answer.status is Status.NO_PLAN or patience.over) and left() > 0.0
    if answer.status is not Status.INFEASIBLE and not gave_up:
        return answer
    least = _find_least(mip, options, left, callback, solve_once, interruptible=interruptible)
    found = least.answer
    if found.x is None:
        return found
    final = _cheapest(mip, least, options.within(left()), callback, solve_once)
    notes = tuple(dict.fromkeys((*answer.notes, *found.notes, *final.notes, *(() if least.proven else (UNPROVEN,)))))
    final = replace(final, notes=notes, unserved_bound=min(least.bound, least.amount))
    if least.proven or final.status is Status.UNBOUNDED:
        return final
    stopped = Status.INTERRUPTED in (found.status, final.status)
    return replace(final, status=Status.INTERRUPTED if stopped else Status.TIME_LIMIT, bound=-INFINITY)


class _Patience:
    """A callback that passes progress on, and stops a run that has no plan by a certain time.

    Attributes
    ----------
    over : bool
        Whether the run was stopped for that.
    """

    def __init__(self, callback: Callback, until: float) -> None:
        self._callback = callback
        self._until = until
        self.over = False

    def __call__(self, progress: SolveProgress) -> bool:
        """Return True to stop: if the user asks for it, or if there is no plan in time."""
        if self._callback(progress):
            return True
        self.over = self.over or (not np.isfinite(progress.objective) and time.monotonic() > self._until)
        return self.over


@dataclass(frozen=True, slots=True)
class _Least:
    """The least unserved demand found.

    Attributes
    ----------
    answer : Answer
        Its objective is the cost of the plan; it has no bound.
    amount, bound : float
        Compute-years that the plan leaves unserved (inf without a plan), and that every plan leaves unserved at least.
    """

    answer: Answer
    amount: float
    bound: float

    @property
    def proven(self) -> bool:
        """Return whether the amount is the least, up to the gap asked for and rounding."""
        allowed = (UNSERVED_GAP + settings.ROUNDING) * self.amount + 1e-9 * max(1.0, self.amount)
        return self.amount - self.bound <= allowed


def _find_least(
    mip: MixedIntegerProgram,
    options: SolveOptions,
    left: Callable[[], float],
    callback: Callback,
    solve_once: SolveOnce,
    *,
    interruptible: bool,
) -> _Least:
    """Minimise unserved demand in half of the time left; if that gives no plan, take the plan without decisions.

    If there is no plan without decisions, the search for a plan, or for the proof that there is none, may take all of
    the time.
    """
    undecided = None
    if math.isfinite(left()):
        undecided = _least_unserved(_without_decisions(mip), options.within(left() / 4), callback, solve_once)
    enough = left() / 2
    all_of_it = interruptible and undecided is not None and undecided.answer.x is None
    limit = left() if all_of_it else enough
    least = _least_unserved(mip, options.within(limit), callback, solve_once, enough_s=enough)
    if least.answer.x is not None or least.answer.status is not Status.NO_PLAN:
        return least
    if undecided is None:
        undecided = _least_unserved(_without_decisions(mip), options, callback, solve_once)
    return least if undecided.answer.x is None else replace(undecided, bound=least.bound)


def _cheapest(
    mip: MixedIntegerProgram, least: _Least, options: SolveOptions, callback: Callback, solve_once: SolveOnce
) -> Answer:
    """Minimise the cost with no more unserved demand than was found; if that gives no plan, keep the one found."""
    found = least.answer
    assert found.x is not None  # the caller has a plan

    def of_cost(progress: SolveProgress) -> bool:
        return callback(progress if least.proven else replace(progress, bound=-INFINITY))

    begun = found.x[: mip.arrays.column_count]
    final = solve_once(_unserved_at_most(mip, least.amount), options, of_cost, begun)
    if final.x is not None or final.status is Status.UNBOUNDED:
        return final
    # The plan with the least unserved demand counts, whatever came of the second objective.
    status = Status.INTERRUPTED if final.status is Status.INTERRUPTED else Status.TIME_LIMIT
    bound = min(final.bound, found.objective) if np.isfinite(final.bound) else -INFINITY
    return replace(found, status=status, bound=bound, notes=final.notes)


def _serving_all(mip: MixedIntegerProgram) -> MixedIntegerProgram:
    """Return the program without unserved demand."""
    upper = mip.arrays.upper.copy()
    upper[mip.unserved] = 0.0
    return mip.with_arrays(mip.arrays.with_bounds(mip.arrays.lower, upper))


def _without_decisions(mip: MixedIntegerProgram) -> MixedIntegerProgram:
    """Return the program with every integer variable fixed at zero, or as near to it as its bounds allow."""
    arrays = mip.arrays
    zero = np.clip(0.0, arrays.lower, arrays.upper)
    lower, upper = np.where(arrays.integer, zero, arrays.lower), np.where(arrays.integer, zero, arrays.upper)
    return mip.with_arrays(arrays.with_bounds(lower, upper))


def _least_unserved(
    mip: MixedIntegerProgram,
    options: SolveOptions,
    callback: Callback,
    solve_once: SolveOnce,
    enough_s: float = INFINITY,
) -> _Least:
    """Minimise unserved compute-years, with a plan only for some seconds; its progress has no cost and no bound."""
    cost = np.zeros(mip.arrays.column_count)
    cost[mip.unserved] = mip.unserved_weight

    begin = time.monotonic()
    asked = enough = False

    def of_stage(progress: SolveProgress) -> bool:
        nonlocal asked, enough
        asked |= callback(SolveProgress("unserved demand", progress.seconds, float("inf"), float("-inf")))
        enough |= math.isfinite(progress.objective) and time.monotonic() - begin >= enough_s
        return asked or enough

    measured = mip.with_arrays(mip.arrays.with_cost(cost))
    answer = solve_once(measured, replace(options, gap=UNSERVED_GAP), of_stage, None)
    if answer.status is Status.INTERRUPTED and enough and not asked:
        answer = replace(answer, status=Status.NO_PLAN if answer.x is None else Status.TIME_LIMIT)
    bound = max(0.0, answer.bound)
    if answer.x is None:
        return _Least(answer, float("inf"), bound)
    amount = float(mip.unserved_weight @ answer.x[mip.unserved])
    true_cost = mip.arrays.objective(answer.x[: mip.arrays.column_count])
    return _Least(replace(answer, objective=true_cost, bound=float("-inf")), amount, bound)


def _unserved_at_most(mip: MixedIntegerProgram, amount: float) -> MixedIntegerProgram:
    """Return the program with unserved compute-years limited to the least found, up to the solver's tolerance."""
    row = NewRow(
        key=Row(LEAST_UNSERVED),
        index=mip.unserved.astype(np.int32),
        value=mip.unserved_weight,
        lower=-INFINITY,
        upper=amount * (1.0 + 1e-9) + 1e-9,
    )
    return mip.with_arrays(mip.arrays.extended([], [row]))
