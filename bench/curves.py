"""Curves of a run: cost and bound over time, and the figures read from them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

Moment = tuple[float, float | None, float | None]
"""Seconds since the start, cost of the best plan so far, bound so far."""
GAPS = (0.01, 0.005, 0.002, 0.001)
"""Gaps whose times are reported."""


def gap_of(cost: float | None, bound: float | None) -> float:
    """Return the gap between cost and bound, relative to the cost."""
    if cost is None or bound is None:
        return inf
    return max(0.0, cost - bound) / max(abs(cost), 1e-9)


def time_to(moments: Sequence[Moment], gap: float) -> float | None:
    """Return the first time at which a run had proven a gap; None if it never had.

    >>> time_to([(1.0, 10.0, None), (2.0, 10.0, 9.0), (3.0, 10.0, 9.95)], 0.01)
    3.0
    """
    return next((seconds for seconds, cost, bound in moments if gap_of(cost, bound) <= gap), None)


def primal_integral(moments: Sequence[Moment], best: float, horizon: float) -> float:
    """Return the integral, over the time up to the horizon, of how far the best plan so far is above the best known.

    The distance is relative to the larger of the two costs, and 1 as long as there is no plan (Berthold 2013): a run
    that has the best plan at once has 0, one without a plan has the horizon.

    >>> primal_integral([(1.0, 20.0, None), (3.0, 10.0, None)], best=10.0, horizon=5.0)
    2.0
    """
    total, since, distance = 0.0, 0.0, 1.0
    for seconds, cost, _ in moments:
        if cost is None:
            continue
        until = min(seconds, horizon)
        total += distance * (until - since)
        since = until
        distance = min(1.0, abs(cost - best) / max(abs(cost), abs(best), 1e-9))
    return total + distance * max(0.0, horizon - since)


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and range of a figure over seeds; runs without it count as infinite."""

    middle: float
    least: float
    most: float
    reached: int
    runs: int

    def __str__(self) -> str:
        """Return the median with its range; of the runs that reached it, where some did not."""
        if not self.reached:
            return "–"
        middle = f"{self.middle:.3g}" if isfinite(self.middle) else "–"
        span = "" if self.runs == 1 else f" ({self.least:.3g} to {f'{self.most:.3g}' if isfinite(self.most) else '–'})"
        return middle + span + ("" if self.reached == self.runs else f", {self.reached} of {self.runs}")


def spread(values: Sequence[float | None]) -> Spread:
    """Return median and range of a figure.

    >>> str(spread([1.0, 3.0, 2.0])), str(spread([None, None])), str(spread([1.0, None, 2.0]))
    ('2 (1 to 3)', '–', '2 (1 to –), 2 of 3')
    """
    known = [inf if value is None else value for value in values]
    return Spread(median(known), min(known), max(known), sum(map(isfinite, known)), len(known))


def processor_seconds() -> float:
    """Return the processor seconds of this process and of its children that are still running (Linux)."""
    total = process_time()
    for task in Path("/proc/self/task").glob("*/children"):
        for child in task.read_text(encoding="utf-8").split():
            stat = Path(f"/proc/{child}/stat")
            fields: Any = stat.read_text(encoding="utf-8").rsplit(")", 1)[1].split() if stat.exists() else None
            total += 0.01 * (int(fields[11]) + int(fields[12])) if fields else 0.0
    return total


CLOCKS: dict[str, Callable[[], float]] = {"wall": perf_counter, "cpu": processor_seconds}


class Recorder:
    """Records the moments of a run, and says when its time is over.

    Parameters
    ----------
    clock : str
        ``wall`` or ``cpu``.
    limit_s : float
    """

    def __init__(self, clock: str, limit_s: float) -> None:
        self._clock = CLOCKS[clock]
        self._begin = self._clock()
        self._limit = limit_s
        self.moments: list[Moment] = []
        self._cost, self._bound = inf, -inf

    @property
    def seconds(self) -> float:
        """Seconds so far."""
        return self._clock() - self._begin

    def ended(self, status: str) -> str:
        """Return how a run ended: at its limit by this clock, or as its engine says."""
        return "limit" if self.seconds > self._limit else status

    def record(self, cost: float | None, bound: float | None) -> bool:
        """Record a cost and a bound if one is better than before; return whether the time is over."""
        better = cost is not None and cost < self._cost
        higher = bound is not None and isfinite(bound) and bound > self._bound
        if better or higher:
            self._cost = min(self._cost, inf if cost is None else cost)
            self._bound = max(self._bound, bound) if bound is not None and isfinite(bound) else self._bound
            self.moments.append(
                (
                    self.seconds,
                    self._cost if isfinite(self._cost) else None,
                    self._bound if isfinite(self._bound) else None,
                )
            )
        return self.seconds > self._limit
