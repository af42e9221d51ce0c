"""Stage ``neighbourhood``: what is fixed, what is free, and when the search stops."""

from dataclasses import replace

import numpy as np
import pytest

from planner.options import SolveOptions
from planner.solve import settings
from planner.solve.highs import SolverResult
from planner.solve.stages import guided_start, kernel, neighbourhood
from planner.solve.stages.second_proof import drop_beside
from planner.solve.state import State
from planner.solve.sub_mip import SubMip
from tests.length import thinned
from tests.solve.stages.searches import NOTHING, free, recorded, with_plan
from tests.solve.tiny import OFFERS, PERIODS, after, offers


def test_what_guide_and_plan_agree_on_is_fixed(monkeypatch):
    """Law: exactly the integers in which the two differ by half or more are free; all others are as in the plan."""
    state = with_plan(3)
    made = recorded(monkeypatch, neighbourhood)
    stage = neighbourhood.WHERE_GUIDE_DISAGREES
    stage.work(state, stage.limits)
    (sub,) = made  # nothing got better, so there is no second round
    arrays = state.mip.arrays
    differ = np.abs(state.incumbent - state.guide.x) >= 0.5
    fixed = arrays.integer & ~differ
    assert (sub.arrays.lower[fixed] == state.incumbent[fixed]).all()
    assert (sub.arrays.upper[fixed] == state.incumbent[fixed]).all()
    assert (sub.arrays.lower[~fixed] == arrays.lower[~fixed]).all()
    assert (sub.arrays.upper[~fixed] == arrays.upper[~fixed]).all()
    assert sub.mip_start
    assert not sub.proves


def test_rounds_go_on_while_they_close_enough_of_the_gap(monkeypatch):
    """Law: another round follows a gain of more than the worthwhile share of the gap, none follows a smaller one."""
    state = with_plan(3)
    state.bound = state.objective - 10.0
    gains = iter([1.0, 1.0, 1e-3])

    def answer(state: State, _sub: SubMip) -> SolverResult:
        state.objective -= next(gains)
        return NOTHING

    made = recorded(monkeypatch, neighbourhood, answer)
    stage = neighbourhood.WHERE_GUIDE_DISAGREES
    stage.work(state, stage.limits)
    assert len(made) == 3


def test_windows_of_periods_cover_every_period(monkeypatch):
    """Law: in a round, every block of an offer in use is free once at least, in windows of neighbouring periods."""
    state = with_plan(1)
    state.guide = replace(state.relaxation, x=np.ones(state.mip.arrays.column_count))
    made = recorded(monkeypatch, neighbourhood)
    stage = neighbourhood.BY_PERIOD_AND_OFFER
    stage.work(state, stage.limits)
    windows = made[: -(-PERIODS // settings.WINDOW)]
    covered = np.zeros(state.mip.arrays.column_count, dtype=bool)
    for sub in windows:
        periods = sorted(set(state.mip.period[free(sub) & (state.mip.period >= 0)]))
        assert periods == list(range(periods[0], periods[-1] + 1))
        covered |= free(sub)
    assert covered[state.mip.period >= 0].all()


def test_random_parts_are_those_of_the_seed(monkeypatch):
    """Law: equal seeds free equal parts; the parts grow from search to search; what is of no period is always free."""

    def parts(seed: int) -> list[tuple[int, ...]]:
        given = offers(5)
        state = with_plan(5)
        state.random = np.random.default_rng(seed)
        state.guide = replace(state.relaxation, x=np.ones(given.mip.arrays.column_count))
        with monkeypatch.context() as patch:
            made = recorded(patch, neighbourhood)
            stage = neighbourhood.BY_PERIOD_AND_OFFER
            stage.work(state, stage.limits)
        searches = made[-len(settings.GROUP_SHARES) :]
        assert all(free(sub)[:OFFERS].all() for sub in searches)
        return [tuple(sorted(set(state.mip.group[free(sub)]) - {-1})) for sub in searches]

    assert parts(0) == parts(0)
    assert any(parts(0) != parts(seed) for seed in range(1, 6))
    sizes = [len(part) for part in parts(0)]
    assert sizes == sorted(sizes)


@pytest.mark.parametrize("seed", thinned(range(4), 4))
def test_a_search_around_a_poor_plan_finds_a_good_one(seed):
    """Law: from the plan that opens nothing, the searches come within a few percent of the optimum, or reach it."""
    given = offers(seed)
    state = with_plan(seed)
    poor = state.objective
    for stage in (neighbourhood.WHERE_GUIDE_DISAGREES, neighbourhood.BY_PERIOD_AND_OFFER):
        stage.work(state, stage.limits)
    assert state.objective < poor
    assert given.optimum * (1.0 - 1e-6) <= state.objective <= 1.05 * given.optimum


def test_a_gap_that_is_reached_ends_the_searches(monkeypatch):
    """Law: no search is begun once the gap is reached."""
    state = with_plan(0)
    state.bound = state.objective
    made = recorded(monkeypatch, neighbourhood)
    for stage in (neighbourhood.WHERE_GUIDE_DISAGREES, neighbourhood.BY_PERIOD_AND_OFFER):
        stage.work(state, stage.limits)
    assert made == []


def test_options_of_a_run_are_those_of_the_searches(monkeypatch):
    """Law: every search of a restriction asks for a gap no wider than half of what the user asked for."""
    given = offers(2)
    state = State.beginning(given.mip, SolveOptions(gap=0.02), lambda _progress: False)
    state.relaxation = after(given.mip, 1).relaxation
    state.guide = state.relaxation
    state.incumbent, state.objective, state.bound = np.zeros(given.mip.arrays.column_count), 1e3, 1.0
    for module, stage in (
        (kernel, kernel.KERNEL),
        (guided_start, guided_start.AROUND_GUIDE),
        (guided_start, guided_start.WIDELY_AROUND_GUIDE),
        (neighbourhood, neighbourhood.WHERE_GUIDE_DISAGREES),
        (neighbourhood, neighbourhood.BY_PERIOD_AND_OFFER),
    ):
        made = recorded(monkeypatch, module)
        stage.work(state, stage.limits)
        assert made
        assert all(sub.relative_gap <= 0.01 and sub.limits == stage.limits for sub in made)


def test_windows_for_a_tight_gap_free_whole_periods(monkeypatch):
    """Law: each window frees all of its periods and all that belongs to none, with sums written out, the last first."""
    monkeypatch.setattr(settings, "SPELLED_OUT_INTEGERS", (1, 4000))
    state = with_plan(1, 0.001)
    made = recorded(monkeypatch, neighbourhood)
    stage = neighbourhood.BY_WINDOWS
    assert stage.useful(state)
    stage.work(state, stage.limits)
    integer, period = state.mip.arrays.integer, state.mip.period
    freed = [set(period[free(sub)]) - {-1} for sub in made]
    assert set().union(*freed) == set(period[integer]) - {-1}
    assert max(freed[0]) == PERIODS - 1
    for sub, window in zip(made, freed, strict=True):
        assert (free(sub) == integer & (np.isin(period, list(window)) | (period < 0))).all()
        assert sub.spelled_out
        assert sub.mip_start
        assert not sub.proves


def test_windows_are_for_tight_gaps_and_small_programs(monkeypatch):
    """Law: at the default gap only small programs are searched so, with a guide, and not where all has a price."""
    useful = neighbourhood.BY_WINDOWS.useful
    state = with_plan(1, 0.005)
    assert useful(state)
    state.mip = replace(state.mip, elastic=True)
    assert not useful(state)
    state = with_plan(1, 0.005)
    state.guide = None
    assert not useful(state)
    monkeypatch.setattr(settings, "CAREFUL_COLUMNS", 0)
    assert not useful(with_plan(1, 0.005))


@pytest.mark.parametrize(("threads", "careful", "begun"), [(2, True, True), (1, True, False), (2, False, False)])
def test_the_second_proof_is_under_way_beside_the_windows(threads, careful, begun, monkeypatch):
    """Law: with a second thread it is begun with the windows, where what they find is no part of it."""
    monkeypatch.setattr(settings, "SPELLED_OUT_INTEGERS", (1, 4000))
    monkeypatch.setattr(settings, "CAREFUL_COLUMNS", settings.CAREFUL_COLUMNS if careful else 0)
    state = with_plan(1, 0.001)
    state.options = replace(state.options, threads=threads)
    neighbourhood.BY_WINDOWS.work(state, neighbourhood.BY_WINDOWS.limits)
    assert (state.second is not None) is begun
    drop_beside(state)
