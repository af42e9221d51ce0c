"""The tables of a plan under uncertainty: what is decided now, what waits, what each future is like, and the years."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from planner.inputs.contracts import MW_PER_GW
from planner.plan.plan import PlanData
from planner.solve.arrays import INFINITY
from planner.uncertainty.evaluation import Evaluation
from planner.uncertainty.first_stage import CHIPS, CONTRACT, DEVELOPMENT, ONSITE, FirstStageOrders, Key
from planner.uncertainty.from_plan import decisions_of, is_due, order_for, signed_anew
from planner.uncertainty.leads import Leads
from planner.uncertainty.measure import mean
from planner.uncertainty.order_rows import NOTHING, UNITS, chance_of, date_before, late_and_lapsed, order_rows
from planner.uncertainty.paths import NONE, YEARS, sums_of, years_of
from planner.uncertainty.recourse import RECOURSE
from planner.uncertainty.regrets import regrets_of

Decision = tuple[str, str, str, int]
"""What a decision is known by: kind, what, role and period (-1: none), whatever chip is in it."""

COLUMNS: dict[str, dict[str, str]] = {
    "decisions": {
        "kind": "contract, on-site power, chips, programme (1: declined) or development (1: started)",
        "what": "key of the offer, on-site option, programme or chip",
        "role": "role of the contract; empty where there is none",
        "period": "in which it starts as the case has it (a development: by which); empty where there is none",
        "unit": "blocks, facility MW, IT MW or yes/no",
        "now": "what is ordered by the decision date, the same in all futures, whatever the chip",
        "alone_least": "the least that a future orders by then, for this period, if it is known beforehand",
        "alone_mean": "the same, expected",
        "alone_most": "the most",
        "decision": "no regret (every future orders as much by itself for this period), no regret in part, hedge "
        "(some would order none), or not now (nothing is ordered, though some future would)",
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
        "period": "in which it starts",
        "chip": "chips that it starts with under cloud, in some future; else empty",
        "decide_by": "last date to decide on it: the earliest, over the futures, of the start less its lead there",
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
        "lapsed": "orders of which something never starts",
    },
    "changes": {
        "future": "name of the scenario, as in futures",
        "kind": "as in decisions",
        "what": "as in decisions",
        "role": "as in decisions",
        "period": "in which it starts, as in decisions and later",
        "unit": "as in decisions",
        "now": "what is ordered by the decision date, the same in all futures",
        "alone": "what this future orders by then if it is known beforehand",
        "later": "blocks signed after the decision date in this future, with this first stage",
    },
    "years": YEARS,
}
"""Columns of each table, and what they mean."""


@dataclass(frozen=True, slots=True)
class _Later:
    """Blocks that a plan signs after the decision date, the last date of signing them there, and their chips."""

    blocks: float
    decide_by: str
    chips: frozenset[str]


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

    def _now(self) -> dict[Decision, float]:
        """What is ordered by the decision date, whatever the chip."""
        now: dict[Decision, float] = {}
        if self.here.orders is None:
            return now
        for order, amount in zip(self.stage.orders, map(float, self.here.orders), strict=True):
            _add(now, order.key, amount)
        return now

    def _decisions(self) -> list[dict[str, Any]]:
        now = self._now()
        alone = [self._ordered(plan) for plan in self.alone.plans]
        found = []
        for key in _in_order(now, *alone):
            amounts = [one.get(key, 0.0) for one in alone]
            mine, least = now.get(key, 0.0), min(amounts)
            if max(mine, *amounts) <= NOTHING:
                continue
            scale = 1.0 if key[0] not in (ONSITE, CHIPS) else MW_PER_GW
            found.append(
                {
                    **self._head(key),
                    "now": mine * scale,
                    "alone_least": least * scale,
                    "alone_mean": mean(amounts, self.chances) * scale,
                    "alone_most": max(amounts) * scale,
                    "decision": _decision(mine, least),
                }
            )
        return found

    def _head(self, key: Decision) -> dict[str, Any]:
        """The columns that say what a decision is."""
        kind, what, role, period = key
        unit = UNITS.get(kind, "yes/no")
        return {"kind": kind, "what": what, "role": role, "period": self._label(period), "unit": unit}

    def _label(self, period: int) -> str:
        return "" if period < 0 else self.stage.inputs.calendar.labels[period]

    def _ordered(self, plan: PlanData | None) -> dict[Decision, float]:
        """What a plan orders by the date, by the lead times of its future, whatever the chip."""
        found: dict[Decision, float] = {}
        if plan is None:
            return found
        leads = Leads.of(self.stage, plan.case)
        for key, amount in decisions_of(plan, self.stage).items():
            if not self._is_now(leads, key):
                continue
            if key[0] != DEVELOPMENT:
                _add(found, order_for(leads, key), amount)
            for order in self.stage.orders:
                if key[0] == DEVELOPMENT == order.kind and order.what == key[1] and order.period >= key[3]:
                    _add(found, order.key, amount)  # started by then
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
        last: dict[Decision, str] = {}
        chips: dict[Decision, set[str]] = {}
        for one in by_future:
            for key, signed in one.items():
                last[key] = min(signed.decide_by, last.get(key, signed.decide_by))
                chips.setdefault(key, set()).update(signed.chips)
        found = []
        for key in sorted(last, key=lambda one: (one[3], *one[:3])):
            _, what, role, period = key
            amounts = [one[key].blocks if key in one else 0.0 for one in by_future]
            found.append(
                {
                    "what": what,
                    "role": role,
                    "period": self._label(period),
                    "chip": ", ".join(sorted(chips[key])),
                    "decide_by": last[key],
                    "futures_share": chance_of(p for p, n in zip(self.chances, amounts, strict=True) if n > NOTHING),
                    "least": min(amounts),
                    "mean": mean(amounts, self.chances),
                    "most": max(amounts),
                }
            )
        return found

    def _signed_later(self, plan: PlanData | None) -> "dict[Decision, _Later]":
        """What a plan signs after the decision date."""
        blocks: dict[Decision, float] = {}
        chips: dict[Decision, set[str]] = {}
        if plan is None or self.here.orders is None:
            return {}
        leads = Leads.of(self.stage, plan.case)
        for key, amount in signed_anew(self.stage, plan, self.here.orders).items():
            if key[0] == CONTRACT and amount > NOTHING and not is_due(leads, key):
                _add(blocks, key, amount)
                chips.setdefault(key[:4], set()).update({key[4]} - {""})
        inputs = self.stage.inputs

        def signed(key: Decision) -> str:
            return date_before(inputs, key[3], leads.offers.get(key[1], 0.0)).isoformat()

        return {key: _Later(amount, signed(key), frozenset(chips[key])) for key, amount in blocks.items()}

    def _changes(self) -> list[dict[str, Any]]:
        now = self._now()
        found = []
        for names, alone, here in zip(self.futures, self.alone.plans, self.here.plans, strict=True):
            own, later = self._ordered(alone), self._signed_later(here)
            for key in _in_order(now, own, later):
                mine, wanted = now.get(key, 0.0), own.get(key, 0.0)
                more = later[key].blocks if key in later else 0.0
                if abs(mine - wanted) <= NOTHING and more <= NOTHING:
                    continue
                scale = MW_PER_GW if key[0] in (ONSITE, CHIPS) else 1.0
                amounts = {"now": mine * scale, "alone": wanted * scale, "later": more}
                found.append({"future": names[0], **self._head(key), **amounts})
        return found

    def _futures(self) -> list[dict[str, Any]]:
        found, fixed = [], self.fixed
        regrets = regrets_of(self.here, self.alone)
        for s, plan in enumerate(self.here.plans):
            late, lapsed = late_and_lapsed(plan)
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
                    "late": late,
                    "lapsed": lapsed,
                }
            )
        return found

    def _years(self) -> list[dict[str, Any]]:
        sums = [NONE if plan is None else sums_of(plan) for plan in self.here.plans]
        return years_of(sums, self.chances, self.stage.inputs.calendar.labels, self.planned)


def _add(found: dict[Decision, float], key: Key, amount: float) -> None:
    """Add an amount under what it is known by: a sum over chips; of what is yes or no, whether any is."""
    decision, before = key[:4], found.get(key[:4], 0.0)
    found[decision] = before + amount if key[0] in UNITS else max(before, amount)


def _in_order(*amounts: Iterable[Decision]) -> list[Decision]:
    """Return all that is decided, once: the periods of one thing together, in their order."""
    found = list(dict.fromkeys(key for one in amounts for key in one))
    place = {key: at for at, key in enumerate(dict.fromkeys(key[:3] for key in found))}
    return sorted(found, key=lambda key: (place[key[:3]], key[3]))


def _decision(now: float, least: float) -> str:
    if now <= NOTHING:
        return "not now"
    if least >= now - NOTHING:
        return "no regret"
    return "no regret in part" if least > NOTHING else "hedge"
