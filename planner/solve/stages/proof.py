"""Stages ``bound`` and ``full program``: the full mixed-integer program, at its root node and to the end."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from planner.solve import settings
from planner.solve.arrays import INFINITY
from planner.solve.highs import SolverStatus
from planner.solve.points import add_violated_rows
from planner.solve.records import Stopped
from planner.solve.stage import Stage, always, is_loose
from planner.solve.state import State
from planner.solve.sub_mip import UNLIMITED, Limits, SubMip, complete, solve_sub_mip
from planner.status import Status

_CLAIMS: Mapping[SolverStatus, str] = {
    "infeasible": "the solver called it infeasible",
    "unbounded": "the solver called it unbounded",
    "failed": "the solver failed",
    "optimal": "the solver's answer broke a row",
    "gap": "the solver's answer broke a row",
}


def _bound(state: State, limits: Limits) -> None:
    """Solve the root node of the full program: its cutting planes raise the bound at little cost."""
    solve_sub_mip(state, _full_program(state, limits, settings.BOUND_ONLY))


BOUND = Stage(
    "bound",
    _bound,
    needs=frozenset({"guide"}),  # part of the search: without it, the full program follows at once
    gives=frozenset({"incumbent", "bound"}),
    limits=Limits(share_of_time=0.15, nodes=1),
    useful=is_loose,
)


def _root(state: State, limits: Limits) -> None:
    """Solve the root node, without the trial branches and the restart that follow its cutting planes."""
    solve_sub_mip(state, _full_program(state, limits, settings.ROOT_ONLY))


ROOT = replace(BOUND, work=_root, needs=frozenset({"relaxation"}), useful=always)
"""The stage ``bound`` in less time, as one of many programs, or where no plans are looked for."""


def _prove(state: State, limits: Limits) -> None:
    status = _solve_to_the_end(state, limits)
    if status is Status.INFEASIBLE and state.relaxation is None:
        status = Status.TIME_LIMIT  # without a verified point of the relaxation, the claim could be numerical trouble
    state.verdict = Status.GAP_REACHED if state.gap_reached else status


def _solve_to_the_end(state: State, limits: Limits) -> Status:
    """Solve the full program with the incumbent as MIP start, again with the rows that its solution violates.

    After a failure, or a claim that there is no plan, it is solved once more with other options. The program is
    infeasible only if both runs claim it and there is no plan; without any proof the run ends as at a limit.
    """
    claim: SolverStatus | None = None
    while True:
        sub = _written_out(state, limits) if state.tight else _full_program(state, limits, {})
        if claim is not None:
            sub = replace(sub, solver_options=_other_options(state))
        result = solve_sub_mip(state, sub)
        if result.status in ("limit", "interrupted"):
            # The solver calls it an interruption too where it was stopped because the time was over.
            wished = state.interrupted or (result.status == "interrupted" and state.seconds_left > 0.0)
            return Status.INTERRUPTED if wished else Status.TIME_LIMIT
        if not state.gap_reached_but_for_rounding and result.x is not None and add_violated_rows(state, result.x):
            continue
        if not state.gap_reached_but_for_rounding:
            complete(state, result.x)
        if state.gap_reached_but_for_rounding:
            return Status.OPTIMAL if result.status == "optimal" else Status.GAP_REACHED
        if claim is not None:
            agreed = claim == result.status == "infeasible" and state.incumbent is None
            return Status.INFEASIBLE if agreed else Status.TIME_LIMIT
        claim = result.status
        state.note(f"full program: {_CLAIMS[claim]}, so it was solved once more in another way")


def _full_program(state: State, limits: Limits, solver_options: Mapping[str, object]) -> SubMip:
    return SubMip(
        arrays=state.mip.arrays,
        relative_gap=state.options.gap,
        limits=limits,
        bound_holds_to=INFINITY,
        solver_options=solver_options,
    )


def _written_out(state: State, limits: Limits) -> SubMip:
    """Return the full program with sums written out, for a search that presolve and the incumbent make shorter."""
    sub = _full_program(state, limits, {"presolve": "on"})
    return replace(sub, spelled_out=True, mip_start=True)


def _other_options(state: State) -> dict[str, object]:
    """Return solver options for a second opinion: the opposite presolve setting, another seed."""
    without = state.careful and not state.tight
    return {"presolve": "on" if without else "off", "random_seed": (state.options.seed + 1) % (2**31 - 1)}


FULL_PROGRAM = Stage(
    "full program",
    _prove,
    needs=frozenset(),
    gives=frozenset({"incumbent", "bound", "verdict"}),
)


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
            state.note(f"second proof: {_CLAIMS[claim]}, so it was solved once more in another way")
            claim = _repeat(state, _other_options(state))
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
        plain = replace(state.mip.arrays, implied=np.zeros(state.mip.arrays.column_count, dtype=bool))
        sub = SubMip(
            arrays=plain,
            relative_gap=state.options.gap,
            limits=UNLIMITED,
            bound_holds_to=INFINITY,
            spelled_out=state.spells_out,
            solver_options=solver_options,
        )
        result = solve_sub_mip(state, sub)
        if state.gap_reached_but_for_rounding:
            return None
        if result.x is None or not add_violated_rows(state, result.x):
            return result.status if result.status in ("infeasible", "unbounded", "failed") else None
