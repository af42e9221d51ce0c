r"""A two-stage program as arrays: columns of the first stage, and a block for each scenario that is linked to them.

.. math:: \min_{n, x} \; c^T n + \sum_s p_s C_s(x_s), \qquad
          \underline{l}_s \le L_s x_s + T_s n \le \overline{l}_s, \qquad \underline{a}_s \le A_s x_s \le \overline{a}_s

With a measure of risk (docs/uncertainty.md) the sum over the scenarios is
:math:`(1 - w) \sum_s p_s C_s + w (\eta + \sum_s p_s z_s / (1 - \alpha))`, with :math:`z_s \ge C_s - \eta`,
:math:`z_s \ge 0`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from planner.solve.arrays import INFINITY, Arrays, Floats
from planner.symbols import NUMBER, Column, Constraint, Row, Variable
from planner.uncertainty.measure import Measure

Bools = npt.NDArray[np.bool_]
FIRST = Variable[int]("first_stage", (NUMBER,), meaning="decision of the first stage", family="uncertainty")
COPY = Variable[tuple[int, int]]("of_scenario", ("scenario", NUMBER), meaning="column of a scenario")
LEVEL = Variable[None]("value_at_risk", unit="$B", meaning="cost that the tail of the distribution begins with")
BEYOND = Variable[int]("beyond_value_at_risk", ("scenario",), "$B", "cost of a scenario beyond the value at risk")
LINK = Constraint[tuple[int, int]](
    "uncertainty_link", ("scenario", NUMBER), "value of one more unit decided in the first stage", "uncertainty"
)
OWN = Constraint[tuple[int, int]]("uncertainty_scenario", ("scenario", NUMBER), family="uncertainty")
TAIL = Constraint[int]("uncertainty_tail", ("scenario",), family="uncertainty")
FIRST_ROW = Constraint[int]("uncertainty_first", (NUMBER,), family="uncertainty")


@dataclass(frozen=True, slots=True)
class FirstStage:
    """The columns that all scenarios share, and rows among them alone.

    Attributes
    ----------
    cost, lower, upper : array
    integer : array of bool
    matrix : sparse array (rows, columns)
    row_lower, row_upper : array
    """

    cost: Floats
    lower: Floats
    upper: Floats
    integer: Bools
    matrix: sparse.csr_array
    row_lower: Floats
    row_upper: Floats

    @classmethod
    def free(cls, upper: Floats, integer: Bools) -> "FirstStage":
        """Return columns from zero to ``upper`` without cost and without rows of their own."""
        none = np.zeros(0)
        matrix = sparse.csr_array((0, len(upper)))
        return cls(np.zeros(len(upper)), np.zeros(len(upper)), upper, integer, matrix, none, none)

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.cost)


@dataclass(frozen=True, slots=True)
class Block:
    """The program of one scenario, and its rows with the first stage.

    Attributes
    ----------
    probability : float
    arrays : Arrays
        Its own columns, rows and cost.
    own : sparse array (links, columns of the block)
    first : sparse array (links, columns of the first stage)
    lower, upper : array
        ``lower <= own @ x + first @ n <= upper``.
    """

    probability: float
    arrays: Arrays
    own: sparse.csr_array
    first: sparse.csr_array
    lower: Floats
    upper: Floats

    def given(self, n: Floats) -> Arrays:
        """Return the program of the scenario with the first stage decided: the recourse."""
        arrays, known = self.arrays, self.first @ n
        rows = tuple(Row(LINK, (0, i)) for i in range(len(self.lower)))
        return replace(
            arrays,
            matrix=sparse.csr_array(sparse.vstack([arrays.matrix, self.own])),
            row_lower=np.concatenate([arrays.row_lower, self.lower - known]),
            row_upper=np.concatenate([arrays.row_upper, self.upper - known]),
            rows=(*arrays.rows, *rows),
        )

    def widened(self, arrays: Arrays) -> "Block":
        """Return the block with other arrays, whose further columns are in no link."""
        shape = (self.own.shape[0], arrays.column_count)
        own = sparse.csr_array((self.own.data, self.own.indices, self.own.indptr), shape)
        return replace(self, arrays=arrays, own=own)


@dataclass(frozen=True, slots=True)
class WrittenOut:
    """Several scenarios next to each other as one program, and where the parts of a point are.

    Attributes
    ----------
    arrays : Arrays
    first : int
        Number of columns of the first stage, which come first.
    begins : tuple of int
        First column of each scenario, and the number of all columns last.
    """

    arrays: Arrays
    first: int
    begins: tuple[int, ...]

    def of_scenario(self, x: Floats, s: int) -> Floats:
        """Return the part of a point that is of a scenario."""
        return x[self.begins[s] : self.begins[s + 1]]

    def first_integer(self) -> Arrays:
        """Return the program in which only the columns of the first stage are integer: a relaxation."""
        integer = self.arrays.integer.copy()
        integer[self.first :] = False
        return replace(self.arrays, integer=integer, implied=np.zeros_like(integer), declared=integer)


def written_out(
    first: FirstStage,
    blocks: Sequence[Block],
    measure: Measure,
    multiplier: Floats | None = None,
    level: tuple[float, float] = (-INFINITY, INFINITY),
) -> WrittenOut:
    """Put the programs of scenarios next to each other, with the columns of the first stage shared.

    Parameters
    ----------
    first : FirstStage
    blocks : sequence of Block
        Their probabilities are taken as shares of their sum.
    measure : Measure
    multiplier : array or None
        Prices of the columns of the first stage, and of the value at risk last where there is one; None: none.
    level : tuple of float
        Bounds of the value at risk.
    """
    share = np.array([block.probability for block in blocks])
    share = share / share.sum()
    tail, width = measure.has_tail, first.width
    sides = [_shared(first, measure, share, multiplier, level)]
    sides += [
        _of_block(s, block, float(p) * (1.0 - measure.tail_weight))
        for s, (block, p) in enumerate(zip(blocks, share, strict=True))
    ]
    begins = tuple(int(place) for place in np.cumsum([len(side.cost) for side in sides]))
    parts = [_Part.of_first(first)]
    for s, block in enumerate(blocks):
        parts += _parts(s, block, begins[s], width, tail=tail)
    offset = (1.0 - measure.tail_weight) * float(share @ np.array([block.arrays.offset for block in blocks]))
    arrays = Arrays(
        cost=np.concatenate([side.cost for side in sides]),
        offset=offset,
        lower=np.concatenate([side.lower for side in sides]),
        upper=np.concatenate([side.upper for side in sides]),
        integer=np.concatenate([side.integer for side in sides]),
        implied=np.concatenate([side.implied for side in sides]),
        declared=np.concatenate([side.declared for side in sides]),
        matrix=_stacked(parts, begins[-1]),
        row_lower=np.concatenate([part.lower for part in parts]),
        row_upper=np.concatenate([part.upper for part in parts]),
        columns=tuple(column for side in sides for column in side.columns),
        rows=tuple(row for part in parts for row in part.rows),
    )
    return WrittenOut(arrays, width, begins)


@dataclass(frozen=True, slots=True)
class _Side:
    """Columns of the full program: those that are shared, or those of a scenario."""

    cost: Floats
    lower: Floats
    upper: Floats
    integer: Bools
    implied: Bools
    declared: Bools
    columns: tuple[Column, ...]


def _shared(
    first: FirstStage, measure: Measure, share: Floats, multiplier: Floats | None, level: tuple[float, float]
) -> _Side:
    """The columns of the first stage and, with a tail, the value at risk and what each scenario costs beyond it."""
    width, count = first.width, len(share)
    price = np.zeros(width + 1) if multiplier is None else multiplier
    columns: list[Column] = [Column(FIRST, j) for j in range(width)]
    cost, lower, upper, whole = first.cost + price[:width], first.lower, first.upper, first.integer
    if measure.has_tail:
        beyond = measure.weight * share / (1.0 - measure.level)
        cost = np.concatenate([cost, [measure.weight + price[width]], beyond])
        lower = np.concatenate([lower, [level[0]], np.zeros(count)])
        upper = np.concatenate([upper, [level[1]], np.full(count, INFINITY)])
        whole = np.concatenate([whole, np.zeros(1 + count, dtype=bool)])
        columns += [Column(LEVEL), *(Column(BEYOND, s) for s in range(count))]
    return _Side(cost, lower, upper, whole, np.zeros(len(whole), dtype=bool), whole, tuple(columns))


def _of_block(s: int, block: Block, weight: float) -> _Side:
    """The columns of a scenario, whose cost counts by a weight."""
    arrays = block.arrays
    columns = tuple(Column(COPY, (s, j)) for j in range(arrays.column_count))
    return _Side(
        weight * arrays.cost, arrays.lower, arrays.upper, arrays.integer, arrays.implied, arrays.declared, columns
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """Rows of the full program, as pieces with the column at which each begins."""

    pieces: tuple[tuple[sparse.csr_array, int], ...]
    lower: Floats
    upper: Floats
    rows: tuple[Row, ...]

    @classmethod
    def of_first(cls, first: FirstStage) -> "_Part":
        rows = tuple(Row(FIRST_ROW, i) for i in range(len(first.row_lower)))
        return cls(((first.matrix, 0),), first.row_lower, first.row_upper, rows)


def _parts(s: int, block: Block, begin: int, width: int, *, tail: bool) -> list[_Part]:
    """The rows of a scenario: its own, those with the first stage, and that of the tail."""
    arrays = block.arrays
    own_rows = tuple(Row(OWN, (s, i)) for i in range(arrays.row_count))
    links = tuple(Row(LINK, (s, i)) for i in range(len(block.lower)))
    parts = [
        _Part(((arrays.matrix, begin),), arrays.row_lower, arrays.row_upper, own_rows),
        _Part(((block.first, 0), (block.own, begin)), block.lower, block.upper, links),
    ]
    if tail:
        minus, cost = sparse.csr_array([[-1.0]]), sparse.csr_array(arrays.cost[None, :])
        row = ((minus, width), (minus, width + 1 + s), (cost, begin))
        parts.append(_Part(row, np.array([-INFINITY]), np.array([-arrays.offset]), (Row(TAIL, s),)))
    return parts


def _stacked(parts: Sequence[_Part], width: int) -> sparse.csr_array:
    row: list[npt.NDArray[np.int64]] = []
    column: list[npt.NDArray[np.int64]] = []
    value: list[Floats] = []
    height = 0
    for part in parts:
        for matrix, begin in part.pieces:
            entries = matrix.tocoo()
            row.append(entries.row.astype(np.int64) + height)
            column.append(entries.col.astype(np.int64) + begin)
            value.append(entries.data)
        height += len(part.lower)
    made = sparse.coo_array((np.concatenate(value), (np.concatenate(row), np.concatenate(column))), (height, width))
    return sparse.csr_array(made)
