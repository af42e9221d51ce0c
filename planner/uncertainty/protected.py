"""How well a plan is protected in many futures: by its redundancy rules, and after the loss of one place.

All figures are those of the tables of the audited plans (docs/uncertainty.md, protection in other futures).
"""

from collections.abc import Iterator, Mapping, Sequence
from math import fsum
from typing import Any

from planner.audit.redundancy import share_of
from planner.case.model import RedundancyRule
from planner.plan.plan import PlanData
from planner.text import CHANCE_ROUNDING
from planner.uncertainty.measure import mean, quantile
from planner.uncertainty.outages import ROUNDING, served_after

RULE, LOSS = "rule", "loss"
COLUMNS: dict[str, str] = {
    "kind": "rule: all critical demand of a redundancy rule, served or not; loss: all demand, after the loss of any "
    "one place",
    "what": "name of the rule; what is lost: site, provider or power_region",
    "period": "period",
    "mean": "share that is protected (rule), or still served after the loss that leaves least (loss): expected value "
    "over the futures that have a plan",
    "p10": "not exceeded with a probability of 10 %",
    "p50": "of 50 %",
    "p90": "of 90 %",
    "least": "in the worst future that has a plan",
    "planned": "in the plan as it was made",
    "held_share": "probability of the futures, of all, in which all of it is protected (rule), or all demand is served "
    "after any of these losses (loss); in a future without a plan none is",
}
"""Columns of the table of protection."""
Key = tuple[str, str]
Protection = Mapping[Key, Mapping[str, tuple[float, bool]]]
"""Of a plan: by kind and name, for each period by its label, the share and whether that is all."""
ALL = (1.0, True)
"""Of a future in which nothing is asked."""


def protection_of(plan: PlanData, labels: Sequence[str], after: Sequence[str]) -> dict[Key, dict[str, Any]]:
    """Return how well a plan is protected.

    Parameters
    ----------
    plan : PlanData
    labels, after : sequence of str
        Periods in which its rules are judged; those in which a place is lost (none: no place is).
    """
    section = plan.case.model.families.redundancy
    found: dict[Key, dict[str, Any]] = {
        (RULE, rule.name): _of_rule(plan, rule, labels) for rule in (() if section is None else section.rules)
    }
    if after:
        found |= {(LOSS, kind): shares for kind, shares in served_after(plan, after).items()}
    return found


def _of_rule(plan: PlanData, rule: RedundancyRule, labels: Sequence[str]) -> dict[str, tuple[float, bool]]:
    """Return, by each of its periods, the share of all demand critical by a rule, served or not, that is protected."""
    periods = plan.periods
    asked, lost = dict.fromkeys(_labels_of(plan, rule, labels), 0.0), dict[str, float]()
    for row in plan.rows("unserved"):
        label = periods.label(row["period"])
        if label in asked:
            share = share_of(rule, str(row["market"]), str(row["workload"]))
            asked[label] += share * float(row["demand_compute"] or 0.0)
            lost[label] = lost.get(label, 0.0) + share * float(row["unserved_compute"] or 0.0)
    lost = {label: amount if amount > ROUNDING * asked[label] else 0.0 for label, amount in lost.items()}
    for row in plan.rows("shortfalls"):
        label = periods.label(row["period"])
        if row["rule"] == rule.name and label in asked:
            lost[label] = lost.get(label, 0.0) + float(row["amount"])
    return {label: _share(lost.get(label, 0.0), amount) for label, amount in asked.items()}


def _labels_of(plan: PlanData, rule: RedundancyRule, labels: Sequence[str]) -> list[str]:
    """Return those of the periods in which a rule holds."""
    calendar = plan.periods.calendar
    places = {label: t for t, label in enumerate(calendar.labels)}
    return [one for one in labels if calendar.holds(places[one], rule.first_year, rule.last_year)]


def _share(lost: float, asked: float) -> tuple[float, bool]:
    """Return the share of what is asked for that is not lost, and whether nothing is."""
    return (max(0.0, 1.0 - lost / asked), lost <= 0.0) if asked > 0.0 else ALL


def protection_rows(
    futures: Sequence[Protection], chances: Sequence[float], planned: Protection
) -> Iterator[dict[str, Any]]:
    """Yield a row of ``COLUMNS`` for each rule and period, and for each kind of loss and period.

    Parameters
    ----------
    futures : sequence of Protection
        Of the futures that have a plan.
    chances : sequence of float
        Of these; what they lack of one is that of the futures without a plan.
    planned : Protection
        Of the plan as it was made.
    """
    for key, labels in _periods((planned, *futures)).items():
        own = planned.get(key, {})
        for label in labels:
            found = [one.get(key, {}).get(label, ALL) for one in futures]
            values = [share for share, _ in found]
            yield {
                "kind": key[0], "what": key[1], "period": label, "mean": mean(values, chances),
                **{f"p{n}": quantile(values, chances, n / 100) for n in (10, 50, 90)},
                "least": min(values), "planned": own[label][0] if label in own else None,
                "held_share": _probability([held for _, held in found], chances),
            }  # fmt: skip


def protection_summary(futures: Sequence[Protection], chances: Sequence[float]) -> list[dict[str, Any]]:
    """Return for each rule and kind of loss in how many of all futures all is held in every period; the least share.

    The arguments are those of `protection_rows`; the least share is of the futures that have a plan.
    """
    found = []
    for key in _periods(futures):
        each = [list(one.get(key, {}).values()) or [ALL] for one in futures]
        held = _probability([all(held for _, held in one) for one in each], chances)
        least = min(share for one in each for share, _ in one)
        found.append({"kind": key[0], "what": key[1], "held_share": held, "least": least})
    return found


def _periods(futures: Sequence[Protection]) -> dict[Key, tuple[str, ...]]:
    """Return the periods of each key: a future may have rules that others have not."""
    return {key: tuple(labels) for one in futures for key, labels in one.items()}


def _probability(holds: Sequence[bool], chances: Sequence[float]) -> float:
    """Return the probability of the futures that hold something: one exactly if there are no others."""
    found = fsum(chance for held, chance in zip(holds, chances, strict=True) if held)
    return found if found < 1.0 - CHANCE_ROUNDING else 1.0
