"""Sites without binding capacities that others replace: what is left has a plan of least cost, and starts are kept."""

from dataclasses import replace

import numpy as np
import pytest

from bench.allocation import read_allocation
from bench.recipes import pmedian
from planner.options import SolveOptions
from planner.solve import settings
from planner.solve.site_dominance import replaced_by
from planner.solve.stages.allocation import ALLOCATION
from planner.solve.state import State
from tests.length import AT_LENGTH
from tests.solve.test_allocation import textbook
from tests.solve.test_penalties import SITES, mip_of
from tests.solve.test_site_reach import drawn, every_cost, form  # noqa: F401

SEEDS = range(80 if AT_LENGTH else 30)


def with_copies(form, seed):  # noqa: F811
    """An allocation in which about half of the sites are copies of others, some of them dearer or with fewer links."""
    random = np.random.default_rng(1000 + seed)
    a = drawn(form, seed)
    cost, fixed = a.unit_cost.copy(), a.fixed_cost.copy()
    if random.random() < 0.5:
        fixed[:] = random.choice([0.0, 3.0, -2.0])
    for site in np.flatnonzero(random.random(SITES) < 0.5):
        other = int(random.integers(SITES))
        cost[site], fixed[site] = cost[other] + float(random.integers(0, 2)), fixed[other]
        cost[site, random.random(cost.shape[1]) < 0.1] = np.inf
    return replace(a, unit_cost=cost, fixed_cost=fixed)


@pytest.mark.parametrize("seed", SEEDS)
def test_without_the_sites_replaced_there_is_a_plan_of_least_cost(form, seed):  # noqa: F811
    """Law: of all choices of sites, by enumeration, one that opens only needed sites costs least."""
    a = with_copies(form, seed)
    better = replaced_by(a)
    costs = every_cost(a)
    needed = better == np.arange(SITES)
    assert needed[better].all()
    kept = {choice: cost for choice, cost in costs.items() if not (np.array(choice) & ~needed).any()}
    assert min(kept.values()) == pytest.approx(min(costs.values()))


def test_copies_are_replaced_where_that_is_safe(form):  # noqa: F811
    """Law: over all draws sites are replaced; where sites cost different amounts and several must open, none is."""
    replaced = [(replaced_by(with_copies(form, seed)) != np.arange(SITES)).sum() for seed in range(30)]
    assert sum(replaced) >= 10
    a = drawn(form, 0)
    twice = replace(a, unit_cost=a.unit_cost[[0, 0, *range(2, SITES)]], fewest=2, most=SITES)
    assert (replaced_by(twice) == np.arange(SITES)).all()
    one = replace(twice, fewest=1, fixed_cost=np.full(SITES, 1.0))
    assert replaced_by(one)[1] == replaced_by(one)[0]


def copies(seed: int) -> dict:
    """A p-median of ten places with three points in each."""
    instance = pmedian(seed, sites=10, opened=4, reach=10)
    distance = np.repeat(np.repeat(np.array(instance["distance"]), 3, axis=0), 3, axis=1)
    return {**instance, "distance": distance.tolist()}


def stage(instance, gap=0.0, start=None):
    """The state after the stage, and the factor of its costs."""
    mip, scale, _ = mip_of(instance)
    state = State.beginning(mip, SolveOptions(gap=gap), lambda _progress: False, start)
    ALLOCATION.run(state)
    return state, scale


@pytest.mark.parametrize("seed", [0, 1])
def test_points_in_the_same_place_are_proven_by_the_root(monkeypatch, seed):
    """Law: a p-median in which each place has three points ends with the cost of the textbook model, proven."""
    monkeypatch.setattr(settings, "ALLOCATION_COLUMNS", 0)
    instance = read_allocation(copies(seed))
    state, scale = stage(instance)
    assert state.objective * scale == pytest.approx(textbook(instance), rel=1e-6)
    assert state.gap_reached


def test_a_start_that_opens_copies_is_no_better_than_the_plan(monkeypatch):
    """Law: a start whose sites are replaced gives the stage a plan that costs no more, at any gap."""
    monkeypatch.setattr(settings, "ALLOCATION_COLUMNS", 0)
    instance = read_allocation(copies(0))
    best, _ = stage(instance)
    opened = np.unique(best.mip.links.opened)
    chosen = np.flatnonzero(best.incumbent[opened] > 0.5)
    start = np.zeros(best.mip.arrays.column_count)
    start[opened[3 * (chosen // 3) + 2]] = 1.0  # the last of the three points in each place
    found, _ = stage(instance, gap=0.5, start=start)
    assert found.objective <= best.objective * (1.0 + 1e-9)
