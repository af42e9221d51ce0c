"""Risk in bundles, each scenario bounded by itself, by worker processes and by a scheduler, whatever dies meanwhile."""

import json
import math
import os
import signal
import subprocess
import sys
import time

import pytest

from planner.status import Status
from planner.uncertainty import work as module
from planner.uncertainty.risk import risk
from tests.analysis.test_sweep_slow import four_workers, scheduler  # noqa: F401  fixtures
from tests.uncertainty.newsvendor import FIXED_BUSD, THREE, demands, newsvendor
from tests.uncertainty.test_risk import EXACT, by_hand, early

pytestmark = pytest.mark.slow
WORDS = {"gap": 0.01, "own_process": False}


@pytest.fixture
def large(monkeypatch):
    """Treat every case as a large one, with every scenario a bundle."""
    monkeypatch.setattr(module, "WHOLE_COLUMNS", 0)
    monkeypatch.setattr(module, "TOGETHER_COLUMNS", 0)
    monkeypatch.setattr("planner.uncertainty.large.BUNDLE_COLUMNS", 1)


@pytest.fixture
def together(monkeypatch):
    """Treat every case as a large one that is still written out."""
    monkeypatch.setattr(module, "WHOLE_COLUMNS", 0)


@pytest.mark.parametrize("how", ["large", "together"])
@pytest.mark.parametrize(("level", "weight"), [(0.0, 0.0), (0.75, 0.5)])
def test_a_large_set_has_the_answer_by_hand(request, how, level, weight):
    """Law: bounded in bundles and one by one, value and bound enclose what is worked out by hand."""
    request.getfixturevalue(how)
    found = risk(newsvendor(), demands(*THREE), cvar=level, weight=weight, **EXACT)
    value = by_hand(weight, level)[1]
    assert 0.95 * value <= found.bound_busd <= value + 1e-6
    assert value - 1e-6 <= found.value_busd
    if not weight:
        assert found.value_busd == pytest.approx(value, abs=1e-6)


def test_worker_processes_have_the_answer_of_this_one(large, monkeypatch):
    """Law: processes of this machine give value, bound and orders of a run in this very process."""
    monkeypatch.setattr(module, "SHORT_S", 0.0)
    monkeypatch.setattr("planner.uncertainty.executors.usable_cores", lambda: 2)
    here, there = (risk(newsvendor(), demands(*THREE), workers=workers, **WORDS) for workers in (1, 2))
    assert (there.value_busd, early(there)) == (pytest.approx(here.value_busd, rel=1e-9), early(here))
    assert there.bound_busd == pytest.approx(here.bound_busd, rel=1e-9)


@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_has_the_answer_even_when_a_worker_dies(large, scheduler):  # noqa: F811
    """Law: the workers of a scheduler give the answer of this process within the gaps, though one of them is killed."""
    address, processes = scheduler
    heard = []

    def hear(progress):
        heard.append(progress)
        if progress.done == 1 and processes[1].poll() is None:
            processes[1].kill()

    there = risk(newsvendor(), demands(*THREE), scheduler=address, on_progress=hear, **WORDS)
    here = risk(newsvendor(), demands(*THREE), workers=1, **WORDS)
    assert processes[1].wait() == -signal.SIGKILL
    assert there.status in (Status.OPTIMAL, Status.GAP_REACHED)
    assert there.bound_busd <= here.value_busd + 1e-6
    assert here.bound_busd <= there.value_busd + 1e-6


FUTURES = 200
MANY = tuple((50.0 + 100.0 * i / FUTURES, 1.0 / FUTURES) for i in range(FUTURES))
"""Demands of 2027, all different, with their probabilities."""


def of_whole_blocks():
    """The least expected cost of serving all of the demands, by trying each number of early blocks."""
    missing = [[max(0, math.ceil(demand / 10.0) - q) for demand, _ in MANY] for q in range(21)]
    return FIXED_BUSD + min(0.1 * q + 0.2 * sum(some) / FUTURES for q, some in enumerate(missing))


@pytest.mark.filterwarnings("ignore")
def test_two_hundred_futures_on_four_workers_have_the_answer_of_this_process(four_workers):  # noqa: F811
    """Law: four workers of a scheduler give the local answer within the gaps; one that is killed loses no future."""
    address, processes = four_workers
    heard = []

    def hear(progress):
        heard.append((progress.stage, progress.done))
        if progress.done == 20 and processes[2].poll() is None:
            processes[2].kill()

    there = risk(newsvendor(), demands(*MANY), scheduler=address, on_progress=hear, **WORDS)
    here = risk(newsvendor(), demands(*MANY), workers=1, **WORDS)
    assert processes[2].wait() == -signal.SIGKILL
    for found in (there, here):
        assert found.status.within_gap
        assert len(found.plans) == len(MANY)
        assert (
            found.bound_busd <= of_whole_blocks() + 1e-6
        )  # which serves all; a small part may be left unserved at a price
    assert max(there.bound_busd, here.bound_busd) <= min(there.value_busd, here.value_busd) + 1e-6
    first = [done for stage, done in heard if stage == "each future by itself"]
    assert first == list(range(len(MANY) + 1))


def kept_in(folder):
    """Return the plans of a folder, each with its identity; what a write under way has is not among them."""
    plans = folder.iterdir() if folder.is_dir() else ()
    return {one.name: one.stat().st_ino for one in plans if not one.name.startswith(".")}


def test_a_study_that_is_killed_goes_on_where_it_was(tmp_path):
    """Law: after kill -9 the same command takes the futures that had ended from the folder, and has the same answer."""
    folder = tmp_path / "kept"
    command = [sys.executable, "-m", "planner", "risk", "four_campuses", "--scenarios", "four_campuses"]
    command += ["--keep", str(folder), "--workers", "1", "--json", "--quiet"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    limit = time.monotonic() + 120
    while len(kept_in(folder)) < 3 and running.poll() is None and time.monotonic() < limit:
        time.sleep(0.01)
    running.kill()
    running.communicate()
    kept = kept_in(folder)
    assert len(kept) >= 3
    again, alone = (
        subprocess.run(words, capture_output=True, env=environment, check=True, text=True)
        for words in (command, [word for word in command if word not in ("--keep", str(folder))])
    )
    assert kept.items() <= kept_in(folder).items()
    values = [json.loads(one.stdout)["summary"]["value_busd"] for one in (again, alone)]
    assert values[0] == pytest.approx(values[1], rel=1e-9)
