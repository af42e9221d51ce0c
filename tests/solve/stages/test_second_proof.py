"""The second proof: what is proven once more; to begin it beside the first changes nothing of what it finds."""

from dataclasses import replace

import pytest

from planner.options import SolveOptions
from planner.solve import settings
from planner.solve.arrays import INFINITY
from planner.solve.highs import SolverResult
from planner.solve.pipeline import run_pipeline
from planner.solve.stages import proof, second_proof
from planner.solve.stages.relaxation import RELAXATION
from tests.solve.stages.searches import with_plan
from tests.solve.tiny import begin, offers

AT_ONCE = (RELAXATION, proof.FULL_PROGRAM)
"""Stages that leave all to the proof."""
CLAIMED_INFEASIBLE = SolverResult("infeasible", None, INFINITY, -INFINITY, 0.0)


@pytest.fixture
def tight(monkeypatch):
    """Programs with few integers count as those whose sums are written out."""
    monkeypatch.setattr(settings, "SPELLED_OUT_INTEGERS", (1, 4000))


@pytest.fixture
def beside(tight, monkeypatch):
    """The second proofs that are begun beside the first; what is left of them is stopped."""
    begun, honest = [], second_proof.begin

    def begin_it(state, sub):
        begun.append(honest(state, sub))
        return begun[-1]

    monkeypatch.setattr(second_proof, "begin", begin_it)
    yield begun
    for run in begun:
        run.drop()


def go_on(_progress):
    """Never stop a run."""
    return False


def two_threads(state):
    """The same state, with a second thread."""
    state.options = replace(state.options, threads=2)
    return state


@pytest.mark.parametrize("seed", range(4))
def test_a_tight_proof_is_repeated_without_marks_too(tight, seed):
    """Law: a proof with presolve and a MIP start never stands alone, marked columns or not; both give the optimum."""
    given = offers(seed)
    state = begin(given.mip)
    assert not state.mip.arrays.implied.any()
    proof.FULL_PROGRAM.work(state, proof.FULL_PROGRAM.limits)
    state.relaxation = None
    assert second_proof.is_doubtful(state)
    second_proof.second_proof(state)
    assert state.objective == pytest.approx(given.optimum)
    assert state.bound == pytest.approx(given.optimum)


@pytest.mark.parametrize(("again", "note"), [(False, "once more in another way"), (True, "stands alone")])
def test_a_second_proof_that_calls_a_plan_impossible_is_made_in_another_way(again, note, monkeypatch):
    """Law: a claim that there is no plan, where there is one, takes nothing from the bound that was proven."""
    given = offers(0)
    state = begin(given.mip)
    proof.FULL_PROGRAM.work(state, proof.FULL_PROGRAM.limits)
    honest, claims = second_proof.solve_sub_mip, [CLAIMED_INFEASIBLE, *([CLAIMED_INFEASIBLE] if again else [])]
    monkeypatch.setattr(second_proof, "solve_sub_mip", lambda *given: claims.pop(0) if claims else honest(*given))
    second_proof.second_proof(state)
    assert not claims
    assert note in state.notes[-1]
    assert state.bound == pytest.approx(given.optimum)


def test_a_bound_that_misses_the_gap_by_rounding_alone_is_doubted_too(tight):
    """Law: a proof up to rounding is repeated like an exact one, unless the relaxation proves the same."""
    state = with_plan(0, 0.001)
    for below in (0.0, 1e-10):
        state.bound = state.objective * (1.0 - state.options.gap - below)
        assert state.gap_reached_but_for_rounding
        assert second_proof.is_doubtful(state)
    assert state.relaxation is not None
    state.relaxation = replace(state.relaxation, objective=state.bound)
    assert not second_proof.is_doubtful(state)
    state.relaxation = None
    state.bound = state.objective * (1.0 - 2.0 * state.options.gap)
    assert not second_proof.is_doubtful(state)


@pytest.mark.parametrize("seed", range(4))
def test_beside_the_first_proof_it_finds_the_same(beside, seed):
    """Law: with two threads plan, bound and notes are those of one; the second proof is begun once and heard."""
    given = offers(seed)
    one = run_pipeline(given.mip, SolveOptions(gap=0.001), go_on, stages=AT_ONCE)
    assert not beside
    two = run_pipeline(given.mip, SolveOptions(gap=0.001, threads=2), go_on, stages=AT_ONCE)
    assert len(beside) == 1
    assert (two.status, two.objective, two.bound, two.notes) == (one.status, one.objective, one.bound, one.notes)


def test_what_was_begun_is_heard_and_not_solved_again(beside, monkeypatch):
    """Law: the second proof of a program that has not changed takes the run that was begun."""
    state = two_threads(with_plan(0, 0.001))
    second_proof.begin_beside(state)
    monkeypatch.setattr("planner.solve.sub_mip.made", lambda *_given: pytest.fail("it was begun already"))
    state.bound = state.objective
    second_proof.second_proof(state)
    assert state.bound == pytest.approx(offers(0).optimum, rel=0.001)
    assert state.second is None


def test_it_is_begun_anew_when_the_program_has_grown(beside):
    """Law: a run begun with another program is dropped; the same program is not begun twice."""
    state = two_threads(with_plan(0, 0.001))
    second_proof.begin_beside(state)
    second_proof.begin_beside(state)
    assert len(beside) == 1
    state.mip = replace(state.mip)
    second_proof.begin_beside(state)
    assert len(beside) == 2
    state.mip = replace(state.mip)
    state.bound = state.objective
    second_proof.second_proof(state)
    assert state.bound == pytest.approx(offers(0).optimum, rel=0.001)


def test_a_program_with_a_mip_start_is_begun_anew_when_there_is_a_better_plan(beside, monkeypatch):
    """Law: beyond the careful programs the incumbent is part of the run, so that a new one makes it another run."""
    monkeypatch.setattr(settings, "CAREFUL_COLUMNS", 0)
    state = two_threads(with_plan(0, 0.001))
    second_proof.begin_beside(state)
    state.incumbent = state.incumbent.copy()
    second_proof.begin_beside(state)
    assert len(beside) == 2


@pytest.mark.parametrize("because", ["one thread", "work ahead", "large", "not tight"])
def test_nothing_is_begun_without_need(beside, because, monkeypatch):
    """Law: with one thread, in work that is ahead itself, in large programs and at usual gaps all is done in turn."""
    state = two_threads(with_plan(0, 0.001))
    if because == "one thread":
        state.options = replace(state.options, threads=1)
    if because == "work ahead":
        state.is_ahead = True
    if because == "large":
        monkeypatch.setattr(settings, "TWICE_PROVEN_COLUMNS", 0)
    if because == "not tight":
        state.options = replace(state.options, gap=settings.SPELLED_OUT_GAP)
    second_proof.begin_beside(state)
    assert (beside, state.second) == ([], None)


def test_at_the_end_of_a_run_nothing_is_left_at_work(beside):
    """Law: a run that ends otherwise, such as by the user's wish, stops the second proof."""
    calls = []

    def stop_in_the_proof(progress):
        calls.append(progress.stage)
        return bool(beside)

    run_pipeline(offers(1).mip, SolveOptions(gap=1e-9, threads=2), stop_in_the_proof, stages=AT_ONCE)
    assert beside
    for run in beside:
        run._thread.join(20.0)
        assert not run._thread.is_alive()
    assert calls
