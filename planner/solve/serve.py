"""Objectives in lexicographic order (least unserved demand, then least cost): one run of the pipeline for each."""

import time
from dataclasses import replace

import numpy as np

from planner.options import SolveOptions
from planner.redundancy.network import Cut
from planner.solve.arrays import INFINITY, Floats
from planner.solve.engines import engine_of
from planner.solve.mip import MixedIntegerProgram
from planner.solve.records import Answer, SolveProgress, TierResult
from planner.solve.relief import CASH, UNSERVED, Tier
from planner.solve.scaling import cost_exponent, point_in_units, restored, scaled
from planner.solve.state import Callback
from planner.solve.tiers import Descent, Least, SolveOnce, with_room
from planner.status import Status
from planner.symbols import Constraint
from planner.units import Units, times_ten_to

LEAST_UNSERVED = Constraint[None](
    "demand_least_unserved", dual="value of one more unit of compute left unserved through a year", family="demand"
)
SERVING_ALL_SHARE = 0.7
"""Share of the time limit after which the search for a plan that serves all demand is given up."""
UNPROVEN = (
    "that the shortfalls of this plan are the least was not proven in time (what was proven is in shortfalls and "
    "unserved_share_bound), so no bound on its cost is given"
)
"""Note on a plan whose cost was minimised with more missing than may be needed."""
UNFINISHED = "shortfalls whose minimisation was not finished: {}"
"""Note that names them."""


def solve_mip(
    mip: MixedIntegerProgram,
    options: SolveOptions,
    callback: Callback,
    start: Floats | None = None,
    solve_once: SolveOnce | None = None,
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
    start : array or None
        A point to start from.
    solve_once : callable or None
        Solves each program; None: the engine that the options name.
    interruptible : bool
        Whether these runs stop, while they are under way, when the callback says so.

    Returns
    -------
    Answer
        Objective and bound are those of the cost. Where the unserved demand is not proven to be the least, the bound is
        -inf: a bound on the cost of plans that serve no more than this one does not bound the cost of better ones.
    """
    solve_once = engine_of(options) if solve_once is None else solve_once
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
        tiers=tuple(_in_case_units(one, units) for one in answer.tiers),
        engines=tuple(one.times_ten_to(cost) for one in answer.engines),
    )


def _in_case_units(one: TierResult, units: Units) -> TierResult:
    power = {CASH: units.money, "programme": 0}.get(one.name, units.compute)
    amount, bound, tolerance = (times_ten_to(value, power) for value in (one.amount, one.bound, one.tolerance))
    return TierResult(one.name, amount, bound, tolerance)


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
    tiers = tiers_of(mip)
    if not tiers:
        return solve_once(mip, options, callback, start)
    begin, mip = time.monotonic(), replace(mip, least=-INFINITY)  # it is known of the cost, not of what is missing

    def left() -> float:
        return options.seconds - (time.monotonic() - begin)

    notes: tuple[str, ...] = ()
    cuts: list[Cut] = []
    if mip.relief is None or not mip.relief.impossible:
        patience = _Patience(callback, begin + SERVING_ALL_SHARE * options.seconds)
        answer = solve_once(serving_all(mip), options, patience, start)
        least = 0.0 if mip.serve_first else None
        if answer.x is not None:
            return replace(answer, status=Status.TIME_LIMIT if patience.over else answer.status, unserved_bound=least)
        if patience.over and answer.status is Status.INTERRUPTED:
            answer = replace(answer, status=Status.NO_PLAN)  # it was the clock that stopped the run, not the user
        gave_up = answer.status is Status.NO_PLAN and left() > 0.0
        if answer.status is not Status.INFEASIBLE and not gave_up:
            return answer
        notes, cuts = answer.notes, answer.mip.cuts_since(mip)
    descent = Descent(mip.relieved(), tiers, options, left, callback, solve_once, interruptible, cuts)
    return _least_and_cheapest(descent, notes)


def tiers_of(mip: MixedIntegerProgram) -> list[Tier]:
    """Return the tiers of a program, in order: those of its relief, with unserved demand after the cash."""
    tiers = [] if mip.relief is None else list(mip.relief.tiers)
    if not mip.serve_first:
        return tiers
    whole = float(mip.unserved_weight @ mip.arrays.upper[mip.unserved])
    unserved = Tier(UNSERVED, mip.unserved, mip.unserved_weight, whole, LEAST_UNSERVED, tolerance_share=0.2)
    place = next((n for n, tier in enumerate(tiers) if tier.name != CASH), len(tiers))
    return [*tiers[:place], unserved, *tiers[place:]]


def _least_and_cheapest(descent: Descent, notes: tuple[str, ...]) -> Answer:
    """Minimise what is missing, tier by tier, and then the cost of missing no more."""
    found, tiers = descent.run()
    if found.x is None:
        return replace(found, notes=tuple(dict.fromkeys((*notes, *found.notes))))
    proven = len(tiers) == len(descent.tiers) and all(least.proven for least in tiers)
    final = _cheapest(descent, found, tiers, proven=proven)
    done = {least.tier.name for least in tiers if least.proven}
    left = ", ".join(tier.name for tier in descent.tiers if tier.name not in done)
    more = () if proven else (UNPROVEN, UNFINISHED.format(left))
    by_name = {least.tier.name: least for least in tiers}
    unserved = by_name.get(UNSERVED)
    final = replace(
        final,
        notes=tuple(dict.fromkeys((*notes, *found.notes, *final.notes, *more))),
        unserved_bound=None if unserved is None else min(unserved.bound, unserved.amount),
        tiers=tuple(least.result for least in tiers),
    )
    if proven or final.status is Status.UNBOUNDED:
        return final
    stopped = Status.INTERRUPTED in (found.status, final.status)
    return replace(final, status=Status.INTERRUPTED if stopped else Status.TIME_LIMIT, bound=-INFINITY)


class _Patience:
    """A callback that passes progress on, and stops a run that has no plan by a certain time.

    Attributes
    ----------
    over : bool
        Whether the run was stopped for that, and not because the user asks for it.
    """

    def __init__(self, callback: Callback, until: float) -> None:
        self._callback = callback
        self._until = until
        self.over = False

    def __call__(self, progress: SolveProgress) -> bool:
        """Return True to stop: if the user asks for it, or if there is no plan in time."""
        if self._callback(progress):
            self.over = False
            return True
        self.over = self.over or (not np.isfinite(progress.objective) and time.monotonic() > self._until)
        return self.over


def _cheapest(descent: Descent, found: Answer, tiers: list[Least], *, proven: bool) -> Answer:
    """Minimise the cost with no more missing than was found; if that gives no plan, keep the one found."""
    assert found.x is not None  # the caller has a plan

    def of_cost(progress: SolveProgress) -> bool:
        return descent.callback(progress if proven else replace(progress, bound=-INFINITY))

    def minimise(slack: float, seconds: float, begun: Floats) -> Answer:
        mip = descent.program(len(descent.tiers), tiers, slack)
        return descent.solve_once(mip, descent.options.within(seconds), of_cost, begun)

    final = with_room(minimise, tiers, descent.left(), descent.begun(found.x))
    if final.x is not None or final.status is Status.UNBOUNDED:
        return final
    # The plan with the least shortfalls counts, whatever came of the last objective.
    status = Status.INTERRUPTED if final.status is Status.INTERRUPTED else Status.TIME_LIMIT
    bound = min(final.bound, found.objective) if np.isfinite(final.bound) else -INFINITY
    return replace(found, status=status, bound=bound, notes=final.notes)


def serving_all(mip: MixedIntegerProgram) -> MixedIntegerProgram:
    """Return the program without unserved demand, where that is minimised first."""
    if not mip.serve_first:
        return mip
    upper = mip.arrays.upper.copy()
    upper[mip.unserved] = 0.0
    return mip.with_arrays(mip.arrays.with_bounds(mip.arrays.lower, upper))
