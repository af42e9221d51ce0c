"""The tables of a plan under uncertainty: what is decided now, what waits, what each future is like, and the years."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from planner.inputs.contracts import MW_PER_GW
from planner.plan.plan import PlanData
from planner.solve.arrays import INFINITY
from planner.uncertainty.evaluation import Evaluation
from planner.uncertainty.first_stage import CHIPS, CONTRACT, ONSITE, FirstStageOrders, Key, Order
from planner.uncertainty.from_plan import decisions_of, is_due, signed_anew
from planner.uncertainty.leads import Leads
from planner.uncertainty.measure import mean
from planner.uncertainty.order_rows import NOTHING, UNITS, chance_of, date_before, fate_of, order_rows
from planner.uncertainty.paths import NONE, YEARS, sums_of, years_of
from planner.uncertainty.recourse import RECOURSE
from planner.uncertainty.regrets import regrets_of

COLUMNS: dict[str, dict[str, str]] = {
    "decisions": {
        "kind": "contract, on-site power, chips, programme (1: declined) or development (1: started)",
        "what": "key of the offer, on-site option, programme or chip",
        "role": "role of the contract; empty where there is none",
        "unit": "blocks, facility MW, IT MW or yes/no",
        "now": "what is ordered by the decision date, the same in all futures",
        "alone_least": "the least that a future orders by then if it is known beforehand",
        "alone_mean": "the same, expected",
        "alone_most": "the most",
        "decision": "no regret (every future orders as much by itself), no regret in part, hedge, or wait",
    },
    "orders": {
        "kind": "as in decisions",
        "what": "as in decisions",
        "role": "as in decisions",
        "chip": "chip of a contract under cloud, or chip bought; else empty",
        "period": "in which it starts as the case has it",
        "sign_by": "date by which it is signed: start less lead",
        "amount": "ordered",
        "unit": "as in decisions",
        "late_share": "probability of the futures in which it starts later",
        "lapsed_share": "mean share of it, over the futures, that never starts",
    },
    "later": {
        "what": "key of an offer of which more is signed after the decision date in some future",
        "role": "role",
        "first_start": "first period in which it starts in any future",
        "decide_by": "last date to decide on it: the earliest, over the futures, of the start there less its lead",
        "futures_share": "probability of the futures that sign it",
        "least": "least blocks over all futures",
        "mean": "expected blocks",
        "most": "most blocks",
    },
    "futures": {
        "future": "name of the scenario; of several that are the same case, the first",
        "probability": "of all of these",
        "cost_busd": "cost with this first stage, with what is missing at its price, present value",
        "bound_busd": "what is proven of it; empty where nothing is",
        "alone_busd": "cost if this future is known beforehand, with the limits in probability",
        "fixed_busd": "cost if one signs as the plan of the case does, without limits in probability if it breaks "
        "them; empty without a plan, or if it was not tried",
        "regret_busd": "cost less what this future costs by itself without limits in probability",
        "regret_low_busd": "what is proven of it: at least this with the best plan of this future for this first stage",
        "regret_high_busd": "and at most this; empty where nothing is proven",
        "missing_busd": "part of the cost that is the price of what is missing",
        "unserved_share": "share of demand not served",
        "missing": "tiers of shortfalls in which something is missing",
        "late": "orders that start later than the case has it",
        "lapsed": "orders that never start",
    },
    "changes": {
        "future": "name of the scenario, as in futures",
        "kind": "as in decisions",
        "what": "as in decisions",
        "role": "as in decisions",
        "unit": "as in decisions",
        "now": "what is ordered by the decision date, the same in all futures",
        "alone": "what this future orders by then if it is known beforehand",
        "later": "blocks signed after the decision date in this future, with this first stage",
    },
    "years": YEARS,
}
"""Columns of each table, and what they mean."""


@dataclass(frozen=True, slots=True)
class Tables:
    """What the tables are made of.

    Attributes
    ----------
    stage : FirstStageOrders
    futures : tuple of tuple of str
    chances : tuple of float
    here, alone : Evaluation
    fixed : Evaluation or None
        With what the plan of the case signs; None: not known.
    planned : PlanData or None
        The plan of the case itself.
    """

    stage: FirstStageOrders
    futures: tuple[tuple[str, ...], ...]
    chances: tuple[float, ...]
    here: Evaluation
    alone: Evaluation
    fixed: Evaluation | None = None
    planned: PlanData | None = None

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return a table."""
        make: dict[str, Callable[[], list[dict[str, Any]]]] = {
            "decisions": self._decisions,
            "orders": lambda: order_rows(self.stage, self.here.orders, self.here.plans, self.chances),
            "later": self._later,
            "futures": self._futures,
            "changes": self._changes,
            "years": self._years,
        }
        return make[name]()

    def _amounts(self) -> list[tuple[Order, float]]:
        orders = self.here.orders
        return [] if orders is None else list(zip(self.stage.orders, (float(x) for x in orders), strict=True))

    def _now(self) -> dict[tuple[str, str, str], float]:
        """What is ordered by the decision date, whatever the period and the chip."""
        now: dict[tuple[str, str, str], float] = {}
        for order, amount in self._amounts():
            key = order.kind, order.what, order.role
            now[key] = _joined(order.kind, now.get(key, 0.0), amount)
        return now

    def _decisions(self) -> list[dict[str, Any]]:
        now = self._now()
        alone = [self._ordered(plan) for plan in self.alone.plans]
        found = []
        for key in dict.fromkeys((*now, *(key for one in alone for key in one))):
            amounts = [one.get(key, 0.0) for one in alone]
            mine, least = now.get(key, 0.0), min(amounts)
            if max(mine, *amounts) <= NOTHING:
                continue
            scale = 1.0 if key[0] not in (ONSITE, CHIPS) else MW_PER_GW
            found.append(
                {
                    **dict(zip(("kind", "what", "role"), key, strict=True)),
                    "unit": UNITS.get(key[0], "yes/no"),
                    "now": mine * scale,
                    "alone_least": least * scale,
                    "alone_mean": mean(amounts, self.chances) * scale,
                    "alone_most": max(amounts) * scale,
                    "decision": _decision(mine, least),
                }
            )
        return found

    def _ordered(self, plan: PlanData | None) -> dict[tuple[str, str, str], float]:
        """What a plan orders by the date, by the lead times of its future, whatever the period and the chip."""
        found: dict[tuple[str, str, str], float] = {}
        if plan is None:
            return found
        leads = Leads.of(self.stage, plan.case)
        for key, amount in decisions_of(plan, self.stage).items():
            if self._is_now(leads, key):
                found[key[:3]] = _joined(key[0], found.get(key[:3], 0.0), amount)
        return found

    def _is_now(self, leads: Leads, key: Key) -> bool:
        kind, what, _, period, _ = key
        if kind in (CONTRACT, ONSITE):
            return is_due(leads, key)
        return any(one.kind == kind and one.what == what for one in self.stage.orders) and (
            period < 0 or self.stage.is_past(period)
        )

    def _later(self) -> list[dict[str, Any]]:
        by_future = [self._signed_later(plan) for plan in self.here.plans]
        first: dict[tuple[str, str], int] = {}
        last: dict[tuple[str, str], str] = {}
        for one in by_future:
            for key, (_, period, decide_by) in one.items():
                first[key] = min(period, first.get(key, period))
                last[key] = min(decide_by, last.get(key, decide_by))
        found = []
        for (what, role), period in sorted(first.items(), key=lambda one: (one[1], one[0])):
            amounts = [one[what, role][0] if (what, role) in one else 0.0 for one in by_future]
            found.append(
                {
                    "what": what,
                    "role": role,
                    "first_start": self.stage.inputs.calendar.labels[period],
                    "decide_by": last[what, role],
                    "futures_share": chance_of(p for p, n in zip(self.chances, amounts, strict=True) if n > NOTHING),
                    "least": min(amounts),
                    "mean": mean(amounts, self.chances),
                    "most": max(amounts),
                }
            )
        return found

    def _signed_later(self, plan: PlanData | None) -> dict[tuple[str, str], tuple[float, int, str]]:
        """Blocks that a plan signs after the decision date, the first period of them, and its last date of signing."""
        blocks: dict[tuple[str, str], float] = {}
        first: dict[tuple[str, str], int] = {}
        if plan is None or self.here.orders is None:
            return {}
        leads = Leads.of(self.stage, plan.case)
        for key, amount in signed_anew(self.stage, plan, self.here.orders).items():
            kind, what, role, period, _ = key
            if kind == CONTRACT and amount > NOTHING and not is_due(leads, key):
                blocks[what, role] = blocks.get((what, role), 0.0) + amount
                first[what, role] = min(period, first.get((what, role), period))
        inputs = self.stage.inputs
        signed = {key: date_before(inputs, t, leads.offers.get(key[0], 0.0)).isoformat() for key, t in first.items()}
        return {key: (amount, first[key], signed[key]) for key, amount in blocks.items()}

    def _changes(self) -> list[dict[str, Any]]:
        now = self._now()
        found = []
        for names, alone, here in zip(self.futures, self.alone.plans, self.here.plans, strict=True):
            own, later = self._ordered(alone), self._signed_later(here)
            keys = dict.fromkeys((*now, *own, *((CONTRACT, *key) for key in later)))
            for key in keys:
                kind, what, role = key
                mine, wanted = now.get(key, 0.0), own.get(key, 0.0)
                more = later[what, role][0] if kind == CONTRACT and (what, role) in later else 0.0
                if abs(mine - wanted) <= NOTHING and more <= NOTHING:
                    continue
                scale = MW_PER_GW if kind in (ONSITE, CHIPS) else 1.0
                found.append(
                    {
                        "future": names[0],
                        "kind": kind,
                        "what": what,
                        "role": role,
                        "unit": UNITS.get(kind, "yes/no"),
                        "now": mine * scale,
                        "alone": wanted * scale,
                        "later": more,
                    }
                )
        return found

    def _futures(self) -> list[dict[str, Any]]:
        found, fixed = [], self.fixed
        regrets = regrets_of(self.here, self.alone)
        for s, plan in enumerate(self.here.plans):
            fate = fate_of(plan)
            summary: dict[str, Any] = {} if plan is None else plan.summary
            bound = self.here.bounds[s]
            found.append(
                {
                    "future": self.futures[s][0],
                    "probability": self.chances[s],
                    "cost_busd": self.here.costs[s],
                    "bound_busd": None if bound == float("-inf") else bound,
                    "alone_busd": self.alone.costs[s],
                    "fixed_busd": None if fixed is None or fixed.costs[s] == INFINITY else fixed.costs[s],
                    **regrets[s].columns(),
                    "missing_busd": summary.get(RECOURSE, {}).get("missing_busd"),
                    "unserved_share": summary.get("unserved_share"),
                    "missing": ", ".join(one["tier"] for one in summary.get("shortfalls", ()) if one["amount"] > 0.0),
                    "late": sum(1 for t in fate.values() if t is not None),
                    "lapsed": sum(1 for t in fate.values() if t is None),
                }
            )
        return found

    def _years(self) -> list[dict[str, Any]]:
        sums = [NONE if plan is None else sums_of(plan) for plan in self.here.plans]
        return years_of(sums, self.chances, self.stage.inputs.calendar.labels, self.planned)


def _joined(kind: str, before: float, amount: float) -> float:
    """Amounts of one thing together: a sum; of what is yes or no, whether any is."""
    return before + amount if kind in UNITS else max(before, amount)


def _decision(now: float, least: float) -> str:
    if now <= NOTHING:
        return "wait"
    if least >= now - NOTHING:
        return "no regret"
    return "no regret in part" if least > NOTHING else "hedge"
