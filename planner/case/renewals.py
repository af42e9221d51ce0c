"""Leases that end within the horizon and say nothing of renewal: often a term that was forgotten."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from planner.case.calendar import SAME_YEARS, boundaries_in_years, years_after_start
from planner.case.case import CaseData
from planner.case.rows import OfferRow, SiteRow


def leases_that_end(case: CaseData) -> Iterator[str]:
    """Offers under ``cloud`` or ``shell`` of which a contract may end within the horizon, without renewal terms."""
    sites = case.by_key(SiteRow)
    bounds = boundaries_in_years(case.model.horizon)
    for offer in case.rows(OfferRow):
        leased = offer.tenure != "build" and offer.max_blocks > 0 and sites[offer.site].available
        if not leased or offer.renewal_rent_musd_per_mw_year is not None:
            continue
        first = _first_start(case, offer, sites[offer.site], bounds)
        if first is not None and first + offer.term_years < bounds[-1] - SAME_YEARS:
            yield offer.offer


def _first_start(case: CaseData, offer: OfferRow, site: SiteRow, bounds: Sequence[float]) -> float | None:
    """When the first contract of an offer may start, in years after the start of the horizon; None if none may."""
    horizon = case.model.horizon
    opens = max(years_after_start(horizon, offer.first_start), years_after_start(horizon, site.earliest_date))
    closes = float("inf") if offer.last_start is None else years_after_start(horizon, offer.last_start)
    for start, end in pairwise(bounds):
        in_time = start >= offer.lead_months / 12 - SAME_YEARS and start <= closes + SAME_YEARS
        if in_time and opens <= (start + end) / 2 + SAME_YEARS:
            return start
    return None
