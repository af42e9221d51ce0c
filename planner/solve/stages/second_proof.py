"""The second proof: what counts as solved by the word of HiGHS alone is solved once more, in another way.

With two threads, and for a tight gap, it is begun beside the first, with which it shares nothing: what it finds is
heard once the first has ended, as if it ran then.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from planner.solve import settings
from planner.solve.arrays import INFINITY, Floats
from planner.solve.begun import BegunRun
from planner.solve.highs import SolverStatus
from planner.solve.mip import MixedIntegerProgram
from planner.solve.points import add_violated_rows
from planner.solve.records import Stopped
from planner.solve.state import State
from planner.solve.sub_mip import UNLIMITED, SubMip, begin, solve_sub_mip

CLAIMS: Mapping[SolverStatus, str] = {
    "infeasible": "the solver called it infeasible",
    "unbounded": "the solver called it unbounded",
    "failed": "the solver failed",
    "optimal": "the solver's answer broke a row",
    "gap": "the solver's answer broke a row",
}
"""What the solver may say of a program that is then solved once more, in words."""


def other_options(state: State) -> dict[str, object]:
    """Return solver options for a second opinion: the opposite presolve setting, another seed."""
    without = state.careful and not state.tight
    return {"presolve": "on" if without else "off", "random_seed": (state.options.seed + 1) % (2**31 - 1)}


def is_doubtful(state: State) -> bool:
    """Return whether a program counts as solved by the word of HiGHS alone, not by its LP relaxation or another solver.

    Of programs that are too large for a second proof at a modest cost nothing is said.
    """
    relaxed = -INFINITY if state.relaxation is None else state.relaxation.objective
    proven_elsewhere = state.reached_by(max(relaxed, state.other_bound))  # the other solver is given no marks
    small = state.mip.arrays.column_count <= settings.TWICE_PROVEN_COLUMNS
    once = state.tight or bool(state.mip.arrays.implied.any())
    return small and state.gap_reached_but_for_rounding and not proven_elsewhere and once


def second_proof(state: State) -> None:
    """Prove a program of moderate size once more, without the marks of columns that are integer by implication.

    HiGHS 1.15.1 has called plans optimal that are not with these marks, and others without them (`docs/solving.md`).
    Its false claims are bounds that are too high: the lower of the two bounds counts, and the better of the two plans.
    For tight gaps of larger programs the columns that had the marks are gone: their sums are written out, which makes
    the proof several times shorter. The first proof is then of that program too, with presolve and a MIP start, and is
    repeated whether there are marks or not. Where a limit comes first, it stands alone, and a note says so; so it does
    where the second run, and one more with other options, call infeasible what has a plan.
    """
    claimed, state.bound = state.bound, -INFINITY
    try:
        claim = _repeat(state, {})
        if claim is not None:  # of a program that has a plan: another way may be without the mistake
            state.note(f"second proof: {CLAIMS[claim]}, so it was solved once more in another way")
            claim = _repeat(state, other_options(state))
    except Stopped:
        state.note("the proof was not repeated to the end: a limit came first")
        state.bound = claimed
        return
    if claim is not None or not np.isfinite(state.bound):
        state.note("the second run proved no bound: that of the first stands alone")
        state.bound = claimed
    state.bound = min(claimed, state.bound, state.objective)


def _repeat(state: State, solver_options: Mapping[str, object]) -> SolverStatus | None:
    """Solve the program without marks, again with the rows that its solution violates; return a claim of no plan."""
    while True:
        sub = replace(_without_marks(state), solver_options=solver_options)
        result = solve_sub_mip(state, sub, None if solver_options else _begun(state))
        if state.gap_reached_but_for_rounding:
            return None
        if result.x is None or not add_violated_rows(state, result.x):
            return result.status if result.status in ("infeasible", "unbounded", "failed") else None


def _without_marks(state: State) -> SubMip:
    plain = replace(state.mip.arrays, implied=np.zeros(state.mip.arrays.column_count, dtype=bool))
    return SubMip(
        arrays=plain,
        relative_gap=state.options.gap,
        limits=UNLIMITED,
        bound_holds_to=INFINITY,
        spelled_out=state.spells_out,
    )


@dataclass(frozen=True, slots=True)
class _Beside:
    """A second proof under way, and what it is of."""

    mip: MixedIntegerProgram
    start: Floats | None
    run: BegunRun

    def holds(self, state: State) -> bool:
        """Return whether the program, and the MIP start if there is one, are still those that it was begun with."""
        return state.mip is self.mip and self.start is _start(state)

    def drop(self) -> None:
        """Stop it, without waiting for it."""
        self.run.drop()


def _start(state: State) -> Floats | None:
    return None if state.careful else state.incumbent


def begin_beside(state: State) -> None:
    """Begin the second proof beside the first, if it will be needed for a tight gap and there is a thread for it.

    It is begun anew where rows were added to the program since.
    """
    small = state.mip.arrays.column_count <= settings.TWICE_PROVEN_COLUMNS
    if not (state.tight and small and state.options.threads >= settings.SIDE_BY_SIDE) or state.is_ahead:
        return
    if isinstance(state.second, _Beside) and state.second.holds(state):
        return
    drop_beside(state)
    unproven = copy.copy(state)  # as it is when its time comes: what the first proof says is not used
    unproven.bound = -INFINITY
    state.second = _Beside(state.mip, _start(state), begin(unproven, _without_marks(state)))


def drop_beside(state: State) -> None:
    """Stop the second proof, if it was begun, without waiting for it."""
    if state.second is not None:
        state.second.drop()
        state.second = None


def _begun(state: State) -> BegunRun | None:
    """Return the second proof that was begun beside the first, if it is of the present program; it is heard once."""
    beside, state.second = state.second, None
    if not isinstance(beside, _Beside):
        return None
    if beside.holds(state):
        return beside.run
    beside.drop()
    return None
