"""Sweeps whose runs are done in this process: where a law is not about processes, none need be started."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from planner.runs.task import Shared
from planner.uncertainty.executors import Here


def pool(shared: Shared, _workers: int, _memory_gib: float | None = None) -> Here:
    """Return what stands in for `LocalPool`."""
    return Here(shared)


@contextmanager
def runs_here() -> Iterator[None]:
    """Let sweeps do their runs in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("planner.analysis.sweep.LocalPool", pool)
        yield
