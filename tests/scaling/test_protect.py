"""Prices of protection, and why a rule cannot hold, in any unit."""

import pytest

from planner.explain.prices import protection_prices
from planner.options import SolveOptions
from planner.runs.session import solve_case
from tests.redundancy.random_cases import random_case
from tests.scaling.units import in_units


@pytest.mark.slow
@pytest.mark.parametrize(("compute", "money"), [(1e9, 1.0), (1e-9, 1e6), (1e6, 1e-9)])
def test_prices_of_protection_follow_the_units(compute: float, money: float) -> None:
    """Law: the price of a unit of critical compute is money per compute, the price of a GW money alone."""
    case = random_case(2)
    options = SolveOptions(gap=0.0, own_process=False)
    own = protection_prices(solve_case(case, options).point)
    other = protection_prices(solve_case(in_units(case, compute, money), options).point)
    assert own
    key = [(one.rule, one.period, one.contingency) for one in own]
    assert [(one.rule, one.period, one.contingency) for one in other] == key
    for mine, theirs in zip(own, other, strict=True):
        assert theirs.price_busd_per_compute == pytest.approx(mine.price_busd_per_compute * money / compute, rel=1e-6)
        assert theirs.price_busd_per_gw == pytest.approx(mine.price_busd_per_gw * money, rel=1e-6)
        assert theirs.critical_compute == pytest.approx(mine.critical_compute * compute, rel=1e-9)
