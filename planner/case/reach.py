"""Which site may serve which market: residency, round-trip time, serving table (docs/formulation.md, section 6)."""

from collections.abc import Iterator
from math import asin, cos, radians, sin, sqrt

from planner.case.case import CaseData
from planner.case.model import Latency
from planner.case.rows import LatencyRow, MarketRow, ServingRow, SiteRow
from planner.errors import CaseError, Problem

EARTH_RADIUS_KM = 6371.0088


def great_circle_km(
    latitude_1_deg: float, longitude_1_deg: float, latitude_2_deg: float, longitude_2_deg: float
) -> float:
    """Return the great-circle distance of two places by the haversine formula, in km."""
    latitude_1, latitude_2 = radians(latitude_1_deg), radians(latitude_2_deg)
    half_latitude = (latitude_2 - latitude_1) / 2
    half_longitude = radians(longitude_2_deg - longitude_1_deg) / 2
    chord = sin(half_latitude) ** 2 + cos(latitude_1) * cos(latitude_2) * sin(half_longitude) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(1.0, chord)))


def distance_round_trip_ms(latency: Latency, site: SiteRow, market: MarketRow) -> float | None:
    """Return the round-trip time computed from distance, in ms; None where a coordinate is not given."""
    if site.latitude_deg is None or site.longitude_deg is None:
        return None
    if market.latitude_deg is None or market.longitude_deg is None:
        return None
    km = great_circle_km(site.latitude_deg, site.longitude_deg, market.latitude_deg, market.longitude_deg)
    return 2 * km * latency.route_factor / latency.fibre_km_per_ms + latency.overhead_ms


def round_trip_ms(case: CaseData, site: SiteRow, market: MarketRow) -> float | None:
    """Return the round-trip time between a site and a market, in ms.

    The latency table comes first, then the distance (when the model has a ``[latency]`` section and both places have
    coordinates); None when neither gives it.
    """
    row = case.by_key(LatencyRow).get((site.site, market.market))
    if row is not None:
        return row.rtt_ms
    if case.model.latency is None:
        return None
    return distance_round_trip_ms(case.model.latency, site, market)


def may_serve(case: CaseData, site: SiteRow, market: MarketRow) -> bool:
    """Whether a site may serve a market.

    Raises
    ------
    CaseError
        If the market has a latency limit and the round-trip time is not known (a checked case never lacks it).
    """
    if "serving" in case.present and (site.site, market.market) not in case.by_key(ServingRow):
        return False
    return _may_serve_if_listed(case, site, market)


def _may_serve_if_listed(case: CaseData, site: SiteRow, market: MarketRow) -> bool:
    """Whether a site may serve a market, if the serving table has the pair or does not exist."""
    if not site.available:
        return False
    if market.residency is not None and site.country not in market.residency:
        return False
    if market.latency_limit_ms is None:
        return True
    rtt_ms = round_trip_ms(case, site, market)
    if rtt_ms is None:
        message = f"no round-trip time between site {site.site!r} and market {market.market!r} is known"
        raise CaseError(case.origin, [Problem(file=case.files.get("latency", "latency"), message=message)])
    return rtt_ms <= market.latency_limit_ms


def listed_pairs(case: CaseData) -> Iterator[tuple[SiteRow, MarketRow]]:
    """Return the pairs of the serving table, or all pairs if the case has none.

    A table of few pairs among many sites and markets is read in time that is in proportion to its rows.
    """
    if "serving" not in case.present:
        yield from ((site, market) for site in case.rows(SiteRow) for market in case.rows(MarketRow))
        return
    sites, markets = case.by_key(SiteRow), case.by_key(MarketRow)
    for row in case.rows(ServingRow):
        site, market = sites.get(row.site), markets.get(row.market)
        if site is not None and market is not None:
            yield site, market


def reach(case: CaseData) -> frozenset[tuple[str, str]]:
    """Return the pairs (site, market) where the site, being available, may serve the market."""
    return frozenset(
        (site.site, market.market) for site, market in listed_pairs(case) if _may_serve_if_listed(case, site, market)
    )
