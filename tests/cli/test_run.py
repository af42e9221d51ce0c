"""Whatever happens, the command line ends in the documented exit code, with a message and without a traceback."""

import json
import os
import subprocess
import sys

import pytest

from planner.errors import AuditError, CaseError, InfeasibleError, NoPlanError, PlanError, PlannerError, Problem
from tests.cli.fake_plan import FakePlan

FAULT = Problem("sites.csv", "must be yes or no", row=3, column="available", value="maybe")
ENDINGS = [
    (CaseError("hand", [FAULT]), 2, "invalid_case"),
    (InfeasibleError("no plan can meet the case"), 3, "infeasible"),
    (NoPlanError("stopped before any plan was found"), 5, "no_plan"),
    (AuditError("cost differs"), 1, "audit_failed"),
    (PlanError("no summary"), 1, "invalid_plan"),
    (PlannerError("something"), 1, "error"),
    (KeyboardInterrupt(), 130, "interrupted"),
    (ZeroDivisionError("division by zero"), 1, "internal_error"),
    (MemoryError(), 1, "internal_error"),
    (RecursionError("too deep"), 1, "internal_error"),
    (PermissionError(13, "Permission denied", "plans"), 1, "error"),
]


@pytest.mark.parametrize(("error", "code", "status"), ENDINGS, ids=lambda value: str(value)[:20])
def test_every_error_has_its_exit_code(run, stand_in, error, code, status):
    """Each way to fail ends in its exit code, says why on standard error and nothing on standard output."""
    stand_in(error=error)
    outcome = run("solve", "hand", "-q")
    assert outcome.code == code
    assert outcome.out == ""
    assert outcome.err.strip()
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize(("error", "code", "status"), ENDINGS, ids=lambda value: str(value)[:20])
def test_json_on_every_error(run, stand_in, error, code, status):
    """With --json an error too is one document: its status, its exit code and at least one problem."""
    stand_in(error=error)
    outcome = run("solve", "hand", "--json")
    document = outcome.document()
    assert outcome.err == ""
    assert (outcome.code, document["exit_code"], document["status"]) == (code, code, status)
    assert document["problems"]
    assert all(problem["message"] for problem in document["problems"])


def test_problem_keeps_its_place_in_json(run, stand_in):
    """A fault of a case is told with file, row, column and value."""
    stand_in(error=CaseError("hand", [FAULT]))
    (problem,) = run("solve", "hand", "--json").document()["problems"]
    assert problem == {
        "file": "sites.csv",
        "row": 3,
        "column": "available",
        "value": "maybe",
        "message": "must be yes or no",
    }


def test_internal_error_is_one_line_and_verbose_shows_the_traceback(run, stand_in):
    """An internal error is one line that names -v; -v shows the traceback as well."""
    stand_in(error=ZeroDivisionError("by zero\nsecond line"))
    short, long = run("solve", "hand", "-q"), run("solve", "hand", "-v")
    assert short.err.splitlines() == ["internal error: ZeroDivisionError: by zero; run again with -v for the traceback"]
    assert "Traceback" in long.err
    assert long.code == short.code == 1


USAGE = [
    [],
    ["solv", "hand"],
    ["solve"],
    ["solve", "hand", "more"],
    ["solve", "hand", "--nonsense"],
    ["solve", "hand", "--gap"],
    ["solve", "hand", "--gap", "much"],
    ["solve", "hand", "--gap", "nan"],
    ["solve", "hand", "--gap", "-0.1"],
    ["solve", "hand", "--gap", "1"],
    ["solve", "hand", "--time-limit", "0"],
    ["solve", "hand", "--time-limit", "inf"],
    ["solve", "hand", "--threads", "0"],
    ["solve", "hand", "--seed", "-1"],
    ["show", "somewhere", "--table", "nonsense"],
]


@pytest.mark.parametrize("words", USAGE, ids=" ".join)
def test_usage_errors_exit_with_1(run, stand_in, words):
    """A command line that cannot be read ends in 1 (never in 2, which is an invalid case) and says where help is."""
    stand_in()
    outcome = run(*words)
    assert outcome.code == 1
    assert outcome.out == ""
    assert "--help" in outcome.err
    document = run(*words, "--json") if words else run("--json")
    assert document.document()["status"] == "usage_error"


def test_misspelt_command_gets_the_nearest(run):
    """A misspelt command is answered with the nearest one."""
    assert "solve" in run("slove", "hand").err


def test_exit_code_4_when_a_limit_was_reached(run, stand_in):
    """A plan that a limit or Ctrl-C cut short is written and shown, and ends in 4."""
    for status in ("time_limit", "interrupted"):
        calls = stand_in(plan=FakePlan(status=status, exit_code=4))
        outcome = run("solve", "hand", "-q", "--out", status)
        assert outcome.code == 4
        assert calls.plan.written is not None


def test_help_names_every_exit_code(run):
    """The fixed exit codes stand in the help."""
    for words in (["--help"], ["solve", "--help"]):
        outcome = run(*words)
        assert outcome.code == 0
        text = " ".join(outcome.out.split())
        for words_of_code in (
            "0 a plan within the gap",
            "1 usage",
            "2 invalid",
            "3 proven",
            "4 a limit",
            "5 no plan",
        ):
            assert words_of_code in text


def test_version(run):
    """--version prints the version of the package."""
    from planner import __version__

    assert run("--version").out == f"planner {__version__}\n"


def test_json_schema_is_one_document(run):
    """`planner schema` prints a JSON document as it is, for editors."""
    document = json.loads(run("schema").out)
    assert document["type"] == "object"
    assert "horizon" in document["properties"]


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["list"], marks=pytest.mark.slow),
        pytest.param(["list", "--json"], marks=pytest.mark.slow),
        pytest.param(["check", b"\xff\xfe"], marks=pytest.mark.slow),
        ["check", b"\xff", "--json"],
    ],
    ids=str,
)
def test_any_terminal_will_do(words):
    """A terminal that knows ASCII only, and names that are no text, get an answer and never an internal error."""
    process = subprocess.run(
        [sys.executable, "-m", "planner", *words],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert process.returncode == (2 if "check" in words else 0)
    assert b"internal error" not in process.stderr
    if "--json" in words:
        json.loads(process.stdout)


@pytest.mark.parametrize(("command", "what"), [("explain", "an answer"), ("report", "an answer"), ("solve", "a plan")])
def test_an_interruption_says_what_there_is_not_yet(run, monkeypatch, command, what):
    """Law: of a command that asks of a plan it is never said that there is no plan."""

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("planner.cli.run._commands", lambda: interrupted)
    outcome = run(command, "plans/base", "--json")
    assert (outcome.code, outcome.err) == (130, "")
    assert outcome.document()["message"] == f"interrupted (SIGINT) before there was {what}"
