"""Power at sites and in regions by period, and what signed contracts need of it: where they need more, a warning."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from planner.case.calendar import boundaries_in_years, overlap_years, period_starts, years_after_start
from planner.case.case import CaseData
from planner.case.check.place import at_row
from planner.case.model import Horizon
from planner.case.ramps import ramps_of, spans, steps_for
from planner.case.rows import ContractRow, EnergisationRow, OfferRow, PowerRegionRow, SiteRow
from planner.case.throughout import left_at_sites_mw, left_in_regions_mw
from planner.errors import Problem

TOLERANCE_MW = 1e-6


def periods_of(horizon: Horizon) -> list[tuple[float, float]]:
    """Begin and end of every period, in years after the start of the horizon."""
    return list(pairwise(boundaries_in_years(horizon)))


def _share_of(period: tuple[float, float], start: float, end: float) -> float:
    """Return the share of a period that lies between two times."""
    return overlap_years(period, start, end) / (period[1] - period[0])


def signed_it_mw(case: CaseData) -> dict[str, list[float]]:
    """Return the IT MW of signed contracts by site and period (time averages)."""
    horizon = case.model.horizon
    periods = periods_of(horizon)
    offers = case.by_key(OfferRow)
    found: dict[str, list[float]] = defaultdict(lambda: [0.0] * len(periods))
    ramps = ramps_of(case)
    for contract in case.rows(ContractRow):
        site = offers[contract.offer].site
        start = years_after_start(horizon, contract.start_date)
        end = years_after_start(horizon, contract.end_date)
        for number, period in enumerate(periods):
            for opens, closes, share in spans(steps_for(contract, ramps), start, end):
                found[site][number] += contract.it_mw * share * _share_of(period, opens, closes)
    return dict(found)


def energisation_steps(case: CaseData) -> dict[str, list[EnergisationRow]]:
    """Return the steps of each site, the earliest first."""
    steps: dict[str, list[EnergisationRow]] = defaultdict(list)
    for row in sorted(case.rows(EnergisationRow), key=lambda row: row.date):  # the same order by every date
        steps[row.site].append(row)
    return steps


def energised_facility_mw(case: CaseData, steps: list[EnergisationRow]) -> list[float]:
    """Return the facility MW energised at a site by period (time averages of its steps)."""
    horizon = case.model.horizon
    starts = [years_after_start(horizon, row.takes_effect(horizon.energisation_dates)) for row in steps]
    ends = [*starts[1:], float("inf")]
    return [
        sum(
            row.facility_mw * _share_of(period, start, end) for row, start, end in zip(steps, starts, ends, strict=True)
        )
        for period in periods_of(horizon)
    ]


def signed_beyond_site(case: CaseData) -> Iterator[Problem]:
    """Warn if signed contracts need more than the site can hold or has energised (which raises the limit)."""
    starts, steps = period_starts(case.model.horizon), energisation_steps(case)
    throughout = case.model.horizon.energisation == "throughout"
    left = left_at_sites_mw(case) if throughout else {}
    for key, signed in signed_it_mw(case).items():
        site = case.by_key(SiteRow)[key]
        if max(signed) > site.max_it_mw + TOLERANCE_MW:
            message = f"signed contracts hold up to {max(signed):g} IT MW; the limit is raised to what they need"
            yield at_row(case, "sites", site, "max_it_mw", message)
        if throughout:
            yield from _beyond(case, "sites", site, "site", left[key])
            continue
        for number, energised in enumerate(energised_facility_mw(case, steps[key])):
            needed = signed[number] * site.pue_peak
            if needed > energised + TOLERANCE_MW:
                message = (
                    f"in the period from {starts[number]} signed contracts need {needed:.6g} facility MW, "
                    f"{energised:.6g} are energised; the limit is raised to what they need"
                )
                yield at_row(case, "sites", site, "site", message)
                break


def _beyond(
    case: CaseData, table: str, row: SiteRow | PowerRegionRow, column: str, left_mw: Sequence[float]
) -> Iterator[Problem]:
    """Warn of the first period at some time of which signed contracts need more power than there is."""
    for start, left in zip(period_starts(case.model.horizon), left_mw, strict=True):
        if left < -TOLERANCE_MW:
            message = (
                f"in the period from {start} signed contracts at some time need {-left:.6g} facility MW more than "
                f"there are; the limit is raised to what they need"
            )
            yield at_row(case, table, row, column, message)
            break


def signed_beyond_region(case: CaseData) -> Iterator[Problem]:
    """Warn if signed contracts need more than their power region can give (which raises the limit)."""
    if case.model.families.power is None:
        return
    sites, periods = case.by_key(SiteRow), periods_of(case.model.horizon)
    starts = period_starts(case.model.horizon)
    if case.model.horizon.energisation == "throughout":
        for name, left in left_in_regions_mw(case).items():
            yield from _beyond(case, "power_regions", case.by_key(PowerRegionRow)[name], "firm_facility_mw", left)
        return
    needed: dict[str, list[float]] = defaultdict(lambda: [0.0] * len(periods))
    for key, signed in signed_it_mw(case).items():
        site = sites[key]
        for number, it_mw in enumerate(signed):
            needed[site.power_region][number] += it_mw * site.pue_peak
    for name, by_period in needed.items():
        region = case.by_key(PowerRegionRow)[name]
        for number, (start, end) in enumerate(periods):
            limit = region.firm_facility_mw + region.added_facility_mw_per_year * (start + end) / 2
            if by_period[number] > limit + TOLERANCE_MW:
                message = (
                    f"in the period from {starts[number]} signed contracts need {by_period[number]:.6g} facility MW, "
                    f"the region can give {limit:.6g}; the limit is raised to what they need"
                )
                yield at_row(case, "power_regions", region, "firm_facility_mw", message)
                break
