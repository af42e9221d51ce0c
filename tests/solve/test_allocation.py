"""Site allocation by branch and bound over the sites: recognised from rows, bounds below every plan, the least cost."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from bench.allocation import read_allocation
from bench.importer import allocation_case
from bench.recipes import pmedian, tbed1
from planner import Case
from planner.options import SolveOptions
from planner.program import build_program
from planner.runs.compile import make_mip
from planner.solve import settings
from planner.solve.allocation import recognised
from planner.solve.arrays import INFINITY
from planner.solve.pipeline import run_pipeline
from planner.solve.site_bounds import SiteBounds
from planner.solve.site_parts import part_of
from planner.solve.site_tree import SiteTree
from tests.solve.test_penalties import SITES, cost_of, costs, draw, mip_of, with_envelope
from tests.solve.tiny import three_sites

DRAWN = [(0, None), (1, 3)]


def no_sites():
    """No site chosen."""
    return np.zeros(SITES, dtype=bool)


def solved(mip, gap=0.0, start=None):
    """The answer of the stages."""
    return run_pipeline(mip, SolveOptions(gap=gap), lambda _progress: False, start)


@pytest.fixture
def of_any_size(monkeypatch):
    """Programs are searched by their sites whatever their size."""
    monkeypatch.setattr(settings, "ALLOCATION_COLUMNS", 0)


@pytest.mark.parametrize(("seed", "exactly"), DRAWN)
def test_the_recognised_form_is_the_instance(seed, exactly):
    """Law: fixed costs, capacities, unit costs and demands read from the rows are those that the case was made of."""
    instance = draw(seed, exactly)
    mip, scale, sites = mip_of(instance)
    found = recognised(mip)
    assert found is not None
    assert found.fixed_cost * scale == pytest.approx([instance.fixed_cost[s] for s in sites])
    per_unit = sum(instance.demand) / found.demand.sum()
    assert np.sort(found.demand) * per_unit == pytest.approx(sorted(instance.demand))
    assert found.capacity * per_unit == pytest.approx([instance.usable_capacity[s] for s in sites])
    whole = found.unit_cost * found.demand * scale
    assert np.sort(whole.ravel()) == pytest.approx(np.sort(np.array(instance.cost).ravel()), rel=1e-6, abs=1e-6)
    assert (found.most == exactly) if exactly else (found.most == SITES)


@pytest.mark.parametrize(("seed", "exactly"), DRAWN)
def test_any_prices_bound_every_plan(seed, exactly):
    """Law: whatever the prices and whatever must be open or closed, no plan of that kind costs less than the bound."""
    instance = draw(seed, exactly)
    mip, scale, sites = mip_of(instance)
    bounds = SiteBounds(recognised(mip))
    every = costs(instance)
    random = np.random.default_rng(seed)
    for steps in (1, 5, 100):
        price = bounds.first_prices() * random.uniform(0.0, 2.0, len(bounds.allocation.demand))
        for must, never in [((), ()), ((0,), ()), ((), (1,)), ((2,), (3,))]:
            chosen, left = no_sites(), no_sites()
            chosen[list(must)], left[list(never)] = True, True
            bound = bounds.ascend(price, chosen, left, INFINITY, steps, 1.0).bound
            fits = [
                cost
                for opened, cost in every.items()
                if {sites[s] for s in must} <= set(opened) and not {sites[s] for s in never} & set(opened)
            ]
            assert bound * scale <= min(fits, default=INFINITY) * (1.0 + 1e-9)


@pytest.mark.parametrize(("seed", "exactly"), DRAWN)
def test_what_is_decided_keeps_every_better_plan(seed, exactly):
    """Law: a plan below the target opens all sites that are decided open, and none of those decided closed."""
    instance = draw(seed, exactly)
    mip, scale, sites = mip_of(instance)
    bounds = SiteBounds(recognised(mip))
    every = costs(instance)
    for target in sorted(cost for cost in every.values() if np.isfinite(cost))[1:8]:
        ascent = bounds.ascend(bounds.first_prices(), no_sites(), no_sites(), target / scale, 200, 1.0)
        must, never = bounds.decided(ascent, no_sites(), no_sites(), target / scale)
        for opened, cost in every.items():
            if cost < target * (1.0 - 1e-9):
                assert {sites[s] for s in np.flatnonzero(must)} <= set(opened)
                assert not {sites[s] for s in np.flatnonzero(never)} & set(opened)


@pytest.mark.slow
@pytest.mark.parametrize("exactly", [None, 2, 4])
@pytest.mark.parametrize("seed", range(5))
def test_the_tree_proves_the_least_cost(seed, exactly):
    """Law: branch and bound ends with the least cost of all sets of sites as cost and as bound."""
    instance = draw(seed, exactly)
    mip, scale, sites = mip_of(instance)

    def price(opened):
        cost = cost_of(instance, tuple(sorted(sites[s] for s in np.flatnonzero(opened)))) / scale
        return cost, cost

    tree = SiteTree(SiteBounds(recognised(mip)), price, 0.0)
    tree.begin()
    while not tree.finished:
        before = tree.bound
        tree.step()
        assert tree.bound >= before - 1e-9 * abs(before)
    least = min(costs(instance).values()) / scale
    assert tree.cost == pytest.approx(least, rel=1e-9) or tree.cost == least
    assert min(tree.bound, tree.cost) == pytest.approx(least, rel=1e-9) or not np.isfinite(least)


@pytest.mark.parametrize(
    ("seed", "exactly"),
    [(0, None), *(pytest.param(seed, p, marks=pytest.mark.slow) for seed in range(1, 6) for p in (None, 2))],
)
def test_the_stage_ends_the_run_with_the_least_cost(of_any_size, seed, exactly):
    """The stage alone finds and proves the least cost of all sets, and its plan satisfies every row."""
    instance = draw(seed, exactly)
    mip, scale, _ = mip_of(instance)
    answer, least = solved(mip), min(costs(instance).values())
    if not np.isfinite(least):
        assert answer.status == "infeasible"
        return
    assert answer.status == "optimal"
    assert answer.objective * scale == pytest.approx(least, rel=1e-6)
    assert answer.bound * scale == pytest.approx(least, rel=1e-6)
    assert set(answer.stages) <= {"allocation", "second proof"}
    assert mip.arrays.worst_violation(answer.x) <= settings.PLAN_TOLERANCE


@pytest.mark.parametrize("seed", [3, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(4, 8))])
def test_a_search_of_the_likely_sites_and_few_links_ends_with_the_least_cost(of_any_size, monkeypatch, seed):
    """Law: the same where more sites are open than the search begins with, and links are added as duals ask."""
    monkeypatch.setattr(settings, "ALLOCATION_OPEN", 0)
    monkeypatch.setattr(settings, "ALLOCATION_NEAREST", 1)
    monkeypatch.setattr(settings, "ALLOCATION_NEAR_GAP", INFINITY)
    instance = draw(seed)
    mip, scale, _ = mip_of(instance)
    answer, least = solved(mip), min(costs(instance).values())
    assert answer.status == "optimal"
    assert answer.objective * scale == pytest.approx(least, rel=1e-6)
    assert answer.bound * scale == pytest.approx(least, rel=1e-6)
    assert mip.arrays.worst_violation(answer.x) <= settings.PLAN_TOLERANCE


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 5))])
def test_without_sites_that_stay_closed_the_rest_is_the_same(seed):
    """Law: bounds and plans of the sites that are left are those of the full allocation with the others closed."""
    mip, _, _ = mip_of(draw(seed))
    found = recognised(mip)
    assert found is not None
    gone = no_sites()
    gone[[1, 3]] = True
    left = found.without(gone)
    price = SiteBounds(found).first_prices()
    full = SiteBounds(found).ascend(price, no_sites(), gone, INFINITY, 1, 1.0)
    rest = SiteBounds(left).ascend(price, no_sites()[:3], no_sites()[:3], INFINITY, 1, 1.0)
    assert rest.value == pytest.approx(full.value[~gone])
    every = np.ones(found.unit_cost.shape, dtype=bool)
    part, same = part_of(found, ~gone, every), part_of(left, np.ones(3, dtype=bool), every[~gone])
    assert same.columns.tolist() == part.columns.tolist()
    assert same.rows.tolist() == part.rows.tolist()


DRAWN_BY = [(tbed1, {"sites": 40, "regions": 60, "ratio": 3.0}), (pmedian, {"sites": 40, "opened": 6, "reach": 20})]


@pytest.mark.slow
@pytest.mark.parametrize(("make", "size"), DRAWN_BY)
def test_drawn_instances_end_as_with_the_solver_alone(of_any_size, make, size):
    """Law: cost and bound are those of a textbook model solved by SciPy's own HiGHS."""
    instance = read_allocation(make(2, **size))
    mip, scale, _ = mip_of(instance)
    answer, least = solved(mip), textbook(instance)
    assert answer.objective * scale == pytest.approx(least, rel=1e-6)
    assert answer.bound * scale == pytest.approx(least, rel=1e-6)


def textbook(instance):
    """The least cost by the strong textbook formulation."""
    pairs = [(s, r) for s, row in enumerate(instance.cost) for r, cost in enumerate(row) if np.isfinite(cost)]
    sites, regions, count = len(instance.capacity), len(instance.demand), len(pairs)
    site, region = np.array(pairs).T
    number = np.arange(count)
    one, x = np.ones(count), sites + number
    whole = sparse.csr_array((one, (region, x)), shape=(regions, sites + count))
    used = sparse.csr_array((np.array(instance.demand)[region], (site, x)), shape=(sites, sites + count))
    used = used - sparse.diags_array(np.array(instance.usable_capacity)).tocsr() @ sparse.eye_array(
        sites, sites + count
    )
    links = sparse.csr_array((np.concatenate([one, -one]), (np.tile(number, 2), np.concatenate([x, site]))))
    rules = [LinearConstraint(whole, 1.0, 1.0), LinearConstraint(used, ub=0.0), LinearConstraint(links, ub=0.0)]
    if instance.open_exactly is not None:
        opened, p = np.concatenate([np.ones(sites), np.zeros(count)]), instance.open_exactly
        rules.append(LinearConstraint(opened, p, p))
    cost = np.concatenate([instance.fixed_cost, [instance.cost[s][r] for s, r in pairs]])
    integer = np.concatenate([np.ones(sites), np.zeros(count)])
    found = milp(cost, constraints=rules, integrality=integer, bounds=Bounds(0.0, 1.0), options={"mip_rel_gap": 0.0})
    assert found.success
    return found.fun


@pytest.mark.slow
def test_a_given_start_is_never_left_for_a_dearer_plan(of_any_size):
    """Law: at any gap, the plan costs no more than the one that the run began with."""
    mip, _, _ = mip_of(draw(1))
    best = solved(mip)
    for gap in (0.5, 0.05, 0.0):
        assert solved(mip, gap, best.x).objective <= best.objective * (1.0 + 1e-9)


def test_a_node_limit_leaves_the_proof_to_the_other_stages(of_any_size, monkeypatch):
    """A search that ends early gives its plan and its bound, and the run goes on to the least cost."""
    instance = draw(2)
    monkeypatch.setattr(SiteTree, "step", lambda _self: None)
    mip, scale, _ = mip_of(instance)
    answer = solved(mip)
    assert answer.status == "optimal"
    assert answer.objective * scale == pytest.approx(min(costs(instance).values()), rel=1e-6)


def test_other_programs_are_left_alone():
    """Redundancy, a budget, a rent or a row of the user's own make it another form."""
    assert recognised(three_sites()) is None
    instance = draw(0)
    imported = allocation_case(instance)

    def found(case):
        inputs = Case.of(case).inputs
        return recognised(make_mip(build_program(inputs), inputs))

    assert found(with_envelope(imported.case, 1.0)) is None
    rented = [offer.model_copy(update={"rent_musd_per_mw_year": 1.0}) for offer in imported.case.tables["offers"]]
    assert found(imported.case.replace(tables={**imported.case.tables, "offers": tuple(rented)})) is None
    mip, _, _ = mip_of(instance)
    assert recognised(mip) is not None
    pairs = next(iter(combinations(mip.links.served[:9].tolist(), 2)))
    arrays = mip.arrays.with_rows_taken(np.concatenate([np.arange(mip.arrays.row_count), [0]]))
    tied = arrays.with_entries(np.full(2, arrays.row_count - 1), np.array(pairs), np.ones(2))
    assert recognised(mip.with_arrays(tied)) is None


def test_where_nothing_is_to_be_served_no_site_must_open():
    """Law: a form in which all demand is zero is left to the other stages: no opening is counted as needed."""
    instance = draw(0)
    mip, _, _ = mip_of(instance)
    arrays = mip.arrays
    balance = np.unique(arrays.matrix.tocsc()[:, mip.links.served].nonzero()[0])
    equal = balance[arrays.row_lower[balance] == arrays.row_upper[balance]]
    lower, upper = arrays.row_lower.copy(), arrays.row_upper.copy()
    lower[equal] = upper[equal] = 0.0
    found = recognised(mip.with_arrays(replace(arrays, row_lower=lower, row_upper=upper)))
    assert found is None


def test_a_row_of_a_site_whose_service_cancels_makes_another_form():
    """Law: a row of one site in which what it serves has entries of opposite sign is not overlooked."""
    mip, _, _ = mip_of(draw(0))
    found = recognised(mip)
    assert found is not None
    arrays = mip.arrays.with_rows_taken(np.concatenate([np.arange(mip.arrays.row_count), [0]]))
    row = arrays.row_count - 1
    lower, upper = arrays.row_lower.copy(), arrays.row_upper.copy()
    matrix = arrays.matrix.tolil()
    matrix[row, :] = 0.0
    first, second = found.served[0, :2]
    matrix[row, first], matrix[row, second] = 1.0, -1.0
    lower[row] = upper[row] = 0.0
    tied = replace(arrays, matrix=sparse.csr_array(matrix.tocsr()), row_lower=lower, row_upper=upper)
    assert recognised(mip.with_arrays(tied)) is None


@pytest.mark.parametrize("size", [1e6, 1e12])
def test_rounding_in_the_data_is_counted_against_a_bound(size):
    """Law: costs that are differences of larger numbers weaken the bound by what rounding may have brought."""
    mip, _, _ = mip_of(draw(0))
    found = recognised(mip)
    assert found is not None
    larger = recognised(mip.with_arrays(replace(mip.arrays, offset=mip.arrays.offset + size)))
    assert larger is not None
    assert larger.rounding - found.rounding >= size * np.finfo(float).eps
