"""The process that solves: it starts quickly because it imports little."""

import io
import subprocess
import sys

import pytest

from planner.errors import PlannerError
from planner.options import SolveOptions
from planner.solve import watchdog
from planner.solve.worker import HEADER, read_message, write_message


def test_the_solver_process_needs_neither_pyomo_nor_the_case():
    """What is slow to import and of no use to the solver is not imported: each takes longer than most solves."""
    script = "import sys, planner.solve.worker; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    found = set(done.stdout.split())
    assert {"highspy", "numpy"} <= found
    assert not found & {"pyomo", "pydantic", "pandas"}


@pytest.mark.slow
def test_what_a_library_writes_does_not_disturb_the_answer():
    """Law: text that a library writes to standard output, from C too, does not reach the parent; messages do."""
    script = (
        "import os, planner.solve.worker as worker\n"
        "worker.solve_mip = lambda *_: (os.write(1, b'Running a solver'), 'the answer')[1]\n"
        "worker.main()"
    )
    child = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    write_message(child.stdin, ("a program", "options", None))
    assert read_message(child.stdout) == "the answer"
    child.communicate(timeout=30)


@pytest.mark.parametrize("noise", [b"Running a solver, and so on", HEADER.pack(8) + b"no pickle", b"1234"])
def test_noise_is_no_message(noise: bytes):
    """Law: what is no message counts as the end of the stream, whatever length it seems to tell."""
    assert read_message(io.BytesIO(noise)) is None


def test_a_solver_process_that_talks_nonsense_ends_the_solve(monkeypatch):
    """Law: the parent does not wait for ever for a process that broke down: the solve ends with an error."""
    monkeypatch.setattr(watchdog, "_CHILD", "{path!r}; print('Running a solver, with a long greeting')")
    process = watchdog.SolverProcess()
    try:
        with pytest.raises(PlannerError, match="ended without an answer"):
            process.solve(None, SolveOptions(0.0), lambda _progress: None)
    finally:
        process.close()


def test_the_solver_does_not_greet():
    """Law: standard output holds what the planner writes and nothing of the solver's, which some versions greet on."""
    script = "import planner.solve.highs as highs; print('before'); highs._new_solver(); print('after')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "before\nafter\n"
