"""The numbers behind the inputs: supply, demand and limits per period, installs, stocks and nodes (formulation 1-6)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.case.case import CaseData
from planner.case.model import Horizon
from planner.case.rows import ChipRow, ContractRow, OfferRow, PowerRegionRow, SiteRow
from planner.inputs import derive
from planner.inputs.calendar import Calendar, make_calendar
from planner.inputs.contracts import contract_choices
from tests.cases import YEARS, base_tables, make_case

EVERY_YEAR = range(2026, 2036)


def calendar_of(case: CaseData) -> Calendar:
    """Return the calendar of a case."""
    return make_calendar(case.model.horizon)


def changed(table: str, number: int, **columns: Any) -> dict[str, list[dict[str, Any]]]:
    """Return a table of the tiny case with some columns of one row replaced."""
    rows = base_tables()[table]
    rows[number] |= columns
    return {table: rows}


def contract(offer: str, it_mw: float = 600.0, **more: Any) -> dict[str, Any]:
    """Return a signed contract over the whole horizon."""
    return {
        "contract": f"signed_{offer}", "offer": offer, "role": "primary", "it_mw": it_mw,
        "start_date": "2025-01-01", "end_date": "2045-01-01", **more,
    }  # fmt: skip


HORIZONS = [
    ({"start": "2026-01-01", "periods": 4, "period_months": 12}, [2026.5, 2027.5, 2028.5, 2029.5]),
    ({"start": "2026-01-01", "periods": 2, "period_months": 24}, [2027.0, 2029.0]),
    ({"start": "2026-07-01", "periods": 3, "period_months": 12}, [2027.0, 2028.0, 2029.0]),
    ({"start": "2026-04-01", "periods": 2, "period_months": (3, 18)}, [2026.375, 2027.25]),
]


@pytest.mark.parametrize(("horizon", "middles"), HORIZONS)
def test_a_level_that_grows_by_year_is_its_time_average(horizon: Mapping[str, Any], middles: list[float]) -> None:
    """Law: demand of 100 a year and 12 more each year averages, over whole-year spans, to its value at the middle."""
    rows = [
        {"market": "america", "workload": "training", "year": year, "compute": 100.0 + 12.0 * (year - 2026)}
        for year in EVERY_YEAR
    ]
    case = make_case({"demand": rows}, horizon=horizon)
    calendar = calendar_of(case)
    expected = []
    for t in range(calendar.count):
        begin, end = (calendar.first_year + calendar.start_years[n] for n in (t, t + 1))
        shared = {y: max(0.0, min(end, y + 1) - max(begin, y)) for y in EVERY_YEAR}
        expected.append(sum((100.0 + 12.0 * (y - 2026)) * s for y, s in shared.items()) / (end - begin))
    found = derive.demand(case, calendar)
    assert found == {("america", "training"): pytest.approx(expected)}
    assert [calendar.first_year + calendar.middle_years(t) for t in range(calendar.count)] == pytest.approx(middles)


@pytest.mark.parametrize(("horizon", "middles"), HORIZONS)
def test_supply_is_an_amount_and_demand_a_level(horizon: Mapping[str, Any], middles: list[float]) -> None:
    """Law: a constant supply of 500 IT MW a year gives 0.5 IT GW x length; a constant demand does not depend on it."""
    supply = [{"chip": "custom", "year": year, "it_mw": 500.0} for year in EVERY_YEAR]
    demand = [
        {"market": "america", "workload": "training", "year": year, "compute": 70.0} for year in EVERY_YEAR
    ]  # fmt: skip
    case = make_case({"chip_supply": supply, "demand": demand}, horizon=horizon)
    calendar = calendar_of(case)
    lengths = [calendar.length_years(t) for t in range(len(middles))]
    assert derive.chip_supply(case, calendar) == {"custom": pytest.approx([0.5 * n for n in lengths])}
    assert derive.demand(case, calendar) == {("america", "training"): pytest.approx([70.0] * len(middles))}


def test_chips_without_a_supply_are_not_limited() -> None:
    """A chip without rows has no limit: it is no key, rather than a chip of which there is none."""
    case = make_case({"chip_supply": [{"chip": "custom", "year": year, "it_mw": 0.0} for year in YEARS]})
    assert derive.chip_supply(case, calendar_of(case)) == {"custom": (0.0,) * 4}


@pytest.mark.parametrize("reverse", [False, True])
def test_energised_power_is_the_time_average_of_its_steps(reverse: bool) -> None:
    """Law: 100 facility MW from April 2026, 400 from July 2027, in any order of the rows; zero before the first."""
    rows = [row for row in base_tables()["energisation"] if row["site"] != "north"]
    rows += [
        {"site": "north", "date": "2026-04-01", "facility_mw": 100.0},
        {"site": "north", "date": "2027-07-01", "facility_mw": 400.0},
    ]
    case = make_case({"energisation": rows[::-1] if reverse else rows})
    sites = {row.site: row for row in case.rows(SiteRow)}
    limits = derive.site_facility_limit(case, sites, {}, calendar_of(case))
    assert limits["north"] == pytest.approx([0.1 * 0.75, 0.1 * 0.5 + 0.4 * 0.5, 0.4, 0.4])
    assert limits["south"] == pytest.approx([0.5] * 4)


def test_a_site_without_steps_has_no_power() -> None:
    """Energisation is zero before its first step, so zero throughout without any; steps of other sites do not count."""
    case = make_case()
    sites = {"north": next(row for row in case.rows(SiteRow) if row.site == "north")}
    bare = CaseData(model=case.model, tables={**case.tables, "energisation": ()}, present=case.present, origin="bare")
    assert derive.site_facility_limit(bare, sites, {}, calendar_of(case)) == {"north": (0.0,) * 4}
    assert set(derive.site_facility_limit(case, sites, {}, calendar_of(case))) == {"north"}


SIGNED = {"north": (0.0, 0.35, 0.6, 0.1)}


def test_signed_contracts_raise_every_limit_to_what_they_need() -> None:
    """Law: limit = max(own limit, signed IT GW, times the peak PUE of 1.25 where it is facility power)."""
    case = make_case()
    calendar, sites = calendar_of(case), {row.site: row for row in case.rows(SiteRow)}
    regions = {row.power_region: row for row in case.rows(PowerRegionRow)}
    own = derive.site_facility_limit(case, sites, {}, calendar)["north"]
    assert derive.site_it_limit(sites, SIGNED, calendar)["north"] == pytest.approx([0.4, 0.4, 0.6, 0.4])
    raised = derive.site_facility_limit(case, sites, SIGNED, calendar)
    assert raised["north"] == pytest.approx([max(a, 1.25 * b) for a, b in zip(own, SIGNED["north"], strict=True)])
    assert raised["north"][1] == pytest.approx(1.25 * 0.35)
    firm = [0.8 + 0.1 * (t + 0.5) for t in range(4)]
    assert derive.region_limit(regions, sites, {}, calendar)["west"] == pytest.approx(firm)
    both = {"north": (0.0, 0.4, 0.5, 0.0), "south": (0.0, 0.4, 0.5, 0.0)}
    assert derive.region_limit(regions, sites, both, calendar)["west"] == pytest.approx([0.85, 1.0, 1.25, 1.15])
    assert derive.region_limit(regions, sites, both, calendar)["europe"] == pytest.approx(firm)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.tuples(*[st.integers(-5, 5)] * 3)), max_size=12))
def test_sums_by_key_do_not_depend_on_the_order(items: list[tuple[str, tuple[int, ...]]]) -> None:
    """Law: per-period sums by key are the sums of the rows of that key, in any order."""
    as_floats = [(key, tuple(map(float, values))) for key, values in items]
    found = derive.sum_by(as_floats)
    assert found == derive.sum_by(reversed(as_floats))
    assert set(found) == {key for key, _ in items}
    for key, sums in found.items():
        assert sums == tuple(sum(v[t] for k, v in as_floats if k == key) for t in range(3))


def test_sums_of_unequal_lengths_are_a_fault() -> None:
    """Numbers of two horizons are never added up."""
    with pytest.raises(ValueError, match="zip"):
        derive.sum_by([("a", (1.0,)), ("a", (1.0, 2.0))])


@pytest.mark.parametrize(
    ("available", "signed", "live"),
    [
        (True, False, {"north", "south", "east"}),
        (False, False, {"south", "east"}),
        (False, True, {"north", "south", "east"}),
    ],
)
def test_a_site_lives_by_an_available_offer_or_a_signed_contract(available: bool, signed: bool, live: set[str]) -> None:
    """A site that is not available takes its offers out of the case, except those that a contract holds."""
    contracts = {"contracts": [contract("build_north", 50.0)]} if signed else {}
    case = make_case({**changed("sites", 0, available=available), **contracts}, checked=False)
    sites, offers = derive.live_sites_and_offers(case)
    assert set(sites) == live
    assert {row.site for row in offers.values()} == live


def test_a_site_without_an_offer_is_not_in_the_case() -> None:
    """Sites without offers are ignored."""
    case = make_case({"offers": base_tables()["offers"][1:]})
    assert set(derive.live_sites_and_offers(case)[0]) == {"south", "east"}


def installs_of(
    case: CaseData, signed: Mapping[Any, tuple[float, ...]] | None = None
) -> set[tuple[str, str, str, int]]:
    """Return where and when chips can be installed."""
    calendar = calendar_of(case)
    sites = {row.site: row for row in case.rows(SiteRow)}
    offers = {row.offer: row for row in case.rows(OfferRow)}
    choices = {
        o: tuple(contract_choices(row, sites[row.site].earliest_date, calendar, salvage=False))
        for o, row in offers.items()
    }
    chips = {row.chip: row for row in case.rows(ChipRow)}
    found = list(derive.installs(offers, chips, choices, signed or {}, calendar))
    assert len(set(found)) == len(found)
    return set(found)


def test_chips_are_installed_where_there_is_room_and_a_market() -> None:
    """Each role has room from the offer's first contract on; custom chips come a year later than merchant chips."""
    case = make_case(changed("offers", 0, first_start="2027-01-01", roles=("backup",)))
    north = {found[1:] for found in installs_of(case) if found[0] == "build_north"}
    assert north == {("backup", chip, t) for chip in ("merchant", "custom") for t in (1, 2, 3)}
    south = {found[1:] for found in installs_of(case) if found[0] == "shell_south"}
    first = {"merchant": 0, "custom": 1}
    assert south == {(role, c, t) for role in ("primary", "backup") for c, f in first.items() for t in range(f, 4)}


def test_room_of_a_signed_contract_lasts_as_long_as_the_contract() -> None:
    """Where no contract can be decided, chips go where and as long as signed IT MW are in force, in its role only."""
    case = make_case(changed("offers", 0, lead_months=60.0))
    found = installs_of(case, {("build_north", "backup"): (0.05, 0.05, 0.0, 0.0)})
    north = {row[1:] for row in found if row[0] == "build_north"}
    assert north == {("backup", "merchant", 0), ("backup", "merchant", 1), ("backup", "custom", 1)}


@pytest.mark.parametrize(("price", "at"), [(None, set()), (30.0, {"build_north", "shell_south"})])
def test_chips_without_a_price_are_not_bought(price: float | None, at: set[str]) -> None:
    """A chip without a price cannot be bought: it stands in clouds alone, where the plan buys none."""
    case = make_case(changed("chips", 0, price_busd_per_gw_it=price))
    assert {o for o, _, chip, _ in installs_of(case) if chip == "merchant"} == at


@pytest.mark.parametrize(
    ("life", "installed", "alive"),
    [(1.0, (0,), {0}), (1.5, (0,), {0, 1}), (2.0, (1,), {1, 2}), (0.1, (0, 2), {0, 2}), (9.0, (2,), {2, 3})],
)
def test_stock_lives_from_its_first_installation_to_its_last_end_of_life(
    life: float, installed: tuple[int, ...], alive: set[int]
) -> None:
    """Law: alive in t where some u <= t has t = u or start(t) < start(u) + life."""
    chips = {"merchant": ChipRow.model_validate({**base_tables()["chips"][0], "life_years": life})}
    calendar = make_calendar(Horizon(start=date(2026, 1, 1), periods=4, period_months=12))
    rows = tuple(("o", "primary", "merchant", t) for t in installed)
    found = list(derive.stocks(rows, chips, calendar))
    assert {t for *_, t in found} == alive
    assert len(found) == len(alive)


@pytest.mark.parametrize(
    ("reached", "costs", "single", "expected"),
    [
        ({("a", "x"), ("b", "x"), ("c", "y")}, {}, set(), {"a": ("a", "b"), "c": ("c",)}),
        ({("a", "x"), ("b", "x"), ("b", "y")}, {}, set(), {"a": ("a",), "b": ("b",), "c": ("c",)}),
        (set(), {}, set(), {"a": ("a", "b", "c")}),
        ({("a", "x"), ("b", "x"), ("c", "x")}, {("b", "x"): 0.0}, set(), {"a": ("a", "c"), "b": ("b",)}),
        ({("a", "x"), ("b", "x"), ("c", "y")}, {}, {"x"}, {"a": ("a",), "b": ("b",), "c": ("c",)}),
        ({("a", "x"), ("b", "x"), ("c", "y")}, {}, {"y"}, {"a": ("a", "b"), "c": ("c",)}),
    ],
)
def test_sites_are_one_node_unless_it_matters_which_serves(
    reached: set[tuple[str, str]], costs: dict[tuple[str, str], float], single: set[str], expected: dict[str, Any]
) -> None:
    """The same markets make one node; a serving cost, or a market of a single source, keeps a site by itself."""
    site = make_case().rows(SiteRow)[0]
    found = derive.nodes(dict.fromkeys("abc", site), frozenset(reached), costs, frozenset(single))
    assert found == expected


def test_a_market_named_like_a_site_joins_nothing() -> None:
    """Names are only names: a site that serves alone is not mixed up with sites whose one market has its name."""
    site = make_case().rows(SiteRow)[0]
    reached = frozenset({("a", "x"), ("b", "a"), ("c", "a")})
    assert derive.nodes(dict.fromkeys("abc", site), reached, {("a", "x"): 1.0}, frozenset()) == {
        "a": ("a",), "b": ("b", "c"),
    }  # fmt: skip


def test_roles_are_those_of_the_offer_and_of_its_signed_contracts() -> None:
    """Primary comes first, each once."""
    row = OfferRow.model_validate({**base_tables()["offers"][0], "roles": ("backup",)})
    assert derive.roles("o", row, {}) == ("backup",)
    assert derive.roles("o", row, {("o", "primary"): (0.0,), ("other", "backup"): (1.0,)}) == ("primary", "backup")


def test_offers_by_site_keep_their_order() -> None:
    """Each site has its offers in the order of the table."""
    row = OfferRow.model_validate(base_tables()["offers"][0])
    rows = {
        key: row.model_copy(update={"offer": key, "site": site}) for key, site in (("p", "a"), ("q", "b"), ("r", "a"))
    }
    assert {s: [o for o, _ in of_site] for s, of_site in derive.by_site(rows).items()} == {"a": ["p", "r"], "b": ["q"]}


def test_contracts_of_the_case_are_found_by_their_offer() -> None:
    """What is signed for several contracts of an offer adds up by role, in the table's order or any other."""
    rows = [contract("build_north", 50.0), {**contract("build_north", 100.0), "contract": "second"}]
    for table in (rows, rows[::-1]):
        case = make_case({"contracts": table})
        assert {row.offer for row in case.rows(ContractRow)} == {"build_north"}
        assert derive.live_sites_and_offers(case)[1].keys() == {"build_north", "shell_south", "cloud_east"}
