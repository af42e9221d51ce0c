"""Facility GW that sites and power regions allow, by the rule of the horizon (formulation, sections 1, 3 and 5)."""

from collections.abc import Mapping
from dataclasses import dataclass

from planner.case.case import CaseData
from planner.case.rows import PowerOptionRow, PowerRegionRow, SiteRow
from planner.case.throughout import left_at_sites_mw, left_in_regions_mw, left_under_it_limit_mw
from planner.inputs import derive
from planner.inputs.calendar import Calendar
from planner.inputs.contracts import MW_PER_GW

PerPeriod = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class PowerLimits:
    """What each site and each power region allows, in facility GW per period; of a site also IT GW."""

    site_it_gw: Mapping[str, PerPeriod]
    site_gw: Mapping[str, PerPeriod]
    region_gw: Mapping[str, PerPeriod]


def power_limits(
    case: CaseData,
    sites: Mapping[str, SiteRow],
    regions: Mapping[str, PowerRegionRow],
    signed_gw: Mapping[str, PerPeriod],
    calendar: Calendar,
) -> PowerLimits:
    """Return the limits by the rule of the case.

    Parameters
    ----------
    case : CaseData
    sites, regions : mapping of str to row
        Those in the case.
    signed_gw : mapping of str to tuple of float
        IT GW of signed contracts in force per site and period (time average).
    calendar : Calendar
    """
    if case.model.horizon.energisation != "throughout":
        return PowerLimits(
            derive.site_it_limit(sites, signed_gw, calendar),
            derive.site_facility_limit(case, sites, signed_gw, calendar),
            derive.region_limit(regions, sites, signed_gw, calendar),
        )
    needed = {s: tuple(sites[s].pue_peak * it_gw for it_gw in gw) for s, gw in signed_gw.items()}
    none = (0.0,) * calendar.count
    by_region = derive.sum_by((sites[s].power_region, gw) for s, gw in needed.items())
    at_sites, in_regions, of_it = left_at_sites_mw(case), left_in_regions_mw(case), left_under_it_limit_mw(case)
    return PowerLimits(
        {s: _with_free(signed_gw.get(s, none), of_it[s]) for s in sites},
        {s: _with_free(needed.get(s, none), at_sites[s]) for s in sites},
        {r: _with_free(by_region.get(r, none), in_regions[r]) for r in regions},
    )


def _with_free(needed_gw: PerPeriod, left_mw: list[float]) -> PerPeriod:
    """What signed contracts need on average, and what is free for others throughout the period."""
    return tuple(gw + max(0.0, mw) / MW_PER_GW for gw, mw in zip(needed_gw, left_mw, strict=True))


def option_is_there(option: PowerOptionRow, rule: str | None, calendar: Calendar, t: int) -> bool:
    """Whether the earliest date of an on-site option is met in a period, by the rule of the horizon."""
    return calendar.begun(option.earliest_date, t) if rule == "throughout" else calendar.met(option.earliest_date, t)
