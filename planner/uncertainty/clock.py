"""Progress of a study of risk: what is being done, and what is proven so far."""

import time
from collections.abc import Callable

from planner.log import LOG
from planner.solve.arrays import INFINITY
from planner.uncertainty.result import RiskProgress

OnRisk = Callable[[RiskProgress], None]


class Clock:
    """Progress of a study: what is being done, and what is proven so far."""

    def __init__(self, begin: float, on_progress: OnRisk | None, head: str = "") -> None:
        self.begin, self._on_progress, self._head = begin, on_progress, head
        self.upper, self.lower = INFINITY, -INFINITY

    def of_part(self, head: str) -> "Clock":
        """Return the clock of a part of the study: its stages begin with its name, and its bounds are its own."""
        return Clock(self.begin, self._on_progress, f"{head}: ")

    def report(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Report what is being done."""
        seconds, stage = time.monotonic() - self.begin, f"{self._head}{stage}"
        LOG.debug("risk: %s %d/%d, %.1f s, %g to %g", stage, done, total, seconds, self.lower, self.upper)
        if self._on_progress is not None:
            self._on_progress(RiskProgress(stage, done, total, seconds, self.lower, self.upper))
