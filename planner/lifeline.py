"""A child process that does not outlive its parent, however the parent ends. It imports nothing slow."""

import contextlib
import ctypes
import os
import signal
import sys
import threading
import time

LOOK_S = 0.25
"""How often a child looks whether its parent is still there, where the system does not tell it."""
_PR_SET_PDEATHSIG = 1
START = "import sys; sys.path[:] = {path!r}; from planner.lifeline import hold; hold({parent})"
"""What a child runs before its own imports."""


def child_command(then: str) -> list[str]:
    """Return the command of a child process of this one that runs ``then`` and ends with its parent.

    Examples
    --------
    >>> child_command("print('hello')")[1:3]
    ['-P', '-c']
    """
    return [sys.executable, "-P", "-c", f"{START.format(path=sys.path, parent=os.getpid())}; {then}"]


def hold(parent: int) -> None:
    """End this process when its parent ends, and not before: signals that ask for an end are the parent's business.

    Linux kills it (``PR_SET_PDEATHSIG``, which watches the thread that started it); on every system like it a thread
    looks for the parent. A child that reads from its parent also learns of its end there.

    Parameters
    ----------
    parent : int
        Process id of the parent.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # a terminal or a service manager sends them to a whole group
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.name == "posix":
        if os.getppid() != parent:
            os._exit(1)
        threading.Thread(target=_look, args=(parent,), daemon=True).start()


def _look(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_S)
    os._exit(1)
