"""How capacity, unserved demand and spending go over the years in many futures: mean and quantiles of each period."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from planner.inputs.contracts import MW_PER_GW
from planner.plan.plan import PlanData
from planner.uncertainty.measure import mean, quantile

YEARS: dict[str, str] = {
    "period": "period",
    "measure": "it_gw_in_force, unserved_compute, or spent_busd (spending and what financing takes, $B nominal)",
    "mean": "expected value over the futures",
    "p10": "not exceeded with a probability of 10 %",
    "p50": "of 50 %",
    "p90": "of 90 %",
    "planned": "in the plan of the case, which knows of no other future; empty where it is not known",
}
"""Columns of the table of years, and what they mean."""
MEASURES = ("it_gw_in_force", "unserved_compute", "spent_busd")
FINANCING = ("fee_busd", "interest_busd", "repaid_busd")
Sums = Mapping[str, Mapping[str, float]]
"""Of a plan: by measure, the amount by the label of the period; a period without any is left out."""
NONE: Sums = {measure: {} for measure in MEASURES}
"""A future without a plan has nothing in force and spends nothing."""


def sums_of(plan: PlanData) -> Sums:
    """Return the capacity in force, the unserved compute and the spending of a plan."""
    return {measure: _SUMS[measure](plan) for measure in MEASURES}


def years_of(
    futures: Sequence[Sums], chances: Sequence[float], labels: Sequence[str], planned: PlanData | None
) -> list[dict[str, Any]]:
    """Return a row for each measure and period.

    Parameters
    ----------
    futures : sequence of Sums
        Of the plan of each future (`sums_of`); ``NONE`` of one without a plan.
    chances : sequence of float
    labels : sequence of str
        Of all periods.
    planned : PlanData or None
        The plan of the case itself.
    """
    found = []
    own = None if planned is None else sums_of(planned)
    for measure in MEASURES:
        for label in labels:
            values = [one[measure].get(label, 0.0) for one in futures]
            ranges = {f"p{n}": quantile(values, chances, n / 100) for n in (10, 50, 90)}
            there = {"planned": None if own is None else own[measure].get(label, 0.0)}
            found.append({"period": label, "measure": measure, "mean": mean(values, chances), **ranges, **there})
    return found


def _by_period(plan: PlanData, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> dict[str, float]:
    """Sums of columns of a table by the label of the period."""
    found: dict[str, float] = {}
    periods = plan.periods  # made anew each time it is asked for
    for row in rows:
        label = periods.label(row["period"])
        found[label] = found.get(label, 0.0) + sum(float(row[name] or 0.0) for name in columns)
    return found


def _in_force(plan: PlanData) -> dict[str, float]:
    sums = _by_period(plan, plan.rows("in_force"), ("signed_it_mw", "decided_it_mw"))
    return {label: it_mw / MW_PER_GW for label, it_mw in sums.items()}


def _unserved(plan: PlanData) -> dict[str, float]:
    return _by_period(plan, plan.rows("unserved"), ("unserved_compute",))


def _spent(plan: PlanData) -> dict[str, float]:
    paid = [row for row in plan.rows("spend") if row["part"] == "spend"]
    found = _by_period(plan, paid, ("amount_busd",))
    for label, busd in _by_period(plan, plan.rows("cash"), FINANCING).items():
        found[label] = found.get(label, 0.0) + busd
    return found


_SUMS: dict[str, Callable[[PlanData], dict[str, float]]] = {
    "it_gw_in_force": _in_force,
    "unserved_compute": _unserved,
    "spent_busd": _spent,
}
