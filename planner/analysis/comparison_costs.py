"""The costs of plans that are compared: what is proven of their difference, and open ones solved further."""

from collections.abc import Mapping
from typing import Any

from planner.analysis.resolve import Pair, Resolved, Variant, further_by, resolve_open
from planner.errors import OptionError
from planner.plan.plan import PlanData
from planner.runs.difference import NO_DIFFERENCE, OPEN, Difference
from planner.runs.variants import Runner


def resolved_plans(
    plans: Mapping[str, PlanData], runner: Runner, seconds: float
) -> tuple[tuple[Resolved, ...], dict[str, PlanData]]:
    """Solve plans further whose difference to the reference is open; return what came of it, and the better plans.

    Raises
    ------
    OptionError
        If one of them was made under constraints that are not in its case: it cannot be solved again from it.
    """
    reference = next(iter(plans))
    pairs = [
        Pair.of(name, name, reference) for name, plan in plans.items() if not of_one_problem(plans[reference], plan)
    ]
    concerned = {name for pair in pairs if pair.difference(plans).sign == OPEN for name in (pair.name, reference)}
    for name in plans:
        added = set(plans[name].summary.get("families_added") or ())
        added -= {str(family.name) for family in plans[name].case.families}
        if name in concerned and added:
            raise OptionError(
                f"{name}: was made under constraints that are not in its case ({', '.join(sorted(added))})"
            )
    known = dict(plans)
    variants = {name: Variant(plan.case, name) for name, plan in plans.items()}
    found = resolve_open(pairs, known, further_by(runner, variants, known), seconds)
    return found, {name: plan for name, plan in known.items() if plan is not plans[name]}


def of_one_problem(one: PlanData, other: PlanData) -> bool:
    """Whether two plans answer the same case under the same constraints: its least cost is one."""
    alike = one.summary.get("families_added") == other.summary.get("families_added")
    return alike and one.case.hash == other.case.hash


def difference_row(name: str, reference: PlanData, plan: PlanData) -> dict[str, Any]:
    """Return what is proven of the difference of the least costs; of one problem there is but one least cost."""
    found = Difference.between(plan.summary, reference.summary)
    columns: dict[str, Any] = found.columns()
    words = str(found)
    if of_one_problem(reference, plan):
        columns = {**NO_DIFFERENCE}
        words = "both are plans of the same case"
        bounds = [one.bound_busd for one in (reference, plan) if one.bound_busd is not None]
        if not found.tier:
            best = f"${min(reference.cost_busd, plan.cost_busd):,.3f}B"
            low = f"${max(bounds):,.3f}B" if bounds else None
            least = f"at most {best}" if low is None else best if low == best else f"from {low} to {best}"
            words += f": its least cost is {least}"
    missed = found.missed if found.tier else None
    return {"plan": name, "difference_busd": found.busd, **columns, "tier": found.tier, "missed_difference": missed,
            "words": words}  # fmt: skip
