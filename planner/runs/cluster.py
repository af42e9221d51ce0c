"""Runs on a cluster, by the address of a ``dask.distributed`` scheduler (the optional extra ``cluster``)."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from planner.errors import PlannerError
from planner.runs.outcome import Outcome
from planner.runs.task import Job, Shared, run
from planner.status import Status

distributed: Any
try:  # this module is slow to import, and is imported only when a scheduler is named
    import distributed
except ImportError:
    distributed = None

WAIT_S = 20.0
"""How long to wait for the scheduler, and for its first worker."""

TRIES = 3
"""How often a run is handed in before it is said to have crashed."""


class ClusterPool:
    """An executor on the workers of a scheduler.

    Parameters
    ----------
    shared : Shared
    address : str
        Such as ``tcp://10.0.0.5:8786``, or the path of a scheduler file (``.json``).

    Raises
    ------
    PlannerError
        If the extra is not installed, nothing answers, there is no worker, or a worker has more than one thread.
    """

    def __init__(self, shared: Shared, address: str) -> None:
        if distributed is None:
            message = "a scheduler needs the extra `cluster`: pip install 'gigaplan[cluster]'"
            raise PlannerError(message)
        self._futures: dict[Any, tuple[Job, int]] = {}
        place = {"scheduler_file": address} if Path(address).suffix == ".json" else {"address": address}
        try:
            self._client = distributed.Client(**place, timeout=WAIT_S, set_as_default=False)
            self._client.wait_for_workers(1, timeout=WAIT_S)
        except (OSError, TimeoutError, ValueError) as error:
            with contextlib.suppress(AttributeError):
                self._client.close()
            first = (str(error).splitlines() or [type(error).__name__])[0]
            message = f"scheduler {address!r}: no worker answers ({first})"
            raise PlannerError(message) from None
        self.workers = self._check_workers()
        self._case = shared
        self._alone = False
        self._shared = self._client.scatter(shared, broadcast=True)

    def _check_workers(self) -> int:
        """Count the workers; two solves in two threads of one process can block each other for ever."""
        workers = self._client.scheduler_info(n_workers=-1)["workers"]
        threads = sorted({int(worker["nthreads"]) for worker in workers.values()})
        if threads and threads[-1] > 1:
            self._client.close()
            message = f"a worker of the scheduler has {threads[-1]} threads; start (more) workers with --nthreads 1"
            raise PlannerError(message)
        return len(workers)

    def submit(self, job: Job) -> None:
        """Hand in a run; one whose worker dies is done by another."""
        self._hand_in(job, tries=1)

    def _hand_in(self, job: Job, tries: int) -> Any:
        future = self._client.submit(run, self._shared, job, pure=False, retries=1)
        self._futures[future] = (job, tries)
        return future

    def completed(self) -> Iterator[Outcome]:
        """Yield the outcomes of all runs handed in, as they end.

        A run itself never raises. What raises here is the way to the result: the worker died, with the run or with its
        result not yet fetched, and the scheduler gave it up; then it is handed in again, ``TRIES`` times in all.
        """
        ended = distributed.as_completed(list(self._futures), loop=self._client.loop)
        for future in ended:
            job, tries = self._futures.pop(future)
            try:
                outcome = future.result()
            except Exception as error:
                first = (str(error).splitlines() or [""])[0]
                reason = f"its workers died: {type(error).__name__}: {first}"
                outcome = Outcome(Status.CRASHED, reason=reason, name=job.whatif.name)
                if tries < TRIES and self._share():
                    ended.add(self._hand_in(job, tries + 1))
                    continue
            finally:
                future.release()
            yield outcome

    def _share(self) -> bool:
        """Send the workers what all runs share; say whether there was a worker to take it (never again, if not)."""
        if self._alone:
            return False
        try:
            self._client.wait_for_workers(1, timeout=WAIT_S)
            self._shared = self._client.scatter(self._case, broadcast=True)
        except Exception:
            self._alone = True
        return not self._alone

    def close(self) -> None:
        """Leave the scheduler; runs still going on are given up."""
        with contextlib.suppress(Exception):  # the scheduler may be gone already
            self._client.cancel(list(self._futures))
        with contextlib.suppress(Exception):
            self._client.close()
