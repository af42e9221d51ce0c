"""What a solve promises beyond the right answer: interruption, the same plan twice, clear refusals, gaps, starts."""

from dataclasses import replace

import pyomo.environ as pyo
import pytest

from planner import Case
from planner.errors import InfeasibleError, NoPlanError, PlannerError
from planner.options import SolveOptions
from planner.program import Family, build_program
from planner.program.columns import BLOCKS
from planner.runs.compile import make_mip
from planner.solve.highs import SolverResult
from planner.solve.mip import MixedIntegerProgram
from planner.solve.records import SolveProgress
from planner.solve.serve import solve_mip
from planner.solve.stages import proof
from planner.status import Status
from planner.symbols import Values, Variable
from planner.synthetic import generate
from tests.cases import make_case
from tests.program.tiny import CASH, cash, chip, column, lease, own, site, solve, tiny


@pytest.fixture(scope="module")
def mip() -> MixedIntegerProgram:
    """The compiled program of the tiny case with every family."""
    inputs = Case.of(make_case(full=True)).inputs
    return make_mip(build_program(inputs), inputs)


def test_a_stop_ends_the_pipeline_with_its_best_plan(mip):
    """A stop at the first plan found ends the search there: that plan, its cost, and a bound below it."""
    heard = []

    def stop(progress: SolveProgress) -> bool:
        heard.append(progress)
        return progress.x is not None or any(earlier.x is not None for earlier in heard)

    answer = solve_mip(mip, SolveOptions(0.0), stop)
    assert answer.x is not None
    assert answer.status == "interrupted"
    assert answer.objective == pytest.approx(min(progress.objective for progress in heard if progress.x is not None))
    assert answer.bound <= answer.objective + 1e-9
    assert answer.objective == pytest.approx(mip.arrays.objective(answer.x[: mip.arrays.column_count]))


def test_a_stop_before_any_plan_leaves_none(mip):
    """Stopped at the first progress, there is no plan, and the answer says interrupted."""
    answer = solve_mip(mip, SolveOptions(0.0), lambda _progress: True)
    assert (answer.status, answer.x) == ("interrupted", None)


@pytest.mark.slow
def test_no_plan_in_time_is_an_error_with_its_own_exit_code():
    """A limit that comes before any plan raises NoPlanError (exit code 5), not a plan that is none."""
    case = Case.of(generate(sites=40, periods=8, seed=1))
    with pytest.raises(NoPlanError, match="time limit") as caught:
        case.solve(gap=0.0, time_limit_s=0.1, own_process=False)
    assert caught.value.exit_code == 5


@pytest.mark.slow
def test_the_same_input_gives_the_same_plan():
    """With one thread, two solves of a case give the same tables, cell by cell."""
    case = make_case(full=True)
    first, second = (Case.of(case).solve(gap=0.0, threads=1, own_process=False) for _ in range(2))
    assert first.tables == second.tables
    assert first.summary["cost_busd"] == second.summary["cost_busd"]


def test_an_infeasible_case_is_proven_so():
    """More sites must open than the budget pays for: InfeasibleError names the case and what is proven."""
    sites = [site("a", opening_cost_busd=5.0), site("b", opening_cost_busd=5.0)]
    offers = [lease("x", "a"), lease("y", "b")]
    families = {"site_opening": {"open_exactly": 2}, "budget": CASH}
    with pytest.raises(InfeasibleError, match="tiny: proven infeasible"):
        solve(tiny(10.0, sites=sites, offers=offers, families=families, budget=cash(1, 9.0)))
    assert solve(tiny(10.0, sites=sites, offers=offers, families=families, budget=cash(1, 10.2))).summary["cost_busd"]


def test_an_unknown_solver_is_refused_by_name():
    """A solver nobody knows is a PlannerError that names it and the one that is there."""
    with pytest.raises(PlannerError, match=r"'nosuch'.*'highs'"):
        solve(tiny(), solver="nosuch")


@pytest.mark.parametrize("wrong", [{"gap": 1.0}, {"gap": -0.1}, {"time_limit_s": 0.0}, {"threads": 0}])
def test_a_request_out_of_range_is_refused(wrong):
    """Gap, time limit and threads out of range are refused with the value, before anything is solved."""
    (value,) = wrong.values()
    with pytest.raises(PlannerError, match=str(value)):
        Case.of(tiny()).solve(**wrong, own_process=False)


def _at_most(blocks: int) -> Family:
    def build(m, data, ledger):
        m.c_mine = pyo.Constraint(
            expr=sum(m.v_in_force_blocks[key] for key in m.v_in_force_blocks if key[0] == "cheap") <= blocks
        )

    return Family("mine", build, requires=("contract",))


def test_a_family_of_the_users_own_changes_the_plan():
    """A family passed from Python binds like a shipped one: at most 4 cheap blocks, the rest dear."""
    case = tiny(100.0, offers=[lease("cheap"), lease("dear", rent_musd_per_mw_year=20.0)])
    assert solve(case).summary["cost_busd"] == pytest.approx(1.0)
    plan = solve(case, families=[_at_most(4)])
    assert plan.summary["cost_busd"] == pytest.approx(0.4 + 1.2)
    assert sum(column(plan, "contracts", "blocks", offer="cheap")) == 4
    assert plan.summary["families_added"] == ["mine"]


def test_a_family_that_needs_another_says_so():
    """A family whose requirement is not in the case is refused by both names."""
    lonely = replace(_at_most(4), name="lonely", requires=("carbon",))
    with pytest.raises(PlannerError, match=r"'lonely' needs carbon"):
        solve(tiny(), families=[lonely])


@pytest.mark.slow
def test_the_gap_asked_for_is_the_gap_reached():
    """A plan within the gap says so, its bound is below its cost, and at gap 0 it is optimal."""
    case = make_case(full=True)
    best = Case.of(case).solve(gap=0.0, own_process=False).summary
    loose = Case.of(case).solve(gap=0.05, own_process=False).summary
    assert best["status"] == "optimal"
    assert loose["gap"] <= 0.05
    assert loose["bound_busd"] <= best["cost_busd"] + 1e-6 <= loose["cost_busd"] + 2e-6
    assert best["gap"] == pytest.approx(0.0, abs=1e-6)


def test_a_start_from_another_case_does_not_change_the_optimum():
    """Values of a wrong start are used only if they prove feasible; the cost stays the least."""
    case = tiny(60.0, offers=[own()], chips=[chip()])
    free = solve(case).summary["cost_busd"]
    start = Values({BLOCKS: {("own", "primary", 0, 1): 3.0}, Variable("nonsense"): {("x",): 7.0}})
    assert solve(case, start=start).summary["cost_busd"] == pytest.approx(free)


def test_a_time_limit_is_never_called_an_interruption(mip, monkeypatch):
    """Law: only what the user asked for is an interruption; a solver that says so of a time limit is put right."""
    asked = []

    def stopped(state, _work):
        asked.append(True)
        state.begun -= 1000.0
        return SolverResult("interrupted", None, float("inf"), float("-inf"), 0.0)

    monkeypatch.setattr(proof, "solve_sub_mip", stopped)
    answer = solve_mip(mip, SolveOptions(0.0, time_limit_s=500.0), lambda _progress: False)
    assert asked
    assert answer.status is Status.TIME_LIMIT
