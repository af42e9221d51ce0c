"""Keys of the model by path: every one can be named, read, written and taken out."""

import pytest

from planner.case.modelfile import known_keys
from planner.case.read import read_case
from planner.changes.grammar import parse_place
from planner.changes.modelpath import (
    find_path,
    may_be_empty,
    member_path,
    member_text,
    named_leaves,
    read_path,
    write_path,
)
from planner.changes.refusals import ChangeError
from planner.system.resources import shipped_models
from tests.case.helpers import CASE
from tests.length import thinned


def data_of(case):
    """Return the model of a case as a draft has it."""
    return case.model.model_dump(mode="json", exclude_none=True)


@pytest.mark.parametrize("name", thinned([None, *shipped_models()], 3))
def test_every_value_of_a_model_has_a_place_of_its_own(name):
    """Law: the places of a model's values are all different, and each is read back as the value that stands there."""
    model = data_of(CASE if name is None else read_case(name))
    del model["tables"]
    leaves = list(named_leaves(model))
    assert len({place for place, _ in leaves}) == len(leaves) > 10
    for place, value in leaves:
        assert read_path(model, find_path(model, parse_place(place).path)) == value


@pytest.mark.parametrize("place", [place for place, _ in named_leaves(data_of(CASE)) if "model.tables" not in place])
def test_a_value_is_written_and_taken_out_where_it_stands(place):
    """Law: a value written is read again; taken out, nothing stands there; put back, all is as before."""
    before, model = data_of(CASE), data_of(CASE)
    path = find_path(model, parse_place(place).path)
    old = read_path(model, path)
    write_path(model, path, "other")
    assert read_path(model, path) == "other"
    write_path(model, path, None)
    assert isinstance(path[-1], int) or read_path(model, path) is None
    if isinstance(path[-1], str):
        write_path(model, path, old)
        assert model == before


def test_sections_come_and_go_with_their_keys():
    """Law: a key of an absent section adds the section; a key taken out of an absent section adds nothing."""
    model = data_of(CASE)
    del model["families"]["carbon"]
    path = find_path(model, parse_place("model.families.carbon.cap_mt_per_year").path)
    write_path(model, path, None)
    assert "carbon" not in model["families"]
    write_path(model, path, 3)
    assert model["families"]["carbon"] == {"cap_mt_per_year": 3}


def test_the_last_member_takes_its_list_along():
    """Law: a list of rules that becomes empty goes, with its section where nothing else stands in it."""
    model = data_of(CASE)
    rules = parse_place("model.families.redundancy.rules[0]").path
    for left in range(len(model["families"]["redundancy"]["rules"]), 0, -1):
        assert len(model["families"]["redundancy"]["rules"]) == left
        write_path(model, find_path(model, rules), None)
    assert "redundancy" not in model["families"]


@pytest.mark.parametrize(
    ("members", "texts"),
    [
        ([{"name": "any one site"}, {"name": "two"}], ["any one site", "two"]),
        ([{"name": "same"}, {"name": "same"}], ["0", "1"]),
        ([{"name": "7"}, {"name": " padded "}, {"name": "with ]"}, {"name": "with ["}], ["0", "1", "2", "3"]),
        ([{"domain": "site"}, {"domain": "provider"}, {"domain": "provider"}], ["site", "1", "2"]),
        ([{"site": "north", "by": 2027}, {"offer": "a", "by": 2027}], ["0", "1"]),
    ],
)
def test_members_are_named_where_the_name_can_be_read_back(members, texts):
    """Law: a member is written by its name where the name means it and no other, else by its index."""
    assert [member_text(members, index) for index in range(len(members))] == texts


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("model.familes", "did you mean 'families'"),
        ("model.families.power.utilisation.x", "a value, not a section"),
        ("model.families.redundancy.rules.k", "a list: take a member as"),
        ("model.families.redundancy.rules[9]", r"no member \[9\]"),
        ("model.families.diversity.rules[provder].largest_share", "did you mean 'provider'"),
        ("model.families.redundancy.rules[1].overrides[x]", r"it has 1: \[0\]"),
        ("model.title[0]", "model.title is not a list"),
        ("model.tables.sites", "already read"),
    ],
)
def test_keys_that_are_not_there(place, words):
    """Law: a key that the model cannot have is refused with the nearest one, or with what stands there."""
    with pytest.raises(ChangeError, match=words):
        find_path(data_of(CASE), parse_place(place).path)


def test_texts_that_must_be_given_may_be_empty():
    """Law: an empty text is a value only for a text for people that must be given; keys and choices are never empty."""
    empty = [key for key in known_keys(()) if may_be_empty((key,))]
    assert empty == ["title", "description", "compute_unit"]
    assert may_be_empty(("families", "redundancy", "rules", 0, "name"))
    assert not may_be_empty(("families", "redundancy", "rules", 0))
    assert not may_be_empty(("objective", "unserved"))
    assert not may_be_empty(("no", "such", "key"))


@pytest.mark.parametrize("name", ["plain", "a [80 %]", "[k=1]", "x]", " outer ", "0", "a.b", "a=b; c, d"])
def test_a_member_is_found_by_the_place_that_its_name_makes(name):
    """Law: whatever a rule is called, the place that is written for it is that of this rule, in either family."""
    rules = read_case("three_sites").model.families.redundancy.rules
    named = [rules[0].model_copy(update={"name": one}) for one in ("first", name, "last")]
    model = {"families": {"redundancy": {"rules": [one.model_dump(mode="json") for one in named]}}}
    place = parse_place(f"model.{member_path('families.redundancy.rules', named, 1)}.k")
    assert find_path(model, place.path) == ("families", "redundancy", "rules", 1, "k")


@pytest.mark.parametrize("name", ["plain", "a.b", "a.b.c"])
def test_a_key_with_dots_is_one_key(name):
    """Law: the name of a condition, or of a family of one's own, is found by its place where it has dots in it."""
    model = {"families": {"financing": {"conditions": {"a": True, name: False}}, "own": {name: {"cap.all": 1}}}}
    for below in (f"financing.conditions.{name}", f"own.{name}.cap.all"):
        path = find_path(model, parse_place(f"model.families.{below}").path)
        assert name in path
        assert read_path(model, path) in (False, 1)
