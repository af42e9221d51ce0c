"""The table of answers to what-ifs: what it says holds for every plan within the gaps."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench.answers import answer, answers, between, table, without_plan

BASE = {"cost_busd": 100.0, "bound_busd": 99.0}


def summary(cost: float, bound: float | None, **more: Any) -> dict[str, Any]:
    """Return what a summary of a plan has of it."""
    return {"cost_busd": cost, "bound_busd": bound, "status": "gap_reached", "unserved_share": 0.0, **more}


@pytest.mark.parametrize(
    ("least", "most", "said"),
    [
        (0.0, 226.0, "at most 230"), (3097.0, 3582.0, "3,000 to 3,600"), (11580.0, 11580.0, "11,600"),
        (201.88, 201.88, "202"),
    ],
)  # fmt: skip
def test_a_shortfall_is_a_range(least: float, most: float, said: str) -> None:
    """Law: the proven bound is rounded down, what was found up; what is both is one number."""
    assert between(least, most) == said


def test_a_difference_is_the_range_that_the_gaps_leave() -> None:
    """Law: between the bound of one less the cost of the other, and the reverse; a range with zero is no difference."""
    assert answer(summary(90.0, 88.0), BASE) == "9 to 12 less"
    assert answer(summary(112.0, 111.0), BASE) == "11 to 13 more"
    assert answer(summary(100.5, 99.5), BASE) == "no difference within the gaps"


def test_what_is_missed_is_said_before_the_cost() -> None:
    """Law: a plan that misses something is not compared by cost; a limit of time is named."""
    missing = [{"tier": "programme", "amount": 226.0, "bound": 0.0}, {"tier": "unserved", "amount": 0.0, "bound": 0.0}]
    short = summary(90.0, 88.0, shortfalls=missing, unserved_share=0.016)
    programmes = "at most 230 IT or facility MW-years missing of programmes"
    assert answer(short, BASE) == f"at most 1.6 % of demand unserved; {programmes}"
    assert answer({**short, "unserved_share_bound": 0.016}, BASE) == f"1.6 % of demand unserved; {programmes}"
    assert "within the time" in answer({**short, "status": "time_limit"}, BASE)


@pytest.mark.parametrize(
    ("contracts", "said"),
    [(["c"], "signed rents of $5.00B not paid"), (["c", ""], "signed rents and other spending of $5.00B not paid")],
)
def test_what_is_not_paid_is_named(tmp_path: Path, contracts: list[str], said: str) -> None:
    """Law: other spending that a budget below zero does not cover is no rent."""
    tables = tmp_path / "runs" / "poor" / "tables"
    tables.mkdir(parents=True)
    short = summary(90.0, 88.0, shortfalls=[{"tier": "cash", "amount": 5.0, "bound": 5.0}])
    (tables.parent / "summary.json").write_text(json.dumps(short), encoding="utf-8")
    lines = ["tier,programme,contract,amount", *(f"cash,,{name},2.5" for name in contracts)]
    (tables / "shortfalls.csv").write_text("\n".join(lines), encoding="utf-8")
    assert answer(answers([str(tmp_path)])["poor"], BASE) == said


def test_a_limit_of_time_is_no_proof() -> None:
    """Law: that there is no plan is said as proven only where it is."""
    assert without_plan("infeasible") == "no plan (proven)"
    assert without_plan("no_plan") == "no plan within the time"


@pytest.mark.slow
def test_no_what_if_is_left_out(tmp_path: Path) -> None:
    """Law: a table without a result of every shipped what-if is refused, and the missing ones are named."""
    run = tmp_path / "runs" / "base"
    run.mkdir(parents=True)
    (run / "summary.json").write_text(json.dumps(BASE), encoding="utf-8")
    with pytest.raises(ValueError, match="no result of programme-free"):
        table("stargate", "stargate", [str(tmp_path)])
