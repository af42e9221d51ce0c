"""What is known of a program under some of its limits."""

from dataclasses import dataclass

from planner.explain.conflict_limits import Part
from planner.solve.arrays import Floats

FEASIBLE, INFEASIBLE, UNKNOWN = "feasible", "infeasible", "unknown"


@dataclass(frozen=True, slots=True)
class Look:
    """Whether there is a plan under some limits.

    Attributes
    ----------
    status : str
        ``feasible``: a point was verified against all rows; ``infeasible``: proven; ``unknown``: neither, in time.
    x : array or None
        The point.
    used : frozenset of Part
        Where there is none: the parts that the proof uses. Without a proof of its own (whole blocks): all in force.
    divisible : bool
        Whether it is infeasible even if blocks were divisible.
    proof : array or None
        Multipliers of the rows that prove it, where it is infeasible even then; None where nothing proves it.
    """

    status: str
    x: Floats | None = None
    used: frozenset[Part] = frozenset()
    divisible: bool = False
    proof: Floats | None = None
