"""A run of the solver begun in a thread: heard late it is the run that it would have been; nothing of it is lost."""

import threading

import pytest

from planner.solve.arrays import INFINITY
from planner.solve.begun import BegunRun
from planner.solve.highs import SolverEvent, SolverResult

ENDED = SolverResult("gap", None, INFINITY, 3.0, 0.0)


class Told:
    """An engine that tells what it is given, in order."""

    def __init__(self, *events, end=ENDED):
        self.events, self.end, self.done, self.asked = events, end, threading.Event(), None

    def run(self, *, gap, time_limit_s, callback, **options):
        """Tell all events, unless asked to stop."""
        self.asked = (gap, time_limit_s, options)
        stopped = any(callback(event) for event in self.events)
        self.done.set()
        if isinstance(self.end, Exception):
            raise self.end
        return SolverResult("interrupted", None, INFINITY, -INFINITY, 0.0) if stopped else self.end


def at(bound, x=None):
    """An event with a bound."""
    return SolverEvent(x, INFINITY, bound)


def heard(run, until=INFINITY, seconds=INFINITY):
    """The bounds heard, up to one, and the result."""
    bounds = []

    def listen(event):
        if event.bound > -INFINITY:
            bounds.append(event.bound)
        return bool(bounds) and bounds[-1] >= until

    return bounds, run.run(gap=0.1, time_limit_s=seconds, callback=listen, seed=1)


def begun(engine):
    """A run begun with a gap of 0.1 and a seed."""
    return BegunRun(engine, gap=0.1, time_limit_s=7.0, options={"seed": 1})


def test_all_is_heard_in_order_after_the_end():
    """Law: bounds that do not rise are left out; the result is that of the solver, asked with the same options."""
    engine = Told(at(1.0), at(1.0), at(2.0), at(3.0))
    run = begun(engine)
    engine.done.wait(10.0)
    assert heard(run) == ([1.0, 2.0, 3.0], ENDED)
    assert engine.asked == (0.1, 7.0, {"seed": 1})


def test_a_listener_that_stops_has_heard_only_what_came_before():
    """Law: what the solver found after the event that satisfies the listener counts for nothing."""
    engine = Told(at(1.0), at(2.0), at(3.0))
    run = begun(engine)
    engine.done.wait(10.0)
    bounds, result = heard(run, until=2.0)
    assert bounds == [1.0, 2.0]
    assert (result.status, result.bound) == ("interrupted", 2.0)


def test_time_limit_of_the_listener_ends_the_run():
    """Law: while nothing is heard the listener is called, and its time limit ends the run and the solver."""
    go = threading.Event()

    class Silent(Told):
        def run(self, *, callback, **_asked):
            while not callback(at(-INFINITY)):
                go.wait(0.01)
            self.done.set()
            return self.end

    engine = Silent()
    bounds, result = heard(begun(engine), seconds=0.1)
    assert (bounds, result.status, result.x) == ([], "interrupted", None)
    assert engine.done.wait(10.0)


def test_an_error_of_the_thread_is_raised_where_it_is_heard():
    """Law: nothing that goes wrong in the thread is lost."""
    with pytest.raises(MemoryError, match="no room"):
        heard(begun(Told(end=MemoryError("no room"))))


def test_other_options_are_refused():
    """Law: a run is not taken for another one."""
    run = begun(Told())
    with pytest.raises(ValueError, match="begun with"):
        run.run(gap=0.2, time_limit_s=1.0, callback=lambda _event: False, seed=1)
    run.drop()
