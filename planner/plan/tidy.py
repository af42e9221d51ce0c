"""Cells as the schema has them: periods as numbers or dates, whole numbers whole, figures with a point."""

from collections.abc import Mapping, Sequence

from planner.inputs.periods import Periods
from planner.plan.columns import TABLES
from planner.plan.schema import PERIOD_KINDS, Column

Cell = str | float | int
"""A cell of a plan's table; an empty text where it is not given."""


def tidied(name: str, rows: Sequence[Mapping[str, Cell]], periods: Periods) -> list[dict[str, Cell]]:
    """The rows of a table by its schema; periods may be given as labels, columns of the user's own stay as they are.

    Raises
    ------
    KeyError
        If a period is not one of the case.
    """
    columns = TABLES[name].columns
    return [
        {column: _cell(columns[column], cell, periods) if column in columns else cell for column, cell in row.items()}
        for row in rows
    ]


def _cell(column: Column, cell: Cell, periods: Periods) -> Cell:
    if cell == "":
        return cell
    if column.kind in PERIOD_KINDS:
        return periods.cell_of(cell)
    if column.kind == "label":
        return int(cell) if periods.yearly and str(cell).isdecimal() else cell
    if column.kind == "whole":
        return int(cell)
    return float(cell) if column.kind == "number" else cell
