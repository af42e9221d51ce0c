"""Progress of a study of risk: what is being done, and what is proven so far."""

import time
from collections.abc import Callable

from planner.log import LOG
from planner.solve.arrays import INFINITY
from planner.uncertainty.result import RiskProgress

OnRisk = Callable[[RiskProgress], None]


class Clock:
    """Progress of a study: what is being done, and what is proven so far."""

    def __init__(self, begin: float, on_progress: OnRisk | None) -> None:
        self.begin, self._on_progress = begin, on_progress
        self.upper, self.lower = INFINITY, -INFINITY

    def report(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Report what is being done."""
        seconds = time.monotonic() - self.begin
        LOG.debug("risk: %s %d/%d, %.1f s, %g to %g", stage, done, total, seconds, self.lower, self.upper)
        if self._on_progress is not None:
            self._on_progress(RiskProgress(stage, done, total, seconds, self.lower, self.upper))
