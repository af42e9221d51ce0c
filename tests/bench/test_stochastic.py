"""Benchmark of published stochastic programs: what a method without an answer leaves in the table."""

import shutil

import pytest

from bench import stochastic
from bench.__main__ import main
from planner.uncertainty.mpi import EngineError
from tests.uncertainty.test_two_stage import LANDS


def test_a_method_that_fails_is_a_line_that_says_why(tmp_path, monkeypatch, capsys):
    """Law: an engine that ends without a result is a line of the table that says so, and the exit code is 1.

    It was given multipliers to begin with, whose weighted sum is zero.
    """
    begins = []

    def fails(problem, *_arguments, **_words):
        begins.append([one.probability for one in problem.scenarios] @ problem.begin)
        assert problem.begin.any()
        raise EngineError("mpi-sppy ended without a result (exit code 9)")

    monkeypatch.setattr(stochastic, "solve_by_mpi", fails)
    folder = tmp_path / "published"
    folder.mkdir()
    shutil.copy(LANDS, folder / "lands.json")
    assert main(["stochastic", str(folder), "--methods", "mpi-sppy", "--time-limit", "5"]) == 1
    _, line = capsys.readouterr().out.splitlines()
    assert line.startswith("published  lands  mpi-sppy    inf  -inf  inf  ")
    assert begins[0] == pytest.approx(0.0, abs=1e-9)
    assert line.endswith("  failed: mpi-sppy ended without a result (exit code 9)")
