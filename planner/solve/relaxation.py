"""The relaxation: the program without whole numbers, with cuts and links added until its optimum violates none."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from planner.solve import settings
from planner.solve.arrays import Arrays, Ints
from planner.solve.highs import Engine, SolverResult
from planner.solve.linear import solve_linear
from planner.solve.mip import LINK
from planner.solve.run import Run


@dataclass(slots=True)
class _Linear:
    """A relaxation inside the solver, and which row of the program each of its rows is."""

    engine: Engine
    rows: Ints


class RelaxationRun(Run):
    """A run that can solve the relaxation of its program."""

    def _relax(self) -> SolverResult:
        """The relaxation, with cuts added until it violates none; its bound, and that it has no point, are proven.

        Its duals are those of the rows of the program, in their order; links that do not bind are left out again.
        Without a verdict (``failed``) there may be a point all the same, with duals that prove little.
        """
        from_scratch = "ipm" if self.mip.arrays.column_count >= settings.INTERIOR_COLUMNS else "simplex"
        linear, method, given = self._linear(), from_scratch, self.mip.arrays.row_count
        linked = not len(self.mip.links.served)
        while True:
            outcome = self._proven(linear, method)
            if outcome.x is None or outcome.status == "unbounded":
                return outcome
            self._raise_bound(outcome.bound)
            if not linked and self._link_nearest(outcome):
                linear, linked = self._linear(), True
                continue
            method, linked = "simplex", True  # from the basis of the round before
            if not self._add_violated(linear, outcome):
                return self._without_slack_links(self._in_order(linear, outcome), given)

    def _proven(self, linear: _Linear, method: str) -> SolverResult:
        """Solve the relaxation in the engine at hand; where what comes of it cannot be proven, in other ways."""
        arrays = self.mip.arrays
        whole = len(linear.rows) == arrays.row_count and (np.diff(linear.rows) > 0).all()
        program = arrays if whole else arrays.with_rows_taken(linear.rows)
        first = self._solve(linear.engine, solver=method)
        outcome = solve_linear(program, self._plain_engine, self._solve_with, (linear.engine, first))
        if outcome.status != first.status:
            linear.engine = self._plain_engine(program)  # what is in the old one did not help
            self._note(f"relaxation: {first.status} was not proven, {outcome.status} is")
        return outcome

    def _plain_engine(self, program: Arrays) -> Engine:
        return Engine(program, threads=self.options.threads, seed=self.options.seed)

    def _solve_with(self, engine: Engine, options: dict[str, Any]) -> SolverResult:
        return self._solve(engine, **options)

    def _linear(self) -> _Linear:
        arrays = self.mip.arrays
        rows = np.arange(arrays.row_count)
        if self._held_back is not None:
            rows = np.setdiff1d(rows, self._held_back.rows)
        return _Linear(self._engine(arrays.relaxed()), rows)

    def _add_violated(self, linear: _Linear, outcome: SolverResult) -> bool:
        """Add to program and solver what the optimum violates; False when that is nothing."""
        assert outcome.x is not None  # the caller has a point
        before, held = self.mip.arrays.row_count, self._held_back
        more = self._take_back(outcome.x)
        taken = held.rows if held is not None and self._held_back is None else np.empty(0, dtype=np.int64)
        more += self._link(outcome.x)
        new = self._separate(outcome.x)
        if more:
            linear.engine.add_rows(0, more)
        if new is not None:
            linear.engine.add_rows(*new)
        linear.rows = np.concatenate([linear.rows, taken, np.arange(before, self.mip.arrays.row_count)])
        return bool(more) or new is not None

    def _link_nearest(self, outcome: SolverResult) -> bool:
        """Add the links that the first optimum violates, and those likely to be violated next."""
        assert outcome.x is not None  # the caller has a point
        assert outcome.column_dual is not None
        rows = self.mip.links.nearest(outcome.x, outcome.column_dual, settings.NEAREST_LINKS)
        if rows:
            self.mip = self.mip.with_rows(rows)
        return bool(rows)

    def _in_order(self, linear: _Linear, outcome: SolverResult) -> SolverResult:
        """The outcome with a dual for each row of the program; 0 for rows that are held back."""
        assert outcome.row_dual is not None  # a relaxation solved to optimality has them
        dual = np.zeros(self.mip.arrays.row_count)
        dual[linear.rows] = outcome.row_dual
        return replace(outcome, row_dual=dual)

    def _without_slack_links(self, outcome: SolverResult, given: int) -> SolverResult:
        """Leave out the links added that do not bind: whole numbers imply them, and they cost time in later stages."""
        assert outcome.x is not None  # the caller has both
        assert outcome.row_dual is not None
        arrays = self.mip.arrays
        links = np.array([row.constraint == LINK for row in arrays.rows], dtype=bool)
        links[:given] = False  # a family of the user's own may have rows of this name
        if not links.any():
            return outcome
        keep = ~links | (outcome.row_dual < -settings.NO_PRICE * float(np.abs(outcome.row_dual).max()))
        self.mip = self.mip.with_arrays(arrays.with_rows_kept(keep))
        return replace(outcome, row_dual=outcome.row_dual[keep])
