"""Limits: what each family allows on a case small enough to work out by hand."""

import pytest

from planner.errors import InfeasibleError
from tests.program.tiny import CASH, by_period, cash, chip, column, cost, lease, market, own, region, site, solve, tiny

UTILISED = 0.8
POWER = {"power": {"utilisation": UTILISED}}
MT_PER_GW_YEAR = UTILISED * 1.2 * 8.76 * 0.4
"""Utilisation x PUE x million MWh per GW and year x tonnes per MWh."""


def unserved(case):
    """Unserved compute per period of the best plan."""
    return by_period(solve(case), "unserved", "unserved_compute")


def test_energised_power_over_pue_is_what_a_site_holds():
    """50 MW energised at a PUE of 1.25 hold 40 IT MW; a step in the middle of a year counts for half of it."""
    steps = [
        {"site": "a", "date": "2026-01-01", "facility_mw": 50.0},
        {"site": "a", "date": "2027-07-01", "facility_mw": 75.0},
    ]
    assert unserved(tiny(100.0, periods=2, energisation=steps)) == pytest.approx([60.0, 50.0])


def test_a_site_holds_no_more_than_its_it_limit():
    """A site of 35 IT MW holds three whole blocks of 10 MW."""
    assert unserved(tiny(100.0, sites=[site(max_it_mw=35.0)])) == pytest.approx([70.0])


def test_a_region_gives_its_firm_power_at_the_middle_of_the_period():
    """50 MW and 12.5 MW more a year are 56.25 and 68.75 MW: 45 and 55 IT MW over both sites of the region."""
    sites, offers = [site("a"), site("b")], [lease("x", "a", block_it_mw=5.0), lease("y", "b", block_it_mw=5.0)]
    regions = [region(firm_facility_mw=50.0, added_facility_mw_per_year=12.5)]
    case = tiny(100.0, periods=2, sites=sites, offers=offers, power_regions=regions, families=POWER)
    assert unserved(case) == pytest.approx([55.0, 45.0])


def test_own_energy_is_paid_at_the_tariff():
    """10 MW of own chips at 80% and a PUE of 1.2 over 8760 h at $50; a cloud lease pays none."""
    energy = 0.010 * UTILISED * 1.2 * 8.76 * 0.050
    assert cost(tiny(10.0, offers=[own()], families=POWER)) == pytest.approx(0.12 + 0.3 + energy, rel=1e-7)
    assert cost(tiny(10.0, families=POWER)) == pytest.approx(0.1, rel=1e-7)


def _option(**more):
    return {
        "power_option": "option", "site": "a", "kind": "storage", "max_facility_mw": 25.0, "in_energisation": False,
        "earliest_date": "2026-01-01", "lead_months": 0.0, "life_years": 10.0, "capex_busd_per_gw": 1.0, **more,
    }  # fmt: skip


@pytest.mark.parametrize(("in_energisation", "expected"), [(False, 40.0), (True, 60.0)])
def test_storage_on_site_adds_to_the_energised_power(in_energisation, expected):
    """25 MW of storage on 50 MW energised hold 20 IT MW more, unless the steps count it already."""
    steps = [{"site": "a", "date": "2026-01-01", "facility_mw": 50.0}]
    options = [_option(in_energisation=in_energisation)]
    assert unserved(tiny(100.0, energisation=steps, families=POWER, power_options=options)) == pytest.approx([expected])


def test_generation_on_site_replaces_what_is_bought_where_it_is_cheaper():
    """Generation at $10 instead of $50 per MWh covers the 9.6 MW that 10 MW of chips use, for $1M per MW built."""
    options = [_option(kind="generation", fuel_usd_per_mwh=10.0, carbon_kg_per_mwh=0.0, capex_busd_per_gw=0.1)]
    use_gw = 0.010 * UTILISED * 1.2
    plan = solve(tiny(10.0, offers=[own()], families=POWER, power_options=options))
    expected = 0.12 + 0.3 + use_gw * 0.1 + use_gw * 8.76 * 0.010
    assert plan.summary["cost_busd"] == pytest.approx(expected, rel=1e-7)
    assert by_period(plan, "power_options", "output_facility_mw") == pytest.approx([9.6])


def test_the_budget_of_a_year_limits_its_blocks():
    """$0.35B pay for three blocks of $0.1B: 70 of 100 stay unserved."""
    assert unserved(tiny(100.0, families={"budget": CASH}, budget=cash(1, 0.35))) == pytest.approx([70.0])


@pytest.mark.parametrize(("carry_over", "expected"), [(False, 70.0), (True, 30.0)])
def test_money_left_is_carried_over_where_the_case_says_so(carry_over, expected):
    """Twice $0.35B pay for seven blocks in the second year when the first year's money is kept, for three when not."""
    families = {"budget": {**CASH, "carry_over": carry_over}}
    case = tiny([0.0, 100.0], periods=2, families=families, budget=cash(2, 0.35))
    assert unserved(case) == pytest.approx([0.0, expected])


def test_a_lower_partner_share_frees_its_reinvested_part():
    """Of $10B revenue 15% less go to the partner, 20% of it is reinvested: $0.3B more, six blocks instead of three."""
    families = {"budget": {**CASH, "reinvested_share": 0.2}}
    rows = cash(1, 0.35, revenue_busd=10.0, partner_share=0.05, reference_share=0.2)
    assert unserved(tiny(100.0, families=families, budget=rows)) == pytest.approx([40.0])


def test_an_envelope_limits_a_role_over_the_horizon():
    """$0.5B for primary capacity over two years pay for five block-years of twenty."""
    families = {"budget": {**CASH, "primary_envelope_busd": 0.5}}
    offers = [lease(term_years=1.0)]
    case = tiny(100.0, periods=2, offers=offers, families=families, budget=cash(2, 10.0))
    assert sum(unserved(case)) == pytest.approx(150.0)


SIGNED = {
    "contract": "signed", "offer": "lease", "role": "primary", "it_mw": 20.0, "chip": "chip",
    "start_date": "2025-01-01", "end_date": "2030-01-01", "rent_musd_per_mw_year": 9.0,
}  # fmt: skip


def test_signed_rent_beyond_the_budget_is_not_paid_or_infeasible():
    """$0.18B is signed and $0.17B there: $0.01B is owed and not paid; refused, it is proven infeasible, exit code 3."""
    signed = SIGNED
    case = tiny(0.0, contracts=[signed], families={"budget": CASH}, budget=cash(1, 0.17))
    plan = solve(case)
    assert plan.shortfalls[["tier", "contract", "unit"]].values.tolist() == [["cash", "signed", "busd"]]
    assert plan.shortfalls["amount"].sum() == pytest.approx(0.01, abs=1e-7)
    assert plan.cost_busd == pytest.approx(0.18)
    hard = tiny(
        0.0, contracts=[signed], families={"budget": CASH}, budget=cash(1, 0.17), objective={"shortfall": "hard"}
    )
    with pytest.raises(InfeasibleError, match="proven infeasible") as caught:
        solve(hard)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    ("carry_over", "missing"),
    [(False, [("signed", 0.18), ("", 0.8), ("signed", 0.13)]), (True, [("signed", 0.18), ("", 0.8), ("signed", 0.13)])],
)
def test_other_spending_beyond_the_money_is_a_shortfall_of_cash(carry_over, missing):
    """A burn of $0.1B against other spending of $0.9B, then $0.05B; $0.18B is signed a year. 2026 lacks all that is
    signed and $0.8B more, 2027 $0.18B less $0.05B. None of it is in the cost, which is what is signed.
    """
    rows = [
        {"year": 2026 + n, "cash_burn_busd": 0.1, "other_spending_busd": busd} for n, busd in enumerate((0.9, 0.05))
    ]
    family = {"basis": "burn", "carry_over": carry_over, "backup_income_counts": False}
    more = {"contracts": [SIGNED], "families": {"budget": family}, "budget": rows, "periods": 2}
    plan = solve(tiny(10.0, **more))
    found = [(row["contract"], row["amount"]) for row in plan.rows("shortfalls")]
    assert found == [(name, pytest.approx(busd, abs=1e-7)) for name, busd in missing]
    assert plan.summary["shortfalls"][0]["bound"] == pytest.approx(1.11, abs=1e-6)
    assert plan.cost_busd == pytest.approx(0.36)
    with pytest.raises(InfeasibleError):
        solve(tiny(10.0, objective={"shortfall": "hard"}, **more))


def test_what_earlier_periods_left_covers_other_spending_first():
    """$1B is left of 2026 and carried over; 2027 lacks $1.2B: $0.2B is missed, all of it of what is signed, $0.3B."""
    rows = [{"year": 2026 + n, "cash_burn_busd": 1.3, "other_spending_busd": busd} for n, busd in enumerate((0.0, 2.2))]
    family = {"basis": "burn", "carry_over": True, "backup_income_counts": False}
    signed = {**SIGNED, "rent_musd_per_mw_year": 15.0}
    plan = solve(tiny(10.0, contracts=[signed], families={"budget": family}, budget=rows, periods=2))
    assert {row["contract"] for row in plan.rows("shortfalls")} == {"signed"}
    assert plan.shortfalls["amount"].sum() == pytest.approx(0.2, abs=1e-7)


def _equal_sites(count, **more):
    sites = [site(f"s{n}") for n in range(count)]
    offers = [lease(f"o{n}", f"s{n}", **{"roles": ("primary", "backup"), **more}) for n in range(count)]
    return {"sites": sites, "offers": offers}


def _lose(k=1, share=1.0):
    return {"redundancy": {"rules": [{"name": "sites", "domain": "site", "k": k, "critical_share": share}]}}


@pytest.mark.parametrize(("count", "k", "expected"), [(2, 1, 120.0), (3, 1, 90.0), (4, 1, 80.0), (4, 2, 120.0)])
def test_losing_k_of_n_equal_sites_needs_n_over_n_less_k_of_demand(count, k, expected):
    """Any n - k of n sites carry all of D: D n / (n - k) is installed, and paid."""
    plan = solve(tiny(60.0, **_equal_sites(count), families=_lose(k)))
    assert sum(column(plan, "capacity", "it_mw")) == pytest.approx(expected)
    assert plan.summary["cost_busd"] == pytest.approx(expected / 100)


def test_only_the_critical_share_must_survive():
    """Half of 60 is critical: two sites of 30 need nothing more than the demand itself."""
    assert cost(tiny(60.0, **_equal_sites(2), families=_lose(share=0.5))) == pytest.approx(0.6)


def test_a_single_site_cannot_survive_its_own_loss():
    """N-1 over a single site: no capacity survives, so all that is served is unprotected; or nothing is served."""
    plan = solve(tiny(60.0, **_equal_sites(1), families=_lose()))
    assert plan.shortfalls[["tier", "rule", "amount"]].values.tolist() == [["protection", "sites", 60.0]]
    rule = {**_lose()["redundancy"]["rules"][0], "shortfall": "hard"}
    hard = solve(tiny(60.0, **_equal_sites(1), families={"redundancy": {"rules": [rule]}}))
    assert hard.summary["unserved_share"] == pytest.approx(1.0)


def test_backup_income_is_paid_on_its_share_of_idle_backup():
    """Two sites of 60 MW for 60 of demand: half of 60 MW of backup is sold at $1M per MW; the market may take less."""
    income = {"price_musd_per_mw_year": 1.0, "largest_share": 0.5}
    families = {**_lose(), "backup_income": income}
    assert cost(tiny(60.0, **_equal_sites(2), families=families)) == pytest.approx(1.2 - 0.030, rel=1e-7)
    families["backup_income"] = {**income, "market_it_mw": 20.0}
    assert cost(tiny(60.0, **_equal_sites(2), families=families)) == pytest.approx(1.2 - 0.020, rel=1e-7)


def test_diversity_holds_the_cheap_provider_to_its_share():
    """Of 100 MW at most 60% come from the cheap provider; the rest costs twice as much."""
    offers = [lease("cheap"), lease("dear", rent_musd_per_mw_year=20.0)]
    families = {"diversity": {"rules": [{"domain": "provider", "largest_share": 0.6}]}}
    assert cost(tiny(100.0, offers=offers, families=families)) == pytest.approx(0.6 + 2 * 0.4)


def test_a_provider_grows_by_its_first_year_and_its_growth():
    """20 MW in the first year and 100% growth on top: 20, then 20 + 20 + 20, then 60 + 20 + 60 MW."""
    providers = [{"provider": "lease_provider", "name": "P", "first_year_it_mw": 20.0, "growth_per_year": 1.0}]
    case = tiny(200.0, periods=3, providers=providers, families={"integration": {}})
    assert unserved(case) == pytest.approx([180.0, 140.0, 60.0])


def test_the_stock_of_a_custom_chip_grows_likewise():
    """30 MW in the first year and 50% growth on top: 30, then 30 + 30 + 15 MW."""
    growth = {"first_year_it_mw": 30.0, "growth_per_year": 0.5}
    chips = [chip(development_cost_busd=0.0)]
    offers = [lease(block_it_mw=5.0)]
    case = tiny(200.0, periods=2, offers=offers, chips=chips, families={"integration": {"custom_chip": growth}})
    assert unserved(case) == pytest.approx([170.0, 125.0])


def test_the_carbon_cap_limits_what_runs():
    """A cap of what 50 MW emit leaves 50 of 100 unserved, leased or not."""
    cap = {"cap_mt_per_year": MT_PER_GW_YEAR * 0.050}
    assert unserved(tiny(100.0, families={**POWER, "carbon": cap})) == pytest.approx([50.0])


def test_carbon_is_paid_per_tonne():
    """$20 per tonne on what 100 MW of leased chips emit."""
    families = {**POWER, "carbon": {"price_usd_per_tonne": 20.0}}
    assert cost(tiny(100.0, families=families)) == pytest.approx(1.0 + MT_PER_GW_YEAR * 0.1 * 0.020, rel=1e-7)


def test_opening_costs_make_one_site_of_two():
    """Two half-empty sites would cost two openings: all goes to one, which pays its fixed cost every year."""
    costs = {"opening_cost_busd": 0.3, "fixed_opex_busd_per_year": 0.05}
    sites, offers = [site("a", **costs), site("b", **costs)], [lease("x", "a"), lease("y", "b")]
    plan = solve(tiny(100.0, periods=2, sites=sites, offers=offers, families={"site_opening": {}}))
    assert len(plan.rows("openings")) == 1
    assert plan.summary["cost_busd"] == pytest.approx(2 * 1.0 + 0.3 + 2 * 0.05)


def test_no_more_sites_open_than_allowed():
    """One site of 60 MW may open of two: 40 of 100 stay unserved; with both, none."""
    sites, offers = [site(name, max_it_mw=60.0) for name in "ab"], [lease("x", "a"), lease("y", "b")]
    one = tiny(100.0, sites=sites, offers=offers, families={"site_opening": {"open_at_most": 1}})
    assert unserved(one) == pytest.approx([40.0])
    two = tiny(100.0, sites=sites, offers=offers, families={"site_opening": {"open_exactly": 2}})
    assert unserved(two) == pytest.approx([0.0])


@pytest.mark.parametrize(("single_source", "expected"), [(False, 0.0), (True, 100.0)])
def test_a_single_source_market_is_served_whole_or_not_at_all(single_source, expected):
    """Two sites of 60 MW serve 100 together; neither can alone."""
    sites, offers = [site(name, max_it_mw=60.0) for name in "ab"], [lease("x", "a"), lease("y", "b")]
    case = tiny(100.0, sites=sites, offers=offers, markets=[market(single_source=single_source)])
    assert unserved(case) == pytest.approx([expected])


def test_residency_keeps_the_cheap_site_out():
    """Only sites in France may serve: the dear site there is used, though a cheap one stands elsewhere."""
    sites, offers = [site("a"), site("b", country="FR")], [lease("x", "a"), lease("y", "b", rent_musd_per_mw_year=20.0)]
    assert cost(tiny(100.0, sites=sites, offers=offers, markets=[market(residency=("FR",))])) == pytest.approx(2.0)


@pytest.mark.parametrize(("price", "expected"), [(0.009, 0.9), (0.011, 1.0)])
def test_priced_demand_is_served_when_it_pays(price, expected):
    """A unit of compute costs $10M a year to serve: it is left unserved below that price and served above it."""
    objective = {"unserved": "priced", "unserved_price_busd_per_compute_year": price}
    assert cost(tiny(100.0, objective=objective)) == pytest.approx(expected)
