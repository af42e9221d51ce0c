"""Periods of unequal length: the program sees lengths, not how they are written."""

import pytest

from planner.case.case import CaseData
from tests.cases import make_case
from tests.length import thinned
from tests.program.golden_cases import rows_of
from tests.program.tiny import by_period, cost, lease, solve, tiny


@pytest.mark.parametrize(("count", "months"), thinned([(4, 12), (8, 6)], 2, unpack=True))
def test_a_list_of_equal_lengths_is_the_number(count: int, months: int) -> None:
    """Law: a list of equal lengths makes the same program as the number, row by row, with every family."""
    in_number = make_case(full=True, horizon={"periods": count, "period_months": months})
    listed = make_case(full=True, horizon={"periods": count, "period_months": (months,) * count})
    assert rows_of(in_number) == rows_of(listed)


@pytest.mark.parametrize("lengths", thinned([(3, 3, 3, 3, 12), (6, 18), (1, 11, 12), (12, 3, 9)], 3))
def test_what_is_flat_costs_the_same_however_it_is_split(lengths: tuple[int, ...]) -> None:
    """Law: with level demand, flat prices and no discounting, splitting periods changes neither cost nor service."""
    assert cost(_lasting(lengths)) == pytest.approx(cost(_lasting((12, 12))), rel=1e-7)


@pytest.mark.parametrize("lengths", thinned([(3, 3, 6, 12), (12, 6, 6), (6, 6, 12)], 3))
def test_finer_periods_never_cost_more_under_one_limit_per_year(lengths: tuple[int, ...]) -> None:
    """Law: a block signed in the second half of a year need not be paid in its first."""
    offers = [lease(term_years=10.0)]
    demand = [30.0, 70.0]
    in_years = cost(tiny(demand, periods=2, offers=offers))
    finer = tiny(demand, periods=2, offers=offers)
    assert cost(_shaped(finer, lengths)) <= in_years * (1 + 1e-9)


def test_growth_of_integration_is_by_the_length_of_the_period() -> None:
    """On paper: 40 IT MW a year of first growth are 10 in a quarter and 40 in a year: 10, 20, 30, 40, then 80."""
    providers = [{"provider": "lease_provider", "name": "p", "first_year_it_mw": 40.0, "growth_per_year": 0.0}]
    case = tiny(500.0, periods=2, offers=[lease(block_it_mw=1.0)], families={"integration": {}}, providers=providers)
    plan = solve(_shaped(case, (3, 3, 3, 3, 12)))
    assert by_period(plan, "unserved", "served_compute") == pytest.approx([10.0, 20.0, 30.0, 40.0, 80.0])


def _lasting(lengths: tuple[int, ...]) -> CaseData:
    return _shaped(tiny(50.0, periods=2), lengths)


def _shaped(case: CaseData, lengths: tuple[int, ...]) -> CaseData:
    horizon = case.model.horizon.model_copy(update={"periods": len(lengths), "period_months": lengths})
    return case.replace(model=case.model.model_copy(update={"horizon": horizon}))
