"""Garbage collection in processes of the planner's own: rarely, since they live shortly and make much that stays."""

import gc

NEW_OBJECTS = 100_000
"""Objects made, beyond those given back, after which Python looks for unreachable cycles (its own: 700)."""


def collect_rarely() -> None:
    """Look for garbage less often; for a process that is the planner's alone, not one that only imports it.

    Importing the planner makes some hundred thousand objects that all stay: looking through them again and again took a
    fifth of the processor time of a small command.
    """
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])


def leave_to_the_system() -> None:
    """Spare what exists now from the search for garbage at the end of the process; the system takes it back as well."""
    gc.freeze()
