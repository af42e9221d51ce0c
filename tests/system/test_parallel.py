"""Calls in parallel: the same answers with one worker and several, and failures that are not lost."""

import threading

import pytest

from planner.system.parallel import in_parallel


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_answers_come_in_the_order_of_the_calls(workers):
    """Law: how many work, and who is first, changes nothing."""
    assert in_parallel([lambda n=n: n * n for n in range(20)], workers) == [n * n for n in range(20)]
    assert in_parallel([], workers) == []


def test_calls_are_made_at_once():
    """Law: with two workers two calls are under way together: each waits here for the other."""
    together = threading.Barrier(2, timeout=60.0)
    assert sorted(in_parallel([together.wait, together.wait], 2)) == [0, 1]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failure_is_raised_and_ends_what_has_not_begun(workers):
    """Law: what a call raises is raised, and calls after it are not begun by a worker that has seen it."""
    made = []

    def fail():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        in_parallel([fail, *(lambda n=n: made.append(n) for n in range(1000))], workers)
    assert workers > 1 or not made
