"""Stages ``bound`` and ``full program``: the full mixed-integer program, at its root node and to the end."""

from collections.abc import Mapping
from dataclasses import replace

from planner.solve import settings
from planner.solve.arrays import INFINITY
from planner.solve.highs import SolverStatus
from planner.solve.points import add_violated_rows
from planner.solve.stage import Stage, always, is_loose
from planner.solve.stages.second_proof import CLAIMS, begin_beside, other_options
from planner.solve.state import State
from planner.solve.sub_mip import Limits, SubMip, complete, solve_sub_mip
from planner.status import Status


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
        begin_beside(state)
        sub = _written_out(state, limits) if state.tight else _full_program(state, limits, {})
        if claim is not None:
            sub = replace(sub, solver_options=other_options(state))
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
        state.note(f"full program: {CLAIMS[claim]}, so it was solved once more in another way")


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


FULL_PROGRAM = Stage(
    "full program",
    _prove,
    needs=frozenset(),
    gives=frozenset({"incumbent", "bound", "verdict"}),
)
