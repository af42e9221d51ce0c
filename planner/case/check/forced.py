"""Forced decisions: each names one site or one offer that can be used, and a year of the horizon."""

from collections.abc import Iterator

from planner.case.calendar import years_touched
from planner.case.case import CaseData
from planner.case.check.place import at_model
from planner.case.check.years import horizon_is_sound
from planner.case.messages import listed, nearest
from planner.case.model import Forced
from planner.case.rows import OfferRow, SiteRow
from planner.errors import Problem


def forced_decisions(case: CaseData) -> Iterator[Problem]:
    """Check that what is forced can be decided at all."""
    for number, forced in enumerate(case.model.forced):
        place = f"forced[{number}]"
        if (forced.site is None) == (forced.offer is None):
            yield at_model(case, place, "must have either site or offer")
            continue
        if horizon_is_sound(case):
            years = years_touched(case.model.horizon)
            if forced.by not in years:
                message = f"must be a year of the horizon, {years[0]} to {years[-1]}"
                yield at_model(case, f"{place}.by", message, forced.by)
        yield from _of_offer(case, place, forced) if forced.offer is not None else _of_site(case, place, forced)


def _of_site(case: CaseData, place: str, forced: Forced) -> Iterator[Problem]:
    for key in ("blocks", "role"):
        if getattr(forced, key) is not None:
            yield at_model(case, f"{place}.{key}", "requires offer, not site", getattr(forced, key))
    site, sites = str(forced.site), case.by_key(SiteRow)
    if site not in sites:
        hint = nearest(site, [str(key) for key in sites])
        yield at_model(case, f"{place}.site", f"there is no such site{hint}", site)
    elif not sites[site].available:
        yield at_model(case, f"{place}.site", _closed(site), site)


def _closed(site: str) -> str:
    return f'site {site} is not available (set its column available to "yes" first)'


def _of_offer(case: CaseData, place: str, forced: Forced) -> Iterator[Problem]:
    offers = case.by_key(OfferRow)
    offer = offers.get(forced.offer)
    if offer is None:
        hint = nearest(str(forced.offer), [str(key) for key in offers])
        yield at_model(case, f"{place}.offer", f"there is no such offer{hint}", forced.offer)
        return
    site = case.by_key(SiteRow).get(offer.site)
    if site is not None and not site.available:  # a site that is not there is another check's fault
        yield at_model(
            case, f"{place}.offer", f"is at a site that is not available: {_closed(offer.site)}", forced.offer
        )
    if forced.blocks is None:
        yield at_model(case, f"{place}.blocks", "must be given with offer")
    elif forced.blocks > offer.max_blocks:
        message = f"offer {offer.offer} has at most {offer.max_blocks} blocks"
        yield at_model(case, f"{place}.blocks", message, forced.blocks)
    if forced.role is not None and forced.role not in offer.roles:
        message = f"offer {offer.offer} has the roles {listed(offer.roles)}, not {forced.role}"
        yield at_model(case, f"{place}.role", message, forced.role)
