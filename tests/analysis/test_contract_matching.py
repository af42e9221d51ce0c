"""Contracts of two plans, matched: the most similar first, every IT MW of either plan in exactly one row."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.analysis.contract_matching import CHANGES, match_contracts
from tests.analysis.by_hand import Row, decided, plan_of

NORTH = {"offer": "north", "site": "north"}


def matched(before: list[Row], after: list[Row]) -> list[tuple[str, float, float]]:
    """Return kind, IT MW before and IT MW after of every row."""
    rows = match_contracts("plan", plan_of(contracts=before), plan_of(contracts=after))
    return [(row["change"], row["reference_it_mw"], row["plan_it_mw"]) for row in rows]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({}, "kept"),
        ({"end": 2029}, "extended"),
        ({"end": 2027}, "shortened"),
        ({"role": "backup"}, "changed role"),
        ({"start": 2027}, "delayed"),
        ({"start": 2025}, "advanced"),
        ({"offer": "other"}, "changed offer"),
        (NORTH, "moved site"),
        ({"role": "backup", "end": 2029}, "changed role"),
        ({"start": 2027, "end": 2030}, "delayed"),
        ({**NORTH, "start": 2028, "end": 2030}, "moved site"),
    ],
)
def test_one_contract_that_changes_has_one_row(change: dict[str, Any], kind: str) -> None:
    """The widest difference names the kind; both sides stand in the row, and turned round it is the opposite."""
    assert matched([decided()], [decided(**change)]) == [(kind, 100.0, 100.0)]
    opposite = {"extended": "shortened", "shortened": "extended", "delayed": "advanced", "advanced": "delayed"}
    assert matched([decided(**change)], [decided()]) == [(opposite.get(kind, kind), 100.0, 100.0)]


@pytest.mark.parametrize(
    ("before", "after", "rows"),
    [
        ([decided()], [], [("dropped", 100.0, 0.0)]),
        ([], [decided()], [("added", 0.0, 100.0)]),
        ([decided()], [decided(it_mw=150.0)], [("kept", 100.0, 100.0), ("resized", 0.0, 50.0)]),
        ([decided()], [decided(it_mw=40.0)], [("kept", 40.0, 40.0), ("resized", 60.0, 0.0)]),
        ([decided()], [decided(provider="other", offer="o")], [("added", 0.0, 100.0), ("dropped", 100.0, 0.0)]),
        ([decided(offer="a", provider="p")], [decided(offer="b", provider="p", role="backup")],
         [("added", 0.0, 100.0), ("dropped", 100.0, 0.0)]),
        ([decided(), decided()], [decided(it_mw=200.0)], [("kept", 200.0, 200.0)]),
        ([decided()], [decided(it_mw=60.0), decided(it_mw=40.0, end=2030)],
         [("kept", 60.0, 60.0), ("extended", 40.0, 40.0)]),
        ([decided(start=2027, end=2030)], [decided(start=2026, end=2030), decided(start=2030, end=2033)],
         [("advanced", 100.0, 100.0), ("added", 0.0, 100.0)]),
    ],
)  # fmt: skip
def test_parts_of_contracts_are_matched_and_the_rest_named(
    before: list[Row], after: list[Row], rows: list[tuple[str, float, float]]
) -> None:
    """What finds a match is matched once; the rest is resized, added or dropped; near dates come before far ones."""
    assert matched(before, after) == rows


CONTRACTS = st.lists(
    st.builds(
        lambda offer, role, start, years, mw: decided(
            offer=offer, role=role, start=start, end=start + years, it_mw=mw, site=offer[0], provider=f"p{offer[1]}"
        ),
        st.sampled_from(("a1", "a2", "b1", "b2")),
        st.sampled_from(("primary", "backup")),
        st.integers(2026, 2029),
        st.integers(1, 3),
        st.integers(1, 9).map(lambda blocks: 25.0 * blocks),
    ),
    max_size=6,
)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(CONTRACTS, CONTRACTS)
def test_every_mw_is_in_exactly_one_row(before: list[Row], after: list[Row]) -> None:
    """Law: both columns add up to their plans by offer; kinds come in their order; matched sides are equal."""
    rows = match_contracts("plan", plan_of(contracts=before), plan_of(contracts=after))
    for table, offer, figure in ((before, "reference_offer", "reference_it_mw"), (after, "offer", "plan_it_mw")):
        stated: Counter[str] = Counter()
        for row in rows:
            stated[row[offer]] += row[figure]
        held: Counter[str] = Counter()
        for row in table:
            held[row["offer"]] += row["it_mw"]
        assert {key: mw for key, mw in stated.items() if mw} == dict(held)
    order = [CHANGES.index(row["change"]) for row in rows]
    assert order == sorted(order)
    for row in rows:
        assert row["difference_it_mw"] == row["plan_it_mw"] - row["reference_it_mw"]
        alone = row["change"] in ("resized", "added", "dropped")
        assert alone or row["reference_it_mw"] == row["plan_it_mw"] > 0.0
        assert ((row["offer"] == "") or (row["reference_offer"] == "")) is alone


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(CONTRACTS)
def test_a_plan_against_itself_is_kept(contracts: list[Row]) -> None:
    """Law: whatever the contracts, nothing of a plan differs from it, in any order of its rows."""
    assert {kind for kind, _, _ in matched(contracts, contracts[::-1])} <= {"kept"}
