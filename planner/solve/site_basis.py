"""A basis for the joint program of chosen sites, put together from those of smaller programs.

A site by itself, solved at the prices of a sample, has a basis of its own rows; the sample has one of the shared rows
and those of its sites. Together they are a basis of the joint program (block triangular), with the duals of both: all
reduced costs have their right sign already, and the dual simplex method only makes up for the larger limits.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from planner.solve.arrays import Ints
from planner.solve.highs import BASIC, NONBASIC, statuses


@dataclass(frozen=True, slots=True)
class Statuses:
    """The status of each column and row of a program by sites; those not known are those of a site without activity.

    Attributes
    ----------
    column, row : array of int
    """

    column: Ints
    row: Ints

    @classmethod
    def unknown(cls, columns: int, rows: int) -> "Statuses":
        """Return those of a program without any activity: every row is basic."""
        return cls(np.full(columns, NONBASIC, dtype=np.int64), np.full(rows, BASIC, dtype=np.int64))

    def take(self, basis: Any, columns: Ints, rows: Ints) -> None:
        """Take the basis of the program of some columns and rows."""
        self.column[columns], self.row[rows] = statuses(basis)

    def balanced(self, columns: Ints, rows: Ints, shared: npt.NDArray[np.bool_]) -> tuple[Ints, Ints]:
        """Return the statuses of some columns and rows, as many of them basic as there are rows.

        Sites of the sample that are left out may have had more or fewer; shared rows make up for it first.

        Parameters
        ----------
        columns, rows : array of int
        shared : array of bool
            Whether each of the rows is shared.

        Examples
        --------
        >>> known = Statuses.unknown(3, 2)
        >>> known.column[0] = BASIC
        >>> column, row = known.balanced(np.arange(3), np.arange(2), np.array([False, True]))
        >>> (column == BASIC).tolist(), (row == BASIC).tolist()
        ([True, False, False], [True, False])
        """
        column, row = self.column[columns], self.row[rows]
        more = len(row) - int((column == BASIC).sum()) - int((row == BASIC).sum())
        wrong = np.flatnonzero((row != BASIC) if more > 0 else (row == BASIC))
        first = wrong[np.argsort(~shared[wrong], kind="stable")][: abs(more)]
        row[first] = BASIC if more > 0 else NONBASIC
        return column, row
