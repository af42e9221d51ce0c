"""Sums: they are what their terms are, whichever way they are put together."""

from collections.abc import Callable
from typing import Any

import pyomo.environ as pyo
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.program.ledger import Ledger
from planner.program.terms import Sum

NUMBERS = st.integers(-100, 100).map(float)
TERMS = st.lists(st.tuples(NUMBERS, st.integers(0, 3)), max_size=6)


def model() -> Any:
    """Four variables with values."""
    m = pyo.ConcreteModel()
    m.x = pyo.Var(range(4), initialize={0: 1.0, 1: -2.0, 2: 5.0, 3: 7.0})
    return m


def made(m: Any, constant: float, terms: list[tuple[float, int]]) -> Sum:
    """The sum of some terms and a constant."""
    total = Sum(constant)
    for coefficient, place in terms:
        total.add(coefficient, m.x[place])
    return total


def worth(m: Any, constant: float, terms: list[tuple[float, int]]) -> float:
    """The same, figure by figure."""
    return constant + sum(coefficient * pyo.value(m.x[place]) for coefficient, place in terms)


@given(NUMBERS, TERMS, NUMBERS, NUMBERS, TERMS)
def test_a_multiple_of_a_sum_is_added_whole(
    constant: float, terms: list[tuple[float, int]], factor: float, other: float, more: list[tuple[float, int]]
) -> None:
    """Adding a multiple of a sum adds that multiple of all its terms and of its constant, and leaves it as it is."""
    m = model()
    second = made(m, other, more)
    total = made(m, constant, terms).add_sum(factor, second)
    assert pyo.value(total.expression()) == pytest.approx(worth(m, constant, terms) + factor * worth(m, other, more))
    assert pyo.value(second.expression()) == pytest.approx(worth(m, other, more))


@given(NUMBERS, TERMS)
def test_a_coefficient_of_zero_is_no_term(constant: float, terms: list[tuple[float, int]]) -> None:
    """Only terms that count make a sum one of variables."""
    m = model()
    assert made(m, constant, terms).is_constant == (not any(coefficient for coefficient, _ in terms))


@pytest.mark.parametrize(
    ("relate", "holds"),
    [
        (lambda total, side: total.at_most(side), lambda value, side: value <= side),
        (lambda total, side: total.at_least(side), lambda value, side: value >= side),
        (lambda total, side: total.equals(side), lambda value, side: value == side),
    ],
    ids=["at most", "at least", "equals"],
)
@given(constant=NUMBERS, terms=TERMS.filter(lambda terms: any(c for c, _ in terms)), side=NUMBERS)
def test_relations_count_the_constant(
    relate: Callable[..., Any],
    holds: Callable[[float, float], bool],
    constant: float,
    terms: list[tuple[float, int]],
    side: float,
) -> None:
    """A relation holds exactly when the whole sum, its constant included, keeps to the side."""
    m = model()
    m.row = pyo.Constraint(expr=relate(made(m, constant, terms), side))
    body = pyo.value(m.row.body)
    low, up = m.row.lb, m.row.ub
    kept = (low is None or body >= low) and (up is None or body <= up)
    assert kept == holds(worth(m, constant, terms), side)


def test_the_ledger_keeps_items_roles_and_periods_apart() -> None:
    """What is paid stands under its item, role and period alone; nothing paid leaves no entry."""
    m, ledger = model(), Ledger()
    ledger.pay("rent", "primary", 0, 2.0, m.x[0])
    ledger.pay("rent", "primary", 0, 3.0, m.x[2])
    ledger.pay("rent", "backup", 0, 0.0, m.x[0])
    ledger.pay_fixed("opex", "primary", 1, 4.0)
    ledger.pay_fixed("opex", "primary", 0, 0.0)
    found = {key: pyo.value(total.expression()) for key, total in ledger.spend.items()}
    assert found == {("rent", "primary", 0): 2.0 + 15.0, ("opex", "primary", 1): 4.0}
