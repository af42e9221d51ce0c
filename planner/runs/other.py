"""A run with another solver: the same program, cuts added round by round, nothing believed that can be checked.

Its points count only if they keep every row and outlive every contingency by our own arithmetic. That there is no plan
counts only if it is proven here (`docs/solving.md`). Its bound is its own word; where it gives none, none is known.
"""

from collections.abc import Callable

import numpy as np

from planner.errors import PlannerError
from planner.options import SolveOptions
from planner.runs.solvers import OtherEngine
from planner.solve.arrays import Floats
from planner.solve.highs import SolverResult, Status
from planner.solve.mip import MixedIntegerProgram
from planner.solve.pipeline import Pipeline
from planner.solve.records import Answer, News, Stopped
from planner.solve.serve import solve_mip
from planner.solve.settings import PLAN_TOLERANCE

MOST_BROKEN = 3
"""Solutions that break rows after which another solver is not asked again."""


def solve_with_other(
    mip: MixedIntegerProgram,
    options: SolveOptions,
    engine: OtherEngine,
    tell: Callable[[News], None],
    start: Floats | None = None,
) -> Answer:
    """Solve a program with another solver; see `planner.solve.serve.solve_mip`.

    Parameters
    ----------
    mip : MixedIntegerProgram
    options : SolveOptions
    engine : OtherEngine
    tell : callable
        Hears `News`.
    start : array or None
        Not used: these solvers start from nothing.
    """

    def hear(news: News) -> bool:
        tell(news)
        return False

    def make(
        mip: MixedIntegerProgram, options: SolveOptions, tell: Callable[[News], bool], _start: Floats | None = None
    ) -> "OtherRun":
        return OtherRun(mip, options, tell, engine)

    return solve_mip(mip, options, hear, start, make, hears=False)


class OtherRun(Pipeline):
    """A run whose one stage is another solver."""

    def __init__(
        self, mip: MixedIntegerProgram, options: SolveOptions, tell: Callable[[News], bool], engine: OtherEngine
    ) -> None:
        super().__init__(mip, options, tell)
        self._held_back = None
        self._other = engine

    def run(self) -> Answer:
        """Solve, add the cuts that the answer violates, and again, until it violates none."""
        try:
            return self._answer(self._timed(self._other.name, self._rounds))
        except Stopped:
            return self._answer("interrupted" if self._interrupted else "limit")
        except PlannerError as error:
            self._note(str(error))
            return self._answer("limit")

    def _rounds(self) -> Status:
        broken = 0
        while True:
            outcome = self._ask()
            if outcome.status in ("infeasible", "unbounded"):
                return self._checked(outcome.status)
            if np.isfinite(outcome.bound):
                self._raise_bound(outcome.bound)
            if outcome.x is None:
                return "interrupted" if outcome.status == "interrupted" else "limit"
            if self._offer(outcome.x):
                return self._taken(outcome)
            if self._breaks_rows(outcome.x):
                # Its whole numbers held, the rest is solved for; a few times, for this may add cuts too.
                broken, rows = broken + 1, self.mip.arrays.row_count
                self._note(f"a solution of {self._other.name} breaks a row; its whole numbers were completed by highs")
                self._try_start(outcome.x)
                if self.x is not None or broken >= MOST_BROKEN or self.mip.arrays.row_count == rows:
                    return self._taken(outcome)
            elif not self._adds_missing(outcome.x):
                return self._taken(outcome)

    def _breaks_rows(self, x: Floats) -> bool:
        whole, integer = self._padded(x), self.mip.arrays.integer
        whole[integer] = np.round(whole[integer])
        return self.mip.arrays.worst_violation(whole) > PLAN_TOLERANCE

    def _ask(self) -> SolverResult:
        left = self._left()
        if left <= 0.0:
            raise Stopped
        self._say()
        outcome, said = self._other.run(self.mip.arrays, gap=self.options.gap, seconds=left)
        self.solver_seconds += outcome.seconds
        if outcome.status == "failed":
            self._note(f"{self._other.name} failed{': ' if said else ''}{said}")
        elif outcome.x is None and outcome.status == "gap":
            self._note(f"{self._other.name} calls the program solved but gives no solution")
        return outcome

    def _taken(self, outcome: SolverResult) -> Status:
        """What the last answer is worth."""
        if not np.isfinite(self.bound):
            self._note(f"{self._other.name} gives no bound: how far the plan is from the best is not known")
        if self._close():
            return "gap"
        return "interrupted" if outcome.status == "interrupted" else "limit"

    def _checked(self, said: Status) -> Status:
        """A verdict that leaves no plan, proven here or not at all; a plan that refutes it is the answer."""
        name = self._other.name
        relaxation = self._timed("relaxation", self._relax)
        if relaxation.status in ("infeasible", "unbounded"):
            return self._without_end(relaxation).status
        opinion = Pipeline(self.mip, self.options.within(self._left()), self._tell).run()
        for note in opinion.notes:
            self._note(note)
        self.mip, self.solver_seconds = opinion.mip, self.solver_seconds + opinion.solver_seconds
        self.cuts, self.rounds = self.cuts + opinion.cuts, self.rounds + opinion.rounds
        if opinion.x is None:
            self._note(f"{name} calls the program {said}; highs has not proven it")
            return opinion.status
        self._note(f"{name} calls the program {said}, which is wrong: the plan is by highs")
        self.x, self.objective = opinion.x, opinion.objective
        self._raise_bound(opinion.bound)
        return opinion.status if opinion.status == "interrupted" else "gap" if self._close() else "limit"
