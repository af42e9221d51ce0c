"""The budget rows, which are held back until a point violates one.

They couple all spending of a period: nearly every variable is in them, and they slow down the generation of cutting
planes. Without them the first plan of a large case was found two to five times faster in all cases tried (100 to 300
sites), and most plans within the other limits satisfy them. The program without them is a relaxation: its bounds hold.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.solve.arrays import Arrays, Floats, NewRow
from planner.symbols import ColumnIndex


@dataclass(frozen=True, slots=True)
class BudgetRows:
    """The budget rows of a program, and the columns of the cash that they leave.

    Attributes
    ----------
    rows : array of int
        Yearly limits in the order of the periods, then envelopes.
    cash_left : array of int
        Column of the cash left, for each yearly limit.
    """

    rows: npt.NDArray[np.int64]
    cash_left: npt.NDArray[np.int64]

    def without(self, arrays: Arrays) -> Arrays:
        """Return the program without these rows."""
        keep = np.ones(arrays.row_count, dtype=bool)
        keep[self.rows] = False
        return arrays.with_rows_kept(keep)

    def completed(self, arrays: Arrays, x: Floats) -> Floats:
        """Return a point with the cash left that follows from its spending, period by period, but not below zero."""
        point = x.copy()
        point[self.cash_left] = 0.0
        for row, column in zip(self.rows, self.cash_left, strict=False):
            index, value = _entries(arrays, int(row))
            share = float(value[index == column].sum())
            point[column] = max(0.0, (float(arrays.row_upper[row]) - float(value @ point[index])) / share)
        return point

    def new_rows(self, arrays: Arrays) -> list[NewRow]:
        """Return these rows, to be added to a program that was made without them."""
        return [
            NewRow(arrays.rows[row], *_entries(arrays, int(row)), float(arrays.row_lower[row]), arrays.row_upper[row])
            for row in self.rows
        ]


def budget_rows(arrays: Arrays) -> BudgetRows | None:
    """Return the budget rows of a program; None if it has none."""
    held_back = [(place, row) for place, row in enumerate(arrays.rows) if row.constraint.held_back]
    if not held_back:
        return None
    column = ColumnIndex(arrays.columns)
    yearly = sorted(
        (row.key, place, column[row.constraint.slack][row.key])
        for place, row in held_back
        if row.constraint.slack is not None
    )
    envelopes = [place for place, row in held_back if row.constraint.slack is None]
    return BudgetRows(
        np.array([place for _, place, _ in yearly] + envelopes, dtype=np.int64),
        np.array([slack for _, _, slack in yearly], dtype=np.int64),
    )


def _entries(arrays: Arrays, row: int) -> tuple[npt.NDArray[np.int32], Floats]:
    begin, end = arrays.matrix.indptr[row], arrays.matrix.indptr[row + 1]
    return arrays.matrix.indices[begin:end].astype(np.int32), arrays.matrix.data[begin:end]
