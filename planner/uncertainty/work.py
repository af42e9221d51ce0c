"""The search for the orders of one decision date over futures: bounds, candidates, what each costs in every future."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from planner.api import Case
from planner.errors import InfeasibleError, PlannerError
from planner.inputs import Inputs, make_inputs
from planner.options import SolveOptions
from planner.plan.plan import PlanData
from planner.program import quickest_program
from planner.runs.compile import make_mip
from planner.runs.executor import Executor
from planner.runs.outcome import Outcome
from planner.runs.task import Job
from planner.solve.arrays import INFINITY, Floats
from planner.solve.mip import MixedIntegerProgram
from planner.status import Status
from planner.system import interrupts
from planner.text import dollars
from planner.uncertainty.asked import Asked
from planner.uncertainty.bounding import Bounded, ScenarioProgram, TwoStageProgram, level_of
from planner.uncertainty.branching import Box, Branching, most_nodes
from planner.uncertainty.chance_share import largest_shares, unmet
from planner.uncertainty.clock import Clock
from planner.uncertainty.evaluation import Evaluation, known_by
from planner.uncertainty.first_stage import FirstStageOrders
from planner.uncertainty.from_plan import agreed_orders, late_parts, orders_of
from planner.uncertainty.futures import Future, same_cases
from planner.uncertainty.large import LARGE_SHARE, STAGE_SHARE, TOGETHER_COLUMNS, LargeSearch
from planner.uncertainty.links import links_of, queue_of
from planner.uncertainty.measure import Measure
from planner.uncertainty.meeting import Meeting
from planner.uncertainty.policy import FutureGroup
from planner.uncertainty.prices import Prices, priced
from planner.uncertainty.reasons import refuse
from planner.uncertainty.recourse import Recourse
from planner.uncertainty.starts import Starts
from planner.uncertainty.store import Store
from planner.uncertainty.two_stage import Block, FirstStage

WHOLE_COLUMNS = 15_000
"""Columns of all scenarios up to which their full mixed-integer program is solved, if the gap is still open."""
SHORT_S = 1.0
"""A case that solves in less is solved in this process: starting others takes longer."""
Made = tuple[Inputs, MixedIntegerProgram, dict[str, Any]]
"""Of a future: its inputs, its program, and the columns that say what is missing, by limit."""


class Work:
    """The search for the orders of one decision date that cost least over some futures.

    Parameters
    ----------
    base : Case
    futures : sequence of Future
    measure : Measure
    stage : FirstStageOrders
    prices : Prices or None
    options : SolveOptions
    clock : Clock
    store : Store
    asked : Asked
    before : FutureGroup or None
        The group of the decision date before this one that holds the futures: what it ordered stays; None: this date is
        the first.
    """

    def __init__(
        self,
        base: Case,
        futures: Sequence[Future],
        measure: Measure,
        stage: FirstStageOrders,
        prices: Prices | None,
        options: SolveOptions,
        clock: Clock,
        store: Store,
        asked: Asked,
        before: FutureGroup | None = None,
    ) -> None:
        self.before = before
        none = np.full(len(stage.orders), np.nan)
        self.known = none if before is None else stage.taking_over(before.stage, before.orders)
        self.base, self.futures, self.measure, self.stage = base, futures, measure, stage
        self.prices, self.options, self.clock, self.store, self.asked = prices, options, clock, store, asked
        self.chances = [one.probability for one in futures]
        self.notes = [note for note in (same_cases(futures),) if note]
        self.tried: dict[tuple[float, ...], Evaluation] = {}
        self.best: Evaluation | None = None
        self.met: list[Meeting] = []
        self.interrupted = self.nothing_suits = False
        self.mpi: int | None = None
        self.starts, self.share = Starts(None), STAGE_SHARE
        self.sure = np.ones(len(stage.orders), dtype=bool)
        self.least: dict[str, float] = {}
        self.columns = 0
        self._made: dict[int, Made] = {}  # of boxes of orders only, whose programs are small

    def begin(self, plan: PlanData) -> None:
        """Take what the plan of the case says of how long the futures will take."""
        self.columns = int(plan.summary["size"]["columns"]) * len(self.futures)
        if self.asked.nothing and self.columns > WHOLE_COLUMNS:
            self.share = LARGE_SHARE
        self.starts = Starts(plan if float(plan.summary["solver_seconds"]) > SHORT_S else None)

    def search(self, executor: Executor, alone: Evaluation) -> None:
        """Find bounds and candidates until the gap is reached, or nothing more is to be had."""
        if len(self.futures) == 1:
            only = alone.plans[0]
            assert only is not None  # a future without a plan has ended the study
            self.evaluate(executor, self.ordered_in(only), "what its one future signs")
        if self.done:
            return
        self.clock.report("the scenarios next to each other")
        program = self.program(alone)
        if self.mpi is not None or program.columns > TOGETHER_COLUMNS:
            search = self._large(executor, program, alone)
            search.bundles() if self.mpi is None else search.by_mpi(self.mpi)
            if program.columns > TOGETHER_COLUMNS:
                return
        elif program.columns > WHOLE_COLUMNS:
            self._large(executor, program, alone).together()
        else:
            self.take(program.relaxation())
        self._together(executor, program, alone)

    def _together(self, executor: Executor, program: TwoStageProgram, alone: Evaluation) -> None:
        """Solve the scenarios in one program: with whole orders and, of a small one, with everything whole."""
        width = len(self.stage.orders)
        root = Box(program.first.lower[:width], program.first.upper[:width])
        for first_only in (True, False):
            if self.done or (not first_only and program.columns > WHOLE_COLUMNS):
                break
            what = "first stage, with the futures relaxed" if first_only else "all futures together"
            self.clock.report(what)
            found = program.whole(lambda _progress: None, STAGE_SHARE * self.options.gap, first_only=first_only)
            self.take(found)
            if found.orders is not None:
                self.try_orders(executor, found.orders)
        if not (self.done or self.sure.all()):
            self.try_sure(executor, program)
        if not self.done and program.columns <= WHOLE_COLUMNS:
            of_orders = self.stage.whole, queue_of(self.stage)
            most, gap = most_nodes(program.columns), STAGE_SHARE * self.options.gap
            Branching(self, executor, alone, *of_orders, gap, most).run(root, self.clock.lower)

    def _large(self, executor: Executor, program: TwoStageProgram, alone: Evaluation) -> LargeSearch:
        ordered = [self.ordered_in(plan) for plan in alone.plans if plan is not None]
        return LargeSearch(self, executor, program, agreed_orders(ordered, self.chances))

    def ordered_in(self, plan: PlanData) -> Floats:
        """Return what a plan orders by the date, with what was ordered before as it was."""
        late = None if self.before is None else late_parts(self.before.solved_by, plan)
        return self.with_known(orders_of(self.stage, plan, late))

    def with_known(self, orders: Floats) -> Floats:
        """Return orders with what was ordered before in its places."""
        return np.where(np.isnan(self.known), orders, self.known)

    def try_sure(self, executor: Executor, program: TwoStageProgram) -> None:
        """Try the best of the orders that are there, or lapse, whatever else is ordered: a candidate, no bound."""
        self.clock.report("orders whose delivery depends on no others")
        upper = program.first.upper.copy()
        upper[: len(self.sure)][~self.sure] = 0.0
        program.first = replace(program.first, upper=upper)
        first_only = program.columns > WHOLE_COLUMNS
        found = program.whole(lambda _progress: None, STAGE_SHARE * self.options.gap, first_only=first_only)
        if found.orders is not None:
            self.try_orders(executor, found.orders)

    def solve_closer(self, executor: Executor, places: Sequence[int], share: float) -> None:
        """Solve futures with the best first stage to a share of the gap asked for, and keep what costs no more."""
        best = self.best
        if best is None or not self.asked.nothing:
            return
        fresh = self._outcomes(executor, best.orders, "closer plans of the futures", places=places, share=share)
        known = [Outcome.of_plan(plan) for plan in best.plans if plan is not None]
        found = best.closer(dict(zip(places, fresh, strict=True)), known, self.measure, self.chances)
        self.tried[known_by(best.orders)] = self.best = found
        self.clock.upper = min(self.clock.upper, found.value)

    def try_orders(self, executor: Executor, orders: Floats) -> Evaluation:
        """Try a first stage, whole orders rounded, in every scenario."""
        orders = orders[: len(self.stage.orders)]
        orders = np.where(self.stage.whole, np.round(orders), orders)
        return self.evaluate(executor, self.with_known(orders), "candidate")

    def take(self, found: Bounded) -> None:
        """Take a bound over all scenarios."""
        self.notes += [note for note in found.notes if note not in self.notes]
        if found.status is Status.INFEASIBLE:
            if self.best is not None:
                self.notes.append("the solver calls the scenarios together infeasible, which the plans refute")
                return
            if self.asked.limits:
                self.nothing_suits = True
                return
            missing = " with nothing missing" if self.prices is None else ""
            raise InfeasibleError(f"{self.base.name}: proven: no first stage suits every scenario{missing}")
        self.raise_bound(found.bound)

    def unmet(self, executor: Executor, alone: Evaluation, *, proven: bool) -> PlannerError:
        """Return the error for limits in probability that no first stage keeps, with the largest shares."""
        program = self.program(alone)
        columns = self.asked.columns(self.chances, len(self.stage.orders))
        small = program.columns <= WHOLE_COLUMNS
        shares = largest_shares(program, columns, self.met, lambda x: self.try_orders(executor, x), whole=small)
        return unmet(self.base.name, shares, proven=proven)

    def raise_bound(self, bound: float) -> None:
        """Take a lower bound; one above a value that plans attain is the solver's error."""
        upper = self.clock.upper
        if bound > upper + 1e-6 * self.measure.scale(upper):
            more = f"{bound - upper:.2g} $B above the value of plans"
            self.notes.append(f"a bound of {dollars(bound)}, {more}, was not taken")
            return
        self.clock.lower = max(self.clock.lower, min(bound, upper))

    @property
    def done(self) -> bool:
        """Whether the gap is reached."""
        upper, lower = self.clock.upper, self.clock.lower
        if self.nothing_suits or not (np.isfinite(upper) and np.isfinite(lower)):
            return self.nothing_suits
        return upper - lower <= self.options.gap * self.measure.scale(upper) + 1e-9

    def program(self, alone: Evaluation, box: Box | None = None) -> TwoStageProgram:
        """Return the program over the scenarios, or one of first stages in a box; sets which orders depend on no other.

        Each is declared and compiled, the links of a box are its own.
        """
        width = len(self.stage.orders)
        most = self.stage.most if box is None else box.upper
        never = np.ones(width, dtype=bool)
        self.sure = np.ones(width, dtype=bool)
        programs = []
        for number, future in enumerate(self.futures):
            interrupts.check()
            if box is None:
                self.clock.report("programs of the scenarios", number, len(self.futures))
            made = self._made.get(number) or self._priced(future)
            if box is not None:
                self._made[number] = made
            program, there = self._scenario(made, number, width, None if box is None else (box.lower, box.upper))
            programs.append(program)
            never &= np.logical_not(there)
        self.sure |= np.logical_not(np.isnan(self.known))
        first = FirstStage.free(self.with_known(np.where(never, 0.0, most)), self.stage.whole)
        first = replace(first, lower=self.with_known(first.lower if box is None else box.lower))
        first = self.asked.first_stage(first, self.chances)
        measure = Measure() if self.asked.regret else self.measure  # the regret is a column of the first stage
        return TwoStageProgram(first, programs, measure, self.options, level_of(alone.bounds))

    def _priced(self, future: Future) -> Made:
        """Return the program of a future with prices of what is missing, and the columns of that by limit."""
        inputs = make_inputs(future.case)
        compiled = make_mip(quickest_program(inputs), inputs)
        mip = priced(compiled, inputs, self.prices)
        return inputs, mip, self.asked.missing(compiled, mip, inputs)

    def _scenario(
        self, made: Made, number: int, width: int, box: tuple[Floats, Floats] | None
    ) -> tuple[ScenarioProgram, npt.NDArray[np.bool_]]:
        inputs, mip, missing = made
        links = links_of(self.stage, inputs, mip.arrays, self.known, box)
        mip = mip.with_arrays(links.closing(mip.arrays))
        own, first = links.matrices(mip.arrays.column_count, width)
        block = Block(self.chances[number], mip.arrays, own, first, links.lower, links.upper)
        there = np.array([one.period is not None for one in links.taken], dtype=bool)
        self.sure &= np.logical_not(there) | np.array([one.firm for one in links.taken], dtype=bool)
        program = ScenarioProgram(block, None if mip.network is None else mip)
        return self.asked.scenario(program, number, self.chances, self.measure, missing), there

    def evaluate(self, executor: Executor, orders: Floats | None, what: str) -> Evaluation:
        """Solve every scenario with a first stage (None: by itself), and take what it proves."""
        key = known_by(orders)
        if orders is not None and key in self.tried:
            return self.tried[key]
        self.clock.report(what, 0, len(self.futures))
        outcomes = self._outcomes(executor, orders, what)
        if orders is None:
            refuse(outcomes)
            self.measure = self.asked.measured(outcomes, self.measure)

        def hold(met: frozenset[str], places: Sequence[int]) -> dict[int, Outcome]:
            held = ", ".join(sorted(met))
            return dict(zip(places, self._outcomes(executor, orders, f"{what}, {held} met", met, places), strict=True))

        found = self.asked.evaluated(orders, outcomes, self.measure, self.chances, hold, self.met)
        if orders is None:
            if found.bound < INFINITY:
                self.raise_bound(found.bound)
            self.take_least([bound for _, bound in found.apart])
            return found
        self.tried[key] = found
        if found.value < self.clock.upper:
            self.best, self.clock.upper = found, found.value
        return found

    def take_least(self, bounds: Sequence[float]) -> None:
        """Take what each future is proven to cost at least, whatever is ordered: with known orders it costs no less."""
        self.least = {one.name: bound for one, bound in zip(self.futures, bounds, strict=True) if bound < INFINITY}

    def _outcomes(
        self,
        executor: Executor,
        orders: Floats | None,
        what: str,
        met: frozenset[str] = frozenset(),
        places: Sequence[int] | None = None,
        share: float | None = None,
    ) -> list[Outcome]:
        futures = self.futures if places is None else [self.futures[s] for s in places]
        known_orders = None if orders is None else tuple(float(x) for x in orders)
        certified = orders is not None or self.store.keeps  # of futures by themselves only the orders are read
        work = Recourse(
            self.prices, self.stage.day, known_orders, tuple(sorted(met)), self.stage.earlier, certified=certified
        )
        works = {one.name: replace(work, least=self.least.get(one.name, -INFINITY)) for one in futures}
        gap = self.options.gap * self.asked.stage_share * (self.share if share is None else share)
        options = replace(self.options, own_process=False, gap=gap)
        jobs = {
            one.name: Job(one.whatif, self.starts.of(one.name), options, works[one.name], one.case) for one in futures
        }
        known = {name: self.store.find(job, work) for name, job in jobs.items()}
        found: dict[str, Outcome] = {name: outcome for name, outcome in known.items() if outcome is not None}
        for name, job in jobs.items():
            if name not in found:
                executor.submit(job)
        for outcome in executor.completed():
            found[outcome.name] = outcome
            self.store.keep(jobs[outcome.name], work, outcome)
            self.clock.report(what, len(found), len(futures))
            if outcome.status is Status.INTERRUPTED:
                raise KeyboardInterrupt
        self.starts.take(found)
        return [found[future.name] for future in futures]


def is_short(plan: PlanData) -> bool:
    """Whether solving a case, by its plan, takes less than starting a process."""
    return float(plan.summary["seconds"]["total"]) < SHORT_S
