"""The numbers behind the inputs, one small function each."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from planner.case.case import CaseData
from planner.case.fields import Role, Workload
from planner.case.rows import (
    ChipRow,
    ChipSupplyRow,
    ContractRow,
    DemandRow,
    EnergisationRow,
    OfferRow,
    PowerOptionRow,
    PowerRegionRow,
    SiteRow,
)
from planner.inputs.calendar import Calendar
from planner.inputs.contracts import MW_PER_GW, ContractChoice, SignedContract
from planner.inputs.leases import LeaseChoice, RefreshChoice, RoomKey, room_share

K = TypeVar("K")
Demand = tuple[str, Workload]
"""A market and a workload."""


def live_sites_and_offers(case: CaseData) -> tuple[dict[str, SiteRow], dict[str, OfferRow]]:
    """Offers that can be decided or hold a signed contract, and the sites they stand on."""
    site_rows = {row.site: row for row in case.rows(SiteRow)}
    signed = {row.offer for row in case.rows(ContractRow)}
    offers = {row.offer: row for row in case.rows(OfferRow) if site_rows[row.site].available or row.offer in signed}
    used = {row.site for row in offers.values()}
    return {s: row for s, row in site_rows.items() if s in used}, offers


def sum_by(items: Iterable[tuple[K, tuple[float, ...]]]) -> dict[K, tuple[float, ...]]:
    """Add up per-period numbers by key."""
    sums: dict[K, tuple[float, ...]] = {}
    for key, values in items:
        sums[key] = tuple(a + b for a, b in zip(sums[key], values, strict=True)) if key in sums else values
    return sums


def installs(
    offers: Mapping[str, OfferRow],
    chips: Mapping[str, ChipRow],
    choices: Mapping[str, tuple[ContractChoice, ...]],
    signed_gw: Mapping[tuple[str, Role], tuple[float, ...]],
    calendar: Calendar,
) -> Iterator[tuple[str, Role, str, int]]:
    """Of ``build`` and ``shell``, what can exist: room by a contract, the chip on the market, and a price."""
    for o, offer in offers.items():
        for role in roles(o, offer, signed_gw) if offer.tenure != "cloud" else ():
            room = signed_gw.get((o, role), (0.0,) * calendar.count)
            decided = [c for c in choices[o] if c.role == role]
            open_periods = {t for c in decided for t in range(c.start, c.end)}
            for k in offer.chips:
                if chips[k].price_busd_per_gw_it is None:
                    continue
                for t in range(calendar.count):
                    if (t in open_periods or room[t] > 0.0) and calendar.met(chips[k].first_date, t):
                        yield o, role, k, t


def roles(o: str, offer: OfferRow, signed_gw: Mapping[tuple[str, Role], tuple[float, ...]]) -> tuple[Role, ...]:
    """Roles that an offer may take, or that a signed contract gives it."""
    every: tuple[Role, Role] = ("primary", "backup")
    return tuple(role for role in every if role in offer.roles or (o, role) in signed_gw)


def site_options(sites: Mapping[str, SiteRow], options: Mapping[str, PowerOptionRow]) -> dict[str, tuple[str, ...]]:
    """On-site power options by site."""
    found: dict[str, list[str]] = {s: [] for s in sites}
    for g, option in options.items():
        found[option.site].append(g)
    return {s: tuple(at) for s, at in found.items()}


def brought_chips(signed_chip_gw: Iterable[tuple[str, Role, str]]) -> dict[str, tuple[str, ...]]:
    """Chips that signed contracts of an offer bring."""
    found: dict[str, list[str]] = {}
    for o, _, k in signed_chip_gw:
        found.setdefault(o, []).append(k)
    return {o: tuple(chips) for o, chips in found.items()}


def starts_of(builds: tuple[tuple[str, int], ...]) -> dict[str, tuple[int, ...]]:
    """Periods in which each on-site power option can be bought."""
    found: dict[str, list[int]] = {}
    for g, t in builds:
        found.setdefault(g, []).append(t)
    return {g: tuple(starts) for g, starts in found.items()}


def by_site(offers: Mapping[str, OfferRow]) -> dict[str, list[tuple[str, OfferRow]]]:
    """Offers by the site they stand on."""
    by_site: dict[str, list[tuple[str, OfferRow]]] = {}
    for o, row in offers.items():
        by_site.setdefault(row.site, []).append((o, row))
    return by_site


def stocks(
    installs: tuple[tuple[str, Role, str, int], ...], chips: Mapping[str, ChipRow], calendar: Calendar
) -> Iterator[tuple[str, Role, str, int]]:
    """Every (offer, role, chip, period) in which something installed can be alive."""
    starts: dict[tuple[str, Role, str], list[int]] = {}
    for o, role, k, t in installs:
        starts.setdefault((o, role, k), []).append(t)
    for (o, role, k), installed in starts.items():
        for t in range(calendar.count):
            if any(calendar.lives(u, t, chips[k].life_years) for u in installed):
                yield o, role, k, t


def leased(
    leases: Mapping[str, tuple[LeaseChoice, ...]],
    refreshes: Mapping[str, tuple[RefreshChoice, ...]],
    rooms: Mapping[str, SignedContract],
    installed: tuple[RoomKey, ...],
    chips: Mapping[str, ChipRow],
    calendar: Calendar,
) -> tuple[list[tuple[str, Role, str, int]], list[tuple[str, Role, str, int]]]:
    """Every (offer, role, chip, period) in which a chip is installed under ``cloud``, and in which one stands."""
    added = {(c.offer, c.role, c.chip, t) for of_offer in leases.values() for c in of_offer for t, _ in c.installed()}
    standing = {(c.offer, c.role, c.chip, t) for of_offer in leases.values() for c in of_offer
                for t in range(c.start, c.bare)}  # fmt: skip
    for o, found in refreshes.items():
        added |= {(o, c.lease.role, c.chip, t) for c in found for t, _ in c.installed()}
        standing |= {(o, c.lease.role, c.chip, t) for c in found for t in range(c.period, c.bare)}
    for contract, k, u in installed:
        room = rooms[contract]
        added.add((room.row.offer, room.row.role, k, u))
        standing |= {
            (room.row.offer, room.row.role, k, t)
            for t in range(calendar.count)
            if room_share(room, calendar, u, t, chips[k].life_years) > 0.0
        }
    offer_at, chip_at = ({name: n for n, name in enumerate(names)} for names in (leases, chips))

    def place(key: tuple[str, Role, str, int]) -> tuple[int, bool, int, int]:
        return offer_at[key[0]], key[1] == "backup", chip_at[key[2]], key[3]

    return sorted(added, key=place), sorted(standing, key=place)


def nodes(
    sites: Mapping[str, SiteRow],
    reached: frozenset[tuple[str, str]],
    serving_cost: Mapping[tuple[str, str], float],
    single_source: frozenset[str],
) -> dict[str, tuple[str, ...]]:
    """Sites that may serve the same markets are one node, unless it matters which of them serves."""
    markets_of: dict[str, list[str]] = {s: [] for s in sites}
    for s, m in sorted(reached):
        markets_of[s].append(m)
    alone = {s for s, _ in serving_cost} | {s for s, m in reached if m in single_source}
    groups: dict[tuple[str, ...], list[str]] = {}
    for s in sites:
        key = (s,) if s in alone else ("", *markets_of[s])
        groups.setdefault(key, []).append(s)
    return {members[0]: tuple(members) for members in groups.values()}


def chip_supply(case: CaseData, calendar: Calendar) -> dict[str, tuple[float, ...]]:
    """IT GW of each chip that can be delivered per period, for chips whose supply is limited."""
    per_year: dict[str, dict[int, float]] = {}
    for row in case.rows(ChipSupplyRow):
        per_year.setdefault(row.chip, {})[row.year] = row.it_mw / MW_PER_GW
    return {k: tuple(calendar.amount(t, years) for t in range(calendar.count)) for k, years in per_year.items()}


def realised(chips: Mapping[str, ChipRow], calendar: Calendar) -> dict[str, tuple[float, ...]]:
    """Share of its compute per IT MW that each chip realises per period: peak, failures, maturity of its software."""
    found = {}
    for k, chip in chips.items():
        peak = 1.0 if chip.utilisation_of_peak_share is None else chip.utilisation_of_peak_share
        kept = 1.0 - (chip.failure_loss_share or 0.0)
        found[k] = tuple(peak * kept * _maturity(chip, calendar, t) for t in range(calendar.count))
    return found


def _maturity(chip: ChipRow, calendar: Calendar, t: int) -> float:
    """Share of its mature compute that a chip gives on average over a period."""
    first, years = chip.first_volume_maturity_share, chip.maturity_years
    if first is None or years is None:
        return 1.0
    begin = calendar.after_start_years(chip.first_date)
    here, after = (max(0.0, calendar.start_years[t + n] - begin) for n in (0, 1))

    def area(age_years: float) -> float:
        # Under the ramp from the first volume date to an age.
        return min(age_years, years) ** 2 / (2.0 * years) + max(0.0, age_years - years)

    ramp = (area(after) - area(here)) / calendar.length_years(t)
    return first + (1.0 - first) * min(1.0, ramp)


def demand(case: CaseData, calendar: Calendar) -> dict[Demand, tuple[float, ...]]:
    """Average compute demanded per period, by market and workload."""
    per_year: dict[Demand, dict[int, float]] = {}
    for row in case.rows(DemandRow):
        per_year.setdefault((row.market, row.workload), {})[row.year] = row.compute
    return {d: tuple(calendar.level(t, years) for t in range(calendar.count)) for d, years in per_year.items()}


def site_it_limit(
    sites: Mapping[str, SiteRow], signed_gw: Mapping[str, tuple[float, ...]], calendar: Calendar
) -> dict[str, tuple[float, ...]]:
    """Largest IT GW per site and period; never less than what is signed."""
    none = (0.0,) * calendar.count
    return {s: tuple(max(row.max_it_mw / MW_PER_GW, gw) for gw in signed_gw.get(s, none)) for s, row in sites.items()}


def site_facility_limit(
    case: CaseData, sites: Mapping[str, SiteRow], signed_gw: Mapping[str, tuple[float, ...]], calendar: Calendar
) -> dict[str, tuple[float, ...]]:
    """Energised facility GW per site and period (time average of the steps); never less than what is signed needs."""
    steps: dict[str, list[tuple[float, float]]] = {s: [] for s in sites}
    for row in case.rows(EnergisationRow):
        if row.site in steps:
            day = row.takes_effect(case.model.horizon.energisation_dates)
            steps[row.site].append((calendar.after_start_years(day), row.facility_mw / MW_PER_GW))
    none = (0.0,) * calendar.count
    limits = {}
    for s, site in sites.items():
        dated = sorted(steps[s])
        ends = [begin for begin, _ in dated[1:]] + [float("inf")]
        spans = [(begin, end, gw) for (begin, gw), end in zip(dated, ends, strict=True)] if dated else []
        limits[s] = tuple(
            max(
                sum(gw * calendar.overlap_years(t, begin, end) for begin, end, gw in spans) / calendar.length_years(t),
                site.pue_peak * signed_gw.get(s, none)[t],
            )
            for t in range(calendar.count)
        )
    return limits


def region_limit(
    regions: Mapping[str, PowerRegionRow],
    sites: Mapping[str, SiteRow],
    signed_gw: Mapping[str, tuple[float, ...]],
    calendar: Calendar,
) -> dict[str, tuple[float, ...]]:
    """Firm facility GW per power region and period; never less than what is signed needs."""
    limits = {}
    for r, region in regions.items():
        signed = [(sites[s].pue_peak, gw) for s, gw in signed_gw.items() if sites[s].power_region == r]
        limits[r] = tuple(
            max(
                (region.firm_facility_mw + region.added_facility_mw_per_year * calendar.middle_years(t)) / MW_PER_GW,
                sum(pue * gw[t] for pue, gw in signed),
            )
            for t in range(calendar.count)
        )
    return limits
