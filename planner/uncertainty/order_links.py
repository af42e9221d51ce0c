"""The rows that link the program of a scenario to the orders of the first stage (docs/uncertainty.md)."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from planner.solve.arrays import Arrays, Floats

ROUNDING_GW = 2e-9
"""IT GW or facility GW (two watts) by which orders that are no whole numbers may differ."""


@dataclass(frozen=True, slots=True)
class Taken:
    """How a scenario takes over an order.

    Attributes
    ----------
    order : int
    period : int or None
        In which it is there, the last part of it where it comes in parts; None: it lapses.
    firm : bool
        Whether all of it is; where the orders are not known, whether all of it is in that period, whatever was ordered.
    amount : float
        How much of it is, where the orders are known.
    parts : tuple of (int, float)
        The same by period.
    """

    order: int
    period: int | None
    firm: bool = True
    amount: float = 0.0
    parts: tuple[tuple[int, float], ...] = ()

    def missing_of(self, ordered: float) -> float:
        """Return what of a known order never comes."""
        return 0.0 if self.firm else ordered - self.amount


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A row ``lower <= sum of columns - sum of orders <= upper``."""

    columns: tuple[int, ...]
    orders: tuple[int, ...]
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class OrderLinks:
    """The rows that link a scenario to the orders, and the columns that nothing was ordered for.

    Attributes
    ----------
    rows : tuple of LinkRow
    closed : tuple of int
        Columns that stay zero: they had to be signed by the decision date, and no order is delivered then.
    taken : tuple of Taken
        One for each order.
    """

    rows: tuple[LinkRow, ...]
    closed: tuple[int, ...]
    taken: tuple[Taken, ...]

    def closing(self, arrays: Arrays) -> Arrays:
        """Return the program with the closed columns at zero."""
        upper = arrays.upper.copy()
        upper[list(self.closed)] = np.maximum(arrays.lower[list(self.closed)], 0.0)
        return arrays.with_bounds(arrays.lower, upper)

    def kept_by(self, point: Floats, orders: Floats) -> bool:
        """Return whether a point starts what these orders deliver, and nothing else that had to be ordered."""
        if not (np.abs(point[list(self.closed)]) <= ROUNDING_GW).all():
            return False
        for row in self.rows:
            started, known = float(point[list(row.columns)].sum()), float(orders[list(row.orders)].sum())
            if not row.lower - ROUNDING_GW <= started - known <= row.upper + ROUNDING_GW:
                return False
        return True

    def matrices(self, width: int, orders: int) -> tuple[sparse.csr_array, sparse.csr_array]:
        """Return the parts of the rows in the columns of the scenario, and in the orders."""
        own = _matrix([row.columns for row in self.rows], 1.0, width)
        return own, _matrix([row.orders for row in self.rows], -1.0, orders)

    @property
    def lower(self) -> Floats:
        """Lower sides of the rows."""
        return np.array([row.lower for row in self.rows])

    @property
    def upper(self) -> Floats:
        """Upper sides of the rows."""
        return np.array([row.upper for row in self.rows])


def _matrix(rows: list[tuple[int, ...]], value: float, width: int) -> sparse.csr_array:
    lengths = [len(row) for row in rows]
    place = np.repeat(np.arange(len(rows)), lengths)
    column = np.array([j for row in rows for j in row], dtype=np.int64)
    return sparse.csr_array((np.full(len(column), value), (place, column)), (len(rows), width))
