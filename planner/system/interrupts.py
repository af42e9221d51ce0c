"""Signals that ask a command to end: Ctrl-C (SIGINT), SIGTERM, and SIGHUP where there is one.

Only the command listens (`listening`); in a library or a notebook Ctrl-C stays what Python makes of it. The first
signal raises `Interrupted` where there is nothing to lose yet, and is only noted while a solver runs or a result is
being finished (`hold`, `held`): whoever waits asks `asked` and winds up. A second signal leaves at once.
"""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from types import FrameType
from typing import Any

NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
SAME_WISH_S = 0.5
"""Signals closer together than this are one wish: a terminal or `timeout` may send the same twice."""
LEAVE_S = 0.8
"""A second signal ends the process after this time, whatever code it is in."""


class Interrupted(KeyboardInterrupt):
    """The first signal that asks for an end."""


class LeaveNow(BaseException):
    """The second one: nothing is waited for, nothing is kept that is not kept yet."""


class _State:
    """What was asked for, and whether something would be lost by ending here."""

    def __init__(self) -> None:
        self.signal: int | None = None
        self.at = 0.0
        self.held = 0
        self.sticky = False
        self.timer: threading.Timer | None = None


_state = _State()


def exit_code(number: int) -> int:
    """Return the exit code of a command ended by a signal: 130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP."""
    return 128 + number


def asked() -> int | None:
    """Return the number of the signal that asked for an end, if any did."""
    return _state.signal


def named() -> str:
    """Return which signal asked for an end, in brackets after a space; empty if none did, as in a library.

    Examples
    --------
    >>> named()
    ''
    """
    return "" if _state.signal is None else f" ({signal.Signals(_state.signal).name})"


def check() -> None:
    """Raise `Interrupted` if an end was asked for.

    Raises
    ------
    Interrupted
    """
    if _state.signal is not None:
        raise Interrupted(_state.signal)


def begin() -> None:
    """Begin something that may be given up without loss: a signal raises again.

    Raises
    ------
    Interrupted
        If an end was asked for meanwhile.
    """
    _state.sticky = False
    check()


def hold() -> None:
    """From here on there is something to lose: until `begin` a signal is noted, and `asked` returns it."""
    _state.sticky = True


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Note a signal during a block of work that must not be cut in two."""
    _state.held += 1
    try:
        yield
    finally:
        _state.held -= 1


def _handle(number: int, _frame: FrameType | None) -> None:
    now = time.monotonic()
    if _state.signal is None:
        _state.signal, _state.at = number, now
        if not (_state.held or _state.sticky):
            raise Interrupted(number)
    elif now - _state.at >= SAME_WISH_S and _state.timer is None:
        _state.timer = threading.Timer(LEAVE_S, os._exit, (exit_code(number),))
        _state.timer.daemon = True
        _state.timer.start()
        raise LeaveNow(number)


def _quiet(unraisable: "sys.UnraisableHookArgs") -> None:
    """Say nothing of an interruption that came where exceptions are lost (`asked` has noted it)."""
    if not isinstance(unraisable.exc_value, (KeyboardInterrupt, LeaveNow)):
        sys.__unraisablehook__(unraisable)


@contextlib.contextmanager
def listening(*, last: bool = False) -> Iterator[None]:
    """Handle signals while a command runs; those that were set to be ignored at the start (``nohup``) stay ignored.

    Parameters
    ----------
    last : bool
        Whether the process ends with the command: signals that come after it are then ignored.
    """
    global _state
    if threading.current_thread() is not threading.main_thread():  # signals are the main thread's business
        yield
        return
    _state = _State()
    before: dict[int, Any] = {}
    hook, sys.unraisablehook = sys.unraisablehook, _quiet
    for number in (getattr(signal, name) for name in NAMES if hasattr(signal, name)):
        if signal.getsignal(number) not in (signal.SIG_IGN, None):
            before[number] = signal.signal(number, _handle)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_IGN if last else handler)
        if not last:
            sys.unraisablehook = hook
        if _state.timer is not None and not last:
            _state.timer.cancel()
        if not last:
            _state = _State()
