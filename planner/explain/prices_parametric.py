"""The cost of a plan whose integer variables stay, as a function of one figure: its slopes, and how far they hold.

The cost of a linear program is a convex, piecewise linear function of its row bounds. Its slope is that of the duals a
little to the right, and a little to the left: two different numbers at a kink.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from planner.errors import PlannerError
from planner.explain.linear_cuts import solve_with_cuts
from planner.explain.prices import fixed_program
from planner.redundancy.network import Cut, Network
from planner.redundancy.separate import violated_cuts
from planner.solve.arrays import Arrays, Floats
from planner.solve.highs import Engine
from planner.solve.mip import MixedIntegerProgram
from planner.solve.scaling import point_in_units
from planner.symbols import COMPUTE, MONEY
from planner.units import Units, times_ten_to

MOST_ROUNDS = 50
SMALLER = 8.0
MOST_TRIES = 3
MOST_STEPS = 40
CLOSE = 1e-3
WIDE = 1e-2
"""Relative widths to which the end of a price, and of what the decisions bear, are found."""
ROUNDING = 1e-8
"""Share of the cost that two solves may differ by."""
SAME_SLOPE = 1e-5
"""Relative difference of two slopes below which they are the same."""


@dataclass(frozen=True, slots=True)
class Direction:
    """What one more unit of a figure changes: the bounds of rows, and what redundancy rules ask for.

    Attributes
    ----------
    rows : mapping of int to float
        By place in the program of the case: by how much both bounds of the row rise.
    critical : array (rules, periods, demands) or None
        By how much critical compute rises.
    unit : str
        ``$B``, ``compute`` or another: that of all these figures.
    step : float
        A small change of the figure, to begin with.
    most : float
        The largest change that is looked at.
    """

    rows: Mapping[int, float]
    critical: Floats | None = None
    unit: str = ""
    step: float = 1e-3
    most: float = 10.0


@dataclass(frozen=True, slots=True)
class Slope:
    """A slope to one side.

    Attributes
    ----------
    busd : float or None
        $B of present value for each unit of the figure; None: with it, the plan cannot be kept at all.
    until : float or None
        Up to which change of the figure it is that (the end of what is looked at, if it holds that far).
    """

    busd: float | None
    until: float | None = None


@dataclass(slots=True)
class _Value:
    busd: float
    slope: float
    feasible: bool = True


@dataclass(slots=True)
class FixedPlan:
    """A plan whose integer variables stay.

    Attributes
    ----------
    mip : MixedIntegerProgram
        In the units that suit it; grows by the cuts that are needed.
    busd : float
        Its cost with all else at its best.
    """

    mip: MixedIntegerProgram
    busd: float
    _units: Units
    _money: int
    _fixed: Arrays = field(repr=False)
    _row_dual: Floats = field(repr=False)
    _activity: Floats = field(repr=False)
    _engine: Engine | None = None
    _solves: int = 0

    @classmethod
    def of(cls, mip: MixedIntegerProgram, start: Floats) -> "FixedPlan":
        """Fix the integer variables of a program at those of a point, in the units of the case.

        Raises
        ------
        PlannerError
            If they cannot be completed.
        """
        point = point_in_units(mip.arrays, start, Units(-mip.units.compute, -mip.units.money))

        def fixed(grown: MixedIntegerProgram) -> Arrays:
            return fixed_program(grown.arrays, _wide(point, grown.arrays.column_count))

        answer = solve_with_cuts(mip, fixed)
        if answer.x is None or answer.row_dual is None:
            raise PlannerError(
                "prices: the decisions of the plan cannot be kept under the rules of its case, so nothing can be "
                "priced; `planner audit` checks a plan, and one of an earlier version is to be solved again"
            )
        arrays = fixed(answer.mip)
        return cls(
            answer.mip,
            answer.busd(arrays.objective(answer.x)),
            mip.units,
            answer.money,
            arrays,
            answer.row_dual,
            arrays.matrix @ answer.x,
        )

    def slope(self, direction: Direction, side: int) -> Slope:
        """The slope to the right (side 1: one more) or to the left (side -1: one less), as cost for one more unit."""
        if self._is_free(direction, side):
            return Slope(0.0, direction.most)
        step, found = direction.step, None
        for _ in range(MOST_TRIES):
            there = self._at(direction, side * step)
            if there.feasible:
                found = there
                secant = (there.busd - self.busd) / (side * step)
                noise = ROUNDING * max(1.0, abs(self.busd)) / step + SAME_SLOPE * abs(secant)
                if abs(secant - there.slope) <= noise:
                    return Slope(there.slope, self._until(direction, side, there.slope))
            step /= SMALLER
        return Slope(None) if found is None else Slope(found.slope)

    def change(self, direction: Direction) -> float | None:
        """By how much the cost changes with the whole of a change; None if the plan cannot be kept then."""
        if self._is_free(direction, 1):
            return 0.0
        there = self._at(direction, 1.0)
        return there.busd - self.busd if there.feasible else None

    def kept_until(self, direction: Direction, side: int) -> float:
        """How far the figure may go to one side with the decisions kept: the end of what is looked at at most."""
        if self._at(direction, side * direction.most).feasible:
            return direction.most
        good, bad = 0.0, direction.most
        for _ in range(MOST_STEPS):
            if bad - good <= WIDE * bad:
                break
            middle = (good + bad) / 2.0
            if self._at(direction, side * middle).feasible:
                good = middle
            else:
                bad = middle
            if bad <= direction.step * SMALLER**-MOST_TRIES:
                return 0.0
        return good

    def _is_free(self, direction: Direction, side: int) -> bool:
        """Whether no row that changes binds: neither by its dual nor on its side."""
        if direction.critical is not None or not direction.rows:
            return not direction.rows and direction.critical is None
        arrays, size = self._fixed, self._fixed.row_scale()
        for place, coefficient in direction.rows.items():
            tighter = side * coefficient
            slack = (
                self._activity[place] - arrays.row_lower[place]
                if tighter > 0.0
                else arrays.row_upper[place] - self._activity[place]
            )
            if self._row_dual[place] or slack <= 1e-6 * size[place]:
                return False
        return True

    def _until(self, direction: Direction, side: int, slope: float) -> float | None:
        """How far a slope holds: tangents from further out meet its line at the end of it."""
        if not slope:
            return None
        good, bad, far, met = 0.0, direction.most, direction.most, False
        for _ in range(MOST_STEPS):
            there = self._at(direction, side * far)
            line = self.busd + slope * side * far
            noise = ROUNDING * max(1.0, abs(self.busd)) + SAME_SLOPE * abs(slope) * far
            if there.feasible and there.busd - line <= noise:
                if met or far >= direction.most:
                    return far
                good, met = far, False
            else:
                bad, turn = far, there.slope - slope
                met = there.feasible and abs(turn) > SAME_SLOPE * abs(slope)
                if met:
                    tangent = there.busd - there.slope * side * far
                    far = side * (self.busd - tangent) / turn
                    met = good < far < bad
            if bad - good <= CLOSE * bad:
                return good
            far = far if met else (good + bad) / 2.0
        return good

    def _at(self, direction: Direction, theta: float) -> _Value:
        """The cost, and its slope by the duals, with the figure changed by ``theta``."""
        for _ in range(MOST_ROUNDS):
            change = self._change(direction)
            arrays = self._fixed
            if self._engine is None:
                self._engine = Engine(arrays)
            self._engine.set_row_bounds(arrays.row_lower + theta * change, arrays.row_upper + theta * change)
            result = self._engine.run()
            self._solves += 1
            if result.x is None or result.row_dual is None:
                return _Value(float("inf"), 0.0, feasible=False)
            network = self._network(direction, theta, result.x)
            cuts = [] if network is None else violated_cuts(network, self.mip.installed_gw(result.x))
            if not cuts:
                slope = float(result.row_dual @ change)
                return _Value(times_ten_to(result.objective, self._money), times_ten_to(slope, self._money))
            self._grow(cuts)
        raise PlannerError("prices: still violated redundancy cuts after many rounds; please report it")

    def _change(self, direction: Direction) -> Floats:
        """By how much the bounds of each row rise for one unit, in the units of the program."""
        power = {MONEY: -self._units.money, COMPUTE: -self._units.compute}.get(direction.unit, 0)
        change = np.zeros(self.mip.arrays.row_count)
        for place, coefficient in direction.rows.items():
            change[place] = times_ten_to(coefficient, power)
        if direction.critical is not None:
            for place, cut in self.mip.cuts():
                asked = float(direction.critical[cut.rule, cut.period] @ np.array(cut.weights))
                change[place] += times_ten_to(asked, power)
        return change

    def _network(self, direction: Direction, theta: float, x: Floats) -> Network | None:
        network = self.mip.network_at(x)
        if network is None or direction.critical is None:
            return network
        more = theta * 10.0 ** float(-self._units.compute) * direction.critical
        rules = tuple(
            replace(rule, critical=np.maximum(0.0, rule.critical + more[number]))
            for number, rule in enumerate(network.rules)
        )
        return replace(network, rules=rules)

    def _grow(self, cuts: list[Cut]) -> None:
        """Add cuts; what the program asks for without any change decides their right-hand sides."""
        width = self._fixed.column_count
        lower, upper = self._fixed.lower, self._fixed.upper
        self.mip = self.mip.with_cuts(cuts)[0]
        low, up = self.mip.arrays.lower.copy(), self.mip.arrays.upper.copy()
        low[:width], up[:width] = lower, upper
        integer = np.zeros_like(self.mip.arrays.integer)
        rows = self._fixed.row_count
        self._fixed = replace(self.mip.arrays.with_bounds(low, up), integer=integer)
        more = self._fixed.row_count - rows
        self._row_dual = np.concatenate([self._row_dual, np.zeros(more)])
        self._activity = np.concatenate([self._activity, np.full(more, np.inf)])
        self._engine = None


def _wide(point: Floats, count: int) -> Floats:
    return np.concatenate([point, np.zeros(count - len(point))])
