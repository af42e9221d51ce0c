"""An order starts, and pays, when its power is there: late, in part, or never; worked out by hand."""

import pytest

from planner import Case
from planner.uncertainty.risk import risk
from planner.uncertainty.scenario import ScenarioSet, scenario
from tests.program.tiny import lease, site, tiny

EXACT = {"gap": 0.0, "workers": 1, "own_process": False}
BLOCK_FACILITY_MW = 12.5
"""Facility MW of a block of 10 IT MW at a peak ratio of 1.25."""


def campus(**horizon):
    """Three years; the site ``new`` has power for five blocks from 2027 on, and its offer is signed two years ahead."""
    sites = [site("old"), site("new")]
    offers = [
        lease("soon", "new", lead_months=12.0, rent_musd_per_mw_year=5.0),
        lease("spot", "old", rent_musd_per_mw_year=20.0, term_years=1.0),
    ]
    energisation = [
        {"site": "old", "date": "2020-01-01", "facility_mw": 100_000.0},
        {"site": "new", "date": "2027-01-01", "facility_mw": 5 * BLOCK_FACILITY_MW},
    ]
    return Case.of(tiny(50.0, periods=3, sites=sites, offers=offers, energisation=energisation))


def answer(*changes):
    """The case as planned with nearly certain power, and with the changes with the rest."""
    futures = ScenarioSet((scenario("as_planned", 0.9), scenario("other", 0.1, list(changes))))
    found = risk(campus(), futures, **EXACT)
    (order,) = (row for row in found.rows("orders") if row["what"] == "soon")
    assert order["amount"] == 5.0
    return found, order


AS_PLANNED = 5 * 0.2 + 2 * 5 * 0.05
"""2026 from ``spot``, then ``soon`` for two years."""


def test_late_power_delays_start_and_rent():
    """Law: power that comes a year late costs that year from elsewhere; the rent of the order begins with its power."""
    found, order = answer(
        {"op": "shift", "table": "energisation", "where": {"site": "new"}, "column": "date", "months": 12}
    )
    assert (order["late_share"], order["lapsed_share"]) == (pytest.approx(0.1), 0.0)
    assert found.here.costs == pytest.approx((AS_PLANNED, 2 * 5 * 0.2 + 5 * 0.05))
    late = found.plans["other"]
    assert [row["start_period"] for row in late.rows("contracts") if row["offer"] == "soon"] == [2028]
    assert late.summary["audit"]["passed"]


@pytest.mark.slow
def test_power_that_never_comes_in_full_is_taken_in_part():
    """Law: where three fifths of the power come and no more, three of five blocks start."""
    found, order = answer(
        {"op": "scale", "table": "energisation", "where": {"site": "new"}, "column": "facility_mw", "factor": 0.6}
    )
    assert (order["late_share"], order["lapsed_share"]) == (0.0, 0.0)
    assert found.here.costs[1] == pytest.approx(5 * 0.2 + 2 * (3 * 0.05 + 2 * 0.2))


@pytest.mark.slow
def test_a_site_that_is_gone_takes_its_orders_with_it():
    """Law: an order whose site is not in the scenario lapses and costs nothing."""
    found, order = answer("sites[new].available=no")
    assert order["lapsed_share"] == pytest.approx(0.1)
    assert found.here.costs[1] == pytest.approx(3 * 5 * 0.2)
