"""The risks of a case as events: what each may happen to, whether it does in a scenario, and how bad it is then."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from planner.case.case import CaseData
from planner.case.check.risks import LATE
from planner.case.rows import ChipRow, ChipSupplyRow, ContractRow, OfferRow, SiteRow
from planner.case.rows_financing import FinancingRow
from planner.case.rows_risks import RiskRow, ScheduleSlipRow
from planner.uncertainty.factors import Factor, Streams, triangular, two_piece
from planner.uncertainty.movable import movable
from planner.uncertainty.ranges import DAYS_PER_MONTH
from planner.uncertainty.sampling import NORMAL, cut

Z_OF_ENDS = NORMAL.inv_cdf(0.9)
"""Where the ends of a lognormal impact lie: a tenth of all below the low end, a tenth above the high end."""
MOST_MONTHS = 600
SITE_KINDS = ("site_late", "capacity_lost")


@dataclass(frozen=True, slots=True)
class Event:
    """What may happen once in a scenario.

    Attributes
    ----------
    risk : RiskRow
    targets : tuple of str
        Keys of the sites, chips or sources that it happens to; empty with kinds that have none.
    impacts : tuple of float
        In each scenario: 0 if it does not happen, else months or a share.
    """

    risk: RiskRow
    targets: tuple[str, ...]
    impacts: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """A lognormal of slip + 1, in months: ``log(slip + 1)`` is normal with this mean and standard deviation."""

    mean: float
    deviation: float

    def at(self, z: float) -> float:
        """Return the slip at a normal variable, in months, at least 0."""
        return max(0.0, math.exp(self.mean + self.deviation * z) - 1.0)


def fit(case: CaseData, sample: str) -> Fit:
    """Return the fit to a sample of slips: mean and standard deviation (``n - 1``) of the logarithms of slip + 1."""
    days = [(row.later_date - row.forecast_date).days for row in case.rows(ScheduleSlipRow) if row.sample == sample]
    logs = [math.log1p(max(0.0, day / DAYS_PER_MONTH)) for day in days]
    return Fit(fmean(logs), stdev(logs))


def probability(risk: RiskRow) -> float:
    """Return the probability that an event happens in a scenario: within its exposed years."""
    years = 1.0 if risk.exposed_years is None else risk.exposed_years
    return float(1.0 - (1.0 - risk.probability_per_year) ** years)


def events(case: CaseData, streams: Streams) -> Iterator[Event]:
    """Yield every event of the case, with what it does in each scenario."""
    providers = main_providers(case)
    for risk in sorted(case.rows(RiskRow), key=lambda row: row.risk):
        targets = _targets(case, risk)
        if risk.drawn == "together":
            if targets or risk.kind in ("cash_shortfall", "revenue_shortfall", "price_rise"):
                yield Event(risk, targets, _impacts(case, risk, "all", (), streams))
            continue
        for target in targets:
            yield Event(risk, (target,), _impacts(case, risk, target, _common(case, risk, target, providers), streams))


def _impacts(
    case: CaseData, risk: RiskRow, target: str, common: Sequence[Factor], streams: Streams
) -> tuple[float, ...]:
    name, chance = f"risk|{risk.risk}|{target}", probability(risk)
    if risk.group is not None:
        common = [*common, (f"group|{risk.group}", risk.group_factor_share or 0.0)]
    happens = streams.mixed(f"{name}|happens", [(f"{factor}|happens", share) for factor, share in common])
    impact = streams.mixed(f"{name}|impact", [(f"{factor}|impact", share) for factor, share in common])
    from_z = NORMAL.inv_cdf(1.0 - chance) if 0.0 < chance < 1.0 else math.inf if chance <= 0.0 else -math.inf
    quantile = _quantile(case, risk)
    return tuple(quantile(z) if event > from_z else 0.0 for event, z in zip(happens, impact, strict=True))


def _quantile(case: CaseData, risk: RiskRow) -> Callable[[float], float]:
    """Return the impact of a risk as a function of a normal variable, rising with it."""
    column = "impact_months" if risk.kind in LATE else "impact_share"
    base = getattr(risk, column)
    low, high = case.ranges.get("risks", {}).get(risk.risk, {}).get(column, (base, base))
    most = MOST_MONTHS if risk.kind in LATE else math.inf if risk.kind == "price_rise" else 1.0
    if risk.sample is not None:
        fitted = fit(case, risk.sample)
        return lambda z: min(most, fitted.at(cut(z)))
    if risk.distribution == "triangular":
        return lambda z: triangular(low, base, high, NORMAL.cdf(z))
    if risk.distribution == "lognormal":
        return lambda z: min(most, two_piece(low, base, high, cut(z), Z_OF_ENDS))
    return lambda _z: min(most, base)


def _common(case: CaseData, risk: RiskRow, target: str, providers: Mapping[str, str]) -> list[Factor]:
    """Return the factors that an event has in common with those of the same provider, vendor or region."""
    shared = f"group|{risk.group}" if risk.group is not None else f"risk|{risk.risk}"
    found: list[Factor] = []
    if risk.kind in SITE_KINDS:
        site = case.by_key(SiteRow)[target]
        found.append((f"{shared}|provider|{providers.get(target, '')}", risk.provider_factor_share or 0.0))
        found.append((f"{shared}|region|{site.power_region}", risk.region_factor_share or 0.0))
    elif target in case.index("chips"):
        vendor = case.by_key(ChipRow)[target].vendor
        found.append((f"{shared}|provider|{vendor}", risk.provider_factor_share or 0.0))
    return found


def main_providers(case: CaseData) -> dict[str, str]:
    """Return the provider of each site: with the most IT MW offered and signed there, else the first by name."""
    offers, amounts = case.by_key(OfferRow), dict[tuple[str, str], float]()
    for offer in offers.values():
        place = (offer.site, offer.provider)
        amounts[place] = amounts.get(place, 0.0) + offer.max_blocks * offer.block_it_mw
    for contract in case.rows(ContractRow):
        place = (offers[contract.offer].site, offers[contract.offer].provider)
        amounts[place] = amounts.get(place, 0.0) + contract.it_mw
    ordered = sorted(amounts, key=lambda place: (-amounts[place], place[1]))
    found: dict[str, str] = {}
    for site, provider in ordered:
        found.setdefault(site, provider)
    return found


def _targets(case: CaseData, risk: RiskRow) -> tuple[str, ...]:
    """Return the keys that a risk may happen to: what is built cannot be late, what is sold out cannot be lost."""
    if risk.kind == "site_late":
        moving = movable(case, "sites")
        return tuple(site for site in _sites(case, risk) if site in moving)
    if risk.kind == "capacity_lost":
        open_for_more = {row.site for row in case.rows(OfferRow) if row.max_blocks > 0}
        return tuple(site for site in _sites(case, risk) if site in open_for_more)
    if risk.kind == "financing_fails":
        return tuple(sorted(row.financing for row in case.rows(FinancingRow) if _named(row.financing, risk.financing)))
    if risk.kind == "supply_cut":
        return tuple(sorted({row.chip for row in case.rows(ChipSupplyRow) if _named(row.chip, risk.chips)}))
    if risk.kind in ("chip_late", "integration_shortfall"):
        chips = sorted(row.chip for row in case.rows(ChipRow) if _named(row.chip, risk.chips))
        moving = movable(case, "chips") if risk.kind == "chip_late" else frozenset(chips)
        return tuple(chip for chip in chips if chip in moving)
    return ()


def _named(key: str, keys: tuple[str, ...] | None) -> bool:
    return keys is None or key in keys


def _sites(case: CaseData, risk: RiskRow) -> list[str]:
    every = sorted(row.site for row in case.rows(SiteRow) if row.available)
    if risk.sites is None and risk.providers is None and risk.power_regions is None:
        return every
    found = set(risk.sites or ())
    found |= {row.site for row in case.rows(OfferRow) if row.provider in (risk.providers or ())}
    found |= {row.site for row in case.rows(SiteRow) if row.power_region in (risk.power_regions or ())}
    return [site for site in every if site in found]
