"""A case while it is changed: the range beside a figure, rows under new keys, and the case itself left alone."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.changes.apply import apply_changes
from planner.changes.draft import Draft, Ends
from planner.changes.refusals import ChangeError
from planner.errors import CaseError
from tests.case.helpers import CASE

KEY = ("europe", "inference", 2028)
CELL = "demand[europe,inference,2028].compute"
RANGED = CASE.replace(ranges={"demand": {KEY: {"compute": (40.0, 90.0)}}})
FIGURES = st.none() | st.integers(0, 100).map(float)


@given(st.tuples(FIGURES, FIGURES).filter(lambda pair: None not in pair and pair[0] <= pair[1]), FIGURES)
def test_a_stated_range_holds_while_it_holds_its_figure(pair, figure):
    """Law: what the case states stays exactly while the figure lies in it."""
    inside = figure is not None and pair[0] <= figure <= pair[1]
    assert Ends(pair).of(figure) == (pair if inside else (None, None))


@given(st.tuples(st.floats(0, 50), st.floats(50, 100)), FIGURES, FIGURES, FIGURES)
def test_ends_changed_by_name_hold_in_any_case(pair, figure, low, high):
    """Law: an end that was changed by name is what was said, wherever the figure lies."""
    assert Ends(pair, {"low": low, "high": high}).of(figure) == (low, high)
    assert Ends(pair, {"low": low}).of(figure)[0] == low
    assert Ends(pair, {"low": low}).of(figure)[1] in (pair[1], None)


def result(changes):
    """Return the hash of the changed case, or the sentences with which it is refused."""
    try:
        return apply_changes(RANGED, changes).hash
    except CaseError as error:
        return sorted(problem.message for problem in error.problems)


@pytest.mark.parametrize(
    "endings",
    [
        ("=95", "_low=90", "_high=100"),
        ("=50", "_low=45", "_high=60"),
        ("=35", "_low=30"),
        ("=95", "_low=", "_high="),
        ("=95", "_high="),
        ("_low=80", "_high=100"),
        ("_low=10", "_high="),
        ("=95", "_low=10"),
    ],
)
def test_the_order_of_a_figure_and_its_ends_does_not_matter(endings):
    """Law: a figure and the ends of its range, each changed once, come to the same in every order."""
    found = [result([f"{CELL}{ending}" for ending in order]) for order in permutations(endings)]
    assert all(one == found[0] for one in found)
    assert found[0] != RANGED.hash


@pytest.mark.parametrize(
    ("changes", "pair"),
    [
        (["=50"], (40.0, 90.0)),
        (["=95"], None),
        (["_low=30"], (30.0, 90.0)),
        (["=35", "_low=30"], (30.0, 90.0)),
        (["=95", "_low=90", "_high=100"], (90.0, 100.0)),
        (["_low=", "_high="], None),
    ],
)
def test_what_becomes_of_a_range(changes, pair):
    """Law: the range of the changed case is the stated one, the one said by name, or none."""
    found = apply_changes(RANGED, [f"{CELL}{ending}" for ending in changes]).ranges
    assert found == ({} if pair is None else {"demand": {KEY: {"compute": pair}}})


def test_a_draft_leaves_the_case_alone():
    """Law: whatever is done to a draft, the case keeps its rows, ranges, model and hash."""
    before = RANGED.hash
    draft = Draft(RANGED)
    draft.change("demand", KEY, {"compute": 1.0})
    draft.change_end("demand", KEY, "compute", "low", 0.0)
    draft.remove("demand", [KEY])
    draft.model["horizon"]["periods"] = 1
    assert RANGED.hash == before
    assert RANGED.index("demand")[KEY].compute != 1.0


def test_two_rows_cannot_take_one_key():
    """Law: a row moved onto the key of another is refused with the key; else it takes its range along."""
    draft = Draft(RANGED)
    row = draft.rows("demand")[KEY]
    with pytest.raises(ChangeError, match="two rows of demand would have the key europe,inference,2027"):
        draft.replace_key("demand", {KEY: row.model_copy(update={"year": 2027})})
    draft.replace_key("demand", {KEY: row.model_copy(update={"year": 2035})})
    assert draft.ends("demand", ("europe", "inference", 2035), "compute") == (40.0, 90.0)


def test_tables_that_are_not_there():
    """Law: a table that does not exist, and one that the case lacks, are told apart; a new one may be started."""
    draft = Draft(CASE.replace(tables={"latency": None}))
    with pytest.raises(ChangeError, match="no table is called 'latencies'; did you mean 'latency'"):
        draft.rows("latencies")
    with pytest.raises(ChangeError, match="the case has no table latency"):
        draft.rows("latency")
    assert not draft.has("latency")
    assert draft.start_table("latency") == {}
    assert draft.has("latency")
