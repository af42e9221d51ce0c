"""What the tests of the searches share: states to start from, and the sub-MIPs that a stage makes."""

import numpy as np

from planner.solve.arrays import INFINITY
from planner.solve.highs import SolverResult
from planner.solve.points import offer
from planner.solve.state import State
from planner.solve.sub_mip import SubMip
from tests.solve.tiny import OFFERS, PERIODS, after, offers

INTEGERS = OFFERS + OFFERS * PERIODS
NOTHING = SolverResult("infeasible", None, INFINITY, INFINITY, 0.0)


def recorded(monkeypatch, module, answer=None) -> list[SubMip]:
    """The sub-MIPs that a stage makes; each is answered by nothing, or by what is given."""
    made: list[SubMip] = []

    def solve_sub_mip(state: State, sub: SubMip) -> SolverResult:
        made.append(sub)
        return NOTHING if answer is None else answer(state, sub)

    monkeypatch.setattr(module, "solve_sub_mip", solve_sub_mip)
    return made


def relaxed(seed: int, gap: float = 0.0) -> State:
    """A run whose relaxation is solved."""
    return after(offers(seed).mip, 1, gap)


def with_plan(seed: int, gap: float = 0.0) -> State:
    """A run with the plan that opens nothing, guided by the relaxation."""
    given = offers(seed)
    state = relaxed(seed, gap)
    state.guide = state.relaxation
    x = np.zeros(given.mip.arrays.column_count)
    x[INTEGERS:] = given.demand
    assert offer(state, x)
    return state


def free(sub: SubMip) -> np.ndarray:
    """Which integer variables a sub-MIP leaves free."""
    return sub.arrays.integer & (sub.arrays.lower < sub.arrays.upper)
