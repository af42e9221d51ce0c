"""Scenarios as a table: what its cells mean, and every fault with its row and column."""

import pytest

from planner import CaseError
from planner.uncertainty.scenario import ScenarioSet, scenario

HEAD = 'scenario,probability,"shift sites[south]",offers[provider=acme].rent_musd_per_mw_year,"scale demand.compute"'
TABLE = f"""{HEAD}
as-planned,0.6,,,
late,0.3,9,,1.1

late-and-expensive,0.1,9,13,
"""


def read(tmp_path, text, case=None):
    """The set of a table."""
    file = tmp_path / "own.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return ScenarioSet.read(file, case)


def test_cells_are_changes(tmp_path):
    """Law: a cell sets, scales or shifts what its head names; an empty one changes nothing."""
    found = read(tmp_path, TABLE, "three_sites")
    late = {"op": "shift", "place": "sites[south]", "months": 9, "if_any": True}
    assert found.scenarios == (
        scenario("as-planned", 0.6),
        scenario("late", 0.3, [late, {"op": "scale", "place": "demand.compute", "factor": 1.1}]),
        scenario("late-and-expensive", 0.1, [late, "offers[provider=acme].rent_musd_per_mw_year=13"]),
    )
    found.write(tmp_path / "own.toml")
    assert ScenarioSet.read(tmp_path / "own.toml") == found


@pytest.mark.parametrize(
    ("before", "after", "messages"),
    [
        ("0.3", "0.2", ["row 2", "add up to 0.9"]),
        ("0.3", "often", ["row 3", "probability", "must be a number"]),
        ("0.3", "nan", ["row 3", "above 0"]),
        ("late,0.3", "as-planned,0.3", ["row 3", "stands twice"]),
        ("late,0.3", "../late,0.3", ["row 3", "must be a key"]),
        ("9,,1.1", "9,,fast", ["row 3", "scale demand.compute", "must be a factor"]),
        ("9,,1.1", "9.5,,1.1", ["row 3", "shift sites[south]"]),
        ("9,,1.1", "9,1.1", ["row 3", "has 4 cells; the header has 5"]),
        ("sites[south]", "sites[nowhere]", ["row 3", "nowhere"]),
        ("rent_musd_per_mw_year", "rent", ["row 5", "rent"]),
        ("rent_musd_per_mw_year", "rent=3", ["row 5"]),
        ("probability", "chance", ["row 1", "needs the columns probability"]),
        ('"scale demand.compute"', '"shift sites[south]"', ["row 1", "stands 2 times"]),
        (TABLE, "", ["the file is empty"]),
        (TABLE, HEAD, ["there is no scenario"]),
        ("late,", '"late,', ["this is not a table"]),
    ],
)
def test_wrong_tables_are_refused(tmp_path, before, after, messages):
    """Law: a faulty table is refused with its row and column, and what would be right."""
    with pytest.raises(CaseError) as caught:
        read(tmp_path, TABLE.replace(before, after, 1), "three_sites")
    assert all(message in str(caught.value) for message in ["own.csv", *messages]), str(caught.value)


def test_no_bytes_end_in_a_traceback(tmp_path):
    """Law: what is no table is said to be none."""
    for raw in (b"\xff\xfe\x00", b"PK\x03\x04", b"\x00", b"a\rb\n", b'"', b"scenario,probability\n" * 3):
        with pytest.raises(CaseError):
            read(tmp_path, raw)
    with pytest.raises(CaseError, match="cannot be read"):
        ScenarioSet.read(tmp_path / "nowhere.csv")
