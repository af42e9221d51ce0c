"""What is known of a plan under uncertainty: value and bounds, the first stage, the plan of every future, the worth."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from planner.api import Case, Plan
from planner.errors import UnknownNameError
from planner.figures.notebook import html_of
from planner.runs.difference import Difference
from planner.runs.summary import stated
from planner.solve.arrays import INFINITY
from planner.status import Status
from planner.uncertainty.chance_audit import Verdict
from planner.uncertainty.evaluation import Evaluation
from planner.uncertainty.findings import Findings
from planner.uncertainty.findings_rows import RISK
from planner.uncertainty.first_stage import FirstStageOrders
from planner.uncertainty.gains import document, gain
from planner.uncertainty.measure import Measure, cvar, mean, quantile
from planner.uncertainty.plotted import RiskPlots, picture_of_costs
from planner.uncertainty.policy import Policy
from planner.uncertainty.policy_tables import POLICY_COLUMNS, policy_rows
from planner.uncertainty.prices import Prices, price_of_shortfalls
from planner.uncertainty.regrets import Worst, worst_regret
from planner.uncertainty.tables import COLUMNS, Tables


@dataclass(frozen=True, slots=True)
class RiskProgress:
    """How far a study of risk is.

    Attributes
    ----------
    stage : str
        What is being done.
    done, total : int
        Scenarios of this step; zero where it has none.
    seconds : float
        Since the study began.
    lower, upper : float
        What is proven of the value so far: infinite where nothing is.
    """

    stage: str
    done: int
    total: int
    seconds: float
    lower: float
    upper: float


@dataclass(frozen=True, repr=False)  # no slots: what follows from the rest is kept
class RiskResult:
    """What to sign now, what it costs over the futures, and what it is worth.

    Attributes
    ----------
    case : Case
    decide_by : date
    measure : Measure
        What was minimised.
    status : Status
        ``optimal``, ``gap_reached``, ``time_limit`` (the gap asked for is not proven) or ``interrupted``.
    value_busd, bound_busd : float
        Value of the measure with this first stage, and what no first stage is below; the bound is -inf if unknown.
    gap_target : float
    plan : Plan
        The plan of the case itself, which knows of no other future.
    futures : tuple of tuple of str
        Names of the scenarios of each future; scenarios that are the same case are one.
    probabilities : tuple of float
    here, alone, fixed : Evaluation
        Every future with this first stage; each by itself; with what the plan of the case signs (None: not known).
    prices : mapping of str to float, or None
        Of what is missing; None: nothing may be.
    notes : tuple of str
    seconds : float
    adapts_early : tuple of str
        What each future decides by itself although it falls before the decision date (`adapting.adapting`).
    chances : tuple of Verdict
        Of each limit in probability: the share that was asked for, and that in which the plans miss nothing of it.
    then : tuple of date
        Later decision dates that were asked for.
    policy : Policy or None
        What is decided on them by what is known then; None: none was asked for, or a note says why there is none. All
        else is of the first date alone, with the future known after it.
    """

    case: Case
    decide_by: date
    measure: Measure
    status: Status
    value_busd: float
    bound_busd: float
    gap_target: float
    plan: Plan
    futures: tuple[tuple[str, ...], ...]
    probabilities: tuple[float, ...]
    here: Evaluation
    alone: Evaluation
    fixed: Evaluation | None
    _stage: FirstStageOrders
    prices: dict[str, float] | None
    notes: tuple[str, ...]
    seconds: float
    adapts_early: tuple[str, ...] = ()
    chances: tuple[Verdict, ...] = ()
    then: tuple[date, ...] = ()
    policy: Policy | None = None

    def __repr__(self) -> str:
        gap = "" if self.gap is None else f", gap {self.gap:.2%}"
        return f"RiskResult({len(self.futures)} futures, ${self.value_busd:,.3f}B{gap}, {self.status.value})"

    def _repr_html_(self) -> str:
        """Return the line, the distribution of the cost as a picture, and what is decided, for notebooks."""
        return html_of(repr(self), self.table("decisions"), picture_of_costs(lambda: self.findings))

    @property
    def plot(self) -> RiskPlots:
        """The figures: ``.fan()``, ``.costs()``, ``.commit()``, with later dates ``.policy()``; extra ``report``."""
        return RiskPlots(self.findings)

    @cached_property
    def findings(self) -> Findings:
        """Summary and tables, without the plans: what figures and reports are made of."""
        return Findings.of(RISK, self.summary(), {name: self.rows(name) for name in self.columns})

    @property
    def gap(self) -> float | None:
        """Value less bound, relative to the value; None where nothing is proven, or of a value of zero.

        Of a regret: relative to the mean cost of the futures by themselves. A value of zero that is proven has no gap
        left open: 0.
        """
        return stated(self.measure.gap(self.value_busd, self.bound_busd))

    @property
    def plans(self) -> dict[str, Plan]:
        """The plan of each scenario with this first stage, by its name."""
        return {
            name: Plan.of(plan)
            for names, plan in zip(self.futures, self.here.plans, strict=True)
            for name in names
            if plan is not None
        }

    @property
    def can_order(self) -> bool:
        """Whether the case admits any order by the decision date."""
        return bool(self._stage.orders)

    @property
    def evpi(self) -> Difference:
        """Expected value of perfect information: what knowing the future beforehand would save; never below zero.

        Where something ``adapts_early``, it may be more than this.
        """
        return gain((self.value_busd, self.bound_busd), (self.alone.value, self.alone.bound))

    @property
    def vss(self) -> Difference | None:
        """Value of the stochastic solution: what signing as the plan of the case does would cost more.

        None where that leaves a future without a plan, or was not tried.
        """
        if self.fixed is None or self.fixed.value == INFINITY:
            return None
        return gain((self.fixed.value, self.fixed.bound), (self.value_busd, self.bound_busd))

    @cached_property
    def regret(self) -> Worst:
        """The largest regret over the futures, with what is proven of it, and where it is."""
        return worst_regret([names[0] for names in self.futures], self.here, self.alone)

    @property
    def _fixed_without_limits(self) -> float | None:
        """Expected cost of signing as the plan of the case does, where that cannot keep the limits in probability."""
        if self.fixed is None or self.vss is not None or not self.chances or INFINITY in self.fixed.costs:
            return None
        return mean(self.fixed.costs, self.probabilities)

    @cached_property
    def plan_missing_busd(self) -> float:
        """What the plan of the case would pay for what it misses itself, $B, at the prices of the futures."""
        prices = None if self.prices is None else Prices.usual(1.0, 1.0, self.prices)
        return price_of_shortfalls(self.plan, prices)

    @cached_property
    def _tables(self) -> Tables:
        return Tables(self._stage, self.futures, self.probabilities, self.here, self.alone, self.fixed, self.plan)

    def table(self, name: str) -> pd.DataFrame:
        """Return a table as a DataFrame: ``decisions``, ``orders``, ``later``, ``futures``, ``changes`` or ``years``.

        With a policy also ``groups``, ``group_futures``, ``group_orders`` and ``policy``.

        Raises
        ------
        UnknownNameError
            If there is no such table.
        """
        return pd.DataFrame(self.rows(name), columns=list({**COLUMNS, **POLICY_COLUMNS}.get(name, ())))

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return a table as plain rows (``planner.uncertainty.tables.COLUMNS``, ``policy_tables.POLICY_COLUMNS``)."""
        if name not in self.columns:
            raise UnknownNameError(f"no table {name!r}; there are {', '.join(self.columns)}")
        if self.policy is not None and name in POLICY_COLUMNS:
            return policy_rows(name, self.policy)
        return self._tables.rows(name)

    @property
    def is_cut_short(self) -> bool:
        """Whether the gap asked for is not proven, or later dates that were asked for are not decided."""
        short = self.status in (Status.TIME_LIMIT, Status.INTERRUPTED)
        return short or (bool(self.then) and self.policy is None)

    @property
    def policy_tables(self) -> tuple[str, ...]:
        """The tables of the policy that there are."""
        return () if self.policy is None else tuple(POLICY_COLUMNS)

    @property
    def columns(self) -> dict[str, dict[str, str]]:
        """The columns of each table that there is, and what they mean."""
        return COLUMNS if self.policy is None else {**COLUMNS, **POLICY_COLUMNS}

    def summary(self) -> dict[str, Any]:
        """Return the figures of the whole: value, bound, distribution of the cost, EVPI and VSS."""
        costs, chances = self.here.costs, self.probabilities
        return {
            "status": self.status.value,
            "decide_by": self.decide_by.isoformat(),
            "case_name": self.case.name,
            "case_hash": self.case.hash,
            "scenarios": sum(len(names) for names in self.futures),
            "futures": len(self.futures),
            "minimised": "largest regret" if self.measure.least_regret else "cost",
            "cvar_level": self.measure.level,
            "cvar_weight": self.measure.weight,
            "value_busd": self.value_busd,
            "bound_busd": None if self.bound_busd == -INFINITY else self.bound_busd,
            "gap": self.gap,
            "gap_target": self.gap_target,
            "expected_busd": mean(costs, chances),
            "var_busd": quantile(costs, chances, self.measure.level),
            "cvar_busd": cvar(costs, chances, self.measure.level),
            **{f"p{round(100 * q)}_busd": quantile(costs, chances, q) for q in (0.1, 0.5, 0.9)},
            "worst_busd": max(costs),
            "plan_busd": self.plan.cost_busd + self.plan_missing_busd,
            "plan_missing_busd": self.plan_missing_busd,
            "alone_busd": self.alone.value,
            "fixed_busd": None if self.vss is None or self.fixed is None else self.fixed.value,
            "fixed_without_limits_busd": self._fixed_without_limits,
            "evpi": document(self.evpi),
            "vss": None if self.vss is None else document(self.vss),
            "policy": None if self.policy is None else self.policy.summary(self.bound_busd),
            "then": [day.isoformat() for day in self.then],
            "regret": self.regret.document(),
            "chance": [one.document() for one in self.chances],
            "prices": self.prices,
            "periods": list(self.plan.periods.calendar.labels[: self.plan.periods.reported]),
            "compute_unit": self.case.model.compute_unit,
            "title": self.case.model.title or self.case.name,
            "notes": list(self.notes),
            "adapts_early": list(self.adapts_early),
            "seconds": round(self.seconds, 3),
        }
