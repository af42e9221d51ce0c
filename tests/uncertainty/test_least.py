"""What a future is proven to cost by itself, as what it costs at least with any orders."""

from random import Random

import numpy as np
import pytest

from planner.inputs import make_inputs
from planner.options import SolveOptions
from planner.program import quickest_program
from planner.runs.compile import make_mip
from planner.runs.start import start_values
from planner.uncertainty.first_stage import FirstStageOrders
from planner.uncertainty.from_plan import orders_of
from planner.uncertainty.links import links_of
from planner.uncertainty.prices import priced
from planner.uncertainty.recourse import RECOURSE, Recourse
from tests.length import thinned
from tests.uncertainty.test_ordered import OPTIONS, PRICES, future, ordered, several

LOOSE = SolveOptions(gap=0.2, own_process=False)


def of_last_day(case):
    """The orders of a case by the beginning of its last period."""
    inputs = make_inputs(case)
    return FirstStageOrders.of(inputs, inputs.calendar.start_dates[-1])


@pytest.mark.parametrize("seed", thinned([2, 4, 5, 8], 2))
def test_a_known_bound_is_never_lost_and_never_wrong(seed):
    """Law: with what a future costs at least by itself, a plan is as close to it as asked for, and the bound no lower.

    By itself a future costs no more than with any orders, so both bounds hold for the exact cost with orders.
    """
    case, random = several(), Random(seed)
    stage, other = of_last_day(case), future(case, random)
    orders = tuple(float(x) for x in ordered(stage, case, random))
    least = Recourse(PRICES, stage.day).plan(case, other, OPTIONS).summary[RECOURSE]["bound_busd"]
    exact = Recourse(PRICES, stage.day, orders).plan(case, other, OPTIONS).summary[RECOURSE]
    loose = Recourse(PRICES, stage.day, orders, least=least).plan(case, other, LOOSE).summary[RECOURSE]
    rounding = 1e-6 * abs(exact["cost_busd"])
    assert least <= loose["bound_busd"] + rounding
    assert loose["bound_busd"] <= exact["cost_busd"] + rounding
    assert exact["cost_busd"] <= loose["cost_busd"] + rounding
    assert loose["gap"] <= LOOSE.gap + 1e-6


def test_a_bound_that_a_plan_refutes_proves_nothing():
    """Law: where a plan costs less than was said to be the least, nothing is stated as proven of it."""
    case = several()
    exact = Recourse(PRICES, of_last_day(case).day).plan(case, case, OPTIONS).summary[RECOURSE]
    wrong = Recourse(PRICES, of_last_day(case).day, least=2.0 * exact["cost_busd"] + 1.0)
    said = wrong.plan(case, case, LOOSE).summary[RECOURSE]
    assert said["bound_busd"] is None
    assert said["gap"] is None


def test_a_plan_keeps_its_own_orders_and_no_others():
    """Law: a plan is a start as it is for the orders that it gives itself; with one more of any it is not."""
    case = several()
    inputs = make_inputs(case)
    stage = of_last_day(case)
    plan = Recourse(PRICES, stage.day).plan(case, case, OPTIONS)
    mip = priced(make_mip(quickest_program(inputs), inputs), inputs, PRICES)
    point, own = np.array(start_values(plan).point(mip.arrays.columns)), orders_of(stage, plan)
    assert own.any()
    assert links_of(stage, inputs, mip.arrays, own).kept_by(point, own)
    for i in np.flatnonzero(own):
        more = own.copy()
        more[i] += 1.0
        assert not links_of(stage, inputs, mip.arrays, more).kept_by(point, more)
