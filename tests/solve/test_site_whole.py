"""Single-source demands of a site allocation: recognised, bounded with split service, planned all or nothing."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from planner.options import SolveOptions
from planner.solve import settings
from planner.solve.allocation import recognised
from planner.solve.pipeline import run_pipeline
from planner.solve.site_whole import without_assignments
from planner.solve.stages.allocation import ALLOCATION
from tests.length import thinned
from tests.solve.test_penalties import REGIONS, SITES, draw, mip_of


def single(seed):
    """A drawn instance in which each region has one site."""
    return replace(draw(seed), single_source=True)


def least_cost(instance):
    """The least cost of all choices of one site for each region; infinite if none has the capacity."""
    chosen = np.array(list(product(range(SITES), repeat=REGIONS)))
    serves = chosen[:, None, :] == np.arange(SITES)[:, None]
    load = serves @ np.array(instance.demand)
    cost = np.array(instance.cost)[chosen, np.arange(REGIONS)].sum(axis=1)
    cost += serves.any(axis=2) @ np.array(instance.fixed_cost)
    fits = (load <= np.array(instance.usable_capacity) + 1e-9).all(axis=1)
    return float(cost[fits].min(initial=np.inf))


def solved(mip, gap=0.0, stages=None):
    """The answer of the stages."""
    return run_pipeline(mip, SolveOptions(gap=gap), lambda _progress: False, stages=stages)


@pytest.fixture
def of_any_size(monkeypatch):
    """Programs are searched by their sites whatever their size."""
    monkeypatch.setattr(settings, "ALLOCATION_COLUMNS", 0)


def test_without_assignments_the_form_is_that_of_split_service():
    """Law: costs, capacities and demands are those of the same instance whose service may be split."""
    whole, split = recognised(mip_of(single(0))[0]), recognised(mip_of(draw(0))[0])
    assert whole is not None
    assert split is not None
    assert whole.whole.any
    assert not split.whole.any
    assert whole.fixed_cost == pytest.approx(split.fixed_cost)
    assert whole.capacity == pytest.approx(split.capacity)
    assert np.sort(whole.demand) == pytest.approx(np.sort(split.demand))
    assert np.sort(whole.unit_cost.ravel()) == pytest.approx(np.sort(split.unit_cost.ravel()))


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 8))])
def test_the_run_ends_with_the_least_cost_of_all_assignments(of_any_size, seed):
    """Law: at a gap of 0 cost and bound are the least cost of all assignments, and the plan satisfies every row."""
    instance = single(seed)
    mip, scale, _ = mip_of(instance)
    answer, least = solved(mip), least_cost(instance)
    if not np.isfinite(least):
        assert answer.status == "infeasible"
        return
    assert answer.status == "optimal"
    assert answer.objective * scale == pytest.approx(least, rel=1e-6)
    assert answer.bound * scale == pytest.approx(least, rel=1e-6)
    assert mip.arrays.worst_violation(answer.x) <= settings.PLAN_TOLERANCE


@pytest.mark.parametrize("seed", thinned(range(12), 12))
@pytest.mark.parametrize("gap", [0.0, 0.2])
def test_the_stage_alone_bounds_every_assignment(of_any_size, seed, gap):
    """Law: the bound of the stage is never above the least cost, and its plans never below."""
    instance = single(seed)
    mip, scale, _ = mip_of(instance)
    answer, least = solved(mip, gap, (ALLOCATION,)), least_cost(instance)
    assert answer.bound * scale <= least * (1.0 + 1e-9)
    assert answer.objective * scale >= least * (1.0 - 1e-6)
    assert answer.x is None or mip.arrays.worst_violation(answer.x) <= settings.PLAN_TOLERANCE


def test_few_links_and_a_search_of_the_likely_sites_lose_no_proof(of_any_size, monkeypatch):
    """Law: the run ends with the least cost also where plans are sought on one link per demand first."""
    monkeypatch.setattr(settings, "ALLOCATION_OPEN", 0)
    monkeypatch.setattr(settings, "ALLOCATION_NEAREST", 1)
    monkeypatch.setattr(settings, "ALLOCATION_ASSIGNED", 1)
    instance = single(3)
    mip, scale, _ = mip_of(instance)
    answer, least = solved(mip), least_cost(instance)
    assert np.isfinite(least)
    assert answer.objective * scale == pytest.approx(least, rel=1e-6)
    assert answer.bound * scale == pytest.approx(least, rel=1e-6)


def test_assignments_with_a_cost_or_a_row_of_their_own_make_another_form():
    """Law: an assignment that costs, or that another row ties to a service, is not left out."""
    mip, _, _ = mip_of(single(0))
    split = without_assignments(mip.arrays, mip.links.served)
    assert split is not None
    assigned = int(split[1].assigned[0])
    cost = mip.arrays.cost.copy()
    cost[assigned] = 1.0
    priced = recognised(mip.with_arrays(mip.arrays.with_cost(cost)))
    assert priced is None or not priced.whole.any
    rows = np.concatenate([np.arange(mip.arrays.row_count), [0]])
    arrays = mip.arrays.with_rows_taken(rows)
    last = arrays.row_count - 1
    tied = arrays.with_entries(np.array([last]), np.array([assigned]), np.ones(1))
    assert recognised(mip.with_arrays(tied)) is None
