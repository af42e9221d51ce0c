"""The watchdog: a time limit and Ctrl-C always reach the solver, and what it has found is the answer."""

import threading
import time

import numpy as np
import pytest

from planner import Case
from planner.errors import PlannerError
from planner.options import SolveOptions
from planner.program import build_program
from planner.runs.compile import make_mip
from planner.solve import watchdog
from planner.solve.arrays import INFINITY, NewRow
from planner.solve.mip import MixedIntegerProgram
from planner.solve.records import Answer, SolveProgress
from planner.solve.serve import solve_mip
from planner.status import Status
from planner.symbols import Constraint, Row
from planner.system import background
from tests.cases import make_case


@pytest.fixture(scope="module")
def mip() -> MixedIntegerProgram:
    """The compiled program of the tiny case with every family."""
    inputs = Case.of(make_case(full=True)).inputs
    return make_mip(build_program(inputs), inputs)


def _ignore(_progress: SolveProgress) -> None:
    """Hear nothing."""


def _deaf_solver(found: np.ndarray, ended: threading.Event):
    """A solver that tells one plan and then listens to nobody."""

    def run(mip: MixedIntegerProgram, options: SolveOptions, tell, start=None) -> Answer:
        tell(SolveProgress("full program", 0.0, 12.0, 10.0, found))
        ended.wait(30.0)
        return Answer(Status.OPTIMAL, found, 10.0, 10.0, mip, 0, 0, 0.0, {})

    return run


@pytest.fixture
def deaf(mip, monkeypatch):
    """The watchdog over a solver that does not stop; the plan it told is given."""
    ended = threading.Event()
    found = np.full(mip.arrays.column_count, 0.5)
    monkeypatch.setattr(watchdog, "solve_mip", _deaf_solver(found, ended))
    yield found
    ended.set()


def test_a_solver_over_its_time_is_left_with_the_best_plan_so_far(mip, deaf):
    """The limit holds also when the solver does not look at the clock: what it told last is the answer."""
    begin = time.monotonic()
    answer = watchdog.solve_in_thread(mip, SolveOptions(0.0, time_limit_s=0.2), _ignore)
    assert 0.2 <= time.monotonic() - begin < 0.2 + watchdog.GRACE_S + 1.0
    assert answer.status is Status.TIME_LIMIT
    assert (answer.objective, answer.bound) == (12.0, 10.0)
    assert answer.x is deaf


def test_a_solver_that_is_left_is_asked_to_stop(mip, monkeypatch):
    """Law: a solver over its time, left with what it told, stops at the next thing it tells; nothing runs on."""
    monkeypatch.setattr(background, "_left", [])  # of this test alone
    go_on, stopped = threading.Event(), threading.Event()

    def slow(mip, _options, callback, _start=None):
        go_on.wait(30.0)
        if callback(SolveProgress("full program", 0.0, INFINITY, 1.0)):
            stopped.set()
        return Answer(Status.NO_PLAN, None, INFINITY, 1.0, mip, 0, 0, 0.0, {})

    monkeypatch.setattr(watchdog, "solve_mip", slow)
    monkeypatch.setattr(watchdog, "GRACE_S", 0.05)
    answer = watchdog.solve_in_thread(mip, SolveOptions(0.0, time_limit_s=0.05), _ignore)
    assert answer.status is Status.NO_PLAN
    assert background.still_running(0.0)
    go_on.set()
    assert not background.still_running(30.0)
    assert stopped.is_set()


def test_the_second_ctrl_c_does_not_wait(mip, deaf, monkeypatch):
    """The first Ctrl-C asks the solver to stop; when it does not, the time to wind up is short and the plan is kept."""
    monkeypatch.setattr(watchdog, "STOP_GRACE_S", 0.2)

    def interrupt(_progress: SolveProgress) -> None:
        raise KeyboardInterrupt

    begin = time.monotonic()
    answer = watchdog.solve_in_thread(mip, SolveOptions(0.0), interrupt)
    assert time.monotonic() - begin < 2.0
    assert answer.status == "interrupted"
    assert answer.x is deaf


def test_the_time_limit_counts_the_start_of_the_solver_process(mip, monkeypatch):
    """A solver process that is slow to start does not add to the time: the limit runs while it is waited for.

    The program is larger than the pipe to the process takes at once, so handing it over waits for the process too.
    """
    every = np.arange(mip.arrays.column_count, dtype=np.int32)
    idle = NewRow(Row(Constraint("idle")), every, np.ones(len(every)), -INFINITY, INFINITY)
    mip = mip.with_rows([idle] * 100)
    monkeypatch.setattr(watchdog, "_CHILD", "import time; time.sleep(4); " + watchdog._CHILD)
    process = watchdog.SolverProcess()
    begin = time.monotonic()
    try:
        answer = process.solve(mip, SolveOptions(0.0, time_limit_s=0.5), _ignore)
    finally:
        process.close()
    assert time.monotonic() - begin < 0.5 + watchdog.GRACE_S + 1.0
    assert (answer.status, answer.x) == (Status.NO_PLAN, None)


@pytest.mark.slow
def test_the_solver_process_answers_as_the_pipeline_does(mip):
    """In a process of its own the same program has the same answer."""
    process = watchdog.SolverProcess()
    try:
        apart = process.solve(mip, SolveOptions(0.0), _ignore)
    finally:
        process.close()
    here = solve_mip(mip, SolveOptions(0.0), lambda _progress: False)
    assert apart.status == here.status
    assert apart.objective == pytest.approx(here.objective, rel=1e-9)


def test_a_failure_after_a_plan_keeps_the_plan(mip, monkeypatch):
    """The watchdog hears an exception after a plan: the plan counts, with a note of what went wrong."""
    found = np.full(mip.arrays.column_count, 0.5)

    def dies(_problem, _options, tell, _start=None):
        tell(SolveProgress("kernel", 0.0, 12.0, 10.0, found))
        raise RuntimeError("out of thin air")

    monkeypatch.setattr(watchdog, "solve_mip", dies)
    answer = watchdog.solve_in_thread(mip, SolveOptions(0.0), lambda _progress: None)
    assert (answer.status, answer.objective, answer.bound) == (Status.TIME_LIMIT, 12.0, 10.0)
    assert "out of thin air" in answer.notes[0]


def test_without_a_plan_a_failure_is_raised(mip, monkeypatch):
    """Law: a solver that fails before any plan leaves nothing to answer with: its error is the caller's."""

    def dies(_mip, _options, _callback, _start=None):
        raise PlannerError("out of thin air")

    monkeypatch.setattr(watchdog, "solve_mip", dies)
    with pytest.raises(PlannerError, match="out of thin air"):
        watchdog.solve_in_thread(mip, SolveOptions(0.0), _ignore)


def test_a_process_that_dies_without_a_word_is_an_error(mip, monkeypatch):
    """Law: a child that ends before it answers is a failure, said so; nobody waits for it."""
    monkeypatch.setattr(watchdog, "_CHILD", "raise SystemExit(3)")
    process = watchdog.SolverProcess()
    try:
        with pytest.raises(PlannerError, match="ended without an answer"):
            process.solve(mip, SolveOptions(0.0), _ignore)
    finally:
        process.close()


def test_news_are_passed_on_in_their_order(mip, monkeypatch):
    """Law: the caller hears what the solver tells, all of it, before the answer is there."""
    told = [SolveProgress("kernel", 0.0, 12.0, 10.0, None), SolveProgress("bound", 0.1, 12.0, 11.0, None)]

    def tells(mip, _options, callback, _start=None):
        for progress in told:
            assert not callback(progress)
        return Answer(Status.NO_PLAN, None, INFINITY, 11.0, mip, 0, 0, 0.0, {})

    monkeypatch.setattr(watchdog, "solve_mip", tells)
    heard = []
    answer = watchdog.solve_in_thread(mip, SolveOptions(0.0), heard.append)
    assert heard == told
    assert answer.bound == 11.0


def test_a_solver_that_stops_when_asked_answers_for_itself(mip, monkeypatch):
    """Law: after Ctrl-C the solver is asked to stop, and its own answer is taken if it comes in time."""

    def polite(mip, _options, callback, _start=None):
        while not callback(SolveProgress("full program", 0.0, INFINITY, 1.0)):
            time.sleep(0.01)
        return Answer(Status.INTERRUPTED, None, INFINITY, 2.5, mip, 7, 3, 0.0, {})

    def interrupt(_progress: SolveProgress) -> None:
        if not asked:
            asked.append(True)
            raise KeyboardInterrupt

    asked: list[bool] = []
    monkeypatch.setattr(watchdog, "solve_mip", polite)
    answer = watchdog.solve_in_thread(mip, SolveOptions(0.0), interrupt)
    assert (answer.status, answer.bound, answer.cuts) == (Status.INTERRUPTED, 2.5, 7)


@pytest.mark.parametrize("limit", [10.0, None])
def test_the_time_given_is_the_time_left(mip, limit, monkeypatch):
    """Law: a child that starts late is given what is left of the limit, never less than nothing, never more."""
    now = [50.0]
    monkeypatch.setattr(watchdog.time, "monotonic", lambda: now[0])
    options = SolveOptions(0.0, time_limit_s=limit)
    watch = watchdog._Watch(mip, options)
    now[0] = 54.0
    assert watch.left(options).seconds == (INFINITY if limit is None else pytest.approx(6.0))
    assert not watch.overdue()
    now[0] = 80.0
    assert watch.left(options).seconds > 0.0
    assert watch.overdue() == (limit is not None)


def test_a_better_plan_replaces_the_one_before(mip):
    """Law: what is known so far is the last plan told and the last bound told, whichever progress they came with."""
    watch = watchdog._Watch(mip, SolveOptions(0.0))
    first, second = np.zeros(2), np.ones(2)
    for progress in (
        SolveProgress("a", 0.0, 9.0, 1.0, first),
        SolveProgress("b", 0.0, 8.0, 2.0, second),
        SolveProgress("c", 0.0, 8.0, 3.0, None),
    ):
        watch.take(progress, _ignore)
    answer = watch.best_so_far()
    assert answer.x is second
    assert (answer.status, answer.objective, answer.bound) == (Status.TIME_LIMIT, 8.0, 3.0)
    watch.stop()
    assert watch.best_so_far().status is Status.INTERRUPTED
