"""Stage ``strategy``: a guide whose binaries are integer, where it says more than the relaxation."""

import numpy as np
import pytest

from planner.solve import settings
from planner.solve.highs import SolverResult
from planner.solve.stages import strategy
from planner.solve.state import State
from planner.solve.sub_mip import SubMip
from tests.solve.stages.searches import recorded, relaxed
from tests.solve.tiny import OFFERS, begin, offers


@pytest.mark.parametrize("seed", range(5))
def test_a_strategy_has_whole_openings_and_a_bound_between_relaxation_and_optimum(seed):
    """Law: the guide's binaries are integer, the bound is no lower than that of the relaxation and still a bound."""
    given, state = offers(seed), relaxed(seed)
    before = state.bound
    strategy.STRATEGY.work(state, strategy.STRATEGY.limits)
    assert before <= state.bound <= given.optimum * (1.0 + 1e-9)
    assert state.incumbent is None
    if state.guide is not state.relaxation:
        openings = state.guide.x[:OFFERS]
        assert openings == pytest.approx(np.round(openings), abs=1e-6)


@pytest.mark.parametrize("which", ["no binaries", "only binaries"])
def test_a_strategy_that_says_nothing_new_is_not_solved(which, monkeypatch):
    """Law: without binaries it is the relaxation, with nothing else the full program: the relaxation is the guide."""
    state = relaxed(1)
    arrays = state.mip.arrays
    upper = np.full(arrays.column_count, 5.0 if which == "no binaries" else 1.0)
    state.mip = state.mip.with_arrays(arrays.with_bounds(arrays.lower, upper))
    made = recorded(monkeypatch, strategy)
    strategy.STRATEGY.work(state, strategy.STRATEGY.limits)
    assert made == []
    assert state.guide is state.relaxation


@pytest.mark.parametrize(("gap", "kept"), [(1e-4, True), (0.3, False)])
def test_a_poor_guide_is_worse_than_none(gap, kept, monkeypatch):
    """Law: a strategy that is not solved to a small gap, or has no point, is not followed."""
    state = relaxed(1)

    def answer(state: State, sub: SubMip) -> SolverResult:
        assert not sub.offers
        x = np.zeros(state.mip.arrays.column_count)
        return SolverResult("limit", x, 10.0, 10.0 * (1.0 - gap), 0.0)

    recorded(monkeypatch, strategy, answer)
    strategy.STRATEGY.work(state, strategy.STRATEGY.limits)
    assert (state.guide is not state.relaxation) == kept
    recorded(monkeypatch, strategy)
    strategy.STRATEGY.work(state, strategy.STRATEGY.limits)
    assert state.guide is state.relaxation


@pytest.mark.parametrize(("gap", "plan", "small", "useful"), [
    (0.0, True, True, False),
    (0.0, False, True, True),
    (0.01, True, True, True),
    (0.0, True, False, True),
])  # fmt: skip
def test_a_small_program_with_a_plan_goes_to_its_proof(gap, plan, small, useful, monkeypatch):
    """Law: only a plan, a small program and a small gap together make the search of no use."""
    monkeypatch.setattr(settings, "CAREFUL_COLUMNS", 3000 if small else 0)
    state = begin(offers(0).mip, gap)
    state.incumbent = np.zeros(1) if plan else None
    assert strategy.STRATEGY.useful(state) == useful
