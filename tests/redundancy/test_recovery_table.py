"""The table ``recovery``: the tightest losses first, and no longer than it may be."""

import pytest

from planner import Case
from planner.audit import recovery as audited
from planner.plan import protection
from tests.length import thinned


@pytest.mark.parametrize("most", thinned([1, 5], 2))
def test_a_table_cut_short_keeps_the_tightest_losses_and_passes_its_audit(most, monkeypatch):
    """Routings are left out whole, those with the most to spare first; the plan's audit judges their losses itself."""
    case = Case.read("three_sites")
    whole = case.solve(gap=0.0, own_process=False)
    monkeypatch.setattr(protection, "MOST_ROUTING_ROWS", most)
    monkeypatch.setattr(audited, "LONG_TABLE", 1)
    short = case.solve(gap=0.0, own_process=False)
    assert short.rows("contingencies") == whole.rows("contingencies")

    def routed(plan):
        return {(row["rule"], row["period"], row["contingency"]) for row in plan.rows("recovery")}

    assert routed(short) < routed(whole)
    assert len(short.rows("recovery")) <= most or len(routed(short)) == 1
    spare = {
        (row["rule"], row["period"], row["contingency"]): row["margin_compute"] / max(1e-9, row["critical_compute"])
        for row in short.rows("contingencies")
    }
    assert max(spare[key] for key in routed(short)) <= min(spare[key] for key in routed(whole) - routed(short))
