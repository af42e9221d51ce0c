"""Lower bounds over all scenarios, and candidates for the first stage: programs of several scenarios at once."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy import sparse

from planner.errors import PlannerError
from planner.options import SolveOptions
from planner.redundancy.network import Cut
from planner.runs.dispatch import solve_joined
from planner.solve import settings
from planner.solve.arrays import INFINITY, Arrays, Floats
from planner.solve.highs import Engine, SolverResult
from planner.solve.linear import solve_linear
from planner.solve.mip import Links, MixedIntegerProgram
from planner.solve.pipeline import BOUNDING, run_pipeline
from planner.solve.records import Answer, SolveProgress
from planner.status import Status
from planner.system import interrupts
from planner.uncertainty.measure import Measure
from planner.uncertainty.shares import Shares, shares_of
from planner.uncertainty.two_stage import Block, FirstStage, WrittenOut, written_out
from planner.units import Units

MOST_ROUNDS = 6
"""Rounds in which violated redundancy cuts are added to the relaxation; without the last ones the bound holds too."""
STALLED = 0.02
"""Share of the gap asked for by which a round of cuts must raise the bound for another one to follow."""


@dataclass(slots=True)
class ScenarioProgram:
    """A scenario as a block, and the program that separates its redundancy cuts.

    Attributes
    ----------
    block : Block
    mip : MixedIntegerProgram or None
        Whose arrays are those of the block; None where there is nothing to separate.
    """

    block: Block
    mip: MixedIntegerProgram | None = None

    def cuts(self, x: Floats) -> list[Cut]:
        """Return the redundancy cuts that a point of the scenario violates."""
        return [] if self.mip is None else self.mip.violated_cuts(x)

    def add(self, cuts: list[Cut]) -> None:
        """Add cuts."""
        assert self.mip is not None  # only it gives cuts
        self.mip = self.mip.with_cuts(cuts)[0]
        self.block = self.block.widened(self.mip.arrays)


@dataclass(frozen=True, slots=True)
class Bounded:
    """What a program over scenarios gave.

    Attributes
    ----------
    status : Status
        ``infeasible`` is proven; ``no_plan``: a limit came first.
    bound : float
        No first stage has a lower value; -inf where nothing is proven.
    orders : array or None
        First stage of the best point found, or of the relaxation.
    x : array or None
        The whole point.
    notes : tuple of str
    shares : Shares or None
        Of a relaxation: the prices and weights with which its scenarios, each by itself, have the same bound.
    """

    status: Status
    bound: float
    orders: Floats | None = None
    x: Floats | None = None
    notes: tuple[str, ...] = ()
    shares: Shares | None = field(default=None, repr=False)


@dataclass(slots=True)
class TwoStageProgram:
    """The scenarios of a case with their first stage: relaxations and full programs over any of them.

    Attributes
    ----------
    first : FirstStage
    scenarios : list of ScenarioProgram
        They grow by redundancy cuts.
    measure : Measure
    options : SolveOptions
    level : tuple of float
        Bounds of the value at risk.
    """

    first: FirstStage
    scenarios: list[ScenarioProgram]
    measure: Measure
    options: SolveOptions
    level: tuple[float, float] = (-INFINITY, INFINITY)

    @property
    def columns(self) -> int:
        """Columns of all scenarios together."""
        return sum(one.block.arrays.column_count for one in self.scenarios)

    @property
    def width(self) -> int:
        """Columns that all scenarios share: of the first stage and, with a tail, the value at risk."""
        return self.first.width + (1 if self.measure.has_tail else 0)

    def limit(self, value: float) -> None:
        """Give the columns that all scenarios share the upper bounds that a known value implies.

        Only the largest regret has none in the first stage, and it is the value itself. Of a first stage that is as
        good the expected cost is no less than the least cost of a future, so its CVaR, which is no less than its value
        at risk, is at most the rest of the value over its weight.
        """
        if value < INFINITY:
            open_ended = (self.first.upper == INFINITY) & (self.first.cost > 0.0)
            self.first = replace(self.first, upper=np.where(open_ended, value, self.first.upper))
            low, weight = self.level[0], self.measure.weight
            if self.measure.has_tail and low > -INFINITY:
                self.level = (low, max(low, (value - (1.0 - weight) * low) / weight))

    def part(self, places: Sequence[int], options: SolveOptions) -> "TwoStageProgram":
        """Return the program of some scenarios alone; cuts that it is given later are not given to this one."""
        return replace(self, scenarios=[replace(self.scenarios[s]) for s in places], options=options)

    def exclude(self, orders: Floats) -> None:
        """Exclude a first stage of zeros and ones that was tried: bounds are then those of all others (Ahmed 2013)."""
        first = self.first
        row = np.where(orders > 0.5, -1.0, 1.0)[None, :]
        self.first = replace(
            first,
            matrix=sparse.csr_array(sparse.vstack([first.matrix, sparse.csr_array(row)])),
            row_lower=np.append(first.row_lower, 1.0 - float((orders > 0.5).sum())),
            row_upper=np.append(first.row_upper, INFINITY),
        )

    def together(self, places: Sequence[int] | None = None, multiplier: Floats | None = None) -> WrittenOut:
        """Return some scenarios (all: None) next to each other, with prices of their first stage."""
        chosen = range(len(self.scenarios)) if places is None else places
        blocks = [self.scenarios[s].block for s in chosen]
        return written_out(self.first, blocks, self.measure, multiplier, self.level)

    def relaxation(
        self, places: Sequence[int] | None = None, multiplier: Floats | None = None, rounds: int = MOST_ROUNDS
    ) -> Bounded:
        """Solve the LP relaxation of scenarios together, with cuts added in rounds; the bound is verified."""
        chosen = list(range(len(self.scenarios)) if places is None else places)
        found = Bounded(Status.NO_PLAN, -INFINITY)
        for left in reversed(range(rounds)):
            program = self.together(chosen, multiplier)
            result = solve_relaxation(program.arrays, self.options)
            if result.status == "infeasible":
                return Bounded(Status.INFEASIBLE, INFINITY)
            if result.x is None or result.status != "optimal":
                return replace(found, notes=("the relaxation over the scenarios was not solved",))
            bound, before = max(found.bound, result.bound), found.bound
            shares = shares_of(program, [self.scenarios[s].block for s in chosen], self.measure, multiplier, result)
            found = Bounded(Status.OPTIMAL, bound, result.x[: program.first], result.x, shares=shares)
            stalled = self.options.gap * STALLED * abs(bound) > bound - before
            if not left or stalled or not self._separate(program, chosen, result.x):
                break
        return found

    def whole(
        self,
        on_progress: Callable[[SolveProgress], None],
        gap: float,
        *,
        first_only: bool = False,
        places: Sequence[int] | None = None,
        multiplier: Floats | None = None,
    ) -> Bounded:
        """Solve the mixed-integer program of scenarios together; ``first_only``: with the recourse relaxed.

        The point may violate redundancy cuts that the program does not have yet: it is a candidate, no plan.
        """
        chosen = list(range(len(self.scenarios)) if places is None else places)
        program = self.together(chosen, multiplier)
        arrays = program.first_integer() if first_only else program.arrays
        answer = solve_whole(arrays, replace(self.options, gap=gap), on_progress)
        if answer.x is None:
            bound = INFINITY if answer.status is Status.INFEASIBLE else answer.bound
            return Bounded(answer.status, bound, notes=answer.notes)
        x = answer.x
        return Bounded(answer.status, answer.bound, np.array(x[: program.first]), x, answer.notes)

    def bounded_whole(self, price: Floats, gap: float, start: Floats | None = None) -> Bounded:
        """Bound the mixed-integer program of the scenarios with prices of the first stage; no plan is looked for.

        It is bounded once with the marks of columns that are integer by implication and once without, and the lower
        bound is taken (docs/solving.md).
        """
        arrays = self.together(None, price).arrays
        answers = [bound_whole(one, replace(self.options, gap=gap), start) for one in _with_and_without_marks(arrays)]
        if any(answer.status is Status.INFEASIBLE for answer in answers):
            agreed = all(answer.status is Status.INFEASIBLE for answer in answers)
            return Bounded(Status.INFEASIBLE, INFINITY) if agreed else Bounded(Status.NO_PLAN, -INFINITY)
        notes = tuple(dict.fromkeys(note for answer in answers for note in answer.notes))
        return Bounded(Status.OPTIMAL, min(answer.bound for answer in answers), notes=notes)

    def _separate(self, program: WrittenOut, chosen: Sequence[int], x: Floats) -> bool:
        """Add the cuts that a point violates; return whether there are any."""
        some = False
        for number, s in enumerate(chosen):
            cuts = self.scenarios[s].cuts(program.of_scenario(x, number))
            if cuts:
                self.scenarios[s].add(cuts)
                some = True
        return some


def level_of(bounds: Sequence[float]) -> tuple[float, float]:
    """Return what the value at risk lies between, from bounds of the futures, each by itself.

    A future of which nothing is proven may cost any amount: it leaves the value at risk without a lower limit.

    Examples
    --------
    >>> level_of([10.0, 8.0]), level_of([10.0, -INFINITY])
    ((8.0, inf), (-inf, inf))
    """
    least = min(bounds, default=-INFINITY)
    return (least if least < INFINITY else -INFINITY, INFINITY)


def solve_relaxation(arrays: Arrays, options: SolveOptions) -> SolverResult:
    """Solve the LP relaxation of a program; its bound, or its infeasibility, is verified outside the solver."""
    end = time.monotonic() + options.seconds
    method = "ipm" if arrays.column_count >= settings.INTERIOR_COLUMNS else "simplex"

    def make(program: Arrays) -> Engine:
        return Engine(program, threads=options.threads, seed=options.seed)

    def run(engine: Engine, given: dict[str, Any]) -> SolverResult:
        return engine.run(time_limit_s=max(0.0, end - time.monotonic()), **{"solver": method, **given})

    return solve_linear(arrays, make, run)


def _with_and_without_marks(arrays: Arrays) -> list[Arrays]:
    """Return a program with and, if it has any, without the marks of columns that are integer by implication."""
    if not arrays.implied.any():
        return [arrays]
    return [arrays, replace(arrays, implied=np.zeros(arrays.column_count, dtype=bool))]


def bound_whole(arrays: Arrays, options: SolveOptions, start: Floats | None) -> Answer:
    """Bound a mixed-integer program without redundancy network: the stages that look for plans are left out."""
    factor = cost_factor(arrays)
    with interrupts.held():
        answer = run_pipeline(_program(arrays, factor), options, lambda _progress: False, start, stages=BOUNDING)
    interrupts.check()
    return _in_own_unit(answer, arrays, factor)


def solve_whole(arrays: Arrays, options: SolveOptions, on_progress: Callable[[SolveProgress], None]) -> Answer:
    """Solve a mixed-integer program without redundancy network by the stages of every solve (docs/solving.md)."""
    factor = cost_factor(arrays)
    mip = _program(arrays, factor)

    def in_own_unit(progress: SolveProgress) -> None:
        own = replace(progress, objective=progress.objective / factor, bound=progress.bound / factor)
        on_progress(own)

    try:
        return _in_own_unit(solve_joined(mip, options, in_own_unit), arrays, factor)
    except PlannerError as error:
        return replace(Answer.without_plan(mip, Status.NO_PLAN), notes=(str(error),))


def cost_factor(arrays: Arrays) -> float:
    """Return the power of two by which costs below 1 are multiplied: the largest is then between 1 and 2.

    The solver prunes what is better by less than its tolerance, which is absolute: of costs near 1e-3 a false optimum
    may be left, off by more than any gap that was asked for. By a power of two nothing is rounded.
    """
    largest = float(np.abs(arrays.cost).max(initial=0.0))
    return float(np.ldexp(1.0, 1 - int(np.frexp(largest)[1]))) if 0.0 < largest < 1.0 else 1.0


def _in_own_unit(answer: Answer, arrays: Arrays, factor: float) -> Answer:
    """Return an answer with the costs of its program as they were given."""
    program = answer.mip.with_arrays(answer.mip.arrays.with_cost(answer.mip.arrays.cost / factor, arrays.offset))
    return replace(answer, objective=answer.objective / factor, bound=answer.bound / factor, mip=program)


def _program(arrays: Arrays, factor: float) -> MixedIntegerProgram:
    """A program without redundancy network, and without anything that separation and heuristics know of a case."""
    arrays = arrays.with_cost(arrays.cost * factor, arrays.offset * factor)
    none, places = np.empty(0), np.empty(0, dtype=np.int64)
    unknown = np.full(arrays.column_count, -1, dtype=np.int64)
    return MixedIntegerProgram(
        arrays=arrays,
        network=None,
        installed=np.empty((0, 0), dtype=np.int64),
        coverable={},
        unserved=places,
        unserved_weight=none,
        serve_first=False,
        period=unknown,
        group=unknown,
        links=Links(places, places, none, places),
        units=Units(),
    )
