"""From a case to its `Inputs`."""

from collections.abc import Iterable, Mapping
from typing import TypedDict

from planner.case.case import CaseData
from planner.case.fields import Role
from planner.case.ramps import Steps, ramps_of, steps_for
from planner.case.reach import reach
from planner.case.rows import (
    BudgetRow,
    ChipRow,
    ContractRow,
    MarketRow,
    OfferRow,
    PowerOptionRow,
    PowerRegionRow,
    ServingRow,
    SiteRow,
)
from planner.inputs import derive
from planner.inputs.calendar import EPSILON_YEARS, Calendar, make_calendar
from planner.inputs.contracts import ContractChoice, SignedContract, contract_choices, signed_contract
from planner.inputs.derive import Demand as Demand
from planner.inputs.financing import Source, make_financing
from planner.inputs.inputs import Inputs
from planner.inputs.leases import LeaseChoice, RefreshChoice, RoomKey, lease_choices, refresh_choices, room_installs
from planner.inputs.money import budget_limits_busd
from planner.inputs.power import option_is_there, power_limits
from planner.inputs.programmes import make_programmes
from planner.inputs.units import case_units


def make_inputs(case: CaseData) -> Inputs:
    """Derive the sets and parameters of a case that has passed its check.

    Parameters
    ----------
    case : CaseData

    Returns
    -------
    Inputs
    """
    calendar = make_calendar(case.model.horizon)
    chips = {row.chip: row for row in case.rows(ChipRow)}
    regions = {row.power_region: row for row in case.rows(PowerRegionRow)}
    sites, offers = derive.live_sites_and_offers(case)
    signed = _signed(case, offers, chips, calendar)
    signed_gw = derive.sum_by(((c.row.offer, c.row.role), c.in_force_gw) for c in signed)
    signed_chip_gw = derive.sum_by(((c.row.offer, c.row.role, c.row.chip), c.chip_gw) for c in signed if c.row.chip)
    rooms, chosen = _rooms(signed, offers, chips, calendar)
    leases, choices, refreshes = _leases(case, sites, offers, chips, calendar)
    site_gw = derive.sum_by((offers[o].site, gw) for (o, _), gw in signed_gw.items())
    bought = tuple(derive.installs(offers, chips, choices, signed_gw, calendar))
    standing = derive.leased(leases, refreshes, rooms, chosen, chips, calendar)
    options = {row.power_option: row for row in case.rows(PowerOptionRow) if row.site in sites}
    limits = power_limits(case, sites, regions, site_gw, calendar)
    rate = case.model.objective.discount_rate_per_year
    return Inputs(
        case=case,
        calendar=calendar,
        discount=tuple((1 + rate) ** -calendar.middle_years(t) for t in range(calendar.count)),
        discount_end=(1 + rate) ** -calendar.end_years,
        sites=sites,
        offers=offers,
        chips=chips,
        power_regions=regions,
        power_options=options,
        choices=choices,
        signed=signed,
        signed_gw=signed_gw,
        signed_chip_gw=signed_chip_gw,
        installs=(*bought, *standing[0]),
        leases=leases,
        refreshes=refreshes,
        rooms=rooms,
        room_installs=chosen,
        chip_supply_gw=derive.chip_supply(case, calendar),
        realised_share=derive.realised(chips, calendar),
        site_it_limit_gw=limits.site_it_gw,
        site_facility_limit_gw=limits.site_gw,
        region_facility_limit_gw=limits.region_gw,
        demand_compute=derive.demand(case, calendar),
        stocks=(*derive.stocks(bought, chips, calendar), *standing[1]),
        **_onsite(options, case.model.horizon.energisation, calendar),
        programmes=make_programmes(case, sites, calendar),
        units=case_units(case),
        **_found_at(sites, offers, options, signed_gw, signed_chip_gw),
        **_service(case, sites),
        **_money(case, calendar, signed, offers, sites),
    )


class _FoundAt(TypedDict):
    """What of `Inputs` says what is at a site, and what an offer can have."""

    signed_chips: Mapping[str, tuple[str, ...]]
    site_offers: Mapping[str, tuple[str, ...]]
    site_options: Mapping[str, tuple[str, ...]]
    offer_roles: Mapping[str, tuple[Role, ...]]
    offer_chips: Mapping[str, tuple[str, ...]]


def _found_at(
    sites: Mapping[str, SiteRow],
    offers: Mapping[str, OfferRow],
    options: Mapping[str, PowerOptionRow],
    signed_gw: Mapping[tuple[str, Role], tuple[float, ...]],
    signed_chip_gw: Iterable[tuple[str, Role, str]],
) -> _FoundAt:
    brought = derive.brought_chips(signed_chip_gw)
    return {
        "signed_chips": brought,
        "site_offers": {s: tuple(o for o, row in of_site) for s, of_site in derive.by_site(offers).items()},
        "site_options": derive.site_options(sites, options),
        "offer_roles": {o: derive.roles(o, row, signed_gw) for o, row in offers.items()},
        "offer_chips": {o: tuple(dict.fromkeys((*row.chips, *brought.get(o, ())))) for o, row in offers.items()},
    }


class _Money(TypedDict):
    """What of `Inputs` says what may be spent."""

    budget_limit_busd: tuple[float, ...] | None
    financing: Mapping[str, Source]


def _money(
    case: CaseData,
    calendar: Calendar,
    signed: Iterable[SignedContract],
    offers: Mapping[str, OfferRow],
    sites: Mapping[str, SiteRow],
) -> _Money:
    """What the budget allows, where there is one, and what may be drawn beside it."""
    budget = case.model.families.budget
    limits = None if budget is None else budget_limits_busd(budget, case.rows(BudgetRow), calendar)
    return {"budget_limit_busd": limits, "financing": make_financing(case, calendar, signed, offers, sites)}


class _Service(TypedDict):
    """What of `Inputs` says who may serve which market, and at what cost."""

    reach: frozenset[tuple[str, str]]
    serving_cost_busd: Mapping[tuple[str, str], float]
    single_source: frozenset[str]
    nodes: Mapping[str, tuple[str, ...]]
    node_of: Mapping[str, str]


def _service(case: CaseData, sites: Mapping[str, SiteRow]) -> _Service:
    reached = frozenset((s, m) for s, m in reach(case) if s in sites)
    costs = {(r.site, r.market): r.cost_busd_per_compute_year for r in case.rows(ServingRow)}
    single = frozenset(row.market for row in case.rows(MarketRow) if row.single_source)
    nodes = derive.nodes(sites, reached, costs, single)
    return {
        "reach": reached,
        "serving_cost_busd": costs,
        "single_source": single,
        "nodes": nodes,
        "node_of": {s: i for i, members in nodes.items() for s in members},
    }


def _signed(
    case: CaseData, offers: Mapping[str, OfferRow], chips: Mapping[str, ChipRow], calendar: Calendar
) -> tuple[SignedContract, ...]:
    """Return the signed contracts that the horizon sees anything of."""
    ramps = ramps_of(case)
    return tuple(
        signed_contract(
            row,
            offers[row.offer],
            chips[row.chip].life_years if row.chip else None,
            calendar,
            steps_for(row, ramps),
        )
        for row in case.rows(ContractRow)
        if calendar.after_start_years(row.end_date) > EPSILON_YEARS
    )


def _choices(
    case: CaseData,
    sites: Mapping[str, SiteRow],
    offers: Mapping[str, OfferRow],
    calendar: Calendar,
    steps: Mapping[str, Steps],
) -> dict[str, tuple[ContractChoice, ...]]:
    """Return the contracts that can be decided at each offer; none where the site is not available."""
    salvage = case.model.objective.salvage == "straight_line"
    return {
        o: tuple(contract_choices(row, sites[row.site].earliest_date, calendar, salvage=salvage, steps=steps[o]))
        if sites[row.site].available
        else ()
        for o, row in offers.items()
    }


_Leases = dict[str, tuple[LeaseChoice, ...]]
_Choices = dict[str, tuple[ContractChoice, ...]]
_Refreshes = dict[str, tuple[RefreshChoice, ...]]
"""By offer; of refreshes only offers that can refresh anything."""


def _rooms(
    signed: tuple[SignedContract, ...], offers: Mapping[str, OfferRow], chips: Mapping[str, ChipRow], calendar: Calendar
) -> tuple[dict[str, SignedContract], tuple[RoomKey, ...]]:
    """The signed contracts under ``cloud`` that bring no chip, and when what may be installed in them."""
    rooms = {c.row.contract: c for c in signed if c.row.chip is None and offers[c.row.offer].tenure == "cloud"}
    return rooms, tuple(room_installs([*rooms.values()], offers, chips, calendar))


def _leases(
    case: CaseData,
    sites: Mapping[str, SiteRow],
    offers: Mapping[str, OfferRow],
    chips: Mapping[str, ChipRow],
    calendar: Calendar,
) -> tuple[_Leases, _Choices, _Refreshes]:
    """The contracts under ``cloud`` by their chip, those of all tenures that have one at the start, and refreshes."""
    ramps = ramps_of(case)
    steps = {o: steps_for(row, ramps) for o, row in offers.items()}
    choices = _choices(case, sites, offers, calendar, steps)
    leases = {o: tuple(lease_choices(row, choices[o], chips, calendar)) for o, row in offers.items()}
    known = {lease.contract for of_offer in leases.values() for lease in of_offer}
    kept = {
        o: tuple(choice for choice in found if offers[o].tenure != "cloud" or choice.key in known)
        for o, found in choices.items()
    }
    found = {o: tuple(refresh_choices(row, kept[o], leases[o], chips, calendar, steps[o])) for o, row in offers.items()}
    return leases, kept, {o: of_offer for o, of_offer in found.items() if of_offer}


class _Onsite(TypedDict):
    """What of `Inputs` says when on-site power can be bought."""

    onsite_builds: tuple[tuple[str, int], ...]
    onsite_starts: Mapping[str, tuple[int, ...]]


def _onsite(options: Mapping[str, PowerOptionRow], rule: str | None, calendar: Calendar) -> _Onsite:
    """Return the periods in which on-site power can enter service: from its earliest date, and after its lead time."""
    builds = tuple(
        (g, t)
        for g, row in options.items()
        for t in range(calendar.count)
        if option_is_there(row, rule, calendar, t) and calendar.start_years[t] >= row.lead_months / 12 - EPSILON_YEARS
    )
    return {"onsite_builds": builds, "onsite_starts": derive.starts_of(builds)}
