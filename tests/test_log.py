"""The library logs under one name and never prints: without a handler, and without a callback, nothing is shown."""

import logging
import subprocess
import sys

import pytest

from planner import Case, InfeasibleError, front
from planner.log import LOG


def said(caplog):
    """What was logged, as pairs of level and text."""
    assert {record.name for record in caplog.records} <= {"planner"}
    return [(record.levelname, record.getMessage()) for record in caplog.records]


def test_a_solve_logs_its_start_stages_and_end(caplog):
    """Start and end at INFO, stages at DEBUG with the figures known by then."""
    with caplog.at_level(logging.DEBUG, "planner"):
        plan = Case.read("three_sites").solve(gap=0.0)
    found = said(caplog)
    info = [text for level, text in found if level == "INFO"]
    assert info[0] == f"three_sites: solve (case {plan.case.hash[:8]})"
    assert info[-1].startswith("three_sites: optimal, cost $4.05B, after ")
    stages = [text.partition(",")[0] for level, text in found if level == "DEBUG"]
    assert stages[0] == "build"
    assert stages[-1] == "audit"
    assert any("cost $4.050B, bound $4.050B, gap 0.000%" in text for level, text in found if level == "DEBUG")


def test_a_solve_without_a_plan_logs_how_it_ended(caplog):
    """An error is the caller's; the log has how the run ended."""
    case = Case.read("three_sites", changes=["sites[north].max_it_mw=0", "model.forced=[{site='north',by=2026}]"])
    with caplog.at_level(logging.INFO, "planner"), pytest.raises(InfeasibleError):
        case.solve()
    assert any(text.startswith("three_sites: infeasible after ") for _, text in said(caplog))


def test_warnings_of_a_case_are_logged_once(caplog):
    """What `warnings` lists is logged when the case is read, at WARNING."""
    with caplog.at_level(logging.WARNING, "planner"):
        case = Case.read("three_sites", changes=["sites[north].pue_average=1.4"])
    assert [text for _, text in said(caplog)] == [str(warning) for warning in case.warnings()] != []


@pytest.mark.slow
def test_studies_log_their_runs(caplog):
    """Each solve of a study is a line at INFO."""
    with caplog.at_level(logging.INFO, "planner"):
        front("three_sites", "budget", (1.0, 1.1), gap=0.0)
    texts = [text for _, text in said(caplog)]
    assert [text for text in texts if text.startswith("solve ")] == [
        "solve 1 of a study: budget 1", "solve 2 of a study: budget 1.1",
    ]  # fmt: skip


@pytest.mark.slow
def test_nothing_is_printed():
    """A program that configures no logging sees only what it prints itself, on either stream."""
    assert any(isinstance(handler, logging.NullHandler) for handler in LOG.handlers)
    code = (
        "from planner import Case; case = Case.read('three_sites', changes=['sites[north].pue_average=1.4']);"
        "print(case.solve().cost_busd)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr, len(done.stdout.splitlines())) == (0, "", 1)
