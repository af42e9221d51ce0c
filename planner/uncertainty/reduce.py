"""Fewer scenarios that stand for many: published methods with a bound on what is lost.

Fast forward selection keeps, one by one, the scenario that lowers the distance most; backward reduction takes out, one
by one, the one that costs least. What is taken out gives its probability to the nearest scenario kept: that is optimal.

References
----------
Dupacova, Groewe-Kuska, Roemisch: Scenario reduction in stochastic programming. Mathematical Programming 95 (2003).
Heitsch, Roemisch: Scenario reduction algorithms in stochastic programming. Computational Optimization and
Applications 24 (2003).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from planner.api import AnyCase, Case
from planner.errors import OptionError
from planner.uncertainty.features import Points, points_of
from planner.uncertainty.scenario import ScenarioSet

Method = Literal["forward", "backward"]
METHODS = {"forward": "fast forward selection", "backward": "backward reduction"}


@dataclass(frozen=True, slots=True)
class Reduction:
    """Which scenarios are kept, and what is lost.

    Attributes
    ----------
    kept : tuple of int
        Their numbers, in order.
    nearest : tuple of int
        For every scenario, the number of the kept one that stands for it.
    distance : float
        Probability-weighted mean distance from every scenario to the one that stands for it: the Kantorovich distance
        between the two sets. No mean of a quantity that changes by at most its distance moves by more.
    """

    kept: tuple[int, ...]
    nearest: tuple[int, ...]
    distance: float


def reduce_scenarios(
    scenarios: ScenarioSet,
    number: int,
    case: AnyCase | None = None,
    *,
    features: Sequence[Sequence[float]] | None = None,
    method: Method = "forward",
) -> ScenarioSet:
    """Return some of the scenarios, with probabilities that stand for all of them.

    Parameters
    ----------
    scenarios : ScenarioSet
    number : int
        How many to keep; all of them come back as they are.
    case : Case, CaseData, str, Path or None
        The case that the scenarios change; not needed with features.
    features : sequence of sequences of float, or None
        A point for each scenario, such as the costs of its own best plan; distances are Euclidean. None: what the
        scenarios change (`planner.uncertainty.features.points_of`).
    method : str
        ``forward``: fast forward selection (best where few are kept); ``backward``: backward reduction.

    Raises
    ------
    OptionError
        If there is neither a case nor features, or a number or a feature cannot be.
    """
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= len(scenarios):
        raise OptionError(f"number of scenarios to keep: must be 1 to {len(scenarios)}, not {number!r}")
    if method not in METHODS:
        raise OptionError(f"method: must be one of {', '.join(METHODS)}, not {method!r}")
    if number == len(scenarios):
        return scenarios
    points = _points(scenarios, case, features)
    found = reduced(points, [one.probability for one in scenarios], number, method)
    shares: dict[int, list[float]] = {index: [] for index in found.kept}
    for index, nearest in enumerate(found.nearest):
        shares[nearest].append(scenarios.scenarios[index].probability)
    kept = tuple(replace(scenarios.scenarios[index], probability=math.fsum(shares[index])) for index in found.kept)
    everything = reduced(points, [one.probability for one in scenarios], 1, "forward").distance
    lost = found.distance / everything if everything > 0.0 else 0.0
    made = (
        f"{scenarios.made}; {number} of {len(scenarios)} kept by {METHODS[method]}, distance {lost:.3f} of that of one"
    )
    return ScenarioSet(kept, made, scenarios.seed)


def reduced(points: Points, probabilities: Sequence[float], number: int, method: Method = "forward") -> Reduction:
    """Return which of some points to keep.

    Parameters
    ----------
    points : array of float, points by coordinates
    probabilities : sequence of float
        Of the points, adding up to 1.
    number : int
        How many to keep.
    method : str
        ``forward`` or ``backward``.
    """
    weights = np.asarray(probabilities)
    between = _distances(points)
    kept = (_forward if method == "forward" else _backward)(between, weights, number)
    nearest = np.array(kept)[between[:, kept].argmin(axis=1)]
    nearest[kept] = kept  # of two that are the same, each stands for itself
    distance = float(weights @ between[np.arange(len(weights)), nearest])
    return Reduction(tuple(kept), tuple(nearest.tolist()), distance)


def _forward(between: NDArray[np.float64], weights: NDArray[np.float64], number: int) -> list[int]:
    """Keep, one after another, the point that leaves the least mean distance to the nearest kept."""
    left = np.full(len(weights), np.inf)
    kept: list[int] = []
    for _ in range(number):
        mean = weights @ np.minimum(left[:, None], between)
        mean[kept] = np.inf
        chosen = int(mean.argmin())
        kept.append(chosen)
        left = np.minimum(left, between[:, chosen])
    return sorted(kept)


def _backward(between: NDArray[np.float64], weights: NDArray[np.float64], number: int) -> list[int]:
    """Take out, one after another, the point whose absence costs the least mean distance to the nearest kept."""
    kept = list(range(len(weights)))
    while len(kept) > number:
        to_kept = between[:, kept]
        order = to_kept.argsort(axis=1, kind="stable")[:, :2]
        rows = np.arange(len(weights))
        first, second = to_kept[rows, order[:, 0]], to_kept[rows, order[:, 1]]
        loss = np.bincount(order[:, 0], weights * (second - first), len(kept))
        kept.pop(int(loss.argmin()))
    return kept


def _distances(points: Points) -> NDArray[np.float64]:
    squares = (points**2).sum(axis=1)
    products = squares[:, None] + squares[None, :] - 2.0 * points @ points.T
    found: NDArray[np.float64] = np.sqrt(np.maximum(products, 0.0))
    np.fill_diagonal(found, 0.0)
    return found


def _points(scenarios: ScenarioSet, case: AnyCase | None, features: Sequence[Sequence[float]] | None) -> Points:
    if features is None:
        if case is None:
            raise OptionError("give the case that the scenarios change, or a point for each of them (features)")
        return points_of(scenarios, Case.of(case))
    points = np.asarray(features, dtype=float)
    if points.ndim != 2 or len(points) != len(scenarios) or not np.isfinite(points).all():
        raise OptionError(f"features: give {len(scenarios)} points of finite numbers, as many in each")
    return points
