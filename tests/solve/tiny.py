"""Tiny mixed-integer programs for tests of the pipeline, small enough to know their optimum by enumeration."""

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from scipy import sparse

from planner import Case
from planner.options import SolveOptions
from planner.program import build_program
from planner.redundancy.symbols import CUT
from planner.runs.compile import make_mip
from planner.solve.arrays import INFINITY, Arrays
from planner.solve.mip import Links, MixedIntegerProgram
from planner.solve.pipeline import STAGES
from planner.solve.stage import Stage
from planner.solve.stages.allocation import ALLOCATION
from planner.solve.state import State
from planner.symbols import Column, Constraint, Row, Variable
from planner.units import Units
from tests.solve.test_penalties import costs, draw, mip_of

OFFERS, PERIODS, MOST = 3, 3, 2
OPEN, BLOCKS, UNSERVED = Variable("open"), Variable("blocks"), Variable("unserved")


def arrays_of(cost, matrix, row_lower, row_upper, *, upper=INFINITY, integer=(), offset=0.0) -> Arrays:
    """A program from dense data; columns from 0 on, those named are integer."""
    matrix = np.array(matrix, dtype=float)
    rows, columns = matrix.shape
    marked = np.isin(np.arange(columns), integer)
    return Arrays(
        cost=np.array(cost, dtype=float),
        offset=offset,
        lower=np.zeros(columns),
        upper=np.broadcast_to(np.array(upper, dtype=float), columns).copy(),
        integer=marked,
        implied=np.zeros(columns, dtype=bool),
        declared=marked,
        matrix=sparse.csr_array(matrix),
        row_lower=np.array(row_lower, dtype=float),
        row_upper=np.array(row_upper, dtype=float),
        columns=tuple(Column(Variable("x"), j) for j in range(columns)),
        rows=tuple(Row(Constraint("r"), i) for i in range(rows)),
    )


def mip_with(arrays: Arrays, period=None, group=None) -> MixedIntegerProgram:
    """A program without redundancy rules and links."""
    none = np.full(arrays.column_count, -1, dtype=np.int64)
    empty = np.empty(0, dtype=np.int64)
    return MixedIntegerProgram(
        arrays=arrays,
        network=None,
        installed=np.empty((0, 0), dtype=np.int64),
        coverable={},
        unserved=empty,
        unserved_weight=np.empty(0),
        serve_first=False,
        period=none if period is None else period,
        group=none if group is None else group,
        links=Links(empty, empty, np.empty(0), empty),
        units=Units(),
    )


@dataclass(frozen=True)
class Offers:
    """Offers that are opened for a cost, then give blocks period by period; what they lack is bought dearly."""

    size: np.ndarray
    open_cost: np.ndarray
    block_cost: np.ndarray
    demand: np.ndarray
    price: float = 9.0

    @property
    def mip(self) -> MixedIntegerProgram:
        """Columns: openings, blocks (offer by offer), unserved demand by period."""
        blocks, width = OFFERS * PERIODS, OFFERS + OFFERS * PERIODS + PERIODS
        rows, low, up = [], [], []
        for o, t in product(range(OFFERS), range(PERIODS)):
            row = np.zeros(width)
            row[OFFERS + o * PERIODS + t], row[o] = 1.0, -MOST
            rows, low, up = [*rows, row], [*low, -INFINITY], [*up, 0.0]
        for t in range(PERIODS):
            row = np.zeros(width)
            row[OFFERS + t : OFFERS + blocks : PERIODS] = self.size
            row[OFFERS + blocks + t] = 1.0
            rows, low, up = [*rows, row], [*low, self.demand[t]], [*up, INFINITY]
        cost = np.concatenate([self.open_cost, self.block_cost.ravel(), np.full(PERIODS, self.price)])
        upper = np.concatenate([np.ones(OFFERS), np.full(blocks, MOST), np.full(PERIODS, INFINITY)])
        arrays = arrays_of(cost, rows, low, up, upper=upper, integer=range(OFFERS + blocks), offset=2.0)
        of_period, of_group = np.full(width, -1, dtype=np.int64), np.full(width, -1, dtype=np.int64)
        of_period[OFFERS : OFFERS + blocks] = np.tile(np.arange(PERIODS), OFFERS)
        of_group[OFFERS : OFFERS + blocks] = np.repeat(np.arange(OFFERS), PERIODS)
        return mip_with(arrays, of_period, of_group)

    @property
    def optimum(self) -> float:
        """The least cost of all plans, by enumeration."""
        best = INFINITY
        for opened in product((0, 1), repeat=OFFERS):
            cost = 2.0 + float(self.open_cost @ opened)
            for t in range(PERIODS):
                ranges = [range(MOST * is_open + 1) for is_open in opened]
                cost += min(
                    float(self.block_cost[:, t] @ z) + self.price * max(0.0, self.demand[t] - float(self.size @ z))
                    for z in product(*ranges)
                )
            best = min(best, cost)
        return best


def offers(seed: int) -> Offers:
    """Random offers."""
    rng = np.random.default_rng(seed)
    return Offers(
        size=rng.uniform(1.0, 4.0, OFFERS),
        open_cost=rng.uniform(1.0, 6.0, OFFERS),
        block_cost=rng.uniform(1.0, 8.0, (OFFERS, PERIODS)),
        demand=rng.uniform(2.0, 9.0, PERIODS),
    )


def three_sites() -> MixedIntegerProgram:
    """The case that is worked out on paper, all demand served: its optimum, with redundancy rules, is 4.05."""
    inputs = Case.read("three_sites").inputs
    found = make_mip(build_program(inputs), inputs)
    upper = found.arrays.upper.copy()
    upper[found.unserved] = 0.0
    return replace(found, arrays=found.arrays.with_bounds(found.arrays.lower, upper), serve_first=False)


def without_cuts(mip: MixedIntegerProgram) -> MixedIntegerProgram:
    """A program before any redundancy cut: cuts must be found."""
    return mip.with_arrays(mip.arrays.with_rows_kept(np.array([row.constraint != CUT for row in mip.arrays.rows])))


def allocation(seed: int) -> tuple[MixedIntegerProgram, float]:
    """A site allocation with links between service and opening, and its optimum by enumeration."""
    instance = draw(seed)
    found, scale, _ = mip_of(instance)
    return found, min(costs(instance).values()) / scale


def begin(mip: MixedIntegerProgram, gap: float = 0.0, **more) -> State:
    """A run at its beginning, which nobody stops."""
    return State.beginning(mip, SolveOptions(gap=gap), lambda _progress: False, **more)


def advance(state: State, stage: Stage) -> None:
    """Let a stage work if it has what it needs, whether or not the gap is reached already."""
    if stage.needs <= state.facts():
        with state.at_work(stage.name):
            stage.work(state, stage.limits)


def after(mip: MixedIntegerProgram, count: int, gap: float = 0.0, **more) -> State:
    """A run after so many stages, none skipped because the gap is reached; not `ALLOCATION`, of large programs."""
    state = begin(mip, gap, **more)
    for stage in [stage for stage in STAGES if stage is not ALLOCATION][:count]:
        advance(state, stage)
    return state
