"""Stage ``guided start``: a plan around the guide, or period by period."""

from dataclasses import replace

import numpy as np
import pytest

from planner.solve import settings
from planner.solve.highs import SolverResult
from planner.solve.stages import guided_start
from planner.solve.state import State
from planner.solve.sub_mip import SubMip
from tests.length import thinned
from tests.solve.stages.searches import NOTHING, free, recorded, relaxed
from tests.solve.tiny import OFFERS, after, begin, mip_with, offers


@pytest.mark.parametrize("seed", thinned(range(6), 3))
def test_period_by_period_gives_a_plan(seed):
    """Law: relax and fix ends in a plan that costs no less than the optimum, two periods decided at a time."""
    given, state = offers(seed), relaxed(seed)
    state.guide = state.relaxation
    guided_start.PERIOD_BY_PERIOD.work(state, guided_start.PERIOD_BY_PERIOD.limits)
    assert state.incumbent is not None
    assert given.optimum * (1.0 - 1e-6) <= state.objective
    assert state.mip.arrays.worst_violation(state.incumbent) <= settings.PLAN_TOLERANCE


def test_windows_move_on_and_what_is_decided_stays(monkeypatch):
    """Law: the first program has the first two periods integer; the next has them fixed and the others integer."""
    state = relaxed(2)
    state.guide = replace(state.relaxation, x=np.ones(state.mip.arrays.column_count))
    of_period = state.mip.period
    decided = np.where(of_period >= 0, 1.0, 0.0)

    def answer(_state: State, _sub: SubMip) -> SolverResult:
        return SolverResult("optimal", decided, 1.0, 1.0, 0.0)

    made = recorded(monkeypatch, guided_start, answer)
    guided_start.PERIOD_BY_PERIOD.work(state, guided_start.PERIOD_BY_PERIOD.limits)
    first, second = made[0], made[1]
    blocks = of_period >= 0
    assert (first.arrays.integer[blocks] == (of_period[blocks] < settings.WINDOW)).all()
    assert not first.offers
    early = blocks & (of_period < settings.WINDOW)
    assert (second.arrays.lower[early] == 1.0).all()
    assert (second.arrays.upper[early] == 1.0).all()
    assert second.arrays.integer[blocks].all()
    assert first.arrays.integer[:OFFERS].all()  # what belongs to no period is integer throughout


def test_a_window_that_cannot_be_completed_is_widened(monkeypatch):
    """Law: where the second window has no point, it is tried again with the first one free."""
    state = relaxed(2)
    state.guide = replace(state.relaxation, x=np.ones(state.mip.arrays.column_count))
    of_period, calls = state.mip.period, []

    def answer(state: State, sub: SubMip) -> SolverResult:
        calls.append(free(sub) & (of_period >= 0))
        point = np.zeros(state.mip.arrays.column_count)
        return NOTHING if len(calls) == 2 else SolverResult("optimal", point, 1.0, 1.0, 0.0)

    recorded(monkeypatch, guided_start, answer)
    guided_start.PERIOD_BY_PERIOD.work(state, guided_start.PERIOD_BY_PERIOD.limits)
    blocks = of_period >= 0
    assert set(of_period[calls[1]]) == {2}
    assert (calls[2] == blocks).all()


def test_without_any_plan_both_ways_are_tried(monkeypatch):
    """Law: first the offers that the guide uses, then all; each ends at the first window without a point."""
    state = relaxed(0)
    state.guide = replace(state.relaxation, x=np.zeros(state.mip.arrays.column_count))
    made = recorded(monkeypatch, guided_start)
    guided_start.PERIOD_BY_PERIOD.work(state, guided_start.PERIOD_BY_PERIOD.limits)
    narrow, wide = made
    assert (narrow.arrays.upper[state.mip.group >= 0] == 0.0).all()
    assert (wide.arrays.upper == state.mip.arrays.upper).all()


def test_a_program_of_one_period_is_not_taken_apart(monkeypatch):
    """Law: with one period, or none, relax and fix is the full program, and is left out."""
    given = offers(0)
    state = begin(mip_with(given.mip.arrays))
    state.guide = after(given.mip, 1).relaxation
    made = recorded(monkeypatch, guided_start)
    guided_start.PERIOD_BY_PERIOD.work(state, guided_start.PERIOD_BY_PERIOD.limits)
    assert made == []


def test_the_programs_around_the_guide(monkeypatch):
    """Law: the wider one contains the narrower one, both are restrictions, and only the first takes a MIP start."""
    state = relaxed(4)
    state.guide = state.relaxation
    made = recorded(monkeypatch, guided_start)
    for stage in (guided_start.AROUND_GUIDE, guided_start.WIDELY_AROUND_GUIDE):
        stage.work(state, stage.limits)
    narrow, wide = made
    assert (wide.arrays.lower <= narrow.arrays.lower).all()
    assert (wide.arrays.upper >= narrow.arrays.upper).all()
    assert (wide.arrays.upper <= state.mip.arrays.upper).all()
    assert (narrow.mip_start, wide.mip_start) == (True, False)
    assert not narrow.proves
    assert not wide.proves
