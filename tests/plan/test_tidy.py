"""Cells by the schema: periods as cells of the case, whole numbers whole, figures with a point, empty stays empty."""

from datetime import date
from typing import Any

import pytest

from planner.case.model import Horizon
from planner.inputs.periods import Periods
from planner.plan.tidy import tidied

YEARS = Periods.of(Horizon(start=date(2028, 1, 1), periods=2, period_months=12))
QUARTERS = Periods.of(Horizon(start=date(2028, 1, 1), periods=2, period_months=3))


@pytest.mark.parametrize(
    ("periods", "given", "start", "end"),
    [
        (YEARS, {"start_period": "2028", "end_period": "end"}, 2028, 2030),
        (YEARS, {"start_period": 2029.0, "end_period": 2030}, 2029, 2030),
        (YEARS, {"start_period": "", "end_period": ""}, "", ""),
        (QUARTERS, {"start_period": "2028Q1", "end_period": "end"}, "2028-01-01", "2028-07-01"),
        (QUARTERS, {"start_period": "2028-04-01", "end_period": "2028-07-01"}, "2028-04-01", "2028-07-01"),
    ],
)
def test_periods_are_written_one_way(periods: Periods, given: dict[str, Any], start: Any, end: Any) -> None:
    """Labels, texts of cells and the word of earlier versions for the end all become the cell."""
    (row,) = tidied("contracts", [{"contract": "c", **given}], periods)
    assert (row["start_period"], row["end_period"]) == (start, end)
    assert type(row["start_period"]) is type(start)


@pytest.mark.parametrize(("periods", "label"), [(YEARS, 2028), (QUARTERS, "2028Q1")])
def test_labels_are_years_where_periods_are(periods: Periods, label: Any) -> None:
    """The label of a yearly period is its year, a number; of others it stays the name for people."""
    (row,) = tidied("calendar", [{"label": "2028" if periods is YEARS else "2028Q1", "length_years": 1}], periods)
    assert row == {"label": label, "length_years": 1.0}
    assert isinstance(row["length_years"], float)


@pytest.mark.parametrize(("cell", "whole"), [("3", 3), (3.0, 3), (3, 3), ("", "")])
def test_whole_numbers_are_whole(cell: Any, whole: Any) -> None:
    """What a file or pandas gives as 3 or 3.0 is the whole number 3; an empty cell is not zero."""
    (row,) = tidied("contracts", [{"blocks": cell}], YEARS)
    assert row == {"blocks": whole}
    assert type(row["blocks"]) is type(whole)


def test_texts_and_own_columns_stay_as_they_are() -> None:
    """A key that looks like a number stays a text, a column that the schema does not know stays what it is."""
    given = [{"contract": "0012", "start_date": "2028-01-01", "x_water_gl": "1.50", "it_mw": "5"}]
    assert tidied("contracts", given, YEARS) == [{**given[0], "it_mw": 5.0}]
    assert given[0]["it_mw"] == "5"


@pytest.mark.parametrize("cell", ["2031", 2027, "2028Q1", "soon"])
def test_a_period_of_another_case_is_refused(cell: Any) -> None:
    """No table has a period that the case does not have."""
    with pytest.raises(KeyError):
        tidied("capacity", [{"period": cell}], YEARS)
