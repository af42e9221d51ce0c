"""How sure the figures of a plan are: cost, bound and gap, other plans as good, demand served, the audit."""

from collections.abc import Iterator

from planner.case.rows_programmes import ProgrammeRow
from planner.plan.ranges import KeptRanges, kept_ranges
from planner.report.future import of_future, proven_text
from planner.report.ranges import slack_text
from planner.report.story.facts import Facts
from planner.report.story.words import Sentence, StorySection, joined, percent
from planner.text import count, in_busd

SAME_GAP = 1e-7
"""A gap below this is none."""
LEAST_UNSERVED = 5e-7
MOST_RANGES = 6
"""Providers of which a range is said; the table ``ranges`` has all."""
NO_GAP = "no gap"
ENDED = {
    "time_limit": "The search ended at its time limit, before the gap that was asked for.",
    "interrupted": "The search was interrupted, before the gap that was asked for.",
}


def sure(facts: Facts) -> StorySection:
    """How sure the figures are."""
    return StorySection("sure", "How sure the figures are", tuple(_sentences(facts)))


def gap_text(facts: Facts) -> str:
    """Which gap holds."""
    gap = facts.plan.gap
    return "no gap known" if gap is None else NO_GAP if gap <= SAME_GAP else f"gap {gap_percent(gap)}"


def gap_percent(gap: float) -> str:
    """Return a gap, with two decimals.

    Examples
    --------
    >>> gap_percent(0.004351), gap_percent(0.00002)
    ('0.44 %', '0.002 %')
    """
    return f"{100.0 * gap:.2f} %" if gap >= 5e-5 else percent(gap)


def _sentences(facts: Facts) -> Iterator[Sentence]:
    plan, summary = facts.plan, facts.plan.summary
    cost = f"The plan costs {in_busd(plan.cost_busd)} of present value"
    others = f"no plan that misses no more{_unpriced(facts)} costs less"
    future = of_future(summary)
    if plan.bound_busd is None and future is not None:
        yield Sentence(f"{cost}; {proven_text(future)}.", short=True)
    elif plan.bound_busd is None:
        yield Sentence(f"{cost}; what a plan costs at least is not proven.", short=True)
    elif plan.gap is None:
        yield Sentence(f"{cost}; {others} than {in_busd(plan.bound_busd)}.", short=True)
    elif plan.gap <= SAME_GAP:
        yield Sentence(f"{cost}, and {others}: that is proven.", short=True)
    else:
        text = f"{others} than {in_busd(plan.bound_busd)}, a gap of {gap_percent(plan.gap)}"
        yield Sentence(f"{cost}; {text}.", short=True)
    less = "" if gap_text(facts) == NO_GAP else ", or differ by less than the gap"
    ended = str((future or summary)["status"])
    if ended in ENDED:
        yield Sentence(ENDED[ended], short=True)
    kept = kept_ranges(plan)
    yield Sentence(
        f"Another plan may cost as much{less}: figures by provider, site, chip and year are those of this plan alone, "
        "and only a range holds for all.",
        command="" if kept else f"planner alternatives {facts.plan_place} --keep",
    )
    yield from _ranges(facts, kept) if kept else ()
    reported_cost = summary.get("reported_cost_busd")
    if facts.tail and isinstance(reported_cost, (int, float)):
        yield Sentence(
            f"The figures of this page are those of {facts.span}, in which ${reported_cost:,.3f}B of the cost falls; "
            f"the plan goes on in {facts.tail}, its tail."
        )
    yield from _service(facts)
    yield Sentence(
        "Money is nominal unless it is called present value; capacity is IT load unless facility power is stated."
    )


def _unpriced(facts: Facts) -> str:
    """What of what may be missed the comparison is of: what is missed at a price is in the cost."""
    model = facts.plan.case.model
    redundancy = model.families.redundancy
    rules = () if redundancy is None else redundancy.rules
    priced = model.objective.unserved == "priced" or any(rule.price_busd_per_missing_compute_year for rule in rules)
    priced |= any(row.kind == "priced" for row in facts.plan.case.rows(ProgrammeRow))
    return " of what has no price" if priced else ""


def _ranges(facts: Facts, kept: KeptRanges) -> Iterator[Sentence]:
    """What other plans have that cost little more, as far as it was looked for and kept with the plan."""
    slack, known = slack_text(kept), [one for one in kept.ranges if one.dimension in ("provider", "site")]
    for word, meaning in (("must", "Every plan"), ("never", "No plan")):
        for dimension in ("provider", "site"):
            names = [
                facts.name(dimension, one.name) for one in known if one.verdict == word and one.dimension == dimension
            ]
            if names:
                kind = dimension if len(names) == 1 else f"{dimension}s"
                yield Sentence(f"{meaning} {slack} decides something of the {kind} {joined(names)}: that is proven.")
    last = facts.labels[-1]
    own = [one for one in known if one.dimension == "provider" and one.period == last and one.degenerate]
    widest = sorted(own, key=lambda one: (one.low_it_mw - one.high_it_mw, one.name))[:MOST_RANGES]
    if widest:
        words = joined(
            [f"{facts.name('provider', one.name)} {one.low_it_mw:,.0f} to {one.high_it_mw:,.0f}" for one in widest]
        )
        yield Sentence(f"In {last} plans {slack} were found with, in installed IT MW: {words}. Each passed its audit.")
    else:
        yield Sentence(f"No plan {slack} was found that has other installed IT MW by provider in {last}.")


def _service(facts: Facts) -> Iterator[Sentence]:
    summary = facts.plan.summary
    unserved = float(summary["unserved_share"])
    served = "All demand is served" if unserved < LEAST_UNSERVED else f"{percent(unserved)} of all demand is not served"
    audit = summary["audit"]
    checks = f" of {count(audit['checks'], 'check')}" if isinstance(audit.get("checks"), int) else ""
    verdict = f"passed its audit{checks}" if audit["passed"] else "FAILED its audit"
    yield Sentence(f"{served}, and the plan {verdict}.")
    forced = summary.get("forced")
    if isinstance(forced, list) and forced:
        some = f"{count(len(forced), 'decision')} of it {'is' if len(forced) == 1 else 'are'}"
        yield Sentence(f"{some} forced by the case.")
