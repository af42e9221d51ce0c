"""Both engines side by side: what either finds counts after it was checked, and what each found is told."""

import os
import signal
import subprocess
import time
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from planner import Case, Status
from planner.errors import InfeasibleError
from planner.inputs import make_inputs
from planner.options import SolveOptions
from planner.program import build_program
from planner.runs.compile import make_mip
from planner.solve import portfolio
from planner.solve.arrays import INFINITY
from planner.solve.engines import engine_of
from planner.solve.pipeline import run_pipeline
from planner.solve.portfolio import ScipPartner, run_portfolio
from planner.solve.records import SolveProgress, Stopped
from planner.solve.serve import serving_all
from planner.solve.state import State
from planner.system.lifeline import child_command
from tests.cases import make_case
from tests.length import AT_LENGTH
from tests.program.tiny import CASH, cash, lease, site, solve, tiny

pytest.importorskip("pyscipopt")
BOTH = SolveOptions(0.0, solver="portfolio")


def _go_on(_event: object) -> bool:
    return False


@pytest.fixture(scope="module")
def mip():
    """The compiled program of a tiny case with every family, with all demand to be served."""
    inputs = make_inputs(Case.of(make_case(full=True)))
    return serving_all(make_mip(build_program(inputs), inputs))


@pytest.fixture(scope="module")
def best(mip):
    """Its optimum by HiGHS."""
    return run_pipeline(mip, SolveOptions(0.0), _go_on)


class Told(ScipPartner):
    """A partner whose child says what the test wants."""

    def __init__(self, mip, says) -> None:
        self._child = portfolio._CHILD
        portfolio._CHILD = "import time; time.sleep(60)"
        try:
            super().__init__(mip, BOTH, None)
        finally:
            portfolio._CHILD = self._child
        for message in says:
            self._arrived.put(message)

    def _read(self) -> None:
        """Hear nothing from the child."""


def _news(x, objective, bound) -> SolveProgress:
    return SolveProgress("scip", 0.1, objective, bound, x)


@pytest.fixture
def told(mip):
    """A state and partner that has said something; the process is ended afterwards."""
    made = []

    def make(*says):
        partner = Told(mip, says)
        made.append(partner)
        state = State(mip, BOTH, _go_on)
        state.partner = partner
        return state, partner

    yield make
    for partner in made:
        partner.close()


@pytest.mark.slow
def test_a_plan_of_scip_is_taken_only_if_it_is_one(mip, best, told):
    """Law: a point that breaks rows or a contingency is no plan, whoever claims it; a plan is taken, with its cost."""
    state, partner = told(_news(np.zeros(mip.arrays.column_count), 0.0, -INFINITY))
    partner.exchange(state)
    assert state.incumbent is None
    state, partner = told(_news(best.x, best.objective, -INFINITY))
    partner.exchange(state)
    assert state.objective == pytest.approx(best.objective)
    assert partner.results(best)[1].plans == 1


@pytest.mark.slow
def test_a_bound_that_a_plan_refutes_is_dropped(best, told):
    """Law: a bound above the cost of a checked plan is wrong: dropped, said, and not believed again."""
    state, partner = told(_news(None, INFINITY, best.objective * 1.01), _news(best.x, best.objective, -INFINITY))
    partner.exchange(state)
    assert state.other_bound == -INFINITY
    assert any("refutes the bound that scip claimed" in note for note in state.notes)
    partner._arrived.put(_news(None, INFINITY, best.objective))
    partner.exchange(state)
    assert not state.gap_reached


@pytest.mark.slow
def test_a_bound_of_highs_that_a_plan_of_scip_refutes_is_dropped(best, told):
    """Law: neither engine's word stands against a checked plan."""
    state, partner = told(_news(best.x, best.objective, -INFINITY))
    state.raise_bound(best.objective * 1.05)
    partner.exchange(state)
    assert state.bound <= best.objective
    state.raise_bound(best.objective)
    assert not state.gap_reached
    assert any("refutes the bound that highs claimed" in note for note in state.notes)


@pytest.mark.slow
def test_a_child_that_dies_is_noted_and_highs_goes_on(mip, best, monkeypatch):
    """Law: the portfolio is never worse than HiGHS alone because SCIP fails."""
    monkeypatch.setattr(portfolio, "_CHILD", "import os; os._exit(3)")
    answer = run_portfolio(mip, BOTH, _go_on)
    assert answer.objective == pytest.approx(best.objective, rel=1e-6)
    assert answer.status is Status.OPTIMAL
    assert [one.name for one in answer.engines] == ["highs", "scip"]


@pytest.mark.slow
def test_scip_alone_can_end_the_run(mip, best, told, monkeypatch):
    """Law: where the stages end without a proof, the run waits for SCIP, and its proof is the run's."""
    monkeypatch.setattr("planner.solve.pipeline.STAGES", ())
    answer = run_portfolio(mip, BOTH, _go_on)
    assert answer.objective == pytest.approx(best.objective, rel=1e-6)
    assert answer.bound == pytest.approx(best.objective, rel=1e-6)
    highs, scip = answer.engines
    assert (highs.plans, highs.bound) == (0, -INFINITY)
    assert scip.objective == pytest.approx(best.objective, rel=1e-6)


@pytest.mark.slow
def test_a_stop_ends_both(mip):
    """Law: a stop leaves no process behind."""
    partners = []

    class Kept(ScipPartner):
        def __init__(self, *given) -> None:
            super().__init__(*given)
            partners.append(self)

    portfolio_partner = portfolio.ScipPartner
    portfolio.ScipPartner = Kept
    try:
        answer = run_portfolio(mip, BOTH, lambda _progress: True)
    finally:
        portfolio.ScipPartner = portfolio_partner
    assert answer.status is Status.INTERRUPTED
    assert partners[0]._process.poll() is not None


@pytest.mark.slow
def test_no_process_survives_its_parent(tmp_path):
    """Law: killed without a word, the planner takes SCIP with it."""
    file = tmp_path / "pid"
    program = (
        "import pathlib, time, subprocess; from planner.solve import portfolio; "
        "portfolio._CHILD = 'import time; time.sleep(60)'; "
        "from tests.solve.tiny import *; "
        "a = arrays_of([1.0], [[1.0]], [1.0], [2.0], integer=[0]); "
        "p = portfolio.ScipPartner(mip_with(a), SolveOptions(solver='portfolio'), None); "
        f"pathlib.Path({str(file)!r}).write_text(str(p._process.pid)); time.sleep(60)"
    )
    parent = subprocess.Popen(child_command(program), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    for _ in range(600):
        if file.exists() and file.read_text():
            break
        time.sleep(0.1)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdin.close()
    child = int(file.read_text())
    for _ in range(100):
        try:
            state = Path(f"/proc/{child}/stat").read_text().split(") ")[1][0]
        except FileNotFoundError:
            return
        if state == "Z":
            return
        time.sleep(0.1)
    os.kill(child, signal.SIGKILL)
    raise AssertionError("the process of SCIP is still there")


@pytest.mark.slow
def test_the_summary_says_what_each_found():
    """Law: plan, summary and its text name both engines; the plan is audited like any other."""
    plan = Case.of(make_case(full=True)).solve(gap=0.0, own_process=False, solver="portfolio", threads=2)
    found = plan.summary["engines"]
    assert [one["engine"] for one in found] == ["highs", "scip"]
    assert min(one["cost_busd"] for one in found if one["cost_busd"] is not None) == pytest.approx(plan.cost_busd)
    assert plan.summary["audit"]["passed"]
    assert plan.summary["solver"] == "portfolio"


def test_an_infeasible_case_is_proven_so():
    """Law: statuses are those of the embedded solver."""
    sites = [site("a", opening_cost_busd=5.0), site("b", opening_cost_busd=5.0)]
    offers = [lease("x", "a"), lease("y", "b")]
    families = {"site_opening": {"open_exactly": 2}, "budget": CASH}
    with pytest.raises(InfeasibleError, match="proven infeasible"):
        solve(tiny(10.0, sites=sites, offers=offers, families=families, budget=cash(1, 9.0)), solver="portfolio")


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_a_known_wrong_optimum_is_right(seed):
    """Law: what HiGHS 1.15.1 called optimal at up to twice the cost is not what both together find."""
    folder = Path(__file__).parents[1] / "data" / "solver_defect"
    plan = Case.read(folder).solve(gap=0.0, seed=seed, own_process=False, solver="portfolio")
    assert plan.cost_busd == pytest.approx(6.02527997, abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("solver", ["highs", "scip", "portfolio"])
def test_a_limit_that_comes_in_the_relaxation_does_not_lose_the_start(mip, best, monkeypatch, solver):
    """Law: time is kept for completing a plan that is given: it is the answer if the relaxation takes the rest."""

    def endless(state) -> None:
        while state.seconds_left > 0.0:
            time.sleep(0.01)
        raise Stopped

    monkeypatch.setattr("planner.solve.stages.relaxation.relax", endless)
    given = np.where(mip.arrays.integer, best.x[: mip.arrays.column_count], 0.0)
    options = replace(BOTH, solver=solver, time_limit_s=15.0)
    answer = engine_of(options)(mip, options, _go_on, given)
    assert answer.x is not None
    # in a portfolio SCIP may have proven it meanwhile
    assert answer.status is Status.TIME_LIMIT or (solver == "portfolio" and answer.status is Status.OPTIMAL)
    assert answer.objective <= best.objective * (1 + 1e-9)


ENDS = [
    (None, 1, "highs"), (3.0, 2, "highs"), (None, 1, "scip"), (3.0, 1, "scip"), (None, 1, "portfolio"),
    (3.0, 2, "portfolio"),
]  # fmt: skip
"""Each solver with a limit and without, on one thread and on two where it can: the other ways at length."""
EVERY_END = [(None, 1, "scip"), *product((None, 3.0), (1, 2), ("highs", "portfolio")), (3.0, 1, "scip")]


@pytest.mark.slow
@pytest.mark.parametrize(("seconds", "threads", "solver"), EVERY_END if AT_LENGTH else ENDS)
def test_a_limit_or_a_worker_more_never_makes_a_plan_worse_than_its_start(mip, best, solver, threads, seconds):
    """Law: whatever ends the run, and however many work at it, the answer costs no more than the plan it began with."""
    given = best.x[: mip.arrays.column_count]
    options = replace(BOTH, solver=solver, threads=threads, time_limit_s=seconds, gap=1e-6)
    answer = engine_of(options)(mip, options, _go_on, given)
    assert answer.x is not None
    assert answer.objective <= best.objective * (1 + 1e-9)
