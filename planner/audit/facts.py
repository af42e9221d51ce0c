"""What the case alone determines: the rows in play, signed capacity, reach and demand (sections 1, 2, 4, 6)."""

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from planner.audit.calendar import NEVER, Calendar
from planner.audit.ramps import Steps, share_at, years_of_period
from planner.case.case import CaseData
from planner.case.model import Model
from planner.case.row import Row
from planner.case.rows import (
    ChipRow,
    ChipSupplyRow,
    ContractRow,
    DemandRow,
    EnergisationRow,
    LatencyRow,
    MarketRow,
    OfferRow,
    PowerOptionRow,
    PowerRegionRow,
    ProviderRow,
    RampRow,
    ServingRow,
    SiteRow,
)
from planner.case.rows_financing import FinancingRow
from planner.case.rows_programmes import ProgrammeRow

EARTH_RADIUS_KM = 6371.0088
Series = tuple[float, ...]
OfferRole = tuple[str, str]
OfferRoleChip = tuple[str, str, str]
R = TypeVar("R", bound=Row)
K = TypeVar("K", bound=Hashable)


def rows_of(case: CaseData, name: str, kind: type[R]) -> tuple[R, ...]:
    """Rows of a table by their own type; none where the case has no such table."""
    return tuple(row for row in case.tables.get(name, ()) if isinstance(row, kind))


def great_circle_km(site: SiteRow, market: MarketRow) -> float | None:
    """Distance between a site and a market (haversine), or None where a coordinate is missing."""
    if site.latitude_deg is None or site.longitude_deg is None:
        return None
    if market.latitude_deg is None or market.longitude_deg is None:
        return None
    lat1, lat2 = math.radians(site.latitude_deg), math.radians(market.latitude_deg)
    half_lat = (lat2 - lat1) / 2
    half_lon = math.radians(market.longitude_deg - site.longitude_deg) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(chord)))


@dataclass(frozen=True)
class Facts:
    """The case as the audit reads it; sites that are not available or have no offer are left out, with their rows."""

    case: CaseData
    model: Model
    calendar: Calendar

    @classmethod
    def of(cls, case: CaseData) -> "Facts":
        """Read a case."""
        return cls(case, case.model, Calendar.of(case.model.horizon))

    @cached_property
    def sites(self) -> dict[str, SiteRow]:
        """Sites of the case: available, with an offer."""
        offered = {row.site for row in rows_of(self.case, "offers", OfferRow)}
        rows = rows_of(self.case, "sites", SiteRow)
        return {row.site: row for row in rows if row.available and row.site in offered}

    @cached_property
    def offers(self) -> dict[str, OfferRow]:
        """Offers at the sites of the case."""
        return {row.offer: row for row in rows_of(self.case, "offers", OfferRow) if row.site in self.sites}

    @cached_property
    def contracts(self) -> dict[str, ContractRow]:
        """Signed contracts of those offers."""
        return {row.contract: row for row in rows_of(self.case, "contracts", ContractRow) if row.offer in self.offers}

    @cached_property
    def chips(self) -> dict[str, ChipRow]:
        """Chips."""
        return {row.chip: row for row in rows_of(self.case, "chips", ChipRow)}

    @cached_property
    def providers(self) -> dict[str, ProviderRow]:
        """Providers."""
        return {row.provider: row for row in rows_of(self.case, "providers", ProviderRow)}

    @cached_property
    def regions(self) -> dict[str, PowerRegionRow]:
        """Power regions."""
        return {row.power_region: row for row in rows_of(self.case, "power_regions", PowerRegionRow)}

    @cached_property
    def options(self) -> dict[str, PowerOptionRow]:
        """On-site power options of the sites of the case."""
        rows = rows_of(self.case, "power_options", PowerOptionRow)
        return {row.power_option: row for row in rows if row.site in self.sites}

    @cached_property
    def markets(self) -> dict[str, MarketRow]:
        """Markets."""
        return {row.market: row for row in rows_of(self.case, "markets", MarketRow)}

    @cached_property
    def programmes(self) -> dict[str, ProgrammeRow]:
        """Programmes."""
        return {row.programme: row for row in rows_of(self.case, "programmes", ProgrammeRow)}

    @cached_property
    def financing(self) -> dict[str, FinancingRow]:
        """Sources of financing whose condition, if they have one, is true; none without the family."""
        family = self.model.families.financing
        rows = rows_of(self.case, "financing", FinancingRow) if family is not None else ()
        conditions = {} if family is None else family.conditions
        return {row.financing: row for row in rows if row.condition is None or conditions.get(row.condition) is True}

    @property
    def periods(self) -> range:
        """Indices of the periods."""
        return range(self.calendar.periods)

    def label(self, t: int) -> str:
        """Label of period ``t``."""
        return self.calendar.labels[t]

    def zeros(self) -> list[float]:
        """Give one zero per period."""
        return [0.0] * self.calendar.periods

    def summed(self, parts: Iterable[tuple[K, Sequence[float]]]) -> dict[K, list[float]]:
        """Sum series of one number per period by key."""
        found: dict[K, list[float]] = {}
        for key, series in parts:
            total = found.setdefault(key, self.zeros())
            for t in self.periods:
                total[t] += series[t]
        return found

    def span_average(self, start: float, end: float) -> Series:
        """Share of each period that lies between two times."""
        cal = self.calendar
        return tuple(cal.overlap(t, start, end) / cal.length[t] for t in self.periods)

    def signed_years(self, row: ContractRow, t: int) -> float:
        """Years of a period in which a signed contract is in force, each by the share in force then."""
        cal = self.calendar
        return years_of_period(cal, self.steps(row), t, cal.years(row.start_date), cal.years(row.end_date))

    @cached_property
    def ramps(self) -> dict[str, list[tuple[float, float]]]:
        """Steps of every ramp: years after the start of a contract, and share in force from then on."""
        found: dict[str, list[tuple[float, float]]] = {}
        for row in sorted(rows_of(self.case, "ramps", RampRow), key=lambda row: row.months):
            found.setdefault(row.ramp, []).append((row.months / 12, row.share))
        return found

    def steps(self, row: OfferRow | ContractRow) -> Steps:
        """Steps by which a signed contract, or those of an offer, come into force; none where there is no ramp."""
        return () if row.ramp is None else self.ramps[row.ramp]

    def term_boundary(self, offer: OfferRow, start: int) -> int:
        """First period boundary at or after the end of the term, the end of the horizon at the latest."""
        tau = self.calendar.tau
        for index in range(start + 1, self.calendar.periods):
            if tau[index] >= tau[start] + offer.term_years - NEVER:
                return index
        return self.calendar.periods

    def shares_in_force(self, offer: OfferRow, start: int, end: int) -> list[float]:
        """Share of a decided contract in force, on average, per period."""
        cal, steps, found = self.calendar, self.steps(offer), self.zeros()
        for t in range(start, end):
            renewed = t >= self.term_boundary(offer, start)
            years = years_of_period(cal, steps, t, cal.tau[start], math.inf)
            found[t] = 1.0 if renewed else years / cal.length[t]
        return found

    def largest_share(self, offer: OfferRow, start: int, end: int, t: int) -> float:
        """Largest share of a decided contract in force at any time of a period."""
        if not start <= t < end:
            return 0.0
        if t >= self.term_boundary(offer, start):
            return 1.0
        return share_at(self.steps(offer), self.calendar.tau[t + 1] - self.calendar.tau[start] - 2 * NEVER)

    def signed_average(self, row: ContractRow, end: float) -> Series:
        """Share of a signed contract in force up to a time, on average per period."""
        cal, start = self.calendar, self.calendar.years(row.start_date)
        return tuple(years_of_period(cal, self.steps(row), t, start, end) / cal.length[t] for t in self.periods)

    @cached_property
    def signed_mw(self) -> dict[OfferRole, list[float]]:
        """IT MW of signed contracts in force, per offer and role."""
        parts = ((row, self.signed_average(row, self.calendar.years(row.end_date))) for row in self.contracts.values())
        return self.summed(((row.offer, row.role), [row.it_mw * share for share in shares]) for row, shares in parts)

    def chip_span(self, row: ContractRow) -> tuple[float, float]:
        """Years after the start between which the chip of a signed contract is there."""
        start = self.calendar.years(row.start_date)
        end = self.calendar.years(row.end_date)
        if row.chip is None or row.chip not in self.chips:
            return start, start
        return start, min(end, start + self.chips[row.chip].life_years)

    @cached_property
    def signed_chip_mw(self) -> dict[OfferRoleChip, list[float]]:
        """IT MW of chips that signed contracts bring, per offer, role and chip."""
        return self.summed(
            ((row.offer, row.role, row.chip), [row.it_mw * s for s in self.signed_average(row, self.chip_span(row)[1])])
            for row in self.contracts.values()
            if row.chip is not None
        )

    @cached_property
    def signed_site_mw(self) -> dict[str, list[float]]:
        """IT MW of signed contracts in force, per site."""
        return self.by_site(self.signed_mw)

    def by_site(self, of_offers: dict[OfferRole, list[float]]) -> dict[str, list[float]]:
        """Sum series of offers and roles by site, every site of the case included."""
        nothing = ((site, self.zeros()) for site in self.sites)
        return self.summed((*nothing, *((self.offers[offer].site, one) for (offer, _), one in of_offers.items())))

    @cached_property
    def signed_open(self) -> frozenset[str]:
        """Sites that are open throughout: a signed contract there ends after the start of the horizon."""
        rows = self.contracts.values()
        return frozenset(self.offers[row.offer].site for row in rows if self.calendar.years(row.end_date) > 0)

    @cached_property
    def dated_steps(self) -> dict[str, list[tuple[float, float]]]:
        """When each energisation step of a site takes effect, and its facility MW, in the order of time."""
        which = self.model.horizon.energisation_dates
        steps: dict[str, list[tuple[float, float]]] = {site: [] for site in self.sites}
        for row in rows_of(self.case, "energisation", EnergisationRow):
            given = row.date_low if which == "low" else row.date_high if which == "high" else None
            if row.site in steps:
                steps[row.site].append((self.calendar.years(given or row.date), row.facility_mw))
        return {site: sorted(dated) for site, dated in steps.items()}

    @cached_property
    def throughout(self) -> bool:
        """Whether power counts only where it is there throughout a period."""
        return self.model.horizon.energisation == "throughout"

    @cached_property
    def energised_mw(self) -> dict[str, list[float]]:
        """Facility MW energised per site, averaged over each period."""
        cal, found = self.calendar, {}
        for site, dated in self.dated_steps.items():
            ends = [*(when for when, _ in dated[1:]), math.inf][: len(dated)]
            found[site] = [
                sum(mw * cal.overlap(t, when, end) for (when, mw), end in zip(dated, ends, strict=True)) / cal.length[t]
                for t in self.periods
            ]
        return found

    @cached_property
    def supply_mw(self) -> dict[str, list[float]]:
        """Deliverable IT MW of each chip that has a supply row, per period."""
        years: dict[str, dict[int, float]] = {}
        for row in rows_of(self.case, "chip_supply", ChipSupplyRow):
            years.setdefault(row.chip, {})[row.year] = row.it_mw
        cal = self.calendar
        return {
            chip: [cal.amount(per_year, t, f"supply of chip {chip}") for t in self.periods]
            for chip, per_year in years.items()
        }

    @cached_property
    def demand(self) -> dict[tuple[str, str], list[float]]:
        """Compute demanded per market and workload, averaged over each period."""
        years: dict[tuple[str, str], dict[int, float]] = {}
        for row in rows_of(self.case, "demand", DemandRow):
            years.setdefault((row.market, row.workload), {})[row.year] = row.compute
        cal = self.calendar
        return {
            key: [cal.level(per_year, t, f"demand of {key[0]} {key[1]}") for t in self.periods]
            for key, per_year in years.items()
        }

    @cached_property
    def serving_busd(self) -> dict[tuple[str, str], float]:
        """Serving cost per unit of compute and year, per site and market listed."""
        rows = rows_of(self.case, "serving", ServingRow)
        return {(row.site, row.market): row.cost_busd_per_compute_year for row in rows}

    @cached_property
    def reach(self) -> dict[str, frozenset[str]]:
        """Markets each site may serve."""
        measured = {(row.site, row.market): row.rtt_ms for row in rows_of(self.case, "latency", LatencyRow)}
        listed: dict[str, list[MarketRow]] = {}
        for site, market in self.serving_busd:
            if market in self.markets:
                listed.setdefault(site, []).append(self.markets[market])
        limited = "serving" in self.case.present
        return {
            key: frozenset(
                market.market
                for market in (listed.get(key, ()) if limited else self.markets.values())
                if (market.residency is None or site.country in market.residency) and self._near(site, market, measured)
            )
            for key, site in self.sites.items()
        }

    def _near(self, site: SiteRow, market: MarketRow, measured: dict[tuple[str, str], float]) -> bool:
        if market.latency_limit_ms is None:
            return True
        rtt_ms = measured.get((site.site, market.market))
        options = self.model.latency
        if rtt_ms is None and options is not None:
            km = great_circle_km(site, market)
            if km is not None:
                rtt_ms = 2 * km * options.route_factor / options.fibre_km_per_ms + options.overhead_ms
        # A pair whose round-trip time is unknown does not meet the limit.
        return rtt_ms is not None and rtt_ms <= market.latency_limit_ms * (1 + NEVER)

    def alive(self, chip: str, installed: int, t: int) -> bool:
        """Whether a chip installed in period ``installed`` lives in period ``t``."""
        tau = self.calendar.tau
        return t == installed or (t > installed and tau[t] < tau[installed] + self.chips[chip].life_years - NEVER)

    def nameplate(self, chip: str, workload: str) -> float:
        """Nameplate compute per IT MW of a chip on a workload; 0 when it cannot."""
        row = self.chips[chip]
        found = row.training_compute_per_it_mw if workload == "training" else row.inference_compute_per_it_mw
        return found or 0.0

    @cached_property
    def realised(self) -> dict[str, Series]:
        """Realised share of each chip per period."""
        return {chip: tuple(self._realised(row, t) for t in self.periods) for chip, row in self.chips.items()}

    def _realised(self, row: ChipRow, t: int) -> float:
        share = 1.0 if row.utilisation_of_peak_share is None else row.utilisation_of_peak_share
        if row.failure_loss_share is not None:
            share -= share * row.failure_loss_share
        if row.maturity_years is None or row.first_volume_maturity_share is None:
            return share
        cal = self.calendar
        ripe = cal.years(row.first_date) + row.maturity_years
        # The part of the period on the ramp has the value in its middle; what lies after it counts whole.
        opens = min(max(cal.tau[t], ripe - row.maturity_years), ripe)
        closes = min(max(cal.tau[t + 1], ripe - row.maturity_years), ripe)
        middle = ((opens + closes) / 2 - ripe) / row.maturity_years + 1.0
        ramp = middle * (closes - opens) + max(0.0, cal.tau[t + 1] - max(ripe, cal.tau[t]))
        lacking = (1.0 - row.first_volume_maturity_share) * (1.0 - ramp / cal.length[t])
        return share * (1.0 - lacking)

    def rate(self, chip: str, workload: str, t: int) -> float:
        """Realised compute per IT MW of a chip on a workload in period ``t``; 0 when it cannot."""
        return self.nameplate(chip, workload) * self.realised[chip][t]

    @cached_property
    def largest_rate(self) -> float:
        """Largest realised compute per IT MW of any chip on any workload in any period."""
        rates = [
            self.rate(chip, workload, t)
            for chip in self.chips
            for workload in ("training", "inference")
            for t in self.periods
        ]
        return max(rates, default=1.0) or 1.0

    def domain(self, kind: str, offer: str, chip: str | None = None) -> str:
        """Failure domain of a kind to which an offer (for vendors: a chip) belongs."""
        if kind == "none":
            return ""
        if kind == "chip_vendor":
            return self.chips[chip].vendor if chip is not None else ""
        row = self.offers[offer]
        site = self.sites[row.site]
        named = {
            "site": row.site,
            "sites": row.site,
            "provider": row.provider,
            "power_region": site.power_region,
            "country": site.country,
        }
        return named[kind]

    def domains(self, kind: str) -> list[str]:
        """Every failure domain of a kind in the case."""
        if kind == "none":
            return []
        if kind == "chip_vendor":
            return sorted({chip.vendor for chip in self.chips.values()})
        return sorted({self.domain(kind, offer) for offer in self.offers})
