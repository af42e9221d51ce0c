"""Runs of variants: solved once, with the same options, in order, and ended together by a signal."""

import pytest

from planner import Case, front
from planner.errors import OptionError
from planner.options import SolveOptions
from planner.program.family import Family
from planner.runs import session, variants
from planner.runs.outcome import Outcome
from planner.runs.variants import Runner, runner_of
from planner.status import Status

OPTIONS = SolveOptions(gap=0.0, own_process=False)
SMALLER = ["sites[north].max_it_mw=20"]


@pytest.fixture
def case():
    """The case checked by hand."""
    return Case.read("three_sites")


@pytest.fixture
def told(monkeypatch):
    """Outcomes in the place of solves, in order; what was asked for."""
    calls = []

    def install(*outcomes):
        left = list(outcomes)

        def attempt(make, options, on_progress=None, **more):
            calls.append((make(), options, more))
            outcome = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(outcome, BaseException):
                raise outcome
            return outcome

        monkeypatch.setattr(session, "attempt", attempt)
        return calls

    return install


NOTHING = Outcome(Status.NO_PLAN, reason="no plan", name="it")
STOPPED = Outcome(Status.INTERRUPTED, reason="stopped", name="it")


def test_a_variant_is_solved_once(told, case):
    """Law: the same case under the same constraints is solved once, however it was made and whatever it is called."""
    calls = told(NOTHING)
    runner = Runner(OPTIONS)
    runner.solve(case, "one")
    runner.solve(Case.read("three_sites"), "two")
    assert (len(calls), runner.solves) == (1, 1)
    runner.solve(case.what_if(SMALLER), "three")
    assert len(calls) == 2
    assert all(options is OPTIONS for _, options, _ in calls)


def test_constraints_are_told_apart_by_their_key(told, case):
    """Law: constraints with a key are solved once per key, without one every time; those of the case itself count."""
    calls = told(NOTHING)
    runner = Runner(OPTIONS)
    family = Family("mine", lambda *_args: None)
    for key in ("a", "a", "b", "", ""):
        runner.solve(case, "it", (family,), key)
    assert len(calls) == 4
    runner.solve(case, "it")
    runner.solve(case.with_families(family), "it")
    assert len(calls) == 6, "the same content with a family of the user's own is another case"


def test_what_is_kept_with_its_point_is_not_remembered(told, case):
    """Law: programs and points are large: they are with who asked for them, and nowhere else."""
    calls = told(NOTHING)
    runner = Runner(OPTIONS)
    runner.solve(case, "it", keep_point=True)
    runner.solve(case, "it")
    assert [more["keep_point"] for *_, more in calls] == [True, False]


def test_nothing_is_solved_after_a_signal(told, case):
    """Law: an interruption ends the study: what follows says so, is no failure, and is not remembered as an answer."""
    calls = told(NOTHING, STOPPED)
    runner = Runner(OPTIONS)
    outcomes = [runner.solve(case.what_if([f"sites[north].max_it_mw={mw}"]), "it") for mw in (20, 21, 22, 23)]
    assert [outcome.status for outcome in outcomes] == [Status.NO_PLAN, *[Status.INTERRUPTED] * 3]
    assert (len(calls), runner.solves, runner.interrupted) == (2, 2, True)
    assert runner.results == [(outcome.status, False) for outcome in outcomes]
    assert outcomes[-1].reason == "it: not solved, for the study was interrupted"


def test_an_interruption_before_anything_is_known_ends_the_study(told, case):
    """Law: Ctrl-C in the first solve is the user's, in a later one the study keeps what it knows."""
    told(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        Runner(OPTIONS).solve(case, "it")
    runner = Runner(OPTIONS)
    told(NOTHING, KeyboardInterrupt())
    runner.solve(case, "it")
    assert runner.solve(case.what_if(SMALLER), "it").status is Status.INTERRUPTED


def test_every_solve_is_told(told, case):
    """Law: who listens hears the number and the label of each solve that starts, and of none that is known."""
    told(NOTHING)
    heard = []
    runner = Runner(OPTIONS, on_solve=lambda number, label: heard.append((number, label)))
    for label in ("one", "one again"):
        runner.solve(case, label)
    runner.solve(case.what_if(SMALLER), "two")
    assert heard == [(1, "one"), (2, "two")]


def test_a_case_that_cannot_be_made_is_an_outcome(case):
    """Law: a variant that is no valid case is a row with its faults, not the end of the study."""
    outcome = Runner(OPTIONS).variant(lambda: case.what_if(["sites[nord].max_it_mw=1"]), "north")
    assert outcome.status is Status.INVALID_CASE
    assert outcome.reason.startswith("north: ")
    assert "did you mean 'north'" in outcome.problems[0].message


def test_a_solver_that_is_not_there_is_said_at_once(case):
    """Law: options that no run could be made with end the study; they are not the failure of each variant."""
    with pytest.raises(OptionError, match="nosuch"):
        front(case, "budget", (1.0,), solver="nosuch")


def test_a_runner_has_its_own_options():
    """Law: a runner, or options; both at once would leave open which hold."""
    runner = Runner(OPTIONS)
    assert runner_of(runner, None, None, {}) is runner
    assert runner_of(None, OPTIONS, None, {"seed": 3}).options == SolveOptions(gap=0.0, seed=3, own_process=False)
    for more in ({"options": OPTIONS}, {"on_progress": print}, {"keywords": {"gap": 0.0}}):
        words = {"options": None, "on_progress": None, "keywords": {}, **more}
        with pytest.raises(OptionError, match="options and a callback of its own"):
            runner_of(runner, **words)


def test_the_earlier_names_work_and_say_what_is_new(case):
    """Law: `Solver(gap=...)` and ``solver=`` of it work for a minor version, with a warning each."""
    with pytest.warns(DeprecationWarning, match="Runner"):
        earlier = variants.Solver(gap=0.0, seed=2, own_process=False)
    assert earlier.options == SolveOptions(gap=0.0, seed=2, own_process=False)
    with pytest.warns(DeprecationWarning, match="runner="):
        found = front(case, "budget", (1.0,), solver=earlier)
    assert found.rows[0]["cost_busd"] == pytest.approx(4.05)
    assert earlier.solves == 1
