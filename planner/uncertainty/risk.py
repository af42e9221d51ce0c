"""A plan under uncertainty: what to sign by a date so that the futures together cost least, with bounds and worth."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Unpack

import numpy as np
import numpy.typing as npt

from planner.api import AnyCase, Case, Plan
from planner.errors import InfeasibleError, NoPlanError, PlannerError
from planner.inputs import Inputs, make_inputs
from planner.options import SolveKeywords, SolveOptions, chosen_options
from planner.plan.plan import PlanData
from planner.program import build_program
from planner.runs import session
from planner.runs.compile import make_mip
from planner.runs.executor import Executor
from planner.runs.outcome import Outcome
from planner.runs.task import Job, Shared
from planner.solve.arrays import INFINITY, Floats
from planner.solve.settings import ROUNDING
from planner.status import Status
from planner.system import interrupts
from planner.uncertainty.adapting import adapting, remark
from planner.uncertainty.asked import Asked
from planner.uncertainty.bounding import Bounded, ScenarioProgram, TwoStageProgram, level_of
from planner.uncertainty.chance_share import largest_shares, unmet
from planner.uncertainty.clock import Clock, OnRisk
from planner.uncertainty.evaluation import Evaluation, known_by
from planner.uncertainty.executors import open_executor, refuse_workers
from planner.uncertainty.first_stage import FirstStageOrders
from planner.uncertainty.from_plan import agreed_orders, orders_of
from planner.uncertainty.futures import AnyScenarios, Future, chosen_scenarios, futures_of, same_cases
from planner.uncertainty.large import LARGE_SHARE, STAGE_SHARE, TOGETHER_COLUMNS, LargeSearch
from planner.uncertainty.links import links_of
from planner.uncertainty.measure import Measure
from planner.uncertainty.meeting import Meeting
from planner.uncertainty.mpi import refuse_processes
from planner.uncertainty.prices import NAMES, Prices, priced, usual_prices
from planner.uncertainty.reasons import nothing_found, refuse
from planner.uncertainty.recourse import Recourse
from planner.uncertainty.result import RiskResult
from planner.uncertainty.starts import Starts
from planner.uncertainty.store import Store
from planner.uncertainty.two_stage import Block, FirstStage

WHOLE_COLUMNS = 15_000
"""Columns of all scenarios up to which their full mixed-integer program is solved, if the gap is still open."""
SHORT_S = 1.0
"""A case that solves in less is solved in this process: starting others takes longer."""


def risk(
    case: AnyCase,
    scenarios: AnyScenarios,
    *,
    decide_by: date | None = None,
    cvar: float = 0.9,
    weight: float = 0.0,
    regret: bool = False,
    chance: Mapping[str, float] | None = None,
    prices: Mapping[str, float] | None = None,
    hard: bool = False,
    workers: int = 2,
    scheduler: str | None = None,
    mpi: int | None = None,
    keep: str | Path | None = None,
    options: SolveOptions | None = None,
    on_progress: OnRisk | None = None,
    **keywords: Unpack[SolveKeywords],
) -> RiskResult:
    """Decide now what must be signed by a date, the same in all scenarios, and let the rest adapt to each.

    Parameters
    ----------
    case, scenarios
        A case, and scenarios: a set, one by one, the name of a scenario file, or how many are drawn (`draw_scenarios`).
    decide_by : date or None
        The decision date: contracts with start less lead on or before it are signed now. None: start of the horizon.
    cvar, weight : float
        What is minimised: ``(1 - weight) x expected cost + weight x CVaR`` at this level.
    regret, chance
        Whether the largest regret is minimised instead; limits in probability: ``{"demand": 0.9}`` (``chance.NAMES``).
    prices, hard
        Prices of shortfalls by name (``prices.NAMES``), in place of the default; whether nothing may be missing.
    workers, scheduler, mpi, options, **keywords
        As of `planner.sweep`; ``gap`` is that of the value over all scenarios. ``mpi``: processes of mpi-sppy, if any.
    keep, on_progress
        Folder that keeps the plan of each future as it ends: a later call with the same question takes it from there.
        What is called with a `RiskProgress` after each step.

    Raises
    ------
    CaseError, InfeasibleError, NoPlanError, OptionError
        With every fault of all scenarios; if one has no plan, or no first stage suits all; if a limit came before any
        was tried in all; if an option makes no sense, or what it needs is missing.
    """
    use = chosen_options(options, keywords)
    chosen = chosen_scenarios(scenarios, base := Case.of(case), use.seed)
    refuse_workers(workers)
    measure = Measure(cvar, weight)
    asked = Asked.of(chance, regret=regret, weight=weight, hard=hard, priced=bool(prices))
    futures = futures_of(base, chosen)
    refuse_processes(mpi, len(futures))
    clock = Clock(time.monotonic(), on_progress)
    clock.report("the case itself")
    store = Store(keep, base, use)
    plan = store.plan_of_case(lambda: session.solve_case(base, use).plan)
    stage = FirstStageOrders.of(make_inputs(base), decide_by or base.model.horizon.start)
    own = None if hard else usual_prices(plan, prices or {})
    work = _Work(base, futures, measure, stage, own, use, clock, store, asked)
    return work.result(plan, workers, scheduler, mpi)


class _Work:
    """The running of one study."""

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
    ) -> None:
        self.base, self.futures, self.measure, self.stage = base, futures, measure, stage
        self.prices, self.options, self.clock, self.store, self.asked = prices, options, clock, store, asked
        self.chances = [one.probability for one in futures]
        self.notes = [note for note in (same_cases(futures),) if note]
        self.tried: dict[tuple[float, ...], Evaluation] = {}
        self.best: Evaluation | None = None
        self.met: list[Meeting] = []
        self.interrupted = self.nothing_suits = False
        self.starts, self.share = Starts(None), STAGE_SHARE
        self.sure = np.ones(len(stage.orders), dtype=bool)

    def result(self, plan: PlanData, workers: int, scheduler: str | None, mpi: int | None) -> RiskResult:
        """Do all of it, and return what is known; an interruption keeps the best."""
        if self.asked.nothing and int(plan.summary["size"]["columns"]) * len(self.futures) > WHOLE_COLUMNS:
            self.share = LARGE_SHARE
        self.starts = Starts(plan if float(plan.summary["solver_seconds"]) > SHORT_S else None)
        own = replace(self.options, own_process=False)
        short = scheduler is None and float(plan.summary["seconds"]["total"]) < SHORT_S
        executor = open_executor(Shared(self.base, own), len(self.futures), 1 if short else workers, scheduler)
        alone: Evaluation | None = None
        fixed: Evaluation | None = None
        try:
            alone = self.evaluate(executor, None, "each future by itself")
            if alone.bound == INFINITY:
                raise self.unmet(executor, alone, proven=True)
            fixed = self.evaluate(executor, orders_of(self.stage, plan), "signing as the case itself does")
            self.search(executor, alone, mpi)
            if self.best is None:
                self.evaluate(executor, np.zeros(len(self.stage.orders)), "ordering nothing")
            if self.best is None and self.asked.limits:
                error = self.unmet(executor, alone, proven=self.nothing_suits)
                if self.best is None:  # a first stage that meets a limit most often may keep all
                    raise error
        except KeyboardInterrupt:
            self.interrupted = True
        finally:
            executor.close()
        if self.best is None or alone is None:
            raise self._nothing_found()
        return self._found(plan, alone, fixed)

    def _nothing_found(self) -> NoPlanError:
        """Why there is no first stage with a plan in every scenario, nor a proof that none has one."""
        name = self.base.name
        if self.interrupted:
            why = f"interrupted{interrupts.named()} before any first stage was tried in every scenario"
            return NoPlanError(f"{name}: {why}", Status.INTERRUPTED)
        return nothing_found(name, [one.name for one in self.futures], [one.reasons for one in self.tried.values()])

    def _found(self, plan: PlanData, alone: Evaluation, fixed: Evaluation | None) -> RiskResult:
        """What is known at the end."""
        best, clock = self.best, self.clock
        assert best is not None  # the caller has one
        gap, early = self.measure.gap(best.value, clock.lower), adapting(self.stage.inputs, self.stage.day)
        status = Status.OPTIMAL if gap <= ROUNDING else Status.GAP_REACHED
        if gap > self.options.gap + ROUNDING:
            status = Status.INTERRUPTED if self.interrupted else Status.TIME_LIMIT
            if not self.interrupted:
                self.notes.append("every bound and candidate that there is was tried, and the gap is still open")
        return RiskResult(
            case=self.base,
            decide_by=self.stage.day,
            measure=self.measure,
            status=status,
            value_busd=best.value,
            bound_busd=min(clock.lower, best.value),
            gap_target=self.options.gap,
            plan=Plan.of(plan),
            futures=tuple(future.names for future in self.futures),
            probabilities=tuple(self.chances),
            here=best,
            alone=alone.cheaper(best, self.measure, self.chances),
            fixed=fixed,
            _stage=self.stage,
            prices=None if self.prices is None else {name: self.prices.of(name) for name in NAMES},
            notes=(*self.notes, *remark(early, self.stage.day)),
            adapts_early=early,
            chances=self.asked.verdicts([one.name for one in self.futures], self.chances, best),
            seconds=time.monotonic() - clock.begin,
        )

    def search(self, executor: Executor, alone: Evaluation, mpi: int | None) -> None:
        """Find bounds and candidates until the gap is reached, or nothing more is to be had."""
        if len(self.futures) == 1:
            only = alone.plans[0]
            assert only is not None  # a future without a plan has ended the study
            self.evaluate(executor, orders_of(self.stage, only), "what its one future signs")
        if self.done:
            return
        self.clock.report("the scenarios next to each other")
        program = self.program(alone)
        if mpi is not None or program.columns > TOGETHER_COLUMNS:
            search = self._large(executor, program, alone)
            search.bundles() if mpi is None else search.by_mpi(mpi)
            return
        if program.columns > WHOLE_COLUMNS:
            self._large(executor, program, alone).together()
        else:
            self.take(program.relaxation())
        for first_only in (True, False):
            if self.done or (not first_only and program.columns > WHOLE_COLUMNS):
                break
            self.clock.report("first stage, with the futures relaxed" if first_only else "all futures together")
            found = program.whole(lambda _progress: None, STAGE_SHARE * self.options.gap, first_only=first_only)
            self.take(found)
            if found.orders is not None:
                self.try_orders(executor, found.orders)
        if not (self.done or self.sure.all()):
            self.try_sure(executor, program)

    def _large(self, executor: Executor, program: TwoStageProgram, alone: Evaluation) -> LargeSearch:
        plans = [plan for plan in alone.plans if plan is not None]
        return LargeSearch(self, executor, program, agreed_orders(self.stage, plans, self.chances))

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

    def try_orders(self, executor: Executor, orders: Floats) -> None:
        """Try a first stage, whole orders rounded, in every scenario."""
        orders = orders[: len(self.stage.orders)]
        self.evaluate(executor, np.where(self.stage.whole, np.round(orders), orders), "candidate")

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
            self.notes.append(f"a bound of {bound:.6g} above the value of plans, {upper:.6g}, was not taken")
            return
        self.clock.lower = max(self.clock.lower, min(bound, upper))

    @property
    def done(self) -> bool:
        """Whether the gap is reached."""
        upper, lower = self.clock.upper, self.clock.lower
        if self.nothing_suits or not (np.isfinite(upper) and np.isfinite(lower)):
            return self.nothing_suits
        return upper - lower <= self.options.gap * self.measure.scale(upper) + 1e-9

    def program(self, alone: Evaluation) -> TwoStageProgram:
        """Return the program over the scenarios: each is declared and compiled once."""
        width = len(self.stage.orders)
        never = np.ones(width, dtype=bool)
        self.sure = np.ones(width, dtype=bool)
        programs = []
        for number, future in enumerate(self.futures):
            interrupts.check()
            self.clock.report("programs of the scenarios", number, len(self.futures))
            inputs = make_inputs(future.case)
            program, there = self._scenario(inputs, number, width)
            programs.append(program)
            never &= np.logical_not(there)
        first = FirstStage.free(np.where(never, 0.0, self.stage.most), self.stage.whole)
        first = self.asked.first_stage(first, self.chances)
        measure = Measure() if self.asked.regret else self.measure  # the regret is a column of the first stage
        return TwoStageProgram(first, programs, measure, self.options, level_of(alone.bounds))

    def _scenario(self, inputs: Inputs, number: int, width: int) -> tuple[ScenarioProgram, npt.NDArray[np.bool_]]:
        compiled = make_mip(build_program(inputs), inputs)
        mip = priced(compiled, inputs, self.prices)
        missing = self.asked.missing(compiled, mip, inputs)
        links = links_of(self.stage, inputs, mip.arrays)
        mip = mip.with_arrays(links.closing(mip.arrays))
        own, first = links.matrices(mip.arrays.column_count, width)
        block = Block(self.chances[number], mip.arrays, own, first, links.lower, links.upper)
        there = np.array([one.period is not None for one in links.taken], dtype=bool)
        self.sure &= np.logical_not(there) | np.array([one.firm for one in links.taken], dtype=bool)
        made = ScenarioProgram(block, None if mip.network is None else mip)
        return self.asked.scenario(made, number, self.chances, self.measure, missing), there

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
            return found
        self.tried[key] = found
        if found.value < self.clock.upper:
            self.best, self.clock.upper = found, found.value
        return found

    def _outcomes(
        self,
        executor: Executor,
        orders: Floats | None,
        what: str,
        met: frozenset[str] = frozenset(),
        places: Sequence[int] | None = None,
        share: float | None = None,
    ) -> list[Outcome]:
        known_orders = None if orders is None else tuple(float(x) for x in orders)
        work = Recourse(self.prices, self.stage.day, known_orders, tuple(sorted(met)))
        futures = self.futures if places is None else [self.futures[s] for s in places]
        gap = self.options.gap * self.asked.stage_share * (self.share if share is None else share)
        options = replace(self.options, own_process=False, gap=gap)
        jobs = {one.name: Job(one.whatif, self.starts.of(one.name), options, work, one.case) for one in futures}
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
