"""An order starts, and pays, when its power is there: late, in part, or never; worked out by hand."""

from datetime import date
from random import Random

import pytest

from planner import Case
from planner.uncertainty import work as work_module
from planner.uncertainty.risk import risk
from planner.uncertainty.scenario import ScenarioSet, scenario
from planner.uncertainty.stress import stress
from tests.length import some
from tests.program.tiny import chip, lease, site, tiny
from tests.uncertainty.newsvendor import newsvendor

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


@pytest.mark.slow
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
    assert (order["late_share"], order["lapsed_share"]) == (0.0, pytest.approx(0.1 * 0.4))
    assert found.here.costs[1] == pytest.approx(5 * 0.2 + 2 * (3 * 0.05 + 2 * 0.2))


@pytest.mark.slow
def test_a_site_that_is_gone_takes_its_orders_with_it():
    """Law: an order whose site is not in the scenario lapses and costs nothing."""
    found, order = answer("sites[new].available=no")
    assert order["lapsed_share"] == pytest.approx(0.1)
    assert found.here.costs[1] == pytest.approx(3 * 5 * 0.2)


@pytest.mark.slow
@pytest.mark.parametrize("left", [0, 2])
def test_capacity_that_is_lost_takes_its_orders_with_it(left):
    """Law: where an offer is cut to fewer blocks than were ordered the rest lapses there; the orders stay the same."""
    found, order = answer(f"offers[soon].max_blocks={left}")
    assert order["lapsed_share"] == pytest.approx(0.1 * (5 - left) / 5)
    assert found.here.costs == pytest.approx((AS_PLANNED, 5 * 0.2 + 2 * (left * 0.05 + (5 - left) * 0.2)))
    assert [row["lapsed"] for row in found.rows("futures")] == [0, 1]  # in part, or in whole


def roomy(demand=50.0, **more):
    """The campus with power for ten blocks, of which five are ordered at most."""
    sites = [site("old"), site("new")]
    offers = [
        lease("soon", "new", lead_months=12.0, rent_musd_per_mw_year=5.0, chips=("next",), max_blocks=10),
        lease("spot", "old", rent_musd_per_mw_year=20.0, term_years=1.0),
    ]
    energisation = [
        {"site": "old", "date": "2020-01-01", "facility_mw": 100_000.0},
        {"site": "new", "date": "2027-01-01", "facility_mw": 10 * BLOCK_FACILITY_MW},
        {"site": "new", "date": "2028-01-01", "facility_mw": 10 * BLOCK_FACILITY_MW},
    ]
    years = [{"chip": "next", "year": year, "it_mw": 100.0} for year in (2026, 2027, 2028)]
    chips = [chip(), chip("next")]
    case = tiny(
        demand, periods=3, sites=sites, offers=offers, energisation=energisation, chips=chips, chip_supply=years, **more
    )
    return Case.of(case)


HALF = {"op": "scale", "table": "demand", "column": "compute", "factor": 0.5}
SLIVER = f"energisation[new,2027-01-01].facility_mw={9.9 * BLOCK_FACILITY_MW}"


def test_a_sliver_of_power_frees_no_order():
    """Law: where all that was ordered still fits, all of it starts in the period ordered, and is paid."""
    plan = roomy().solve(gap=0.0, own_process=False)
    futures = ScenarioSet((scenario("half", 0.5, [HALF]), scenario("sliver", 0.5, [HALF, SLIVER])))
    half, sliver = stress(plan, futures, **EXACT).rows
    assert half["cost_busd"] == pytest.approx(AS_PLANNED)
    assert sliver["cost_busd"] == pytest.approx(half["cost_busd"])
    assert sliver["late"] == sliver["lapsed"] == 0


@pytest.mark.slow
def test_missing_chips_delay_an_order():
    """Law: blocks whose chips are not supplied in the period ordered start in the first period with such chips."""
    late = ["chip_supply[next,2027].it_mw=0"]
    found = risk(roomy(), ScenarioSet((scenario("as_planned", 0.9), scenario("cut", 0.1, late))), **EXACT)
    (order,) = (row for row in found.rows("orders") if row["what"] == "soon")
    assert (order["amount"], order["late_share"], order["lapsed_share"]) == (5.0, pytest.approx(0.1), 0.0)
    assert found.here.costs == pytest.approx((AS_PLANNED, 2 * 5 * 0.2 + 5 * 0.05))


@pytest.mark.slow
def test_what_fits_starts_and_the_rest_follows():
    """Law: of five blocks with chips for two in the first year two start then and three a year later."""
    few = ["chip_supply[next,2027].it_mw=25"]
    found = risk(roomy(), ScenarioSet((scenario("as_planned", 0.9), scenario("cut", 0.1, few))), **EXACT)
    assert found.here.costs[1] == pytest.approx(5 * 0.2 + 2 * 0.05 + 3 * 0.2 + 5 * 0.05)


def cuts(random):
    """Something that leaves less capacity at the new site, or fewer of its chips."""
    blocks = random.randint(0, 9)
    return random.choice(
        [
            f"offers[soon].max_blocks={blocks}",
            f"energisation[new,2027-01-01].facility_mw={(blocks + random.random()) * BLOCK_FACILITY_MW:.3f}",
            f"chip_supply[next,2027].it_mw={10 * blocks + 5}",
        ]
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", some(range(8), 3))
def test_less_capacity_never_lowers_the_optimum(seed):
    """Law: a future that needs all that is ordered costs no less with less capacity, and the optimum neither.

    Three of eight draws.
    """
    random = Random(seed)
    more, less = cuts(random), cuts(random)
    low = {**HALF, "factor": random.choice([0.2, 0.4, 0.6, 1.0])}
    values = []
    for changes in ([], [more], [more, less]):
        futures = ScenarioSet((scenario("low", 0.5, [low]), scenario("cut", 0.5, changes)))
        values.append(risk(roomy(), futures, **EXACT).value_busd)
    assert values[0] <= values[1] + 1e-6
    assert values[0] <= values[2] + 1e-6


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_cut_that_leaves_room_for_every_order_changes_nothing_by_itself(seed):
    """Law: with less demand and less power, chips and blocks than the case has, but enough for all orders."""
    random = Random(seed)
    low = {**HALF, "factor": random.choice([0.2, 0.4, 0.6])}
    enough = [
        f"energisation[new,2027-01-01].facility_mw={random.uniform(6, 9.9) * BLOCK_FACILITY_MW:.3f}",
        f"chip_supply[next,2027].it_mw={random.randint(60, 99)}",
        f"offers[soon].max_blocks={random.randint(6, 9)}",
    ]
    values = []
    for changes in ([low], [low, *enough]):
        futures = ScenarioSet((scenario("as_planned", 0.5), scenario("other", 0.5, changes)))
        values.append(risk(roomy(), futures, **EXACT).value_busd)
    assert values[1] == pytest.approx(values[0], abs=1e-6)


@pytest.mark.slow
def test_ordering_nothing_is_tried(monkeypatch):
    """Law: where neither the orders of the plan nor a mixture suit every future, ordering nothing still does."""
    monkeypatch.setattr(work_module, "TOGETHER_COLUMNS", 0)
    monkeypatch.setattr("planner.uncertainty.large.BUNDLE_COLUMNS", 1)
    many = scenario("many_only", 0.5, ["offers[early].min_blocks=20"])
    found = risk(newsvendor(), ScenarioSet((scenario("as_planned", 0.5), many)), **EXACT)
    best = 0.2 + 5 * 0.2
    assert found.bound_busd <= best + 1e-6
    assert found.value_busd >= best - 1e-6
    assert all(row["what"] != "early" for row in found.rows("orders"))


def test_orders_beyond_the_case_are_not_cut_off_where_every_future_has_a_plan():
    """Law: power for one block in the case, for ten in a future: ten are ordered, and nine lapse where they are late.

    In the other future one block starts a year late: 0.2 for each of two years from ``spot``, and 0.1.
    """
    early = lease("early", "x", lead_months=12.0, max_blocks=10)
    spot = lease("spot", "y", max_blocks=10, rent_musd_per_mw_year=20.0, term_years=1.0)
    energisation = [
        {"site": s, "date": "2020-01-01", "facility_mw": mw} for s, mw in (("x", BLOCK_FACILITY_MW), ("y", 100_000.0))
    ]
    case = Case.of(tiny(10.0, periods=3, sites=[site("x"), site("y")], offers=[early, spot], energisation=energisation))
    more = [f"demand[m,inference,{year}].compute=100" for year in (2027, 2028)]
    up = scenario("up", 0.5, [f"energisation[x,2020-01-01].facility_mw={10 * BLOCK_FACILITY_MW}", *more])
    late = scenario("late", 0.5, ["offers[early].lead_months=24"])
    found = risk(case, ScenarioSet((up, late)), decide_by=date(2026, 1, 1), **EXACT)
    by_hand = 0.5 * (0.2 + 2 * 10 * 0.1) + 0.5 * (2 * 0.2 + 0.1)
    assert (found.value_busd, found.bound_busd) == pytest.approx((by_hand, by_hand))
    (order,) = (row for row in found.rows("orders") if row["what"] == "early")
    assert (order["amount"], order["lapsed_share"]) == (10.0, pytest.approx(0.5 * 0.9))
