"""Countries, power regions, sites and markets of a synthetic case: as many as promised, within their limits."""

from datetime import date
from itertools import pairwise
from random import Random

import pytest

from planner.case.countries import country_fault
from planner.case.rows import MarketRow, SiteRow
from planner.synthetic.places import (
    ANCHORS,
    RAMP_SHARES,
    TRAINING_MARKET,
    draw_countries,
    draw_energisation,
    draw_markets,
    draw_power_regions,
    draw_sites,
    energisation_rows,
    loosened,
    reaches,
    running_sites,
)
from planner.synthetic.timeline import Timeline

TIMELINE = Timeline(date(2026, 1, 1), 10, 12)


def drawn(count: int, seed: int = 0) -> tuple[list[SiteRow], dict[str, int]]:
    """Return the sites of a draw, and the month of the first step of each."""
    rng, countries = Random(seed), draw_countries(count)
    return draw_sites(rng, TIMELINE, count, draw_power_regions(rng, count, countries), countries)


def site(**more: object) -> SiteRow:
    """Return the first site of a draw with some columns replaced."""
    return drawn(10)[0][0].model_copy(update=more)


def market(**more: object) -> MarketRow:
    """Return a market at the place of a site."""
    place = {"latitude_deg": 0.0, "longitude_deg": 0.0}
    return MarketRow.model_validate({"market": "m", "name": "M", "single_source": False, **place, **more})


@pytest.mark.parametrize(("sites", "count"), [(1, 3), (40, 3), (79, 3), (80, 4), (239, 7), (240, 8), (5000, 8)])
def test_countries_grow_with_the_sites(sites: int, count: int) -> None:
    """Three at the least, eight from 240 sites on, always the first of the list; each is a country."""
    found = draw_countries(sites)
    assert found == ANCHORS[:count]
    assert [country_fault(anchor.code) for anchor in found] == [None] * count


@pytest.mark.parametrize("sites", [1, 10, 60, 300])
def test_every_country_has_a_power_region(sites: int) -> None:
    """About a sixth as many regions as sites, no country without, keys different, firm power not set yet."""
    countries = draw_countries(sites)
    regions = draw_power_regions(Random(1), sites, countries)
    assert len(regions) == max(len(countries), round(sites / 6))
    assert {region.country for region in regions} == {anchor.code for anchor in countries}
    assert len({region.power_region for region in regions}) == len(regions)
    assert {region.firm_facility_mw for region in regions} == {0.0}
    tariff = {anchor.code: anchor.tariff_usd_per_mwh for anchor in countries}
    assert all(0.74 <= region.tariff_usd_per_mwh / tariff[region.country] <= 1.31 for region in regions)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("count", [10, 30, 100])
def test_sites_are_spread_and_the_first_of_them_run(count: int, seed: int) -> None:
    """Every region has a site before any has two; the first tenth, four at the least, is energised before the start."""
    sites, first_month = drawn(count, seed)
    assert len({row.site for row in sites}) == count
    regions = max(3, round(count / 6))
    assert len({row.power_region for row in sites[:regions]}) == regions
    running = running_sites(count)
    assert [first_month[row.site] < 0 for row in sites] == [n < running for n in range(count)]
    assert all(row.earliest_date == TIMELINE.day(first_month[row.site]) for row in sites)
    assert all(row.pue_average < row.pue_peak and row.max_it_mw % 50 == 0 for row in sites)


@pytest.mark.parametrize(("count", "running"), [(1, 1), (3, 3), (10, 4), (44, 4), (60, 6), (1000, 100)])
def test_a_tenth_of_the_sites_runs(count: int, running: int) -> None:
    """Four at the least, and never more than there are."""
    assert running_sites(count) == running


@pytest.mark.parametrize("seed", range(5))
def test_power_comes_in_three_steps(seed: int) -> None:
    """Steps are later and larger one after the other; sites that run have two behind them and one within two years."""
    sites, first_month = drawn(40, seed)
    steps = draw_energisation(Random(seed), sites, first_month)
    for row in sites:
        months, levels = zip(*steps[row.site], strict=True)
        assert len(months) == len(RAMP_SHARES)
        assert all(a < b for pair in (months, levels) for a, b in pairwise(pair))
        assert levels[-1] == pytest.approx(row.max_it_mw * row.pue_peak, rel=0.1001)
        assert levels[0] / levels[-1] == pytest.approx(RAMP_SHARES[0], abs=1e-3)
        if first_month[row.site] < 0:
            assert (months[1] < 0, 1 <= months[2] <= 24) == (True, True)
    rows = energisation_rows(TIMELINE, steps)
    assert {(row.site, row.date, row.facility_mw) for row in rows} == {
        (key, TIMELINE.day(month), mw) for key, of_site in steps.items() for month, mw in of_site
    }


@pytest.mark.parametrize("sites", [10, 100, 300])
def test_one_market_trains_and_the_others_are_where_people_are(sites: int) -> None:
    """The training market has no place and no limit; each country but the eighth has users of its own."""
    countries = draw_countries(sites)
    training, *users = draw_markets(Random(2), countries)
    assert (training.market, training.residency, training.latency_limit_ms) == (TRAINING_MARKET, None, None)
    assert [row.market for row in users] == [f"users_{anchor.code}" for anchor in countries[:7]]
    bloc = {anchor.code: anchor.bloc for anchor in countries}
    for row in users:
        assert row.residency is None or {bloc[code] for code in row.residency} == {bloc[row.market[-2:]]}


@pytest.mark.parametrize(
    ("place", "limits", "within"),
    [
        ({"latitude_deg": 0.0, "longitude_deg": 0.0}, {"latency_limit_ms": 2.0}, True),
        ({"latitude_deg": 0.0, "longitude_deg": 0.0}, {"latency_limit_ms": 1.9}, False),
        # A quarter of the Earth's circle, 10,007.56 km: there and back 2 x 1.4 / 204 ms for each, and 2 ms
        ({"latitude_deg": 0.0, "longitude_deg": 90.0}, {"latency_limit_ms": 139.4}, True),
        ({"latitude_deg": 0.0, "longitude_deg": 90.0}, {"latency_limit_ms": 139.3}, False),
        ({"latitude_deg": None}, {"latency_limit_ms": 400.0}, False),
        ({"latitude_deg": None}, {}, True),
        ({"country": "FR"}, {"residency": ("FR", "DE")}, True),
        ({"country": "US"}, {"residency": ("FR", "DE")}, False),
    ],
)
def test_who_may_serve_whom(place: dict[str, object], limits: dict[str, object], within: bool) -> None:
    """Residency, then the round-trip time by distance; without coordinates no limit can be kept."""
    assert reaches(site(**place), market(**limits)) is within


@pytest.mark.parametrize(
    ("limits", "residency", "latency"),
    [
        ({"residency": ("FR",), "latency_limit_ms": 300.0}, None, 300.0),
        ({"latency_limit_ms": 60.0}, None, 240.0),
        ({"latency_limit_ms": 30.0, "residency": ("FR",)}, None, 240.0),
        ({"latency_limit_ms": 300.0}, None, 300.0),
        ({}, None, None),
    ],
)
def test_limits_are_loosened_no_further_than_needed(
    limits: dict[str, object], residency: object, latency: float | None
) -> None:
    """Residency goes first, then the round-trip time doubles until enough sites of enough domains are within reach."""
    far = {"latitude_deg": 0.0, "longitude_deg": 90.0, "country": "US"}
    sites = [site(site=f"s{n}", power_region=f"r{n % 3}", **far) for n in range(6)]
    found = loosened(market(**limits), sites, {f"s{n}": f"p{n % 3}" for n in range(6)})
    assert (found.residency, found.latency_limit_ms) == (residency, latency)


def test_a_market_that_nothing_can_help_ends_without_limits() -> None:
    """With too few providers the limits go, and the loop ends."""
    found = loosened(market(latency_limit_ms=60.0, residency=("FR",)), [site(site="a")], {"a": "p"})
    assert (found.residency, found.latency_limit_ms) == (None, None)
