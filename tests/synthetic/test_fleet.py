"""Providers, chips, offers and signed contracts of a synthetic case keep what their descriptions promise."""

from collections import Counter
from datetime import date
from random import Random

import pytest

from planner.case.rows import ChipRow, OfferRow, ProviderRow, SiteRow
from planner.synthetic.fleet import (
    BLOCKS_IT_MW,
    CHIPS,
    draw_chips,
    draw_contracts,
    draw_hosts,
    draw_offers,
    draw_power_options,
    draw_providers,
)
from planner.synthetic.places import draw_countries, draw_power_regions, draw_sites, running_sites
from planner.synthetic.timeline import Timeline

TIMELINE = Timeline(date(2026, 1, 1), 10, 12)
Fleet = tuple[list[SiteRow], list[ProviderRow], dict[str, str], list[ChipRow], dict[str, list[OfferRow]]]


def fleet(count: int, seed: int) -> Fleet:
    """Return sites, providers, hosts, chips and offers of a draw."""
    rng, countries = Random(seed), draw_countries(count)
    sites, _ = draw_sites(rng, TIMELINE, count, draw_power_regions(rng, count, countries), countries)
    providers = draw_providers(rng, count)
    hosts, chips = draw_hosts(rng, sites, providers), draw_chips(rng, TIMELINE, count)
    return sites, providers, hosts, chips, draw_offers(rng, sites, hosts, providers, chips)


@pytest.fixture(scope="module", params=range(3))
def drawn(request: pytest.FixtureRequest) -> Fleet:
    """A fleet of sixty sites."""
    return fleet(60, request.param)


@pytest.mark.parametrize(("sites", "count"), [(1, 3), (24, 3), (60, 8), (200, 25), (5000, 25)])
def test_providers_are_an_eighth_of_the_sites(sites: int, count: int) -> None:
    """Three at the least, 25 at the most, each with a name of its own and no limit of growth."""
    found = draw_providers(Random(0), sites)
    assert len({row.provider for row in found}) == len({row.name for row in found}) == count
    assert {row.first_year_it_mw for row in found} == {None}


@pytest.mark.parametrize("seed", range(6))
def test_chips_come_in_order_and_one_of_them_is_custom(seed: int) -> None:
    """Three to five, the first sold from the start, figures within 7 % of the list; one alone needs development."""
    chips = draw_chips(Random(seed), TIMELINE, 60)
    assert [row.chip for row in chips] == [plan.key for plan in CHIPS[: len(chips)]]
    assert 3 <= len(chips) <= 5
    assert chips[0].first_date <= TIMELINE.start
    assert [row.chip for row in chips if row.development_cost_busd is not None] == ["house1"]
    for row, plan in zip(chips, CHIPS, strict=False):
        assert row.price_busd_per_gw_it == pytest.approx(plan.price_busd_per_gw_it, rel=0.071)
        assert row.inference_compute_per_it_mw == pytest.approx(plan.compute_per_it_mw, rel=0.051)
        assert (row.training_compute_per_it_mw is None) is plan.custom
        assert -0.05 <= row.price_growth_per_year <= 0.0


def test_every_provider_hosts_before_any_hosts_twice(drawn: Fleet) -> None:
    """Hosts are dealt out in turn: the numbers of sites of two providers differ by one at most."""
    sites, providers, hosts, _, _ = drawn
    per_provider = Counter(hosts.values())
    assert set(hosts) == {row.site for row in sites}
    assert set(per_provider) == {row.provider for row in providers}
    assert max(per_provider.values()) - min(per_provider.values()) <= 1


def test_offers_stand_at_their_sites_and_fit_them(drawn: Fleet) -> None:
    """One or two at a site; the first is the host's and asks no minimum; blocks fit, and fill no more than the site."""
    sites, providers, hosts, chips, offers = drawn
    most, known = {row.site: row.max_it_mw for row in sites}, {row.provider for row in providers}
    assert Counter(map(len, offers.values())).keys() == {1, 2}
    for key, of_site in offers.items():
        assert of_site[0].provider == hosts[key]
        assert of_site[0].min_blocks is None
        for row in of_site:
            assert (row.site, row.provider in known, row.chips[0]) == (key, True, chips[0].chip)
            assert row.block_it_mw in BLOCKS_IT_MW
            assert 1 <= row.max_blocks * row.block_it_mw <= most[key]
    assert len({row.offer for of_site in offers.values() for row in of_site}) == sum(map(len, offers.values()))


@pytest.mark.parametrize(
    ("tenure", "given", "empty"),
    [
        ("build", {"capex_busd_per_gw_it", "capex_milestones"}, {"rent_musd_per_mw_year", "exit_after_years"}),
        ("shell", {"rent_musd_per_mw_year", "opex_musd_per_mw_year"}, {"capex_busd_per_gw_it"}),
        ("cloud", {"rent_musd_per_mw_year"}, {"capex_busd_per_gw_it", "opex_musd_per_mw_year"}),
    ],
)
def test_terms_are_those_of_the_tenure(drawn: Fleet, tenure: str, given: set[str], empty: set[str]) -> None:
    """What is built has capex, what is leased a rent; prices lie in the ranges the module states."""
    rows = [row for of_site in drawn[4].values() for row in of_site if row.tenure == tenure]
    assert len(rows) > 5
    low, high = {"build": (0.0, 0.0), "shell": (1.8, 2.6), "cloud": (10.0, 14.0)}[tenure]
    for row in rows:
        assert all(getattr(row, column) is not None for column in given)
        assert all(getattr(row, column) is None for column in empty)
        assert low <= (row.rent_musd_per_mw_year or 0.0) <= high
        assert (row.exit_after_years is None) is (row.exit_cost_share is None)
        assert sum(row.capex_milestones or (1.0,)) == pytest.approx(1.0)


def test_signed_contracts_stand_at_running_sites_within_their_power(drawn: Fleet) -> None:
    """Whole blocks of the first offer, at most what is energised and fits, begun by the start, ending on a boundary."""
    sites, _, _, chips, offers = drawn
    energised = {row.site: 0.5 * row.max_it_mw for row in sites}
    signed = draw_contracts(Random(3), TIMELINE, sites, offers, chips, energised)
    running = [row.site for row in sites[: running_sites(len(sites))]]
    boundaries = [TIMELINE.day(12 * t) for t in range(TIMELINE.periods)]
    assert signed
    for row, end in signed:
        (offer,) = (o for key in running for o in offers[key][:1] if o.offer == row.offer)
        blocks = row.it_mw / offer.block_it_mw
        assert blocks == round(blocks) >= 1
        assert row.it_mw <= energised[offer.site]
        assert row.start_date <= TIMELINE.start < row.end_date
        assert row.rent_musd_per_mw_year == offer.rent_musd_per_mw_year
        assert row.chip in (None, chips[0].chip)
        if end < TIMELINE.periods:
            assert (offer.tenure, row.end_date) == ("cloud", boundaries[end])
        else:
            assert row.end_date == TIMELINE.day(12 * TIMELINE.periods + 60)


def test_a_site_that_is_not_energised_holds_no_contract(drawn: Fleet) -> None:
    """Without power for a single block nothing is signed."""
    sites, _, _, chips, offers = drawn
    assert draw_contracts(Random(0), TIMELINE, sites, offers, chips, {row.site: 1.0 for row in sites}) == []


def test_on_site_power_is_generation_with_fuel_or_storage_without() -> None:
    """About an eighth of the sites have an option; generation burns fuel and emits, storage neither."""
    sites = fleet(200, 0)[0]
    options = draw_power_options(Random(4), sites)
    assert 10 <= len(options) <= 45
    assert {row.kind for row in options} == {"generation", "storage"}
    for row in options:
        burns = row.kind == "generation"
        assert (row.fuel_usd_per_mwh is not None, row.carbon_kg_per_mwh is not None) == (burns, burns)
        assert row.life_years == (20.0 if burns else 12.0)
        assert row.max_facility_mw % 50 == 0 < row.max_facility_mw
