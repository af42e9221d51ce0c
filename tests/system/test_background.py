"""The end of a process in which a solver's thread still runs."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from planner.system import background

ROOT = Path(__file__).resolve().parent.parent.parent
BUSY = """
import atexit, os, sys, threading
import highspy, numpy as np
from planner.cli import main, run
from planner.system import background

begun = threading.Event()

# From here on a thread that comes back from HiGHS would take the process with it.
atexit.register(os.write, 2, b"Python ends by itself")

def work():
    highs, width, rows = highspy.Highs(), 400, 120
    highs.setOptionValue("output_flag", False)
    draw = np.random.default_rng(0)
    for j in range(width):
        highs.addCol(-float(draw.integers(10, 100)), 0.0, 1.0, 0, [], [])
        highs.changeColIntegrality(j, highspy.HighsVarType.kInteger)
    for _ in range(rows):
        row = draw.integers(0, 50, width).astype(float)
        highs.addRow(-1e30, float(row.sum() / 3), width, np.arange(width, dtype=np.int32), row)
    highs.cbMipInterrupt.subscribe(lambda event: begun.set())
    highs.run()

def stop(words):
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    begun.wait()
    getattr(background, "leave", lambda _thread: None)(thread)
    print("the whole answer")
    return 4

run._run = stop
sys.argv = ["planner", "anything"]
sys.exit(main())
"""


@pytest.mark.slow
def test_a_solver_that_still_runs_does_not_end_the_command_otherwise():
    """Law: the exit code and the answer are the command's, also while a thread that was left is inside HiGHS."""
    done = subprocess.run(
        [sys.executable, "-c", BUSY], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (4, "the whole answer\n", "")


def test_a_thread_that_ends_in_time_is_waited_for(monkeypatch):
    """Law: threads that were left are given some time; afterwards it is known whether any still runs.

    What other tests left (a solver that does not stop at once) is not this test's.
    """
    monkeypatch.setattr(background, "_left", [])
    end = threading.Event()
    threads = [threading.Thread(target=wait, daemon=True) for wait in (end.wait, lambda: None)]
    for thread in threads:
        thread.start()
        background.leave(thread)
    assert background.still_running(0.0)
    end.set()
    assert not background.still_running(30.0)
    assert not any(thread.is_alive() for thread in threads)
