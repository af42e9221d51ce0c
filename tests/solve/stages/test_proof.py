"""Stages ``bound`` and ``full program``: what counts as a proof, and what leads to a second opinion."""

import numpy as np
import pytest

from planner.options import LARGEST_SEED, SolveOptions
from planner.solve import settings
from planner.solve.arrays import INFINITY
from planner.solve.highs import SolverResult
from planner.solve.stages import neighbourhood, proof
from planner.solve.state import State
from planner.solve.sub_mip import SubMip
from planner.status import Status
from tests.solve.stages.searches import recorded, relaxed, with_plan
from tests.solve.tiny import begin, offers


def say(status: str, x: np.ndarray | None = None) -> SolverResult:
    """A result without a bound."""
    return SolverResult(status, x, INFINITY, -INFINITY, 0.0)


def proven(state: State, monkeypatch, *results: SolverResult) -> list[SubMip]:
    """What the stage makes when its runs end as given, the last one again and again."""
    left = list(results)
    made = recorded(monkeypatch, proof, lambda _state, _sub: left.pop(0) if len(left) > 1 else left[0])
    proof.FULL_PROGRAM.work(state, proof.FULL_PROGRAM.limits)
    return made


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        ("infeasible", "infeasible", Status.INFEASIBLE),
        ("infeasible", "failed", Status.TIME_LIMIT),
        ("failed", "infeasible", Status.TIME_LIMIT),
        ("infeasible", "unbounded", Status.TIME_LIMIT),
        ("unbounded", "unbounded", Status.TIME_LIMIT),
        ("failed", "failed", Status.TIME_LIMIT),
        ("infeasible", "interrupted", Status.INTERRUPTED),
        ("failed", "limit", Status.TIME_LIMIT),
    ],
)
def test_only_two_claims_of_infeasibility_make_a_verdict(first, second, verdict, monkeypatch):
    """Law: both runs must claim it; anything else proves nothing, and the run ends as at a limit."""
    state = relaxed(0)
    assert len(proven(state, monkeypatch, say(first), say(second))) == 2
    assert state.verdict is verdict
    assert "once more in another way" in state.notes[0]


def test_infeasible_needs_a_relaxation_that_has_a_point(monkeypatch):
    """Law: without a verified point of the relaxation the claim may be numerical trouble: there is no verdict."""
    state = begin(offers(0).mip)
    proven(state, monkeypatch, say("infeasible"))
    assert state.verdict is Status.TIME_LIMIT


def test_with_a_plan_the_program_is_not_infeasible(monkeypatch):
    """Law: a plan refutes any claim that there is none."""
    state = relaxed(0)
    state.incumbent, state.objective = np.zeros(state.mip.arrays.column_count), 1e3
    proven(state, monkeypatch, say("infeasible"))
    assert state.verdict is Status.TIME_LIMIT


@pytest.mark.parametrize("careful", [True, False])
@pytest.mark.parametrize("seed", [0, 7, LARGEST_SEED])
def test_the_second_opinion_is_another(careful, seed, monkeypatch):
    """Law: presolve the other way round and another seed, which the solver admits; the first run has the defaults."""
    monkeypatch.setattr(settings, "CAREFUL_COLUMNS", 3000 if careful else 0)
    given = offers(0)
    state = State.beginning(given.mip, SolveOptions(0.0, seed=seed), lambda _progress: False)
    first, second = proven(state, monkeypatch, say("failed"))
    assert first.solver_options == {}
    assert second.solver_options["presolve"] == ("on" if careful else "off")
    assert second.solver_options["random_seed"] != seed
    assert 0 <= second.solver_options["random_seed"] <= LARGEST_SEED
    assert first.bound_holds_to == second.bound_holds_to == INFINITY
    assert first.arrays is second.arrays is state.mip.arrays


@pytest.mark.parametrize("status", ["limit", "interrupted"])
def test_a_limit_is_no_reason_for_a_second_opinion(status, monkeypatch):
    """Law: a run that was cut short has claimed nothing."""
    state = relaxed(0)
    assert len(proven(state, monkeypatch, say(status))) == 1
    assert state.verdict is (Status.INTERRUPTED if status == "interrupted" else Status.TIME_LIMIT)


def test_an_answer_that_breaks_a_row_is_completed(monkeypatch):
    """Law: the integers of an optimum that is no plan are fixed and the others solved for; it takes a second run."""
    given, state = offers(1), relaxed(1)
    x = np.zeros(given.mip.arrays.column_count)
    x[0] = 1.0  # an offer is open, nothing is served, and nothing is counted as unserved
    proven(state, monkeypatch, say("optimal", x))
    assert state.incumbent is not None
    assert (state.incumbent[given.mip.arrays.integer] == x[given.mip.arrays.integer]).all()
    assert state.verdict is Status.TIME_LIMIT  # a plan, no bound


def test_the_full_program_proves_the_optimum():
    """Law: without any stage before it, the last one finds and proves the optimum."""
    for seed in range(4):
        given = offers(seed)
        state = begin(given.mip)
        proof.FULL_PROGRAM.work(state, proof.FULL_PROGRAM.limits)
        assert state.objective == pytest.approx(given.optimum)
        assert state.bound == pytest.approx(given.optimum)
        assert state.verdict in (Status.OPTIMAL, Status.GAP_REACHED)


def test_the_root_node_gives_a_bound_of_all_plans(monkeypatch):
    """Law: one node of the full program, with the solver's own heuristics off; its bound holds for all plans."""
    state = relaxed(2)
    made = recorded(monkeypatch, proof)
    proof.BOUND.work(state, proof.BOUND.limits)
    (sub,) = made
    assert sub.arrays is state.mip.arrays
    assert (sub.limits.nodes, sub.bound_holds_to) == (1, INFINITY)
    assert sub.solver_options == settings.BOUND_ONLY


@pytest.fixture
def tight(monkeypatch):
    """Programs with few integers count as those whose sums are written out."""
    monkeypatch.setattr(settings, "SPELLED_OUT_INTEGERS", (1, 4000))


def test_a_tight_gap_is_proven_with_sums_written_out_and_again_the_other_way(tight, monkeypatch):
    """Law: the first run has presolve and the incumbent as MIP start, a second opinion no presolve and another seed."""
    first, second = proven(relaxed(0, 0.001), monkeypatch, say("failed"))
    assert (first.spelled_out, first.mip_start, first.solver_options) == (True, True, {"presolve": "on"})
    assert (second.spelled_out, second.solver_options) == (True, {"presolve": "off", "random_seed": 1})
    assert first.bound_holds_to == second.bound_holds_to == INFINITY


def test_stages_that_do_less_than_a_tight_proof_are_skipped(tight):
    """Law: the root node and the search by periods and offers are left out where a close plan awaits its proof."""
    state = with_plan(0, 0.001)
    state.bound = state.objective * 0.996
    late = (proof.BOUND, neighbourhood.BY_PERIOD_AND_OFFER)
    assert not any(stage.useful(state) for stage in late)
    assert proof.ROOT.useful(state)  # it bounds programs for which nothing else does
    state.bound = state.objective * 0.99
    assert all(stage.useful(state) for stage in late)
