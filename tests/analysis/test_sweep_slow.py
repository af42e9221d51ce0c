"""Sweeps that are killed, and sweeps on a scheduler with workers of its own."""

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from planner.analysis.sweep import sweep
from planner.errors import PlannerError

pytestmark = pytest.mark.slow

GAP = 1e-6
COUNT = 10
WHATIFS = {
    f"w{number}": [{"op": "scale", "table": "offers", "column": "rent_musd_per_mw_year", "factor": 1 + number / 100}]
    for number in range(COUNT)
}
FILE = "format = 1\n[[list]]\nname = 'rent'\nvary = 'factor'\nvalues = [{values}]\n" + (
    "changes = [{{ op = 'scale', table = 'offers', column = 'rent_musd_per_mw_year' }}]\n"
)


def finished(folder: Path) -> list[str]:
    """Return the runs whose folders are there."""
    runs = folder / "runs"
    return sorted(path.name for path in runs.iterdir() if not path.name.startswith(".")) if runs.is_dir() else []


@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGINT])
def test_a_sweep_that_is_ended_resumes(tmp_path, signal_number):
    """After kill -9, as after Ctrl-C, what ended is there; resuming does the rest; Ctrl-C ends in 4."""
    file = tmp_path / "w.toml"
    file.write_text(FILE.format(values=", ".join(f"{1 + number / 100}" for number in range(24))), encoding="utf-8")
    folder = tmp_path / "s"
    command = [
        sys.executable,
        "-m",
        "planner",
        "sweep",
        "three_sites",
        str(file),
        "--out",
        str(folder),
        "--gap",
        "1e-6",
    ]
    # Under a shell's background job Ctrl-C is ignored, and so it would be by what is started here.
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True, preexec_fn=heard)
    try:
        limit = time.monotonic() + 120
        while len(finished(folder)) < 5 and process.poll() is None and time.monotonic() < limit:
            time.sleep(0.05)
        process.send_signal(signal_number)
        code = process.wait(timeout=30)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert code == (-signal.SIGKILL if signal_number == signal.SIGKILL else 4)
    before = finished(folder)
    assert 5 <= len(before) < 25
    heard: list[str] = []
    again = sweep("three_sites", file, out=folder, gap=GAP, resume=True, on_progress=lambda p: heard.append(p.name))
    assert again.missing == []
    assert again.reused >= len(before) - 1
    assert set(heard).isdisjoint(set(before[1:])) or again.reused >= len(before)


@pytest.fixture
def scheduler(tmp_path):
    """A real scheduler and two worker processes; their processes."""
    yield from started(tmp_path, 2)


@pytest.fixture
def four_workers(tmp_path):
    """A real scheduler and four worker processes; their processes."""
    yield from started(tmp_path, 4)


def started(tmp_path, workers):
    """Start a scheduler and so many worker processes; yield its file and their processes, and end them."""
    distributed = pytest.importorskip("distributed")
    assert distributed.__version__
    file = tmp_path / "scheduler.json"
    options = ["--no-dashboard"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    start = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    work = [sys.executable, "-m", "distributed.cli.dask_worker"]
    named = ["--scheduler-file", str(file)]
    log = (tmp_path / "log").open("w")
    processes = [subprocess.Popen([*start, *named, "--port", "0", *options], stdout=log, stderr=log, env=environment)]
    for _ in range(workers):
        command = [*work, *named, "--nthreads", "1", "--no-nanny", *options]
        processes.append(subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=tmp_path))
    limit = time.monotonic() + 60
    while not file.exists() and time.monotonic() < limit:
        time.sleep(0.1)
    yield str(file), processes
    for process in reversed(processes):
        process.kill()
        process.wait()
    log.close()


@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_gives_the_same_table_even_when_a_worker_dies(scheduler):
    """Two worker processes of a scheduler give the local table; one of them killed in the middle loses nothing."""
    address, processes = scheduler
    heard: list[str] = []

    def hear(progress) -> None:
        heard.append(progress.name)
        if len(heard) == 6:
            processes[1].kill()

    there = sweep("three_sites", WHATIFS, scheduler=address, gap=GAP, on_progress=hear)
    here = sweep("three_sites", WHATIFS, workers=2, gap=GAP)
    assert there.missing == []
    columns = ["name", "measure", "unit", "value", "status"]
    tables = [found.table().query("measure != 'solve_time'")[columns].reset_index(drop=True) for found in (there, here)]
    assert tables[0].equals(tables[1])


def _waiting(dask_scheduler) -> list[str]:
    """Return the runs on the scheduler that have no result yet."""
    return [key for key, task in dask_scheduler.tasks.items() if key.startswith("run-") and task.state != "memory"]


@pytest.mark.filterwarnings("ignore")
def test_runs_the_scheduler_gives_up_are_handed_in_again(scheduler):
    """Runs that the scheduler cancels, as it may when a worker dies with data of theirs, are lost to nobody."""
    distributed = pytest.importorskip("distributed")
    address, _ = scheduler
    heard: list[str] = []
    given_up: list[str] = []

    def hear(progress) -> None:
        heard.append(progress.name)
        if len(heard) == 4:
            with distributed.Client(scheduler_file=address, set_as_default=False) as other:
                keys = other.run_on_scheduler(_waiting)[-3:]
                other.cancel([distributed.Future(key, other) for key in keys], force=True)
                given_up.extend(keys)

    found = sweep("three_sites", WHATIFS, scheduler=address, gap=GAP, on_progress=hear)
    assert len(given_up) == 3
    assert set(found.status.values()) <= {"optimal", "infeasible"}
    assert len(heard) == COUNT + 1


@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_that_dies_leaves_reasons(scheduler):
    """When the scheduler itself dies, what ended is kept and every other run says why it did not."""
    address, processes = scheduler
    heard: list[str] = []

    def hear(progress) -> None:
        heard.append(progress.name)
        if len(heard) == 4:
            processes[0].kill()

    found = sweep("three_sites", WHATIFS, scheduler=address, gap=GAP, on_progress=hear)
    assert found.missing == []
    assert set(found.status.values()) <= {"optimal", "infeasible", "crashed"}
    crashed = [name for name, status in found.status.items() if status == "crashed"]
    assert crashed
    assert all("workers died" in found.rows[name][0]["reason"] for name in crashed)


def test_a_scheduler_that_is_not_there():
    """An address where nothing answers is told, not waited for without end."""
    with pytest.raises(PlannerError, match="no worker answers"):
        sweep("three_sites", {}, scheduler="tcp://127.0.0.1:9")
