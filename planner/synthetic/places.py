"""Countries, power regions, sites and markets of a synthetic case.

The anchors are real places with rough figures (modelling assumptions all of them); everything around them is drawn.
"""

from dataclasses import dataclass
from random import Random

from planner.case.model import Latency
from planner.case.reach import distance_round_trip_ms
from planner.case.rows import EnergisationRow, MarketRow, PowerRegionRow, SiteRow
from planner.synthetic.timeline import Timeline

LATENCY = Latency(route_factor=1.4, fibre_km_per_ms=204.0, overhead_ms=2.0)
TRAINING_MARKET = "training"
"""Key of the one market that demands training; any site may serve it."""
RAMP_SHARES = (0.4, 0.7, 1.0)
"""Shares of a site's facility MW energised by its three steps."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A country with rough figures: centre, extent, power, climate and weight."""

    code: str
    bloc: str
    latitude_deg: float
    longitude_deg: float
    extent_deg: float
    tariff_usd_per_mwh: float
    carbon_kg_per_mwh: float
    pue: float
    weight: float


ANCHORS = (
    Anchor("US", "americas", 38.0, -96.0, 14.0, 62.0, 370.0, 1.18, 6.0),
    Anchor("FR", "europe", 47.0, 2.5, 3.0, 78.0, 55.0, 1.13, 1.5),
    Anchor("AE", "gulf", 24.3, 54.5, 1.0, 58.0, 410.0, 1.30, 1.2),
    Anchor("NO", "europe", 63.0, 11.0, 4.0, 48.0, 25.0, 1.07, 1.0),
    Anchor("JP", "asia", 36.0, 138.0, 3.0, 105.0, 460.0, 1.16, 1.0),
    Anchor("CA", "americas", 50.0, -85.0, 10.0, 55.0, 120.0, 1.10, 1.3),
    Anchor("IN", "asia", 20.0, 78.0, 6.0, 82.0, 680.0, 1.30, 1.2),
    Anchor("DE", "europe", 51.0, 10.0, 2.5, 108.0, 340.0, 1.12, 0.9),
)
"""Countries in the order in which growing cases take them."""


def draw_countries(sites: int) -> tuple[Anchor, ...]:
    """Return the countries of a case: three at the least, all eight from 240 sites on."""
    return ANCHORS[: min(len(ANCHORS), max(3, 2 + sites // 40))]


def draw_power_regions(rng: Random, sites: int, countries: tuple[Anchor, ...]) -> list[PowerRegionRow]:
    """Return about a sixth as many power regions as sites; their firm power is set when the witness plan is known."""
    count = max(len(countries), 3, round(sites / 6))
    homes = list(countries) + rng.choices(countries, [c.weight for c in countries], k=count - len(countries))
    return [
        PowerRegionRow(
            power_region=f"grid{number:03d}",
            name=f"Grid {number} ({home.code})",
            country=home.code,
            tariff_usd_per_mwh=round(home.tariff_usd_per_mwh * rng.uniform(0.75, 1.3), 1),
            tariff_growth_per_year=round(rng.uniform(0.0, 0.03), 3),
            carbon_kg_per_mwh=round(home.carbon_kg_per_mwh * rng.uniform(0.6, 1.3)),
            firm_facility_mw=0.0,
            added_facility_mw_per_year=0.0,
        )
        for number, home in enumerate(homes, start=1)
    ]


def draw_sites(
    rng: Random, timeline: Timeline, count: int, regions: list[PowerRegionRow], countries: tuple[Anchor, ...]
) -> tuple[list[SiteRow], dict[str, int]]:
    """Return the sites, and by site the month after the start of the horizon in which its first step is energised.

    Every power region has a site before any has two. The first tenth of the sites (four at the least) runs already.
    """
    anchors = {anchor.code: anchor for anchor in countries}
    homes = regions[:count] + rng.choices(regions, k=max(0, count - len(regions)))
    rng.shuffle(homes)
    # The sites that run already come first: spread them over the power regions.
    first = {region.power_region: at for at, region in reversed(list(enumerate(homes)))}
    homes = [homes[at] for at in sorted(range(count), key=lambda at: at != first[homes[at].power_region])]
    centres = {r.power_region: _place(rng, anchors[r.country]) for r in regions}
    running = running_sites(count)
    rows: list[SiteRow] = []
    first_month: dict[str, int] = {}
    latest = max(1, round(0.6 * timeline.periods * timeline.period_months))
    for number, region in enumerate(homes, start=1):
        key = f"site{number:04d}"
        latitude, longitude = centres[region.power_region]
        pue = anchors[region.country].pue * rng.uniform(0.97, 1.05)
        first_month[key] = -rng.randrange(36, 60) if number <= running else rng.randrange(0, latest)
        rows.append(
            SiteRow(
                site=key,
                name=f"Campus {number} ({region.name})",
                available=True,
                country=region.country,
                power_region=region.power_region,
                latitude_deg=round(max(-60.0, min(70.0, latitude + rng.gauss(0.0, 0.5))), 3),
                longitude_deg=round(longitude + rng.gauss(0.0, 0.5), 3),
                pue_peak=round(1.12 * pue, 2),
                pue_average=round(pue, 2),
                max_it_mw=float(50 * max(4, min(40, round(rng.lognormvariate(2.6, 0.6))))),
                earliest_date=timeline.day(first_month[key]),
                opening_cost_busd=round(rng.uniform(0.05, 0.5), 2),
                fixed_opex_busd_per_year=round(rng.uniform(0.005, 0.03), 3),
            )
        )
    return rows, first_month


def running_sites(count: int) -> int:
    """Return how many of so many sites run at the start of the horizon."""
    return min(count, max(4, round(count / 10)))


def _place(rng: Random, anchor: Anchor) -> tuple[float, float]:
    return (
        anchor.latitude_deg + rng.uniform(-0.4, 0.4) * anchor.extent_deg,
        anchor.longitude_deg + rng.uniform(-1.0, 1.0) * anchor.extent_deg,
    )


def draw_energisation(
    rng: Random, sites: list[SiteRow], first_month: dict[str, int]
) -> dict[str, list[tuple[int, float]]]:
    """Return by site its steps: months after the start of the horizon, and facility MW energised in all from then on.

    Sites that already run have all steps behind them but the last, which comes within two years.
    """
    steps: dict[str, list[tuple[int, float]]] = {}
    for site in sites:
        full = site.max_it_mw * site.pue_peak * rng.uniform(0.95, 1.1)
        month = first_month[site.site]
        gap = rng.randrange(6, 19)
        months = (
            [month, min(-1, month + gap), rng.randrange(1, 25)] if month < 0 else [month, month + gap, month + 2 * gap]
        )
        steps[site.site] = [(m, round(share * full, 1)) for m, share in zip(months, RAMP_SHARES, strict=True)]
    return steps


def energisation_rows(timeline: Timeline, steps: dict[str, list[tuple[int, float]]]) -> list[EnergisationRow]:
    """Return the steps as rows."""
    return [
        EnergisationRow(site=site, date=timeline.day(month), facility_mw=facility_mw)
        for site, by_month in steps.items()
        for month, facility_mw in by_month
    ]


def draw_markets(rng: Random, countries: tuple[Anchor, ...]) -> list[MarketRow]:
    """Return one placement-free training market, and inference markets with residency or latency limits.

    The limits are loosened where a case has too few sites for them, see `loosened`.
    """
    rows = [MarketRow(market=TRAINING_MARKET, name="Training, anywhere", single_source=False)]
    anchors = list(countries[:7])
    blocs = {anchor.code: tuple(c.code for c in countries if c.bloc == anchor.bloc) for anchor in anchors}
    for anchor in anchors:
        latitude, longitude = _place(rng, anchor)
        rows.append(
            MarketRow(
                market=f"users_{anchor.code}",
                name=f"Inference for users in {anchor.code}",
                latitude_deg=round(latitude, 3),
                longitude_deg=round(longitude, 3),
                latency_limit_ms=float(rng.choice((60, 90, 120, 180))) if rng.random() < 0.7 else None,
                residency=blocs[anchor.code] if rng.random() < 0.4 else None,
                single_source=False,
            )
        )
    return rows


def loosened(market: MarketRow, sites: list[SiteRow], provider: dict[str, str]) -> MarketRow:
    """Return the market with limits loosened until enough sites of enough providers and power regions may serve it."""
    while True:
        near = [site for site in sites if reaches(site, market)]
        spread = (len(near), len({provider[s.site] for s in near}), len({s.power_region for s in near}))
        if spread[0] >= min(5, len(sites)) and spread[1] >= 3 and spread[2] >= 3:
            return market
        if market.residency is not None:
            market = market.model_copy(update={"residency": None})
        elif market.latency_limit_ms is not None:
            doubled = 2 * market.latency_limit_ms
            market = market.model_copy(update={"latency_limit_ms": doubled if doubled <= 400 else None})
        else:
            return market


def reaches(site: SiteRow, market: MarketRow) -> bool:
    """Whether a site may serve a market."""
    if market.residency is not None and site.country not in market.residency:
        return False
    if market.latency_limit_ms is None:
        return True
    rtt_ms = distance_round_trip_ms(LATENCY, site, market)
    return rtt_ms is not None and rtt_ms <= market.latency_limit_ms
