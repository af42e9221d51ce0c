"""The orders of a decision date as rows: when each is signed, and what becomes of it in the futures."""

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from planner.inputs import Inputs
from planner.inputs.contracts import MW_PER_GW
from planner.plan.plan import PlanData
from planner.solve.arrays import Floats
from planner.uncertainty.first_stage import CHIPS, CONTRACT, ONSITE, FirstStageOrders, Order
from planner.uncertainty.recourse import RECOURSE

NOTHING = 1e-6
UNITS = {CONTRACT: "blocks", ONSITE: "facility MW", CHIPS: "IT MW"}


def order_rows(
    stage: FirstStageOrders,
    orders: Floats | None,
    plans: Sequence[PlanData | None],
    chances: Sequence[float],
    chosen: Callable[[int], bool] = lambda _: True,
) -> list[dict[str, Any]]:
    """Return the rows of the orders that are given.

    Parameters
    ----------
    stage : FirstStageOrders
    orders : array or None
        An amount for each order of the stage; None: none is given.
    plans : sequence of PlanData or None
        Of the futures, which took over these orders.
    chances : sequence of float
        Their probabilities; shares are of all of them together.
    chosen : callable
        Whether an order is shown, by its place.
    """
    whole = math.fsum(chances)
    shares = [chance / whole for chance in chances]
    fate, lapsed = [fate_of(plan) for plan in plans], [_lapsed(plan) for plan in plans]
    found = []
    for i, order in enumerate(stage.orders):
        amount = 0.0 if orders is None else float(orders[i])
        if amount <= NOTHING or not chosen(i):
            continue
        period = "" if order.period < 0 else stage.inputs.calendar.labels[order.period]
        late = chance_of(p for p, one in zip(shares, fate, strict=True) if one.get(i, -1) not in (-1, None))
        never = chance_of(p * one.get(i, 0.0) / amount for p, one in zip(shares, lapsed, strict=True))
        found.append(
            {
                "kind": order.kind,
                "what": order.what,
                "role": order.role,
                "chip": order.chip,
                "period": period,
                "sign_by": _sign_by(stage, order),
                "amount": amount * (MW_PER_GW if order.kind in (ONSITE, CHIPS) else 1.0),
                "unit": UNITS.get(order.kind, "yes/no"),
                "late_share": late,
                "lapsed_share": never,
            }
        )
    return found


def learnt_on(stage: FirstStageOrders) -> date:
    """Return the day on which the first of the orders must be signed that no earlier date has decided: what is known.

    The decision date itself where there are none.
    """
    fresh = [one for i, one in enumerate(stage.orders) if stage.wave(i) == len(stage.earlier)]
    return min((_signed(stage, one) for one in fresh), default=stage.day)


def _signed(stage: FirstStageOrders, order: Order) -> date:
    """The last day on which an order can be signed; a programme that is declined: as its first contract is."""
    inputs = stage.inputs
    if order.period >= 0:
        return date.fromisoformat(_sign_by(stage, order))
    programme = inputs.programmes[order.what]
    due = programme.first_due
    assert due is not None  # such a programme is no order
    sites = {s for by_site in programme.gw_per_it_gw.values() for s in by_site}
    leads = {0.0, *(inputs.offers[o].lead_months for s in sites for o in inputs.offers_at(s))}
    days = [date_before(inputs, due, lead) for lead in leads]
    return min((one for one in days if one >= stage.earlier[-1]), default=stage.day) if stage.earlier else min(days)


def _sign_by(stage: FirstStageOrders, order: Order) -> str:
    inputs = stage.inputs
    if order.period < 0:
        return stage.day.isoformat()
    lead = 0.0
    if order.kind == CONTRACT:
        lead = inputs.offers[order.what].lead_months
    elif order.kind == ONSITE:
        lead = inputs.power_options[order.what].lead_months
    return date_before(inputs, order.period, lead).isoformat()


def date_before(inputs: Inputs, period: int, lead_months: float) -> date:
    """Return the date so many months before a period."""
    calendar = inputs.calendar
    years = calendar.start_years[period] - lead_months / 12
    if years >= 0.0:
        return calendar.date_of(years)
    return calendar.start_dates[0] + timedelta(days=round(years * 365.25))


def chance_of(probabilities: Iterable[float]) -> float:
    """Return the probability of futures together, without the rounding of the sum.

    Examples
    --------
    >>> chance_of([0.1] * 10)
    1.0
    """
    return round(math.fsum(probabilities), 12)


def fate_of(plan: PlanData | None) -> dict[int, int | None]:
    """Orders that start later than the case has it, with their period; None: never."""
    said = [] if plan is None else plan.summary.get(RECOURSE, {}).get("orders", [])
    return {one["order"]: one["there"] for one in said if one["there"] != one["ordered"]}


def late_and_lapsed(plan: PlanData | None) -> tuple[int, int]:
    """How many orders start later than the case has it, the last of them, and of how many something never starts."""
    said = [] if plan is None else plan.summary.get(RECOURSE, {}).get("orders", [])
    late = sum(1 for one in said if one["there"] not in (None, one["ordered"]))
    return late, sum(1 for one in said if one["there"] is None or one["lapsed"] > NOTHING)


def _lapsed(plan: PlanData | None) -> dict[int, float]:
    """What of the orders never starts."""
    said = [] if plan is None else plan.summary.get(RECOURSE, {}).get("orders", [])
    return {one["order"]: one["lapsed"] for one in said}
