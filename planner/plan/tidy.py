"""Cells as the schema has them: periods as numbers or dates, whole numbers whole, figures with a point."""

from collections.abc import Callable, Mapping, Sequence

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
    found = [dict(row) for row in rows]
    for column_name, column in TABLES[name].columns.items():
        read = _reading(column, periods)
        if read is not None:
            settled = float if column.kind == "number" else None
            known: dict[str, Cell] = {}  # texts, such as labels of periods, come again and again
            for row in found:
                cell = row.get(column_name, "")
                if type(cell) is settled or cell == "":
                    continue
                if type(cell) is str:
                    if cell not in known:
                        known[cell] = read(cell)
                    row[column_name] = known[cell]
                else:
                    row[column_name] = read(cell)
    return found


def _reading(column: Column, periods: Periods) -> Callable[[Cell], Cell] | None:
    """How cells of a column are read where they are not empty; None where they stay as they are."""
    if column.kind in PERIOD_KINDS:
        return periods.cell_of
    if column.kind == "label":
        return _year_if_number if periods.yearly else None
    if column.kind == "whole":
        return int
    return float if column.kind == "number" else None


def _year_if_number(cell: Cell) -> Cell:
    return int(cell) if str(cell).isdecimal() else cell
