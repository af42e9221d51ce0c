"""Power that is there throughout a period (docs/formulation.md, sections 1, 3 and 5), read anew."""

from typing import Any

from tests.reference.when import SAME_YEARS
from tests.reference.world import GW, World


def holds(w: World) -> bool:
    """Whether the horizon asks for this rule."""
    return bool(w.case.model.horizon.energisation == "throughout")


def step_date(w: World, row: Any) -> Any:
    """The date on which an energisation step takes effect."""
    which = w.case.model.horizon.energisation_dates
    if which in ("low", "high") and row.date_low is not None:
        return row.date_low if which == "low" else row.date_high
    return row.date


def steps_of(w: World, site: str) -> list[tuple[float, float]]:
    """Times and facility MW of the steps of a site."""
    rows = [row for row in w.table("energisation") if row.site == site]
    return sorted((w.when.after(step_date(w, row)), row.facility_mw) for row in rows)


def option_met(w: World, option: Any, t: int) -> bool:
    """Whether an on-site option can be in service."""
    if holds(w):
        return bool(w.when.past(t, w.when.after(option.earliest_date)))
    return w.when.met(option.earliest_date, t)


def serves(w: World, built: int, t: int, life_years: float) -> bool:
    """Whether on-site power is in service in a period."""
    if holds(w):
        return built <= t and bool(w.when.tau(t + 1) < w.when.tau(built) + life_years + SAME_YEARS)
    return bool(w.when.alive(built, t, life_years))


def free_at_site(w: World, site: str, t: int) -> float:
    """Facility GW that decided contracts may use at a site."""
    steps = steps_of(w, site)

    def reached(begin: float, end: float) -> float:
        return max([mw for when, mw in steps if 2 * when < begin + end], default=0.0)

    return _least(w, {site}, t, [when for when, _ in steps], reached)


def free_it_at_site(w: World, site: str, t: int) -> float:
    """IT GW that decided contracts may have in force at a site."""
    pue = w.sites[site].pue_peak
    return _least(w, {site}, t, [], lambda _b, _e: w.sites[site].max_it_mw * pue) / pue


def free_in_region(w: World, region: Any, t: int) -> float:
    """Facility GW that decided contracts may draw in a region."""
    sites = {s for s, row in w.sites.items() if row.power_region == region.power_region}
    firm, added = region.firm_facility_mw, region.added_facility_mw_per_year
    return _least(w, sites, t, [], lambda begin, _: firm + added * begin)


def _least(w: World, sites: set[str], t: int, changes: list[float], power_mw: Any) -> float:
    signed = [
        (opens, closes, row.it_mw * share * w.sites[site].pue_peak)
        for row in w.signed
        for opens, closes, share in w.pieces(row, w.when.after(row.start_date), w.when.after(row.end_date))
        if (site := w.offers[row.offer].site) in sites
    ]
    corners = {w.when.tau(t), w.when.tau(t + 1), *changes, *(one[n] for one in signed for n in (0, 1))}
    inside = sorted(c for c in corners if w.when.tau(t) <= c <= w.when.tau(t + 1))
    least = []
    for n in range(len(inside) - 1):
        begin, end = inside[n], inside[n + 1]
        if end - begin >= SAME_YEARS:
            used = sum(mw for opens, closes, mw in signed if opens < (begin + end) / 2 < closes)
            least.append(max(0.0, power_mw(begin, end) - used))
    return min(least) * GW
