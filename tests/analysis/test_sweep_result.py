"""What a sweep says of its runs: rows in their order, differences to the base, exit codes, plans or reasons."""

from typing import Any

import pytest

from planner.analysis.measures import records
from planner.analysis.sweep_result import Sweep, exit_code
from planner.errors import NoPlanError, UnknownNameError
from planner.runs.outcome import Outcome
from planner.status import Status
from tests.analysis.by_hand import plan_of


def run(
    name: str, cost: float | None, gap: float | None = 0.0, status: Status = Status.OPTIMAL
) -> list[dict[str, Any]]:
    """Return the rows of a run."""
    if cost is None:
        return records(name, status, None, "no power", {})
    return records(name, status, gap, "", {"cost": cost, "unserved_share": 0.0})


def sweep(*runs: list[dict[str, Any]], names: list[str] | None = None) -> Sweep:
    """Return a sweep of these runs, the base first unless names are given."""
    rows = {found[0]["name"]: found for found in runs}
    return Sweep(names or list(rows), rows)


@pytest.mark.parametrize(
    ("gap", "base_gap", "uncertainty"), [(0.0, 0.0, 0.0), (0.01, 0.0, 0.12), (0.01, 0.1, 1.12), (None, 0.1, None)]
)
def test_the_difference_to_the_base_has_what_the_gaps_leave_open(
    gap: float | None, base_gap: float | None, uncertainty: float | None
) -> None:
    """Law: cost less that of the base; off by gap x cost of both at most, unknown where nothing is proven."""
    base, dear = sweep(run("base", 10.0, base_gap), run("dear", 12.0, gap)).overview()
    assert (base["cost_less_base"], base["cost_uncertainty"]) == (0.0, 0.0)
    assert dear["cost_less_base"] == 2.0
    assert dear["cost_uncertainty"] == (None if uncertainty is None else pytest.approx(uncertainty))


def test_what_makes_no_difference_is_known() -> None:
    """Law: every measure but the time is that of the base; another cost, or no plan, is a difference."""
    slow = records("slow", Status.OPTIMAL, 0.0, "", {"cost": 10.0, "unserved_share": 0.0, "solve_time": 9.0})
    found = sweep(run("base", 10.0), run("same", 10.0), slow, run("dear", 12.0), run("none", None))
    assert found.unchanged == ["same", "slow"]
    assert sweep(run("base", None), run("none", None)).unchanged == []


@pytest.mark.parametrize("none", ["base", "dear"])
def test_without_a_plan_on_either_side_there_is_no_difference(none: str) -> None:
    """The row stands with its reason, and no difference is made up."""
    runs = [run(name, None if name == none else 5.0, status=Status.INFEASIBLE) for name in ("base", "dear")]
    rows = {row["name"]: row for row in sweep(*runs).overview()}
    assert rows["dear"]["cost_less_base"] is None
    assert rows["dear"]["cost_uncertainty"] is None
    assert rows[none]["reason"] == "no power"


def test_rows_come_in_the_order_of_the_what_ifs_whenever_they_ended() -> None:
    """Runs that have not ended are missing, in the tables and in the line."""
    found = sweep(run("b", 2.0), run("base", 1.0), names=["base", "a", "b"])
    assert [row["name"] for row in found.records()] == ["base", "base", "b", "b"]
    assert list(found.summary().index) == ["base", "b"]
    assert found.missing == ["a"]
    assert repr(found) == "Sweep(3 runs: 2 optimal, 1 missing)"
    assert list(found.table()["measure"]) == ["cost", "unserved_share"] * 2


@pytest.mark.parametrize(
    ("runs", "names", "code"),
    [
        ([run("base", 1.0)], None, 0),
        ([run("base", 1.0), run("a", None, status=Status.INFEASIBLE)], None, 0),
        ([run("base", None, status=Status.INFEASIBLE)], None, 3),
        ([run("base", 1.0), run("a", None, status=Status.CRASHED)], None, 1),
        ([run("base", 1.0)], ["base", "a"], 4),
        ([run("base", None, status=Status.NO_PLAN)], None, 5),
        ([], ["base"], 5),
        ([run("base", None, status=Status.INVALID_CASE)], None, 2),
        ([run("base", 1.0, status=Status.TIME_LIMIT)], None, 4),
    ],
)
def test_the_exit_code_follows_from_all_runs(runs: list[Any], names: list[str] | None, code: int) -> None:
    """Law: that of the statuses of the runs; one that did not end was cut short."""
    assert exit_code(sweep(*runs, names=names)) == code


def test_a_plan_in_memory_is_given_back_and_what_has_none_says_why() -> None:
    """Without a store plans are kept in memory, with the what-if that they answer and what was measured."""
    found = Sweep(["base", "dear", "gone"])
    found._keep(Outcome.of_plan(plan_of(summary={"cost_busd": 7.0}), "base"), {"name": "base"})
    found._keep(Outcome(Status.INFEASIBLE, reason="no power", name="dear"), {"name": "dear"})
    plan = found.plan("base")
    assert plan.summary["what_if"]["name"] == "base"
    assert plan.summary["what_if"]["measures"]["cost"] == 7.0
    assert found.status == {"base": Status.OPTIMAL, "dear": Status.INFEASIBLE}
    with pytest.raises(NoPlanError, match="no plan for 'dear': no power"):
        found.plan("dear")
    with pytest.raises(UnknownNameError, match="there are base, dear"):
        found.plan("gone")
    assert found.notices == []
