"""Stages ``given start`` and ``shed``: a plan of a similar case, and what of it the present case does not need."""

from dataclasses import replace

import numpy as np
import pytest

from planner import Case
from planner.inputs import make_inputs
from planner.options import SolveOptions
from planner.program import build_program
from planner.runs.compile import make_mip
from planner.runs.start import start_values
from planner.solve import settings
from planner.solve.points import padded
from planner.solve.stages import given_start
from planner.solve.stages.given_start import GIVEN_START, SHED
from planner.solve.stages.relaxation import RELAXATION
from planner.solve.state import State
from tests.solve.stages.searches import free, recorded, with_plan


@pytest.fixture(scope="module")
def stricter():
    """A run without redundancy rules that starts from the plan made for them, at the end of ``given start``."""
    case = Case.read("three_sites")
    plan = case.solve(gap=0.0, own_process=False)
    inputs = make_inputs(case.what_if([{"op": "relax", "model": "families.redundancy"}]))
    mip = make_mip(build_program(inputs), inputs)
    start = np.array(start_values(plan).point(mip.arrays.columns))
    state = State.beginning(mip, SolveOptions(gap=1e-3, time_limit_s=600.0), lambda _progress: False, start)
    for stage in (RELAXATION, GIVEN_START):
        stage.work(state, stage.limits)
    return state, plan.cost_busd


def test_a_plan_made_for_stricter_rules_sheds_what_they_alone_asked_for(stricter):
    """Law: before anything else is searched, the start costs less than it did under the rules that are gone."""
    state, before = stricter
    assert state.objective == pytest.approx(before)  # as given: nothing was dropped yet
    held = padded(state, state.incumbent)
    assert SHED.useful(state)
    SHED.work(state, SHED.limits)
    assert state.objective < before - 1e-3
    kept = padded(state, state.incumbent)[state.mip.arrays.integer]
    assert (kept <= held[state.mip.arrays.integer] + 1e-9).all()


def test_nothing_rises_while_a_plan_is_shed(monkeypatch):
    """Law: no integer variable may exceed its value in the plan or fall below its limit; the plan stays possible."""
    state = with_plan(0)
    made = recorded(monkeypatch, given_start)
    SHED.work(state, SHED.limits)
    (sub,) = made
    x = padded(state, state.incumbent)
    assert not free(sub).any()  # the plan that opens nothing
    assert (sub.arrays.lower == state.mip.arrays.lower).all()
    assert ((sub.arrays.lower <= x + 1e-9) & (x <= sub.arrays.upper + 1e-9)).all()


def test_a_start_that_is_close_is_not_shed():
    """Law: a start within a small gap, or a run that may take any time, goes on as before."""
    state = with_plan(0)
    state.options = replace(state.options, time_limit_s=600.0)
    state.objective, state.bound = 100.0, 100.0 * (1.0 - settings.WORTH_SHEDDING / 2)
    assert not SHED.useful(state)
    state.bound = 50.0
    assert SHED.useful(state)
    state.options = replace(state.options, time_limit_s=None)
    assert not SHED.useful(state)
