"""Progress and answer of the pipeline."""

from dataclasses import dataclass, field, replace

from planner.solve.arrays import Floats
from planner.solve.mip import MixedIntegerProgram
from planner.status import Status
from planner.units import times_ten_to


@dataclass(frozen=True, slots=True)
class SolveProgress:
    """Progress of a run of the pipeline; ``x`` is given with a new incumbent.

    Attributes
    ----------
    stage : str
    seconds : float
        Since the run began.
    objective, bound : float
        Of the incumbent (infinity without one), and the dual bound (-infinity without one).
    x : array or None
        The new incumbent.
    """

    stage: str
    seconds: float
    objective: float
    bound: float
    x: Floats | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class TierResult:
    """What was found for a tier of shortfalls.

    Attributes
    ----------
    name : str
    amount, bound : float
        What the plan misses, and what is proven to be missing at least under the tiers before: IT GW or facility GW
        times years, compute times years, or money.
    tolerance : float
        To what the least was asked for, beyond rounding.
    """

    name: str
    amount: float
    bound: float
    tolerance: float


@dataclass(frozen=True, slots=True)
class EngineResult:
    """What one of several engines found by itself.

    Attributes
    ----------
    name : str
    objective, bound : float
        Of its best plan (inf without one), and what it claims as a lower bound (-inf without one).
    plans : int
        Plans that were the best so far when it found them.
    seconds : float or None
        Of its last such plan, since the run began.
    ended : str
        How its part ended.
    """

    name: str
    objective: float
    bound: float
    plans: int
    seconds: float | None
    ended: str

    def times_ten_to(self, exponent: int) -> "EngineResult":
        """Return the same with cost and bound in another unit of money."""
        objective, bound = times_ten_to(self.objective, exponent), times_ten_to(self.bound, exponent)
        return replace(self, objective=objective, bound=bound)


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer of a run of the pipeline.

    Attributes
    ----------
    status : Status
        Without a plan: ``NO_PLAN``, ``INTERRUPTED``, ``INFEASIBLE`` or ``UNBOUNDED``.
    x : array or None
        Best plan found (the incumbent).
    objective, bound : float
        Cost of the plan, and proven lower bound on the cost of every plan.
    mip : MixedIntegerProgram
        With every cut that was added.
    cuts, rounds : int
        Redundancy cuts added, and rounds of separation.
    solver_seconds : float
    stages : mapping of str to float
        Seconds per stage.
    notes : tuple of str
        Failures of the solver on the way, and what was done about them.
    unserved_bound : float or None
        If unserved demand is minimised first: compute-years that every plan leaves unserved at least.
    tiers : tuple of TierResult
        Shortfalls that were minimised first, in order; empty if nothing is missing.
    engines : tuple of EngineResult
        What each engine found, where several were at work (in the last run: that of the cost).
    """

    status: Status
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
    tiers: tuple[TierResult, ...] = ()
    engines: tuple[EngineResult, ...] = ()

    @classmethod
    def without_plan(cls, mip: MixedIntegerProgram, status: Status) -> "Answer":
        """Return the answer of a run that was not needed: it is known that there is no plan."""
        return cls(status, None, float("inf"), float("-inf"), mip, 0, 0, 0.0, {})


class Stopped(Exception):
    """The user or the time limit has ended the run; what was found so far is its answer."""
