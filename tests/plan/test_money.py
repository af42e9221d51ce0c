"""Items, parts of the cost and budget of a plan, from a ledger (formulation, sections 7 and 11)."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.inputs import Inputs, make_inputs
from planner.plan import money
from tests.cases import FAMILIES, make_case

RATE = 0.1
BARE = make_inputs(make_case(objective={"discount_rate_per_year": RATE}))


def ledger(**more: Any) -> Any:
    """Return what a program writes down: a number stands for every sum of terms."""
    nothing: dict[str, Any] = {name: {} for name in ("spend", "income", "unserved", "unprotected", "financing", "cash")}
    empty = {**nothing, "salvage": 0.0}
    return SimpleNamespace(**{**empty, **more})


def value(total: Any) -> float:
    """Return the value of a sum of terms: itself."""
    return float(total)


def limited(limits: tuple[float, ...], *, carry_over: bool = False, income: bool = False) -> Inputs:
    """Return inputs with a limit for every period."""
    family = {**FAMILIES["budget"], "carry_over": carry_over, "backup_income_counts": income}
    rows = [
        {"year": 2026 + t, "cash_limit_busd": 1.0, "revenue_busd": 0.0, "partner_share": 0.0, "reference_share": 0.0}
        for t in range(4)
    ]
    return replace(make_inputs(make_case({"budget": rows}, families={"budget": family})), budget_limit_busd=limits)


def test_totals_name_every_amount_by_period_part_item_and_role() -> None:
    """Spending is positive, income and salvage negative; salvage stands at the end of the horizon, without a role."""
    written = ledger(
        spend={("rent", "primary", 0): 3.0, ("rent", "backup", 0): 1.0}, income={1: 0.5}, unserved={2: 7.0}, salvage=4.0
    )
    assert money.totals(BARE, written, value) == {
        (0, "spend", "rent", "primary"): 3.0,
        (0, "spend", "rent", "backup"): 1.0,
        (1, "backup_income", "backup_income", "backup"): -0.5,
        (2, "unserved", "unserved", ""): 7.0,
        (4, "salvage", "salvage", ""): -4.0,
    }


def test_the_parts_of_the_cost_are_discounted() -> None:
    """Law: each part is the sum of amount x (1 + r)^-(t + 1/2), salvage x (1 + r)^-4; all four always stand."""
    written = ledger(
        spend={("rent", "primary", 0): 3.0, ("chips", "backup", 3): 2.0},
        income={1: 0.5},
        unserved={2: 7.0},
        salvage=4.0,
    )
    found = {row["item"]: row["present_value_busd"] for row in money.objective(BARE, written, value)}
    assert found == pytest.approx(
        {
            "spend": 3.0 * 1.1**-0.5 + 2.0 * 1.1**-3.5,
            "backup_income": -0.5 * 1.1**-1.5,
            "salvage": -4.0 * 1.1**-4,
            "unserved": 7.0 * 1.1**-2.5,
        },
        abs=1e-9,
    )
    assert {row["item"]: row["present_value_busd"] for row in money.objective(BARE, ledger(), value)} == dict.fromkeys(
        found, 0.0
    )


@given(st.dictionaries(st.tuples(st.sampled_from("abc"), st.sampled_from("pb"), st.integers(0, 3)), st.floats(0, 99)))
def test_the_parts_are_the_present_value_of_the_totals(spend: dict[tuple[str, str, int], float]) -> None:
    """Law: items by period, each discounted, add up to the part of the cost that they belong to."""
    written = ledger(spend=spend)
    found = {row["item"]: row["present_value_busd"] for row in money.objective(BARE, written, value)}
    totals = money.totals(BARE, written, value)
    expected = sum(busd * (1 + RATE) ** -(t + 0.5) for (t, part, _, _), busd in totals.items() if part == "spend")
    assert found["spend"] == pytest.approx(expected, abs=1e-8)


SPEND = {
    ("rent", "primary", 0): 2.0,
    ("rent", "primary", 1): 6.0,
    ("chips", "backup", 1): 1.0,
    ("rent", "primary", 3): 4.0,
}


@pytest.mark.parametrize(
    ("carry_over", "income", "slack", "carried"),
    [
        (False, False, [3.0, -2.0, 5.0, 1.0], [0.0, 0.0, 0.0, 0.0]),
        (True, False, [3.0, 1.0, 6.0, 7.0], [0.0, 3.0, 1.0, 6.0]),
        (False, True, [3.0, 0.5, 5.0, 1.0], [0.0, 0.0, 0.0, 0.0]),
        (True, True, [3.0, 3.5, 8.5, 9.5], [0.0, 3.0, 3.5, 8.5]),
    ],
)
def test_what_a_budget_leaves(carry_over: bool, income: bool, slack: list[float], carried: list[float]) -> None:
    """Law: limit + carried in - spending + income where it counts; carried on only with carry-over."""
    inputs = limited((5.0, 5.0, 5.0, 5.0), carry_over=carry_over, income=income)
    rows = money.budget(inputs, ledger(spend=SPEND, income={1: 2.5}), value)
    assert [row["spend_busd"] for row in rows] == pytest.approx([2.0, 7.0, 0.0, 4.0])
    assert [row["backup_income_busd"] for row in rows] == pytest.approx([0.0, 2.5, 0.0, 0.0])
    assert [row["limit_busd"] for row in rows] == pytest.approx([5.0] * 4)
    assert [row["slack_busd"] for row in rows] == pytest.approx(slack)
    assert [row["carried_in_busd"] for row in rows] == pytest.approx(carried)


@given(st.lists(st.floats(-50, 50), min_size=4, max_size=4), st.lists(st.floats(0, 50), min_size=4, max_size=4))
def test_with_carry_over_the_last_slack_is_what_is_left_of_all(limits: list[float], spent: list[float]) -> None:
    """Law: cumulative limit less cumulative spending, at the end of every period."""
    inputs = limited(tuple(limits), carry_over=True)
    rows = money.budget(inputs, ledger(spend={("rent", "primary", t): busd for t, busd in enumerate(spent)}), value)
    for t, row in enumerate(rows):
        assert row["slack_busd"] == pytest.approx(sum(limits[: t + 1]) - sum(spent[: t + 1]), abs=1e-8)


def test_without_the_family_there_is_no_limit_and_no_slack() -> None:
    """The cells are empty, not zero; spending stands all the same, with the labels of the periods."""
    rows = money.budget(BARE, ledger(spend=SPEND), value)
    assert [(row["period"], row["spend_busd"]) for row in rows] == [
        ("2026", 2.0), ("2027", 7.0), ("2028", 0.0), ("2029", 4.0),
    ]  # fmt: skip
    assert {(row["limit_busd"], row["slack_busd"], row["carried_in_busd"]) for row in rows} == {("", "", 0.0)}
