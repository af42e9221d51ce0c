"""Normal variables behind uncertain quantities: common factors, and the rest each for itself (a Gaussian copula)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from planner.uncertainty.sampling import normals

MOST_GROWN = 700.0
"""Natural logarithm of the largest ratio that a number can hold."""
Factor = tuple[str, float]
"""Name of a common factor, and the share of the variance that comes from it."""


@dataclass(frozen=True, slots=True)
class Streams:
    """The variables of one draw, each made when it is first asked for.

    Attributes
    ----------
    seed, number : int
        Of the draw; the number of scenarios.
    """

    seed: int
    number: int
    _made: dict[str, list[float]] = field(default_factory=dict, repr=False)

    def normal(self, name: str) -> list[float]:
        """Return the standard normal variable of a name, one value for each scenario."""
        if name not in self._made:
            self._made[name] = normals(self.seed, name, self.number)
        return self._made[name]

    def mixed(self, name: str, factors: Sequence[Factor] = ()) -> list[float]:
        """Return a standard normal variable ``sum(sqrt(share) * factor) + sqrt(1 - sum(share)) * own``.

        Two such variables have as correlation the sum of the shares of the factors that they have in common.
        """
        given = [(self.normal(factor), share) for factor, share in factors if share > 0.0]
        rest = 1.0 - math.fsum(share for _, share in given)
        parts = [(values, math.sqrt(share)) for values, share in given]
        if rest > 1e-12:
            parts.append((self.normal(name), math.sqrt(rest)))
        return [math.fsum(weight * values[index] for values, weight in parts) for index in range(self.number)]


def two_piece(low: float, base: float, high: float, z: float, z_of_ends: float) -> float:
    """Return the quantile at a normal variable of a distribution through three points.

    ``low``, ``base`` and ``high`` are the values at ``-z_of_ends``, 0 and ``z_of_ends``. Between and beyond them the
    logarithm is linear in ``z`` on each side of 0 (a lognormal of two pieces) if ``low`` is above 0, else the value.

    Examples
    --------
    >>> round(two_piece(50.0, 100.0, 400.0, 1.0, 1.0), 9), round(two_piece(50.0, 100.0, 400.0, -2.0, 1.0), 9)
    (400.0, 25.0)
    >>> two_piece(0.0, 4.0, 6.0, 0.5, 1.0)
    5.0
    """
    end, steps = (low, -z / z_of_ends) if z < 0.0 else (high, z / z_of_ends)
    if low > 0.0:
        grown = steps * (math.log(end) - math.log(base))
        return base * (math.exp(grown) if grown < MOST_GROWN else math.inf)
    return base + (end - base) * steps


def triangular(low: float, mode: float, high: float, u: float) -> float:
    """Return the quantile at ``u`` of a triangular distribution.

    Examples
    --------
    >>> triangular(0.0, 1.0, 2.0, 0.5), triangular(2.0, 2.0, 2.0, 0.7)
    (1.0, 2.0)
    """
    if high <= low:
        return low
    if u * (high - low) < mode - low:
        return low + math.sqrt(u * (high - low) * (mode - low))
    return high - math.sqrt((1.0 - u) * (high - low) * (high - mode))
