"""Worker processes that try mutations; one that hangs, dies or eats the memory is a finding, and is replaced."""

import multiprocessing
import resource
import time
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any

from tests.fuzz.runs import Outcome, Streams, try_mutation

MEMORY_BYTES = 8 * 2**30
FRESH_AFTER = 400
"""A worker is replaced after so many mutations: threads of solves that a limit cut short go with it."""


def _work(connection: Connection, limit_s: float) -> None:
    """Try mutations that come through a connection until it closes."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    streams = Streams()
    while True:
        try:
            name = connection.recv()
        except EOFError:
            return
        try:
            outcome = try_mutation(name, streams, limit_s)
        except Exception as error:
            outcome = Outcome(name, faults=[f"{type(error).__name__} came out: {error}"])
        connection.send(outcome)


class _Worker:
    """A process with the mutation that it is trying."""

    def __init__(self, limit_s: float) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, limit_s), daemon=False)
        self.process.start()
        theirs.close()
        self.name = ""
        self.since = 0.0
        self.done = 0

    def give(self, name: str) -> None:
        self.name, self.since = name, time.monotonic()
        self.connection.send(name)

    def end(self, *, kill: bool = False) -> None:
        self.connection.close()
        if kill:
            self.process.kill()
        self.process.join(10.0)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def try_all(names: Sequence[str], jobs: int, limit_s: float, patience_s: float) -> Iterator[Outcome]:
    """Try mutations in ``jobs`` processes, and yield what came of each as it comes.

    Parameters
    ----------
    names : sequence of str
    jobs : int
        Processes.
    limit_s : float
        Time limit of each solve, s.
    patience_s : float
        After so many seconds a mutation counts as a hang and its process is killed.
    """
    left = iter(names)
    workers: list[_Worker] = []
    try:
        for _ in range(jobs):
            _next(workers, None, left, limit_s)
        while workers:
            ready: list[Any] = wait([worker.connection for worker in workers], timeout=1.0)
            for worker in list(workers):
                outcome = None
                if worker.connection in ready:
                    outcome = _heard(worker)
                elif time.monotonic() - worker.since > patience_s:
                    outcome = Outcome(worker.name, faults=[f"hangs: killed after {patience_s:.0f} s"])
                if outcome is None:
                    continue
                workers.remove(worker)
                broken = not worker.process.is_alive() or worker.connection not in ready
                if broken or worker.done >= FRESH_AFTER:
                    worker.end(kill=broken)
                    _next(workers, None, left, limit_s)
                else:
                    _next(workers, worker, left, limit_s)
                yield outcome
    finally:
        for worker in workers:
            worker.end(kill=True)


def _heard(worker: _Worker) -> Outcome:
    try:
        outcome: Outcome = worker.connection.recv()
    except (EOFError, OSError):
        worker.process.join(5.0)
        return Outcome(worker.name, faults=[f"the process died (exit code {worker.process.exitcode})"])
    worker.done += 1
    return outcome


def _next(workers: list[_Worker], worker: _Worker | None, left: Iterator[str], limit_s: float) -> None:
    """Give a worker, or a new one, the next mutation; end it when there is none."""
    name = next(left, None)
    if name is None:
        if worker is not None:
            worker.end()
        return
    worker = worker or _Worker(limit_s)
    worker.give(name)
    workers.append(worker)
