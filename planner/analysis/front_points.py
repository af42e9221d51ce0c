"""Points of a front against one another: what a little more costs, which point is dominated, and what is open."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from planner.analysis.resolve import Pair, Resolved, Variant, further_by, resolve_open
from planner.case.case import CaseData
from planner.program.family import Family
from planner.runs.difference import EQUAL, LESS, Difference
from planner.runs.outcome import Outcome, misses_less
from planner.runs.variants import SAME_UNSERVED, Runner


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a front: the value asked for, and how its case is made and solved."""

    value: float
    label: str
    make: Callable[[], CaseData]
    families: tuple[Family, ...] = ()
    key: str = ""


def by_demand(outcomes: Sequence[tuple[Point, Outcome]], *, more_is_better: bool) -> dict[int, int]:
    """Return of each point with a plan, by its place, the one that asks for a little less."""
    sign = 1.0 if more_is_better else -1.0
    places = [n for n, (_, outcome) in enumerate(outcomes) if outcome.plan is not None]
    places.sort(key=lambda n: sign * outcomes[n][0].value)
    return dict(zip(places[1:], places, strict=False))


def compared(one: tuple[Point, Outcome], other: tuple[Point, Outcome]) -> dict[str, Any]:
    """Return what a point costs more than another."""
    found = Difference.between(one[1].required().summary, other[1].required().summary)
    return {"compared_with": other[0].label, "difference_busd": found.busd, **found.columns(), "tier": found.tier}


def resolved_points(
    outcomes: Sequence[tuple[Point, Outcome]], order: Mapping[int, int], runner: Runner, seconds: float
) -> tuple[tuple[Resolved, ...], list[tuple[Point, Outcome]]]:
    """Solve neighbours further whose difference has an open sign; return what came of it, and all outcomes."""
    plans = {str(n): outcome.plan for n, (_, outcome) in enumerate(outcomes) if outcome.plan is not None}
    variants = {
        name: Variant(
            plan.case, outcomes[int(name)][1].name, *(outcomes[int(name)][0].families, outcomes[int(name)][0].key)
        )
        for name, plan in plans.items()
    }
    pairs = [Pair.of(f"{outcomes[one][0].label} less {outcomes[other][0].label}", str(one), str(other))
             for one, other in order.items()]  # fmt: skip
    found = resolve_open(pairs, plans, further_by(runner, variants, plans), seconds)
    better = [
        (point, Outcome.of_plan(plans[str(n)], outcome.name) if str(n) in plans else outcome)
        for n, (point, outcome) in enumerate(outcomes)
    ]
    return found, better


def mark_dominated(rows: list[dict[str, Any]], outcomes: Sequence[Outcome], sign: float) -> None:
    """State of each row whether another dominates it."""
    summaries = [None if outcome.plan is None else outcome.plan.summary for outcome in outcomes]
    found = list(zip(rows, summaries, strict=True))
    for row, summary in found:
        by = [other for one, other in found if _dominates(one, other, row, summary, sign)]
        proven = any(
            Difference.between(other, summary).sign in (LESS, EQUAL) for other in by if other is not None and summary
        )
        row["dominated"] = "yes" if proven else "open" if by else "no"


def _dominates(
    other: Mapping[str, Any],
    other_summary: Mapping[str, Any] | None,
    row: Mapping[str, Any],
    summary: Mapping[str, Any] | None,
    sign: float,
) -> bool:
    """Whether a point asks for at least as much, costs no more and misses no more, and is better in one of them."""
    if other is row or other_summary is None or summary is None or misses_less(summary, other_summary):
        return False
    cost_tolerance = 1e-9 * abs(row["cost_busd"])
    better = (
        (sign * (row["value"] - other["value"]), 1e-12),
        (row["cost_busd"] - other["cost_busd"], cost_tolerance),
        (row["unserved_share"] - other["unserved_share"], SAME_UNSERVED),
    )
    if any(by < -off for by, off in better):
        return False
    return any(by > off for by, off in better) or misses_less(other_summary, summary)
