"""Money by level: every payment at its level, rows that add up to the totals of the program (formulation, 15)."""

from collections import defaultdict
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.inputs import Inputs, make_inputs
from planner.plan.columns import TABLES
from planner.plan.columns_money import TERMS
from planner.plan.payees import payee, vendor
from planner.plan.spend import ROUNDING_SHARE, Entry, _settle, placed, salvage_of, spend
from tests.cases import make_case

FULL = make_inputs(make_case(full=True))
READ = (
    "contracts", "installs", "developments", "capacity", "power_options", "power_built", "openings", "served", "backup",
    "unserved", "programme_path", "financing")  # fmt: skip
Money = dict[Entry, float]


def amounts(inputs: Inputs = FULL, **tables: list[dict[str, Any]]) -> Money:
    """Return what follows from these rows, without what signed contracts cost in every plan."""
    empty: dict[str, list[dict[str, Any]]] = {name: [] for name in READ}
    base = placed(inputs, empty)
    found = placed(inputs, {**empty, **tables})
    return {entry: busd - base.get(entry, 0.0) for entry, busd in found.items() if busd != base.get(entry, 0.0)}


def at(t: int, item: str, role: str = "primary", part: str = "spend", **place: str) -> Entry:
    """Return a place of money."""
    return Entry(t, part, item, role, **place)


def test_signed_contracts_cost_in_every_plan() -> None:
    """Law: 100 IT MW at 10 $M to July 2028, and running cost of 50 IT MW built at 0.3 $M, whatever is decided."""
    found = placed(FULL, {name: [] for name in READ})
    east = {"site": "east", "offer": "cloud_east", "contract": "signed_cloud"}
    rent = {entry.t: busd for entry, busd in found.items() if entry.item == "rent" and busd}
    assert rent == pytest.approx({0: 1.0, 1: 1.0, 2: 0.5})
    assert {at(t, "rent", **east) for t in rent} <= set(found)
    opex = {entry.t: busd for entry, busd in found.items() if entry.item == "opex" and busd}
    assert opex == pytest.approx(dict.fromkeys(range(4), 0.3 * 0.05))
    assert sum(found.values()) == pytest.approx(2.5 + 4 * 0.015)


def test_a_decided_contract_pays_for_each_of_its_blocks() -> None:
    """Law: blocks x payments of one; signing once, in the first period of any contract of the offer, without one."""
    rows = [
        {"contract": f"c{n}", "origin": "decided", "offer": "shell_south", "role": role, "start_period": start,
         "end_period": 2030, "blocks": blocks}
        for n, (role, start, blocks) in enumerate((("primary", 2028, 3), ("backup", 2027, 2), ("primary", 2029, 1)))
    ]  # fmt: skip
    found = amounts(contracts=rows)
    place = {"site": "south", "offer": "shell_south"}
    rent = 0.8 * 2.0 * 0.05
    for t in (2, 3):
        assert found[at(t, "rent", contract="c0", **place)] == pytest.approx(3 * rent)
        assert found[at(t, "rent", "backup", contract="c1", **place)] == pytest.approx(2 * rent)
    assert found[at(2, "capex", contract="c0", **place)] == pytest.approx(3 * 0.05)
    assert {entry: busd for entry, busd in found.items() if entry.item == "signing"} == {
        at(1, "signing", **place): pytest.approx(0.01)
    }
    credit = found[at(4, "salvage", part="salvage", contract="c0", **place)]
    assert credit == pytest.approx(-3 * 0.05 * 8 / 10)


@pytest.mark.parametrize("tenure", ["own", "leased"])
def test_chips_are_bought_where_they_are_not_leased(tenure: str) -> None:
    """Law: 40 IT MW at 30 $B per IT GW falling 5 % a year; credited with the share of five years after the end."""
    o, site = ("build_north", "north") if tenure == "own" else ("cloud_east", "east")
    row = {"offer": o, "role": "primary", "chip": "merchant", "period": 2027, "added_it_mw": 40.0}
    paid = 0.04 * 30.0 * 0.95**1.5
    place = {"site": site, "offer": o, "chip": "merchant"}
    expected = {
        at(1, "chips", **place): pytest.approx(paid),
        at(4, "salvage", part="salvage", **place): pytest.approx(-paid * 2 / 5),
    }
    assert amounts(installs=[row]) == (expected if tenure == "own" else {})


LEASE = {
    "contract": "new", "origin": "decided", "offer": "cloud_east", "role": "primary", "start_period": 2027,
    "end_period": 2030, "blocks": 2, "chip": "merchant",
}  # fmt: skip


def test_a_lease_pays_the_rest_of_its_rent_while_its_chip_is_there() -> None:
    """Law: (1 - take-or-pay share) x rent x IT MW of the contract, whatever else is installed, at the contract."""
    found = amounts(
        contracts=[LEASE],
        capacity=[{**row, "period": t} for t in (2027, 2028) for row in [capacity("cloud_east", 900.0)]],
    )
    place = {"site": "east", "offer": "cloud_east", "contract": "new"}
    usage = {entry: busd for entry, busd in found.items() if entry.item == "usage"}
    rate = {1: 0.2 * 11.0, 2: 0.2 * 11.0, 3: 0.2 * 12.0}  # renewed in the last year
    assert usage == {
        at(t, "usage", **place): pytest.approx(r * 2 * FULL.block_gw("cloud_east")) for t, r in rate.items()
    }


def capacity(o: str, it_mw: float, period: int = 2026, chip: str = "merchant") -> dict[str, Any]:
    """Return a row of what is installed."""
    return {"offer": o, "role": "primary", "chip": chip, "period": period, "it_mw": it_mw}


@pytest.mark.parametrize(("it_mw", "beyond"), [(80.0, 0.0), (100.0, 0.0), (150.0, 50.0)])
def test_the_rest_of_the_rent_is_due_on_chips_beyond_signed_contracts(it_mw: float, beyond: float) -> None:
    """Law of plans whose leases state no chip: (1 - take-or-pay share) x rent x IT GW beyond the 100 IT MW signed."""
    found = amounts(
        capacity=[capacity("cloud_east", it_mw / 2), capacity("cloud_east", it_mw / 2, chip="custom")],
        contracts=[{**LEASE, "chip": ""}],
    )
    usage = sum(busd for entry, busd in found.items() if entry.item == "usage")
    assert usage == pytest.approx(0.2 * 11.0 * beyond / 1000)


def test_energy_and_carbon_follow_the_chips() -> None:
    """Law: IT GW x 0.8 x 1.2 x 8.76 TWh at the growing tariff; carbon at 300 kg and 20 $/t, for leased chips too."""
    found = amounts(capacity=[capacity("build_north", 100.0), capacity("cloud_east", 100.0)])
    twh = 0.1 * 0.8 * 1.2 * 8.76
    north, east = (
        {"site": s, "offer": o, "chip": "merchant"} for s, o in (("north", "build_north"), ("east", "cloud_east"))
    )
    assert found[at(0, "energy", **north)] == pytest.approx(twh * 50.0 * 1.02**0.5 / 1000)
    assert found[at(0, "carbon", **north)] == pytest.approx(twh * 0.3 * 20.0 / 1000)
    assert found[at(0, "carbon", **east)] == pytest.approx(twh * 0.3 * 20.0 / 1000)
    assert at(0, "energy", **east) not in found


def test_on_site_power_pays_for_itself_and_saves_at_its_place() -> None:
    """Law: capex half a year before, fuel at 40 $, energy saved at the tariff, and 120 kg more than the grid."""
    found = amounts(
        power_built=[{"power_option": "turbines", "period": 2027, "facility_mw": 100.0}],
        power_options=[{"power_option": "turbines", "site": "north", "period": 2027, "output_facility_mw": 50.0}],
    )
    place, twh = {"site": "north", "power_option": "turbines"}, 0.05 * 8.76
    assert found == {
        at(0, "onsite", **place): pytest.approx(0.15),
        at(1, "energy", **place): pytest.approx(-twh * 50.0 * 1.02**1.5 / 1000),
        at(1, "fuel", **place): pytest.approx(twh * 40.0 / 1000),
        at(1, "carbon", **place): pytest.approx(twh * 0.12 * 20.0 / 1000),
        at(4, "salvage", part="salvage", **place): pytest.approx(-0.15 * 12 / 15),
    }


def test_sites_markets_and_chips_pay_at_their_own_level() -> None:
    """Opening once and fixed costs each year from then; serving by site and market; development by chip alone."""
    found = amounts(
        openings=[{"site": "south", "period": 2028, "opening_cost_busd": 0.1}],
        served=[{"site": "south", "market": "europe", "period": 2026, "compute": 40.0}] * 2,
        developments=[{"chip": "custom", "period": 2027}],
        backup=[{"period": 2029, "income_busd": 0.3}],
    )
    assert found == {
        at(2, "opening", site="south"): pytest.approx(0.1),
        at(2, "fixed", site="south"): pytest.approx(0.01),
        at(3, "fixed", site="south"): pytest.approx(0.01),
        at(0, "serving", site="south", market="europe"): pytest.approx(80.0 * 0.001),
        at(1, "development", chip="custom"): pytest.approx(0.5),
        at(3, "backup_income", "backup", "backup_income"): pytest.approx(-0.3),
    }


@pytest.mark.parametrize(("unserved", "price"), [("priced", 2.0), ("lexicographic", None)])
def test_unserved_demand_is_paid_for_where_it_has_a_price(unserved: str, price: float | None) -> None:
    """Law: price x unserved compute x years, at its market, without a role; nothing where demand comes first."""
    options = {"unserved": unserved, "unserved_price_busd_per_compute_year": price}
    inputs = make_inputs(make_case(objective=options, horizon={"periods": 2, "period_months": 6}))
    found = amounts(inputs, unserved=[{"period": "2026-07-01", "market": "europe", "unserved_compute": 3.0}])
    assert found == ({at(1, "unserved", "", "unserved", market="europe"): pytest.approx(3.0)} if price else {})


PLACES = [at(0, "rent", contract=name) for name in "abc"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.1, 100.0), min_size=1, max_size=3), st.floats(-1.0, 1.0))
def test_what_rounding_leaves_goes_to_the_largest(paid: list[float], share: float) -> None:
    """Law: after settling, the rows add up to the total; within rounding only the largest row has moved."""
    found: Money = dict(zip(PLACES, paid, strict=False))
    lacking = share * ROUNDING_SHARE * 0.99 * sum(paid)
    _settle(found, {PLACES[0].total: sum(paid) + lacking})
    assert sum(found.values()) == pytest.approx(sum(paid) + lacking, rel=1e-12)
    moved = [entry for entry, busd in zip(PLACES, paid, strict=False) if found[entry] != busd]
    assert moved in ([], [PLACES[paid.index(max(paid))]])
    assert len(found) == len(paid)


def test_what_no_row_explains_belongs_to_no_place() -> None:
    """More than rounding, or an item without any row, stands by itself, and what has no total is taken back."""
    found: Money = {PLACES[0]: 1.0, at(1, "opex", contract="a"): 2.0}
    _settle(found, {PLACES[0].total: 1.5, (2, "spend", "x_water", "primary"): 0.25})
    assert found == {
        PLACES[0]: 1.0, at(0, "rent"): 0.5, at(1, "opex", contract="a"): 2.0, at(1, "opex"): -2.0,
        at(2, "x_water"): 0.25,
    }  # fmt: skip


def test_salvage_of_every_role_settles_to_one_total() -> None:
    """The program has one sum of salvage; its parts keep their roles and places."""
    parts = {at(4, "salvage", role, "salvage", site="a"): busd for role, busd in (("primary", -2.0), ("backup", -1.0))}
    found: Money = defaultdict(float, parts)
    _settle(found, {salvage_of(4): -3.000003})
    assert found == {
        at(4, "salvage", "primary", "salvage", site="a"): pytest.approx(-2.000003),
        at(4, "salvage", "backup", "salvage", site="a"): -1.0,
    }


def test_rows_name_what_follows_from_their_place_and_are_discounted() -> None:
    """Provider by offer, vendor by chip, year by period; salvage at the end; what is nothing has no row."""
    tables = {name: [] for name in READ}
    totals = {entry.total: 0.0 for entry in placed(FULL, tables)}
    rows = spend(
        FULL,
        tables,
        {**totals, (1, "spend", "rent", "primary"): 1.0, salvage_of(4): -2.0, (0, "spend", "x_a", "primary"): 1e-15},
    )
    assert all(set(row) == set(TABLES["spend"].columns) for row in rows)
    (rent,) = (row for row in rows if row["item"] == "rent" and row["period"] == 2027)
    assert (rent["provider"], rent["contract"], rent["amount_busd"]) == ("clouds", "signed_cloud", 1.0)
    assert rent["present_value_busd"] == pytest.approx(1.08**-1.5)
    (salvage,) = (row for row in rows if row["part"] == "salvage")
    assert (salvage["period"], salvage["year"], salvage["amount_busd"]) == (2030, 2030, -2.0)
    assert salvage["present_value_busd"] == pytest.approx(-2.0 * 1.08**-4)
    assert "x_a" not in {row["item"] for row in rows}


@pytest.mark.parametrize(
    ("months", "start", "expected"),
    [
        (24, date(2026, 1, 1), {2026: 0.5, 2027: 0.5}),
        (12, date(2026, 10, 1), {2026: 0.25, 2027: 0.75}),
        (6, date(2026, 7, 1), {2026: 1.0}),
        ((3, 30), date(2026, 12, 1), {2026: 1 / 3, 2027: 2 / 3}),
    ],
)
def test_an_amount_is_spread_over_the_calendar_years_of_its_period(months, start, expected):
    """Law: a row for each calendar year by overlap; period, discounting and all sums are as without the division."""
    count = 2 if isinstance(months, tuple) else 1
    inputs = make_inputs(make_case(horizon={"start": start, "periods": count, "period_months": months}))
    tables = {name: [] for name in READ}
    none = {entry.total: 0.0 for entry in placed(inputs, tables)}
    rows = spend(inputs, tables, {**none, (0, "spend", "x_a", "primary"): 1.2345678, salvage_of(count): -1.0})
    divided = {row["year"]: row for row in rows if row["item"] == "x_a"}
    assert {year: row["amount_busd"] / 1.2345678 for year, row in divided.items()} == pytest.approx(expected)
    assert {row["period"] for row in divided.values()} == {start.isoformat()}
    assert sum(row["amount_busd"] for row in divided.values()) == pytest.approx(1.2345678, rel=1e-12)
    present = 1.2345678 * inputs.discount[0]
    assert sum(row["present_value_busd"] for row in divided.values()) == pytest.approx(present, abs=1e-9)
    assert [row["year"] for row in rows if row["part"] == "salvage"] == [inputs.calendar.start_dates[-1].year]


@pytest.mark.parametrize(
    ("part", "item", "offer", "chip", "paid", "chips_of"),
    [
        ("spend", "rent", "cloud_east", "", "clouds", ""),
        ("spend", "usage", "cloud_east", "", "clouds", ""),
        ("spend", "chips", "build_north", "merchant", "vendor", "vendor"),
        ("spend", "development", "", "custom", "custom vendor", "custom vendor"),
        ("spend", "energy", "build_north", "merchant", "energy supplier", ""),
        ("spend", "carbon", "cloud_east", "merchant", "carbon account", ""),
        ("spend", "capex", "build_north", "", "construction contractor", ""),
        ("spend", "x_water", "", "", "not stated", ""),
        ("salvage", "salvage", "build_north", "merchant", "", "vendor"),
        ("backup_income", "backup_income", "", "", "", ""),
        ("unserved", "unserved", "", "", "", ""),
    ],
)
def test_who_is_paid_is_not_always_who_provides(part, item, offer, chip, paid, chips_of):
    """Law: a contract pays its provider, chips their vendor, everything else a supplier; income and salvage nobody."""
    vendors = {"vendor": FULL.chips["merchant"].vendor, "custom vendor": FULL.chips["custom"].vendor}
    assert payee(FULL, part, item, offer, chip) == vendors.get(paid, paid)
    assert vendor(FULL, part, item, chip) == vendors.get(chips_of, chips_of)


def test_no_key_can_be_a_payee_of_another_kind():
    """Law: keys of providers and vendors hold no space; every fixed term does."""
    assert all(" " in term for term in TERMS)


def test_an_item_that_is_only_rounding_keeps_its_place() -> None:
    """Of salvage of thirteen watts a tenth lacks by the rounding of tables: it stands in no row without a role."""
    salvage = at(4, "salvage", "backup", "salvage", site="a")
    found: Money = {PLACES[0]: 4.0, salvage: -9.4e-8}
    _settle(found, {PLACES[0].total: 4.0, salvage_of(4): -8.6e-8})
    assert found == {PLACES[0]: 4.0, salvage: pytest.approx(-8.6e-8)}
