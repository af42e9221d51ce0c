"""Tables of a plan as pandas DataFrames, each column by the schema: as pandas reads the table's CSV file."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from planner.case.parse import columns_of
from planner.case.row import Row
from planner.plan.columns import TABLES
from planner.plan.own import own_columns
from planner.plan.schema import Column

TEXTS: Any = "str" if int(pd.__version__.split(".")[0]) >= 3 else object
"""The type of texts."""


def frame(name: str, rows: Sequence[Mapping[str, Any]], *, yearly: bool) -> pd.DataFrame:
    """A table as a DataFrame, with its columns and their types even when it is empty.

    Parameters
    ----------
    name : str
        Of the table.
    rows : sequence of mappings
    yearly : bool
        Whether periods are calendar years, so that they are numbers.
    """
    columns = TABLES[name].columns
    years = {  # a period of a tail may last several years: its label is none
        column: yearly and (found.kind != "label" or all(isinstance(row[column], int) for row in rows))
        for column, found in columns.items()
    }
    made = {
        column: pd.Series(
            [None if row[column] == "" else row[column] for row in rows],
            dtype=dtype_of(found, yearly=years[column]) or TEXTS,
            name=column,
        )
        for column, found in columns.items()
    }
    own = {column: pd.Series([row.get(column) for row in rows], name=column) for column in own_columns(rows)}
    return pd.DataFrame({**made, **own})


def case_frame(name: str, rows: Sequence[Row]) -> pd.DataFrame:
    """A table of a case as a DataFrame, with its columns and their types even when it is empty.

    Numbers are ``float64``, whole numbers ``int64`` (``Int64`` where a cell may be empty), yes/no is ``bool``, dates
    are text as in the file, lists are tuples, and what is not given is the missing value.

    Parameters
    ----------
    name : str
        Of the table.
    rows : sequence of Row
    """
    made = {}
    for column, found in columns_of(name).items():
        cells = [getattr(row, column) for row in rows]
        kind = {"number": "float64", "whole number": "Int64" if found.optional else "int64"}.get(found.kind)
        if found.kind == "yes/no":
            kind = "boolean" if found.optional else "bool"
        if found.kind == "date":
            cells = [None if cell is None else cell.isoformat() for cell in cells]
        other = TEXTS if found.kind in ("text", "date") else object
        made[column] = pd.Series(cells, dtype=kind or other, name=column)
    return pd.DataFrame(made)


def dtype_of(column: Column, *, yearly: bool) -> str:
    """The pandas type of a column; empty for text, whose type pandas chooses.

    Examples
    --------
    >>> from planner.plan.columns import TABLES
    >>> blocks, spent = TABLES["contracts"].columns["blocks"], TABLES["spend"].columns["amount_busd"]
    >>> dtype_of(blocks, yearly=True), dtype_of(spent, yearly=True)
    ('Int64', 'float64')
    """
    if column.kind == "number":
        return "float64"
    if column.kind == "whole" or (yearly and column.kind in ("period", "boundary", "label")):
        return "Int64" if column.empty else "int64"
    return ""
