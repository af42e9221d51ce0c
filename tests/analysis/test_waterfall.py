"""The cost of a plan in parts, and from one plan's cost to another's: parts add up, or the plan is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.analysis.waterfall import cost_parts, waterfall
from planner.errors import PlanError
from planner.plan.plan import PlanData
from tests.analysis.by_hand import plan_of

PARTS = st.dictionaries(
    st.tuples(st.sampled_from(("rent", "chips", "capex")), st.sampled_from(("primary", "backup"))),
    st.floats(0.01, 1e4),
    min_size=1,
)


def plan(spend: dict[tuple[str, str], float], others: dict[str, float] | None = None, off: float = 0.0) -> PlanData:
    """Return a plan whose parts are these, each payment in two halves, and whose cost is off their sum."""
    others = others or {}
    rows = [
        {"part": "spend", "item": item, "role": role, "present_value_busd": busd / 2}
        for (item, role), busd in spend.items()
        for _ in range(2)
    ]
    rows += [{"part": item, "item": item, "role": "", "present_value_busd": busd} for item, busd in others.items()]
    total = sum(spend.values())
    parts = [{"item": item, "present_value_busd": busd} for item, busd in {"spend": total, **others}.items()]
    cost = total + sum(others.values()) + off
    return plan_of(summary={"cost_busd": cost}, spend=rows, objective=parts)


def test_parts_are_sums_by_item_and_role_and_the_rest_by_what_it_is() -> None:
    """Spending has its roles, income, salvage and unserved demand none, and none of them counts twice."""
    made = plan({("rent", "primary"): 3.0, ("rent", "backup"): 1.0}, {"salvage": -0.5, "unserved": 0.25})
    assert cost_parts(made) == {
        ("rent", "primary"): 3.0, ("rent", "backup"): 1.0, ("salvage", ""): -0.5, ("unserved", ""): 0.25,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("off", "refused"), [(0.0, False), (3.9e-6, False), (-3.9e-6, False), (4.1e-6, True), (1.0, True)]
)
def test_parts_that_do_not_add_up_are_refused(off: float, refused: bool) -> None:
    """A millionth of the largest part, or of the cost, may be rounding; more is a plan that is not what it says."""
    made = plan({("rent", "primary"): 4.0, ("chips", "primary"): 1.0}, {"salvage": -2.0}, off)
    if refused:
        with pytest.raises(PlanError, match=r"hand: the parts of the cost add up to 3\.000000000"):
            cost_parts(made)
    else:
        assert sum(cost_parts(made).values()) == 3.0


@settings(max_examples=40, deadline=None)
@given(PARTS, PARTS)
def test_differences_add_up_to_the_difference_of_the_costs(
    before: dict[tuple[str, str], float], after: dict[tuple[str, str], float]
) -> None:
    """Law: every part of either plan has one row, and the rows add up; turned round all signs change."""
    one, other = plan(before, {"salvage": -1.0}), plan(after)
    rows = waterfall("x", one, other)
    assert {(row["item"], row["role"]) for row in rows} == {*before, *after, ("salvage", "")}
    total = other.summary["cost_busd"] - one.summary["cost_busd"]
    assert sum(row["difference_busd"] for row in rows) == pytest.approx(total, abs=1e-6)
    back = {(row["item"], row["role"]): row["difference_busd"] for row in waterfall("y", other, one)}
    assert back == pytest.approx({(row["item"], row["role"]): -row["difference_busd"] for row in rows})


def test_rows_come_by_role_then_item() -> None:
    """Primary before backup before what belongs to the whole plan, each in the order of its names."""
    made = plan({("rent", "backup"): 1.0, ("rent", "primary"): 1.0, ("chips", "primary"): 1.0}, {"salvage": -1.0})
    assert [(row["item"], row["role"]) for row in waterfall("x", made, made)] == [
        ("chips", "primary"), ("rent", "primary"), ("rent", "backup"), ("salvage", ""),
    ]  # fmt: skip
