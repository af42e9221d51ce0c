"""What a what-if comes to: every figure that differs, with a place that can be read back."""

import pytest

from planner.case.read import read_case
from planner.changes.apply import apply_changes, apply_whatif, make_whatif
from planner.changes.describe import Edit, edits
from planner.changes.draft import Draft
from planner.changes.figures import figures
from planner.changes.grammar import parse_place
from planner.changes.names import what_ifs
from planner.changes.select import select
from tests.case.helpers import CASE

CHANGES = {
    "cells": ["sites[north].max_it_mw=99", "offers.max_blocks=3", "markets[europe].residency="],
    "model": ["model.horizon.periods=3", "model.families.redundancy.rules[any one site].k=2"],
    "rule by domain": ["model.families.diversity.rules[0].largest_share=0.5"],
    "sections": ["model.families.carbon=", "model.families.site_opening.open_at_most="],
    "rows": [{"op": "drop", "place": "providers[clouds]"}],
    "moved rows": [{"op": "shift", "place": "sites[north]", "months": 12}],
    "forced": [{"op": "force", "site": "north", "by": 2027}],
}


def stands(case, edit: Edit) -> bool:
    """Whether the place of an edit means something in a case."""
    place, draft = parse_place(edit.place), Draft(case)
    try:
        return bool(figures(draft, place) if place.path or place.columns else select(draft, place))
    except ValueError:
        return False


@pytest.mark.parametrize("name", CHANGES)
def test_every_place_that_is_told_can_be_read(name):
    """Law: the place of every edit means something before the change or after it, and is written in its one form."""
    changed = apply_whatif(CASE, make_whatif(CHANGES[name]))
    found = edits(CASE, changed.data)
    assert found
    for edit in found:
        assert str(parse_place(edit.place)) == edit.place
        assert stands(CASE, edit) or stands(changed.data, edit)


@pytest.mark.parametrize("name", ["cells", "model", "rule by domain"])
def test_the_edits_made_one_by_one_are_the_change(name):
    """Law: edits of single figures, written as changes, make the same case, and written backwards the old one."""
    changed = apply_whatif(CASE, make_whatif(CHANGES[name])).data
    found = edits(CASE, changed)
    assert apply_changes(CASE, [f"{edit.place}={edit.new}" for edit in found]) == changed
    assert apply_changes(changed, [f"{edit.place}={edit.old}" for edit in found]) == CASE


def test_a_forced_decision_that_changes_is_told_by_its_figures():
    """Law: where as many decisions are forced as before, each figure that differs has a place that can be set."""
    case = apply_changes(CASE, CHANGES["forced"])
    changed = apply_changes(case, ["model.forced[0].by=2028"])
    assert [str(edit) for edit in edits(case, changed)] == ["model.forced[0].by: 2027 -> 2028"]
    assert apply_changes(changed, ["model.forced[0].by=2027"]) == case


@pytest.mark.slow
def test_the_edits_of_the_shipped_what_ifs_can_be_read():
    """Law: the same for every what-if of the shipped file: each place can be read, and means something."""
    case = read_case("stargate")
    told = 0
    for whatif in what_ifs("stargate", case):
        changed = apply_whatif(case, whatif)
        found = edits(case, changed.data)
        told += bool(found)
        for edit in found:
            assert str(parse_place(edit.place)) == edit.place
            assert stands(case, edit) or stands(changed.data, edit)
    assert told > 20


def test_no_change_has_no_edits():
    """Law: what is the same is not told."""
    assert edits(CASE, apply_whatif(CASE, make_whatif([])).data) == []
    assert str(Edit("sites[a].x", "1", "")) == "sites[a].x: 1 -> nothing"
