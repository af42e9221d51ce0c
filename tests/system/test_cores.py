"""The number of cores a process may use, on systems that tell which and on those that only count."""

import os

import pytest

from planner.system.cores import usable_cores


@pytest.mark.parametrize(("allowed", "cores"), [({0}, 1), ({3, 5, 7}, 3), (set(), 1)])
def test_cores_are_those_the_process_may_run_on(monkeypatch: pytest.MonkeyPatch, allowed: set[int], cores: int) -> None:
    """A container that may use three of many cores has three; there is always one."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: allowed, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    assert usable_cores() == cores


@pytest.mark.parametrize(("counted", "cores"), [(8, 8), (1, 1), (None, 1)])
def test_where_the_system_does_not_tell_all_count(
    monkeypatch: pytest.MonkeyPatch, counted: int | None, cores: int
) -> None:
    """Without affinity (macOS, Windows) all cores of the machine; unknown is one."""
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: counted)
    assert usable_cores() == cores
