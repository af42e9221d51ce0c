"""The search for the first stage of many or large scenarios: bounds from bundles and from each scenario by itself."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from planner.options import SolveOptions
from planner.runs.executor import Executor
from planner.solve.arrays import INFINITY, Floats
from planner.status import Status
from planner.uncertainty.bounding import Bounded, TwoStageProgram
from planner.uncertainty.bundles import Bundles, bundles_of
from planner.uncertainty.clock import Clock
from planner.uncertainty.evaluation import Evaluation
from planner.uncertainty.futures import Future
from planner.uncertainty.lower import LowerBounds
from planner.uncertainty.mpi import EngineError, problem_of, solve_by_mpi, sound
from planner.uncertainty.shares import Shares

STAGE_SHARE, LARGE_SHARE = 0.5, 1.0
"""Share of the gap asked for to which each scenario is solved, the rest being for the first stage; all of it where the
scenarios are many or large, and closer only where that closes the gap over all (`LargeSearch`)."""
TOGETHER_COLUMNS = 45_000
"""Columns of all scenarios from which they are bounded in bundles, as one linear program takes too long."""
BUNDLE_COLUMNS = 30_000
"""Columns of a bundle at most."""
BUNDLE_ROUNDS, TRIED_ROUNDS = 6, (0, 2, 5)
"""Rounds of bundles, and after which of them the first stage on which they agree on average is tried."""
ENGINE = "mpi-sppy"
CLOSER_SHARES = (0.5, 0.25)
"""Shares of the gap asked for to which futures are solved where that closes the gap over all."""


class Study(Protocol):
    """What the search knows of the study of risk that it belongs to."""

    options: SolveOptions
    clock: Clock
    futures: Sequence[Future]
    chances: list[float]
    best: Evaluation | None

    @property
    def done(self) -> bool:
        """Whether the gap is reached."""

    def take(self, found: Bounded, /) -> None:
        """Take a bound over all scenarios."""

    def try_orders(self, executor: Executor, orders: Floats, /) -> object:
        """Try a first stage, whole orders rounded, in every scenario."""

    def solve_closer(self, executor: Executor, places: list[int], share: float, /) -> None:
        """Solve futures with the best first stage to a share of the gap asked for."""


class LargeSearch:
    """The search of one study.

    Parameters
    ----------
    study : Study
    executor : Executor
        Solves bundles and scenarios.
    program : TwoStageProgram
        Of all scenarios.
    agreed : sequence of array
        First stages on which the futures by themselves agree: candidates.
    """

    def __init__(
        self, study: Study, executor: Executor, program: TwoStageProgram, agreed: Sequence[Floats] = ()
    ) -> None:
        self._study, self._executor, self._program, self._agreed = study, executor, program, agreed
        self._lower = LowerBounds(executor, study.futures, program, study.options, study.clock.report)

    def together(self) -> None:
        """Bound by the relaxation of all scenarios together, and by each of them with its prices."""
        relaxed = self._program.relaxation()
        self._study.take(relaxed)
        if relaxed.orders is not None and not self._study.done:
            self._try([*self._agreed, relaxed.orders])
            self._bound_each(relaxed.shares)

    def bundles(self) -> None:
        """Bound by the relaxations of bundles with multipliers, and try the first stages that they lead to."""
        study, made = self._study, bundles_of(self._program, BUNDLE_COLUMNS)
        bundles = Bundles(self._program, made, self._lower.relaxations)
        for number, found in enumerate(bundles.rounds()):
            study.take(Bounded(Status.INFEASIBLE if found.bound == INFINITY else Status.OPTIMAL, bundles.best))
            study.clock.report("bundles of scenarios", number + 1, BUNDLE_ROUNDS)
            last = number + 1 >= BUNDLE_ROUNDS
            orders = [found.common] if number in TRIED_ROUNDS else []
            if study.best is None or last:
                orders += found.candidates
            self._try([*([] if number else self._agreed), *orders])
            if number in TRIED_ROUNDS:
                self._bound_each(found.shares)
            if study.done or last:
                return

    def by_mpi(self, processes: int) -> None:
        """Bound with the multipliers of mpi-sppy, and try its first stages: its own bound and value are not taken.

        It begins with the duals of the relaxation, where the scenarios together are small enough for one.
        """
        study, program = self._study, self._program
        alone = [[s] for s in range(len(program.scenarios))]
        program.limit(study.clock.upper)
        shares = self._relaxed(alone)
        if study.done:
            return
        tail = program.measure.has_tail  # prices are then of other weights than the probabilities
        problem = problem_of(program, alone, study.options, None if shares is None or tail else shares.price)
        study.clock.report(ENGINE, 0, problem.iterations)
        try:
            found = solve_by_mpi(problem, processes, lambda done: study.clock.report(ENGINE, done, problem.iterations))
        except EngineError as error:
            study.take(Bounded(Status.NO_PLAN, -INFINITY, notes=(str(error),)))
            self._try(self._agreed)
            self._bound_each(shares)
            return
        found, notes = sound(found, problem)
        study.take(Bounded(Status.NO_PLAN, -INFINITY, notes=notes))
        self._try([*found.candidates, *self._agreed])
        if not study.done:
            self._lower.relaxations(alone, found.prices)  # for the redundancy cuts that these prices call for
            study.take(self._lower.with_prices(found.prices, study.best))
        self._bound_each(shares)

    def _relaxed(self, alone: Sequence[Sequence[int]]) -> Shares | None:
        """Bound by relaxations, which add redundancy cuts too; return the shares in one of all scenarios together."""
        program = self._program
        if program.columns <= TOGETHER_COLUMNS:
            relaxed = program.relaxation()
            self._study.take(relaxed)
            return relaxed.shares
        self._lower.relaxations(alone, np.zeros((len(alone), program.width)))
        return None

    def _try(self, candidates: Sequence[Floats]) -> None:
        for orders in candidates:
            if not self._study.done:
                self._study.try_orders(self._executor, orders)

    def _bound_each(self, shares: Shares | None) -> None:
        """Bound each scenario by itself with the prices of a relaxation; solve futures closer if that may do."""
        if shares is not None and not self._study.done:
            self._study.take(self._lower.of_each(shares, self._study.best))
        self._close()

    def _close(self) -> None:
        """Solve futures more closely with the best first stage, if that may close the gap over all."""
        for share in CLOSER_SHARES:
            best, clock = self._study.best, self._study.clock
            if self._study.done or best is None:
                return
            gap = self._study.options.gap
            missing = clock.upper - clock.lower - gap * abs(clock.upper)
            places = best.worth_closing(self._study.chances, missing, share * gap)
            if places:
                self._study.solve_closer(self._executor, places, share)
