"""What is kept of every run of a sweep: measures of the plan by hand, one row each, or the reason."""

from typing import Any

import pytest

from planner.analysis.measures import COLUMNS, UNITS, measures_of, records
from planner.status import Status
from tests.analysis.by_hand import decided, plan_of


def capacity(period: int, role: str, it_mw: float, training: float, inference: float) -> dict[str, Any]:
    """Return a row of what is installed."""
    return {
        "period": period, "role": role, "it_mw": it_mw, "training_compute": training, "inference_compute": inference,
    }  # fmt: skip


def test_measures_of_a_plan_by_hand() -> None:
    """What is installed counts in the last period, by role and by the better use of each chip; money by its peak."""
    plan = plan_of(
        summary={"cost_busd": 9.0, "bound_busd": 8.0, "capacity_by_provider": {"clouds": 30.0}},
        contracts=[decided(), decided(origin="signed"), decided(offer="b")],
        openings=[{"origin": "decided"}, {"origin": "signed"}],
        demand=[{"period": 2026}, {"period": 2027}],
        capacity=[
            capacity(2026, "primary", 500.0, 9.0, 9.0),
            capacity(2027, "primary", 20.0, 1.0, 3.0),
            capacity(2027, "backup", 10.0, 5.0, 0.0),
        ],
        spend=[
            {"period": 2026, "part": "spend", "amount_busd": 2.0},
            {"period": 2027, "part": "spend", "amount_busd": 3.0},
            {"period": 2027, "part": "spend", "amount_busd": 0.5},
            {"period": 2027, "part": "unserved", "amount_busd": 99.0},
        ],
        budget=[{"slack_busd": 4.0}, {"slack_busd": -0.25}, {"slack_busd": ""}],
    )
    assert measures_of(plan) == {
        "cost": 9.0, "cost_bound": 8.0, "unserved_share": 0.0, "spend_primary": 0.0, "spend_backup": 0.0,
        "backup_income": 0.0, "opened_sites": 1.0, "decided_contracts": 2.0, "capacity_end_primary": 20.0,
        "capacity_end_backup": 10.0, "compute_end": 8.0, "peak_period_spend": 3.5, "smallest_budget_slack": -0.25,
        "solve_time": 1.5, "capacity_end.clouds": 30.0,
    }  # fmt: skip


def test_a_plan_of_nothing_has_every_measure_all_the_same() -> None:
    """Without contracts, capacity and money the sums are zero; without a budget there is no slack."""
    found = measures_of(plan_of(summary={"bound_busd": None}))
    assert set(found) == set(UNITS)
    assert (found["cost_bound"], found["smallest_budget_slack"]) == (None, None)
    assert {found[name] for name in ("decided_contracts", "compute_end", "peak_period_spend")} == {0.0}


def test_each_measure_is_a_row_with_its_unit() -> None:
    """Rows share how the run ended; measures by provider are in IT MW."""
    rows = records("dear", Status.OPTIMAL, 0.001, "", {"cost": 5.0, "capacity_end.p": 7.0, "cost_bound": None})
    assert [(row["measure"], row["unit"], row["value"]) for row in rows] == [
        ("cost", "busd", 5.0), ("capacity_end.p", "it_mw", 7.0), ("cost_bound", "busd", None),
    ]  # fmt: skip
    assert {(row["name"], row["status"], row["gap"], row["reason"]) for row in rows} == {("dear", "optimal", 0.001, "")}
    assert all(list(row) == ["name", "measure", "unit", "value", "status", "gap", "reason"] for row in rows)
    assert set(rows[0]) == set(COLUMNS)


@pytest.mark.parametrize("status", [Status.INFEASIBLE, Status.INVALID_CASE, Status.CRASHED])
def test_a_run_without_a_plan_is_one_row_with_its_reason(status: Status) -> None:
    """Its cost is empty, and the word of the status is that of the vocabulary, as plain text."""
    (row,) = records("dear", status, None, "no power", {})
    assert (row["measure"], row["value"], row["reason"]) == ("cost", None, "no power")
    assert type(row["status"]) is str
    assert Status(row["status"]) is status
