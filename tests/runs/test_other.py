"""Other solvers: told what is asked in their own words or refused; what they say is checked where it can be."""

import json
import os
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pyomo.environ as pyo
import pytest
from pyomo.opt import TerminationCondition

from planner import Case
from planner.cli import main
from planner.errors import InfeasibleError, NoPlanError, PlannerError
from planner.options import SolveOptions
from planner.program import build_program
from planner.runs import solvers
from planner.runs.compile import compile_program, make_mip
from planner.runs.other import solve_with_other
from planner.runs.solvers import KNOWN, OtherEngine, check_solver, pyomo_program, usable
from planner.solve.highs import Engine
from planner.solve.serve import solve_mip
from tests.cases import make_case
from tests.program.tiny import CASH, cash, lease, site, solve, tiny

REAL = [
    pytest.param(name, marks=pytest.mark.skipif(name not in usable(), reason=f"{name} is not installed"))
    for name in ("appsi_highs", "cbc", "glpk")
]


class Fake:
    """A solver with a Pyomo name: solves by the embedded engine, then says what the test wants."""

    def __init__(self, says) -> None:
        self.options: dict[str, object] = {}
        self.says = says
        self.heard: list[dict[str, object]] = []

    def available(self, exception_flag: bool) -> bool:
        """Is there."""
        assert not exception_flag
        return True

    def solve(self, m, load_solutions: bool):
        """Solve a program and hear the options."""
        assert not load_solutions
        self.heard.append(dict(self.options))
        arrays = compile_program(m)
        outcome = Engine(arrays).run()
        x = np.zeros(len(m.x))
        if outcome.x is not None:
            for (_, j), value in zip(arrays.columns, outcome.x, strict=True):
                x[j] = value
        condition = TerminationCondition.infeasible if outcome.x is None else TerminationCondition.optimal
        result = SimpleNamespace(
            solver=SimpleNamespace(termination_condition=condition, message=None),
            problem=SimpleNamespace(lower_bound=outcome.bound),
            solution=[object()] if outcome.x is not None else [],
            x=x,
        )
        result = self.says(result) or result

        def load_from(_result) -> None:
            for j, variable in m.x.items():
                if result.x is not None:
                    variable.set_value(None if np.isnan(result.x[j]) else float(result.x[j]), skip_validation=True)

        object.__setattr__(m, "solutions", SimpleNamespace(load_from=load_from))
        return result


@pytest.fixture
def fake(monkeypatch):
    """Put a fake in the place of cbc."""

    def install(says=lambda _result: None) -> Fake:
        one = Fake(says)
        monkeypatch.setattr(solvers.pyo, "SolverFactory", lambda _name: one)
        return one

    return install


def _best():
    return Case.of(make_case(full=True)).solve(gap=0.0, own_process=False).summary


def _with_fake(**options):
    return Case.of(make_case(full=True)).solve(gap=0.0, own_process=False, solver="cbc", **options).summary


@pytest.mark.parametrize("name", REAL)
@pytest.mark.slow
def test_real_solvers_find_the_same_optimum_and_say_nothing(name, capfd):
    """Cost, and a bound below it, as the embedded solver has them; with redundancy cuts; nothing on standard output."""
    best = _best()
    plan = Case.of(make_case(full=True)).solve(gap=1e-6, own_process=False, solver=name)
    assert plan.summary["cost_busd"] == pytest.approx(best["cost_busd"], rel=1e-5)
    assert plan.summary["solver"] == name
    bound = plan.summary["bound_busd"]
    if bound is not None:
        assert bound <= best["cost_busd"] * (1 + 1e-6)
    assert plan.summary["status"] in (("optimal", "gap_reached") if bound is not None else ("time_limit",))
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("name", REAL)
def test_what_real_solvers_call_infeasible_is_proven_here(name):
    """Two sites must open that the budget does not pay for: proven, whoever was asked."""
    sites = [site("a", opening_cost_busd=5.0), site("b", opening_cost_busd=5.0)]
    offers = [lease("x", "a"), lease("y", "b")]
    families = {"site_opening": {"open_exactly": 2}, "budget": CASH}
    with pytest.raises(InfeasibleError, match="proven infeasible"):
        solve(tiny(10.0, sites=sites, offers=offers, families=families, budget=cash(1, 9.0)), solver=name)


@pytest.mark.parametrize("name", REAL)
@pytest.mark.slow
def test_real_solvers_serve_first(name):
    """Some demand cannot be served: the least is left unserved, under redundancy too, then cost is least."""
    inputs = Case.of(make_case(full=True)).inputs
    mip = make_mip(build_program(inputs), inputs)
    lower = mip.arrays.lower.copy()
    lower[mip.unserved[0]] = 1.0
    mip = replace(mip.with_arrays(mip.arrays.with_bounds(lower, mip.arrays.upper)), serve_first=True)
    engine = OtherEngine(name, threads=1, seed=0)
    ours = solve_mip(mip, SolveOptions(1e-6), lambda _progress: False)
    theirs = solve_with_other(mip, SolveOptions(1e-6), engine, lambda _progress: None)
    assert theirs.objective == pytest.approx(ours.objective, rel=1e-5)
    unserved = [float(mip.unserved_weight @ one.x[mip.unserved]) for one in (ours, theirs)]
    assert unserved[1] == pytest.approx(unserved[0], abs=1e-6)
    assert unserved[0] >= 1.0 - 1e-6


@pytest.mark.slow
def test_what_is_asked_is_told_in_the_solvers_own_words(fake):
    """Gap, time limit, threads and seed reach the solver under its own names."""
    one = fake()
    summary = _with_fake(time_limit_s=100.0, seed=5)
    heard = one.heard[-1]
    assert heard["ratioGap"] == 0.0
    assert 0.0 < heard["sec"] <= 100.0
    assert heard["randomCbcSeed"] == 5
    assert summary["cost_busd"] == pytest.approx(_best()["cost_busd"])


def test_every_known_solver_is_told_gap_and_time():
    """No solver is in the table without a name for gap and time limit; whole seconds are rounded up, never to none."""
    for name, names in KNOWN.items():
        options = OtherEngine(name, threads=2 if names.threads else 1, seed=3 if names.seed else 0).options(0.01, 0.2)
        assert options[names.gap] == 0.01
        assert options[names.time_limit] == (1 if names.whole_seconds else 0.2)
        assert names.threads is None or options[names.threads] == 2
        assert names.seed is None or options[names.seed] == 3
        assert names.time_limit not in OtherEngine(name, threads=1, seed=0).options(0.0, float("inf"))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"threads": 2, "seed": 0}, "glpk cannot be given a number of threads: leave out --threads"),
        ({"threads": 1, "seed": 7}, "glpk cannot be given a seed: leave out --seed"),
    ],
)
def test_what_a_solver_cannot_be_told_is_refused_by_name(fake, asked, said):
    """An option that would be dropped in silence is an error that names it."""
    fake()
    with pytest.raises(PlannerError, match=said):
        check_solver("glpk", **asked)


@pytest.mark.parametrize("name", ["nosuch", "ipopt", "gurobi_persistent", "cplex", ""])
def test_a_solver_that_is_not_there_is_refused_before_anything_is_built(name, monkeypatch):
    """One line with the solvers that are; nothing is built."""
    monkeypatch.setattr("planner.runs.session.quickest_program", None)
    with pytest.raises(PlannerError, match=r"usable here: 'highs' \(built in\)") as caught:
        Case.of(make_case()).solve(solver=name)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 1


@pytest.mark.slow
def test_a_missing_solution_is_no_plan(fake):
    """A solver that calls the program solved and gives no solution, or one without values: no plan, not zeros."""

    def none(result):
        result.solution = []

    def empty(result):
        result.x = np.full_like(result.x, np.nan)

    for says in (none, empty):
        fake(says)
        with pytest.raises(NoPlanError, match="gives no solution"):
            _with_fake()


@pytest.mark.slow
def test_values_left_out_are_zero_only_in_a_point_that_keeps_the_rows(fake):
    """Zeros left out of a point, as solution files do, are zeros; a point with other values left out is refused."""

    def sparse(result):
        result.x = np.where(result.x == 0.0, np.nan, result.x)

    fake(sparse)
    assert _with_fake()["cost_busd"] == pytest.approx(_best()["cost_busd"])

    def torn(result):
        result.x = np.where(np.arange(len(result.x)) % 2 == 0, np.nan, result.x)

    fake(torn)
    with pytest.raises(NoPlanError):
        _with_fake()


@pytest.mark.slow
def test_a_point_that_breaks_rows_is_completed_by_our_own_arithmetic(fake):
    """Values off by more than a plan may be: its whole numbers are held, the rest is solved for, and it is said."""

    def off(result):
        result.x = result.x + 1e-4

    fake(off)
    summary = _with_fake()
    assert summary["cost_busd"] == pytest.approx(_best()["cost_busd"], rel=1e-6)
    assert any("breaks a row" in note for note in summary["solver_notes"])


@pytest.mark.parametrize("condition", ["infeasible", "infeasibleOrUnbounded", "unbounded"])
@pytest.mark.slow
def test_a_false_verdict_is_not_believed(fake, condition):
    """A feasible case called infeasible or unbounded: never proven so; the embedded solver's plan refutes it, noted."""

    def lie(result):
        result.solver.termination_condition = getattr(TerminationCondition, condition)
        result.solution = []

    fake(lie)
    summary = _with_fake()
    assert summary["cost_busd"] == pytest.approx(_best()["cost_busd"])
    assert any("which is wrong" in note for note in summary["solver_notes"])


@pytest.mark.slow
def test_no_bound_is_told_as_not_known(fake):
    """Without a bound neither bound nor gap is claimed, and the plan does not count as proven."""

    def mute(result):
        result.problem.lower_bound = None

    fake(mute)
    summary = _with_fake()
    assert (summary["bound_busd"], summary["gap"]) == (None, None)
    assert summary["status"] == "time_limit"
    assert any("gives no bound" in note for note in summary["solver_notes"])


def test_a_solver_that_fails_is_told_in_the_end(fake):
    """An error out of Pyomo or the solver ends in no plan (exit 5) with what was said, not in a traceback."""

    def fails(_result):
        raise ValueError("cannot parse\nthe solution file")

    fake(fails)
    with pytest.raises(NoPlanError, match="cbc failed: ValueError: cannot parse the solution file"):
        _with_fake()


def test_json_stays_one_document_whatever_a_solver_prints(fake, capfd, tmp_path):
    """A solver that writes to the stream and to the descriptor of standard output leaves it one document."""

    def noisy(_result):
        sys.stdout.write("Solver banner")
        os.write(1, b"{ more noise")

    fake(noisy)
    code = main(["solve", "three_sites", "--solver", "cbc", "--json", "--out", str(tmp_path / "plan")])
    sys.stdout.flush()
    assert json.loads(capfd.readouterr().out)["solver"] == "cbc"
    assert code == 0


@pytest.mark.slow
def test_programs_handed_over_are_the_same_program():
    """Arrays to Pyomo and back: the same optimum, every kind of row and limit."""
    m = build_program(Case.of(make_case(full=True)).inputs)
    arrays = compile_program(m)
    again = compile_program(pyomo_program(arrays))
    assert again.integer.sum() == arrays.integer.sum()
    ours, theirs = Engine(arrays).run(), Engine(again).run()
    assert theirs.objective + arrays.offset == pytest.approx(ours.objective, rel=1e-6)
    ranged = pyomo_program(arrays.with_rows_taken(np.arange(3)))
    assert len(ranged.rows) <= 3
    assert isinstance(ranged, pyo.ConcreteModel)
