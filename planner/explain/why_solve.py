"""The program of a plan with something forced in or out, solved: from a plan near to it, or from nothing."""

import time
from dataclasses import dataclass, replace

import numpy as np

from planner.explain.linear_cuts import LinearAnswer
from planner.explain.why_beside import Beside
from planner.explain.why_early import early_part, last_early
from planner.explain.why_near import Near, nearest
from planner.explain.why_program import (
    LEAST_S,
    NOTHING_SHORT,
    Force,
    OnSolve,
    PlanProgram,
    Stopped,
    run_here,
    search_within,
)
from planner.explain.why_shortfall import NOTHING
from planner.explain.why_used import among_used
from planner.options import SolveOptions
from planner.program.columns import BLOCKS
from planner.solve.arrays import Arrays, Floats, kernel
from planner.solve.highs import Engine
from planner.solve.mip import MixedIntegerProgram
from planner.solve.records import Answer, SolveProgress
from planner.status import Status
from planner.system import interrupts

ROOT_SHARE, ROOT_S = 0.1, 5.0
"""Share of the time, and most seconds, for the root node that may show at once that there is no plan."""
USED_SHARE, USED_S = 0.45, 10.0
"""The same of what is left, for the search for a plan among the contracts that are used."""
NEAR_SHARE, NEAR_S = 0.9, 10.0
"""The same of what is left then, for the plan nearest to this one, where none was found so far. A longer time is for
the search that solves the program as the case is solved."""
CHEAPER_SHARE, CHEAPER_S = 0.5, 30.0
"""The same of what is left then, for a cheaper plan around it."""
HARD_SHARE = 0.8
"""Share of what is left for the search that does not start from the plan."""


@dataclass(frozen=True, slots=True)
class Forced:
    """What came of a program with something forced.

    Attributes
    ----------
    answer : Answer
        Its point misses nothing of what is forced, or there is none.
    near : Near or None
        The point nearest to the plan that was found, where it misses more than the plan.
    none_early : bool
        Whether the first half of the horizon by itself has no plan, which proves that there is none.
    """

    answer: Answer
    near: Near | None = None
    none_early: bool = False


def solve_forced(
    program: PlanProgram,
    force: Force,
    relaxed: LinearAnswer,
    options: SolveOptions,
    on_solve: OnSolve,
    spare_s: float = 0.0,
) -> Forced:
    """Solve the program with something forced, from the plan; the answer misses nothing of it, or has no point.

    First a plan among the contracts that are used is looked for, and where none is found, the one nearest to this plan;
    then a cheaper one around it, then without restriction from what was found. Where there is none, or the root node
    says that there cannot be one, the program is solved as if there were no plan, which proves most impossible ones in
    seconds; last, if the plan misses something, from the plan, the one in which the forced amount may be missed.

    Parameters
    ----------
    program : PlanProgram
    force : Force
    relaxed : LinearAnswer
        Of the relaxation in which it is forced.
    options : SolveOptions
    on_solve : callable
        Callback invoked with the progress of each solve.
    spare_s : float
        Seconds more for the proof that there is no plan, where one is under way.
    """
    hard = program.mip.with_arrays(force.hard(program.mip.arrays))
    last = last_early(len(program.inputs.periods))  # what is forced in mostly begins later, and forbids nothing before
    part = None if force.into else early_part(relaxed.mip.arrays, last)
    beside = Beside(hard, relaxed, part, options, options.seconds + spare_s)
    try:
        forced = _solved(program, force, hard, relaxed, options, on_solve, beside)
        if forced.answer.x is None and beside.proves_none() and interrupts.asked() is None:
            return Forced(Answer.without_plan(hard, Status.INFEASIBLE), forced.near, none_early=True)
        return replace(forced, answer=beside.better(forced.answer))
    finally:
        beside.close()


def _solved(
    program: PlanProgram,
    force: Force,
    hard: MixedIntegerProgram,
    relaxed: LinearAnswer,
    options: SolveOptions,
    on_solve: OnSolve,
    beside: Beside,
) -> Forced:
    """Solve it; where the search beside has the first plan, from there."""
    end = time.monotonic() + options.seconds

    def left() -> SolveOptions:
        return options.within(end - time.monotonic())

    def overtaken() -> bool:
        return beside.found or beside.claims_none

    start, near = None, None
    if not _refuted_at_root(relaxed, options):
        seconds = min(USED_SHARE * left().seconds, USED_S)
        start = among_used(program, force, hard, relaxed, options.within(seconds), overtaken)
        if start is None and interrupts.asked() is None and not overtaken():
            near = nearest(program, force, options.within(min(NEAR_SHARE * left().seconds, NEAR_S)), overtaken)
            start = near.x[: hard.arrays.column_count] if near is not None and near.missing <= NOTHING else None
    if interrupts.asked() is not None:
        return Forced(Answer.without_plan(hard, Status.INTERRUPTED))
    if start is None and not overtaken():
        answer = _from_nothing(program, force, hard, left(), on_solve, overtaken)
        if answer is not None:
            return Forced(answer, near)
    if start is None and not beside.found:  # the solver says that there is none
        return Forced(Answer.without_plan(hard, Status.TIME_LIMIT), near)
    start = beside.point() if start is None else start
    assert start is not None  # one of the two searches has a point
    start = _cheaper(force, hard, start, relaxed, left())
    if interrupts.asked() is not None:
        return Forced(Answer.without_plan(hard, Status.INTERRUPTED))
    return Forced(run_here(program.inputs, hard, left(), on_solve, start))


def _refuted_at_root(relaxed: LinearAnswer, options: SolveOptions) -> bool:
    """Whether the solver finds at its root node that there is no plan: a claim, which says what is worth trying."""
    if not options.embedded:
        return False
    interrupts.hold()
    engine = Engine(relaxed.mip.arrays, threads=options.threads, seed=options.seed)
    seconds = min(ROOT_SHARE * options.seconds, ROOT_S)
    found = engine.run(
        gap=options.gap,
        time_limit_s=seconds,
        callback=lambda _event: interrupts.asked() is not None,
        mip_max_nodes=1,
        mip_heuristic_effort=0.0,
    )
    return found.status == "infeasible"


def _cheaper(
    force: Force, hard: MixedIntegerProgram, start: Floats, relaxed: LinearAnswer, options: SolveOptions
) -> Floats:
    """A cheaper point around one, or that one. It is verified where it is used."""
    width = hard.arrays.column_count
    reduced = np.zeros(width) if relaxed.column_dual is None else relaxed.column_dual[:width]
    near = hard.with_arrays(_around(force, hard.arrays, start, reduced))
    found = search_within(near, options, min(CHEAPER_SHARE * options.seconds, CHEAPER_S), start)
    return start if found is None else found[0][:width]


def _around(force: Force, arrays: Arrays, start: Floats, reduced_cost: Floats) -> Arrays:
    """The program with blocks near those of a point and those next cheapest; all else, and what is forced, is free."""
    near = kernel(arrays, start, reduced_cost, more=1.0, width=1.0)
    lower, upper = near.lower.copy(), near.upper.copy()
    free = np.array([column.variable != BLOCKS for column in arrays.columns])
    free[force.amounts.column] = True
    lower[free], upper[free] = arrays.lower[free], arrays.upper[free]
    return arrays.with_bounds(np.minimum(lower, upper), upper)


class _Overtaken(Exception):
    """Another search has found a plan."""


def _from_nothing(
    program: PlanProgram,
    force: Force,
    hard: MixedIntegerProgram,
    options: SolveOptions,
    on_solve: OnSolve,
    overtaken: Stopped,
) -> Answer | None:
    """Solve the program in which it is forced, as the case is solved; what is left of the time, from the plan.

    Where the plan meets everything, what is left is for the search for what would be missing (`least_missing`). None:
    another search has found a plan first.
    """
    end = time.monotonic() + options.seconds

    def show(progress: SolveProgress) -> None:
        if overtaken() and not np.isfinite(progress.objective):
            raise _Overtaken
        on_solve(progress)

    try:
        answer = run_here(program.inputs, hard, options.within(HARD_SHARE * options.seconds), show, None)
    except _Overtaken:
        return None
    left = end - time.monotonic()
    done = answer.x is not None or answer.status in (Status.INFEASIBLE, Status.INTERRUPTED)
    if done or program.misses_nothing or left <= LEAST_S:
        return answer
    soft = force.soft(program.mip, program.start, program.penalty_busd())
    start = np.concatenate([program.start, [force.short(program.start)]])
    second = run_here(program.inputs, soft, options.within(left), on_solve, start)
    bound = max(second.bound, answer.bound)
    if second.x is not None and force.short(second.x) <= NOTHING_SHORT:
        return replace(second, bound=bound)
    return replace(answer, bound=bound)
