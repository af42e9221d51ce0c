"""Contracts, chips and money: cases small enough that the best plan and its cost are worked out by hand."""

import pytest

from tests.program.tiny import by_period, chip, column, cost, lease, own, solve, tiny


def test_a_lease_pays_all_of_its_rent_while_its_chip_is_there():
    """15 MW of use need 2 blocks: 0.8 x rent and 0.2 x rent on 20 MW, discounted from mid-year."""
    case = tiny(15.0, periods=2, offers=[lease(take_or_pay_share=0.8)], objective={"discount_rate_per_year": 0.1})
    a_year = 0.8 * 10 * 0.020 + 0.2 * 10 * 0.020
    assert cost(case) == pytest.approx(a_year * (1.1**-0.5 + 1.1**-1.5), rel=1e-7)


def test_rent_grows_from_the_start_of_the_horizon():
    """The rent of a period is that of its middle: growth by the power of half a year, then one and a half."""
    case = tiny(10.0, periods=2, offers=[lease(rent_growth_per_year=0.21)])
    assert cost(case) == pytest.approx(0.1 * (1.21**0.5 + 1.21**1.5), rel=1e-7)


def test_opex_is_paid_on_what_is_in_force():
    """Running cost is due on both blocks (20 MW), used (15 MW) or not."""
    assert cost(tiny(15.0, offers=[lease(opex_musd_per_mw_year=0.5)])) == pytest.approx(0.2 + 0.5 * 0.020, rel=1e-7)


def test_capex_is_paid_over_the_lead_by_milestones():
    """A year of lead is cut in two halves that pay 40% and 60% of $12B x 10 MW; chips are paid on delivery."""
    offer = own(lead_months=12.0, capex_milestones=(0.4, 0.6))
    plan = solve(tiny([0.0, 10.0], periods=4, period_months=6, offers=[offer]))
    assert by_period(plan, "spend", "amount_busd", item="capex") == pytest.approx([0.048, 0.072, 0.0, 0.0])
    assert by_period(plan, "spend", "amount_busd", item="chips") == pytest.approx([0.0, 0.0, 0.3, 0.0])


def test_nothing_starts_before_its_lead_time():
    """With a lead of 13 months the second year of a horizon in years is too early, the third is not."""
    plan = solve(tiny(10.0, periods=3, offers=[own(lead_months=13.0)]))
    assert by_period(plan, "unserved", "unserved_compute") == pytest.approx([10.0, 10.0, 0.0])


def test_salvage_credits_the_life_left():
    """After 2 years a building of 20 years has 18/20 left, chips of 5 years 3/5, credited at the end of the horizon."""
    case = tiny(10.0, periods=2, offers=[own()], objective={"discount_rate_per_year": 0.1, "salvage": "straight_line"})
    paid = (0.12 + 0.3) * 1.1**-0.5
    assert cost(case) == pytest.approx(paid - (0.12 * 18 / 20 + 0.3 * 3 / 5) * 1.1**-2, rel=1e-7)


def test_a_chip_is_bought_again_at_the_end_of_its_life():
    """Chips that live one year are bought every year, at the grown price of the middle of the year."""
    case = tiny(10.0, periods=3, offers=[own()], chips=[chip(life_years=1.0, price_growth_per_year=-0.19)])
    assert cost(case) == pytest.approx(0.12 + 0.3 * sum(0.81 ** (t + 0.5) for t in range(3)), rel=1e-7)


def test_a_minimum_commitment_is_met_or_the_offer_left():
    """Five blocks at $0.1B cost more than one at $0.2B elsewhere, and less than none to be had elsewhere."""
    bulk, single = lease("bulk", min_blocks=5), lease("single", rent_musd_per_mw_year=20.0)
    assert cost(tiny(10.0, offers=[bulk, single])) == pytest.approx(0.2)
    alone = solve(tiny(10.0, offers=[bulk]))
    assert alone.summary["cost_busd"] == pytest.approx(0.5)
    assert sum(column(alone, "contracts", "blocks")) == 5


def test_a_signing_is_of_enough_blocks_or_there_is_none():
    """20 MW, then 30 MW: two blocks and one more later cost 0.5; three at a time, both roles together, cost 0.6."""
    demand = [20.0, 30.0]
    assert cost(tiny(demand, periods=2)) == pytest.approx(0.2 + 0.3)
    plan = solve(tiny(demand, periods=2, offers=[lease(min_blocks_per_start=3)]))
    assert plan.summary["cost_busd"] == pytest.approx(0.3 + 0.3)
    assert column(plan, "contracts", "blocks") == [3.0]
    assert cost(tiny([0.0, 10.0], periods=2, offers=[lease(min_blocks_per_start=3)])) == pytest.approx(0.3)


def test_the_signing_cost_is_paid_once():
    """An offer used in the second and third year pays its signing cost in the second."""
    plan = solve(tiny([0.0, 10.0, 20.0], periods=3, offers=[lease(signing_cost_busd=0.05, term_years=1.0)]))
    assert by_period(plan, "spend", "amount_busd", item="signing") == pytest.approx([0.0, 0.05, 0.0])
    assert plan.summary["cost_busd"] == pytest.approx(0.1 + 0.2 + 0.05)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 1.0 + 0.5 * 3.0), (0.9, 3.0)])
def test_leaving_early_costs_a_share_of_the_rent_left(share, expected):
    """Ten blocks, needed one year of a term of four: half of three years' rent is worth leaving, not nine tenths."""
    offer = lease(term_years=4.0, exit_after_years=1.0, exit_cost_share=share)
    plan = solve(tiny([100.0, 0.0, 0.0], periods=3, offers=[offer]))
    assert plan.summary["cost_busd"] == pytest.approx(expected)
    assert (column(plan, "spend", "amount_busd", item="exit") != []) == (share == 0.5)


def test_a_contract_is_renewed_at_its_renewal_rent():
    """A term of one year that can start only once is renewed twice, at a rent that does not grow."""
    once = lease(term_years=1.0, last_start="2026-01-01", rent_growth_per_year=0.21)
    renewable = {**once, "renewal_rent_musd_per_mw_year": 15.0}
    assert cost(tiny(10.0, periods=3, offers=[renewable])) == pytest.approx(0.1 * 1.1 + 2 * 0.15, rel=1e-7)
    lapsed = solve(tiny(10.0, periods=3, offers=[once]))
    assert by_period(lapsed, "unserved", "unserved_compute") == pytest.approx([0.0, 10.0, 10.0])


def test_signed_contracts_are_paid_whatever_happens():
    """A signed contract of 20 MW until the middle of the second year costs a year and a half of rent, unused."""
    signed = {
        "contract": "signed", "offer": "lease", "role": "primary", "it_mw": 20.0, "chip": "chip",
        "start_date": "2025-01-01", "end_date": "2027-07-01", "rent_musd_per_mw_year": 9.0,
    }  # fmt: skip
    assert cost(tiny(0.0, periods=2, contracts=[signed])) == pytest.approx(9 * 0.020 * 1.5, rel=1e-7)


@pytest.mark.parametrize("period_months", [1, 3, 6, 8])
def test_quarters_cost_what_years_cost(period_months):
    """With level demand, flat prices and no discounting the length of the periods changes neither cost nor service."""
    in_years = cost(tiny([30.0, 50.0], periods=2))
    case = tiny([30.0, 50.0], periods=24 // period_months, period_months=period_months)
    assert cost(case) == pytest.approx(in_years, rel=1e-7)
    assert in_years == pytest.approx(0.3 + 0.5)


def test_chip_supply_limits_what_is_installed():
    """30 MW of chips in the first year and 20 in the second leave 70 and then 50 of 100 unserved."""
    supply = [{"chip": "chip", "year": 2026, "it_mw": 30.0}, {"chip": "chip", "year": 2027, "it_mw": 20.0}]
    plan = solve(tiny(100.0, periods=2, chip_supply=supply))
    assert by_period(plan, "unserved", "unserved_compute") == pytest.approx([70.0, 50.0])


@pytest.mark.parametrize(("compute", "expected"), [(40.0, 0.48 + 1.2), (60.0, 0.72 + 0.5 + 1.2)])
def test_a_development_is_started_when_its_chips_pay_for_it(compute, expected):
    """A custom chip at $20B per GW for $30B, after $0.5B, is worth it beyond 50 MW."""
    custom = chip("custom", price_busd_per_gw_it=20.0, development_cost_busd=0.5)
    case = tiny(compute, offers=[own(chips=("chip", "custom"))], chips=[chip(), custom])
    assert cost(case) == pytest.approx(expected)


def test_compute_per_mw_sets_the_blocks():
    """A chip with twice the compute per MW halves the blocks."""
    assert cost(tiny(100.0, chips=[chip(inference_compute_per_it_mw=2.0)])) == pytest.approx(0.5)


@pytest.mark.parametrize(("first_date", "unserved"), [("2026-01-01", 0.0), ("2027-01-01", 10.0)])
def test_a_lease_has_a_chip_that_is_on_the_market_at_its_start(first_date, unserved):
    """A chip of the second year is in no contract of the first: 10 MW of it, twice as fast, serve 20 from then on."""
    chips = [chip(first_date=first_date, inference_compute_per_it_mw=2.0)]
    plan = solve(tiny([10.0, 20.0], periods=2, chips=chips))
    assert by_period(plan, "unserved", "unserved_compute") == pytest.approx([unserved, 0.0])


def test_the_chip_of_a_lease_stays_for_its_term():
    """The faster chip of the second year does not replace what was leased in the first: it takes a contract more."""
    chips = [chip("old"), chip("new", inference_compute_per_it_mw=2.0, first_date="2027-01-01")]
    plan = solve(tiny([20.0, 40.0], periods=2, offers=[lease(chips=("old", "new"))], chips=chips))
    assert plan.summary["cost_busd"] == pytest.approx(0.2 + 0.2 + 0.1)
    assert {(row["chip"], row["it_mw"]) for row in plan.rows("contracts")} == {("old", 20.0), ("new", 10.0)}


def test_a_lease_outlasts_its_chip_empty_and_pays_what_is_owed_whatever_happens():
    """A chip of one year in a term of two: the second year needs another contract, and the first owes four fifths."""
    offer = lease(take_or_pay_share=0.8, term_years=2.0)
    case = tiny([10.0, 10.0], periods=2, offers=[offer], chips=[chip(life_years=1.0)])
    assert cost(case) == pytest.approx(0.1 + 0.08 + 0.1)


def test_what_is_put_in_a_signed_lease_stays_with_it():
    """20 MW signed for a year and a half, and 30 MW of a chip to be had: 20 in it, half the time in the second year."""
    signed = {"contract": "s", "offer": "lease", "role": "primary", "it_mw": 20.0, "start_date": "2026-01-01",
              "end_date": "2027-07-01", "rent_musd_per_mw_year": 5.0}  # fmt: skip
    supply = [{"chip": "chip", "year": year, "it_mw": mw} for year, mw in ((2026, 30.0), (2027, 0.0))]
    plan = solve(tiny([20.0, 10.0], periods=2, contracts=[signed], chip_supply=supply))
    assert plan.summary["cost_busd"] == pytest.approx(0.1 + 0.05)
    put = [(row["contract"], row["added_it_mw"], row["stock_it_mw"]) for row in plan.rows("installs")]
    assert put == [("s", 20.0, 20.0), ("s", 0.0, 10.0)]


@pytest.mark.parametrize("more", [{}, {"renewal_rent_musd_per_mw_year": 11.0}, {"renewal_rent_musd_per_mw_year": 6.0}])
def test_more_renewal_options_never_cost_more(more):
    """Law of direction: the right to renew, and a lower rent for it, leave every plan that there was."""
    base = lease(term_years=1.0, last_start="2026-01-01", max_blocks=3)
    dear = lease("dear", rent_musd_per_mw_year=13.0, term_years=1.0)
    found = [cost(tiny([20.0, 30.0], periods=2, offers=[{**base, **terms}, dear])) for terms in ({}, more)]
    assert found[1] <= found[0] + 1e-9
    assert bool(more) is (found[1] < found[0] - 1e-9)
