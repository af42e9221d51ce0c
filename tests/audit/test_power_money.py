"""Chips, power, carbon and backup income (formulation, sections 4, 5, 9, 10): closed forms on round figures."""

from random import Random
from typing import Any

import pytest

from planner.audit import audit
from planner.audit.backup import income_busd, income_rounding_busd, installed_backup
from planner.audit.chips import living
from planner.audit.facts import Facts
from planner.audit.power import emissions_mt, region_draw
from tests.audit import yards
from tests.audit.forms import decided, evaluate, paid, small

POWER = {"power": {"utilisation": 0.5}}
GAS = {"power_option": "gas", "site": "a", "kind": "generation", "in_energisation": False,
       "earliest_date": "2026-01-01", "lead_months": 0.0, "life_years": 2.5, "capex_busd_per_gw": 2.0,
       "max_facility_mw": 100.0, "fuel_usd_per_mwh": 30.0, "carbon_kg_per_mwh": 400.0}  # fmt: skip
SEEDS = range(8)


def installs(*stock: float, offer: str = "oa", role: str = "primary", chip: str = "m") -> list[dict[str, Any]]:
    """Return installs that make up the stock given for each year, all added when it grows."""
    rows, before = [], 0.0
    for t, mw in enumerate(stock):
        rows.append({"offer": offer, "role": role, "chip": chip, "period": str(2026 + t), "contract": "",
                     "added_it_mw": max(0.0, mw - before), "stock_it_mw": mw})  # fmt: skip
        before = mw
    return rows


def generated(*mw: float) -> list[dict[str, Any]]:
    """Return the output of the gas turbines in each year."""
    row = {"power_option": "gas", "site": "a", "in_service_facility_mw": 0.0}
    return [{**row, "period": str(2026 + t), "output_facility_mw": one} for t, one in enumerate(mw)]


def bought(year: int, mw: float, key: str = "gas") -> dict[str, Any]:
    """Return a row of on-site power bought."""
    return {"power_option": key, "site": "a", "period": str(year), "facility_mw": mw}


@pytest.mark.parametrize(
    ("life", "lived"),
    [(0.01, 1), (1.0, 1), (1.0 + 1e-10, 1), (1.1, 2), (2.0, 2), (2.5, 3), (9.0, 4)],
)
def test_a_life_lasts_to_the_end_of_the_period_in_which_it_ends(life, lived):
    """Law: chips live in the period they come in, however short their life, and in all that begin before its end."""
    facts = Facts.of(small(chips=[yards.chip("m", life_years=life), yards.chip("c")]))
    assert [facts.alive("m", 0, t) for t in range(4)] == [t < lived for t in range(4)]
    assert not any(facts.alive("m", 2, t) for t in range(2))
    assert [living(facts, "m", [100.0, 10.0, 0.0, 0.0], t) for t in range(4)] == [
        100.0 * (t < lived) + 10.0 * (1 <= t < lived + 1) for t in range(4)
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_chips_bought_are_paid_and_credited_by_life(seed):
    """Law: the price grows to the middle of the year; what of the life reaches beyond the horizon is credited."""
    rng = Random(seed)
    price, growth, life = rng.uniform(5.0, 40.0), rng.choice([0.0, -0.1, 0.2]), rng.choice([1.0, 2.5, 4.0, 9.0])
    chips = [
        yards.chip("m", price_busd_per_gw_it=price, price_growth_per_year=growth, life_years=life),
        yards.chip("c"),
    ]
    added = [rng.choice([0.0, 50.0, 120.0]) for _ in range(4)]
    rows = [{"offer": "oa", "role": "backup", "chip": "m", "period": str(2026 + t), "contract": "", "added_it_mw": mw,
             "stock_it_mw": 0.0} for t, mw in enumerate(added)]  # fmt: skip
    _, ledger = evaluate(small(chips=chips), installs=rows)
    due = [price * (1 + growth) ** (t + 0.5) * mw / 1000 for t, mw in enumerate(added)]
    assert paid(ledger, "chips", "backup") == pytest.approx(due)
    assert paid(ledger, "chips") == [0.0] * 4
    assert ledger.salvage_busd == pytest.approx(sum(max(0.0, t + life - 4) / life * one for t, one in enumerate(due)))


def test_leased_chips_cost_nothing():
    """Law: chips under cloud are in the rent: no payment for them and no energy, whatever the family power."""
    offer = yards.offer("oa", "a", "p", **yards.LEASE)
    made = decided("2026", "end", tenure="cloud", end_date="2031-01-01")
    state, ledger = evaluate(small(offers=[offer], families=POWER), contracts=[made])
    assert {item for _, _, item in ledger.paid} == {"rent", "usage"}
    assert state.own_load_mw == {}
    assert state.all_load_mw["a", "primary"] == pytest.approx([60.0] * 4)


@pytest.mark.parametrize("seed", SEEDS)
def test_energy_is_bought_at_the_growing_tariff(seed):
    """Law: IT GW x utilisation x PUE x 8.76 TWh x the tariff of the year, by the role of the chips."""
    rng = Random(seed)
    tariff, growth, stock = rng.uniform(20.0, 90.0), rng.choice([0.0, 0.03]), [rng.uniform(0, 300) for _ in range(4)]
    region = yards.region("west", tariff_usd_per_mwh=tariff, tariff_growth_per_year=growth)
    case = small(families=POWER, power_regions=[region, yards.region("east")])
    role = rng.choice(["primary", "backup"])
    _, ledger = evaluate(case, installs=installs(*stock, role=role))
    hours = 8760.0
    expected = [
        mw * 1000 * 0.5 * 1.2 * hours * tariff * (1 + growth) ** (t + 0.5) / 1e3 / 1e9 for t, mw in enumerate(stock)
    ]
    assert paid(ledger, "energy", role) == pytest.approx(expected)


def test_without_the_family_no_energy_and_no_limit():
    """Law: without the power family energy costs nothing, nothing is emitted, and nothing may be bought on site."""
    state, ledger = evaluate(small(), installs=installs(100, 100, 100, 100))
    assert paid(ledger, "energy") == [0.0] * 4
    assert [emissions_mt(state, t) for t in range(4)] == [0.0] * 4
    report = audit(small(power_options=[GAS]), {"power_built": [bought(2026, 5.0)]})
    assert any("gas is bought, but the model has no power family" in line for line in report.lines)


def test_on_site_power_saves_the_tariff_and_pays_its_fuel():
    """Law: 20 MW on site save 20 MW of tariff as primary and pay fuel; the chips' own energy is not changed."""
    case = small(families=POWER, power_options=[GAS])
    with_gas = {"installs": installs(100, 100, 100, 100, role="backup"), "power_built": [bought(2026, 20.0)]}
    _, ledger = evaluate(case, **with_gas, power_options=generated(20.0, 20.0, 10.0, 0.0))
    gwh = [20 * 8.76, 20 * 8.76, 10 * 8.76, 0.0]
    assert paid(ledger, "energy") == pytest.approx([-50e-6 * one for one in gwh])
    assert paid(ledger, "fuel") == pytest.approx([30e-6 * one for one in gwh])
    assert paid(ledger, "energy", "backup") == pytest.approx([50e-6 * 60 * 8.76] * 4)
    assert paid(ledger, "onsite") == pytest.approx([0.04, 0.0, 0.0, 0.0])


@pytest.mark.parametrize(
    ("lead", "year", "expected"),
    [
        (0.0, 2028, [0, 0, 1, 0]),
        (12.0, 2028, [0, 1, 0, 0]),
        (24.0, 2028, [0.5, 0.5, 0, 0]),
        (18.0, 2028, [1 / 3, 2 / 3, 0, 0]),
        (6.0, 2027, [1, 0, 0, 0]),
    ],
)
def test_on_site_capex_is_spread_over_its_lead(lead, year, expected):
    """Law: capex is paid evenly over the lead before the start; of 2.5 years of life the rest is credited."""
    option = {**GAS, "lead_months": lead}
    _, ledger = evaluate(small(families=POWER, power_options=[option]), power_built=[bought(year, 50.0)])
    assert paid(ledger, "onsite") == pytest.approx([0.1 * share for share in expected])
    assert ledger.salvage_busd == pytest.approx(0.1 * max(0.0, year - 2026 + 2.5 - 4) / 2.5)


def test_on_site_power_is_in_service_while_it_lives():
    """Law: bought in 2026 for 2.5 years it serves three; what is bought twice is there twice."""
    case = small(families=POWER, power_options=[GAS])
    state, _ = evaluate(case, power_built=[bought(2026, 20.0), bought(2028, 5.0)])
    assert state.option_mw["gas"] == pytest.approx([20.0, 20.0, 25.0, 5.0])
    assert [state.onsite_mw("a", t, extra_only=True) for t in range(4)] == pytest.approx([20.0, 20.0, 25.0, 5.0])


@pytest.mark.parametrize(("inside", "powered"), [(False, 145.0), (True, 125.0)])
def test_power_that_is_in_the_energisation_adds_nothing_to_it(inside, powered):
    """Law: an option counted in the energisation relieves its region but gives the site no more."""
    case = small(families=POWER, power_options=[{**GAS, "in_energisation": inside}])
    tables = {"power_built": [bought(2026, 20.0)], "contracts": [decided("2026", "end", end_date="2036-01-01")]}
    state, _ = evaluate(case, **tables)
    assert state.powered_mw("a", 0) == pytest.approx(powered)
    drawn, most = region_draw(state, "west", 0)
    assert (drawn, most) == pytest.approx((100 * 1.25 - 20.0, 100.0 + 100.0 * 0.5))


@pytest.mark.parametrize("seed", SEEDS)
def test_emissions_count_all_tenures_and_the_grid_less_what_is_made_on_site(seed):
    """Law: tonnes are MWh of the grid, less on-site output, at its intensity, and on-site MWh at their own."""
    rng = Random(seed)
    stock, output = [rng.uniform(50, 200) for _ in range(4)], [rng.uniform(0, 20) for _ in range(4)]
    carbon = {"price_usd_per_tonne": rng.uniform(10.0, 200.0)}
    case = small(families={**POWER, "carbon": carbon}, power_options=[GAS])
    tables = {"installs": installs(*stock), "power_built": [bought(2026, 20.0)], "power_options": generated(*output)}
    state, ledger = evaluate(case, **tables)
    kg = [(mw * 0.6 - out) * 8760 * 300.0 + out * 8760 * 400.0 for mw, out in zip(stock, output, strict=True)]
    assert [emissions_mt(state, t) for t in range(4)] == pytest.approx([one / 1e9 for one in kg])
    priced = [one / 1000 * carbon["price_usd_per_tonne"] / 1e9 for one in kg]
    assert paid(ledger, "carbon") == pytest.approx(priced)


@pytest.mark.parametrize(("months", "share"), [(12, 1.0), (6, 0.5), (3, 0.25)])
def test_a_carbon_cap_is_by_year(months, share):
    """Law: a period may emit its share of the yearly cap, to a millionth of it or of a million tonnes."""
    emitted = 100 * 0.6 * 8.76e-3 * 0.3 * share
    year = small(months=months).model.horizon.start.year

    def passes(cap: float) -> bool:
        case = small(periods=1, months=months, families={**POWER, "carbon": {"cap_mt_per_year": cap}})
        rows = installs(100.0)
        rows[0]["period"] = Facts.of(case).label(0)
        report = audit(case, {"installs": rows})
        return next(check.passed for check in report.checks if check.name == "emission cap")

    assert year == 2026
    assert passes(emitted / share)
    assert passes((emitted - 0.9e-6) / share)
    assert not passes((emitted - 1.2e-6) / share)


@pytest.mark.parametrize(("sold", "market", "passes"), [(50.0, None, True), (50.01, None, False), (30.0, 30.0, True),
                                                        (30.01, 30.0, False), (0.0, 0.0, True)])  # fmt: skip
def test_idle_backup_is_sold_up_to_its_share_and_its_market(sold, market, passes):
    """Law: at most half of 100 MW of backup is sold, and at most what the market takes."""
    family: dict[str, Any] = {"price_musd_per_mw_year": 2.0, "largest_share": 0.5}
    family |= {} if market is None else {"market_it_mw": market}
    case = small(periods=1, families={"backup_income": family})
    rows = [{"period": "2026", "installed_it_mw": 100.0, "sold_it_mw": sold, "income_busd": sold * 2e-3}]
    report = audit(case, {"installs": installs(100.0, role="backup"), "backup": rows})
    assert next(check.passed for check in report.checks if check.name == "backup sold") is passes


@pytest.mark.parametrize("months", [12, 6, 1])
def test_income_is_price_times_what_is_sold_times_years(months):
    """Law: 40 MW at 3 $M a year bring 0.12 $B a year; without the family nothing; primary chips are no backup."""
    case = small(
        periods=2, months=months, families={"backup_income": {"price_musd_per_mw_year": 3.0, "largest_share": 1.0}}
    )
    label = Facts.of(case).label(0)
    sold = [{"period": label, "installed_it_mw": 0.0, "sold_it_mw": 40.0, "income_busd": 0.0}]
    rows = [{**installs(70.0, role=role)[0], "period": label} for role in ("primary", "backup")]
    state, ledger = evaluate(case, installs=rows, backup=sold)
    assert [income_busd(state, t) for t in range(2)] == pytest.approx([0.12 * months / 12, 0.0])
    assert [installed_backup(state, t) for t in range(2)] == [70.0, 0.0]
    assert ledger.income_busd == pytest.approx(0.12 * months / 12)
    assert income_rounding_busd(state.facts) == pytest.approx(1e-9 * 3e-3 * 2 * months / 12)
    free, _ = evaluate(small(periods=2, months=months), installs=rows, backup=sold)
    assert (income_busd(free, 0), income_rounding_busd(free.facts)) == (0.0, 0.0)
