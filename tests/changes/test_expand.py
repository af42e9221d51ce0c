"""From a what-if file to its what-ifs: inheritance, lists and grids, and refusals that name the line of a change."""

import pytest

from planner.changes import apply
from planner.changes.expand import MOST_WHATIFS, _Expansion, expand
from planner.changes.names import what_ifs
from planner.changes.read import parse_whatifs
from planner.changes.schema import WhatIfFile
from planner.errors import CaseError
from tests.cases import make_case

SCALE = {"op": "scale", "table": "demand", "column": "compute", "factor": 0.5}


def refused(data) -> str:
    """Return the message with which a file is refused, by the reader or the expansion."""
    with pytest.raises(CaseError) as caught:
        expand(parse_whatifs(data))
    return str(caught.value)


def entry(name="half", **more):
    """Return a what-if entry that is right, some of it replaced."""
    return {"name": name, "changes": [SCALE], **more}


def test_cycles_of_base_are_refused():
    """A base that leads back to itself is named with its circle."""
    text = refused({"format": 1, "whatif": [entry("a", base="b"), entry("b", base="c"), entry("c", base="a")]})
    assert "a -> b -> c -> a" in text
    assert "circle" in refused({"format": 1, "whatif": [entry("a", base="a")]})


def test_unknown_and_repeated_names_are_refused():
    """Bases and axes name what is there; names differ by more than upper and lower case; `base` is taken."""
    assert "did you mean 'half'" in refused({"format": 1, "whatif": [entry(), entry("other", base="hal")]})
    assert "did you mean 'half'" in refused(
        {"format": 1, "whatif": [entry()], "grid": [{"name": "g", "axes": [["haf"]]}]}
    )
    assert "stands 2 times" in refused({"format": 1, "whatif": [entry("half"), entry("HALF")]})
    assert "name of the case itself" in refused({"format": 1, "whatif": [entry("base")]})


def test_a_million_combinations_are_refused_before_they_are_made():
    """The limit is told, and nothing is written out first."""
    members = [entry(f"w{number}") for number in range(10)]
    axes = [[member["name"] for member in members]] * 12
    text = refused({"format": 1, "whatif": members, "grid": [{"name": "g", "axes": axes}]})
    assert "1,000,000,000,010" in text
    assert f"{MOST_WHATIFS:,}" in text


def test_inheritance_puts_the_base_first():
    """Changes of the base come before a what-if's own, through any number of steps."""
    file = {
        "format": 1,
        "whatif": [
            entry("third", base="second", changes=[{**SCALE, "factor": 3}]),
            entry("second", base="first", changes=[{**SCALE, "factor": 2}]),
            entry("first", changes=[{**SCALE, "factor": 1}]),
        ],
    }
    third = expand(parse_whatifs(file))[0]
    assert [change.factor for change in third.changes] == [1, 2, 3]  # type: ignore[union-attr]


def test_lists_and_grids_are_written_out():
    """A list gives a what-if per value; a grid one per combination, its changes in the order of the axes."""
    file = {
        "format": 1,
        "whatif": [entry("half")],
        "list": [{"name": "level", "vary": "value", "values": [1, 2.5], "changes": [{"op": "set", "model": "a.b"}]}],
        "grid": [{"name": "g", "axes": [["half", "base"], ["level", {"name": "inline", "changes": [SCALE]}]]}],
    }
    found = expand(parse_whatifs(file))
    assert [whatif.name for whatif in found] == [
        "half", "level.1", "level.2.5",
        "g.half+level.1", "g.half+level.2.5", "g.half+inline",
        "g.base+level.1", "g.base+level.2.5", "g.base+inline",
    ]  # fmt: skip
    by_name = {whatif.name: whatif for whatif in found}
    assert by_name["g.half+level.2.5"].changes == (*by_name["half"].changes, *by_name["level.2.5"].changes)
    assert by_name["g.base+level.1"].changes == by_name["level.1"].changes


WRONG = """format = 1

[[whatif]]
name = "first"
changes = [
  "sites[north].max_it_mw=30",
  "sites[nort].max_it_mw=30",   # ] here it is
  { op = "scale", place = "offers[provider=cloudy].max_blocks", factor = 0.5 },
]

[[whatif]]
name = "second"
base = "first"
changes = ["sites[south].max_it_mw=x", "model.horizon.periods=0"]

[[list]]
name = "third"
base = "second"
vary = "value"
values = [1, 2]
changes = [
  { op = "set", place = "sites[eest].max_it_mw" },
]
"""


def faults_of(folder, text):
    """Return the problems of a what-if file on the small case."""
    path = folder / "w.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CaseError) as caught:
        what_ifs(path, make_case(full=True))
    return caught.value.problems


def test_every_change_that_cannot_be_made_is_told_once_with_its_line(tmp_path):
    """Law: a fault is told at the line of its change, once, however many what-ifs inherit the change."""
    found = faults_of(tmp_path, WRONG)
    lines = WRONG.splitlines()
    assert [(fault.row, lines[fault.row - 1].strip()[:16]) for fault in found] == [
        (7, '"sites[nort].max'), (8, '{ op = "scale", '), (14, 'changes = ["site'), (14, 'changes = ["site'),
        (22, '{ op = "set", pl'),
    ]  # fmt: skip
    assert {fault.file for fault in found} == {str(tmp_path / "w.toml")}
    assert "did you mean 'north'" in found[0].message
    assert found[0].column == "first: changes[1] (set sites[nort].max_it_mw)"


def test_a_case_that_is_wrong_after_the_changes_names_its_own_file(tmp_path):
    """Law: what the check of the changed case finds stands in the case's file, with the name of the what-if."""
    text = 'format = 1\n[[whatif]]\nname = "low"\nchanges = ["energisation[north,2027-07-01].facility_mw=1"]\n'
    (fault,) = faults_of(tmp_path, text)
    assert "energisation" in fault.file
    assert fault.message.endswith("(with the what-if low)")


def test_a_list_varies_a_place():
    """Law: `place` and the fields that it stands for take the values of a list alike."""
    places = ({"place": "sites[north].max_it_mw"}, {"table": "sites", "key": "north", "column": "max_it_mw"})
    found = [
        expand(
            parse_whatifs(
                {
                    "format": 1,
                    "list": [{"name": "n", "vary": "value", "values": [1, 2.5], "changes": [{"op": "set", **place}]}],
                }
            ),
            make_case(full=True),
        )
        for place in places
    ]
    assert [(whatif.name, whatif.changes) for whatif in found[0]] == [
        (whatif.name, whatif.changes) for whatif in found[1]
    ]
    assert [whatif.changes[0].value for whatif in found[0]] == [1, 2.5]


def test_a_text_has_its_value_already():
    """Law: a list whose only change is a text has no change that takes its values."""
    data = {
        "format": 1,
        "list": [{"name": "n", "vary": "value", "values": [1], "changes": ["sites[north].max_it_mw=2"]}],
    }
    assert "no change takes the values" in refused(data)


def test_each_base_is_followed_once(monkeypatch):
    """Law: a long chain of bases takes steps in proportion to its length, not to its square."""
    steps = []
    real = _Expansion._base_of
    monkeypatch.setattr(_Expansion, "_base_of", lambda self, name: steps.append(name) or real(self, name))
    entries = [{"name": f"s{i}"} | ({"base": f"s{i - 1}"} if i else {}) for i in range(300)]
    found = expand(WhatIfFile.model_validate({"format": 1, "whatif": entries}))
    assert len(found) == 300
    assert len(steps) <= 4 * 300


@pytest.mark.parametrize("order", [1, -1], ids=["base first", "base last"])
def test_each_change_of_a_chain_is_tried_once(monkeypatch, order):
    """Law: what-ifs are tried on what their base makes of the case, wherever it stands: a chain takes as many steps."""
    tried = []
    real = apply.make_change
    monkeypatch.setattr(apply, "make_change", lambda draft, change: tried.append(change) or real(draft, change))
    more = [{"op": "scale", "table": "demand", "column": "compute", "factor": 1.001}]
    entries = [{"name": f"s{i}", "changes": more} | ({"base": f"s{i - 1}"} if i else {}) for i in range(50)]
    found = expand(WhatIfFile.model_validate({"format": 1, "whatif": entries[::order]}), make_case(full=True))
    assert [whatif.name for whatif in found] == [entry["name"] for entry in entries[::order]]
    assert sum(len(whatif.changes) for whatif in found) == 50 * 51 / 2
    assert len(tried) == 50


def test_faults_of_a_chain_are_those_of_each_what_if_alone():
    """Law: what its base makes of the case hides no fault of a what-if, and adds none."""
    wide = ["demand[america,inference,2026].compute=1000"]
    back = ["demand[america,inference,2026].compute=1", "demand[users,inference,2026].compute_low=0.5"]
    data = {
        "format": 1,
        "whatif": [
            {"name": "last", "base": "gone", "changes": ["sites[nowhere].max_it_mw=1"]},
            {"name": "wide", "changes": wide},
            {"name": "back", "base": "wide", "changes": back},
            {"name": "gone", "base": "back", "changes": ["offers[nothing].max_blocks=1"]},
        ],
    }
    case = make_case(full=True)
    file = WhatIfFile.model_validate(data)
    said = []
    for whatif in expand(file):
        said += [problem.message for problem in apply.problems_of(case, whatif, "what-ifs", lambda _: None)]
    with pytest.raises(CaseError) as error:
        expand(file, case)
    assert {problem.message for problem in error.value.problems} == set(said)
