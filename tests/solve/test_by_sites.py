"""The relaxation by sites: its bound is proven and close to its cost, and its optimum is one of the full program."""

from dataclasses import replace

import numpy as np
import pytest

from planner.inputs import make_inputs
from planner.options import SolveOptions
from planner.program import list_program
from planner.runs.compile import make_mip
from planner.solve import by_sites, settings
from planner.solve.engine_runs import without_held_back
from planner.solve.linear import Judge, solve_by_itself
from planner.solve.pipeline import run_pipeline
from planner.solve.relaxation import relax
from planner.solve.serve import serving_all
from planner.solve.site_basis import Statuses
from planner.solve.stage import run_stages
from planner.solve.stages import chosen_sites, kernel
from planner.solve.stages.relaxation import RELAXATION
from planner.solve.state import State
from planner.solve.sub_mip import Limits
from planner.status import Status
from planner.synthetic import generate
from tests.solve.stages.searches import recorded

GAP = 0.01


def synthetic(sites):
    """A synthetic case that must serve all demand."""
    inputs = make_inputs(generate(sites, 3, 12, 0))
    return serving_all(make_mip(list_program(inputs), inputs))


@pytest.fixture(scope="module")
def found():
    """One whose optimum needs sites besides those that hold something whatever is decided."""
    return synthetic(20)


@pytest.fixture
def always(monkeypatch):
    """Every program whose columns have their sites is solved by them."""
    monkeypatch.setattr(settings, "BY_SITES_COLUMNS", 0)
    monkeypatch.setattr(settings, "BY_SITES_SAMPLES", (0.75, 1.0))  # few sites: a quarter of them is no sample


def begin(mip, gap=GAP) -> State:
    """A run at its beginning."""
    return State.beginning(mip, SolveOptions(gap=gap), lambda _progress: False)


def at_rest(split):
    """No least cost of any site, and the basis without activity."""
    return np.zeros(split.count), Statuses.unknown(split.arrays.column_count, split.arrays.row_count)


def test_rows_of_a_site_have_only_its_columns(found):
    """A row is of a site if all of its columns are, and no column of a site is in a row of another site."""
    split = by_sites.Split.of(found.arrays.relaxed(), found.site)
    assert split.count > 1
    matrix = found.arrays.matrix
    for row in range(found.arrays.row_count):
        sites = set(split.column[matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]].tolist())
        assert split.row[row] == (sites.pop() if len(sites) == 1 else -1)


def test_sites_and_shared_columns_make_up_the_program(found):
    """All sites and the shared columns are the program; without any site only what is shared is left."""
    split = by_sites.Split.of(found.arrays.relaxed(), found.site)
    columns, rows = split.places(np.ones(split.count, dtype=bool))
    assert (len(columns), len(rows)) == (found.arrays.column_count, found.arrays.row_count)
    columns, rows = split.places(np.zeros(split.count, dtype=bool))
    assert (split.column[columns] < 0).all()
    assert (split.row[rows] < 0).all()


@pytest.mark.usefixtures("always")
def test_optimum_and_bound_enclose_that_of_the_whole(found):
    """No cost is below the least cost of the whole relaxation, no bound above it, and they differ by little."""
    state = begin(found)
    result = relax(state)
    assert state.sites is not None
    arrays = without_held_back(state, state.mip.arrays.relaxed())
    least = solve_by_itself(arrays).objective
    assert result.bound <= least + 1e-6 * abs(least)
    assert result.objective >= least - 1e-6 * abs(least)
    assert result.objective - result.bound <= settings.BY_SITES_LOSS * GAP * abs(result.objective) + 1e-6
    assert Judge(arrays).feasible(result.x)
    assert Judge(state.mip.arrays.relaxed()).bound(result.row_dual) >= result.bound - 1e-9 * abs(least)


@pytest.mark.usefixtures("always")
def test_too_few_sites_are_made_more(found, monkeypatch):
    """A first choice that cannot serve all demand is enlarged until it can."""
    monkeypatch.setattr(by_sites, "_first_choice", lambda _state, split: (split.lasting, *at_rest(split)))
    state = begin(found)
    assert relax(state).status == "optimal"
    assert state.sites is not None


@pytest.mark.usefixtures("always")
def test_sites_left_out_at_first_come_in(found, monkeypatch):
    """A site in use that is left out at first comes in where the optimum, that of the whole, needs it."""
    monkeypatch.setattr(settings, "BY_SITES_LOSS", 0.0)
    grow, grown = by_sites._add_sites, []

    def add_sites(state, split, joint, added):
        grown.append(np.flatnonzero(added).tolist())
        grow(state, split, joint, added)

    monkeypatch.setattr(by_sites, "_add_sites", add_sites)
    arrays = without_held_back(begin(found), found.arrays.relaxed())
    split, whole = by_sites.Split.of(arrays, found.site), solve_by_itself(arrays)
    active = np.unique(split.column[: len(whole.x)][(whole.x > 1e-6) & (split.column >= 0)])
    for left_out in active[~split.lasting[active]]:

        def all_others(_state, split, left_out=left_out):
            return np.arange(split.count) != left_out, *at_rest(split)

        monkeypatch.setattr(by_sites, "_first_choice", all_others)
        state = begin(found)
        result = relax(state)
        assert state.sites is not None
        least = solve_by_itself(without_held_back(state, state.mip.arrays.relaxed())).objective
        assert result.objective == pytest.approx(least, rel=1e-6)
        assert result.bound == pytest.approx(least, rel=1e-6)
    assert grown


@pytest.mark.usefixtures("always")
def test_without_prices_the_relaxation_is_solved_as_a_whole(found, monkeypatch):
    """A sample without a solution decides nothing."""
    monkeypatch.setattr(by_sites, "_first_choice", lambda *_: None)
    state = begin(found)
    assert relax(state).status == "optimal"
    assert state.sites is None


@pytest.mark.usefixtures("always")
def test_infeasible_is_proven_of_the_whole(found):
    """That no choice of sites is enough is no verdict: the full program gives one, with its proof."""
    row_lower = found.arrays.row_lower.copy()
    demand = np.array([row.constraint.component == "c_demand_balance" for row in found.arrays.rows])
    row_lower[demand] *= 100.0
    upper = np.where(demand, np.maximum(found.arrays.row_upper, row_lower), found.arrays.row_upper)
    arrays = replace(found.arrays, row_lower=row_lower, row_upper=upper)
    state = begin(found.with_arrays(arrays))
    assert relax(state).status == "infeasible"


@pytest.mark.usefixtures("always")
def test_the_plan_of_chosen_sites_is_one_of_the_program():
    """A run by sites ends with a plan of the full program, within the gap of what a run without them proves."""
    found = synthetic(12)
    answer = run_pipeline(found, SolveOptions(gap=GAP), lambda _progress: False)
    assert answer.status in (Status.GAP_REACHED, Status.OPTIMAL)
    assert "chosen sites" in answer.stages
    other = run_pipeline(replace(found, site=None), SolveOptions(gap=GAP), lambda _progress: False)
    assert answer.x is not None
    assert answer.mip.arrays.worst_violation(answer.x) <= settings.PLAN_TOLERANCE
    assert not answer.mip.violated_cuts(answer.x)
    assert answer.bound <= other.objective * (1.0 + 1e-6)
    assert other.bound <= answer.objective * (1.0 + 1e-6)


@pytest.mark.usefixtures("always")
def test_the_first_plan_of_chosen_sites_has_most_of_the_time(found, monkeypatch):
    """Law: the restrictions that give the first plan there have the usual node limit, and most of the time left."""
    state = begin(found)
    run_stages(state, (RELAXATION,))
    made = recorded(monkeypatch, kernel)
    monkeypatch.setattr(chosen_sites, "SEARCH", chosen_sites.SEARCH[:1])
    run_stages(state, (chosen_sites.CHOSEN_SITES,))
    assert made
    assert {sub.limits for sub in made} == {Limits(settings.CHOSEN_SITES_SHARE, settings.KERNEL_NODES)}


@pytest.mark.usefixtures("always")
def test_two_threads_find_the_optimum_of_one(found):
    """Sites by themselves are solved two at a time with two threads: cost, bound, point and sites are the same."""
    one, two = begin(found), begin(found)
    two.options = replace(two.options, threads=2)
    first, second = relax(one), relax(two)
    assert (first.objective, first.bound) == (second.objective, second.bound)
    assert first.x.tolist() == second.x.tolist()
    assert one.sites.tolist() == two.sites.tolist()


@pytest.mark.usefixtures("always")
def test_bounds_of_columns_are_those_of_the_whole_program(found):
    """The bounds of a program by sites hold for its optimum, and its bound with them is that without any known."""
    state = begin(found)
    split = by_sites._split(state)
    arrays = state.mip.arrays.relaxed()
    result = solve_by_itself(arrays)
    assert (result.x >= split.box.lower - 1e-7).all()
    assert (result.x <= split.box.upper + 1e-7).all()
    bound = Judge(arrays).bound(result.row_dual)
    assert Judge(arrays, split.box).bound(result.row_dual) == pytest.approx(bound, rel=1e-9)
