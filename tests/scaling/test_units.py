"""The unit of compute and the unit of money are the user's: neither changes a plan."""

import numpy as np
import pytest

from planner.api import Case, Plan
from planner.case.case import CaseData
from planner.case.check import check_case
from planner.case.read import read_case
from planner.case.rows import ChipRow, MarketRow, ServingRow, SiteRow
from planner.errors import InfeasibleError
from planner.inputs import make_inputs
from planner.program import build_program
from planner.runs.compile import make_mip
from planner.solve.mip import MixedIntegerProgram
from planner.solve.scaling import restored, scaled
from tests.length import some
from tests.program.tiny import chip, lease, region, site, tiny
from tests.redundancy.random_cases import random_case
from tests.scaling.units import in_units

FACTORS = (1e-12, 1e-9, 1e-6, 1e6, 1e9, 1e12)


def solved(case: CaseData) -> Plan | None:
    """The best plan of a case that its check accepts, or None where there is none."""
    assert check_case(case) == []
    try:
        return Case.of(case).solve(gap=0.0, own_process=False)
    except InfeasibleError:
        return None


def contracts(plan: Plan) -> list[tuple[object, object]]:
    """What a plan decides."""
    return sorted((str(row["contract"]), row["blocks"]) for row in plan.tables["contracts"])


def served(plan: Plan) -> float:
    """All compute served."""
    return sum(float(row["compute"]) for row in plan.tables["served"])


def same(case: CaseData, compute: float, money: float, *, ties: bool = False) -> None:
    """Hold the plan of a case against that of the same case in other units."""
    own, other = solved(case), solved(in_units(case, compute, money))
    assert (own is None) == (other is None)
    if own is None or other is None:
        return
    assert other.summary["cost_busd"] == pytest.approx(own.summary["cost_busd"] * money, rel=1e-6)
    assert other.summary["unserved_share"] == pytest.approx(own.summary["unserved_share"], abs=1e-6)
    assert other.summary["status"] == own.summary["status"] == "optimal"
    assert other.summary["gap"] <= 1e-8
    if not ties:
        assert contracts(other) == contracts(own)
        assert served(other) == pytest.approx(served(own) * compute, rel=1e-6)


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("of", ["compute", "money", "both"])
@pytest.mark.slow
def test_units_do_not_change_the_plan(factor: float, of: str) -> None:
    """Law: all compute, or all money, or both times a factor give the same plan, its figures times that factor."""
    case = read_case("three_sites")
    same(case, factor if of != "money" else 1.0, factor if of != "compute" else 1.0)


@pytest.mark.parametrize("number", range(4))
@pytest.mark.slow
def test_units_do_not_change_random_cases(number: int) -> None:
    """Law: the same with redundancy by cuts and by linear programs, serving costs, signed contracts and shortage."""
    factor = FACTORS[number % len(FACTORS)]
    same(random_case(number), factor, 1.0, ties=True)
    same(random_case(number), 1.0, factor, ties=True)


@pytest.mark.slow
@pytest.mark.parametrize("number", some(range(4, 60), 12))
def test_units_do_not_change_many_random_cases(number: int) -> None:
    """The same law, both units at once; a price per compute below 1e-24 is refused. Of 56 cases twelve are drawn."""
    compute, money = FACTORS[number % 6], FACTORS[number // 6 % 6]
    refused = check_case(in_units(random_case(number), compute, money))
    if refused and compute / money > 1e17:
        assert {(mip.file, mip.column) for mip in refused} == {("serving", "cost_busd_per_compute_year")}
        assert all("at least 1e-24" in mip.message for mip in refused)
        return
    same(random_case(number), compute, money, ties=True)


def test_a_case_of_a_few_dollars_is_proven() -> None:
    """Law: a cost of $30, in $B 3e-8, is proven like any other: no gap is left open by its size."""
    offers = [lease("x", "a", rent_musd_per_mw_year=3e-7), lease("y", "b", rent_musd_per_mw_year=2.99e-7)]
    plan = solved(tiny(100.0, sites=[site("a"), site("b")], offers=offers))
    assert plan is not None
    assert plan.summary["cost_busd"] == pytest.approx(2.99e-8, rel=1e-6)
    assert plan.summary["gap"] <= 1e-9
    assert {row["offer"] for row in plan.tables["contracts"]} == {"y"}


def test_priced_demand_in_small_units() -> None:
    """Law: the price of unserved demand is one per unit of compute: just below cost nothing is served, in any unit."""
    for price, expected in ((0.009, 0.9), (0.011, 1.0)):
        objective = {"unserved": "priced", "unserved_price_busd_per_compute_year": price}
        plan = solved(in_units(tiny(100.0, objective=objective), 1e-12, 1e9))
        assert plan is not None
        assert plan.summary["cost_busd"] == pytest.approx(expected * 1e9, rel=1e-6)


def test_a_priced_rule_in_small_units() -> None:
    """Law: the price of what a rule misses is one per unit of compute: missed just below cost, kept just above it."""
    for price, expected in ((0.009, 0.4 + 20.0 * 0.009), (0.011, 0.6)):
        rule = {"name": "r", "domain": "none", "critical_share": 1.5, "price_busd_per_missing_compute_year": price}
        families = {"redundancy": {"rules": [rule]}}
        plan = solved(in_units(tiny(40.0, families=families), 1e-12, 1e9))
        assert plan is not None
        assert plan.summary["cost_busd"] == pytest.approx(expected * 1e9, rel=1e-6)


def test_scaling_and_back_is_the_same_program() -> None:
    """Law: a problem in other units, and back, has the same rows, costs and limits, to rounding."""
    inputs = make_inputs(in_units(random_case(1), 1e9, 1e-9))
    mip = make_mip(build_program(inputs), inputs)
    assert not mip.units.own
    back = restored(scaled(mip), mip)
    for name in ("cost", "lower", "upper", "row_lower", "row_upper"):
        np.testing.assert_allclose(getattr(back.arrays, name), getattr(mip.arrays, name), rtol=1e-14)
    np.testing.assert_allclose(back.arrays.matrix.data, mip.arrays.matrix.data, rtol=1e-14)
    assert scaled(mip).arrays.cost.max() < 1e3


def test_shipped_cases_keep_their_units() -> None:
    """Law: figures of ordinary size are solved as they are written."""
    for name in ("stargate", "stargate_2026", "stargate_to_2030", "three_sites"):
        assert make_inputs(read_case(name)).units.own


def test_one_rate_of_another_unit_is_refused() -> None:
    """Law: a single rate a million times too large (a slip of the unit) is refused at its cell, not planned with."""
    chips = [chip("chip"), chip("b", inference_compute_per_it_mw=1e6)]
    offers = [lease("x")]
    case = tiny(100.0, chips=chips[:1], offers=offers[:1])
    rows = tuple(ChipRow.model_validate(row) for row in chips)
    found = check_case(case.replace(tables={"chips": rows}))
    assert [(fault.file, fault.column) for fault in found] == [("demand", "compute")]
    assert "0.0001 IT MW of b in chips, column inference_compute_per_it_mw" in found[0].message


def test_regions_are_not_needed_for_units() -> None:
    """Law: a tariff counts for the unit of money only where energy is paid for."""
    dear = region(tariff_usd_per_mwh=1e24)
    assert make_inputs(tiny(100.0, power_regions=[dear])).units.own


def varied(number: int) -> CaseData:
    """A random case with serving costs, whose first market takes one source and whose first site may serve nobody."""
    case = random_case(number)
    alone, *others = case.rows(MarketRow)
    unheard = case.rows(SiteRow)[0].site
    objective = case.model.objective.model_copy(
        update={"unserved": "priced", "unserved_price_busd_per_compute_year": 0.02}
    )
    serving = tuple(row for row in case.rows(ServingRow) if row.site != unheard)
    assert serving
    return case.replace(
        model=case.model.model_copy(update={"objective": objective}),
        tables={"markets": (alone.model_copy(update={"single_source": True}), *others), "serving": serving},
    )


def program_of(case: CaseData) -> MixedIntegerProgram:
    """The problem of a case as the solver gets it."""
    inputs = make_inputs(case)
    return scaled(make_mip(build_program(inputs), inputs))


@pytest.mark.parametrize("number", range(6))
@pytest.mark.slow
def test_the_solver_gets_the_same_program_in_any_unit(number: int) -> None:
    """Law: whatever the unit of compute and of money, the solver's arrays are the same; none is left in the user's.

    With redundancy against the loss of every kind of domain, prices of compute, and rows of compute without any column
    of compute (what a site gives that may serve nobody): they were left in the user's unit, and at 1e12 the solver gave
    up.
    """
    case = varied(number)
    assert make_inputs(case).units.own
    own = program_of(case)
    for compute, money in ((f, m) for f in (*FACTORS, 1.0) for m in (1e-12, 1.0, 1e12) if f != 1.0 or m != 1.0):
        other = program_of(in_units(case, compute, money))
        for name in ("cost", "lower", "upper", "row_lower", "row_upper"):
            np.testing.assert_allclose(getattr(other.arrays, name), getattr(own.arrays, name), rtol=1e-12)
        np.testing.assert_array_equal(other.arrays.matrix.indptr, own.arrays.matrix.indptr)
        np.testing.assert_array_equal(other.arrays.matrix.indices, own.arrays.matrix.indices)
        np.testing.assert_allclose(other.arrays.matrix.data, own.arrays.matrix.data, rtol=1e-12)
        np.testing.assert_allclose(other.links.demand, own.links.demand, rtol=1e-12)
        assert own.network is not None
        assert other.network is not None
        np.testing.assert_allclose(other.network.rate, own.network.rate, rtol=1e-12)
        for rule, of_own in zip(other.network.rules, own.network.rules, strict=True):
            np.testing.assert_allclose(rule.critical, of_own.critical, rtol=1e-12)


@pytest.mark.slow
def test_a_site_that_may_serve_nobody_in_a_large_unit() -> None:
    """Law: serving costs, and a site that serves nobody, have their verdict in compute of 1e12 and of 1e-12 too."""
    same(varied(0), 1e12, 1.0, ties=True)
    same(varied(0), 1e-12, 1.0, ties=True)
