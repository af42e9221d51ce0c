"""Runs of a sweep solved further, in the processes of the sweep: those whose difference to the base is open."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from planner.analysis.resolve import Pair, Wanted
from planner.analysis.sweep_result import Sweep
from planner.changes.schema import BASE, WhatIf
from planner.options import SolveOptions
from planner.plan.plan import PlanData
from planner.runs.difference import OPEN
from planner.runs.executor import Executor
from planner.runs.further import better_plan
from planner.runs.outcome import Outcome
from planner.runs.start import start_values
from planner.runs.task import Job
from planner.status import Status
from planner.system import interrupts

MEASURES = "measures"


def open_runs(found: Sweep) -> list[Pair]:
    """Return the differences to the base whose sign is open."""
    pairs = ((name, found.difference(name)) for name in found.names)
    return [Pair.of(name, name, BASE) for name, one in pairs if one is not None and one.sign == OPEN]


class Further:
    """Solves runs of a sweep further (`planner.analysis.resolve.Further`).

    Parameters
    ----------
    executor : Executor
    whatifs : mapping of str to WhatIf
    options : SolveOptions
        Of the sweep: gap and time of each run are others.
    found : Sweep
        Has the plans.
    keep : callable
        Stores a better plan, with what its folder says of its what-if.

    Attributes
    ----------
    plans : dict of str to PlanData
        The plans so far: of the base, and of every run that is open.
    interrupted : bool
        Whether a signal ended it.
    """

    def __init__(
        self,
        executor: Executor,
        whatifs: Mapping[str, WhatIf],
        options: SolveOptions,
        found: Sweep,
        keep: Callable[[Outcome, Mapping[str, Any]], None],
    ) -> None:
        self._executor, self._whatifs, self._options, self._keep = executor, whatifs, options, keep
        names = [BASE, *(pair.name for pair in open_runs(found))]
        self.plans: dict[str, PlanData] = {name: found.plan(name) for name in names}
        self.interrupted = False

    def __call__(self, wanted: Sequence[Wanted]) -> Iterator[tuple[str, PlanData, float]]:
        """Hand in all of a round, and yield each as it ends."""
        seconds = {one.run: one.seconds for one in wanted}
        for one in wanted:
            options = replace(self._options, gap=one.gap).within(min(one.seconds, self._options.seconds))
            self._executor.submit(Job(self._whatifs[one.run], start_values(self.plans[one.run]), options))
        try:
            for outcome in self._executor.completed():
                yield self._taken(outcome, seconds[outcome.name])
        except KeyboardInterrupt:
            self.interrupted = True
        self.interrupted = self.interrupted or interrupts.asked() is not None

    def _taken(self, outcome: Outcome, allowed: float) -> tuple[str, PlanData, float]:
        """The better plan of a run, stored, and the seconds that it took."""
        old = self.plans[outcome.name]
        if outcome.plan is None:
            self.interrupted = self.interrupted or outcome.status is Status.INTERRUPTED
            return outcome.name, old, allowed
        plan = self.plans[outcome.name] = better_plan(old, outcome.plan)
        about = {key: value for key, value in old.summary["what_if"].items() if key != MEASURES}
        self._keep(Outcome.of_plan(plan, outcome.name), about)
        return outcome.name, plan, float(outcome.plan.summary["seconds"]["total"])
