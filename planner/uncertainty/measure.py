"""What is minimised over scenarios: the expected cost, or a mix of it with the cost of the worst futures (CVaR)."""

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real

from planner.errors import OptionError
from planner.runs.summary import relative_gap

ROUNDING = 1e-12
"""Probability that is none."""


@dataclass(frozen=True, slots=True)
class Measure:
    """``(1 - weight) x expected cost + weight x CVaR``, the mean cost of the worst ``1 - level`` of the futures.

    Attributes
    ----------
    level : float
        From 0 to below 1: 0.9 means the worst tenth. At 0 the worst futures are all: the CVaR is the expected cost.
    weight : float
        From 0 (expected cost alone) to 1 (the worst futures alone).

    Raises
    ------
    OptionError
        If a value makes no sense.

    Examples
    --------
    >>> costs, chances = [10.0, 20.0, 40.0], [0.5, 0.25, 0.25]
    >>> Measure().of(costs, chances), Measure(0.75, 1.0).of(costs, chances), Measure(0.5, 0.5).of(costs, chances)
    (20.0, 40.0, 25.0)
    """

    level: float = 0.0
    weight: float = 0.0

    def __post_init__(self) -> None:
        if not (isinstance(self.level, Real) and 0.0 <= self.level < 1.0):
            raise OptionError(f"CVaR level {self.level!r}: must be at least 0 and less than 1 (0.9: the worst tenth)")
        if not (isinstance(self.weight, Real) and 0.0 <= self.weight <= 1.0):
            raise OptionError(f"CVaR weight {self.weight!r}: must be from 0 (expected cost) to 1 (CVaR alone)")

    @property
    def has_tail(self) -> bool:
        """Whether the worst futures count more than others."""
        return self.weight > 0.0 and self.level > 0.0

    @property
    def tail_weight(self) -> float:
        """Weight of the worst futures; zero where they are all futures, whose mean is the expected cost."""
        return self.weight if self.has_tail else 0.0

    def of(self, costs: Sequence[float], chances: Sequence[float]) -> float:
        """Return the measure of a distribution; it rises, or stays, where any cost does."""
        expected = mean(costs, chances)
        if not self.has_tail:
            return expected
        return (1.0 - self.weight) * expected + self.weight * cvar(costs, chances, self.level)

    @property
    def least_regret(self) -> bool:
        """Whether the largest regret is minimised (`regret.LargestRegret`)."""
        return False

    @property
    def proving(self) -> "Measure":
        """The measure that gives a bound, where nothing costs less than the bounds it is taken of."""
        return self

    def scale(self, value: float) -> float:
        """Return what gaps are relative to."""
        return abs(value)

    def gap(self, value: float, bound: float) -> float:
        """Return how far a value is above its bound, relative to its scale; infinite where nothing is proven."""
        if not self.least_regret:
            return relative_gap(value, bound)
        return max(0.0, value - bound) / self.scale(value)


def mean(values: Sequence[float], chances: Sequence[float]) -> float:
    """Return the expected value."""
    return sum(chance * value for value, chance in zip(values, chances, strict=True)) / sum(chances)


def cvar(values: Sequence[float], chances: Sequence[float], level: float) -> float:
    """Return the mean of the largest values that together have the probability ``1 - level``.

    Examples
    --------
    >>> cvar([1.0, 3.0, 2.0], [0.5, 0.25, 0.25], 0.5)
    2.5
    """
    left = tail = (1.0 - level) * sum(chances)
    total = 0.0
    for value, chance in sorted(zip(values, chances, strict=True), reverse=True):
        taken = min(chance, left)
        total += taken * value
        left -= taken
        if left <= ROUNDING:
            break
    return total / (tail - max(0.0, left))


def quantile(values: Sequence[float], chances: Sequence[float], share: float) -> float:
    """Return the smallest value that is not exceeded with a probability of at least ``share``.

    Examples
    --------
    >>> [quantile([3.0, 1.0, 2.0], [0.25, 0.5, 0.25], share) for share in (0.1, 0.5, 0.6, 0.9)]
    [1.0, 1.0, 2.0, 3.0]
    """
    total, whole = 0.0, sum(chances)
    for value, chance in sorted(zip(values, chances, strict=True)):
        total += chance
        if total >= share * whole - ROUNDING:
            return value
    return max(values)
