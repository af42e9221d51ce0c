"""Scenarios: records, their files, and what is refused."""

import math

import pytest

from planner import Case, CaseError, PlannerError
from planner.changes.read import read_whatifs
from planner.changes.schema import WhatIf
from planner.uncertainty.scenario import Scenario, ScenarioSet, as_scenarios, scenario

CHANGES = [
    "sites[north].max_it_mw=20",
    {"op": "scale", "table": "offers", "where": {"provider": "acme"}, "column": "rent_musd_per_mw_year", "factor": 1.1},
    {"op": "scale", "table": "demand", "where": {"year": {"from": 2027}}, "column": "compute", "factor": 1 / 3},
    {"op": "shift", "table": "sites", "key": ["north", "south"], "months": 6, "if_any": True},
]
FILE = """format = 1
made = "by a committee"
[[whatif]]
name = "late"
probability = 0.25
changes = [{ op = "shift", table = "sites", key = "south", months = 7, if_any = true }]
[[whatif]]
name = "late-and-dear"
base = "late"
probability = 0.75
changes = ["offers[provider=acme].rent_musd_per_mw_year=13"]
"""


def three() -> ScenarioSet:
    """Three scenarios, one of them as planned."""
    return ScenarioSet(
        (Scenario("as_planned", 0.1), scenario("late", 0.2, CHANGES), scenario("dear", 0.7, CHANGES[1])), "by hand", 7
    )


def faults(made) -> str:
    """The message of a refusal."""
    with pytest.raises(CaseError) as caught:
        made()
    return str(caught.value)


def test_a_set_is_written_and_read_exactly(tmp_path):
    """Law: what is written is read to the same set: names, changes, probabilities to the last bit, seed, origin."""
    file = tmp_path / "three.toml"
    three().write(file)
    assert ScenarioSet.read(file) == three()
    assert ScenarioSet.read(file, "three_sites") == three()
    with pytest.raises(PlannerError, match="there is a file of this name"):
        three().write(file)
    thirds = ScenarioSet(tuple(scenario(f"s{number}", 1 / 3) for number in range(3)))
    thirds.write(file, replace=True)
    assert ScenarioSet.read(file) == thirds


def test_a_scenario_file_is_a_what_if_file(tmp_path):
    """Law: sweep and what-if take the scenarios as they are, and `base` of what-if files is followed."""
    file = tmp_path / "own.toml"
    file.write_text(FILE)
    own = ScenarioSet.read(file, "three_sites")
    assert [one.name for one in read_whatifs(file).file.whatif] == ["late", "late-and-dear"]
    assert (own.made, own.seed) == ("by a committee", None)
    assert [change.op for change in own["late-and-dear"].changes] == ["shift", "set"]
    assert own.whatifs[0] == WhatIf(name="late", changes=own[0].changes)
    dear = Case.read("three_sites").what_if(own["late-and-dear"].whatif)
    assert dear.index("offers")["north_cloud"].rent_musd_per_mw_year == 13.0


def test_every_scenario_gives_its_case_or_its_faults():
    """Law: `cases` applies each scenario to the case; one that the case does not admit keeps the others."""
    odd = ScenarioSet((scenario("good", 0.5, CHANGES[0]), scenario("bad", 0.5, "sites[nowhere].max_it_mw=2")))
    (first, good), (second, bad) = odd.cases("three_sites")
    assert (first.name, second.name) == ("good", "bad")
    assert good.index("sites")["north"].max_it_mw == 20.0
    assert isinstance(bad, CaseError)
    assert "nowhere" in str(bad)


def test_a_set_is_a_sequence_with_names():
    """Law: scenarios are found by number and by name."""
    assert [one.name for one in three()] == ["as_planned", "late", "dear"]
    assert three()["dear"] is not None
    assert three()[1:][0].name == "late"
    with pytest.raises(KeyError):
        three()["nobody"]
    assert as_scenarios(three().scenarios).scenarios == three().scenarios


@pytest.mark.parametrize(
    ("scenarios", "message"),
    [
        ((), "there is no scenario"),
        ((Scenario("a", 0.5), Scenario("b", 0.4)), "add up to 0.9; they must add up to 1"),
        ((Scenario("a", 0.5), Scenario("A", 0.5)), "stands twice"),
        ((Scenario("a", 0.0), Scenario("b", 1.0)), "must be above 0 and at most 1"),
        ((Scenario("a", math.nan),), "must be above 0"),
        ((Scenario("a", 1.0 + 1e-8),), "must be above 0"),
        ((Scenario("../a", 1.0),), "must be a key"),
        ((Scenario("base", 1.0),), "is not 'base'"),
    ],
)
def test_wrong_sets_are_refused(scenarios, message):
    """Law: probabilities are above 0 and add up to 1 within 1e-9, names are keys and differ."""
    assert message in faults(lambda: ScenarioSet(scenarios))


@pytest.mark.parametrize(
    ("before", "after", "messages"),
    [
        ("0.25", "0.2", ["row 10", "add up to 0.95"]),
        ("probability = 0.25\n", "", ["row 3", "every scenario needs its probability"]),
        ("0.25", "-1", ["row 5", "must be a number above 0 and at most 1"]),
        ("0.25", '"often"', ["row 5", "must be a number above 0 and at most 1"]),
        ("0.25", "nan", ["row 5", "must be a number above 0 and at most 1"]),
        ("0.25", "inf", ["row 5", "must be a number above 0 and at most 1"]),
        ("late-and-dear", "LATE", ["stands twice"]),
        ('key = "south"', 'key = "nowhere"', ["row 6", "nowhere"]),
        (
            "[[whatif]]",
            '[[list]]\nname = "l"\nvary = "value"\nvalues = [1]\nchanges = ["sites[north].max_it_mw=2"]\n[[whatif]]',
            ["no [[list]]"],
        ),
        ('base = "late"', 'base = "early"', ["early"]),
        ("format = 1", "format = 2", ["format"]),
    ],
)
def test_wrong_files_are_refused(tmp_path, before, after, messages):
    """Law: a faulty file is refused with the file and the row of the fault."""
    file = tmp_path / "own.toml"
    file.write_text(FILE.replace(before, after, 1))
    found = faults(lambda: ScenarioSet.read(file, "three_sites"))
    assert all(message in found for message in ["own.toml", *messages]), found


def test_two_faults_are_both_told(tmp_path):
    """Law: all faults of a file at once."""
    file = tmp_path / "own.toml"
    file.write_text(FILE.replace("probability = 0.25\n", "").replace("probability = 0.75\n", ""))
    assert faults(lambda: ScenarioSet.read(file)).count("every scenario needs its probability") == 2
