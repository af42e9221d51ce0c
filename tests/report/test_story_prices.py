"""What a story says of money that is almost used up, and of what may be missed at a price."""

import pytest

from planner.plan.plan import PlanData
from planner.report.story.page import story
from tests.program.tiny import CASH, cash, solve, tiny
from tests.report.test_story import sentences


@pytest.mark.slow
def test_money_that_is_left_is_not_used_up():
    """Law: what is left of cash that binds is said, to the digit; nothing where nothing is left."""
    plan = solve(tiny([20.0, 40.0], periods=2, families={"budget": CASH}, budget=cash(2, 0.4046)))
    rows = [dict(row) for row in plan.rows("budget")]
    said = [one for one in sentences(story(plan), "binds") if one.startswith("The cash of")]
    rows[1] |= {"limit_busd": 5.0, "slack_busd": 0.0046}
    changed = PlanData(plan.case, plan.summary, {**plan.tables, "budget": rows})
    assert "The cash of 2027 is used up but for $0.0046B." in sentences(story(changed), "binds")
    rows[1] |= {"slack_busd": 0.0}
    changed = PlanData(plan.case, plan.summary, {**plan.tables, "budget": rows})
    assert "The cash of 2027 is used up." in sentences(story(changed), "binds")
    assert said == []


def test_what_has_a_price_is_in_the_cost():
    """Law: where something may be missed at a price, plans that miss more of it are compared too, and it is said."""
    priced = {"unserved": "priced", "unserved_price_busd_per_compute_year": 0.5}
    words = sentences(story(solve(tiny([20.0, 40.0], periods=2, objective=priced))), "sure")[0]
    assert words.endswith("and no plan that misses no more of what has no price costs less: that is proven.")
