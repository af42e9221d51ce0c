"""Tables as DataFrames: columns and types by the schema, whatever the rows; an empty cell is missing, never zero."""

import pandas as pd
import pytest

from planner.plan.columns import TABLES
from planner.plan.frames import dtype_of, frame
from planner.plan.schema import Column

CONTRACT = {
    "contract": "c", "origin": "decided", "offer": "o", "site": "s", "provider": "p", "tenure": "cloud",
    "role": "primary", "chip": "k", "blocks": 3, "it_mw": 150.0, "start_date": "2026-01-01", "end_date": "2030-01-01",
    "start_period": 2026, "end_period": 2030,
}  # fmt: skip
SIGNED = {**CONTRACT, "contract": "d", "origin": "signed", "blocks": "", "start_period": "", "end_period": ""}


@pytest.mark.parametrize("yearly", [True, False])
@pytest.mark.parametrize("name", TABLES)
def test_an_empty_table_has_the_columns_and_types_of_its_schema(name: str, yearly: bool) -> None:
    """Without any row each figure still is a number and each text a text, so that sums and merges work."""
    found = frame(name, [], yearly=yearly)
    assert list(found.columns) == list(TABLES[name].columns)
    for column, schema in TABLES[name].columns.items():
        number = schema.is_number or (yearly and schema.kind in ("period", "boundary", "label"))
        assert pd.api.types.is_numeric_dtype(found[column].dtype) is number, column
    assert len(found) == 0


@pytest.mark.parametrize(
    ("column", "yearly", "dtype"),
    [
        (Column("number", "m"), True, "float64"),
        (Column("number", "m", empty="no limit"), False, "float64"),
        (Column("whole", "m"), False, "int64"),
        (Column("whole", "m", empty="signed"), False, "Int64"),
        (Column("period", "m"), True, "int64"),
        (Column("boundary", "m", empty="signed"), True, "Int64"),
        (Column("label", "m"), True, "int64"),
        (Column("period", "m"), False, ""),
        (Column("label", "m"), False, ""),
        (Column("text", "m"), True, ""),
        (Column("date", "m"), True, ""),
    ],
)
def test_types_follow_the_kind_of_the_column(column: Column, yearly: bool, dtype: str) -> None:
    """Whole numbers with gaps are nullable; periods are numbers where they are years only."""
    assert dtype_of(column, yearly=yearly) == dtype


def test_an_empty_cell_is_missing_and_a_zero_is_zero() -> None:
    """Signed contracts have no blocks: they are missing, so that the sum is that of the decided ones."""
    found = frame("contracts", [SIGNED, CONTRACT, {**CONTRACT, "blocks": 0}], yearly=True)
    assert list(found["blocks"].isna()) == [True, False, False]
    assert found["blocks"].sum() == 3
    assert found["end_period"].max() == 2030
    assert str(found["blocks"].dtype) == "Int64"


def test_keys_of_digits_stay_text() -> None:
    """A key that looks like a number is still a key."""
    found = frame("contracts", [{**CONTRACT, "contract": "007", "site": "1e3"}], yearly=True)
    assert (found["contract"][0], found["site"][0]) == ("007", "1e3")


def test_the_order_of_columns_is_that_of_the_schema_with_own_columns_last() -> None:
    """Rows may have their cells in any order, and columns of the user's own follow after the others."""
    row = {"x_water_gl": 1.5, **dict(reversed(list(CONTRACT.items()))), "x_from": "river"}
    found = frame("contracts", [row, CONTRACT], yearly=True)
    assert list(found.columns) == [*TABLES["contracts"].columns, "x_water_gl", "x_from"]
    assert found["x_water_gl"][0] == 1.5
    assert pd.isna(found["x_water_gl"][1])


def test_a_row_without_a_column_of_the_schema_is_a_fault() -> None:
    """What the schema promises is there, or the table is refused."""
    with pytest.raises(KeyError, match="it_mw"):
        frame("contracts", [{k: v for k, v in CONTRACT.items() if k != "it_mw"}], yearly=True)
