"""A plan solved further: from the plan and the bound that are known, to a smaller gap; neither ever becomes worse."""

from typing import Any

from planner.plan.plan import PlanData
from planner.runs.outcome import SAME_SHARE, misses_differ
from planner.runs.summary import relative_gap, stated
from planner.solve.settings import ROUNDING
from planner.status import Status

CHEAPER = 1e-9
"""Share of the cost by which a plan must be cheaper to take the place of another."""
RESOLVED = "resolve"
"""Key of the summary of a plan that was solved further: how often, and the gap before."""


def better_plan(old: PlanData, new: PlanData) -> PlanData:
    """Return the better of two plans of one case, with what is proven by either.

    Parameters
    ----------
    old : PlanData
        As it was; its gap target stays that of the plan.
    new : PlanData
        What a further solve of the same program found.
    """
    differ = misses_differ(new.summary, old.summary)
    if differ is not None:
        return _taken(old, new, None) if differ.difference < 0.0 else _taken(old, old, None)
    cheaper = new.cost_busd < old.cost_busd - CHEAPER * abs(old.cost_busd)
    chosen, other = (new, old) if cheaper else (old, new)
    return _taken(old, chosen, other if _miss_the_same(old.summary, new.summary) else None)


def _miss_the_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether a bound of either plan holds for both: it is that of plans that miss no more."""
    here, there = ({e["tier"]: float(e["amount"]) for e in s.get("shortfalls") or ()} for s in (one, other))
    return all(
        abs(here.get(tier, 0.0) - there.get(tier, 0.0)) <= SAME_SHARE * max(1.0, here.get(tier, 0.0))
        for tier in {**here, **there}
    )


def _taken(old: PlanData, chosen: PlanData, other: PlanData | None) -> PlanData:
    """The plan chosen, with the larger of the bounds, and with what was asked for at first."""
    mine, before = chosen.summary, old.summary
    summary = {**mine, "gap_target": before["gap_target"]}
    proven = mine
    if other is not None and other.bound_busd is not None:
        bound = min(other.bound_busd, chosen.cost_busd)
        if mine["bound_busd"] is None or bound > float(mine["bound_busd"]):
            proven = other.summary
            summary |= {"bound_busd": bound, "gap": stated(relative_gap(chosen.cost_busd, bound))}
            if other.summary.get("shortfalls"):
                summary["shortfalls"] = _proven(mine["shortfalls"], other.summary["shortfalls"])
            if "unserved_share_bound" in other.summary:
                least = other.summary["unserved_share_bound"]
                summary["unserved_share_bound"] = None if least is None else min(least, mine["unserved_share"])
    summary["status"] = _status(summary, Status(str(mine["status"])), Status(str(proven["status"]))).value
    known = before.get(RESOLVED) or {"solves": 0, "gap_before": before["gap"]}
    summary[RESOLVED] = {**known, "solves": int(known["solves"]) + 1}
    if "what_if" in before:
        summary["what_if"] = before["what_if"]
    return PlanData(chosen.case, summary, chosen.tables)


def _proven(mine: list[dict[str, Any]], others: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Amounts as they are, with the bounds and tolerances of what was proven."""
    by_tier = {one["tier"]: one for one in others}
    found = []
    for one in mine:
        other = by_tier.get(one["tier"], one)
        found.append({**one, "bound": min(other["bound"], one["amount"]), "tolerance": other["tolerance"]})
    return found


def _status(summary: dict[str, Any], mine: Status, proven: Status) -> Status:
    """Return what the plan may be called: as far as its own cost and bound prove it."""
    gap = summary["gap"]
    if gap is None or not (mine.within_gap or proven.within_gap or gap <= float(summary["gap_target"])):
        return Status.TIME_LIMIT
    if gap <= ROUNDING:
        return Status.OPTIMAL
    return Status.GAP_REACHED if gap <= float(summary["gap_target"]) + ROUNDING else Status.TIME_LIMIT
