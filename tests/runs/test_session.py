"""One way from a case to an audited plan or one reason: every ending is reachable, and nothing goes round it."""

import ast
from pathlib import Path

import pytest

from planner import Case
from planner.changes.schema import WhatIf
from planner.errors import AuditError, CaseError, InfeasibleError, NoPlanError, PlannerError, Problem
from planner.options import SolveOptions
from planner.runs import session, task
from planner.runs.outcome import Outcome
from planner.solve.records import Answer
from planner.solve.serve import solve_mip
from planner.status import Status, exit_code_of

HERE = SolveOptions(gap=0.0, own_process=False)
CODES = {
    Status.OPTIMAL: 0,
    Status.GAP_REACHED: 0,
    Status.TIME_LIMIT: 4,
    Status.INTERRUPTED: 5,
    Status.INFEASIBLE: 3,
    Status.UNBOUNDED: 1,
    Status.NO_PLAN: 5,
    Status.INVALID_CASE: 2,
    Status.AUDIT_FAILED: 1,
    Status.FAILED: 1,
    Status.CRASHED: 1,
}
"""The exit code of a run that ended so (the interrupted one here has no plan)."""
ERRORS = {
    Status.INTERRUPTED: NoPlanError,
    Status.INFEASIBLE: InfeasibleError,
    Status.NO_PLAN: NoPlanError,
    Status.INVALID_CASE: CaseError,
    Status.AUDIT_FAILED: AuditError,
}
"""What a run without a plan raises where one is required; all others a plain `PlannerError`."""


@pytest.fixture
def case():
    """The case checked by hand."""
    return Case.read("three_sites")


@pytest.fixture
def ends(monkeypatch, case):
    """Let the solver say something else of what it found, or of nothing, and see what the run makes of it."""

    def install(status, *, with_plan, fault=None):
        class Place:
            def solve(self, mip, options, _hear, start):
                if fault is not None:
                    raise fault
                answer = solve_mip(mip, options, lambda _progress: False, start)
                if with_plan:
                    return Answer(status, answer.x, answer.objective, 0.9 * answer.bound, answer.mip, 0, 0, 0.0, {})
                return Answer(status, None, float("inf"), float("-inf"), mip, 0, 0, 0.0, {})

            def close(self):
                """Nothing was started."""

        monkeypatch.setattr(session, "dispatch", lambda _options, _inputs: Place())
        return session.attempt(lambda: case, HERE, name="run")

    return install


def refused():
    """A change that cannot be made."""
    raise CaseError("three_sites", [Problem("sites.csv", "is wrong")])


def test_every_status_is_reached(ends, case, monkeypatch):
    """Law: each word of the vocabulary is what some run ends in, with one exit code and one error."""
    hopeless = case.what_if(["sites[north].max_it_mw=0", "model.forced=[{site='north',by=2026}]"])
    found = [
        session.attempt(lambda: case, HERE, name="run"),
        session.attempt(lambda: case, SolveOptions(gap=0.9, own_process=False), name="run"),
        session.attempt(lambda: hopeless, HERE, name="run"),
        session.attempt(refused, HERE, name="run"),
        _audited_badly(monkeypatch, case),
        ends(Status.TIME_LIMIT, with_plan=True),
        ends(Status.INTERRUPTED, with_plan=False),
        ends(Status.UNBOUNDED, with_plan=False),
        ends(Status.NO_PLAN, with_plan=False),
        ends(Status.NO_PLAN, with_plan=False, fault=PlannerError("the solver failed")),
        _out_of_memory(monkeypatch, case),
    ]
    assert {outcome.status for outcome in found} == set(Status)
    for outcome in found:
        assert (outcome.plan is None) == bool(outcome.reason), "a plan, or one reason"
        assert exit_code_of([(outcome.status, outcome.plan is not None)]) == CODES[outcome.status]
        assert outcome.name == "run"
        if outcome.plan is not None:
            assert outcome.required() is outcome.plan
            continue
        with pytest.raises(ERRORS.get(outcome.status, PlannerError)) as caught:
            outcome.required()
        assert type(caught.value) is ERRORS.get(outcome.status, PlannerError)
        assert (caught.value.status, caught.value.exit_code) == (outcome.status, CODES[outcome.status])


def _audited_badly(monkeypatch, case):
    """A run whose plan an audit finds at fault."""
    real = session.audit

    def strict(*words, **options):
        report = real(*words, **options)
        return type(report)(False, report.checks, report.cost_busd, ("a limit is broken",), report.not_recomputed)

    with monkeypatch.context() as patch:
        patch.setattr(session, "audit", strict)
        return session.attempt(lambda: case, HERE, name="run")


def _out_of_memory(monkeypatch, case):
    """A run in a worker that the system gives no memory."""

    def greedy(*_words, **_options):
        raise MemoryError

    monkeypatch.setattr(session, "solve_case", greedy)
    return task.run(task.Shared(case, HERE), task.Job(WhatIf(name="run")))


def test_interrupted_with_a_plan_keeps_it(ends):
    """Law: what was found when a signal came is a plan like any other, cut short."""
    outcome = ends(Status.INTERRUPTED, with_plan=True)
    assert outcome.status is Status.INTERRUPTED
    assert outcome.plan is not None
    assert outcome.plan.exit_code == 4


def test_an_error_and_its_outcome_are_the_same_thing():
    """Law: an outcome made of an error gives that error back: kind, text, status, pointer, faults."""
    errors = [
        InfeasibleError("no", "look there", [Problem("sites.csv", "is too small")]),
        NoPlanError("too slow"),
        NoPlanError("stopped", Status.INTERRUPTED),
        AuditError("wrong"),
        CaseError("mine", [Problem("sites.csv", "is wrong")]),
        PlannerError("broken"),
    ]
    for error in errors:
        again = Outcome.of_error(error, "mine").error()
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert (again.status, again.exit_code) == (error.status, error.exit_code)
        assert getattr(again, "reasons", None) == getattr(error, "reasons", None)
        assert getattr(again, "problems", None) == getattr(error, "problems", None)


def test_the_point_of_a_plan_is_kept_where_it_is_asked_for(case):
    """Law: a run of many keeps its plan alone, unless the program and the point are wanted too."""
    assert session.attempt(lambda: case, HERE).solved is None
    kept = session.attempt(lambda: case, HERE, keep_point=True)
    assert kept.solved is not None
    assert kept.solved.plan is kept.plan
    assert kept.solved.point.inputs.case is case


SOLVING = {
    "SolverProcess",
    "solve_in_thread",
    "solve_joined",
    "solve_mip",
    "solve_with_other",
    "run_pipeline",
    "dispatch",
}
"""Whoever names one of these decides where and how something is solved."""
ALLOWED = {
    "runs/dispatch.py",
    "runs/session.py",
    "runs/other.py",
    "explain/conflict_world.py",
    "explain/why_beside.py",
    "explain/why_program.py",
    "uncertainty/bounding.py",
}
"""The way from a case to a plan; the solver itself (`planner.solve`) is not on it but at its end. `planner.explain`
asks programs of its own, which are not those of a case: some of its limits, one decision forced. That of several
scenarios together, which gives bounds, is no case's either."""


def going_round(root: Path) -> set[str]:
    """Modules that import what solves, besides those of the one way."""
    found = set()
    for file in root.rglob("*.py"):
        place = file.relative_to(root).as_posix()
        text = file.read_text(encoding="utf-8")
        tree = ast.parse(text if any(name in text for name in SOLVING) else "")
        names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
        if names & SOLVING and not place.startswith("solve/") and place not in ALLOWED:
            found.add(place)
    return found


def test_nothing_goes_round_the_one_way(tmp_path):
    """Law: processes, thresholds and the watchdog are chosen in one place; another one, planted, is found."""
    root = Path(session.__file__).parent.parent
    assert not going_round(root)
    for place in ("analysis/mine.py", "runs/session.py", "solve/mine.py"):
        (tmp_path / place).parent.mkdir()
        planted = "from planner.solve.watchdog import SolverProcess\nLARGE_CASE = 150\n"
        (tmp_path / place).write_text(planted, encoding="utf-8")
    assert going_round(tmp_path) == {"analysis/mine.py"}
