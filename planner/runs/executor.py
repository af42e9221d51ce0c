"""Where runs are done: the one interface that local processes and a cluster both have."""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from planner.runs.outcome import Outcome
from planner.runs.task import Job, Shared


class Executor(Protocol):
    """Executes runs in parallel."""

    workers: int
    """How many runs go on at a time."""

    def submit(self, job: Job) -> Any:
        """Hand in a run; it is done when its turn comes."""

    def completed(self) -> Iterator[Outcome]:
        """Yield the outcomes of all runs handed in, as they end; a run whose worker died twice is a failure."""

    def close(self) -> None:
        """End everything, whatever is going on."""


Open = Callable[[Shared], Executor]
"""Starts an executor for a sweep."""
