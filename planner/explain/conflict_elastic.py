"""How far a lever must be moved, as the objective of a program: one search gives the least amount, and proves it."""

import time
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from planner.explain.conflict_guided import PRICE, PRICE_OF_ALL, Guide, Led, in_kernels
from planner.explain.conflict_lever import OF_IT, Lever
from planner.explain.conflict_look import FEASIBLE, INFEASIBLE
from planner.explain.conflict_trial import RELATIVE, Amount, Trial, rounded_up, roundest
from planner.explain.conflict_world import LARGE, InForce, World
from planner.solve.arrays import INFINITY, Arrays, Floats, NewRow
from planner.solve.highs import Engine
from planner.solve.linear import solve_by_itself
from planner.solve.mip import MixedIntegerProgram
from planner.solve.settings import PLAN_TOLERANCE
from planner.symbols import Column, Constraint, Row, Variable

AMOUNT = Variable[None]("amount", meaning="how far a lever is moved")
BOUND = Constraint[int]("amount_bound")
MOST_ROUNDS = 100
MOST_NODES = 500
"""Of one search in whole blocks: a number of nodes, unlike a time, is the same in every run."""
SMALLEST = 1e-6
"""Amount below which nothing is moved."""
SAME = 1e-12
"""Difference of two coefficients that is rounding."""
SAME_SIDE = 1e-9
"""Difference of two sides of rows that is rounding."""
ROUND_OFF = 1e-6
"""Share of an amount that may be rounding."""
SLACK = RELATIVE / 20.0
"""Share of a move by which figures are rounded; a bound is lowered by more before it is called not enough."""


def least_by_program(trial: Trial, lever: Lever) -> Amount | float | None:
    """Return the least amount by which a lever must be moved, where it moves the sides of rows and bounds evenly.

    Parameters
    ----------
    trial : Trial
    lever : Lever

    Returns
    -------
    Amount, float or None
        An amount that is proven to be enough in whole blocks (0: nothing is to be moved); a figure: what the relaxation
        needs, if no whole blocks were found within it; infinity: no amount is enough; None where the lever moves more
        than sides and bounds, or nothing was found, or less may be enough because sides move unevenly.
    """
    base = trial.base()
    if base is None:
        return None
    before = len(base.found)
    least = _least_in(trial, lever, base)
    if base is not trial.question.world:
        trial.share(base, before)
    return least


def _least_in(trial: Trial, lever: Lever, base: World) -> Amount | float | None:
    """Return the least amount by which a lever must be moved from a program; see `least_by_program`."""
    search = _Search(trial, lever, base)
    relaxed = search.solve(integer=False)
    if relaxed is None:
        return INFINITY if search.hopeless and search.is_too_little(lever.most) else None
    least = max(0.0, relaxed.bound)
    whole = search.solve(integer=True, least=least)
    enough = None
    if whole is not None:
        if (
            not trial.alone
            and whole.amount < SMALLEST
            and base.with_blocks(whole.x, trial.in_force, trial.until) is not None
        ):
            return Amount(0.0, 0.0, proven=True)
        enough = _in_round_figures(trial, lever, whole, base)
    if whole is None or enough is None:
        return least if least and search.is_too_little(least * (1.0 - RELATIVE)) else None
    below = max(0.0, min(max(whole.bound, least) * (1.0 - RELATIVE / 10.0), enough))
    if not trial.question.large:
        return Amount(enough, below, proven=True) if search.is_too_little(below) else None
    even = search.is_even_to(enough if below >= lever.probe else below)
    return Amount(enough, below if even else 0.0, proven=True)


@dataclass(frozen=True, slots=True)
class _Least:
    """The least amount found, the point that goes with it, and what less cannot be."""

    amount: float
    x: Floats
    bound: float


@dataclass
class _Search:
    """The program whose one objective is how far a lever is moved; it grows with the redundancy cuts it violates.

    It moves the sides of rows along the line through a move of one unit. Figures may have kinks, such as the larger of
    two steps of energisation: what it proves of an amount holds where the case changed so is within that line.
    """

    trial: Trial
    lever: Lever
    base: World
    guide: Guide | None = None
    led: Led | None = None
    hopeless: bool = False
    moved: World | None = None

    def is_even_to(self, amount: float) -> bool:
        """Whether the case changed by an amount allows no more than the line of this program does there.

        Of figures that bend one way only, and an amount of at least one unit, this then holds for all between the two.
        """
        there = self.trial.world(amount) if amount > 0.0 else None
        if there is None or self.moved is None:
            return amount <= 0.0
        for other in (self.moved, there):
            if len(self.base.found) > len(other.found) and other.shares_cuts(self.base):
                other.add(self.base.found[len(other.found) :])
        return _is_within(self.base, self.moved, there, amount / self.lever.probe, self.trial.in_force)

    def is_too_little(self, amount: float) -> bool:
        """Whether an amount that is too little on the line is too little in the case changed so."""
        return self.is_even_to(amount) or self.trial.look(amount, integer=False) == INFEASIBLE

    def solve(self, *, integer: bool, least: float = 0.0) -> _Least | None:
        """Return the least amount, in whole blocks or not; None if there is none, or none was found in time."""
        base = self.base
        unit = self.lever.probe
        for _ in range(MOST_ROUNDS):
            moved = self.moved = self.trial.world(unit)
            if moved is None:
                return None
            if not moved.shares_cuts(base) and (base.found or moved.found):
                return None
            if len(base.found) > len(moved.found):
                moved.add(base.found[len(moved.found) :])
            elastic = _elastic(base, moved, unit, self.lever.most, self.trial.in_force)
            if elastic is None:
                return None
            found = self._least_of(elastic, integer=integer, least=least)
            if found is None:
                return None
            if not base.cut_off(found.x, self.trial.in_force, between(base, moved, found.amount / unit)):
                return found
        return None

    def _least_of(self, elastic: Arrays, *, integer: bool, least: float) -> _Least | None:
        """Return the optimum of the program of a lever, or in whole blocks a point close to it."""
        base = self.base
        width, seconds = base.mip.arrays.column_count, self.trial.until - time.monotonic()
        if seconds <= 0.0:
            return None
        if not integer:
            return self._relaxed(elastic, seconds)
        integers, implied = (np.append(one, False) for one in (base.mip.arrays.integer, base.mip.arrays.implied))
        lower = elastic.lower.copy()
        lower[width] = least * (1.0 - ROUND_OFF)
        whole = replace(elastic, integer=integers, implied=implied, lower=lower)
        if self.guide is not None:
            x = in_kernels(whole, base.mip.arrays.cost, self.guide, RELATIVE, seconds)
            return None if x is None else _Least(float(x[width]), x[:width], least)
        result = Engine(whole).run(gap=2.0 * RELATIVE, time_limit_s=seconds, mip_max_nodes=MOST_NODES)
        if result.x is None or whole.worst_violation(result.x) > PLAN_TOLERANCE:
            return None
        return _Least(float(result.x[width]), result.x[:width], result.bound)

    def _relaxed(self, elastic: Arrays, seconds: float) -> _Least | None:
        """Return the optimum of the relaxation; in large programs the cost leads there sooner."""
        base = self.base
        width = base.mip.arrays.column_count
        if width >= LARGE:
            cost = base.mip.arrays.cost
            price = PRICE_OF_ALL if self.lever.unit == OF_IT else PRICE
            self.led = Led(elastic, cost, price) if self.led is None else self.led.grown(elastic, cost)
            guide = self.led.guide(seconds)
            if isinstance(guide, Guide):
                self.guide = guide
                return _Least(float(guide.x[width]), guide.x[:width], guide.bound)
            self.hopeless = guide == "infeasible"
            if self.hopeless:
                return None
        result = solve_by_itself(elastic, self.trial.until - time.monotonic())
        self.hopeless = result.status == "infeasible"
        if result.status != "optimal" or result.x is None:
            return None
        return _Least(float(result.x[width]), result.x[:width], float(result.x[width]))


def between(base: World, moved: World, share: float) -> MixedIntegerProgram:
    """Return the program of the case with the critical demand that it has where a lever is moved in part."""
    network, other = base.mip.network, moved.mip.network
    if network is None or other is None:
        return base.mip
    rules = tuple(
        replace(rule, critical=np.maximum(0.0, rule.critical + share * (there.critical - rule.critical)))
        for rule, there in zip(network.rules, other.rules, strict=True)
    )
    return replace(base.mip, network=replace(network, rules=rules))


def _in_round_figures(trial: Trial, lever: Lever, found: _Least, base: World) -> float | None:
    """Return an amount in round figures that is proven to be enough: the changed case holds a point."""
    plain = roundest(found.amount * (1.0 - ROUND_OFF), found.amount * (1.0 + RELATIVE / 2.0)) if found.amount else 0.0
    for value in dict.fromkeys((plain, rounded_up(found.amount))):
        if 0.0 < value <= lever.most and _holds(trial, value, found.x, base):
            return value
    value = min(lever.most, rounded_up(found.amount))
    return value if value > 0.0 and trial.look(value, integer=True) == FEASIBLE else None


def _holds(trial: Trial, value: float, x: Floats, base: World) -> bool:
    """Whether the whole blocks of a point meet the changed case: a program made of it anew, and all losses."""
    world = trial.world(value)
    if world is None or world.mip.arrays.columns != base.mip.arrays.columns:
        return False
    return world.with_blocks(x, trial.in_force, trial.until) is not None


def _elastic(base: World, moved: World, unit: float, most: float, in_force: InForce) -> Arrays | None:
    """Return the program whose one objective is how far a lever is moved; None where it moves more than sides."""
    a, b = (world.arrays(in_force, open_all=True) for world in (base, moved))
    if any(map(in_force, (*base.impossible, *moved.impossible))) or not same_shape(a, b):
        return None
    return elastic_between(a, b, unit, most)


def elastic_between(a: Arrays, b: Arrays, unit: float, most: float) -> Arrays | None:
    """Return the program that has a point where a lever is moved by its last column, its one objective.

    Parameters
    ----------
    a, b : Arrays
        The program where the lever is not moved, and where it is moved by a unit: of the same rows and columns.
    unit : float
    most : float
        Largest amount.

    Returns
    -------
    Arrays or None
        None where the lever moves more than sides of rows, upper bounds and links with a decision.
    """
    move = _moves(a, b)
    if move is None:
        return None
    move, width = move / unit, a.column_count
    wide = a.with_cost(np.zeros(width)).relaxed().extended([Column(AMOUNT)], _bounds_rows(a, b, unit))
    rows = np.flatnonzero(move)
    moved_sides = sparse.csr_array((-move[rows], (rows, np.full(len(rows), width))), shape=wide.matrix.shape)
    lower, upper, cost = wide.lower.copy(), wide.upper.copy(), np.zeros(width + 1)
    changed = (a.lower != b.lower) | (a.upper != b.upper)
    lower[:width][changed] = np.minimum(a.lower, b.lower)[changed] * 1.0
    upper[:width][changed & (b.upper > a.upper)] = INFINITY
    upper[width], cost[width] = most, 1.0
    return replace(wide, matrix=sparse.csr_array(wide.matrix + moved_sides), lower=lower, upper=upper).with_cost(cost)


def _moves(a: Arrays, b: Arrays) -> Floats | None:
    """Return by how much the sides of each row move from one program to another; None where more is changed."""
    loosened = _links_moved(a, b)
    if loosened is None:
        return None
    lower_move = np.where(np.isfinite(a.row_lower), b.row_lower - np.where(np.isfinite(a.row_lower), a.row_lower, 0), 0)
    upper_move = np.where(np.isfinite(a.row_upper), b.row_upper - np.where(np.isfinite(a.row_upper), a.row_upper, 0), 0)
    both = np.isfinite(a.row_lower) & np.isfinite(a.row_upper)
    if (np.abs(lower_move - upper_move)[both] > SAME_SIDE).any():
        return None
    moved: Floats = np.where(np.isfinite(a.row_lower), lower_move, upper_move) + loosened
    return moved


def _is_within(base: World, moved: World, there: World, share: float, in_force: InForce) -> bool:
    """Whether a changed program allows no more than the line through another one, ``share`` times as far, does."""
    a, b, c = (world.arrays(in_force, open_all=True) for world in (base, moved, there))
    if any(map(in_force, there.impossible)) or not (same_shape(a, b) and same_shape(a, c)):
        return False
    one, move = _moves(a, b), _moves(a, c)
    if one is None or move is None:
        return False
    line = share * one
    slack = SLACK * np.abs(line) + SAME_SIDE
    too_high = np.isfinite(a.row_upper) & (move > line + slack)
    too_low = np.isfinite(a.row_lower) & (move < line - slack)
    upper, raised = a.upper.copy(), np.isfinite(a.upper) & (b.upper != a.upper)
    upper[raised] += share * (b.upper[raised] - a.upper[raised])
    room = upper + SLACK * np.abs(np.where(raised, upper - np.where(raised, a.upper, 0.0), 0.0)) + SAME_SIDE
    return not (too_high | too_low).any() and bool((c.upper <= room).all())


def same_shape(a: Arrays, b: Arrays) -> bool:
    """Whether two programs have the same rows and columns, with the same sides and lower bounds to them."""
    if a.columns != b.columns or a.rows != b.rows:
        return False
    finite = (np.isfinite(a.row_lower) == np.isfinite(b.row_lower)).all()
    finite &= (np.isfinite(a.row_upper) == np.isfinite(b.row_upper)).all()
    return bool(finite and (a.lower == b.lower).all())


def _links_moved(a: Arrays, b: Arrays) -> Floats | None:
    """Return by how much each row is loosened at most where links with a decision widen; None where more is changed.

    The supply of a chip that must be developed is `use <= supply developed`. Where the supply is higher by an amount,
    this is at most `use <= supply developed + amount`, for `developed` is at most 1. The least amount of that program
    is thus proven to be needed; that it is enough is proven of the changed case itself.
    """
    difference = sparse.coo_array(b.matrix - a.matrix)
    changed = np.abs(difference.data) > SAME
    i, j, by = difference.coords[0][changed], difference.coords[1][changed], difference.data[changed]
    within = (a.lower[j] >= 0.0) & (a.upper[j] <= 1.0)
    up, down = np.isfinite(a.row_upper[i]), np.isfinite(a.row_lower[i])
    if not (within & ((up & ~down & (by < 0.0)) | (down & ~up & (by > 0.0)))).all():
        return None
    loosened = np.zeros(a.row_count)
    np.subtract.at(loosened, i, by)
    return loosened


def _bounds_rows(a: Arrays, b: Arrays, unit: float) -> list[NewRow]:
    """Return rows for the upper bounds of columns that move with the lever."""
    found = []
    for j in np.flatnonzero((a.upper != b.upper) & np.isfinite(a.upper) & np.isfinite(b.upper)):
        slope = (b.upper[j] - a.upper[j]) / unit
        index, value = np.array([j, a.column_count], dtype=np.int32), np.array([1.0, -slope])
        found.append(NewRow(Row(BOUND, int(j)), index, value, -INFINITY, float(a.upper[j])))
    return found
