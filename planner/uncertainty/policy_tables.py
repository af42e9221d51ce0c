"""The tables of a policy over several decision dates: groups, what is ordered in each, what each future costs."""

from typing import Any

from planner.runs.summary import stated
from planner.solve.arrays import INFINITY
from planner.uncertainty.measure import Measure
from planner.uncertainty.order_rows import learnt_on, order_rows
from planner.uncertainty.policy import FutureGroup, Policy, groups_of, last_group, plans_of, root_of
from planner.uncertainty.recourse import RECOURSE
from planner.uncertainty.tables import COLUMNS

POLICY_COLUMNS: dict[str, dict[str, str]] = {
    "groups": {
        "date": "later decision date",
        "group": "date and number of the group",
        "known_on": "day on which the first of its orders must be signed: what is known then distinguishes groups",
        "within": "group of the date before that holds it; empty on the first later date",
        "probability": "of its futures together",
        "futures": "how many there are",
        "distinguished_by": "what is known then of its futures and not of the others of the same group; empty: nothing",
        "value_busd": "expected cost of its futures with what is ordered in it and all known after the date, present "
        "value, $B",
        "bound_busd": "what is proven of it, with what was ordered before; empty where nothing is",
        "gap": "value less bound, relative to the value; empty where nothing is proven, or the value is zero and its "
        "bound is below it",
        "status": "how the search of its orders ended (`planner.status.Status`)",
    },
    "group_futures": {
        "date": "later decision date",
        "group": "as in groups",
        "future": "name of the scenario, as in futures",
        "probability": "of the future",
    },
    "group_orders": {
        "date": "later decision date",
        "group": "as in groups",
        **{name: COLUMNS["orders"][name] for name in ("kind", "what", "role", "chip", "period", "sign_by")},
        "amount": "ordered after the decision date before, and by this one",
        **{name: COLUMNS["orders"][name] for name in ("unit", "late_share", "lapsed_share")},
    },
    "policy": {
        "future": "name of the scenario, as in futures",
        "probability": "as in futures",
        "group": "of the last decision date",
        "cost_busd": "cost in this future of the orders of all dates, with what is missing at its price, present value",
        "bound_busd": "what is proven of it with these orders; empty where nothing is",
        "known_at_once_busd": "cost with the same orders of the first date if the future is known after it",
        "missing_busd": COLUMNS["futures"]["missing_busd"],
        "unserved_share": COLUMNS["futures"]["unserved_share"],
        "missing": COLUMNS["futures"]["missing"],
    },
}
"""Columns of each table, and what they mean."""


def policy_rows(name: str, policy: Policy) -> list[dict[str, Any]]:
    """Return a table."""
    groups = [one for date in groups_of(policy) for one in date]
    if name == "groups":
        return [_group(one) for one in groups]
    if name == "group_futures":
        return [
            {**_head(one), "future": policy.futures[s][0], "probability": chance}
            for one in groups
            for s, chance in zip(one.places, one.chances, strict=True)
        ]
    if name == "group_orders":
        return [row for one in groups for row in _orders(one)]
    return [_future(s, policy) for s in root_of(policy).places]


def _head(group: FutureGroup) -> dict[str, Any]:
    return {"date": group.day.isoformat(), "group": group.name}


def _group(one: FutureGroup) -> dict[str, Any]:
    bound = one.found.bound
    return {
        **_head(one),
        "known_on": learnt_on(one.stage).isoformat(),
        "within": one.parent.name if one.parent is not None and one.parent.number else "",
        "probability": one.probability,
        "futures": len(one.places),
        "distinguished_by": one.distinct,
        "value_busd": one.found.value,
        "bound_busd": _known(bound),
        "gap": stated(Measure().gap(one.found.value, bound)),
        "status": one.status.value,
    }


def _orders(one: FutureGroup) -> list[dict[str, Any]]:
    """What is ordered in a group between the date before and its own; a future alone takes its orders as they come."""
    last = len(one.stage.earlier)
    own = one.solved_by is one.stage  # else its plan took over the orders of an earlier date alone
    plans = one.found.plans if own else [None] * len(one.places)
    rows = order_rows(one.stage, one.orders, plans, one.chances, lambda i: one.stage.wave(i) == last)
    return [{**_head(one), **row} for row in rows]


def _future(s: int, policy: Policy) -> dict[str, Any]:
    group, plan = last_group(policy, s), plans_of(policy)[s]
    return {
        "future": policy.futures[s][0],
        "probability": root_of(policy).chances[s],
        "group": group.name,
        "cost_busd": policy.costs[s],
        "bound_busd": _known(policy.bounds[s]),
        "known_at_once_busd": root_of(policy).found.costs[s],
        "missing_busd": plan.summary[RECOURSE]["missing_busd"],
        "unserved_share": plan.summary["unserved_share"],
        "missing": ", ".join(one["tier"] for one in plan.summary.get("shortfalls", ()) if one["amount"] > 0.0),
    }


def _known(bound: float) -> float | None:
    return None if bound == -INFINITY else bound
