"""Garbage collection in processes of the planner's own: rarely, since they live shortly and make much that stays."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

NEW_OBJECTS = 300_000
"""Objects made, beyond those given back, after which Python looks for unreachable cycles (its own: 700)."""


def collect_rarely() -> None:
    """Look for garbage less often; for a process that is the planner's alone, not one that only imports it.

    Importing the planner makes nearly two hundred thousand objects that all stay: looking through them again and again
    took a fifth of the processor time of a small command.
    """
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])


def leave_to_the_system() -> None:
    """Spare what exists now from the search for garbage at the end of the process; the system takes it back as well."""
    gc.freeze()


@contextmanager
def not_collected() -> Iterator[None]:
    """Put off the search for garbage while much is made that stays; it goes on as before afterwards."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
