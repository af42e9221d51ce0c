"""The runner of the page: each run in a separate process, some at a time, the others in their order.

The store is what is known: progress and answers are written there, and a wish to cancel is read there, so that every
tab and every server on the store sees the same, and a closed browser ends nothing.
"""

import contextlib
import queue
import sqlite3
import subprocess
import threading
import time
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from planner.app.records import SOLVE, Point
from planner.app.store import Store
from planner.app.work import Done, Work
from planner.errors import PlannerError
from planner.log import LOG
from planner.solve.worker import STOP, read_message, write_message
from planner.status import Status
from planner.system.lifeline import child_command, end_child

_CHILD = "from planner.app.work import main; main()"
LOOK_S = 0.15
"""How often a wish to cancel is looked for."""
NOTE_S = 0.5
"""How often progress is written to the store, at most."""
FINISH_S = 60.0
"""How long a run that was cancelled may take for the audit and the writing of its best plan."""
CLOSE_S = 8.0
"""The same when the server ends."""


@dataclass(slots=True)
class _Job:
    """A run in the hands of the runner."""

    number: int
    work: Work
    process: "subprocess.Popen[bytes] | None" = None
    stopped: float | None = None
    """When it was asked to stop."""
    killed: bool = False
    points: list[Point] = field(default_factory=list)
    noted: float = float("-inf")


class Runner:
    """Runs what is queued, so many at a time.

    Parameters
    ----------
    store : Store
    at_once : int
        Processes at a time.
    """

    def __init__(self, store: Store, at_once: int = 1) -> None:
        self._store = store
        self._jobs: queue.Queue[_Job | None] = queue.Queue()
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._at_work: list[_Job] = []
        self._spare = _Spare()
        # A child ends with the thread that started it, on Linux: these threads live as long as the server.
        self._threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(max(1, at_once))]
        for thread in self._threads:
            thread.start()

    def submit(self, number: int, work: Work) -> None:
        """Queue a run that the store has."""
        self._jobs.put(_Job(number, work))

    def process_ids(self) -> list[int]:
        """Return the ids of the processes at work."""
        with self._lock:
            return [job.process.pid for job in self._at_work if job.process is not None]

    def close(self) -> None:
        """End everything: solves are asked to stop and keep their best plan; what does not in time is ended."""
        self._closing.set()
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()
        self._spare.close()

    def _serve(self) -> None:
        self._spare.make()
        while (job := self._jobs.get()) is not None:
            if self._closing.is_set():
                self._store.end(job.number, Status.INTERRUPTED, "the server ended before the run began")
                continue
            if not self._store.begin(job.number):
                continue
            with self._lock:
                self._at_work.append(job)
            try:
                self._run(job, self._spare.take())
            except Exception as error:  # a full disk, a store that is gone: the run ends, the runner goes on
                LOG.exception("run %s could not be followed", job.number)
                self._end_process(job)
                with contextlib.suppress(PlannerError, OSError, sqlite3.Error):
                    self._store.end(job.number, Status.FAILED, f"the run could not be followed: {error}")
            finally:
                with self._lock:
                    self._at_work.remove(job)
            self._spare.make()

    def _run(self, job: _Job, process: "subprocess.Popen[bytes]") -> None:
        job.process = process
        messages: queue.Queue[Any] = queue.Queue()
        threading.Thread(target=_read, args=(job.process, messages), daemon=True).start()
        with contextlib.suppress(OSError):
            write_message(cast(BinaryIO, job.process.stdin), job.work)
        done = self._follow(job, messages)
        self._store.note(job.number, job.points)
        self._end_process(job)
        self._keep(job, done)

    def _follow(self, job: _Job, messages: "queue.Queue[Any]") -> Done:
        """Follow a run to its end."""
        while True:
            self._look_for_cancel(job)
            try:
                message = messages.get(timeout=LOOK_S)
            except queue.Empty:
                self._note(job)
                continue
            if isinstance(message, Done):
                return message
            if not isinstance(message, Point):
                if job.killed or job.stopped is not None:
                    return Done(Status.INTERRUPTED, "cancelled before there was an answer")
                return Done(Status.CRASHED, "the process of the run ended without an answer (memory, or killed)")
            job.points.append(message)
            self._note(job)

    def _look_for_cancel(self, job: _Job) -> None:
        process, moment = job.process, time.monotonic()
        assert process is not None  # the caller has started it
        wished = 1 if self._closing.is_set() else 0
        wished = max(wished, self._store.cancels(job.number))
        if not wished or job.killed:
            return
        if job.stopped is None:
            job.stopped = moment
            if job.work.kind == SOLVE and wished < 2:
                with contextlib.suppress(OSError, ValueError):
                    cast(BinaryIO, process.stdin).write(STOP)
                    cast(BinaryIO, process.stdin).flush()
                return
        patience = CLOSE_S if self._closing.is_set() else FINISH_S
        if job.work.kind != SOLVE or wished > 1 or moment - job.stopped > patience:
            job.killed = True
            process.kill()

    def _note(self, job: _Job) -> None:
        moment = time.monotonic()
        if job.points and moment - job.noted >= NOTE_S:
            self._store.note(job.number, job.points)
            job.points, job.noted = [], moment

    def _keep(self, job: _Job, done: Done) -> None:
        folder = str(job.number) if done.written else None
        figures = {"cost": done.cost, "bound": done.bound, "gap": done.gap, "result": done.result, "folder": folder}
        self._store.end(job.number, done.status, done.reason, **figures)

    @staticmethod
    def _end_process(job: _Job) -> None:
        if job.process is not None:
            end_child(job.process)


class _Spare:
    """A process that waits for the next run with its imports done: they take longer than many a solve."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def make(self) -> None:
        """Start one, unless there is one."""
        with self._lock, contextlib.suppress(OSError):  # it is tried again when it is needed
            self._process = self._process or _start()

    def take(self) -> "subprocess.Popen[bytes]":
        """Hand it over; where it is gone, another one.

        Raises
        ------
        OSError
            If none can be started.
        """
        with self._lock:
            process, self._process = self._process, None
        if process is not None and process.poll() is None:
            return process
        if process is not None:
            end_child(process)
        return _start()

    def close(self) -> None:
        """End it."""
        if self._process is not None:
            end_child(self._process)


def _start() -> "subprocess.Popen[bytes]":
    """Start a process; output of libraries is discarded, failures come as messages."""
    return subprocess.Popen(
        child_command(_CHILD), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )


def _read(process: "subprocess.Popen[bytes]", messages: "queue.Queue[Any]") -> None:
    while True:
        try:
            message = read_message(cast(BinaryIO, process.stdout))
        except (OSError, ValueError):
            message = None
        messages.put(message)
        if message is None or isinstance(message, Done):
            return
