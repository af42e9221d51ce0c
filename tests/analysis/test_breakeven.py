"""Break-even against closed forms: two leases, of which the cheaper one is taken."""

import pytest

from planner import Case
from planner.analysis.breakeven import break_even
from planner.analysis.entry import entry_price
from planner.errors import CaseError, InfeasibleError, PlannerError
from planner.options import SolveOptions
from planner.runs.variants import Runner

CAPPED = {"power": {"utilisation": 0.8}}


@pytest.fixture(scope="module")
def case():
    """Two cloud leases at one site, alike but for the rent (9 and 11 $M per MW and year); one market, one chip."""
    from tests.cases import base_tables, make_case

    tables = base_tables()
    offer = {**tables["offers"][2], "term_years": 10.0, "take_or_pay_share": 1.0, "block_it_mw": 10.0}
    tables["offers"] = [
        {**offer, "offer": "cheap", "rent_musd_per_mw_year": 9.0},
        {**offer, "offer": "dear", "rent_musd_per_mw_year": 11.0},
    ]
    tables["markets"] = [{"market": "america", "name": "America", "single_source": False}]
    tables["demand"] = [
        {"market": "america", "workload": "training", "year": year, "compute": 60.0} for year in range(2026, 2030)
    ]
    return Case.of(make_case(tables, families=CAPPED))


@pytest.fixture
def exact():
    """A runner at a gap of nil."""
    return Runner(SolveOptions(gap=0.0))


@pytest.mark.slow
def test_decisions_change_where_the_rents_meet(case, exact):
    """The cheap lease is kept until its rent reaches that of the dear one, 11, and down to any rent below."""
    found = break_even(case, "offers[cheap].rent_musd_per_mw_year", 1.0, 20.0, tolerance=0.01, runner=exact)
    assert found.below.first_changed is None
    assert found.below.last_same == 1.0
    assert found.above.last_same <= 11.0 + 1e-4
    assert 11.0 < found.above.first_changed <= found.above.last_same + 0.01
    assert "cheaper" in found.above.why
    assert {row["offer"] for row in found.above.contracts} == {"dear"}


@pytest.mark.slow
def test_the_other_side(case, exact):
    """The dear lease enters when its rent falls below 9."""
    found = break_even(case, "offers[dear].rent_musd_per_mw_year", 1.0, 20.0, tolerance=0.01, runner=exact)
    assert found.above.first_changed is None
    assert found.below.first_changed < 9.0 <= found.below.last_same + 1e-4


@pytest.mark.slow
def test_a_gap_widens_the_interval(case):
    """Within a gap g the lease is kept while it costs at most g more: up to 11 / (1 - g)."""
    found = break_even(case, "offers[cheap].rent_musd_per_mw_year", 1.0, 20.0, tolerance=0.01, gap=0.1)
    assert found.above.last_same <= 11.0 / 0.9 + 1e-4
    assert found.above.first_changed >= 11.0
    assert found.gap == 0.1


@pytest.mark.slow
def test_decisions_that_cannot_be_kept(case, exact):
    """Six blocks are signed: below six there is no way to keep them; the edge is a whole number."""
    found = break_even(case, "offers[cheap].max_blocks", 1, 12, runner=exact)
    assert (found.below.first_changed, found.below.last_same) == (5.0, 6.0)
    assert "cannot be kept" in found.below.why


@pytest.mark.slow
def test_entry_price_by_closed_form(case, exact):
    """The unused lease enters just below the rent of the used one, 9, and stays out from there on."""
    found = entry_price(case, "offers[dear].rent_musd_per_mw_year", 1.0, 20.0, tolerance=0.01, runner=exact)
    assert found.enters_at == pytest.approx(9.0, abs=0.011)
    assert found.out_at == pytest.approx(9.0, abs=0.011)
    assert found.enters_at <= 9.0 + 1e-6
    assert any("60 IT MW" in use for use in found.uses)


@pytest.mark.slow
def test_entry_price_with_a_gap_is_a_band(case):
    """With a gap the two prices hold the true one between them."""
    found = entry_price(case, "offers[dear].rent_musd_per_mw_year", 1.0, 20.0, tolerance=0.01, gap=0.05)
    assert found.enters_at <= 9.0 + 1e-6
    assert found.out_at >= 9.0 - 0.011


def test_an_offer_that_never_enters(case, exact):
    """Where even the lowest price is too high, there is no entry price."""
    found = entry_price(case, "offers[dear].rent_musd_per_mw_year", 10.0, 20.0, runner=exact)
    assert found.enters_at is None
    assert found.out_at == 10.0


AT_EAST = "model.forced=[{site='east',by=2026}]"
"""A decision that no plan without an offer at the site can make, whatever it misses."""


def test_an_offer_that_is_needed_at_any_price(exact):
    """Without the offer there is no plan at all: said so, instead of a price."""
    forced = Case.read("three_sites").what_if([AT_EAST])
    with pytest.raises(InfeasibleError, match="needed at any price"):
        entry_price(forced, "offers[east_cloud].rent_musd_per_mw_year", 1.0, 20.0, runner=exact)


def test_an_offer_is_not_needed_where_the_case_has_no_plan_at_all(exact):
    """A case that no plan can meet does not need an offer; that is said, and not that it is needed at any price."""
    hopeless = Case.read("three_sites").what_if([AT_EAST, "sites[east].max_it_mw=0"])
    for offer in ("east_cloud", "north_cloud"):
        with pytest.raises(InfeasibleError, match="the case has no plan, with") as told:
            entry_price(hopeless, f"offers[{offer}].rent_musd_per_mw_year", 1.0, 20.0, runner=exact)
        assert "any price" not in str(told.value)


def test_an_offer_too_dear_for_the_case_may_be_needed_at_a_lower_price(exact):
    """Where the money does not suffice at the price of the case but does at a lower one, the offer is needed."""
    dear = Case.read("three_sites").what_if([AT_EAST, "offers[east_cloud].rent_musd_per_mw_year=1000"])
    with pytest.raises(InfeasibleError):
        dear.solve(gap=0.0, own_process=False)
    with pytest.raises(InfeasibleError, match="needed at any price"):
        entry_price(dear, "offers[east_cloud].rent_musd_per_mw_year", 1.0, 2000.0, runner=exact)


@pytest.mark.slow
def test_contracts_that_protect_less_do_not_hold(exact):
    """Law: decisions hold only where no plan misses less, however much dearer that plan is."""
    place = "sites[north].max_it_mw"
    none_at_north = Case.read("three_sites").what_if([f"{place}=0"])
    found = break_even(none_at_north, place, 0.0, 100.0, tolerance=100.0, runner=exact)
    assert found.above.regret_busd is None
    assert "misses less (protection: 0 instead of 20 compute-years)" in found.above.why


@pytest.mark.slow
def test_an_offer_without_which_something_is_missing_enters_at_any_price(exact):
    """Without the offer less is protected, whatever it costs: it enters up to the highest price that is asked about."""
    found = entry_price(Case.read("three_sites"), "offers[east_cloud].rent_musd_per_mw_year", 1.0, 20.0, runner=exact)
    assert found.enters_at == 20.0


@pytest.mark.parametrize(
    ("place", "low", "high", "error", "message"),
    [
        ("offers[cheap].rent_musd_per_mw_year", 10.0, 20.0, PlannerError, "not between"),
        ("offers[cheap].rent_musd_per_mw_year", 20.0, 1.0, PlannerError, "below the high"),
        ("offers[cheep].rent_musd_per_mw_year", 1.0, 20.0, CaseError, "cheap"),
        ("offers[cheap].name", 1.0, 20.0, PlannerError, "not a number"),
        ("offers[cheap].min_blocks", 1.0, 20.0, PlannerError, "is empty"),
        ("rent", 1.0, 20.0, PlannerError, "must be written"),
        ("model.families.carbon.cap_mt_per_year", 1.0, 20.0, PlannerError, "nothing there"),
    ],
)
def test_refusals(case, exact, place, low, high, error, message):
    """A place that is none, is empty or is no number, and limits that make no sense, are refused."""
    with pytest.raises(error, match=message):
        break_even(case, place, low, high, runner=exact)


def test_a_number_of_the_model_may_move(case, exact):
    """The utilisation decides nothing about cloud leases: nothing changes over its whole range."""
    found = break_even(case, "model.families.power.utilisation", 0.0, 1.0, tolerance=0.5, runner=exact)
    assert found.below.first_changed is None
    assert found.above.first_changed is None
