"""More threads or processes than cores: capped, and said, for every command that takes them."""

import pytest
import typer

from planner.analysis import sweep
from planner.api import Case
from planner.cli import notes
from planner.cli.app import app
from planner.runs import session
from planner.system import cores
from tests.cases import make_case


@pytest.fixture
def two_cores(monkeypatch):
    """A machine of two cores."""
    for module in (notes, session, sweep):
        monkeypatch.setattr(module, "usable_cores", lambda: 2)


def test_threads_above_the_cores_are_capped_and_said(run, two_cores, tmp_path):
    """A line on standard error names what was asked and what is used; the summary has the number used."""
    found = run("solve", "three_sites", "--threads", "64", "--out", tmp_path / "a")
    assert found.code == 0
    assert "--threads 64" in found.err
    assert "2 used" in found.err
    found = run("solve", "three_sites", "--threads", "64", "--json", "--out", tmp_path / "b")
    assert found.document()["threads"] == 2
    assert "--threads 64" in found.document()["notes"][0]


def test_threads_within_the_cores_are_not_spoken_of(run, two_cores, tmp_path):
    """Two of two cores: nothing to say."""
    found = run("solve", "three_sites", "--threads", "2", "--json", "--out", tmp_path / "a")
    assert found.document()["threads"] == 2
    assert "notes" not in found.document()


def test_every_command_with_threads_or_workers_is_capped():
    """No command takes the numbers as they come."""
    commands = typer.main.get_command(app).commands
    capped = {
        name: [option for option in command.params if {"--threads", "--workers"} & set(option.opts)]
        for name, command in commands.items()
    }
    assert sum(bool(options) for options in capped.values()) >= 7
    assert all(option.callback is not None for options in capped.values() for option in options)


def test_processes_of_a_sweep_are_capped(run, two_cores, monkeypatch):
    """More processes than cores are asked for: said, and no more are started; a default above the cores is silent."""
    found = run("sweep", "three_sites", "nosuch", "--workers", "9")
    assert "--workers 9" in found.err
    assert sweep._processes(9, 30) == 2
    assert sweep._processes(9, 1) == 1
    assert sweep._processes(0, 30) == 0
    monkeypatch.setattr(notes, "usable_cores", lambda: 1)
    assert "--workers" not in run("sweep", "three_sites", "nosuch").err


def test_from_python_threads_are_capped_too(two_cores):
    """The library uses no more threads than cores, and the summary says how many."""
    assert Case.of(make_case()).solve(threads=64, own_process=False).summary["threads"] == 2


def test_cores_are_those_the_process_may_use(monkeypatch):
    """Where the system restricts a process to some cores, only these count; where it cannot say, all of the machine."""
    monkeypatch.setattr(cores.os, "sched_getaffinity", lambda _pid: {1, 3, 5}, raising=False)
    assert cores.usable_cores() == 3
    monkeypatch.delattr(cores.os, "sched_getaffinity")
    monkeypatch.setattr(cores.os, "cpu_count", lambda: None)
    assert cores.usable_cores() == 1
