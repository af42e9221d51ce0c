"""Who may serve whom: residency, round-trip time, serving table, worked by hand."""

import pytest

from planner.case.model import Latency
from planner.case.reach import (
    distance_round_trip_ms,
    great_circle_km,
    listed_pairs,
    may_serve,
    reach,
    round_trip_ms,
)
from planner.case.rows import MarketRow, SiteRow
from planner.errors import CaseError
from tests.cases import full_tables, make_case

QUARTER_KM = 10_007.557


def test_distances_known_by_hand() -> None:
    """Law: a quarter and half of the Earth's girth, no distance, and the same both ways."""
    assert great_circle_km(0, 0, 0, 90) == pytest.approx(QUARTER_KM, abs=0.01)
    assert great_circle_km(0, 0, 90, 123) == pytest.approx(QUARTER_KM, abs=0.01)
    assert great_circle_km(0, 0, 0, 180) == pytest.approx(2 * QUARTER_KM, abs=0.01)
    assert great_circle_km(10, 170, 10, -170) < great_circle_km(10, 0, 10, 30)
    assert great_circle_km(48, 2, 48, 2) == 0
    assert great_circle_km(48, 2, 40, -90) == pytest.approx(great_circle_km(40, -90, 48, 2))
    assert great_circle_km(51.5074, -0.1278, 40.7128, -74.0060) == pytest.approx(5570, abs=2)


def test_round_trip_by_distance() -> None:
    """Law: 2 x km x route factor / km per ms + overhead."""
    case = make_case()
    latency = Latency(route_factor=1.5, fibre_km_per_ms=200.0, overhead_ms=3.0)
    site = case.by_key(SiteRow)["north"].model_copy(update={"latitude_deg": 0.0, "longitude_deg": 0.0})
    market = case.by_key(MarketRow)["america"].model_copy(update={"latitude_deg": 0.0, "longitude_deg": 90.0})
    assert distance_round_trip_ms(latency, site, market) == pytest.approx(2 * QUARTER_KM * 1.5 / 200 + 3, abs=1e-3)
    assert distance_round_trip_ms(latency, site.model_copy(update={"latitude_deg": None}), market) is None


def test_the_table_comes_before_the_distance() -> None:
    """Law: a row of the latency table replaces the time computed from distance; without either it is not known."""
    case = make_case(full=True)
    sites, europe = case.by_key(SiteRow), case.by_key(MarketRow)["europe"]
    assert round_trip_ms(case, sites["north"], europe) == 110.0
    by_distance = round_trip_ms(case, sites["south"], europe)
    assert by_distance is not None
    assert by_distance > 120
    assert round_trip_ms(make_case(), sites["north"], europe) is None


def test_reach_of_the_full_case() -> None:
    """Law: everybody may serve America; Europe is served by east (near) and north (by its table row), not by south."""
    everybody = {(site, "america") for site in ("north", "south", "east")}
    assert reach(make_case(full=True)) == everybody | {("east", "europe"), ("north", "europe")}


def test_residency_serving_and_availability() -> None:
    """Law: each of residency, serving table and availability takes pairs away."""
    tables = full_tables()
    tables["markets"][1]["residency"] = ("FR",)
    assert ("north", "europe") not in reach(make_case(tables, full=True))
    tables = full_tables()
    tables["serving"] = [row for row in tables["serving"] if row["site"] != "south"]
    assert reach(make_case(tables, full=True)) == reach(make_case(full=True)) - {("south", "america")}
    tables = full_tables()
    tables["sites"][1]["available"] = False
    assert reach(make_case(tables, full=True)) == reach(make_case(full=True)) - {("south", "america")}


def test_the_limit_itself_is_within() -> None:
    """Law: a round trip that equals the limit is allowed, one above is not."""
    tables = full_tables()
    tables["markets"][1]["latency_limit_ms"] = 110.0
    assert ("north", "europe") in reach(make_case(tables, full=True))
    tables["markets"][1]["latency_limit_ms"] = 109.999
    assert ("north", "europe") not in reach(make_case(tables, full=True))


def test_an_unknown_time_is_never_guessed() -> None:
    """Law: a needed round-trip time that is not known is an error, not a yes or a no."""
    case = make_case({**full_tables(), "latency": None}, full=True, checked=False, model={"latency": None})
    site, market = case.by_key(SiteRow)["east"], case.by_key(MarketRow)["europe"]
    with pytest.raises(CaseError, match="no round-trip time"):
        may_serve(case, site, market)


def test_the_pairs_of_a_serving_table_are_the_only_ones_looked_at() -> None:
    """Law: with a serving table only its pairs of known sites and markets are listed; without one, all pairs."""
    tables = full_tables()
    case = make_case(tables, full=True)
    listed = [(site.site, market.market) for site, market in listed_pairs(case)]
    assert listed == [(row["site"], row["market"]) for row in tables["serving"]]
    bare = make_case()
    sites, markets = bare.rows(SiteRow), bare.rows(MarketRow)
    assert len(list(listed_pairs(bare))) == len(sites) * len(markets)
    for every in (case, bare):
        assert reach(every) == {
            (site.site, market.market)
            for site in every.rows(SiteRow)
            for market in every.rows(MarketRow)
            if may_serve(every, site, market)
        }
