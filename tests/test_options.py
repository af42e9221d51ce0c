"""The record of solve options: what it admits, what it refuses, and that its numbers are Python's own."""

import json
import math
from dataclasses import FrozenInstanceError, asdict, fields

import numpy as np
import pytest

from planner.errors import OptionError
from planner.options import DEFAULT_GAP, LARGEST_SEED, SolveKeywords, SolveOptions, chosen_options

REFUSED = [
    ({"gap": -1e-9}, "gap -1e-09: must be at least 0 and less than 1 (0.005 is half a percent)"),
    ({"gap": 1.0}, "gap 1.0: must be at least 0 and less than 1 (0.005 is half a percent)"),
    ({"gap": math.nan}, "gap nan: must be at least 0 and less than 1 (0.005 is half a percent)"),
    ({"gap": "0.01"}, "gap '0.01': must be at least 0 and less than 1 (0.005 is half a percent)"),
    ({"gap": None}, "gap None: must be at least 0 and less than 1 (0.005 is half a percent)"),
    ({"time_limit_s": 0}, "time limit 0 s: must be more than 0"),
    ({"time_limit_s": -math.inf}, "time limit -inf s: must be more than 0"),
    ({"time_limit_s": math.nan}, "time limit nan s: must be more than 0"),
    ({"time_limit_s": "1h"}, "time limit '1h' s: must be more than 0"),
    ({"threads": 0}, "threads 0: must be at least 1"),
    ({"threads": 1.5}, "threads 1.5: must be at least 1"),
    ({"threads": True}, "threads True: must be at least 1"),
    ({"seed": -1}, f"seed -1: must be a whole number from 0 to {LARGEST_SEED}"),
    ({"seed": LARGEST_SEED + 1}, f"seed {LARGEST_SEED + 1}: must be a whole number from 0 to {LARGEST_SEED}"),
    ({"solver": 3}, "solver 3: must be the name of a solver, such as 'highs'"),
]


@pytest.mark.parametrize(("wrong", "message"), REFUSED, ids=lambda value: str(value)[:30])
def test_a_value_that_makes_no_sense_is_refused(wrong, message):
    """Law: no record of options holds a value that a solver cannot take; the message says which, and what is right."""
    with pytest.raises(OptionError) as caught:
        SolveOptions(**wrong)
    assert str(caught.value) == message
    with pytest.raises(OptionError):
        chosen_options(SolveOptions(), wrong)


def test_options_cannot_be_changed_on_the_way():
    """Law: what was checked when the record was made still holds when the solver reads it."""
    with pytest.raises(FrozenInstanceError):
        SolveOptions().gap = 0.5
    assert not hasattr(SolveOptions(), "__dict__")


def test_numbers_of_other_libraries_become_those_that_json_knows():
    """Law: the options of a run can be written, whatever kind of number the caller had."""
    options = SolveOptions(np.float64(0.25), np.float32(2.0), np.int64(2), np.int32(7))
    assert json.loads(json.dumps(asdict(options)))["seed"] == 7
    assert [type(value) for value in (options.gap, options.time_limit_s, options.threads)] == [float, float, int]


def test_no_limit_is_written_in_one_way():
    """Law: an infinite limit and none are the same options."""
    assert SolveOptions(time_limit_s=math.inf) == SolveOptions() == SolveOptions(time_limit_s=None)
    assert SolveOptions().seconds == math.inf


def test_time_that_is_left_is_never_refused():
    """Law: a solve whose time is up is an ordinary one that stops at once, not an option that makes no sense."""
    options = SolveOptions(time_limit_s=5.0, seed=3)
    assert 0.0 < options.within(-3.0).seconds < 1e-6
    assert options.within(math.inf).time_limit_s is None
    assert options.within(2.0) == SolveOptions(time_limit_s=2.0, seed=3)


def test_single_keywords_stand_in_the_place_of_those_of_a_record():
    """Law: a call takes a record, single options or both, and the single ones are nearer to the caller."""
    base = SolveOptions(gap=0.1, threads=2)
    assert chosen_options(None, {}) == SolveOptions(gap=DEFAULT_GAP)
    assert chosen_options(None, {}, SolveOptions(gap=0.0)).gap == 0.0
    assert chosen_options(base, {"gap": 0.2}) == SolveOptions(gap=0.2, threads=2)
    with pytest.raises(TypeError, match="gapp"):
        chosen_options(base, {"gapp": 0.2})
    with pytest.raises(OptionError, match="must be SolveOptions"):
        chosen_options({"gap": 0.2}, {})


def test_the_keywords_are_the_fields_of_the_record():
    """Law: there is one list of options."""
    assert list(SolveKeywords.__annotations__) == [field.name for field in fields(SolveOptions)]
