"""A run with another solver: the same program, with cuts added in rounds; every claim that can be checked is checked.

Its points count only if they satisfy every row and survive every contingency by our arithmetic. That there is no plan
counts only if it is proven here (`docs/solving.md`). Its bound is its own claim; if it gives none, none is known.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from planner.errors import PlannerError
from planner.options import SolveOptions
from planner.runs.solvers import OtherEngine
from planner.solve.arrays import Floats
from planner.solve.highs import SolverResult, SolverStatus
from planner.solve.mip import MixedIntegerProgram
from planner.solve.pipeline import run_pipeline
from planner.solve.points import add_violated_rows, offer, rounded
from planner.solve.records import Answer, SolveProgress, Stopped
from planner.solve.relaxation import relax
from planner.solve.serve import solve_mip
from planner.solve.settings import PLAN_TOLERANCE
from planner.solve.stages.relaxation import no_plan_or_no_least_cost
from planner.solve.state import Callback, State
from planner.solve.sub_mip import complete
from planner.status import Status

MOST_BROKEN = 3
"""Solutions that break rows after which another solver is not asked again."""


def solve_with_other(
    mip: MixedIntegerProgram,
    options: SolveOptions,
    engine: OtherEngine,
    callback: Callable[[SolveProgress], None],
    start: Floats | None = None,
) -> Answer:
    """Solve a program with another solver; see `planner.solve.serve.solve_mip`.

    Parameters
    ----------
    mip : MixedIntegerProgram
    options : SolveOptions
    engine : OtherEngine
    callback : callable
        Is called with each `SolveProgress`.
    start : array or None
        Not used: these solvers start from nothing.
    """

    def never_stopping(progress: SolveProgress) -> bool:
        callback(progress)
        return False

    def solve_once(
        mip: MixedIntegerProgram, options: SolveOptions, callback: Callback, _start: Floats | None = None
    ) -> Answer:
        return OtherRun(State(mip, options, callback), engine).run()

    return solve_mip(mip, options, never_stopping, start, solve_once, interruptible=False)


@dataclass(frozen=True, slots=True)
class OtherRun:
    """A run of another solver, on the state that the pipeline's stages use."""

    state: State
    engine: OtherEngine

    def run(self) -> Answer:
        """Solve, add the cuts that the answer violates, and again, until it violates none."""
        state = self.state
        try:
            with state.at_work(self.engine.name):
                return state.answer(self._rounds())
        except Stopped:
            return state.cut_short()
        except PlannerError as error:
            state.note(str(error))
            return state.answer(Status.TIME_LIMIT)

    def _rounds(self) -> Status:
        state, name, broken = self.state, self.engine.name, 0
        while True:
            result = self._ask()
            if result.status in ("infeasible", "unbounded"):
                return self._checked(result.status)
            if np.isfinite(result.bound):
                state.raise_bound(result.bound)
            if result.x is None:
                return _without_proof(result)
            if offer(state, result.x):
                return self._taken(result)
            if state.mip.arrays.worst_violation(rounded(state, result.x)) > PLAN_TOLERANCE:
                # Its integer variables fixed, the rest is solved for; a few times, for this may add cuts too.
                broken, rows = broken + 1, state.mip.arrays.row_count
                state.note(f"a solution of {name} breaks a row; highs fixed its integers and solved for the rest")
                complete(state, result.x)
                if state.incumbent is not None or broken >= MOST_BROKEN or state.mip.arrays.row_count == rows:
                    return self._taken(result)
            elif not add_violated_rows(state, result.x):
                return self._taken(result)

    def _ask(self) -> SolverResult:
        state, name = self.state, self.engine.name
        left = state.seconds_left
        if left <= 0.0:
            raise Stopped
        state.report()
        result, said = self.engine.run(state.mip.arrays, gap=state.options.gap, seconds=left)
        state.solver_seconds += result.seconds
        if result.status == "failed":
            state.note(f"{name} failed{': ' if said else ''}{said}")
        elif result.x is None and result.status == "gap":
            state.note(f"{name} calls the program solved but gives no solution")
        return result

    def _taken(self, result: SolverResult) -> Status:
        """What the last answer is worth."""
        if not np.isfinite(self.state.bound):
            self.state.note(f"{self.engine.name} gives no bound: how far the plan is from the best is not known")
        if self.state.gap_reached_but_for_rounding:
            return Status.GAP_REACHED
        return _without_proof(result)

    def _checked(self, said: SolverStatus) -> Status:
        """A verdict that leaves no plan, proven here or not at all; a plan that refutes it is the answer."""
        state, name = self.state, self.engine.name
        with state.at_work("relaxation"):
            relaxation = relax(state)
        if no_plan_or_no_least_cost(state, relaxation):
            return Status(relaxation.status)
        opinion = run_pipeline(state.mip, state.options.within(state.seconds_left), state.callback)
        for note in opinion.notes:
            state.note(note)
        state.mip, state.solver_seconds = opinion.mip, state.solver_seconds + opinion.solver_seconds
        state.cuts, state.rounds = state.cuts + opinion.cuts, state.rounds + opinion.rounds
        if opinion.x is None:
            state.note(f"{name} calls the program {said}; highs has not proven it")
            return opinion.status
        state.note(f"{name} calls the program {said}, which is wrong: the plan is by highs")
        state.incumbent, state.objective = opinion.x, opinion.objective
        state.raise_bound(opinion.bound)
        if opinion.status is Status.INTERRUPTED:
            return opinion.status
        return Status.GAP_REACHED if state.gap_reached_but_for_rounding else Status.TIME_LIMIT


def _without_proof(result: SolverResult) -> Status:
    """How a run ends that has proven nothing."""
    return Status.INTERRUPTED if result.status == "interrupted" else Status.TIME_LIMIT
