"""Progress of the solve of a case."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a solve is; figures are None until there are any."""

    stage: str
    seconds: float
    cost_busd: float | None = None
    bound_busd: float | None = None
    gap: float | None = None


OnProgress = Callable[[Progress], None]
"""Callback invoked with each `Progress`."""


class Clock:
    """The time of one run since it began, and the callback for its progress.

    Parameters
    ----------
    on_progress : callable or None
    """

    def __init__(self, on_progress: OnProgress | None = None) -> None:
        self._begin = time.monotonic()
        self._on_progress = on_progress

    @property
    def seconds(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._begin

    def tell(self, stage: str, cost: float = math.inf, bound: float = -math.inf) -> None:
        """Report a stage with the cost of the best plan and the bound; what is not finite is not known."""
        if self._on_progress is None:
            return
        known_cost, known_bound = (value if math.isfinite(value) else None for value in (cost, bound))
        gap = None
        if known_cost is not None and known_bound is not None:
            gap = (known_cost - known_bound) / abs(known_cost) if known_cost else 0.0
        self._on_progress(Progress(stage, self.seconds, known_cost, known_bound, gap))
