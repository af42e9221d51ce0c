"""Refreshes of contracts that come into force by a ramp: on paper, laws of direction, and what does not change."""

from typing import Any

import pytest

from planner import Case
from planner.case.case import CaseData
from planner.runs.start import start_values
from tests.program.golden_cases import rows_of
from tests.program.test_refresh import refreshes_of, refreshing
from tests.program.tiny import by_period, chip, cost, solve

STEPS = ((0, 0.25), (12, 0.5), (24, 1.0))


def ramped(
    demand: tuple[float, ...], steps: Any = STEPS, tables: dict[str, Any] | None = None, **more: Any
) -> CaseData:
    """Four blocks of 10 MW from 2026 on that come into force by a ramp, and may be refreshed for $2B per IT GW."""
    rows = [{"ramp": "halls", "months": months, "share": share} for months, share in steps]
    once = {"max_blocks": 4, "last_start": "2026-01-01", "ramp": "halls"}
    return refreshing(demand, tables={"ramps": rows, **(tables or {})}, **{**once, **more})


def test_what_is_there_is_replaced_and_what_comes_has_the_new_chip() -> None:
    """A quarter, half, then all of 40 MW: 10 MW replaced in the second year (0.02), 10 and 20 more come with the new.

    Rent is 0.1, 0.2 and 0.4; twice as fast they serve 10, 40 and 80.
    """
    plan = solve(ramped((10.0, 40.0, 80.0)))
    assert refreshes_of(plan) == [("lease/primary/2026", 2027, "old", "new", 4, 10.0)]
    assert by_period(plan, "spend", "amount_busd", item="refresh") == pytest.approx([0.0, 0.02, 0.0])
    assert by_period(plan, "chips", "added_it_mw", chip="old") == [10.0, 0.0, 0.0]
    assert by_period(plan, "chips", "stock_it_mw", chip="old") == [10.0, 0.0, 0.0]
    assert by_period(plan, "chips", "added_it_mw", chip="new") == [0.0, 20.0, 20.0]
    assert by_period(plan, "chips", "stock_it_mw", chip="new") == [0.0, 20.0, 40.0]
    assert plan.summary["cost_busd"] == pytest.approx(0.7 + 0.02)
    assert plan.summary["unserved_share"] == 0.0


def test_blocks_that_are_not_refreshed_go_on_with_their_chip() -> None:
    """Two of four blocks are enough for 60 in the third year: the others rise with the old chip."""
    plan = solve(ramped((10.0, 30.0, 60.0)))
    assert refreshes_of(plan) == [("lease/primary/2026", 2027, "old", "new", 2, 5.0)]
    assert by_period(plan, "chips", "added_it_mw", chip="old") == [10.0, 5.0, 10.0]
    assert by_period(plan, "chips", "added_it_mw", chip="new") == [0.0, 10.0, 10.0]
    assert plan.summary["cost_busd"] == pytest.approx(0.7 + 0.01)


def test_every_rise_counts_against_supply() -> None:
    """Law: 40 MW of the new chip are enough, 10 MW of it in the third year are enough for two blocks only."""
    for last, unserved in ((20.0, 0.0), (10.0, 20.0)):
        supply = [{"chip": "new", "year": 2025 + n, "it_mw": mw} for n, mw in ((1, 0.0), (2, 20.0), (3, last))]
        plan = solve(ramped((10.0, 30.0, 80.0), tables={"chip_supply": supply}))
        assert sum(by_period(plan, "unserved", "unserved_compute")) == pytest.approx(unserved)


@pytest.mark.parametrize("months", [pytest.param(3, marks=pytest.mark.slow), 6, 12])
def test_the_price_of_a_refresh_does_not_depend_on_the_periods(months: int) -> None:
    """Law: in January 2027 a quarter is in force and replaced, whether the step of July lies in its period or not."""
    case = ramped((10.0, 20.0, 80.0), ((0, 0.25), (18, 1.0)))
    horizon = case.model.horizon.model_copy(update={"periods": 36 // months, "period_months": months})
    plan = solve(case.replace(model=case.model.model_copy(update={"horizon": horizon})))
    assert sum(by_period(plan, "spend", "amount_busd", item="refresh")) == pytest.approx(0.02)
    assert [row["it_mw"] for row in plan.rows("refreshes")] == [10.0]


def test_a_refresh_after_renewal_is_of_the_whole() -> None:
    """At the end of a term of one year half of 10 MW is replaced (0.01), a year later all of it (0.02)."""
    terms = {"max_blocks": 1, "term_years": 1.0, "renewal_rent_musd_per_mw_year": 10.0}
    slow = ((0, 0.5), (60, 1.0))
    first = solve(ramped((5.0, 20.0, 20.0), slow, **terms))
    assert refreshes_of(first) == [("lease/primary/2026", 2027, "old", "new", 1, 5.0)]
    later = solve(ramped((5.0, 10.0, 20.0), slow, **terms, refresh_after_years=2.0))
    assert refreshes_of(later) == [("lease/primary/2026", 2028, "old", "new", 1, 10.0)]
    assert [one.summary["cost_busd"] for one in (first, later)] == pytest.approx([0.25 + 0.01, 0.25 + 0.02])


def test_the_rest_of_the_rent_follows_the_chips() -> None:
    """Half of 10 MW for two years, then all; half of the rent is due with a chip only.

    The old one lasts a year, the new one, which comes in the third on what was in force (5 MW, 0.01), two years.
    """
    chips = (chip("old", life_years=1.0), chip("new", life_years=2.0, first_date="2027-01-01"))
    plan = solve(
        ramped((5.0, 0.0, 10.0, 10.0), ((0, 0.5), (24, 1.0)), chips=chips, max_blocks=1, take_or_pay_share=0.5)
    )
    assert refreshes_of(plan) == [("lease/primary/2026", 2028, "old", "new", 1, 5.0)]
    assert by_period(plan, "spend", "amount_busd", item="rent") == pytest.approx([0.025, 0.025, 0.05, 0.05])
    assert by_period(plan, "spend", "amount_busd", item="usage") == pytest.approx([0.025, 0.0, 0.05, 0.05])
    assert by_period(plan, "chips", "added_it_mw", chip="new") == [0.0, 0.0, 10.0, 0.0]
    assert plan.summary["cost_busd"] == pytest.approx(0.15 + 0.125 + 0.01)


@pytest.mark.slow
def test_a_right_to_refresh_never_costs_more_and_its_price_never_less() -> None:
    """Laws of direction, within a ramp: no right, a late one, an early one; and dearer ones."""
    never: dict[str, Any] = {"refresh_after_years": None, "refresh_price_busd_per_gw_it": None}
    demand, free = (10.0, 20.0, 80.0), {"max_blocks": 100}
    terms = (never, *({"refresh_after_years": years} for years in (2.0, 1.0, 0.0)))
    found = [cost(ramped(demand, **free, **one)) for one in terms]
    assert found == pytest.approx([1.4, 0.74, 0.72, 0.72])
    dearer = [cost(ramped(demand, refresh_price_busd_per_gw_it=price, **free)) for price in (0.0, 2.0, 40.0)]
    assert dearer == pytest.approx([0.7, 0.72, 1.1])


@pytest.mark.slow
def test_an_offer_without_a_ramp_beside_one_with_it_never_costs_more() -> None:
    """Law of direction: one more offer, at the same terms, leaves every plan that there was."""
    case = ramped((10.0, 40.0, 80.0), max_blocks=100)
    offer = case.tables["offers"][0]
    both = case.replace(tables={"offers": (offer, offer.model_copy(update={"offer": "whole", "ramp": None}))})
    assert cost(both) <= cost(case) + 1e-9


def test_a_ramp_of_all_at_once_is_none() -> None:
    """Law: its program has the costs, and its plan the refreshes, of the contract without one."""
    once = solve(ramped((20.0, 80.0), ((0, 1.0),)))
    none = solve(ramped((20.0, 80.0), ramp=None))
    assert once.summary["cost_busd"] == pytest.approx(none.summary["cost_busd"])
    assert refreshes_of(once) == refreshes_of(none)


def test_without_a_ramp_that_is_named_a_refresh_has_the_program_that_it_had() -> None:
    """Law: the table `ramps` alone changes no row of a case with a refresh."""
    without = refreshing((20.0, 80.0), max_blocks=4, last_start="2026-01-01")
    assert rows_of(ramped((20.0, 80.0), ramp=None)) == rows_of(without)


def test_a_solve_may_start_from_a_plan_with_ramped_refreshes() -> None:
    """Law: the plan of a ramp and a refresh is one that the same case can start from."""
    case = ramped((10.0, 40.0, 80.0))
    plan = solve(case)
    assert start_values(plan)
    again = Case.of(case).solve(gap=0.0, own_process=False, start=plan)
    assert again.summary["cost_busd"] == pytest.approx(plan.summary["cost_busd"])
    assert refreshes_of(again) == refreshes_of(plan)
