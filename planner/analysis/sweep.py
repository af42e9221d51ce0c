"""The sweep: every what-if of a case solved, each an audited plan or a reason why there is none."""

import pickle
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Unpack

from planner.analysis.measures import records
from planner.analysis.resolve import refuse_limit, resolve_open
from planner.analysis.sweep_further import Further, open_runs
from planner.analysis.sweep_result import Sweep, SweepProgress
from planner.analysis.sweep_store import Store
from planner.api import AnyCase, Case
from planner.case.case import CaseData
from planner.changes.names import WhatIfs, what_ifs
from planner.changes.schema import BASE, WhatIf
from planner.errors import OptionError
from planner.log import LOG
from planner.options import SolveKeywords, SolveOptions
from planner.runs.executor import Executor
from planner.runs.local import LocalPool
from planner.runs.outcome import Outcome
from planner.runs.solvers import check_solver
from planner.runs.start import start_values
from planner.runs.task import Job, Shared, about_run, content_of, key_of, run_key
from planner.runs.variants import Runner, runner_of
from planner.symbols import Values
from planner.system import interrupts
from planner.system.cores import usable_cores
from planner.version import __version__

RUNS_TO_GUESS = 4
"""Runs that must have ended before the time left is guessed."""
OUTDATED = "of an earlier sweep: another case, other options or another version"
"""Reason in the rows of a run that was not asked for, and would be done again if it were."""
SHORT_RUN_S = 2.0
"""A case that solves in less gains nothing from a start: what is saved is less than what completing it costs."""


def sweep(
    case: AnyCase,
    whatifs: WhatIfs,
    *,
    workers: int = 2,
    scheduler: str | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    only: Sequence[str] = (),
    start: bool | None = None,
    memory_gib: float | None = None,
    resolve: bool = False,
    resolve_time_limit_s: float | None = None,
    runner: Runner | None = None,
    options: SolveOptions | None = None,
    on_progress: Callable[[SweepProgress], None] | None = None,
    **keywords: Unpack[SolveKeywords],
) -> Sweep:
    """Solve a case and its what-ifs in parallel.

    Parameters
    ----------
    case : Case, CaseData, str or Path
        A str or Path as of `Case.read`.
    whatifs : str, Path, mapping or sequence
        A shipped what-if file, the path of one, ``{name: changes}``, or `WhatIf` s.
    workers, scheduler
        Processes of this machine, each of which does one run at a time; or the address (or file) of a
        ``dask.distributed`` scheduler, whose workers do the runs.
    out, resume
        Folder that keeps every run as it ends (without it, everything stays in memory), and whether to continue the
        sweep in it: runs with the same case, changes, options and version are taken over.
    only, start
        Run these what-ifs only; whether runs start from the base plan (None: where the base takes long enough to pay).
    memory_gib : float or None
        Memory of each process of this machine; None: its share of the machine's, 2 at least. Not with a scheduler.
    resolve, resolve_time_limit_s
        Whether runs whose difference to the base is open are solved further in the end, and the wall time of each (60).
    runner : Runner or None
        In place of the options: it has them, and counts the runs. What it has solved itself is not used.
    options, on_progress, **keywords
        As of `Case.solve`: ``gap``, ``time_limit_s``, ``threads``, ``seed``, ``solver``, of each run; the callback is
        invoked with a `SweepProgress` after each run. With Ctrl-C the sweep holds what was done by then.

    Raises
    ------
    CaseError, OptionError, PlannerError
        If the case, the what-ifs or their names (keys) are invalid; if the folder or scheduler cannot be used.
    """
    base = Case.of(case)
    limit_s = refuse_limit(resolve_time_limit_s) if resolve else None
    _refuse_unsendable(base)
    order, runs = _runs(whatifs, base, only)
    use = runner_of(runner, options, None, keywords)
    own = _options_of_a_run(use.options)
    opener = partial(_opener, workers=workers, scheduler=scheduler, memory_gib=memory_gib)
    found = _opened(base, own, runs, out, resume=resume)
    _Work(base, own, found, on_progress, order, start=start).do(runs, opener, resume=resume, resolve_s=limit_s)
    use.count(found.results())
    return found


def _runs(whatifs: WhatIfs, base: Case, only: Sequence[str]) -> tuple[list[str], list[WhatIf]]:
    """Return the names of all runs in order, and the runs asked for; the base is the first of both."""
    every = what_ifs(whatifs, base)
    runs = [WhatIf(name=BASE), *(what_ifs(whatifs, base, only) if only else every)]
    return [BASE, *(whatif.name for whatif in every)], runs


def _opened(
    base: Case, options: SolveOptions, runs: Sequence[WhatIf], out: str | Path | None, *, resume: bool
) -> Sweep:
    """Return the sweep before its first run, with its folder open."""
    store = Store(Path(out), _about(base, options, runs), resume=resume) if out is not None else None
    return Sweep([whatif.name for whatif in runs], folder=None if store is None else store.folder, _store=store)


def _options_of_a_run(options: SolveOptions) -> SolveOptions:
    """The options of each run, which is in a separate process already; a solver that is not here is refused."""
    own = replace(options, own_process=False)
    if not own.embedded:
        check_solver(own.solver, threads=own.threads, seed=own.seed)
    return own


def _about(base: Case, options: SolveOptions, runs: Sequence[WhatIf]) -> dict[str, Any]:
    """What the folder of a sweep says about it."""
    return {
        "format": 1,
        "case_name": base.name,
        "case_hash": base.hash,
        "version": __version__,
        "gap": options.gap,
        "time_limit_s": options.time_limit_s,
        "threads": options.threads,
        "seed": options.seed,
        "solver": options.solver,
        "runs": [whatif.name for whatif in runs],
    }


def _refuse_unsendable(case: Case) -> None:
    """Refuse constraint families that the workers cannot import: those of a notebook, a script, or inside a function.

    Raises
    ------
    OptionError
        With the family.
    """
    for family in case.families:
        try:
            pickle.loads(pickle.dumps(family))
            sent = "__main__" not in {getattr(part, "__module__", "") for part in (family.build, family.active)}
        except (pickle.PicklingError, AttributeError, TypeError):
            sent = False
        if not sent:
            raise OptionError(
                f"constraint family {family.name!r} cannot be sent to the workers of a sweep: define its functions in "
                "a module that they can import, not in a notebook, a script or another function"
            )


def _processes(workers: int, runs: int, threads: int = 1) -> int:
    """As many processes as asked for, but no more than runs, or than cores for their threads.

    A number that makes no sense stays as it is.
    """
    return max(1, min(workers, runs, usable_cores() // threads)) if workers >= 1 else workers


def _opener(
    shared: Shared, runs: int, workers: int, scheduler: str | None, memory_gib: float | None
) -> Callable[[], Executor]:
    """Return what starts the executor asked for."""
    if scheduler is not None:
        if memory_gib is not None:
            message = "memory is for processes of this machine; the workers of a scheduler have limits of their own"
            raise OptionError(message)
        return lambda: import_module("planner.runs.cluster").ClusterPool(shared, scheduler)
    return lambda: LocalPool(shared, _processes(workers, runs, shared.options.threads), memory_gib)


class _Work:
    """The running of one sweep."""

    def __init__(
        self,
        case: CaseData,
        options: SolveOptions,
        found: Sweep,
        on_progress: Callable[[SweepProgress], None] | None,
        order: Sequence[str],
        *,
        start: bool | None,
    ) -> None:
        self.case = case
        self.order = order
        self.options = options
        self.found = found
        self.begin = time.monotonic()
        self._on_progress = on_progress
        self._whatifs: dict[str, WhatIf] = {}
        self._point: Values | None = None
        self._starts = start
        self._ended: list[float] = []

    def do(
        self,
        runs: Sequence[WhatIf],
        opener: Callable[..., Callable[[], Executor]],
        *,
        resume: bool,
        resolve_s: float | None = None,
    ) -> None:
        """Do the runs that no earlier sweep has done, and close the store.

        Parameters
        ----------
        opener : callable
            From what the runs share, and their number, to what starts their executor.
        resume : bool
        resolve_s : float or None
            Wall time for each difference that is open; None: they stay so.
        """
        store = self.found._store
        try:
            todo = self.take_over(runs, resume=resume)
            if todo:
                self.run(todo, opener(Shared(self.case, self.options), len(todo)))
            if resolve_s is not None and not self.found.interrupted:
                self.resolve(opener, resolve_s)
            self.found.seconds = time.monotonic() - self.begin
            self.write_table(now=True)
        finally:
            if store is not None:
                store.close()

    def take_over(self, runs: Sequence[WhatIf], *, resume: bool) -> list[WhatIf]:
        """Take over what an earlier sweep left in the store; return the runs still to do."""
        self._whatifs = {whatif.name: whatif for whatif in runs}
        store = self.found._store
        if not resume or store is None:
            return list(runs)
        todo = []
        for whatif in runs:
            left = store.finished(whatif.name, self._key(whatif))
            if left is None:
                todo.append(whatif)
            else:
                self.found.rows[whatif.name] = records(left.name, left.status, left.gap, left.reason, left.measures)
                self.found._stands(whatif.name, left.standing)
        for left in store.others(whatif.name for whatif in runs):
            reason = left.reason
            if left.key != key_of(content_of(self.case), left.changes, self.options, self._starts):
                reason = f"{OUTDATED}{f': {reason}' if reason else ''}"
            else:
                self.found._stands(left.name, left.standing)
            self.found.others[left.name] = records(left.name, left.status, left.gap, reason, left.measures)
        store.make_room(whatif.name for whatif in todo)
        self.found.reused = len(runs) - len(todo)
        return todo

    def write_table(self, *, now: bool) -> None:
        """Write the table of all runs in the store that ended."""
        if self.found._store is not None:
            rows = {name: self.found.rows_with_difference(name) for name in (*self.found.others, *self.found.rows)}
            self.found._store.write_table(rows, self.order, now=now)

    def run(self, todo: Sequence[WhatIf], open_executor: Callable[[], Executor]) -> None:
        """Do the runs: the base first, as the others may start from its plan."""
        executor: Executor | None = None
        try:
            executor = open_executor()
            if todo[0].name == BASE:
                executor.submit(Job(todo[0]))
                for outcome in executor.completed():
                    self._take(outcome)
                todo = todo[1:]
            self._point = self._start_point()
            for whatif in todo:
                executor.submit(Job(whatif, self._point))
            for outcome in executor.completed():
                self._take(outcome)
        except KeyboardInterrupt:
            self.found.interrupted = True
        finally:
            if executor is not None:
                executor.close()

    def resolve(self, opener: Callable[..., Callable[[], Executor]], seconds: float) -> None:
        """Solve further the runs whose difference to the base is open, and keep each as it ends."""
        runs = open_runs(self.found)
        if not runs:
            return
        executor: Executor | None = None
        try:
            executor = opener(Shared(self.case, self.options), len(runs))()
            further = Further(executor, self._whatifs, self.options, self.found, self._keep_better)
            self.found.resolved = resolve_open(runs, further.plans, further, seconds)
            self.found.interrupted = further.interrupted
        except KeyboardInterrupt:
            self.found.interrupted = True
        finally:
            if executor is not None:
                executor.close()

    def _keep_better(self, outcome: Outcome, about: Mapping[str, Any]) -> None:
        """Store a better plan, or a better bound, in the place of what was known of a run."""
        with interrupts.held():
            self.found._keep(outcome, about)
            self.write_table(now=False)
            LOG.info("a run of a sweep, further: %s: %s", outcome.name, outcome.status)
            if self._on_progress is not None:
                seconds, total = time.monotonic() - self.begin, len(self.found.names)
                self._on_progress(SweepProgress(total, total, outcome.name, outcome.status, seconds, None))
        interrupts.check()

    def _seconds_left(self, runs: int) -> float | None:
        """Estimate from the parallel runs: the base, and the start of the processes, take another time."""
        self._ended.append(time.monotonic())
        if len(self._ended) < RUNS_TO_GUESS:
            return None
        first, *others = self._ended[1:]
        return (others[-1] - first) / len(others) * runs

    def _start_point(self) -> Values | None:
        """Where runs start from: the base plan, if wanted and there is one."""
        rows = self.found.rows.get(BASE, [])
        if self._starts is False or not rows or rows[0]["value"] is None:
            return None
        plan = self.found.plan(BASE)
        if self._starts is None and plan.summary["solver_seconds"] < SHORT_RUN_S:
            return None
        return start_values(plan)

    def _key(self, whatif: WhatIf) -> str:
        return run_key(self.case, whatif, self.options, self._starts)

    def _take(self, outcome: Outcome) -> None:
        """Store an outcome completely, and report it."""
        with interrupts.held():
            self._keep(outcome)
        interrupts.check()

    def _keep(self, outcome: Outcome) -> None:
        whatif = self._whatifs[outcome.name]
        started = self._point is not None and outcome.name != BASE
        about = about_run(whatif, self._key(whatif), started=started)
        self.found._keep(outcome, about)
        self.write_table(now=False)
        done, total = len(self.found.rows), len(self.found.names)
        LOG.info("run %d of %d of a sweep: %s: %s", done, total, outcome.name, outcome.status)
        if self._on_progress is not None:
            seconds = time.monotonic() - self.begin
            left = self._seconds_left(total - done)
            self._on_progress(SweepProgress(done, total, outcome.name, outcome.status, seconds, left))
