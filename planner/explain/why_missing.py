"""What a plan with something forced would miss, in whole blocks, where none is found that misses no more than the plan.

The program with something forced is given its relief, and the sum of what is missing, each kind as a share of all that
is asked for, is minimised. A point in which nothing is missing is a plan; a bound above zero proves that there is none.
"""

import time
from dataclasses import dataclass, field, replace

from planner.explain.why_near import Near, of_shares
from planner.explain.why_program import Force, OnSolve, PlanProgram, run_here
from planner.explain.why_shortfall import NOTHING, InTheWay, named_shortfalls
from planner.options import SolveOptions
from planner.solve.arrays import Floats
from planner.solve.mip import MixedIntegerProgram
from planner.solve.records import Answer
from planner.solve.serve import tiers_of
from planner.status import Status
from planner.system import interrupts

GAP = 0.05
"""Of what is missing: it is stated as found, and is not proven to be the least."""
LEAST_S = 0.5
"""Seconds below which no search is begun."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What came of the search for a plan that misses least.

    Attributes
    ----------
    missed : tuple of InTheWay
        What the best point found misses; empty if none was found, or if it misses nothing.
    proven : bool
        Whether it is proven that something must be missing.
    answer : Answer or None
        Of the program in which nothing may be missing, if the search found a plan of it.
    """

    missed: tuple[InTheWay, ...] = ()
    proven: bool = False
    answer: Answer | None = field(default=None, repr=False)


def least_missing(
    program: PlanProgram,
    force: Force,
    hard: MixedIntegerProgram,
    near: Near | None,
    options: SolveOptions,
    on_solve: OnSolve,
) -> Missing:
    """Look for the plan that misses least with something forced; only of plans that miss nothing themselves.

    Parameters
    ----------
    program : PlanProgram
    force : Force
    hard : MixedIntegerProgram
        In which it is forced and nothing may be missing.
    near : Near or None
        The point nearest to the plan, if one was found: the search begins there, and does no worse.
    options : SolveOptions
        With the time of the search.
    on_solve : callable
        Callback invoked with the progress of each solve.
    """
    if not program.misses_nothing:
        return Missing()
    tiers, end = tiers_of(program.whole), time.monotonic() + options.seconds
    mip = of_shares(program.whole, force, tiers)

    def named(x: Floats | None) -> tuple[InTheWay, ...]:
        return () if x is None else tuple(named_shortfalls(program.inputs, tiers, mip.arrays.columns, x))

    nearest = None if near is None else near.x
    if options.seconds <= LEAST_S:
        return Missing(named(nearest))
    found = run_here(program.inputs, mip, replace(options, gap=GAP), on_solve, nearest)
    if interrupts.asked() is not None or found.status is Status.INTERRUPTED:
        return Missing()
    proven = found.status is Status.INFEASIBLE or found.bound > 10.0 * NOTHING
    if found.x is None or found.objective > NOTHING:
        better = near is None or found.objective < near.missing
        return Missing(named(found.x if better else nearest), proven)
    left, start = max(LEAST_S, end - time.monotonic()), found.x[: hard.arrays.column_count]
    return Missing(answer=run_here(program.inputs, hard, options.within(left), on_solve, start))
