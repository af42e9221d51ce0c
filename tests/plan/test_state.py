"""Tables of what stands, from the values of a program set by hand: sums, power, supply and income in closed form."""

from typing import Any

import pytest

from planner.inputs import Inputs, make_inputs
from planner.plan import service, state
from planner.plan.balance import Part
from planner.plan.calendar import calendar
from planner.program.columns import (
    ADDED,
    BACKUP_SOLD,
    IN_FORCE_BLOCKS,
    ONSITE_BUILT,
    ONSITE_OUTPUT,
    STOCK,
    UNSERVED,
)
from planner.symbols import Values
from tests.cases import make_case

FULL = make_inputs(make_case(full=True))
"""Signed: 100 IT MW of cloud in the east with merchant chips to July 2028, 50 IT MW of building in the north."""


def values(**given: dict[Any, float]) -> Values:
    """Return values of the program of the full case: zero where nothing is given."""
    found: dict[Any, dict[Any, float]] = {
        ADDED: dict.fromkeys(FULL.stocks, 0.0),
        STOCK: dict.fromkeys(FULL.stocks, 0.0),
        ONSITE_BUILT: dict.fromkeys(FULL.onsite_builds, 0.0),
    }
    names = {"stock": STOCK, "added": ADDED, "blocks": IN_FORCE_BLOCKS, "built": ONSITE_BUILT, "output": ONSITE_OUTPUT}
    names["sold"] = BACKUP_SOLD
    for name, of_variable in given.items():
        found.setdefault(names[name], {}).update(of_variable)
    return Values(found)


def only(rows: list[dict[str, Any]], **where: Any) -> dict[str, Any]:
    """Return the one row whose cells are as given."""
    (row,) = (row for row in rows if all(row[key] == cell for key, cell in where.items()))
    return row


def test_capacity_is_the_stock_and_the_signed_chips() -> None:
    """Law: signed 100 IT MW and 25 of the plan are 125, with the compute of so many; nothing is no row."""
    rows = state.capacity(FULL, values(stock={("cloud_east", "primary", "merchant", 1): 0.025}))
    assert [(row["period"], row["it_mw"]) for row in rows if row["offer"] == "cloud_east"] == [
        ("2026", 100.0), ("2027", 125.0), ("2028", 50.0),
    ]  # fmt: skip
    row = only(rows, period="2027")
    assert (row["training_compute"], row["inference_compute"]) == (125.0, 125.0)
    assert (row["site"], row["country"], row["power_region"], row["vendor"]) == ("east", "FR", "europe", "vendor_a")


@pytest.mark.parametrize("noise", [-1e-6, -1e-12, 1e-10, 9e-10])
def test_noise_of_the_solver_is_nothing(noise: float) -> None:
    """Less than a watt, or less than nothing, changes no table."""
    noisy = values(
        stock=dict.fromkeys(FULL.stocks, noise), blocks={("shell_south", "primary", 0): noise, ("x", "y", 0): noise}
    )
    for table in (state.capacity, state.in_force, state.power, state.power_regions):
        rows, clean = table(FULL, noisy), table(FULL, values())
        assert len(rows) == len(clean)
        for row, expected in zip(rows, clean, strict=True):
            assert row == pytest.approx(expected, abs=1e-5)


def test_in_force_are_signed_and_decided_blocks() -> None:
    """Law: decided IT MW are whole blocks of 50; signed ones their time average, half a year of 2028 in the east."""
    found = state.in_force(FULL, values(blocks={("cloud_east", "primary", 2): 2.9999999}))
    east = {row["period"]: (row["signed_it_mw"], row["decided_it_mw"]) for row in found if row["site"] == "east"}
    assert east == {"2026": (100.0, 0.0), "2027": (100.0, 0.0), "2028": (50.0, 150.0)}
    assert only(found, site="east", period="2026")["installed_it_mw"] == 100.0
    assert only(found, site="north", period="2029")["signed_it_mw"] == 50.0


def test_power_of_a_site_counts_what_each_kind_adds() -> None:
    """Law: facility MW at the peak PUE; turbines add to what is energised, storage within it does not; own load at 0.8.

    North: 50 signed IT MW and 100 decided, 40 IT MW of chips that the plan powers; 60 facility MW of turbines.
    """
    found = state.power(
        FULL,
        values(
            blocks={("build_north", "primary", 1): 2.0},
            stock={("build_north", "primary", "merchant", 1): 0.04},
            built={("turbines", 1): 0.06, ("battery", 0): 0.03},
            output={("turbines", 1): 0.02},
        ),
    )
    north = only(found, site="north", period="2027")
    assert north["it_mw"] == pytest.approx(150.0)
    assert north["facility_mw"] == pytest.approx(150.0 * 1.25)
    assert north["energised_facility_mw"] == pytest.approx(375.0 + 60.0)
    assert north["own_load_facility_mw"] == pytest.approx(40.0 * 0.8 * 1.2)
    assert (north["onsite_facility_mw"], north["onsite_output_facility_mw"]) == (60.0, 20.0)
    assert only(found, site="north", period="2026")["onsite_facility_mw"] == 0.0
    assert only(found, site="south", period="2027")["energised_facility_mw"] == pytest.approx(500.0)
    west = only(state.power_regions(FULL, values(built={("battery", 0): 0.03})), power_region="west", period="2027")
    assert west["facility_mw"] == pytest.approx(50.0 * 1.25 - 30.0)
    assert west["limit_facility_mw"] == pytest.approx(800.0 + 100.0 * 1.5)


def test_options_in_service_last_their_life() -> None:
    """Bought in 2027, in service to the end; what was never bought has no row."""
    rows = state.power_options(FULL, values(built={("turbines", 1): 0.06}, output={("turbines", 2): 0.01}))
    columns = ("power_option", "period", "in_service_facility_mw", "output_facility_mw")
    assert [tuple(row[column] for column in columns) for row in rows] == [
        ("turbines", "2027", 60.0, 0.0), ("turbines", "2028", 60.0, 10.0), ("turbines", "2029", 60.0, 0.0),
    ]  # fmt: skip


def test_chips_count_their_supply_and_their_accelerators() -> None:
    """Law: IT W of the stock over IT W per accelerator, rounded; a chip without supply has an empty cell."""
    rows = state.chips(
        FULL,
        values(
            stock={("build_north", "primary", "custom", 1): 0.0123},
            added={("build_north", "primary", "custom", 1): 0.0123},
        ),
    )
    custom = only(rows, chip="custom", period="2027")
    assert (custom["added_it_mw"], custom["supply_it_mw"], custom["stock_it_mw"]) == (12.3, 200.0, 12.3)
    assert custom["accelerators"] == 8200
    merchant = only(rows, chip="merchant", period="2026")
    assert (merchant["supply_it_mw"], merchant["accelerators"]) == ("", round(100e6 / 1500))


@pytest.mark.parametrize(("sold", "income"), [(0.0, 0.0), (0.02, 0.02), (-1e-9, 0.0)])
def test_backup_earns_what_it_sells(sold: float, income: float) -> None:
    """Law: IT GW sold x 1 $M per IT MW and year x one year, in $B; primary chips and rounding earn nothing."""
    rows = state.backup(
        FULL,
        values(
            stock={("build_north", "backup", "merchant", 0): 0.04, ("build_north", "primary", "merchant", 0): 0.5},
            sold={0: sold},
        ),
    )
    assert rows[0] == {
        "period": "2026", "installed_it_mw": 40.0, "sold_it_mw": max(0.0, sold) * 1000, "income_busd": income,
    }  # fmt: skip
    assert [row["installed_it_mw"] for row in rows[1:]] == [0.0, 0.0, 0.0]


def test_demand_is_served_and_unserved() -> None:
    """Law: served is demand less unserved; demand stands in the table of demand alike."""
    keys = {(m, w, t): 0.0 for m, w in FULL.demand_compute for t in FULL.periods}
    keys["america", "training", 1] = 30.0
    found = service.unserved(FULL, Values({UNSERVED: keys}))
    row = only(found, market="america", workload="training", period="2027")
    assert (row["demand_compute"], row["served_compute"], row["unserved_compute"]) == (70.0, 40.0, 30.0)
    demand = {(r["period"], r["market"], r["workload"]): r["compute"] for r in service.demand(FULL)}
    assert demand == {(r["period"], r["market"], r["workload"]): r["demand_compute"] for r in found}
    assert len(demand) == 12


def test_reach_lists_pairs_of_the_case_in_its_order() -> None:
    """Every pair within reach once, sites in the order of their table."""
    rows = service.reach(FULL)
    assert {(row["site"], row["market"]) for row in rows} == FULL.reach
    assert len(rows) == len(FULL.reach)
    assert list(dict.fromkeys(row["site"] for row in rows)) == ["north", "south", "east"]


def test_what_is_served_is_what_is_handed_out() -> None:
    """Each part is a row in IT MW and compute, in its order."""
    parts = [Part("east", "merchant", "europe", "inference", 1, 0.0405, 40.5), Part("a", "b", "c", "training", 0, 1, 2)]
    assert service.served(FULL, parts)[0] == {
        "period": "2027", "site": "east", "chip": "merchant", "market": "europe", "workload": "inference",
        "it_mw": 40.5, "compute": 40.5,
    }  # fmt: skip
    assert [row["period"] for row in service.served(FULL, parts)] == ["2027", "2026"]


def of(horizon: dict[str, Any]) -> Inputs:
    """Return the inputs of the tiny case with another horizon."""
    return make_inputs(make_case(horizon=horizon))


def test_the_calendar_of_years_and_of_quarters() -> None:
    """Years are numbers in cell and label; quarters have a date, a name, the year they begin in, and their length."""
    assert calendar(of({"periods": 1, "period_months": 12})) == [
        {"period": 2026, "label": 2026, "year": 2026, "start_date": "2026-01-01", "end_date": "2027-01-01",
         "length_years": 1.0},
    ]  # fmt: skip
    quarters = calendar(of({"start": "2026-10-01", "periods": 2, "period_months": 3}))
    assert [(r["period"], r["label"], r["year"], r["end_date"], r["length_years"]) for r in quarters] == [
        ("2026-10-01", "2026Q4", 2026, "2027-01-01", 0.25), ("2027-01-01", "2027Q1", 2027, "2027-04-01", 0.25),
    ]  # fmt: skip
