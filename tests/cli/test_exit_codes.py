"""Every command that solves many variants ends in the documented code, and its document says the same."""

import json

import pytest

from planner import Case
from planner.analysis.measures import records
from planner.analysis.sweep_result import Sweep, exit_code
from planner.api import Plan
from planner.cli import main
from planner.errors import AuditError, InfeasibleError, NoPlanError, PlannerError
from planner.runs import session
from planner.runs.outcome import Outcome
from planner.status import Ending, Status, exit_code_of
from tests.length import thinned

RULES = [
    ("optimal", 0),
    ("optimal gap_reached", 0),
    ("optimal infeasible", 0),
    ("optimal invalid_case", 0),
    ("optimal time_limit", 4),
    ("optimal no_plan", 4),
    ("optimal interrupted", 4),
    ("time_limit infeasible", 4),
    ("no_plan", 5),
    ("no_plan infeasible", 5),
    ("interrupted infeasible", 5),
    ("infeasible", 3),
    ("infeasible invalid_case", 3),
    ("invalid_case", 2),
    ("failed", 1),
    ("optimal failed", 1),
    ("optimal audit_failed", 1),
    ("no_plan audit_failed", 1),
    ("unbounded", 1),
    ("optimal crashed", 1),
]
"""Statuses of the variants (``interrupted`` without a plan), and the code."""
WITH_PLAN = ("optimal", "gap_reached", "time_limit")


@pytest.mark.parametrize(("statuses", "code"), RULES)
def test_the_rule(statuses, code):
    """Law: docs/cli.md, row by row."""
    assert exit_code_of((status, status in WITH_PLAN) for status in statuses.split()) == code


@pytest.fixture(scope="module")
def plan():
    """A plan to be told of with any status."""
    return Case.read("three_sites").solve(gap=0.0, own_process=False)


@pytest.fixture
def answers(monkeypatch, plan):
    """Put answers with statuses in the place of solves, in their order; the last one stays."""

    def install(statuses):
        left = statuses.split()

        def answer(make, options, on_progress=None, *, name="", **more):
            status = left.pop(0) if len(left) > 1 else left[0]
            if status in WITH_PLAN:
                found = Plan(plan.case, {**plan.summary, "status": status}, plan.tables)
                return Outcome.of_plan(found, name)
            return Outcome(Status(status), reason=status, name=name)

        monkeypatch.setattr(session, "attempt", answer)

    return install


def words_of(content):
    """Every ``status`` in a document, however deep."""
    if isinstance(content, dict):
        yield from (value for key, value in content.items() if key == "status")
        content = list(content.values())
    if isinstance(content, list):
        for part in content:
            yield from words_of(part)


def ended(capsys, words):
    """Run a command with --json; return its exit code, which its document must have too."""
    code = main([*words, "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["exit_code"] == code
    assert set(words_of(found)) <= {*Status, *Ending}, "only words of the one vocabulary"
    if code == 0:
        assert found["status"] == "ok"
    return code, found["status"]


@pytest.mark.parametrize(("statuses", "code"), thinned(RULES, 3, unpack=True))
def test_front(answers, capsys, statuses, code):
    """Law: the code of a front is that of its points."""
    answers(statuses)
    words = ["front", "three_sites", "--against", "critical_share", "--value", "0.4", "--value", "0.6"]
    if " " not in statuses:
        words = words[:-2]
    word = Ending.INTERRUPTED if "interrupted" in statuses else Ending.of_code(code)
    assert ended(capsys, words) == (code, word)


PLACE = "offers[south_cloud].rent_musd_per_mw_year"
SEARCH = ["breakeven", "three_sites", PLACE, "--low", "8", "--high", "40"]
STUDIES = {
    "tornado": ["tornado", "stargate", "--group", "chips.price_busd_per_gw_it"],
    "breakeven": SEARCH,
    "entry": [*SEARCH, "--entry"],
    "attribute": ["attribute", "three_sites", "--set", f"{PLACE}=13"],
}
ENDINGS = [
    ("optimal", 0, 0, 0, 0),
    ("optimal time_limit", 4, 4, 4, 4),
    ("time_limit optimal", 4, 4, 4, 4),
    ("optimal no_plan", 4, 4, 4, 5),
    ("optimal infeasible", 0, 0, 0, 3),
    ("infeasible", 3, 3, 3, 3),
    ("no_plan", 5, 5, 5, 5),
    ("audit_failed", 1, 1, 1, 1),
    ("failed", 1, 1, 1, 1),
]


@pytest.mark.parametrize("name", STUDIES)
@pytest.mark.parametrize("row", thinned(ENDINGS, 4, 1), ids=lambda row: row[0])
def test_other_studies(answers, capsys, name, row):
    """Law: the other studies need the plan of their base, and tell of limits in what they solve besides."""
    answers(row[0])
    assert ended(capsys, STUDIES[name])[0] == row[1 + list(STUDIES).index(name)]


@pytest.mark.parametrize(
    "error", [InfeasibleError("x"), NoPlanError("x"), AuditError("x"), PlannerError("x")], ids=repr
)
def test_an_outcome_without_a_plan_says_why(error):
    """Law: a plan that is required and is not there is the error that a solve would have raised."""
    kinds = {3: "infeasible", 5: "no_plan"}
    status = kinds.get(error.exit_code, "audit_failed" if isinstance(error, AuditError) else "failed")
    with pytest.raises(type(error)):
        Outcome(Status(status), reason="x").required()


@pytest.mark.parametrize(("statuses", "code"), [row for row in RULES if row[0] != "invalid_case"])
@pytest.mark.parametrize(
    "words", thinned([["protect", "three_sites"], ["protect", "three_sites", "--curve", "0.4,0.6"]], 2)
)
def test_protect(answers, capsys, words, statuses, code):
    """Law: the code of protect is that of its plans."""
    answers(statuses)
    assert ended(capsys, words)[0] == code


@pytest.mark.parametrize(("statuses", "code"), RULES)
def test_sweep(statuses, code):
    """Law: the code of a sweep is that of its runs; one that did not end was cut short."""
    found = Sweep([])
    for number, status in enumerate(statuses.split()):
        name = f"run-{number}"
        found.names.append(name)
        if status == "interrupted":
            continue
        values = {"cost": 1.0} if status in WITH_PLAN else {}
        found.rows[name] = records(name, Status(status), None, "", values)
    assert exit_code(found) == code
