"""How many processor cores this process may use."""

import os


def usable_cores() -> int:
    """Return the number of cores that the operating system lets this process run on; at least 1.

    Examples
    --------
    >>> usable_cores() >= 1
    True
    """
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)
