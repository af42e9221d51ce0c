"""mpi-sppy as second engine: what it needs, what it proposes, and how it ends when it does not end by itself."""

import json
import math
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from bench.stochastic import MPI, read, solve
from planner.errors import OptionError
from planner.options import SolveOptions
from planner.solve.arrays import INFINITY, Arrays
from planner.symbols import Column, Constraint, Variable
from planner.uncertainty import large, mpi
from planner.uncertainty.bounding import ScenarioProgram, TwoStageProgram
from planner.uncertainty.measure import Measure
from planner.uncertainty.mpi import EngineError, MpiFound, problem_of, refuse_processes, solve_by_mpi, sound
from planner.uncertainty.risk import risk
from planner.uncertainty.two_stage import Block, FirstStage
from tests.length import some
from tests.uncertainty.newsvendor import THREE, demands, newsvendor
from tests.uncertainty.test_risk import EXACT, by_hand, early
from tests.uncertainty.test_two_stage import LANDS, PUBLISHED

HERE = shutil.which("mpiexec", path=str(Path(sys.executable).parent)) or shutil.which("mpiexec")
NEEDS_MPI = pytest.mark.skipif(
    HERE is None or any(find_spec(name) is None for name in mpi.NEEDED), reason="needs the extra mpi, and an MPI"
)
POSIX = pytest.mark.skipif(os.name != "posix", reason="the programs in place of mpiexec are shell scripts")
COLUMN, ROW = Variable[int]("column"), Constraint[int]("row")
DEMANDS, CHANCES = (1.0, 2.0, 6.0), (0.5, 0.25, 0.25)
ITEMS = 12


def demands_of(item: int) -> list[float]:
    """Demand of an item of the shop in each scenario."""
    return [DEMANDS[(s + item) % len(DEMANDS)] for s in range(len(DEMANDS))]


def shop(measure: Measure = Measure(), items: int = 1) -> TwoStageProgram:  # noqa: B008  it is immutable
    """Buy `n` of each item at 1 now, what is still missing at 3 later: with the demands above, 2 of the first."""
    none, whole = np.zeros(items, dtype=bool), np.ones(items, dtype=bool)
    nothing = sparse.csr_array((0, items))
    one, zeros, columns = sparse.eye_array(items, format="csr"), np.zeros(items), tuple(range(items))
    scenarios = []
    for s, chance in enumerate(CHANCES):
        arrays = Arrays(
            np.full(items, 3.0), 0.0, zeros, np.full(items, INFINITY), none, none, none, nothing, np.zeros(0),
            np.zeros(0), tuple(Column(COLUMN, j) for j in columns), (),
        )  # fmt: skip
        demands = np.array([demands_of(item)[s] for item in columns])
        block = Block(chance, arrays, one, one, demands, np.full(items, INFINITY))
        scenarios.append(ScenarioProgram(block))
    first = FirstStage(np.ones(items), zeros, np.full(items, 10.0), whole, nothing, np.zeros(0), np.zeros(0))
    return TwoStageProgram(first, scenarios, measure, SolveOptions(gap=1e-6))


def best(item: int) -> tuple[float, float]:
    """What an item costs at best, and how many of it are then bought, by trying every number."""
    pairs = list(zip(CHANCES, demands_of(item), strict=True))
    return min((n + sum(3.0 * p * max(0.0, d - n) for p, d in pairs), float(n)) for n in range(11))


VALUE = 2.0 + 0.25 * 3.0 * 4.0
"""What the shop costs with two of its first item."""


@pytest.fixture
def program(tmp_path, monkeypatch):
    """What puts a shell script in the place of ``mpiexec``."""

    def put(text: str) -> None:
        file = tmp_path / "mpiexec"
        file.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        file.chmod(0o755)
        monkeypatch.setattr(mpi, "mpiexec", lambda: str(file))

    return put


@pytest.mark.parametrize(
    ("processes", "scenarios", "right"),
    [(1, 3, "multiple of 3 from 3 to 9"), (4, 3, "multiple of 3"), (12, 3, "from 3 to 9"), (6, 1, "must be 3")],
)
def test_a_number_of_processes_that_cannot_be_is_refused(processes, scenarios, right):
    """Law: hub, bounds and first stages have as many processes each, and each of these has a future at least."""
    with pytest.raises(OptionError, match=right):
        refuse_processes(processes, scenarios)


def test_what_is_missing_is_named(monkeypatch):
    """Law: without the libraries, or without the command, a message says which and how to get it."""
    monkeypatch.setattr(mpi, "find_spec", lambda name: None if name == "mpisppy" else name)
    with pytest.raises(OptionError, match=r"needs mpi-sppy, which is not installed: pip install 'gigaplan\[mpi\]'"):
        refuse_processes(3, 3)
    monkeypatch.setattr(mpi, "find_spec", lambda name: name)
    monkeypatch.setattr(shutil, "which", lambda *_words, **_options: None)
    with pytest.raises(OptionError, match="needs the command mpiexec"):
        refuse_processes(3, 3)
    refuse_processes(None, 3)


@POSIX
def test_processes_that_fail_are_quoted(program):
    """Law: the first exception that a process reports is the reason; without one, its last words."""
    program("echo 'Traceback (most recent call last):'; echo 'ValueError: no such thing'; echo 'prterun: bye'; exit 3")
    with pytest.raises(EngineError, match=r"without a result \(exit code 3\): ValueError: no such thing; the same"):
        solve_by_mpi(problem_of(shop(), [[0], [1], [2]], SolveOptions()), 3, lambda _done: None)
    program("echo ----; echo 'no slots left'; exit 1")
    with pytest.raises(
        EngineError, match=r"\(exit code 1\): no slots left; the same question can be asked without --mpi$"
    ):
        solve_by_mpi(problem_of(shop(), [[0], [1], [2]], SolveOptions()), 3, lambda _done: None)


@POSIX
@pytest.mark.parametrize(("end", "code"), [("exit 137", 137), ("kill -9 $$", -9)])
def test_processes_that_a_signal_ended_say_no_more(program, end, code):
    """Law: where a signal ended a process its number is all that is stated, and no line of the log."""
    program(f"echo '[ 7.13] 1 4.7141 inf'; echo 'prterun noticed that a process exited'; {end}")
    said = rf"without a result \(exit code {code}, signal 9\); the same question can be asked without --mpi$"
    with pytest.raises(EngineError, match=said):
        solve_by_mpi(problem_of(shop(), [[0], [1], [2]], SolveOptions()), 3, lambda _done: None)


@POSIX
def test_processes_that_do_not_end_are_killed(program, monkeypatch, tmp_path):
    """Law: nothing waits for ever: after twice the limit, and some time, the processes are gone."""
    monkeypatch.setattr(mpi, "GRACE_S", 0.1)
    program(f"echo $$ > {tmp_path / 'pid'}; echo '{mpi.MARK} {mpi.READY}'; exec sleep 600")
    with pytest.raises(EngineError, match="did not end by itself"):
        solve_by_mpi(problem_of(shop(), [[0]], SolveOptions(time_limit_s=0.2)), 3, lambda _done: None)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


@POSIX
def test_processes_that_are_never_ready_are_killed(program, monkeypatch, tmp_path):
    """Law: what does not even start is waited for as long as a start may take, whatever the limit, and is then gone."""
    monkeypatch.setattr(mpi, "START_S", 0.5)
    program(f"echo $$ > {tmp_path / 'pid'}; exec sleep 600")
    with pytest.raises(EngineError, match=r"was not ready 0\.5 s after its processes were started"):
        solve_by_mpi(problem_of(shop(), [[0]], SolveOptions(time_limit_s=3600.0)), 3, lambda _done: None)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


@pytest.mark.parametrize(
    ("ready_s", "ends_s", "late"),
    [
        (200.0, 260.0, ""),
        (200.0, 290.0, "did not end by itself"),
        (400.0, 410.0, "was not ready"),
        (1.0, 90.0, "did not"),
    ],
)
def test_the_time_of_the_processes_counts_from_the_moment_they_are_ready(monkeypatch, ready_s, ends_s, late):
    """Law: a start may take longer than twice the limit (here 10 s) and some time; what follows it may not."""
    now, said, heard = [0.0], [], []
    script = [(ready_s, f"{mpi.MARK} {mpi.READY}"), (ready_s, f"{mpi.MARK} 1"), (ready_s + 5.0, f"{mpi.MARK} 2")]

    class Process:
        """Goes on by a second each time that it is waited for."""

        def wait(self, _seconds):
            """Say what is due, and end when it is time."""
            now[0] += 1.0
            while script and script[0][0] <= now[0]:
                said.append(script.pop(0)[1])
            if now[0] < ends_s:
                raise subprocess.TimeoutExpired("mpiexec", 1.0)

    monkeypatch.setattr(mpi.time, "monotonic", lambda: now[0])
    told = mpi._wait(Process(), said, 10.0, heard.append)
    assert told.startswith(late)
    assert bool(told) is bool(late)
    assert heard == ([] if late == "was not ready" else [1, 2])


@pytest.mark.parametrize("measure", [Measure(), Measure(0.5, 0.5), Measure(0.75, 1.0)])
def test_a_known_value_bounds_the_value_at_risk(measure):
    """Law: the bounds that a value implies cut off no first stage that is as good."""
    whole = shop(measure)
    whole.level = (1.0, INFINITY)
    free = whole.whole(lambda _progress: None, 0.0)
    whole.limit(free.bound)
    held = whole.whole(lambda _progress: None, 0.0)
    assert held.bound == pytest.approx(free.bound, abs=1e-6)
    assert math.isfinite(whole.level[1]) is measure.has_tail


@pytest.mark.slow
@NEEDS_MPI
@pytest.mark.parametrize("bundles", some([[[0, 1], [2]], [[0], [1], [2]]], 1))
def test_three_processes_find_multipliers_and_the_first_stage(bundles):
    """Law: with the multipliers of mpi-sppy the planner's own bound is the value; its first stage is best.

    No multipliers have a better bound, and some have this one: each is of its own column of the first stage, of which
    there are many. The gap ends it: neither iterations nor the clock do.
    """
    assert best(0) == (VALUE, 2.0)
    value, bought = (np.array(side) for side in zip(*map(best, range(ITEMS)), strict=True))
    program = shop(items=ITEMS)
    problem = problem_of(program, bundles, SolveOptions(gap=1e-3, time_limit_s=600.0))
    problem = replace(problem, iterations=10_000, stalled=10_000)
    heard = []
    found = solve_by_mpi(problem, 3, heard.append)
    chances = np.array([one.probability for one in problem.scenarios])
    assert chances @ found.prices == pytest.approx(np.zeros(ITEMS), abs=1e-9)
    bounds = [
        program.whole(lambda _progress: None, 0.0, places=places, multiplier=price).bound
        for places, price in zip(bundles, found.prices, strict=True)
    ]
    least = (1.0 - 1e-3) * found.bound  # its programs are solved to a gap
    assert max(least, (1.0 - 2e-3) * value.sum()) <= chances @ bounds <= value.sum() + 1e-6
    assert np.round(found.candidates[0]) == pytest.approx(bought)
    assert heard == sorted(heard)


@pytest.mark.slow
@NEEDS_MPI
def test_a_published_optimum(monkeypatch):
    """Law: with mpi-sppy first, value and bound are the published optimum, and what it claims encloses that too."""
    claims = []

    def solved(*words):
        claims.append(solve_by_mpi(*words))
        return claims[-1]

    monkeypatch.setattr("bench.stochastic.solve_by_mpi", solved)
    instance = read(json.loads(LANDS.read_text(encoding="utf-8")))
    value, bound = solve(instance, MPI, SolveOptions(gap=1e-6, time_limit_s=20.0))
    assert value == pytest.approx(PUBLISHED, abs=1e-5)
    assert bound == pytest.approx(PUBLISHED, rel=2e-6)
    assert claims
    assert all(one.bound <= PUBLISHED * (1.0 + 1e-4) and one.value >= PUBLISHED * (1.0 - 1e-4) for one in claims)


def nothing_found(problem, _processes, _on_iteration):
    """What mpi-sppy finds that was ended before its first iteration: no better multipliers, and no good first stage."""
    return MpiFound(np.zeros_like(problem.begin), [np.zeros(problem.begin.shape[1])], -math.inf, math.inf, 0)


@pytest.mark.slow
def test_a_small_study_is_closed_whatever_mpi_sppy_finds(monkeypatch):
    """Law: scenarios that are small together are solved in one program where the gap is open after mpi-sppy."""
    monkeypatch.setattr(large, "TOGETHER_COLUMNS", 0)
    monkeypatch.setattr(large, "solve_by_mpi", nothing_found)
    monkeypatch.setattr("planner.uncertainty.risk.refuse_processes", lambda *_numbers: None)
    found = risk(newsvendor(), demands(*THREE), mpi=3, **EXACT | {"gap": 1e-6})
    assert (found.value_busd, found.bound_busd) == pytest.approx((by_hand()[1], by_hand()[1]), abs=1e-5)
    assert early(found) == by_hand()[0]


def test_only_finite_multipliers_and_first_stages_of_the_right_number_are_kept():
    """Law: multipliers that are not are dropped for those it began from; first stages each by itself, with a note."""
    problem = problem_of(shop(), [[0], [1], [2]], SolveOptions())
    good = MpiFound(problem.begin + 1.0, [np.array([2.0])], 0.0, 0.0, 1)
    assert sound(good, problem) == (good, ())
    for prices in (np.full_like(problem.begin, np.nan), np.full_like(problem.begin, -np.inf), problem.begin[1:]):
        kept, notes = sound(replace(good, prices=prices, candidates=[np.zeros(2), *good.candidates]), problem)
        assert (kept.prices is problem.begin, kept.candidates) == (True, good.candidates)
        assert [note.partition(" dropped: ")[0] for note in notes] == [
            "multipliers of mpi-sppy were",
            "1 first stage of mpi-sppy was",
        ]


@pytest.mark.slow
@pytest.mark.parametrize("wrong", [np.nan, None])
def test_what_is_not_usable_of_mpi_sppy_is_dropped_with_a_note(monkeypatch, wrong):
    """Law: multipliers and first stages that are not finite, or too few, are named and leave the answer as it is."""

    def garbage(problem, _processes, _on_iteration):
        scenarios, width = problem.begin.shape
        if wrong is None:
            return MpiFound(np.zeros((scenarios - 1, width)), [np.zeros(width - 1)], -math.inf, math.inf, 1)
        return MpiFound(np.full((scenarios, width), wrong), [np.full(width, wrong)], -math.inf, math.inf, 1)

    monkeypatch.setattr(large, "TOGETHER_COLUMNS", 0)
    monkeypatch.setattr(large, "solve_by_mpi", garbage)
    monkeypatch.setattr("planner.uncertainty.risk.refuse_processes", lambda *_numbers: None)
    found = risk(newsvendor(), demands(*THREE), mpi=3, **EXACT | {"gap": 1e-6})
    assert (found.value_busd, found.bound_busd) == pytest.approx((by_hand()[1], by_hand()[1]), abs=1e-5)
    assert sum("of mpi-sppy" in note and "dropped" in note for note in found.notes) == 2


@pytest.mark.slow
@NEEDS_MPI
def test_a_study_has_the_answer_by_hand(monkeypatch):
    """Law: with mpi-sppy, value and bound are what is worked out by hand, without a relaxation before."""
    monkeypatch.setattr(large, "TOGETHER_COLUMNS", 0)
    monkeypatch.setattr(mpi, "STALLED", 5)
    stages = []
    words = EXACT | {"gap": 1e-6, "on_progress": lambda one: stages.append((one.stage, one.done))}
    found = risk(newsvendor(), demands(*THREE), mpi=3, **words)
    value = by_hand()[1]
    assert (found.value_busd, found.bound_busd) == pytest.approx((value, value), abs=1e-5)
    assert early(found) == by_hand()[0]
    assert max(done for stage, done in stages if stage == large.ENGINE) > 0
    assert not any("mpi-sppy ended without" in note for note in found.notes)


@pytest.mark.slow
@NEEDS_MPI
@pytest.mark.parametrize(
    "asked", [{"chance": {"demand": 0.75}, "prices": {"unserved": 0.001, "protection": 0.001}}, {"regret": True}]
)
def test_limits_in_probability_and_the_least_regret_have_the_answer_without_it(monkeypatch, asked):
    """Law: with mpi-sppy what is asked beside the expected cost has the same answer within the gaps, and is audited."""
    monkeypatch.setattr(mpi, "STALLED", 5)
    here, there = (risk(newsvendor(), demands(*THREE), mpi=processes, **EXACT, **asked) for processes in (None, 3))
    scale = here.measure.scale(here.value_busd)
    assert max(here.bound_busd, there.bound_busd) <= min(here.value_busd, there.value_busd) + 1e-6 * scale
    assert all(one.kept for one in there.chances)
    assert len(there.chances) == len(asked.get("chance", ()))
    assert not any("mpi-sppy ended without" in note for note in there.notes)


@pytest.mark.slow
@NEEDS_MPI
def test_a_process_that_dies_ends_no_study(monkeypatch):
    """Law: where one of the processes dies, all end, a note says so, and what was known before is the answer."""
    monkeypatch.setattr(large, "TOGETHER_COLUMNS", 0)
    dying = "import os; from mpi4py import MPI; MPI.COMM_WORLD.rank == 1 and os._exit(7); "
    monkeypatch.setattr(mpi, "_RANK", mpi._RANK.replace("main()", "").rstrip() + dying + "main()")
    found = risk(newsvendor(), demands(*THREE), mpi=3, **EXACT)
    assert any(note.startswith("mpi-sppy ended without a result") for note in found.notes)
    assert found.value_busd >= by_hand()[1] - 1e-6
