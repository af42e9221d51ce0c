"""Children do not outlive their parent, even one that is killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from planner.system.lifeline import child_command

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
PATIENCE_S = 30.0
"""Tests do not depend on the speed of the machine; measured, children are gone within 0.05 s (0.3 s by looking)."""
PARENT = """
import subprocess, sys, time
from planner.system.lifeline import child_command
command = child_command("import time; print('up', flush=True); time.sleep(600)")
command[-1] = {prefix!r} + command[-1]
child = subprocess.Popen(command, stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(600)
"""


def alive(pid: int) -> bool:
    """Tell whether a process runs; one that is dead and not yet fetched does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def children(pid: int) -> list[int]:
    """Return the processes that a process has started, and theirs."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            parent = int((entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            continue
        if parent == pid:
            found += [int(entry.name), *children(int(entry.name))]
    return found


def gone(pids: list[int]) -> bool:
    """Wait until processes are gone."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if not any(alive(pid) for pid in pids):
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize("prefix", ["", "import sys; sys.platform = 'other'; "], ids=["told", "looking"])
def test_a_child_ends_with_its_parent(prefix):
    """Law: a child of a killed parent ends, where the system tells it and where it has to look."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT.format(prefix=prefix)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert alive(child)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert gone([child])


def test_a_child_whose_parent_is_gone_already_does_not_begin():
    """Law: a parent that ended while its child was starting is noticed."""
    command = child_command("print('begun')")
    command[-1] = command[-1].replace(f"hold({os.getpid()})", f"hold({2**22 + 1})")
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (1, b"")


def test_signals_to_a_group_leave_the_child_to_its_parent():
    """Law: what asks the parent for an end does not end the child, which the parent still needs."""
    command = child_command("import time; print('up', flush=True); time.sleep(600)")
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        child.send_signal(number)
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(0.3)
    child.kill()
    child.wait()
    child.stdout.close()


TIED = """
import subprocess, sys, time
from planner.system.lifeline import tied_children
with tied_children():
    child = subprocess.Popen(["sleep", "600"])
while open(f"/proc/{child.pid}/comm").read() != "sleep\\n":
    time.sleep(0.01)
print(child.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Linux only")
def test_a_program_of_a_library_ends_too():
    """Law: another solver, which a library starts, ends with a killed planner."""
    parent = subprocess.Popen([sys.executable, "-c", TIED], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert alive(child)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert gone([child])


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [["solve", "stargate_2026"], ["sweep", "stargate", "stargate"], ["protect", "stargate_2026"]],
    ids=" ".join,
)
def test_no_child_of_a_killed_command_is_left(words, tmp_path):
    """Law: the processes of solvers and of sweeps are gone soon after the command was killed.

    A case of the size of stargate_2026 is solved in a process of its own.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "planner", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=tmp_path
    )
    deadline = time.monotonic() + 60
    while not (found := children(process.pid)) and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(3.0)
    found = children(process.pid) or found
    process.kill()
    process.wait()
    assert found
    assert gone(found)
