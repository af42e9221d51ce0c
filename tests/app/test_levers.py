"""Levers: each makes changes that the case takes, none makes any where it stands as the case has it."""

import pytest

from planner.app.lever_groups import groups_of
from planner.app.levers import CHECK, CHOICE, NUMBER, changes_of, moved_form
from planner.app.prepare import prepare, typed_changes
from planner.case.read import read_case
from planner.changes.apply import apply_changes
from planner.changes.describe import edits
from planner.options import SolveOptions

CASES = ("three_sites", "four_campuses", pytest.param("stargate", marks=pytest.mark.slow))


def other_values(lever):
    """Values of a lever that differ from that of the case."""
    if lever.kind == CHECK:
        return ["off" if lever.value == "on" else "on"]
    if lever.kind == CHOICE:
        return [value for value, _ in lever.choices if value != lever.value]
    return ["90" if lever.unit == "%" and lever.value != "90" else "7"]


@pytest.mark.parametrize("name", CASES)
def test_a_lever_that_is_left_alone_changes_nothing(name):
    """Law: the form of the case makes no changes, sent empty or with every value as it stands."""
    case = read_case(name)
    groups = groups_of(case)
    shown = {lever.id: lever.value for group in groups for lever in group.levers}
    for form in ({}, shown):
        assert changes_of(groups, form) == ([], [])
        assert moved_form(groups, form) == {}


@pytest.mark.parametrize("name", CASES)
def test_every_lever_changes_the_case(name):
    """Law: each lever by itself makes changes that change figures of the case."""
    case = read_case(name)
    groups = groups_of(case)
    for group in groups:
        for lever in group.levers:
            if group.id == "dates" or lever.id.endswith((".kind", "missing_it_mw_year", "missing_facility_mw_year")):
                continue  # two fields together, below
            value = other_values(lever)[0]
            changes, faults = changes_of(groups, {lever.id: value})
            assert faults == []
            assert edits(case, apply_changes(case, changes)), lever


@pytest.mark.slow
def test_delays_move_dates():
    """Law: a delay of a site, a region or a provider moves dates of just those sites; half a delay is a fault."""
    case = read_case("stargate")
    groups = groups_of(case)
    (dates,) = [group for group in groups if group.id == "dates"]
    what = dates.levers[0]
    for value, words in what.choices[1:]:
        found, faults = changes_of(groups, {"dates.1.what": value, "dates.1.months": "6"})
        assert faults == [], words
        assert edits(case, apply_changes(case, found)), words
    assert changes_of(groups, {"dates.1.what": "all"})[1]
    assert changes_of(groups, {"dates.1.months": "6"})[1]
    assert changes_of(groups, {"dates.1.what": "all", "dates.1.months": "1.5"})[1]


def test_a_programme_that_is_priced_needs_a_price():
    """Law: kind and price together make a case; without the price the planner says what is missing."""
    case = read_case("four_campuses")
    groups = groups_of(case)
    price = "price_musd_per_missing_facility_mw_year"
    form = {"programme.0.kind": "priced", f"programme.0.{price}": "3"}
    assert prepare(case, groups, form, SolveOptions()).faults == []
    (fault,) = prepare(case, groups, {"programme.0.kind": "priced"}, SolveOptions()).faults
    assert price in fault


def test_rules_are_taken_out_by_number_from_the_last():
    """Law: two rules that go leave those that stay, with the shares that were moved."""
    case = read_case("stargate")
    form = {
        "rule.redundancy.0": "off",
        "rule.redundancy.2": "off",
        "rule.redundancy.3.share.inference": "70",
    }
    changes, faults = changes_of(groups_of(case), form)
    assert faults == []
    left = apply_changes(case, changes).model.families.redundancy.rules
    before = case.model.families.redundancy.rules
    assert [rule.name for rule in left] == [before[1].name, before[3].name, *(r.name for r in before[4:])]
    assert left[1].critical_share["inference"] == 0.7


@pytest.mark.parametrize("value", ["", "many", "-1", "nan", "1e99", "9" * 500])
def test_a_number_that_is_none_is_a_fault(value):
    """Law: whatever stands in a field of numbers is a number within its limits, or a fault that names it."""
    groups = groups_of(read_case("three_sites"))
    changes, faults = changes_of(groups, {"demand.all": value})
    assert changes == []
    assert len(faults) == 1
    assert "All demand" in faults[0]


@pytest.mark.parametrize("kind", [NUMBER, CHECK, CHOICE])
def test_hostile_values_change_nothing(kind):
    """Law: no value of a field is a change by itself."""
    groups = groups_of(read_case("four_campuses"))
    for group in groups:
        for lever in group.levers:
            if lever.kind == kind:
                changes, _ = changes_of(groups, {lever.id: '\'] = 1; op = "drop"'})
                assert all("drop" not in str(change) or lever.kind == CHECK for change in changes)


def test_the_text_box_takes_both_forms_and_tells_its_faults():
    """Law: a line is a change as after --set or a table of a what-if file; faults are the planner's."""
    case = read_case("three_sites")
    text = '# a remark\n\nsites[north].max_it_mw=20\n{ op = "scale", place = "demand.compute", factor = 1.1 },\n'
    found = prepare(case, (), {"text": text}, SolveOptions())
    assert found.faults == []
    assert found.lines == ["sites[north].max_it_mw=20", '{ op = "scale", place = "demand.compute", factor = 1.1 }']
    assert "sites[north].max_it_mw" in [edit.place for edit in found.edits]
    torn, misspelt = prepare(case, (), {"text": "sites[nrth].max_it_mw=20\n{ op = "}, SolveOptions()).faults
    assert torn in typed_changes("\n{ op = ")[1]
    assert "did you mean 'north'" in misspelt


def test_options_of_the_form():
    """Law: gap in per cent, seconds; empty time is no limit; what makes no sense is a fault."""
    case = read_case("three_sites")
    base = SolveOptions(gap=0.01, time_limit_s=60.0)
    assert prepare(case, (), {}, base).options == base
    found = prepare(case, (), {"gap": "0.5", "time_limit": ""}, base).options
    assert (found.gap, found.time_limit_s) == (0.005, None)
    for form in ({"gap": "x"}, {"gap": "200"}, {"time_limit": "-1"}, {"gap": "nan"}):
        assert len(prepare(case, (), form, base).faults) == 1


def test_a_switch_is_on_or_off():
    """Law: what is sent of a switch and is neither is a fault that names it, not taken for off."""
    groups = groups_of(read_case("three_sites"))
    switch = next(lever for group in groups for lever in group.levers if lever.kind == CHECK)
    assert "is neither on nor off" in changes_of(groups, {switch.id: "maybe"})[1][0]
    assert changes_of(groups, {switch.id: switch.value}) == ([], [])
