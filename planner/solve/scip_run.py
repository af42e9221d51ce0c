"""A run with SCIP: relaxation and cuts as in the pipeline, then the full program by SCIP, separated as it goes.

Its points count only if they satisfy every row and survive every contingency by our arithmetic. Its bound is its word;
that there is no plan is not believed until HiGHS has proven it (docs/solving.md).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from planner.errors import PlannerError
from planner.options import SolveOptions
from planner.solve import settings
from planner.solve.arrays import Floats
from planner.solve.highs import SolverEvent, SolverResult
from planner.solve.lazily import LazyCuts
from planner.solve.mip import MixedIntegerProgram
from planner.solve.points import add_violated_rows, allowed, offer, padded
from planner.solve.records import Answer, Stopped
from planner.solve.scip import Inbox, ScipEngine
from planner.solve.stage import Stage, run_stages
from planner.solve.stages.given_start import GIVEN_START, SHED, keep_start
from planner.solve.stages.proof import FULL_PROGRAM
from planner.solve.stages.relaxation import RELAXATION
from planner.solve.state import Callback, State
from planner.solve.sub_mip import Limits, complete
from planner.status import Status

NAME = "scip"
"""Of the stage, and of the solver."""


def run_scip(
    mip: MixedIntegerProgram,
    options: SolveOptions,
    callback: Callback,
    start: Floats | None = None,
    *,
    inbox: Inbox | None = None,
    confirmed: bool = True,
) -> Answer:
    """Solve a program with SCIP; see `planner.solve.pipeline.run_pipeline`.

    Parameters
    ----------
    mip : MixedIntegerProgram
    options : SolveOptions
    callback : callable
    start : array or None
    inbox : callable or None
        Returns a point of another solver that has arrived since it was last called, or None.
    confirmed : bool
        Whether HiGHS decides where SCIP fails or claims that there is no plan; if not, the run ends as at a limit.
    """
    state = State(mip, options, callback, start)
    last = (FULL_PROGRAM,) if confirmed else ()
    try:
        run_stages(state, (RELAXATION, GIVEN_START, SHED, scip_stage(inbox), *last))
    except Stopped:
        keep_start(state)
        return state.cut_short()
    except PlannerError as error:
        state.note(str(error))
        return state.answer(Status.TIME_LIMIT)
    reached = Status.GAP_REACHED if state.gap_reached else Status.TIME_LIMIT
    return state.answer(state.verdict or reached)


def scip_stage(inbox: Inbox | None = None) -> Stage:
    """Return the stage that solves the full program with SCIP."""

    def work(state: State, _limits: Limits) -> None:
        state.verdict = _Search(state, inbox).run()

    return Stage(NAME, work, needs=frozenset(), gives=frozenset({"incumbent", "bound", "verdict"}))


@dataclass(frozen=True, slots=True)
class _Search:
    """The full program in SCIP, solved again with the rows that its answer violates, while there are any."""

    state: State
    inbox: Inbox | None

    def run(self) -> Status | None:
        """Return how the run ends; None if SCIP has decided nothing."""
        state = self.state
        for number in range(settings.MOST_ROUNDS):
            result, refused = self._ask(in_rounds=number < settings.SCIP_ROUNDS)
            if refused and state.seconds_left > 0.0 and not state.interrupted:
                continue
            if result.status in ("limit", "interrupted"):
                wished = state.interrupted or (result.status == "interrupted" and state.seconds_left > 0.0)
                return Status.INTERRUPTED if wished else Status.TIME_LIMIT
            if result.status in ("infeasible", "unbounded", "failed"):
                self._undecided(f"{NAME}: calls the program {result.status}")
                return None
            if not state.gap_reached_but_for_rounding and result.x is not None:
                if add_violated_rows(state, result.x):
                    continue
                complete(state, result.x)
            if state.gap_reached_but_for_rounding:
                return Status.OPTIMAL if result.status == "optimal" else Status.GAP_REACHED
            self._undecided(f"{NAME}: its answer breaks a row")
            return None
        self._undecided(f"{NAME}: stopped after {settings.MOST_ROUNDS} rounds")
        return None

    def _undecided(self, what: str) -> None:
        self.state.note(f"{what}, which counts only if highs proves it")

    def _ask(self, *, in_rounds: bool) -> tuple[SolverResult, bool]:
        """Run SCIP once; also whether it ended at a point that violates a cut, which the program has now."""
        state = self.state
        if state.seconds_left <= 0.0:
            raise Stopped
        lazy = LazyCuts(state.mip, allowed(state))
        engine = ScipEngine(
            state.mip.arrays, seed=state.options.seed, lazy=lazy, in_rounds=in_rounds, inbox=self._padded_inbox()
        )
        if state.incumbent is not None:
            engine.set_start(padded(state, state.incumbent))
        result = engine.run(gap=state.options.gap, time_limit_s=state.seconds_left, callback=self._receive)
        state.solver_seconds += result.seconds
        if engine.failure:
            state.note(f"{NAME} failed: {engine.failure}")
        if lazy.given:
            state.mip = state.mip.with_cuts(lazy.given)[0]
            state.cuts, state.rounds = state.cuts + len(lazy.given), state.rounds + 1
        if result.status not in ("infeasible", "unbounded", "failed"):
            offer(state, result.x)
            if np.isfinite(result.bound):
                state.raise_bound(result.bound)
        return result, engine.refused

    def _receive(self, event: SolverEvent) -> bool:
        """Take what SCIP reports. That the gap is reached is for SCIP to say: it ends at the same point every time."""
        state = self.state
        if event.x is not None:
            offer(state, event.x)
        if np.isfinite(event.bound):
            state.raise_bound(event.bound)
        return state.report() or state.seconds_left <= 0.0

    def _padded_inbox(self) -> Callable[[], Floats | None] | None:
        inbox, state = self.inbox, self.state
        if inbox is None:
            return None

        def padded_point() -> Floats | None:
            x = inbox()
            return None if x is None else padded(state, x[: state.mip.arrays.column_count])

        return padded_point
