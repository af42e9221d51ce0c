"""Where the programs of single scenarios are solved: here, in processes of this machine, or by a scheduler."""

from collections.abc import Iterator
from importlib import import_module

from planner.errors import OptionError
from planner.runs.executor import Executor
from planner.runs.local import MOST_WORKERS, LocalPool
from planner.runs.outcome import Outcome
from planner.runs.task import Job, Shared, run
from planner.system import interrupts
from planner.system.cores import usable_cores


class Here:
    """An executor that does each run when its outcome is asked for, in this very process."""

    workers = 1

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._jobs: list[Job] = []

    def submit(self, job: Job) -> None:
        """Hand in a run."""
        self._jobs.append(job)

    def completed(self) -> Iterator[Outcome]:
        """Do the runs handed in, and yield their outcomes."""
        while self._jobs:
            interrupts.check()
            yield run(self._shared, self._jobs.pop(0))

    def close(self) -> None:
        """Forget what was not done."""
        self._jobs.clear()


def refuse_workers(workers: int) -> None:
    """Refuse a number of processes that makes no sense.

    Raises
    ------
    OptionError
    """
    if not 1 <= workers <= MOST_WORKERS:
        raise OptionError(f"workers {workers!r}: must be 1 to {MOST_WORKERS}")


def open_executor(shared: Shared, runs: int, workers: int, scheduler: str | None) -> Executor:
    """Open what solves the scenarios.

    Parameters
    ----------
    shared : Shared
    runs : int
        Most runs at a time.
    workers : int
        Processes of this machine; with one, all is done in this process.
    scheduler : str or None
        Address or file of a ``dask.distributed`` scheduler, whose workers do the runs.

    Raises
    ------
    OptionError
        If the number makes no sense.
    """
    if scheduler is not None:
        pool: Executor = import_module("planner.runs.cluster").ClusterPool(shared, scheduler)  # slow to import
        return pool
    refuse_workers(workers)
    processes = min(workers, runs, max(1, usable_cores() // shared.options.threads))
    return Here(shared) if processes == 1 else LocalPool(shared, processes)
