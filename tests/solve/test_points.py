"""Points: what they lack is filled in, what they violate is added, and only plans become the incumbent."""

from dataclasses import replace

import numpy as np
import pytest

from planner.redundancy.separate import violated_cuts
from planner.redundancy.symbols import COVERABLE_SUM
from planner.solve import settings
from planner.solve.arrays import INFINITY
from planner.solve.pipeline import run_pipeline
from planner.solve.points import add_violated_links, add_violated_rows, offer, padded, rounded, separate, take_back
from planner.solve.records import Stopped
from planner.solve.state import State
from tests.solve.tiny import (
    OFFERS,
    PERIODS,
    allocation,
    arrays_of,
    begin,
    mip_with,
    offers,
    three_sites,
    without_cuts,
)

GIVEN = offers(0)
UNSERVED_COLUMNS = slice(OFFERS + OFFERS * PERIODS, None)


def nothing_opened() -> np.ndarray:
    """The plan that opens nothing and serves nothing."""
    x = np.zeros(GIVEN.mip.arrays.column_count)
    x[UNSERVED_COLUMNS] = GIVEN.demand
    return x


def everything_opened() -> np.ndarray:
    """A plan that opens all offers, takes one block of each whenever it can, and leaves the rest unserved."""
    x = np.zeros(GIVEN.mip.arrays.column_count)
    x[: OFFERS + OFFERS * PERIODS] = 1.0
    x[UNSERVED_COLUMNS] = np.maximum(0.0, GIVEN.demand - GIVEN.size.sum())
    return x


@pytest.fixture
def state() -> State:
    """A run on offers over periods."""
    return begin(GIVEN.mip)


def test_a_plan_becomes_the_incumbent_with_its_true_cost(state):
    """Law: the cost is that of the point by the program's objective, whatever anybody claims."""
    assert offer(state, nothing_opened())
    assert state.objective == pytest.approx(2.0 + 9.0 * GIVEN.demand.sum())
    assert state.incumbent == pytest.approx(nothing_opened())


def test_only_a_cheaper_plan_replaces_one(state):
    """Law: of two plans the cheaper is kept, in whichever order they come; the dearer is no failure."""
    plans = sorted((nothing_opened(), everything_opened()), key=GIVEN.mip.arrays.objective)
    for order in (plans, plans[::-1]):
        state.incumbent, state.objective = None, INFINITY
        for plan in order:
            assert offer(state, plan)
        assert state.incumbent == pytest.approx(plans[0])
        assert state.objective == pytest.approx(GIVEN.mip.arrays.objective(plans[0]))


@pytest.mark.parametrize("earns", [False, True])
def test_a_plan_that_costs_nothing_is_proven_by_signs_alone(earns):
    """Law: with no amount that lowers the cost, zero is a bound at once; with one, nothing is said."""
    arrays = arrays_of([1.0, -1.0 if earns else 1.0], [[1.0, 1.0]], [0.0], [4.0], upper=3.0, integer=(0,))
    state = begin(mip_with(arrays), gap=0.0)
    assert offer(state, np.zeros(2))
    assert state.best_bound == (-INFINITY if earns else 0.0)
    assert state.gap_reached is not earns


def test_a_plan_that_costs_something_says_nothing_of_the_bound(state):
    """Law: that no plan costs less than zero is not looked at where the plan costs more."""
    assert offer(state, nothing_opened())
    assert state.best_bound == -INFINITY


def broken(kind: str) -> np.ndarray:
    """A point that is no plan."""
    x = nothing_opened()
    if kind == "row":
        x[UNSERVED_COLUMNS] *= 0.9
    elif kind == "bound":
        x[0] = 2.0
    elif kind == "link":
        x[OFFERS] = 1.0
    elif kind == "not a number":
        x[-1] = np.nan
    return x


@pytest.mark.parametrize("kind", ["row", "bound", "link"])
def test_a_point_that_violates_anything_is_refused(state, kind):
    """Law: rows, bounds and links each refuse it, and the state stays as it was."""
    assert not offer(state, broken(kind))
    assert state.incumbent is None
    assert state.objective == INFINITY


def test_no_point_is_no_plan(state):
    """Law: the lack of a point is neither a plan nor an error."""
    assert not offer(state, None)


def test_integers_are_rounded_before_they_are_judged(state):
    """Law: what is integer up to the solver's tolerance becomes exactly that; a half is refused by its rows."""
    near = everything_opened()
    near[: OFFERS + OFFERS * PERIODS] += 1e-7
    assert rounded(state, near)[: OFFERS + OFFERS * PERIODS] == pytest.approx(1.0, abs=0.0)
    assert offer(state, near)
    assert (state.incumbent[: OFFERS + OFFERS * PERIODS] == 1.0).all()
    half = everything_opened()
    half[:OFFERS] = 0.49
    state.incumbent, state.objective = None, INFINITY
    assert not offer(state, half)


def test_a_new_incumbent_is_reported(state):
    """Law: the callback hears of every new incumbent, with its point, and of nothing else."""
    heard = []
    state.callback = lambda progress: bool(heard.append(progress))
    offer(state, broken("row"))
    offer(state, nothing_opened())
    offer(state, nothing_opened())
    assert [progress.objective for progress in heard] == [state.objective]
    assert heard[0].x is state.incumbent


@pytest.fixture(scope="module")
def without_rules():
    """The cheapest plan of three sites if no loss need be survived: it survives some of them not."""
    mip = without_cuts(three_sites())
    free = replace(mip, network=None)
    answer = run_pipeline(free, begin(free).options, lambda _progress: False)
    assert answer.x is not None
    assert violated_cuts(mip.network, mip.installed_gw(answer.x))
    return answer.x


def test_a_plan_that_does_not_survive_a_loss_is_refused(without_rules):
    """Law: a point that satisfies every row so far, but not every contingency, is no plan."""
    state = begin(without_cuts(three_sites()))
    assert state.mip.arrays.worst_violation(rounded(state, without_rules)) <= settings.PLAN_TOLERANCE
    assert not offer(state, without_rules)
    assert state.incumbent is None


def test_cuts_that_are_added_cut_the_point_off(without_rules):
    """Law: after separation the point, padded, violates a row that is new; counts of cuts and rounds go up."""
    state = begin(three_sites())
    rows = state.mip.arrays.row_count
    found = separate(state, without_rules)
    assert found is not None
    columns, new = found
    assert state.mip.arrays.row_count == rows + len(new)
    assert (state.cuts > 0, state.rounds) == (True, 1)
    point = padded(state, without_rules)
    assert len(point) == len(without_rules) + columns
    last = np.arange(rows, rows + len(new))
    assert state.mip.arrays.worst_violation(point, last) > 1e-3


def test_padding_fills_in_what_rows_define(without_rules):
    """Law: new columns of coverable compute equal the sum that their row defines, so that row holds exactly."""
    state = begin(three_sites())
    separate(state, without_rules)
    point = padded(state, without_rules)
    defining = np.flatnonzero((state.mip.arrays.row_lower == 0.0) & (state.mip.arrays.row_upper == 0.0))
    own = [row for row in defining if state.mip.arrays.rows[row].constraint == COVERABLE_SUM]
    assert own
    assert state.mip.arrays.worst_violation(point, np.array(own)) <= 1e-9
    assert point[: len(without_rules)] == pytest.approx(without_rules)


def test_separation_that_never_ends_is_a_stop(without_rules, monkeypatch):
    """Law: after the last round that is allowed the run stops, with a note, instead of going on for ever."""
    monkeypatch.setattr(settings, "MOST_ROUNDS", 0)
    state = begin(three_sites())
    with pytest.raises(Stopped):
        separate(state, without_rules)
    assert "0 rounds of redundancy cuts" in state.notes[0]


def test_a_point_that_violates_nothing_adds_nothing():
    """Law: for a plan of the program there are no cuts, no rows held back and no links."""
    mip = three_sites()
    answer = run_pipeline(mip, begin(mip).options, lambda _progress: False)
    state = begin(mip)
    assert not add_violated_rows(state, answer.x[: mip.arrays.column_count])
    assert state.mip is mip
    site, _ = allocation(0)
    state = begin(site)
    assert add_violated_links(state, run_pipeline(site, state.options, state.callback).x) == []


def test_links_that_are_added_are_those_violated():
    """Law: serving from closed sites violates links; they are in the program afterwards, and cut the point off."""
    mip, _ = allocation(1)
    state = begin(mip)
    x = np.zeros(mip.arrays.column_count)
    x[mip.links.served] = mip.links.demand
    before = mip.arrays.row_count
    rows = add_violated_links(state, x)
    assert len(rows) == len(mip.links.served)
    assert state.mip.arrays.row_count == before + len(rows)
    assert state.mip.arrays.worst_violation(x, np.arange(before, before + len(rows))) > 0.1


def test_rows_held_back_come_back_once(monkeypatch):
    """Law: a point within the budget leaves them out; one beyond it brings all of them back, for good."""
    monkeypatch.setattr(settings, "LARGE_COLUMNS", 0)
    mip = three_sites()
    state = begin(mip)
    count = len(state.held_back.rows)
    spend = [j for j, key in enumerate(mip.arrays.columns) if key.variable.name == "spend_busd"]
    x = np.zeros(mip.arrays.column_count)
    assert take_back(state, x) == []
    assert state.held_back is not None
    x[spend] = 1e3
    assert len(take_back(state, x)) == count
    assert state.held_back is None
    assert take_back(state, x) == []
