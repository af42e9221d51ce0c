"""Which what-ifs a sweep runs: a file, a mapping or what-ifs; names that are there, and once."""

import pytest

from planner.changes.apply import make_whatif
from planner.changes.names import what_ifs
from planner.errors import CaseError
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
        (["first", "second"], ["secnd"], "did you mean 'second'"),
    ],
)
def test_names_that_cannot_be_run(names, only, words):
    """Law: a name that stands twice, that of the case itself, and one that is not there are refused."""
    with pytest.raises(CaseError, match=words):
        what_ifs([make_whatif([], name) for name in names], CASE, only)
