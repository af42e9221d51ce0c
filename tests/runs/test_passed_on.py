"""The options of a solve arrive at the solver as they were asked for, from every command and every public call."""

import contextlib
from dataclasses import replace
from datetime import date

import pytest

from planner import Case, attribute, break_even, cost_of_rules, entry_price, front, replan, sweep, tornado
from planner.analysis.redundancy_curve import cost_curve
from planner.cli import main, notes
from planner.explain.bound import prove_bound
from planner.options import SolveOptions
from planner.runs import dispatch as dispatch_module
from planner.runs import session, solvers
from planner.runs.task import run
from tests.length import thinned

ASKED = SolveOptions(gap=0.125, time_limit_s=77.0, threads=2, seed=11, solver="cbc")
WORDS = ["--gap", "0.125", "--time-limit", "77", "--threads", "2", "--seed", "11", "--solver", "cbc"]
KEYWORDS = {"gap": 0.125, "time_limit_s": 77.0, "threads": 2, "seed": 11, "solver": "cbc"}
RENT = "offers[south_cloud].rent_musd_per_mw_year"
WHATIFS = {"dear": [f"{RENT}=14"]}


class Enough(Exception):
    """The spy has seen what it wanted."""


@pytest.fixture
def spied(monkeypatch):
    """What arrives where solvers are chosen, and at the solver itself; nothing is solved."""
    seen = {"chosen": [], "solver": []}

    class Spy:
        def solve(self, _mip, options, _hear, _start):
            seen["solver"].append(options)
            raise Enough

        def close(self):
            """Nothing was started."""

    def choose(options, _inputs):
        seen["chosen"].append(options)
        return Spy()

    monkeypatch.setattr(session, "dispatch", choose)
    monkeypatch.setattr("planner.analysis.sweep.check_solver", lambda *_args, **_options: None)
    for module in (session, notes):
        monkeypatch.setattr(module, "usable_cores", lambda: 64)
    monkeypatch.setattr("planner.analysis.sweep.LocalPool", Here)
    return seen


class Here:
    """An executor that does the runs of a sweep in this process."""

    workers = 1

    def __init__(self, shared, _workers, _memory_gib=None):
        self._shared, self._outcomes = shared, []

    def submit(self, job):
        """Do a run."""
        self._outcomes.append(run(self._shared, job))

    def completed(self):
        """Yield what came of the runs."""
        while self._outcomes:
            yield self._outcomes.pop()

    def close(self):
        """Nothing goes on."""


@pytest.fixture(scope="module")
def plan():
    """A plan to plan again, and to prove again."""
    return Case.read("three_sites").solve(gap=0.0, own_process=False)


@pytest.fixture(scope="module")
def folder(plan, tmp_path_factory):
    """The folder of the plan, and a what-if file beside it."""
    folder = tmp_path_factory.mktemp("spied")
    plan.write(folder / "plan")
    change = 'changes = [{ op = "scale", table = "offers", column = "rent_musd_per_mw_year", factor = 2 }]'
    (folder / "w.toml").write_text(f'format = 1\n[[whatif]]\nname = "dear"\n{change}\n', encoding="utf-8")
    return folder


CALLS = {
    "solve": lambda plan, **how: plan.case.solve(**how),
    "front": lambda plan, **how: front(plan.case, "budget", (1.0,), **how),
    "front of unserved": lambda plan, **how: front(plan.case, "unserved", (0.1,), **how),
    "tornado": lambda plan, **how: tornado(plan.case, **how),
    "break_even": lambda plan, **how: break_even(plan.case, RENT, 8.0, 40.0, **how),
    "entry_price": lambda plan, **how: entry_price(plan.case, RENT, 8.0, 40.0, **how),
    "attribute": lambda plan, **how: attribute(plan.case, [("rent", [f"{RENT}=14"])], **how),
    "replan": lambda plan, **how: replan(plan, [f"{RENT}=14"], date(2026, 7, 1), **how),
    "cost_of_rules": lambda plan, **how: cost_of_rules(plan.case, **how),
    "cost_curve": lambda plan, **how: cost_curve(plan.case, [0.5], **how),
    "sweep": lambda plan, **how: sweep(plan.case, WHATIFS, **how),
    "prove_bound": lambda plan, **how: prove_bound(plan, **how),
}
"""Every public call that solves; a new one belongs here."""


WAYS = {"record": {"options": ASKED}, "each": KEYWORDS, "both": {"options": replace(ASKED, seed=3), "seed": 11}}
"""The forms in which options may be given."""


def check(seen, *, own_process=True, any_gap=False):
    """Hold what arrived against what was asked for: all of it where solvers are chosen, the time that is left after."""
    assert seen["chosen"], "nothing was solved"
    for chosen, used in zip(seen["chosen"], seen["solver"], strict=True):
        expected = replace(ASKED, own_process=own_process)
        if any_gap:  # what is proven again has a gap of its own, and the time of all its solves
            expected = replace(expected, gap=chosen.gap).within(chosen.seconds)
            assert 76.0 < chosen.seconds <= 77.0
        assert chosen == expected
        assert used == expected.within(used.seconds)
        assert 0.5 * 77.0 < used.seconds < 77.0, "a part of the time is kept back for tables and audit"


@pytest.mark.parametrize("how", list(WAYS.values()), ids=list(WAYS))
@pytest.mark.parametrize("name", thinned(CALLS, 3))
def test_every_public_call_passes_its_options_on(spied, plan, name, how):
    """Law: what a caller asks for is what the solver is told, in whichever form it was asked for."""
    with contextlib.suppress(Enough):
        CALLS[name](plan, **how)
    check(spied, own_process=name != "sweep", any_gap=name == "prove_bound")


@pytest.mark.parametrize("name", CALLS)
def test_every_public_call_refuses_what_makes_no_sense(spied, plan, name):
    """Law: a wrong option is refused before any work, in the same words everywhere."""
    with pytest.raises(ValueError, match=r"gap 2\.0: must be at least 0 and less than 1"):
        CALLS[name](plan, gap=2.0)
    with pytest.raises(TypeError, match="time_limit"):
        CALLS[name](plan, time_limit=3.0)
    assert not spied["chosen"]


COMMANDS = {
    "solve": ("solve", "three_sites"),
    "front": ("front", "three_sites", "--against", "budget", "--value", "1"),
    "tornado": ("tornado", "three_sites"),
    "breakeven": ("breakeven", "three_sites", RENT, "--low", "8", "--high", "40"),
    "entry": ("breakeven", "three_sites", RENT, "--low", "8", "--high", "40", "--entry"),
    "attribute": ("attribute", "three_sites", "--set", f"{RENT}=14"),
    "replan": ("replan", "plan", "--committed-until", "2026-07-01"),
    "protect": ("protect", "three_sites"),
    "curve": ("protect", "three_sites", "--curve", "0.5"),
    "sweep": ("sweep", "three_sites", "w.toml"),
    "audit": ("audit", "plan", "--bound"),
}
"""Every command that solves; a new one belongs here."""


@pytest.mark.parametrize("name", thinned(COMMANDS, 3))
def test_every_command_passes_its_options_on(spied, folder, monkeypatch, name):
    """Law: the options of the command line arrive at the solver as the one record that was made of them."""
    monkeypatch.chdir(folder)
    words = WORDS[2:] if name == "audit" else WORDS
    main([*COMMANDS[name], *words, "--quiet"])
    check(spied, own_process=name != "sweep", any_gap=name == "audit")


@pytest.mark.parametrize("name", thinned(COMMANDS, 3))
def test_every_command_has_the_defaults_of_the_record(spied, folder, monkeypatch, name):
    """Law: what is not asked for is what `SolveOptions` says, everywhere."""
    monkeypatch.chdir(folder)
    main([*COMMANDS[name], "--quiet"])
    usual = SolveOptions(own_process=name != "sweep")
    if name == "audit":
        usual = replace(usual, gap=spied["chosen"][0].gap)
    assert spied["chosen"][0] == usual


@pytest.mark.parametrize(("cores", "asked", "used"), [(2, 64, 2), (64, 3, 3)])
def test_no_more_threads_than_cores(spied, monkeypatch, plan, cores, asked, used):
    """Law: the one change on the way is the number of threads, at most as many as there are cores."""
    monkeypatch.setattr(session, "usable_cores", lambda: cores)
    with pytest.raises(Enough):
        plan.case.solve(threads=asked)
    assert spied["chosen"] == [SolveOptions(threads=used)]


@pytest.mark.parametrize(
    ("cores", "options", "used"),
    [
        (1, {}, 1),
        (2, {}, 2),
        (64, {}, 2),
        (64, {"threads": 3}, 3),
        (64, {"own_process": False}, 1),
        (64, {"solver": "cbc"}, 1),
        (64, {"solver": "portfolio"}, 1),
    ],
)
def test_a_run_by_itself_has_a_second_core(spied, monkeypatch, plan, cores, options, used):
    """Law: the embedded solver may use two cores where one thread is asked for, but not in a run of a study."""
    monkeypatch.setattr(session, "usable_cores", lambda: cores)
    with pytest.raises(Enough):
        plan.case.solve(**options)
    assert spied["chosen"] == [SolveOptions(**options)]
    assert spied["solver"][0].threads == used


def test_time_that_is_up_before_the_solve_leaves_the_solver_a_moment(spied, plan):
    """Law: however short the limit, the solver is asked, with the least time there is."""
    with pytest.raises(Enough):
        plan.case.solve(time_limit_s=1e-6)
    assert spied["solver"][0].seconds == session.LEAST_S


def test_where_a_case_is_solved_depends_on_its_size_and_the_options(monkeypatch, plan):
    """Law: one threshold decides: another solver as it is, large cases apart, small ones in a thread, or just here."""
    monkeypatch.setattr(solvers, "check_solver", lambda *_args, **_options: None)
    monkeypatch.setattr(dispatch_module, "SolverProcess", lambda: None)

    def kind(**how):
        return type(dispatch_module.dispatch(SolveOptions(**how), plan.case.inputs)).__name__

    assert [kind(), kind(own_process=False), kind(solver="cbc")] == ["_Thread", "_Here", "_Other"]
    monkeypatch.setattr(dispatch_module, "SMALL", 0)
    assert [kind(), kind(own_process=False), kind(solver="cbc")] == ["_Apart", "_Here", "_Other"]
