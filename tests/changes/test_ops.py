"""Operations: `place` says what its fields say, ends of ranges are figures, and what is missing is asked for."""

import pytest

from planner.changes.apply import apply_changes, apply_whatif, make_whatif
from planner.changes.schema import OPS, Scale, words_of
from planner.errors import CaseError
from tests.case.helpers import CASE

KEY = ("europe", "inference", 2028)
CELL = "demand[europe,inference,2028].compute"
RANGED = CASE.replace(ranges={"demand": {KEY: {"compute": (40.0, 90.0)}}})

SAME = [
    (
        {"op": "set", "place": "sites[north;south].max_it_mw", "value": 300},
        {"op": "set", "table": "sites", "key": ["north", "south"], "column": "max_it_mw", "value": 300},
    ),
    (
        {"op": "set", "place": "demand.compute", "to": "low"},
        {"op": "set", "table": "demand", "column": "compute", "to": "low"},
    ),
    (
        {"op": "scale", "place": "demand[year=2028..].compute", "factor": 0.5},
        {"op": "scale", "table": "demand", "where": {"year": {"from": 2028}}, "column": "compute", "factor": 0.5},
    ),
    (
        {"op": "scale", "place": "model.families.budget.backup_envelope_busd", "factor": 0.5},
        {"op": "scale", "model": "families.budget.backup_envelope_busd", "factor": 0.5},
    ),
    (
        {"op": "cap", "place": "providers[*].first_year_it_mw", "value": 100},
        {"op": "cap", "table": "providers", "column": "first_year_it_mw", "value": 100},
    ),
    (
        {"op": "floor", "place": "offers[site.power_region=west].max_blocks", "value": 9},
        {"op": "floor", "table": "offers", "where": {"site.power_region": "west"}, "column": "max_blocks", "value": 9},
    ),
    (
        {"op": "relax", "place": "model.families.redundancy.rules[any one site]"},
        {"op": "relax", "model": "families.redundancy.rules[0]"},
    ),
    (
        {"op": "shift", "place": "chips[custom]", "months": 12},
        {"op": "shift", "table": "chips", "key": "custom", "months": 12},
    ),
    (
        {"op": "shift", "place": "chips[custom].first_date", "months": 12},
        {"op": "shift", "table": "chips", "key": "custom", "column": "first_date", "months": 12},
    ),
    (
        {"op": "drop", "place": "demand[*,*,2029]"},
        {"op": "drop", "table": "demand", "where": {"year": "2029"}},
    ),
]  # fmt: skip


def outcome(change):
    """Return the changed case, or the sentences with which the change is refused."""
    try:
        return apply_whatif(RANGED, make_whatif([change])).data
    except CaseError as error:
        return [problem.message for problem in error.problems]


@pytest.mark.parametrize(("short", "long"), SAME, ids=lambda change: words_of(make_whatif([change]).changes[0]))
def test_a_place_says_what_its_fields_say(short, long):
    """Law: every operation means the same rows and figures by `place` as by table, key, where, column and model."""
    found = outcome(short)
    assert found == outcome(long)
    assert found != RANGED


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"op": "set", "place": "sites[north].pue_peak", "table": "sites", "value": 2}, "give either place, or table"),
        ({"op": "set", "place": 3, "value": 2}, "place must be a text"),
        ({"op": "set", "place": "sites", "value": 2}, "must be written"),
        ({"op": "set", "value": 2}, "give either table"),
        ({"op": "set", "table": "sites", "value": 2}, "give the column of table sites"),
        ({"op": "set", "table": "sites", "column": [], "value": 2}, "column is an empty list"),
        ({"op": "set", "model": "horizon.periods", "column": "x", "value": 2}, "go with table, not with model"),
        ({"op": "set", "place": "sites[north].pue_peak"}, "give value"),
        ({"op": "set", "place": "sites[north].pue_peak", "value": 2, "to": "low"}, "give either value, or to"),
        ({"op": "set", "place": "model.horizon.periods", "to": "low"}, "to needs a table"),
        ({"op": "scale", "place": "sites[north].pue_peak"}, "give factor"),
        ({"op": "scale", "place": "sites[north].name", "factor": 2}, "holds text, not a number"),
        ({"op": "scale", "place": "model.title", "factor": 2}, "model.title is not a number"),
        ({"op": "scale", "place": "model.families.site_opening.open_exactly", "factor": 2}, "cannot be scaled"),
        ({"op": "cap", "place": "sites[north].pue_peak"}, "give value"),
        ({"op": "floor", "place": "sites[north].pue_peak"}, "give value"),
        ({"op": "drop", "place": "sites[north].pue_peak"}, "whole rows, not a column: write place as table"),
        ({"op": "drop", "place": "model.horizon"}, "whole rows, not a model"),
        ({"op": "shift", "place": "sites[north]"}, "give months"),
        ({"op": "shift", "place": "sites[north].pue_peak", "months": 3}, "is no date"),
        ({"op": "relax", "place": "sites[north].pue_peak"}, "cannot be taken away"),
        ({"op": "relax", "place": "sites[north].pue_peak_low"}, "no row meant has a figure in pue_peak_low"),
        ({"op": "add", "table": "energisation", "row": {"site": "south", "dat": "2028-01-01"}}, "did you mean 'date'"),
        ({"op": "add", "table": "energisation", "row": {"facility_mw": "x"}}, "must be a number"),
        ({"op": "add", "table": "energisations", "row": {}}, "did you mean 'energisation'"),
        ({"op": "force", "by": 2027}, "give either site or offer"),
        ({"op": "force", "site": "north", "offer": "build_north", "by": 2027}, "give either site or offer"),
        ({"op": "force", "site": "north"}, "by must be a year of the horizon"),
        ({"op": "force", "site": "north", "by": 2027, "blocks": 2}, "go with offer, not with site"),
        ({"op": "force", "offer": "build_nort", "by": 2027}, "did you mean 'build_north'"),
    ],
)  # fmt: skip
def test_what_an_operation_needs(change, words):
    """Law: a record that says too much, too little, or what is not there is refused with what would be right."""
    assert any(words in sentence for sentence in outcome(change))


def ends(*changes):
    """Return the range beside the cell after changes."""
    changed = apply_whatif(RANGED, make_whatif(list(changes))).data
    return changed.ranges["demand"].get(KEY, {}).get("compute")


def test_operations_reach_the_ends_of_ranges():
    """Law: scale, cap, floor and relax work on an end as on any figure, and leave the other end alone."""
    assert ends({"op": "scale", "place": f"{CELL}_low", "factor": 0.5}) == (20.0, 90.0)
    assert ends({"op": "cap", "place": f"{CELL}_high", "value": 80}) == (40.0, 80.0)
    assert ends({"op": "floor", "place": f"{CELL}_low", "value": 45}) == (45.0, 90.0)
    both = {"op": "relax", "place": f"{CELL}_low;compute_high"}
    assert apply_changes(RANGED, [both]).ranges == {}


def test_a_figure_and_its_range_are_scaled_together():
    """Law: scaling a figure scales the ends beside it, those that were changed by name included."""
    assert ends({"op": "scale", "place": CELL, "factor": 0.5}) == (20.0, 45.0)
    assert ends(f"{CELL}_low=30", {"op": "scale", "place": CELL, "factor": 2.0}) == (60.0, 180.0)
    assert ends({"op": "scale", "place": CELL, "factor": 2.0}, f"{CELL}_low=30") == (30.0, 180.0)


def test_every_operation_says_itself_in_words():
    """Law: the words of a change are its operation and its place, and a place that is none leaves the operation."""
    assert words_of(Scale(op="scale", model="a..b", factor=2.0)) == "scale"
    assert {words_of(make_whatif([short]).changes[0]).split()[0] for short, _ in SAME} == set(OPS) - {"add", "force"}
    assert words_of(make_whatif([{"op": "force", "offer": "a", "by": 2027}]).changes[0]) == "force a"
    assert words_of(make_whatif([{"op": "add", "table": "sites", "row": {}}]).changes[0]) == "add sites"
