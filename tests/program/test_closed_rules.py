"""Sentences of docs/formulation.md that could be read in two ways: what each means, worked out by hand.

Every plan here has passed its audit: the audit reads these sentences in the same way.
"""

import pytest

from planner import Case
from planner.errors import InfeasibleError
from tests.length import thinned
from tests.program.tiny import (
    CASH,
    by_period,
    cash,
    chip,
    column,
    cost,
    lease,
    market,
    own,
    region,
    site,
    solve,
    tiny,
)
from tests.reference.rich_cases import rich_case

SIGNED = {
    "contract": "signed", "offer": "lease", "role": "primary", "it_mw": 30.0, "chip": "chip",
    "start_date": "2025-01-01", "end_date": "2040-01-01", "rent_musd_per_mw_year": 0.0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("term_years", "ends"),
    [(2.3, "2028-04-19"), (7.77, "2033-10-08"), (4 / 3, "2027-05-01"), (0.1, "2027-01-01"), (1e-9, "2027-01-01"),
     (1e5, "9999-12-31")],
)  # fmt: skip
def test_a_term_ends_on_the_date_on_which_it_falls(term_years, ends):
    """2.3 years are 27.6 months: three fifths of April 2028; what ends inside the horizon shows its end."""
    plan = solve(tiny(10.0, offers=[lease(term_years=term_years)]))
    assert [row["end_date"] for row in plan.rows("contracts")] == [ends]


def test_a_term_that_ends_inside_a_period_lasts_to_its_end():
    """A year and a half from 2026 is in force through 2027, at the growing rent of the term; 2028 is unserved."""
    once = lease(term_years=1.5, last_start="2026-01-01", rent_growth_per_year=0.21)
    plan = solve(tiny(10.0, periods=3, offers=[once]))
    assert plan.summary["cost_busd"] == pytest.approx(0.1 * (1.21**0.5 + 1.21**1.5), rel=1e-7)
    assert by_period(plan, "unserved", "unserved_compute") == pytest.approx([0.0, 0.0, 10.0])


@pytest.mark.parametrize("exit_after_years", [0.0, 0.37, 1 / 3, 1.1])
def test_leaving_early_counts_the_rent_to_the_exact_end_of_the_term(exit_after_years):
    """Of a term of 2.3 years, 1.3 are left after the first: half their rent is the price of leaving, if one may."""
    offer = lease(term_years=2.3, exit_after_years=exit_after_years, exit_cost_share=0.5, last_start="2026-01-01")
    stays = exit_after_years > 1.0
    # Who must stay a second year leaves after it, for half the rent of the 0.3 years that are left.
    expected = 0.1 * (2 + 0.5 * 0.3) if stays else 0.1 * (1 + 0.5 * 1.3)
    assert cost(tiny([10.0, 0.0, 0.0], periods=3, offers=[offer])) == pytest.approx(expected, rel=1e-7)


def test_after_renewal_a_lease_pays_the_renewal_rent_for_its_use_too():
    """Half of the renewal rent of 15 on the block, and half of it while its chip is there."""
    offer = lease(term_years=1.0, last_start="2026-01-01", take_or_pay_share=0.5, renewal_rent_musd_per_mw_year=15.0)
    assert cost(tiny(10.0, periods=2, offers=[offer])) == pytest.approx(0.1 + 0.5 * 0.15 + 0.5 * 0.15, rel=1e-7)


@pytest.mark.parametrize(("life_years", "batches"), [(1e-9, 2), (0.5, 2), (1.5, 1)])
def test_a_life_lasts_to_the_end_of_the_period_in_which_it_ends(life_years, batches):
    """Chips are alive in the period that they are installed in, however short their life."""
    case = tiny(10.0, periods=2, offers=[own()], chips=[chip(life_years=life_years)])
    assert cost(case) == pytest.approx(0.12 + batches * 0.3, rel=1e-7)


def test_a_lead_of_no_time_is_no_lead():
    """A billionth of a month before the horizon is the start of the horizon: the capex is paid then."""
    assert cost(tiny(10.0, offers=[own(lead_months=1e-9)])) == pytest.approx(0.42, rel=1e-7)


@pytest.mark.parametrize(("options", "unserved"), [(0.0, 100.0), (140.0, 0.0)])
def test_what_signed_contracts_need_is_energised_and_options_add_to_it(options, unserved):
    """Signed contracts of 843 IT MW need 1,180.2 facility MW of 1,180: an option of 140 MW carries 100 IT MW more."""
    battery = {
        "power_option": "battery", "site": "a", "kind": "storage", "max_facility_mw": options, "in_energisation": False,
        "earliest_date": "2026-01-01", "lead_months": 0.0, "life_years": 10.0, "capex_busd_per_gw": 1.0,
    }  # fmt: skip
    case = tiny(
        943.0,
        sites=[site(pue_peak=1.4, pue_average=1.3)],
        energisation=[{"site": "a", "date": "2020-01-01", "facility_mw": 1180.0}],
        contracts=[{**SIGNED, "it_mw": 843.0}],
        power_options=[battery],
        families={"power": {"utilisation": 1.0}},
    )
    assert by_period(solve(case), "unserved", "unserved_compute") == pytest.approx([unserved], abs=1e-3)


def test_a_site_may_be_opened_before_it_is_used():
    """Only 2026 has cash for the opening, only 2027 for the rent."""
    budget = [{**row, "cash_limit_busd": limit} for row, limit in zip(cash(2, 0.0), (0.5, 0.1), strict=True)]
    case = tiny(
        [0.0, 10.0],
        periods=2,
        sites=[site(opening_cost_busd=0.5)],
        families={"budget": CASH, "site_opening": {}},
        budget=budget,
    )
    assert by_period(solve(case), "unserved", "unserved_compute") == pytest.approx([0.0, 0.0])


@pytest.mark.parametrize("carry_over", [False, True])
def test_a_development_may_be_started_before_the_first_volume(carry_over):
    """Only 2026 has cash for the development, the chip comes in 2027: 10 MW cost $0.42B then."""
    budget = [{**row, "cash_limit_busd": limit} for row, limit in zip(cash(2, 0.0), (0.5, 0.42), strict=True)]
    custom = chip(development_cost_busd=0.5, first_date="2027-01-01")
    case = tiny(
        [0.0, 10.0],
        periods=2,
        offers=[own()],
        chips=[custom],
        families={"budget": {**CASH, "carry_over": carry_over}},
        budget=budget,
    )
    plan = solve(case)
    assert by_period(plan, "unserved", "unserved_compute") == pytest.approx([0.0, 0.0])
    assert plan.summary["cost_busd"] == pytest.approx(0.92)
    # Where money is carried, an early start is never better than one with the first volume: it is no decision then.
    started = sorted(t for _, t in Case.of(case).build().v_development_on)
    assert started == ([1] if carry_over else [0, 1])


TWO = [
    {"market": "m", "workload": "training", "year": 2026, "compute": 10.0},
    {"market": "m", "workload": "inference", "year": 2026, "compute": 20.0},
]
INFERS = chip("infers", training_compute_per_it_mw=None)


@pytest.mark.parametrize(("single", "unserved"), [(False, 10.0), (True, 30.0)])
def test_a_single_source_serves_every_workload_or_nothing(single, unserved):
    """A site whose chips only infer serves no part of a single-source market that trains too."""
    offers = [lease(chips=("infers",)), lease("other", "b", first_start="2027-01-01")]
    case = tiny(
        sites=[site(), site("b")], offers=offers, chips=[chip(), INFERS], markets=[market(single_source=single)],
        demand_rows=TWO,
    )  # fmt: skip
    assert by_period(solve(case), "unserved", "unserved_compute") == pytest.approx([unserved])


def test_a_single_source_is_the_site_that_can_do_all():
    """The dearer site hosts both kinds of work and is taken; the cheaper one only infers."""
    offers = [lease(chips=("infers",)), lease("both", "b", rent_musd_per_mw_year=20.0)]
    case = tiny(
        sites=[site(), site("b")], offers=offers, chips=[chip(), INFERS], markets=[market(single_source=True)],
        demand_rows=TWO,
    )  # fmt: skip
    plan = solve(case)
    assert {row["site"] for row in plan.rows("served")} == {"b"}
    assert plan.summary["cost_busd"] == pytest.approx(30 * 0.020)


def test_a_workload_without_demand_asks_nothing_of_a_single_source():
    """In a year without training a site that only infers serves the market whole."""
    rows = [{**row, "compute": row["compute"] if row["workload"] == "inference" else 0.0} for row in TWO]
    offers = [lease(chips=("infers",)), lease("other", "b", first_start="2027-01-01")]
    case = tiny(
        sites=[site(), site("b")], offers=offers, chips=[chip(), INFERS], markets=[market(single_source=True)],
        demand_rows=rows,
    )  # fmt: skip
    assert cost(case) == pytest.approx(0.2)


@pytest.mark.parametrize(("price", "expected"), [(0.0, 0.0), (0.0125, 1.25), (0.02, 1.5)])
def test_only_what_is_served_is_critical(price, expected):
    """Unserved demand has a price: nothing is served for nothing. A MW served needs half a MW of backup: 1.5 x 0.01."""
    rule = {"name": "any site", "domain": "site", "critical_share": 0.5}
    case = tiny(
        100.0,
        sites=[site(), site("b")],
        offers=[lease("x", "a", roles=("backup",)), lease("y", "b")],
        objective={"unserved": "priced", "unserved_price_busd_per_compute_year": price},
        families={"redundancy": {"rules": [rule]}},
    )
    assert cost(case) == pytest.approx(expected)


@pytest.mark.parametrize(("signed_chip", "served"), [("custom", 80.0), (None, 20.0)])
def test_custom_chips_grow_from_those_of_signed_contracts(signed_chip, served):
    """20 MW a year, and as much again as stands on the first day: 30 signed MW there allow 50 more, none 20."""
    custom = chip("custom", development_cost_busd=0.0)
    case = tiny(
        100.0,
        offers=[lease(chips=("custom",))],
        chips=[custom],
        contracts=[{**SIGNED, "chip": signed_chip}],
        families={"integration": {"custom_chip": {"first_year_it_mw": 20.0, "growth_per_year": 1.0}}},
    )
    assert by_period(solve(case), "served", "compute") == pytest.approx([served])


def test_on_site_power_at_a_site_without_an_offer_is_not_in_the_case():
    """A battery at the next site would relieve their power region, but nothing can stand there: 10 of 20 MW it is."""
    battery = {
        "power_option": "battery", "site": "b", "kind": "storage", "max_facility_mw": 100.0, "in_energisation": False,
        "earliest_date": "2026-01-01", "lead_months": 0.0, "life_years": 10.0, "capex_busd_per_gw": 1.0,
    }  # fmt: skip
    case = tiny(
        20.0,
        sites=[site(), site("b")],
        power_regions=[region(firm_facility_mw=12.5)],
        power_options=[battery],
        families={"power": {"utilisation": 1.0}},
    )
    assert by_period(solve(case), "unserved", "unserved_compute") == pytest.approx([10.0])


def test_more_signed_sites_than_may_be_open_are_infeasible():
    """A site with a signed contract is open; where none is to be open that is a proof, not a failure."""
    case = tiny(10.0, contracts=[SIGNED], families={"site_opening": {"open_at_most": 1}})
    families = case.model.families.model_copy(
        update={"site_opening": case.model.families.site_opening.model_copy(update={"open_at_most": 0})}
    )
    closed = case.replace(model=case.model.model_copy(update={"families": families}))
    with pytest.raises(InfeasibleError):
        Case.of(closed).solve(own_process=False)


@pytest.mark.parametrize(("second", "unserved"), [(0.0, 20.0), (20.0, 0.0)])
def test_every_contract_brings_its_own_chips(second, unserved):
    """The chips of a contract of one year leave with it: the next one needs a delivery of its own."""
    supply = [{"chip": "chip", "year": year, "it_mw": mw} for year, mw in ((2026, 30.0), (2027, second))]
    plan = solve(tiny([30.0, 20.0], periods=2, offers=[lease(term_years=1.0)], chip_supply=supply))
    assert by_period(plan, "unserved", "unserved_compute") == pytest.approx([0.0, unserved])
    assert column(plan, "installs", "added_it_mw", period=2026) == pytest.approx([30.0])


@pytest.mark.parametrize("lengths", [(1, 40, 7, 12), (40,), (5, 1, 1, 13), (3, 12, 7)])
@pytest.mark.parametrize("term_years", thinned([0.1, 1 / 3, 2.3], 3))
def test_plans_of_uneven_periods_pass_their_audit(lengths, term_years):
    """Dates in the middle of months, a leap day, fractional leads, terms and exits: the audit finds nothing."""
    offers = [
        lease(term_years=term_years, exit_after_years=0.29, exit_cost_share=0.3, renewal_rent_musd_per_mw_year=9.0),
        own("own", "a", lead_months=2.7, first_start="2026-02-14", term_years=term_years + 5, max_blocks=2),
    ]
    case = tiny(30.0, periods=6, offers=offers, contracts=[{**SIGNED, "end_date": "2028-02-29"}])
    horizon = case.model.horizon.model_copy(update={"periods": len(lengths), "period_months": lengths})
    shaped = case.replace(model=case.model.model_copy(update={"horizon": horizon}))
    assert solve(shaped).summary["unserved_share"] == pytest.approx(0.0, abs=1e-9)


def test_a_plan_that_spends_nothing_has_limits_all_the_same():
    """Nothing can be built; limits of seven twelfths of $0.1B are compared at their own size."""
    offers = [lease(lead_months=60.0)]
    case = tiny(
        10.0, periods=3, period_months=7, offers=offers, families={"budget": CASH}, budget=cash(3, 0.1)
    )  # fmt: skip
    plan = solve(case)
    assert column(plan, "budget", "limit_busd") == pytest.approx([0.1 * 7 / 12] * 3)
    assert plan.summary["cost_busd"] == 0.0


def test_the_bound_of_a_plan_that_costs_nothing_is_zero():
    """Rounding of the solver below a cost of zero is no gap: status, bound and gap agree."""
    case = tiny(10.0, offers=[lease(lead_months=60.0)])
    plan = solve(case)
    assert (plan.summary["cost_busd"], plan.summary["bound_busd"], plan.summary["gap"]) == (0.0, 0.0, 0.0)
    plan = Case.of(rich_case(83, extras=False)).solve(gap=0.0, own_process=False)
    assert (plan.summary["status"], plan.summary["bound_busd"]) == ("optimal", 0.0)
