"""The figures of a summary follow from the tables: shares, spending by role, capacity at the end."""

from typing import Any

import pytest

from planner.inputs import make_inputs
from planner.plan.extract import demanded_compute_years, headline
from tests.cases import make_case

INPUTS = make_inputs(make_case(horizon={"periods": 2, "period_months": (12, 24)}))
PERIODS = ("2026-01-01", "2027-01-01")
EMPTY: dict[str, list[dict[str, Any]]] = {name: [] for name in ("unserved", "spend", "capacity", "backup")}


def lacking(period: str, demand: float, unserved: float) -> dict[str, Any]:
    """Return a row of demand."""
    return {"period": period, "demand_compute": demand, "unserved_compute": unserved}


@pytest.mark.parametrize(
    ("rows", "share", "years"),
    [
        ([], 0.0, 0.0),
        ([lacking(PERIODS[0], 0.0, 0.0)], 0.0, 0.0),
        ([lacking(PERIODS[0], 10.0, 0.0), lacking(PERIODS[1], 10.0, 0.0)], 0.0, 30.0),
        ([lacking(PERIODS[0], 10.0, 5.0), lacking(PERIODS[1], 10.0, 0.0)], 5 / 30, 30.0),
        ([lacking(PERIODS[0], 10.0, 0.0), lacking(PERIODS[1], 10.0, 5.0)], 10 / 30, 30.0),
    ],
)
def test_the_unserved_share_weighs_periods_by_their_length(rows: list[Any], share: float, years: float) -> None:
    """Law: unserved compute-years over demanded compute-years; nothing where nothing is demanded."""
    tables = {**EMPTY, "unserved": rows}
    assert headline(INPUTS, tables)["unserved_share"] == pytest.approx(share)
    assert demanded_compute_years(INPUTS, tables) == pytest.approx(years)


FIRST = "2026-01-01"


def test_spending_is_that_of_payments_by_role() -> None:
    """Salvage, income and unserved demand are no spending; backup income is its own figure."""
    spend = [
        {"period": FIRST, "part": "spend", "role": "primary", "amount_busd": 3.0},
        {"period": FIRST, "part": "spend", "role": "primary", "amount_busd": -0.5},
        {"period": FIRST, "part": "spend", "role": "backup", "amount_busd": 1.0},
        {"period": FIRST, "part": "salvage", "role": "primary", "amount_busd": -9.0},
        {"period": FIRST, "part": "unserved", "role": "", "amount_busd": 9.0},
    ]
    backup = [{"period": FIRST, "income_busd": 0.25}, {"period": FIRST, "income_busd": 0.5}]
    found = headline(INPUTS, {**EMPTY, "spend": spend, "backup": backup})
    assert {name: busd for name, busd in found.items() if name.endswith("_busd")} == {
        "spend_primary_busd": 2.5, "spend_backup_busd": 1.0, "backup_income_busd": 0.75,
    }  # fmt: skip


def test_capacity_by_provider_is_that_of_the_last_period() -> None:
    """IT MW of all offers, roles and chips of a provider, sorted by name; earlier periods do not count."""
    capacity = [
        {"period": PERIODS[1], "provider": "shells", "it_mw": 10.0},
        {"period": PERIODS[0], "provider": "clouds", "it_mw": 99.0},
        {"period": PERIODS[1], "provider": "own", "it_mw": 5.0},
        {"period": PERIODS[1], "provider": "shells", "it_mw": 2.5},
    ]
    found = headline(INPUTS, {**EMPTY, "capacity": capacity})["capacity_by_provider"]
    assert list(found.items()) == [("own", 5.0), ("shells", 12.5)]
