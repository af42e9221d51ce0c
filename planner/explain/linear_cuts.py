"""Linear programs with redundancy cuts: solved until their optimum violates no contingency, with duals."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from planner.errors import NoPlanError, PlannerError
from planner.redundancy.separate import violated_cuts
from planner.solve.arrays import INFINITY, Arrays, Floats
from planner.solve.linear import solve_by_itself
from planner.solve.mip import MixedIntegerProgram
from planner.solve.scaling import cost_exponent, scaled
from planner.units import times_ten_to

MOST_ROUNDS = 100


@dataclass(frozen=True, slots=True)
class LinearAnswer:
    """The optimum of a linear program, in the units in which it was solved.

    Attributes
    ----------
    status : str
        ``optimal``, ``infeasible`` or ``failed`` (a limit of time, or the solver gave up).
    mip : MixedIntegerProgram
        With every cut, in the units that suit it.
    x, row_dual, column_dual : array or None
        Of an optimum; of an infeasible program ``row_dual`` proves it.
    bound_busd : float
        What the duals prove: $B, or the unit of the objective.
    money : int
        Power of ten of the objective's unit: ``busd = figure x 10 ** money``.
    """

    status: str
    mip: MixedIntegerProgram = field(repr=False)
    x: Floats | None = field(repr=False)
    row_dual: Floats | None = field(repr=False)
    column_dual: Floats | None = field(repr=False)
    bound_busd: float
    money: int

    def busd(self, figure: float) -> float:
        """A figure of the objective in $B."""
        return times_ten_to(figure, self.money)


def relaxation_of(mip: MixedIntegerProgram) -> Arrays:
    """Return the LP relaxation of a program, as `solve_with_cuts` asks for it.

    Parameters
    ----------
    mip : MixedIntegerProgram
    """
    return mip.arrays.relaxed()


def kept_at(x: Floats) -> Callable[[MixedIntegerProgram], Arrays]:
    """Return what makes the linear program in which the integer variables are those of a point.

    Parameters
    ----------
    x : array
        In the columns of the program; those of cuts that joined it later need not be there.
    """

    def kept(mip: MixedIntegerProgram) -> Arrays:
        later = np.zeros(mip.arrays.column_count - len(x))
        return mip.arrays.with_integers_at(np.concatenate([x, later])).relaxed()

    return kept


def solve_with_cuts(
    mip: MixedIntegerProgram, program: Callable[[MixedIntegerProgram], Arrays], seconds: float = INFINITY
) -> LinearAnswer:
    """Solve a linear program made of a mixed-integer one, adding the cuts that its optimum violates.

    Parameters
    ----------
    mip : MixedIntegerProgram
        In the units of the case.
    program : callable
        Makes the linear program of the scaled program as it grows: its relaxation, or one with variables fixed.
    seconds : float
        Wall time.

    Raises
    ------
    PlannerError
        After too many rounds.
    """
    end, grown = time.monotonic() + seconds, scaled(mip)
    money = cost_exponent(mip.arrays, mip.units) if not mip.units.own else 0
    for _ in range(MOST_ROUNDS):
        result = solve_by_itself(program(grown), max(0.0, end - time.monotonic()))
        x, dual = result.x, result.row_dual
        if result.status == "infeasible":
            return LinearAnswer("infeasible", grown, None, dual, None, INFINITY, money)
        if result.status != "optimal" or x is None or dual is None:
            return LinearAnswer("failed", grown, None, None, None, -INFINITY, money)
        network = grown.network_at(x)
        cuts = [] if network is None else violated_cuts(network, grown.installed_gw(x))
        if not cuts:
            bound = times_ten_to(result.bound, money)
            return LinearAnswer("optimal", grown, x, dual, result.column_dual, bound, money)
        grown = grown.with_cuts(cuts)[0]
    raise PlannerError(f"still violated redundancy cuts after {MOST_ROUNDS} rounds; please report it")


def required_optimum(answer: LinearAnswer, what: str) -> tuple[Floats, Floats]:
    """The optimum and its duals.

    Raises
    ------
    NoPlanError
        If there is none: what was asked for is not known then.
    """
    if answer.x is None or answer.row_dual is None:
        raise NoPlanError(f"{what}: the linear program has no optimum ({answer.status})")
    return answer.x, answer.row_dual
