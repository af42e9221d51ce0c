"""The regret of each future: what the policy costs there, less what that future costs by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from planner.solve.arrays import INFINITY
from planner.uncertainty.evaluation import Evaluation


@dataclass(frozen=True, slots=True)
class FutureRegret:
    """The regret of a future.

    Attributes
    ----------
    busd : float
        Cost of the plan with the first stage, less that of the plan by itself.
    low, high : float
        What is proven of it, from the gaps of both plans; the upper one is infinite where nothing is.
    """

    busd: float
    low: float
    high: float

    def columns(self) -> dict[str, float | None]:
        """Return it as columns of a table."""
        high = None if self.high == INFINITY else self.high
        return {"regret_busd": self.busd, "regret_low_busd": self.low, "regret_high_busd": high}


def regrets_of(here: Evaluation, alone: Evaluation) -> list[FutureRegret]:
    """Return the regret of each future.

    Parameters
    ----------
    here, alone : Evaluation
        With the first stage, and each future by itself.
    """
    found = []
    for cost, bound, (by_itself, least) in zip(here.costs, here.bounds, alone.apart, strict=True):
        regret = max(0.0, cost - by_itself)  # what is proven holds it, whatever was rounded
        found.append(FutureRegret(regret, min(max(0.0, bound - by_itself), regret), max(regret, cost - least)))
    return found


@dataclass(frozen=True, slots=True)
class Worst:
    """The largest regret over the futures.

    Attributes
    ----------
    future : str
        Where it is.
    busd, low, high : float
        As of `FutureRegret`: some future regrets at least ``low`` with this first stage, and none more than ``high``.
    """

    future: str
    busd: float
    low: float
    high: float

    def document(self) -> dict[str, Any]:
        """Return it as plain data."""
        high = None if self.high == INFINITY else self.high
        return {"future": self.future, "busd": self.busd, "low_busd": self.low, "high_busd": high}


def worst_regret(names: Sequence[str], here: Evaluation, alone: Evaluation) -> Worst:
    """Return the largest regret over the futures, and what is proven of it."""
    regrets = regrets_of(here, alone)
    at = max(range(len(regrets)), key=lambda s: regrets[s].busd)
    return Worst(names[at], regrets[at].busd, max(one.low for one in regrets), max(one.high for one in regrets))
