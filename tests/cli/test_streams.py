"""Standard streams that are closed, full or read by nobody: no traceback, and a plan that was found is kept."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from planner.audit.folder import audit_folder
from tests.length import thinned

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")
FULL = Path("/dev/full")


def shell(redirection, words, folder, unbuffered=""):
    """Run a command with a redirection of the shell; return exit code, output and complaints."""
    command = ["sh", "-c", f'"$@" {redirection}', "sh", sys.executable, "-m", "planner", *words]
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=folder, timeout=120, check=False, env=environment
    )
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("words", thinned([["list"], ["list", "--json"]], 2), ids=" ".join)
def test_closed_output(words, tmp_path):
    """Law: a closed standard output is one line on standard error, and exit code 1."""
    code, _, err = shell(">&-", words, tmp_path)
    assert code == 1
    assert err == "standard output: it is closed; not all of the answer was written\n"


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
@pytest.mark.parametrize("words", [["schema"], ["list", "--json"], ["--help"]], ids=" ".join)
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.slow
def test_full_output(words, unbuffered, tmp_path):
    """Law: a full standard output is one line on standard error, and exit code 1."""
    code, _, err = shell("> /dev/full", words, tmp_path, unbuffered)
    assert code == 1
    assert err.startswith("standard output: No space left")
    assert len(err.splitlines()) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "redirection",
    ["<&- 2>&-", pytest.param("<&-", marks=pytest.mark.slow), pytest.param("2>&-", marks=pytest.mark.slow)],
)
def test_other_closed_streams_do_not_matter(redirection, tmp_path):
    """Law: what a command does not need may be closed."""
    code, out, _ = shell(redirection, ["list"], tmp_path)
    assert code == 0
    assert "three_sites" in out


@pytest.mark.slow
@pytest.mark.parametrize(
    "redirection",
    [pytest.param("<&- >&- 2>&-", marks=pytest.mark.slow), "> /dev/full" if FULL.exists() else ">&-"],
)
def test_the_plan_is_kept_when_nothing_can_be_shown(redirection, tmp_path):
    """Law: a plan that was solved is in its folder, whole, whatever became of the standard streams."""
    code, _, _ = shell(redirection, ["solve", "three_sites", "--gap", "0"], tmp_path)
    assert code == 1
    (folder,) = (tmp_path / "plans").iterdir()
    assert audit_folder(folder).passed


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(["schema"], 0, marks=pytest.mark.slow),
        pytest.param(["list", "--json"], 0, marks=pytest.mark.slow),
        (["check", "nowhere", "--json"], 2),
    ],
    ids=str,
)
@pytest.mark.slow
def test_a_pipe_that_nobody_reads_changes_nothing(words, expected):
    """Law: a closed pipe is no error: the exit code is the one that the command would have had."""
    process = subprocess.Popen(
        [sys.executable, "-m", "planner", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    complaint = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == expected
    assert complaint == b""
