"""Stages begun ahead: what is taken is what the stage would have made; whatever has changed meanwhile drops it."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from planner.options import SolveOptions
from planner.solve import ahead, settings
from planner.solve.ahead import begin_ahead, drop_ahead, run_ahead
from planner.solve.pipeline import run_pipeline
from planner.solve.records import Stopped
from planner.solve.stages import guided_start, kernel
from planner.solve.stages.strategy import STRATEGY
from tests.length import thinned
from tests.solve.tiny import begin, offers, three_sites

ONE = SolveOptions(gap=0.0)
TWO = replace(ONE, threads=2)


@pytest.fixture
def state():
    """A state with two threads to use."""
    one = begin(offers(0).mip)
    one.options = TWO
    yield one
    drop_ahead(one)


def raise_by(amount):
    """Work that raises the bound, counts a cut, draws a number and leaves a note."""

    def work(state):
        state.raise_bound(max(state.bound, 0.0) + amount)
        state.cuts += 1
        state.random.random()
        state.note(f"raised by {amount}")

    return work


def nothing(arrays, *_values, **_named):
    """The restriction of a program to nothing, which has no plan."""
    return arrays.with_bounds(arrays.lower, arrays.lower)


def seen(state):
    """What a stage can have changed of a state."""
    return state.bound, state.cuts, state.notes, state.random.bit_generator.state


def test_what_is_taken_is_what_the_work_makes(state):
    """Law: taking work done ahead leaves the state as doing it would; until then the state is untouched."""
    plain = begin(offers(0).mip)
    raise_by(1.0)(plain)
    before = state.bound
    begin_ahead(state, "key", raise_by(1.0), "strategy")
    assert (state.bound, state.notes) == (before, [])
    run_ahead(state, "key", lambda _: pytest.fail("it was done ahead"))
    assert seen(state) == seen(plain)
    assert state.ahead is None


@pytest.mark.parametrize(
    "change",
    [
        lambda state: state.raise_bound(0.5),
        lambda state: setattr(state, "incumbent", np.zeros(1)),
        lambda state: setattr(state, "mip", replace(state.mip)),
        lambda state: state.random.random(),
        lambda state: setattr(state, "cuts", 3),
    ],
)
def test_work_on_another_state_is_dropped(state, change):
    """Law: whatever a stage changes meanwhile, the next one begins from it."""
    begin_ahead(state, "key", raise_by(1.0), "strategy")
    change(state)
    done = []
    run_ahead(state, "key", done.append)
    assert done == [state]
    assert state.notes == []


def test_other_work_drops_it(state):
    """Law: only the work that was begun is taken."""
    begin_ahead(state, "key", raise_by(1.0), "strategy")
    done = []
    run_ahead(state, "other", done.append)
    assert (done, state.ahead, state.notes) == ([state], None, [])


@pytest.mark.parametrize("because", ["one thread", "a copy", "large"])
def test_nothing_is_begun_ahead(state, because, monkeypatch):
    """Law: with one thread, in work that is ahead itself, and in large programs everything is done in turn."""
    if because == "one thread":
        state.options = ONE
    elif because == "a copy":
        state.is_ahead = True
    else:
        monkeypatch.setattr(settings, "AHEAD_COLUMNS", 1)
    begin_ahead(state, "key", raise_by(1.0), "strategy")
    assert state.ahead is None


def test_errors_and_stops_come_where_it_is_taken(state):
    """Law: what ends the work ends the run, when the work is taken and not before."""

    def stop(_state):
        raise Stopped

    begin_ahead(state, "key", stop, "strategy")
    with pytest.raises(Stopped):
        run_ahead(state, "key", stop)
    assert state.ahead is None


@pytest.mark.parametrize("taken", [True, False])
def test_a_stop_reaches_work_ahead(state, taken):
    """Law: a user who asks for a stop, and work that is not needed any more, end it."""
    ended = threading.Event()

    def wait(there):
        while not there.report():
            ended.wait(0.01)
        ended.set()
        raise Stopped

    begin_ahead(state, "key", wait, "strategy")
    if taken:
        state.callback = lambda _progress: True
        with pytest.raises(Stopped):
            run_ahead(state, "key", wait)
    else:
        drop_ahead(state)
    assert ended.wait(10.0)


@pytest.mark.parametrize("name", thinned(["offers 0", "offers 1", "three_sites"], 2))
def test_two_threads_find_what_one_finds(name, monkeypatch):
    """Law: with two threads the plan, the bound and the stages are those of one, and work done ahead is taken.

    The stages that find plans sooner are made to find none, so that those begun ahead are needed.
    """
    mip = three_sites() if name == "three_sites" else offers(int(name[-1])).mip
    monkeypatch.setattr(kernel, "kernel", nothing)
    monkeypatch.setattr(guided_start, "around", nothing)
    monkeypatch.setattr(guided_start, "_within_use", lambda state: nothing(state.mip.arrays))
    taken = []
    take = ahead._Ahead.take
    monkeypatch.setattr(ahead._Ahead, "take", lambda self, state: (taken.append(self.key), take(self, state)))
    one = run_pipeline(mip, ONE, lambda _progress: False)
    assert not taken
    two = run_pipeline(mip, TWO, lambda _progress: False)
    assert len(taken) == 2
    assert taken[0] is STRATEGY
    assert (two.objective, two.bound, two.status, two.cuts) == (one.objective, one.bound, one.status, one.cuts)
    assert np.array_equal(two.x, one.x)
    assert two.stages.keys() == one.stages.keys()
