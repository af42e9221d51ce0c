"""Several calls at once, in threads: for work that a library does outside Python, such as a solver's."""

import queue
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from planner.system import background

T = TypeVar("T")


def in_parallel(calls: Sequence[Callable[[], T]], workers: int) -> list[T]:
    """Make several calls, so many at once, and return what they return, in their order.

    With one worker, or one call, they are made here, one after the other. A call that raises ends the others that have
    not begun. The executors of the standard library would wait for calls under way, also after Ctrl-C and at the end of
    the process; a solver's may take long, so its thread is left to `planner.system.background`.

    Parameters
    ----------
    calls : sequence of callable
        None may depend on another.
    workers : int
        At least 1.

    Raises
    ------
    BaseException
        What the first of them in order raised, or a signal in this thread: calls that are under way are then left.

    Examples
    --------
    >>> in_parallel([lambda: 1, lambda: 2, lambda: 3], workers=2)
    [1, 2, 3]
    """
    if workers == 1 or len(calls) <= 1:
        return [call() for call in calls]
    done: queue.Queue[tuple[int, Any, BaseException | None]] = queue.Queue()
    waiting, ending = iter(range(len(calls))), threading.Event()
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                number = None if ending.is_set() else next(waiting, None)
            if number is None:
                return
            try:
                done.put((number, calls[number](), None))
            except BaseException as error:
                ending.set()
                done.put((number, None, error))

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(workers, len(calls)))]
    for thread in threads:
        thread.start()
    try:
        return _collected(done, threads, len(calls))
    finally:
        ending.set()
        for thread in threads:
            if thread.is_alive():
                background.leave(thread)


def _collected(
    done: "queue.Queue[tuple[int, Any, BaseException | None]]", threads: Sequence[threading.Thread], count: int
) -> list[Any]:
    """Wait for all calls, or for those that are under way when one of them has raised."""
    found: dict[int, Any] = {}
    failed: dict[int, BaseException] = {}
    while len(found) + len(failed) < count:
        try:
            number, value, error = done.get(timeout=0.05)  # a signal is seen between two waits
        except queue.Empty:
            if failed and not any(thread.is_alive() for thread in threads) and done.empty():
                break
            continue
        if error is None:
            found[number] = value
        else:
            failed[number] = error
    if failed:
        raise failed[min(failed)]
    return [found[number] for number in range(count)]
