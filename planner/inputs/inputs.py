"""The sets and parameters of a case: what the families build the program from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

from planner.case.case import CaseData
from planner.case.fields import Role, Workload
from planner.case.model import RedundancyRule
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
from planner.inputs.contracts import MW_PER_GW, ContractChoice, SignedContract, contract_choices, signed_contract
from planner.inputs.derive import Demand as Demand
from planner.inputs.money import budget_limits_busd
from planner.inputs.units import case_units
from planner.units import Units

GWH_PER_GW_YEAR = 8760.0
"""Hours of a year: a facility GW over a year is 8.76 million MWh."""
BUSD_PER_GW_YEAR_PER_USD_PER_MWH = GWH_PER_GW_YEAR / 1e6
"""$B for a facility GW over a year at one $/MWh (0.00876)."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """Sets, parameters and derived numbers of a case. IT GW unless the name says facility; $B; years.

    Attributes
    ----------
    sites, offers, chips : mapping of key to row
        What takes part: available sites with their offers, and whatever a signed contract holds.
    choices : mapping of offer to list of ContractChoice
        Contracts that can be decided.
    signed_gw : mapping of (offer, role) to tuple of float
        IT GW of signed contracts in force per period.
    signed_chip_gw : mapping of (offer, role, chip) to tuple of float
        IT GW of chips that signed contracts bring per period.
    installs : tuple of (offer, role, chip, period)
        Where and when chips can be installed.
    realised_share : mapping of chip to tuple of float
        Share of its compute per IT MW that a chip realises per period.
    demand_compute : mapping of (market, workload) to tuple of float
        Average compute demanded per period.
    reach : frozenset of (site, market)
    units : Units
        The units of compute and money in which the case is best solved; all figures here are in its own.
    """

    case: CaseData
    calendar: Calendar
    discount: tuple[float, ...]
    discount_end: float
    sites: Mapping[str, SiteRow]
    offers: Mapping[str, OfferRow]
    site_offers: Mapping[str, tuple[str, ...]]
    chips: Mapping[str, ChipRow]
    power_regions: Mapping[str, PowerRegionRow]
    power_options: Mapping[str, PowerOptionRow]
    choices: Mapping[str, tuple[ContractChoice, ...]]
    signed: tuple[SignedContract, ...]
    signed_gw: Mapping[tuple[str, Role], tuple[float, ...]]
    signed_chip_gw: Mapping[tuple[str, Role, str], tuple[float, ...]]
    signed_chips: Mapping[str, tuple[str, ...]]
    installs: tuple[tuple[str, Role, str, int], ...]
    chip_supply_gw: Mapping[str, tuple[float, ...]]
    realised_share: Mapping[str, tuple[float, ...]]
    site_it_limit_gw: Mapping[str, tuple[float, ...]]
    site_facility_limit_gw: Mapping[str, tuple[float, ...]]
    region_facility_limit_gw: Mapping[str, tuple[float, ...]]
    demand_compute: Mapping[Demand, tuple[float, ...]]
    reach: frozenset[tuple[str, str]]
    serving_cost_busd: Mapping[tuple[str, str], float]
    single_source: frozenset[str]
    budget_limit_busd: tuple[float, ...] | None

    stocks: tuple[tuple[str, Role, str, int], ...]
    onsite_builds: tuple[tuple[str, int], ...]
    nodes: Mapping[str, tuple[str, ...]]
    node_of: Mapping[str, str]
    units: Units

    @property
    def periods(self) -> range:
        """Indices of the periods."""
        return range(self.calendar.count)

    @property
    def zeros(self) -> tuple[float, ...]:
        """A zero for every period."""
        return (0.0,) * self.calendar.count

    @property
    def credits_salvage(self) -> bool:
        """Whether life beyond the horizon is credited."""
        return self.case.model.objective.salvage == "straight_line"

    @property
    def redundancy_rules(self) -> tuple[RedundancyRule, ...]:
        """The redundancy rules of the case; none without the family."""
        family = self.case.model.families.redundancy
        return family.rules if family else ()

    def counted(self, o: str, k: str) -> bool:
        """Whether installations of a chip at an offer must be counted: they cost, are limited, or need development."""
        chip = self.chips[k]
        return self.offers[o].tenure != "cloud" or k in self.chip_supply_gw or chip.development_cost_busd is not None

    @property
    def workloads(self) -> tuple[Workload, ...]:
        """The workloads that have demand, training first."""
        every: tuple[Workload, Workload] = ("training", "inference")
        return tuple(w for w in every if any(workload == w for _, workload in self.demand_compute))

    def length_years(self, t: int) -> float:
        """Length of period ``t`` in years."""
        return self.calendar.length_years(t)

    def block_gw(self, o: str) -> float:
        """IT GW of one block of an offer."""
        return self.offers[o].block_it_mw / MW_PER_GW

    def roles(self, o: str) -> list[Role]:
        """Roles an offer's capacity can have, signed contracts included."""
        return derive.roles(o, self.offers[o], self.signed_gw)

    def chips_at(self, o: str) -> tuple[str, ...]:
        """Chips that can stand at an offer: those it can host, and those signed contracts bring."""
        return tuple(dict.fromkeys((*self.offers[o].chips, *self.signed_chips.get(o, ()))))

    def offers_at(self, s: str) -> tuple[str, ...]:
        """Offers at a site."""
        return self.site_offers[s]

    def options_at(self, s: str) -> list[str]:
        """On-site power options of a site."""
        return [g for g, option in self.power_options.items() if option.site == s]

    def openable(self, s: str) -> bool:
        """Whether opening is a decision: it costs something or is counted, and no signed contract stands there."""
        options = self.case.model.families.site_opening
        if options is None or any((o, role) in self.signed_gw for o in self.offers_at(s) for role in self.roles(o)):
            return False
        site = self.sites[s]
        counted = options.open_at_most is not None or options.open_exactly is not None
        return counted or bool(site.opening_cost_busd) or bool(site.fixed_opex_busd_per_year)

    def signed_at_start_gw(self, provider: str) -> float:
        """IT GW of signed contracts in force at a provider on the first day of the horizon."""
        return sum(
            c.row.it_mw / MW_PER_GW
            for c in self.signed
            if self.offers[c.row.offer].provider == provider
            and self.calendar.after_start_years(c.row.start_date) <= EPSILON_YEARS
        )

    def signed_chip_at_start_gw(self, k: str) -> float:
        """IT GW of a chip that signed contracts bring on the first day of the horizon."""
        return sum(
            c.row.it_mw / MW_PER_GW
            for c in self.signed
            if c.row.chip == k
            and (begin := self.calendar.after_start_years(c.row.start_date)) <= EPSILON_YEARS
            and begin + self.chips[k].life_years > EPSILON_YEARS
        )

    def onsite_in_service(self, g: str, t: int) -> list[int]:
        """Periods in which an on-site option can have entered service so as to be in service in ``t``."""
        life = self.power_options[g].life_years
        return [start for option, start in self.onsite_builds if option == g and self.lives(start, t, life)]

    def average_facility_per_it(self, s: str) -> float:
        """Average facility GW of one installed IT GW at a site."""
        power = self.case.model.families.power
        return power.utilisation * self.sites[s].pue_average if power else 0.0

    def tariff_usd_per_mwh(self, s: str, t: int) -> float:
        """Growing tariff of a site's power region in period ``t``."""
        region = self.power_regions[self.sites[s].power_region]
        growth: float = (1.0 + region.tariff_growth_per_year) ** self.calendar.middle_years(t)
        return region.tariff_usd_per_mwh * growth

    def chip_price_busd_per_gw(self, k: str, t: int) -> float:
        """Growing price of an IT GW of a chip delivered in period ``t``."""
        chip = self.chips[k]
        growth: float = (1.0 + chip.price_growth_per_year) ** self.calendar.middle_years(t)
        return (chip.price_busd_per_gw_it or 0.0) * growth

    def room_gw(self, k: str, t: int) -> float:
        """Most IT GW of a chip that the case has room for in period ``t``: the bound where supply gives none."""
        total = 0.0
        for o, offer in self.offers.items():
            if k in offer.chips:
                total += self.block_gw(o) * offer.max_blocks + sum(
                    self.signed_gw.get((o, role), self.zeros)[t] for role in self.roles(o)
                )
        return total

    def serving_arcs(self, supply: set[tuple[str, Workload, int]]) -> list[tuple[str, str, Workload, int]]:
        """Who may serve what: (node, market, workload, period) where the node can have chips for it.

        A single-source market is served whole: by nodes that can have chips for all that it demands in the period.
        """
        markets_of = {i: [m for m in self.markets if (sites[0], m) in self.reach] for i, sites in self.nodes.items()}
        demands = set(self.demand_compute)
        return [
            (i, m, w, t)
            for i, w, t in sorted(supply)
            for m in markets_of[i]
            if (m, w) in demands and (m not in self.single_source or self._can_serve_whole(i, m, t, supply))
        ]

    def _can_serve_whole(self, i: str, market: str, t: int, supply: set[tuple[str, Workload, int]]) -> bool:
        return all(
            (i, w, t) in supply for (m, w), compute in self.demand_compute.items() if m == market and compute[t] > 0.0
        )

    @property
    def markets(self) -> tuple[str, ...]:
        """The markets that have demand."""
        return tuple(dict.fromkeys(market for market, _ in self.demand_compute))

    def workload_scale(self) -> Mapping[Workload, float] | None:
        """Compute of each workload in a common measure, or None when chips disagree on the ratio of the two."""
        ratios = [
            self.nameplate_per_gw(k, "training") / self.nameplate_per_gw(k, "inference")
            for k in self.chips
            if self.nameplate_per_gw(k, "training") and self.nameplate_per_gw(k, "inference")
        ]
        if ratios and max(ratios) - min(ratios) > 1e-9 * max(ratios):
            return None
        return {"training": ratios[0] if ratios else 1.0, "inference": 1.0}

    def compute_per_gw(self, chip: str, workload: Workload, t: int) -> float:
        """Realised compute of one IT GW of a chip on a workload in period ``t``; 0 when it cannot run it."""
        return self.nameplate_per_gw(chip, workload) * self.realised_share[chip][t]

    def nameplate_per_gw(self, chip: str, workload: Workload) -> float:
        """Nameplate compute of one IT GW of a chip on a workload; 0 when it cannot run it."""
        row = self.chips[chip]
        per_mw = row.training_compute_per_it_mw if workload == "training" else row.inference_compute_per_it_mw
        return (per_mw or 0.0) * MW_PER_GW

    def chip_life_left_share(self, chip: str, t: int) -> float:
        """Share of the life of a chip installed in ``t`` that is left at the end of the horizon."""
        life = self.chips[chip].life_years
        return max(0.0, (self.calendar.start_years[t] + life - self.calendar.end_years) / life)

    def lives(self, installed: int, t: int, life_years: float) -> bool:
        """Whether something installed at the start of a period is still alive in period ``t``."""
        return self.calendar.lives(installed, t, life_years)

    def critical_compute(self, rule: RedundancyRule, demand: Demand, t: int) -> float:
        """Critical demand of a market and workload in period ``t`` under a redundancy rule."""
        _, workload = demand
        share = (
            rule.critical_share
            if isinstance(rule.critical_share, float | int)
            else rule.critical_share.get(workload, 0.0)
        )
        for override in rule.overrides:
            if (override.market, override.workload) == demand:
                share = override.share
        return share * self.demand_compute[demand][t]


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
    choices = _choices(case, sites, offers, calendar)
    site_gw = derive.sum_by(((offers[o].site, gw) for (o, _), gw in signed_gw.items()))
    installs = tuple(derive.installs(offers, chips, choices, signed_gw, calendar))
    options = {row.power_option: row for row in case.rows(PowerOptionRow) if row.site in sites}
    rate = case.model.objective.discount_rate_per_year
    budget = case.model.families.budget
    return Inputs(
        case=case,
        calendar=calendar,
        discount=tuple((1 + rate) ** -calendar.middle_years(t) for t in range(calendar.count)),
        discount_end=(1 + rate) ** -calendar.end_years,
        sites=sites,
        offers=offers,
        site_offers={s: tuple(o for o, row in of_site) for s, of_site in derive.by_site(offers).items()},
        chips=chips,
        power_regions=regions,
        power_options=options,
        choices=choices,
        signed=signed,
        signed_gw=signed_gw,
        signed_chip_gw=signed_chip_gw,
        signed_chips={o: tuple(k for p, _, k in signed_chip_gw if p == o) for o, _, _ in signed_chip_gw},
        installs=installs,
        chip_supply_gw=derive.chip_supply(case, calendar),
        realised_share=derive.realised(chips, calendar),
        site_it_limit_gw=derive.site_it_limit(sites, site_gw, calendar),
        site_facility_limit_gw=derive.site_facility_limit(case, sites, site_gw, calendar),
        region_facility_limit_gw=derive.region_limit(regions, sites, site_gw, calendar),
        demand_compute=derive.demand(case, calendar),
        budget_limit_busd=budget_limits_busd(budget, case.rows(BudgetRow), calendar) if budget else None,
        stocks=tuple(derive.stocks(installs, chips, calendar)),
        onsite_builds=_onsite_builds(options, calendar),
        units=case_units(case),
        **_service(case, sites),
    )


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
    return tuple(
        signed_contract(row, offers[row.offer], chips[row.chip].life_years if row.chip else None, calendar)
        for row in case.rows(ContractRow)
        if calendar.after_start_years(row.end_date) > EPSILON_YEARS
    )


def _choices(
    case: CaseData, sites: Mapping[str, SiteRow], offers: Mapping[str, OfferRow], calendar: Calendar
) -> dict[str, tuple[ContractChoice, ...]]:
    """Return the contracts that can be decided at each offer; none where the site is not available."""
    salvage = case.model.objective.salvage == "straight_line"
    return {
        o: tuple(contract_choices(row, sites[row.site].earliest_date, calendar, salvage=salvage))
        if sites[row.site].available
        else ()
        for o, row in offers.items()
    }


def _onsite_builds(options: Mapping[str, PowerOptionRow], calendar: Calendar) -> tuple[tuple[str, int], ...]:
    """Return the periods in which on-site power can enter service: from its earliest date, and after its lead time."""
    return tuple(
        (g, t)
        for g, row in options.items()
        for t in range(calendar.count)
        if calendar.met(row.earliest_date, t) and calendar.start_years[t] >= row.lead_months / 12 - EPSILON_YEARS
    )
