"""The sweep: every what-if of a case solved, each an audited plan or a reason why there is none."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.analysis.measures import COLUMNS, Record, measures_of, records
from planner.analysis.sweep_store import Store
from planner.api import Case, Plan
from planner.case.case import CaseData
from planner.changes.names import WhatIfs, what_ifs
from planner.changes.schema import BASE, WhatIf
from planner.errors import NoPlanError, OptionError, UnknownNameError
from planner.options import DEFAULT_GAP
from planner.plan.plan import PlanData
from planner.runs.executor import Executor
from planner.runs.local import LocalPool
from planner.runs.start import start_values
from planner.runs.task import Job, Options, Outcome, Shared, about_run, key_of, run_key
from planner.status import exit_code_of
from planner.symbols import Values
from planner.system import interrupts
from planner.system.cores import usable_cores
from planner.version import __version__

if TYPE_CHECKING:
    import pandas as pd

SUMMARY_MEASURES = (
    "cost",
    "unserved_share",
    "spend_primary",
    "spend_backup",
    "capacity_end_primary",
    "capacity_end_backup",
)
RUNS_TO_GUESS = 4
"""Runs that must have ended before the time left is guessed."""
OUTDATED = "of an earlier sweep: another case, other options or another version"
"""Reason in the rows of a run that was not asked for, and would be done again if it were."""
SHORT_RUN_S = 2.0
"""A case that solves in less gains nothing from a start: what is saved is less than what completing it costs."""


@dataclass(frozen=True, slots=True)
class SweepProgress:
    """How far a sweep is: runs done of all, the last one and what came of it, seconds so far and left (a guess)."""

    done: int
    total: int
    name: str
    status: str
    seconds: float
    seconds_left: float | None


@dataclass(slots=True)
class Sweep:
    """The results of a sweep.

    Attributes
    ----------
    names : list of str
        Every what-if asked for, `base` first.
    rows : mapping of str to list of dict
        The rows of each run that ended: one per measure.
    folder : Path or None
        The store, if there is one.
    interrupted : bool
        Whether Ctrl-C ended it early.
    reused : int
        Runs taken over from an earlier sweep.
    seconds : float
        Wall time.
    others : mapping of str to list of dict
        The rows of runs in the store that were not asked for this time; ``results.csv`` has them too.
    """

    names: list[str]
    rows: dict[str, list[Record]] = field(default_factory=dict)
    folder: Path | None = None
    interrupted: bool = False
    reused: int = 0
    seconds: float = 0.0
    others: dict[str, list[Record]] = field(default_factory=dict, repr=False)
    _plans: dict[str, PlanData] = field(default_factory=dict, repr=False)
    _store: Store | None = field(default=None, repr=False)

    @property
    def notices(self) -> list[str]:
        """What the user should know of the store: damaged runs, and what could not be written where it was to be."""
        return [] if self._store is None else self._store.notices

    @property
    def status(self) -> dict[str, str]:
        """The status of each run that ended."""
        return {name: str(rows[0]["status"]) for name, rows in self.rows.items()}

    @property
    def missing(self) -> list[str]:
        """The what-ifs without a result; none unless the sweep was interrupted."""
        return [name for name in self.names if name not in self.rows]

    def records(self) -> Iterator[Record]:
        """Yield the rows of all runs, in the order of the what-ifs."""
        for name in self.names:
            yield from self.rows.get(name, ())

    def table(self) -> "pd.DataFrame":
        """One row per what-if and measure (`planner.analysis.measures` describes both)."""
        pandas = import_module("pandas")  # slow to import, and only needed here
        frame: pd.DataFrame = pandas.DataFrame(list(self.records()), columns=list(COLUMNS))
        return frame

    def summary(self) -> "pd.DataFrame":
        """One row per what-if: status, gap, the main measures, and the cost less that of the base."""
        pandas = import_module("pandas")
        columns = ["name", "status", "gap", *SUMMARY_MEASURES, "cost_less_base", "cost_uncertainty", "reason"]
        frame: pd.DataFrame = pandas.DataFrame(list(self.overview()), columns=columns).set_index("name")
        return frame

    def overview(self) -> Iterator[Record]:
        """Yield the rows of `summary` as plain dicts."""
        base = self._value(BASE, "cost")
        for name in self.names:
            for first in self.rows.get(name, [])[:1]:
                row = {"name": name, "status": first["status"], "gap": first["gap"], "reason": first["reason"]}
                row |= {measure: self._value(name, measure) for measure in SUMMARY_MEASURES}
                cost = row["cost"]
                less = None if cost is None or base is None else cost - base
                yield {**row, "cost_less_base": less, "cost_uncertainty": self._uncertainty(name, less)}

    def _uncertainty(self, name: str, difference: float | None) -> float | None:
        """By how much a difference to the base may be off, for the gaps of both; None where nothing is proven."""
        if difference is None or name == BASE:
            return None if difference is None else 0.0
        slacks = [
            None
            if self.rows[run][0]["gap"] is None
            else self.rows[run][0]["gap"] * abs(self._value(run, "cost") or 0.0)
            for run in (name, BASE)
        ]
        return None if None in slacks else sum(slack for slack in slacks if slack is not None)

    def _value(self, name: str, measure: str) -> float | None:
        return next((row["value"] for row in self.rows.get(name, ()) if row["measure"] == measure), None)

    def plan(self, name: str) -> Plan:
        """Return the plan of a run.

        Raises
        ------
        UnknownNameError
            If no run of that name ended.
        NoPlanError
            If the run has no plan, with the reason.
        """
        if name in self._plans:
            return Plan.of(self._plans[name])
        if name not in self.rows:
            raise UnknownNameError(f"no plan for {name!r}: there are {', '.join(self.rows)}")
        if self.rows[name][0]["value"] is None:
            raise NoPlanError(f"no plan for {name!r}: {self.rows[name][0]['reason']}")
        assert self._store is not None  # plans not in memory are in the store
        return Plan.of(self._store.plan(name))

    def keep(self, name: str, plan: PlanData, about: Mapping[str, Any]) -> None:
        """Take in the plan of a run, with the what-if it answers."""
        values = measures_of(plan)
        plan = PlanData(plan.case, {**plan.summary, "what_if": {**about, "measures": values}}, plan.tables)
        if self._store is None or not self._store.write_plan(name, plan):
            self._plans[name] = plan
        summary = plan.summary
        self.rows[name] = records(name, summary["status"], summary["gap"], "", values)

    def keep_failure(self, name: str, status: str, reason: str, about: Mapping[str, Any]) -> None:
        """Take in a run without a plan."""
        if self._store is not None:
            self._store.write_failure(name, {"status": status, "reason": reason, "what_if": dict(about)})
        self.rows[name] = records(name, status, None, reason, {})


def sweep(
    case: "Case | str | Path",
    whatifs: WhatIfs,
    *,
    workers: int = 2,
    scheduler: str | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    only: Sequence[str] = (),
    gap: float = DEFAULT_GAP,
    time_limit_s: float | None = None,
    seed: int = 0,
    start: bool | None = None,
    memory_gib: float | None = None,
    on_progress: Callable[[SweepProgress], None] | None = None,
) -> Sweep:
    """Solve a case and its what-ifs side by side.

    Parameters
    ----------
    case : Case, str or Path
    whatifs : str, Path, mapping or sequence
        A shipped what-if file, the path of one, ``{name: changes}``, or `WhatIf` s.
    workers : int
        Processes of this machine, each with one thread.
    scheduler : str or None
        Address (or scheduler file) of a ``dask.distributed`` scheduler, whose workers do the runs then.
    out : str, Path or None
        Folder that keeps every run as it ends; without it, everything stays in memory.
    resume : bool
        Continue the sweep in ``out``: runs with the same case, changes, options and version are taken over.
    only : sequence of str
        Run these what-ifs of the file only.
    gap, time_limit_s, seed
        As of `Case.solve`; the limit is for each run.
    start : bool or None
        Whether runs start from the base plan; None: where the base takes long enough to make it pay.
    memory_gib : float or None
        Memory that each process of this machine may use; None: the machine's memory divided by ``workers``, 2 at least.
        Not with a scheduler, whose workers have limits of their own.
    on_progress : callable or None
        Hears `SweepProgress`.

    Returns
    -------
    Sweep
        With Ctrl-C, what was done by then (``interrupted``).

    Raises
    ------
    CaseError
        If the case or the what-ifs are invalid.
    PlannerError
        If the folder or the scheduler cannot be used.
    """
    base = case if isinstance(case, Case) else Case.read(case)
    every = what_ifs(whatifs, base)
    order = [BASE, *(whatif.name for whatif in every)]
    runs = [WhatIf(name=BASE), *(what_ifs(whatifs, base, only) if only else every)]
    options = Options(gap, time_limit_s, seed, start)
    about = {
        "format": 1,
        "case_name": base.name,
        "case_hash": base.hash,
        "version": __version__,
        "gap": gap,
        "time_limit_s": time_limit_s,
        "seed": seed,
        "runs": [whatif.name for whatif in runs],
    }
    store = Store(Path(out), about, resume=resume) if out is not None else None
    found = Sweep([whatif.name for whatif in runs], folder=None if store is None else store.folder, _store=store)
    work = _Work(base, options, found, on_progress, order)
    try:
        todo = work.take_over(runs, resume=resume)
        if todo:
            shared = Shared(base, options)
            work.run(todo, _opener(shared, len(todo), workers, scheduler, memory_gib))
        found.seconds = time.monotonic() - work.begin
        work.write_table(now=True)
    finally:
        if store is not None:
            store.close()
    return found


def _processes(workers: int, runs: int) -> int:
    """As many processes as asked for, but no more than runs or cores; a number that makes no sense stays as it is."""
    return max(1, min(workers, runs, usable_cores())) if workers >= 1 else workers


def _opener(
    shared: Shared, runs: int, workers: int, scheduler: str | None, memory_gib: float | None
) -> Callable[[], Executor]:
    """Return what starts the executor asked for."""
    if scheduler is not None:
        if memory_gib is not None:
            message = "memory is for processes of this machine; the workers of a scheduler have limits of their own"
            raise OptionError(message)
        return lambda: import_module("planner.runs.cluster").ClusterPool(shared, scheduler)
    return lambda: LocalPool(shared, _processes(workers, runs), memory_gib)


class _Work:
    """The running of one sweep."""

    def __init__(
        self,
        case: CaseData,
        options: Options,
        found: Sweep,
        on_progress: Callable[[SweepProgress], None] | None,
        order: Sequence[str],
    ) -> None:
        self.case = case
        self.order = order
        self.options = options
        self.found = found
        self.begin = time.monotonic()
        self._hear = on_progress
        self._whatifs: dict[str, WhatIf] = {}
        self._point: Values | None = None
        self._ended: list[float] = []

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
        for left in store.others(whatif.name for whatif in runs):
            reason = left.reason
            if left.key != key_of(self.case.hash, left.changes, self.options):
                reason = f"{OUTDATED}{f': {reason}' if reason else ''}"
            self.found.others[left.name] = records(left.name, left.status, left.gap, reason, left.measures)
        store.make_room(whatif.name for whatif in todo)
        self.found.reused = len(runs) - len(todo)
        return todo

    def write_table(self, *, now: bool) -> None:
        """Write the table of all runs in the store that ended."""
        if self.found._store is not None:
            self.found._store.write_table({**self.found.others, **self.found.rows}, self.order, now=now)

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

    def _seconds_left(self, runs: int) -> float | None:
        """Guess from the runs that went side by side: the base, and the start of the processes, are not like them."""
        self._ended.append(time.monotonic())
        if len(self._ended) < RUNS_TO_GUESS:
            return None
        first, *others = self._ended[1:]
        return (others[-1] - first) / len(others) * runs

    def _start_point(self) -> Values | None:
        """Where runs start from: the base plan, if wanted and there is one."""
        rows = self.found.rows.get(BASE, [])
        if self.options.start is False or not rows or rows[0]["value"] is None:
            return None
        plan = self.found.plan(BASE)
        if self.options.start is None and plan.summary["solver_seconds"] < SHORT_RUN_S:
            return None
        return start_values(plan)

    def _key(self, whatif: WhatIf) -> str:
        return run_key(self.case, whatif, self.options)

    def _take(self, outcome: Outcome) -> None:
        """Keep an outcome, whole, and tell of it."""
        with interrupts.held():
            self._keep(outcome)
        interrupts.check()

    def _keep(self, outcome: Outcome) -> None:
        whatif = self._whatifs[outcome.name]
        started = self._point is not None and outcome.name != BASE
        about = about_run(whatif, self._key(whatif), started=started)
        if outcome.plan is not None:
            self.found.keep(outcome.name, outcome.plan, about)
        else:
            self.found.keep_failure(outcome.name, str(outcome.failure), outcome.reason, about)
        self.write_table(now=False)
        if self._hear is not None:
            done, total = len(self.found.rows), len(self.found.names)
            seconds = time.monotonic() - self.begin
            left = self._seconds_left(total - done)
            status = str(self.found.rows[outcome.name][0]["status"])
            self._hear(SweepProgress(done, total, outcome.name, status, seconds, left))


def exit_code(found: Sweep) -> int:
    """Return the exit code of a sweep: 0 when every run has a result (`planner.status.exit_code_of`).

    A proof that there is no plan, and a changed case that is wrong, are results, unless all runs are such; a run that
    did not end was cut short.
    """
    results = [(str(rows[0]["status"]), rows[0]["value"] is not None) for rows in found.rows.values()]
    return exit_code_of([*results, *(("interrupted", False) for _ in found.missing)])
