"""Progress of the solve of a case."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from logging import DEBUG

from planner.log import LOG


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a solve is; figures are None until there are any."""

    stage: str
    """What the solve is at, in words."""
    seconds: float
    """Since the call began."""
    cost_busd: float | None = None
    """Cost of the best plan found, present value."""
    bound_busd: float | None = None
    """What no plan can cost less than."""
    gap: float | None = None
    """Cost less bound, relative to the cost."""

    def __str__(self) -> str:
        figures = {"cost": self.cost_busd, "bound": self.bound_busd}
        known = "".join(f", {name} ${busd:,.3f}B" for name, busd in figures.items() if busd is not None)
        return f"{self.stage}, {self.seconds:.1f} s{known}{'' if self.gap is None else f', gap {self.gap:.3%}'}"


OnProgress = Callable[[Progress], None]
"""Callback invoked with each `Progress`."""


def _gap(cost: float, bound: float) -> float | None:
    """Return cost less bound, relative to the cost; None where the cost is zero and the bound below it."""
    if cost:
        return (cost - bound) / abs(cost)
    return 0.0 if bound >= 0.0 else None


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

    def report(self, stage: str, cost: float = math.inf, bound: float = -math.inf) -> None:
        """Report a stage with the cost of the best plan and the bound; what is not finite is not known."""
        logs = LOG.isEnabledFor(DEBUG)
        if self._on_progress is None and not logs:
            return
        known_cost, known_bound = (value if math.isfinite(value) else None for value in (cost, bound))
        gap = None
        if known_cost is not None and known_bound is not None:
            gap = _gap(known_cost, known_bound)
        progress = Progress(stage, self.seconds, known_cost, known_bound, gap)
        if logs:
            LOG.debug("%s", progress)
        if self._on_progress is not None:
            self._on_progress(progress)
