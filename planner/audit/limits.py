"""Diversity and integration (section 9)."""

from planner.audit import tolerance
from planner.audit.facts import Facts
from planner.audit.report import Checks
from planner.audit.state import State
from planner.case.model import DiversityRule


def holdings(facts: Facts, state: State, kind: str, t: int) -> dict[str, float]:
    """Sum the IT MW of each domain of a kind: in force, or installed for chip vendors.

    Parameters
    ----------
    facts
        The case.
    state
        The plan.
    kind
        Kind of domain.
    t
        The period.

    Returns
    -------
    dict
        IT MW per domain.
    """
    found: dict[str, float] = {}
    if kind == "chip_vendor":
        for (offer, _, chip), series in state.chip_mw.items():
            domain = facts.domain(kind, offer, chip)
            found[domain] = found.get(domain, 0.0) + series[t]
        return found
    for (offer, _), series in state.force_mw.items():
        domain = facts.domain(kind, offer)
        found[domain] = found.get(domain, 0.0) + series[t]
    return found


def check_diversity(facts: Facts, state: State, checks: Checks) -> None:
    """Check that no domain holds too much.

    Parameters
    ----------
    facts
        The case.
    state
        The plan.
    checks
        Collects the outcome.
    """
    family = facts.model.families.diversity
    for rule in family.rules if family is not None else ():
        for t in facts.periods:
            if rule.first_year is None or facts.calendar.start_year(t) >= rule.first_year:
                _check_rule(facts, state, rule, t, checks)


def _check_rule(facts: Facts, state: State, rule: DiversityRule, t: int, checks: Checks) -> None:
    held = holdings(facts, state, rule.domain, t)
    whole = sum(held.values())
    most = rule.largest_share * whole
    for domain, mw in held.items():
        where = f"{rule.domain} {domain} in {facts.label(t)} ({rule.largest_share:.6g} of {whole:.6g} IT MW)"
        checks.limit("diversity", f"largest share of a {rule.domain}", where, mw, most, "IT MW", tolerance.mw(whole))


def growth_limit(facts: Facts, t: int, first_mw: float, growth: float, before_mw: float) -> float:
    """Most that a capacity may grow by in a period.

    Parameters
    ----------
    facts
        The case.
    t
        The period.
    first_mw
        IT MW per year that need nothing to grow from.
    growth
        Yearly growth of what runs already.
    before_mw
        IT MW in the period before.

    Returns
    -------
    float
        IT MW.
    """
    years = facts.calendar.length[t]
    return first_mw * years + (float((1.0 + growth) ** years) - 1.0) * before_mw


def _grow(facts: Facts, what: str, planned: list[float], total: list[float], at_start: float,
          first: float, growth: float, checks: Checks) -> None:  # fmt: skip
    for t in facts.periods:
        before = total[t - 1] if t else at_start
        most = growth_limit(facts, t, first, growth, before)
        grown = planned[t] - (planned[t - 1] if t else 0.0)
        name = f"growth of a {what.split()[0]}"
        where = f"{what} in {facts.label(t)} ({before:.6g} IT MW before)"
        checks.limit("integration", name, where, grown, most, "IT MW", tolerance.mw(most, planned[t]))


def check_integration(facts: Facts, state: State, checks: Checks) -> None:
    """Check how fast providers and custom chips grow.

    Parameters
    ----------
    facts
        The case.
    state
        The plan.
    checks
        Collects the outcome.
    """
    family = facts.model.families.integration
    if family is None:
        return
    for key, row in facts.providers.items():
        if row.first_year_it_mw is None:
            continue
        owned = {offer for offer, entry in facts.offers.items() if entry.provider == key}
        planned = _sum(facts, [series for (offer, _), series in state.decided_mw.items() if offer in owned])
        total = _sum(facts, [series for (offer, _), series in state.force_mw.items() if offer in owned])
        at_start = _signed_at_start(facts, owned, None)
        _grow(facts, f"provider {key}", planned, total, at_start, row.first_year_it_mw, row.growth_per_year or 0.0,
              checks)  # fmt: skip
    if family.custom_chip is None:
        return
    for chip, chip_row in facts.chips.items():
        if chip_row.development_cost_busd is not None:
            planned = _sum(facts, [series for key, series in state.decisions.stock.items() if key[2] == chip])
            total = _sum(facts, [series for key, series in state.chip_mw.items() if key[2] == chip])
            at_start = _signed_at_start(facts, set(facts.offers), chip)
            limit = family.custom_chip
            _grow(facts, f"chip {chip}", planned, total, at_start, limit.first_year_it_mw, limit.growth_per_year,
                  checks)  # fmt: skip


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
            total += row.it_mw
    return total
