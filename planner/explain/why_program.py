"""The program of a plan with something forced in or out, solved from the plan.

The demand for the forced thing is given a column by which it may be missed, at a price above any difference that is
looked for. The plan itself is then a point to start from, and the search around it is the usual one; what the column
costs leaves every bound valid.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from planner.api import Case
from planner.explain.why_target import Amounts, Target, amounts_of
from planner.inputs import Inputs
from planner.options import SolveOptions
from planner.plan.plan import PlanData
from planner.program import quickest_program
from planner.program.terms import Program
from planner.redundancy.separate import violated_cuts
from planner.runs.compile import make_mip
from planner.runs.dispatch import dispatch
from planner.runs.start import start_values
from planner.solve.arrays import INFINITY, Arrays, Floats, NewRow
from planner.solve.highs import Engine, SolverEvent
from planner.solve.mip import MixedIntegerProgram
from planner.solve.records import Answer, SolveProgress
from planner.solve.scaling import point_in_units, restored, scaled
from planner.solve.serve import serving_all, tiers_of
from planner.symbols import Column, Constraint, Row, Variable
from planner.system import interrupts

FORCED_SHORT = Variable[None]("forced_short", meaning="by how much what is forced is missed")
FORCED = Constraint[None]("forced_amount", dual="cost of one more of what is forced", family="forced")
NOTHING_SHORT = 1e-6
"""What is missed of a forced amount below this is rounding."""
LEAST_PENALTY_BUSD = 1.0
SLACK = 1.0 + 1e-9
"""What a plan misses may be missed again, up to the solver's tolerance."""
LEAST_S = 0.2
"""Seconds below which no further solve is begun."""
OnSolve = Callable[[SolveProgress], None]
Stopped = Callable[[], bool]
"""Returns True once a search is to end, such as because another one has found what it looks for."""


def going_on() -> bool:
    """Never end a search."""
    return False


@dataclass(frozen=True, slots=True)
class PlanProgram:
    """The program of a plan: what may be missing in it is what the plan misses, and no more.

    Attributes
    ----------
    plan : PlanData
    inputs : Inputs
    model : Program
        As declared.
    whole : MixedIntegerProgram
        The program of the case as it is.
    mip : MixedIntegerProgram
        The same, in which no more is missing than in the plan.
    start : array
        The integer variables of the plan, in the columns of ``mip``.
    """

    plan: PlanData
    inputs: Inputs
    model: Program = field(repr=False)
    whole: MixedIntegerProgram = field(repr=False)
    mip: MixedIntegerProgram = field(repr=False)
    start: Floats = field(repr=False)

    @property
    def cost_busd(self) -> float:
        """Cost of the plan."""
        return self.plan.cost_busd

    @property
    def misses_nothing(self) -> bool:
        """Whether the plan meets everything in a case in which something might be missing."""
        missed = any(float(one["amount"]) > 0.0 for one in self.plan.summary.get("shortfalls") or [])
        return bool(tiers_of(self.whole)) and not missed and float(self.plan.summary["unserved_share"]) <= 0.0

    @property
    def bound_busd(self) -> float:
        """What no plan of the case can cost less than; -infinity where nothing is proven."""
        bound = self.plan.bound_busd
        return -INFINITY if bound is None else bound

    def penalty_busd(self) -> float:
        """What missing all of a forced amount costs: as much as everything the plan pays."""
        spent = sum(float(self.plan.summary[f"spend_{role}_busd"]) for role in ("primary", "backup"))
        return max(abs(self.cost_busd), abs(spent), LEAST_PENALTY_BUSD)


def program_of(plan: PlanData) -> PlanProgram:
    """Declare and compile the program of a plan's case, with what the plan misses as the most that may be missing.

    Raises
    ------
    PlanError
        If the tables of the plan do not fit its case.
    """
    inputs, values = Case.of(plan.case).inputs, start_values(plan)
    model = quickest_program(inputs)
    whole = make_mip(model, inputs)
    mip = _as_missing(whole, plan)
    start = np.array(values.point(mip.arrays.columns))
    return PlanProgram(plan, inputs, model, whole, mip, start)


def _as_missing(mip: MixedIntegerProgram, plan: PlanData) -> MixedIntegerProgram:
    """The program of plans that miss no more than this one: nothing where it misses nothing."""
    missed = {str(one["tier"]): float(one["amount"]) for one in plan.summary.get("shortfalls") or []}
    short = any(amount > 0.0 for amount in missed.values()) or float(plan.summary["unserved_share"]) > 0.0
    if not (short and tiers_of(mip)):
        return replace(serving_all(mip), relief=None, serve_first=False)
    relieved, rows = mip.relieved(), []
    for tier in tiers_of(mip):
        amount = missed.get(tier.name, 0.0) / (1000.0 if tier.name == "programme" else 1.0)
        most = amount * SLACK + 1e-9
        rows.append(NewRow(Row(tier.row), tier.columns.astype(np.int32), tier.weight, -INFINITY, most))
    return replace(relieved.with_rows(rows), serve_first=False)


@dataclass(frozen=True, slots=True)
class Force:
    """A target forced in (at least so much of it) or out (nothing of it).

    Attributes
    ----------
    target : Target
    amounts : Amounts
    into : bool
        Whether it is forced in.
    """

    target: Target
    amounts: Amounts
    into: bool

    @classmethod
    def of(cls, target: Target, program: PlanProgram, *, into: bool) -> "Force":
        """What forcing a target means in the program of a plan."""
        return cls(target, amounts_of(target, program.inputs, program.mip.arrays), into)

    @property
    def declines(self) -> bool:
        """Whether its columns say what is not done: a programme is declined, or not."""
        return self.target.kind == "programme"

    @property
    def needs(self) -> bool:
        """Whether the forced sum is to be reached, not to vanish."""
        return self.into != self.declines

    def never(self, arrays: Arrays) -> bool:
        """Whether nothing of it can be decided in any plan, though it is to be forced in."""
        return self.needs and not (arrays.upper[self.amounts.column] > 0.0).any()

    def hard(self, arrays: Arrays) -> Arrays:
        """The program in which it is forced."""
        if self.needs:
            return arrays.extended([], [self._row(())])
        upper, columns = arrays.upper.copy(), self.amounts.column
        upper[columns] = arrays.lower[columns]
        return arrays.with_bounds(arrays.lower, upper)

    def soft(self, mip: MixedIntegerProgram, start: Floats, penalty_busd: float) -> MixedIntegerProgram:
        """The program in which it may be missed, at a penalty for all of it; the start then meets every row."""
        arrays, place = mip.arrays, mip.arrays.column_count
        whole = self.amounts.least if self.needs else max(self.amounts.of(start), self.amounts.least)
        wide = arrays.extended([Column(FORCED_SHORT)], [])
        wide = wide.extended([], [self._row((place,))])
        cost, upper = wide.cost.copy(), wide.upper.copy()
        cost[place], upper[place] = penalty_busd / whole, whole
        more = np.full(1, -1, dtype=np.int64)
        return replace(
            mip,
            arrays=replace(wide, cost=cost, upper=upper),
            period=np.concatenate([mip.period, more]),
            group=np.concatenate([mip.group, more]),
        )

    def short(self, x: Floats) -> float:
        """By how much a point misses what is forced."""
        amount = self.amounts.of(x)
        return max(0.0, self.amounts.least - amount) if self.needs else max(0.0, amount)

    def _row(self, slack: tuple[int, ...]) -> NewRow:
        index = np.concatenate([self.amounts.column, slack]).astype(np.int32)
        if self.needs:
            value = np.concatenate([self.amounts.weight, np.ones(len(slack))])
            return NewRow(Row(FORCED), index, value, self.amounts.least, INFINITY)
        value = np.concatenate([self.amounts.weight, -np.ones(len(slack))])
        return NewRow(Row(FORCED), index, value, -INFINITY, 0.0)


def search_within(
    mip: MixedIntegerProgram,
    options: SolveOptions,
    seconds: float,
    start: Floats | None = None,
    *,
    first: bool = False,
    stopped: Stopped = going_on,
) -> tuple[Floats, MixedIntegerProgram] | None:
    """Look for a good point of a restricted program with the embedded solver alone, and the program with its cuts.

    Parameters
    ----------
    mip : MixedIntegerProgram
        In the units of the case.
    options : SolveOptions
    seconds : float
        Wall time.
    start : array or None
        Integer variables of a point of it, from which the solver starts.
    first : bool
        Whether the first point will do: each run of the solver ends with it.
    stopped : callable
        Asked at each look of the solver.
    """
    if not options.embedded:
        return None

    def stop(event: SolverEvent) -> bool:
        return interrupts.asked() is not None or stopped() or (first and event.x is not None)

    end, grown = time.monotonic() + seconds, scaled(mip)
    interrupts.begin()
    while (left := end - time.monotonic()) > LEAST_S and not stopped():
        interrupts.hold()
        engine = Engine(grown.arrays, threads=options.threads, seed=options.seed)
        if start is not None:
            more = np.zeros(grown.arrays.column_count - len(start))
            engine.set_start(np.concatenate([start, more]))
        result = engine.run(gap=options.gap, time_limit_s=left, callback=stop)
        x = result.x
        if x is None:
            return None
        network = grown.network_at(x)
        cuts = [] if network is None else violated_cuts(network, grown.installed_gw(x))
        if not cuts:
            whole = grown if mip.units.own else restored(grown, mip)
            return point_in_units(mip.arrays, x, mip.units), whole
        grown = grown.with_cuts(cuts)[0]
    return None


def run_here(
    inputs: Inputs, mip: MixedIntegerProgram, options: SolveOptions, on_solve: OnSolve, start: Floats | None
) -> Answer:
    """Solve a program where the case would be solved."""
    interrupts.begin()
    place = dispatch(options, inputs)
    try:
        return place.solve(mip, options, on_solve, start)
    finally:
        place.close()
