"""The program as sparse arrays, as it is handed to the solver."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from planner.symbols import Column, Row, packed, unpacked

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

INFINITY = float("inf")


@dataclass(frozen=True, slots=True)
class Arrays:
    """Minimise ``offset + cost @ x`` with ``row_lower <= A x <= row_upper`` and ``lower <= x <= upper``.

    ``A`` is stored by rows. ``implied`` marks columns that are integer whenever all of ``declared`` are. Columns and
    rows have records of what they are, for messages and for mapping values back (`planner.symbols`).
    """

    cost: Floats
    offset: float
    lower: Floats
    upper: Floats
    integer: npt.NDArray[np.bool_]
    implied: npt.NDArray[np.bool_]
    declared: npt.NDArray[np.bool_]
    matrix: sparse.csr_array
    row_lower: Floats
    row_upper: Floats
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    def __getstate__(self) -> dict[str, object]:
        """What is sent to another process: columns and rows packed."""
        state = {name: getattr(self, name) for name in self.__slots__}
        return state | {"columns": packed(self.columns), "rows": packed(self.rows)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take what was sent."""
        entries = {"columns": unpacked(Column, state["columns"]), "rows": unpacked(Row, state["rows"])}
        for name, value in (state | entries).items():
            object.__setattr__(self, name, value)

    @property
    def column_count(self) -> int:
        """Number of variables."""
        return len(self.cost)

    @property
    def row_count(self) -> int:
        """Number of constraints."""
        return len(self.row_lower)

    def objective(self, x: Floats) -> float:
        """Return the objective of a point."""
        return float(self.offset + self.cost @ x)

    def turnover(self, x: Floats) -> float:
        """Return the sizes of all parts of the objective of a point, added up."""
        return abs(self.offset) + float(np.abs(self.cost) @ np.abs(x))

    def earners(self, direction: Floats, most: int = 3) -> str:
        """Return the names of the columns whose cost falls most along a direction."""
        saving = -self.cost * direction
        best = [j for j in np.argsort(-saving, kind="stable")[:most] if saving[j] > 0.0]
        return ", ".join(str(self.columns[j]) for j in best)

    def row_scale(self) -> Floats:
        """Return what violations of rows are relative to: 1 plus the absolute value of the smaller side."""
        scale = 1.0 + np.minimum(np.abs(self.row_lower), np.abs(self.row_upper))
        scale[~np.isfinite(scale)] = 1.0
        return scale

    def worst_violation(self, x: Floats, rows: npt.NDArray[np.int64] | None = None) -> float:
        """Return the largest violation by a point, of some rows, or of all rows, bounds and integrality.

        Violations of rows are relative to ``row_scale``.
        """
        matrix, low, up, scale = self.matrix, self.row_lower, self.row_upper, self.row_scale()
        if rows is not None:
            matrix, low, up, scale = matrix[rows], low[rows], up[rows], scale[rows]
        activity = matrix @ x
        worst = float((np.maximum(low - activity, activity - up) / scale).max(initial=0.0))
        if rows is not None:
            return worst
        bounds = np.maximum(self.lower - x, x - self.upper)
        fraction = np.abs(x - np.round(x))[self.integer]
        return max(worst, float(bounds.max(initial=0.0)), float(fraction.max(initial=0.0)))

    def with_bounds(self, lower: Floats, upper: Floats) -> "Arrays":
        """Return the same program with other bounds."""
        return replace(self, lower=lower, upper=upper)

    def with_integers_at(self, x: Floats) -> "Arrays":
        """Return the same program with integer variables fixed at those of a point, rounded and within their bounds.

        Those that are NaN there, and columns beyond it, stay free; a longer point is cut to the columns there are.
        """
        lower, upper = self.lower.copy(), self.upper.copy()
        both = min(len(x), len(self.integer))
        fixed = np.flatnonzero(self.integer[:both] & np.isfinite(x[:both]))
        lower[fixed] = upper[fixed] = np.clip(np.round(x[fixed]), self.lower[fixed], self.upper[fixed])
        return self.with_bounds(lower, upper)

    def with_cost(self, cost: Floats, offset: float = 0.0) -> "Arrays":
        """Return the same constraints with another objective."""
        return replace(self, cost=cost, offset=offset)

    def relaxed(self) -> "Arrays":
        """Return the LP relaxation."""
        return replace(self, integer=np.zeros_like(self.integer))

    def with_entries(self, row: Ints, column: Ints, value: Floats) -> "Arrays":
        """Return the program with amounts added to entries of its matrix."""
        more = sparse.csr_array((value, (row, column)), shape=self.matrix.shape)
        matrix = sparse.csr_array(self.matrix + more)
        matrix.sort_indices()
        return replace(self, matrix=matrix)

    def with_rows_kept(self, keep: npt.NDArray[np.bool_]) -> "Arrays":
        """Return the program with only some of its rows."""
        return replace(
            self,
            matrix=sparse.csr_array(self.matrix[keep]),
            row_lower=self.row_lower[keep],
            row_upper=self.row_upper[keep],
            rows=tuple(key for key, kept in zip(self.rows, keep, strict=True) if kept),
        )

    def with_rows_taken(self, rows: Ints) -> "Arrays":
        """Return the program with some of its rows, in the given order."""
        return replace(
            self,
            matrix=sparse.csr_array(self.matrix[rows]),
            row_lower=self.row_lower[rows],
            row_upper=self.row_upper[rows],
            rows=tuple(self.rows[i] for i in rows),
        )

    def part(self, columns: Ints, rows: Ints) -> "Arrays":
        """Return the program of some columns and rows, in the given order; all other columns are zero."""
        return replace(
            self,
            cost=self.cost[columns],
            lower=self.lower[columns],
            upper=self.upper[columns],
            integer=self.integer[columns],
            implied=self.implied[columns],
            declared=self.declared[columns],
            matrix=sparse.csr_array(self.matrix[rows][:, columns]),
            row_lower=self.row_lower[rows],
            row_upper=self.row_upper[rows],
            columns=tuple(self.columns[j] for j in columns),
            rows=tuple(self.rows[i] for i in rows),
        )

    def extended(self, new_columns: Sequence[Column], rows: Sequence["NewRow"]) -> "Arrays":
        """Return the program with more columns (zero cost, not negative) and more rows."""
        width = self.column_count + len(new_columns)
        wide = sparse.csr_array((self.matrix.data, self.matrix.indices, self.matrix.indptr), (self.row_count, width))
        more = sparse.csr_array(
            (
                np.concatenate([row.value for row in rows] or [np.empty(0)]),
                np.concatenate([row.index for row in rows] or [np.empty(0, dtype=np.int32)]),
                np.concatenate([[0], np.cumsum([len(row.index) for row in rows], dtype=np.int64)]),
            ),
            (len(rows), width),
        )
        extra = len(new_columns)
        return replace(
            self,
            cost=np.concatenate([self.cost, np.zeros(extra)]),
            lower=np.concatenate([self.lower, np.zeros(extra)]),
            upper=np.concatenate([self.upper, np.full(extra, INFINITY)]),
            integer=np.concatenate([self.integer, np.zeros(extra, dtype=bool)]),
            implied=np.concatenate([self.implied, np.zeros(extra, dtype=bool)]),
            declared=np.concatenate([self.declared, np.zeros(extra, dtype=bool)]),
            matrix=sparse.csr_array(sparse.vstack([wide, more])),
            row_lower=np.concatenate([self.row_lower, [row.lower for row in rows]]),
            row_upper=np.concatenate([self.row_upper, [row.upper for row in rows]]),
            columns=(*self.columns, *new_columns),
            rows=(*self.rows, *(row.key for row in rows)),
        )


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row to add to a program: ``lower <= sum(value x column[index]) <= upper``."""

    key: Row
    index: npt.NDArray[np.int32]
    value: Floats
    lower: float
    upper: float


def kernel(arrays: Arrays, point: Floats, reduced_cost: Floats, *, more: float, width: float) -> Arrays:
    """Restrict a program to the integer variables that a point uses and those with the smallest reduced costs.

    Parameters
    ----------
    arrays : Arrays
    point : array
        Such as the optimum of the LP relaxation; may have more entries than the program has columns.
    reduced_cost : array
        Of the LP relaxation; may have fewer entries than the program has columns.
    more : float
        Number of unused integer variables that stay free, smallest reduced cost first, as a multiple of the number
        used; all others are fixed at their lower bounds.
    width : float
        How far, beyond rounding, an integer variable may move from the point.
    """
    x = point[: arrays.column_count]
    lower, upper = arrays.lower.copy(), arrays.upper.copy()
    used = arrays.integer & (x >= arrays.lower + 1e-6)
    unused = np.flatnonzero(arrays.integer & ~used)
    cheapest = np.argsort(reduced_cost[unused], kind="stable")
    taken, left = np.split(unused[cheapest], [min(len(unused), round(more * int(used.sum())))])
    upper[left] = lower[left]
    upper[taken] = np.minimum(upper[taken], lower[taken] + width)
    lower[used] = np.maximum(lower[used], np.floor(x[used]) - width)
    upper[used] = np.minimum(upper[used], np.ceil(x[used]) + width)
    return arrays.with_bounds(lower, upper)


def around(arrays: Arrays, point: Floats, width: float) -> Arrays:
    """Restrict a program to integer variables near their values at a point, unused ones at their lower bounds."""
    return kernel(arrays, point, np.zeros(arrays.column_count), more=0.0, width=width)
