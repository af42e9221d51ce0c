"""The sets and parameters of a case: what the families build the program from."""

from collections.abc import Mapping
from dataclasses import dataclass

from planner.case.calendar import HOURS_PER_YEAR
from planner.case.case import CaseData
from planner.case.fields import Role, Workload
from planner.case.model import RedundancyRule
from planner.case.ramps import ramps_of, steps_for
from planner.case.rows import (
    ChipRow,
    OfferRow,
    PowerOptionRow,
    PowerRegionRow,
    SiteRow,
)
from planner.inputs.calendar import EPSILON_YEARS, Calendar
from planner.inputs.contracts import MW_PER_GW, ContractChoice, SignedContract, term_boundary
from planner.inputs.derive import Demand as Demand
from planner.inputs.financing import Source
from planner.inputs.leases import LeaseChoice, RefreshChoice, RoomKey
from planner.inputs.programmes import Programme
from planner.inputs.ramps import shares_in_force
from planner.units import Units

BUSD_PER_GW_YEAR_PER_USD_PER_MWH = HOURS_PER_YEAR / 1e6
"""$B for a facility GW over a year at one $/MWh (0.00876)."""
TONNES_PER_KG = 1e-3


@dataclass(frozen=True, slots=True)
class Inputs:
    """Sets, parameters and derived numbers of a case. IT GW unless the name says facility; $B; years.

    Attributes
    ----------
    case : CaseData
        The case.
    calendar : Calendar
        Its periods: first days, lengths, labels.
    discount : tuple of float
        Factor from nominal money to present value per period.
    discount_end : float
        The same at the end of the horizon.
    sites, offers, chips : mapping of key to row
        What takes part: available sites with their offers, and whatever a signed contract holds.
    choices : mapping of offer to list of ContractChoice
        Contracts that can be decided.
    signed_gw : mapping of (offer, role) to tuple of float
        IT GW of signed contracts in force per period.
    signed_chip_gw : mapping of (offer, role, chip) to tuple of float
        IT GW of chips that signed contracts bring per period.
    installs : tuple of (offer, role, chip, period)
        Where and when chips can be installed: by the plan, or under ``cloud`` by the provider.
    leases : mapping of offer to tuple of LeaseChoice
        Contracts under ``cloud`` that can be decided, each with its chip.
    refreshes : mapping of offer to tuple of RefreshChoice
        When which chip of a lease can be replaced by which; only offers that can refresh anything.
    rooms : mapping of contract to SignedContract
        Signed contracts under ``cloud`` that bring no chip: the plan chooses what is installed in them.
    room_installs : tuple of (contract, chip, period)
        When what can be installed in them.
    realised_share : mapping of chip to tuple of float
        Share of its compute per IT MW that a chip realises per period.
    demand_compute : mapping of (market, workload) to tuple of float
        Average compute demanded per period.
    reach : frozenset of (site, market)
        Which site may serve which market.
    site_offers, site_options : mapping of site to tuple of offer, of power option
        What is at each site.
    offer_roles, offer_chips : mapping of offer to tuple of role, of chip
        Roles that its capacity can have, and chips that can stand there, signed contracts included.
    power_regions, power_options : mapping of key to row
        Those of the sites that take part.
    signed : tuple of SignedContract
        Signed contracts.
    signed_chips : mapping of offer to tuple of chip
        Chips that signed contracts of an offer bring.
    chip_supply_gw : mapping of chip to tuple of float
        IT GW that can be delivered per period; only chips whose supply is limited.
    site_it_limit_gw : mapping of site to tuple of float
        Largest IT GW in force per period.
    site_facility_limit_gw : mapping of site to tuple of float
        Facility GW energised per period.
    region_facility_limit_gw : mapping of power region to tuple of float
        Firm facility GW that the grid can give per period.
    serving_cost_busd : mapping of (site, market) to float
        Cost of serving, nominal $B per unit of compute and year.
    single_source : frozenset of market
        Markets that one site serves alone in each period.
    budget_limit_busd : tuple of float or None
        Cash limit per period, nominal $B; None without a budget.
    stocks : tuple of (offer, role, chip, period)
        Where and when chips of the plan can stand.
    onsite_builds : tuple of (power option, period)
        When on-site power can be bought.
    onsite_starts : mapping of power option to tuple of period
        Periods in which each can be bought.
    nodes, node_of : mapping of node to tuple of site, and of site to node
        Sites that serve the same markets at the same cost, joined to one node where nothing shows them apart.
    programmes : mapping of str to Programme
        What is asked of the sites of each programme, and allowed, per period.
    financing : mapping of str to Source
        Sources of money whose condition holds, with the periods in which they may be drawn and how they are repaid.
    units : Units
        The units of compute and money in which the case is best solved; all figures here are in its own.
    host_share : float or None
        None: only sites with room for a cluster can host one. Else every site can, as far as its limits allow, and the
        coefficient that stands for its room is at least this share of the demand, as its limits may be of no account.
    every_limit : bool
        Whether the program also has limits that no plan can reach as the case is, as others may be of no account.
    """

    case: CaseData
    calendar: Calendar
    discount: tuple[float, ...]
    discount_end: float
    sites: Mapping[str, SiteRow]
    offers: Mapping[str, OfferRow]
    site_offers: Mapping[str, tuple[str, ...]]
    site_options: Mapping[str, tuple[str, ...]]
    offer_roles: Mapping[str, tuple[Role, ...]]
    offer_chips: Mapping[str, tuple[str, ...]]
    chips: Mapping[str, ChipRow]
    power_regions: Mapping[str, PowerRegionRow]
    power_options: Mapping[str, PowerOptionRow]
    choices: Mapping[str, tuple[ContractChoice, ...]]
    signed: tuple[SignedContract, ...]
    signed_gw: Mapping[tuple[str, Role], tuple[float, ...]]
    signed_chip_gw: Mapping[tuple[str, Role, str], tuple[float, ...]]
    signed_chips: Mapping[str, tuple[str, ...]]
    installs: tuple[tuple[str, Role, str, int], ...]
    leases: Mapping[str, tuple[LeaseChoice, ...]]
    refreshes: Mapping[str, tuple[RefreshChoice, ...]]
    rooms: Mapping[str, SignedContract]
    room_installs: tuple[RoomKey, ...]
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
    onsite_starts: Mapping[str, tuple[int, ...]]
    nodes: Mapping[str, tuple[str, ...]]
    node_of: Mapping[str, str]
    programmes: Mapping[str, Programme]
    financing: Mapping[str, Source]
    units: Units
    host_share: float | None = None
    every_limit: bool = False

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

    @property
    def shortfalls_refused(self) -> bool:
        """Whether the case admits no shortfall of cash and programmes, nor tiers of redundancy rules."""
        return self.case.model.objective.shortfall == "hard"

    @property
    def rules_may_fall_short(self) -> bool:
        """Whether redundancy rules may have shortfalls without a price: only where serving comes first."""
        return not self.shortfalls_refused and self.case.model.objective.unserved == "lexicographic"

    @property
    def signed_payments_busd(self) -> dict[tuple[Role, int], float]:
        """What signed contracts cost by role and period: rent and running cost, nominal $B."""
        found: dict[tuple[Role, int], float] = {}
        for one in self.signed:
            for t in self.periods:
                key = one.row.role, t
                found[key] = found.get(key, 0.0) + one.rent_busd[t] + one.opex_busd[t]
        return found

    @property
    def uncoverable_busd(self) -> dict[int, float]:
        """What is due in a period whatever is decided, under no contract: nominal $B of other spending and upkeep."""
        limits = self.budget_limit_busd or ()
        found = {t: max(0.0, -busd) + self.upkeep_busd(t) for t, busd in enumerate(limits)}
        return {t: busd for t, busd in found.items() if busd > 0.0}

    def upkeep_busd(self, t: int) -> float:
        """Energy at the tariff, carbon as if from the grid, and fixed costs of sites of what is signed: nominal $B."""
        families, years = self.case.model.families, self.length_years(t)
        price = (families.carbon.price_usd_per_tonne or 0.0) if families.carbon else 0.0
        total = 0.0
        for one in self.signed:
            offer = self.offers[one.row.offer]
            use = one.chip_gw[t] * self.average_facility_per_it(offer.site) * BUSD_PER_GW_YEAR_PER_USD_PER_MWH * years
            region = self.power_regions[self.sites[offer.site].power_region]
            tariff = self.tariff_usd_per_mwh(offer.site, t) if offer.tenure != "cloud" else 0.0
            total += use * (tariff + price * region.carbon_kg_per_mwh * TONNES_PER_KG)
        if families.site_opening is not None:
            held = (s for s in self.sites if not self.openable(s))
            total += sum(self.sites[s].fixed_opex_busd_per_year or 0.0 for s in held) * years
        return total

    @property
    def workloads(self) -> tuple[Workload, ...]:
        """The workloads that have demand, training first."""
        every: tuple[Workload, Workload] = ("training", "inference")
        there = {workload for _, workload in self.demand_compute}
        return tuple(w for w in every if w in there)

    def length_years(self, t: int) -> float:
        """Length of period ``t`` in years."""
        return self.calendar.length_years(t)

    def block_gw(self, o: str) -> float:
        """IT GW of one block of an offer."""
        return self.offers[o].block_it_mw / MW_PER_GW

    def roles(self, o: str) -> list[Role]:
        """Roles an offer's capacity can have, signed contracts included."""
        return list(self.offer_roles[o])

    def chips_at(self, o: str) -> tuple[str, ...]:
        """Chips that can stand at an offer: those it can host, and those signed contracts bring."""
        return self.offer_chips[o]

    def offers_at(self, s: str) -> tuple[str, ...]:
        """Offers at a site."""
        return self.site_offers[s]

    def options_at(self, s: str) -> list[str]:
        """On-site power options of a site."""
        return list(self.site_options.get(s, ()))

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
            c.row.it_mw / MW_PER_GW * self._share_at_start(c)
            for c in self.signed
            if self.offers[c.row.offer].provider == provider
            and self.calendar.after_start_years(c.row.start_date) <= EPSILON_YEARS
        )

    def signed_chip_at_start_gw(self, k: str) -> float:
        """IT GW of a chip that signed contracts bring on the first day of the horizon."""
        return sum(
            c.row.it_mw / MW_PER_GW * self._share_at_start(c)
            for c in self.signed
            if c.row.chip == k
            and (begin := self.calendar.after_start_years(c.row.start_date)) <= EPSILON_YEARS
            and begin + self.chips[k].life_years > EPSILON_YEARS
        )

    def _share_at_start(self, contract: SignedContract) -> float:
        """Share of a signed contract that is in force on the first day of the horizon, once it has started."""
        begin = self.calendar.after_start_years(contract.row.start_date)
        return max(share for years, share in contract.steps if not years or begin + years <= EPSILON_YEARS)

    def share_in_force(self, o: str, start: int, end: int, t: int) -> float:
        """Share of a decided contract of an offer in force in period ``t``: 1 in each of its own without a ramp."""
        if not start <= t < end:
            return 0.0
        steps = steps_for(self.offers[o], ramps_of(self.case))
        term_end = term_boundary(self.offers[o], self.calendar, start)
        return shares_in_force(self.calendar, steps, start, end, term_end)[t - start]

    def onsite_in_service(self, g: str, t: int) -> list[int]:
        """Periods in which an on-site option can have entered service so as to be in service in ``t``."""
        life, rule = self.power_options[g].life_years, self.case.model.horizon.energisation
        lives = self.calendar.lives_throughout if rule == "throughout" else self.calendar.lives
        return [start for start in self.onsite_starts.get(g, ()) if lives(start, t, life)]

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
                total += self.block_gw(o) * offer.max_blocks
                if offer.tenure == "cloud":
                    total += sum(c.row.it_mw / MW_PER_GW for c in self.rooms.values() if c.row.offer == o)
                else:
                    total += sum(self.signed_gw.get((o, role), self.zeros)[t] for role in self.roles(o))
        return total

    def serving_arcs(self, supply: set[tuple[str, Workload, int]]) -> list[tuple[str, str, Workload, int]]:
        """Who may serve what: (node, market, workload, period) where the node can have chips for it.

        A single-source market is served whole: by nodes that can have chips for all that it demands in the period.
        """
        reached = self.reached_markets()
        markets_of = {i: reached.get(sites[0], ()) for i, sites in self.nodes.items()}
        demands = set(self.demand_compute)
        return [
            (i, m, w, t)
            for i, w, t in sorted(supply)
            for m in markets_of[i]
            if (m, w) in demands and (m not in self.single_source or self._can_serve_whole(i, m, t, supply))
        ]

    def reached_markets(self) -> dict[str, list[str]]:
        """Return the markets with demand that each site may serve, in their order; without sites that reach none."""
        place = {market: n for n, market in enumerate(self.markets)}
        reached: dict[str, list[str]] = {}
        for site, market in self.reach:
            if market in place:
                reached.setdefault(site, []).append(market)
        for markets in reached.values():
            markets.sort(key=place.__getitem__)
        return reached

    def _can_serve_whole(self, i: str, market: str, t: int, supply: set[tuple[str, Workload, int]]) -> bool:
        every: tuple[Workload, Workload] = ("training", "inference")
        asked = (w for w in every if (market, w) in self.demand_compute and self.demand_compute[market, w][t] > 0.0)
        return all((i, w, t) in supply for w in asked)

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
        """Critical demand of a market and workload in period ``t`` under a redundancy rule, if all demand is served."""
        return rule.critical_share_of(*demand) * self.demand_compute[demand][t]
