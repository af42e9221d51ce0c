"""What a plan with something forced would miss, in whole blocks, where none is found that misses no more than the plan.

The program with something forced is given its relief, and the sum of what is missing, each kind as a share of all that
is asked for, is minimised. A point in which nothing is missing is a plan; a bound above zero proves that there is none.
Where no other point is known, the search begins with the plan as it is and the thing forced, which a small program
says: what that misses is known in a fraction of a second.

What the best such point costs is a linear program: its blocks are kept, no tier may miss more, and the cost is the
objective. What is missing bears no price in it, as in the program of the case (docs/formulation.md, section 19).
"""

import time
from dataclasses import dataclass, field, replace

import numpy as np

from planner.explain.linear_cuts import kept_at, solve_with_cuts
from planner.explain.why_near import Near, of_shares
from planner.explain.why_program import Force, OnSolve, PlanProgram, run_here, search_within
from planner.explain.why_shortfall import NOTHING, InTheWay, named_shortfalls
from planner.options import SolveOptions
from planner.program.columns import BLOCKS
from planner.solve.arrays import Floats
from planner.solve.mip import MixedIntegerProgram
from planner.solve.records import Answer
from planner.solve.relief import Tier
from planner.solve.serve import tiers_of
from planner.status import Status
from planner.system import interrupts

GAP = 0.05
"""Of what is missing: it is stated as found, and is not proven to be the least."""
LEAST_S = 0.5
"""Seconds below which no search is begun."""
AS_IT_IS_S = 2.0
"""Most seconds for the plan as it is with something forced, also where the time is over."""
COST_S = 1.0
"""Most seconds for the cost of what was found, also where the time is over."""
SLACK = 1e-6
"""Share of what is asked for by which more may be missing where the cost is looked for: rounding."""
NOT_FOUND = "what such a plan would miss is not known: none was found in the time given"
NOT_COMPARED = "what such a plan would miss was not looked for: this plan itself misses something"


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
    note : str
        Why nothing is known to be missing, where that is so.
    share : float or None
        The sum of what it misses, each kind as a share of all that is asked for of it.
    cost_busd : float or None
        What the point with what it misses costs, as a plan of the case would; None where the time did not suffice.
    """

    missed: tuple[InTheWay, ...] = ()
    proven: bool = False
    answer: Answer | None = field(default=None, repr=False)
    note: str = ""
    share: float | None = None
    cost_busd: float | None = None


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
        return Missing(note=NOT_COMPARED)
    tiers, end = tiers_of(program.whole), time.monotonic() + options.seconds
    mip = of_shares(program.whole, force, tiers)

    def of(x: Floats | None, *, proven: bool = False) -> Missing:
        """What a point misses, or that none is known."""
        if x is None:
            return Missing(proven=proven, note=NOT_FOUND)
        x = x[: mip.arrays.column_count]  # those of redundancy cuts may follow
        named = tuple(named_shortfalls(program.inputs, tiers, mip.arrays.columns, x))
        cost_busd = cost_missing(program, force, tiers, x)
        return Missing(named, proven, share=float(mip.arrays.cost @ x), cost_busd=cost_busd)

    near = as_it_is(program, force, mip, options) if near is None else near
    nearest, left = None if near is None else near.x, end - time.monotonic()
    if near is not None and near.missing <= NOTHING:
        return Missing(answer=_plan(program, hard, near.x, options.within(max(LEAST_S, left)), on_solve))
    if left <= LEAST_S:
        return of(nearest)
    found = run_here(program.inputs, mip, replace(options, gap=GAP).within(left), on_solve, nearest)
    if interrupts.asked() is not None or found.status is Status.INTERRUPTED:
        return Missing()
    proven = found.status is Status.INFEASIBLE or found.bound > 10.0 * NOTHING
    if found.x is None or found.objective > NOTHING:
        better = near is None or (found.x is not None and found.objective < near.missing)
        return of(found.x if better else nearest, proven=proven)
    rest = options.within(max(LEAST_S, end - time.monotonic()))
    return Missing(answer=_plan(program, hard, found.x, rest, on_solve))


def _plan(
    program: PlanProgram, hard: MixedIntegerProgram, x: Floats, options: SolveOptions, on_solve: OnSolve
) -> Answer:
    """The answer of the program in which nothing may be missing, from a point that misses nothing."""
    return run_here(program.inputs, hard, options, on_solve, x[: hard.arrays.column_count])


def cost_missing(program: PlanProgram, force: Force, tiers: list[Tier], x: Floats) -> float | None:
    """What a point that misses something costs at least: its integer variables are kept, and it misses no more.

    Parameters
    ----------
    program : PlanProgram
    force : Force
    tiers : list of Tier
    x : array
        In the columns of the program with its relief.

    Returns
    -------
    float or None
        $B; None where the time did not suffice.
    """
    mip = program.whole.relieved()
    hard = force.hard(mip.arrays)
    upper = hard.upper.copy()
    for tier in tiers:
        slack = SLACK * tier.whole / tier.weight
        upper[tier.columns] = np.minimum(upper[tier.columns], x[tier.columns] + slack)
    kept = replace(mip.with_arrays(hard.with_bounds(hard.lower, upper)), serve_first=False)
    solved = solve_with_cuts(kept, kept_at(x), COST_S)
    return solved.bound_busd if solved.status == "optimal" else None


def as_it_is(program: PlanProgram, force: Force, mip: MixedIntegerProgram, options: SolveOptions) -> Near | None:
    """A point with the blocks of the plan but for what is forced; None where there is none.

    Parameters
    ----------
    program : PlanProgram
    force : Force
    mip : MixedIntegerProgram
        In which it is forced, and whose objective is what is missing (`of_shares`).
    options : SolveOptions
        Only of the embedded solver.
    """
    arrays, width = mip.arrays, len(program.start)
    kept = np.array([column.variable == BLOCKS for column in arrays.columns])
    kept[force.amounts.column] = False
    lower, upper = arrays.lower.copy(), arrays.upper.copy()
    lower[:width][kept[:width]] = upper[:width][kept[:width]] = np.round(program.start[kept[:width]])
    part = mip.with_arrays(arrays.with_bounds(lower, upper))
    found = search_within(part, replace(options, gap=GAP), AS_IT_IS_S)
    if found is None:
        return None
    x = found[0][: arrays.column_count]
    return Near(x, mip, float(arrays.cost @ x))
