"""``planner risk`` and ``planner stress``: how a search that was cut short is told, and what is refused."""

import pytest

from tests.uncertainty.interrupted import cut_short
from tests.uncertainty.newsvendor import THREE, demands, newsvendor


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """A folder with a plan, and beside it a file of three futures."""
    place = tmp_path_factory.mktemp("plans")
    demands(*THREE).write(place / "three.toml")
    return newsvendor(100.0).solve(gap=0.0, own_process=False).write(place / "plan")


def test_an_interrupted_replay_begins_with_it(run, plan, monkeypatch):
    """Law: how many futures were tried comes first, in text and in JSON, and nothing is stated over all of them."""
    words = ("stress", plan, "--scenarios", plan.parent / "three.toml", "--workers", "1", "-q")
    cut_short(monkeypatch, "executors.run", after=1)
    done = run(*words)
    assert done.code == 4
    assert done.out.startswith("interrupted: 1 of 3 futures (25 % of the probability)")
    assert not [word for word in ("can be kept", "mean", "P90") if word in done.out]
    document = run(*words, "--json").document()
    assert document["status"] == "interrupted"
    assert document["summary"]["futures_tried"] == 0
    assert "cost_busd_mean" not in document["summary"]


def test_an_interrupted_search_begins_with_it(run, plan, monkeypatch):
    """Law: a report of a search that a signal ended says so before any figure, or why there is none."""
    words = ("risk", plan / "inputs", "--scenarios", plan.parent / "three.toml", "--workers", "1", "--gap", "0", "-q")
    words = (*words, "--set", "demand[m,inference,2027].compute=50")
    cut_short(monkeypatch, "executors.run", after=6)
    done = run(*words)
    assert done.code == 4
    assert done.out.startswith("interrupted: the search ended before the gap of 0.00% was proven")
    done = run(*words)
    assert done.code == 5
    assert "interrupted before any first stage was tried in every scenario" in done.err
