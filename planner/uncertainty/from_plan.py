"""The orders of a plan: what it has decided by the decision date, in the order of the first stage."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from planner.inputs.calendar import EPSILON_YEARS
from planner.inputs.contracts import MW_PER_GW
from planner.inputs.periods import Periods
from planner.plan.plan import PlanData
from planner.solve.arrays import Floats
from planner.uncertainty.first_stage import CHIPS, CONTRACT, DEVELOPMENT, ONSITE, PROGRAMME, FirstStageOrders, Key
from planner.uncertainty.leads import Leads
from planner.uncertainty.measure import quantile
from planner.uncertainty.order_rows import NOTHING
from planner.uncertainty.recourse import RECOURSE


def orders_of(stage: FirstStageOrders, plan: PlanData, late: Mapping[Key, float] | None = None) -> Floats:
    """Return what a plan orders by the decision date: an amount for each order of the first stage.

    In a future with a longer lead time that is the order whose date of signing is the last one to be there in time.

    Parameters
    ----------
    stage : FirstStageOrders
    plan : PlanData
    late : mapping of Key to float
        What of earlier orders comes late in it (`late_parts`), and is none of its own.
    """
    leads, decided = Leads.of(stage, plan.case), dict[Key, float]()
    for key, amount in _without(decisions_of(plan, stage), late or {}).items():
        ordered = order_for(leads, key)
        decided[ordered] = decided.get(ordered, 0.0) + amount
    found = np.zeros(len(stage.orders))
    for i, order in enumerate(stage.orders):
        found[i] = decided.get(order.key, 0.0)
        if order.kind == DEVELOPMENT:
            found[i] = float(any(d[0] == DEVELOPMENT and d[1] == order.what and d[3] <= order.period for d in decided))
    return np.minimum(found, stage.most)


def order_for(leads: Leads, key: Key) -> Key:
    """Return the order by which something starts in a future: for the last period that lets it be there in time.

    Parameters
    ----------
    leads : Leads
        Lead times of the future, beside those of the case.
    key : Key
        What starts, with the period in which it does; an order is for a period as the case has it.
    """
    kind, what, role, period, chip = key
    if kind not in (CONTRACT, ONSITE) or not is_due(leads, key):
        return key
    arrives = leads.contract_arrives if kind == CONTRACT else leads.power_arrives
    last = next((t for t in range(period, -1, -1) if arrives(what, t, period)), period)
    return kind, what, role, last, chip


def late_parts(stage: FirstStageOrders, plan: PlanData) -> dict[Key, float]:
    """Return what of the orders that a plan took over is there in a period other than ordered, by that period.

    Parameters
    ----------
    stage : FirstStageOrders
        Whose orders the plan took over.
    plan : PlanData
        Of a future (`recourse.Recourse.plan`).
    """
    found: dict[Key, float] = {}
    for said in plan.summary.get(RECOURSE, {}).get("orders", ()):
        order = stage.orders[said["order"]]
        for period, amount in said.get("parts", ()):
            if period != order.period:
                key = order.kind, order.what, order.role, int(period), order.chip
                found[key] = found.get(key, 0.0) + float(amount)
    return found


def signed_anew(stage: FirstStageOrders, plan: PlanData, orders: Floats) -> dict[Key, float]:
    """Return what a plan decides beyond the orders that it took over, by what orders are known by.

    Parameters
    ----------
    stage : FirstStageOrders
        Whose orders the plan took over.
    plan : PlanData
        Of a future (`recourse.Recourse.plan`).
    orders : array
        What was ordered.
    """
    delivered = late_parts(stage, plan)
    parts = {said["order"]: said["parts"] for said in plan.summary.get(RECOURSE, {}).get("orders", ())}
    for i, order in enumerate(stage.orders):
        on_time = sum(n for t, n in parts[i] if t == order.period) if i in parts else float(orders[i])
        delivered[order.key] = delivered.get(order.key, 0.0) + on_time
    return _without(decisions_of(plan, stage), delivered)


def _without(decided: dict[Key, float], late: Mapping[Key, float]) -> dict[Key, float]:
    """Return decisions less what was ordered: blocks under the chip ordered, else under one installed in its place."""
    found, replaced = dict(decided), dict[Key, float]()
    for key, amount in late.items():
        taken = min(amount, found.get(key, 0.0))
        found[key] = found.get(key, 0.0) - taken
        replaced[key] = amount - taken
    for (kind, what, role, period, _), amount in replaced.items():
        left = amount if kind == CONTRACT else 0.0
        for key in [one for one in found if one[:4] == (kind, what, role, period)]:
            taken = min(left, found[key])
            found[key], left = found[key] - taken, left - taken
    return found


def starts_unordered(stage: FirstStageOrders, plan: PlanData, orders: Floats, late: Mapping[Key, float]) -> bool:
    """Return whether a plan starts what had to be signed by the date, by its own lead times, and is not ordered.

    Nor is it where its lead time is longer than that of the case: what was ordered by then would come later.

    Parameters
    ----------
    stage : FirstStageOrders
    plan : PlanData
        Of a future, which may have what the case itself does not admit, or more of it.
    orders : array
        What is ordered by the date.
    late : mapping of Key to float
        What of earlier orders comes late in it (`late_parts`).
    """
    leads, left = Leads.of(stage, plan.case), dict[Key, float]()
    for key, amount in _without(decisions_of(plan, stage), late).items():
        if is_due(leads, key):
            if amount > NOTHING and _is_longer(leads, key):
                return True
            left[_start(key)] = left.get(_start(key), 0.0) + amount
    for order, ordered in zip(stage.orders, orders, strict=True):
        key = _start(order.key)
        left[key] = left.get(key, 0.0) - float(ordered)
    return any(amount > NOTHING for amount in left.values())


def is_due(leads: Leads, key: Key) -> bool:
    """Return whether a contract, on-site power or chips of a future start by signing them by the date."""
    kind, what, _, period, _ = key
    if kind == CONTRACT:
        return leads.is_signed(what, period)
    if kind == ONSITE:
        return leads.is_bought(what, period)
    return kind == CHIPS and leads.stage.is_past(period)


def _is_longer(leads: Leads, key: Key) -> bool:
    """Whether the future has a longer lead time for something than the case."""
    kind, what, *_ = key
    years = leads.contract_late_years(what) if kind == CONTRACT else leads.power_late_years(what)
    return kind in (CONTRACT, ONSITE) and years > EPSILON_YEARS


def _start(key: Key) -> Key:
    """Return what starts: blocks whatever chip is in them."""
    return (*key[:4], key[4] if key[0] == CHIPS else "")


def agreed_orders(ordered: Sequence[Floats], chances: Sequence[float]) -> list[Floats]:
    """Return what the futures by themselves agree on: of each order the median, and the least.

    Parameters
    ----------
    ordered : sequence of array
        What each future orders.
    chances : sequence of float
        Their probabilities.
    """
    points = np.array(ordered).reshape(len(ordered), -1)
    shares = (0.5, 0.0)
    return [np.array([quantile(list(column), chances, share) for column in points.T]) for share in shares]


def decisions_of(plan: PlanData, stage: FirstStageOrders) -> dict[Key, float]:
    """Return what a plan decides, by what orders are known by: blocks, facility GW and IT GW."""
    at = Periods(stage.inputs.calendar).index
    found: dict[Key, float] = {}

    def add(key: Key, amount: float) -> None:
        found[key] = found.get(key, 0.0) + amount

    for row in plan.rows("contracts"):
        if row["origin"] == "decided":
            key = CONTRACT, str(row["offer"]), str(row["role"]), at(row["start_period"]), _text(row, "chip")
            add(key, float(round(float(_number(row, "blocks")))))
    for row in plan.rows("power_built"):
        add((ONSITE, str(row["power_option"]), "", at(row["period"]), ""), _number(row, "facility_mw") / MW_PER_GW)
    for row in plan.rows("installs"):
        offer = stage.inputs.offers.get(str(row["offer"]))
        if offer is not None and offer.tenure != "cloud":
            chip_key = CHIPS, str(row["offer"]), str(row["role"]), at(row["period"]), str(row["chip"])
            add(chip_key, _number(row, "added_it_mw") / MW_PER_GW)
    for row in plan.rows("developments"):
        add((DEVELOPMENT, str(row["chip"]), "", at(row["period"]), ""), 1.0)
    for programme in {str(row["programme"]) for row in plan.rows("programme_path") if row["undertaken"] == "no"}:
        add((PROGRAMME, programme, "", -1, ""), 1.0)
    return found


def _text(row: Mapping[str, Any], name: str) -> str:
    return str(row.get(name) or "")


def _number(row: Mapping[str, Any], name: str) -> float:
    return float(row[name] or 0.0)
