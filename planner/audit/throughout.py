"""What decided contracts may use where power counts only if it is there throughout a period (sections 1, 3 and 5)."""

from collections.abc import Iterable

from planner.audit.calendar import NEVER
from planner.audit.facts import Facts
from planner.audit.ramps import share_at
from planner.case.rows import ContractRow


def moments(facts: Facts, t: int, changes: Iterable[float]) -> list[float]:
    """Give the times of a period at which something may be less than before: its start, and the changes within it."""
    opens, closes = facts.calendar.tau[t], facts.calendar.tau[t + 1]
    return [opens, *(when for when in changes if opens + NEVER <= when <= closes - NEVER)]


def signed_facility_mw(facts: Facts, sites: frozenset[str], when: float) -> float:
    """Facility MW of the signed contracts in force from a time on, at some sites."""
    found = 0.0
    for row in facts.contracts.values():
        site = facts.offers[row.offer].site
        begun = facts.calendar.years(row.start_date) <= when + NEVER
        if site in sites and begun and facts.calendar.years(row.end_date) > when + NEVER:
            age = when - facts.calendar.years(row.start_date)
            found += row.it_mw * share_at(facts.steps(row), age) * facts.sites[site].pue_peak
    return found


def contract_changes(facts: Facts, sites: frozenset[str]) -> list[float]:
    """Times at which signed contracts of some sites start, end, or have a step of their ramp."""
    rows: list[ContractRow] = [row for row in facts.contracts.values() if facts.offers[row.offer].site in sites]
    found = [facts.calendar.years(day) for row in rows for day in (row.start_date, row.end_date)]
    return found + [facts.calendar.years(row.start_date) + years for row in rows for years, _ in facts.steps(row)]


def site_free_mw(facts: Facts, site: str, t: int) -> float:
    """Facility MW that decided contracts may use at a site."""
    here, steps = frozenset({site}), facts.dated_steps[site]
    left = []
    for when in moments(facts, t, [*contract_changes(facts, here), *(step for step, _ in steps)]):
        energised = max((mw for step, mw in steps if step <= when + NEVER), default=0.0)
        left.append(energised - signed_facility_mw(facts, here, when))
    return max(0.0, min(left))


def site_free_it_mw(facts: Facts, site: str, t: int) -> float:
    """IT MW that decided contracts may have in force at a site below its limit."""
    here, row = frozenset({site}), facts.sites[site]
    times = moments(facts, t, contract_changes(facts, here))
    return max(0.0, row.max_it_mw - max(signed_facility_mw(facts, here, when) / row.pue_peak for when in times))


def region_free_mw(facts: Facts, region: str, t: int) -> float:
    """Facility MW that decided contracts may draw in a power region, whose firm power never falls."""
    row = facts.regions[region]
    here = frozenset(key for key, site in facts.sites.items() if site.power_region == region)
    left = [
        row.firm_facility_mw + row.added_facility_mw_per_year * when - signed_facility_mw(facts, here, when)
        for when in moments(facts, t, contract_changes(facts, here))
    ]
    return max(0.0, min(left))
