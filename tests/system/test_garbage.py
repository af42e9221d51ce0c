"""Garbage collection of the planner's own processes."""

import gc

from planner.cli import main
from planner.system.garbage import NEW_OBJECTS, collect_rarely


def test_only_a_process_of_its_own_collects_rarely(monkeypatch):
    """Law: a command line run by other code leaves that code's garbage collection as it is."""
    before = gc.get_threshold()
    assert main(["--version"]) == 0
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
    try:
        collect_rarely()
        assert gc.get_threshold() == (NEW_OBJECTS, *before[1:])
    finally:
        gc.set_threshold(*before)
