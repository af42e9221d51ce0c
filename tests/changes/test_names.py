"""Which what-ifs a sweep runs: a file, a mapping or what-ifs; names that are there, and once."""

import pytest

from planner.changes.apply import make_whatif
from planner.changes.names import what_ifs
from planner.changes.schema import WhatIf
from planner.errors import CaseError, OptionError
from tests.case.helpers import CASE

TEXT = """format = 1
[[whatif]]
name = "less"
changes = ["sites[north].max_it_mw=300"]
[[whatif]]
name = "more"
changes = [{ op = "set", place = "sites[north].max_it_mw", value = 500 }]
"""


def test_a_file_a_mapping_and_what_ifs_are_the_same(tmp_path):
    """Law: the same what-ifs come from a file, from names with changes, and from what-ifs, in the order given."""
    path = tmp_path / "w.toml"
    path.write_text(TEXT, encoding="utf-8")
    given = {
        "less": "sites[north].max_it_mw=300",
        "more": [{"op": "set", "place": "sites[north].max_it_mw", "value": 500}],
    }
    in_python = what_ifs(given, CASE)
    assert what_ifs(path, CASE) == what_ifs(str(path), CASE) == in_python == what_ifs(in_python, CASE)
    assert what_ifs(path, CASE, ["more", "base"]) == in_python[1:]


@pytest.mark.parametrize(
    ("names", "only", "words"),
    [
        (["a", "b", "a"], [], "appears more than once"),
        (["base"], [], "that of the case itself"),
        (["Base"], [], "that of the case itself"),
        (["late", "Late"], [], "appears more than once"),
        (["first", "second"], ["secnd"], "did you mean 'second'"),
    ],
)
def test_names_that_cannot_be_run(names, only, words):
    """Law: a name that stands twice, that of the case itself, and one that is not there are refused."""
    with pytest.raises(CaseError, match=words):
        what_ifs([make_whatif([], name) for name in names], CASE, only)


NO_KEYS = [
    "../../mine", "/tmp/mine", "", ".", "..", "a/b", "a\\b", "x\n", "=cmd()", "a b", "-a", ".a", "a\x00", "\u00e9",
    "a+", "+a", "a+../b", "a+=b", "a" * 65, "C:x", 5, None, ("a",), True,
]  # fmt: skip


@pytest.mark.parametrize("name", NO_KEYS, ids=lambda name: repr(name)[:20])
def test_names_that_are_no_keys_are_refused(name):
    """Law: a name is a folder's too, so what-ifs made in Python have keys for names, as those of a file have."""
    for given in ({name: []}, {"good": [], name: []}, [WhatIf.model_construct(name=name, changes=())]):
        with pytest.raises(OptionError, match="must be a key"):
            what_ifs(given, CASE)


def test_all_wrong_names_are_said_at_once():
    """Law: every name that is no key is reported together."""
    with pytest.raises(OptionError, match=r"'a/b', '\.\.'"):
        what_ifs({"a/b": [], "good": [], "..": []}, CASE)


def test_names_that_a_file_makes_can_be_given_back(tmp_path):
    """Law: names of lists and grids, however long, are names in Python too."""
    part, scale = "p" * 64, '{ op = "scale", place = "sites.max_it_mw" }'
    text = f'format = 1\n[[list]]\nname = "{part}"\nvary = "factor"\nvalues = [0.5, 1e-7]\nchanges = [{scale}]\n'
    text += f'[[grid]]\nname = "{"g" * 64}"\naxes = [["{part}"], ["base", {{ name = "same", changes = [] }}]]\n'
    path = tmp_path / "w.toml"
    path.write_text(text, encoding="utf-8")
    read = what_ifs(path, CASE)
    assert len(read) == 6
    assert what_ifs(read, CASE) == read
    assert [one.changes for one in what_ifs({one.name: one for one in read}, CASE)] == [one.changes for one in read]


def test_a_what_if_under_a_name_has_this_name():
    """Law: in a mapping the name is that of the mapping, also where a what-if has one of its own."""
    assert [one.name for one in what_ifs({"mine": make_whatif([], "other")}, CASE)] == ["mine"]


@pytest.mark.parametrize("given", [5, [5], [("a", [])], None], ids=str)
def test_what_is_no_what_if_is_refused(given):
    """Law: anything else than what-ifs is refused in words."""
    with pytest.raises(OptionError, match="what-ifs are"):
        what_ifs(given, CASE)
