"""The summary of a plan: status, cost, bound, gap, figures, solver and versions."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from platform import python_version
from typing import Any

import numpy as np

from planner.inputs import Inputs
from planner.inputs.contracts import MW_PER_GW
from planner.inputs.periods import Periods
from planner.options import SolveOptions
from planner.plan import figures
from planner.plan.extract import demanded_compute_years, headline
from planner.program import Family
from planner.solve.records import Answer, EngineResult, TierResult
from planner.solve.settings import ROUNDING, SAME_COST
from planner.status import Status

NAMED = ("rule", "programme", "contract", "market", "workload")
"""Columns of the table of shortfalls that say what is missing."""
NOTHING_BUSD = 1e-9
"""A bound so little below a cost of zero is zero but for rounding."""
LIBRARIES = ("gigaplan", "pyomo", "highspy", "networkx", "numpy", "scipy", "pydantic", "pyscipopt")


def summarise(
    inputs: Inputs, options: SolveOptions, answer: Answer, tables: Mapping[str, Any], families: Sequence[Family]
) -> dict[str, Any]:
    """Return the summary of a plan, without what its audit and its clock add.

    Parameters
    ----------
    inputs : Inputs
    options : SolveOptions
        As used: with no more threads than there are cores.
    answer : Answer
        With a point.
    tables : mapping of str to rows
        The tables made of the point.
    families : sequence of Family
        Constraint families that were added.
    """
    case = inputs.case
    cost = sum(float(row["present_value_busd"]) for row in tables["objective"])
    bound = min(0.0 if _is_rounding(inputs, answer, cost) else answer.bound, cost)
    gap = relative_gap(cost, bound)
    summary = {
        "status": status_of(answer, gap, options.gap).value,
        "case_name": case.model.name,
        "title": case.model.title,
        "cost_busd": cost,
        "bound_busd": bound if np.isfinite(bound) else None,
        "gap": stated(gap),
        "gap_target": options.gap,
        **headline(inputs, tables),
        "unserved_share_bound": _unserved_share_bound(inputs, answer, tables),
        "shortfalls": _tiers(inputs, answer.tiers, tables),
        "solver": options.solver,
        "solver_seconds": round(answer.solver_seconds, 3),
        "solver_notes": list(answer.notes),
        "solver_stages": {stage: round(seconds, 3) for stage, seconds in answer.stages.items()},
        "redundancy": {"cuts_added": answer.cuts, "rounds": answer.rounds},
        "size": {"columns": answer.mip.arrays.column_count, "rows": answer.mip.arrays.row_count},
        "threads": options.threads,
        "seed": options.seed,
        "forced": [forced.change() for forced in case.model.forced],
        "families_added": [family.name for family in (*case.families, *families)],
        "case_hash": case.hash,
        "compute_unit": case.model.compute_unit,
        "versions": _versions(),
    }
    return summary | ({"engines": [_engine(one) for one in answer.engines]} if answer.engines else {})


def _is_rounding(inputs: Inputs, answer: Answer, cost: float) -> bool:
    """Return whether a bound is that of a plan that costs nothing: zero like the cost beside it, but for rounding."""
    flows = 0.0 if cost or answer.x is None else answer.mip.arrays.turnover(answer.x)
    return figures.no_money(inputs, answer.bound) or abs(answer.bound) <= SAME_COST * flows


def _engine(one: EngineResult) -> dict[str, Any]:
    """Return what one of several engines found by itself."""
    return {
        "engine": one.name,
        "cost_busd": one.objective if np.isfinite(one.objective) else None,
        "bound_busd": one.bound if np.isfinite(one.bound) else None,
        "plans": one.plans,
        "best_plan_seconds": None if one.seconds is None else round(one.seconds, 3),
        "ended": one.ended,
    }


def _tiers(inputs: Inputs, tiers: Sequence[TierResult], tables: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what the plan misses in each tier by its table, with what was proven of it."""
    periods, missed = Periods(inputs.calendar), dict.fromkeys((one.name for one in tiers), 0.0)
    parts: dict[str, dict[tuple[str, ...], tuple[float, list[int]]]] = {}
    for row in tables["shortfalls"] if tiers else ():
        t, key = periods.index(row["period"]), tuple(str(row[name]) for name in NAMED if row[name])
        amount = float(row["amount"]) * (1.0 if row["tier"] == "cash" else inputs.length_years(t))
        missed[row["tier"]] = missed.get(row["tier"], 0.0) + amount
        before, when = parts.setdefault(row["tier"], {}).get(key, (0.0, []))
        parts[row["tier"]][key] = before + amount, [*when, t]
    labels = inputs.calendar.labels
    measures = {str(row["unit"]) for row in tables["shortfalls"] if row["tier"] == "programme"}
    units = {"cash": "busd", "programme": _mw_years(measures)}
    return [
        _tier(one, missed[one.name], units.get(one.name, "compute-years"), _largest(parts.get(one.name, {}), labels))
        for one in tiers
    ]


def _mw_years(measures: Collection[str]) -> str:
    """Return the unit of what programmes miss, by the units of its rows.

    Examples
    --------
    >>> _mw_years({"IT MW"}), _mw_years({"facility MW"}), _mw_years({"IT MW", "facility MW"})
    ('IT MW-years', 'facility MW-years', 'IT MW-years + facility MW-years')
    """
    known = [measure for measure in ("IT MW", "facility MW") if measure in measures or not measures]
    return " + ".join(f"{measure}-years" for measure in known)


def _largest(parts: Mapping[tuple[str, ...], tuple[float, list[int]]], labels: Sequence[str]) -> str:
    """Return the largest part of a shortfall in words: where, and when."""
    if not parts:
        return ""
    key = max(parts, key=lambda one: parts[one][0])
    first, last = labels[min(parts[key][1])], labels[max(parts[key][1])]
    return ", ".join((*(key or ("other spending or upkeep",)), first if first == last else f"{first} to {last}"))


def _tier(one: TierResult, amount: float, unit: str, largest: str) -> dict[str, Any]:
    """Return what was found for a tier: compute-years, $B, or IT MW and facility MW times years."""
    factor = MW_PER_GW if one.name == "programme" else 1.0
    return {
        "tier": one.name,
        "unit": unit,
        "amount": amount,
        "bound": min(one.bound * factor, amount),
        "tolerance": one.tolerance * factor,
        "largest": largest,
    }


def relative_gap(cost: float, bound: float) -> float:
    """Cost less bound, relative to the cost; infinite where nothing is proven, and of no cost but a bound below it.

    Examples
    --------
    >>> relative_gap(100.0, 99.0), relative_gap(0.0, 0.0), relative_gap(0.0, -5.0)
    (0.01, 0.0, inf)
    """
    if bound == -np.inf:
        return float("inf")
    if cost:
        return (cost - bound) / abs(cost)
    return 0.0 if bound >= -NOTHING_BUSD else float("inf")


def stated(gap: float) -> float | None:
    """Return a gap as a summary states it: None where there is none, as nothing is proven or the cost is zero."""
    return gap if gap < float("inf") else None


def status_of(answer: Answer, gap: float, target: float) -> Status:
    """Return what a plan may be called: proven only as far as its own cost and bound prove it."""
    if answer.status is Status.INTERRUPTED:
        return Status.INTERRUPTED
    if answer.status is Status.OPTIMAL and gap <= ROUNDING:
        return Status.OPTIMAL
    if answer.status.within_gap and gap <= target + ROUNDING:
        return Status.GAP_REACHED
    return Status.TIME_LIMIT


def _unserved_share_bound(inputs: Inputs, answer: Answer, tables: Mapping[str, Any]) -> float | None:
    """Return the share of demand that is proven to stay unserved; None where unserved demand is not minimised first."""
    if answer.unserved_bound is None:
        return None
    demanded = demanded_compute_years(inputs, tables)
    share: float = headline(inputs, tables)["unserved_share"]
    return min(share, answer.unserved_bound / demanded) if demanded else 0.0


@cache
def _versions() -> dict[str, str]:
    # Kept: what is installed does not change while a process runs, and to look takes longer than to solve a small case.
    found = {"python": python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
