"""Amounts in large programs: what restrictions around the relaxation hold, by hand."""

from dataclasses import replace

import numpy as np
import pytest

from planner.explain import conflict_guided
from planner.explain.conflict_guided import Guide, Led, in_kernels, relaxed_by_cost
from planner.solve.arrays import INFINITY, Arrays, NewRow
from planner.symbols import Column, Constraint, Row, Variable
from tests.solve.tiny import arrays_of

COST = np.array([0.1, 0.1])


def elastic() -> Arrays:
    """At least 19 of 10 from each x, 6 from each y and the amount, with 1.75 of what x takes 1 of, and y 0.7."""
    return arrays_of(
        [0.0, 0.0, 1.0], [[10.0, 6.0, 1.0], [1.0, 0.7, 0.0]], [19.0, -INFINITY], [INFINITY, 1.75],
        upper=[4.0, 4.0, 100.0], integer=[0, 1],
    )  # fmt: skip


def guide() -> Guide:
    """1.75 of x and none of y: an amount of 1.5."""
    found = relaxed_by_cost(replace(elastic(), integer=np.zeros(3, dtype=bool)), COST, 60.0)
    assert isinstance(found, Guide)
    assert found.x == pytest.approx([1.75, 0.0, 1.5])
    assert found.bound == pytest.approx(1.5)
    return found


@pytest.mark.parametrize("price", [1e-6, 1e3, 3e4])
def test_no_price_of_the_amount_decides_how_much_is_needed(price):
    """Law: where the price is so low that the cheapest point has all of the amount, the least is found all the same."""
    found = Led(replace(elastic(), integer=np.zeros(3, dtype=bool)), COST, price).guide(60.0)
    assert isinstance(found, Guide)
    assert found.bound == pytest.approx(1.5)
    assert found.x[2] == pytest.approx(1.5)


def test_a_wider_restriction_follows_where_the_smallest_is_far_from_what_is_proven():
    """Law: one x alone needs 9; the wider restriction has y as well, and one of each needs 3."""
    x = in_kernels(elastic(), COST, guide(), 0.0, 60.0)
    assert x is not None
    assert x == pytest.approx([1.0, 1.0, 3.0])


def test_the_smallest_restriction_is_enough_where_it_is_near(monkeypatch):
    """Law: what the smallest restriction holds counts where it is near enough, and where no other holds more."""
    monkeypatch.setattr(conflict_guided, "NEAR", 10.0)
    x = in_kernels(elastic(), COST, guide(), 0.0, 60.0)
    assert x is not None
    assert x == pytest.approx([1.0, 0.0, 9.0])
    monkeypatch.setattr(conflict_guided, "NEAR", 0.0)
    monkeypatch.setattr(conflict_guided, "KERNELS", (conflict_guided.SMALLEST,))
    assert np.array_equal(in_kernels(elastic(), COST, guide(), 0.0, 60.0), x)


@pytest.mark.parametrize("columns", [0, 1])
def test_rows_that_join_leave_the_answer_of_a_program_made_with_them(columns):
    """Law: with rows and columns that join it, its basis kept, a relaxation has the answer of one made with them."""
    before = replace(elastic(), integer=np.zeros(3, dtype=bool))
    led = Led(before, COST)
    assert isinstance(led.guide(60.0), Guide)
    key, index = Row(Constraint[int]("at_most_one"), 0), np.arange(0, 4 * columns + 1, 3, dtype=np.int32)
    row = NewRow(key, index, np.array([1.0, -0.1])[: len(index)], -INFINITY, 1.0)
    wider = before.extended([Column(Variable[int]("more"), 0)] * columns, [row])
    order = [0, 1, *range(3, wider.column_count), 2]  # the amount stays last
    wider = replace(
        wider, matrix=wider.matrix[:, order], lower=wider.lower[order], upper=wider.upper[order],
        cost=wider.cost[order], columns=tuple(wider.columns[j] for j in order),
    )  # fmt: skip
    cost = np.append(COST, np.full(columns, 0.2))
    grown, anew = led.grown(wider, cost), relaxed_by_cost(wider, cost, 60.0)
    assert grown._engine is led._engine
    found = grown.guide(60.0)
    assert isinstance(found, Guide)
    assert isinstance(anew, Guide)
    assert found.x == pytest.approx(anew.x)
    assert found.bound == pytest.approx(anew.bound)
    other = replace(wider, row_lower=wider.row_lower - 1.0)
    assert grown.grown(other, cost)._engine is not led._engine
