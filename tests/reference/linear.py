"""Linear expressions and a mixed-integer program over them: what the second formulation stands on."""

from dataclasses import dataclass, field
from typing import Self

import highspy
import numpy as np

INFINITY = float("inf")
SLACK = 1e-9
"""By how much a row without a variable may be missed: the rounding of sums of constants."""


OPTIONS: dict[str, bool | int | float | str] = {
    "output_flag": False,
    "threads": 1,
    "time_limit": 120.0,
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 0.0,
    "mip_feasibility_tolerance": 1e-7,
    "primal_feasibility_tolerance": 1e-8,
    "dual_feasibility_tolerance": 1e-8,
}


class Lin:
    """A linear expression: coefficients by column, and a constant."""

    __slots__ = ("constant", "terms")

    def __init__(self, constant: float = 0.0, terms: dict[int, float] | None = None) -> None:
        self.constant = constant
        self.terms = dict(terms or {})

    def __iadd__(self, other: "Lin | float") -> Self:
        if not isinstance(other, Lin):
            self.constant += other
            return self
        self.constant += other.constant
        for column, coefficient in other.terms.items():
            self.terms[column] = self.terms.get(column, 0.0) + coefficient
        return self

    def __add__(self, other: "Lin | float") -> "Lin":
        total = Lin(self.constant, self.terms)
        total += other
        return total

    __radd__ = __add__

    def __mul__(self, factor: float) -> "Lin":
        return Lin(self.constant * factor, {column: c * factor for column, c in self.terms.items()})

    __rmul__ = __mul__

    def __neg__(self) -> "Lin":
        return self * -1.0

    def __sub__(self, other: "Lin | float") -> "Lin":
        return self + other * -1.0

    def value(self, x: np.ndarray) -> float:
        """The value at a point."""
        return self.constant + sum(c * float(x[column]) for column, c in self.terms.items())


def total(parts: "list[Lin]") -> Lin:
    """The sum of expressions."""
    found = Lin()
    for part in parts:
        found += part
    return found


@dataclass
class Mip:
    """Columns and rows, collected one by one."""

    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    integer: list[bool] = field(default_factory=list)
    rows: list[tuple[Lin, float, float]] = field(default_factory=list)

    def column(self, upper: float = INFINITY, *, integer: bool = False) -> Lin:
        """A new column that is not negative."""
        self.lower.append(0.0)
        self.upper.append(upper)
        self.integer.append(integer)
        return Lin(0.0, {len(self.lower) - 1: 1.0})

    def at_most(self, left: Lin, right: "Lin | float") -> None:
        """Ask for ``left <= right``."""
        self.rows.append((left - right, -INFINITY, 0.0))

    def equal(self, left: Lin, right: "Lin | float") -> None:
        """Ask for ``left == right``."""
        self.rows.append((left - right, 0.0, 0.0))

    def minimum(self, cost: Lin, *, twice: bool = True) -> np.ndarray | None:
        """The point of least cost, the integers whole; None where there is none.

        Solved twice, with presolve and without, or without alone.

        Raises
        ------
        RuntimeError
            If the solver ends without a proof.
        """
        if any(
            not low - SLACK <= row.constant <= high + SLACK
            for row, low, high in self.rows
            if not any(row.terms.values())
        ):
            return None
        # Two runs: HiGHS 1.15.1 now and then calls plans optimal that are not, depending on its presolve and seed.
        points = [
            self._held(cost, self._run(cost, self.lower, self.upper, presolve=on))
            for on in ((True, False) if twice else (False,))
        ]
        return min((x for x in points if x is not None), key=cost.value, default=None)

    def _held(self, cost: Lin, x: np.ndarray | None) -> np.ndarray | None:
        """The best point with the integers of another, rounded."""
        if x is None or not any(self.integer):
            return x
        whole = [round(float(v)) if i else None for v, i in zip(x, self.integer, strict=True)]
        lower = [low if w is None else float(w) for low, w in zip(self.lower, whole, strict=True)]
        upper = [up if w is None else float(w) for up, w in zip(self.upper, whole, strict=True)]
        return self._run(cost, lower, upper, whole=False)

    def _run(
        self, cost: Lin, lower: list[float], upper: list[float], *, whole: bool = True, presolve: bool = True
    ) -> np.ndarray | None:
        lp = self._model(cost, lower, upper)
        if whole and any(self.integer):
            kinds = highspy.HighsVarType
            lp.integrality_ = [kinds.kInteger if i else kinds.kContinuous for i in self.integer]
        highs = highspy.Highs()
        options = {**OPTIONS, "presolve": "on" if presolve else "off"}
        for name, value in options.items():
            highs.setOptionValue(name, value)
        highs.passModel(lp)
        highs.run()
        status = highs.getModelStatus()
        if status == highspy.HighsModelStatus.kOptimal:
            return np.array(highs.getSolution().col_value)
        if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
            return None
        raise RuntimeError(f"the solver of the second formulation ended with {status}")

    def _model(self, cost: Lin, lower: list[float], upper: list[float]) -> highspy.HighsLp:
        starts, index, values, low, high = [0], [], [], [], []
        for row, least, most in self.rows:
            used = [(column, c) for column, c in row.terms.items() if c != 0.0]
            if not used:
                continue
            index += [column for column, _ in used]
            values += [c for _, c in used]
            starts.append(len(index))
            low.append(least - row.constant)
            high.append(most - row.constant)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(lower), len(low)
        costs = np.zeros(len(lower))
        for column, c in cost.terms.items():
            costs[column] = c
        lp.col_cost_, lp.offset_ = costs, cost.constant
        lp.col_lower_, lp.col_upper_ = np.array(lower), np.array(upper)
        lp.row_lower_, lp.row_upper_ = np.array(low), np.array(high)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_, lp.a_matrix_.index_ = np.array(starts, dtype=np.int32), np.array(index, dtype=np.int32)
        lp.a_matrix_.value_ = np.array(values)
        return lp
