"""Every scenario solved with the same first stage, or each by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from planner.plan.plan import PlanData
from planner.runs.outcome import Outcome
from planner.solve.arrays import INFINITY, Floats
from planner.status import Status
from planner.uncertainty.measure import Measure
from planner.uncertainty.recourse import RECOURSE

SURE_SHARE = 0.5
"""Share of the difference of cost and bound that a closer plan is counted on to save: the rest may raise the bound."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Every scenario solved with the same first stage, or each by itself.

    Attributes
    ----------
    orders : array or None
        The first stage; None: each scenario by itself.
    plans : tuple of PlanData or None
        One for each future; None where it has none.
    costs, bounds : tuple of float
        Cost of each plan, $B, with what is missing at its price, and what is proven of it; infinite without a plan.
    value, bound : float
        The measure of both; infinite where a future is proven to have no plan.
    reasons : tuple of str
        Why there is no plan; empty where there is one.
    free : tuple of (float, float)
        Where limits in probability hold some futures: what each costs, and what is proven of it, without them.
    """

    orders: Floats | None
    plans: tuple[PlanData | None, ...] = field(repr=False)
    costs: tuple[float, ...]
    bounds: tuple[float, ...]
    value: float
    bound: float
    reasons: tuple[str, ...] = ()
    free: tuple[tuple[float, float], ...] = field(default=(), repr=False)

    @classmethod
    def of(
        cls, orders: Floats | None, outcomes: Sequence[Outcome], measure: Measure, chances: Sequence[float]
    ) -> "Evaluation":
        """Return what the outcomes of all scenarios say."""
        plans = tuple(outcome.plan for outcome in outcomes)
        said: list[dict[str, Any]] = [{} if plan is None else plan.summary[RECOURSE] for plan in plans]
        costs = tuple(float(one.get("cost_busd", INFINITY)) for one in said)
        bounds = tuple(_number(one.get("bound_busd")) for one in said)
        reasons = tuple("" if outcome.plan is not None else outcome.reason for outcome in outcomes)
        whole = all(plan is not None for plan in plans)
        value = measure.of(costs, chances) if whole else INFINITY
        proven = all(bound > -INFINITY for bound in bounds)
        bound = measure.proving.of(bounds, chances) if proven else -INFINITY
        if any(outcome.status is Status.INFEASIBLE for outcome in outcomes):
            bound = INFINITY
        return cls(orders, plans, costs, bounds, value, bound, reasons)

    @property
    def apart(self) -> tuple[tuple[float, float], ...]:
        """What each future costs, and what is proven of it, without limits in probability."""
        return self.free or tuple(zip(self.costs, self.bounds, strict=True))

    def cheaper(self, other: "Evaluation", measure: Measure, chances: Sequence[float]) -> "Evaluation":
        """Return this one with the plans of another where those cost less: each is a plan of the same future.

        Under limits in probability the choice is one of the whole: it is that of the other, or this one.
        """
        free = tuple((min(cost, than), bound) for (cost, bound), than in zip(self.apart, other.costs, strict=True))
        if self.free:
            best = min(self, other, key=lambda one: one.value)
            return replace(self, plans=best.plans, costs=best.costs, value=best.value, free=free)
        mine = [cost <= than for cost, than in zip(self.costs, other.costs, strict=True)]
        plans = tuple(a if here else b for here, a, b in zip(mine, self.plans, other.plans, strict=True))
        costs = tuple(map(min, self.costs, other.costs))
        return replace(self, plans=plans, costs=costs, value=measure.of(costs, chances))

    def worth_closing(self, chances: Sequence[float], missing: float, gap: float) -> list[int]:
        """Return the fewest futures whose solution to a gap may lower the value by what is missing; none if it cannot.

        Parameters
        ----------
        chances : sequence of float
        missing : float
            $B.
        gap : float
            Relative gap of each future.
        """
        slack = [p * (c - b) for p, c, b in zip(chances, self.costs, self.bounds, strict=True)]
        if sum(slack) < missing:
            return []
        gains = [most - p * gap * abs(c) for p, c, most in zip(chances, self.costs, slack, strict=True)]
        found: list[int] = []
        for s in sorted(range(len(gains)), key=lambda s: -gains[s]):
            if gains[s] <= 0.0 or missing <= 0.0:
                break
            found.append(s)
            missing -= SURE_SHARE * gains[s]
        return sorted(found)

    def closer(
        self, fresh: Mapping[int, Outcome], known: Sequence[Outcome], measure: Measure, chances: Sequence[float]
    ) -> "Evaluation":
        """Return this one with the outcomes of some futures in place of those known, where they cost no more."""
        outcomes = list(known)
        for s, outcome in fresh.items():
            said = None if outcome.plan is None else outcome.plan.summary[RECOURSE]
            if said is not None and float(said["cost_busd"]) <= self.costs[s]:
                outcomes[s] = outcome
        return Evaluation.of(self.orders, outcomes, measure, chances)


def known_by(orders: Floats | None) -> tuple[float, ...]:
    """Return what a first stage is known by; nothing for futures by themselves."""
    return () if orders is None else tuple(float(round(x, 9)) for x in orders)


def _number(value: Any) -> float:
    return -INFINITY if value is None else float(value)
