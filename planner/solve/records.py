"""What the pipeline tells and answers."""

from dataclasses import dataclass, field

from planner.solve.arrays import Floats
from planner.solve.highs import SolverStatus
from planner.solve.mip import MixedIntegerProgram


@dataclass(frozen=True, slots=True)
class News:
    """What the pipeline tells while it runs; ``x`` comes with a better plan."""

    stage: str
    seconds: float
    objective: float
    bound: float
    x: Floats | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the pipeline found.

    Attributes
    ----------
    status : Status
    x : array or None
        Best plan.
    objective, bound : float
    mip : MixedIntegerProgram
        With every cut that was added.
    cuts, rounds : int
        Redundancy cuts added, and rounds of separation.
    solver_seconds : float
    stages : mapping of str to float
        Seconds per stage.
    notes : tuple of str
        Troubles of the solver on the way, and what was done about them.
    unserved_bound : float or None
        Where unserved demand is minimised first: compute over time that every plan leaves unserved at least.
    """

    status: SolverStatus
    x: Floats | None
    objective: float
    bound: float
    mip: MixedIntegerProgram
    cuts: int
    rounds: int
    solver_seconds: float
    stages: dict[str, float]
    notes: tuple[str, ...] = ()
    unserved_bound: float | None = None


class Stopped(Exception):
    """The user or the time limit ended the run; what was found so far counts."""
