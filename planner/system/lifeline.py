"""A child process that ends with its parent, however the parent ends. It imports nothing slow."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

from planner.system.garbage import collect_rarely

LOOK_S = 0.25
"""How often a child looks whether its parent is still there, where the system does not report it."""
_PR_SET_PDEATHSIG = 1
_TIED = (
    "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 9, 0, 0, 0); "
    "os.getppid() == int(sys.argv[1]) or os._exit(1); os.execvp(sys.argv[2], sys.argv[2:])"
)
"""A program that becomes another one, which then ends with its parent."""
START = "import sys; sys.path[:] = {path!r}; from planner.system.lifeline import hold; hold({parent})"
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
    collect_rarely()
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


@contextlib.contextmanager
def tied_children() -> Iterator[None]:
    """Let programs that a library starts meanwhile end with this process, also when it is killed; on Linux only."""
    if sys.platform != "linux":
        yield
        return
    before = subprocess.Popen.__init__

    def start(self: Any, args: Any, *others: Any, **options: Any) -> None:
        if (
            isinstance(args, (list, tuple))
            and not others
            and not options.get("shell")
            and not options.get("executable")
        ):
            args = [sys.executable, "-I", "-S", "-c", _TIED, str(os.getpid()), *args]
        before(self, args, *others, **options)

    setattr(subprocess.Popen, "__init__", start)  # noqa: B010  # type checkers know no other way to a method
    try:
        yield
    finally:
        setattr(subprocess.Popen, "__init__", before)  # noqa: B010


def end_child(process: subprocess.Popen[bytes]) -> None:
    """Kill a child process, wait until it is gone, and close the pipes to it."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
