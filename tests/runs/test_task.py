"""One run of a sweep: its fingerprint, and that whatever goes wrong in it is a row."""

import hashlib
import json
import pickle

import pytest

from planner import Case
from planner.changes.apply import make_whatif
from planner.changes.schema import WhatIf
from planner.errors import OptionError
from planner.options import SolveOptions
from planner.runs import session
from planner.runs.task import Job, Shared, key_of, run, run_key
from planner.status import Status
from planner.version import __version__

OPTIONS = SolveOptions(gap=0.0, own_process=False)
CHANGES = ["sites[north].max_it_mw=20"]


@pytest.fixture(scope="module")
def case():
    """The case checked by hand."""
    return Case.read("three_sites")


def test_the_fingerprint_is_that_of_earlier_sweeps(case):
    """Law: a run with the options that sweeps always had is known again: what it is made of has not changed."""
    whatif = make_whatif(CHANGES, "smaller")
    changes = [change.model_dump(mode="json", by_alias=True, exclude_unset=True) for change in whatif.changes]
    asked = {"gap": 0.01, "time_limit_s": 60.0, "seed": 3, "start": None}
    content = json.dumps([case.hash, changes, asked, __version__], sort_keys=True)
    expected = hashlib.sha256(content.encode()).hexdigest()
    assert run_key(case, whatif, SolveOptions(gap=0.01, time_limit_s=60.0, seed=3)) == expected


@pytest.mark.parametrize(
    "other",
    [
        SolveOptions(gap=0.01),
        SolveOptions(time_limit_s=1.0),
        SolveOptions(threads=2),
        SolveOptions(seed=1),
        SolveOptions(solver="cbc"),
    ],
    ids=str,
)
def test_every_option_that_may_change_an_answer_is_in_the_fingerprint(other):
    """Law: a run under other options is another run; where it is done is not one of them."""
    assert key_of("hash", [], other) != key_of("hash", [], SolveOptions())
    assert key_of("hash", [], SolveOptions(), start=False) != key_of("hash", [], SolveOptions())
    assert key_of("hash", [], SolveOptions(own_process=False)) == key_of("hash", [], SolveOptions())


def test_a_run_is_plain_data_both_ways(case):
    """Law: what is sent to a worker and what comes back survives the way."""
    shared, job = pickle.loads(pickle.dumps((Shared(case, OPTIONS), Job(make_whatif(CHANGES, "smaller")))))
    outcome = pickle.loads(pickle.dumps(run(shared, job)))
    assert (outcome.name, outcome.status) == ("smaller", Status.OPTIMAL)
    assert outcome.plan.cost_busd == pytest.approx(4.93)


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (MemoryError(), Status.CRASHED, "memory"),
        (ZeroDivisionError("by nothing"), Status.FAILED, "internal error: ZeroDivisionError: by nothing"),
        (OptionError("solver 'x': is not here"), Status.FAILED, "solver 'x': is not here"),
    ],
    ids=["memory", "internal", "options"],
)
def test_what_goes_wrong_in_a_worker_is_a_row(case, monkeypatch, error, status, words):
    """Law: no error leaves a run, whatever it is: the others of its worker go on."""

    def fail(*_words, **_options):
        raise error

    monkeypatch.setattr(session, "solve_case", fail)
    outcome = run(Shared(case, OPTIONS), Job(WhatIf(name="it")))
    assert (outcome.name, outcome.status, outcome.plan) == ("it", status, None)
    assert words in outcome.reason
