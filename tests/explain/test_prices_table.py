"""Prices of a plan: equal to finite differences of solves with its blocks kept, on both sides of a kink."""

import json
from pathlib import Path
from typing import Any

import pytest

from planner import Case, Values
from planner.api import Plan
from planner.case.case import CaseData
from planner.case.read import read_case
from planner.changes.apply import apply_changes
from planner.cli import main
from planner.errors import InfeasibleError, NoPlanError
from planner.explain.prices_table import KINDS, STRICTER_WITH_MORE, UNITS, Price, Prices, prices
from planner.explain.prices_text import price_lines
from planner.inputs import Inputs
from planner.options import SolveOptions
from planner.program.columns import BLOCKS, HOSTED, SITE_OPEN
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.terms import PyomoModel
from planner.runs.session import solve_case
from planner.runs.start import start_values
from planner.symbols import Variable
from tests.program.tiny import CASH, cash, chip, own, site, solve, tiny

EXACT = SolveOptions(gap=0.0, own_process=False)
CHIP_BUSD_PER_MW = 0.03
STEP = "energisation[a,2020-01-01].facility_mw"
BOTH = ("primary", "backup")


def kept(plan: Plan, *others: Variable[Any]) -> Family:
    """The blocks and openings of a plan, what else is named, and nothing missing."""
    values: Values = start_values(plan)

    def build(m: PyomoModel, _inputs: Inputs, _ledger: Ledger) -> None:
        for variable in (BLOCKS, SITE_OPEN, *others):
            known = values[variable]
            for key, column in variable.of(m).items():
                column.setlb(known.get(key, 0.0))
                column.setub(known.get(key, 0.0))

    return Family("kept", build, requires=("contract",))


def by_hand(plan: Plan, changes: list[Any], *others: Variable[Any]) -> float | None:
    """The change of the cost, with the blocks of the plan kept, in the changed case; None if they cannot be kept."""
    hard = {"op": "set", "model": "objective.shortfall", "value": "hard"}
    try:
        case = apply_changes(plan.case, [*changes, hard])
        found = solve_case(case, EXACT, families=(kept(plan, *others),)).plan
    except (InfeasibleError, NoPlanError):
        return None
    return found.cost_busd - plan.cost_busd if found.summary["unserved_share"] <= 1e-9 else None


def price(found: Prices, kind: str, place: str = "", period: str = "") -> Price:
    """One price."""
    return found.of(kind, place, period)


def test_more_demand_costs_chips_until_the_blocks_are_full() -> None:
    """55 of 60 MW hold chips: 1 % more is 0.55 MW at $30M, nine times over; then the plan needs another block."""
    plan = solve(tiny(55.0, offers=(own(),)))
    one = price(prices(plan), "demand", "", "2026")
    assert one.unit == "%"
    assert one.more_busd == pytest.approx(0.55 * CHIP_BUSD_PER_MW, rel=1e-6)
    assert one.less_busd == pytest.approx(-0.55 * CHIP_BUSD_PER_MW, rel=1e-6)
    assert one.more_until == pytest.approx(5.0 / 0.55, rel=2e-3)
    for share, change in ((1.01, one.more_busd), (0.99, one.less_busd)):
        scaled = {"op": "scale", "place": "demand.compute", "factor": share}
        assert by_hand(plan, [scaled]) == pytest.approx(change, rel=1e-6)


@pytest.mark.slow
def test_a_full_block_is_a_kink() -> None:
    """60 of 60 MW hold chips: no more can be served, less saves chips."""
    plan = solve(tiny(60.0, offers=(own(),)))
    one = price(prices(plan), "demand", "", "2026")
    assert one.more_busd is None
    assert one.less_busd == pytest.approx(-0.6 * CHIP_BUSD_PER_MW, rel=1e-6)
    assert by_hand(plan, [{"op": "scale", "place": "demand.compute", "factor": 1.01}]) is None
    market = price(prices(plan), "market_demand", "m, inference")
    assert (market.more_busd, market.less_busd) == (None, pytest.approx(one.less_busd))


def two_chips(supply: float, demand: float = 55.0) -> CaseData:
    """A chip at $20B per GW, of which so much is delivered, and one at $30B."""
    chips = [chip("cheap", price_busd_per_gw_it=20.0), chip("dear")]
    rows = [{"chip": "cheap", "year": 2026, "it_mw": supply}]
    return tiny(demand, offers=(own(chips=("cheap", "dear")),), chips=chips, chip_supply=rows)


def test_supply_is_worth_the_difference_of_two_chips() -> None:
    """30 MW of the cheap chip: one more saves $10M up to all 55 that are needed, one less costs it."""
    plan = solve(two_chips(30.0))
    one = price(prices(plan), "chip_supply", "cheap", "2026")
    assert one.more_busd == pytest.approx(-0.01, rel=1e-6)
    assert one.less_busd == pytest.approx(0.01, rel=1e-6)
    assert one.more_until == pytest.approx(25.0, rel=2e-3)
    assert one.less_until == pytest.approx(30.0, rel=2e-3)
    assert by_hand(plan, ["chip_supply[cheap,2026].it_mw=31"]) == pytest.approx(one.more_busd, rel=1e-6)


@pytest.mark.slow
def test_just_enough_is_a_kink() -> None:
    """55 MW of 55: one more is worth nothing, one less costs $10M."""
    plan = solve(two_chips(55.0))
    one = price(prices(plan), "chip_supply", "cheap", "2026")
    assert one.more_busd == 0.0
    assert one.less_busd == pytest.approx(0.01, rel=1e-6)
    assert by_hand(plan, ["chip_supply[cheap,2026].it_mw=56"]) == pytest.approx(0.0, abs=1e-9)
    assert by_hand(plan, ["chip_supply[cheap,2026].it_mw=54"]) == pytest.approx(0.01, rel=1e-6)


@pytest.mark.slow
def test_cash_of_a_year_is_worth_what_waiting_saves() -> None:
    """Chips fall to half their price in the second year, whose cash is short: some are bought early, at full price."""
    chips = [chip(price_growth_per_year=-0.5)]
    case = tiny(
        [50.0, 100.0],
        periods=2,
        offers=(own(capex_busd_per_gw_it=1.0),),
        chips=chips,
        families={"budget": {**CASH, "carry_over": True}},
        budget=cash(2, 0.0, cash_limit_busd=0.0),
    )
    rows = {2026: 1.75, 2027: 0.2}
    case = apply_changes(case, [f"budget[{year}].cash_limit_busd={busd}" for year, busd in rows.items()])
    plan = solve(case)
    found = prices(plan)
    for year in rows:
        one = price(found, "cash", "", str(year))
        more = by_hand(plan, [f"budget[{year}].cash_limit_busd={rows[year] + 0.01}"])
        less = by_hand(plan, [f"budget[{year}].cash_limit_busd={rows[year] - 0.01}"])
        assert (one.more_busd or 0.0) * 0.01 == pytest.approx(more, abs=1e-7)
        assert (one.less_busd or 0.0) * 0.01 == pytest.approx(less or 0.0, abs=1e-7)


def protected(share: float) -> CaseData:
    """60 MW at four sites, of which a share must survive the loss of any."""
    sites = [site(name) for name in "abcd"]
    offers = [own(f"at_{name}", name, roles=BOTH, block_it_mw=50.0, max_blocks=1) for name in "abcd"]
    rules = [
        {"name": "any site", "domain": "site", "critical_share": share},
        {"name": "spike", "domain": "none", "critical_share": 1.0},
    ]
    return tiny(60.0, sites=sites, offers=offers, families={"redundancy": {"rules": rules}})


@pytest.mark.slow
def test_protection_costs_chips_on_both_sides() -> None:
    """1 % more of 54 units to protect is half as much again in chips; with less than 0.54 more blocks it is so."""
    plan = solve(protected(0.9))
    one = price(prices(plan), "protection", "any site", "2026")
    more = by_hand(plan, ["model.families.redundancy.rules[any site].critical_share=0.909"])
    less = by_hand(plan, ["model.families.redundancy.rules[any site].critical_share=0.891"])
    assert one.more_busd == pytest.approx(0.54 * 0.045, rel=1e-5) == more
    assert one.less_busd == pytest.approx(-0.54 * 0.045, rel=1e-5) == less


@pytest.mark.slow
def test_demand_pays_for_its_protection_too() -> None:
    """1 % more demand asks for 1 % more protection: by solves with more and with less demand."""
    plan = solve(protected(0.9))
    found = prices(plan)
    one = price(found, "demand", "", "2026")
    for share, change in ((1.01, one.more_busd), (0.99, one.less_busd)):
        scaled = {"op": "scale", "place": "demand.compute", "factor": share}
        assert by_hand(plan, [scaled]) == pytest.approx(change, rel=1e-5)
    assert price(found, "head_room", "spike", "2026").less_busd == 0.0


@pytest.mark.slow
def test_power_that_must_be_bought_on_site_has_a_price() -> None:
    """Eight blocks need 100 facility MW, 90 are energised: one more saves an MW of storage at $2B per GW."""
    storage = {
        "power_option": "store", "site": "a", "kind": "storage", "max_facility_mw": 50.0, "in_energisation": False,
        "earliest_date": "2020-01-01", "lead_months": 0.0, "life_years": 20.0, "capex_busd_per_gw": 2.0,
    }  # fmt: skip
    steps = [{"site": "a", "date": "2020-01-01", "facility_mw": 90.0}]
    case = tiny(
        80.0, offers=(own(),), power_options=[storage], energisation=steps, families={"power": {"utilisation": 0.8}}
    )
    plan = solve(case)
    one = price(prices(plan), "site_power", "a")
    assert one.more_busd == pytest.approx(-0.002, rel=1e-6) == by_hand(plan, [f"{STEP}=91"])
    assert one.less_busd == pytest.approx(0.002, rel=1e-6) == by_hand(plan, [f"{STEP}=89"])
    assert one.more_until == pytest.approx(10.0, rel=2e-3)
    assert one.less_until == pytest.approx(40.0, rel=2e-3)


@pytest.mark.slow
def test_a_month_earlier_is_the_case_with_shifted_steps() -> None:
    """Power that comes in mid-2027: a month earlier saves storage in that year, by a solve with the steps shifted."""
    storage = {
        "power_option": "store", "site": "a", "kind": "storage", "max_facility_mw": 100.0, "in_energisation": False,
        "earliest_date": "2020-01-01", "lead_months": 0.0, "life_years": 1.0, "capex_busd_per_gw": 2.0,
    }  # fmt: skip
    steps = [
        {"site": "a", "date": "2020-01-01", "facility_mw": 60.0},
        {"site": "a", "date": "2027-07-01", "facility_mw": 100.0},
    ]
    case = tiny(
        80.0, periods=2, offers=(own(),), power_options=[storage], energisation=steps,
        families={"power": {"utilisation": 0.8}},
    )  # fmt: skip
    plan = solve(case)
    one = price(prices(plan), "energisation", "a")
    for months, change in ((-1, one.more_busd), (1, one.less_busd)):
        shift = {"op": "shift", "table": "energisation", "where": {"site": "a"}, "months": months}
        assert by_hand(plan, [shift]) == pytest.approx(change, abs=1e-7)
    assert one.more_busd == pytest.approx(-40e-3 / 12 * 2.0, rel=1e-3)


@pytest.mark.slow
def test_every_kind_is_explained() -> None:
    """Each kind says what one more is, and has a unit; the document is plain."""
    assert list(KINDS) == list(UNITS)
    found = prices(solve(protected(0.9)))
    assert {one.kind for one in found.prices} <= set(KINDS)
    assert json.loads(json.dumps(found.document()))["meaning"] == dict(KINDS)
    assert "plan fixed" in repr(found)
    with pytest.raises(KeyError):
        found.of("cash")


@pytest.mark.slow
def test_as_far_as_a_slope_holds_the_decisions_are_kept(tmp_path: Path) -> None:
    """Law: a price to the side on which the figure is stricter holds no further than the decisions can be kept."""
    assert main(["new", str(tmp_path / "starter"), "-q"]) == 0
    found = prices(Case.read(tmp_path / "starter").solve(gap=0.0, own_process=False))
    both = [one for one in found.prices if one.kept_until is not None and one.kind in STRICTER_WITH_MORE]
    assert both
    for one in both:
        assert one.more_until is None or one.kept_until is None or one.more_until <= one.kept_until


@pytest.mark.slow
@pytest.mark.parametrize("name", ["three_sites", "four_campuses"])
def test_slopes_are_convex_and_the_plan_is_priced(name: str) -> None:
    """One more and one less together never save: the cost is a convex function of every figure."""
    plan = Case.read(name).solve(gap=0.0, own_process=False)
    found = prices(plan)
    assert found.cost_busd == pytest.approx(plan.cost_busd, rel=1e-7)
    for one in found.prices:
        if one.kind != "energisation" and one.more_busd is not None and one.less_busd is not None:
            assert one.more_busd + one.less_busd >= -1e-7


def test_kinds_have_units() -> None:
    """Each kind says what one more is, and has a unit."""
    assert list(KINDS) == list(UNITS)


@pytest.mark.slow
def test_a_time_limit_leaves_prices_out_and_says_which():
    """Law: with a time limit nothing is passed over in silence: what was not looked for is missing by name."""
    plan = Case.read("three_sites").solve(gap=0.0)
    every, cut = prices(plan), prices(plan, time_limit_s=0.0)
    assert every.missing == ()
    assert (cut.prices, len(cut.missing)) == ((), len(every.prices))
    assert "demand: 2027" in cut.missing
    assert price_lines(cut)[-1].startswith(
        f"The time limit came first: {len(cut.missing)} of {len(cut.missing)} prices"
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "least",
    [{}, {"at_least_it_mw": 39.0}, {"at_least_it_mw": 40.0}, {"at_least_it_mw": "", "at_least_compute": 60.0}],
    ids=["more than is demanded", "less", "as much", "in compute"],
)
def test_the_least_of_a_cluster_follows_less_demand(least: dict[str, Any]) -> None:
    """Law: the price of demand with a cluster is the finite difference to both sides, its blocks and sites kept."""
    sets = [{"op": "set", "model": f"families.contiguity.rules[one campus].{key}", "value": value}
            for key, value in least.items()]  # fmt: skip
    plan = solve_case(apply_changes(read_case("four_campuses"), sets), EXACT).plan
    found = prices(plan)
    for year in ("2026", "2027"):
        one = price(found, "demand", "", year)
        for factor, busd in ((1.0005, one.more_busd), (0.9995, one.less_busd)):
            where = {"year": int(year)}
            scale = {"op": "scale", "table": "demand", "where": where, "column": "compute", "factor": factor}
            change = by_hand(plan, [scale], HOSTED)
            assert (busd is None) == (change is None), (year, factor)
            if busd is not None:
                assert change == pytest.approx(0.05 * busd, abs=2e-6), (year, factor)
    if least.get("at_least_it_mw", 60.0) != 39.0:
        assert price(found, "demand", "", "2026").less_busd is not None
