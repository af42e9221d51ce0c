"""The rungs of the ladder that are shipped cases."""

import pytest

from bench.report import LADDER_HEADER, ladder_row
from bench.sizes import climb_shipped


@pytest.mark.slow
def test_a_shipped_case_is_a_rung() -> None:
    """Law: a rung names its case, its sites on offer and its periods, and reaches the gap asked for."""
    [rung] = climb_shipped(["three_sites"], methods=["planner"], gap=0.0, time_limit_s=60.0, threads=1)
    assert (rung.case, rung.sites, rung.periods, rung.method) == ("three_sites", 3, 2, "planner")
    assert rung.result.status == "optimal"
    assert rung.result.cost is not None
    assert abs(rung.result.cost - 4.05) < 1e-6
    row = ladder_row(rung)
    assert len(row) == len(LADDER_HEADER)
    assert row[0] == "three_sites"
