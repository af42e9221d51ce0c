"""How closely the bundles of a published stochastic program are solved: by what of it is still open."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from planner.options import SolveOptions
from planner.solve.arrays import INFINITY, Floats
from planner.uncertainty.bounding import Bounded, TwoStageProgram

FIRST_GAP, OPEN_SHARE = 0.02, 0.1
"""Gap that is taken to be open at first; share of what is open to which the bundles of a round are solved."""


@dataclass(slots=True)
class State:
    """What is known of an instance: the value of each first stage that was tried, the bound, what is open at first."""

    known: dict[tuple[float, ...], float]
    bound: float
    options: SolveOptions
    first: float = FIRST_GAP

    @property
    def closer(self) -> float:
        """The gap to which the bundles of the next round are solved: a part of what is still open."""
        value = min(self.known.values(), default=INFINITY)
        if self.bound == -INFINITY or value == INFINITY:
            return OPEN_SHARE * max(self.options.gap, self.first)
        return OPEN_SHARE * max(self.options.gap, (value - self.bound) / max(1.0, abs(value)))


def solving(program: TwoStageProgram, state: State, *, alone: bool) -> Callable[..., list[Bounded]]:
    """Return what solves the bundles of a round; ``alone``: there is one, and no other round."""

    def solved(bundles: Sequence[Sequence[int]], prices: Floats) -> list[Bounded]:
        gap = state.options.gap / 2.0 if alone else state.closer
        return [
            program.whole(lambda _progress: None, gap, places=places, multiplier=price)
            for places, price in zip(bundles, prices, strict=True)
        ]

    return solved
