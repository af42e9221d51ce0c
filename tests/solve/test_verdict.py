"""No verdict is not an ending: whatever the solver says, or fails to say, at any stage, a run ends in an answer."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from planner import Case
from planner.errors import InfeasibleError, NoPlanError, PlannerError
from planner.options import SolveOptions
from planner.program import build_program
from planner.runs import session
from planner.runs.compile import make_mip
from planner.solve import engine_runs, relaxation, serve, settings, sub_mip, tiers
from planner.solve.arrays import INFINITY, NewRow
from planner.solve.highs import Engine, SolverResult
from planner.solve.mip import MixedIntegerProgram
from planner.solve.records import Answer, SolveProgress
from planner.solve.serve import LEAST_UNSERVED, solve_mip
from planner.solve.stages import sites
from planner.status import Status
from planner.symbols import MONEY, Column, Constraint, Row, Variable
from tests.cases import make_case
from tests.length import AT_LENGTH, thinned
from tests.solve.test_penalties import draw, mip_of

TWO_SITES = Path(__file__).parents[1] / "data" / "two_site_losses"
CUT = [
    f"budget[{year}].cash_burn_busd={0.6 * servers:.6g}"
    for year, servers in zip(range(2027, 2036), (35, 45, 50, 55, 55, 55, 55, 55, 55), strict=True)
]
"""Two fifths less for servers from 2027 on: less than what is signed costs."""


@pytest.fixture(scope="module")
def mip() -> MixedIntegerProgram:
    """The compiled program of the tiny case with every family."""
    inputs = Case.of(make_case(full=True)).inputs
    return make_mip(build_program(inputs), inputs)


@pytest.fixture(scope="module")
def best(mip: MixedIntegerProgram) -> Answer:
    """Its optimum, by an honest solver."""
    return solve_mip(mip, SolveOptions(0.0), lambda _progress: False)


def test_a_relaxation_that_numbers_make_hard_is_proven_infeasible():
    """No plan outlives the loss of any two sites; HiGHS has no verdict without presolve, the certificate has."""
    with pytest.raises(InfeasibleError, match="proven infeasible"):
        session.find_point(Case.read(TWO_SITES).inputs, SolveOptions(0.0, own_process=False), whole_rules=True)


@pytest.mark.slow
def test_stargate_with_two_fifths_less_cash_from_2027_has_a_verdict():
    """Money that does not even pay for what is signed is proven not to."""
    with pytest.raises(InfeasibleError, match="proven infeasible"):
        Case.read("stargate", changes=[*CUT, "model.objective.shortfall=hard"]).solve(threads=1)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["three_sites", "four_campuses", *(["stargate"] if AT_LENGTH else [])])
def test_a_case_on_chips_of_three_tenths_the_compute_has_a_verdict(name):
    """What is signed and offered on far weaker chips cannot serve all demand: with every rule hard, a plan serves less.

    The fleet of 2025 of `stargate`, which takes minutes, at length.
    """
    rows = Case.read(name).tables["chips"]
    rates = ("training_compute_per_it_mw", "inference_compute_per_it_mw")
    texts = [
        f"chips[{row.chip}].{rate}={0.3 * getattr(row, rate):.12g}"
        for row in rows
        for rate in rates
        if getattr(row, rate) is not None
    ]
    hard = [*texts, "model.objective.shortfall=hard"]
    # The proof to the last tenth of a percent takes a quarter of an hour; the verdict does not.
    plan = Case.read(name, changes=hard).solve(threads=1, time_limit_s=90.0)
    assert 0.3 < plan.summary["unserved_share_bound"] <= plan.summary["unserved_share"]
    assert plan.summary["audit"]["passed"]


def _answers(mip: MixedIntegerProgram, monkeypatch, spoil) -> Answer:
    """The answer of a run whose engines say what ``spoil`` makes of their outcomes."""
    honest = engine_runs.run_engine

    def run_engine(state, engine, **options):
        return spoil(state, engine, honest(state, engine, **options))

    for module in (engine_runs, relaxation, sub_mip, sites):
        monkeypatch.setattr(module, "run_engine", run_engine)
    return solve_mip(mip, SolveOptions(0.0), lambda _progress: False)


def _say(status: str) -> SolverResult:
    return SolverResult(status, None, INFINITY, INFINITY if status == "infeasible" else -INFINITY, 0.0)


STAGES = ("relaxation", "kernel", "strategy", "guided start", "neighbourhood", "bound", "full program")


FALSE = [(stage, ("failed", "infeasible")[place % 2]) for place, stage in enumerate(STAGES)]
"""Each stage with one of two false verdicts; the other at length."""
BOTH_FALSE = [(stage, status) for stage in STAGES for status in ("failed", "infeasible")]


@pytest.mark.parametrize(("stage", "status"), BOTH_FALSE if AT_LENGTH else FALSE)
@pytest.mark.slow
def test_a_stage_without_a_verdict_or_with_a_false_one_does_not_end_the_run(mip, best, monkeypatch, stage, status):
    """All runs of the solver in one stage fail or lie: there is still a plan, and never a claim that there is none."""
    monkeypatch.setattr(settings, "CAREFUL_COLUMNS", 0)

    def spoil(state, _engine, outcome):
        return _say(status) if state.stage == stage else outcome

    answer = _answers(mip, monkeypatch, spoil)
    assert answer.x is not None
    assert mip.arrays.worst_violation(answer.x[: mip.arrays.column_count]) <= settings.PLAN_TOLERANCE
    assert answer.status in (Status.OPTIMAL, Status.GAP_REACHED, Status.TIME_LIMIT)
    assert answer.bound <= best.objective + 1e-6 <= answer.objective + 2e-6
    if answer.status is not Status.TIME_LIMIT:
        assert answer.objective == pytest.approx(best.objective, rel=1e-6)


LIES = [(count, status) for count in range(4) for status in ("infeasible", "unbounded")]


@pytest.mark.parametrize(("count", "status"), LIES if AT_LENGTH else [LIES[0], LIES[3], LIES[4], LIES[7]])
@pytest.mark.slow
def test_one_lie_at_any_place_changes_nothing(mip, best, monkeypatch, status, count):
    """The first, second, ... run of the solver says something false: the optimum is found and proven all the same.

    At each place one of two lies, both at length.
    """
    seen = []

    def spoil(_state, _engine, outcome):
        seen.append(outcome)
        return _say(status) if len(seen) == count + 1 else outcome

    answer = _answers(mip, monkeypatch, spoil)
    assert answer.status.within_gap
    assert answer.objective == pytest.approx(best.objective, rel=1e-7)


@pytest.mark.parametrize("status", thinned(["failed", "infeasible", "unbounded"], 3, 1))
def test_a_solver_that_is_always_wrong_proves_nothing(mip, monkeypatch, status):
    """Whatever it says every time, without a proof that holds there is no plan and no claim."""
    monkeypatch.setattr(Engine, "run", lambda _self, **_options: _say(status))
    answer = solve_mip(mip, SolveOptions(0.0), lambda _progress: False)
    assert (answer.status, answer.x) == (Status.NO_PLAN, None)
    assert answer.notes


def test_a_solver_that_is_always_wrong_ends_a_case_in_exit_5(monkeypatch):
    """To the user that is no plan and no proof (exit 5), said so, not a time limit that never came."""
    monkeypatch.setattr(Engine, "run", lambda _self, **_options: _say("failed"))
    with pytest.raises(
        NoPlanError, match=r"gave up before any limit: no plan was found, nor a proof that there is none\n.*relaxation"
    ):
        Case.of(make_case(full=True)).solve(gap=0.0, own_process=False)


@pytest.mark.slow
def test_an_engine_that_raises_is_an_engine_that_failed(mip, monkeypatch):
    """An error out of the solver's library in the searches does not cost the proof."""
    honest = Engine.run

    def raising(self, **options):
        if options.get("mip_max_nodes") is not None:
            raise PlannerError("the solver failed: Solve error")
        return honest(self, **options)

    monkeypatch.setattr(Engine, "run", raising)
    answer = solve_mip(mip, SolveOptions(0.0), lambda _progress: False)
    assert answer.status == "optimal"


def test_both_opinions_are_needed_to_call_whole_numbers_infeasible(monkeypatch):
    """Two integers with a sum of a half: the relaxation has points, the program none; one word is not enough."""
    mip = _half()
    assert solve_mip(mip, SolveOptions(0.0), lambda _progress: False).status == "infeasible"

    def spoil(state, _engine, outcome):
        return _say("failed") if state.stage == "full program" and outcome.status == "infeasible" else outcome

    answer = _answers(mip, monkeypatch, spoil)
    assert (answer.status, answer.x) == (Status.NO_PLAN, None)


def _half() -> MixedIntegerProgram:
    found, _, _ = mip_of(draw(0))
    whole = np.flatnonzero(found.arrays.integer)[:2].astype(np.int32)
    return found.with_rows([NewRow(Row(Constraint("half")), whole, np.ones(2), 0.5, 0.5)])


@pytest.mark.slow
def test_without_a_verdict_on_penalties_the_proof_is_made_without_them(monkeypatch):
    """Site allocation: the programs of the single sites fail or lie; the optimum is the same."""
    found, _, _ = mip_of(draw(1))
    best = solve_mip(found, SolveOptions(0.0), lambda _progress: False)
    for status in ("failed", "infeasible", "unbounded"):
        with monkeypatch.context() as patch:
            answer = _answers(
                found, patch, lambda state, _e, outcome, s=status: _say(s) if state.stage == "penalties" else outcome
            )
        assert answer.objective == pytest.approx(best.objective, rel=1e-7)
        assert answer.status.within_gap


@pytest.mark.slow
def test_serving_first_keeps_the_plan_of_the_first_objective(mip, monkeypatch):
    """Least unserved is found, then every run fails: the plan that leaves least unserved is the answer, not none."""
    arrays = mip.arrays
    first = replace(mip, serve_first=True)
    lower = arrays.lower.copy()
    lower[first.unserved[0]] = 1.0
    first = first.with_arrays(arrays.with_bounds(lower, arrays.upper))
    best = solve_mip(first, SolveOptions(0.0), lambda _progress: False)

    def spoil(state, _engine, outcome):
        held = any(row.constraint == LEAST_UNSERVED for row in state.mip.arrays.rows)
        return _say("failed") if held else outcome

    answer = _answers(first, monkeypatch, spoil)
    assert answer.x is not None
    unserved = [float(first.unserved_weight @ one.x[first.unserved]) for one in (best, answer)]
    assert unserved[1] == pytest.approx(unserved[0], rel=2e-6)  # a tier is proven to within this of its amount
    assert unserved[0] > 1e-3
    assert answer.status is Status.TIME_LIMIT


def test_a_program_that_earns_without_end_names_what_does():
    """A column without limit that earns: unbounded is proven, and the column is named."""
    found, _, _ = mip_of(draw(0))
    windfall = Column(Variable("windfall_busd", ("site", "period"), MONEY), ("here", 0))
    wide = found.with_arrays(found.arrays.extended([windfall], []))
    cost = wide.arrays.cost.copy()
    cost[-1] = -1.0
    whole = replace(
        wide,
        arrays=wide.arrays.with_cost(cost),
        period=np.append(wide.period, -1),
        group=np.append(wide.group, -1),
    )
    answer = solve_mip(whole, SolveOptions(0.0), lambda _progress: False)
    assert answer.status == "unbounded"
    assert any("windfall busd of here, 0" in note for note in answer.notes)


@pytest.mark.slow
def test_points_that_break_rows_are_completed(mip, best, monkeypatch):
    """Every point of the solver breaks rows, but where all integers are fixed: the others are solved for anew."""
    make, honest = Engine.__init__, Engine.run

    def init(self, program, **options):
        make(self, program, **options)
        whole = program.integer
        self.spoilt = bool(whole.any()) and not np.array_equal(program.lower[whole], program.upper[whole])

    def spoil(self, *, callback=None, **options):
        outcome = honest(self, **options)
        if not self.spoilt or outcome.x is None:
            return outcome
        return replace(outcome, x=outcome.x + 1e-3)

    monkeypatch.setattr(Engine, "__init__", init)
    monkeypatch.setattr(Engine, "run", spoil)
    answer = solve_mip(mip, SolveOptions(0.0), lambda _progress: False)
    assert answer.objective == pytest.approx(best.objective, rel=1e-7)
    assert mip.arrays.worst_violation(answer.x[: mip.arrays.column_count]) <= settings.PLAN_TOLERANCE


def test_a_separation_that_fails_ends_in_an_answer(mip, monkeypatch):
    """Cuts that cannot be computed for numerical reasons: no exit 1, and no plan that was not checked."""

    def troubled(*_words):
        raise PlannerError("the worst loss of a site or provider cannot be computed: numerical difficulties")

    monkeypatch.setattr("planner.solve.mip.violated_cuts", troubled)
    answer = solve_mip(mip, SolveOptions(0.0), lambda _progress: False)
    assert (answer.status, answer.x) == (Status.NO_PLAN, None)
    assert "numerical difficulties" in answer.notes[-1]


class _Late:
    """A run without a plan that has its verdict after three quarters of the time, if it is let."""

    clock = 0.0

    def __init__(self, mip, options, callback):
        self.mip, self.options, self.tell = mip, options, callback

    @classmethod
    def solve(cls, mip, options, callback, _start=None) -> Answer:
        """Make a run and run it."""
        return cls(mip, options, callback).run()

    def at_once(self) -> bool:
        """Whether this is the run to serve all, or the one that decides nothing: neither can be."""
        arrays = self.mip.arrays
        whole = arrays.integer
        return not arrays.upper[self.mip.unserved].any() or (arrays.lower[whole] == arrays.upper[whole]).all()

    def run(self) -> Answer:
        none = (None, INFINITY, -INFINITY, self.mip, 0, 0, 0.0, {})
        if self.at_once():
            return Answer(Status.INFEASIBLE, *none)
        for _ in range(15):
            _Late.clock += 1.0
            if self.tell(SolveProgress("full program", _Late.clock, INFINITY, -INFINITY)):
                return Answer(Status.INTERRUPTED, *none)
        return Answer(Status.INFEASIBLE if self.options.seconds >= 15.0 else Status.NO_PLAN, *none)


def test_a_time_limit_leaves_a_verdict_all_of_its_time(mip, monkeypatch):
    """Half of the time is kept for the cost only where there is a plan: a proof that comes after it is not lost."""
    monkeypatch.setattr(_Late, "clock", 0.0)
    monkeypatch.setattr(serve.time, "monotonic", lambda: _Late.clock)
    first = replace(mip, serve_first=True)
    answer = solve_mip(first, SolveOptions(0.0, time_limit_s=20.0), lambda _progress: False, solve_once=_Late.solve)
    assert answer.status == "infeasible"


class _Quick(_Late):
    """A run that has a plan from the start and goes on until it is stopped."""

    def run(self) -> Answer:
        none = (None, INFINITY, -INFINITY, self.mip, 0, 0, 0.0, {})
        if self.at_once():
            return Answer(Status.INFEASIBLE, *none)
        x = np.zeros(self.mip.arrays.column_count)
        while not self.tell(SolveProgress("full program", _Late.clock, 1.0, 0.0, x)) and _Late.clock < 100.0:
            _Late.clock += 1.0
        return Answer(Status.INTERRUPTED, x, 1.0, 0.0, self.mip, 0, 0, 0.0, {})


@pytest.mark.parametrize("stopped", [False, True])
def test_with_a_plan_half_of_the_time_is_for_its_cost(mip, monkeypatch, stopped):
    """Least unserved ends at half of the time once there is a plan; only the user's stop counts as an interruption."""
    monkeypatch.setattr(_Late, "clock", 0.0)
    monkeypatch.setattr(serve.time, "monotonic", lambda: _Late.clock)
    first = replace(mip, serve_first=True)
    ends = []
    honest = tiers.Descent._least

    def watched(*arguments, **more):
        found = honest(*arguments, **more)
        ends.append(found[0])
        return found

    monkeypatch.setattr(tiers.Descent, "_least", watched)

    def tell(_progress):
        if len(ends) == 2:
            return True  # the second objective is not what this is about
        return stopped and _Late.clock >= 5.0

    solve_mip(first, SolveOptions(0.0, time_limit_s=20.0), tell, solve_once=_Quick.solve)
    assert ends[1].status == (Status.INTERRUPTED if stopped else Status.TIME_LIMIT)
    assert _Late.clock == (5.0 if stopped else 10.0)
