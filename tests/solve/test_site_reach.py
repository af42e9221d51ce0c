"""Site allocation without capacities: what plans below a cost can use, its linear program, and the search on it."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

from bench.allocation import read_allocation
from bench.recipes import pmedian
from planner.options import SolveOptions
from planner.solve import settings
from planner.solve.allocation import recognised
from planner.solve.arrays import INFINITY
from planner.solve.cost_step import CostStep
from planner.solve.highs import Engine
from planner.solve.reach_tree import ReachTree
from planner.solve.site_reach import Reach
from planner.solve.site_swaps import swapped
from planner.solve.stages.allocation import ALLOCATION
from planner.solve.state import State
from tests.length import AT_LENGTH
from tests.solve.test_allocation import textbook
from tests.solve.test_penalties import SITES, draw, mip_of

DEMANDS = 12
SEEDS = range(60 if AT_LENGTH else 8)


@pytest.fixture(scope="module")
def form():
    """An allocation of which only the rows of the sites are kept."""
    found = recognised(mip_of(draw(0))[0])
    assert found is not None
    return found


def drawn(form, seed):
    """Numbers drawn: links are missing, one demand is zero, costs are whole numbers in half of the draws."""
    random = np.random.default_rng(seed)
    cost = random.uniform(0.0, 9.0, (SITES, DEMANDS))
    cost = np.round(cost) if seed % 2 else cost
    cost[random.random(cost.shape) < 0.3] = INFINITY
    demand = random.integers(1, 4, DEMANDS).astype(float)
    demand[0] = 0.0
    exactly = int(random.integers(1, SITES)) if seed % 3 else None
    return replace(
        form,
        fixed_cost=random.uniform(0.0, 20.0, SITES),
        capacity=np.full(SITES, 1e3),
        unit_cost=cost,
        demand=demand,
        offset=5.0,
        fewest=exactly or 1,
        most=exactly or SITES,
    )


def every_cost(a):
    """The cost of each set of sites that may be open, by hand."""
    costs = {}
    for choice in product((False, True), repeat=SITES):
        opened = np.array(choice)
        if a.fewest <= opened.sum() <= a.most:
            nearest = np.where(a.demand > 0.0, a.unit_cost[opened].min(axis=0, initial=INFINITY), 0.0)
            costs[choice] = float(a.offset + a.fixed_cost[opened].sum() + nearest @ a.demand)
    return costs


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_left_out_no_plan_below_the_target_uses(form, seed):
    """Law: any prices bound every plan, and plans up to the target cost the same with the sites and links left."""
    a = drawn(form, seed)
    assert a.ample
    reach, costs, random = Reach.of(a), every_cost(a), np.random.default_rng(seed)
    for _ in range(4):
        price = random.uniform(0.0, 12.0, DEMANDS) * a.demand
        assert reach.bound(price) <= min(costs.values())
        target = float(random.choice([cost for cost in costs.values() if np.isfinite(cost)] or [1.0])) + 1e-6
        left = reach.narrowed(price, target)
        for choice, cost in costs.items():
            opened = np.array(choice)
            assert reach.chosen(opened).nearest_cost == pytest.approx(cost)
            if cost <= target:
                assert not (left.must & ~opened).any()
                assert not (left.never & opened).any()
                assert left.chosen(opened).nearest_cost == pytest.approx(cost)
                assert left.bound(price) <= cost


@pytest.mark.parametrize("seed", SEEDS)
def test_the_form_in_radii_is_as_strong_as_the_textbook_one(form, seed):
    """Law: its optimum is that of the textbook relaxation, and the prices of its duals prove it."""
    a = drawn(form, seed)
    reach = Reach.of(a)
    if reach.lost:
        assert min(every_cost(a).values()) == INFINITY
        return
    result = Engine(reach.relaxation()).run()
    pairs = [(s, d) for s, d in zip(*np.nonzero(np.isfinite(a.unit_cost) & (a.demand > 0.0)), strict=True)]
    cost = np.concatenate([a.fixed_cost, [a.unit_cost[s, d] * a.demand[d] for s, d in pairs]])
    served = np.zeros((DEMANDS, len(cost)))
    links = np.zeros((len(pairs) + 2, len(cost)))
    for number, (s, d) in enumerate(pairs):
        served[d, SITES + number] = 1.0
        links[number, [SITES + number, s]] = 1.0, -1.0
    links[-2, :SITES], links[-1, :SITES] = 1.0, -1.0
    limits = np.concatenate([np.zeros(len(pairs)), [a.most, -a.fewest]])
    book = linprog(cost, links, limits, served, (a.demand > 0.0).astype(float), (0.0, 1.0))
    assert (result.status == "optimal") == book.success
    if book.success:
        assert result.objective == pytest.approx(book.fun + a.offset)
        assert reach.bound(reach.prices(result.row_dual)) == pytest.approx(result.objective, rel=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_search_ends_with_the_least_cost_below_its_target(form, seed):
    """Law: above the least cost the search finds and proves it; below, what it proves is the target."""
    a = drawn(form, seed)
    reach, costs = Reach.of(a), every_cost(a)
    least = min(costs.values())
    for target in (0.9 * least, 1.2 * least, INFINITY):
        tree = ReachTree(
            reach,
            lambda program: Engine(program).run(),
            lambda opened: (costs[tuple(opened.tolist())],) * 2,
            lambda opened: swapped(reach, opened),
            CostStep.of(reach),
            target,
            INFINITY,
            0.0,
        )
        tree.begin(tree.explore(np.zeros(DEMANDS)))
        while not tree.finished:
            before = tree.bound
            tree.step()
            assert tree.bound >= before
        assert tree.bound == pytest.approx(min(target, least)) or tree.bound == min(target, least)
        assert tree.cost == pytest.approx(least) or target < least <= tree.cost or tree.cost == least


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 4))])
def test_the_stage_proves_a_p_median(monkeypatch, seed):
    """Law: with few links at first, the stage alone ends with the cost that the textbook model has in SciPy."""
    monkeypatch.setattr(settings, "ALLOCATION_COLUMNS", 0)
    monkeypatch.setattr(settings, "REACH_LINKS", 2)
    instance = read_allocation(pmedian(seed, sites=30, opened=6, reach=12))
    mip, scale, _ = mip_of(instance)
    state = State.beginning(mip, SolveOptions(gap=0.0), lambda _progress: False)
    ALLOCATION.run(state)
    assert state.objective * scale == pytest.approx(textbook(instance), rel=1e-6)
    assert state.gap_reached
    assert mip.arrays.worst_violation(state.incumbent) <= settings.PLAN_TOLERANCE


def test_that_no_plan_is_left_is_known_without_branching(form):
    """Law: where the linear program has no solution, prices show it at once: the search ends with its target."""
    cost = np.full((SITES, DEMANDS), INFINITY)
    cost[0, :6], cost[1, 6:] = 1.0, 2.0  # each half of the demands has one site, and one site may open
    a = replace(
        form, fixed_cost=np.ones(SITES), capacity=np.full(SITES, 1e3), unit_cost=cost, demand=np.ones(DEMANDS),
        offset=0.0, fewest=1, most=1,
    )  # fmt: skip
    reach = Reach.of(a)
    assert not reach.lost
    assert Engine(reach.relaxation()).run().x is None
    tree = ReachTree(
        reach, lambda program: Engine(program).run(), lambda _opened: (INFINITY, INFINITY), lambda opened: opened,
        CostStep.of(reach), 50.0, INFINITY, 0.0,
    )  # fmt: skip
    tree.begin(np.zeros(DEMANDS))
    assert tree.finished
    assert tree.bound == 50.0


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_missing_costs_no_less_than_serving_it(form, seed):
    """Law: the program in which demands may be missed has the optimum of the other, where that has one."""
    reach = Reach.of(drawn(form, seed))
    strict, elastic = (Engine(reach.relaxation(missing)).run() for missing in (None, 1e4))
    assert elastic.status == "optimal"
    if strict.status == "optimal":
        assert elastic.objective == pytest.approx(strict.objective, rel=1e-6)
    else:
        assert reach.bound(reach.prices(elastic.row_dual)) > 1e3
