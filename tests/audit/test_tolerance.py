"""Tolerances (formulation, section 13): how large they are, and that each check accepts just that and no more."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.audit import audit, tolerance
from tests.audit import yards
from tests.length import thinned

SIZES = st.floats(0.0, 1e7)
RATES = st.floats(1e-6, 1e6)
PARTS = st.integers(0, 200)
Rows = list[dict[str, Any]]
Tables = dict[str, Rows]


@given(SIZES, SIZES)
def test_megawatts_agree_to_a_kilowatt_and_a_millionth(one, other):
    """Law: a kW and a millionth of the larger figure, in either order and of either sign."""
    larger = max(one, other)
    assert tolerance.mw(one, other) == tolerance.mw(-other, one) == pytest.approx(1e-3 + 1e-6 * larger)
    assert tolerance.mw() == 1e-3


@given(SIZES, st.floats(1e-6, 1e6))
def test_money_has_no_unit(amount, factor):
    """Law: the tolerance of money is a millionth, so that it scales with the unit; of nothing it is zero."""
    assert tolerance.money(amount * factor) == pytest.approx(factor * tolerance.money(amount))
    assert tolerance.money() == tolerance.money(0.0) == 0.0


@given(RATES, SIZES, st.floats(1e-3, 1e3))
def test_compute_has_no_unit(rate, amount, factor):
    """Law: if rates and amounts are counted in another unit, the tolerance of compute is too."""
    assert tolerance.compute(rate * factor, amount * factor) == pytest.approx(factor * tolerance.compute(rate, amount))
    needs = [amount, amount / 3] if amount > 0 else []
    scaled = tolerance.critical(rate * factor, *[[need * factor for need in needs]] * 2)
    assert scaled == pytest.approx(factor * tolerance.critical(rate, needs, needs))


@given(RATES, SIZES)
def test_compute_never_differs_by_more_than_a_thousandth(rate, amount):
    """Law: a kW of the chip, but never more than a thousandth of the amount, and a millionth of it besides."""
    found = tolerance.compute(rate, amount)
    assert found <= (1e-3 + 1e-6) * amount * (1 + 1e-12)
    assert found <= 1e-3 * rate + 1e-6 * amount + 1e-12 * amount
    assert found >= 1e-6 * amount
    assert tolerance.compute_of_chips(rate, amount) == pytest.approx(found + 1e-6 * rate)


@given(RATES, st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=6))
def test_critical_demand_is_measured_by_the_smallest(rate, needs):
    """Law: no demand may be left out, however small beside the others: the allowance is a share of the smallest."""
    found = tolerance.critical(rate, needs, needs)
    assert found <= 1e-3 * min(needs) + 1e-6 * sum(needs) + 1e-12
    assert found >= 1e-6 * sum(needs) * (1 - 1e-12)
    assert tolerance.critical(rate, [], []) == 0.0
    assert tolerance.critical(rate, *[[*needs, min(needs) / 2]] * 2) <= found + 1e-6 * min(needs)


@given(st.floats(0.0, 1e5), PARTS)
def test_use_of_what_is_installed_allows_for_rounding_only(installed, parts):
    """Law: a thousandth, at most a kW, and a watt per figure; nothing is served by what is not there."""
    found = tolerance.used_mw(installed, parts)
    assert found <= 1e-3 + 1e-6 * (1 + parts + installed) + 1e-12
    assert tolerance.used_mw(0.0, parts) == pytest.approx(1e-6 * (1 + parts))
    assert tolerance.used_mw(installed, parts + 1) > found or installed > 1e9
    assert tolerance.margin(2.0, installed, parts) == pytest.approx(1e-6 * installed + 2e-6 * parts)


@given(st.lists(st.tuples(RATES, SIZES), max_size=5), PARTS)
def test_many_tolerances_are_those_of_each(pairs, parts):
    """Law: place by place, arrays have the tolerances of single figures."""
    rates, sizes = (np.array([pair[n] for pair in pairs], dtype=float) for n in (0, 1))
    assert tolerance.each_compute_of_chips(rates, sizes).tolist() == [
        tolerance.compute_of_chips(rate, size) for rate, size in pairs
    ]
    counts = np.full(len(pairs), float(parts))
    assert tolerance.each_used_mw(sizes, counts).tolist() == [tolerance.used_mw(size, parts) for _, size in pairs]


def _chips_in_force(tables: Tables, by: float) -> None:
    tables["installs"][0].update(added_it_mw=100.0 + by, stock_it_mw=100.0 + by)


def cell(table: str, number: int, column: str) -> Callable[[Tables, float], None]:
    """Return a change that adds an amount to a cell."""

    def change(tables: Tables, by: float) -> None:
        tables[table][number][column] += by

    return change


MONEY = 1e-6 * (4.90293472 + 2.38884432 + 0.3 + 2 * 0.00876)
"""A millionth of all payments of the yards; what on-site generation saves counts with its size, not its sign."""
LIMITS: list[tuple[tuple[str, str], float, Callable[[Tables, float], None]]] = [
    (("chips", "installed within what is in force"), 1e-3 + 1e-4, _chips_in_force),
    (("chips", "chips of a lease stay for its term"), 1e-3 + 5e-5, cell("installs", 4, "stock_it_mw")),
    (("chips", "stock of bought chips"), 1e-3 + 1e-4, cell("installs", 1, "stock_it_mw")),
    (("backup_income", "backup sold"), 1e-3 + 2.5e-5, cell("backup", 1, "sold_it_mw")),
    (("power", "output within the option's power"), 1e-3 + 2e-5, cell("power_options", 0, "output_facility_mw")),
    (("demand", "each IT MW used once"), 1e-3 + 2e-6 + 2.5e-5, cell("served", 3, "it_mw")),
    (("demand", "no more than demanded"), 1e-3 * 2 + 1.5e-4, cell("served", 1, "compute")),
    (("demand", "compute of chips"), 1e-3 + 1e-4 + 1e-6, cell("served", 0, "compute")),
    (("site", "opening cost"), 3e-7, cell("openings", 0, "opening_cost_busd")),
    (("chips", "development cost"), 5e-7, cell("developments", 0, "cost_busd")),
    (("money", "spending on chips"), MONEY, cell("spend", 2, "amount_busd")),
    (("money", "money by level"), MONEY, cell("spend", 2, "amount_busd")),
    (("money", "present value by level"), MONEY, cell("spend", 2, "present_value_busd")),
    (("contract", "signed IT MW unchanged"), 1e-3 + 5e-5, cell("contracts", 0, "it_mw")),
    (("derived tables", "capacity: IT MW"), 1e-3 + 1e-4, cell("capacity", 0, "it_mw")),
    (("derived tables", "capacity: compute"), 1e-3 + 1e-4 + 1e-6, cell("capacity", 0, "training_compute")),
    (("derived tables", "in_force: IT MW"), 1e-3 + 1e-4, cell("in_force", 0, "decided_it_mw")),
    (("derived tables", "power: facility MW"), 1e-3 + 1.25e-4, cell("power", 0, "facility_mw")),
    (("derived tables", "power_regions: facility MW"), 1e-3 + 1.5e-4, cell("power_regions", 0, "limit_facility_mw")),
    (("derived tables", "chips: accelerators"), 1.0 + 0.5 + 0.1, cell("chips", 0, "accelerators")),
    (("derived tables", "demand: compute"), 2e-3 + 1e-4, cell("demand", 0, "compute")),
    (("derived tables", "unserved: compute"), 2e-3 + 1e-4, cell("unserved", 0, "served_compute")),
    (("derived tables", "calendar: years"), 1e-6, cell("calendar", 0, "length_years")),
    (("contingencies", "IT MW lost"), 1e-3 + 2e-4, cell("contingencies", 0, "lost_it_mw")),
    (("contingencies", "IT MW surviving"), 1e-3 + 2e-4, cell("contingencies", 0, "surviving_it_mw")),
    (("contingencies", "critical compute"), 2e-3 + 5e-5, cell("contingencies", 0, "critical_compute")),
    (("contingencies", "carried compute"), 2e-3 + 5e-5, cell("contingencies", 0, "carried_compute")),
    (("money", "unit costs: IT MW-years"), (1e-3 + 2e-4) * 2, cell("unit_costs", 0, "it_mw_years")),
    (("money", "owed after the horizon: IT MW"), 1e-3, cell("obligations", 0, "it_mw")),
    (("money", "owed after the horizon: years"), 1e-6, cell("obligations", 0, "in_force_years")),
]
"""Check, tolerance at this place, worked out from the page, and the change that the tolerance is for."""


def passes(name: tuple[str, str], change: Callable[[Tables, float], None], by: float) -> bool:
    """Whether the check accepts the plan of the yards with a change of this size."""
    tables = yards.plan()
    change(tables, by)
    report = audit(yards.case(), tables, yards.summary())
    return next(check.passed for check in report.checks if (check.family, check.name) == name)


@pytest.mark.parametrize(("name", "allowed", "change"), thinned(LIMITS, 3, unpack=True),
                         ids=[": ".join(entry[0]) for entry in LIMITS])  # fmt: skip
def test_a_check_accepts_its_tolerance_and_no_more(name, allowed, change):
    """Law: a figure off by nine tenths of the tolerance passes, by eleven tenths it fails."""
    assert passes(name, change, 0.9 * allowed)
    assert not passes(name, change, 1.1 * allowed)


@pytest.mark.parametrize("key", ["cost_busd", "spend_primary_busd", "spend_backup_busd", "backup_income_busd"])
def test_a_figure_of_the_summary_is_held_to_the_payments_of_the_plan(key):
    """Law: the summary is held to a millionth of all payments (or of a larger part of the cost), both ways."""
    for by, accepted in ((0.8, True), (-0.8, True), (1.3, False), (-1.3, False)):
        summary = {**yards.summary(), key: yards.summary()[key] + by * MONEY}
        found = audit(yards.case(), yards.plan(), summary)
        assert next(check.passed for check in found.checks if check.name == key) is accepted, (key, by)
