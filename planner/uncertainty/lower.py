"""Lower bounds over all scenarios as runs of an executor: relaxations of bundles, and each scenario by itself."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from planner.options import SolveOptions
from planner.runs.executor import Executor
from planner.runs.start import start_values
from planner.runs.task import Job
from planner.solve.arrays import INFINITY, Floats
from planner.status import Status
from planner.uncertainty.bounding import Bounded, TwoStageProgram
from planner.uncertainty.bundle_work import BundleWork, taken, work_of
from planner.uncertainty.evaluation import Evaluation
from planner.uncertainty.futures import Future
from planner.uncertainty.shares import Shares

BOUND_SHARE = 0.3
"""Share of the gap asked for to which each scenario by itself is bounded, if its root node does."""
Report = Callable[[str, int, int], None]
"""Reports what is being done, how much of it is done, and of how much."""


class LowerBounds:
    """The bounding of a program over scenarios by an executor.

    Parameters
    ----------
    executor : Executor
    futures : sequence of Future
        In the order of the scenarios of the program.
    program : TwoStageProgram
        Takes the redundancy cuts that the runs find.
    options : SolveOptions
        Of the study.
    report : callable
    """

    def __init__(
        self,
        executor: Executor,
        futures: Sequence[Future],
        program: TwoStageProgram,
        options: SolveOptions,
        report: Report,
    ) -> None:
        self._executor, self._futures, self._program, self._report = executor, futures, program, report
        self._options = replace(options, own_process=False, gap=BOUND_SHARE * options.gap)

    def relaxations(self, bundles: Sequence[Sequence[int]], prices: Floats) -> list[Bounded]:
        """Return the relaxation of each bundle with its prices of the first stage."""
        works = [work_of(self._program, one, price, "relaxed") for one, price in zip(bundles, prices, strict=True)]
        return self._bounded(bundles, works, "bundles of scenarios")

    def of_each(self, shares: Shares, known: Evaluation | None) -> Bounded:
        """Bound each scenario by itself, with its variables whole and its prices of the first stage.

        Parameters
        ----------
        shares : Shares
            Prices and weights of the scenarios.
        known : Evaluation or None
            Plans of all scenarios with the same orders, to begin from.
        """
        chosen = [s for s, weight in enumerate(shares.weight) if weight > 0.0]
        bundles = [[s] for s in chosen]
        works = [work_of(self._program, [s], shares.price[s], "whole", self._point(known, s)) for s in chosen]
        found = self._bounded(bundles, works, "bounds of the scenarios")
        bounds = np.full(len(self._futures), -INFINITY)
        bounds[chosen] = [one.bound if one.status is Status.OPTIMAL else -INFINITY for one in found]
        notes = tuple(dict.fromkeys(note for one in found for note in one.notes))
        return Bounded(Status.OPTIMAL, shares.bound([float(bound) for bound in bounds]), notes=notes)

    def with_prices(self, prices: Floats, known: Evaluation | None) -> Bounded:
        """Bound each scenario by itself, with its variables whole and multipliers of the first stage.

        Parameters
        ----------
        prices : array (scenarios, columns of the first stage and, with a tail, of the value at risk)
            Their sum weighted with the probabilities is zero.
        known : Evaluation or None
            Plans of all scenarios with the same orders, to begin from; not with a tail.
        """
        blocks = [one.block for one in self._program.scenarios]
        chances = np.array([block.probability for block in blocks])
        chances /= chances.sum()
        tail = self._program.measure.has_tail
        works = [
            work_of(self._program, [s], price, "whole", None if tail else self._point(known, s), tail=tail)
            for s, price in enumerate(prices - chances @ prices)
        ]
        found = self._bounded([[s] for s in range(len(blocks))], works, "bounds of the scenarios")
        notes = tuple(dict.fromkeys(note for one in found for note in one.notes))
        proven = all(one.status is Status.OPTIMAL for one in found)
        bound = float(chances @ np.array([one.bound for one in found])) if proven else -INFINITY
        return Bounded(Status.OPTIMAL, bound, notes=notes)

    def _point(self, known: Evaluation | None, s: int) -> Floats | None:
        """Return the plan of a scenario and what was ordered as a point of its program after its first stage."""
        plan = None if known is None else known.plans[s]
        if plan is None or known is None or known.orders is None:
            return None
        first = np.full(self._program.first.width, np.nan)
        first[: len(known.orders)] = known.orders
        columns = self._program.scenarios[s].block.arrays.columns
        return np.concatenate([first, start_values(plan).point(columns)])

    def _bounded(self, bundles: Sequence[Sequence[int]], works: Sequence[BundleWork], what: str) -> list[Bounded]:
        """Bound bundles of scenarios, each as a run, and take the cuts that were found."""
        place = {self._futures[bundle[0]].name: number for number, bundle in enumerate(bundles)}
        for bundle, work in zip(bundles, works, strict=True):
            self._executor.submit(Job(self._futures[bundle[0]].whatif, None, self._options, work))
        found: dict[int, Bounded] = {}
        for outcome in self._executor.completed():
            if outcome.status is Status.INTERRUPTED:
                raise KeyboardInterrupt
            number = place[outcome.name]
            found[number] = taken(outcome, self._program, bundles[number])
            self._report(what, len(found), len(bundles))
        return [found[number] for number in range(len(bundles))]
