"""A plan under uncertainty: what to sign by a date so that the futures together cost least, with bounds and worth."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Unpack

import numpy as np

from planner.api import AnyCase, Case, Plan
from planner.errors import InfeasibleError, NoPlanError
from planner.inputs import make_inputs
from planner.options import SolveKeywords, SolveOptions, chosen_options
from planner.plan.plan import PlanData
from planner.runs import session
from planner.runs.executor import Executor
from planner.runs.task import Shared
from planner.solve.arrays import INFINITY
from planner.solve.settings import ROUNDING
from planner.status import Status
from planner.system import interrupts
from planner.uncertainty.adapting import adapting, remark
from planner.uncertainty.asked import Asked
from planner.uncertainty.clock import Clock, OnRisk
from planner.uncertainty.days import decision_day
from planner.uncertainty.evaluation import Evaluation
from planner.uncertainty.executors import open_executor, refuse_workers
from planner.uncertainty.first_stage import FirstStageOrders
from planner.uncertainty.from_plan import orders_of
from planner.uncertainty.futures import AnyScenarios, Future, chosen_scenarios, futures_of
from planner.uncertainty.known import learnt_tables
from planner.uncertainty.measure import Measure
from planner.uncertainty.mpi import refuse_processes
from planner.uncertainty.policy import Policy
from planner.uncertainty.prices import NAMES, dearer_note, usual_prices
from planner.uncertainty.reasons import nothing_found
from planner.uncertainty.result import RiskResult
from planner.uncertainty.rolling import Rolling, note_of, refuse_dates
from planner.uncertainty.store import Store
from planner.uncertainty.work import Work, is_short


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
    then: Sequence[date] = (),
    learn: Sequence[str] | None = None,
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
    then, learn
        Later decision dates, decided by what is known in time (`Policy`); tables that distinguish futures (None: all).
    workers, scheduler, mpi, options, **keywords
        As of `planner.sweep`; ``gap`` is that of the value over all scenarios. ``mpi``: processes of mpi-sppy, if any.
    keep, on_progress
        Folder that keeps the plan of each future for a later call; is called with a `RiskProgress` after each step.

    Raises
    ------
    CaseError, InfeasibleError, NoPlanError, OptionError
        With every fault of all scenarios; if one has no plan, or no first stage suits all; if a limit came before any
        was tried in all; if an option makes no sense, or what it needs is missing.
    """
    use, base = chosen_options(options, keywords), Case.of(case)
    refuse_workers(workers)
    measure = Measure(cvar, weight)
    asked = Asked.of(chance, regret=regret, weight=weight, hard=hard, prices=prices)
    day, tables = decision_day(decide_by, then, learn) or base.model.horizon.start, learnt_tables(learn, then)
    refuse_dates(base.model.horizon, day, then, asked, measure, hard=hard)
    futures = futures_of(base, chosen_scenarios(scenarios, base, use.seed))
    refuse_processes(mpi, len(futures))
    begun = base, futures, measure, asked, use, Clock(time.monotonic(), on_progress), Store(keep, base, use)
    study, plan = _begun(*begun, day, None if hard else prices or {})
    study.then, study.learn, study.mpi = tuple(then), tables, mpi
    return study.result(plan, 1 if scheduler is None and is_short(plan) else workers, scheduler)


def _begun(
    base: Case,
    futures: Sequence[Future],
    measure: Measure,
    asked: Asked,
    options: SolveOptions,
    clock: Clock,
    store: Store,
    day: date,
    prices: Mapping[str, float] | None,
) -> "tuple[_Study, PlanData]":
    """Solve the case itself, which gives the prices; return the study and the plan."""
    clock.report("the case itself")
    plan = store.plan_of_case(lambda: session.solve_case(base, options).plan)
    own = None if prices is None else usual_prices(plan, prices)
    stage = FirstStageOrders.of(make_inputs(base), day)
    return _Study(base, futures, measure, stage, own, options, clock, store, asked), plan


class _Study(Work):
    """The running of one study."""

    then: tuple[date, ...] = ()
    learn: tuple[str, ...] = ()
    policy: Policy | None = None

    def result(self, plan: PlanData, workers: int, scheduler: str | None) -> RiskResult:
        """Do all of it, and return what is known; an interruption keeps the best."""
        self.begin(plan)
        own = replace(self.options, own_process=False)
        executor = open_executor(Shared(self.base, own), len(self.futures), workers, scheduler)
        alone: Evaluation | None = None
        fixed: Evaluation | None = None
        try:
            alone = self.evaluate(executor, None, "each future by itself")
            if alone.bound == INFINITY:
                raise self.unmet(executor, alone, proven=True)
            fixed = self.evaluate(executor, orders_of(self.stage, plan), "signing as the case itself does")
            self.search(executor, alone)
            if self.best is None:
                self.evaluate(executor, np.zeros(len(self.stage.orders)), "ordering nothing")
            if self.best is None and self.asked.limits:
                error = self.unmet(executor, alone, proven=self.nothing_suits)
                if self.best is None:  # a first stage that meets a limit most often may keep all
                    raise error
            if self.then and self.best is not None:
                self.roll(executor)
        except KeyboardInterrupt:
            self.interrupted = True
        finally:
            executor.close()
        if self.best is None or alone is None:
            raise self._nothing_found()
        return self._found(plan, alone, fixed)

    def roll(self, executor: Executor) -> None:
        """Decide the later dates; where that has no answer, what is decided by the first one stays, with the reason."""
        try:
            self.best, self.policy = Rolling(self, self.then, self.learn, executor).best()
        except (InfeasibleError, NoPlanError) as error:
            self.notes.append(f"the later dates are not decided: {error}")
            return
        note = note_of(self.policy)
        self.notes += [note] if note else []

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
        if self.then and self.interrupted and self.policy is None:
            self.notes.append(
                "interrupted before all later dates were decided: all that is stated is of the first one alone"
            )
        alone = alone.cheaper(best, self.measure, self.chances)
        same = [cost for one, cost in zip(self.futures, alone.costs, strict=True) if one.case.hash == self.base.hash]
        dearer = dearer_note(plan, self.prices, same[0] if same else None, self.options.gap)
        self.notes += [dearer] if dearer else []
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
            alone=alone,
            fixed=fixed,
            _stage=self.stage,
            prices=None if self.prices is None else {name: self.prices.of(name) for name in NAMES},
            notes=(*self.notes, *remark(early, self.stage.day)),
            adapts_early=early,
            chances=self.asked.verdicts([one.name for one in self.futures], self.chances, best),
            seconds=time.monotonic() - clock.begin,
            then=self.then,
            policy=self.policy,
        )
