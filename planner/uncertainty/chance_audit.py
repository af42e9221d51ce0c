"""The audit of limits in probability, from the plans of the futures alone (docs/uncertainty.md, limits in probability).

Written from the page: it knows nothing of the program, of its variables or of what the search has chosen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum
from typing import Any

from planner.plan.plan import PlanData

ROUNDING = 1e-9
"""Probability by which a share may be missed."""
OF_DEMAND = 1e-6
"""Share of a demand that is nothing."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a limit in probability is kept.

    Attributes
    ----------
    limit : str
    asked, met : float
        Share of the futures, by probability, that was asked for, and in which nothing is missing.
    missed_in : tuple of str
        Names of the futures in which something is.
    """

    limit: str
    asked: float
    met: float
    missed_in: tuple[str, ...]

    @property
    def kept(self) -> bool:
        """Whether it is."""
        return self.met >= self.asked - ROUNDING

    def document(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "limit": self.limit,
            "asked_share": self.asked,
            "met_share": self.met,
            "kept": self.kept,
            "missed_in": list(self.missed_in),
        }


def verdicts(asked: Mapping[str, float], futures: Mapping[str, tuple[float, PlanData]]) -> tuple[Verdict, ...]:
    """Return for each limit in how many of the futures, by probability, its plans miss nothing.

    Parameters
    ----------
    asked : mapping of str to float
        Share by limit.
    futures : mapping of str to (float, PlanData)
        Probability and plan of each future.
    """
    whole = fsum(chance for chance, _ in futures.values())
    found = []
    for limit, share in asked.items():
        missed = tuple(name for name, (_, plan) in futures.items() if _misses(limit, plan))
        met = fsum(chance for name, (chance, _) in futures.items() if name not in missed) / whole
        found.append(Verdict(limit, share, round(met, 12), missed))
    return tuple(found)


def _misses(limit: str, plan: PlanData) -> bool:
    """Whether something is missing of a limit; a plan that did not pass its audit misses everything."""
    if not plan.summary["audit"]["passed"]:
        return True
    if limit == "demand":
        return any(
            _amount(row["demand_compute"]) - _amount(row["served_compute"]) > OF_DEMAND * _amount(row["demand_compute"])
            for row in plan.rows("unserved")
        )
    return any(_amount(row["amount"]) > 0.0 and _limit_of(row, plan) == limit for row in plan.rows("shortfalls"))


def _limit_of(row: Mapping[str, Any], plan: PlanData) -> str:
    """The limit that a row of the table of shortfalls is of: by its tier, and by its rule where that has a price."""
    tier = str(row["tier"])
    if tier == "protection":
        return "redundancy"
    if tier != "priced":
        return tier
    rules = plan.case.model.families.redundancy
    domains = {} if rules is None else {rule.name: rule.domain for rule in rules.rules}
    return "head-room" if domains.get(str(row["rule"])) == "none" else "redundancy"


def _amount(value: Any) -> float:
    return float(value or 0.0)
