"""The solver behind a watchdog: in a process of its own, what it has found survives when it must be ended."""

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
from planner.solve.highs import SolverStatus
from planner.solve.mip import MixedIntegerProgram
from planner.solve.records import Answer, News
from planner.solve.serve import solve_mip
from planner.solve.worker import STOP, read_message, write_message
from planner.system.interrupts import asked
from planner.system.lifeline import child_command

GRACE_SHARE = 0.04
"""Share of the time limit by which the solver may overrun before its process is ended."""
GRACE_S = 0.5
"""The same in seconds, for short limits."""
STOP_GRACE_S = 3.0
"""How long the solver may take to stop when asked to."""
_CHILD = "from planner.solve.worker import main; main()"


class SolverProcess:
    """A solver process, started early so that its imports overlap with the declaration of the program."""

    def __init__(self) -> None:
        # What the solver's libraries print is of no use to the user; failures come as messages.
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
            if message is None or not isinstance(message, News):
                return

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._stopping.set()
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def solve(
        self, mip: MixedIntegerProgram, options: SolveOptions, tell: Callable[[News], None], start: Floats | None = None
    ) -> Answer:
        """Solve a program; Ctrl-C and the time limit end it with the best plan found.

        Parameters
        ----------
        mip : MixedIntegerProgram
        options : SolveOptions
        tell : callable
            Hears `News` as they come.
        start : array or None
            A plan to start from.

        Raises
        ------
        PlannerError
            If the solver fails.
        """
        stdin = self._process.stdin
        assert stdin is not None  # asked for as a pipe
        watch = _Watch(mip, options)

        def send() -> None:
            # The child may still be importing: the clock runs meanwhile, and what it is given is what is left.
            with contextlib.suppress(OSError, ValueError):
                write_message(cast(BinaryIO, stdin), (mip, watch.left(options), start))
                self._stopping.wait()
                stdin.write(STOP)
                stdin.flush()

        threading.Thread(target=send, daemon=True).start()
        return _wait(watch, self._messages, tell, self._stopping.set)


def solve_watched(
    mip: MixedIntegerProgram,
    options: SolveOptions,
    tell: Callable[[News], None],
    start: Floats | None = None,
    *,
    own_process: bool,
) -> Answer:
    """Solve a program so that Ctrl-C and the time limit always reach it: in a process of its own, or in a thread."""
    if not own_process:
        return solve_in_thread(mip, options, tell, start)
    process = SolverProcess()
    try:
        return process.solve(mip, options, tell, start)
    finally:
        process.close()


def solve_in_thread(
    mip: MixedIntegerProgram, options: SolveOptions, tell: Callable[[News], None], start: Floats | None = None
) -> Answer:
    """Solve a small program in a thread of this process: no start-up, and Ctrl-C and the limit still reach it.

    A solver that does not stop when it must is left behind; small programs do stop.
    """
    messages: queue.Queue[Any] = queue.Queue()
    stopping = threading.Event()

    def hear(news: News) -> bool:
        messages.put(news)
        return stopping.is_set()

    def work() -> None:
        try:
            messages.put(solve_mip(mip, options, hear, start))
        except Exception as error:
            messages.put(error)

    threading.Thread(target=work, daemon=True).start()
    return _wait(_Watch(mip, options), messages, tell, stopping.set)


def _wait(
    watch: "_Watch", messages: "queue.Queue[Any]", tell: Callable[[News], None], stop: Callable[[], None]
) -> Answer:
    """Wait for the answer; the first signal asks the solver to stop, a second Ctrl-C does not wait for it."""
    while watch.answer is None:
        try:
            if watch.overdue():
                return watch.best_so_far()
            if asked() is not None and not watch.stopping:  # a command notes signals, it does not raise them here
                watch.stop()
                stop()
            with contextlib.suppress(queue.Empty):
                watch.hear(messages.get(timeout=0.05), tell)
        except KeyboardInterrupt:
            if watch.stopping:
                return watch.best_so_far()
            watch.stop()
            stop()
    return watch.answer


class _Watch:
    """What is known of a running solve, and when to stop waiting for it."""

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
        """The options with the time that is left."""
        return options.within(max(0.05, options.seconds - (time.monotonic() - self._begin)))

    def hear(self, message: Any, tell: Callable[[News], None]) -> None:
        """Take in a message of the solver."""
        if isinstance(message, News):
            self._bound = message.bound
            if message.x is not None:
                self._x, self._objective = message.x, message.objective
            tell(message)
        elif isinstance(message, Answer):
            self.answer = message
        elif self._x is not None:
            # The solver died, or failed, with a plan already told: the plan still counts.
            why = message if isinstance(message, Exception) else "its process ended without an answer"
            self.answer = replace(self.best_so_far(), notes=(f"the solver failed: {why}",))
        elif isinstance(message, Exception):
            raise message
        elif self.stopping:
            self.answer = self.best_so_far()
        else:
            raise PlannerError("the solver's process ended without an answer")

    def stop(self) -> None:
        """The user wants no more: allow a short time to wind up."""
        self.stopping = True
        self._deadline = min(self._deadline, time.monotonic() + STOP_GRACE_S)

    def overdue(self) -> bool:
        """Whether the solver has had its time."""
        return time.monotonic() > self._deadline

    def best_so_far(self) -> Answer:
        """The answer that the news so far amount to."""
        seconds = time.monotonic() - self._begin
        status: SolverStatus = "interrupted" if self.stopping else "limit"
        return Answer(status, self._x, self._objective, self._bound, self._problem, 0, 0, seconds, {})
