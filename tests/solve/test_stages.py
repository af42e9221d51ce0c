"""Every stage by itself, on programs whose optimum is known: it changes what it says, and only for the better."""

from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest

from planner.redundancy.separate import violated_cuts
from planner.solve import engine_runs, relaxation, settings, sub_mip
from planner.solve.arrays import INFINITY
from planner.solve.pipeline import STAGES, run_pipeline
from planner.solve.records import Stopped
from planner.solve.stage import Gain, Stage
from planner.solve.stages import sites
from planner.solve.stages.allocation import ALLOCATION
from planner.solve.stages.relaxation import RELAXATION
from planner.solve.state import State
from tests.length import thinned
from tests.solve.tiny import advance, after, allocation, begin, offers, three_sites

PLACES = range(len(STAGES))
NAMES = [f"{place}-{stage.work.__name__.strip('_')}" for place, stage in enumerate(STAGES)]


@pytest.fixture(autouse=True)
def not_careful(monkeypatch):
    """Presolve and MIP starts are as for large programs; so are the states that tests share."""
    monkeypatch.setattr(settings, "CAREFUL_COLUMNS", 0)


@pytest.fixture(scope="module")
def programs():
    """Programs with their optimum: offers over periods, redundancy rules, site allocation."""
    found = {f"offers {seed}": (offers(seed).mip, offers(seed).optimum) for seed in range(4)}
    found["three_sites"] = three_sites(), 4.05
    for seed in range(2):
        found[f"allocation {seed}"] = allocation(seed)
    return found


@pytest.fixture(scope="module")
def before_stage(programs):
    """Gives the state of a run of a program just before a stage; runs are made once, and go on from copies."""
    made: dict[tuple[str, int], State] = {}

    def state_of(name: str, place: int) -> State:
        if (name, place) not in made:
            made[name, place] = begin(programs[name][0])
            if place > 0:
                made[name, place] = state_of(name, place - 1)
            if place > 0 and STAGES[place - 1] is not ALLOCATION:  # these programs are too small for it
                advance(made[name, place], STAGES[place - 1])
        return replace(made[name, place], notes=[], stage_seconds={}, verdict=None)

    return state_of


@pytest.fixture(scope="module")
def best(programs):
    """An optimal point of each."""
    found = {}
    for name, (mip, optimum) in programs.items():
        answer = run_pipeline(mip, begin(mip).options, lambda _progress: False)
        assert answer.objective == pytest.approx(optimum, rel=1e-6), name
        found[name] = answer.x
    return found


def gains(before: State, state: State) -> set[Gain]:
    """What of a state has changed."""
    changed: dict[Gain, bool] = {
        "relaxation": state.relaxation is not before.relaxation,
        "bound": state.bound != before.bound,
        "incumbent": state.incumbent is not before.incumbent or state.objective != before.objective,
        "penalties": state.penalties is not before.penalties,
        "guide": state.guide is not before.guide,
        "verdict": state.verdict != before.verdict,
    }
    return {gain for gain, has_changed in changed.items() if has_changed}


def is_plan(state: State) -> bool:
    """Whether the incumbent satisfies every row, every integrality and every contingency, by arithmetic of its own."""
    x, mip = state.incumbent, state.mip
    assert x is not None
    arrays = mip.arrays
    activity = arrays.matrix @ x
    scale = 1e-6 * (1.0 + np.abs(np.where(np.isfinite(arrays.row_lower), arrays.row_lower, arrays.row_upper)))
    rows = (activity >= arrays.row_lower - scale).all() and (activity <= arrays.row_upper + scale).all()
    limits = (x >= arrays.lower - 1e-6).all() and (x <= arrays.upper + 1e-6).all()
    whole = (x[arrays.integer] == np.round(x[arrays.integer])).all()
    losses = [] if mip.network is None else violated_cuts(mip.network, mip.installed_gw(x))
    return bool(rows and limits and whole) and not losses and state.objective == pytest.approx(arrays.objective(x))


def worked(stage: Stage, state: State) -> State:
    """A copy of the state before a stage that has worked since."""
    before = replace(state)
    with state.at_work(stage.name):
        stage.work(state, stage.limits)
    return before


@pytest.mark.parametrize("place", thinned(PLACES, 6), ids=NAMES)
def test_a_stage_gives_what_it_says_and_nothing_worse(place, programs, before_stage, best):
    """Laws: changes are among the gains; the bound stays below the optimum and never falls; plans never get worse."""
    stage = STAGES[place]
    seen: set[Gain] = set()
    for name, (mip, optimum) in programs.items():
        state = ready(before_stage, best, name, place)
        if state is None:
            continue
        before = worked(stage, state)
        changed = gains(before, state)
        assert changed <= stage.gives, (name, changed)
        assert before.bound <= state.bound <= optimum * (1.0 + 1e-6), name
        assert state.objective <= before.objective, name
        assert state.incumbent is None or (is_plan(state) and state.objective >= optimum * (1.0 - 1e-6)), name
        assert state.cuts >= before.cuts
        assert state.mip.arrays.row_count >= min(before.mip.arrays.row_count, mip.arrays.row_count)
        seen |= changed
    must = {"relaxation", "penalties", "guide", "verdict"} & stage.gives - (
        {"verdict"} if stage is RELAXATION else set()
    )
    assert must <= seen


def ready(state_of, best, name: str, place: int) -> State | None:
    """A state in which a stage can work; None where the program never gives what it needs."""
    state = state_of(name, place)
    if "start" in STAGES[place].needs:
        state.start = best[name][: state.mip.arrays.column_count]
    return state if STAGES[place].needs <= state.facts() else None


def spoil(monkeypatch, change) -> None:
    """Let every run of the solver have the result that is made of its true one."""
    honest = engine_runs.run_engine

    def run_engine(state, engine, **options):
        return change(state, honest(state, engine, **options))

    for module in (engine_runs, relaxation, sub_mip, sites):
        monkeypatch.setattr(module, "run_engine", run_engine)


RESTRICTED = [place for place in PLACES if "bound" not in STAGES[place].gives]


@pytest.mark.parametrize("place", RESTRICTED, ids=[NAMES[place] for place in RESTRICTED])
def test_a_wrong_bound_of_a_restriction_is_never_used(place, before_stage, best, monkeypatch):
    """Planted: every run of a stage that gives no bound claims one far above the optimum; nothing comes of it."""
    stage = STAGES[place]
    for name in ("offers 0", "three_sites", "allocation 0"):
        state = ready(before_stage, best, name, place)
        if state is None:
            continue
        with monkeypatch.context() as patch:
            spoil(patch, lambda _state, result: replace(result, bound=1e9))
            before = worked(stage, state)
        assert state.bound == before.bound, name


@pytest.mark.parametrize("always", [False, True])
@pytest.mark.parametrize("name", ["offers 0", "offers 1", "three_sites", "allocation 0"])
def test_a_wrong_optimum_of_the_relaxation_is_caught(name, always, programs, monkeypatch):
    """Planted: the solver claims an optimum, and so a bound, twice as high: what counts is what the duals prove."""
    mip, optimum = programs[name]
    honest = after(mip, 1).bound
    runs = []

    def dearer(_state, result):
        runs.append(result)
        if result.status != "optimal" or (not always and len(runs) > 1):
            return result
        return replace(result, objective=2.0 * result.objective, bound=2.0 * result.objective)

    spoil(monkeypatch, dearer)
    state = after(mip, 1)
    assert state.bound <= optimum * (1.0 + 1e-6)
    assert state.bound == pytest.approx(honest, rel=1e-5)
    assert len(runs) > 1


@pytest.mark.parametrize("name", ["offers 0", "three_sites", "allocation 0"])
def test_a_bound_that_the_duals_do_not_prove_is_not_taken(name, programs, monkeypatch):
    """Planted: optimum and duals are true, the bound that comes with them is twice as high: it is not even read."""
    mip, _ = programs[name]
    honest = after(mip, 1).bound
    spoil(monkeypatch, lambda _state, result: replace(result, bound=2.0 * abs(result.objective) + 1.0))
    assert after(mip, 1).bound == pytest.approx(honest, rel=1e-9)


@pytest.mark.parametrize("place", thinned(PLACES, 5, 1), ids=NAMES)
def test_points_that_break_rows_never_become_the_plan(place, programs, before_stage, best, monkeypatch):
    """Planted: every point of the solver is moved far off, and cheap: whatever a stage takes satisfies the program."""
    monkeypatch.setattr(settings, "MOST_ROUNDS", 5)
    for name in ("offers 2", "three_sites", "allocation 1"):
        state = ready(before_stage, best, name, place)
        if state is None:
            continue
        with monkeypatch.context() as patch, suppress(Stopped):  # too many rounds of cuts are a stop
            spoil(patch, lambda _s, result: replace(result, x=None if result.x is None else 0.25 * result.x))
            worked(STAGES[place], state)
        assert state.incumbent is None or is_plan(state), name
        assert state.objective >= programs[name][1] * (1.0 - 1e-6), name


@pytest.mark.slow
def test_the_whole_pipeline_finds_and_proves_the_optimum_in_every_order_of_size(monkeypatch):
    """Law: careful or not, budget rows held back or not, searched or proven at once: the same optimum, proven."""
    for seed in range(6):
        instance = offers(seed)
        for careful, large, proof_gap in ((3000, 10_000, 1e-4), (0, 0, -1.0), (3000, 0, -1.0)):
            monkeypatch.setattr(settings, "CAREFUL_COLUMNS", careful)
            monkeypatch.setattr(settings, "LARGE_COLUMNS", large)
            monkeypatch.setattr(settings, "PROOF_GAP", proof_gap)
            answer = run_pipeline(instance.mip, begin(instance.mip).options, lambda _progress: False)
            assert answer.status == "optimal"
            assert answer.objective == pytest.approx(instance.optimum, rel=1e-7)
            assert answer.bound == pytest.approx(instance.optimum, rel=1e-6)


@pytest.mark.parametrize("left_out", [name for name in NAMES if not name.endswith(("relax", "prove"))])
@pytest.mark.slow
def test_without_any_one_stage_the_answer_is_the_same(left_out, programs, monkeypatch):
    """Law: only the first and the last stage are needed: without any other the optimum is found and proven."""
    stages = tuple(stage for stage, name in zip(STAGES, NAMES, strict=True) if name != left_out)
    monkeypatch.setattr("planner.solve.pipeline.STAGES", stages)
    monkeypatch.setattr(settings, "PROOF_GAP", -1.0)
    for name in ("offers 3", "allocation 1"):
        mip, optimum = programs[name]
        answer = run_pipeline(mip, begin(mip).options, lambda _progress: False)
        assert answer.status == "optimal"
        assert answer.objective == pytest.approx(optimum, rel=1e-6)


def test_a_program_without_integers_is_solved_by_its_relaxation():
    """Law: with nothing integer the relaxation is the answer, and no other stage is run."""
    mip = offers(5).mip
    whole = mip.with_arrays(mip.arrays.relaxed())
    answer = run_pipeline(whole, begin(whole).options, lambda _progress: False)
    assert list(answer.stages) == ["relaxation"]
    assert answer.status == "optimal"
    assert answer.objective <= offers(5).optimum
    assert answer.bound == pytest.approx(answer.objective)


def test_a_stage_stopped_by_the_user_leaves_a_state_that_counts():
    """Law: whenever the run is stopped, the answer is a plan of the stated cost, or none, and a true bound."""
    mip, optimum = offers(1).mip, offers(1).optimum
    for most in range(12):
        heard = []
        answer = run_pipeline(
            mip, begin(mip).options, lambda progress, h=heard, m=most: bool(h.append(progress)) or len(h) > m
        )
        assert answer.bound <= optimum * (1.0 + 1e-7)
        if answer.x is None:
            assert answer.objective == INFINITY
        else:
            assert answer.objective == pytest.approx(mip.arrays.objective(answer.x))
            assert mip.arrays.worst_violation(answer.x) <= settings.PLAN_TOLERANCE
