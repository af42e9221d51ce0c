"""How well a plan is protected in many futures: by its redundancy rules, and after the loss of one place.

All figures are those of the tables of the audited plans (docs/uncertainty.md, protection in other futures).
"""

from collections.abc import Iterator, Mapping, Sequence
from math import fsum
from typing import Any

from planner.audit.redundancy import share_of
from planner.case.model import RedundancyRule
from planner.plan.plan import PlanData
from planner.uncertainty.measure import mean, quantile
from planner.uncertainty.outages import served_after

RULE, LOSS = "rule", "loss"
COLUMNS: dict[str, str] = {
    "kind": "rule: the critical demand of a redundancy rule; loss: all demand, after the loss of any one place",
    "what": "name of the rule; what is lost: site, provider or power_region",
    "period": "period",
    "mean": "share that is protected (rule), or still served after the loss that leaves least (loss): expected value",
    "p10": "not exceeded with a probability of 10 %",
    "p50": "of 50 %",
    "p90": "of 90 %",
    "least": "in the worst future",
    "planned": "in the plan as it was made",
    "held_share": "probability of the futures in which nothing of the rule is missing; in which all that was served is "
    "served after any of these losses",
}
"""Columns of the table of protection."""
Key = tuple[str, str]
Protection = Mapping[Key, Mapping[str, tuple[float, bool]]]
"""Of a plan: by kind and name, for each period by its label, the share and whether it is held."""
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
    """Return, by period, the share of what a rule asks to be protected that is."""
    periods, short = plan.periods, dict.fromkeys(labels, 0.0)
    for row in plan.rows("shortfalls"):
        label = periods.label(row["period"])
        if row["rule"] == rule.name and label in short:
            short[label] += float(row["amount"])
    if not any(short.values()):
        return dict.fromkeys(labels, (1.0, True))
    critical = dict.fromkeys(labels, 0.0)
    for row in plan.rows("unserved"):
        label = periods.label(row["period"])
        if label in critical:
            share = share_of(rule, str(row["market"]), str(row["workload"]))
            critical[label] += share * float(row["served_compute"] or 0.0)
    return {
        label: (max(0.0, 1.0 - amount / critical[label]) if critical[label] else 1.0, amount <= 0.0)
        for label, amount in short.items()
    }


def protection_rows(
    futures: Sequence[Protection], chances: Sequence[float], planned: Protection
) -> Iterator[dict[str, Any]]:
    """Yield a row of ``COLUMNS`` for each rule and period, and for each kind of loss and period, over the futures."""
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
    """Return for each rule and kind of loss in how many futures it is held in every period, and the least share."""
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
    """Return the probability of the futures that hold something, of all of these: one exactly if all do."""
    if all(holds):
        return 1.0
    return fsum(chance for held, chance in zip(holds, chances, strict=True) if held) / fsum(chances)
