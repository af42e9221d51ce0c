"""A sweep says which of its what-ifs are the same case."""

import pytest

from planner.analysis.sweep import sweep
from planner.case.read import read_case
from planner.changes.apply import apply_changes
from tests.analysis.here import runs_here


@pytest.mark.slow
@runs_here()
def test_what_ifs_that_are_the_same_case_are_named():
    """Law: two what-ifs that change the same figure to the same value are one case; one with equal figures is not."""
    case = apply_changes(read_case("three_sites"), ["model.horizon.periods=1"])
    less = "demand[users,inference,2026].compute=55"
    found = sweep(
        case,
        {
            "a": [less],
            "b": [{"op": "set", "table": "demand", "key": "users,inference,2026", "column": "compute", "value": 55}],
            "c": [less, "sites[north].max_it_mw=199"],
            "d": ["sites[north].max_it_mw=200"],
        },
        gap=0.2,
    )
    assert found.same_cases == [["base", "d"], ["a", "b"]]
    signs = {row["name"]: (row["sign"], row["low"], row["high"]) for row in found.overview()}
    assert signs["d"] == ("equal", 0.0, 0.0), "proven without closing any gap"
