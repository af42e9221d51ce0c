"""The units in which a case is solved: its own, or powers of a thousand that bring its figures near one."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.inputs import make_inputs
from planner.inputs.units import COMPUTE_FROM, MONEY_FROM, ORDINARY_COMPUTE, ORDINARY_MONEY, _exponent, case_units
from planner.units import Units, times_ten_to
from tests.cases import base_tables, make_case

SCALES = [(ORDINARY_COMPUTE, COMPUTE_FROM), (ORDINARY_MONEY, MONEY_FROM)]


@pytest.mark.parametrize(("ordinary", "begin"), SCALES)
@given(typical=st.floats(1e-22, 1e22))
def test_figures_far_from_one_are_brought_near_it(typical: float, ordinary: tuple[float, float], begin: float) -> None:
    """Law: a multiple of three; zero for ordinary figures; others lie from ``begin`` to a thousand times it after."""
    exponent = _exponent(typical, ordinary, begin)
    assert exponent % 3 == 0
    if ordinary[0] <= typical <= ordinary[1]:
        assert exponent == 0
    else:
        assert begin * (1 - 1e-9) <= times_ten_to(typical, -exponent) <= 1000 * begin * (1 + 1e-9)


@pytest.mark.parametrize(("ordinary", "begin"), SCALES)
def test_nothing_to_measure_by_leaves_the_unit(ordinary: tuple[float, float], begin: float) -> None:
    """A case that demands or pays nothing is solved in its own unit, as is one at either edge of the ordinary."""
    assert _exponent(None, ordinary, begin) == 0
    assert [_exponent(edge, ordinary, begin) for edge in ordinary] == [0, 0]
    assert _exponent(math.nextafter(ordinary[0], 0.0), ordinary, begin) < 0
    assert _exponent(math.nextafter(ordinary[1], math.inf), ordinary, begin) > 0


@pytest.mark.parametrize("exponent", [-9, -6, 6, 9, 12])
def test_the_unit_of_compute_follows_that_of_the_case(exponent: int) -> None:
    """Law: demand and rates in a unit so many times smaller are solved in a unit so many times larger."""
    tables = base_tables()
    for row in tables["demand"]:
        row["compute"] = times_ten_to(row["compute"], exponent)
    for row in tables["chips"]:
        for workload in ("training", "inference"):
            row[f"{workload}_compute_per_it_mw"] = times_ten_to(1.0, exponent)
    case = make_case({"demand": tables["demand"], "chips": tables["chips"]})
    assert case_units(case) == Units(compute=exponent, money=0)
    assert make_inputs(case).units == Units(compute=exponent, money=0)


def test_ordinary_cases_are_solved_in_their_own_units() -> None:
    """The tiny case is its own measure."""
    assert case_units(make_case()).own
    assert not Units(compute=3).own
    assert not Units(money=-3).own
