"""What a case allows at most, by period: money, and the IT MW that each site can hold."""

from collections import defaultdict
from itertools import pairwise

from planner.case.calendar import boundaries_in_years, overlap_years, years_touched
from planner.case.case import CaseData
from planner.case.check.power import energisation_steps, energised_facility_mw, signed_it_mw
from planner.case.fields import Workload
from planner.case.model import Budget
from planner.case.rows import BudgetRow, DemandRow, OfferRow, PowerOptionRow, SiteRow
from planner.case.throughout import left_at_sites_mw

Period = tuple[float, float]
"""Start and end, in years after the start of the horizon."""


def periods_of(case: CaseData) -> list[Period]:
    """Return the periods of a case."""
    return list(pairwise(boundaries_in_years(case.model.horizon)))


def years_of(case: CaseData, period: Period) -> dict[int, float]:
    """Return how many years of a period lie in each calendar year; in the last, also those of a tail after it."""
    horizon = case.model.horizon
    first = (horizon.start.month - 1) / 12
    years = years_touched(horizon)
    ends = {year: float("inf") if year == years[-1] else year + 1 - horizon.start.year - first for year in years}
    return {year: overlap_years(period, year - horizon.start.year - first, end) for year, end in ends.items()}


def allowed_busd(case: CaseData, family: Budget) -> list[float]:
    """Return the nominal $B that each period allows, before backup income and what is carried over."""
    rows = {row.year: row for row in case.rows(BudgetRow)}
    allowed, paid = [], 0.0
    for period in periods_of(case):
        limit = payment = reference = 0.0
        for year, share in years_of(case, period).items():
            row = rows[year]
            revenue, partner = (row.revenue_busd or 0.0) * share, row.partner_share or 0.0
            payment += revenue * partner
            reference += revenue * (partner if row.reference_share is None else row.reference_share)
            cash = row.cash_limit_busd if family.basis == "cash_limit" else row.cash_burn_busd
            limit += (cash or 0.0) * share
            if family.basis == "burn":
                limit += revenue - (row.other_spending_busd or 0.0) * share
        if family.partner_payment_cap_busd is not None:
            payment = max(0.0, min(payment, family.partner_payment_cap_busd - paid))
        paid += payment
        change = (family.reinvested_share or 0.0) * (reference - payment) if family.basis == "cash_limit" else -payment
        allowed.append(limit + change)
    return allowed


def levels_by_period(case: CaseData) -> dict[tuple[str, Workload], list[float]]:
    """Return the compute demanded by market and workload, the average of each period."""
    by_year: dict[tuple[str, Workload], dict[int, float]] = defaultdict(dict)
    for row in case.rows(DemandRow):
        by_year[row.market, row.workload][row.year] = row.compute
    periods = [(period, years_of(case, period)) for period in periods_of(case)]
    return {
        key: [
            sum(compute[year] * share for year, share in years.items() if share > 0) / (end - start)
            for (start, end), years in periods
        ]
        for key, compute in by_year.items()
    }


def site_capacity_it_mw(case: CaseData) -> dict[str, list[float]]:
    """Return the IT MW that each available site can hold at most, by period, whatever is decided.

    The least of its own limit, of its power with every on-site option, and of all blocks of its offers; where signed
    contracts need more than a limit, what they need.
    """
    signed, count, steps = signed_it_mw(case), len(periods_of(case)), energisation_steps(case)
    blocks: dict[str, float] = defaultdict(float)
    for offer in case.rows(OfferRow):
        blocks[offer.site] += offer.block_it_mw * offer.max_blocks
    options: dict[str, float] = defaultdict(float)
    for option in case.rows(PowerOptionRow):
        options[option.site] += 0.0 if option.in_energisation else option.max_facility_mw
    left = left_at_sites_mw(case) if case.model.horizon.energisation == "throughout" else {}
    capacity = {}
    for site in case.rows(SiteRow):
        if site.available:
            held = signed.get(site.site, [0.0] * count)
            if left:
                energised = [held[t] * site.pue_peak + max(0.0, left[site.site][t]) for t in range(count)]
            else:
                energised = energised_facility_mw(case, steps[site.site])
            capacity[site.site] = [
                min(
                    max(site.max_it_mw, held[t]),
                    max(energised[t] / site.pue_peak, held[t]) + options[site.site] / site.pue_peak,
                    held[t] + blocks[site.site],
                )
                for t in range(count)
            ]
    return capacity
