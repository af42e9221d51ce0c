"""Ranges of energisation dates in a case: what is refused, what moves, what is warned of."""

from datetime import date
from typing import Any

import pytest

from planner.case.check import warnings_of
from planner.case.throughout import steps_within_periods
from planner.changes.apply import apply_changes, apply_whatif, make_whatif
from planner.errors import CaseError
from tests.cases import base_tables, make_case
from tests.program.tiny import tiny

FIRST = {"site": "a", "date": "2026-03-01", "facility_mw": 60.0, "date_low": "2026-02-01", "date_high": "2026-09-01"}
SECOND = {"site": "a", "date": "2027-03-01", "facility_mw": 90.0, "date_low": "2027-01-01", "date_high": "2028-01-01"}


def _case(*rows: dict[str, Any]) -> Any:
    return tiny(periods=3, energisation=list(rows))


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ({"date_low": None}, {}, "must be given with date_high"),
        ({"date_high": None}, {}, "must be given with date_low"),
        ({"date_low": "2026-04-01"}, {}, "must not be after the date (2026-03-01)"),
        ({"date_high": "2026-02-28"}, {}, "must not be before the date (2026-03-01)"),
        ({"date_high": "2028-02-01"}, {}, "must not be before the 2028-02-01 of the step of 2026-03-01"),
        ({}, {"date_low": "2026-01-01"}, "keep their order with energisation_dates = \"low\""),
        ({"date_high": "2027-06-01"}, {"date_low": None, "date_high": None}, "the 2027-06-01 of the step"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(first: dict[str, Any], second: dict[str, Any], told: str) -> None:
    """Law: a range holds its date, is whole, and the steps of a site keep their order at both ends."""
    with pytest.raises(CaseError) as caught:
        _case({**FIRST, **first}, {**SECOND, **second})
    assert told in str(caught.value)


def test_the_range_moves_with_its_date() -> None:
    """Law: a step that is shifted keeps its range; the dates themselves can be set."""
    change = {"op": "shift", "table": "energisation", "where": {"date": "2026-03-01"}, "months": 6}
    row = apply_whatif(_case(FIRST, SECOND), make_whatif(change)).data.index("energisation")
    moved = next(iter(row.values()))
    assert [str(getattr(moved, name)) for name in ("date_low", "date", "date_high")] == [
        "2026-08-01", "2026-09-01", "2027-03-01",
    ]  # fmt: skip
    changed = apply_changes(_case(FIRST, SECOND), ["energisation[a,2026-03-01].date_high=2026-12-01"])
    assert str(changed.index("energisation")["a", date(2026, 3, 1)].date_high) == "2026-12-01"  # type: ignore[attr-defined]


def test_steps_within_periods_are_counted_by_the_dates_that_hold() -> None:
    """Law: a step at the start of a period is within none; which dates hold makes the difference."""
    case = _case(FIRST, SECOND)
    assert steps_within_periods(case) == 2
    assert steps_within_periods(apply_changes(case, ["model.horizon.energisation_dates=low"])) == 1


def test_signed_contracts_beyond_the_power_of_some_time_are_warned_of() -> None:
    """Law: by time average power of July carries what is signed from July; throughout, it is missing until then."""
    rows = [row for row in base_tables()["energisation"] if row["site"] != "east"]
    steps = [{"site": "east", "date": "2025-01-01", "facility_mw": 100.0},
             {"site": "east", "date": "2026-07-01", "facility_mw": 500.0}]  # fmt: skip
    case = make_case({"energisation": [*rows, *steps]}, full=True)
    assert not [one for one in warnings_of(case) if "signed contracts" in one.message]
    found = warnings_of(apply_changes(case, ["model.horizon.energisation=throughout"]))
    assert [one.file for one in found if "need 25 facility MW more than there are" in one.message] == ["sites"]
