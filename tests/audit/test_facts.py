"""What the case alone determines, and what follows from the decisions: capacity, reach, supply, demand, state."""

from random import Random
from typing import Any

import pytest

from planner.audit.budget import cash_of
from planner.audit.context import Context
from planner.audit.demand import primary_mw, served_compute, unserved_by_market, unserved_series
from planner.audit.facts import Facts, great_circle_km
from planner.audit.limits import growth_limit, holdings
from planner.audit.site import first_needed, open_sites
from planner.case.rows import MarketRow, SiteRow
from tests.audit import yards
from tests.audit.forms import decided, evaluate, paid, small
from tests.audit.test_cells import reader
from tests.audit.test_power_money import installs

SEEDS = range(8)


def signed(key: str, begin: str, end: str, mw: float = 60.0, **more: Any) -> dict[str, Any]:
    """Return a signed contract at offer ``oa``."""
    return {"contract": key, "offer": "oa", "role": "primary", "it_mw": mw, "start_date": begin, "end_date": end,
            "rent_musd_per_mw_year": 1.0, **more}  # fmt: skip


def test_sums_of_series_keep_the_order_of_their_keys():
    """Law: series of one key are added period by period; keys stay in the order in which they are first met."""
    facts = Facts.of(small(periods=3))
    parts = [("b", [1.0, 2.0, 3.0]), ("a", [1.0, 0.0, 0.0]), ("b", [0.5, 0.5, 0.5])]
    assert facts.summed(parts) == {"b": [1.5, 2.5, 3.5], "a": [1.0, 0.0, 0.0]}
    assert list(facts.summed(parts)) == ["b", "a"]
    assert facts.summed([]) == {}
    assert parts[0][1] == [1.0, 2.0, 3.0], "what is summed is not changed"


def test_only_available_sites_with_an_offer_are_in_the_case():
    """Law: a site that is not available, or has no offer, is left out with its offers, contracts and options."""
    sites = [yards.site("a"), yards.site("n", available=False), yards.site("e")]
    offers = [yards.offer("oa", "a", "p", **yards.BUILD), yards.offer("on", "n", "p", **yards.BUILD)]
    option = {**yards.TABLE_ROWS["power_options"][0], "site": "e"}
    facts = Facts.of(small(sites=sites, offers=offers, power_options=[option]))
    assert (set(facts.sites), set(facts.offers), set(facts.options)) == ({"a"}, {"oa"}, set())
    assert set(facts.energised_mw) == set(facts.reach) == {"a"}


@pytest.mark.parametrize("seed", SEEDS)
def test_signed_capacity_is_a_time_average(seed):
    """Law: a signed contract counts in each period by the share of its months, and its site and role add it up."""
    rng = Random(seed)
    rows, expected = [], {"primary": [0.0] * 4, "backup": [0.0] * 4}
    for number in range(3):
        first = rng.randrange(-12, 40)
        last = rng.randrange(first + 1, 60)
        role, mw = rng.choice(["primary", "backup"]), rng.uniform(5.0, 80.0)
        dates = [f"{2026 + month // 12}-{month % 12 + 1:02d}-01" for month in (first, last)]
        rows.append(signed(f"s{number}", *dates, mw=mw, role=role))
        for month in range(max(0, first), min(48, last)):
            expected[role][month // 12] += mw / 12
    facts = Facts.of(small(contracts=rows))
    for role in {row["role"] for row in rows}:
        assert facts.signed_mw["oa", role] == pytest.approx(expected[role])
    both = [one + other for one, other in zip(*expected.values(), strict=True)]
    assert facts.signed_site_mw["a"] == pytest.approx(both)
    assert facts.signed_site_mw.get("b", [0.0] * 4) == [0.0] * 4


@pytest.mark.parametrize(
    ("begin", "end", "opened"),
    [("2025-01-01", "2026-01-01", False), ("2025-01-01", "2026-01-02", True), ("2029-01-01", "2031-01-01", True)],
)
def test_a_site_with_a_contract_that_ends_after_the_start_is_open(begin, end, opened):
    """Law: a signed contract keeps its site open throughout, also one yet to start, but not one that has ended."""
    facts = Facts.of(small(contracts=[signed("s", begin, end)]))
    assert ("a" in facts.signed_open) is opened


def test_the_chip_of_a_signed_contract_lives_its_life_from_the_start():
    """Law: the chip is there until the contract or its life ends; a contract without a chip brings none."""
    chips = [yards.chip("m", life_years=1.5), yards.chip("c")]
    rows = [signed("s", "2026-07-01", "2030-01-01", chip="m"), signed("t", "2026-07-01", "2027-01-01", chip="m"),
            signed("u", "2026-01-01", "2030-01-01")]  # fmt: skip
    facts = Facts.of(small(contracts=rows, chips=chips))
    spans = [facts.chip_span(facts.contracts[key]) for key in "stu"]
    assert spans == [pytest.approx((0.5, 2.0)), pytest.approx((0.5, 1.0)), pytest.approx((0.0, 0.0))]
    assert facts.signed_chip_mw == {("oa", "primary", "m"): pytest.approx([60.0, 60.0, 0.0, 0.0])}


@pytest.mark.parametrize("seed", SEEDS)
def test_energised_power_is_the_average_of_its_steps(seed):
    """Law: each period takes the average of the step function, month by month, and zero before its first step."""
    rng = Random(seed)
    months = sorted(rng.sample(range(-6, 50), 4))
    rows = [{"site": "a", "date": f"{2026 + month // 12}-{month % 12 + 1:02d}-01", "facility_mw": rng.uniform(0, 300)}
            for month in months]  # fmt: skip
    expected = [0.0] * 4
    for month in range(48):
        level = [row["facility_mw"] for at, row in zip(months, rows, strict=True) if at <= month]
        expected[month // 12] += (level[-1] if level else 0.0) / 12
    rng.shuffle(rows)
    facts = Facts.of(small(energisation=rows))
    assert facts.energised_mw["a"] == pytest.approx(expected)


@pytest.mark.parametrize("months", [12, 6, 18])
def test_supply_is_an_amount_and_demand_a_level(months):
    """Law: a period takes its months' share of a year's supply, and the average of the years' demand."""
    years = range(2026, 2033)
    supply = [{"chip": "c", "year": year, "it_mw": 120.0 * (year - 2025)} for year in years]
    demand = [{"market": "g", "workload": "training", "year": year, "compute": 12.0 * (year - 2025)} for year in years]
    facts = Facts.of(small(months=months, chip_supply=supply, demand=demand))
    grown = [month // 12 + 1 for month in range(4 * months)]
    parts = [grown[t * months : (t + 1) * months] for t in range(4)]
    assert facts.supply_mw == {"c": pytest.approx([sum(part) * 10.0 for part in parts])}
    assert facts.demand == {("g", "training"): pytest.approx([sum(part) / months * 12.0 for part in parts])}


def test_distance_is_that_on_a_sphere():
    """Law: a degree along the equator is 111.195 km, and the poles are half a girth apart."""

    def km(one: tuple[float | None, float], other: tuple[float | None, float]) -> float | None:
        site = SiteRow.model_validate(yards.site("a", latitude_deg=one[0], longitude_deg=one[1]))
        market = MarketRow.model_validate({"market": "g", "name": "g", "single_source": False,
                                           "latitude_deg": other[0], "longitude_deg": other[1]})  # fmt: skip
        return great_circle_km(site, market)

    assert km((0.0, 10.0), (0.0, 11.0)) == pytest.approx(111.1951, rel=1e-5)
    assert km((90.0, 0.0), (-90.0, 0.0)) == pytest.approx(20015.1, rel=1e-5)
    assert km((48.0, 2.0), (48.0, 2.0)) == pytest.approx(0.0, abs=1e-6)
    assert km((48.0, 2.0), (40.0, -74.0)) == pytest.approx(km((40.0, -74.0), (48.0, 2.0)))
    assert km((None, 2.0), (40.0, -74.0)) is km((40.0, 2.0), (None, -74.0)) is None


def test_domains_of_an_offer():
    """Law: an offer belongs to its site, its provider and the region and country of its site; a chip to its vendor."""
    facts = Facts.of(yards.case())
    kinds = ("site", "sites", "provider", "power_region", "country")
    assert [facts.domain(kind, "ob") for kind in kinds] == ["b", "b", "q", "east", "FR"]
    assert facts.domain("chip_vendor", "ob", "c") == "vendor_c"
    assert facts.domain("chip_vendor", "ob") == ""
    assert [facts.domains(kind) for kind in ("provider", "chip_vendor")] == [["p", "q"], ["vendor_c", "vendor_m"]]


def test_rates_of_a_chip():
    """Law: a workload without a rate is one that the chip cannot run; the largest rate is over chips and workloads."""
    chips = [yards.chip("m", training_compute_per_it_mw=None, inference_compute_per_it_mw=3.0), yards.chip("c")]
    facts = Facts.of(small(chips=chips))
    assert (facts.nameplate("m", "training"), facts.nameplate("m", "inference")) == (0.0, 3.0)
    assert (facts.rate("m", "training", 0), facts.rate("m", "inference", 0), facts.largest_rate) == (0.0, 3.0, 3.0)


@pytest.mark.parametrize("seed", SEEDS)
def test_realised_compute_is_the_average_of_its_ramp(seed):
    """Law: utilisation of peak, less failures, times a maturity that rises evenly from the first date to its end."""
    rng = Random(seed)
    peak, loss, begin = rng.choice([None, 0.4, 1.0]), rng.choice([None, 0.1]), rng.choice([-1.0, 0.0, 0.5, 1.5])
    first, years = rng.uniform(0.3, 1.0), rng.choice([0.5, 1.0, 2.25])
    chip = yards.chip(
        "m", utilisation_of_peak_share=peak, failure_loss_share=loss, maturity_years=years,
        first_volume_maturity_share=first, first_date=f"{2026 + int(begin // 1)}-{'07' if begin % 1 else '01'}-01",
    )  # fmt: skip
    facts, steps = Facts.of(small(chips=[chip, yards.chip("c")])), 4000
    for t in facts.periods:
        ramp = sum(min(1.0, max(0.0, (t + (n + 0.5) / steps - begin) / years)) for n in range(steps)) / steps
        expected = (peak or 1.0) * (1 - (loss or 0.0)) * (first + (1 - first) * ramp)
        assert facts.realised["m"][t] == pytest.approx(expected, rel=1e-5)
        assert facts.rate("m", "training", t) == pytest.approx(facts.nameplate("m", "training") * expected, rel=1e-5)
    assert facts.realised["c"] == (1.0,) * 4
    assert facts.largest_rate >= max(facts.realised["m"])


def test_capacity_in_force_and_installed():
    """Law: in force is what is signed and decided, installed is stock and signed chips."""
    rows = [signed("s", "2026-01-01", "2028-01-01", chip="m")]
    stated = {**decided("2026", "2028"), "contract": "s", "origin": "signed", "chip": "m", "blocks": "", "it_mw": 60.0,
              "start_date": "2026-01-01", "end_date": "2028-01-01", "start_period": "", "end_period": ""}  # fmt: skip
    made = decided("2027", "end", blocks=2, end_date="2037-01-01")
    state, _ = evaluate(small(contracts=rows), contracts=[stated, made], installs=installs(0, 150, 200, 200))
    key = ("oa", "primary")
    assert state.decided_mw == {key: [0.0, 200.0, 200.0, 200.0]}
    assert state.force_mw == {key: [60.0, 260.0, 200.0, 200.0]}
    assert state.site_mw["a"] == state.force_mw[key]
    assert state.chip_mw["oa", "primary", "m"] == [60.0, 210.0, 200.0, 200.0]
    assert state.installed_mw == {key: state.chip_mw["oa", "primary", "m"]}
    assert primary_mw(state) == {("a", "m"): state.installed_mw[key]}
    assert holdings(state, "provider", 1) == {"p": 260.0}
    assert holdings(state, "chip_vendor", 1) == {"vendor_m": 210.0}
    assert first_needed(state) == {"a": 1}
    assert open_sites(state) == {"a": 0}


def test_what_is_not_served_is_counted_by_market_and_period():
    """Law: unserved is demand less what is served, never below zero, times the years of the period."""
    demand = [{"market": "g", "workload": work, "year": 2026, "compute": 30.0} for work in ("training", "inference")]
    served = [{"period": "2026Q1", "site": "a", "chip": "m", "market": "g", "workload": "inference", "it_mw": 20.0,
               "compute": 20.0},
              {"period": "2026Q2", "site": "a", "chip": "c", "market": "g", "workload": "training", "it_mw": 20.0,
               "compute": 40.0}]  # fmt: skip
    state, _ = evaluate(small(months=3, demand=demand), served=served)
    assert served_compute(state) == {("g", "inference", 0): 20.0, ("g", "training", 1): 40.0}
    assert unserved_series(state) == pytest.approx([40 / 4, 30 / 4, 60 / 4, 60 / 4])
    assert unserved_by_market(state)["g", 1] == pytest.approx(7.5)


def test_a_serving_cost_is_paid_by_what_is_served_and_may_be_negative():
    """Law: price times compute times years, at the price of the pair of site and market; none without a price."""
    served = [{"period": str(2026 + t), "site": site, "chip": "m", "market": "g", "workload": "inference",
               "it_mw": 10.0, "compute": 10.0} for t, site in enumerate("abab")]  # fmt: skip
    offers = [yards.offer(f"o{key}", key, "p", **yards.BUILD) for key in "ab"]
    listed = [{"site": "a", "market": "g", "cost_busd_per_compute_year": -0.002},
              {"site": "b", "market": "g", "cost_busd_per_compute_year": 0.001}]  # fmt: skip
    _, ledger = evaluate(small(offers=offers, serving=listed), served=served)
    assert paid(ledger, "serving") == pytest.approx([-0.02, 0.01, -0.02, 0.01])
    _, free = evaluate(small(offers=offers), served=served)
    assert paid(free, "serving") == [0.0] * 4


@pytest.mark.parametrize("months", [1, 3, 12, 30])
@pytest.mark.parametrize("growth", [0.0, 0.5, 2.0])
def test_growth_of_several_periods_is_growth_of_a_year(months, growth):
    """Law: what grows by the factor of each period grows by that of the year over a year; new capacity is by time."""
    facts = Facts.of(small(periods=3, months=months))
    years = months / 12
    assert growth_limit(facts, 0, 0.0, growth, 100.0) == pytest.approx(100.0 * ((1 + growth) ** years - 1))
    assert growth_limit(facts, 1, 24.0, 0.0, 100.0) == pytest.approx(24.0 * years)
    twice = 100.0 + growth_limit(facts, 0, 0.0, growth, 100.0)
    assert twice + growth_limit(facts, 1, 0.0, growth, twice) == pytest.approx(100.0 * (1 + growth) ** (2 * years))


def test_a_limit_is_checked_in_each_period_and_named_by_it():
    """Law: the check of a limit in each period names the period that exceeds it, and counts all of them."""
    state, _ = evaluate(small(periods=3))
    found, checks = reader()
    context = Context(found, state)
    context.in_each_period("site", "rule", "yard", [1.0, 5.0, 2.0], [2.0, 2.0, 2.0], note=" (of 2)")
    context.in_each_period("site", "rule", "yard", [2.0009] * 3, [2.0] * 3)
    context.in_each_period("site", "exact", "yard", [2.0009] * 3, [2.0] * 3, "compute", accepted=lambda _: 1e-4)
    report = checks.report(0.0)
    rule, exact = (check for check in report.checks if check.family == "site")
    assert (rule.passed, rule.count, rule.where) == (False, 6, "yard in 2027 (of 2): 5 IT MW, at most 2 IT MW")
    assert (exact.passed, exact.count, exact.unit) == (False, 3, "compute")
    assert context.facts is state.facts
    assert context.checks is checks
    assert cash_of(state, evaluate(small(periods=3))[1])[0].limit is None
