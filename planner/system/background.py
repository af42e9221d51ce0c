"""Threads that are no longer waited for, at the end of the process.

A library such as HiGHS cannot be stopped from outside: a thread of it that is still running when Python ends is ended
in the middle of its C++ code, and now and then the process with it (``terminate called without an active exception``,
exit code 134), although the answer was complete.
"""

import atexit
import threading
import time

PATIENCE_S = 1.5
"""Seconds that such threads are waited for at the end of a command: they were asked to stop when they were left."""
LONG_PATIENCE_S = 10.0
"""The same where other code ends the process, whose exit code is not known here."""

_left: list[threading.Thread] = []


def leave(thread: threading.Thread) -> None:
    """Note that a thread is not waited for now; the end of the process gives it some time."""
    _left[:] = [*(other for other in _left if other.is_alive()), thread]


def still_running(patience_s: float = PATIENCE_S) -> bool:
    """Wait for the threads that were left; return whether any of them still runs.

    The process is then to end by ``os._exit``, as soon as its output is flushed.

    Parameters
    ----------
    patience_s : float
        Seconds for all of them together.
    """
    end = time.monotonic() + patience_s
    for thread in _left:
        thread.join(max(0.0, end - time.monotonic()))
    _left[:] = [thread for thread in _left if thread.is_alive()]
    return bool(_left)


atexit.register(still_running, LONG_PATIENCE_S)
