"""Closed forms of every payment and limit, each on a case small enough for paper."""

import math
from datetime import date

import pytest

from planner.audit import audit
from planner.audit.allowances import limits, partner_payments
from planner.audit.calendar import Calendar
from planner.audit.contracts import allowed_end
from planner.audit.facts import Facts
from planner.audit.limits import growth_limit
from planner.audit.money import cost_of
from planner.audit.power import emissions_mt
from planner.case.model import Horizon
from tests.audit import yards
from tests.audit.forms import decided, evaluate, leased, paid, small


def test_capex_is_spread_over_the_lead_by_milestones():
    """18 months of lead, a quarter and three quarters: 1/6 of 1 $B falls in the first year, 5/6 in the second."""
    row = yards.offer("oa", "a", "p", lead_months=18.0, capex_busd_per_gw_it=10.0, capex_milestones=(0.25, 0.75))
    _, ledger = evaluate(small(offers=[row]), contracts=[decided("2028", "end", end_date="2038-01-01")])
    assert paid(ledger, "capex") == pytest.approx([1 / 6, 5 / 6, 0, 0])
    # Of ten years of life two have passed: 8/10 are left.
    assert ledger.salvage_busd == pytest.approx(0.8)


def test_no_salvage_without_the_option_nor_after_the_end():
    """Salvage is credited only when the objective says so, and only for contracts in force at the end."""
    contract = [decided("2026", "end", end_date="2036-01-01")]
    _, ledger = evaluate(small(objective={"salvage": "none"}), contracts=contract)
    assert ledger.salvage_busd == 0
    short = yards.offer("oa", "a", "p", term_years=2.0, **yards.BUILD)
    _, ledger = evaluate(small(offers=[short]), contracts=[decided("2026", "2028")])
    assert ledger.salvage_busd == 0


def test_rent_grows_in_the_term_and_stands_still_after_it():
    """In the term 0.2 x 1.1^(t + 1/2), after it the renewal rent 1.5 on 100 MW."""
    row = leased(renewal_rent_musd_per_mw_year=1.5)
    _, ledger = evaluate(small(offers=[row]), contracts=[decided("2026", "end", tenure="shell",
                                                                    end_date="2030-01-01")])  # fmt: skip
    assert paid(ledger, "rent") == pytest.approx([*(0.2 * 1.1 ** (t + 0.5) for t in range(3)), 0.15])


def test_leaving_early_costs_the_share_of_the_rent_left():
    """Left after one of five years of term, half of the rent left is due: two years inside, two beyond the horizon."""
    row = leased(term_years=5.0, exit_after_years=1.0, exit_cost_share=0.5)
    _, ledger = evaluate(small(periods=3, offers=[row]), contracts=[decided("2026", "2027", tenure="shell")])
    left = 0.2 * (1.1**1.5 + 1.1**2.5) + 0.2 * 1.1**2.5 * 2
    assert paid(ledger, "exit") == pytest.approx([0, left / 2, 0])
    assert paid(ledger, "rent") == pytest.approx([0.2 * 1.1**0.5, 0, 0])


def test_exit_counts_the_term_not_the_boundary_after_it():
    """A term of 2.5 years left after one: a whole year and half a year of rent are left."""
    row = leased(term_years=2.5, exit_after_years=1.0, exit_cost_share=1.0)
    _, ledger = evaluate(small(offers=[row]), contracts=[decided("2026", "2027", tenure="shell")])
    assert paid(ledger, "exit") == pytest.approx([0, 0.2 * (1.1**1.5 + 0.5 * 1.1**2.5), 0, 0])


@pytest.mark.parametrize(
    ("terms", "ends"),
    [
        ({}, {3}),
        ({"renewal_rent_musd_per_mw_year": 1.0}, {3, 4, 5}),
        ({"exit_after_years": 2.0, "exit_cost_share": 0.0}, {2, 3}),
        ({"term_years": 2.5}, {3}),
        ({"term_years": 9.0}, {5}),
        ({"term_years": 9.0, "renewal_rent_musd_per_mw_year": 1.0, "exit_after_years": 3.5, "exit_cost_share": 0.0},
         {4, 5}),
    ],
)  # fmt: skip
def test_allowed_ends(terms, ends):
    """A contract ends with its term, later if it can be renewed, earlier if it can be left."""
    facts = Facts.of(small(periods=5, offers=[leased(**terms)]))
    offer = facts.offers["oa"]
    assert {end for end in range(1, 6) if allowed_end(facts, offer, 0, end)} == ends
    assert facts.term_boundary(offer, 4) == 5


def test_usage_is_paid_on_what_is_installed_beyond_the_signed_contracts():
    """A fifth of the rent is due on 130 MW installed less the 50 MW signed; nothing where less than that runs."""
    row = leased(take_or_pay_share=0.8, rent_growth_per_year=0.0)
    signed = {"contract": "s", "offer": "oa", "role": "primary", "it_mw": 50.0, "start_date": "2026-01-01",
              "end_date": "2028-01-01", "rent_musd_per_mw_year": 1.0}  # fmt: skip
    line = decided("2026", "2029", tenure="shell")
    stated = {**line, "contract": "s", "origin": "signed", "blocks": "", "it_mw": 50.0, "end_date": "2028-01-01",
              "start_period": "", "end_period": ""}  # fmt: skip
    installs = [{"offer": "oa", "role": "primary", "chip": "m", "period": str(2026 + t),
                 "contract": "", "added_it_mw": added,
                 "stock_it_mw": 130.0 if t else 40.0} for t, added in enumerate((40.0, 90.0, 0.0, 0.0))]  # fmt: skip
    case = small(offers=[row], contracts=[signed])
    _, ledger = evaluate(case, contracts=[line, stated], installs=installs)
    assert paid(ledger, "usage") == pytest.approx([0, 0.4 * 0.08, 0.4 * 0.13, 0.4 * 0.13])
    assert paid(ledger, "rent") == pytest.approx([0.05 + 0.16, 0.05 + 0.16, 0.16, 0])


def test_signed_contract_of_a_part_of_a_year():
    """From 2026-04-16 to 2027-07-01: 8.5 and 6 months, in force, installed and paid by the overlap."""
    signed = {"contract": "s", "offer": "oa", "role": "backup", "it_mw": 120.0, "start_date": "2026-04-16",
              "end_date": "2027-07-01", "rent_musd_per_mw_year": 1.0, "chip": "m"}  # fmt: skip
    facts = Facts.of(small(contracts=[signed], chips=[yards.chip("m", life_years=1.0), yards.chip("c")]))
    assert facts.signed_mw["oa", "backup"] == pytest.approx([85, 60, 0, 0])
    # The chip lives a year: to 2027-04-16, three and a half months of 2027.
    assert facts.signed_chip_mw["oa", "backup", "m"] == pytest.approx([85, 35, 0, 0])


def test_chips_are_paid_at_the_grown_price_and_credited_by_life():
    """100 MW in 2027 at 30 x 0.9^1.5 $B a GW; of four years one is left after 2029."""
    chips = [yards.chip("m", price_growth_per_year=-0.1), yards.chip("c")]
    installs = [{"offer": "oa", "role": "primary", "chip": "m", "period": str(year),
                 "contract": "", "added_it_mw": added,
                 "stock_it_mw": 100.0} for year, added in ((2027, 100.0), (2028, 0.0), (2029, 0.0))]  # fmt: skip
    _, ledger = evaluate(small(chips=chips), installs=installs)
    price = 3.0 * 0.9**1.5
    assert paid(ledger, "chips") == pytest.approx([0, price, 0, 0])
    assert ledger.salvage_busd == pytest.approx(price / 4)


def test_energy_of_a_gigawatt_year():
    """1 GW of chips at full use and a PUE of 1 uses 8.76 TWh: 0.438 $B at 50 $ a MWh."""
    sites = [yards.site("a", pue_peak=1.0, pue_average=1.0)]
    installs = [{"offer": "oa", "role": "primary", "chip": "m", "period": "2026",
                 "contract": "", "added_it_mw": 1000.0,
                 "stock_it_mw": 1000.0}]  # fmt: skip
    case = small(periods=1, sites=sites, families={"power": {"utilisation": 1.0}})
    state, ledger = evaluate(case, installs=installs)
    assert paid(ledger, "energy") == pytest.approx([0.438])
    assert emissions_mt(state, 0) == pytest.approx(8.76 * 0.3)


def test_fuel_and_emissions_of_two_options():
    """Of 100 MW of use 40 are made on site by two options: each pays its fuel and emits its own, the grid the rest."""
    option = {"site": "a", "kind": "generation", "in_energisation": True, "earliest_date": "2026-01-01",
              "lead_months": 0.0, "life_years": 10.0, "capex_busd_per_gw": 0.0, "max_facility_mw": 30.0}  # fmt: skip
    options = [{**option, "power_option": "dirty", "fuel_usd_per_mwh": 20.0, "carbon_kg_per_mwh": 400.0},
               {**option, "power_option": "clean", "fuel_usd_per_mwh": 40.0, "carbon_kg_per_mwh": 0.0}]  # fmt: skip
    families = {"power": {"utilisation": 1.0}, "carbon": {"price_usd_per_tonne": 100.0}}
    case = small(periods=1, families=families, power_options=options)
    built = [{"power_option": key, "site": "a", "period": "2026", "facility_mw": 30.0} for key in ("dirty", "clean")]
    output = [{"period": "2026", "power_option": key, "site": "a", "in_service_facility_mw": 30.0,
               "output_facility_mw": mw}
              for key, mw in (("dirty", 30.0), ("clean", 10.0))]  # fmt: skip
    installs = [{"offer": "oa", "role": "backup", "chip": "m", "period": "2026",
                 "contract": "", "added_it_mw": 100 / 1.2,
                 "stock_it_mw": 100 / 1.2}]  # fmt: skip
    state, ledger = evaluate(case, power_built=built, power_options=output, installs=installs)
    assert paid(ledger, "fuel") == pytest.approx([8.76e-3 * (0.03 * 20 + 0.01 * 40)])
    # The chips are backup: they bear all their use; what is saved on site is primary.
    assert paid(ledger, "energy", "backup") == pytest.approx([8.76e-3 * 0.1 * 50])
    assert paid(ledger, "energy") == pytest.approx([-8.76e-3 * 0.04 * 50])
    assert emissions_mt(state, 0) == pytest.approx(8.76e-3 * (0.06 * 300 + 0.03 * 400))
    assert paid(ledger, "carbon") == pytest.approx([8.76e-3 * 30 * 0.1])


def test_partner_payments_stop_at_the_cap():
    """Payments of 2 a year under a cap of 5 are 2, 2, 1, 0; the limit gets half of what is not paid."""
    budget = [{"year": 2026 + t, "cash_limit_busd": 6.0, "cash_burn_busd": 1.0, "revenue_busd": 10.0,
               "partner_share": 0.2, "reference_share": 0.3} for t in range(4)]  # fmt: skip
    options = {"basis": "cash_limit", "reinvested_share": 0.5, "partner_payment_cap_busd": 5.0, "carry_over": False,
               "backup_income_counts": False}  # fmt: skip
    facts = Facts.of(small(budget=budget, families={"budget": options}))
    assert partner_payments(facts) == pytest.approx([2, 2, 1, 0])
    assert limits(facts) == pytest.approx([6.5, 6.5, 7, 7.5])
    burn = {**options, "basis": "burn"}
    assert limits(Facts.of(small(budget=budget, families={"budget": burn}))) == pytest.approx([9, 9, 10, 11])


@pytest.mark.parametrize(("carry_over", "passes"), [(True, True), (False, False)])
def test_carry_over_pays_for_a_dear_year(carry_over, passes):
    """Limits of 0.6 a year and 1.0 spent in the second: only with the first year's money."""
    options = {"basis": "burn", "carry_over": carry_over, "backup_income_counts": False}
    budget = [{"year": 2026 + t, "cash_burn_busd": 0.6, "revenue_busd": 0.0, "partner_share": 0.0} for t in range(2)]
    case = small(periods=2, budget=budget, families={"budget": options})
    report = audit(case, {"contracts": [decided("2027", "end", end_date="2037-01-01")]})
    limit = next(check for check in report.checks if check.name == "limit of a period")
    assert limit.passed is passes
    assert limit.worst_violation == pytest.approx(0.0 if passes else 0.4)


def test_unserved_demand_is_priced_or_not():
    """10 of compute unserved for two years at 3 cost 60, discounted at 21 % a year; nothing when lexicographic."""
    demand = [{"market": "g", "workload": "inference", "year": 2026 + t, "compute": 10.0} for t in range(2)]
    priced = {"unserved": "priced", "unserved_price_busd_per_compute_year": 3.0, "discount_rate_per_year": 0.21}
    state, ledger = evaluate(small(periods=2, demand=demand, objective=priced))
    assert cost_of(state, ledger).total == pytest.approx(30 / 1.1 + 30 / 1.331)
    state, ledger = evaluate(small(periods=2, demand=demand))
    assert cost_of(state, ledger).total == 0


def test_fixed_cost_and_opening_need_the_family():
    """Opened in 2027 a site pays once and then every year; signed sites pay the fixed cost from the start."""
    sites = [yards.site("a", opening_cost_busd=0.3, fixed_opex_busd_per_year=0.1)]
    opening = [{"site": "a", "period": "2027", "origin": "decided", "opening_cost_busd": 0.3}]
    _, ledger = evaluate(small(sites=sites, families={"site_opening": {}}), openings=opening)
    assert paid(ledger, "opening") == pytest.approx([0, 0.3, 0, 0])
    assert paid(ledger, "fixed") == pytest.approx([0, 0.1, 0.1, 0.1])


def test_energised_power_is_a_time_average():
    """100 MW from April 2026 and 200 MW from July 2027: 75, 150, 200, 200."""
    steps = [{"site": "a", "date": "2027-07-01", "facility_mw": 200.0},
             {"site": "a", "date": "2026-04-01", "facility_mw": 100.0}]  # fmt: skip
    assert Facts.of(small(energisation=steps)).energised_mw["a"] == pytest.approx([75, 150, 200, 200])


def test_growth_of_a_quarter():
    """In a quarter 100 MW a year bring 25, and 60 % a year on 200 MW the quarter's share, compounded."""
    facts = Facts.of(small(months=3))
    assert growth_limit(facts, 0, 100.0, 0.6, 200.0) == pytest.approx(25 + 200 * (1.6**0.25 - 1))


def test_round_trip_from_distance():
    """A quarter of the Earth's girth at 200 km a ms, there and back, with a route 1.2 times as long, plus 3 ms."""
    quarter = 6371.0088 * math.pi / 2
    limit = 2 * quarter * 1.2 / 200 + 3
    sites = [yards.site("a", latitude_deg=0.0, longitude_deg=10.0)]

    def reached(limit_ms, **tables):
        def model(options):
            options["latency"] = {"route_factor": 1.2, "fibre_km_per_ms": 200.0, "overhead_ms": 3.0}

        def rows(all_rows):
            all_rows["sites"], all_rows["offers"] = sites, [yards.offer("oa", "a", "p", **yards.BUILD)]
            all_rows["contracts"] = []
            market = {"market": "g", "name": "g", "single_source": False, "latitude_deg": 90.0, "longitude_deg": 0.0}
            all_rows["markets"] = [{**market, "latency_limit_ms": limit_ms}]
            all_rows.update(tables)

        return Facts.of(yards.case(model, rows)).reach["a"]

    assert reached(limit + 1e-6) == {"g"}
    assert reached(limit - 1e-6) == set()
    assert reached(limit - 1e-6, latency=[{"site": "a", "market": "g", "rtt_ms": 1.0}]) == {"g"}
    assert reached(limit + 1e-6, serving=[]) == set()


@pytest.mark.parametrize(
    ("horizon", "labels"),
    [
        ({"periods": 2, "period_months": 12}, ("2026", "2027")),
        ({"periods": 2, "period_months": 3}, ("2026Q1", "2026Q2")),
        ({"periods": 2, "period_months": 1}, ("2026-01", "2026-02")),
        ({"periods": 2, "period_months": (12, 24)}, ("2026", "2027-2028")),
    ],
)
def test_labels_of_periods(horizon, labels):
    """A period is labelled by its year, quarter, month or span of years, and found by its label."""
    calendar = Calendar.of(Horizon(start=date(2026, 1, 1), **horizon))
    assert calendar.labels == labels
    assert [calendar.index[label] for label in labels] == [0, 1]


def test_years_and_levels():
    """A date in the middle of a month counts the share of the month; a period of 24 months averages two years."""
    calendar = Calendar.of(Horizon(start=date(2026, 1, 1), periods=2, period_months=(24, 6)))
    assert calendar.years(date(2026, 3, 16)) == pytest.approx((2 + 15 / 31) / 12)
    assert calendar.level({2026: 1.0, 2027: 2.0}, 0, "x") == pytest.approx(1.5)
    assert calendar.amount({2026: 1.0, 2027: 2.0}, 0, "x") == pytest.approx(3.0)
    assert calendar.amount({2028: 8.0}, 1, "x") == pytest.approx(4.0)
    assert calendar.boundary(2) == date(2028, 7, 1)
    assert calendar.met(date(2027, 1, 1), 0)
    assert not calendar.met(date(2027, 1, 2), 0)


def rules_passing(redundancy, families=None, **tables):
    """Return whether each redundancy rule holds for 100 MW of chip m at each of the sites a, b and d, one a country."""
    sites = [yards.site(key, country=country, power_region="west") for key, country in
             (("a", "US"), ("b", "US"), ("d", "FR"))]  # fmt: skip
    offers = [yards.offer(f"o{key}", key, "p" if key == "a" else "q", chips=("m", "c")) for key in "abd"]
    installs = [{"offer": f"o{key}", "role": role, "chip": kind, "period": "2026",
                 "contract": "", "added_it_mw": 100.0,
                 "stock_it_mw": 100.0} for key, role, kind in
                (("a", "primary", "m"), ("b", "backup", "m"), ("d", "primary", "c"))]  # fmt: skip
    case = small(periods=1, sites=sites, offers=offers, families={"redundancy": {"rules": redundancy}}, **tables)
    report = audit(case, {"installs": installs}, {"folder_format": 4})  # all demand is critical, served or not
    return [check.passed for check in report.checks if check.family == "redundancy"], report.lines


DEMAND = [{"market": "g", "workload": "inference", "year": 2026, "compute": 400.0}]


@pytest.mark.parametrize(
    ("rule", "share", "passes"),
    [
        # Chip m gives 1 and c gives 2 an MW: 100 at a, 100 at b, 200 at d.
        ({"domain": "site"}, 0.5, True),
        ({"domain": "site"}, 0.51, False),
        ({"domain": "site", "k": 2}, 0.25, True),
        ({"domain": "site", "k": 2}, 0.26, False),
        ({"domain": "site", "k": 3}, 0.0, True),
        ({"domain": "site", "k": 5}, 0.01, False),
        ({"domain": "provider"}, 0.25, True),
        ({"domain": "provider"}, 0.26, False),
        ({"domain": "country"}, 0.5, True),
        ({"domain": "country"}, 0.51, False),
        ({"domain": "power_region"}, 0.01, False),
        ({"domain": "chip_vendor"}, 0.5, True),
        ({"domain": "chip_vendor"}, 0.51, False),
        ({"domain": "sites", "sites": ["a", "b"]}, 0.5, True),
        ({"domain": "sites", "sites": ["a", "d"]}, 0.26, False),
        ({"domain": "site", "first_year": 2027}, 0.9, None),
        ({"domain": "site", "last_year": 2025}, 0.9, None),
    ],
)
def test_losses_of_every_kind(rule, share, passes):
    """Survivors of each kind of loss carry exactly the share worked out, and not a hundredth more."""
    entry = {"name": "rule", "critical_share": share, **rule}
    verdict, lines = rules_passing([entry], demand=DEMAND)
    assert verdict == ([] if passes is None else [passes]), lines


def test_critical_share_by_workload_and_override():
    """A share per workload, and another for one demand of one market."""
    share = {"inference": 0.9, "training": 0.1}
    entry = {"name": "rule", "domain": "site", "critical_share": share}
    assert rules_passing([entry], demand=DEMAND)[0] == [False]
    override = {"market": "g", "workload": "inference", "share": 0.5}
    assert rules_passing([{**entry, "overrides": [override]}], demand=DEMAND)[0] == [True]


def test_a_loss_names_the_demand_that_suffers():
    """Only sites of France may serve g: losing d leaves all that is critical unserved, in the words of the user."""
    market = {"market": "g", "name": "g", "single_source": False, "residency": ("FR",)}
    entry = {"name": "any one site", "domain": "site", "critical_share": 0.25}
    _, lines = rules_passing([entry], demand=DEMAND, markets=[market])
    text = 'redundancy "any one site": losing d in 2026 leaves 100 of critical compute unserved (group: g inference)'
    assert text in lines


def test_chips_of_different_ratios_are_judged_exactly():
    """Chip c trains at 2 and infers at 0.5, chip m at 1: after losing b, d trains 50 with 25 MW and a infers 100."""
    chips = [yards.chip("m"), yards.chip("c", training_compute_per_it_mw=2.0, inference_compute_per_it_mw=0.5)]

    def judged(training, inference):
        demand = [
            {"market": "g", "workload": "training", "year": 2026, "compute": training},
            {"market": "g", "workload": "inference", "year": 2026, "compute": inference},
        ]
        entry = {"name": "rule", "domain": "site", "k": 1, "critical_share": 1.0}
        return rules_passing([entry], demand=demand, chips=chips)[0]

    # Losing d leaves 200 MW of m for both; losing a or b leaves 100 MW of each chip.
    assert judged(60.0, 137.4) == [False]
    assert judged(60.0, 135.0) == [True]
    assert judged(60.0, 135.1) == [False]
