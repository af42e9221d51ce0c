"""Runs in processes of this machine.

A worker runs none of the user's code: it is started as the solver's process is (`planner.solve.watchdog`), so scripts
without a main guard, notebooks and pipes all work. One run at a time per worker, one thread each.
"""

import contextlib
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib import import_module
from typing import Any, BinaryIO, cast

from planner.errors import OptionError
from planner.runs.outcome import Outcome
from planner.runs.task import Job, Shared, run
from planner.solve.worker import read_message, write_message
from planner.status import Status
from planner.system.interrupts import check
from planner.system.lifeline import child_command

MOST_WORKERS = 512
ATTEMPTS = 2
"""A run whose worker dies is done once more, by a new worker."""
LEAST_MEMORY_GIB = 2.0
"""A worker may use this much at least: libraries alone map more than one GiB of addresses."""
_CHILD = "from planner.runs.local import main; main({memory})"
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Settings by which libraries that start threads of their own use one."""


class _Worker:
    """A worker process."""

    def __init__(self, shared: Shared, memory_gib: float | None) -> None:
        command = child_command(_CHILD.format(memory=memory_gib))
        environment = {**os.environ, **dict.fromkeys(_ONE_THREAD, "1")}
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        self._shared: Shared | None = shared

    def do(self, job: Job) -> Outcome | None:
        """Do a run; None when the process died."""
        try:
            if self._shared is not None:
                write_message(cast(BinaryIO, self.process.stdin), self._shared)
                self._shared = None
            write_message(cast(BinaryIO, self.process.stdin), job)
            return cast(Outcome | None, read_message(cast(BinaryIO, self.process.stdout)))
        except (OSError, ValueError, EOFError):
            return None

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


class LocalPool:
    """An executor of worker processes; one thread of this process waits for each.

    Parameters
    ----------
    shared : Shared
    workers : int
        How many processes.
    memory_gib : float or None
        Memory that each may use; None: its share of the machine's, `LEAST_MEMORY_GIB` at least.

    Raises
    ------
    OptionError
        If a number makes no sense.
    """

    def __init__(self, shared: Shared, workers: int, memory_gib: float | None = None) -> None:
        if not 1 <= workers <= MOST_WORKERS:
            message = f"workers {workers!r}: must be 1 to {MOST_WORKERS}"
            raise OptionError(message)
        if memory_gib is not None and not LEAST_MEMORY_GIB <= memory_gib < float("inf"):
            message = f"memory {memory_gib!r}: must be GiB for each worker, {LEAST_MEMORY_GIB:g} or more"
            raise OptionError(message)
        self.workers = workers
        self._memory_gib = _share_gib(workers) if memory_gib is None else memory_gib
        self._shared = shared
        self._jobs: queue.Queue[Job | None] = queue.Queue()
        self._done: queue.Queue[Outcome] = queue.Queue()
        self._waiting = 0
        self._lock = threading.Lock()
        self._alive: list[_Worker] = []
        self._closed = False
        self._threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(workers)]
        for thread in self._threads:
            thread.start()

    def submit(self, job: Job) -> None:
        """Hand in a run."""
        self._waiting += 1
        self._jobs.put(job)

    def completed(self) -> Iterator[Outcome]:
        """Yield the outcomes of all runs handed in, as they end."""
        while self._waiting:
            try:
                outcome = self._done.get(timeout=0.2)  # short, so that Ctrl-C is heard on every system
            except queue.Empty:
                check()
                continue
            self._waiting -= 1
            yield outcome

    def process_ids(self) -> list[int]:
        """Return the ids of the processes that run."""
        with self._lock:
            return [worker.process.pid for worker in self._alive]

    def close(self) -> None:
        """End all processes."""
        with self._lock:
            self._closed = True
            alive = list(self._alive)
        with contextlib.suppress(queue.Empty):
            while True:
                self._jobs.get_nowait()
        for _ in self._threads:
            self._jobs.put(None)
        for worker in alive:
            worker.process.kill()
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        worker: _Worker | None = None
        while (job := self._jobs.get()) is not None:
            outcome = None
            limit = "" if self._memory_gib is None else f": it may use {self._memory_gib:.1f} GiB"
            reason = f"the process of the run ended without an answer, {ATTEMPTS} times (memory{limit}; or killed)"
            for _ in range(ATTEMPTS):
                try:
                    worker = worker or self._start()
                except OSError as error:  # no process, memory or file handle to be had
                    reason = f"a process for the run could not be started ({error.strerror or error})"
                    continue
                if worker is None:  # closed meanwhile
                    return
                outcome = worker.do(job)
                if outcome is not None or self._closed:
                    break
                self._end(worker)
                worker = None
            self._done.put(outcome or Outcome(Status.CRASHED, reason=reason, name=job.whatif.name))
        if worker is not None:
            self._end(worker)

    def _start(self) -> _Worker | None:
        with self._lock:
            if self._closed:
                return None
            worker = _Worker(self._shared, self._memory_gib)
            self._alive.append(worker)
            return worker

    def _end(self, worker: _Worker) -> None:
        with self._lock:
            self._alive.remove(worker)
        worker.end()


def _share_gib(workers: int) -> float | None:
    """Each worker's share of the machine's memory; None if the system does not report it."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
    return max(LEAST_MEMORY_GIB, total / 2**30 / workers)


def _bound_memory(gib: float) -> None:
    """Let this process have so many addresses and no more, where the system can."""
    try:
        resource = import_module("resource")  # not on Windows
    except ImportError:
        return
    limit = int(gib * 2**30)
    with contextlib.suppress(ValueError, OSError):  # a tighter limit is set already
        resource.setrlimit(resource.RLIMIT_AS, (limit, resource.getrlimit(resource.RLIMIT_AS)[1]))


def main(memory_gib: float | None = None) -> None:
    """Serve runs until the input ends; `planner.system.lifeline.hold` has seen to signals and the end of the parent."""
    if memory_gib is not None:
        _bound_memory(memory_gib)
    source, target = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing but messages may reach the parent
    messages: queue.Queue[Any] = queue.Queue()

    def read() -> None:
        while (message := read_message(source)) is not None:
            messages.put(message)
        os._exit(0)  # the parent has closed its end, or is gone

    threading.Thread(target=read, daemon=True).start()
    shared = messages.get()
    while True:
        try:
            write_message(target, run(shared, messages.get()))
        except BrokenPipeError:  # the parent is gone
            return
