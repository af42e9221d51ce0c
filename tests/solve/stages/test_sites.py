"""Stages of site allocation: which sites a plan is looked for on, and up to which cost the proof holds."""

from dataclasses import replace

import numpy as np
import pytest

from planner.solve.arrays import INFINITY
from planner.solve.stages import sites
from planner.solve.state import State
from tests.length import thinned
from tests.solve.stages.searches import recorded
from tests.solve.tiny import after, allocation


def penalised(seed: int) -> tuple[State, float]:
    """A site allocation whose sites are bounded, and its optimum."""
    mip, optimum = allocation(seed)
    state = after(mip, 1)
    sites.PENALTIES.work(state, sites.PENALTIES.limits)
    return state, optimum


def test_possible_sites_prove_up_to_the_plans_cost(monkeypatch):
    """Law: the program leaves out dearer plans, so its bound counts up to the cost of the plan and no further."""
    state, optimum = penalised(1)
    state.incumbent, state.objective = np.zeros(state.mip.arrays.column_count), 1.0001 * optimum
    state.penalties = replace(state.penalties, if_open=np.full_like(state.penalties.if_open, 2.0 * optimum))
    made = recorded(monkeypatch, sites)
    sites.POSSIBLE_SITES.work(state, sites.POSSIBLE_SITES.limits)
    (sub,) = made
    assert sub.bound_holds_to == state.objective
    opened = state.penalties.opened
    assert (sub.arrays.upper[opened] == state.mip.arrays.lower[opened]).all()


def test_possible_sites_are_left_alone_where_bounds_decide_little(monkeypatch):
    """Law: with too few sites decided the full program is as good, and is not anticipated."""
    state, optimum = penalised(1)
    state.incumbent, state.objective = np.zeros(state.mip.arrays.column_count), 1.0001 * optimum
    least = np.full_like(state.penalties.if_open, -INFINITY)
    state.penalties = replace(state.penalties, if_open=least, if_closed=least)
    made = recorded(monkeypatch, sites)
    sites.POSSIBLE_SITES.work(state, sites.POSSIBLE_SITES.limits)
    assert made == []


@pytest.mark.parametrize("seed", thinned(range(3), 3, 2))
def test_likely_sites_keep_those_that_the_relaxation_uses_most_cheaply(seed, monkeypatch):
    """Law: as many sites as the relaxation uses, and a quarter more, can open: those whose bounds are least."""
    state, _ = penalised(seed)
    made = recorded(monkeypatch, sites)
    sites.LIKELY_SITES.work(state, sites.LIKELY_SITES.limits)
    (sub,) = made
    used = int((state.relaxation.x[state.penalties.opened] > 1e-6).sum())
    can_open = sub.arrays.upper[state.penalties.opened] > 0.0
    assert can_open.sum() >= min(used, len(can_open))
    assert state.penalties.if_open[can_open].max() <= state.penalties.if_open[~can_open].min(initial=INFINITY)
    assert not sub.proves
