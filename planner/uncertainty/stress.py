"""A fixed plan in futures that it was not made for: contracts, chips and power stay; what serves whom adapts."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import pandas as pd

from planner.api import Case
from planner.audit import audit
from planner.errors import AuditError
from planner.figures.notebook import html_of
from planner.inputs import Inputs, make_inputs
from planner.log import LOG
from planner.options import SolveKeywords, SolveOptions, chosen_options
from planner.plan.plan import PlanData
from planner.runs.outcome import Outcome
from planner.runs.task import Job, Shared
from planner.solve.arrays import INFINITY, Floats
from planner.status import Status
from planner.text import count, percent
from planner.uncertainty.executors import open_executor, refuse_workers
from planner.uncertainty.findings import Findings
from planner.uncertainty.findings_rows import STRESS
from planner.uncertainty.first_stage import FirstStageOrders
from planner.uncertainty.from_plan import orders_of
from planner.uncertainty.futures import AnyScenarios, Future, chosen_scenarios, futures_of, same_cases
from planner.uncertainty.measure import Measure, mean, quantile
from planner.uncertainty.measure import cvar as cvar_of
from planner.uncertainty.outages import outages_of, refuse_day, reported_periods
from planner.uncertainty.paths import years_of
from planner.uncertainty.plotted import RiskPlots, picture_of_costs
from planner.uncertainty.prices import Prices, price_of_shortfalls, refuse_prices, usual_prices
from planner.uncertainty.protected import protection_of, protection_rows, protection_summary
from planner.uncertainty.recourse import Recourse
from planner.uncertainty.replay import Replay, Replayed
from planner.uncertainty.replayed import CVAR_LEVEL, kept_of, refuse_until
from planner.uncertainty.result import RiskProgress, RiskResult

COLUMNS: dict[str, str] = {
    "future": "name of the scenario; of several that are the same case, the first",
    "probability": "of all of these",
    "scenarios": "how many of the scenarios are this case",
    "status": "how its solve ended (`planner.status.Status`)",
    "cost_busd": "cost of the plan in this future, with what is missing at its price, present value; empty without one",
    "missing_busd": "part of it that is the price of what is missing",
    "unserved_share": "share of demand not served",
    "missing": "tiers of shortfalls in which something is missing",
    "late": "contracts, chips and on-site power that start later than in the plan",
    "lapsed": "those that never start",
    "reason": "why the plan cannot be kept in this future; empty where it can",
}
"""Columns of `Stress.table`."""
NOT_TRIED = Outcome(Status.INTERRUPTED, reason="interrupted before it was tried")
"""What came of a future that a signal left untried."""


@dataclass(frozen=True, slots=True, repr=False)
class Stress:
    """A plan in many futures.

    Attributes
    ----------
    plan : PlanData
    committed_until : date
        What was ordered on or before this day is kept.
    rows : tuple of dict
        One for each future (``planner.uncertainty.stress.COLUMNS``).
    interrupted : bool
        Whether a signal came before all futures were tried. Those that were not have the status ``interrupted``, and
        nothing is stated over the others.
    seconds : float
    sampled : bool
        Whether the scenarios are a draw, all equally probable: means over them then have a standard error.
    note : str
        Which scenarios are the same case as another, and so one future; empty where all differ.
    protection : tuple of dict
        How well it is protected in each period (``planner.uncertainty.protected.COLUMNS``); no row after an
        interruption.
    protected : tuple of dict
        In how many of all futures all critical demand of each redundancy rule is protected in every period, and all
        demand is served after any one loss.
    years : tuple of dict
        Capacity, unserved demand and spending of each period (``planner.uncertainty.paths.YEARS``), over the futures
        that have a plan; no row after an interruption.
    outages : tuple of dict
        What is unserved in the plan itself after each single outage (``planner.uncertainty.outages.COLUMNS``).
    noted : tuple of str
        What must be known of the plan that was replayed (`noting`).
    cvar_level : float
        Level of the VaR and CVaR that are stated: of the worst ``1 - cvar_level`` of the futures.
    plan_missing_busd : float
        What the plan would pay for what it misses itself, $B, at the prices of the futures.
    """

    plan: PlanData = field(repr=False)
    committed_until: date
    rows: tuple[dict[str, Any], ...]
    interrupted: bool
    seconds: float
    sampled: bool = False
    note: str = ""
    years: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    outages: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    noted: tuple[str, ...] = ()
    cvar_level: float = CVAR_LEVEL
    plan_missing_busd: float = 0.0
    protection: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    protected: tuple[dict[str, Any], ...] = ()

    def __repr__(self) -> str:
        if self.interrupted:
            return f"Stress(interrupted: {len(self.tried)} of {count(len(self.rows), 'future')})"
        return f"Stress({count(len(self.rows), 'future')}, {percent(self.kept_share)} can keep the plan)"

    def _repr_html_(self) -> str:
        """Return the line, the distribution of the cost as a picture, and the futures, for notebooks."""
        return html_of(repr(self), self.table(), picture_of_costs(lambda: self.findings))

    @property
    def plot(self) -> RiskPlots:
        """The figures: ``.fan()``, ``.costs()``, ``.protection()``; extra ``report``."""
        return RiskPlots(self.findings)

    @property
    def findings(self) -> Findings:
        """Summary and tables: what figures and reports are made of."""
        tables = {
            "futures": self.rows, "years": self.years, "protection": self.protection, "outages": self.outages,
        }  # fmt: skip
        return Findings.of(STRESS, self.summary(), tables)

    def noting(self, notes: Sequence[str]) -> "Stress":
        """Return the same with what must be known of the plan."""
        return replace(self, noted=(*self.noted, *notes))

    @property
    def notes(self) -> tuple[str, ...]:
        """Everything that is noted of it."""
        return tuple(one for one in (*self.noted, self.note) if one)

    def table(self) -> pd.DataFrame:
        """The futures as a DataFrame."""
        return pd.DataFrame(list(self.rows), columns=list(COLUMNS))

    @property
    def kept_share(self) -> float:
        """Probability of the futures in which the plan can be kept, of those tried."""
        whole = sum(row["probability"] for row in self.tried)
        return sum(row["probability"] for row in self._kept) / whole if whole else 0.0

    @property
    def _kept(self) -> list[dict[str, Any]]:
        return [row for row in self.tried if row["cost_busd"] is not None]

    @property
    def tried(self) -> list[dict[str, Any]]:
        """The rows of the futures that no signal cut short."""
        return [row for row in self.rows if row["status"] != Status.INTERRUPTED]

    def summary(self) -> dict[str, Any]:
        """Return the distribution of cost and of unserved demand over the futures that have a plan, and their share.

        ``kept_share`` is the probability of those futures; the others are in no figure of cost or demand, and count as
        not met and not protected.
        ``refused_share`` is that of the futures of which it is proven that they have none. ``..._mean_error``, the
        standard error of a mean, is None unless the scenarios are a draw (``sampled``). After an interruption there is
        no share and no distribution: the futures that happened to be tried do not stand for the others.
        """
        if self.interrupted:
            return self._summary_interrupted()
        kept = self._kept
        found: dict[str, Any] = {
            "futures": len(self.rows),
            "interrupted": False,
            "note": self.note,
            "notes": list(self.noted),
            "committed_until": self.committed_until.isoformat(),
            "cvar_level": self.cvar_level,
            "kept_share": self.kept_share,
            "refused_share": _share(self.rows, lambda row: row["status"] == Status.INFEASIBLE.value),
            "met_share": _share(self.rows, lambda row: row["cost_busd"] is not None and not row["missing"]),
            "plan_busd": self.plan.cost_busd + self.plan_missing_busd,
            "plan_missing_busd": self.plan_missing_busd,
            "protected": list(self.protected),
            **self._about(),
            "seconds": round(self.seconds, 3),
        }
        if kept:
            chances = [row["probability"] for row in kept]
            for name in ("cost_busd", "unserved_share"):
                values = [float(row[name]) for row in kept]
                found[f"{name}_mean"] = mean(values, chances)
                found |= {f"{name}_p{n}": quantile(values, chances, n / 100) for n in (10, 50, 90)}
                found[f"{name}_var"] = quantile(values, chances, self.cvar_level)
                found[f"{name}_cvar"] = cvar_of(values, chances, self.cvar_level)
                found[f"{name}_worst"] = max(values)
                found[f"{name}_mean_error"] = self._error(values, chances)
        return found

    def _about(self) -> dict[str, Any]:
        """What the plan is of, for those who have the summary alone."""
        model, periods = self.plan.case.model, self.plan.periods
        return {
            "case_name": model.name,
            "title": model.title or model.name,
            "compute_unit": model.compute_unit,
            "periods": list(periods.calendar.labels[: periods.reported]),
        }

    def _error(self, values: Sequence[float], chances: Sequence[float]) -> float | None:
        """Standard error of a mean over drawn scenarios, however many of them are the same case."""
        drawn = sum(row["scenarios"] for row in self._kept)
        if not self.sampled or drawn < 2:
            return None
        centre = mean(values, chances)
        variance = mean([(value - centre) ** 2 for value in values], chances)
        return float(np.sqrt(variance / (drawn - 1)))

    def _summary_interrupted(self) -> dict[str, Any]:
        """How much was tried, and nothing over it."""
        return {
            "futures": len(self.rows),
            "interrupted": True,
            "note": self.note,
            "notes": list(self.noted),
            "futures_tried": len(self.tried),
            "tried_share": math.fsum(row["probability"] for row in self.tried),
            "committed_until": self.committed_until.isoformat(),
            "kept_share": None,
            "refused_share": None,
            "met_share": None,
            "plan_busd": self.plan.cost_busd + self.plan_missing_busd,
            "plan_missing_busd": self.plan_missing_busd,
            **self._about(),
            "seconds": round(self.seconds, 3),
        }


def _share(rows: Sequence[Mapping[str, Any]], holds: Callable[[Mapping[str, Any]], bool]) -> float:
    whole = sum(row["probability"] for row in rows)
    return sum(row["probability"] for row in rows if holds(row)) / whole if whole else 0.0


def stress(
    plan: PlanData | RiskResult | str | Path,
    scenarios: AnyScenarios,
    *,
    committed_until: date | None = None,
    outages: date | None = None,
    prices: Mapping[str, float] | None = None,
    cvar: float | None = None,
    workers: int = 2,
    scheduler: str | None = None,
    options: SolveOptions | None = None,
    on_progress: Callable[[RiskProgress], None] | None = None,
    **keywords: Unpack[SolveKeywords],
) -> Stress:
    """Replay a plan in futures that it was not made for, without deciding anew what is committed.

    Parameters
    ----------
    plan : Plan, RiskResult, str or Path
        A plan, which must pass its audit; a study of risk, of which its first stage is replayed in its case without the
        changes of any future, with its prices and the level of its CVaR; or the folder of either.
    scenarios
        As of `planner.risk`.
    committed_until : date or None
        Contracts, chips and on-site power ordered on or before this day are kept. None: all of them, of a study those
        of its decision date; only renewal, exit and refreshes, and what serves whom, adapt.
    outages : date or None
        Each site, provider and power region is lost by itself from the first period on that begins on or after this
        day, in the plan as it is. None: none is.
    cvar : float or None
        Level of the VaR and CVaR that are stated. None: that of the study, of a plan 0.9.
    prices, workers, scheduler, options, on_progress, **keywords
        As of `planner.risk`.

    Raises
    ------
    AuditError
        If the plan fails its audit.
    PlanError, InfeasibleError, NoPlanError
        If a folder is neither, or not as it was written; if the case of a study has no plan with its orders.
    CaseError, OptionError
        As of `planner.risk`; if a study is given together with ``committed_until``.
    """
    _refuse(workers, CVAR_LEVEL if cvar is None else cvar, {} if prices is None else prices)
    kept = kept_of(plan, given := chosen_options(options, keywords))
    begin, base, until = time.monotonic(), kept.plan, refuse_until(kept, committed_until)
    use, inputs = replace(given, own_process=False), make_inputs(base.case)
    refuse_day(inputs, outages)
    if not audit(base.case, base.tables, base.summary).passed:
        raise AuditError("the plan fails its audit and cannot be replayed: `planner audit` lists why")
    stage = FirstStageOrders.of(inputs, day := until or inputs.calendar.start_dates[-1])
    futures = futures_of(base.case, chosen := chosen_scenarios(scenarios, Case.of(base.case), use.seed))
    costs = usual_prices(base, {**kept.prices, **(prices or {})})
    work = _work(costs, day, orders_of(stage, base), inputs, outages)
    lost = () if outages is None else tuple(outages_of(base, outages, costs.unserved))
    found = _replayed(Shared(base.case, use), futures, work, workers, scheduler, _Reporter(begin, on_progress))
    made = _made(base, work, futures, found, chosen.is_sample).noting(kept.notes)
    level, missing = kept.level if cvar is None else cvar, price_of_shortfalls(base, costs)
    return replace(made, outages=lost, cvar_level=level, plan_missing_busd=missing, seconds=time.monotonic() - begin)


def _refuse(workers: int, level: float, prices: Mapping[str, float]) -> None:
    """Refuse options that make no sense before anything is solved."""
    refuse_workers(workers)
    Measure(level)
    refuse_prices(prices)


def _work(costs: Prices, day: date, orders: Floats, inputs: Inputs, outages: date | None) -> Replay:
    """Return how a future is solved: for a plan within the gap, which is audited and not kept."""
    labels, after = reported_periods(inputs, None), () if outages is None else reported_periods(inputs, outages)
    return Replay(Recourse(costs, day, tuple(map(float, orders)), certified=False, plan_first=True), labels, after)


def _made(
    base: PlanData, work: Replay, futures: Sequence[Future], found: Mapping[str, Outcome], sampled: bool
) -> Stress:
    """Return what came of the futures."""
    rows = tuple(_row(one, found.get(one.name, NOT_TRIED)) for one in futures)
    interrupted = any(row["status"] == Status.INTERRUPTED for row in rows)
    made = Stress(base, work.recourse.day, rows, interrupted, 0.0, sampled, same_cases(futures))
    all_found = [(one.probability, found[one.name].found) for one in futures if one.name in found]
    kept = [(chance, one) for chance, one in all_found if isinstance(one, Replayed)]
    if interrupted or not kept:
        return made
    return _with_years(made, work, [chance for chance, _ in kept], [one for _, one in kept])


def _with_years(made: Stress, work: Replay, chances: Sequence[float], kept: Sequence[Replayed]) -> Stress:
    """Return it with the years and the protection over the futures that have a plan."""
    base = made.plan
    years = years_of([one.sums for one in kept], chances, base.periods.calendar.labels, base)
    every = [one.protection for one in kept]
    planned = protection_of(base, work.labels, work.after)
    rows, held = protection_rows(every, chances, planned), protection_summary(every, chances)
    return replace(made, years=tuple(years), protection=tuple(rows), protected=tuple(held))


@dataclass(frozen=True, slots=True)
class _Reporter:
    """When a replay began, and who is shown its progress."""

    begin: float
    on_progress: Callable[[RiskProgress], None] | None

    def report(self, done: int, total: int) -> None:
        if self.on_progress is not None:
            seconds = time.monotonic() - self.begin
            self.on_progress(RiskProgress("replay", done, total, seconds, -INFINITY, INFINITY))


def _replayed(
    shared: Shared, futures: Sequence[Future], work: Replay, workers: int, scheduler: str | None, reporter: _Reporter
) -> dict[str, Outcome]:
    """Solve every future with what is kept, until a signal comes; return the outcomes by name."""
    executor = open_executor(shared, len(futures), workers, scheduler)
    found: dict[str, Outcome] = {}
    try:
        for future in futures:
            executor.submit(Job(future.whatif, None, shared.options, work, future.case))
        for outcome in executor.completed():
            found[outcome.name] = outcome
            reporter.report(len(found), len(futures))
    except KeyboardInterrupt:
        LOG.debug("stress: interrupted after %d of %d futures", len(found), len(futures))
    finally:
        executor.close()
    return found


def _row(future: Future, outcome: Outcome) -> dict[str, Any]:
    """Return the row of a future: what was found of it, or why it has no plan."""
    row = {"future": future.name, "probability": future.probability, "scenarios": len(future.names)}
    row |= {name: None for name in COLUMNS if name not in row}
    if isinstance(outcome.found, Replayed):
        return row | outcome.found.row
    return row | {"status": outcome.status.value, "missing": "", "late": 0, "lapsed": 0, "reason": outcome.reason}
