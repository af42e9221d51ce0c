"""The mixed-integer program that the pipeline solves: arrays, and what separation and heuristics need to know of it."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from planner.redundancy.network import Cut, Network
from planner.redundancy.separate import ALLOWED, Allowed, violated_cuts
from planner.redundancy.symbols import COVERABLE, COVERABLE_SUM, CUT
from planner.solve.arrays import INFINITY, Arrays, Floats, Ints, NewRow
from planner.solve.relief import Relief, Soft
from planner.symbols import NUMBER, Column, Constraint, Row, rows_of
from planner.units import Units

LINK = Constraint[int](
    "demand_link", (NUMBER,), "value of one more unit of compute served by a site that is not open", "demand"
)


@dataclass(frozen=True, slots=True)
class Links:
    """Links ``served <= demand x open`` between columns of served compute and of site openings.

    Attributes
    ----------
    served, opened : array of int
        Columns.
    demand : array
        Compute.
    balance : array of int
        A number for the market, workload and period of each served column.
    """

    served: npt.NDArray[np.int64]
    opened: npt.NDArray[np.int64]
    demand: Floats
    balance: npt.NDArray[np.int64]

    def violated(self, x: Floats, most: int) -> list[NewRow]:
        """Return the rows that a point violates most, as rows to add."""
        lacking = self._lacking(x)
        worst = np.argsort(-lacking, kind="stable")[:most]
        return self._rows(worst[lacking[worst] > 0.0])

    def nearest(self, x: Floats, reduced_cost: Floats, count: int) -> list[NewRow]:
        """Return the rows that a point violates, and for each of their demands those of the cheapest sites."""
        lacking = self._lacking(x) > 0.0
        order = np.lexsort((reduced_cost[self.served], self.balance))
        balance = self.balance[order]
        rank = np.arange(len(order)) - np.searchsorted(balance, balance, side="left")
        near = np.zeros(len(order), dtype=bool)
        near[order[rank < count]] = True
        return self._rows(np.flatnonzero(lacking | (near & np.isin(self.balance, self.balance[lacking]))))

    def _lacking(self, x: Floats) -> Floats:
        """Return by how much a point violates each row; 0 within the tolerance."""
        lacking = x[self.served] - self.demand * x[self.opened]
        return np.where(lacking > 1e-6 * np.maximum(1.0, self.demand), lacking, 0.0)

    def _rows(self, chosen: npt.NDArray[np.int64]) -> list[NewRow]:
        return [
            NewRow(
                Row(LINK, int(n)),
                np.array([self.served[n], self.opened[n]], dtype=np.int32),
                np.array([1.0, -self.demand[n]]),
                -INFINITY,
                0.0,
            )
            for n in chosen
        ]


@dataclass(frozen=True, slots=True)
class MixedIntegerProgram:
    """A compiled program with its redundancy network: plain data that can be sent to another process.

    Attributes
    ----------
    arrays : Arrays
    network : Network or None
        None without redundancy rules.
    installed : array (periods, units) of int
        Column of the installed capacity of each unit; -1 where there is none.
    coverable : mapping of (weights, period) to int
        Column of the coverable compute of each group of demands that has a cut.
    unserved : array of int
        Columns of unserved demand.
    unserved_weight : array
        Years that one unit of each of them counts.
    serve_first : bool
        Whether unserved demand is minimised before cost.
    relief : Relief or None
        What it is given if nothing missing is impossible.
    soft : Soft or None
        What lowers the critical demand of its redundancy rules.
    elastic : bool
        Whether whatever is missing has a price, so that nearly any choice of the integer variables can be completed.
    plan_first : bool
        Of an elastic program: whether a plan within the gap is all that is asked for, and its bound no more than that.
    period : array of int
        Period of the integer variables that belong to one period; -1 for all other columns.
    group : array of int
        A number for what the same variables are about (offer and role; rule and campus); -1 for all other columns.
    site : array of int or None
        A number for the site that a column is of; -1 for all other columns. None: not known.
    least : float
        Lower bound on the objective that is proven before the program is solved; -inf: none.
    links : Links
        Rows ``served <= demand x open``: implied by the other rows in integer solutions, not in the LP relaxation.
    units : Units
        Units of compute and money that suit the solver's tolerances.
    """

    arrays: Arrays
    network: Network | None
    installed: npt.NDArray[np.int64]
    coverable: dict[tuple[tuple[float, ...], int], int]
    unserved: npt.NDArray[np.int64]
    unserved_weight: Floats
    serve_first: bool
    period: npt.NDArray[np.int64]
    group: npt.NDArray[np.int64]
    links: "Links"
    units: Units
    relief: Relief | None = None
    soft: Soft | None = None
    elastic: bool = False
    plan_first: bool = False
    site: npt.NDArray[np.int64] | None = None
    least: float = -INFINITY

    def with_arrays(self, arrays: Arrays) -> "MixedIntegerProgram":
        """Return the program with other arrays (bounds, cost or rows changed; columns in the same places)."""
        return replace(self, arrays=arrays)

    def installed_gw(self, x: Floats) -> Floats:
        """Return the installed IT GW of every unit and period at a point."""
        return np.where(self.installed >= 0, x[np.maximum(self.installed, 0)], 0.0)

    @property
    def may_be_short(self) -> bool:
        """Return whether a redundancy rule may have shortfalls."""
        return self.soft is not None and bool((self.soft.short >= 0).any())

    def network_at(self, x: Floats) -> Network | None:
        """Return the network with the critical demand that a point has: of what it serves, less what it is short of."""
        return self.network if self.network is None or self.soft is None else self.soft.at(self.network, x)

    def violated_cuts(self, x: Floats, allowed: Allowed = ALLOWED) -> list[Cut]:
        """Return the redundancy cuts that a point violates."""
        network = self.network_at(x)
        return [] if network is None else violated_cuts(network, self.installed_gw(x), allowed)

    def relieved(self) -> "MixedIntegerProgram":
        """Return the program with its relief: something may be missing, and cuts ask only for what is then critical."""
        relief = self.relief
        if relief is None:
            return self
        mip = replace(
            self,
            arrays=relief.added_to(self.arrays),
            relief=None,
            period=np.concatenate([self.period, np.full(len(relief.columns), -1, dtype=np.int64)]),
            group=np.concatenate([self.group, np.full(len(relief.columns), -1, dtype=np.int64)]),
        )
        return mip if relief.soft is None else mip._softened(relief.soft)

    def cuts_since(self, earlier: "MixedIntegerProgram") -> list[Cut]:
        """Return the redundancy cuts that this program has beyond those of an earlier one that it grew from."""
        known = earlier.arrays.row_count
        return [cut for place, cut in self.cuts() if place >= known]

    def cuts(self) -> list[tuple[int, Cut]]:
        """Return its redundancy cuts with their places among the rows."""
        weights_of = {column: weights for (weights, _), column in self.coverable.items()}
        matrix, found = self.arrays.matrix, []
        for place, (rule, lost, t, _) in rows_of(CUT, self.arrays.rows):
            index = matrix.indices[matrix.indptr[place] : matrix.indptr[place + 1]]
            found.append((place, Cut(rule, t, lost, next(weights_of[int(j)] for j in index if int(j) in weights_of))))
        return found

    def hardened(self) -> "MixedIntegerProgram":
        """Return the program with all demand critical, whatever is served, and nothing missing at a price."""
        matrix, upper = self.arrays.matrix.copy(), self.arrays.upper.copy()
        if self.soft is not None:
            upper[self.soft.short[self.soft.short >= 0]] = 0.0
        for place, _ in self.cuts():
            there = slice(matrix.indptr[place], matrix.indptr[place + 1])
            matrix.data[there] = np.where(np.isin(matrix.indices[there], self.unserved), 0.0, matrix.data[there])
        return replace(self, arrays=replace(self.arrays, matrix=matrix, upper=upper), relief=None, soft=None)

    def _softened(self, soft: Soft) -> "MixedIntegerProgram":
        """Return the program with cuts that ask only for what is still critical; columns that they have stay."""
        width, cuts = self.arrays.column_count, self.cuts()
        if not cuts:
            return replace(self, soft=soft)
        row, column, value = soft.entries_of([cut for _, cut in cuts])
        places = np.array([place for place, _ in cuts])
        row, present = places[row], self.arrays.matrix[places]
        known = np.repeat(places, np.diff(present.indptr)) * width + present.indices
        new = ~np.isin(row * width + column, known)
        arrays = self.arrays.with_entries(row[new], column[new], value[new])
        return replace(self, arrays=arrays, soft=soft)

    def with_rows(self, rows: list[NewRow]) -> "MixedIntegerProgram":
        """Return the program with more rows."""
        return replace(self, arrays=self.arrays.extended([], rows))

    def with_cuts(self, cuts: list[Cut]) -> tuple["MixedIntegerProgram", int, list[NewRow]]:
        """Return the program with more redundancy cuts, the number of new columns, and the new rows in order."""
        network = self.network
        assert network is not None  # only a network gives cuts
        coverable = dict(self.coverable)
        width = self.arrays.column_count
        number = sum(row.constraint == CUT for row in self.arrays.rows)
        new_columns: list[Column] = []
        rows: list[NewRow] = []
        for cut in cuts:
            coefficients = network.in_period(cut.period).coefficients(np.array(cut.weights))
            columns = self.installed[cut.period]
            group = (cut.weights, cut.period)
            if group not in coverable:
                coverable[group] = width + len(new_columns)
                new_columns.append(Column(COVERABLE, len(coverable)))
                used = (columns >= 0) & (coefficients > 0.0)
                rows.append(
                    _row(
                        Row(COVERABLE_SUM, len(coverable)),
                        coverable[group],
                        columns[used],
                        coefficients[used],
                        0.0,
                        0.0,
                    )
                )
            lost = network.lost_units(cut.rule, cut.lost) & (columns >= 0) & (coefficients > 0.0)
            need = cut.need_compute(network)
            number += 1
            row = _row(
                Row(CUT, (cut.rule, cut.lost, cut.period, number)),
                coverable[group],
                columns[lost],
                coefficients[lost],
                need,
                INFINITY,
            )
            rows.append(row if self.soft is None else _with_entries(row, *self.soft.entries(cut)))
        arrays = self.arrays.extended(new_columns, rows)
        none = np.full(len(new_columns), -1, dtype=np.int64)
        wider = replace(
            self,
            arrays=arrays,
            coverable=coverable,
            period=np.concatenate([self.period, none]),
            group=np.concatenate([self.group, none]),
        )
        return wider, len(new_columns), rows


def _row(key: Row, total: int, columns: npt.NDArray[np.int64], coefficients: Floats, low: float, up: float) -> NewRow:
    index = np.concatenate([[total], columns]).astype(np.int32)
    return NewRow(key, index, np.concatenate([[1.0], -coefficients]), low, up)


def _with_entries(row: NewRow, columns: Ints, values: Floats) -> NewRow:
    return replace(
        row,
        index=np.concatenate([row.index, columns]).astype(np.int32),
        value=np.concatenate([row.value, values]),
    )
