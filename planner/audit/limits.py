"""Diversity and integration (section 9)."""

from dataclasses import dataclass

from planner.audit import tolerance
from planner.audit.context import Context
from planner.audit.facts import Facts
from planner.audit.ramps import share_at
from planner.audit.state import State
from planner.case.model import DiversityRule


def holdings(state: State, kind: str, t: int) -> dict[str, float]:
    """IT MW of each domain of a kind in period ``t``: in force, or installed for chip vendors."""
    found: dict[str, float] = {}
    if kind == "chip_vendor":
        parts = [(state.facts.domain(kind, offer, chip), one[t]) for (offer, _, chip), one in state.chip_mw.items()]
    else:
        parts = [(state.facts.domain(kind, offer), one[t]) for (offer, _), one in state.force_mw.items()]
    for domain, mw in parts:
        found[domain] = found.get(domain, 0.0) + mw
    return found


def check_diversity(context: Context) -> None:
    """Check that no domain holds too much."""
    facts, family = context.facts, context.facts.model.families.diversity
    for rule in family.rules if family is not None else ():
        for t in facts.periods:
            if rule.first_year is None or facts.calendar.rule_year(t) >= rule.first_year:
                _check_rule(context, rule, t)


def _check_rule(context: Context, rule: DiversityRule, t: int) -> None:
    held = holdings(context.state, rule.domain, t)
    whole = sum(held.values())
    most, accepted, name = rule.largest_share * whole, tolerance.mw(whole), f"largest share of a {rule.domain}"
    for domain, mw in held.items():
        share = f"({rule.largest_share:.6g} of {whole:.6g} IT MW)"
        where = f"{rule.domain} {domain} in {context.facts.label(t)} {share}"
        context.checks.limit("diversity", name, where, mw, most, "IT MW", accepted)


def growth_limit(facts: Facts, t: int, first_mw: float, growth: float, before_mw: float) -> float:
    """IT MW by which a capacity may grow in period ``t``.

    ``first_mw`` a year need nothing to grow from; what there was before grows by ``growth`` a year.
    """
    years = facts.calendar.length[t]
    return first_mw * years + (float((1.0 + growth) ** years) - 1.0) * before_mw


@dataclass(frozen=True, slots=True)
class _Growth:
    """What grows, and how fast it may."""

    kind: str
    key: str
    planned: list[float]
    """IT MW that the plan decides, one number per period."""
    total: list[float]
    """The same with what is signed."""
    at_start: float
    first_mw: float
    growth: float


def _check_growth(context: Context, one: _Growth) -> None:
    for t in context.facts.periods:
        before = one.total[t - 1] if t else one.at_start
        most = growth_limit(context.facts, t, one.first_mw, one.growth, before)
        grown = one.planned[t] - (one.planned[t - 1] if t else 0.0)
        where = f"{one.kind} {one.key} in {context.facts.label(t)} ({before:.6g} IT MW before)"
        accepted = tolerance.mw(most, one.planned[t])
        context.checks.limit("integration", f"growth of a {one.kind}", where, grown, most, "IT MW", accepted)


def check_integration(context: Context) -> None:
    """Check how fast providers and custom chips grow."""
    facts, state, family = context.facts, context.state, context.facts.model.families.integration
    if family is None:
        return
    for key, row in facts.providers.items():
        if row.first_year_it_mw is not None:
            owned = {offer for offer, entry in facts.offers.items() if entry.provider == key}
            planned = _sum(facts, [series for (offer, _), series in state.decided_mw.items() if offer in owned])
            total = _sum(facts, [series for (offer, _), series in state.force_mw.items() if offer in owned])
            growth = (row.first_year_it_mw, row.growth_per_year or 0.0)
            at_start = _signed_at_start(facts, owned, None)
            _check_growth(context, _Growth("provider", key, planned, total, at_start, *growth))
    limit = family.custom_chip
    for chip, chip_row in facts.chips.items() if limit is not None else ():
        if limit is not None and chip_row.development_cost_busd is not None:
            planned = _sum(facts, [series for key, series in state.decisions.stock.items() if key[2] == chip])
            total = _sum(facts, [series for key, series in state.chip_mw.items() if key[2] == chip])
            at_start = _signed_at_start(facts, set(facts.offers), chip)
            growth = (limit.first_year_it_mw, limit.growth_per_year)
            _check_growth(context, _Growth("chip", chip, planned, total, at_start, *growth))


def _sum(facts: Facts, series: list[list[float]]) -> list[float]:
    return [sum(one[t] for one in series) for t in facts.periods]


def _signed_at_start(facts: Facts, offers: set[str], chip: str | None) -> float:
    total = 0.0
    for row in facts.contracts.values():
        start, end = facts.calendar.years(row.start_date), facts.calendar.years(row.end_date)
        if chip is not None:
            if row.chip != chip:
                continue
            start, end = facts.chip_span(row)
        if row.offer in offers and start <= 0 < end:
            total += row.it_mw * share_at(facts.steps(row), -facts.calendar.years(row.start_date))
    return total
