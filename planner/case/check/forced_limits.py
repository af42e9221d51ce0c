"""Forced decisions that no plan can take: what is forced is compared with dates, sites, power and chip supply.

Each is a proof from the data alone: what a site can hold at most, and what is in force at least whatever the plan does.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from planner.case.calendar import SAME_YEARS, boundaries_in_years, period_starts, years_after_start
from planner.case.case import CaseData
from planner.case.check.bounds import periods_of, site_capacity_it_mw, years_of
from planner.case.check.place import at_model
from planner.case.check.power import signed_it_mw
from planner.case.model import Forced
from planner.case.ramps import ramps_of, steps_for
from planner.case.rows import ChipSupplyRow, OfferRow, SiteRow
from planner.errors import Problem

RELATIVE, ABSOLUTE_MW = 1e-6, 1e-6
"""By how much a need must pass a limit before it counts."""


@dataclass(frozen=True, slots=True)
class _Need:
    """What a forced offer needs at least: its key in the model, its IT MW, and the periods with them in force."""

    path: str
    forced: Forced
    offer: OfferRow
    starts: tuple[int, ...]
    held: range
    it_mw: float


def forced_beyond_limits(case: CaseData) -> Iterator[Problem]:
    """Warn of forced decisions that cannot start in time, or need more than the site, its power or chips allow."""
    room, needs = _room_it_mw(case), []
    for number, forced in enumerate(case.model.forced):
        path = f"forced[{number}]"
        if forced.offer is None:
            yield from _site(case, path, forced, room)
            continue
        offer = case.by_key(OfferRow)[forced.offer]
        starts = _starts(case, offer, forced.by)
        if not starts:
            message = (
                f"no contract of {offer.offer} can start by the end of {forced.by} (first_start, last_start, "
                "lead_months, earliest_date): no plan can meet this"
            )
            yield at_model(case, f"{path}.by", message, forced.by)
            continue
        needs.append(_need(case, path, forced, offer, starts))
    yield from _at_sites(case, needs, room)
    yield from _of_chips(case, needs)


def _starts(case: CaseData, offer: OfferRow, by: int) -> tuple[int, ...]:
    """Return the periods in which a contract of an offer can start by the end of a year."""
    horizon, site = case.model.horizon, case.by_key(SiteRow)[offer.site]
    opens = max(years_after_start(horizon, day) for day in (offer.first_start, site.earliest_date))
    closes = float("inf") if offer.last_start is None else years_after_start(horizon, offer.last_start)
    periods = enumerate(pairwise(boundaries_in_years(horizon)))
    return tuple(
        t
        for t, (start, end) in periods
        if start >= offer.lead_months / 12 - SAME_YEARS
        and opens <= (start + end) / 2 + SAME_YEARS
        and start <= closes + SAME_YEARS
        and period_starts(horizon)[t].year <= by
    )


def _need(case: CaseData, path: str, forced: Forced, offer: OfferRow, starts: tuple[int, ...]) -> _Need:
    """Return what is in force whenever the blocks start: from the last possible start to the first possible end."""
    bounds = boundaries_in_years(case.model.horizon)
    years = offer.term_years if offer.exit_after_years is None else min(offer.term_years, offer.exit_after_years)
    last = starts[-1]
    ends = bounds[starts[0]] + years - SAME_YEARS
    end = max([starts[0], *(t for t in range(len(bounds) - 1) if bounds[t] < ends)])
    share = steps_for(offer, ramps_of(case))[0][1]
    it_mw = (forced.blocks or 0) * offer.block_it_mw * share
    return _Need(path, forced, offer, starts, range(last, end + 1), it_mw)


def _room_it_mw(case: CaseData) -> dict[str, list[float]]:
    """Return the IT MW that decided contracts can have in force at each available site, by period."""
    capacity, signed = site_capacity_it_mw(case), signed_it_mw(case)
    none = [0.0] * len(period_starts(case.model.horizon))
    return {
        site: [at_most - held for at_most, held in zip(by_period, signed.get(site, none), strict=True)]
        for site, by_period in capacity.items()
    }


def _site(case: CaseData, path: str, forced: Forced, room: dict[str, list[float]]) -> Iterator[Problem]:
    """Warn if no block of any offer at a forced site can start in time and find room there."""
    offers = [row for row in case.rows(OfferRow) if row.site == forced.site and row.max_blocks > 0]
    starts = {row.offer: _starts(case, row, forced.by) for row in offers}
    ramps = ramps_of(case)
    least = {row.offer: row.block_it_mw * steps_for(row, ramps)[0][1] for row in offers}
    site = str(forced.site)
    fits = any(
        not _beyond(least[row.offer], room[site][t]) for row in offers if site in room for t in starts[row.offer]
    )
    if not fits:
        most = max((room[site][t] for row in offers if site in room for t in starts[row.offer]), default=0.0)
        why = f"decided contracts can hold at most {most:.6g} IT MW there" if any(starts.values()) else "none can start"
        message = (
            f"no block of an offer at {site} can be in force by the end of {forced.by} ({why}): no plan can meet this"
        )
        yield at_model(case, f"{path}.site", message, site)


def _at_sites(case: CaseData, needs: Sequence[_Need], room: dict[str, list[float]]) -> Iterator[Problem]:
    """Warn of the first period in which the blocks forced at a site need more than it can hold."""
    starts = period_starts(case.model.horizon)
    for site in dict.fromkeys(need.offer.site for need in needs):
        own = [need for need in needs if need.offer.site == site]
        for t, start in enumerate(starts):
            here = [need for need in own if t in need.held]
            needed = _together(here)
            if site in room and _beyond(needed, room[site][t]):
                message = (
                    f"in the period from {start} what is forced at {site} needs {needed:.6g} IT MW, and decided "
                    f"contracts can hold at most {max(0.0, room[site][t]):.6g} there (max_it_mw, energisation, power "
                    "options, signed contracts): no plan can meet this"
                )
                yield at_model(case, f"{here[-1].path}.blocks", message, here[-1].forced.blocks)
                break


def _of_chips(case: CaseData, needs: Sequence[_Need]) -> Iterator[Problem]:
    """Warn if forced cloud blocks install more of their chips than can be delivered by their last start."""
    supply = _supply_it_mw(case)
    for need in needs:
        chips = need.offer.chips
        if need.offer.tenure != "cloud" or not chips or not all(chip in supply for chip in chips):
            continue
        most = sum(sum(supply[chip][t] for chip in chips) for t in need.starts)
        if _beyond(need.it_mw, most):
            message = (
                f"the blocks bring {need.it_mw:.6g} IT MW of {', '.join(chips)}, of which {most:.6g} can be delivered "
                f"in the periods in which they can start by the end of {need.forced.by}: no plan can meet this"
            )
            yield at_model(case, f"{need.path}.blocks", message, need.forced.blocks)


def _supply_it_mw(case: CaseData) -> dict[str, list[float]]:
    """Return the IT MW of each chip of limited supply that can be delivered in each period."""
    per_year: dict[str, dict[int, float]] = defaultdict(dict)
    for row in case.rows(ChipSupplyRow):
        per_year[row.chip][row.year] = row.it_mw
    years = [years_of(case, period) for period in periods_of(case)]
    return {
        chip: [sum(it_mw[year] * share for year, share in part.items() if share > 0.0) for part in years]
        for chip, it_mw in per_year.items()
    }


def _together(needs: Sequence[_Need]) -> float:
    """Return the IT MW that several forced decisions need together; of one offer, roles add up, and no role is any."""
    total = 0.0
    for offer in {need.offer.offer for need in needs}:
        by_role: dict[str, float] = defaultdict(float)
        for need in needs:
            if need.offer.offer == offer:
                role = need.forced.role or ""
                by_role[role] = max(by_role[role], need.it_mw)
        total += max(by_role.pop("", 0.0), sum(by_role.values()))
    return total


def _beyond(amount: float, limit: float) -> bool:
    return amount > limit + ABSOLUTE_MW + RELATIVE * abs(limit)
