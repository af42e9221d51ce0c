"""The plan nearest to a plan in which something is forced: as few IT MW of decided blocks as possible are changed.

A program with something forced has few plans where money and promises are tight, and a search for a cheap one may end
without any. The nearest one is found sooner: the plan itself is nearly one, and how far a choice of blocks is from it
says where to look next. Where something may be missing, it is admitted at a price far above any change, so that there
is a point to improve from the beginning, and what the best one misses is known if none is found that misses nothing.
"""

import time
from dataclasses import dataclass, replace

import numpy as np

from planner.explain.linear_cuts import kept_at, relaxation_of, solve_with_cuts
from planner.explain.why_program import LEAST_S, Force, PlanProgram, Stopped, going_on
from planner.explain.why_shortfall import LEAST_SHARE, NOTHING
from planner.inputs import Inputs
from planner.options import SolveOptions
from planner.program.columns import BLOCKS
from planner.redundancy.separate import violated_cuts
from planner.solve.arrays import INFINITY, Arrays, Floats, NewRow
from planner.solve.highs import Engine, EventCallback, SolverEvent, SolverResult
from planner.solve.mip import MixedIntegerProgram
from planner.solve.relief import Tier
from planner.solve.scaling import point_in_units
from planner.solve.serve import tiers_of
from planner.symbols import NUMBER, Column, Constraint, Row, Variable, parts
from planner.system import interrupts

MOVED = Variable[int]("blocks_moved", (NUMBER,), meaning="by how much a decided number of blocks is changed")
MOVED_LEAST = Constraint[int]("blocks_moved_least", (NUMBER,), dual="distance per block", family="forced")
PRICE_OF_MISSING = 1000.0
"""Missing a share of all that is asked for counts as much as changing a thousand times that share of all IT MW."""
PER_CENT = 100.0
GAP = 0.01
"""Of the distance, where something is missing: the search ends with the first plan that misses nothing."""
RUN_SHARE, COMPLETION_S = 0.85, 1.0
"""Share of the time left for a run of the solver, and least seconds to complete its choice of blocks."""
HEURISTIC_EFFORT = 0.3
"""Share of its work that the solver gives to its heuristics."""


@dataclass(frozen=True, slots=True)
class Near:
    """The nearest point that was found.

    Attributes
    ----------
    x : array
        In the units of the case; its first columns are those of the program.
    mip : MixedIntegerProgram
        The program it is a point of.
    missing : float
        The sum of what it misses, each kind as a share of all that is asked for.
    """

    x: Floats
    mip: MixedIntegerProgram
    missing: float


def of_shares(whole: MixedIntegerProgram, force: Force, tiers: list[Tier]) -> MixedIntegerProgram:
    """Return a program with its relief and something forced, whose objective is the sum of the shares missing.

    Parameters
    ----------
    whole : MixedIntegerProgram
        With its relief.
    force : Force
    tiers : list of Tier
    """
    mip = whole.relieved()
    cost = np.zeros(mip.arrays.column_count)
    for tier in tiers:
        cost[tier.columns] = tier.weight / max(tier.whole, LEAST_SHARE)
    arrays = replace(force.hard(mip.arrays).with_cost(cost), offset=0.0)
    return replace(mip.with_arrays(arrays), serve_first=False)


def nearest(program: PlanProgram, force: Force, options: SolveOptions, stopped: Stopped = going_on) -> Near | None:
    """Look for the point nearest to the plan with something forced, that misses nothing if there is one.

    Parameters
    ----------
    program : PlanProgram
    force : Force
    options : SolveOptions
        With the time of the search; only of the embedded solver.
    stopped : callable
        Asked at each look of the solver.

    Returns
    -------
    Near or None
        None if no point was found in time. A plan that misses something itself is compared with points that miss no
        more: those count as missing nothing.
    """
    if not options.embedded:
        return None
    end = time.monotonic() + options.seconds
    if program.misses_nothing:
        mip = of_shares(program.whole, force, tiers_of(program.whole))
    else:
        hard = force.hard(program.mip.arrays)
        mip = program.mip.with_arrays(replace(hard.with_cost(np.zeros(hard.column_count)), offset=0.0))
    return _search(_with_distance(mip, program), mip, options, end, stopped)


def _search(
    mip: MixedIntegerProgram, priced: MixedIntegerProgram, options: SolveOptions, end: float, stopped: Stopped
) -> Near | None:
    """Solve with the cuts that the solutions violate, each time from the last one, until one violates none.

    Of each, the other variables are solved for again with every cut: a choice of blocks may do as it is.
    """
    interrupts.begin()
    relaxed = solve_with_cuts(mip, relaxation_of, end - time.monotonic())
    if relaxed.status != "optimal":
        return None
    grown, width, share = relaxed.mip, priced.arrays.column_count, priced.arrays.cost

    def near(x: Floats) -> Near:
        point = point_in_units(mip.arrays, x[: mip.arrays.column_count], grown.units)[:width]
        return Near(point, priced, float(share @ point))

    def stop(event: SolverEvent) -> bool:
        done = event.x is not None and near(event.x).missing <= NOTHING
        return done or ended()

    def ended() -> bool:
        return interrupts.asked() is not None or stopped()

    best: Near | None = None
    start: Floats | None = None
    while (left := end - time.monotonic()) > LEAST_S and not ended():
        result = _run(grown.arrays, start, replace(options, gap=GAP).within(RUN_SHARE * left), stop)
        if result.x is None:
            break
        start = result.x
        whole = solve_with_cuts(mip, kept_at(start), max(COMPLETION_S, end - time.monotonic()))
        if whole.x is not None and (best is None or near(whole.x).missing < best.missing):
            best = near(whole.x)
        network = grown.network_at(start)
        cuts = [] if network is None else violated_cuts(network, grown.installed_gw(start))
        if not cuts or (best is not None and best.missing <= NOTHING):
            break
        grown = grown.with_cuts(cuts)[0]
    return best


def _run(arrays: Arrays, start: Floats | None, options: SolveOptions, stop: EventCallback) -> SolverResult:
    interrupts.hold()
    engine = Engine(arrays, threads=options.threads, seed=options.seed)
    if start is not None:
        engine.set_start(np.concatenate([start, np.zeros(arrays.column_count - len(start))]))
    return engine.run(
        gap=options.gap, time_limit_s=options.seconds, callback=stop, mip_heuristic_effort=HEURISTIC_EFFORT
    )


def _with_distance(mip: MixedIntegerProgram, program: PlanProgram) -> MixedIntegerProgram:
    """A program that minimises what is missing, at its price, and the share of the plan's IT MW that is changed.

    The distance is in per cent. A number of blocks that the plan does not decide counts itself; the change of one that
    it does is a column of its own.
    """
    arrays, start, inputs = mip.arrays, program.start, program.inputs
    blocks = [j for j, column in enumerate(arrays.columns[: len(start)]) if column.variable == BLOCKS]
    gw = {j: _block_gw(arrays.columns[j], inputs) for j in blocks}
    whole = sum(gw[j] * start[j] for j in blocks) or 1.0
    used, width = [j for j in blocks if start[j] > 0.5], arrays.column_count
    cost = PRICE_OF_MISSING * PER_CENT * arrays.cost
    for j in set(blocks) - set(used):
        cost[j] += PER_CENT * gw[j] / whole
    rows = []
    for number, j in enumerate(used):
        index = np.array([j, width + number], dtype=np.int32)
        rows.append(NewRow(Row(MOVED_LEAST, 2 * number), index, np.array([1.0, 1.0]), start[j], INFINITY))
        rows.append(NewRow(Row(MOVED_LEAST, 2 * number + 1), index, np.array([1.0, -1.0]), -INFINITY, start[j]))
    wide = arrays.extended([Column(MOVED, number) for number in range(len(used))], rows)
    more = np.full(len(used), -1, dtype=np.int64)
    return replace(
        mip,
        arrays=wide.with_cost(np.concatenate([cost, [PER_CENT * gw[j] / whole for j in used]])),
        period=np.concatenate([mip.period, more]),
        group=np.concatenate([mip.group, more]),
    )


def _block_gw(column: Column, inputs: Inputs) -> float:
    """IT GW of a block of a contract."""
    return inputs.block_gw(str(parts(column.key)[0]))
