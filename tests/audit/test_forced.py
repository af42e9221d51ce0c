"""Planted faults: a plan that does not decide what its case forces, and a summary that states something else."""

from dataclasses import replace

import pytest

from planner import Case
from planner.api import Plan
from planner.audit import audit
from planner.audit.folder import audit_folder
from planner.case.model import Forced
from planner.case.read import read_case

FORCED = (
    (Forced(site="south", by=2026), True),
    (Forced(offer="south_cloud", blocks=1, by=2027), True),
    (Forced(offer="south_cloud", blocks=10, by=2027), False),
    (Forced(offer="east_cloud", blocks=1, role="backup", by=2027), True),
    (Forced(offer="south_cloud", blocks=6, by=2026), False),
)


def forcing(case, *forced):
    """Return a case that forces decisions."""
    return case.replace(model=case.model.model_copy(update={"forced": forced}))


@pytest.fixture(scope="module")
def plan():
    """A plan of three_sites with one block in the south in 2026."""
    case = forcing(read_case("three_sites"), Forced(offer="south_cloud", blocks=1, by=2026))
    return Case.of(case).solve(gap=0.0)


def test_what_is_decided_counts(plan):
    """Law: the audit of the plan as solved names the forced decisions among its checks, and passes."""
    report = audit(plan.case, plan.tables, plan.summary)
    assert report.lines == ()
    assert {check.name for check in report.checks} >= {"forced decisions", "forced"}


@pytest.mark.parametrize(("forced", "kept"), FORCED, ids=[str(forced) for forced, _ in FORCED])
def test_a_plan_is_held_to_what_is_forced(plan, forced, kept):
    """Law: blocks of the offer (or site), role and year are counted from the contracts of the plan."""
    counted = sum(
        int(row["blocks"])
        for row in plan.rows("contracts")
        if row["origin"] == "decided"
        and (row["site"] == forced.site if forced.offer is None else row["offer"] == forced.offer)
        and forced.role in (None, row["role"])
        and int(str(row["start_period"])) <= forced.by
    )
    assert (counted >= (forced.blocks or 1)) is kept
    report = audit(forcing(plan.case, forced), plan.tables)
    assert report.passed is kept
    assert any("blocks decided" in line for line in report.lines) is not kept


def test_a_late_start_does_not_count(plan):
    """Law: a contract moved past the year no longer makes the forced decision."""
    rows = [{**row, "start_period": "2027"} if row["offer"] == "south_cloud" else row for row in plan.rows("contracts")]
    report = audit(plan.case, {**plan.tables, "contracts": rows}, plan.summary)
    assert any(line.startswith('forced "forced decisions"') for line in report.lines)


def test_the_summary_states_what_is_forced(plan):
    """Law: a summary that hides or invents a forced decision fails the audit."""
    for stated in ([], [{"op": "force", "site": "north", "by": 2026}], None):
        summary = {**plan.summary, "forced": stated}
        assert any(line.startswith('summary "forced"') for line in audit(plan.case, plan.tables, summary).lines)
    free = forcing(plan.case)
    assert any('"forced"' in line for line in audit(free, plan.tables, plan.summary).lines)
    silent = {name: value for name, value in plan.summary.items() if name != "forced"}
    assert audit(free, plan.tables, silent).passed


def test_a_folder_carries_what_is_forced(plan, tmp_path):
    """Law: a plan folder is audited against the forced decisions in its own inputs."""
    folder = plan.write(tmp_path / "plan")
    assert audit_folder(folder).passed
    again = Plan.read(folder)
    assert again.case.model.forced == plan.case.model.forced
    assert again.summary["forced"] == [{"op": "force", "offer": "south_cloud", "by": 2026, "blocks": 1}]
    freed = replace(again, case=forcing(again.case, Forced(offer="south_cloud", blocks=9, by=2026)))
    assert not audit_folder(freed.write(tmp_path / "other")).passed
