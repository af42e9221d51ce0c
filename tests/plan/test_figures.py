"""Figures of tables: as many digits as mean something, in whatever unit the case is written."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.inputs import Inputs, make_inputs
from planner.plan import figures
from planner.units import Units
from tests.cases import make_case

OWN = make_inputs(make_case())
PRICED = make_inputs(make_case(objective={"unserved": "priced", "unserved_price_busd_per_compute_year": 1.0}))
UNITS = st.builds(Units, compute=st.sampled_from((-9, -3, 0, 6, 9)), money=st.sampled_from((-9, -3, 0, 3)))
AMOUNTS = st.floats(-1e6, 1e6).filter(lambda x: abs(x) > 1e-9)


def at(units: Units) -> Inputs:
    """Return inputs that are solved in these units."""
    return replace(OWN, units=units)


@pytest.mark.parametrize(
    ("write", "amount", "written"),
    [
        (figures.compute, 123.4567891, 123.456789),
        (figures.compute, 0.1234567891234, 0.123456789),
        (figures.compute, 1.23456789123e-7, 1.23456789e-7),
        (figures.compute, -1e-12, -1e-12),
        (figures.compute, 0.0, 0.0),
        (figures.spare, 1e-9, 0.0),
        (figures.spare, -4e-7, 0.0),
        (figures.spare, 2.3456784, 2.345678),
        (figures.money, 1.23456789123, 1.234567891),
        (figures.money, 1.23456789123e-6, 1.23456789e-6),
        (figures.money, 9e-13, 0.0),
        (figures.money, -1e-12, 0.0),
        (figures.money, -1.1e-12, -1.1e-12),
        (figures.demanded, 1 / 3, 0.333333333),
    ],
)
def test_digits_of_a_case_in_its_own_units(
    write: Callable[[Inputs, float], float], amount: float, written: float
) -> None:
    """Compute has six decimals and nine digits below one, money nine of both; remainders and rounding are nothing."""
    assert write(OWN, amount) == written


@pytest.mark.parametrize("write", [figures.compute, figures.money, figures.spare, figures.demanded])
@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_zero_has_no_sign(write: Callable[[Inputs, float], float], zero: float) -> None:
    """A negative zero is written as zero, in every unit."""
    for inputs in (OWN, PRICED, at(Units(6, -3))):
        assert str(write(inputs, zero)) == "0.0"


@given(AMOUNTS, UNITS)
def test_no_unit_costs_digits(amount: float, units: Units) -> None:
    """Law: in any unit, compute and money are written to within a millionth and a billionth of that unit, or better."""
    inputs, compute, money = at(units), 10.0**units.compute, 10.0**units.money
    assert figures.compute(inputs, amount * compute) == pytest.approx(
        amount * compute, rel=1e-12, abs=0.51e-6 * compute
    )
    assert figures.money(inputs, amount * money) == pytest.approx(amount * money, rel=1e-12, abs=0.51e-9 * money)
    assert figures.compute(inputs, amount * compute) != 0.0


@given(AMOUNTS, UNITS)
def test_what_is_written_is_written_the_same_again(amount: float, units: Units) -> None:
    """Law: writing is a projection: a figure that has been written once does not change when written again."""
    inputs = at(units)
    for write in (figures.compute, figures.money, figures.spare, figures.demanded):
        once = write(inputs, amount)
        assert write(inputs, once) == once
        assert write(inputs, -amount) == -once


@given(st.floats(1e-20, 1e20))
def test_demand_keeps_its_digits_where_what_is_not_served_is_paid(amount: float) -> None:
    """Law: with a price of unserved demand, fifteen digits stand; without one, as many as any compute has."""
    assert figures.demanded(PRICED, amount) == pytest.approx(amount, rel=1e-14)
    assert figures.demanded(OWN, amount) == figures.compute(OWN, amount)


@pytest.mark.parametrize(
    ("amount", "by", "written"),
    [
        (2.0, 3.0, 0.6666667),
        (2e9, 3.0, 666666700.0),
        (-1.0, 8.0, -0.125),
        (0.0, 5.0, 0.0),
        (5.0, 0.0, ""),
        (0.0, 0.0, ""),
    ],
)
def test_an_amount_per_unit_has_seven_digits_or_is_empty(amount: float, by: float, written: float | str) -> None:
    """Where there is nothing to divide by, the cell is empty, never zero."""
    assert figures.ratio(amount, by) == written


@pytest.mark.parametrize(
    ("cell", "text"),
    [(2028.0, "2028"), (2028, "2028"), ("2028Q1", "2028Q1"), (2028.5, "2028.5"), ("2028.0", "2028.0"), ("", "")],
)
def test_keys_and_periods_are_text(cell: object, text: str) -> None:
    """A year that was read as a number is the same text as one that was not; texts stay as they are."""
    assert figures.text(cell) == text
