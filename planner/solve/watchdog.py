"""The solver under a watchdog: in a separate process, or in a thread, so that a time limit and Ctrl-C reach it."""

import contextlib
import queue
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, BinaryIO, cast

from planner.errors import PlannerError
from planner.options import SolveOptions
from planner.solve.arrays import Floats
from planner.solve.mip import MixedIntegerProgram
from planner.solve.records import Answer, SolveProgress
from planner.solve.serve import solve_mip
from planner.solve.worker import STOP, read_message, write_message
from planner.status import Status
from planner.system import background
from planner.system.interrupts import asked
from planner.system.lifeline import child_command, end_child

GRACE_SHARE = 0.04
"""Share of the time limit by which the solver may exceed it before its process is ended."""
GRACE_S = 0.5
"""Least such excess in seconds, for short limits."""
STOP_GRACE_S = 1.5
"""Seconds that the solver may take to stop when asked to: Ctrl-C, or Cancel on the page, ends it within two."""
_CHILD = "from planner.solve.worker import main; main()"


class SolverProcess:
    """A solver process; started early, its imports overlap with the declaration of the program."""

    def __init__(self) -> None:
        # Output of the solver's libraries is discarded; failures come as messages.
        self._process = subprocess.Popen(
            child_command(_CHILD), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._stopping = threading.Event()
        self._messages: queue.Queue[Any] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None  # asked for as a pipe
        while True:
            message = read_message(cast(BinaryIO, self._process.stdout))
            self._messages.put(message)
            if message is None or not isinstance(message, SolveProgress):
                return

    def close(self) -> None:
        """Kill the process."""
        self._stopping.set()
        end_child(self._process)

    def solve(
        self,
        mip: MixedIntegerProgram,
        options: SolveOptions,
        callback: Callable[[SolveProgress], None],
        start: Floats | None = None,
    ) -> Answer:
        """Solve a program; Ctrl-C and the time limit end the solve with the best plan found.

        Parameters
        ----------
        mip : MixedIntegerProgram
        options : SolveOptions
        callback : callable
            Is called with each `SolveProgress`.
        start : array or None
            A point to start from.

        Raises
        ------
        PlannerError
            If the solver fails.
        """
        stdin = self._process.stdin
        assert stdin is not None  # asked for as a pipe
        watch = _Watch(mip, options)

        def send() -> None:
            # The child may still be importing: the clock runs meanwhile, so it is given the time that is left.
            with contextlib.suppress(OSError, ValueError):
                write_message(cast(BinaryIO, stdin), (mip, watch.left(options), start))
                self._stopping.wait()
                stdin.write(STOP)
                stdin.flush()

        threading.Thread(target=send, daemon=True).start()
        return _wait(watch, self._messages, callback, self._stopping.set)


def solve_in_thread(
    mip: MixedIntegerProgram,
    options: SolveOptions,
    callback: Callable[[SolveProgress], None],
    start: Floats | None = None,
) -> Answer:
    """Solve a small program in a thread of this process: it starts at once, and Ctrl-C and the time limit reach it.

    A thread that does not stop in time is left to itself, asked to stop (`planner.system.background`); small programs
    do stop.
    """
    messages: queue.Queue[Any] = queue.Queue()
    stopping = threading.Event()

    def queue_progress(progress: SolveProgress) -> bool:
        messages.put(progress)
        return stopping.is_set()

    def work() -> None:
        try:
            messages.put(solve_mip(mip, options, queue_progress, start))
        except Exception as error:
            messages.put(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        return _wait(_Watch(mip, options), messages, callback, stopping.set)
    finally:
        stopping.set()
        if thread.is_alive():
            background.leave(thread)


def _wait(
    watch: "_Watch", messages: "queue.Queue[Any]", callback: Callable[[SolveProgress], None], stop: Callable[[], None]
) -> Answer:
    """Wait for the answer; the first signal asks the solver to stop, a second Ctrl-C stops waiting for it."""
    while watch.answer is None:
        try:
            if watch.overdue():
                return watch.best_so_far()
            if asked() is not None and not watch.stopping:  # a command records signals rather than raising them here
                watch.stop()
                stop()
            with contextlib.suppress(queue.Empty):
                watch.take(messages.get(timeout=0.05), callback)
        except KeyboardInterrupt:
            if watch.stopping:
                return watch.best_so_far()
            watch.stop()
            stop()
    return watch.answer


class _Watch:
    """Progress of a solve under way, and when to stop waiting for it."""

    def __init__(self, mip: MixedIntegerProgram, options: SolveOptions) -> None:
        self._problem = mip
        self._begin = time.monotonic()
        limit = options.seconds
        self._deadline = self._begin + limit + max(GRACE_S, GRACE_SHARE * limit)
        self._objective, self._bound = float("inf"), float("-inf")
        self._x: Floats | None = None
        self.stopping = False
        self.answer: Answer | None = None

    def left(self, options: SolveOptions) -> SolveOptions:
        """Return the options with the time that is left."""
        return options.within(max(0.05, options.seconds - (time.monotonic() - self._begin)))

    def take(self, message: Any, callback: Callable[[SolveProgress], None]) -> None:
        """Process a message of the solver."""
        if isinstance(message, SolveProgress):
            self._bound = message.bound
            if message.x is not None:
                self._x, self._objective = message.x, message.objective
            callback(message)
        elif isinstance(message, Answer):
            self.answer = message
        elif self._x is not None:
            # The solver died, or failed, after a plan was reported: the plan counts.
            why = message if isinstance(message, Exception) else "its process ended without an answer"
            self.answer = replace(self.best_so_far(), notes=(f"the solver failed: {why}",))
        elif isinstance(message, Exception):
            raise message
        elif self.stopping:
            self.answer = self.best_so_far()
        else:
            raise PlannerError("the solver's process ended without an answer")

    def stop(self) -> None:
        """Ask for a stop: allow a short time for it."""
        self.stopping = True
        self._deadline = min(self._deadline, time.monotonic() + STOP_GRACE_S)

    def overdue(self) -> bool:
        """Return whether the time of the solver is over."""
        return time.monotonic() > self._deadline

    def best_so_far(self) -> Answer:
        """Return the answer that the progress so far amounts to."""
        seconds = time.monotonic() - self._begin
        without = Status.NO_PLAN if self._x is None else Status.TIME_LIMIT
        status = Status.INTERRUPTED if self.stopping else without
        return Answer(status, self._x, self._objective, self._bound, self._problem, 0, 0, seconds, {})
