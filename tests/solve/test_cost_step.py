"""Costs that are multiples of one amount: every plan's cost is one, and no bound is raised above a plan."""

from dataclasses import replace

import numpy as np
import pytest

from planner.solve.cost_step import CostStep, common_step
from planner.solve.site_reach import Reach
from tests.length import AT_LENGTH
from tests.solve.test_penalties import SITES
from tests.solve.test_site_reach import drawn, every_cost, form  # noqa: F401

SEEDS = range(60 if AT_LENGTH else 20)


@pytest.mark.parametrize("unit", [1.0, 0.001, 0.7, 250.0])
@pytest.mark.parametrize("seed", SEEDS)
def test_every_plan_is_a_multiple_and_no_bound_passes_one(form, seed, unit):  # noqa: F811
    """Law: with whole costs in any unit all plans are multiples; no bound below a plan is raised above it."""
    random = np.random.default_rng(seed)
    a = drawn(form, 2 * seed + 1)
    a = replace(
        a, unit_cost=np.round(a.unit_cost) * unit, fixed_cost=random.integers(0, 20, SITES) * unit, offset=5.5 * unit
    )
    step = CostStep.of(Reach.of(a))
    assert step.step == pytest.approx(unit * round(step.step / unit))
    assert step.step >= 0.99 * unit
    for cost in every_cost(a).values():
        if np.isfinite(cost):
            steps = (cost - step.offset) / step.step
            assert steps == pytest.approx(round(steps), abs=1e-6)
            for below in (0.0, 1e-12 * cost, 0.3 * step.step, 0.998 * step.step):
                assert step.raised(cost - below) <= cost
            assert step.raised(cost - 0.998 * step.step) >= cost - 2.0 * step.error - 1e-9 * cost


@pytest.mark.parametrize("seed", SEEDS)
def test_costs_that_are_no_multiples_raise_nothing(form, seed):  # noqa: F811
    """Law: of costs drawn at random there is no step, and bounds stay as they are."""
    a = drawn(form, seed)
    step = CostStep.of(Reach.of(a))
    assert step.step == 0.0
    assert step.raised(17.3) == 17.3


@pytest.mark.parametrize("seed", SEEDS)
def test_the_step_is_the_greatest_common_divisor(seed):
    """Law: of whole numbers the step is the one that number theory gives."""
    values = np.random.default_rng(seed).integers(1, 40, 3) * int(np.random.default_rng(seed).integers(1, 9))
    assert common_step(values.astype(float)) == pytest.approx(np.gcd.reduce(values))
