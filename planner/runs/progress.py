"""What is told while a case is solved."""

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
