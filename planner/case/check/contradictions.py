"""Limits that contradict the rest of the case: no plan can meet them, which can be seen without a solve.

Each is a proof from the data alone, so each lower bound here is one of every plan, and each upper bound too. They are
reported with the warnings, and the case is accepted: that a limit cannot be met is a result (`solve` proves it), and
what-ifs ask for it on purpose.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Literal

from planner.case.calendar import HOURS_PER_YEAR, end_date, overlap_years, period_starts, years_after_start
from planner.case.case import CaseData
from planner.case.check.bounds import (
    allowed_busd,
    levels_by_period,
    periods_of,
    site_capacity_it_mw,
)
from planner.case.check.place import at_model, at_row
from planner.case.check.power import signed_it_mw
from planner.case.fields import Workload
from planner.case.magnitudes import mature_share
from planner.case.model import DiversityRule, RedundancyRule
from planner.case.ramps import ramps_of, spans, steps_for
from planner.case.reach import reach
from planner.case.rows import (
    ChipRow,
    ContractRow,
    MarketRow,
    OfferRow,
    PowerOptionRow,
    PowerRegionRow,
    ServingRow,
    SiteRow,
)
from planner.errors import Problem
from planner.text import dollars

RELATIVE, ABSOLUTE = 1e-6, 1e-6
"""By how much a bound must pass a limit before it counts: more than a solver leaves between the two."""


def _beyond(amount: float, limit: float) -> bool:
    return amount > limit + ABSOLUTE + RELATIVE * abs(limit)


def sites_held_open(case: CaseData) -> Iterator[Problem]:
    """Warn if signed contracts hold more sites open than may be open."""
    family = case.model.families.site_opening
    if family is None:
        return
    held = len(_held_open(case))
    for name in ("open_at_most", "open_exactly"):
        most = getattr(family, name)
        if most is not None and most < held:
            message = f"signed contracts hold {held} sites open: no plan can meet this"
            yield at_model(case, f"families.site_opening.{name}", message, most)


def _held_open(case: CaseData) -> set[str]:
    """Return the sites with a signed contract in the horizon."""
    start, end = case.model.horizon.start, end_date(case.model.horizon)
    offers = case.by_key(OfferRow)
    return {offers[row.offer].site for row in case.rows(ContractRow) if row.end_date > start and row.start_date < end}


def signed_busd(case: CaseData) -> dict[str, list[float]]:
    """Return, by role and period, the nominal $B that signed contracts cost whatever the plan does."""
    horizon, periods = case.model.horizon, periods_of(case)
    offers, sites = case.by_key(OfferRow), case.by_key(SiteRow)
    spent, ramps = {role: [0.0] * len(periods) for role in ("primary", "backup")}, ramps_of(case)
    for contract in case.rows(ContractRow):
        rate = (contract.rent_musd_per_mw_year or 0.0) + (offers[contract.offer].opex_musd_per_mw_year or 0.0)
        start, end = (years_after_start(horizon, day) for day in (contract.start_date, contract.end_date))
        for number, period in enumerate(periods):
            years = sum(
                share * overlap_years(period, opens, closes)
                for opens, closes, share in spans(steps_for(contract, ramps), start, end)
            )
            spent[contract.role][number] += rate * contract.it_mw * years / 1000.0
    if case.model.families.site_opening is not None:
        for site in _held_open(case):
            for number, (start, end) in enumerate(periods):
                spent["primary"][number] += (sites[site].fixed_opex_busd_per_year or 0.0) * (end - start)
    return spent


def _of_cash(case: CaseData) -> str:
    """Return what follows where signed contracts cannot be paid: a shortfall, where the case admits one."""
    hard = case.model.objective.shortfall == "hard"
    return "no plan can meet this" if hard else "what cannot be paid is a shortfall of cash"


def signed_beyond_budget(case: CaseData) -> Iterator[Problem]:
    """Warn if signed contracts alone cost more than a period or an envelope allows."""
    family = case.model.families.budget
    if family is None or any(row.cost_busd_per_compute_year < 0 for row in case.rows(ServingRow)):
        return  # serving at a negative cost may pay for anything
    spent = signed_busd(case)
    saves = any(option.kind == "generation" for option in case.rows(PowerOptionRow))
    for role, most in (("primary", family.primary_envelope_busd), ("backup", family.backup_envelope_busd)):
        total = sum(spent[role][: case.model.horizon.periods])  # a tail is not in the envelope
        if most is not None and not (saves and role == "primary") and _beyond(total, most):
            message = f"signed contracts alone cost ${total:.6g}B in this role: {_of_cash(case)}"
            yield at_model(case, f"families.budget.{role}_envelope_busd", message, most)
    if family.backup_income_counts and case.model.families.backup_income is not None:
        return
    if case.model.families.financing is not None:
        return  # what is drawn may pay for it
    starts, used, left = period_starts(case.model.horizon), 0.0, 0.0
    for number, allowed in enumerate(allowed_busd(case, family)):
        amount = spent["primary"][number] + spent["backup"][number]
        used, left = (used + amount, left + allowed) if family.carry_over else (amount, allowed)
        if _beyond(used, left):
            until = "up to the end of" if family.carry_over else "in"
            message = (
                f"{until} the period from {starts[number]} signed contracts alone cost {dollars(used)}, "
                f"{dollars(left)} is allowed"
            )
            if left < 0 and family.basis == "burn":
                message += " (burn and revenue, less what the partner and all other spending take)"
            message += f": {_of_cash(case)}"
            yield at_model(case, "families.budget", message)
            return


def signed_beyond_carbon(case: CaseData) -> Iterator[Problem]:
    """Warn if the chips of signed contracts alone emit more than the cap allows."""
    carbon, power = case.model.families.carbon, case.model.families.power
    if carbon is None or carbon.cap_mt_per_year is None or power is None:
        return
    horizon, periods = case.model.horizon, periods_of(case)
    chips, offers, sites = case.by_key(ChipRow), case.by_key(OfferRow), case.by_key(SiteRow)
    emitted, ramps = [0.0] * len(periods), ramps_of(case)
    for contract in case.rows(ContractRow):
        if contract.chip is None:
            continue
        site = sites[offers[contract.offer].site]
        start, end = (years_after_start(horizon, day) for day in (contract.start_date, contract.end_date))
        end = min(end, start + chips[contract.chip].life_years)
        mt_per_year = (
            contract.it_mw * site.pue_average * power.utilisation * HOURS_PER_YEAR * _cleanest(case, site) / 1e9
        )
        for number, period in enumerate(periods):
            emitted[number] += mt_per_year * sum(
                share * overlap_years(period, opens, closes)
                for opens, closes, share in spans(steps_for(contract, ramps), start, end)
            )
    for number, (start, end) in enumerate(periods):
        if _beyond(emitted[number], carbon.cap_mt_per_year * (end - start)):
            message = (
                f"in the period from {period_starts(horizon)[number]} the chips of signed contracts alone emit "
                f"{emitted[number] / (end - start):.6g} Mt a year: no plan can meet this"
            )
            yield at_model(case, "families.carbon.cap_mt_per_year", message, carbon.cap_mt_per_year)
            return


def _cleanest(case: CaseData, site: SiteRow) -> float:
    """Return the least carbon per MWh that a site's energy can have."""
    options = (row.carbon_kg_per_mwh for row in case.rows(PowerOptionRow) if row.site == site.site)
    region = case.by_key(PowerRegionRow)[site.power_region]
    return min([region.carbon_kg_per_mwh, *(carbon for carbon in options if carbon is not None)])


def _needed_it_mw(
    case: CaseData, demand: dict[tuple[str, Workload], list[float]]
) -> dict[tuple[str, Workload], list[float]]:
    """Return the least IT MW that each demand needs, on the best chip for it; demand without any chip is left out."""
    rates: dict[str, float] = {}
    for workload in ("training", "inference"):
        given = [(getattr(chip, f"{workload}_compute_per_it_mw"), mature_share(chip)) for chip in case.rows(ChipRow)]
        rates[workload] = max((rate * share for rate, share in given if rate is not None), default=0.0)
    return {
        (market, workload): [compute / rates[workload] for compute in by_period]
        for (market, workload), by_period in demand.items()
        if rates[workload] > 0
    }


def critical_beyond_capacity(case: CaseData) -> Iterator[Problem]:
    """Warn if the critical demand of a rule needs more than all sites together can hold after the loss."""
    family = case.model.families.redundancy
    if family is None:
        return
    capacity, needed, pairs = site_capacity_it_mw(case), _needed_it_mw(case, levels_by_period(case)), reach(case)
    starts = period_starts(case.model.horizon)
    for index, rule in enumerate(family.rules):
        path = f"families.redundancy.rules[{index}]"
        for what, sites, critical in _critical_groups(rule, needed, pairs, capacity):
            for number, start in enumerate(starts):
                if not (rule.first_year or 0) <= start.year <= (rule.last_year or 9999):
                    continue
                left = _after_loss(case, rule, {site: capacity[site][number] for site in sites})
                if _beyond(critical[number], left):
                    message = (
                        f"in the period from {start} the critical demand of {what} needs {critical[number]:.6g} IT MW "
                        f"of the best chips, and the sites that may serve it can hold {left:.6g} after the worst loss: "
                        "it cannot be kept in full"
                    )
                    yield at_model(case, path, message, rule.name)
                    break


def _critical_groups(
    rule: RedundancyRule,
    needed: dict[tuple[str, Workload], list[float]],
    pairs: frozenset[tuple[str, str]],
    capacity: dict[str, list[float]],
) -> Iterator[tuple[str, list[str], list[float]]]:
    """Yield each market, and all together: its name, the sites that may serve it, the IT MW that is critical."""
    by_market: dict[str, list[float]] = {}
    for (market, workload), it_mw in needed.items():
        share = rule.critical_share_of(market, workload)
        sums = by_market.setdefault(market, [0.0] * len(it_mw))
        by_market[market] = [total + share * amount for total, amount in zip(sums, it_mw, strict=True)]
    for market, critical in by_market.items():
        yield f"market {market}", [site for site in capacity if (site, market) in pairs], critical
    if len(by_market) > 1:
        yield "all markets", list(capacity), [sum(amounts) for amounts in zip(*by_market.values(), strict=True)]


def _after_loss(case: CaseData, rule: RedundancyRule, capacity: dict[str, float]) -> float:
    """Return the most IT MW that can be left after the worst loss of a rule."""
    total = sum(capacity.values())
    if rule.domain == "sites":
        return total - sum(capacity.get(site, 0.0) for site in rule.sites or ())
    if rule.domain not in ("site", "power_region", "country"):
        return total  # what a provider or a vendor holds at most does not follow from the sites
    sites = case.by_key(SiteRow)
    held: dict[str, float] = defaultdict(float)
    for site, it_mw in capacity.items():
        held[getattr(sites[site], rule.domain)] += it_mw
    return total - sum(sorted(held.values(), reverse=True)[: rule.k])


def single_source_too_large(case: CaseData) -> Iterator[Problem]:
    """Warn if no site alone can serve all of a market that wants one source: it goes unserved."""
    needed = _needed_it_mw(case, levels_by_period(case))
    single = [row for row in case.rows(MarketRow) if row.single_source]
    if not single:
        return
    capacity, pairs = site_capacity_it_mw(case), reach(case)
    for market in single:
        wanted = [
            sum(amounts) for amounts in zip(*(needed[key] for key in needed if key[0] == market.market), strict=True)
        ]
        for number, start in enumerate(period_starts(case.model.horizon)[: len(wanted)]):
            largest = max((capacity[site][number] for site in capacity if (site, market.market) in pairs), default=0.0)
            if _beyond(wanted[number], largest):
                message = (
                    f"in the period from {start} its demand needs {wanted[number]:.6g} IT MW of the best chips, and no "
                    f"site that may serve it can hold more than {largest:.6g}: the market goes unserved then"
                )
                yield at_row(case, "markets", market, "single_source", message)
                break


def diversity_without_room(case: CaseData) -> Iterator[Problem]:
    """Warn if there are too few domains for the largest share of a diversity rule."""
    family = case.model.families.diversity
    signed = any(value > 0 for by_period in signed_it_mw(case).values() for value in by_period)
    for index, rule in enumerate(family.rules if family else ()):
        count = len(_domains(case, rule))
        if count and count * rule.largest_share < 1.0 - RELATIVE:
            end = "no plan can meet this" if signed else "only a plan without any capacity meets this"
            message = f"{count} domains with at most {rule.largest_share:g} each add up to less than 1: {end}"
            yield at_model(case, f"families.diversity.rules[{index}].largest_share", message, rule.largest_share)


def _domains(case: CaseData, rule: DiversityRule) -> set[str]:
    """Return the domains of a rule that can hold capacity."""
    sites, chips = case.by_key(SiteRow), case.by_key(ChipRow)
    live = [offer for offer in case.rows(OfferRow) if sites[offer.site].available]
    kind: Literal["site", "provider", "power_region", "country", "chip_vendor"] = rule.domain
    if kind == "chip_vendor":
        signed: Iterable[str] = (row.chip for row in case.rows(ContractRow) if row.chip is not None)
        return {chips[chip].vendor for chip in {*signed, *(chip for offer in live for chip in offer.chips)}}
    if kind in ("site", "provider"):
        return {getattr(offer, kind) for offer in live}
    return {getattr(sites[offer.site], kind) for offer in live}


CONTRADICTIONS = (
    sites_held_open,
    signed_beyond_budget,
    signed_beyond_carbon,
    critical_beyond_capacity,
    single_source_too_large,
    diversity_without_room,
)
"""Every contradiction that is reported."""
