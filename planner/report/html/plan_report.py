"""The report of a plan."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from planner.report.future import of_future
from planner.report.html.alternatives import alternatives_section
from planner.report.html.binds import binds
from planner.report.html.page import Page, render
from planner.report.html.parts import Section
from planner.report.html.plan_sections import PLAN_SECTIONS, headline, redundancy
from planner.report.html.prices import price_section
from planner.report.html.sources import sources
from planner.report.reported import has_tail, reported
from planner.report.view import STATUS_TEXT

if TYPE_CHECKING:
    from planner.explain.prices_table import Prices
    from planner.plan.plan import PlanData
    from planner.report.kept import FoundAlternatives

HASH_DIGITS = 8


def plan_report(
    plan: "PlanData",
    *,
    changed: bool = False,
    prices: "Prices | None" = None,
    alternatives: "FoundAlternatives | None" = None,
    first: Sequence[Section] = (),
    last: Sequence[Section] = (),
) -> str:
    """Return the report of a plan as one file of HTML.

    Parameters
    ----------
    plan : PlanData
    changed : bool
        Whether its files were changed since it was written, so that the verdict of its audit is not theirs.
    prices : Prices or None
        Its prices, which stand beside what binds; None: which command finds them.
    alternatives : FoundAlternatives or None
        What else would do; None: which command looks for it.
    first, last : sequence of Section
        What else there is to say of the plan: after the headline, and before the sources.
    """
    shown = reported(plan)
    priced = [] if prices is None else [price_section(plan.case, prices)]
    made = [
        headline(shown, changed=changed), *first, *(make(shown) for make in PLAN_SECTIONS), binds(shown, prices),
        *priced, redundancy(shown), alternatives_section(shown, alternatives), *last, sources(plan.case),
    ]  # fmt: skip
    return render(_page(plan), [part for part in made if part is not None])


def _page(plan: "PlanData") -> Page:
    summary, model = plan.summary, plan.case.model
    status = str((of_future(summary) or summary)["status"])
    labels = plan.periods.calendar.labels[: plan.periods.reported]
    facts = [
        f"case {summary['case_name']}", f"{labels[0]} to {labels[-1]}",
        STATUS_TEXT.get(status, status), str(summary["case_hash"])[:HASH_DIGITS],
    ]  # fmt: skip
    seconds = summary.get("seconds")
    total = seconds.get("total") if isinstance(seconds, dict) else None
    time = [f"Solved in {total:,.1f} s."] if isinstance(total, (int, float)) else []
    tail = (
        ["The plan goes on after the periods shown (its tail), which is not in the figures."] if has_tail(plan) else []
    )
    lead = " ".join(model.description.split()) if model.description else ""
    footer = [
        *time,
        *tail,
        f"Fingerprint of the case: {summary['case_hash']}. Capacity is IT load unless facility power is stated.",
    ]
    return Page("Plan", model.title or model.name, lead, facts, footer)
