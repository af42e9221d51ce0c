"""Signals that ask for an end: the first raises or is noted, the second leaves, and handlers are given back."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from planner.system import interrupts
from planner.system.interrupts import Interrupted, LeaveNow

SIGNALS = [getattr(signal, name) for name in interrupts.NAMES if hasattr(signal, name)]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """A clock that stands still, and a timer that never ends this process but says when it would have."""
    found = SimpleNamespace(now=100.0, left=[])

    class Timer:
        def __init__(self, after_s: float, what: Callable[[int], None], args: tuple[int, ...]) -> None:
            self.after_s, self.what, self.args, self.daemon = after_s, what, args, False

        def start(self) -> None:
            found.left.append((self.after_s, self.what, self.args, self.daemon))

        def cancel(self) -> None:
            found.left.append("cancelled")

    monkeypatch.setattr(interrupts.threading, "Timer", Timer)
    monkeypatch.setattr(interrupts.time, "monotonic", lambda: found.now)
    yield found
    assert interrupts.asked() is None


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (1, 129)])
def test_exit_codes_are_those_of_a_shell(number: int, code: int) -> None:
    """Law: 128 and the number of the signal."""
    assert interrupts.exit_code(number) == code


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_signal_raises_where_nothing_is_lost(clock: SimpleNamespace, number: int) -> None:
    """It is heard as `Interrupted`, which is a KeyboardInterrupt, and stays noted until the command ends."""
    with interrupts.listening():
        with pytest.raises(Interrupted) as caught:
            os.kill(os.getpid(), number)
        assert caught.value.args == (number,)
        assert isinstance(caught.value, KeyboardInterrupt)
        assert interrupts.asked() == number
        with pytest.raises(Interrupted):
            interrupts.check()


def test_while_something_would_be_lost_a_signal_is_only_noted(clock: SimpleNamespace) -> None:
    """In a held block, and from `hold` to `begin`, nothing is raised; `begin` then does."""
    with interrupts.listening():
        with interrupts.held(), interrupts.held():
            os.kill(os.getpid(), signal.SIGTERM)
            assert interrupts.asked() == signal.SIGTERM
        with pytest.raises(Interrupted):
            interrupts.begin()
    with interrupts.listening():
        interrupts.hold()
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupts.asked() == signal.SIGINT
        with pytest.raises(Interrupted):
            interrupts.begin()


def test_a_held_block_that_fails_holds_no_longer(clock: SimpleNamespace) -> None:
    """However the block ends, the next signal raises again."""
    with interrupts.listening():
        with pytest.raises(ZeroDivisionError), interrupts.held():
            raise ZeroDivisionError
        with pytest.raises(Interrupted):
            os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize(("later_s", "leaves"), [(0.0, False), (0.49, False), (0.5, True), (60.0, True)])
def test_signals_close_together_are_one_wish(clock: SimpleNamespace, later_s: float, leaves: bool) -> None:
    """A terminal and `timeout` may send the same twice; half a second later it is a second wish, and leaves."""
    with interrupts.listening():
        with interrupts.held():
            os.kill(os.getpid(), signal.SIGINT)
            clock.now += later_s
            if leaves:
                with pytest.raises(LeaveNow):
                    os.kill(os.getpid(), signal.SIGTERM)
            else:
                os.kill(os.getpid(), signal.SIGTERM)
        assert interrupts.asked() == signal.SIGINT
    expected = [(interrupts.LEAVE_S, os._exit, (143,), True), "cancelled"]
    assert clock.left == (expected if leaves else [])


def test_a_third_signal_starts_no_second_timer(clock: SimpleNamespace) -> None:
    """Who is leaving already leaves once."""
    with interrupts.listening(), interrupts.held():
        os.kill(os.getpid(), signal.SIGINT)
        clock.now += 1.0
        with pytest.raises(LeaveNow):
            os.kill(os.getpid(), signal.SIGINT)
        clock.now += 1.0
        os.kill(os.getpid(), signal.SIGINT)
    assert len([entry for entry in clock.left if entry != "cancelled"]) == 1


def test_leaving_is_caught_by_nobody_who_catches_errors() -> None:
    """Neither `except Exception` nor `except KeyboardInterrupt` stops a second wish."""
    assert not issubclass(LeaveNow, (Exception, KeyboardInterrupt))
    assert not issubclass(Interrupted, Exception)


def test_handlers_and_hook_are_given_back(clock: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a command all is as it was, also after one that failed or was interrupted."""
    monkeypatch.setattr(sys, "unraisablehook", lambda _lost: None)
    before = [signal.getsignal(number) for number in SIGNALS], sys.unraisablehook

    def command() -> None:
        with interrupts.listening():
            assert [signal.getsignal(number) for number in SIGNALS] != before[0]
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(Interrupted):
        command()
    assert ([signal.getsignal(number) for number in SIGNALS], sys.unraisablehook) == before


def test_what_was_ignored_stays_ignored(clock: SimpleNamespace) -> None:
    """A signal that `nohup` makes a process ignore is not heard, before, during and after the command."""
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with interrupts.listening():
            os.kill(os.getpid(), signal.SIGTERM)
            assert interrupts.asked() is None
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)


def test_the_last_command_of_a_process_hears_no_signal_any_more(clock: SimpleNamespace) -> None:
    """Signals that come after it, while Python winds up, are ignored."""
    before, hook = {number: signal.getsignal(number) for number in SIGNALS}, sys.unraisablehook
    try:
        with interrupts.listening(last=True):
            pass
        assert {signal.getsignal(number) for number in SIGNALS} == {signal.SIG_IGN}
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        sys.unraisablehook = hook


def test_other_threads_do_not_listen(clock: SimpleNamespace) -> None:
    """Signals are the main thread's business: elsewhere nothing is changed, and nothing fails."""
    found: list[object] = []

    def run() -> None:
        with interrupts.listening():
            found.append([signal.getsignal(number) for number in SIGNALS])

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert found == [[signal.getsignal(number) for number in SIGNALS]]


@pytest.mark.parametrize(("error", "told"), [(Interrupted(2), 0), (LeaveNow(2), 0), (ValueError("lost"), 1)])
def test_only_interruptions_that_are_lost_are_silent(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, told: int
) -> None:
    """An exception in a destructor is told as ever, unless it is the wish to end, which is noted already."""
    seen: list[object] = []
    monkeypatch.setattr(sys, "__unraisablehook__", seen.append)
    interrupts._quiet(SimpleNamespace(exc_value=error))
    assert len(seen) == told
