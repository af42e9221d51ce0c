"""Power that is there throughout a period, less what signed contracts need of it (formulation, section 1)."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise

from planner.case.calendar import SAME_YEARS, boundaries_in_years, years_after_start
from planner.case.case import CaseData
from planner.case.ramps import ramps_of, spans, steps_for
from planner.case.rows import ContractRow, EnergisationRow, OfferRow, PowerRegionRow, SiteRow

Span = tuple[float, float, float]
"""Begin and end, in years after the start of the horizon, and facility MW between them."""
Step = tuple[float, float]
"""Time of an energisation step, and facility MW from then on."""


def least_left(
    period: tuple[float, float],
    power_mw: Callable[[float, float], float],
    signed: Sequence[Span],
    steps: Sequence[Step] = (),
) -> float:
    """Least power over the times of a period that signed contracts leave, in facility MW; below zero if they need more.

    Parameters
    ----------
    period : (float, float)
        Begin and end, in years after the start of the horizon.
    power_mw : callable
        Least power between two times with no step between them.
    signed : sequence of Span
    steps : sequence of Step

    Examples
    --------
    >>> steps = [(0.0, 100.0), (0.5, 300.0)]
    >>> least_left((0.0, 1.0), power_of_steps(steps), [], steps)
    100.0
    >>> least_left((1.0, 2.0), power_of_steps(steps), [(1.5, 9.0, 80.0)], steps)
    220.0
    """
    first, last = period
    times = {time for begin, end, _ in signed for time in (begin, end)} | {time for time, _ in steps}
    inside = sorted(time for time in times if first + SAME_YEARS <= time <= last - SAME_YEARS)
    least = float("inf")
    for begin, end in pairwise((first, *inside, last)):
        if end - begin >= SAME_YEARS:
            middle = (begin + end) / 2
            used = sum(mw for opens, closes, mw in signed if opens < middle < closes)
            least = min(least, power_mw(begin, end) - used)
    return least


def power_of_steps(steps: Sequence[Step]) -> Callable[[float, float], float]:
    """Return the power between two times of steps in the order of time."""

    def power_mw(begin: float, end: float) -> float:
        reached = [mw for time, mw in steps if time < (begin + end) / 2]
        return reached[-1] if reached else 0.0

    return power_mw


def power_of_region(region: PowerRegionRow) -> Callable[[float, float], float]:
    """Return the least firm facility MW of a region between two times: it never falls."""
    return lambda begin, _end: region.firm_facility_mw + region.added_facility_mw_per_year * begin


def left_at_sites_mw(case: CaseData) -> dict[str, list[float]]:
    """Facility MW that signed contracts leave throughout each period, by site; below zero where they need more."""
    steps, held = dated_steps(case), signed_spans(case)
    return {
        row.site: [
            least_left(period, power_of_steps(steps[row.site]), held[row.site], steps[row.site])
            for period in _periods(case)
        ]
        for row in case.rows(SiteRow)
    }


def left_under_it_limit_mw(case: CaseData) -> dict[str, list[float]]:
    """IT MW that signed contracts leave below `max_it_mw` throughout each period, by site; below zero likewise."""
    held = signed_spans(case)
    found = {}
    for row in case.rows(SiteRow):
        it_mw = [(begin, end, mw / row.pue_peak) for begin, end, mw in held[row.site]]
        limit = row.max_it_mw
        found[row.site] = [least_left(period, lambda _b, _e, mw=limit: mw, it_mw) for period in _periods(case)]  # type: ignore[misc]
    return found


def left_in_regions_mw(case: CaseData) -> dict[str, list[float]]:
    """Facility MW that signed contracts leave throughout each period, by power region; below zero likewise."""
    needed: dict[str, list[Span]] = defaultdict(list)
    sites = case.by_key(SiteRow)
    for site, held in signed_spans(case).items():
        needed[sites[site].power_region] += held
    return {
        region.power_region: [
            least_left(period, power_of_region(region), needed[region.power_region]) for period in _periods(case)
        ]
        for region in case.rows(PowerRegionRow)
    }


def _periods(case: CaseData) -> list[tuple[float, float]]:
    return list(pairwise(boundaries_in_years(case.model.horizon)))


def dated_steps(case: CaseData) -> dict[str, list[Step]]:
    """Steps of each site by the dates that hold, in the order of time."""
    horizon, steps = case.model.horizon, defaultdict[str, list[Step]](list)
    for row in case.rows(EnergisationRow):
        when = years_after_start(horizon, row.takes_effect(horizon.energisation_dates))
        steps[row.site].append((when, row.facility_mw))
    return defaultdict(list, {site: sorted(dated) for site, dated in steps.items()})


def signed_spans(case: CaseData) -> dict[str, list[Span]]:
    """Facility MW of the signed contracts of each site, each with its begin and end."""
    horizon, offers, sites = case.model.horizon, case.by_key(OfferRow), case.by_key(SiteRow)
    found: dict[str, list[Span]] = defaultdict(list)
    ramps = ramps_of(case)
    for row in case.rows(ContractRow):
        site = sites[offers[row.offer].site]
        begin, end = (years_after_start(horizon, day) for day in (row.start_date, row.end_date))
        for opens, closes, share in spans(steps_for(row, ramps), begin, end):
            found[site.site].append((opens, closes, row.it_mw * site.pue_peak * share))
    return found


def steps_within_periods(case: CaseData) -> int:
    """Count the energisation steps that take effect within a period and not at its start."""
    times = [time for steps in dated_steps(case).values() for time, _ in steps]
    return sum(any(first + SAME_YEARS <= time <= last - SAME_YEARS for first, last in _periods(case)) for time in times)
